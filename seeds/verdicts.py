"""A verdict for each part of each claim, with its numbers and where it breaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import questions as ask
from breaks import BAKU_CHAIN, Need, chain_to_baku, need_for, size_that_fills, tanker_carries, zero_of
from questions import NEAR_ZERO, Case, flow
from record import poisson_interval

import routeopt as ro

__all__ = ["VERDICTS", "Verdict"]

OFFICIAL = 20.0
"""Size of TCOP that was aimed at, Mt/y; the scenario `tcop-20` has it."""

SLACK = "3 %"
"""Of transport cost: as good as the best for anybody who does not know freights to the dollar."""


@dataclass(frozen=True)
class Verdict:
    """What comes of one part of a claim.

    Attributes
    ----------
    part : str
    verdict : str
        ``holds``, ``fails`` or ``not testable``.
    because, breaks : str
        The number that decides, and where the answer turns, in few words.
    details : list of str
        Sentences; those that start with a space are points of a list.
    share : str
        What to write for the share of draws where there is none.
    """

    part: str
    verdict: str
    because: str
    breaks: str
    details: list[str] = field(default_factory=list)
    share: str = ""


def claim_1(case: Case) -> list[Verdict]:
    """CPC's share, how concentrated exports are, and what would end it."""
    kz, limit, base = case.kz, case.threshold("1") / 100, case.plans["base"]
    share, cpc, total = ask.cpc_share(case.plans), flow(base, "cpc"), base.exported
    hhi = float(((base.routes["flow"] / total) ** 2).sum())
    near = base.flow_ranges(SLACK, kinds=["route"]).loc[("route", "cpc")]
    least = 1 - ro.allocate(kz, "cpc-closed-nameplate").exported / total
    away = cpc - limit * total
    sizes = kz.legs["tcop"].build.sizes

    def too_little(size: float) -> bool:
        return ro.allocate(kz, "cpc-closed", build={"tcop": f"{size!r} Mt/y"}).exported < total * (1 - limit)

    size = zero_of(too_little, sizes[0].value, sizes[-1].value)
    tcop = f"a TCOP of {size:.1f} Mt/y" if math.isfinite(size) else "no TCOP of a size that was studied"
    details = [
        f"CPC carries {cpc:.1f} of {total:.1f} Mt/y, {_pct(share, 1)}; {near['low']:.1f} to {near['high']:.1f} in all "
        f"answers whose transport costs up to {SLACK} more.",
        f"HHI of the routes is {hhi:.2f}, as if there were {1 / hhi:.1f} routes of equal size.",
        f"It would stop being more than {_pct(limit)} if {away:.1f} Mt/y went elsewhere. With every other way at "
        f"nameplate CPC is still needed for {_pct(least)}; with the other ways of today it takes {tcop}, full all "
        f"year, to get it down to {_pct(limit)}.",
        f"A threshold above {_pct(share, 1)} would change the verdict; near that the ranges of the data decide.",
    ]
    return [
        Verdict("1", _word(share > limit), f"{_pct(share)} of exports", f"{away:.1f} Mt/y to other routes", details)
    ]


def claim_2(case: Case) -> list[Verdict]:
    """A count of what is recorded."""
    limit, years, found = case.threshold("2"), case.years, case.stops
    rate, days = len(found) / years, sum(stop.days for stop in found)
    low, high = poisson_interval(len(found), years)
    unplanned = sum(not stop.planned for stop in found)
    few, many = poisson_interval(unplanned, years)
    normal = flow(case.plans["base"], "cpc")
    short = sum(span.days for span in case.spans if 0 < span.capacity < normal)
    first, last = case.window
    by_year = {year: sum(stop.start.year == year for stop in found) for year in range(first.year, last.year)}
    listed = "; ".join(f"{stop.start} ({stop.days} d, {' and '.join(sorted(stop.causes))})" for stop in found)
    details = [
        f"From {first} to {last} CPC stood still {len(found)} times, {days} days in all: {listed}.",
        f"That is {rate:.2f} per year (95 % interval of a count {low:.2f} to {high:.2f}) and {case.stopped:.1f} days a "
        f"year; by year {', '.join(f'{year}: {count}' for year, count in by_year.items())}.",
        f"Without planned stops {unplanned}, {unplanned / years:.2f} per year ({few:.2f} to {many:.2f}); of three days "
        f"or more {sum(stop.days >= 3 for stop in found)}.",
        f"On {short} more days it was open but could take less than its normal {normal:.1f} Mt/y. By what they cut, "
        f"all closures together are worth {case.cut:.0f} days of full stop a year.",
        f"Other thresholds: {', '.join(f'{other:g} per year {_word(rate >= other)}' for other in case.others('2'))}.",
    ]
    breaks = f"a threshold above {rate:.2f} per year; {unplanned / years:.2f} without planned stops"
    share = f"no ranges; {low:.1f} to {high:.1f} per year"
    return [Verdict("2", _word(rate >= limit), f"{len(found)} full stops, {rate:.1f} per year", breaks, details, share)]


