"""Which numbers of a system are uncertain, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.scenario.case import Situation
from routeopt.system import ExportSystem, Quantity
from routeopt.system.iterate import quantities

__all__ = ["Input", "Place", "find_inputs", "schema_key"]

Place = tuple[str | int, ...]

_OVER_TIME = {"storage", "surge", "outages", "ramp_down", "ramp_up", "transit_time"}
"""What says how things go from day to day; an allocation of a whole year does not ask."""


@dataclass(frozen=True)
class Input:
    """One uncertain number; it may stand in several places."""

    name: str  # its first place, and how many more there are
    value: float  # in `unit`
    low: float  # a side that the data leave open is the value itself
    high: float
    unit: str  # as written
    places: tuple[str, ...]  # dotted, in the order of the data
    quantities: Mapping[Place, Quantity] = field(repr=False)  # keys -> the number there; notes may differ


def find_inputs(
    system: ExportSystem, situations: Sequence[Situation], vary: str | Iterable[str] | None, *, outages: bool = False
) -> list[Input]:
    """The uncertain numbers that can change an annual allocation, in the order of the data.

    A number is uncertain if it has a range. Left out are those that say how things go over time, those of legs
    that work in none of the situations, capital costs of what is not built, and those that every situation replaces.
    Numbers of one key with the same value, unit, range, source and estimate (or, if they have neither source nor
    estimate, the same note) are one number that was written once and stands in several places.

    ``vary`` names places: what begins with one of them varies, everything else keeps its value. ``outages``: whether
    how often and how long things fail counts as well. InputError if nothing that matters has a range.
    """
    ranged = [(path, quantity) for path, quantity in quantities(system) if _ends(quantity)[0] < _ends(quantity)[1]]
    if not ranged:
        text = f"no number of {system.name!r} has a range"
        raise InputError(Problem(text, hint="write low and high beside a value", code="no-range"))
    replaced = [dict(quantities(situation.system)) for situation in situations]
    groups: dict[object, list[tuple[Place, Quantity]]] = {}
    for path, quantity in ranged:
        groups.setdefault(_same(system, path, quantity), []).append((path, quantity))
    found = []
    for members in groups.values():
        quantity = members[0][1]
        if any(
            known.get(path) == own and _matters(path, situation, outages)
            for path, own in members
            for situation, known in zip(situations, replaced, strict=True)
        ):
            low, high = _ends(quantity)
            places = tuple(_dotted(path) for path, _ in members)
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            name = places[0] + more
            found.append(Input(name, quantity.value, low, high, quantity.unit, places, dict(members)))
    if vary is not None:
        found = _chosen(found, vary, system, [_dotted(path) for path, _ in ranged])
    if not found:
        text = f"no number of {system.name!r} that has a range can change these allocations"
        raise InputError(Problem(text, hint="write low and high beside a value", code="no-range"))
    return found


def _chosen(found: list[Input], vary: str | Iterable[str], system: ExportSystem, ranged: list[str]) -> list[Input]:
    """Inputs that stand at or under a place that the caller named."""
    if not isinstance(vary, Iterable):
        raise InputError(Problem(f"places are text, not {type(vary).__name__}", ("vary",), "write ['legs.btc']"))
    wanted = [vary] if isinstance(vary, str) else list(vary)
    problems = []
    chosen: dict[str, Input] = {}
    for prefix in wanted:
        if not isinstance(prefix, str):
            raise InputError(Problem(f"a place is text, not {type(prefix).__name__}", ("vary",), "write legs.btc"))
        mine = {one.name: one for one in found if any(_under(place, prefix) for place in one.places)}
        chosen |= mine
        if mine:
            continue
        text, hint = f"nothing stands at {prefix!r}", did_you_mean(prefix, _prefixes(ranged))
        if any(_under(place, prefix) for place in ranged):
            text, hint = f"what stands at {prefix!r} has a range but does not change an annual allocation here", ""
        elif any(_under(_dotted(path), prefix) for path, _ in quantities(system)):
            text, hint = f"nothing at {prefix!r} has a range", "write low and high beside its value"
        problems.append(Problem(text, ("vary",), hint, "no-range"))
    if problems or not wanted:
        raise InputError(problems or Problem("names no place", ("vary",), "leave it out to vary everything"))
    return [one for one in found if one.name in chosen]


def _prefixes(places: Iterable[str]) -> Iterator[str]:
    for place in places:
        parts = place.split(".")
        yield from (".".join(parts[: end + 1]) for end in range(len(parts)))


def _under(place: str, prefix: str) -> bool:
    return place == prefix or place.startswith(f"{prefix}.")


def _dotted(path: Place) -> str:
    return ".".join(map(str, path))


def _ends(quantity: Quantity) -> tuple[float, float]:
    low = quantity.value if quantity.low is None else quantity.low
    high = quantity.value if quantity.high is None else quantity.high
    return low, high


def _same(system: ExportSystem, path: Place, quantity: Quantity) -> object:
    """What is equal for two places where one number stands."""
    words = (quantity.source, quantity.estimate) if quantity.source or quantity.estimate else quantity.note
    if not words:
        return path  # equal by chance, as far as anybody can tell
    return schema_key(system, path), quantity.value, quantity.unit, quantity.low, quantity.high, words


def schema_key(system: ExportSystem, path: Place) -> str:
    """The last key of a path that belongs to the file format: the others are ids and places in lists."""
    part: Any = system
    last = ""
    for key in path:
        if isinstance(part, BaseModel):
            name = attribute(part, key)
            if name == "parts":
                part = getattr(part, name)[key]
                continue
            last, part = name, getattr(part, name)
        else:
            part = part[key]
    return last


def attribute(record: BaseModel, key: str | int) -> str:
    """Attribute of a record that holds a key of the file; components stand in ``parts`` under their own names."""
    for name, declared in type(record).model_fields.items():
        if key in (declared.alias, name):
            return name
    return "parts"


def _matters(path: Place, situation: Situation, outages: bool) -> bool:
    """Whether an annual allocation in this situation can depend on the number at a path."""
    if path[0] == "common_causes":
        return outages
    if len(path) < 3 or path[0] not in ("nodes", "legs"):
        return True
    if path[2] in _OVER_TIME and not (outages and path[2] == "outages"):
        return False
    if path[0] == "nodes":
        return True
    leg = str(path[1])
    if path[2] == "build":
        return leg in situation.built and path[3] != "lead_time"
    if path[2] == "components":
        cut = (leg, str(path[3])) in situation.components or outages
        return situation.runs(leg) and (path[4] != "outages" or outages) and (path[4] != "without" or cut)
    return situation.runs(leg)
