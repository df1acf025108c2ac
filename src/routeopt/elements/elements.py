"""Elements: what can fail, be attacked, protected or removed; and which of them are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from routeopt.errors import Problem, ScenarioError, did_you_mean
from routeopt.scenario.case import Situation, situate, taken_by
from routeopt.scenario.closure import Closure
from routeopt.scenario.resolve import resolve
from routeopt.scenario.scenario import Scenario
from routeopt.solve.batch import Batch
from routeopt.solve.cache import remembered
from routeopt.system import ExportSystem
from routeopt.system.components import Outages
from routeopt.system.target import ELEMENTS
from routeopt.system.targets import hits, known_names

__all__ = ["OVER", "Closable", "Element", "Over", "closable", "elements_over", "kind_of"]

OVER = ELEMENTS
"""Kinds of elements."""

_KEPT = 4
"""Batches that are kept with a system."""

Over = str | Closure | Mapping[str, Any] | Iterable[str | Closure | Mapping[str, Any]]


@dataclass(frozen=True)
class Element:
    """Something that is in service or out: by chance, by an attack, or because it is removed.

    It has several ``names`` if several closures hit the same parts; the closure ``behind`` each. Its ``modes`` are ways
    to be out, one at a time, each a set of closures. ``cost`` is what an attack takes, ``outages`` how often it fails
    by itself and for how long.
    """

    names: tuple[str, ...]
    modes: tuple[tuple[Closure, ...], ...]
    behind: tuple[Closure, ...] = ()
    cost: float = 1.0
    outages: Outages | None = None
    kind: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """All names in one: ``"port = loading"``."""
        return " = ".join(self.names)

    @property
    def closure(self) -> Closure:
        """What is closed while it is out, in its first mode."""
        return self.modes[0][0]


class Closable(NamedTuple):
    """The elements of a kind in a situation, ready to be solved in any combination."""

    situation: Situation
    elements: list[Element]
    batch: Batch


def kind_of(over: object) -> str:
    """What results call the elements."""
    return over if isinstance(over, str) else "closure"


def closable(system: ExportSystem, scenario: Scenario, over: Over, *, economic: bool = False) -> Closable:
    """`elements_over` and a batch of them; of a kind the last ones are kept with the system."""

    def made() -> Closable:
        situation = situate(system, scenario)
        elements = elements_over(system, scenario, situation, over)
        batch = Batch(system, situation, [element.closure for element in elements], economic=economic)
        return Closable(situation, elements, batch)

    if not isinstance(over, str):
        return made()
    return remembered(system, Closable, (repr(scenario.written()), over, economic), made, most=_KEPT)


def elements_over(system: ExportSystem, scenario: Scenario, situation: Situation, over: Over) -> list[Element]:
    """Elements of a kind out of `OVER`, or closures that are one element each, in the order of their names.

    Those whose closure takes nothing from the situation are left out; those that hit exactly the same parts are one.
    A single exporter's own country is left out: closing it closes everything.

    Raises
    ------
    ScenarioError
        An unknown kind, nothing of that kind, or a closure that does not fit.

    Examples
    --------
    >>> import routeopt as ro
    >>> kz = ro.load("kazakhstan")
    >>> found = elements_over(kz, Scenario(), situate(kz, Scenario()), "route")
    >>> "cpc" in [element.name for element in found]
    True
    """
    named = _of_kind(situation.system, over) if isinstance(over, str) else _listed(system, scenario, over)
    same: dict[frozenset[Any], dict[str, Closure]] = {}
    for name, closure in sorted(named.items()):
        parts = taken_by(situation, closure)
        if parts:
            same.setdefault(parts, {})[name] = closure
    if not same:
        what = f"no {over}" if isinstance(over, str) else "none of these closures"
        raise ScenarioError(Problem(f"{what}: there is nothing here whose closure closes anything", ("over",)))
    made = ((tuple(equal), tuple(equal.values())) for equal in same.values())
    return [Element(names, ((closures[0],),), closures) for names, closures in made]


def _of_kind(system: ExportSystem, over: str) -> dict[str, Closure]:
    if over not in OVER:
        raise ScenarioError(Problem(f"cannot close one {over!r} at a time", ("over",), did_you_mean(over, OVER)))
    if over == "component":
        return {
            f"{name}/{part}": Closure(leg=name, component=(part,))
            for name, leg in system.legs.items()
            for part in (leg.components.parts if leg.components else ())
        }
    if over == "field":
        return {name: Closure(node=name) for name in system.fields}
    names = [name for name in known_names(system, over) if over != "country" or system.exporters != (name,)]
    closures = {name: Closure.model_validate({over: name}) for name in names}
    # A market that no leg reaches: closing it is no mistake here, and closes nothing.
    return {name: closure for name, closure in closures.items() if not isinstance(hits(system, closure), Problem)}


def _listed(system: ExportSystem, scenario: Scenario, over: object) -> dict[str, Closure]:
    if isinstance(over, Closure | Mapping):
        over = [over]
    if not isinstance(over, Iterable):
        kinds = ", ".join(OVER)
        raise ScenarioError(Problem(f"over needs a kind or closures, not {type(over).__name__}", ("over",), kinds))
    calm = scenario.model_copy(update={"closures": ()})
    return {str(closure): closure for closure in resolve(system, calm, close=over).closures}
