"""An expansion plan in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeopt.decide.expansion_plan import ExpansionPlan

__all__ = ["notes", "summary"]

_ROWS = 12


def notes(plan: ExpansionPlan) -> tuple[str, ...]:
    """See `ExpansionPlan.notes`."""
    setup, ledger = plan._setup, plan._ledger
    found = []
    for option in setup.options:
        build = option.build
        at = f"{build.discount} interest" if build.discount else "no interest"
        found.append(f"{option.leg}: capital over {build.life} at {at}; a premium for closures in it would count twice")
    if setup.toll:
        found.append(
            "shippers pay the annuity by the tonne at full use, so flows leave an option empty where others cost less"
        )
    else:
        found.append("capital is sunk: flows follow operating costs, and the annuity is paid whether oil flows or not")
    prices = setup.operator.prices
    piece = "USD/t" if setup.system.basis == "mass" else "USD/bbl"
    extra = f" and {prices.lost:g} {piece} on top" if prices.lost else ""
    found.append(f"a unit that is not exported costs the revenue that is missed{extra}; it is not sold later")
    if float(ledger.values[:, :, 1].max(initial=0.0)) > 0:
        found.append(f"a unit that refineries lack costs {prices.shortage:.4g} {piece}")
    if setup.operator.economic:
        found.append("flows minimise this cost itself; refineries come first only as far as their price says")
    else:
        found.append("flows keep to refineries first, volume second, money last, whatever that costs")
    if plan._model is not None and setup.continuous:
        pieces = "with a binary for each piece" if plan._model.problem.first.whole.any() else "convex"
        found.append(f"capital is straight between the sizes that were studied ({pieces})")
    if plan._sampled is not None:
        sampled = plan._sampled
        how = f"{sampled.draws} draws (seed {setup.seed})" if sampled.draws else "all states of its outages, exact"
        found.append(f"the base is {how}: {len(sampled.states)} distinct states; instants, not years")
    for tie in plan.ties:
        words = ", ".join(f"{leg} {size}" for leg, size in tie.items()) or "to build nothing"
        found.append(f"as good: {words}")
    found += dict.fromkeys(note for source in ledger.states.sources for note in source.notes)
    return tuple(found)


def summary(plan: ExpansionPlan) -> str:
    """See `ExpansionPlan.summary`."""
    setup, ledger = plan._setup, plan._ledger
    title = setup.system.title or setup.system.name
    cases = ", ".join(f"{case.name} {case.probability.inner:.2%}" for case in setup.cases)
    cases = cases or f"outages, {len(ledger.states.probability)} states"
    built = ", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing"
    lines = [f"{title}: what to build ({cases}; by {plan.method})", f"build {built}"]
    cost, unit = plan.cost, _million(plan.money_unit)
    lines.append(
        f"capital {cost['capital'] / 1e6:,.0f}, operating {cost['operating'] / 1e6:,.0f}, "
        f"total {cost['total'] / 1e6:,.0f}; saves {cost['saves'] / 1e6:,.0f} against nothing ({unit})"
    )
    risk = setup.risk
    lines.append(
        f"worst {1 - risk.level:.1%}: cost {plan.cvar['money'] / 1e6:,.0f} {unit}, lost {plan.cvar['volume']:.3g} "
        f"{plan.flow_unit}; expected loss {plan.expected_loss:.3g} {plan.flow_unit}; weight of the tail {risk.weight:g}"
    )
    if len(ledger.states.probability) <= 200 or plan._model is None:
        vss = "no mean state" if math.isnan(plan.vss) else f"{plan.vss / 1e6:,.0f}"
        lines.append(f"perfect information is worth {plan.evpi / 1e6:,.0f}, planning for the mean costs {vss} ({unit})")
    lines += ["", f"{'build':32}{'capital':>10}{'saves':>10}{'lost':>8}  pays from"]
    order = plan.table["objective"].argsort(kind="stable").to_numpy()[:_ROWS]
    for place in order.tolist():
        row = plan.table.iloc[place]
        even = []
        if place:
            for name in ledger.states.names:
                at = ledger.crossing(place, ledger.states.names.index(name)).at
                even.append(f"{name} " + ("never" if math.isnan(at) else "0 %" if at == 0 else f"{at:.2%}"))
        lines.append(
            f"{row.name!s:32}{row['capital'] / 1e6:10,.0f}{row['saves'] / 1e6:10,.0f}{row['expected_loss']:8.3g}  "
            + ", ".join(even)
        )
    if len(plan.table) > _ROWS:
        lines.append(f"and {len(plan.table) - _ROWS} more in table")
    return "\n".join([*lines, "", *(f"- {note}" for note in plan.notes)])


def _million(unit: str) -> str:
    return f"million {unit}"
