"""What each size of a leg would bring: exports and netback as exact functions of its capacity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from routeopt.allocation.allocate import name_of
from routeopt.allocation.tables import Scales
from routeopt.decide.capacity.result import CapacityCurve
from routeopt.decide.capacity.study import Point, Study
from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.model.conversion import Conversion
from routeopt.scenario import Scenario
from routeopt.scenario.case import Situation, situate
from routeopt.scenario.resolve import resolve
from routeopt.system import ExportSystem
from routeopt.system.quantity import Flow, Quantity

__all__ = ["capacity_curve"]

_FLOW: TypeAdapter[Quantity] = TypeAdapter(Flow)

_MEASURES = ("volume", "netback")


def capacity_curve(
    system: ExportSystem,
    leg: str,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    *,
    up_to: str | None = None,
    measure: Literal["volume", "netback"] = "volume",
) -> CapacityCurve:
    """Compute exports as a function of the capacity of a leg, up to saturation.

    The most that can be exported is a piecewise linear function of one capacity. Its corners are found exactly, by
    intersecting supporting lines (Eisner and Severance 1976, J. ACM 23, 619-635), not on a grid.

    Parameters
    ----------
    system : ExportSystem
    leg : str
        One that stands, or one that could be built or reopened: then it and its parts stand here at every size.
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case. What it builds of this leg is left
        out of the curve but marked.
    up_to : str
        Where the table ends, such as ``"60 Mt/y"``. Without a word: where more brings nothing, or the largest size
        that is marked.
    measure : str
        ``volume``: corners of exports. ``netback``: corners of netback as well, with volume first.

    Returns
    -------
    CapacityCurve

    Raises
    ------
    ScenarioError
        The leg is unknown or defunct, or the scenario does not fit the system.
    InputError
        ``up_to`` or ``measure`` cannot be used.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    *Capacity* is what the exporter can send into the leg in full service: after availability and what is reserved for
    others, at the inlet, in the flow unit of the system (barrels on a leg of several streams by their mean). It
    stands for whatever limits the leg: its own capacity, its vessels, or components that add up. A closure of the leg
    or of its components leaves the same share of every size; a closed leg brings nothing at any. Groups and all other
    legs stay as they are; if a group holds the leg, the curve is flat beyond the group's limit. So do contracts: a
    small capacity is no force majeure.

    Exports are concave in the capacity unless it lets crude through to refineries, which are served first. *Netback*
    is not concave where volume comes first: what must be exported may not pay. Between two corners of exports it is,
    and its corners are found there piece by piece. Tariffs count; what recovers the capital of this leg does not,
    since it depends on the size: compare the netback with it.

    Examples
    --------
    A field of 10 kt/d has a railway of 3.

    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "units": {"flow": "kt/d"},
    ...     "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "port": {"kind": "market"}},
    ...     "legs": {"rail": {"from": "field", "to": "port", "capacity": "3 kt/d"},
    ...              "line": {"from": "field", "to": "port", "capacity": "4 kt/d"}},
    ... })
    >>> curve = ro.capacity_curve(system, "line")
    >>> curve.table[["capacity", "exported", "slope"]].round(6).to_numpy().tolist()
    [[0.0, 3.0, 1.0], [7.0, 10.0, 0.0]]
    >>> round(curve.saturation, 6), round(curve.value_at(4.0), 6)
    (7.0, 7.0)
    """
    if measure not in _MEASURES:
        text = f"unknown measure {measure!r}"
        raise InputError(Problem(text, ("measure",), did_you_mean(str(measure), _MEASURES), "unknown-id"))
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    situation = situate(system, flat)
    changed = situation.system
    if leg not in changed.legs:
        hint = did_you_mean(str(leg), changed.legs, other="legs")
        raise ScenarioError(Problem(f"unknown leg {leg!r}", ("leg",), hint, "unknown-id"))
    if changed.legs[leg].status == "defunct":
        raise ScenarioError(Problem(f"{leg!r} is defunct", ("leg",), "set its status to hypothetical"))
    scales = Scales.of(changed.units.flow)
    others = {name: size for name, size in situation.built.items() if name != leg}
    study = Study(system, replace(situation, built=others, called=situation.called | {leg}), leg)
    end = None if up_to is None else _inner(changed, leg, _read(up_to))
    points = study.volume() if measure == "volume" else study.money()
    marks = _marks(situation, leg)
    wanted = [at for at in marks.values() if math.isfinite(at)]
    corners, saturation = _until_flat(points, measure, study.bounds.unit)
    last = max([min(saturation, study.far), *wanted]) if end is None else end
    shown = [point for point in corners if point.at < last]
    shown.append(study.point(last))
    return CapacityCurve(
        changed, name_of(scenario, flat), leg, measure, situation.in_service(leg), saturation / scales.flow,
        tuple(shown), {name: study.point(at) for name, at in marks.items() if math.isfinite(at)}, scales,
    )  # fmt: skip


def _until_flat(points: list[Point], measure: str, unit: float) -> tuple[list[Point], float]:
    """Corners up to where nothing changes any more, and that capacity."""
    kept = list(points)
    # Ten times what corners are told apart by.
    noise = 1e-8 * max(unit, *(abs(point.exported) for point in points))
    cash = 1e-8 * max(unit, *(abs(point.money) for point in points))
    while len(kept) > 1:
        before, after = kept[-2:]
        if abs(after.exported - before.exported) > noise:
            break
        if measure == "netback" and abs(after.money - before.money) > cash:
            break
        kept.pop()
    return kept, math.inf if kept[-1] is points[-1] and len(points) > 1 else kept[-1].at


def _marks(situation: Situation, name: str) -> dict[str, float]:
    """Capacities to mark: as the leg stands, as the scenario builds it, and the sizes that were studied."""
    leg, found = situation.system.legs[name], {}
    streams = leg.commodities or tuple(situation.system.streams)
    per_unit = Conversion(situation.system).mean(leg.measured_by, streams)
    working = leg.availability.inner if leg.availability else 1.0
    stands = leg.status == "operating" or (name in situation.called and name not in situation.built)

    def usable(total: float) -> float:
        return max(0.0, total - leg.taken) * working / per_unit

    before = leg.nominal if leg.status == "operating" else 0.0
    if stands:
        found["today" if leg.status == "operating" else "reopened"] = usable(leg.nominal)
    sizes = [*(leg.build.sizes if leg.build else ()), *([situation.built[name]] if name in situation.built else [])]
    for size in sorted(sizes, key=lambda size: size.inner):
        found[f"+ {size}" if leg.status == "operating" else str(size)] = usable(before + size.inner)
    return found


def _read(up_to: object) -> Quantity:
    hint = "write it as a flow: up_to='60 Mt/y'"
    if not isinstance(up_to, str):
        raise InputError(Problem(f"{up_to!r} has no unit", ("up_to",), hint))
    try:
        found = _FLOW.validate_python(up_to)
    except ValidationError:
        raise InputError(Problem(f"{up_to!r} is no flow", ("up_to",), hint)) from None
    if not found.inner > 0:
        raise InputError(Problem(f"a curve up to {up_to} has no length", ("up_to",), hint))
    return found


def _inner(system: ExportSystem, name: str, figure: Quantity) -> float:
    """A flow in inner units of the system; barrels become tonnes by the mean of what the leg carries."""
    streams = system.legs[name].commodities or tuple(system.streams)
    return figure.inner / Conversion(system).mean(figure.measured_by, streams)
