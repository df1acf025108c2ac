"""What one more unit of a capacity is worth, and one less: exact slopes, how far they hold, what binds then.

Two worths. In volume: tonnes more exported for a tonne of capacity. In money, with the exported volume held:
USD saved for a tonne of capacity. Both differ to the left and to the right wherever the optimum has a corner;
each is found by solving again at the ends of its piece, not read off one solver's multipliers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.capacity import Capacity, binding
from routeopt.errors import CertificateError, InfeasibleError
from routeopt.program import Bounds
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session, Solution
from routeopt.solve.lexicographic import proven
from routeopt.solve.parametric import Line, Piece, piece_at

__all__ = ["Side", "Worth", "worth_of"]

Floats = NDArray[np.float64]

_REFINERY_WEIGHT = 1e3
"""A tonne that a refinery lacks against a tonne exported; checked against the optimum that has no weights."""


@dataclass(frozen=True)
class Side:
    """Worth of a unit more (or less).

    Attributes
    ----------
    value : float
        For each unit of capacity; inner units.
    until : float
        Size of the capacity up to (or down to) which it holds; infinite if nothing changes any more.
    following : tuple of (kind, id)
        What binds beyond that.
    met : tuple of str
        Contracts of which nothing is short any more beyond that.
    """

    value: float
    until: float
    following: tuple[tuple[str, str], ...] = ()
    met: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worth:
    """Worth of a capacity on both sides. There is none to the left of a capacity of zero, and none in money
    where one unit less exports less or where an apportionment leaves somebody short: how the shares would move then
    is no slope of this programme.

    Attributes
    ----------
    exports_more, exports_less : Side
        In volume; none where money comes first, since exports then follow from it.
    saves_more, saves_less : Side
        In money, with the exported volume held unless money comes first.
    """

    capacity: Capacity
    exports_more: Side | None
    exports_less: Side | None
    saves_more: Side | None
    saves_less: Side | None


class _Study:
    """Optima of one solved programme as functions of one capacity."""

    def __init__(self, solved: Solved, capacity: Capacity) -> None:
        self.solved, self.capacity = solved, capacity
        self.session = Session(solved.program, solved.bounds)
        layout, x = solved.program.layout, solved.answer.x
        self.shortage = x[layout.columns("shortage")]
        self.exported = float(x[layout.columns("delivery")].sum())
        objectives = solved.objectives
        self.volume_cost = objectives.volume + _REFINERY_WEIGHT * objectives.shortage
        # The exported volume is known to the last digits only: it is held a hair below.
        self.hair = 1e-10 * max(solved.bounds.unit, self.exported)

    def volume(self, size: float) -> tuple[Line, Bounds, Solution]:
        """Most exported after refineries (weighted), as a concave function of the size."""
        return self._solve(self.solved.bounds, self.volume_cost, size)

    def shortage_alone(self, size: float) -> tuple[Line, Bounds, Solution]:
        """Minus the least that refineries lack."""
        return self._solve(self.solved.bounds, self.solved.objectives.shortage, size)

    def money(self, size: float) -> tuple[Line, Bounds, Solution]:
        """Minus the least net cost with refineries and the exported volume held."""
        bounds = self.solved.bounds
        layout = self.solved.program.layout
        upper = bounds.upper.copy()
        upper[layout.columns("shortage")] = self.shortage
        held = replace(bounds, upper=upper)
        if not self.solved.economic:
            # Above it nothing, or what a barrel more earns would pass for what a unit of capacity saves.
            held = held.with_rows([layout.exported_row], self.exported - self.hair, self.exported)
        return self._solve(held, self.solved.objectives.money, size)

    def _solve(self, bounds: Bounds, cost: Floats, size: float) -> tuple[Line, Bounds, Solution]:
        at = self.capacity.at(bounds, size)
        self.session.set_bounds(at)
        solution, proof, _ = proven(self.solved.program, at, cost, self.session, self.capacity.name)
        slope = self.capacity.slope(self.solved, at, cost, solution)
        return Line(size, -proof.value, slope), at, solution

    def starves(self, size: float) -> bool:
        """Whether refineries lack more at a size than they do now."""
        lack = self.volume(size)[2].x[self.solved.program.layout.columns("shortage")].sum()
        return bool(lack - self.shortage.sum() > 1e-7 * max(self.solved.bounds.unit, self.exported))

    def short(self, solution: Solution) -> list[str]:
        """Contracts of which something is short."""
        lacking = solution.x[self.solved.program.layout.columns("deficiency")] > 1e-8 * self.solved.bounds.unit
        return [name for name, lacks in zip(self.solved.situation.system.contracts, lacking, strict=True) if lacks]

    def exports(self, solution: Solution) -> float:
        """Deliveries of a solution."""
        return float(solution.x[self.solved.program.layout.columns("delivery")].sum())


def worth_of(solved: Solved, capacity: Capacity) -> Worth:
    """Worth of a capacity, to the right and to the left.

    Parameters
    ----------
    solved : Solved
    capacity : Capacity

    Returns
    -------
    Worth
        In inner units: volume for volume, and thousand USD a day for an inner unit a day, which is USD a tonne.
    """
    study = _Study(solved, capacity)
    far = capacity.size + _reach(solved, capacity)
    begin, _, _ = study.money(capacity.size)
    saves_more = None if solved.rationed else _money_side(study, begin, far)
    if solved.economic:
        low = _served_from(study)
        return Worth(capacity, None, None, saves_more, None if low is None else _money_side(study, begin, low))
    start, _, solution = study.volume(capacity.size)
    if abs(study.exports(solution) - study.exported) > 1e-6 * max(solved.bounds.unit, study.exported):
        raise CertificateError("serving refineries first cannot be weighed against exports in this system")
    more = _volume_side(study, start, far)
    less = _volume_side(study, start, 0.0) if capacity.size > 0 else None
    saves_less = None
    if saves_more is not None and less is not None and abs(less.value) <= 1e-9 and not study.starves(less.until):
        saves_less = _money_side(study, begin, max(0.0, less.until))
    return Worth(capacity, more, less, saves_more, saves_less)


def _served_from(study: _Study) -> float | None:
    """Down to which size refineries have what they have now; none if one unit less takes it from them."""
    size, unit = study.capacity.size, study.solved.bounds.unit
    if size <= 0:
        return None
    if not study.solved.objectives.shortage.any():
        return 0.0
    start, _, _ = study.shortage_alone(size)
    piece = piece_at(lambda t: study.shortage_alone(t)[0], start, 0.0, 1e-9 * unit)
    return piece.until if abs(piece.slope) <= 1e-9 else None


def _reach(solved: Solved, capacity: Capacity) -> float:
    """More than could ever be used: all output, or as many vessels as would carry it several times over."""
    layout = solved.program.layout
    total = float(solved.bounds.upper[layout.columns("output")].sum()) or solved.bounds.unit
    if capacity.unit != "vessels":
        return 2.0 * total
    entries = (solved.program.index == capacity.row) & (solved.program.value > 0)
    return 2.0 * total * float(solved.program.value[entries].max(initial=1.0))


def _volume_side(study: _Study, start: Line, far: float) -> Side:
    tolerance = 1e-9 * max(study.solved.bounds.unit, abs(start.value))
    piece = piece_at(lambda size: study.volume(size)[0], start, far, tolerance)
    ends = [study.exports(study.volume(size)[2]) for size in (start.at, piece.until)]
    value = (ends[1] - ends[0]) / (piece.until - start.at) if piece.until != start.at else piece.slope
    return _side(study, study.volume, study.volume_cost, Piece(value, piece.until), start.at, far)


def _money_side(study: _Study, start: Line, far: float) -> Side:
    cost = study.solved.objectives.money
    tolerance = 1e-9 * max(study.solved.bounds.unit, float(np.abs(cost * study.solved.answer.x).sum()))
    # The hair in the volume moves every corner by as much, and values by as much times a price.
    tolerance += 2 * study.hair * float(np.abs(cost).max(initial=0.0))

    def evaluate(size: float) -> Line:
        try:
            return study.money(size)[0]
        except InfeasibleError:  # at the very end of what the held volume allows
            return study.money(size + 1e-9 * max(study.solved.bounds.unit, size))[0]

    piece = piece_at(evaluate, start, far, tolerance)
    return _side(study, study.money, cost, piece, start.at, far)


def _side(
    study: _Study,
    solve: Callable[[float], tuple[Line, Bounds, Solution]],
    cost: Floats,
    piece: Piece,
    at: float,
    far: float,
) -> Side:
    value = 0.0 if abs(piece.slope) <= 1e-9 * max(1.0, float(np.abs(cost).max())) else piece.slope
    if piece.until == far and far > at:
        return Side(value, np.inf)
    if piece.until <= 0.0 or piece.until == far:
        return Side(value, max(0.0, piece.until))
    step = 1e-6 * max(study.solved.bounds.unit, abs(piece.until - at)) * (1.0 if far > at else -1.0)
    held = []
    for size in (0.5 * (at + piece.until), piece.until + step):
        try:
            _, bounds, solution = solve(size)
        except InfeasibleError:
            return Side(value, piece.until)
        held.append((binding(study.solved, bounds, cost, solution), study.short(solution)))
    (before, lacked), (after, lacks) = held
    own = (study.capacity.kind, study.capacity.name)
    new = tuple(key for key in after if key not in before and key != own)
    return Side(value, piece.until, new, tuple(name for name in lacked if name not in lacks))
