"""How things stand when a horizon begins."""

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
    """What left evenly between two days and has not landed.

    ``which``: cargo column (place in ``layout.lagged``); ``begun``, ``ended``: days of departure, as ordinals;
    ``amount``: what entered the leg.
    """

    which: Ints
    begun: Floats
    ended: Floats
    amount: Floats

    @classmethod
    def none(cls) -> Cargoes:
        """Nothing is under way."""
        return cls(np.array([], np.intp), np.array([]), np.array([]), np.array([]))


@dataclass(frozen=True)
class Start:
    """The full state on the day on which a horizon begins; inner units.

    - ``usual`` (columns of one period,): rates of a usual day, from which surge is counted and which target and tanks
      are set by.
    - ``stock``, ``reference`` (stocks,): what tanks hold of each commodity, and what they shall hold at the end.
    - ``afloat`` (waiting,): cargoes that wait to land.
    - ``output`` (fields,): output of the day before.
    - ``cargoes``: under way.
    - ``calls``: what was short till now, and which ways round that called.
    - ``begun``: contracts whose stretch had begun before, and what was shipped of it till now beyond what was due.
    - ``used``: groups whose stretch had begun before, and what was used of their quota till now beyond the days' share.
    - ``paid``: deficiencies that can still be made up: contract, the day after their stretch, what is left of them.
    - ``day``: the day on which it holds, as an ordinal.
    - ``handed``: whether it is what another horizon left behind.
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
    """The state of a usual day: tanks as the data have them, cargoes as the usual flows fill the way.

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
    """What tanks hold of each commodity: as their inflow is mixed on a usual day, else all alike."""
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
    """Days that what enters each flow column (``at_end``: each delivery) has been on its way on a usual day.

    The age of a (node, commodity) is the mean over what comes in, each with the age of where it comes from and the
    lag of the way; what is produced there is new. ``lag``: days of each flow column, if not those after which it lands.
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
    # Every way has fewer legs than there are states; loops, in which oil ages for ever, are cut off there.
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
