"""Summary, notes and digest of an allocation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from routeopt.allocation.trajectory import Trajectory
from routeopt.results import Digest, Figure, Table, counted, number
from routeopt.scenario.case import situate
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system.nodes import Terminal
from routeopt.units import parse_unit

if TYPE_CHECKING:
    from routeopt.allocation.money import InMoney

__all__ = ["SLACK", "digest_of", "headline", "hurt", "money", "notes_of", "summary"]

SLACK = "1 %"
"""Slack of transport cost for the ranges in a summary: less than the uncertainty of any tariff."""


def hurt(lost: float, shortage: float, unit: str) -> str:
    """Describe a loss, unmet refinery demand first, since it explains the sign.

    Examples
    --------
    >>> hurt(59.4, 0.0, "Mt/y"), hurt(-4.0, 8.6, "Mt/y")
    ('59.4 Mt/y lost', 'unmet refinery demand 8.60 Mt/y, 4.00 more exported')
    """
    if shortage <= 0:
        return f"{number(lost)} {unit} lost"
    rest = f"{number(-lost)} more exported" if lost < 0 else f"{number(lost)} lost"
    return f"unmet refinery demand {number(shortage)} {unit}, {rest}"


def summary(plan: InMoney) -> str:
    """See `Allocation.summary`."""
    unit, scenario, whole = plan.flow_unit, plan.scenario, plan._over_time is not None
    title = plan.system.title or plan.system.name
    lines = [f"{title}: {scenario.title or plan.name}", ""]
    if whole:
        horizon, count = plan._horizon.prepared.horizon, len(plan.periods)
        lines.append(f"{horizon.start} to {horizon.end}, {counted(count, 'period')}, {plan.foresight} foresight; "
                     f"daily means in {unit}")  # fmt: skip
    lines += [f"note: {note}" for note in notes_of(plan)]
    lines.append(headline(plan))
    minimum = (
        "output below the fields' turndown limits: {}" if whole else "shut-in exceeds the fields' turndown limits by {}"
    )
    for value, words in (
        (float(plan.fields["unavailable"].sum()), "fields closed: {}"),
        (plan.shortage, "unmet refinery demand {}"),
        (float(plan.fields["below_min_output"].sum()), minimum),
    ):
        if value > 1e-9:
            lines.append(words.format(f"{number(value)} {unit}"))
    lines += ["", *(_routes_over_time(plan) if whole else _routes(plan)), "", *(_tanks(plan) if whole else ())]
    if plan.exported > 0:
        each = (
            ""
            if whole
            else (f" ({plan.cost / (plan.exported * _pieces(plan)):.1f} USD/{plan.system.priced_unit} exported)")
        )
        lines.append(f"transport and contracts: {money(plan.cost)} {plan.money_unit}{each}")
    if whole:
        lines += [plan.bottleneck_summary] if plan._best else []
    else:
        lines += [*_exposure(plan), *(_bottlenecks(plan) if plan.optimal else ())]
    lines.append(str(plan.certificate))
    return "\n".join(lines)


def headline(plan: InMoney) -> str:
    """Exports, deliveries where they differ, and shut-in."""
    unit, available = plan.flow_unit, float(plan.fields["available"].sum())
    gone = abs(plan.exported - plan.delivered) > 1e-6 * max(1e-30, plan.exported)
    delivered = f" ({number(plan.delivered)} delivered)" if gone else ""
    return (f"exported {number(plan.exported)} {unit}{delivered}, shut in {number(plan.shut_in)} of "
            f"{number(available)} available")  # fmt: skip


def notes_of(plan: InMoney) -> tuple[str, ...]:
    """See `Allocation.notes`."""
    if plan._over_time is not None:
        return _over_time(plan._horizon)
    solved, unit, (flow, loss) = plan._solved, plan.flow_unit, plan.at_a_loss
    notes = (*solved.situation.notes, *solved.notes)
    if flow <= 0:
        return notes
    return (*notes, f"{number(flow)} of {number(plan.exported)} {unit} are exported at a loss of {money(loss)} "
            f"{plan.money_unit}; economic=True would shut them in")  # fmt: skip


def digest_of(plan: InMoney) -> Digest:
    """See `Allocation.digest`."""
    flow, money, certificate = plan.flow_unit, plan.money_unit, plan.certificate
    amount, single = flow.partition("/")[0], plan._over_time is None
    delivered, lacking = Figure("delivered", plan.delivered, flow), Figure("unmet refinery demand", plan.shortage, flow)
    differs, starving = abs(plan.exported - plan.delivered) > 1e-6 * max(1e-30, plan.exported), plan.shortage > 0
    figures = [Figure("exported", plan.exported, flow), *([delivered] if differs else []),
               Figure("shut in", plan.shut_in, flow), *([lacking] if starving else []),
               Figure("transport cost", plan.cost, money), Figure("netback", plan.netback, money)]  # fmt: skip
    cheap, loss = plan.at_a_loss if single else (0.0, 0.0)
    if cheap > 0:
        figures += [Figure("exported at a loss", float(cheap), flow), Figure("loss on it", float(loss), money)]
    details = (*([] if differs else [delivered]), *([] if starving else [lacking]),
               Figure("revenue", plan.revenue, money), Figure("certified", certificate.valid),
               Figure("gap", certificate.gap, "share"), Figure("unique", certificate.unique),
               Figure("solver", certificate.solver))  # fmt: skip
    columns = ("flow", "arrives", "available", "shut_in", "unavailable", "below_min_output", "shortage", "due",
               "deficiency")  # fmt: skip
    units = {**dict.fromkeys(columns, flow), "cost": money, "revenue": money, "days": "d",
             **dict.fromkeys(("share", "utilisation"), "share")}  # fmt: skip
    crossed = dict.fromkeys(("low", "high", "near_low", "near_high"), "share")
    each = f"{amount} for one"
    worth = {
        "marginal_relief": each,
        "marginal_exports": each,
        "marginal_saving": f"USD/{plan.system.priced_unit}",
        "days": "d",
    }
    tables = [
        Table("routes", "Routes", plan.routes, units),
        Table("bottlenecks", "Bottlenecks and the value of one more unit", lambda: plan.bottlenecks, worth),
        Table("legs", "Legs", plan.legs, {**units, "capacity": flow}),
        Table("flows", "Flows by commodity", plan.flows, units),
        Table("fields", "Fields", plan.fields, units),
        Table("markets", "Markets", plan.markets, units),
        Table("refineries", "Domestic refineries", plan.refineries, units),
        Table("groups", "Shared capacities", plan.groups, units),
        Table("contracts", "Contracts", plan.contracts, units),
        Table("exposure", "Exposure: share of exports crossing each country and chokepoint", lambda: plan.exposure,
              crossed),
    ]  # fmt: skip
    notes = (*notes_of(plan), str(certificate))
    if not plan._best:  # an alternative: what one more unit is worth there, nobody asks
        del tables[1]
    if not single:
        tables.insert(1, _table_of_periods(plan))
        notes = (f"{plan.foresight} foresight; rates are means over the horizon", *notes)
    title = plan.scenario.title or ("As it is" if plan.name == "base" else plan.name)
    return Digest(title, plan.system.title or plan.system.name, tuple(figures), tuple(tables),
                  notes, details)  # fmt: skip


def _table_of_periods(plan: InMoney) -> Table:
    flow, stock, periods = plan.flow_unit, plan.stock_unit, plan.periods
    pairs = [(str(pair[0]), str(pair[1])) for pair in periods.columns]
    own = {"total days": "d", "total in_transit": stock, "total waiting_to_discharge": stock}
    units = {f"{kind} {name}": stock if kind in ("terminal", "ullage") else flow for kind, name in pairs} | own
    heads = [" ".join(pair) for pair in pairs]
    return Table("periods", "By period", periods.set_axis(heads, axis="columns"), units)


def _routes(plan: InMoney) -> list[str]:
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
        shown = f"   {number(low)} to {number(high)}" if number(low) != number(high) else ""
        lines.append(f"{title:{width}} {number(flow):>8} {share:6.1%}{shown}")
    return lines


def _routes_over_time(plan: InMoney) -> list[str]:
    routes, table = plan.routes.sort_values("flow", ascending=False, kind="stable"), plan.periods
    width = max([len(name) for name in routes["title"]] + [5])
    lines = [f"{'route':{width}} {'mean':>8} {'minimum':>8} {'maximum':>8}"]
    for name, row in routes.iterrows():
        flow = table["route", name]
        ends = f"{number(float(flow.min())):>8} {number(float(flow.max())):>8}"
        lines.append(f"{row['title']:{width}} {number(float(row['flow'])):>8} {ends}")
    return lines


def _tanks(plan: InMoney) -> list[str]:
    """What each tank that moves does."""
    table, unit, lines = plan.periods, plan.stock_unit, []
    for name in plan._trajectory.terminals:
        held, room = table["terminal", name], table["ullage", name]
        if float(held.max() - held.min()) <= 1e-9 * max(1.0, float(held.max())):
            continue
        full = table["total", "days"][room <= 1e-6 * (held + room)].sum()
        text = f"{name} holds {number(float(held.min()))} to {number(float(held.max()))} {unit}"
        lines.append(text + (f", full on {counted(round(full), 'day')}" if full else ""))
    return lines


def _exposure(plan: InMoney) -> list[str]:
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


def _bottlenecks(plan: InMoney) -> list[str]:
    found = plan.bottlenecks
    found = found[found["status"] == "full"]
    volume = (found["marginal_relief"] > 0) | (found["marginal_exports"] > 0)
    lines = [plan.bottleneck_summary, *found[volume].head(3)["description"], *found[~volume].head(2)["description"]]
    return lines if len(lines) > 1 else [*lines, "no capacity has a positive shadow price"]


def money(value: float) -> str:
    """A sum of money with three digits and a word for its size."""
    for size, word in ((1e9, " bn"), (1e6, " million")):
        if abs(value) >= size:
            return f"{value / size:.2f}{word}"
    return f"{value:.0f}"


def _pieces(plan: InMoney) -> float:
    """Tonnes or barrels in the flow unit's amount: a million in ``Mt/y``."""
    return parse_unit(plan.flow_unit.partition("/")[0]).factor / parse_unit(plan.system.priced_unit).factor


