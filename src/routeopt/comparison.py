"""Allocations side by side, and what changed in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from routeopt.allocation import Allocation
from routeopt.errors import InputError
from routeopt.results import (
    ILLUSTRATED,
    Digest,
    Drawing,
    Figure,
    Illustration,
    Origins,
    Result,
    Table,
    illustrate,
    number,
)

if TYPE_CHECKING:
    import pandas


__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """Several allocations; the first is what the others are compared with.

    Attributes
    ----------
    plans : tuple of Allocation
    names : tuple of str
        One for each, made distinct.
    """

    drawings: ClassVar = {
        "routes": Drawing("bars:draw_routes", "By route{of}"),
    }

    plans: tuple[Allocation, ...]
    names: tuple[str, ...]

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Totals and routes; one column an allocation, flows in the system's unit, money in USD for its time."""
        import pandas

        columns = {}
        for name, plan in zip(self.names, self.plans, strict=True):
            totals = {
                ("total", "exported"): plan.exported,
                ("total", "delivered"): plan.delivered,
                ("total", "shut_in"): plan.shut_in,
                ("total", "shortage"): plan.shortage,
                ("money", "cost"): plan.cost,
                ("money", "revenue"): plan.revenue,
                ("money", "netback"): plan.netback,
            }
            flows = plan.routes["flow"]
            values = [*totals.values(), *flows.tolist()]
            keys = [*totals, *(("route", str(route)) for route in flows.index)]
            columns[name] = pandas.Series(values, pandas.MultiIndex.from_tuples(keys), dtype=float)
        frame = pandas.DataFrame(columns).fillna(0.0)
        order = list(dict.fromkeys(key for column in columns.values() for key in column.index))
        frame = frame.loc[order]
        frame.index.names = ["part", "id"]
        return frame

    @property
    def notes(self) -> tuple[str, ...]:
        """For each allocation after the first: what is lost or gained, which routes take it, what now binds."""
        first = self.plans[0]
        return tuple(
            _sentence(self.names[0], first, name, plan)
            for name, plan in zip(self.names[1:], self.plans[1:], strict=True)
        )

    def digest(self) -> Digest:
        first = self.plans[0]
        flow, money = first.flow_unit, first.money_unit
        figures = tuple(Figure(f"exported, {name}", plan.exported, flow)
                        for name, plan in zip(self.names, self.plans, strict=True))  # fmt: skip
        frame = self.table.copy()
        frame.insert(0, "unit", [money if part == "money" else flow for part, _ in frame.index])
        others = ", ".join(self.names[1:])
        return Digest(f"{self.names[0]} against {others}", first.system.title or first.system.name, figures,
                      (Table("comparison", "Side by side", frame),), self.notes)  # fmt: skip

    def origins(self) -> Origins:
        return Origins(tuple(plan.system for plan in self.plans), dict(zip(self.names, self.plans, strict=True)))

    def illustrations(self) -> list[Illustration]:
        shown = list(zip(self.names, self.plans, strict=True))
        return [illustrate(self, "routes", ", side by side"),
                *(illustrate(plan, "network", f" of {name}") for name, plan in shown[:ILLUSTRATED]),
                illustrate(self.plans[-1], "sankey", f" in {self.names[-1]}")]  # fmt: skip

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.names)})"

    def __str__(self) -> str:
        unit, money = self.plans[0].flow_unit, self.plans[0].money_unit
        shown = self.table.copy()
        shown.loc["money"] = (shown.loc[["money"]] / 1e6).to_numpy()
        text = shown.to_string(float_format=lambda value: f"{value:,.2f}")
        return f"flows in {unit}, money in million {money}\n{text}\n" + "\n".join(self.notes)


def compare(*plans: Allocation) -> Comparison:
    """Put allocations side by side.

    Parameters
    ----------
    *plans : Allocation
        Two or more of systems that show results in one unit; the first is the reference.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Fewer than two, or different units.

    Examples
    --------
    >>> import routeopt as ro
    >>> kz = ro.load("kazakhstan")
    >>> both = ro.compare(ro.allocate(kz), ro.allocate(kz, "cpc-closed"))
    >>> both.table.loc[("route", "cpc"), "cpc-closed"]
    np.float64(0.0)
    """
    if len(plans) < 2:
        raise InputError("compare needs at least two allocations")
    units = {plan.flow_unit for plan in plans}
    if len(units) > 1:
        raise InputError(f"cannot compare flows in {' and '.join(sorted(units))}; give the systems one units.flow")
    names: list[str] = []
    for plan in plans:
        count = sum(name == plan.name or name.startswith(f"{plan.name} (") for name in names)
        names.append(f"{plan.name} ({count + 1})" if count else plan.name)
    return Comparison(tuple(plans), tuple(names))


def _sentence(before_name: str, before: Allocation, name: str, plan: Allocation) -> str:
    unit = plan.flow_unit
    change = plan.exported - before.exported
    noise = 1e-6 * max(1.0, before.exported)
    if abs(change) <= noise:
        text = f"{name} exports as much as {before_name} ({number(plan.exported)} {unit})"
    else:
        direction = "more" if change > 0 else "less"
        text = (
            f"{name} exports {number(abs(change))} {unit} {direction} than {before_name} "
            f"({number(plan.exported)} instead of {number(before.exported)})"
        )
    old, new = before.routes["flow"], plan.routes["flow"]
    difference = new.sub(old, fill_value=0.0)
    grown = difference[difference > max(noise, 0.005)].sort_values(ascending=False)
    shrunk = difference[difference < -max(noise, 0.005)].sort_values()
    moves = [f"{route} +{number(value)}" for route, value in grown.items()]
    moves += [f"{route} -{number(-value)}" for route, value in shrunk.items()]
    if moves:
        text += f"; by route: {', '.join(moves)}"
    binding = plan.bottlenecks
    exporting = [str(key) for key in binding.index[(binding["marginal_exports"] > 0) & (binding["status"] == "full")]]
    if exporting:
        text += f"; what now limits exports, besides what is closed: {', '.join(exporting[:4])}"
    return text + "."
