"""The worst attack as one mixed-integer program.

The operator's program is replaced by its dual, so that adversary and operator pull in one direction; the products of
a switch and a price are made linear with the bounds of `routeopt.decide.interdiction.dual_bounds`. Refineries come
first for the operator but do not count for the adversary, so W x shortage is taken off again, with the shortage of a
flow that is feasible under the attack: the adversary, who gains by little, takes the least, which is what the operator
leaves. The bounds of that flow are linear in the switches, so it needs no large constant.

An adversary who looks at refineries first asks twice: what is the most that they can be made to lack, by the dual of
the shortage alone; and of the attacks that reach that much, a row on the same dual, which one leaves least to export.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from routeopt.arrays import Floats
from routeopt.decide.interdiction.binaries import Linear, Switches, moving_bounds
from routeopt.decide.interdiction.choices import Choices
from routeopt.decide.interdiction.dual_bounds import Prices
from routeopt.model import Bounds, Builder, Objectives, Program
from routeopt.model.closure_bounds import Closing
from routeopt.solve.highs import Session

__all__ = ["Attack", "Milp"]


@dataclass(frozen=True)
class Attack:
    """What the program says.

    - ``options``: taken; None if time ran out before any attack was found.
    - ``value``: what is exported then, or minus what refineries lack; inner units a day.
    - ``least``: under no attack it is less.
    """

    options: tuple[int, ...] | None
    value: float
    least: float
    finished: bool


class Milp:
    """The program of one system and its options.

    ``program``, ``bounds``, ``objectives``: the operator's; ``closing``: its decisions are the options; ``starving``:
    of the shortage alone, if the adversary looks at refineries first.
    """

    def __init__(
        self,
        program: Program,
        bounds: Bounds,
        objectives: Objectives,
        closing: Closing,
        choices: Choices,
        prices: Prices,
        starving: Prices | None = None,
    ) -> None:
        self._program, self._bounds, self._unit = program, bounds, bounds.unit
        self._objectives, self._choices, self._prices = objectives, choices, prices
        self._layout = program.layout
        self.starving = starving is not None
        self._built = Builder()
        self._switches = Switches(len(choices))
        outputs = float(bounds.upper[self._layout.columns("output")].sum())
        self._moving = moving_bounds(closing, self._switches, outputs)
        for _ in range(len(self._switches)):
            self._built.column(0.0, 1.0)
        self._logic()
        self._lacking: Floats | None = None
        if starving is not None:
            self._dual(starving, exports=False)
            self._lacking = np.array(self._built.cost)
            self._built.cost = [0.0] * len(self._lacking)
        self._dual(prices)
        if prices.weight:
            self._least_shortage()

    def solve(
        self,
        choices: Choices | None = None,
        cuts: Iterable[tuple[int, ...]] = (),
        seconds: float | None = None,
        *,
        lacking: float | None = None,
        starve: bool = False,
    ) -> Attack:
        """Find the worst attack that is within a budget and does not hold all options of any of some sets.

        ``lacking``: refineries lack as much at least, inner units a day; ``starve``: look for what refineries lack most
        from, in place of what is exported least under.
        """
        choices = choices or self._choices
        built = self._built.copy()
        built.row(np.arange(len(choices)), choices.cost, upper=choices.budget * (1 + 1e-9))
        for cut in cuts:
            built.row(cut, np.ones(len(cut)), upper=len(cut) - 1.0)
        width, cost = len(built.lower), np.array(built.cost)
        want = None if self._lacking is None else np.pad(self._lacking, (0, width - len(self._lacking)))
        if starve:
            assert want is not None
            cost = want
        elif lacking is not None and want is not None:
            held = np.flatnonzero(want)
            built.row(held, want[held], upper=-lacking / self._unit)
        session = Session(built.matrix(), built.bounds(), np.arange(width) < len(choices))
        answer = session.incumbent(cost, seconds)
        if answer.x is None:
            return Attack(None, np.nan, answer.bound * self._unit, False)
        options = tuple(np.flatnonzero(answer.x[: len(choices)] > 0.5).tolist())
        value = float(cost @ answer.x) * self._unit
        return Attack(options, value, min(value, answer.bound * self._unit), answer.finished)

    def _row(self, terms: dict[int, float], upper: float, lower: float = -np.inf) -> None:
        self._built.row(list(terms), list(terms.values()), lower, upper)

    def _logic(self) -> None:
        """What switches mean; at most one mode of a decision is taken."""
        for switch, options in self._switches.any_of.items():
            for o in options:
                self._row({o: 1.0, switch: -1.0}, 0.0)
            self._row({switch: 1.0, **dict.fromkeys(options, -1.0)}, 0.0)
        for decision in np.unique(self._choices.decision):
            modes = np.flatnonzero(self._choices.decision == decision)
            if len(modes) > 1:
                self._row(dict.fromkeys(modes.tolist(), 1.0), 1.0)

    def _terms(self, variable: int, fixed: float) -> list[Linear]:
        """The terms of an upper bound, in units of the system's size."""
        terms = self._moving.get(variable, [Linear(fixed)] if np.isfinite(fixed) else [])
        return [term.scaled(1.0 / self._unit) for term in terms]

    def _priced(self, terms: list[Linear], most: float) -> list[int]:
        """Prices of an upper bound: bound x price is paid, a product of switch and price made linear."""
        prices = []
        for term in terms:
            price = self._built.column(0.0, most, term.constant)
            prices.append(price)
            for switch, weight in term.weights.items():
                both = self._built.column(0.0, most, weight)
                if weight < 0:
                    self._row({both: 1.0, switch: -most}, 0.0)
                    self._row({both: 1.0, price: -1.0}, 0.0)
                else:
                    self._row({price: 1.0, both: -1.0, switch: most}, most)
        return prices

    def _dual(self, prices: Prices, exports: bool = True) -> None:
        layout, program = self._layout, self._program
        columns, states = program.shape[1], layout.row["leg"]
        worth = [self._built.column(0.0, most) for most in prices.states.tolist()]
        of_row: dict[int, list[int]] = {}
        markets = range(layout.row["market"], layout.row["minimum"] if exports else layout.row["market"])
        for row in (*range(states, layout.row["demand"]), *markets):
            terms = self._terms(columns + row, float(self._bounds.row_upper[row]))
            of_row[row] = self._priced(terms, float(prices.rows[row]))
        for place, row in enumerate(range(layout.row["demand"], layout.row["market"])):
            most = prices.weight * float(self._objectives.shortage[layout.column["shortage"] + place])
            of_row[row] = [self._built.column(0.0, most, -float(self._bounds.row_upper[row]) / self._unit)]
        for block in ("flow", "output", *(("delivery",) if exports else ()), "intake"):
            for j in range(*layout.columns(block).indices(columns)):
                own = self._priced(self._terms(j, float(self._bounds.upper[j])), float(prices.columns[j]))
                row_of = dict.fromkeys(own, -1.0)
                for e in range(program.start[j], program.start[j + 1]):
                    row, value = int(program.index[e]), float(program.value[e])
                    if row < states:
                        row_of[worth[row]] = row_of.get(worth[row], 0.0) + value
                    elif row in of_row:
                        sign = 1.0 if block == "intake" else -1.0
                        row_of |= dict.fromkeys(of_row[row], sign * value)
                self._row(row_of, -1.0 if block == "delivery" else 0.0)

    def _least_shortage(self) -> None:
        """A flow to refineries that is feasible under the attack."""
        layout, program, weight = self._layout, self._program, self._prices.weight
        columns, states = program.shape[1], layout.row["leg"]
        copies: dict[int, int] = {}
        for block in ("flow", "output", "intake", "shortage"):
            for j in range(*layout.columns(block).indices(columns)):
                rows = [int(program.index[e]) for e in range(program.start[j], program.start[j + 1])
                        if program.index[e] < states]  # fmt: skip
                if not all(self._prices.domestic[row] for row in rows):
                    continue
                cost = weight * float(self._objectives.shortage[j]) if block == "shortage" else 0.0
                terms = self._terms(j, float(self._bounds.upper[j]))
                fixed = [term.constant for term in terms if not term.weights]
                copies[j] = self._built.column(0.0, min(fixed, default=np.inf), cost)
                for term in terms:
                    if term.weights:
                        weights = {key: -value for key, value in term.weights.items()}
                        self._row({copies[j]: 1.0, **weights}, term.constant)
        entries: dict[int, dict[int, float]] = {}
        for j, copy in copies.items():
            for e in range(program.start[j], program.start[j + 1]):
                entries.setdefault(int(program.index[e]), {})[copy] = float(program.value[e])
        for row, mine in entries.items():
            if row < states:
                self._row(mine, 0.0, 0.0)
            elif row < layout.row["demand"]:
                for term in self._terms(columns + row, float(self._bounds.row_upper[row])):
                    self._row({**mine, **{key: -value for key, value in term.weights.items()}}, term.constant)
            elif row < layout.row["market"]:
                demand = float(self._bounds.row_upper[row]) / self._unit
                self._row(mine, demand, demand)
