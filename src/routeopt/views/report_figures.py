"""Which figures a report of each kind of result has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem
from routeopt.views.report_drawings import drawing, map_drawing
from routeopt.views.report_sankey import sankey_figure

if TYPE_CHECKING:
    from routeopt.allocation import Allocation
    from routeopt.allocation.horizon import HorizonAllocation

__all__ = ["Part", "parts"]

SCENARIOS = 4
"""Curves of at most so many scenarios, those that lose most; the tables have all."""


@dataclass(frozen=True)
class Part:
    """One figure.

    Attributes
    ----------
    name : str
        Distinct in the page.
    caption : str
    svg : str
    plotly : str
        What plotly.js draws on the screen in its place, as JSON; empty if nothing.
    """

    name: str
    caption: str
    svg: str
    plotly: str = ""


Drawn = tuple[str, Callable[[str], str], str]
"""Caption, what draws it under a name, and plotly's JSON."""


def parts(result: Any) -> list[Part]:
    """Figures of a result, the most important first; none for kinds that have only tables.

    Raises
    ------
    InputError
        matplotlib is missing (extra ``report``).
    """
    known = {"Allocation": _allocation, "HorizonAllocation": _horizon, "StressTest": _stress, "Comparison": _comparison,
             "Contingencies": _contingencies, "RiskProfile": _risk, "RiskComparison": _risks, "LossCurve": _loss_curve,
             "Alternatives": _alternatives, "Sensitivity": _sensitivity}  # fmt: skip
    for kind in type(result).__mro__:
        if kind.__name__ in known and kind.__module__.startswith("routeopt."):
            try:
                import matplotlib  # noqa: F401
            except ImportError:
                raise InputError(Problem("a report needs matplotlib", hint="pip install 'routeopt[report]'")) from None
            found = known[kind.__name__](result)
            return [Part(f"f{i}", caption, draw(f"f{i}"), live) for i, (caption, draw, live) in enumerate(found, 1)]
    return []


def _axes(caption: str, draw: Callable[[], Any]) -> Drawn:
    return caption, lambda name: drawing(draw, name, caption), ""


def _map(plan: Allocation, of: str = "") -> Drawn:
    caption = f"Network{of}: legs coloured by use, as wide as their flow; point at one to read its numbers"
    return caption, lambda name: map_drawing(plan, name, caption), ""


def _sankey(plan: Allocation, of: str = "") -> Drawn:
    from routeopt.views.sankey import draw_sankey

    caption = f"From field by route to market{of}, {plan.flow_unit}; where streams meet they are taken to mix"
    return caption, lambda name: drawing(lambda: draw_sankey(plan), name, caption), sankey_figure(plan)


def _routes(comparison: Any, caption: str) -> Drawn:
    from routeopt.views.bars import draw_routes

    return _axes(caption, lambda: draw_routes(comparison))


def _allocation(plan: Allocation) -> Iterator[Drawn]:
    from routeopt.allocation import allocate
    from routeopt.comparison import compare

    yield _map(plan)
    yield _sankey(plan)
    base = allocate(plan.system, economic=plan._point.economic)
    if plan.name != "base" or abs(base.exported - plan.exported) > 1e-9 * max(1.0, base.exported):
        yield _routes(compare(base, plan), "By route, before and after")


def _horizon(plan: HorizonAllocation) -> Iterator[Drawn]:
    from routeopt.views.curve import draw_course

    yield _axes("Exports by route in each period", lambda: draw_course(plan))
    yield _map(plan, " on the mean day")
    yield _sankey(plan, " on the mean day")


def _stress(test: Any) -> Iterator[Drawn]:
    from routeopt.comparison import compare
    from routeopt.views.curve import draw_resilience

    names = [str(name) for name in test.ranking.index]
    for name in names[:SCENARIOS]:
        caption = f"{name}: exports against what would have left without closures"
        yield _axes(caption, partial(draw_resilience, test, name))
    worst = names[0]
    yield _routes(compare(test.targets[worst], test[worst]), f"{worst}: by route, without and with its closures")
    yield _map(test[worst], f" of {worst} on the mean day")
    yield _sankey(test[worst], f" in {worst} on the mean day")


def _comparison(found: Any) -> Iterator[Drawn]:
    yield _routes(found, "By route, side by side")
    for name, plan in list(zip(found.names, found.plans, strict=True))[:SCENARIOS]:
        yield _map(plan, f" of {name}")
    yield _sankey(found.plans[-1], f" in {found.names[-1]}")


def _contingencies(found: Any) -> Iterator[Drawn]:
    from routeopt.views.heat import draw_heat

    yield _axes("What pairs of closures lose; on the diagonal each alone", lambda: draw_heat(found))


def _risk(found: Any) -> Iterator[Drawn]:
    from routeopt.views.risk import draw_risk

    yield _axes("Probability of losing more", lambda: draw_risk(found))


def _risks(found: Any) -> Iterator[Drawn]:
    from routeopt.views.risk import draw_risk

    yield _axes("Probability of losing more, side by side", lambda: draw_risk(list(found.profiles)))


def _loss_curve(found: Any) -> Iterator[Drawn]:
    from routeopt.views.curve import draw_loss_curve

    yield _axes("Loss by repair time", lambda: draw_loss_curve(found))


def _alternatives(found: Any) -> Iterator[Drawn]:
    from routeopt.views.lines import draw_corners

    base, (kind, name) = found.base, found.minimised
    heading = f"Less through {kind} {name}"
    yield _axes("Corners of cost against exposure", lambda: draw_corners(
        found.frontier, "netback_lost", "exposed", x_label=f"netback lost, {base.money_unit}",
        y_label=f"through {name}, {base.flow_unit}", heading=heading))  # fmt: skip


def _sensitivity(found: Any) -> Iterator[Drawn]:
    from routeopt.views.bars import draw_tornado

    unit = found.system.units.flow
    for scenario in found.scenarios[:SCENARIOS]:
        frame, base = found.tornado((scenario, "exported")), float(found.base[scenario, "exported"])
        caption = f"What moves exports in {scenario} most, each number alone at its low and high end"
        said = f"exported in {scenario}"
        yield _axes(caption, partial(draw_tornado, frame, base=base, quantity=said, unit=unit))