def _over_time(solved: SolvedHorizon) -> tuple[str, ...]:
    """Closures that find nothing to cut, periods too coarse for what happens in them, fields that trip, tanks of
    unknown content, and plans that ties decided."""
    return (
        *_closures(solved),
        *_blurred(solved),
        *(tuple(_coarse(solved)) or _uneven(solved)),
        *_astride(solved),
        *_trips(solved),
        *_levels(solved),
        *_ties(solved),
    )


def _closures(solved: SolvedHorizon) -> Iterator[str]:
    undated = [closure.model_copy(update={"start": None, "end": None}) for closure in solved.scenario.closures]
    plain = solved.scenario.model_copy(update={"horizon": None, "closures": tuple(undated)})
    yield from situate(solved.prepared.system, plain).notes


def _blurred(solved: SolvedHorizon) -> Iterator[str]:
    periods = solved.prepared.program.layout.periods
    for closure in solved.scenario.closures:
        if closure.start is None or closure.end is None or closure.left >= 1.0:
            continue
        first, last = closure.start.toordinal(), closure.end.toordinal()
        hit = (periods.edges[1:] > first) & (periods.edges[:-1] < last)
        longest = float(periods.days[hit].max(initial=0.0))
        partly = hit & ((periods.edges[:-1] < first) | (periods.edges[1:] > last))
        if partly.any() and longest > last - first:
            yield (f"periods of {longest:.0f} days blur the {last - first} days of a closure ({closure}); "
                   "with step: day tanks would fill")  # fmt: skip


