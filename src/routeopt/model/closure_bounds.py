"""Closures compiled: limits and terms of everything that some closures cut, as arrays.

Limits (`routeopt.model.limits`) and terms (`routeopt.scenario.availability`) are those of one moment. A closure costs
microseconds: `routeopt.model.bound_changes` evaluates them for sets of
closures, `routeopt.decide.interdiction.binaries` as functions of what is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.model.bounds import Bounds, bounds_of
from routeopt.model.formulate import Program
from routeopt.model.limits import Limits, carriers_of, owner_of
from routeopt.scenario.availability import Key, keys_of, terms_of
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure

__all__ = ["Closing", "Decisions", "as_lists", "decisions_of"]

Ints = NDArray[np.int32]


class Closing(NamedTuple):
    """Arrays of `Decisions`; entries of item i of a table are at ``start[i]`` to ``start[i + 1]`` of the next.

    Shares are counted together: legs, fields and groups first, which own limits, then components and streams.
    """

    start: Ints
    """Per decision."""
    cut: Ints
    """Share that it cuts."""
    left: Floats
    """Share that it leaves."""
    share: Floats
    """Each share in the base situation; 2 where not cut."""
    owner: Ints
    """Whose limits each share moves."""
    in_service: Floats
    """Share of each owner in service in the base situation, components included."""
    term_start: Ints
    """Per owner: `Term` s of components, which count where one of these is cut."""
    term_whole: Floats
    part_start: Ints
    """Per term: `Part` s."""
    part_share: Ints
    part_inside: Floats
    part_outside: Floats
    limit_start: Ints
    """Per owner: `Limit` s; of several upper ones the first is the row that adds up the others."""
    limit: Ints
    limit_size: Floats
    limit_times: Floats
    limit_over: Floats
    limit_stream: Ints
    """Share of the stream; -1 if nothing ever cuts it."""
    limit_lower: NDArray[np.bool_]
    due_start: Ints
    """Per owner: contracts that it suspends."""
    due: Ints
    contract_row: Ints
    """Of contracts with force majeure."""
    contract_volume: Floats
    contract_start: Ints
    """Per contract: `Carrier` s."""
    contract_leg: Ints
    contract_limit: Ints
    """Number of the sum to which a carrier belongs, one after the other."""
    contract_size: Floats
    stream_start: Ints
    """Per carrier: shares of its streams; -1 where nothing ever cuts one."""
    stream_share: Ints
    lower: Floats
    """Base bounds of columns, then rows."""
    upper: Floats


def as_lists(closing: Closing) -> Any:
    """Convert arrays to lists, from which Python reads elements several times faster."""
    lists: list[Any] = [part.tolist() for part in closing]
    return Closing(*lists)


class Decisions(NamedTuple):
    """Closures of one system for any combination: names, base bounds, arrays."""

    names: tuple[str, ...]
    bounds: Bounds
    closing: Closing


def decisions_of(program: Program, situation: Situation, decisions: Sequence[Closure | Sequence[Closure]]) -> Decisions:
    """Compile checked closures; several together count as one element.

    Any set of them gives exactly the bounds of `bounds_of`.
    """
    listed = [(one,) if isinstance(one, Closure) else tuple(one) for one in decisions]
    names = tuple(" and ".join(str(closure) for closure in several) for several in listed)
    cuts: list[dict[Key, float]] = []
    for several in listed:
        cuts.append({})
        for closure in several:
            for key in keys_of(situation.system, situation.built, closure):
                cuts[-1][key] = min(closure.left, cuts[-1].get(key, 1.0))
    bounds = bounds_of(program, situation)
    return Decisions(names, bounds, _compiled(program, situation, bounds, cuts))


def _compiled(program: Program, situation: Situation, bounds: Bounds, cuts: Sequence[dict[Key, float]]) -> Closing:
    system, limits = situation.system, Limits(program, situation)
    owners: list[Key] = [("leg", name) for name in system.legs]
    owners += [("field", name) for name in system.fields]
    owners += [("group", name) for name in system.groups]
    terms = [terms_of(system, name) if kind == "leg" else [] for kind, name in owners]
    parts = [[(part.key, part.inside, part.outside) for part in term.parts] for of in terms for term in of]
    shares = dict.fromkeys(owners) | dict.fromkeys(key for part in parts for key, _, _ in part)
    shares |= dict.fromkeys(key for found in (situation.shares, *cuts) for key in found)
    place = {key: number for number, key in enumerate(shares)}
    limited = [[(*one[:4], place.get(one.stream, -1), one.lower) for one in limits.of(owner)] for owner in owners]
    in_service = [situation.in_service(name) if kind == "leg" else situation.shares.get((kind, name), 1.0)
                  for kind, name in owners]  # fmt: skip
    arrays: list[Any] = [
        *_packed([[(place[key], left) for key, left in found.items()] for found in cuts], np.int32, float),
        np.array([situation.shares.get(key, 2.0) for key in place], float),
        np.array([place[owner_of(key)] for key in place], np.int32),
        np.array(in_service, float),
        *_packed([[(term.whole,) for term in of] for of in terms], float),
        *_packed([[(place[key], *sizes) for key, *sizes in part] for part in parts], np.int32, float, float),
        *_packed(limited, np.int32, float, float, float, np.int32, bool),
        *_contracts(program, situation, place, len(owners)),
        np.concatenate([bounds.lower, bounds.row_lower]),
        np.concatenate([bounds.upper, bounds.row_upper]),
    ]
    return Closing(*arrays)


def _contracts(
    program: Program, situation: Situation, place: dict[Key, int], owners: int
) -> tuple[NDArray[Any], ...]:  # fmt: skip
    rows: list[int] = []
    volumes: list[float] = []
    members: list[list[tuple[int, int, float]]] = []
    streams: list[list[tuple[int]]] = []
    due: list[list[tuple[int]]] = [[] for _ in range(owners)]
    first = program.layout.shape[1] + program.layout.row["contract"]
    for row, contract in enumerate(situation.system.contracts.values(), first):
        if not contract.force_majeure:
            continue
        members.append([])
        for number, limit in enumerate(carriers_of(situation, contract)):
            for one in limit:
                leg = place["leg", one.leg]
                members[-1].append((leg, number, one.size))
                streams.append([(place.get(key, -1),) for key in one.keys])
                due[leg].append((len(rows),))
        rows.append(row)
        volumes.append(contract.volume.inner)
    return (*_packed(due, np.int32), np.array(rows, np.int32), np.array(volumes, float),
            *_packed(members, np.int32, np.int32, float), *_packed(streams, np.int32))  # fmt: skip


def _packed(lists: Sequence[Sequence[tuple[Any, ...]]], *kinds: Any) -> tuple[NDArray[Any], ...]:
    """Lists of tuples behind one another: where each begins, then one array for each place of the tuples."""
    start = np.concatenate([[0], np.cumsum([len(items) for items in lists])]).astype(np.int32)
    flat = [item for items in lists for item in items]
    return (start, *(np.array([item[i] for item in flat], kind) for i, kind in enumerate(kinds)))
