"""Lost exports by repair time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from routeopt.allocation import Allocation
from routeopt.allocation.allocate import allocation_of
from routeopt.arrays import Floats
from routeopt.elements.values import clean, resolution
from routeopt.errors import ScenarioError, UnitError
from routeopt.resilience.stress_result import StressTest
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, number
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.resolve import resolve
from routeopt.scenario.timeline import timeline
from routeopt.solve.prepare import prepare
from routeopt.solve.rolling_horizon import follow
from routeopt.system import ExportSystem
from routeopt.units import parse_number_with_unit, parse_unit

if TYPE_CHECKING:
    import pandas


__all__ = ["LossCurve", "loss_curve"]


@dataclass(frozen=True, repr=False, eq=False)
class LossCurve(Result):
    """Lost exports by repair time of a closure; amounts in `amount_unit`.

    Attributes
    ----------
    system : ExportSystem
    closures : str
        Description of the closures.
    days : float array
        Repair times.
    lost : float array
        Target less exports within the window, plus the volume drawn from tanks and not put back, by repair time.
    window : float
        Length of the window in days: the longest repair and the time to catch up.
    longest_plan : Allocation
        Plan for the longest repair.
    target : Allocation
        Plan without the closure.
    shortage : float array
        Additional unmet refinery demand within the window. Refineries are served first, so `lost` may be negative
        beside it.
    """

    drawings: ClassVar = {
        "curve": Drawing("curve:draw_loss_curve", "Loss by repair time"),
    }

    system: ExportSystem
    closures: str
    days: Floats
    lost: Floats
    window: float
    longest_plan: Allocation
    target: Allocation
    shortage: Floats

    @property
    def amount_unit(self) -> str:
        """Unit of all amounts."""
        return self.system.units.flow.partition("/")[0]

    @cached_property
    def table(self) -> pandas.DataFrame:
        """``shortage``, ``lost`` and ``marginal_loss`` per further day; index = days."""
        import pandas

        slope = np.append(np.diff(self.lost) / np.diff(self.days), np.nan)
        index = pandas.Index(self.days, name="days")
        return pandas.DataFrame({"shortage": self.shortage, "lost": self.lost, "marginal_loss": slope}, index)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the numbers."""
        return self.longest_plan.notes

    @property
    def ride_through_days(self) -> float:
        """Longest of the solved repair times without loss or shortage."""
        noise = resolution(1.0, self.target._trajectory.left.sum())
        free = np.flatnonzero((self.lost <= noise) & (self.shortage <= noise))
        return float(self.days[free[-1]]) if len(free) else 0.0

    @cached_property
    def days_of_ullage(self) -> float:
        """Days to tank top in the longest repair if fields go on; NaN if nothing is shut in."""
        test = StressTest(self.system, {"longest": self.longest_plan}, {"longest": self.target}, "perfect")
        return float(test.table["days_of_ullage"].iloc[0])

    def at(self, days: float) -> float:
        """Return the loss at a repair time, interpolated between those solved."""
        if not self.days[0] <= days <= self.days[-1]:
            raise ScenarioError(f"days: {days:g} is out of range; give {self.days[0]:g} to {self.days[-1]:g} days")
        return float(np.interp(days, self.days, self.lost))

    def digest(self) -> Digest:
        amount, longest = self.amount_unit, f"in {self.days[-1]:g} days"
        figures = (Figure(f"unmet refinery demand {longest}", float(self.shortage[-1]), amount),
                   Figure(f"lost {longest}", float(self.lost[-1]), amount),
                   Figure("ride-through days", self.ride_through_days, "d"),
                   Figure("days of ullage", self.days_of_ullage, "d"))  # fmt: skip
        units = {"days": "d", "shortage": amount, "lost": amount, "marginal_loss": f"{amount}/d"}
        return Digest(f"{self.closures} closed", self.system.title or self.system.name, figures,
                      (Table("loss", "Loss by repair time", self.table, units),),
                      (f"within a window of {self.window:g} days", *self.notes))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def __repr__(self) -> str:
        return f"LossCurve({self.system.name!r}, {self.closures} closed for up to {self.days[-1]:g} days)"

    def __str__(self) -> str:
        rows = np.unique(np.linspace(0, len(self.days) - 1, 10).round().astype(int))
        shown = self.table.iloc[rows].to_string(float_format=number, na_rep="-")
        top = "never" if np.isnan(self.days_of_ullage) else f"after {self.days_of_ullage:.1f} days"
        head = f"{self.closures} closed: shortage of refineries and lost exports by repair time, in {self.amount_unit}"
        return (
            f"{head}, within {self.window:g} days; no loss up to {self.ride_through_days:g} days; "
            f"if fields go on, tanks are full {top}\n{shown}" + "".join(f"\nnote: {note}" for note in self.notes)
        )


