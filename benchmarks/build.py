"""Building the program of 2,000 nodes and 8,000 legs against filling the same arrays by hand.

``python benchmarks/build.py`` prints medians over interleaved repeats and their ratios. "By hand" is a loop in
plain Python that knows only this one kind of system: no units, no second commodity, no closures. It is timed
from numbers at hand (filling alone) and from the records of the system (reading and filling); routeopt is timed
from a system as loading leaves it (its checks have read the legs) and from the records alone.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

import routeopt as ro
from routeopt.model import bounds_of, formulate, objectives_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate


def generate(nodes: int, legs: int, seed: int = 1) -> ro.ExportSystem:
    """A plain system: 100 fields, 50 markets, the rest hubs; a chain through all keeps everything reachable."""
    rng = np.random.default_rng(seed)
    fields, markets = nodes // 20, nodes // 40
    records: dict[str, dict[str, object]] = {}
    for i in range(nodes):
        if i < fields:
            records[f"n{i}"] = {"kind": "field", "output": f"{rng.uniform(1, 9):.3f} Mt/y"}
        elif i >= nodes - markets:
            records[f"n{i}"] = {"kind": "market", "price": f"{rng.uniform(400, 500):.2f} USD/t"}
        else:
            records[f"n{i}"] = {"kind": "hub"}
    ends = [(i, i + 1) for i in range(nodes - markets)]
    while len(ends) < legs:
        a, b = rng.integers(0, nodes - markets), rng.integers(fields, nodes)
        if a != b:
            ends.append((int(a), int(b)))
    links = {
        f"l{k}": {
            "from": f"n{a}",
            "to": f"n{b}",
            "capacity": f"{rng.uniform(1, 60):.3f} Mt/y",
            "tariff": f"{rng.uniform(1, 30):.2f} USD/t",
            "loss": f"{rng.uniform(0, 1):.3f} %",
        }
        for k, (a, b) in enumerate(ends[:legs])
    }
    return ro.ExportSystem.from_dict({"name": "generated", "nodes": records, "legs": links})


Numbers = tuple[list[tuple[int, int, float, float, float]], list[tuple[int, float]], list[tuple[int, float]], int]


def plain_numbers(system: ro.ExportSystem) -> Numbers:
    """What a loop by hand starts from: ends, capacity, tariff and gain of each leg; outputs; prices."""
    place = {name: i for i, name in enumerate(system.nodes)}
    legs = [
        (place[leg.origin], place[leg.destination], leg.capacity.inner, leg.tariff.inner, 1.0 - leg.loss.inner)
        for leg in system.legs.values()
    ]
    outputs = [(place[name], field.output.inner) for name, field in system.fields.items()]
    prices = [(place[name], market.price.inner) for name, market in system.markets.items()]
    return legs, outputs, prices, len(place)


def by_hand(numbers: Numbers) -> tuple[np.ndarray, ...]:
    """Fill the arrays of the same program in a loop."""
    legs, outputs, prices, nodes = numbers
    columns = len(legs) + len(outputs) + len(prices)
    entries = 2 * len(legs) + len(outputs) + 2 * len(prices)
    start, index = np.zeros(columns + 1, np.int32), np.zeros(entries, np.int32)
    value, cost, upper = np.zeros(entries), np.zeros(columns), np.full(columns, np.inf)
    at = 0
    for k, (tail, head, capacity, tariff, gain) in enumerate(legs):
        index[at], value[at], index[at + 1], value[at + 1] = tail, -1.0, head, gain
        at += 2
        start[k + 1], cost[k], upper[k] = at, tariff, capacity
    k = len(legs)
    for node, output in outputs:
        index[at], value[at] = node, 1.0
        at += 1
        start[k + 1], upper[k] = at, output
        k += 1
    for node, price in prices:
        index[at], value[at], index[at + 1], value[at + 1] = node, -1.0, nodes, 1.0
        at += 2
        start[k + 1], cost[k] = at, -price
        k += 1
    rows = np.zeros(nodes + 1), np.zeros(nodes + 1)
    return start, index, value, cost, np.zeros(columns), upper, *rows


def ours(system: ro.ExportSystem) -> object:
    """Matrix, bounds and objectives of a loaded system."""
    situation = situate(system, Scenario())
    program = formulate(system)
    return program, bounds_of(program, situation), objectives_of(program, situation)


def ours_from_records(system: ro.ExportSystem) -> object:
    """The same without what loading derived."""
    system.memo.clear()
    return ours(system)


def main() -> None:
    """Time all in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--legs", type=int, default=8000)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    system = generate(options.nodes, options.legs)
    numbers = plain_numbers(system)
    cases = {
        "filling by hand": lambda: by_hand(numbers),
        "routeopt, loaded system": lambda: ours(system),
        "reading and filling by hand": lambda: by_hand(plain_numbers(system)),
        "routeopt, from the records": lambda: ours_from_records(system),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(options.repeats):
        for name, work in cases.items():
            begun = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:28} {1e3 * value:7.1f} ms")
    one, two, three, four = medians.values()
    print(f"{'ratio, loaded':28} {two / one:7.2f}")
    print(f"{'ratio, from the records':28} {four / three:7.2f}")


if __name__ == "__main__":
    main()
