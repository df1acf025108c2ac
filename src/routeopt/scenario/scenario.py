"""A scenario: what may happen to a system, as data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Declare

from routeopt.scenario.closure import Closure, Day
from routeopt.system.base import FrozenDict, Id, Ids, Record, Tags, wrong
from routeopt.system.quantity import Flow, Fraction

__all__ = ["Horizon", "Scenario", "ScenarioFile"]


class Horizon(Record):
    """The days that a scenario covers."""

    start: Day
    """First day."""
    end: Day
    """First day after the last."""
    step: Literal["day", "week", "month", "event"] | None = None
    """Length of a period; ``event`` breaks at every date."""

    @model_validator(mode="after")
    def _forward(self) -> Horizon:
        if self.end <= self.start:
            raise wrong(f"ends on {self.end}, not after it starts on {self.start}", "", "end")
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
    """Name for people."""
    extends: Ids = ()
    """Scenarios to start from: their closures are added to, other keys are replaced."""
    horizon: Horizon | None = None
    """Days covered; without it a year with all closures in force."""
    closures: Annotated[tuple[Closure, ...], BeforeValidator(tuple)] = ()
    """What is cut."""
    build: FrozenDict[Flow] = Declare(default_factory=FrozenDict)
    """Leg -> size: what has been built, or added to a leg that stands."""
    reopen: Ids = ()
    """Legs that are idle in the data and work here."""
    costs: FrozenDict[Any] = Declare(default_factory=FrozenDict)
    """Leg -> tariff here: ``+6 USD/t`` or ``-6 USD/t`` is added, ``20 USD/t`` replaces."""
    override: dict[str, Any] = Declare(default_factory=dict)
    """Other changes to the system's data, as `ExportSystem.override` takes them."""
    probability: Fraction | None = None
    """How likely it is."""
    tags: Tags = ()
    """Free words."""
    source: Tags = ()
    """Where this is known from."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="after")
    def _dates_inside(self) -> Scenario:
        if self.horizon:
            for place, closure in enumerate(self.closures):
                late = closure.start is not None and closure.start >= self.horizon.end
                early = closure.end is not None and closure.end <= self.horizon.start
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
    """Name of the system that they are written for."""
    scenarios: FrozenDict[Scenario]
    """The scenarios by id."""
