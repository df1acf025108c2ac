"""Decisions as data: which bounds each closure moves, and what several at once leave.

A closure cuts shares of legs, components, fields, groups, or of one stream on a leg. Of several cuts of one share
the smallest holds; what a share means for bounds (components add up, an embargo frees nothing of a closed leg,
no more of a contract is due than its legs can carry) is worked out from the shares, exactly as in
`routeopt.model.bounds`. Here all of it is arrays, so that a closure costs microseconds and a million of them fit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.model.bounds import Bounds, bounds_of
from routeopt.model.carriers import carriers_of
from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.closure import Closure
from routeopt.scenario.scenario import Scenario
from routeopt.system.base import FrozenDict
from routeopt.system.table import LegTable

__all__ = ["Closing", "Decisions", "decisions_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Closing(NamedTuple):
    """Arrays behind `Decisions`. Shares are counted together: legs, fields, groups, components, embargoes.

    Attributes
    ----------
    start, cut, left : arrays
        Shares that each decision cuts and what it leaves of them.
    share : float array
        What the unchanged situation leaves; 2 where nothing is said.
    owner : int array
        What has to be worked out again when a share changes: a leg, K + a field, or K + F + a group.
    room, nominal : float array, shape (K,)
        What the exporter can send in when nothing is closed; zero where a leg does not run. Nominal capacity.
    usual : float array, shape (K,)
        Share of each leg in service in the unchanged situation.
    series : bool array, shape (K,)
        Whether its components stand in a series.
    part_start, part_share, part_size
        Components of each leg: share, and capacity (in parallel) or capacity without it (in series).
    flow_start, flow, flow_factor, flow_embargo
        Flow columns of each leg, the factor of their unit, the share of their stream or -1.
    leg_row, group_row, group_limit, field_column, field_output, field_row, field_minimum
        Rows (or -1), columns and unchanged limits.
    due_start, due : arrays
        Contracts that the shares of each leg suspend.
    contract_row, contract_volume, contract_start, contract_leg, contract_limit, contract_size
        Contracts with force majeure: row, volume, and their `routeopt.model.carriers`: leg, number of the limit to
        which it belongs (one after the other), size.
    stream_start, stream_embargo
        The embargo shares of the streams of each carrier (-1 where none acts on it).
    lower, upper : float array, shape (N,)
        Unchanged bounds of columns, then rows.
    """

    start: Ints
    cut: Ints
    left: Floats
    share: Floats
    owner: Ints
    room: Floats
    nominal: Floats
    usual: Floats
    series: NDArray[np.bool_]
    part_start: Ints
    part_share: Ints
    part_size: Floats
    flow_start: Ints
    flow: Ints
    flow_factor: Floats
    flow_embargo: Ints
    leg_row: Ints
    group_row: Ints
    group_limit: Floats
    field_column: Ints
    field_output: Floats
    field_row: Ints
    field_minimum: Floats
    due_start: Ints
    due: Ints
    contract_row: Ints
    contract_volume: Floats
    contract_start: Ints
    contract_leg: Ints
    contract_limit: Ints
    contract_size: Floats
    stream_start: Ints
    stream_embargo: Ints
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Decisions:
    """Closures of one system that can be drawn in any combination.

    Attributes
    ----------
    names : tuple of str
        What each decision closes.
    bounds : Bounds
        Of the unchanged situation.
    closing : Closing
        The same as arrays.
    """

    names: tuple[str, ...]
    bounds: Bounds
    closing: Closing

    def __len__(self) -> int:
        return len(self.names)


def decisions_of(program: Program, situation: Situation, decisions: Sequence[Closure | Sequence[Closure]]) -> Decisions:
    """Prepare closures for drawing.

    Parameters
    ----------
    program : Program
    situation : Situation
        What holds when nothing is drawn.
    decisions : sequence of Closure or of sequences of Closure
        Checked closures (`routeopt.scenario.resolve.resolve`); several together are one decision.

    Returns
    -------
    Decisions
        Any set of them moves bounds exactly to where `bounds_of` has them.
    """
    listed = [(one,) if isinstance(one, Closure) else tuple(one) for one in decisions]
    names = tuple(" and ".join(str(closure) for closure in several) for several in listed)
    alone = Scenario(build=FrozenDict(situation.built))
    cuts = [_cuts(situation, alone, several) for several in listed]
    table = _Shares(situation, cuts)
    bounds = bounds_of(program, situation)
    return Decisions(names, bounds, _arrays(program, situation, bounds, table, cuts))


Cuts = dict[tuple[str, ...], float]


def _cuts(situation: Situation, alone: Scenario, closures: Sequence[Closure]) -> Cuts:
    return _named(situate(situation.system, alone.model_copy(update={"closures": tuple(closures)})))


def _named(situation: Situation) -> Cuts:
    found: Cuts = {("leg", name): left for name, left in situation.legs.items()}
    found |= {("field", name): left for name, left in situation.fields.items()}
    found |= {("group", name): left for name, left in situation.groups.items()}
    found |= {("part", *pair): left for pair, left in situation.components.items()}
    return found | {("stream", *pair): left for pair, left in situation.embargo.items()}


class _Shares:
    """A number for everything of which a share can be left."""

    def __init__(self, situation: Situation, cuts: Sequence[Cuts]) -> None:
        system = situation.system
        self.place: dict[tuple[str, ...], int] = {}
        self.owner: list[int] = []
        base = _named(situation)
        places = {name: k for k, name in enumerate(system.legs)}
        for k, name in enumerate(system.legs):
            self._add(("leg", name), k)
        for f, name in enumerate(system.fields):
            self._add(("field", name), len(places) + f)
        for g, name in enumerate(system.groups):
            self._add(("group", name), len(places) + len(system.fields) + g)
        for name, leg in system.legs.items():
            for part in leg.components.parts if leg.components else ():
                self._add(("part", name, part), places[name])
        for found in (base, *cuts):
            for key in found:
                if key not in self.place:  # an embargo: a leg and a stream
                    self._add(key, places[key[1]])
        self.share = np.full(len(self.place), 2.0)
        for key, left in base.items():
            self.share[self.place[key]] = left

    def _add(self, key: tuple[str, ...], owner: int) -> None:
        self.place[key] = len(self.place)
        self.owner.append(owner)

    def of(self, *key: str) -> int:
        """Number of a share, -1 if nothing ever cuts it."""
        return self.place.get(key, -1)


def _arrays(program: Program, situation: Situation, bounds: Bounds, shares: _Shares, cuts: Sequence[Cuts]) -> Closing:
    layout, system, convert = program.layout, situation.system, Conversion(situation.system)
    columns, legs = layout.shape[1], list(system.legs)
    pairs = [[(shares.of(*key), left) for key, left in found.items()] for found in cuts]
    room, nominal, series, parts = [], [], [], []
    for name, leg in system.legs.items():
        room.append(situation.room(name))
        nominal.append(leg.nominal)
        series.append(leg.components is not None and leg.components.arrangement == "series")
        held = leg.components.parts if leg.components else {}
        sizes = [part.capacity or part.without for part in held.values()]
        parts.append([(shares.of("part", name, key), size.inner if size else math.nan)
                      for key, size in zip(held, sizes, strict=True)])  # fmt: skip
    otherwise, streams = np.isin(layout.flow_leg, LegTable.of(system).counted_otherwise), list(system.streams)
    factor = np.where(otherwise, convert.to_other()[layout.flow_stream], 1.0)
    flows: list[list[tuple[int, float, int]]] = [[] for _ in legs]
    for column, (k, c) in enumerate(zip(layout.flow_leg.tolist(), layout.flow_stream.tolist(), strict=True)):
        flows[k].append((column, float(factor[column]), shares.of("stream", legs[k], streams[c])))
    leg_row = np.full(len(legs), -1, np.int32)
    leg_row[layout.several] = columns + np.arange(layout.row["leg"], layout.row["group"])
    field_row = np.full(len(system.fields), -1, np.int32)
    field_row[layout.minimum_fields] = columns + np.arange(layout.row["minimum"], layout.row["contract"])
    minimum = [field.minimum.inner if field.minimum else 0.0 for field in system.fields.values()]
    start, cut, left = _packed(pairs, np.int32, float)
    part_start, part_share, part_size = _packed(parts, np.int32, float)
    flow_start, flow, flow_factor, flow_embargo = _packed(flows, np.int32, float, np.int32)
    due_start, due, rows, volumes, *carriers = _contracts(program, situation, shares)
    members, carrier_leg, limit, carrier_size, streams_start, embargo = carriers
    return Closing(
        start, cut, left, shares.share, np.array(shares.owner, np.int32), np.array(room, float),
        np.array(nominal, float), np.array([situation.in_service(name) for name in legs], float),
        np.array(series, bool), part_start, part_share, part_size, flow_start, flow, flow_factor, flow_embargo, leg_row,
        columns + np.arange(layout.row["group"], layout.row["demand"], dtype=np.int32), _group_limits(system.groups),
        np.arange(layout.column["output"], layout.column["delivery"], dtype=np.int32), _outputs(situation, convert),
        field_row, np.array(minimum, float), due_start, due, rows, volumes, members, carrier_leg, limit,
        carrier_size, streams_start, embargo,
        np.concatenate([bounds.lower, bounds.row_lower]), np.concatenate([bounds.upper, bounds.row_upper]),
    )  # fmt: skip


def _group_limits(groups: Mapping[str, Any]) -> Floats:
    limits = []
    for group in groups.values():
        vessels = group.vessels.inner if group.vessels else 0.0
        lost = group.downtime.inner if group.downtime else 0.0
        limits.append(group.capacity.inner if group.capacity is not None else vessels * (1.0 - lost))
    return np.array(limits, float)


def _outputs(situation: Situation, convert: Conversion) -> Floats:
    system, outputs = situation.system, []
    streams = {name: i for i, name in enumerate(system.streams)}
    for name, field in system.fields.items():
        kept = 1.0 - (field.own_use.inner if field.own_use else 0.0)
        factor = convert.to(field.output.basis)[streams[system.commodity_of(name)]]
        outputs.append(field.output.inner / factor * kept)
    return np.array(outputs, float)


def _contracts(program: Program, situation: Situation, shares: _Shares) -> tuple[NDArray[Any], ...]:
    layout, system = program.layout, situation.system
    place = layout.topology.leg_place
    rows: list[int] = []
    volumes: list[float] = []
    members: list[list[tuple[int, int, float]]] = []
    counted: list[list[tuple[int]]] = []
    due: list[list[tuple[int]]] = [[] for _ in system.legs]
    for offset, contract in enumerate(system.contracts.values()):
        if not contract.force_majeure:
            continue
        mine = []
        for number, limit in enumerate(carriers_of(situation, contract)):
            for one in limit:
                mine.append((place[one.leg], number, one.size))
                counted.append([(shares.of("stream", one.leg, stream),) for stream in one.streams])
                due[place[one.leg]].append((len(rows),))
        rows.append(layout.shape[1] + layout.row["contract"] + offset)
        volumes.append(contract.volume.inner)
        members.append(mine)
    return (*_packed(due, np.int32), np.array(rows, np.int32), np.array(volumes, float),
            *_packed(members, np.int32, np.int32, float), *_packed(counted, np.int32))  # fmt: skip


def _packed(lists: Sequence[Sequence[tuple[Any, ...]]], *kinds: Any) -> tuple[NDArray[Any], ...]:
    """Lists of tuples behind one another: where each begins, then one array for each place of the tuples."""
    start = np.concatenate([[0], np.cumsum([len(items) for items in lists])]).astype(np.int32)
    flat = [item for items in lists for item in items]
    return (start, *(np.array([item[i] for item in flat], kind) for i, kind in enumerate(kinds)))
