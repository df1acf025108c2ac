"""Bottlenecks, shadow prices and the minimum cut, as tables and sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from routeopt.allocation.capacity import capacities, capacities_over_time
from routeopt.allocation.shadow_prices import Side, Worth, worth_of, worth_over_time
from routeopt.allocation.tables import Scales
from routeopt.allocation.trajectory import Trajectory
from routeopt.errors import InputError, SolveError, did_you_mean
from routeopt.model import Bounds
from routeopt.model.certificate import reduced_costs
from routeopt.model.conversion import Conversion
from routeopt.results import counted, number
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import proven
from routeopt.solve.near_optimal import must_be_optimal

__all__ = ["bottleneck_summary", "bottlenecks", "minimum_cut", "shadow_prices"]

_COLUMNS = [
    "kind", "status", "unit", "capacity", "use",
    "relief_up", "relief_valid_to", "relief_next_binding", "relief_down", "relief_valid_from",
    "exports_up", "exports_valid_to", "exports_next_binding", "exports_down", "exports_valid_from",
    "saving_up", "saving_valid_to", "saving_next_binding", "saving_down", "saving_valid_from",
]  # fmt: skip


def shadow_prices(of: Solved | Trajectory, scales: Scales, names: Iterable[str] | None = None) -> pd.DataFrame:
    """See `Allocation.shadow_prices`."""
    must_be_optimal(of.solved if isinstance(of, Trajectory) else of)
    worths: dict[str, Callable[[], Worth]]
    if isinstance(of, Trajectory):
        worths = {
            found[0].name: partial(worth_over_time, of.solved, *found) for found in capacities_over_time(of.solved)
        }
    else:
        worths = {capacity.name: partial(worth_of, of, capacity) for capacity in capacities(of)}
    wanted = None if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted or ():
        if name not in worths:
            raise InputError(f"no leg or group {name!r} has a capacity here; {did_you_mean(name, worths)}")
    rows = {name: _row(make(), scales) for name, make in worths.items() if wanted is None or name in wanted}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)
    return frame.rename_axis("id")


def bottlenecks(of: Solved | Trajectory, scales: Scales) -> pd.DataFrame:
    """See `Allocation.bottlenecks`."""
    if isinstance(of, Trajectory):
        if not of.solved.best:
            must_be_optimal(of.solved)
        return _over_time(of, scales)
    must_be_optimal(of)
    solved = of
    rows = {}
    for capacity in capacities(solved):
        if not capacity.full:
            continue
        worth = worth_of(solved, capacity)
        row = _row(worth, scales)
        first = next((worth for worth in ("relief", "exports", "saving") if row[f"{worth}_up"] > 0), None)
        if first is not None:
            rows[capacity.name] = {
                "kind": row["kind"],
                "status": row["status"],
                "capacity": row["capacity"],
                "unit": row["unit"],
                "marginal_relief": row["relief_up"],
                "marginal_exports": row["exports_up"],
                "marginal_saving": row["saving_up"],
                "valid_to": row[f"{first}_valid_to"],
                "description": _words(worth, row, solved, scales),
            }
    names = [
        "kind",
        "status",
        "capacity",
        "unit",
        "marginal_relief",
        "marginal_exports",
        "marginal_saving",
        "valid_to",
        "description",
    ]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("id")
    frame = frame.astype(
        dict.fromkeys(("capacity", "marginal_relief", "marginal_exports", "marginal_saving", "valid_to"), float)
    )
    return frame.sort_values(["marginal_relief", "marginal_exports", "marginal_saving"], ascending=False, kind="stable")


def _over_time(trajectory: Trajectory, scales: Scales) -> pd.DataFrame:
    """Bottlenecks of a horizon.

    The multipliers of the volume stage say what a unit more in one period exports over the horizon; of a plan without
    foresight they are those of its last plan, and hold for the days from it on.
    """
    solved, layout = trajectory.solved, trajectory.layout
    prepared, layout = solved.prepared, layout
    program, system = prepared.program, prepared.situation.system
    first, answer = solved.plans[-1]
    y = answer.duals.get("volume", np.zeros(program.shape[0]))
    worth_x = layout.by_period(-np.minimum(reduced_costs(program, prepared.objectives.volume, y), 0.0))
    worth_r = layout.rows_by_period(-np.minimum(y, 0.0))
    upper, rows = layout.by_period(solved.bounds.upper), layout.rows_by_period(solved.bounds.row_upper)
    shown = slice(first, layout.periods.reported)
    days = layout.periods.days[shown]
    found = []
    several = {int(leg): row for row, leg in enumerate(layout.several)}
    for place, name in enumerate(system.legs):
        mine = np.flatnonzero(layout.flow_leg == place)
        if place in several:
            row = layout.row["leg"] + several[place]
            worth, limit = worth_r[shown, row] + worth_x[shown][:, mine].max(axis=1, initial=0.0), rows[shown, row]
        elif len(mine):
            worth, limit = worth_x[shown, mine[0]], upper[shown, mine[0]]
        else:
            continue
        found.append(("leg", name, worth, limit, scales.flow_unit))
    for place, name in enumerate(system.groups):
        row = layout.row["group"] + place
        found.append(("group", name, worth_r[shown, row], rows[shown, row], scales.flow_unit))
    for place, node in enumerate(layout.tanks):
        row = layout.row["tank"] + place
        room = rows[shown, row] * days  # held for the whole of each day
        found.append(("terminal", layout.topology.nodes[node], worth_r[shown, row], room, "tank"))
    running = {name for name in system.legs if solved.situation.runs(name)}
    records = []
    for kind, name, worth, limit, unit in found:
        binds = worth > 1e-9
        if not binds.any() or name not in running | set(system.groups) | set(system.nodes):
            continue
        mean = float(limit[binds].sum() / days[binds].sum() / scales.flow) if unit != "tank" else np.nan
        exports = float(worth[binds] @ days[binds] / days[binds].sum())
        state = "closed" if (limit[binds] == 0.0).all() else "full"
        count = float(days[binds].sum())
        words = f"{name} is {state} on {counted(count, 'day')}; 1 t/d more capacity then exports {exports:.2g} t/d more"
        records.append((kind, name, state, count, mean, "" if unit == "tank" else unit, exports, words))
    columns = ["kind", "id", "status", "days", "capacity", "unit", "marginal_exports", "description"]
    table = pd.DataFrame(records, columns=columns).set_index("id")
    return table.sort_values(["marginal_exports", "days"], ascending=False, kind="stable")


def _row(worth: Worth, scales: Scales) -> dict[str, Any]:
    capacity = worth.capacity
    vessels = capacity.unit == "vessels"
    size = 1.0 if vessels else scales.flow
    # What a vessel is worth is no ratio of flows: it is shown in the units of the system.
    flow, money = (scales.flow, 1.0 / scales.money) if vessels else (1.0, 1.0)

    def side(part: Side | None, unit: float) -> tuple[float, float]:
        if part is None:
            return np.nan, np.nan
        return round(part.value / unit, 9) + 0.0, part.until / size

    relief, relief_until = side(worth.relief_up, flow)
    starves, relief_from = side(worth.relief_down, flow)
    more, until = side(worth.exports_up, flow)
    less, begin = side(worth.exports_down, flow)
    saves, saving_valid_to = side(worth.saving_up, money)
    spends, saving_valid_from = side(worth.saving_down, money)
    return {
        "kind": capacity.kind,
        "status": "closed" if capacity.size == 0 else "full" if capacity.full else "free",
        "unit": capacity.unit or scales.flow_unit,
        "capacity": capacity.size / size,
        "use": capacity.use / size,
        "relief_up": relief,
        "relief_valid_to": relief_until,
        "relief_next_binding": _names(worth.relief_up),
        "relief_down": starves,
        "relief_valid_from": relief_from,
        "exports_up": more,
        "exports_valid_to": until,
        "exports_next_binding": _names(worth.exports_up),
        "exports_down": less,
        "exports_valid_from": begin,
        "saving_up": saves,
        "saving_valid_to": saving_valid_to,
        "saving_next_binding": _names(worth.saving_up),
        "saving_down": spends,
        "saving_valid_from": saving_valid_from,
    }


def _names(side: Side | None) -> str:
    if side is None:
        return ""
    return ", ".join(name for _, name in side.following)


def _words(worth: Worth, row: dict[str, Any], solved: Solved, scales: Scales) -> str:
    """``aktau-berths: one more Mt/y exports 1.00 Mt/y more, up to 7.50, where aktau-rail binds``."""
    vessel = row["unit"] == "vessels"
    text = f"{worth.capacity.name}: one more {'vessel' if vessel else row['unit']}"
    exports = 0.0 if worth.exports_up is None else row["exports_up"]
    change = f"{number(abs(exports))} {scales.flow_unit} {'more' if exports > 0 else 'less'}"
    side: Side | None
    if row["relief_up"] > 0:
        text += f" meets {number(row['relief_up'])} {scales.flow_unit} of unmet refinery demand"
        text += f" and exports {change}" if exports else ""
        side, until = worth.relief_up, row["relief_valid_to"]
        if exports:
            side, until = worth.exports_up, row["exports_valid_to"]
    elif exports > 0:
        text += f" exports {change}"
        side, until = worth.exports_up, row["exports_valid_to"]
    else:
        piece = solved.situation.system.priced_unit
        saved = (
            f"{row['saving_up'] / 1e6:.1f} million {scales.money_unit}"
            if vessel
            else f"{row['saving_up']:.1f} USD/{piece}"
        )
        text += f" earns {saved}" if solved.economic else f" saves {saved} and adds no exports"
        side, until = worth.saving_up, row["saving_valid_to"]
    if side is None or not np.isfinite(until):
        return text
    return f"{text}, up to {number(until)}{_then(side, solved)}"


def _then(side: Side, solved: Solved) -> str:
    """What binds at the end of the range."""
    fields = [name for kind, name in side.following if kind == "field"]
    if len(fields) == len(solved.situation.system.fields):
        return ", where every field produces at capacity"
    if side.following:
        shown = [f"the output of {name}" if kind == "field" else name for kind, name in side.following]
        return f", where {_listed(shown)} {'binds' if len(shown) == 1 else 'bind'}"
    if side.met:
        return f", where {_listed(list(side.met))} {'is' if len(side.met) == 1 else 'are'} fulfilled"
    return ", where it is no longer full"


def _listed(names: list[str]) -> str:
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def minimum_cut(of: Solved | Trajectory, scales: Scales) -> pd.DataFrame:
    """See `Allocation.minimum_cut`."""
    if isinstance(of, Trajectory):
        raise SolveError("minimum_cut is about one period; over a horizon use bottlenecks")
    solved = of
    layout, system, cost = solved.program.layout, solved.situation.system, solved.objectives.volume
    stopped = _embargoes(solved)
    bounds, solution, _ = _most(solved)
    upper, d = bounds.upper, reduced_costs(solved.program, cost, solution.y)
    rows: list[tuple[str, str, str, float, float]] = []

    def add(name: str, kind: str, size: float, weight: float, unit: str = "") -> None:
        if abs(weight) > 1e-9:
            one = 1.0 if unit else scales.flow
            rows.append((name, kind, unit or scales.flow_unit, size / one + 0.0, weight * one / scales.flow))

    for capacity in capacities(solved):
        weight = capacity.weight(solved, cost, solution)
        add(capacity.name, capacity.kind, capacity.size, weight, capacity.unit)
    for column, name in stopped.items():
        if upper[column] == 0.0:
            add(name, "embargo", 0.0, -min(0.0, float(d[column])))
    for offset, name in enumerate(system.fields):
        column = layout.column["output"] + offset
        add(name, "field", float(upper[column]), -min(0.0, float(d[column])))
    for offset, name in enumerate(system.markets):
        row, factor = layout.row["market"] + offset, _demand_factor(solved, offset)
        add(name, "market", float(bounds.row_upper[row]) / factor, -float(solution.y[row]) * factor)
    # Rows that hold an apportionment come after those of the caller; the volume is not theirs to limit.
    for row, name in enumerate(solved.added, layout.shape[0]):
        y = float(solution.y[row])
        add(name, "constraint", float(bounds.row_upper[row] if y < 0 else bounds.row_lower[row]), -y)
    frame = pd.DataFrame(rows, columns=["id", "kind", "unit", "capacity", "weight"]).set_index("id")
    return frame.astype({"capacity": float, "weight": float})


def _most(solved: Solved) -> tuple[Bounds, Solution, float]:
    """All that could be exported, with refineries served as they are: bounds, a solution, and how much it is."""
    layout = solved.program.layout
    upper = solved.whole_bounds.upper.copy()
    shortage = layout.columns("shortage")
    upper[shortage] = solved.answer.x[shortage]
    # Where a row holds the sum of a leg's streams, the row alone shall carry the multiplier.
    stopped = np.isin(np.arange(len(layout.flow_leg)), list(_embargoes(solved)))
    upper[np.flatnonzero(np.isin(layout.flow_leg, layout.several) & ~stopped)] = np.inf
    bounds = replace(solved.whole_bounds, upper=upper)
    cost = solved.objectives.volume
    solution, proof, _ = proven(solved.program, bounds, cost, Session(solved.program, bounds), "minimum cut")
    return bounds, solution, -proof.value


def _embargoes(solved: Solved) -> dict[int, str]:
    """Flow columns of streams that a closure cuts, and their names."""
    layout, names = solved.program.layout, solved.situation.embargo
    legs, streams = layout.topology.legs, layout.topology.commodities
    pairs = enumerate(zip(layout.flow_leg.tolist(), layout.flow_stream.tolist(), strict=True))
    return {
        column: f"{legs[leg]} for {streams[stream]}" for column, (leg, stream) in pairs
        if (legs[leg], streams[stream]) in names and solved.situation.runs(legs[leg])
    }  # fmt: skip


def _demand_factor(solved: Solved, place: int) -> float:
    """What a market's demand counts for a unit of the system."""
    system = solved.situation.system
    market = list(system.markets.values())[place]
    streams = market.commodities or tuple(system.streams)
    return Conversion(system).mean(market.demand.measured_by, streams) if market.demand else 1.0


