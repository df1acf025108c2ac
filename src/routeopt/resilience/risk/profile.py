"""The result of `simulate_outages`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from routeopt.allocation.tables import Scales
from routeopt.arrays import Floats
from routeopt.elements.values import SetValues
from routeopt.errors import InputError, Problem
from routeopt.intervals import digits
from routeopt.resilience.outages.process import YEAR
from routeopt.resilience.outages.states import States
from routeopt.resilience.risk.compare import RiskComparison
from routeopt.resilience.risk.importance import conditional_exact, conditional_sampled, importance_table
from routeopt.resilience.risk.measures import Distribution
from routeopt.resilience.risk.setup import Setup
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, counted, number, percent
from routeopt.scenario import Scenario
from routeopt.solve.batch_problem import Counts
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

__all__ = ["RiskProfile"]


_SHOWN = 5
_QUICK = 100_000
"""Largest states times events for which a summary computes importance."""

TWIN_DRAWS = 100_000
"""Minimum draws for `RiskProfile.independent` of an exact result."""


@dataclass(frozen=True, repr=False, eq=False)
class RiskProfile(Result):
    """Distribution of losses from random outages, in `unit`.

    Losses are rates for snapshots, amounts per year for years. A loss is exports without outages less exports with
    them: negative if an outage frees crude for export.
    """

    drawings: ClassVar = {
        "curve": Drawing("risk:draw_risk_curve", "Exceedance probability of losses"),
    }

    _setup: Setup
    _distribution: Distribution
    _shortage: Distribution
    _bound: float
    losses: Floats | None
    """The loss of each draw or year in order; None if the result is exact."""
    _states: States
    _cost: float
    counts: Counts
    """Counts of states by how they were solved; each is certified."""
    _base: float
    note: str
    """Method of computation."""
    _solver: SetValues
    _lost: Floats | None

    @property
    def system(self) -> ExportSystem:
        """System before the scenario is applied."""
        return self._setup.system

    @property
    def scenario(self) -> Scenario:
        """Background scenario."""
        return self._setup.scenario

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self._setup.name

    @property
    def events(self) -> tuple[str, ...]:
        """Events: ``leg ID``, ``component LEG/ID`` or ``cause ID``."""
        return tuple(event.name for event in self._setup.events)

    @property
    def sampling(self) -> str:
        """``snapshot`` or ``year``. The tail of snapshots does not describe a bad year."""
        return self._setup.basis

    @property
    def unit(self) -> str:
        """Unit of losses: ``Mt/y`` for snapshots, ``Mt per year`` for years."""
        return self._setup.loss_unit

    @property
    def exact(self) -> bool:
        """Whether all states were solved; then there is no standard error."""
        return self.losses is None and self._bound == 0.0

    @property
    def error_bound(self) -> float:
        """Upper bound on the overestimate of the expected loss.

        All states not solved are assumed to lose all exports. Zero if exact, NaN if drawn (see `standard_error`).
        """
        return self._bound

    @property
    def draws(self) -> int:
        """Number of snapshots or years drawn; zero if none was needed."""
        return self._distribution.draws

    @property
    def outage_states(self) -> int:
        """Number of distinct states."""
        return len(self._states.weight)

    @property
    def exported(self) -> float:
        """Exports without outages."""
        return self._base * self._setup.days / self._setup.unit

    @property
    def expected_loss(self) -> float:
        """Expected loss."""
        return self._distribution.mean

    @property
    def standard_error(self) -> float:
        """Standard error of `expected_loss`, over independent draws or years."""
        return self._distribution.standard_error

    @cached_property
    def _all_down(self) -> tuple[float, float]:
        """Loss and shortage with all events down; NaN through the time model."""
        if not len(self._states.weight):
            return math.nan, math.nan
        every = np.ones((1, len(self._setup.events)), bool)
        lost, lacking = (self._solver.lost(every)[0, :2] * self._setup.days / self._setup.unit).tolist()
        return lost, lacking

    @property
    def _support(self) -> tuple[float, float]:
        """Minimum and maximum loss, as far as known.

        If refineries lack nothing more even with all events down, a further outage never increases exports.
        """
        lost, lacking = self._all_down
        if lacking == 0 and not self._setup.asked["economic"]:
            return 0.0, lost
        return math.nan, self.exported

    @property
    def expected_loss_interval(self) -> tuple[float, float]:
        """95% interval for `expected_loss`; the value itself if exact.

        By Student's t corrected for skewness; wider if fewer than ten draws differ from the most frequent one.
        """
        return self._distribution.mean_interval(*self._support)

    def cvar_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return an interval of at least 95% for `cvar`, for any distribution.

        States never drawn may lose the maximum, so it is wide if few draws are in the tail. NaN on an unbounded side.
        """
        return self._distribution.cvar_interval(level, *self._support)

    @property
    def _noise(self) -> float:
        return 1e-6 * abs(self.exported)

    @property
    def loss_probability(self) -> float:
        """Probability of a loss of more than a millionth of exports."""
        return self._distribution.above(self._noise)[0]

    @property
    def loss_probability_interval(self) -> tuple[float, float]:
        """Wilson's 95% interval for `loss_probability`; the value itself if exact."""
        return self._distribution.above(self._noise)[2:]

    def probability(self, above: float) -> float:
        """Return the probability of a loss greater than ``above``."""
        return self._distribution.above(above)[0]

    def quantile(self, p: float) -> float:
        """Return the loss not exceeded with probability ``p``, 0 < p < 1."""
        return self._distribution.quantile(p)

    def interval(self, p: float) -> tuple[float, float]:
        """Return the 95% interval for `quantile`; NaN on a side with too few draws."""
        return self._distribution.interval(p)

    def value_at_risk(self, level: float = 0.95) -> float:
        """Return the value at risk: the quantile of the loss at ``level``."""
        return self._distribution.quantile(level)

    def cvar(self, level: float = 0.95) -> float:
        """Return the mean loss of the worst 1 - ``level``; an atom across it is split."""
        return self._distribution.cvar(level)

    @cached_property
    def importance(self) -> pandas.DataFrame:
        """Which events matter; index = event. Losses in `unit`. Refineries come first: the event without which they
        would lack least leads, then the one that would save most exports.

        ``unavailability`` q: share of the time down by itself; ``loss_when_down``, ``loss_when_up``: expected loss
        given that; ``birnbaum``: their difference, with its ``standard_error`` (NaN where no draw told down from up);
        ``shortage_when_down``, ``shortage_when_up``: what refineries lack then; ``criticality`` = q x birnbaum /
        expected loss; ``raw`` (risk achievement worth) = loss_when_down / expected loss; ``rrw`` (risk reduction
        worth) = expected loss / loss_when_up; ``fussell_vesely`` = 1 - loss_when_up / expected loss: the share of the
        expected loss that would go if it never failed, which for an expected loss is the same as ``criticality``
        (Cheok, Parry and Sherry 1998, Reliability Engineering and System Safety 60, 213-226). Events are causes and the
        own outages of legs and components: what is independent of everything else.

        Raises
        ------
        InputError
            Years went through the time model, where losses are not sums over states, or begin in a given state.
        """
        if self._setup.asked["initially_down"] is not None:
            text = "importance is defined for the steady state, not for years with a given start"
            raise InputError(Problem(text, ("importance",), "leave initially_down out"))
        if not self.outage_states:
            text = "a year through the time model cannot be split by event"
            raise InputError(Problem(text, ("importance",), "pass draws, or intertemporal=False"))
        setup = self._setup

        def conditional() -> Floats:
            if self._lost is not None:
                return conditional_exact(self._states, len(setup.events), self._lost)
            if setup.basis == "year":  # a day of a random year is a random instant
                return conditional_sampled(setup.events, setup.processes, self._solver, setup.seed, self.draws * YEAR)
            return conditional_sampled(setup.events, setup.processes, self._solver, setup.seed, self.draws)

        return importance_table(setup.events, setup.processes, conditional, setup.unit / setup.days)

    @cached_property
    def independent(self) -> RiskProfile:
        """The profile with independent outages in place of common causes.

        Each part is down as often as before; the difference is the effect of failing together. If losses add up (each
        part on its own route), the mean stays and the tail is thinner. If parts substitute for each other (two of
        three moorings suffice), the mean falls too; if they are in series, it grows.
        """
        asked = dict(self._setup.asked)
        if self.losses is None:  # what was exact may have too many states now: then it is drawn, and often enough
            asked["draws"] = max(asked["draws"], TWIN_DRAWS)
        twin: RiskProfile = self._setup.simulate(self.system, scenario=self.scenario, common_causes=False, **asked)
        return twin

    def compare(self, other: RiskProfile) -> RiskComparison:
        """Compare with another profile, draw by draw if both have the same seed.

        ``risk.compare(risk.independent).table`` compares common causes with independent outages,
        ``risk.compare(simulate_outages(..., scenario="tcop-20")).table`` a system without and with a route.
        """
        return _compared(self, other)

    @cached_property
    def table(self) -> pandas.DataFrame:
        """``value``, ``standard_error``, ``low`` and ``high`` (95%), ``unit``; index = measure.

        ``expected_shortage`` is unmet refinery demand, ``expected_cost`` lost netback.
        """
        import pandas

        unit, losses, nan = self.unit, self._distribution, math.nan
        mean, error = self.expected_loss, self.standard_error
        share, share_error, low, high = losses.above(self._noise)
        lacking, most = self._shortage, self._all_down[1]
        rows: dict[str, tuple[float, float, float, float, str]] = {
            "expected_shortage": (lacking.mean, lacking.standard_error, *lacking.mean_interval(0.0, most), unit),
            "expected_loss": (mean, error, *self.expected_loss_interval, unit),
            "loss_probability": (share, share_error, low, high, "share"),
        }
        for p in (0.5, 0.9, 0.95, 0.99):
            rows[f"quantile {p:g}"] = (self.quantile(p), nan, *self.interval(p), unit)
        for a in (0.9, 0.95, 0.99):
            value, doubt = self.cvar(a), losses.cvar_error(a)
            rows[f"cvar {a:g}"] = (value, doubt, *self.cvar_interval(a), unit)
        time = self.system.units.flow.partition("/")[2]
        money = "USD per year" if self.sampling == "year" else f"USD/{time}"
        rows["expected_cost"] = (self.expected_cost, nan, nan, nan, money)
        columns = ["value", "standard_error", "low", "high", "unit"]
        return pandas.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")

    @property
    def expected_shortage(self) -> float:
        """Expected additional unmet refinery demand, in `unit`."""
        return self._shortage.mean

    @property
    def expected_cost(self) -> float:
        """Expected lost netback, in USD per time of the flow unit (per year for years).

        NaN through the time model.
        """
        money = Scales.of(self.system.units.flow).money if self.sampling == "snapshot" else 1000.0 * YEAR
        return self._cost * money

    @cached_property
    def outcomes(self) -> pandas.DataFrame:
        """Distinct losses (``lost``, ascending) and their ``probability``."""
        import pandas

        return pandas.DataFrame({"lost": self._distribution.values, "probability": self._distribution.weights})

    def histogram(self, bins: int = 20) -> pandas.DataFrame:
        """Return ``low``, ``high`` and ``probability`` of loss bins of equal width."""
        import pandas

        if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
            raise InputError(Problem(f"needs a positive whole number of bins, not {bins!r}", ("bins",), "write 20"))
        share, edges = np.histogram(self._distribution.values, bins, weights=self._distribution.weights)
        return pandas.DataFrame({"low": edges[:-1], "high": edges[1:], "probability": share})

    def digest(self) -> Digest:
        unit, setup = self.unit, self._setup
        figures = [Figure("expected shortage", self.expected_shortage, unit),
                   Figure("expected loss", self.expected_loss, unit), Figure("CVaR 95%", self.cvar(0.95), unit),
                   Figure("probability of a loss", self.loss_probability, "share")]  # fmt: skip
        if not self.exact:
            figures.append(Figure("standard error", self.standard_error, unit))
        details = (Figure("exported", self.exported, unit), Figure("sampling", self.sampling),
                   Figure("draws", self.draws, "1"), Figure("exact", self.exact))  # fmt: skip
        losses = ("loss_when_down", "loss_when_up", "birnbaum", "shortage_when_down", "shortage_when_up",
                  "standard_error")  # fmt: skip
        units = {**dict.fromkeys(losses, unit), "unavailability": "share", "fussell_vesely": "share",
                 "criticality": "share", "raw": "1", "rrw": "1"}  # fmt: skip
        tables = [Table("measures", "Measures", self.table),
                  Table("histogram", "Probability of losses from low to high", self.histogram,
                        {"id": "1", "low": unit, "high": unit, "probability": "share"})]  # fmt: skip
        if self.outage_states and setup.asked["initially_down"] is None:
            tables.insert(1, Table("importance", "Importance of events", lambda: self.importance,
                                   units))  # fmt: skip
        kind = "snapshots" if self.sampling == "snapshot" else "years"
        return Digest(f"Outages of {setup.name}", self.system.title or self.system.name, tuple(figures),
                      tuple(tables), (f"{kind}: {self.note}",), details)  # fmt: skip

    def origins(self) -> Origins:
        setup = self._setup
        return Origins((setup.system,), {}, {setup.name: setup.scenario}, {"seed": setup.seed, "draws": self.draws})

    def __repr__(self) -> str:
        how = (
            "exact"
            if self.exact
            else f"{self.draws} {self.sampling}s"
            if self.draws
            else f"{self.outage_states} states"
        )
        error = "" if math.isnan(self.standard_error) or self.exact else f" ± {self.standard_error:.2g}"
        what = f"{self.system.name!r}, {self._setup.name}, {how}"
        lacking = (
            f", unmet refinery demand {self.expected_shortage:.4g}" if self.expected_shortage > self._noise else ""
        )
        return f"RiskProfile({what}: {self.expected_loss:.4g}{error} {self.unit}{lacking})"

    def summary(self) -> str:
        """Return expected loss and tail risk as text, with the digits that the draws support."""
        setup, error = self._setup, 0.0 if math.isnan(self.standard_error) else self.standard_error
        title = self.system.title or self.system.name
        causes = sum(event.kind == "cause" for event in setup.events)
        what = "common causes" if setup.common_causes else "independent copies of common causes"
        lines = [f"{title}, {setup.name}: {counted(len(setup.events), 'event')}, {causes} of them {what}"]
        if self.draws:
            what = "snapshots" if self.sampling == "snapshot" else "chronological years"
            lines.append(f"{self.draws:,} {what} (seed {setup.seed})" + (f"; {self.note}" if self.note else ""))
        else:
            bound = f"{self.note}: at most {self.error_bound:.2g} too high"
            lines.append(f"exact: {self.note}" if self.exact else bound)
        shown = f"expected loss {digits(self.expected_loss, error)} {self.unit}"
        shown += f" (standard error {error:.2g})" if error else ""
        lines.append(f"{shown} of {number(self.exported)} exported without outages")
        if self.expected_shortage > self._noise:
            lacking = digits(self.expected_shortage, self._shortage.standard_error)
            lines.append(f"unmet refinery demand {lacking} {self.unit} on average")
        low, high = self.loss_probability_interval
        half = (high - low) / 2
        chance = f"probability of a loss {digits(100 * self.loss_probability, 100 * half)}%"
        if self.draws:
            chance += f" ({digits(100 * low, 100 * half)} to {digits(100 * high, 100 * half)}%)"
        lines.append(chance + (" at any time" if self.sampling == "snapshot" else " in a year"))
        for a in (0.95, 0.99):
            low, high = self.cvar_interval(a)
            half = 0.0 if math.isnan(high - low) else (high - low) / 2
            span = f" ({digits(low, half)} to {digits(high, half)})" if half else ""
            lines.append(f"worst {100 * (1 - a):.0f}% of {self.sampling}s: VaR {self._tail(a)}, "
                         f"CVaR {digits(self.cvar(a), half)}{span} {self.unit}")  # fmt: skip
        if 0 < self.outage_states * len(setup.events) <= _QUICK and setup.asked["initially_down"] is None:
            lines.append("Fussell-Vesely importance (share of the expected loss removed without the event):")
            for name, row in self.importance.head(_SHOWN).iterrows():
                lines.append(f"  {name}: {percent(float(row['fussell_vesely']))}")
        return "\n".join(lines)

    def _tail(self, a: float) -> str:
        low, high = self.interval(a)
        half = (high - low) / 2
        return digits(self.quantile(a), 0.0 if math.isnan(half) else half)

    def __str__(self) -> str:
        return self.summary()


