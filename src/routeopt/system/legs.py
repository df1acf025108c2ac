"""Legs: directed links, what they can carry, at what cost, and what of them can fail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_serializer, model_validator
from pydantic import Field as Declare

from routeopt.system.base import FrozenDict, Id, Ids, Record, Tags, wrong
from routeopt.system.quantity import (
    Count,
    Duration,
    Flow,
    Fraction,
    Frequency,
    Loss,
    Money,
    Price,
    Quantity,
    Ramp,
    Stock,
)

__all__ = ["Build", "Component", "Components", "Fleet", "Leg", "Outages", "Repair", "Surge"]

Status = Literal["operating", "idle", "hypothetical", "defunct"]


class Repair(Record):
    """How long an outage lasts."""

    mean: Duration
    """Mean time to repair."""
    distribution: Literal["exponential", "lognormal", "fixed", "weibull"] = "exponential"
    """Family of the repair time."""
    cv: Count | None = None
    """Standard deviation over mean, for families that need a second parameter."""


class Outages(Record):
    """How often something fails by itself."""

    rate: Frequency
    """Failures a year."""
    repair: Repair
    """How long each lasts."""
    months: Annotated[tuple[int, ...], BeforeValidator(lambda raw: tuple(raw))] = ()
    """Months (1 to 12) in which it can fail; empty means all."""
    loses: Fraction | None = None
    """Share of the capacity that is out; all of it if it is not given."""


class Surge(Record):
    """How an alternative takes more than its usual flow when it is called."""

    delay: Duration
    """Nothing happens for this long."""
    rate: Ramp
    """Then so much more each day."""
    ceiling: Flow
    """Up to so much above the usual flow."""


class Component(Record):
    """A part of a leg that can fail alone."""

    capacity: Flow | None = None
    """In a parallel set: what it adds to the leg."""
    without: Flow | None = None
    """In a series: what the leg can still carry without it."""
    outages: Outages | None = None
    """How often it fails."""
    operator: Id | None = None
    """Who runs it, if not who runs the leg."""
    tags: Tags = ()
    """Free words; a closure can name them."""


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
                raise wrong(f"a component in {self.arrangement} needs {key!r}", "", name)
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
    """How many."""
    cargo: Stock
    """What each carries at the draught that the ports allow (not its deadweight)."""
    round_trip: Duration
    """Loading, laden voyage, discharge, ballast voyage and waiting together."""
    downtime: Fraction | None = None
    """Share of the time lost to weather, survey and repair."""

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


class Build(Record):
    """What it takes to build a leg that does not stand yet, or to add to one that does."""

    sizes: Annotated[
        tuple[Flow, ...], BeforeValidator(lambda raw: tuple(raw) if isinstance(raw, list) else (raw,))
    ]
    """Sizes that were studied, smallest first; sizes between them are interpolated."""
    capex: Annotated[
        tuple[Money, ...], BeforeValidator(lambda raw: tuple(raw) if isinstance(raw, list) else (raw,))
    ]
    """Cost of construction: one for each size."""
    discount: Fraction
    """Rate at which capital is recovered."""
    life: Duration
    """Years over which it is recovered."""
    lead_time: Duration | None = None
    """Time from decision to first flow."""

    @model_validator(mode="after")
    def _in_step(self) -> Build:
        if len(self.capex) != len(self.sizes):
            raise wrong(
                f"{len(self.sizes)} sizes need {len(self.sizes)} costs, not {len(self.capex)}", "", "capex"
            )
        inner = [size.inner for size in self.sizes]
        if (
            not inner
            or inner != sorted(set(inner))
            or inner[0] <= 0
            or len({s.basis for s in self.sizes}) > 1
        ):
            raise wrong(
                "sizes must grow from the first to the last", "write sizes: [10 Mt/y, 20 Mt/y]", "sizes"
            )
        if self.life.inner <= 0:
            raise wrong("must be longer than nothing", "write life: 25 y", "life")
        return self

    def recovery_factor(self) -> float:
        """Capital recovery factor r(1+r)^n / ((1+r)^n - 1), a year; 1/n without interest."""
        rate, years = self.discount.inner, self.life.inner / 365.0
        if rate == 0:
            return 1.0 / years
        growth = (1.0 + rate) ** years
        return rate * growth / (growth - 1.0)

    def capital_charge(self, size: float) -> float:
        """What each unit of capacity must earn to recover the capital at full use.

        Parameters
        ----------
        size : float
            Size in inner units a day, between the smallest and the largest of `sizes`.

        Returns
        -------
        float
            Thousand USD an inner unit, which is USD a tonne or USD a barrel.

        Raises
        ------
        ValueError
            The size was not studied.
        """
        sizes = [s.inner for s in self.sizes]
        if not sizes[0] * (1 - 1e-9) <= size <= sizes[-1] * (1 + 1e-9):
            raise ValueError(f"studied from {self.sizes[0]} to {self.sizes[-1]}")
        costs = [c.inner for c in self.capex]
        for (s0, s1), (c0, c1) in zip(
            zip(sizes, sizes[1:], strict=False), zip(costs, costs[1:], strict=False), strict=True
        ):
            if size <= s1:
                capex = c0 + (c1 - c0) * (size - s0) / (s1 - s0)
                break
        else:
            capex = costs[-1]
        return capex * self.recovery_factor() / (365.0 * size)


class Leg(Record):
    """A directed link from one node to another."""

    origin: Id = Declare(alias="from")
    """Node where the flow enters; capacity and tariff count there. ``from`` in a file."""
    destination: Id = Declare(alias="to")
    """Node where it leaves. ``to`` in a file."""
    mode: Literal["pipeline", "tanker", "rail", "sea", "loading"] = "pipeline"
    """How it travels; ``loading`` is a port's own throughput."""
    status: Status = "operating"
    """Only ``operating`` is on, unless a scenario reopens or builds."""
    title: str = ""
    """Name for people."""
    capacity: Flow | None = None
    """The most that can enter; without it (and without components or a fleet) there is no limit."""
    availability: Fraction | None = None
    """Share of the base year in which it worked; all of it if not given."""
    components: Components | None = None
    """Parts that can fail alone."""
    fleet: Fleet | None = None
    """Vessels or trains that serve it."""
    reserved: FrozenDict[Flow] = Declare(default_factory=FrozenDict)
    """Capacity that other owners' crude takes; scarcity is shared with them pro rata."""
    tariff: Price | None = None
    """Cost of each unit that enters."""
    loss: Loss | None = None
    """Share of what enters that does not arrive."""
    transit: Duration | None = None
    """Time under way."""
    carries: Ids = ()
    """Commodities that it may carry; empty means all."""
    becomes: FrozenDict[Id] = Declare(default_factory=FrozenDict)
    """Commodity that enters -> commodity that leaves, where crude is blended away."""
    countries: Ids = ()
    """Countries that it crosses."""
    chokepoints: Ids = ()
    """Narrow places that it passes."""
    operator: Id | None = None
    """Who runs it."""
    tags: Tags = ()
    """Free words."""
    surge: Surge | None = None
    """How it takes more in the short run."""
    outages: Outages | None = None
    """How often it fails."""
    build: Build | None = None
    """Sizes and costs of building it."""
    part_of: Id | None = None
    """A leg with which this one is built and reopened."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="before")
    @classmethod
    def _one_becomes(cls, raw: Any) -> Any:
        # "becomes: kebco" means that everything does; it is kept as written under a key that no commodity has.
        if isinstance(raw, Mapping) and isinstance(raw.get("becomes"), str):
            return {**raw, "becomes": {"*": raw["becomes"]}}
        return raw

    @model_validator(mode="after")
    def _consistent(self) -> Leg:
        if self.origin == self.destination:
            raise wrong(f"leads from {self.origin!r} to itself", "name two nodes", "to")
        if self.fleet and self.mode not in ("tanker", "rail", "sea"):
            raise wrong(f"a {self.mode} has no fleet", "set mode: tanker, rail or sea", "fleet", on_key=True)
        if self.loss and self.loss.inner >= 1:
            raise wrong("nothing would arrive", "write loss: 2 %", "loss")
        return self

    @property
    def basis(self) -> str:
        """Whether its capacity counts ``"mass"`` or ``"volume"``; empty if it has no limit."""
        return next((figure.basis for figure in self.capacity_figures()), "")

    @property
    def nominal(self) -> float:
        """Capacity of the whole leg with everything in service, inner units a day in its `basis`."""
        limits = [math.inf]
        if self.capacity:
            limits.append(self.capacity.inner)
        if self.fleet:
            limits.append(self.fleet.capacity)
        if self.components and self.components.arrangement == "parallel":
            limits.append(
                sum(part.capacity.inner for part in self.components.parts.values() if part.capacity)
            )
        return min(limits)

    @property
    def taken(self) -> float:
        """Capacity that is reserved for others, inner units a day in its `basis`."""
        return sum(figure.inner for figure in self.reserved.values())

    def capacity_figures(self) -> list[Quantity]:
        """All figures that count the leg's capacity; they must agree on mass or volume."""
        figures = [self.capacity, self.fleet.cargo if self.fleet else None, *self.reserved.values()]
        if self.components:
            figures += [part.capacity or part.without for part in self.components.parts.values()]
        return [figure for figure in figures if figure is not None]
