"""What binds over a horizon, and what was proven of its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.allocation.tables import Scales
from routeopt.allocation.trajectory import Reading
from routeopt.model import Proof
from routeopt.model.certificate import reduced_costs
from routeopt.solve.lexicographic import Answer

__all__ = ["bottlenecks", "worst_proofs"]

Floats = NDArray[np.float64]


def bottlenecks(reading: Reading, scales: Scales) -> pd.DataFrame:
    """See `HorizonAllocation.bottlenecks`.

    The multipliers of the volume stage say what a unit more in one period exports over the horizon; of a plan without
    foresight they are those of its last plan, and hold for the days from it on.
    """
    course, frame = reading.course, reading.frame
    prepared, layout = course.prepared, frame.layout
    program, system = prepared.program, prepared.situation.system
    first, answer = course.plans[-1]
    y = answer.duals.get("volume", np.zeros(program.shape[0]))
    worth_x = frame.by_period(-np.minimum(reduced_costs(program, prepared.objectives.volume, y), 0.0))
    worth_r = frame.rows_by_period(-np.minimum(y, 0.0))
    upper, rows = frame.by_period(course.bounds.upper), frame.rows_by_period(course.bounds.row_upper)
    shown = slice(first, frame.periods.reported)
    days = frame.periods.days[shown]
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
    for place, node in enumerate(frame.tanks):
        row = frame.row["tank"] + place
        room = rows[shown, row] * days  # held for the whole of each day
        found.append(("terminal", layout.topology.nodes[node], worth_r[shown, row], room, "tank"))
    records = []
    for kind, name, worth, limit, unit in found:
        binds = worth > 1e-9
        if not binds.any() or name not in _running(reading) | set(system.groups) | set(system.nodes):
            continue
        mean = float(limit[binds].sum() / days[binds].sum() / scales.flow) if unit != "tank" else np.nan
        exports = float(worth[binds] @ days[binds] / days[binds].sum())
        state = "closed" if (limit[binds] == 0.0).all() else "full"
        count = float(days[binds].sum())
        words = f"{name} is {state} on {count:.0f} days; a tonne a day more would export {exports:.2g} t a day then"
        records.append((kind, name, state, count, mean, "" if unit == "tank" else unit, exports, words))
    columns = ["kind", "id", "state", "days", "capacity", "unit", "exports", "words"]
    table = pd.DataFrame(records, columns=columns).set_index("id")
    return table.sort_values(["exports", "days"], ascending=False, kind="stable")


def _running(reading: Reading) -> set[str]:
    situation = reading.course.prepared.situation
    return {name for name in situation.system.legs if situation.runs(name)}


def worst_proofs(answers: Sequence[Answer]) -> tuple[Proof, ...]:
    """For each stage the worst measure of any plan, with the values of the last."""
    proofs: dict[str, Proof] = {}
    for answer in answers:
        for proof in answer.proofs:
            worst = proofs.get(proof.stage, proof)
            proofs[proof.stage] = replace(
                proof,
                gap=max(proof.gap, worst.gap),
                primal=max(proof.primal, worst.primal),
                dual=max(proof.dual, worst.dual),
            )
    return tuple(proofs.values())