def bottleneck_summary(solved: Solved, cut: pd.DataFrame) -> str:
    """The minimum cut in words."""
    kinds, fields = cut["kind"].tolist(), len(solved.situation.system.fields)
    exported = float(solved.answer.x[solved.program.layout.columns("delivery")].sum())
    if solved.economic and _most(solved)[2] > exported + 1e-6 * solved.bounds.unit:
        return "more could be exported, but at a loss"
    if kinds and all(kind == "field" for kind in kinds):
        if len(kinds) == fields:
            return "exports are limited by production: every field is at capacity"
        return f"exports are limited by production: {_listed(list(map(str, cut.index)))} at capacity"
    if not kinds:
        return "nothing can be exported"
    sizes = list(zip(map(str, cut.index), kinds, cut["capacity"].tolist(), strict=True))
    bound = [repr(name) for name, kind, _ in sizes if kind == "constraint"]
    closed = [name for name, kind, size in sizes if size == 0 and kind != "constraint"]
    full = [
        f"the output of {name}" if kind == "field" else f"the demand of {name}" if kind == "market" else name
        for name, kind, size in sizes
        if size != 0 and kind != "constraint"
    ]
    parts = [f"{_listed(full)} (at capacity)"] if full else []
    parts += [f"{_listed(closed)} (closed)"] if closed else []
    parts += [f"the added constraints {_listed(bound)}"] if bound else []
    return f"exports are limited by {' and '.join(parts)}"
