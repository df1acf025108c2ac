"""What `result.plot` offers: the figures that make sense for each result.

Nothing that draws is imported before a figure is asked for. Called itself,
``result.plot()`` draws the most natural one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from routeopt.allocation import Allocation
    from routeopt.allocation.horizon import HorizonAllocation
    from routeopt.comparison import Comparison
    from routeopt.decide import Alternatives, Sensitivity
    from routeopt.resilience import Contingencies, LossCurve, RiskProfile, StressTest
    from routeopt.resilience.risk_compare import RiskComparison

__all__ = [
    "AllocationPlots",
    "AlternativesPlots",
    "CapacityCurvePlots",
    "ComparisonPlots",
    "ContingenciesPlots",
    "ExpansionPlots",
    "HorizonPlots",
    "LossCurvePlots",
    "Plots",
    "RiskComparisonPlots",
    "RiskPlots",
    "SensitivityPlots",
    "ShapleyPlots",
    "StressTestPlots",
]


class Plots:
    """Figures of one result. Each takes ``ax=`` and returns the axes."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def __repr__(self) -> str:
        names = [name for name in dir(self) if not name.startswith("_")]
        return f"figures of {type(self._result).__name__}: {', '.join(f'.{name}()' for name in names)}"


class AllocationPlots(Plots):
    """Figures of an `Allocation`."""

    _result: Allocation

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The map; the scheme where nodes have no coordinates."""
        from routeopt.views.places import has_coordinates

        return self.map(ax) if has_coordinates(self._result.system) else self.schematic(ax)

    def map(self, ax: Axes | None = None, *, extent: tuple[float, float, float, float] | None = None) -> Axes:
        """`routeopt.views.draw_map`."""
        from routeopt.views.network import draw_map

        return draw_map(self._result, ax, extent=extent)

    def schematic(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_schematic`."""
        from routeopt.views.network import draw_schematic

        return draw_schematic(self._result, ax)

    def sankey(self, ax: Axes | None = None, *, most: int = 12) -> Axes:
        """`routeopt.views.draw_sankey`."""
        from routeopt.views.sankey import draw_sankey

        return draw_sankey(self._result, ax, most=most)


class HorizonPlots(AllocationPlots):
    """Figures of a `HorizonAllocation`; map and Sankey show its mean day."""

    _result: HorizonAllocation

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The course."""
        return self.course(ax)

    def course(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_course`."""
        from routeopt.views.curve import draw_course

        return draw_course(self._result, ax)


class StressTestPlots(Plots):
    """Figures of a `StressTest`."""

    _result: StressTest

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The curve of the scenario that loses most."""
        return self.curve(ax=ax)

    def curve(self, name: str | None = None, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_resilience`."""
        from routeopt.views.curve import draw_resilience

        return draw_resilience(self._result, name, ax)


class LossCurvePlots(Plots):
    """Figures of a `LossCurve`."""

    _result: LossCurve

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The curve."""
        return self.curve(ax)

    def curve(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_loss_curve`."""
        from routeopt.views.curve import draw_loss_curve

        return draw_loss_curve(self._result, ax)


class ComparisonPlots(Plots):
    """Figures of a `Comparison`."""

    _result: Comparison

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The routes."""
        return self.routes(ax)

    def routes(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_routes`."""
        from routeopt.views.bars import draw_routes

        return draw_routes(self._result, ax)


class ContingenciesPlots(Plots):
    """Figures of `Contingencies`."""

    _result: Contingencies

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The heat map."""
        return self.heat(ax)

    def heat(self, ax: Axes | None = None, *, top: int | None = 15) -> Axes:
        """`routeopt.views.draw_heat`."""
        from routeopt.views.heat import draw_heat

        return draw_heat(self._result, ax, top=top)


class RiskPlots(Plots):
    """Figures of a `RiskProfile`."""

    _result: RiskProfile

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The curve."""
        return self.curve(ax=ax)

    def curve(self, *others: RiskProfile, ax: Axes | None = None, tail: float = 0.95) -> Axes:
        """`routeopt.views.draw_risk`; other profiles in the same axes."""
        from routeopt.views.risk import draw_risk

        return draw_risk([self._result, *others], ax, tail=tail)


class RiskComparisonPlots(Plots):
    """Figures of two risk profiles side by side."""

    _result: RiskComparison

    def __call__(self, ax: Axes | None = None) -> Axes:
        """Both curves."""
        return self.curve(ax=ax)

    def curve(self, ax: Axes | None = None, *, tail: float = 0.95) -> Axes:
        """`routeopt.views.draw_risk` of both."""
        from routeopt.views.risk import draw_risk

        return draw_risk(self._result.profiles, ax, tail=tail)


