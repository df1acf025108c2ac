"""What is measured on: Kazakhstan, and systems that are generated from a seed.

Peers get a program as plain arrays, the same ones that routeopt solves, so that nobody reads or builds more than
somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import routeopt as ro
from routeopt.elements.elements import elements_over
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch, sets_of
from routeopt.solve.batch_problem import moved

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Arrays:
    """One linear program, by columns, all volumes in a unit in which they are a few hundred.

    Attributes
    ----------
    start, index, value : arrays
        Compressed sparse columns.
    lower, upper, row_lower, row_upper : float array
        Bounds.
    costs : float array, shape (3, columns)
        Shortage of refineries, minus the volume exported, and net cost, to be minimised in this order.
    balances : int
        The first so many rows say that what comes into a node goes out; the network of the program.
    weights : tuple of float
        A sum of the three costs with the same optimum: peers have to solve once only, which is the fastest way.
    month : dict
        A year by month in nodes, links and stores (`months.Months`), for peers that build it themselves.
    """

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    costs: Floats
    balances: int = 0
    weights: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))
    month: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        most = float(np.abs(self.costs[2]).max(initial=0.0)) or 1.0
        # Scaled so that the largest price is one. Where legs lose volume, a little more of it may cost much.
        # That the weights suffice is checked closure by closure.
        lossy = (np.abs(self.value[self.index < self.balances]) != 1.0).any()
        self.weights = (2e5, 2e3, 1.0 / most) if lossy else (400.0, 20.0, 1.0 / most)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.row_lower), len(self.lower)

    @cached_property
    def cost(self) -> Floats:
        """The one cost."""
        weighted: Floats = np.array(self.weights) @ self.costs
        return weighted

    @cached_property
    def column_of_entry(self) -> Ints:
        """Column of each coefficient."""
        return np.repeat(np.arange(self.shape[1]), np.diff(self.start))

    @cached_property
    def rows(self) -> list[tuple[Ints, Floats]]:
        """Columns and coefficients of each row."""
        order = np.argsort(self.index, kind="stable")
        ends = np.cumsum(np.bincount(self.index, minlength=self.shape[0]))[:-1]
        columns, values = np.split(self.column_of_entry[order], ends), np.split(self.value[order], ends)
        return list(zip(columns, values, strict=True))

    @cached_property
    def counted(self) -> NDArray[np.intp]:
        """Columns of the first two costs: with these and the objective all three values are known."""
        return np.flatnonzero(self.costs[:2].any(axis=0))

    def values(self, x: Any) -> Floats:
        """The three values of a point."""
        return self.costs @ np.asarray(x, float)

    def values_from(self, objective: float, counted: Any) -> Floats:
        """The three values from the objective and the columns in `counted`."""
        first, second = self.costs[:2, self.counted] @ np.asarray(counted, float)
        heavy, light, last = self.weights
        return np.array([first, second, (objective - heavy * first - light * second) / last])


@dataclass
class Sets:
    """Closures as bounds that differ from those of the program: columns, then rows.

    Those of closure s are at ``start[s]`` to ``start[s + 1]``.
    """

    start: Ints
    variable: NDArray[np.int32]
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.start) - 1

    def one(self, s: int) -> tuple[NDArray[np.int32], Floats, Floats]:
        """Variables and bounds of a closure."""
        inside = slice(self.start[s], self.start[s + 1])
        return self.variable[inside], self.lower[inside], self.upper[inside]

    def bounds(self, s: int, arrays: Arrays) -> tuple[Floats, Floats, Floats, Floats]:
        """All bounds of a closure: of columns, then of rows."""
        width = arrays.shape[1]
        lower = np.concatenate([arrays.lower, arrays.row_lower])
        upper = np.concatenate([arrays.upper, arrays.row_upper])
        variable, low, up = self.one(s)
        lower[variable], upper[variable] = low, up
        return lower[:width], upper[:width], lower[width:], upper[width:]


class Instance:
    """A system with everything that can be closed in it.

    Parameters
    ----------
    name : str
    system : ExportSystem
    """

    def __init__(self, name: str, system: ro.ExportSystem) -> None:
        self.name, self.system = name, system
        flat = resolve(system, None)
        self.situation = situate(system, flat)
        self.decisions = [one.closure for one in elements_over(system, flat, self.situation, "leg")]
        plan = self.batch().plan
        self.unit, layout = plan.bounds.unit, plan.program.layout
        program, bounds = plan.program, plan.bounds
        self.arrays = Arrays(
            program.start, program.index, program.value, bounds.lower / self.unit, bounds.upper / self.unit,
            bounds.row_lower / self.unit, bounds.row_upper / self.unit, plan.report, layout.row["leg"],
        )  # fmt: skip
        self.plan = plan

    def batch(self) -> Batch:
        """The door to many closures, as good as new."""
        return Batch(self.system, self.situation, self.decisions)

    def sets(self, draws: NDArray[np.bool_] | list[tuple[int, ...]]) -> Sets:
        """Draws, or sets of decisions, as bounds."""
        ptr, chosen = sets_of(draws, len(self.decisions))
        changes = moved(self.plan, ptr, chosen)
        return Sets(changes.start, changes.variable, changes.lower / self.unit, changes.upper / self.unit)

    def draws(self, many: int, chance: float = 0.05, seed: int = 1) -> NDArray[np.bool_]:
        """Closures by chance: each leg by itself."""
        return np.random.default_rng(seed).random((many, len(self.decisions))) < chance


def kazakhstan() -> Instance:
    """Kazakhstan as it is shipped: several commodities, groups, refineries, minima and contracts."""
    return Instance("Kazakhstan", ro.load("kazakhstan"))


def generated(nodes: int, legs: int, seed: int = 1, *, storage: bool = False, whole: bool = False) -> ro.ExportSystem:
    """A system of fields, hubs and markets in which capacity is scarce and closures hurt.

    Parameters
    ----------
    nodes, legs : int
        A tenth of the nodes are fields, a twentieth markets. Legs lead onwards, most of them not far.
    seed : int
    storage : bool
        Every eighth hub has tanks.
    whole : bool
        No losses (else every tenth leg loses 1 %), and whole numbers of kt/d and USD/t: a plain network.
    """
    rng = np.random.default_rng(seed)
    fields, markets = nodes // 10, max(2, nodes // 20)
    first_market = nodes - markets
    digits = 0 if whole else 3
    records: dict[str, Any] = {}
    for i in range(nodes):
        if i < fields:
            records[f"n{i}"] = {"kind": "field", "output": f"{rng.uniform(5, 45):.{digits}f} kt/d"}
        elif i >= first_market:
            records[f"n{i}"] = {"kind": "market", "price": f"{rng.uniform(420, 480):.{digits}f} USD/t"}
        elif storage and i % 8 == 0:
            tanks = {"capacity": f"{rng.uniform(100, 900):.1f} kt", "initial": "40 %", "heel": "5 %"}
            records[f"n{i}"] = {"kind": "terminal", "storage": tanks}
        else:
            records[f"n{i}"] = {"kind": "hub"}
    reach = max(4, nodes // 8)
    ends = [(i, min(nodes - 1, max(fields, i + int(rng.integers(1, reach))))) for i in range(first_market)]
    ends += [(max(0, i - int(rng.integers(1, reach))), i) for i in range(first_market, nodes)]
    while len(ends) < legs:
        tail = int(rng.integers(0, first_market))
        head = tail + int(rng.integers(1, reach))
        if fields <= head < nodes:
            ends.append((tail, head))
    links = {
        f"l{k}": {
            "from": f"n{tail}",
            "to": f"n{head}",
            "capacity": f"{rng.uniform(4, 40):.{digits}f} kt/d",
            "tariff": f"{rng.uniform(2, 6) + 60 * rng.uniform(1, 2) * (head - tail) / nodes:.{digits}f} USD/t",
            **({} if whole or k % 10 else {"loss": "1 %"}),
        }
        for k, (tail, head) in enumerate(ends[:legs])
    }
    return ro.ExportSystem.from_dict(
        {"units": {"flow": "kt/d"}, "name": f"generated-{nodes}", "nodes": records, "legs": links}
    )
