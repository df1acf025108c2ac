"""From options and states to a two-stage program in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.decide.expansion.options import Option, Sizes
from routeopt.decide.expansion.outcomes import Source
from routeopt.decide.expansion.twostage import FirstStage, SecondStage, TwoStage
from routeopt.errors import InputError, Problem
from routeopt.model import Bounds, Program
from routeopt.model.sparse import with_rows

__all__ = ["Model", "model_of"]

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Model:
    """A two-stage program and what its columns mean.

    The first stage has a share for each size of each option. All bounds and the capital are sums over these shares, so
    that a share of one is that size, and what lies between two sizes is interpolated. Where sizes are discrete the
    shares are whole. Where they are continuous and the interpolation is not convex, a binary for each piece keeps
    shares to two neighbours; it is exact, but nothing is said of a value of the next unit.

    - ``columns``: how many shares there are; the binaries come after them.
    - ``bounds``: of each state without any option.
    - ``changes`` (shares, 4 x ...): what each share adds to the bounds of each state: lower, upper, row_lower and
      row_upper, one after the other.
    """

    problem: TwoStage
    options: tuple[Option, ...]
    columns: int
    bounds: tuple[Bounds, ...]
    changes: tuple[Floats, ...]

    def sizes(self, x: Floats) -> dict[str, float]:
        """Size of each option that is built, inner units."""
        found, place = {}, 0
        for option in self.options:
            sizes = np.array([size.inner for size in option.sizes])
            size = float(x[place : place + len(sizes)] @ sizes)
            place += len(sizes)
            if size > 1e-9 * sizes[-1]:
                found[option.leg] = size
        return found

    def at(self, x: Floats) -> list[Bounds]:
        """Bounds of each state when the first stage is done."""
        return [
            _added(base, x[: self.columns] @ change) for base, change in zip(self.bounds, self.changes, strict=True)
        ]


def model_of(
    options: Sequence[Option], sources: Sequence[Source], probability: Floats, target: float, continuous: bool
) -> Model:
    """Write down the two-stage program.

    ``sources``: of an economic operator: its second stage is one linear program; ``probability`` (S,): of all states,
    source after source; ``target``: what is exported from the base with nothing built, from which losses are counted.

    Raises InputError: two options change one bound; or a size between zero and the largest does not change bounds in
    proportion.
    """
    choices: list[Sizes] = [{option.leg: size} for option in options for size in option.sizes]
    bounds: list[Bounds] = []
    changes: list[Floats] = []
    for source in sources:
        bases = source.bounds({})
        built = [source.bounds(sizes) for sizes in choices]
        for s, base in enumerate(bases):
            bounds.append(base)
            changes.append(np.array([_difference(source.program, base, made[s]) for made in built]))
    _check_apart(options, sources, bounds, changes)
    if continuous:
        _check_between(options, sources)
    second = _second(sources, probability, bounds, changes, target)
    first, columns = _first(options, changes, continuous)
    padded = tuple(
        replace(one, technology=np.pad(one.technology, ((0, 0), (0, len(first.cost) - columns)))) for one in second
    )
    return Model(TwoStage(first, padded), tuple(options), columns, tuple(bounds), tuple(changes))


def _flat(bounds: Bounds) -> Floats:
    return np.concatenate([bounds.lower, bounds.upper, bounds.row_lower, bounds.row_upper])


def _added(base: Bounds, change: Floats) -> Bounds:
    n, m = len(base.lower), len(base.row_lower)
    flat = _flat(base) + change
    return Bounds(flat[:n], flat[n : 2 * n], flat[2 * n : 2 * n + m], flat[2 * n + m :], base.unit)


def _difference(program: Program, base: Bounds, made: Bounds) -> Floats:
    """What a size adds to every bound; what becomes unlimited is limited by all that is produced."""
    n, m = len(base.lower), len(base.row_lower)
    old, new = _flat(base), _flat(made)
    output = program.layout.columns("output")
    most = float(np.maximum(base.upper[output], made.upper[output]).sum())
    dearest = np.ones(m)
    np.maximum.at(dearest, program.index, np.abs(program.value))
    limits = np.concatenate([np.full(2 * n, most), most * dearest, most * dearest])
    with np.errstate(invalid="ignore"):
        change = np.where(old == new, 0.0, new - old)
    opened: Floats = np.where(np.isposinf(change), np.maximum(limits - old, 0.0), change)
    return opened


def _check_apart(
    options: Sequence[Option], sources: Sequence[Source], bounds: Sequence[Bounds], changes: Sequence[Floats]
) -> None:
    """Options change different limits, and all of them together change what each changes by itself."""
    owner = np.repeat(np.arange(len(options)), [len(option.sizes) for option in options])
    largest = np.append(np.flatnonzero(np.diff(owner)), len(owner) - 1)
    every = {option.leg: option.sizes[-1] for option in options}
    together = [(source.program, made) for source in sources for made in source.bounds(every)]
    for base, change, (program, made) in zip(bounds, changes, together, strict=True):
        touched = np.array([(change[owner == place] != 0).any(axis=0) for place in range(len(options))])
        both = touched.sum(axis=0) > 1
        off = np.abs(_difference(program, base, made) - change[largest].sum(axis=0))
        if both.any() or (off > 1e-9 * np.maximum(1.0, np.abs(change[largest]).max(axis=0))).any():
            names = " and ".join(option.leg for option in options)
            text = f"{names} change limits together, which is not the sum of what each changes"
            raise InputError(
                Problem(text, ("options",), "take discrete sizes and method='enumeration'", "not-additive")
            )


def _check_between(options: Sequence[Option], sources: Sequence[Source]) -> None:
    """Half-way between two sizes all bounds must be half-way too."""
    for option in options:
        leg = sources[0].situation({}).system.legs[option.leg]
        if leg.taken > 0 and leg.status != "operating":
            text = f"{option.leg!r} has reserved capacity, so a part of it is not the exporter's in proportion"
            raise InputError(Problem(text, ("options",), "take discrete sizes", "not-linear"))
        for one, two in zip(option.sizes, option.sizes[1:], strict=False):
            middle = option.sized(0.5 * (one.inner + two.inner))
            for source in sources:
                ends = [source.bounds({option.leg: size}) for size in (one, middle, two)]
                for a, b, c in zip(*ends, strict=True):
                    low, mid, high = _flat(a), _flat(b), _flat(c)
                    limited = np.isfinite(low) & np.isfinite(mid) & np.isfinite(high)
                    off = np.abs(2 * mid[limited] - low[limited] - high[limited])
                    if (off > 1e-9 * np.maximum(1.0, np.abs(mid[limited]))).any():
                        text = f"between {one} and {two} the limits of {option.leg!r} do not grow in proportion"
                        raise InputError(Problem(text, ("options",), "take discrete sizes", "not-linear"))


def _second(
    sources: Sequence[Source], probability: Floats, bounds: Sequence[Bounds], changes: Sequence[Floats], target: float
) -> list[SecondStage]:
    found, place = [], 0
    owner = [source for source in sources for _ in range(source.many)]
    for source in sources:
        n, m = len(source.base.lower), len(source.base.row_lower)
        # A column whose upper bound moves gets a row of its own for it; in every state, so that states have a mean.
        alike = [
            change for one, change in zip(owner, changes, strict=True) if one.program.shape == source.program.shape
        ]
        if any((change[:, :n] != 0).any() for change in alike):
            raise InputError(
                Problem("an option changes the least of a flow", ("options",), "take method='enumeration'")
            )
        moved = np.flatnonzero(np.any([(change[:, n : 2 * n] != 0).any(axis=0) for change in alike], axis=0))
        more = [(np.array([j]), np.ones(1)) for j in moved]
        program = with_rows(source.program, more) if more else source.program
        for s in range(place, place + source.many):
            base, change = bounds[s], changes[s]
            upper = base.upper.copy()
            upper[moved] = np.inf
            rows_low, rows_up = change[:, 2 * n : 2 * n + m], change[:, 2 * n + m :]
            ranged = np.isfinite(base.row_lower) & np.isfinite(base.row_upper)
            if ((rows_low != rows_up) & ranged).any():
                raise InputError(Problem("an option changes one side of a range", ("options",), "method='enumeration'"))
            technology = np.concatenate([-np.where(rows_low != 0, rows_low, rows_up), -change[:, n + moved]], axis=1).T
            low = np.concatenate([base.row_lower, np.full(len(moved), -np.inf)])
            up = np.concatenate([base.row_upper, base.upper[moved]])
            second = Bounds(base.lower, upper, low, up, base.unit)
            constant = source_constant(source, target)
            found.append(SecondStage(float(probability[s]), source.cost, program, technology, second, constant))
        place += source.many
    return found


def source_constant(source: Source, target: float) -> float:
    """What the measure adds to the program's cost: losses are counted from a target."""
    return source.prices.lost * target


