"""Apportionment of scarce capacity among shippers: economic, pro rata, or by priority.

The exported volume is held at its optimum, so only the split changes.

- *pro rata* is max-min: the largest share of what each could produce that all can have; whoever cannot have more is
  held there, and the others go on from it.
- *priority* serves one after the other, each as fully as those before it allow.

Both are sequences of linear programs on the face of the volume stage, each certified; no weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats
from routeopt.errors import ScenarioError, did_you_mean
from routeopt.model import Bounds, Program, Proof, with_rows
from routeopt.solve.lexicographic import Minimiser, Sure, proven
from routeopt.system import ExportSystem

__all__ = ["Apportionment", "Party", "apportionment", "parties_of"]

Ints = NDArray[np.intp]

_ZERO = 1e-9

_MARGIN = 1e-12
"""Rounding margin below the volume of a party at which it is held."""


@dataclass(frozen=True)
class Party:
    """Shipper: a field, or all fields of a commodity.

    ``fields``: places of its fields.
    """

    name: str
    fields: Ints


def parties_of(system: ExportSystem, apportion: str | Sequence[str], economic: bool = False) -> tuple[str, list[Party]]:
    """Read an apportionment: the rule, and the parties in its order.

    - ``economic``: whether money comes before volume; there is nothing to share out then.
    - ``apportion``: ``economic``; ``pro-rata`` (among fields) or ``pro-rata:commodity``; or fields and commodities in
      the order in which they are served.

    Raises ScenarioError: neither a rule nor names of fields and commodities, or a rule where money comes first.
    """
    if economic and apportion != "economic":
        raise ScenarioError("apportion: economic=True leaves no volume to apportion; omit economic or apportion")
    places = {name: place for place, name in enumerate(system.fields)}
    by_stream = {
        stream: [places[name] for name in system.fields if system.commodity_of(name) == stream]
        for stream in system.streams
    }
    if isinstance(apportion, str):
        rule, _, among = apportion.partition(":")
        if rule == "economic" and not among:
            return rule, []
        if rule == "pro-rata" and among in ("", "field"):
            return rule, [Party(name, np.array([place], np.intp)) for name, place in places.items()]
        if rule == "pro-rata" and among == "commodity":
            return rule, [Party(name, np.array(mine, np.intp)) for name, mine in by_stream.items() if mine]
        hint = did_you_mean(apportion, ["economic", "pro-rata", "pro-rata:commodity"])
        raise ScenarioError(f"unknown apportionment {apportion!r}; {hint}; or name fields in order")
    parties, seen = [], np.zeros(len(places), bool)
    for name in apportion:
        mine = [places[name]] if name in places else by_stream.get(name)
        if not mine:
            raise ScenarioError(f"unknown field or commodity {name!r}; {did_you_mean(name, [*places, *by_stream])}")
        if seen[mine].all():
            raise ScenarioError(f"apportion: {name!r} is listed twice; name it once")
        fresh = np.array([place for place in mine if not seen[place]], np.intp)
        seen[fresh] = True
        parties.append(Party(name, fresh))
    return "priority", parties


@dataclass
class Apportionment:
    """Rows that hold the split, and the solves that find it.

    - ``program``: with a column for the common share and two rows a party: output - share x available >= 0, and output
      >= what it was found to have.
    - ``names``: parties.
    - ``available`` (parties,): available output of each after closures.
    - ``first_row``, ``share``: where the rows begin, and the column of the common share.
    """

    program: Program
    rule: str
    names: tuple[str, ...]
    available: Floats
    first_row: int
    share: int
    proofs: list[Proof]

    def bounds(self, bounds: Bounds) -> Bounds:
        """Return bounds of the program with the rows, which do not bind yet."""
        rows = 2 * len(self.available)
        return bounds.extended(0.0, 0.0, np.full(rows, -np.inf), np.full(rows, np.inf))

    def holding(self, bounds: Bounds, x: Floats) -> Bounds:
        """Return bounds of the extended program that hold every party at its volume at a point or above."""
        return bounds.with_rows(list(self._least_rows), self.has(x) - _MARGIN * bounds.unit, np.inf)

    def has(self, x: Floats) -> Floats:
        """Return the volume of each party at a point."""
        return self.program.row_activity(x)[list(self._least_rows)]

    @property
    def _least_rows(self) -> range:
        """Rows of the least volume of each party."""
        return range(self.first_row + len(self.available), self.program.shape[0])

    def narrow(self, held: Bounds, solver: Minimiser, sure: Sure) -> Bounds:
        """Return bounds that hold every party at its apportioned volume."""
        share_out = self._pro_rata if self.rule == "pro-rata" else self._priority
        return share_out(held, solver, sure)

    def _pro_rata(self, held: Bounds, solver: Minimiser, sure: Sure) -> Bounds:
        count = len(self.available)
        active = self.available > 0
        cost = np.zeros(self.program.shape[1])
        # The share is in units of the system, to be of the size of volumes.
        cost[self.share] = -1.0
        upper = held.upper.copy()
        upper[self.share] = held.unit
        held = replace(held, upper=upper)
        while active.any():
            row_lower = held.row_lower.copy()
            row_lower[self.first_row + np.flatnonzero(active)] = 0.0
            round_ = replace(held, row_lower=row_lower)
            solver.set_bounds(round_)
            solution, proof, _ = proven(self.program, round_, cost, solver, "pro rata")
            sure(round_, "pro rata", cost, solution)
            self.proofs.append(proof)
            common = float(solution.x[self.share]) / held.unit
            stuck = active & (solution.y[self.first_row : self.first_row + count] > _ZERO)
            if not stuck.any():  # everybody has all
                stuck = active
            row_lower = held.row_lower.copy()
            at = np.flatnonzero(stuck)
            row_lower[self.first_row + count + at] = common * self.available[at] - _MARGIN * held.unit
            held = replace(held, row_lower=row_lower)
            active &= ~stuck
        upper = held.upper.copy()
        upper[self.share] = 0.0
        return replace(held, upper=upper)

    def _priority(self, held: Bounds, solver: Minimiser, sure: Sure) -> Bounds:
        count = len(self.available)
        for place in range(count):
            row = self.first_row + count + place
            cost = np.zeros(self.program.shape[1])
            mine = self.program.index == row
            cost[self.program.column_of_entry[mine]] = -self.program.value[mine]
            solver.set_bounds(held)
            solution, proof, _ = proven(self.program, held, cost, solver, "priority")
            sure(held, "priority", cost, solution)
            self.proofs.append(proof)
            most = -float(cost @ solution.x)
            held = held.with_rows([row], most - _MARGIN * max(held.unit, most), np.inf)
        return held


def apportionment(program: Program, bounds: Bounds, rule: str, parties: Sequence[Party], output: Ints) -> Apportionment:
    """Extend a program by the rows and the column of a split.

    ``bounds``: what closures leave of each output: shares are of that; ``rule``: ``pro-rata`` or ``priority``;
    ``output`` (periods,): the column of the first field's output, in each period.
    """
    outputs = [(output[:, None] + party.fields).ravel() for party in parties]
    share, unit = program.shape[1], bounds.unit
    available = np.array([float(bounds.upper[columns].sum()) for columns in outputs])
    rows: list[tuple[Ints, Floats]] = []
    for columns, most in zip(outputs, available, strict=True):
        rows.append((np.append(columns, share), np.append(np.ones(len(columns)), -most / unit)))
    rows += [(columns, np.ones(len(columns))) for columns in outputs]
    extended = with_rows(program, rows, share + 1)
    names = tuple(party.name for party in parties)
    return Apportionment(extended, rule, names, available, program.shape[0], share, [])