def claim_3(case: Case) -> list[Verdict]:
    """Barges as the answer, against the other ways."""
    return [_take_over(case), _before_others(case), _around_russia(case)]


def _take_over(case: Case) -> Verdict:
    plans, limit = case.plans, case.threshold("3.1") / 100
    base, shut, part = plans["base"], plans["cpc-closed"], ask.barges_part(plans)
    today = case.kz.legs["aktau-baku"].fleet
    whole = tanker_carries(today) * today.vessels.value
    need = need_for(case.kz, limit, base, shut, ask.btc_room(plans))
    details = [
        f"When CPC closes for a year, {flow(base, 'cpc'):.1f} Mt/y look for another way and "
        f"{base.exported - shut.exported:.1f} are lost. Tankers to Baku gain {ask.gains(plans)['baku']:.2f} Mt/y, "
        f"{_pct(part, 1)} of it: they are full in a normal year, at {flow(base, 'baku'):.2f}. Without the stop of 2025 "
        f"that is in the data they would carry {whole:.2f}.",
        f"To take {_pct(limit)} they would need {_needs(need)}.",
    ]
    return Verdict("3.1", _word(part >= limit), f"{_pct(part, 1)} of CPC's volume", _short(need), details)


def _before_others(case: Case) -> Verdict:
    plans, routes = case.plans, case.kz.routes
    found, more = ask.gains(plans), ask.gains(plans, "cpc-closed-with-tankers")
    base, shut, ten = plans["base"], plans["cpc-closed"], plans["cpc-closed-with-tankers"]
    best = max((name for name in found if name != "baku"), key=lambda name: found[name])
    need = need_for(case.kz, found[best] / flow(base, "cpc"), base, shut, ask.btc_room(plans))
    details = [
        f"{routes[best].title} gains most, {found[best]:.2f} Mt/y, against {found['baku']:.2f} for Baku.",
        f"With ten more tankers Baku gains {more['baku']:.2f} Mt/y and {routes['makhachkala'].title} change by "
        f"{more['makhachkala']:+.2f}, since they share Aktau's berths; all exports grow by "
        f"{ten.exported - shut.exported:.2f}.",
        f"To gain as much as {routes[best].title}, Baku would need {_needs(need)}.",
    ]
    because = f"{found['baku']:+.1f} Mt/y; {routes[best].title} {found[best]:+.1f}"
    return Verdict("3.2", _word(ask.baku_is_first(found)), because, _short(need), details)


def _around_russia(case: Case) -> Verdict:
    routes, free = case.kz.routes, ask.around_russia(case.plans)
    rival = max((name for name in free if name != "baku"), key=lambda name: free[name])
    margin = free["baku"] - free[rival]
    leg = case.kz.legs["aktau-baku"]
    one = tanker_carries(leg.fleet) * leg.availability.inner
    carried = ", ".join(f"{routes[name].title} {value:.2f}" for name, value in free.items() if value > NEAR_ZERO)
    of_cpc = sum(free.values()) / flow(case.plans["base"], "cpc")
    details = [
        f"Ways that do not cross Russia, with CPC shut: {carried} Mt/y, together {_pct(of_cpc, 1)} of "
        f"what CPC carries.",
        f"Baku is ahead by {margin:.2f} Mt/y; one of its tankers carries {one:.2f}. The rank hangs on the number of "
        f"ships and on what is agreed with China.",
    ]
    because = f"{free['baku']:.2f} Mt/y; {routes[rival].title} {free[rival]:.2f}"
    breaks = f"{margin:.2f} Mt/y less, {margin / one:.1f} of a tanker"
    return Verdict("3.3", _word(ask.baku_is_first(free)), because, breaks, details)


