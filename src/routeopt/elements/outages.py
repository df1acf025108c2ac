"""Elements that fail by chance: legs and components with outages, and common causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from routeopt.elements.elements import Element
from routeopt.errors import Problem, ScenarioError
from routeopt.scenario.availability import hit_by, is_limited
from routeopt.scenario.case import Situation
from routeopt.scenario.closure import Closure
from routeopt.system.components import Outages
from routeopt.system.quantity import Quantity
from routeopt.system.targets import Hits, hits

__all__ = ["failing"]


def failing(situation: Situation, *, causes: bool = True) -> list[Element]:
    """Everything that runs in a situation and may fail by itself, independently of all else.

    Names are ``leg ID``, ``component LEG/ID``, ``cause ID``; draws belong to them. With ``causes`` a common cause
    closes all its parts at the same times. Without, each of its parts gets a copy, ``cause ID on ...``, that comes as
    often and lasts as long but independently of the others: whatever a part's own outages are, it is down for the same
    share of the time, 1 - (1 - own) x product of (1 - cause). Raises ScenarioError where nothing that runs has outages,
    a cause closes nothing, or a share is out of what has no capacity.
    """
    found = [*_own(situation), *_common(situation, causes)]
    likely = [one for one in found if one.outages and one.outages.rate.inner > 0 and _share(one.outages) > 0]
    found = [element for element in likely if _matters(situation, element)]
    if not found:
        text = "nothing that runs here can fail"
        hint = "write outages: {rate: 2 /y, repair: {mean: 3 d}} on a leg or component, or under causes"
        raise ScenarioError(Problem(text, hint=hint, code="no-outages"))
    return found


def _share(outages: Outages) -> float:
    return outages.derating.inner if outages.derating else 1.0


def _closure(outages: Outages, **names: Any) -> Closure:
    left = None if outages.derating is None else Quantity(1.0 - outages.derating.inner)
    return Closure.model_construct(**names, availability=left, cause="outage")


def _failing(kind: str, name: str, title: str, closure: Closure, outages: Outages) -> Element:
    return Element((f"{kind} {name}",), ((closure,),), outages=outages, kind=kind, title=title)


def _own(situation: Situation) -> Iterator[Element]:
    for name, leg in situation.system.legs.items():
        if leg.outages is not None:
            closure = _closure(leg.outages, leg=name)
            yield _failing("leg", name, leg.title or name, closure, leg.outages)
        for part, component in leg.components.parts.items() if leg.components else ():
            if component.outages is not None:
                closure = _closure(component.outages, leg=name, component=(part,))
                title = f"{part} of {leg.title or name}"
                yield _failing("component", f"{name}/{part}", title, closure, component.outages)


def _common(situation: Situation, together: bool) -> Iterator[Element]:
    for name, cause in situation.system.common_causes.items():
        closure = _closure(cause.outages, **dict(cause.closes))
        found = hits(situation.system, closure)
        if not isinstance(found, Hits):
            raise ScenarioError(found.under("common_causes", name, "closes"))
        element = _failing("cause", name, cause.title or name, closure, cause.outages)
        if together:
            yield element
        else:
            yield from _copies(element, found)


def _copies(element: Element, found: Hits) -> Iterator[Element]:
    """The element on each thing that it hits, by itself."""
    parts: list[tuple[str, dict[str, Any]]] = [(f"leg {leg}", {"leg": leg}) for leg in found.legs]
    parts += [(f"component {leg}/{part}", {"leg": leg, "component": (part,)}) for leg, part in found.components]
    parts += [(f"node {name}", {"node": name}) for name in found.fields]
    parts += [(f"group {name}", {"group": name}) for name in found.groups]
    for what, names in parts:
        assert element.outages is not None
        closure = _closure(element.outages, **names, commodity=element.closure.commodity)
        yield replace(element, names=(f"{element.name} on {what}",), modes=((closure,),),
                      title=f"{element.title}, on {what} alone")  # fmt: skip


def _matters(situation: Situation, element: Element) -> bool:
    """Whether an element closes anything that runs here."""
    found = hit_by(situation.system, element.closure)
    legs = [name for name in found.legs if situation.runs(name)]
    others = bool(found.fields or found.groups) or any(situation.runs(leg) for leg, _ in found.components)
    partial = element.closure.left > 0.0 and element.closure.commodity is None
    if partial and legs and not others and not any(is_limited(situation.system, situation.built, leg) for leg in legs):
        path = ("common_causes" if element.kind == "cause" else "legs", element.name.split()[1], "outages", "derating")
        hint = "give the leg a capacity, or leave derating out"
        raise ScenarioError(Problem("there is no capacity of which a share could be out", path, hint, "no-capacity"))
    return others or bool(legs)