def _coarse(solved: SolvedHorizon) -> Iterator[str]:
    """Fields that come back slowly in periods of several days: those that were asked for, or after the longest time."""
    system, periods = solved.prepared.situation.system, solved.prepared.program.layout.periods
    slow = [field for field in system.fields.values() if field.ramp_up is not None and field.ramp_up.inner > 0.0]
    cuts = [closure for closure in solved.scenario.closures if closure.left < 1.0]
    if not slow or not cuts or periods.planned == 1:
        return
    ramp = max(1.0 / field.ramp_up.inner for field in slow if field.ramp_up)
    longest = 0.0
    for closure in cuts:
        first = closure.start.toordinal() if closure.start else periods.edges[0]
        hit = (periods.edges[1:] > first) & (periods.edges[:-1] < closure.back.toordinal() + ramp)
        longest = max(longest, float(periods.days[: periods.planned][hit[: periods.planned]].max(initial=0.0)))
    if longest > 1.0:
        unit = system.units.flow.partition("/")[0]
        # From nothing to all in a straight line: half of the output for as long as it takes.
        most = sum(0.5 * field.output.inner / field.ramp_up.inner for field in slow if field.ramp_up)
        yield (f"periods of {longest:.0f} days are coarse while fields come back: what is lost may be off by up to "
               f"{most / parse_unit(unit).factor:,.3g} {unit} a closure; write step: day")  # fmt: skip


