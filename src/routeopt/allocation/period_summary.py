"""A horizon in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routeopt.allocation.summary import amount, headline, money

if TYPE_CHECKING:
    from routeopt.allocation.horizon import HorizonAllocation

__all__ = ["summary"]


def summary(plan: HorizonAllocation) -> str:
    """See `HorizonAllocation.summary`."""
    frame, unit = plan.reading.frame, plan.flow_unit
    periods = frame.periods
    first, last = plan.course.prepared.horizon.start, plan.course.prepared.horizon.end
    title = plan.system.title or plan.system.name
    lines = [f"{title}: {plan.scenario.title or plan.name}", ""]
    lines.append(
        f"{first} to {last}, {periods.reported} periods, {plan.foresight} foresight; means of its days in {unit}"
    )
    lines += [f"note: {note}" for note in plan.notes]
    lines.append(headline(plan))
    for value, words in (
        (float(plan.fields["unavailable"].sum()), "closed at the field"),
        (plan.shortage, "refineries lack"),
        (float(plan.fields["under_minimum"].sum()), "fields go below their minimum by"),
    ):
        if value > 1e-9:
            lines.append(f"{words} {amount(value)} {unit}")
    routes = plan.routes.sort_values("flow", ascending=False, kind="stable")
    width = max([len(name) for name in routes["title"]] + [5])
    lines += ["", f"{'route':{width}} {'mean':>8} {'least':>8} {'most':>8}"]
    table = plan.periods
    for name, row in routes.iterrows():
        course = table["route", name]
        ends = f"{amount(float(course.min())):>8} {amount(float(course.max())):>8}"
        lines.append(f"{row['title']:{width}} {amount(float(row['flow'])):>8} {ends}")
    lines += ["", *_tanks(plan)]
    if plan.exported > 0:
        lines.append(f"transport and contracts cost {money(plan.cost)} {plan.money_unit}")
    lines += [plan.what_stops, str(plan.certificate)]
    return "\n".join(lines)


def _tanks(plan: HorizonAllocation) -> list[str]:
    """What each tank that moves does."""
    table, unit, lines = plan.periods, plan.stock_unit, []
    for name in plan.reading.terminals:
        held, room = table["terminal", name], table["room", name]
        if float(held.max() - held.min()) <= 1e-9 * max(1.0, float(held.max())):
            continue
        full = table["total", "days"][room <= 1e-6 * (held + room)].sum()
        text = f"{name} holds {amount(float(held.min()))} to {amount(float(held.max()))} {unit}"
        lines.append(text + (f", full on {full:.0f} days" if full else ""))
    return lines