class SensitivityPlots(Plots):
    """Figures of a `Sensitivity`."""

    _result: Sensitivity

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The tornado of what the first scenario exports."""
        return self.tornado(ax=ax)

    def tornado(self, result: str | tuple[str, str] | None = None, ax: Axes | None = None, *, top: int = 10) -> Axes:
        """`routeopt.views.draw_tornado` of a result: a scenario and a quantity, as in `Sensitivity.tornado`."""
        from routeopt.views.bars import draw_tornado
        from routeopt.views.captions import system_title

        found = self._result
        frame = found.tornado(result if result is not None else (found.scenarios[0], "exported"), top)
        # One that is no pair names a quantity of the only scenario: the tornado has checked that.
        scenario, quantity = result if isinstance(result, tuple) else (found.scenarios[0], result or "exported")
        flow = found.system.units.flow
        unit = f"USD/{flow.partition('/')[2]}" if quantity in ("cost", "netback") else flow
        return draw_tornado(
            frame, ax, base=float(found.base[scenario, quantity]), quantity=str(quantity), unit=unit,
            heading=f"{system_title(found.system)}, {scenario}: what moves {quantity}, {unit}", top=None,
        )  # fmt: skip


class AlternativesPlots(Plots):
    """Figures of `Alternatives`."""

    _result: Alternatives

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The frontier."""
        return self.frontier(ax)

    def frontier(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_corners`: barrels that cross what is avoided, by what avoiding it costs."""
        from routeopt.views.captions import system_title
        from routeopt.views.lines import draw_corners

        found = self._result
        base, what = found.base, " ".join(found.minimised)
        frame = found.frontier.assign(netback_lost=found.frontier["netback_lost"] / 1e6)
        time = base.money_unit.partition("/")[2]
        return draw_corners(
            frame, "netback_lost", "exposed", ax, x_label=f"netback lost, million USD/{time}",
            y_label=f"exports through {what}, {base.flow_unit}",
            heading=f"{system_title(base.system)}: {found.sentence}",
        )  # fmt: skip


class CapacityCurvePlots(Plots):
    """Figures of a capacity curve."""

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The curve."""
        return self.curve(ax)

    def curve(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_corners`: exports (or extra netback) by the capacity of a leg."""
        from routeopt.views.captions import system_title
        from routeopt.views.lines import draw_corners

        found = self._result
        money = found.measure == "netback"
        frame = found.table.assign(extra_netback=found.table["extra_netback"] / 1e6)
        time = found.money_unit.partition("/")[2]
        return draw_corners(
            frame, "capacity", "extra_netback" if money else "exported", ax,
            x_label=f"capacity of {found.leg}, {found.flow_unit}",
            y_label=f"extra netback, million USD/{time}" if money else f"exports, {found.flow_unit}",
            heading=f"{system_title(found.system)}, {found.name}: what {found.leg} brings by its size",
        )  # fmt: skip


class ShapleyPlots(Plots):
    """Figures of a Shapley table."""

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The bars."""
        return self.bars(ax)

    def bars(self, ax: Axes | None = None, *, top: int | None = 15) -> Axes:
        """`routeopt.views.draw_shapley`."""
        from routeopt.views.bars import draw_shapley
        from routeopt.views.captions import system_title

        found = self._result
        table, unit = found.table, str(found.unit)
        if unit.startswith("USD"):
            table = table[["shapley", "leave_one_out", "standard_error"]] / 1e6
            unit = f"million {unit}"
        return draw_shapley(
            table, ax, unit=unit, quantity=str(found.measure), top=top,
            heading=f"{system_title(found.system)}, {found.name}: {found.measure} by {found.over}",
        )  # fmt: skip


class ExpansionPlots(Plots):
    """Figures of a plan of expansion."""

    def __call__(self, ax: Axes | None = None) -> Axes:
        """The frontier."""
        return self.frontier(ax)

    def frontier(self, ax: Axes | None = None) -> Axes:
        """`routeopt.views.draw_corners`: expected cost against the cost of bad outcomes, by what is built."""
        from routeopt.views.lines import draw_corners

        frame = self._result.frontier
        million = frame.assign(total=frame["total"] / 1e6, cvar=frame["cvar"] / 1e6).reset_index()
        unit = f"million {self._result.money_unit}"
        return draw_corners(million, "total", "cvar", ax, x_label=f"expected cost, {unit}",
                            y_label=f"mean cost of bad outcomes (CVaR), {unit}", names="build", straight=False,
                            heading="What to build: expected cost against the cost of bad outcomes")  # fmt: skip

    def tornado(self, ax: Axes | None = None, *, top: int | None = 15, **asked: Any) -> Axes:
        """`routeopt.views.draw_tornado` of what the choice saves; arguments of the plan's own ``tornado``."""
        from routeopt.views.bars import draw_tornado

        frame = self._result.tornado(**asked)
        columns = ["saves_low", "saves_high"]
        million = frame.assign(**{name: frame[name] / 1e6 for name in columns})
        unit = f"million {self._result.money_unit}"
        return draw_tornado(
            million, ax, quantity="saved by building", unit=unit, top=top, ends=(columns[0], columns[1]),
            heading=f"What moves the value of building, {unit}",
        )  # fmt: skip
