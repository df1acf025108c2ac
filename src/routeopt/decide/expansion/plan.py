"""What `expand` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from routeopt.decide.expansion import notes, study, utilisation
from routeopt.decide.expansion.solve import Solution, named
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table
from routeopt.system import ExportSystem, Quantity

if TYPE_CHECKING:
    import pandas


__all__ = ["ExpansionPlan"]

_ROWS = 12
"""Choices in a summary."""
_KNOWN = 200
"""With more states it takes long to solve each of them by itself."""


@dataclass(frozen=True, repr=False, eq=False)
class ExpansionPlan(Result):
    """Recommended builds with their costs, net benefit and break-even probabilities.

    Rates are in `flow_unit`, money in `money_unit`. Total cost is the annuity of what is built, and what a state costs
    besides: spending less revenue, and what lost exports and shortages are said to cost (`expand`). It is negative
    where exports earn more than they cost.
    """

    drawings: ClassVar = {
        "frontier": Drawing("piecewise_linear:draw_cost_frontier", "Expected cost against the cost of bad outcomes"),
        "tornado": Drawing("bars:draw_saved"),
    }

    _solution: Solution

    @property
    def method(self) -> str:
        """``enumerate``, ``extensive`` or ``l-shaped``."""
        return self._solution.method

    @property
    def system(self) -> ExportSystem:
        """The system."""
        return self._solution.setup.system

    @property
    def flow_unit(self) -> str:
        """Unit of volumes."""
        return self._solution.scales.flow_unit

    @property
    def money_unit(self) -> str:
        """Unit of money."""
        return self._solution.scales.money_unit

    @property
    def build(self) -> dict[str, Quantity]:
        """Leg -> size that is built, as ``build=`` of `routeopt.allocate` takes it; empty if nothing pays."""
        return dict(self._solution.ledger.choices[self._solution.chosen])

    @property
    def ties(self) -> list[dict[str, Quantity]]:
        """Other choices among those of `table` that are as good."""
        return [dict(sizes) for sizes in self._solution.ties]

    @property
    def _row(self) -> pandas.Series[float]:
        return self.table.iloc[self._solution.chosen]

    @property
    def cost(self) -> pandas.Series[float]:
        """``capital`` (annuity), ``operating`` (expected cost of the second stage), ``total``; ``objective``, in which
        the tail is weighed; ``net_benefit``: by how much the objective is below that of building nothing."""
        return self._row[["capital", "operating", "total", "objective", "net_benefit"]]

    @property
    def expected_loss(self) -> float:
        """Expected volume that is not exported, against the base with nothing built and nothing down."""
        return float(self._row["expected_loss"])

    @property
    def expected_shortage(self) -> float:
        """Expected volume that refineries lack."""
        return float(self._row["expected_shortage"])

    @property
    def cvar(self) -> pandas.Series[float]:
        """Mean of the worst cases at the level of the risk measure: ``money`` (total cost), ``volume`` (lost)."""
        import pandas

        return pandas.Series({"money": self._row["cvar"], "volume": self._row["cvar_loss"]})

    @cached_property
    def outcomes(self) -> pandas.DataFrame:
        """Every state with the plan: ``probability``, ``exported``, ``lost``, ``shortage``, ``operating`` (cost), and
        ``incremental_exports`` and ``saved`` against building nothing (before capital)."""
        import pandas

        ledger, scales, here = self._solution.ledger, self._solution.scales, self._solution.chosen
        values, measure = ledger.values, ledger.measure
        return pandas.DataFrame(
            {
                "probability": ledger.states.probability,
                "exported": values[here, :, 0] / scales.flow,
                "lost": ledger.lost[here] / scales.flow,
                "shortage": ledger.lacking[here] / scales.flow,
                "operating": measure[here] * scales.money,
                "incremental_exports": (values[here, :, 0] - values[0, :, 0]) / scales.flow,
                "saved": (measure[0] - measure[here]) * scales.money,
            },
            index=pandas.Index(self._solution.state_names, name="outcome"),
        )

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Every choice that was solved; index = what is built.

        ``capital``, ``operating``, ``total`` (expected), ``cvar`` (of the total), ``objective``, ``net_benefit``
        (objective against building nothing), in `money_unit`; ``expected_shortage`` of refineries, ``expected_loss``
        and ``cvar_loss`` in `flow_unit`. The objective ranks; a shortage counts in it at its price (`notes`).
        """
        import pandas

        ledger, money, flow = self._solution.ledger, self._solution.scales.money, self._solution.scales.flow
        p = ledger.states.probability
        return pandas.DataFrame(
            {
                "capital": ledger.capital * money,
                "operating": (ledger.expected - ledger.capital) * money,
                "total": ledger.expected * money,
                "cvar": ledger.tails * money,
                "objective": ledger.objective * money,
                "net_benefit": (ledger.objective[0] - ledger.objective) * money,
                "expected_shortage": ledger.lacking @ p / flow,
                "expected_loss": ledger.lost @ p / flow,
                "cvar_loss": np.array([ledger.risk.tail(row, p) for row in ledger.lost]) / flow,
            },
            index=pandas.Index(self._solution.labels, name="build"),
        )

    @cached_property
    def evpi(self) -> float:
        """Expected value of perfect information: what it would be worth to know the state before building.

        The objective less the same measure of the total costs min over choices of k + Q(s) (wait and see). Never
        negative: the measure rises with every cost.
        """
        best = float(self._solution.ledger.objective[self._solution.chosen])
        return max(0.0, best - self._solution.wait_and_see()) * self._solution.scales.money

    @cached_property
    def vss(self) -> float:
        """Value of the stochastic solution: what it costs to plan for the mean state.

        In the expected-value problem every capacity, price and right-hand side is its mean over the states (a route
        that is shut with 5 % has 95 % of its capacity). Its choice is judged in the true states; the objective there
        less the optimum is the value. Among choices that the mean problem holds equal the best counts. NaN if scenarios
        change which legs there are, so that there is no mean. Never negative.
        """
        judged = self._solution.of_the_mean()
        best = float(self._solution.ledger.objective[self._solution.chosen])
        return math.nan if judged is None else max(0.0, judged - best) * self._solution.scales.money

    @cached_property
    def break_even(self) -> pandas.DataFrame:
        """From which probability of each scenario on each choice pays; index = (build, scenario).

        Probability is moved from the base to the scenario while other scenarios keep theirs. Exact, see
        `routeopt.decide.expansion.risk.crossing`. ``probability``: as given; ``break_even``: the smallest at which the
        objective is no higher than with nothing built, 0 if it pays without, NaN if it never does; ``until``: where it
        stops to pay; ``pays``: whether it does at the probability given.
        """
        import pandas

        ledger = self._solution.ledger
        rows, index = [], []
        for place in range(1, len(ledger.choices)):
            for s, name in enumerate(ledger.states.names):
                found = ledger.crossing(place, s)
                pays = bool(ledger.objective[place] <= ledger.objective[0])
                index.append((self._solution.label(place), name))
                rows.append((float(ledger.states.chances[s]), found.at, found.until, pays))
        return pandas.DataFrame(
            rows,
            index=pandas.MultiIndex.from_tuples(index, names=["build", "scenario"]),
            columns=["probability", "break_even", "until", "pays"],
        )

    @cached_property
    def frontier(self) -> pandas.DataFrame:
        """Expected cost against CVaR: what each weight of the tail would build, from 0 to 1.

        Index = build; ``total`` (expected cost), ``cvar``, ``weight_from`` and ``weight_to``. Exact corners: among all
        combinations if they were enumerated, otherwise by solving at the weights where lines cross. Between two corners
        no choice is better than both.
        """
        return study.frontier(self._solution)

    def tornado(
        self, build: Mapping[str, str | Quantity] | None = None, *, scenario: str | None = None, vary: Any = None
    ) -> pandas.DataFrame:
        """Return the change of a choice's value when one input moves to either end of its range.

        Every end is solved again with nothing built and with the choice. With outages that takes long (all states at
        every end): name places to vary.

        Parameters
        ----------
        build : mapping, optional
            The choice; the plan's own if not given, and if that is nothing, the best one that builds.
        scenario : str, optional
            Whose break-even probability is followed; the first if not given.
        vary : str or iterable of str, optional
            Places, as in `routeopt.sensitivity`.

        Returns
        -------
        pandas.DataFrame
            Index = input; ``low``, ``value``, ``high`` in ``unit``; ``net_benefit_low`` and ``net_benefit_high``: by
            how much the objective is below that of building nothing; ``break_even_low`` and ``break_even_high``;
            ``turns``: whether an end changes if it pays; ``swing``. Largest swing first.
        """
        return study.tornado(self._solution, build, scenario, vary)

    def ranges(
        self, draws: int = 100, build: Mapping[str, str | Quantity] | None = None, *, scenario: str | None = None,
        seed: int = 1, vary: Any = None,
    ) -> pandas.DataFrame:  # fmt: skip
        """All uncertain numbers drawn at once, as in `routeopt.sensitivity`; ``net_benefit`` and ``break_even`` by
        draw."""
        return study.ranges(self._solution, draws, build, scenario, seed, vary)

    def utilisation(self, build: Mapping[str, str | Quantity] | None = None) -> pandas.DataFrame:
        """Return the utilisation of each option by outcome, and the toll that the capital needs.

        Index = (leg, outcome): ``probability``; of the leg ``flow`` (at the inlet), ``capacity`` left, ``utilisation``.
        Of the whole choice, the same in every row of a state: ``incremental_exports``, what it exports more than
        nothing built; ``rerouted``, barrels that leave through what is built although they left without it: each once,
        however many options it crosses, and beyond the old flow of a leg; traced in the way that needs fewest.
        """
        return utilisation.utilisation(self._solution, build)

    def required_tariffs(self, build: Mapping[str, str | Quantity] | None = None) -> pandas.DataFrame:
        """Return the tariff at which each option recovers its capital.

        Index = leg: ``capital`` a year; ``expected_flow``, ``base_flow``, ``size``; ``full_utilisation``,
        ``expected_case``, ``base_case``: capital over flow, USD per tonne or barrel (infinite if nothing flows);
        ``per_incremental_export``: capital of the choice over the exports that it adds on average. Of capacity that is
        added, ``size`` and flows are those of the whole leg: the toll is spread over old and new barrels.
        """
        return utilisation.tariffs(self._solution, build)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes to read before using the numbers."""
        return notes.notes(self._solution)

    def digest(self) -> Digest:
        flow, money = self.flow_unit, self.money_unit
        moneys = ("capital", "operating", "total", "cvar", "objective", "net_benefit", "saved")
        flows = (
            "expected_shortage",
            "expected_loss",
            "cvar_loss",
            "exported",
            "lost",
            "shortage",
            "incremental_exports",
            "rerouted",
            "flow",
            "capacity",
        )
        shares = ("utilisation", "probability", "break_even", "until", "weight_from", "weight_to")
        units = {**dict.fromkeys(moneys, money), **dict.fromkeys(flows, flow), **dict.fromkeys(shares, "share")}
        cost, built = self.cost.to_dict(), named(self.build)
        figures = (Figure("build", built), Figure("net_benefit", cost["net_benefit"], money),
                   Figure("expected shortage", self.expected_shortage, flow),
                   Figure("expected loss", self.expected_loss, flow), Figure("EVPI", self.evpi, money),
                   Figure("VSS", self.vss, money))  # fmt: skip
        details = tuple(Figure(str(name), value, money) for name, value in cost.items() if name != "net_benefit")
        tables = (Table("choices", "Choices", self.table, units),
                  Table("outcomes", "What may happen", self.outcomes, units),
                  Table("break_even", "From which probability on it pays", self.break_even, units),
                  Table("frontier", "Cost against the bad tail", self.frontier, units),
                  Table("utilisation", "How full it is", self.utilisation(), units))  # fmt: skip
        return Digest("What to build", self.system.title or self.system.name, figures, tables, self.notes,
                      (*details, Figure("method", self.method)))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), settings={"seed": self._solution.setup.seed})

    def summary(self) -> str:
        """Return a page of text: recommended builds, costs, break-even probabilities, assumptions."""
        setup, ledger = self._solution.setup, self._solution.ledger
        title = setup.system.title or setup.system.name
        cases = ", ".join(f"{case.name} {case.probability.inner:.2%}" for case in setup.cases)
        outaged = f"outages, {len(ledger.states.base)} states" if self._solution.sampled is not None else ""
        built = named(self.build)
        told = ", ".join(part for part in (cases, outaged) if part)
        cost, unit, risk = self.cost, f"million {self.money_unit}", setup.risk
        lines = [
            f"{title}: recommended builds ({told}; by {self.method})",
            f"build {built}",
            f"capital {_m(cost['capital'])}, operating {_m(cost['operating'])}, total {_m(cost['total'])}; "
            f"net benefit {_m(cost['net_benefit'])} over building nothing ({unit})",
            f"CVaR {risk.level:.0%}: cost {_m(self.cvar['money'])} {unit}, lost {self.cvar['volume']:.3g} "
            f"{self.flow_unit}; CVaR weight {risk.weight:g}",
            f"expected loss {self.expected_loss:.3g} {self.flow_unit}"
            + (
                f"; unmet refinery demand {self.expected_shortage:.3g} on average" if self.expected_shortage > 0 else ""
            ),
        ]
        if len(ledger.states.probability) <= _KNOWN or self._solution.model is None:
            vss = "not defined" if math.isnan(self.vss) else _m(self.vss)
            lines.append(f"EVPI {_m(self.evpi)}, VSS {vss} ({unit})")
        order = self.table["objective"].argsort(kind="stable").to_numpy()[:_ROWS].tolist()
        lacks = bool((self.table["expected_shortage"] > 0).any())
        wide = max(len(str(self.table.index[place])) for place in order) + 2
        pays = "  break-even" if ledger.states.names else ""
        short = f"{'lacking':>9}" if lacks else ""
        lines += ["", f"{'build':{wide}}{'capital':>10}{'benefit':>10}{short}{'lost':>8}{pays}"]
        for place in order:
            row, even = self.table.iloc[place], []
            for s, name in enumerate(ledger.states.names if place else ()):
                at = ledger.crossing(place, s).at
                even.append(f"{name} " + ("never" if math.isnan(at) else "0 %" if at == 0 else f"{at:.2%}"))
            short = f"{row['expected_shortage']:9.3g}" if lacks else ""
            figures = f"{_m(row['capital']):>10}{_m(row['net_benefit']):>10}{short}{row['expected_loss']:8.3g}"
            lines.append(f"{row.name!s:{wide}}{figures}  {', '.join(even)}".rstrip())
        if len(self.table) > _ROWS:
            lines.append(f"and {len(self.table) - _ROWS} more in table")
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)])

    def __repr__(self) -> str:
        found = self._solution
        states = len(found.ledger.states.probability)
        return f"ExpansionPlan({self.system.name!r}, {found.label(found.chosen)}: {states} states)"

    def __str__(self) -> str:
        return self.summary()


def _m(money: float) -> str:
    """Millions; a decimal where they are few."""
    millions = money / 1e6 + 0.0
    return f"{millions:,.0f}" if abs(millions) >= 10 or millions == 0 else f"{millions:,.1f}"
