"""Surge of alternatives in the short run: right-hand sides only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from routeopt.arrays import Floats
from routeopt.model.conversion import Conversion
from routeopt.model.formulate import Program
from routeopt.model.limits import Limits
from routeopt.model.temporal.initial_state import Start
from routeopt.scenario.case import Situation
from routeopt.scenario.lines import Spans, stretches

__all__ = ["apply_surge", "surge_limits"]


def surge_limits(program: Program, situation: Situation, start: Start, calls: Mapping[str, Spans]) -> dict[str, Floats]:
    """Compute the capacity of legs with a surge, in the leg's own unit per period; leg -> shape (T,).

    usual + min(ceiling, rate x (days since called - delay)), averaged exactly over each period.

    A leg is called when less is left of something that it can relieve than a usual day sends through it
    (`routeopt.model.temporal.surge_calls`). It stays called while such shortfalls follow each other, and after the last
    one, for what is left behind has to go too. But where nothing was short for longer than its ``delay`` (it can have
    gone back to its usual work in the time that it takes to come), the next shortfall calls it anew: it has to wait
    and to climb again.
    """
    layout, convert = program.layout, Conversion(situation.system)
    edges = layout.periods.edges
    limits = {}
    for place, (name, leg) in enumerate(situation.system.legs.items()):
        if leg.surge is None:
            continue
        mine = np.flatnonzero(layout.flow_leg == place)
        basis, streams = leg.measured_by or situation.system.measured_by, leg.commodities or situation.system.streams
        usual = float(convert.to(basis)[layout.flow_stream[mine]] @ start.usual[mine])
        ceiling, rate = (
            figure.inner * convert.mean(basis, streams) / convert.mean(figure.measured_by, streams)
            if figure.measured_by != basis
            else figure.inner
            for figure in (leg.surge.ceiling, leg.surge.rate)
        )
        more = np.zeros(len(edges) - 1)
        delay, full = leg.surge.delay.inner, ceiling / rate if rate else np.inf
        called = [begun for begun, _ in stretches(calls.get(name, ()), delay)]
        for begun, next_time in zip(called, [*called, np.inf][1:], strict=True):
            since = np.maximum(np.minimum(edges, next_time) - begun - delay, 0.0)
            # Integral of the slope, and of the ceiling after it.
            climbed = np.minimum(since, full)
            more += np.diff(0.5 * rate * climbed**2 + (since - climbed) * ceiling)
        limits[name] = usual * layout.periods.days + more
    return limits


def apply_surge(
    program: Program, situation: Situation, start: Start, calls: Mapping[str, Spans], x_upper: Floats,
    r_upper: Floats,
) -> None:  # fmt: skip
    """Limit legs with a surge to its capacity."""
    limits = Limits(program.single, situation)
    for name, limit in surge_limits(program, situation, start, calls).items():
        for one in limits.of(("leg", name))[:1]:  # its row, or its only column
            held = limits.side(one, x_upper, r_upper, r_upper)
            held[:] = np.minimum(held, limit / one.over)