def _first(options: Sequence[Option], changes: Sequence[Floats], continuous: bool) -> tuple[FirstStage, int]:
    counts = [len(option.sizes) for option in options]
    columns, cost = sum(counts), np.concatenate([option.capital for option in options])
    rows: list[Floats] = []
    low, up = [], []
    broken = []
    for place, option in enumerate(options):
        first = sum(counts[:place])
        row = np.zeros(columns)
        row[first : first + counts[place]] = 1.0
        rows.append(row)
        low.append(-np.inf)
        up.append(1.0)
        if continuous and not _straight(option, [change[first : first + counts[place]] for change in changes]):
            broken.append((first, counts[place]))
    pieces = sum(count for _, count in broken)
    matrix = np.pad(np.array(rows), ((0, 0), (0, pieces)))
    at = columns
    for first, count in broken:
        more = np.zeros((count + 2, columns + pieces))
        more[0, at : at + count] = 1.0  # one piece at most
        for k in range(count):  # a share only beside its pieces
            more[1 + k, first + k] = 1.0
            more[1 + k, at + k : at + min(k + 2, count)] = -1.0
        more[count + 1, at + 1 : at + count] = 1.0  # beyond the first piece nothing is left unbuilt
        more[count + 1, first : first + count] = -1.0
        matrix = np.vstack([matrix, more])
        low += [-np.inf] * (count + 2)
        up += [1.0, *[0.0] * (count + 1)]
        at += count
    whole = np.concatenate([np.full(columns, not continuous), np.ones(pieces, bool)])
    ends = np.ones(columns + pieces)
    return FirstStage(np.pad(cost, (0, pieces)), 0.0 * ends, ends, matrix, np.array(low), np.array(up), whole), columns


def _straight(option: Option, changes: Sequence[Floats]) -> bool:
    """Whether neither capital nor limits need a binary: capital is convex, limits are in proportion to the size."""
    sizes = np.array([size.inner for size in option.sizes])
    if not option.convex:
        return False
    for change in changes:
        each = change / sizes[:, None]
        if (np.abs(each - each[-1]) > 1e-9 * np.maximum(1.0, np.abs(each[-1]))).any():
            return False
    return True
