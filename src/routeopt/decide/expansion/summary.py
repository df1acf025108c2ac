"""An expansion plan in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeopt.decide.expansion.plan import ExpansionPlan

__all__ = ["notes", "summary"]

_ROWS = 12
_KNOWN = 200
"""With more states it takes long to solve each of them by itself."""


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
    piece = f"USD/{setup.system.piece}"
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
        found.append(f"the base is {how}: {len(sampled.states)} distinct instants; they know neither tanks nor ramps")
    for tie in plan.ties:
        words = ", ".join(f"{leg} {size}" for leg, size in tie.items()) or "to build nothing"
        found.append(f"as good: {words}")
    largest = {option.leg: option.sizes[-1] for option in setup.options}
    found += dict.fromkeys(note for source in ledger.states.sources for note in source.situation(largest).notes)
    return tuple(found)


def summary(plan: ExpansionPlan) -> str:
    """See `ExpansionPlan.summary`."""
    setup, ledger = plan._setup, plan._ledger
    title = setup.system.title or setup.system.name
    cases = ", ".join(f"{case.name} {case.probability.inner:.2%}" for case in setup.cases)
    outaged = f"outages, {len(ledger.states.base)} states" if plan._sampled is not None else ""
    built = ", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing"
    told = ", ".join(part for part in (cases, outaged) if part)
    cost, unit, risk = plan.cost, f"million {plan.money_unit}", setup.risk
    lines = [
        f"{title}: what to build ({told}; by {plan.method})",
        f"build {built}",
        f"capital {_m(cost['capital'])}, operating {_m(cost['operating'])}, total {_m(cost['total'])}; "
        f"saves {_m(cost['saves'])} against nothing ({unit})",
        f"worst {1 - risk.level:.1%}: cost {_m(plan.cvar['money'])} {unit}, lost {plan.cvar['volume']:.3g} "
        f"{plan.flow_unit}; weight of the tail {risk.weight:g}",
        f"expected loss {plan.expected_loss:.3g} {plan.flow_unit}"
        + (f"; refineries lack {plan.expected_shortage:.3g} on average" if plan.expected_shortage > 0 else ""),
    ]
    if len(ledger.states.probability) <= _KNOWN or plan._model is None:
        vss = "has no meaning here" if math.isnan(plan.vss) else f"costs {_m(plan.vss)}"
        lines.append(f"perfect information is worth {_m(plan.evpi)}, planning for the mean {vss} ({unit})")
    order = plan.table["objective"].argsort(kind="stable").to_numpy()[:_ROWS].tolist()
    lacks = bool((plan.table["expected_shortage"] > 0).any())
    wide = max(len(str(plan.table.index[place])) for place in order) + 2
    pays = "  pays from" if ledger.states.names else ""
    short = f"{'lacking':>9}" if lacks else ""
    lines += ["", f"{'build':{wide}}{'capital':>10}{'saves':>10}{short}{'lost':>8}{pays}"]
    for place in order:
        row, even = plan.table.iloc[place], []
        for s, name in enumerate(ledger.states.names if place else ()):
            at = ledger.crossing(place, s).at
            even.append(f"{name} " + ("never" if math.isnan(at) else "0 %" if at == 0 else f"{at:.2%}"))
        short = f"{row['expected_shortage']:9.3g}" if lacks else ""
        figures = f"{_m(row['capital']):>10}{_m(row['saves']):>10}{short}{row['expected_loss']:8.3g}"
        lines.append(f"{row.name!s:{wide}}{figures}  {', '.join(even)}".rstrip())
    if len(plan.table) > _ROWS:
        lines.append(f"and {len(plan.table) - _ROWS} more in table")
    return "\n".join([*lines, "", *(f"- {note}" for note in plan.notes)])


def _m(money: float) -> str:
    """Millions; a decimal where they are few."""
    millions = money / 1e6 + 0.0
    return f"{millions:,.0f}" if abs(millions) >= 10 or millions == 0 else f"{millions:,.1f}"
