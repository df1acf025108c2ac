"""How options move the bounds of one attack, told apart into clusters that do not interact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.defence.adversary import Attack, Setting, Variant, taken
from routeopt.decide.defence.budget import Budget
from routeopt.errors import Problem, ScenarioError
from routeopt.model import Bounds, Program, bounds_of
from routeopt.scenario.case import situate
from routeopt.scenario.effect import leaves
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven
from routeopt.system.targets import Hits, hits

__all__ = ["Copy", "Moved", "copy_of", "same_matrix"]

Ints = NDArray[np.intp]

_KINDS = {"legs": "leg", "nodes": "node", "groups": "group"}

_NO_BOUND = {"price", "recourse", "sources", "contracts", "title", "note", "name"}
"""Sections that move no bound on which volume depends: contracts and minima have recourse that costs money only."""

_EVERYTHING = ("everything", "")


class Moved(NamedTuple):
    """A bound that depends on which subset of a cluster is chosen: of a ``variable`` (columns, then rows), the upper
    one if ``above``."""

    variable: int
    above: bool
    cluster: tuple[int, ...]
    bound: dict[tuple[int, ...], float]

    def activity(self, program: Program) -> tuple[Ints, Floats]:
        """Columns and coefficients of what is bounded."""
        columns = program.shape[1]
        if self.variable < columns:
            return np.array([self.variable], np.intp), np.ones(1)
        entries = np.flatnonzero(program.index == self.variable - columns)
        return program.column_of_entry[entries].astype(np.intp), program.value[entries]


class Copy(NamedTuple):
    """The program after one attack: bounds that hold whatever is chosen, what of them depends on the choice, the most
    that refineries may lack (weights and value; None where a choice may make it worse), and the most that can be
    exported under any choice."""

    bounds: Bounds
    moved: tuple[Moved, ...]
    shortage: tuple[Floats, float] | None
    total: float


def copy_of(setting: Setting, budget: Budget, attack: Attack) -> Copy:
    """How options move the bounds of an attack.

    Where a choice opens something without a capacity the bound has to be a number. All that fields produce is enough:
    no leg gains volume, so some optimum has no circles, and then no leg carries more than left the fields. Refused are
    options that change the matrix, and too many options that act on the same things.
    """
    clusters = _clusters(setting, attack)
    while True:
        tables = [_table(setting, budget, attack, cluster) for cluster in clusters]
        shared = _shared(tables)
        if shared is None:
            break
        one, other = shared
        joined = tuple(sorted({*clusters[one], *clusters[other]}))
        clusters = [joined, *(c for place, c in enumerate(clusters) if place not in shared)]
    program = setting.variant(()).batch.program
    base = _bounds(setting, attack, ())
    layout, n = program.layout, program.shape[1]
    lower, upper = np.append(base.lower, base.row_lower), np.append(base.upper, base.row_upper)
    most = upper.copy()
    for table in tables:
        for bounds in table.values():
            most = np.maximum(most, np.append(bounds.upper, bounds.row_upper))
    total = float(most[layout.columns("output")].sum())
    moved: list[Moved] = []
    grows = True
    for cluster, table in zip(clusters, tables, strict=True):
        lows = np.array([np.append(bounds.lower, bounds.row_lower) for bounds in table.values()])
        highs = np.array([np.append(bounds.upper, bounds.row_upper) for bounds in table.values()])
        for variable in _counted(program, (highs != upper).any(axis=0)):
            cap = _cap(program, variable, total)
            sizes = np.where(np.isfinite(highs[:, variable]), highs[:, variable], cap)
            moved.append(Moved(variable, True, cluster, dict(zip(table, sizes.tolist(), strict=True))))
            grows &= bool((highs[:, variable] >= upper[variable]).all())
        for variable in _counted(program, (lows != lower).any(axis=0)):
            moved.append(Moved(variable, False, cluster, dict(zip(table, lows[:, variable].tolist(), strict=True))))
            grows &= bool((lows[:, variable] <= lower[variable]).all())
    for change in moved:
        side, widest = (upper, max) if change.above else (lower, min)
        side[change.variable] = widest(change.bound.values())
    # Recourse that only costs money never limits a volume.
    for block in ("minimum", "contract"):
        lower[n:][layout.rows(block)], upper[n:][layout.rows(block)] = -np.inf, np.inf
    bounds = Bounds(lower[:n], upper[:n], lower[n:], upper[n:], base.unit)
    return Copy(bounds, tuple(moved), _shortage(setting, program, base) if grows else None, total)


def _shortage(setting: Setting, program: Program, base: Bounds) -> tuple[Floats, float]:
    weights = dict(setting.variant(()).batch.plan.stages)["shortage"]
    if not weights.any():
        return weights, 0.0
    _, proof, _ = proven(program, base, weights, Session(program, base), "shortage")
    return weights, proof.value


def _counted(program: Program, differs: NDArray[np.bool_]) -> list[int]:
    """Variables on which volume depends, among those whose bound differs."""
    layout, n = program.layout, program.shape[1]
    differs = differs.copy()
    for block in ("under", "deficiency"):
        differs[:n][_columns(layout.column, block, n)] = False
    for block in ("minimum", "contract"):
        differs[n:][layout.rows(block)] = False
    return [int(variable) for variable in np.flatnonzero(differs)]


def _columns(starts: dict[str, int], block: str, end: int) -> slice:
    names = list(starts)
    return slice(starts[block], min(end, starts[names[names.index(block) + 1]]))


def _cap(program: Program, variable: int, total: float) -> float:
    n = program.shape[1]
    if variable < n:
        return total
    return float(np.abs(program.value[program.index == variable - n]).sum()) * total


Table = dict[tuple[int, ...], Bounds]


def _table(setting: Setting, budget: Budget, attack: Attack, cluster: tuple[int, ...]) -> Table:
    return {chosen: _bounds(setting, attack, chosen) for chosen in budget.subsets(cluster)}


def _shared(tables: list[Table]) -> tuple[int, int] | None:
    """Two clusters that move the same bound, if there are."""
    owner: dict[int, int] = {}
    for place, table in enumerate(tables):
        all_bounds = [
            np.concatenate([b.lower, b.upper, b.row_lower, b.row_upper]) for b in table.values()
        ]  # fmt: skip
        for variable in np.flatnonzero((np.array(all_bounds) != all_bounds[0]).any(axis=0)).tolist():
            if owner.setdefault(variable, place) != place:
                return owner[variable], place
    return None


def _bounds(setting: Setting, attack: Attack, chosen: tuple[int, ...]) -> Bounds:
    """Bounds with some options chosen, after what their protection leaves of an attack."""
    variant, program = setting.variant(chosen), setting.variant(()).batch.program
    if not same_matrix(variant, setting.variant(())):
        which = " and ".join(repr(setting.options[place].name) for place in chosen)
        text = f"{which} changes losses, round trips, units or connections, and not only what can flow"
        raise ScenarioError(Problem(text, ("options",), "write method='enumeration'", "matrix"))
    protection = setting.protection(chosen)
    closures = []
    for element in attack:
        name, left = taken(element.names, protection)
        if left < 1.0:
            closure = element.behind[element.names.index(name)]
            closures.append(variant.partial(name, closure, left) if left else closure)
    scenario = variant.scenario.model_copy(
        update={"closures": (*variant.scenario.closures, *closures), "override": {}}
    )  # fmt: skip
    found = bounds_of(program, situate(variant.situation.system, scenario))
    return replace(found, unit=setting.variant(()).batch.plan.bounds.unit)


def same_matrix(one: Variant, other: Variant) -> bool:
    """Whether two systems differ in bounds only."""
    mine, yours = one.batch.program, other.batch.program
    return mine.shape == yours.shape and all(
        np.array_equal(getattr(mine, part), getattr(yours, part)) for part in ("value", "index", "start")
    )


def _clusters(setting: Setting, attack: Attack) -> list[tuple[int, ...]]:
    """Options that act on the same things are in one cluster."""
    touched = [set(_touched(setting, place, attack)) for place in range(len(setting.options))]
    clusters: list[tuple[set[int], set[tuple[str, str]]]] = []
    for place, things in enumerate(touched):
        if not things:
            continue
        mine: tuple[set[int], set[tuple[str, str]]] = ({place}, things)
        apart = []
        for other in clusters:
            if mine[1] & other[1] or _EVERYTHING in mine[1] | other[1]:
                mine = (mine[0] | other[0], mine[1] | other[1])
            else:
                apart.append(other)
        clusters = [*apart, mine]
    return [tuple(sorted(options)) for options, _ in clusters]


def _touched(setting: Setting, place: int, attack: Attack) -> Iterator[tuple[str, str]]:
    option, system = setting.options[place], setting.system
    for name in (*option.changes.build, *option.changes.reopen):
        yield "leg", name
        yield from (("leg", other) for other, leg in system.legs.items() if leg.part_of == name)
    for path in leaves(option.changes.override):
        if path[0] not in _NO_BOUND:
            yield (_KINDS[path[0]], path[1]) if path[0] in _KINDS and len(path) > 1 else _EVERYTHING
    for element in attack:
        if not set(element.names) & set(option.protect):
            continue
        yield "element", element.name
        for variant in (
            setting.variant(()),
            *(setting.variant((p,)) for p, o in enumerate(setting.options) if o.builds),
        ):
            for closure in element.behind:
                found = hits(variant.situation.system, closure)
                if isinstance(found, Hits):
                    yield from (("leg", leg) for leg in (*found.legs, *(leg for leg, _ in found.components)))
                    yield from (("node", name) for name in found.fields)
                    yield from (("group", name) for name in found.groups)
