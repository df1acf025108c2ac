"""Kazakhstan by day for three years (1,096 periods) in one program, against HiGHS alone on the same arrays.

``python benchmarks/horizon.py`` prints medians of interleaved repeats and their ratio. "Alone" is HiGHS from cold with
its own defaults (or its interior point method, whichever is named) on arrays that are ready: most volume, then least
money with that volume held by a row. Routeopt is timed from a system that has just been loaded, through reading the
scenario, building, all objectives and ties, to the proof of each. Then the same without foresight.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time

import highspy
import numpy as np

import routeopt as ro
from routeopt.model.sparse import with_row
from routeopt.scenario.resolve import resolve
from routeopt.scenario.timeline import timeline
from routeopt.solve.horizon_solver import Prepared
from routeopt.solve.prepare import prepare
from routeopt.solve.rolling_horizon import follow

CLOSURES = [
    {"leg": "cpc-loading", "from": "2025-02-19", "to": "2025-02-23", "cause": "storm"},
    {"leg": "cpc-loading", "component": ["spm-1", "spm-2"], "from": "2025-08-22", "to": "2025-11-29"},
    {"leg": "cpc-loading", "from": "2025-12-26", "to": "2025-12-30", "cause": "storm"},
    {"leg": "btc", "from": "2026-03-05", "to": "2026-03-25"},
    {"leg": "cpc-loading", "component": "spm-2", "from": "2026-06-15", "to": "2026-07-05"},
    {"leg": "cpc-loading", "from": "2026-11-26", "to": "2026-11-30", "cause": "storm", "recovery": "linear 5 d"},
    {"leg": "cpc-kz", "component": "west-stations", "from": "2027-07-03", "to": "2027-07-09"},
    {"leg": "cpc-loading", "component": ["spm-2", "spm-3"], "from": "2027-03-22", "to": "2027-04-23"},
]
HORIZON = {"start": "2025-01-01", "end": "2028-01-02", "step": "day"}


def whole(foresight: str) -> tuple[float, Prepared, list[int], list[float], int]:
    """Seconds from a loaded system to a proven plan."""
    system = ro.load("kazakhstan")
    begun = time.perf_counter()
    scenario = resolve(system, {"horizon": HORIZON, "closures": CLOSURES})
    prepared = prepare(system, scenario)
    course = follow(prepared, scenario, foresight)
    return time.perf_counter() - begun, prepared, course.work.pivots, course.work.seconds, course.work.solves


def alone(prepared: Prepared, solver: str) -> tuple[float, float, float]:
    """Seconds of HiGHS on ready arrays, and both values."""
    scenario = resolve(prepared.system, {"horizon": HORIZON, "closures": CLOSURES})
    periods = prepared.program.layout.periods
    shares = timeline(prepared.situation.system, scenario, scenario.closures, periods)
    bounds = prepared.bounds(shares, prepared.calls(shares))
    goals = prepared.objectives
    program, bounds = with_row(prepared.program, bounds, goals.volume, -np.inf, np.inf)
    rows, columns = program.shape
    begun = time.perf_counter()
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("solver", solver)
    model.passModel(
        columns, rows, len(program.value), int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
        goals.volume, bounds.lower / bounds.unit, bounds.upper / bounds.unit, bounds.row_lower / bounds.unit,
        bounds.row_upper / bounds.unit, program.start, program.index, program.value, np.zeros(columns, np.int32),
    )  # fmt: skip
    model.run()
    volume = model.getInfo().objective_function_value
    model.changeRowBounds(rows - 1, -np.inf, volume + 1e-7 * abs(volume))
    model.changeColsCost(columns, np.arange(columns, dtype=np.int32), goals.money)
    model.run()
    money = model.getInfo().objective_function_value
    return time.perf_counter() - begun, volume * bounds.unit, money * bounds.unit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--solver", default="choose", choices=["choose", "simplex", "ipm"])
    options = parser.parse_args()
    ours, theirs, blind = [], [], []
    for _ in range(options.repeats):
        seconds, prepared, *_ = whole("perfect")
        ours.append(seconds)
        theirs.append(alone(prepared, options.solver)[0])
        seconds, prepared, pivots, each, solves = whole("myopic")
        blind.append(seconds)
    rows, columns = prepared.program.shape
    print(f"{len(prepared.program.layout.periods)} periods, {rows} rows, {columns} columns")
    print(f"routeopt, build and all solves   {statistics.median(ours):8.2f} s")
    print(f"HiGHS alone ({options.solver}), two solves {statistics.median(theirs):8.2f} s")
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    print(f"ratio                            {statistics.median(ratios):8.2f}")
    print(f"without foresight                {statistics.median(blind):8.2f} s, {len(each)} plans, {solves} solves")
    print(f"a plan made again / the first    {statistics.median(each[1:]) / each[0]:8.2f}")
    print(f"pivots of each plan              {pivots}")
    print(f"largest memory                   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


if __name__ == "__main__":
    main()
