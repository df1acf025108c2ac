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
    """Unit of flows; its kind (mass or volume) is what the system balances."""
    money: Literal["USD"] = "USD"
    """Unit of money."""


class Source(Record):
    """Source of numbers."""

    title: str
    """Title of the document."""
    publisher: str = ""
    """Publisher."""
    url: str = ""
    """Address."""
    date: str = ""
    """Date of publication, as precisely as known."""
    note: str = ""
    """Remarks for the reader."""


class Commodity(Record):
    """One of the exporter's streams."""

    title: str = ""
    """Display name."""
    barrels_per_tonne: BarrelsPerTonne | None = None
    """Barrels per tonne; required wherever tonnes and barrels meet."""
    note: str = ""
    """Remarks for the reader."""


class Member(Record):
    """Use of a group by a leg."""

    weight: Count | None = None
    """Shared capacity used per unit of flow. Default: 1."""
    cargo: Stock | None = None
    """With shared vessels: cargo of a vessel on this leg."""
    round_trip: Duration | None = None
    """With shared vessels: days of a vessel that one cargo takes."""


class Group(Record):
    """Legs that share one capacity: a port's berths, a quota, or vessels on several lines."""

    legs: FrozenDict[Member]
    """The legs; in a file, a plain list will do."""
    title: str = ""
    """Display name."""
    capacity: Flow | None = None
    """Joint capacity of the legs, by weight."""
    vessels: Count | None = None
    """Instead of a capacity: vessels that serve the legs; each leg has its cargo and round trip."""
    downtime: Fraction | None = None
    """Share of time that the vessels lose."""
    accounting_period: Literal["month", "year", "horizon"] | None = None
    """In a horizon: the stretch over which the capacity may be spread, as a quota is; if not given, every period."""
    note: str = ""
    """Remarks for the reader."""

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
    """A name for reporting; volume is measured at the end of its metering legs."""

    title: str = ""
    """Display name."""
    metering_legs: Ids
    """Legs where the route is measured; every path from a field to a market crosses exactly one metering leg."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="after")
    def _some_markers(self) -> Route:
        if not self.metering_legs:
            raise wrong(
                "has no markers", "write metering_legs: [a], the legs on which its volume is measured", "metering_legs"
            )
        return self


class Contract(Record):
    """A committed volume over the year (ship-or-pay).

    A ship-or-pay contract costs its tariff whether the oil flows or not; a commitment costs what a shortfall
    is worth. Force majeure: no more of it is due than what closures leave of its legs can carry. A capacity
    that is too small for it when all is well is no force majeure: there a closure suspends its share.
    """

    legs: Ids
    """Legs whose inflow counts."""
    volume: Flow
    """Committed volume."""
    through: Ids = ()
    """Further legs on its route: no more is due than each of them can carry."""
    deficiency: Price | None = None
    """Price of each unit short. Default: the tariff of its legs (ship-or-pay)."""
    commodities: Ids = ()
    """Commodities that count; empty means all."""
    force_majeure: bool = True
    """If true, it is reduced by the volume that its legs cannot carry."""
    accounting_period: Literal["month", "year", "horizon"] | None = None
    """In a horizon: the stretch over which the volume is counted (calendar months or years, as far as they lie in it);
    if not given, every period, as evenly nominated."""
    make_up: Duration | None = None
    """How long after its stretch a deficiency can be shipped and its price be returned; not at all if not given."""
    title: str = ""
    """Display name."""
    note: str = ""
    """Remarks for the reader."""

    @model_validator(mode="after")
    def _some_legs(self) -> Contract:
        if not self.legs:
            raise wrong("has no legs", "write legs: [a]", "legs")
        return self


class Recourse(Record):
    """Prices of the recourse that closures may force."""

    demurrage: Price | None = None
    """Price per day of a laden vessel waiting to discharge. Default: reported, at no cost."""

    below_min_output: Price | None = None
    """Price of output below a field's turndown limit. Default: reported, at no cost."""

    trip: Price | None = None
    """Price of a trip, for each unit a day by which output falls faster than a field can be turned down; without it
    trips are reported and cost nothing."""
