"""Parts of a leg: components that can fail, fleets, surge, and how often things fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_serializer, model_validator
from pydantic import Field as Declare

from routeopt.system.base import FrozenDict, Id, Record, Tags, wrong
from routeopt.system.quantity import Count, Duration, Flow, Fraction, Frequency, Ramp, Stock

__all__ = ["Component", "Components", "Fleet", "Outages", "Repair", "Surge"]


class Repair(Record):
    """Repair time of an outage."""

    mean: Duration
    """Mean time to repair."""
    distribution: Literal["exponential", "lognormal", "fixed", "weibull"] = "exponential"
    """Family of the repair time."""
    cv: Count | None = None
    """Standard deviation over mean, for families that need a second parameter."""

    @model_validator(mode="after")
    def _second_parameter(self) -> Repair:
        if self.cv is not None and self.distribution in ("exponential", "fixed"):
            text = f"has no meaning for a repair time that is {self.distribution}"
            raise wrong(text, "write distribution: lognormal or weibull", "cv", on_key=True)
        return self


class Outages(Record):
    """Random outages of one element."""

    rate: Frequency
    """Failures per year."""
    repair: Repair
    """Repair time."""
    months: Annotated[tuple[int, ...], BeforeValidator(lambda raw: tuple(raw))] = ()
    """Months (1 to 12) in which it can fail; empty means all."""
    derating: Fraction | None = None
    """Share of capacity that is out. Default: all of it."""

    @model_validator(mode="after")
    def _in_a_year(self) -> Outages:
        if not all(1 <= month <= 12 for month in self.months):
            raise wrong("months are numbers from 1 to 12", "write months: [11, 12, 1]", "months")
        return self


class Surge(Record):
    """Ramp of an alternative route above its usual flow, once it is called.

    It is called when less is left of something that it can relieve than a usual day sends through it.
    """

    delay: Duration
    """Delay after the call."""
    rate: Ramp
    """Increase per day after the delay."""
    ceiling: Flow
    """Maximum increase above the usual flow."""


class Component(Record):
    """A component of a leg that can fail alone."""

    capacity: Flow | None = None
    """In parallel: capacity that it adds to the leg."""
    without: Flow | None = None
    """In series: capacity of the leg without it."""
    outages: Outages | None = None
    """Its outage rate and repair time."""
    operator: Id | None = None
    """Its operator, if not that of the leg."""
    tags: Tags = ()
    """Free labels; a closure can target them."""


class Components(Record):
    """The parts of a leg.

    In a file the parts stand beside ``in``: ``{in: parallel, spm-1: 42 Mt/y, spm-2: 42 Mt/y}``. A part of a
    series names the capacity ``without`` it: ``{in: series, station-3: {without: 55 Mt/y}}``.
    """

    arrangement: Literal["parallel", "series"] = Declare(alias="in")
    """``parallel``: capacities add up. ``series``: each part names the capacity without it."""
    parts: FrozenDict[Component]
    """The parts by id."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping) or "parts" in raw:
            return raw
        if not raw.get("in"):
            raise wrong("components need to say how they stand", "write in: parallel or in: series")
        key = "without" if raw["in"] == "series" else "capacity"
        parts = {
            name: part if isinstance(part, Mapping) and not {"value"} & set(part) else {key: part}
            for name, part in raw.items()
            if name != "in"
        }
        return {"in": raw["in"], "parts": parts}

    @model_validator(mode="after")
    def _complete(self) -> Components:
        if not self.parts:
            raise wrong("has no components", "write spm-1: 42 Mt/y")
        key, other = ("capacity", "without") if self.arrangement == "parallel" else ("without", "capacity")
        for name, part in self.parts.items():
            if getattr(part, key) is None:
                hint = f"write {name}: {{{key}: 42 Mt/y}}"
                raise wrong(f"a component in {self.arrangement} needs {key!r}", hint, name)
            if getattr(part, other) is not None:
                raise wrong(f"a component in {self.arrangement} has no {other!r}", f"write {key!r}", name)
        return self

    @model_serializer(mode="plain")
    def _write(self) -> dict[str, Any]:
        key = "capacity" if self.arrangement == "parallel" else "without"
        written: dict[str, Any] = {"in": self.arrangement}
        for name, part in self.parts.items():
            full = part.written()
            written[name] = full[key] if set(full) == {key} else full
        return written


class Fleet(Record):
    """Vessels or trains of a leg: capacity = vessels x cargo x (1 - downtime) / round trip."""

    vessels: Count
    """Number of vessels."""
    cargo: Stock
    """Cargo of each vessel at the draught that the ports allow (not its deadweight)."""
    round_trip: Duration
    """Loading, laden voyage, discharge, ballast voyage and waiting together."""
    downtime: Fraction | None = None
    """Share of time lost to weather, survey and repair."""

    @property
    def capacity(self) -> float:
        """Inner units a day, in the basis of `cargo`."""
        working = 1.0 - (self.downtime.inner if self.downtime else 0.0)
        return self.vessels.inner * self.cargo.inner * working / self.round_trip.inner

    @model_validator(mode="after")
    def _possible(self) -> Fleet:
        if self.round_trip.inner <= 0:
            raise wrong("a round trip takes time", "write round_trip: 6 d", "round_trip")
        return self
