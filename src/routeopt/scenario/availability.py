"""The algebra of closures: what a closure cuts, and what components leave of a leg.

A share in service belongs to a `Key`: ``("leg", id)``, ``("field", id)``, ``("group", id)``, ``("part", leg,
component)`` or ``("stream", leg, commodity)``. Of several closures of one key the smallest share holds. What is left of
a leg is the least of its own share and of its `Term` s, each a weighted sum of shares of components; a stream has the
smaller of that and its own share. The same terms are evaluated for a moment (`Situation`), over time (`timeline`), in a
batch (`routeopt.model.closure_bounds`) and linear in binaries (`routeopt.decide.interdiction.binaries`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from functools import reduce
from typing import NamedTuple, Protocol, Self, TypeVar

from routeopt.scenario.closure import Closure
from routeopt.system import ExportSystem
from routeopt.system.quantity import Quantity
from routeopt.system.targets import Hits, hits

__all__ = ["Key", "Part", "Term", "combined", "hit_by", "is_limited", "keys_of", "terms_of"]

Key = tuple[str, ...]


class Share(Protocol):
    """What terms can be combined of: lines over time, sums of binaries."""

    def scaled(self, factor: float, added: float = 0.0) -> Self:
        """Times a number, plus another."""

    def plus(self, other: Self) -> Self:
        """The sum."""


S = TypeVar("S", bound=Share)


class Part(NamedTuple):
    """What something carries `inside` service and `outside` it."""

    key: Key
    inside: float
    outside: float


class Term(NamedTuple):
    """Sum of what parts carry, share x inside + (1 - share) x outside, as a share of a whole."""

    parts: tuple[Part, ...]
    whole: float

    def at(self, shares: Mapping[Key, float]) -> float:
        """The term where shares are numbers; one where nothing is said."""
        left = ((shares.get(key, 1.0), inside, outside) for key, inside, outside in self.parts)
        return sum(share * inside + (1.0 - share) * outside for share, inside, outside in left) / self.whole

    def of(self, share: Callable[[Key], S]) -> S:
        """The term where shares can be scaled and added."""
        return combined([(share(key), inside, outside) for key, inside, outside in self.parts], self.whole)


def combined(parts: Iterable[tuple[S, float, float]], whole: float) -> S:
    """Sum of share x inside + (1 - share) x outside, as a share of a whole."""
    scaled = (left.scaled(inside / whole - outside / whole, outside / whole) for left, inside, outside in parts)
    return reduce(lambda one, other: one.plus(other), scaled)


def terms_of(system: ExportSystem, name: str, touched: Container[Key] | None = None) -> list[Term]:
    """What the components of a leg leave of it; only where one of them is touched, if that is given."""
    leg, nominal = system.legs[name], system.legs[name].nominal
    parts = {("part", name, key): part for key, part in leg.components.parts.items()} if leg.components else {}
    hit = [key for key in parts if touched is None or key in touched]
    if leg.components is None or not hit:
        return []
    if nominal == 0.0:
        return [Term((Part(hit[0], 0.0, 0.0),), 1.0)]
    if leg.components.arrangement == "parallel":
        sizes = ((key, part.capacity.inner) for key, part in parts.items() if part.capacity)
        return [Term(tuple(Part(key, size, 0.0) for key, size in sizes), nominal)]
    without = ((key, parts[key].without) for key in hit)
    return [Term((Part(key, nominal, min(rest.inner, nominal)),), nominal) for key, rest in without if rest is not None]


def is_limited(system: ExportSystem, built: Mapping[str, Quantity], name: str) -> bool:
    """Whether a leg has a capacity here of which a part can be closed: its own, or one that is built."""
    leg = system.legs[name]
    stands = name in built and built[name].inner > 0 and leg.status != "operating"
    return stands or leg.nominal < math.inf


def hit_by(system: ExportSystem, closure: Closure) -> Hits:
    """What a checked closure hits."""
    found = hits(system, closure)
    if not isinstance(found, Hits):
        raise AssertionError(found)
    return found


def keys_of(
    system: ExportSystem, built: Mapping[str, Quantity], closure: Closure, found: Hits | None = None
) -> list[Key]:
    """Shares that a closure cuts, and what it hits if that is known; a part of what has no limit is no cut."""
    found = found or hit_by(system, closure)
    if closure.commodity is not None:
        return [("stream", leg, closure.commodity) for leg in found.legs]
    whole = not 0.0 < closure.left < 1.0
    return [
        *(("leg", name) for name in found.legs if whole or is_limited(system, built, name)),
        *(("field", name) for name in found.fields),
        *(("group", name) for name in found.groups),
        *(("part", *pair) for pair in found.components),
    ]
