"""What several nodes and legs share: commodities, sources, groups, routes, contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from routeopt.system.base import FrozenDict, Ids, Record, kind_of, wrong
from routeopt.system.quantity import BarrelsPerTonne, Count, Duration, Flow, Fraction, Price, Stock

__all__ = ["Commodity", "Contract", "Group", "Member", "Recourse", "Route", "Source", "Units"]


class Units(Record):
    """Units in which results are shown."""

    flow: str = "Mt/y"
    """Unit of flows; its kind (mass or volume) is the one in which the system balances."""
    money: Literal["USD"] = "USD"
    """Unit of money."""


class Source(Record):
    """Where numbers come from."""

    title: str
    """Title of the document."""
    publisher: str = ""
    """Who published it."""
    url: str = ""
    """Where it can be read."""
    date: str = ""
    """When it was published, as precisely as is known."""
    note: str = ""
    """What a reader should know."""


class Commodity(Record):
    """One of the exporter's streams."""

    title: str = ""
    """Name for people."""
    barrels_per_tonne: BarrelsPerTonne | None = None
    """Its barrels in a tonne; needed wherever tonnes and barrels meet."""
    note: str = ""
    """What a reader should know."""


class Member(Record):
    """How a leg draws on a group."""

    weight: Count | None = None
    """Units of the shared capacity that one unit of flow takes; one if not given."""
    cargo: Stock | None = None
    """With shared vessels: what a vessel carries on this leg."""
    round_trip: Duration | None = None
    """With shared vessels: days of a vessel that one cargo takes."""


class Group(Record):
    """Legs that share one capacity: a port's berths, a quota, or vessels on several lines."""

    legs: FrozenDict[Member]
    """The legs; in a file also a plain list."""
    title: str = ""
    """Name for people."""
    capacity: Flow | None = None
    """What the legs can carry together, each by its weight."""
    vessels: Count | None = None
    """In place of a capacity: vessels that serve the legs; each leg says cargo and round trip."""
    downtime: Fraction | None = None
    """Share of the time that the vessels lose."""
    accounting_period: Literal["month", "year", "horizon"] | None = None
    """In a horizon: the stretch over which the capacity may be spread, as a quota is; if not given, every period."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        legs = raw.get("legs")
        if isinstance(legs, str):
            legs = [legs]
        if isinstance(legs, list | tuple):
            if len(set(map(str, legs))) != len(legs):
                raise wrong("names a leg twice", "name each once", "legs")
            legs = {leg: {} for leg in legs}
        elif isinstance(legs, Mapping):
            legs = {k: {"weight": v} if isinstance(v, int | float | str) else v or {} for k, v in legs.items()}
        elif legs is not None:
            raise wrong(f"needs a list of legs, not {kind_of(legs)}", "write legs: [a, b]", "legs")
        return {**raw, "legs": legs}

    @model_validator(mode="after")
    def _one_capacity(self) -> Group:
        if not self.legs:
            raise wrong("has no legs", "write legs: [a, b]", "legs")
        if (self.capacity is None) == (self.vessels is None):
            both = self.capacity is not None
            text = "needs either a capacity or vessels" + (", not both" if both else "")
            raise wrong(text, "leave one of them out" if both else "write capacity: 7.5 Mt/y")
        for name, member in self.legs.items():
            if self.vessels is not None and (member.cargo is None or member.round_trip is None):
                hint = f"write {name}: {{cargo: 9.6 kt, round_trip: 6 d}}"
                raise wrong(f"shared vessels need cargo and round_trip on {name!r}", hint, "legs")
            if self.vessels is not None and member.weight is not None:
                raise wrong(f"{name!r} has a weight, but vessels are shared by cargo and round_trip",
                            "leave the weight out", "legs")  # fmt: skip
            if self.capacity is not None and (member.cargo or member.round_trip):
                hint = "write vessels: 5 in place of the capacity"
                raise wrong(f"{name!r} has a cargo but the group has no vessels", hint, "legs")
        if self.capacity is not None and self.downtime is not None:
            raise wrong("only vessels have a downtime", "lower the capacity instead", "downtime", on_key=True)
        return self

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        full: dict[str, Any] = handler(self)
        if not any(full["legs"].values()):
            full["legs"] = list(full["legs"])
        return full


class Route(Record):
    """A name for reporting; volume is measured where its marker legs end."""

    title: str = ""
    """Name for people."""
    metering_legs: Ids
    """Legs; every path from a field to a market crosses exactly one marker of one route."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="after")
    def _some_markers(self) -> Route:
        if not self.metering_legs:
            raise wrong(
                "has no markers", "write metering_legs: [a], the legs on which its volume is measured", "metering_legs"
            )
        return self


class Contract(Record):
    """A volume that was promised over the year.

    A ship-or-pay contract costs its tariff whether the oil flows or not; a commitment costs what a shortfall
    is worth. Force majeure: no more of it is due than what closures leave of its legs can carry. A capacity
    that is too small for it when all is well is no force majeure: there a closure suspends its share.
    """

    legs: Ids
    """Legs whose inflow counts."""
    volume: Flow
    """What was promised."""
    through: Ids = ()
    """Further legs on its way: no more is due than each of them can carry either."""
    deficiency: Price | None = None
    """Price of each unit short; if not given, the tariff of its legs (ship-or-pay)."""
    commodities: Ids = ()
    """Commodities that count; empty means all."""
    force_majeure: bool = True
    """Whether it is suspended by as much as its legs cannot carry."""
    accounting_period: Literal["month", "year", "horizon"] | None = None
    """In a horizon: the stretch over which the volume is counted (calendar months or years, as far as they lie in it);
    if not given, every period, as evenly nominated."""
    make_up: Duration | None = None
    """How long after its stretch a deficiency can be shipped and its price be returned; not at all if not given."""
    title: str = ""
    """Name for people."""
    note: str = ""
    """What a reader should know."""

    @model_validator(mode="after")
    def _some_legs(self) -> Contract:
        if not self.legs:
            raise wrong("has no legs", "write legs: [a]", "legs")
        return self


class Recourse(Record):
    """Prices of what nobody wants and every closure may force."""

    demurrage: Price | None = None
    """Price of a day for which a cargo that cannot land waits; without it waiting is reported and costs nothing."""

    below_min_output: Price | None = None
    """Price of output under a field's minimum; without it such output is reported and costs nothing."""

    trip: Price | None = None
    """Price of a trip, for each unit a day by which output falls faster than a field can be turned down; without it
    trips are reported and cost nothing."""