def loss_curve(
    system: ExportSystem,
    closure: str | Mapping[str, Any] | Iterable[str | Mapping[str, Any]],
    max_duration: str = "90 d",
    *,
    step: str = "1 d",
    recovery_window: str = "90 d",
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    start: dt.date | None = None,
) -> LossCurve:
    """Compute lost exports of a closure by repair time.

    Parameters
    ----------
    system : ExportSystem
    closure : str, mapping, or several of them
        Leg ids, or closures as in a file, without dates and announcements; a ``recovery`` follows each repair.
    max_duration : str
        The longest repair time.
    step : str
        Interval between the repair times solved, a whole number of days.
    recovery_window : str
        Time to catch up after the longest repair: the window is ``max_duration`` + ``recovery_window`` for all.
    scenario : str, Scenario or mapping, optional
        Background scenario: builds, tariffs, overrides. Its closures and horizon are ignored.
    start : datetime.date, optional
        First day. Default: 1 January of the base year.

    Returns
    -------
    LossCurve
        Each repair time is the certified optimum of a daily program. Tanks start at their normal level, and the end
        of the repair is known from its first day. Values between are interpolated. The curve is neither convex nor
        concave: surge bends it down, full tanks bend it up.

    Raises
    ------
    ScenarioError
        The closure does not fit the system, or a time is invalid.

    Examples
    --------
    >>> import routeopt as ro
    >>> curve = ro.loss_curve(ro.load("kazakhstan"), {"route": "cpc"}, max_duration="20 d", step="5 d",
    ...     recovery_window="30 d")
    >>> curve.ride_through_days, bool(curve.lost[-1] > curve.lost[1])
    (0.0, True)
    """
    longest, every, more = (
        _days(text, what)
        for text, what in ((max_duration, "max_duration"), (step, "step"), (recovery_window, "recovery_window"))
    )
    first = start or dt.date(system.base_year or 2025, 1, 1)
    flat = resolve(system, scenario)
    given: Any = [closure] if isinstance(closure, str | Mapping | Closure) else closure
    # A recovery comes after an end: each repair time gives its own.
    dates = {"from": first, "to": first + dt.timedelta(days=longest)}
    close = [_dated(item, dates) for item in given] if isinstance(given, Iterable) else given
    closed = resolve(system, None, close=close).closures
    if not closed:
        raise ScenarioError("closure: nothing to close; name a leg, or write {'route': 'cpc'}")
    horizon = {"start": first, "end": first + dt.timedelta(days=longest + more), "step": "day"}
    background = resolve(system, flat.model_copy(update={"closures": (), "horizon": None}))
    background = Scenario.model_validate({**background.written(), "horizon": horizon})
    prepared = prepare(system, background)
    periods = prepared.program.layout.periods
    target = allocation_of(system, background, "without closures", follow(prepared, background))
    best = -float(prepared.objectives.volume @ target._horizon.x)
    unit = parse_unit(system.units.flow.partition("/")[0]).factor
    days = np.unique(np.append(np.arange(0, longest, every), longest)).astype(float)
    lost, shortage = np.zeros(len(days)), np.zeros(len(days))
    anyway = float(prepared.objectives.shortage @ target._horizon.x[: len(prepared.objectives.shortage)])
    hit = background
    for place, length in enumerate(days.tolist()):
        if length == 0:
            continue
        end = {"end": first + dt.timedelta(days=int(length))}
        hit = background.model_copy(update={"closures": tuple(item.model_copy(update=end) for item in closed)})
        shares = timeline(prepared.situation.system, hit, hit.closures, periods)
        left, lacking = prepared.volume(prepared.bounds(shares, prepared.calls(shares)))
        lost[place], shortage[place] = (best - left) / unit, (lacking - anyway) / unit
    lost, shortage = (clean(one, resolution(0.0, best) / unit) for one in (lost, shortage))
    course = follow(prepared, hit)
    words = ", ".join(str(item) for item in closed)
    window = float(periods.total)
    return LossCurve(system, words, days, lost, window, allocation_of(system, hit, words, course), target, shortage)


def _dated(closure: Any, dates: Mapping[str, dt.date]) -> Any:
    """A closure as data, with dates; any other value as it is."""
    data = {"leg": closure} if isinstance(closure, str) else closure
    if isinstance(data, Closure):
        data = data.written()
    if not isinstance(data, Mapping):
        return data
    if set(dates) & set(data):
        raise ScenarioError("closure: a loss curve sets the dates itself; leave from and to out")
    if "announced" in data:
        raise ScenarioError("closure: the end of each repair is known from its first day; leave announced out")
    return {**data, **dates}


def _days(text: str, what: str) -> int:
    """A whole number of days, at least one."""
    try:
        value, unit = parse_number_with_unit(text)
        factor, dimension = (parse_unit(unit).factor, parse_unit(unit).dimension) if unit else (0.0, ())
    except UnitError as error:
        raise ScenarioError(f"{what} needs a time, not {text!r}; write 90 d ({error})") from None
    days = value * factor
    if dimension != (0, 0, 1, 0) or days < 1 or days != int(days):
        raise ScenarioError(f"{what} needs a whole number of days, not {text!r}; write 90 d")
    return int(days)