def _compared(one: RiskProfile, other: RiskProfile) -> RiskComparison:
    """Difference of two profiles."""
    if one.unit != other.unit:
        text = f"losses in {one.unit} and in {other.unit} cannot be compared"
        raise InputError(Problem(text, hint="pass draws for both or years for both, in one unit"))
    paired = one.losses is not None and other.losses is not None and one._setup.seed == other._setup.seed
    if one.losses is not None and other.losses is not None and paired:
        common = min(len(one.losses), len(other.losses))
        each = other.losses[:common] - one.losses[:common]
        difference = float(each.mean())
        error = float(each.std(ddof=1)) / math.sqrt(common) if common > 1 else math.nan
    else:
        difference = other.expected_loss - one.expected_loss
        error = float(np.hypot(one.standard_error, other.standard_error))
    gained = other.exported - one.exported - difference
    first, second = one.table["value"], other.table["value"]
    measures = [("exported", one.exported, other.exported)]
    measures += [(str(name), float(first[name]), float(second[name])) for name in first.index]
    return RiskComparison(_names(one, other), difference, error, gained, other.cvar(0.95) - one.cvar(0.95), paired,
                          one.unit, tuple(measures), (one, other))  # fmt: skip


def _names(one: RiskProfile, other: RiskProfile) -> tuple[str, str]:
    """Names of both scenarios, made distinct."""
    names = [one._setup.name, other._setup.name]
    for place, profile in enumerate((one, other)):
        if one._setup.common_causes != other._setup.common_causes and not profile._setup.common_causes:
            names[place] += ", independent"
    if names[0] == names[1]:
        names[1] += ", other"
    return names[0], names[1]
