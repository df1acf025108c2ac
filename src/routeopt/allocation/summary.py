"""An allocation in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeopt.units import parse_unit

if TYPE_CHECKING:
    from routeopt.allocation.result import Allocation

__all__ = ["SLACK", "amount", "headline", "hurt", "money", "said_of_losses", "summary"]

SLACK = "1 %"
"""By how much transport cost may be worse for the ranges in a summary: less than anyone knows a tariff."""


def amount(value: float) -> str:
    """A flow with one decimal, or more where it is small.

    Examples
    --------
    >>> amount(63.96), amount(0.034), amount(0.0)
    ('64.0', '0.034', '0.0')
    """
    return f"{value:.1f}" if value == 0 or abs(value) >= 0.095 else f"{value:.2g}"


def hurt(lost: float, shortage: float, unit: str) -> str:
    """What is lost, refineries first: a loss is never told without the shortage that explains its sign.

    Examples
    --------
    >>> hurt(59.4, 0.0, "Mt/y"), hurt(-4.0, 8.6, "Mt/y"), hurt(2.0, 2.6, "Mt/y")
    ('59.4 Mt/y lost', 'refineries lack 8.6 Mt/y, 4.0 more exported', 'refineries lack 2.6 Mt/y, 2.0 lost')
    """
    if shortage <= 0:
        return f"{amount(lost)} {unit} lost"
    rest = f"{amount(-lost)} more exported" if lost < 0 else f"{amount(lost)} lost"
    return f"refineries lack {amount(shortage)} {unit}, {rest}"


def summary(plan: Allocation) -> str:
    """See `Allocation.summary`."""
    unit, scenario = plan.flow_unit, plan.scenario
    title = plan.system.title or plan.system.name
    lines = [f"{title}: {scenario.title or plan.name}", ""]
    lines += [f"note: {note}" for note in plan.notes]
    lines.append(headline(plan))
    unavailable = float(plan.fields["unavailable"].sum())
    if unavailable > 1e-9:
        lines.append(f"closed at the field {amount(unavailable)} {unit}")
    if plan.shortage > 1e-9:
        lines.append(f"refineries lack {amount(plan.shortage)} {unit}")
    under = float(plan.fields["under_minimum"].sum())
    if under > 1e-9:
        lines.append(f"fields would have to go {amount(under)} {unit} below their minimum")
    lines += ["", *_routes(plan), ""]
    if plan.exported > 0:
        each = f"{plan.cost / (plan.exported * _pieces(plan)):.1f} USD/{plan.system.piece}"
        lines.append(f"transport and contracts cost {money(plan.cost)} {plan.money_unit} ({each} exported)")
    lines += _exposure(plan)
    if plan.optimal:
        lines += _bottlenecks(plan)
    lines.append(str(plan.certificate))
    return "\n".join(lines)


def headline(plan: Allocation) -> str:
    """Exports, deliveries where they differ, and what is shut in."""
    unit, available = plan.flow_unit, float(plan.fields["available"].sum())
    gone = abs(plan.exported - plan.delivered) > 1e-6 * max(1e-30, plan.exported)
    delivered = f" ({amount(plan.delivered)} delivered)" if gone else ""
    return (f"exported {amount(plan.exported)} {unit}{delivered}, shut in {amount(plan.shut_in)} of "
            f"{amount(available)} available")  # fmt: skip


def said_of_losses(plan: Allocation) -> list[str]:
    """What is exported at a loss, in a sentence."""
    flow, loss = plan.at_a_loss
    if flow <= 0:
        return []
    unit = plan.flow_unit
    return [f"{amount(flow)} of {amount(plan.exported)} {unit} are exported at a loss of {money(loss)} "
            f"{plan.money_unit}; economic=True would shut them in"]  # fmt: skip


def _routes(plan: Allocation) -> list[str]:
    routes = plan.routes.sort_values("flow", ascending=False, kind="stable")
    # An alternative is no optimum: nothing surrounds it.
    ranges = routes.assign(low=0.0, high=0.0)
    if plan.optimal and len(routes):
        ranges = plan.flow_ranges(SLACK, kinds=["route"]).loc[["route"]].droplevel(0)
    titles, flows, shares = (routes[key].tolist() for key in ("title", "flow", "share"))
    width = max([len(title) for title in titles] + [5])
    within = f"   within {SLACK} of transport cost" if plan.optimal else ""
    lines = [f"{'route':{width}} {plan.flow_unit:>8} {'share':>6}{within}"]
    lows, highs = (ranges.loc[routes.index, key].tolist() for key in ("low", "high"))
    for title, flow, share, low, high in zip(titles, flows, shares, lows, highs, strict=True):
        shown = f"   {amount(low)} to {amount(high)}" if amount(low) != amount(high) else ""
        lines.append(f"{title:{width}} {amount(flow):>8} {share:6.1%}{shown}")
    return lines


def _exposure(plan: Allocation) -> list[str]:
    """The three places that most barrels cross, with the range where barrels can be traced in several ways."""
    if plan.exported <= 0:
        return []
    found = plan.exposure.head(3)
    parts = []
    for (_, name), low, high in zip(found.index, found["low"].tolist(), found["high"].tolist(), strict=True):
        if high > 0:
            parts.append(f"{low:.0%} {name}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%} {name}")
    what = "gas crosses" if plan.system.gas else "barrels cross"
    return [f"exported {what}: {', '.join(parts)}"] if parts else []


def _bottlenecks(plan: Allocation) -> list[str]:
    found = plan.bottlenecks
    found = found[found["state"] == "full"]
    volume = (found["relieves"] > 0) | (found["exports"] > 0)
    lines = [plan.what_stops, *found[volume].head(3)["words"], *found[~volume].head(2)["words"]]
    return lines if len(lines) > 1 else [*lines, "nothing that is full is worth widening"]


def money(value: float) -> str:
    """A sum of money with three digits and a word for its size."""
    for size, word in ((1e9, " bn"), (1e6, " m")):
        if abs(value) >= size:
            return f"{value / size:.2f}{word}"
    return f"{value:.0f}"


def _pieces(plan: Allocation) -> float:
    """Tonnes or barrels in the flow unit's amount: a million in ``Mt/y``."""
    return parse_unit(plan.flow_unit.partition("/")[0]).factor / parse_unit(plan.system.piece).factor