def claim_4(case: Case) -> list[Verdict]:
    """Fleet, berths and rail that it would take."""
    kz, plans, limit = case.kz, case.plans, case.threshold("4") / 100
    base, shut, room = plans["base"], plans["cpc-closed"], ask.btc_room(plans)
    cpc, part = flow(base, "cpc"), ask.barges_part(plans, "cpc-closed-with-tankers")
    berths = kz.groups["aktau-berths"].capacity
    wide = kz.override({"groups.aktau-berths.capacity": f"{berths.high} {berths.unit}"})
    baku = flow(ro.allocate(wide, "cpc-closed-with-tankers"), "baku")
    at_most = (baku - flow(base, "baku")) / cpc
    details = [
        f"With ten more tankers and their tank cars Baku carries {flow(plans['cpc-closed-with-tankers'], 'baku'):.2f} "
        f"Mt/y, {_pct(part, 1)} of CPC's volume more than in a normal year; with all berths of Aktau "
        f"({berths.high:g} Mt/y) {baku:.2f}, {_pct(at_most, 1)} more.",
        "What binds the way to Baku with CPC shut and nothing new, one after the other (each limit is lifted, and the "
        "next is seen):",
    ]
    fleet = kz.legs["aktau-baku-new"].fleet
    for step in chain_to_baku(kz, "cpc-closed"):
        extra = step.baku - flow(shut, "baku")
        what = " and ".join(BAKU_CHAIN[name][0] for name in step.limits) or "only what Tengiz and Kashagan produce"
        ships = [extra / tanker_carries(fleet, cargo) for cargo in (fleet.cargo.inner, fleet.cargo.high)]
        details.append(
            f" - {what}, at {step.baku:.2f} Mt/y through Baku: {_pct(extra / cpc)} of CPC replaced with "
            f"{_up(ships[0])} more tankers of {fleet.cargo.value:g} kt ({_up(ships[1])} of {fleet.cargo.high:g} kt), "
            f"{base.exported - step.exported:.1f} Mt/y still lost"
        )
    details.append("What a share of CPC's volume would take, tried in the model with everything else as it is:")
    for share in sorted({*(other / 100 for other in case.others("4")), limit, 1.0}):
        need = need_for(kz, share, base, shut, room)
        why = "BTC is full" if need.btc > 1 else "something else binds"
        whole = abs(need.gained - need.extra) < 1e-3
        gain = "exports grow by all of it" if whole else f"exports grow by {need.gained:.1f} only, since {why}"
        details.append(f" - {_pct(share)}, {need.extra:.1f} Mt/y more: {_needs(need)}; {gain}")
    details.append(
        f"The threshold hardly decides: the claim holds at any above {_pct(part, 1)}, or {_pct(at_most, 1)} with all "
        f"berths."
    )
    half = need_for(kz, limit, base, shut, room)
    breaks = f"{_short(half)}; BTC is full at {_pct((room - flow(shut, 'baku')) / cpc)}"
    return [Verdict("4", _word(part < limit), f"{_pct(part, 1)} of CPC's volume", breaks, details)]


def claim_5(case: Case) -> list[Verdict]:
    """BTC's spare room, and what fills it."""
    return [_by_barge(case), _by_pipe(case)]


def _by_barge(case: Case) -> Verdict:
    kz, plans, room = case.kz, case.plans, ask.btc_room(case.plans)
    btc, line = kz.legs["btc"], kz.legs["baku-sangachal"].capacity
    azeri = btc.reserved["azeri"]
    ten = flow(plans["cpc-closed-with-tankers"], "baku")
    details = [
        f"Of BTC's {btc.capacity.value:g} {btc.capacity.unit} Azeri and Turkmen crude takes {azeri.value:g}; "
        f"{btc.capacity.value - azeri.value:.3f} are free, {room:.1f} Mt/y of the crude that would come.",
        f"Tankers bring {flow(plans['cpc-closed'], 'baku'):.2f} Mt/y today and {ten:.2f} with ten more, "
        f"{_pct(ten / room)} of that.",
        f"Barges cannot fill it: the line from Baku's port to BTC is full at {line.value:g} Mt/y first.",
    ]
    verdict = _word(ask.btc_has_room(plans, "cpc-closed-with-tankers"))
    breaks = f"not at BTC: the line from Baku's port is full at {line.value:g} Mt/y"
    return Verdict("5.1", verdict, f"{ten:.1f} of {room:.1f} Mt/y of room", breaks, details)


