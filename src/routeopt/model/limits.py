"""All limits that closures change, as data: the limit with all in service, and the shares that cut it.

A bound of a column or row is ``size x share x times / over``, with the share of its owner (a leg, field or group) or
the smaller share of its stream (`Limit`). The volume due under a contract with force majeure is at most each sum of
``size x share`` over the legs that carry it (`Carrier`). Shares are those of `routeopt.scenario.availability`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.scenario.availability import Key
from routeopt.scenario.case import Situation
from routeopt.system import ExportSystem
from routeopt.system.commercial import Contract, Group
from routeopt.system.table import LegTable

__all__ = ["Carrier", "Limit", "Limits", "carriers_of", "field_outputs", "group_limit", "owner_of"]


class Limit(NamedTuple):
    """A bound scaled by its owner's share, or by the smaller share of its stream."""

    variable: int
    """A column, or a row after all columns."""
    size: float
    """With nothing closed; an infinite size stays infinite for any share above zero."""
    times: float = 1.0
    over: float = 1.0
    stream: Key = ()
    lower: bool = False

    def at(self, share: float) -> float:
        """Return the bound for a share in service."""
        return self.size * share * self.times / self.over if share else 0.0


def owner_of(key: Key) -> Key:
    """Return the owner of the limits that a share changes: the leg for its components and streams."""
    return ("leg", key[1]) if key[0] in ("part", "stream") else key


class Limits:
    """Limits of all elements that closures can cut, in one situation."""

    def __init__(self, program: Program, situation: Situation) -> None:
        self._layout, self._situation, self._system = program.layout, situation, situation.system

    def of(self, owner: Key) -> list[Limit]:
        """Return the limits of a leg, field or group; a leg's capacity row comes before its columns."""
        layout, (kind, name) = self._layout, owner
        columns = layout.shape[1]
        if kind == "group":
            row = layout.row["group"] + self._places["group"][name]
            return [Limit(columns + row, group_limit(self._system.groups[name]))]
        if kind == "field":
            place, least = self._places["field"][name], self._system.fields[name].min_output
            found = [Limit(layout.column["output"] + place, float(self.outputs[place]))]
            for row in _range(self._starts[2], place):
                share = least.inner if least else 0.0
                found.append(Limit(columns + layout.row["minimum"] + row, found[0].size, share, lower=True))
            return found
        leg, room = layout.topology.leg_place[name], self._situation.room(name)
        found = [Limit(columns + layout.row["leg"] + row, room) for row in _range(self._starts[1], leg)]
        for column in _range(self._starts[0], leg):
            stream = ("stream", name, layout.topology.commodities[layout.flow_stream[column]])
            found.append(Limit(column, room, over=float(self.barrels[column]), stream=stream))
        return found

    def side(self, limit: Limit, upper: Floats, row_lower: Floats, row_upper: Floats) -> Floats:
        """Return a view of the bounds that hold a limit, for one moment or several (one row each)."""
        row = limit.variable - self._layout.shape[1]
        return upper[..., limit.variable] if row < 0 else (row_lower if limit.lower else row_upper)[..., row]

    @cached_property
    def outputs(self) -> Floats:
        """Maximum net output of each field, in the system's unit, shape (F,)."""
        return field_outputs(self._system)

    @cached_property
    def barrels(self) -> Floats:
        """Use of the leg's capacity by a unit of each flow column, shape (flow columns,)."""
        counted = np.isin(self._layout.flow_leg, LegTable.of(self._system).counted_otherwise)
        other: Floats = Conversion(self._system).to_other()[self._layout.flow_stream]
        return np.where(counted, other, 1.0)

    @cached_property
    def _starts(self) -> tuple[list[int], list[int], list[int]]:
        """First column and row of each leg, and first minimum of each field."""
        layout, legs, fields = self._layout, len(self._system.legs), len(self._system.fields)
        counted = ((layout.flow_leg, legs), (layout.several, legs), (layout.minimum_fields, fields))
        columns, rows, minima = (np.searchsorted(of, np.arange(most + 1)).tolist() for of, most in counted)
        return columns, rows, minima

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        sections = {"field": self._system.fields, "group": self._system.groups}
        return {kind: {name: place for place, name in enumerate(names)} for kind, names in sections.items()}


