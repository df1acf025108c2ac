"""A scenario: what may happen to a system, as data."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Declare

from routeopt.scenario.closure import Closure
from routeopt.system.base import FrozenDict, Id, Ids, Record, Tags, as_tuple, wrong
from routeopt.system.dates import Day
from routeopt.system.quantity import Flow, Fraction

__all__ = ["Horizon", "Scenario", "ScenarioFile"]


class Horizon(Record):
    """The days that a scenario covers."""

    start: Day
    """First day."""
    end: Day
    """First day after the last."""
    step: Literal["day", "week", "month", "event"] | None = None
    """Length of a period; ``event`` breaks at every date. Weeks and months break there as well, and all are days while
    something closed or coming back makes one day differ from the next. Without it days, or weeks where two years and
    more hold no closure under two weeks."""
    period_starts: Annotated[tuple[Day, ...], BeforeValidator(as_tuple)] = ()
    """In place of a step: first days of all periods but the first, which need not be equally long; nothing is added."""
    lookahead_to: Day | None = None
    """Lookahead of plans beyond `end`; it is not reported."""
    end_stocks: Literal["keep", "cycle", "free"] = "keep"
    """What tanks hold at the end: no less than at the start, or what they lack counts as not exported (``keep``); as
    much as at the start, whatever that is (``cycle``); anything above the heel, so that what is drawn down counts as
    exported (``free``)."""
    initial_in_transit: Literal["usual", "none", "cycle"] = "usual"
    """Cargoes at sea and on rails when the horizon begins: those of a usual day, and then what leaves before its end
    counts as exported (``usual``); none, and what has not landed by the end does not count (``none``); those that
    are under way at its end (``cycle``)."""

    @model_validator(mode="after")
    def _forward(self) -> Horizon:
        if self.end <= self.start:
            raise wrong(f"ends on {self.end}, not after it starts on {self.start}", "", "end")
        if self.period_starts and self.step:
            raise wrong("periods have a step already", "leave step out", "period_starts", on_key=True)
        for before, after in itertools.pairwise((self.start, *self.period_starts, self.end)):
            if after <= before:
                text = f"a period would begin on {before} and end on {after}"
                raise wrong(text, "put them in order, inside the horizon", "period_starts")
        if self.lookahead_to is not None and self.lookahead_to < self.end:
            raise wrong(
                f"plans to {self.lookahead_to}, before it ends on {self.end}", "write a later day", "lookahead_to"
            )
        if self.lookahead_to is not None and "cycle" in (self.end_stocks, self.initial_in_transit):
            raise wrong(
                "what comes back to its start has no plan beyond its end", "leave lookahead_to out", "lookahead_to"
            )
        return self


class Scenario(Record):
    """Closures, builds and other changes.

    Examples
    --------
    >>> scenario = Scenario.model_validate({"closures": [{"route": "cpc"}], "build": {"tcop": "20 Mt/y"}})
    >>> print(scenario.closures[0], scenario.build["tcop"])
    route cpc 20 Mt/y
    """

    title: str = ""
    """Display name."""
    extends: Ids = ()
    """Scenarios to start from: their closures are added to, other keys are replaced."""
    horizon: Horizon | None = None
    """Days covered. Default: none; a full year with all closures active."""
    closures: Annotated[tuple[Closure, ...], BeforeValidator(tuple)] = ()
    """Closures."""
    build: FrozenDict[Flow] = Declare(default_factory=FrozenDict)
    """Leg -> size built, or added to an existing leg."""
    reopen: Ids = ()
    """Legs that are idle in the data and work here."""
    tariffs: FrozenDict[Any] = Declare(default_factory=FrozenDict)
    """Leg -> tariff: ``+6 USD/t`` or ``-6 USD/t`` is added, ``20 USD/t`` replaces."""
    override: dict[str, Any] = Declare(default_factory=dict)
    """Other changes to the system's data, as `ExportSystem.override` takes them."""
    probability: Fraction | None = None
    """Probability."""
    tags: Tags = ()
    """Free labels."""
    source: Tags = ()
    """Sources."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="after")
    def _dates_inside(self) -> Scenario:
        if self.horizon:
            for place, closure in enumerate(self.closures):
                late = closure.start is not None and closure.start >= (self.horizon.lookahead_to or self.horizon.end)
                early = closure.end is not None and closure.back <= self.horizon.start
                if late or early:
                    span = f"{self.horizon.start} to {self.horizon.end}"
                    text = f"closure {place + 1} ({closure}) lies outside the horizon {span}"
                    raise wrong(text, "mend its dates", "closures")
        return self


class ScenarioFile(Record):
    """A file of scenarios."""

    version: Literal[1] = Declare(alias="routeopt-scenarios")
    """Version of the file format; ``routeopt-scenarios`` in a file."""
    system: Id | None = None
    """System that the scenarios are written for."""
    scenarios: FrozenDict[Scenario]
    """The scenarios by id."""
