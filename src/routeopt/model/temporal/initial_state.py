"""Initial state of a horizon."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model.formulate import Program, stock_weights
from routeopt.model.temporal.surge_calls import Calls
from routeopt.system import ExportSystem
from routeopt.system.nodes import Terminal

__all__ = ["Cargoes", "Start", "mean_ages", "usual_start"]

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Cargoes:
    """Cargoes that departed at an even rate between two days and have not landed.

    ``which``: cargo column (place in ``layout.lagged``); ``begun``, ``ended``: days of departure, as ordinals;
    ``amount``: volume at the inlet of the leg.
    """

    which: Ints
    begun: Floats
    ended: Floats
    amount: Floats

    @classmethod
    def none(cls) -> Cargoes:
        """Return no cargoes in transit."""
        return cls(np.array([], np.intp), np.array([]), np.array([]), np.array([]))


@dataclass(frozen=True)
class Start:
    """State on the first day of a horizon; inner units.

    - ``usual`` (columns of one period,): rates of a usual day, the reference for surge, target and tanks.
    - ``stock``, ``reference`` (stocks,): stock of each commodity in tanks, and its target at the end.
    - ``afloat`` (waiting,): cargoes that wait to land.
    - ``output`` (fields,): output of the day before.
    - ``cargoes``: in transit.
    - ``calls``: shortages until now, and the alternatives that they called.
    - ``begun``: contracts with an open accounting period, and the volume shipped in it beyond that due so far.
    - ``used``: groups with an open accounting period, and the quota used in it beyond the days' share.
    - ``paid``: deficiencies that can still be made up: contract, first day after the period, remaining volume.
    - ``day``: date of the state, as an ordinal.
    - ``handed``: whether it is the end state of another horizon.
    """

    usual: Floats
    stock: Floats
    reference: Floats
    afloat: Floats
    output: Floats
    cargoes: Cargoes
    calls: Calls = field(default_factory=Calls)
    begun: tuple[tuple[int, float], ...] = ()
    used: tuple[tuple[int, float], ...] = ()
    paid: tuple[tuple[int, float, float], ...] = ()
    day: float = 0.0
    handed: bool = False


def usual_start(system: ExportSystem, program: Program, usual: Floats, initial_in_transit: str) -> Start:
    """Build the state of a usual day: tank levels of the data, cargoes of the usual flows in transit.

    ``usual``: rates of a usual day in the columns of one period; ``initial_in_transit``: as
    `routeopt.scenario.scenario.Horizon` has it.
    """
    layout = program.layout
    stock = _initial_stocks(system, program, usual)
    day = float(layout.periods.edges[0])
    rate = usual[layout.lagged]
    some = np.flatnonzero(rate > 0) if initial_in_transit == "usual" else np.array([], np.intp)
    cargoes = Cargoes(some, day - layout.lag[some], np.full(len(some), day), rate[some] * layout.lag[some])
    output = usual[layout.columns("output")]
    return Start(usual, stock, stock, np.zeros(len(layout.waiting)), output, cargoes, day=day)


def _initial_stocks(system: ExportSystem, program: Program, usual: Floats) -> Floats:
    """Return initial stocks by commodity, in the mix of a usual day's inflow, or in equal parts without inflow."""
    layout = program.layout
    graph = layout.topology
    flow = usual[layout.columns("flow")] * program.gain[layout.flow_leg]
    into = np.zeros(layout.balance_row.shape)
    np.add.at(into, (graph.head[layout.flow_leg], graph.becomes[layout.flow_leg, layout.flow_stream]), flow)
    through = into[layout.tanks[layout.stock_tank], layout.stock_stream]
    weights, stock = stock_weights(system, layout), np.zeros(len(through))
    names = list(system.nodes)
    for place, node in enumerate(layout.tanks):
        record = system.nodes[names[node]]
        mine = np.flatnonzero(layout.stock_tank == place)
        if not isinstance(record, Terminal) or record.storage is None or not len(mine):
            continue
        storage = record.storage
        level = storage.initial or storage.heel
        mix = through[mine] if through[mine].sum() > 0 else np.ones(len(mine))
        held = storage.capacity.inner * (level.inner if level else 0.0)
        stock[mine] = mix * held / float(weights[mine] @ mix)
    return stock


def mean_ages(program: Program, usual: Floats, at_end: bool = False, lag: Floats | None = None) -> Floats:
    """Compute the mean age in days of oil that enters each flow column (``at_end``: each delivery) on a usual day.

    The age of a (node, commodity) is the mean over its inflows, each with the age at its origin plus the lag; output
    of a field has age zero. ``lag``: days of each flow column. Default: its transit time.
    """
    layout = program.layout
    graph, leg, stream = layout.topology, layout.flow_leg, layout.flow_stream
    tail = layout.balance_row[graph.tail[leg], stream]
    head = layout.balance_row[graph.head[leg], graph.becomes[leg, stream]]
    if lag is None:
        lag = np.zeros(len(leg))
        lag[layout.lagged] = layout.lag
    moved = usual[layout.columns("flow")] * program.gain[leg]
    count = int(layout.balance_row.max(initial=-1)) + 1
    produced = np.zeros(count)
    entries = (program.single.index < count) & np.isin(
        program.single.column_of_entry, np.arange(layout.column["output"], layout.column["delivery"])
    )
    np.add.at(produced, program.single.index[entries], usual[program.single.column_of_entry[entries]])
    come = np.bincount(head, moved, count) + produced
    age = np.zeros(count)
    # A path has fewer legs than there are states; loops, in which age grows for ever, stop there.
    for _ in range(count):
        fresh = np.bincount(head, moved * (age[tail] + lag), count) / np.where(come > 0, come, 1.0)
        if np.allclose(fresh, age, rtol=1e-12, atol=1e-12):
            break
        age = fresh
    if at_end:
        block, single = layout.columns("delivery"), program.single
        found = (single.index < count) & (single.column_of_entry >= block.start) & (single.column_of_entry < block.stop)
        tail = np.zeros(block.stop - block.start, np.intp)
        tail[single.column_of_entry[found] - block.start] = single.index[found]
    ages: Floats = age[tail]
    return ages