def _range(starts: list[int], number: int) -> range:
    return range(starts[number], starts[number + 1])


def group_limit(group: Group) -> float:
    """Return the capacity of a group, or its number of vessels in service."""
    if group.capacity is not None:
        return group.capacity.inner
    vessels = group.vessels.inner if group.vessels else 0.0
    return vessels * (1.0 - (group.downtime.inner if group.downtime else 0.0))


def field_outputs(system: ExportSystem) -> Floats:
    """Compute the maximum net output of each field with nothing closed, in the system's unit, shape (F,)."""
    convert, streams = Conversion(system), {name: place for place, name in enumerate(system.streams)}
    outputs = []
    for name, field in system.fields.items():
        kept = 1.0 - (field.own_use.inner if field.own_use else 0.0)
        outputs.append(
            field.output.inner / convert.to(field.output.measured_by)[streams[system.commodity_of(name)]] * kept
        )
    return np.array(outputs, float)


@dataclass(frozen=True)
class Carrier:
    """Part of a leg's capacity: `size` times the smaller of the leg's share and the sum of its streams' shares.

    `size` is in the contract's unit with nothing closed; infinite without limit. A capacity too small for the contract
    is no force majeure: there the sizes are scaled to fit the contract, and outages cut them in proportion. `streams`
    are the commodities that can use this part.
    """

    leg: str
    size: float
    streams: tuple[str, ...]

    @property
    def keys(self) -> list[Key]:
        """Keys of the shares of its streams."""
        return [("stream", self.leg, stream) for stream in self.streams]

    def at(self, shares: Mapping[Key, float], in_service: float) -> float:
        """Return the size in service."""
        share = min(in_service, sum(shares.get(key, 1.0) for key in self.keys))
        return self.size * share if share else 0.0


def carriers_of(situation: Situation, contract: Contract) -> list[list[Carrier]]:
    """List the limits of a contract, each a sum: the legs whose inflow counts, then each leg of `through`.

    Empty for a contract without force majeure.
    """
    if not contract.force_majeure:
        return []
    counted = [one for name in contract.legs for one in _carriers(situation, contract, name, contract.commodities)]
    limits = [counted, *(_carriers(situation, contract, name) for name in contract.through)]
    return [list(_fitted(situation, limit, contract.volume.inner)) for limit in limits]


def _fitted(situation: Situation, limit: list[Carrier], volume: float) -> Iterable[Carrier]:
    """Scale carriers to their availability and to at least the contract's volume."""
    most = sum(one.size for one in limit)
    for one in limit:
        leg = situation.system.legs[one.leg]
        if most > 0.0:
            size = one.size * max(1.0, volume / most)
        else:
            size = math.inf if situation.runs(one.leg) and one.streams else 0.0
        working = leg.availability.inner if leg.availability and size < math.inf else 1.0
        yield replace(one, size=size * working)


def _carriers(situation: Situation, contract: Contract, name: str, only: tuple[str, ...] = ()) -> list[Carrier]:
    """List the parts of a leg's capacity at full availability."""
    system, room = situation.system, situation.room(name, all_year=True)
    leg = system.legs[name]
    streams = [stream for stream in leg.commodities or tuple(system.streams) if not only or stream in only]
    convert, places = Conversion(system), list(system.streams)
    ratio = convert.to(contract.volume.measured_by) / convert.to(leg.measured_by or system.measured_by)
    worth = {stream: float(ratio[places.index(stream)]) for stream in streams}
    if room == math.inf or not all(map(math.isfinite, worth.values())):
        return [Carrier(name, math.inf if room else 0.0, tuple(streams))]
    # Largest in the contract's unit first; with one unit all are equal, and there is one part.
    streams.sort(key=lambda stream: -worth[stream])
    steps = np.diff([-worth[stream] for stream in streams], append=0.0).tolist()
    return [Carrier(name, room * step, tuple(streams[: place + 1])) for place, step in enumerate(steps) if step > 0.0]
