"""What may fail by chance: every leg and component with outages, and every common cause, as closures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from routeopt.errors import Problem, ScenarioError
from routeopt.scenario.availability import hit_by, is_limited
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.system.components import Outages
from routeopt.system.quantity import Quantity
from routeopt.system.targets import Hits, hits

__all__ = ["Event", "events_of"]


@dataclass(frozen=True)
class Event:
    """Something that is up or down by itself, independently of all other events.

    `id` is ``leg ID``, ``component LEG/ID`` or ``cause ID``, and ``cause ID on ...`` of the copy of a cause on one
    thing alone: draws belong to it, whatever else there is. `kind` is the first word of it.
    """

    id: str
    kind: str
    title: str
    closure: Closure
    outages: Outages


def events_of(situation: Situation, *, causes: bool = True) -> list[Event]:
    """Everything in a situation that may fail and matters.

    With `causes` a cause closes all its parts at the same times. Without, each of its parts gets a copy that comes as
    often and lasts as long but independently of the others: whatever a part's own outages are, it is down for the same
    share of the time, 1 - (1 - own) x product of (1 - cause). Raises ScenarioError where nothing that runs has outages,
    a cause closes nothing, or a share is out of what has no capacity.
    """
    found = [*_own(situation), *_common(situation, causes)]
    likely = [event for event in found if event.outages.rate.inner > 0 and _share(event.outages) > 0]
    found = [event for event in likely if _matters(situation, event)]
    if not found:
        text = "nothing that runs here can fail"
        hint = "write outages: {rate: 2 /y, repair: {mean: 3 d}} on a leg or component, or under causes"
        raise ScenarioError(Problem(text, hint=hint, code="no-outages"))
    return found


def _share(outages: Outages) -> float:
    return outages.loses.inner if outages.loses else 1.0


def _closure(outages: Outages, **names: Any) -> Closure:
    left = None if outages.loses is None else Quantity(1.0 - outages.loses.inner)
    return Closure.model_construct(**names, availability=left, cause="outage")


def _own(situation: Situation) -> Iterator[Event]:
    for name, leg in situation.system.legs.items():
        if leg.outages is not None:
            closure = _closure(leg.outages, leg=name)
            yield Event(f"leg {name}", "leg", leg.title or name, closure, leg.outages)
        for part, component in leg.components.parts.items() if leg.components else ():
            if component.outages is not None:
                closure = _closure(component.outages, leg=name, component=(part,))
                title = f"{part} of {leg.title or name}"
                yield Event(f"component {name}/{part}", "component", title, closure, component.outages)


def _common(situation: Situation, together: bool) -> Iterator[Event]:
    for name, cause in situation.system.causes.items():
        closure = _closure(cause.outages, **dict(cause.closes))
        found = hits(situation.system, closure)
        if not isinstance(found, Hits):
            raise ScenarioError(found.under("causes", name, "closes"))
        event = Event(f"cause {name}", "cause", cause.title or name, closure, cause.outages)
        if together:
            yield event
        else:
            yield from _copies(event, found)


def _copies(event: Event, found: Hits) -> Iterator[Event]:
    """The event on each thing that it hits, by itself."""
    parts: list[tuple[str, dict[str, Any]]] = [(f"leg {leg}", {"leg": leg}) for leg in found.legs]
    parts += [(f"component {leg}/{part}", {"leg": leg, "component": (part,)}) for leg, part in found.components]
    parts += [(f"node {name}", {"node": name}) for name in found.fields]
    parts += [(f"group {name}", {"group": name}) for name in found.groups]
    for what, names in parts:
        closure = _closure(event.outages, **names, commodity=event.closure.commodity)
        yield replace(event, id=f"{event.id} on {what}", title=f"{event.title}, on {what} alone", closure=closure)


def _matters(situation: Situation, event: Event) -> bool:
    """Whether an event closes anything that runs here."""
    found = hit_by(situation.system, event.closure)
    legs = [name for name in found.legs if situation.runs(name)]
    others = bool(found.fields or found.groups) or any(situation.runs(leg) for leg, _ in found.components)
    partial = event.closure.left > 0.0 and event.closure.commodity is None
    if partial and legs and not others and not any(is_limited(situation.system, situation.built, leg) for leg in legs):
        path = ("causes" if event.kind == "cause" else "legs", event.id.split()[1], "outages", "loses")
        hint = "give the leg a capacity, or leave loses out"
        raise ScenarioError(Problem("there is no capacity of which a share could be out", path, hint, "no-capacity"))
    return others or bool(legs)
