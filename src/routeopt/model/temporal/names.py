"""A name for every column and row of a horizon."""

from __future__ import annotations

import datetime as dt

from routeopt.model.names import column_names, plain_name, row_names
from routeopt.model.temporal.matrix import TemporalProgram
from routeopt.system import ExportSystem

__all__ = ["period_column_names", "period_row_names"]


def period_column_names(system: ExportSystem, program: TemporalProgram) -> list[str]:
    """``flow__aktau_baku__tengiz__2025_11_29``; what spans periods ends in the first day of its stretch."""
    frame, single = program.frame, program.single
    graph = frame.layout.topology
    cargo = [
        f"{graph.legs[frame.layout.flow_leg[column]]}__{graph.commodities[frame.layout.flow_stream[column]]}"
        for column in frame.lagged[frame.waiting]
    ]
    stock = [
        f"{graph.nodes[frame.tanks[tank]]}__{graph.commodities[stream]}"
        for tank, stream in zip(frame.stock_tank, frame.stock_stream, strict=True)
    ]
    fields = list(system.fields)
    day = column_names(system, single)
    for word, names in (("landed", cargo), ("afloat", cargo), ("above", stock), ("below", stock),
                        ("trip", [fields[i] for i in frame.slow])):  # fmt: skip
        day += [plain_name(f"{word}__{name}") for name in names]
    whole = _dated(program, day)
    contracts = list(system.contracts)
    labels = _stretches(program, contracts)
    whole += [plain_name(f"short__{label}") for label in labels]
    return whole + [plain_name(f"made_up__{labels[paid]}__{labels[shipped]}") for paid, shipped in frame.make_ups]


def period_row_names(system: ExportSystem, program: TemporalProgram) -> list[str]:
    """``balance__atyrau__tengiz__2025_11_29``."""
    frame, graph = program.frame, program.frame.layout.topology
    cargo = [
        f"{graph.legs[frame.layout.flow_leg[column]]}__{graph.commodities[frame.layout.flow_stream[column]]}"
        for column in frame.lagged[frame.waiting]
    ]
    fields = list(system.fields)
    day = row_names(system, program.single)[: frame.row["landing"]]
    for word, names in (("landing", cargo), ("tank", [graph.nodes[i] for i in frame.tanks]),
                        ("turn_down", [fields[i] for i in frame.slow]),
                        ("restart", [fields[i] for i in frame.slow_back])):  # fmt: skip
        day += [plain_name(f"{word}__{name}") for name in names]
    whole = _dated(program, day)
    contracts, groups = list(system.contracts), list(system.groups)
    labels = _stretches(program, contracts)
    whole += [plain_name(f"volume__{label}") for label in labels]
    whole += [plain_name(f"paid__{label}") for label in labels]
    whole += [plain_name(f"quota__{groups[b.place]}__{_day(program, int(b.periods[0]))}") for b in frame.quotas]
    return whole + [plain_name(f"in_time__{labels[paid]}__{labels[shipped]}") for paid, shipped in frame.make_ups]


def _stretches(program: TemporalProgram, contracts: list[str]) -> list[str]:
    """A contract and the first day of a stretch, or the day on which one was over before the horizon began."""
    labels = []
    for bucket in program.frame.contracts:
        over = dt.date.fromordinal(int(bucket.ends)).isoformat().replace("-", "_")
        day = _day(program, int(bucket.periods[0])) if len(bucket.periods) else f"till_{over}"
        labels.append(f"{contracts[bucket.place]}__{day}")
    return labels


def _dated(program: TemporalProgram, day: list[str]) -> list[str]:
    return [f"{name}__{_day(program, place)}" for place in range(len(program.frame.periods)) for name in day]


def _day(program: TemporalProgram, place: int) -> str:
    return program.frame.periods.starts[place].isoformat().replace("-", "_")
