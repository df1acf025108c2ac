"""Who and what the barrels depend on: shares that cross each country and chokepoint."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from routeopt.errors import InputError
from routeopt.model import Bounds
from routeopt.model.exposure_layers import with_layers
from routeopt.scenario import Closure
from routeopt.solve.acyclic import most_without_cycles
from routeopt.solve.engine import Flows, Solved
from routeopt.solve.near_optimal import Region, near_optimal, read_slack
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system import ExportSystem
from routeopt.system.origin import at_home
from routeopt.system.targets import Hits, hits, known_names

__all__ = ["crossing_columns", "exposure"]


def exposure(solved: Flows, slack: str | float) -> pd.DataFrame:
    """See `Allocation.exposure_ranges`; around a mean day nothing is searched."""
    if not isinstance(solved, Solved) and read_slack(slack):
        raise InputError("exposure_ranges searches no other plans of a horizon; ask with slack=0")
    total = _exported(solved)
    # One point: every column fixed where it is, and rows as wide as its last digits.
    x, bounds = solved.x, solved.bounds
    activity = solved.program.row_activity(x)
    point = Bounds(x, x, np.minimum(bounds.row_lower, activity), np.maximum(bounds.row_upper, activity), bounds.unit)
    here = Region(solved, solved.program, point, 0.0)
    # Around an alternative, or a mean day, there is no region of equals.
    regions = [here, near_optimal(solved, slack) if isinstance(solved, Solved) and solved.optimal else here]
    rows = []
    for kind, name in _named(solved.situation.system):
        crossing = crossing_columns(solved, kind, name)
        shares: list[float] = []
        for region in regions:
            shares += _share_range(region, crossing, total) if total > 0 else (0.0, 0.0)
        rows.append((kind, name, *shares))
    columns = ["kind", "id", "low", "high", "near_low", "near_high"]
    frame = pd.DataFrame(rows, columns=columns).set_index(["kind", "id"])
    return frame.sort_values(["high", "low"], ascending=False, kind="stable")


def _exported(solved: Flows) -> float:
    return float(solved.x[solved.program.layout.columns("delivery")].sum())


def _named(system: ExportSystem) -> Iterable[tuple[str, str]]:
    """Foreign countries and chokepoints that a closure could name; of several exporters each is foreign to others."""
    for kind in ("country", "chokepoint"):
        for name in sorted(known_names(system, kind)):
            if (kind == "chokepoint" or system.exporters != (name,)) and isinstance(
                hits(system, Closure.model_validate({kind: name})), Hits
            ):
                yield kind, name


def crossing_columns(solved: Flows | SolvedHorizon, kind: str, name: str) -> NDArray[np.bool_]:
    """Flow columns on the legs that a closure of ``name`` would close, shape (flow columns,).

    Where several countries export, a stream does not cross the one that it comes from.
    """
    system, layout = solved.situation.system, solved.program.layout
    found = hits(system, Closure.model_validate({kind: name}))
    legs = found.legs if isinstance(found, Hits) else ()
    crossing = np.isin(layout.flow_leg, [layout.topology.leg_place[leg] for leg in legs])
    if kind == "country" and len(system.exporters) > 1:
        crossing &= ~at_home(system, name)[layout.flow_stream]
    return crossing


def _share_range(region: Region, crossing: NDArray[np.bool_], total: float) -> tuple[float, float]:
    """Least and most of the exported barrels that cross at least once."""
    layers = with_layers(region.program, region.bounds, crossing)
    split = Region(region.solved, layers.program, layers.bounds, region.slack)
    session = split.session()
    crossed = -layers.uncrossed
    crossed[region.solved.program.layout.columns("delivery")] = 1.0
    # Barrels that go round a free loop to cross a border, or not to, are none.
    ends = -most_without_cycles(split, session, -crossed) / total, most_without_cycles(split, session, crossed) / total
    low, high = (min(1.0, max(0.0, end)) for end in ends)
    return min(low, high), max(low, high)