def _by_pipe(case: Case) -> Verdict:
    kz, size, room = case.kz, case.threshold("5.2"), ask.btc_room(case.plans)
    studied, btc = kz.legs["tcop"].build.sizes, kz.legs["btc"]
    low, high = studied[0].value, studied[-1].value

    def corner(**more: Any) -> float:
        found = size_that_fills(kz, {"extends": "cpc-closed", **more}, low, high)
        return next((at for at, _ in found[1:-1]), math.inf)

    today, alone = corner(), corner(closures=[{"route": "baku"}])
    ten, supsa = corner(reopen=["aktau-baku-new"]), corner(reopen=["baku-supsa"])
    past = ro.allocate(kz, "cpc-closed", build={"tcop": f"{high:g} Mt/y"}).bottlenecks
    on_the_way = [name for name in ("tcop", "btc", "ceyhan-augusta") if name in past.index[past["status"] == "full"]]
    brought = ro.allocate(kz, "cpc-closed", build={"tcop": f"{size:g} Mt/y"})
    comes = float(brought.legs["flow"]["btc"])
    azeri = btc.reserved["azeri"]
    each = room / (btc.capacity.value - azeri.value)
    sizes = sorted([size, *case.others("5.2")])
    details = [
        f"TCOP of {size:g} Mt/y and today's barges bring {comes:.2f} Mt/y, {_pct(comes / room)} of BTC's room.",
        f"With CPC shut, exports grow with TCOP's size up to {today:.2f} Mt/y with today's barges, {ten:.2f} with ten "
        f"more tankers, {alone:.2f} with none. Beyond that {' and '.join(on_the_way) or 'the output of fields'} binds, "
        f"and a larger TCOP brings nothing.",
        f"By size in Mt/y: {', '.join(f'{at:g} {_word(ask.btc_takes(case.plans, at))}' for at in sizes)}.",
        f"Each 0.1 mb/d less Azeri crude makes room for {each * 0.1:.1f} Mt/y more. Without drag reducer "
        f"({btc.capacity.low:g} mb/d) the room is {(btc.capacity.low - azeri.value) * each:.1f} Mt/y, and with the "
        f"most Azeri crude in its range as well {(btc.capacity.low - azeri.high) * each:.1f}.",
        f"Aside: with Baku-Supsa reopened the size is {supsa:.2f} Mt/y.",
    ]
    because = f"{size:g} Mt/y and barges of {flow(brought, 'baku'):.1f} in {room:.1f}"
    breaks = f"TCOP of {today:.1f} Mt/y ({alone:.1f} without barges)"
    return Verdict("5.2", _word(ask.btc_takes(case.plans, size)), because, breaks, details)


def claim_6(case: Case) -> list[Verdict]:
    """No test of a motive; what the model can say about the need."""
    kz, plans, build = case.kz, case.plans, case.kz.legs["tcop"].build
    place = [size.value for size in build.sizes].index(OFFICIAL)
    worth = {end: _worth_of_year(kz, end) for end in ("low", "value", "high")}
    charge = {end: _charge(build, place, end) for end in ("low", "value", "high")}
    even, best, worst = (
        charge[cost] / worth[gain] * 365 for cost, gain in (("value", "value"), ("low", "high"), ("high", "low"))
    )
    idle = flow(plans["tcop-20"], "tcop")

    def unused(cut: float) -> bool:
        scenario = {"extends": "tcop-20", "tariffs": {"tcop": f"-{cut!r} USD/t"}}
        return flow(ro.allocate(kz, scenario), "tcop") < NEAR_ZERO

    cut = zero_of(unused, 0.0, 60.0, 30)
    saves = ro.allocate(kz, "cpc-closed-with-tcop-20").exported - plans["cpc-closed"].exported
    total, in_stops = _saved_in_record(case)
    each = worth["value"] / saves / 1e6
    enough = charge["value"] / each / 1e6
    details = [
        "What follows is our inference and no test of the claim.",
        f"In a normal year a TCOP of {OFFICIAL:g} Mt/y carries {idle:.1f} Mt/y; it would have to be {cut:.1f} USD/t "
        f"cheaper, capital included, before anybody used it.",
        f"In a year without CPC it saves {saves:.1f} Mt/y of exports, worth {worth['value'] / 1e9:.1f} bn USD "
        f"({each:.0f} USD/t at full netback, damage to idle fields not counted).",
        f"Its capital costs {charge['value'] / 1e6:.0f} million USD per year ({charge['low'] / 1e6:.0f} to "
        f"{charge['high'] / 1e6:.0f}), so CPC would have to be shut {even:.0f} days a year for it to be recovered, "
        f"{_pct(even / 365, 1)} of the time; {best:.0f} days with capital, interest, life and price at the best "
        f"ends of their ranges, {worst:.0f} at the worst.",
        f"The record has {case.stopped:.1f} days of full stop a year, {case.cut:.0f} if all closures are counted by "
        f"what they cut. Played on the system of 2025, without tanks and without catching up, TCOP would have saved "
        f"{total:.2f} Mt per year, {in_stops:.2f} of it in full stops; its capital is recovered at {enough:.2f} Mt a "
        f"year.",
        _conclusion(in_stops, enough, total),
    ]
    breaks = f"pays from {even:.0f} days of full stop a year ({best:.0f} to {worst:.0f}); record {case.stopped:.1f}"
    return [Verdict("6", "not testable", f"{idle:.0f} Mt/y in a normal year", breaks, details, "a motive")]


