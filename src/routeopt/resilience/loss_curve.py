"""Loss against repair time."""

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
from routeopt.errors import ScenarioError, UnitError
from routeopt.resilience.stress_result import StressTest
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table
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
    """What is lost, by how long a closure lasts. Amounts are in `amount_unit`.

    Attributes
    ----------
    system : ExportSystem
    closures : str
        What is closed.
    days : float array
        Repair times.
    lost : float array
        Target less what leaves within the window, plus what is drawn and not put back, at each of them; exact.
    window : float
        Days of the window: the longest repair and the time to catch up.
    longest : Allocation
        The plan of the longest repair.
    target : Allocation
        What would leave without the closure.
    shortage : float array
        What refineries lack within the window beyond what they lack without the closure. They come first, so `lost`
        may be negative beside it.
    """

    drawings: ClassVar = {
        "curve": Drawing("curve:draw_loss_curve", "Loss by repair time"),
    }

    system: ExportSystem
    closures: str
    days: Floats
    lost: Floats
    recovery_window: float
    max_duration: Allocation
    target: Allocation
    shortage: Floats

    @property
    def amount_unit(self) -> str:
        """Unit of all amounts."""
        return self.system.units.flow.partition("/")[0]

    @cached_property
    def table(self) -> pandas.DataFrame:
        """``shortage``, ``lost`` and ``marginal_loss`` (what each further day loses from there); index = repair time in
        days."""
        import pandas

        slope = np.append(np.diff(self.lost) / np.diff(self.days), np.nan)
        index = pandas.Index(self.days, name="days")
        return pandas.DataFrame({"shortage": self.shortage, "lost": self.lost, "marginal_loss": slope}, index)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        return self.max_duration.notes

    @property
    def ride_through_days(self) -> float:
        """The longest repair time of those asked for that loses nothing and leaves no refinery short."""
        noise = 1e-7 * max(1.0, float(self.target._trajectory.left.sum()))
        free = np.flatnonzero((self.lost <= noise) & (self.shortage <= noise))
        return float(self.days[free[-1]]) if len(free) else 0.0

    @cached_property
    def days_of_ullage(self) -> float:
        """Days until a tank would be full if fields went on, the repair taking longest; NaN if nothing is shut in."""
        test = StressTest(self.system, {"longest": self.max_duration}, {"longest": self.target}, "perfect")
        return float(test.table["days_of_ullage"].iloc[0])

    def at(self, days: float) -> float:
        """Loss at a repair time, on the straight line between the two nearest that were solved."""
        if not self.days[0] <= days <= self.days[-1]:
            raise ScenarioError(f"repair times reach from {self.days[0]:g} to {self.days[-1]:g} days, not {days:g}")
        return float(np.interp(days, self.days, self.lost))

    def digest(self) -> Digest:
        amount, longest = self.amount_unit, f"in {self.days[-1]:g} days"
        figures = (Figure(f"refineries lack {longest}", float(self.shortage[-1]), amount),
                   Figure(f"lost {longest}", float(self.lost[-1]), amount),
                   Figure("days without loss", self.ride_through_days, "d"),
                   Figure("days of ullage", self.days_of_ullage, "d"))  # fmt: skip
        units = {"days": "d", "shortage": amount, "lost": amount, "marginal_loss": f"{amount}/d"}
        return Digest(f"{self.closures} closed", self.system.title or self.system.name, figures,
                      (Table("loss", "Loss by repair time", self.table, units),),
                      (f"within a window of {self.recovery_window:g} days", *self.notes))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def __repr__(self) -> str:
        return f"LossCurve({self.system.name!r}, {self.closures} closed for up to {self.days[-1]:g} days)"

    def __str__(self) -> str:
        rows = np.unique(np.linspace(0, len(self.days) - 1, 10).round().astype(int))
        shown = self.table.iloc[rows].to_string(float_format=lambda value: f"{value:,.3g}", na_rep="-")
        top = "never" if np.isnan(self.days_of_ullage) else f"after {self.days_of_ullage:.1f} days"
        head = f"{self.closures} closed: what refineries lack and what is lost by repair time, in {self.amount_unit}"
        return (
            f"{head}, within {self.recovery_window:g} days; nothing up to {self.ride_through_days:g} days; if "
            "fields go on, tanks "
            f"are full {top}\n{shown}" + "".join(f"\nnote: {note}" for note in self.notes)
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
    """What a closure loses by how long its repair takes.

    Parameters
    ----------
    system : ExportSystem
    closure : str, mapping, or several of them
        Leg ids, or closures as in a file, without dates and announcements; a ``recovery`` follows each repair.
    max_duration : str
        The longest repair time.
    step : str
        Distance between the repair times that are solved, a whole number of days.
    recovery_window : str
        Time to catch up after the longest repair: the window is ``max_duration`` + ``recovery_window`` for all of them.
    scenario : str, Scenario or mapping, optional
        What else holds: builds, costs, overrides; closures and horizon of it do not count.
    start : datetime.date
        First day; the first of January of the base year if not given.

    Returns
    -------
    LossCurve
        Each repair time is the proven optimum of its own program by days; tanks are at their usual level when the
        closure begins, and its end is known from then on. Between the times the curve is drawn straight. It is
        neither convex nor concave: surge bends it down, full tanks bend it up.

    Raises
    ------
    ScenarioError
        The closure does not fit the system, or a time is no time.

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
        raise ScenarioError("a loss curve needs something to close; name a leg, or write {'route': 'cpc'}")
    horizon = {"start": first, "end": first + dt.timedelta(days=longest + more), "step": "day"}
    calm = resolve(system, flat.model_copy(update={"closures": (), "horizon": None}))
    calm = Scenario.model_validate({**calm.written(), "horizon": horizon})
    prepared = prepare(system, calm)
    layout, periods = prepared.program.layout, prepared.program.layout.periods
    target = allocation_of(system, calm, "without closures", follow(prepared, calm))
    best = -float(prepared.objectives.volume @ target._horizon.x)
    unit = parse_unit(system.units.flow.partition("/")[0]).factor
    days = np.unique(np.append(np.arange(0, longest, every), longest)).astype(float)
    lost, shortage = np.zeros(len(days)), np.zeros(len(days))
    anyway = float(prepared.objectives.shortage @ target._horizon.x[: len(prepared.objectives.shortage)])
    hit = calm
    for place, length in enumerate(days.tolist()):
        if length == 0:
            continue
        end = {"end": first + dt.timedelta(days=int(length))}
        hit = calm.model_copy(update={"closures": tuple(item.model_copy(update=end) for item in closed)})
        shares = timeline(prepared.situation.system, hit, hit.closures, periods)
        left, lacking = prepared.volume(prepared.bounds(shares, prepared.calls(shares)))
        lost[place], shortage[place] = (best - left) / unit, (lacking - anyway) / unit
    lost, shortage = (np.where(np.abs(one) <= 1e-7 * best / unit, 0.0, one) for one in (lost, shortage))
    course = follow(prepared, hit)
    words = ", ".join(str(item) for item in closed)
    window = float(layout.periods.total)
    return LossCurve(system, words, days, lost, window, allocation_of(system, hit, words, course), target, shortage)


def _dated(closure: Any, dates: Mapping[str, dt.date]) -> Any:
    """A closure as data, with dates; what is no closure stays as it is."""
    data = {"leg": closure} if isinstance(closure, str) else closure
    if isinstance(data, Closure):
        data = data.written()
    if not isinstance(data, Mapping):
        return data
    if set(dates) & set(data):
        raise ScenarioError("the closure of a loss curve has no dates; leave from and to out")
    if "announced" in data:
        raise ScenarioError("a loss curve knows the end of each repair from its first day; leave announced out")
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