def _uneven(solved: SolvedHorizon) -> Iterator[str]:
    """Slow fields that move within periods of several days, beside closures or far from them."""
    trajectory, system = Trajectory(solved), solved.prepared.situation.system
    periods, unit = trajectory.layout.periods, system.units.flow.partition("/")[0]
    days = periods.days[: periods.planned]
    off, longest = 0.0, 0.0
    for place, (start, field) in enumerate(zip(solved.prepared.start.output, system.fields.values(), strict=True)):
        mean = trajectory.block("output")[: periods.planned, place] / days
        moved = np.diff(mean, prepend=start)
        for pace, step in ((field.ramp_up, moved), (field.ramp_down, -moved)):
            if pace is not None and pace.inner > 0.0:
                # A plan takes the mean at once; day by day it is reached after so many days.
                a_day = pace.inner * field.output.inner
                late = np.where(days > 1.0, np.maximum(step, 0.0), 0.0) / a_day
                whole = np.minimum(np.floor(late), days)
                off += a_day * float((whole * late - 0.5 * whole * (whole + 1.0)).sum())
                longest = max(longest, float(days[whole > 0.0].max(initial=0.0)))
    if periods.planned > 1 and off > 1e-6 * float(trajectory.block("output").sum()):
        yield (f"periods of {longest:.0f} days are coarse where fields move slowly: output may be off by up to "
               f"{off / parse_unit(unit).factor:,.3g} {unit}; write step: day")  # fmt: skip


def _astride(solved: SolvedHorizon) -> Iterator[str]:
    """Periods that were asked for in which a month or year ends over which a contract or quota is counted."""
    system, periods = solved.prepared.situation.system, solved.prepared.program.layout.periods
    counted = [(name, contract.accounting_period) for name, contract in system.contracts.items()]
    for name, over in [*counted, *((name, group.accounting_period) for name, group in system.groups.items())]:
        ends = {"month": "%Y-%m", "year": "%Y"}.get(over or "")
        if ends is None or periods.planned == 1:
            continue
        for first, after in zip(periods.starts, periods.edges[1 : periods.planned + 1].astype(int), strict=False):
            if first.strftime(ends) != dt.date.fromordinal(after - 1).strftime(ends):
                yield (f"{name} is counted by the {over}, but one ends within the period from {first}, which "
                       "counts where it begins; break it there")  # fmt: skip
                break


def _trips(solved: SolvedHorizon) -> Iterator[str]:
    trajectory, system = Trajectory(solved), solved.prepared.situation.system
    periods, flow = trajectory.layout.periods, parse_unit(system.units.flow).factor
    price = trajectory.layout.by_period(solved.prepared.objectives.spending)[:, trajectory.layout.columns("trip")]
    for place, field in enumerate(trajectory.layout.slow):
        trips = trajectory.trips[: periods.reported, field]
        days = np.flatnonzero(trips)
        if len(days):
            name, dates = list(system.fields)[field], ", ".join(str(periods.starts[day]) for day in days[:3])
            more = f" and on {len(days) - 3} days more" if len(days) > 3 else ""
            trip = trajectory.block("trip")[: periods.reported, place]
            cost = 1000.0 * float(price[: periods.reported, place] @ trip)
            said = f"; that costs {cost:,.0f} {system.units.money}" if cost else ""
            yield (f"{name} trips on {dates}{more}: its output falls by up to {trips.max() / flow:,.3g} "
                   f"{system.units.flow} faster than it can be turned down{said}")  # fmt: skip


def _levels(solved: SolvedHorizon) -> Iterator[str]:
    system, layout = solved.prepared.situation.system, solved.prepared.program.layout
    names = np.array(list(system.nodes), object)[layout.tanks]
    for name in names:
        node = system.nodes[name]
        if isinstance(node, Terminal) and node.storage is not None and node.storage.initial is None:
            level = f"at its heel of {node.storage.heel}" if node.storage.heel else "empty"
            yield f"{name} has no initial level: taken as {level}"
    stored = layout.topology.stored
    for place, node in enumerate(layout.tanks):
        streams = layout.stock_stream[layout.stock_tank == place]
        if stored[node].any() and len(streams) > 1 and solved.prepared.start.stock[layout.stock_tank == place].any():
            mixed = ", ".join(layout.topology.commodities[stream] for stream in streams)
            yield f"no field feeds {names[place]}: its stock is taken as equal parts of {mixed}"


def _ties(solved: SolvedHorizon) -> Iterator[str]:
    day = solved.open_till
    if day is not None:
        yield (f"arbitrary weights chose what was done before {day} among ways that were equally good with what was "
               "known then; another could have led to other totals")  # fmt: skip
