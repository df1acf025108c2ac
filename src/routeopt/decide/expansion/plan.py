"""What `expand` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from routeopt.allocation.tables import Scales
from routeopt.decide.expansion.model import Model
from routeopt.decide.expansion.outcomes import Outages
from routeopt.decide.expansion.setup import Setup
from routeopt.decide.expansion.twostage import Found
from routeopt.decide.expansion.values import Ledger
from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table
from routeopt.system import ExportSystem, Quantity

if TYPE_CHECKING:
    import pandas


__all__ = ["ExpansionPlan"]


@dataclass(frozen=True, repr=False, eq=False)
class ExpansionPlan(Result):
    """What to build, what it costs and saves, and what that depends on.

    Rates are in `flow_unit`, money in `money_unit`. Total cost is the annuity of what is built, and what a state costs
    besides: spending less revenue, and what lost exports and shortages are said to cost (`expand`). It is negative
    where exports earn more than they cost.

    Attributes
    ----------
    method : str
        ``enumerate``, ``extensive`` or ``l-shaped``.
    """

    drawings: ClassVar = {
        "frontier": Drawing("piecewise_linear:draw_cost_frontier", "Expected cost against the cost of bad outcomes"),
        "tornado": Drawing("bars:draw_saved"),
    }

    _setup: Setup
    _ledger: Ledger
    _chosen: int
    method: str
    _sampled: Outages | None
    _model: Model | None
    _found: Found | None

    @cached_property
    def _scales(self) -> Scales:
        return Scales.of(self._setup.system.units.flow)

    @property
    def system(self) -> ExportSystem:
        """What was asked about."""
        return self._setup.system

    @property
    def flow_unit(self) -> str:
        """Unit of volumes."""
        return self._scales.flow_unit

    @property
    def money_unit(self) -> str:
        """Unit of money."""
        return self._scales.money_unit

    @property
    def build(self) -> dict[str, Quantity]:
        """Leg -> size that is built, as ``build=`` of `routeopt.allocate` takes it; empty if nothing pays."""
        return dict(self._ledger.choices[self._chosen])

    @property
    def ties(self) -> list[dict[str, Quantity]]:
        """Other choices among those of `table` that are as good."""
        best = self._ledger.best()
        if self._chosen not in best:
            return []
        ledger = self._ledger
        return [dict(ledger.choices[place]) for place in best if not ledger.same(self._chosen, place)]

    @property
    def _row(self) -> pandas.Series[float]:
        return self.table.iloc[self._chosen]

    @property
    def cost(self) -> pandas.Series[float]:
        """``capital`` (annuity), ``operating`` (expected cost of the second stage), ``total``; ``objective``, in which
        the tail is weighed; ``saves``: by how much the objective is below that of building nothing."""
        return self._row[["capital", "operating", "total", "objective", "saves"]]

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
    def states(self) -> pandas.DataFrame:
        """Every state with the plan: ``probability``, ``exported``, ``lost``, ``shortage``, ``operating`` (cost), and
        ``gained`` and ``saved`` against building nothing (before capital)."""
        import pandas

        ledger, scales, here = self._ledger, self._scales, self._chosen
        values, measure = ledger.values, ledger.measure
        return pandas.DataFrame(
            {
                "probability": ledger.states.probability,
                "exported": values[here, :, 0] / scales.flow,
                "lost": ledger.lost[here] / scales.flow,
                "shortage": ledger.lacking[here] / scales.flow,
                "operating": measure[here] * scales.money,
                "gained": (values[here, :, 0] - values[0, :, 0]) / scales.flow,
                "saved": (measure[0] - measure[here]) * scales.money,
            },
            index=pandas.Index(self._state_names, name="state"),
        )

    @property
    def _state_names(self) -> list[str]:
        if self._sampled is None:
            return ["base", *self._ledger.states.names]
        down = [
            ", ".join(event.name for event, out in zip(self._sampled.events, row, strict=True) if out) or "base"
            for row in self._sampled.states
        ]
        return [*down, *self._ledger.states.names]

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Every choice that was solved; index = what is built.

        ``capital``, ``operating``, ``total`` (expected), ``cvar`` (of the total), ``objective``, ``saves`` (objective
        against building nothing), in `money_unit`; ``expected_shortage`` of refineries, ``expected_loss`` and
        ``cvar_loss`` in `flow_unit`. The objective ranks; a shortage counts in it at its price (`notes`).
        """
        import pandas

        ledger, money, flow = self._ledger, self._scales.money, self._scales.flow
        p = ledger.states.probability
        return pandas.DataFrame(
            {
                "capital": ledger.capital * money,
                "operating": (ledger.expected - ledger.capital) * money,
                "total": ledger.expected * money,
                "cvar": ledger.tails * money,
                "objective": ledger.objective * money,
                "saves": (ledger.objective[0] - ledger.objective) * money,
                "expected_shortage": ledger.lacking @ p / flow,
                "expected_loss": ledger.lost @ p / flow,
                "cvar_loss": np.array([ledger.risk.tail(row, p) for row in ledger.lost]) / flow,
            },
            index=pandas.Index([self._label(place) for place in range(len(ledger.choices))], name="build"),
        )

    def _label(self, place: int) -> str:
        built = self._ledger.choices[place]
        words = ", ".join(f"{leg} {size}" for leg, size in built.items()) or "nothing"
        return f"{words} (optimum)" if self._model is not None and place == len(self._ledger.choices) - 1 else words

    @cached_property
    def evpi(self) -> float:
        """Expected value of perfect information: what it would be worth to know the state before building.

        The objective less the same measure of the total costs min over choices of k + Q(s) (wait and see). Never
        negative: the measure rises with every cost.
        """
        from routeopt.decide.expansion.information import perfect_information

        return perfect_information(self)

    @cached_property
    def vss(self) -> float:
        """Value of the stochastic solution: what it costs to plan for the mean state.

        In the expected-value problem every capacity, price and right-hand side is its mean over the states (a route
        that is shut with 5 % has 95 % of its capacity). Its choice is judged in the true states; the objective there
        less the optimum is the value. Among choices that the mean problem holds equal the best counts. NaN if scenarios
        change which legs there are, so that there is no mean. Never negative.
        """
        from routeopt.decide.expansion.information import stochastic_solution

        return stochastic_solution(self)

    @cached_property
    def break_even(self) -> pandas.DataFrame:
        """From which probability of each scenario on each choice pays; index = (build, scenario).

        Probability is moved from the base to the scenario while other scenarios keep theirs. Exact, see
        `routeopt.decide.expansion.risk.crossing`. ``probability``: as given; ``break_even``: the smallest at which the
        objective is no higher than with nothing built, 0 if it pays without, NaN if it never does; ``until``: where it
        stops to pay; ``pays``: whether it does at the probability given.
        """
        from routeopt.decide.expansion.information import break_even

        return break_even(self)

    @cached_property
    def frontier(self) -> pandas.DataFrame:
        """Expected cost against CVaR: what each weight of the tail would build, from 0 to 1.

        Index = build; ``total`` (expected cost), ``cvar``, ``weight_from`` and ``weight_to``. Exact corners: among all
        combinations if they were enumerated, otherwise by solving at the weights where lines cross. Between two corners
        no choice is better than both.
        """
        from routeopt.decide.expansion.study import frontier

        return frontier(self)

    def tornado(
        self, build: Mapping[str, str | Quantity] | None = None, *, scenario: str | None = None, vary: Any = None
    ) -> pandas.DataFrame:
        """What each uncertain number does to the value of a choice, alone, at both ends of its range.

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
            Index = input; ``low``, ``value``, ``high`` in ``unit``; ``saves_low`` and ``saves_high``: by how much the
            objective is below that of building nothing; ``break_even_low`` and ``break_even_high``; ``turns``: whether
            an end changes if it pays; ``swing``. Largest swing first.
        """
        from routeopt.decide.expansion.study import tornado

        return tornado(self, build, scenario, vary)

    def ranges(
        self, draws: int = 100, build: Mapping[str, str | Quantity] | None = None, *, scenario: str | None = None,
        seed: int = 1, vary: Any = None,
    ) -> pandas.DataFrame:  # fmt: skip
        """All uncertain numbers drawn at once, as in `routeopt.sensitivity`; ``saves`` and ``break_even`` by draw."""
        from routeopt.decide.expansion.study import ranges

        return ranges(self, draws, build, scenario, seed, vary)

    def utilisation(self, build: Mapping[str, str | Quantity] | None = None) -> pandas.DataFrame:
        """How full each option is, state by state, and who pays for the empty pipe.

        Index = (leg, state): ``probability``; of the leg ``flow`` (at the inlet), ``capacity`` left, ``utilisation``.
        Of the whole choice, the same in every row of a state: ``gained``, what it exports more than nothing built;
        ``rerouted``, barrels that leave through what is built although they left without it: each once, however many
        options it crosses, and beyond the old flow of a leg; traced in the way that needs fewest.
        """
        from routeopt.decide.expansion.utilisation import utilisation

        return utilisation(self, build)

    def tariffs(self, build: Mapping[str, str | Quantity] | None = None) -> pandas.DataFrame:
        """What a tonne must pay so that each option recovers its capital.

        Index = leg: ``capital`` a year; ``expected_flow``, ``base_flow``, ``size``; ``at_full``, ``at_expected``,
        ``at_base``: capital over flow, USD a tonne or barrel (infinite if nothing flows); ``per_gained``: capital of
        the choice over the exports that it adds on average. Of capacity that is added, ``size`` and flows are those
        of the whole leg: the toll is spread over old and new barrels.
        """
        from routeopt.decide.expansion.utilisation import tariffs

        return tariffs(self, build)

    def _place(self, build: Mapping[str, str | Quantity] | None) -> int:
        """The choice that a caller means."""
        ledger = self._ledger
        if build is None:
            if ledger.choices[self._chosen] or len(ledger.choices) == 1:
                return self._chosen
            return 1 + int(np.argmin(ledger.objective[1:]))
        wanted = ", ".join(f"{leg} {size}" for leg, size in build.items()) or "nothing"
        labels = [self._label(place) for place in range(len(ledger.choices))]
        if wanted not in labels:
            hint = did_you_mean(wanted, labels, other="choices")
            raise InputError(Problem(f"{wanted!r} was not solved", ("build",), hint, "unknown-id"))
        return labels.index(wanted)

    def _scenario(self, name: str | None) -> int | None:
        names = self._ledger.states.names
        if name is None:
            return 0 if names else None
        if name not in names:
            hint = did_you_mean(name, names, other="scenarios here")
            raise InputError(Problem(f"unknown scenario {name!r}", ("scenario",), hint, "unknown-id"))
        return names.index(name)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        from routeopt.decide.expansion.summary import notes

        return notes(self)

    def digest(self) -> Digest:
        flow, money = self.flow_unit, self.money_unit
        moneys = ("capital", "operating", "total", "cvar", "objective", "saves", "saved")
        flows = ("expected_shortage", "expected_loss", "cvar_loss", "exported", "lost", "shortage", "gained",
                 "rerouted", "flow", "capacity")  # fmt: skip
        shares = ("utilisation", "probability", "break_even", "until", "weight_from", "weight_to")
        units = {**dict.fromkeys(moneys, money), **dict.fromkeys(flows, flow), **dict.fromkeys(shares, "share")}
        cost, built = self.cost.to_dict(), ", ".join(f"{name} {size}" for name, size in self.build.items())
        figures = (Figure("build", built or "nothing"), Figure("saves", cost["saves"], money),
                   Figure("expected shortage", self.expected_shortage, flow),
                   Figure("expected loss", self.expected_loss, flow), Figure("EVPI", self.evpi, money),
                   Figure("VSS", self.vss, money))  # fmt: skip
        details = tuple(Figure(str(name), value, money) for name, value in cost.items() if name != "saves")
        tables = (Table("choices", "Choices", self.table, units),
                  Table("states", "What may happen", self.states, units),
                  Table("break_even", "From which probability on it pays", self.break_even, units),
                  Table("frontier", "Cost against the bad tail", self.frontier, units),
                  Table("utilisation", "How full it is", self.utilisation(), units))  # fmt: skip
        return Digest("What to build", self.system.title or self.system.name, figures, tables, self.notes,
                      (*details, Figure("method", self.method)))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), settings={"seed": self._setup.seed})

    def summary(self) -> str:
        """A page of text: what to build, what it costs, from which probability on it pays, what was assumed."""
        from routeopt.decide.expansion.summary import summary

        return summary(self)

    def __repr__(self) -> str:
        built = self._label(self._chosen)
        return f"ExpansionPlan({self._setup.system.name!r}, {built}: {len(self._ledger.states.probability)} states)"

    def __str__(self) -> str:
        return self.summary()
