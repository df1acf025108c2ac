"""The defender's mixed-integer program: options against all attacks found so far."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from routeopt.decide.defence.adversary import Attack, Setting
from routeopt.decide.defence.budget import Budget
from routeopt.decide.defence.effects import Copy, copy_of
from routeopt.errors import InfeasibleError
from routeopt.model import Builder
from routeopt.solve.highs import Session

__all__ = ["Master"]

Ints = NDArray[np.intp]


class Master:
    """min over options y of the largest loss among the attacks found so far (columns and constraints of each).

    For attack a with bounds u_a(y), A being the matrix of the program and D the target,

        min eta  s.t.  eta + d'x_a >= D,  A x_a within u_a(y),  s'x_a <= S_a,  y within the budget.

    u_a(y) is not a sum over options: a berth is worth nothing where the line is full. Options that act on the same
    legs, nodes or groups form a cluster; z_C = 1 says that exactly the subset C of a cluster is chosen, y_i is the sum
    of the z_C with i in C, and a bound that the cluster moves is the sum of u_C z_C, exactly.

    Operators serve refineries first. S_a is what refineries lack after a with nothing chosen: with options that only
    add, they never lack more. It lets the copy take crude from refineries that the operator would not take, so the
    optimum is a lower bound; choices that have been evaluated are held to their value by

        eta >= L - (L - eta_min) |y - y_found|,

    which is exact at y_found and says nothing elsewhere, so the bound closes after finitely many steps.
    """

    def __init__(self, setting: Setting, budget: Budget) -> None:
        self.setting, self.budget = setting, budget
        batch = setting.variant(()).batch
        self.program, self.unit = batch.program, batch.plan.bounds.unit
        self.target = setting.variant(()).calm / self.unit
        self.options = len(setting.options)
        self._built = Builder()
        self._built.columns(np.zeros(self.options), np.ones(self.options))
        self._built.column(-np.inf)
        self._clusters: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
        self._total = 0.0
        self.attacks = 0
        for pair in sorted(budget.pairs):
            self._built.row(list(pair), [1.0, 1.0], -np.inf, 1.0)
        self._built.row(list(range(self.options)), [1.0] * self.options, -np.inf, float(budget.most))
        self._cost = np.array(budget.costs) / (max(budget.costs, default=0.0) or 1.0)
        if np.isfinite(budget.limit):
            self.cap_cost(budget.limit)
        self.add(())  # nothing attacked: no choice can export more than all that fields then produce

    @property
    def _eta(self) -> int:
        return self.options

    def add(self, attack: Attack) -> None:
        """Take an attack into account: its own flows, under bounds that the options move."""
        copy = copy_of(self.setting, self.budget, attack)
        bounds, unit, columns = copy.bounds, self.unit, self.program.shape[1]
        first = self._built.columns(bounds.lower / unit, bounds.upper / unit)
        self._built.block(self.program, self._built.rows(bounds.row_lower / unit, bounds.row_upper / unit), first)
        for moved in copy.moved:
            where = self._cluster(moved.cluster)
            entries, values = moved.activity(self.program)
            at_z = [where[chosen] for chosen in moved.bound]
            size = [-bound / self.unit for bound in moved.bound.values()]
            low, high = (-np.inf, 0.0) if moved.above else (0.0, np.inf)
            self._built.row([*(first + entries).tolist(), *at_z], [*values.tolist(), *size], low, high)
        deliveries = np.arange(first, first + columns)[self.program.layout.columns("delivery")]
        self._built.row([self._eta, *deliveries.tolist()], [1.0] * (1 + len(deliveries)), self.target, np.inf)
        self._refineries_first(copy, first)
        self._total = max(self._total, copy.total / self.unit)
        self.attacks += 1

    def cut(self, chosen: Collection[int], lost: float) -> None:
        """Hold a choice to the loss that was found for it, inner units a day."""
        value = lost / self.unit
        fall = value - (self.target - self._total)
        signs = [-1.0 if place in chosen else 1.0 for place in range(self.options)]
        self._built.row([*range(self.options), self._eta], [*(fall * sign for sign in signs), 1.0],
                  value - fall * len(chosen), np.inf)  # fmt: skip

    def exclude(self, chosen: Collection[int]) -> None:
        """Never choose exactly this again."""
        signs = [-1.0 if place in chosen else 1.0 for place in range(self.options)]
        self._built.row(list(range(self.options)), signs, 1.0 - len(chosen), np.inf)

    def cap_lost(self, lost: float) -> None:
        """Lose no more than this, inner units a day."""
        self._built.upper[self._eta] = lost / self.unit

    def cap_cost(self, cost: float) -> None:
        """Cost no more than this."""
        largest = max(self.budget.costs, default=0.0) or 1.0
        self._built.row(list(range(self.options)), self._cost.tolist(), -np.inf, cost / largest + 1e-9)

    def solve(self, cheapest: bool = False) -> tuple[float, tuple[int, ...]] | None:
        """The least loss (inner units a day), or the cheapest choice and its cost; None if no choice is left."""
        self._built.lower[self._eta] = self.target - self._total
        matrix, bounds = self._built.matrix(), self._built.bounds()
        size = matrix.shape[1]
        cost = np.zeros(size)
        if cheapest:
            cost[: self.options] = self._cost
        else:
            cost[self._eta] = 1.0
        whole = np.arange(size) < self.options
        try:
            x = Session(matrix, bounds, whole).incumbent(cost).point
        except InfeasibleError:
            return None
        chosen = tuple(np.flatnonzero(x[: self.options] > 0.5).tolist())
        return (self.budget.cost(chosen) if cheapest else float(x[self._eta]) * self.unit), chosen

    def _refineries_first(self, copy: Copy, first: int) -> None:
        if copy.shortage is None:
            return
        weights, most = copy.shortage
        columns = np.flatnonzero(weights)
        self._built.row((first + columns).tolist(), weights[columns].tolist(), -np.inf, most / self.unit + 1e-9)

    def _cluster(self, cluster: tuple[int, ...]) -> dict[tuple[int, ...], int]:
        """Columns that say which subset of a cluster is chosen; made once."""
        if cluster not in self._clusters:
            subsets = self.budget.subsets(cluster)
            first = self._built.columns(np.zeros(len(subsets)), np.ones(len(subsets)))
            found = {chosen: first + place for place, chosen in enumerate(subsets)}
            self._built.row(list(found.values()), [1.0] * len(subsets), 1.0, 1.0)
            for option in cluster:
                mine = [column for chosen, column in found.items() if option in chosen]
                self._built.row([option, *mine], [1.0, *[-1.0] * len(mine)], 0.0, 0.0)
            self._clusters[cluster] = found
        return self._clusters[cluster]