def _conclusion(in_stops: float, enough: float, total: float) -> str:
    if in_stops < enough <= total:
        text = "By full stops alone it did not pay; by lost moorings as well it may have. The record does not settle it"
    elif total < enough:
        text = "Even by all recorded closures it did not pay"
    else:
        text = "By full stops alone it would have paid"
    return f"{text}, and says nothing about what anybody thought."


def _worth_of_year(kz: ro.ExportSystem, end: str) -> float:
    """What TCOP saves in a year without CPC before its capital, USD, at an end of the range of the price.

    Damage to fields that are cut under their minimum does not count.
    """
    at = getattr(kz.price, end)
    system = kz.override({"price": f"{at} {kz.price.unit}", "recourse.below_min_output": "0 USD/t"})
    with_it = ro.allocate(system, "cpc-closed-with-tcop-20")
    capital = system.legs["tcop"].build.capital_charge(OFFICIAL * 1000 / 365)
    return with_it.netback - ro.allocate(system, "cpc-closed").netback + capital * flow(with_it, "tcop") * 1e6


def _charge(build: Any, place: int, end: str) -> float:
    """Annuity of the capital, USD per year, with capital, discount and life all at one end of their ranges."""
    capex, rate = (getattr(figure, end) * figure.factor for figure in (build.capex[place], build.discount_rate))
    longest = {"low": "high", "high": "low", "value": "value"}[end]
    years = getattr(build.lifetime, longest) * build.lifetime.factor / 365
    return float(capex * 1000 * rate / (1 - (1 + rate) ** -years))


def _saved_in_record(case: Case) -> tuple[float, float]:
    """What TCOP would have saved, Mt per year: in all recorded closures, and in full stops."""
    total = full = 0.0
    for span in case.spans:
        scenario = {"closures": [dict(closure) for closure in span.closures]}
        more = ro.allocate(case.kz, scenario, build={"tcop": f"{OFFICIAL:g} Mt/y"}).exported
        gained = (more - ro.allocate(case.kz, scenario).exported) * span.days / 365
        total += gained
        full += gained if span.capacity == 0 else 0.0
    return total / case.years, full / case.years


def _word(holds: bool) -> str:
    return "holds" if holds else "fails"


def _pct(share: float, digits: int = 0) -> str:
    """A share in per cent; without the sign that a tiny negative number would leave."""
    return f"{round(share * 100, digits) + 0.0:.{digits}f} %"


def _up(number: float) -> int:
    """The next whole number, but for a hair."""
    return math.ceil(number - NEAR_ZERO)


def _needs(need: Need) -> str:
    """What a share of CPC's volume would take."""
    small, large = need.cargo
    return (
        f"{_up(need.small)} more tankers of {small:g} kt ({_up(need.large)} of {large:g} kt), {need.berths:.1f} times "
        f"Aktau's berths, {need.rail:.1f} times its rail, {need.line:.1f} times the line from Baku's port and "
        f"{_pct(need.btc)} of BTC's spare room"
    )


def _short(need: Need) -> str:
    return f"{_up(need.small)} more tankers, {need.berths:.1f} x berths, {need.rail:.1f} x rail"


VERDICTS: list[Callable[[Case], list[Verdict]]] = [claim_1, claim_2, claim_3, claim_4, claim_5, claim_6]
"""One for each claim, in their order."""
