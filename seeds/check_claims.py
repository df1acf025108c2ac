"""Put the claims of `claims.yaml` to the model, and print what comes of it.

``python seeds/check_claims.py`` prints every verdict with its numbers, the share of draws from the ranges of the data in
which it holds, and where it breaks. ``--draws 200`` draws fewer, ``--seed 2`` others, ``--table`` prints the table alone,
``--write`` puts the table into README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from breaks import BAKU_CHAIN, Need, chain_to_baku, need_for, size_that_fills, tanker_carries, zero_of
from record import Span, Stop, calendar, poisson_interval, stops

import routeopt as ro

HERE = Path(__file__).parent
DRAWS, SEED = 300, 1
SCENARIOS = [None, "cpc-closed", "cpc-closed-with-tankers", "cpc-closed-with-tcop-40", "tcop-20"]
OFFICIAL = 20.0
"""Size of TCOP that was aimed at, Mt/y; the scenario `tcop-20` has it."""
SLACK = "3 %"
"""Of transport cost: what is as good as the best for anybody who does not know freights to the dollar."""
NEAR_ZERO = 1e-6

Plans = Mapping[str, ro.Allocation]


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
        Sentences.
    share : str
        What to write for the share of draws where there is none.
    """

    part: str
    verdict: str
    because: str
    breaks: str
    details: list[str] = field(default_factory=list)
    share: str = ""


class Case:
    """The system, its allocations, and the claims."""

    def __init__(self, kz: ro.ExportSystem, claims: list[dict[str, Any]]) -> None:
        self.kz = kz
        self.claims = {claim["id"]: claim for claim in claims}
        self.parts = {part["part"]: part for claim in claims for part in claim["parts"]}
        self.plans = {name or "base": ro.allocate(kz, name) for name in SCENARIOS}

    def threshold(self, part: str) -> float:
        """The threshold of a part, as written."""
        return float(self.parts[part]["threshold"]["value"])

    def others(self, part: str) -> list[float]:
        """Other thresholds to try."""
        return [float(value) for value in self.parts[part]["threshold"]["also"]]

    @cached_property
    def spans(self) -> list[Span]:
        """Days on which something of CPC was closed."""
        start, end = (dt.date.fromisoformat(day) for day in self.claims[2]["window"])
        return calendar(self.kz, start, end, self.claims[2]["leave_out"])

    @cached_property
    def stops(self) -> list[Stop]:
        """Full stops of CPC in the window."""
        return stops(self.spans)

    @cached_property
    def years(self) -> float:
        """Length of the window."""
        start, end = (dt.date.fromisoformat(day) for day in self.claims[2]["window"])
        return (end - start).days / 365.25

    @cached_property
    def room(self) -> float:
        """Most that BTC takes from Kazakhstan, Mt/y."""
        return btc_room(self.plans)


# --------------------------------------------------------------------------------------------------------------------
# What is asked of an allocation. The same functions give the verdict and its share of draws.


def cpc_share(plans: Plans) -> float:
    """CPC's share of exports in a normal year."""
    return _flow(plans["base"], "cpc") / plans["base"].exported


def gains(plans: Plans, scenario: str = "cpc-closed") -> dict[str, float]:
    """What each route but CPC carries more than in a normal year."""
    before, after = plans["base"].routes["flow"], plans[scenario].routes["flow"]
    return {str(name): float(after[name] - before[name]) for name in after.index if name != "cpc"}


def barges_part(plans: Plans, scenario: str = "cpc-closed") -> float:
    """What the tankers to Baku gain, as a share of what CPC carries in a normal year."""
    return gains(plans, scenario)["baku"] / _flow(plans["base"], "cpc")


def barges_gain_most(plans: Plans) -> bool:
    """Whether the tankers to Baku gain more than every other route."""
    found = gains(plans)
    return all(found["baku"] > value + NEAR_ZERO for name, value in found.items() if name != "baku")


def around_russia(plans: Plans) -> dict[str, float]:
    """Routes that a closure of Russia leaves open, and what they carry with CPC shut."""
    plan = plans["cpc-closed"]
    system = plan.system
    free = [name for name, route in system.routes.items() if not any(_russian(system, leg) for leg in route.markers)]
    return {name: _flow(plan, name) for name in free}


def barges_largest_around_russia(plans: Plans) -> bool:
    """Whether the tankers to Baku carry most of what does not cross Russia."""
    found = around_russia(plans)
    return all(found["baku"] > value + NEAR_ZERO for name, value in found.items() if name != "baku")


def btc_has_room(plans: Plans, scenario: str) -> bool:
    """Whether BTC is not full."""
    return float(plans[scenario].legs["utilisation"]["btc"]) < 1 - NEAR_ZERO


def btc_room(plans: Plans) -> float:
    """Most that BTC takes from Kazakhstan, Mt/y: what it carries when a TCOP of the largest size fills it. Without limit
    if even that does not fill it."""
    legs = plans["cpc-closed-with-tcop-40"].legs
    return float(legs["flow"]["btc"]) if legs["utilisation"]["btc"] > 1 - NEAR_ZERO else math.inf


def btc_takes(plans: Plans, size: float) -> bool:
    """Whether a TCOP of a size and today's barges leave BTC with room."""
    return btc_room(plans) - _flow(plans["cpc-closed"], "baku") > size + NEAR_ZERO


def _flow(plan: ro.Allocation, route: str) -> float:
    return float(plan.routes["flow"][route])


def _russian(system: ro.ExportSystem, leg: str) -> bool:
    """Whether a leg, or the place to which it leads, is Russian."""
    record = system.legs[leg]
    return "RU" in record.countries or system.nodes[record.destination].country == "RU"


def conclusions(case: Case) -> dict[str, Callable[[Plans], bool]]:
    """Name -> whether it holds in an allocation: each part at its threshold and at others."""
    asked: dict[str, Callable[[Plans], bool]] = {}
    tests: dict[str, Callable[[Plans, float], bool]] = {
        "1": lambda plans, limit: cpc_share(plans) > limit / 100,
        "3.1": lambda plans, limit: barges_part(plans) >= limit / 100,
        "4": lambda plans, limit: barges_part(plans, "cpc-closed-with-tankers") < limit / 100,
    }
    for part, test in tests.items():
        for limit in (case.threshold(part), *case.others(part)):
            asked[f"{part} at {limit:g}"] = lambda plans, test=test, limit=limit: test(plans, limit)  # type: ignore[misc]
    asked["3.2"] = barges_gain_most
    asked["3.3"] = barges_largest_around_russia
    asked["5.1"] = lambda plans: btc_has_room(plans, "cpc-closed-with-tankers")
    for size in (case.threshold("5.2"), *case.others("5.2")):
        asked[f"5.2 at {size:g}"] = lambda plans, size=size: btc_takes(plans, size)  # type: ignore[misc]
    asked["6 nobody uses TCOP in a normal year"] = lambda plans: _flow(plans["tcop-20"], "tcop") < NEAR_ZERO
    return asked


# --------------------------------------------------------------------------------------------------------------------
# Verdicts.


def claim_1(case: Case) -> list[Verdict]:
    """CPC's share, how concentrated exports are, and what would end it."""
    plans, limit = case.plans, case.threshold("1") / 100
    base = plans["base"]
    share, flow, total = cpc_share(plans), _flow(base, "cpc"), base.exported
    shares = base.routes["flow"] / total
    hhi = float((shares**2).sum())
    full = ro.allocate(case.kz, "cpc-closed-nameplate")
    least = 1 - full.exported / total
    sizes = case.kz.legs["tcop"].build.sizes  # type: ignore[union-attr]
    reach = total * (1 - limit)  # what the others must carry

    def too_little(size: float) -> bool:
        return ro.allocate(case.kz, "cpc-closed", build={"tcop": f"{size!r} Mt/y"}).exported < reach

    needed = zero_of(too_little, sizes[0].value, sizes[-1].value)
    tcop = f"TCOP of {needed:.1f} Mt/y" if math.isfinite(needed) else "no TCOP of a size studied"
    near = base.flow_ranges(SLACK, kinds=["route"]).loc[("route", "cpc")]
    details = [
        f"CPC carries {flow:.1f} of {total:.1f} Mt/y, {_pct(share, 1)}; {near['low']:.1f} to {near['high']:.1f} in all answers "
        f"whose transport costs up to {SLACK} more. HHI of the routes is {hhi:.2f}, as if there were {1 / hhi:.1f} routes of "
        f"equal size.",
        f"It would stop being more than {_pct(limit)} if {flow - limit * total:.1f} Mt/y went elsewhere.",
        f"With every other way at nameplate CPC would still be needed for {_pct(least)}; the other ways of today and a "
        f"{tcop} together could carry the rest to {_pct(limit)}.",
        f"The threshold would have to be above {_pct(share, 1)} to change the verdict; near that the data decide, as the "
        f"shares at other thresholds show.",
    ]
    return [Verdict("1", _word(share > limit), f"{_pct(share)} of exports",
                    f"{flow - limit * total:.1f} Mt/y to other routes", details)]  # fmt: skip


def claim_2(case: Case) -> list[Verdict]:
    """A count of what is recorded."""
    limit = case.threshold("2")
    count, years = len(case.stops), case.years
    rate = count / years
    low, high = poisson_interval(count, years)
    days = sum(stop.days for stop in case.stops)
    unplanned = [stop for stop in case.stops if not stop.planned]
    un_low, un_high = poisson_interval(len(unplanned), years)
    long = [stop for stop in case.stops if stop.days >= 3]
    normal = _flow(case.plans["base"], "cpc")
    short = sum(span.days for span in case.spans if 0 < span.capacity < normal)
    lost = sum(span.days * max(0.0, 1 - span.capacity / normal) for span in case.spans)
    start, end = case.claims[2]["window"]
    by_year = {
        year: sum(stop.start.year == year for stop in case.stops) for year in range(int(start[:4]), int(end[:4]))
    }
    listed = "; ".join(f"{stop.start} ({stop.days} d, {' and '.join(sorted(stop.causes))})" for stop in case.stops)
    details = [
        f"From {start} to {end} CPC stood still {count} times, {days} days in all: {listed}.",
        f"That is {rate:.2f} a year (95 % interval of a count {low:.2f} to {high:.2f}) and {days / years:.1f} days a year; "
        f"by year {', '.join(f'{year}: {n}' for year, n in by_year.items())}.",
        f"Without planned stops {len(unplanned)}, {len(unplanned) / years:.2f} a year ({un_low:.2f} to {un_high:.2f}); "
        f"of three days or more {len(long)}.",
        f"On {short} more days it was open but could take less than its normal {normal:.1f} Mt/y; all closures together "
        f"are worth {lost / years:.0f} days of full stop a year.",
        "At other thresholds: "
        + ", ".join(f"{other:g} a year {_word(rate >= other)}" for other in case.others("2"))
        + ".",
    ]
    breaks = f"a threshold above {rate:.2f} a year; {len(unplanned) / years:.2f} without planned stops"
    return [Verdict("2", _word(rate >= limit), f"{count} full stops, {rate:.1f} a year", breaks, details,
                    f"no ranges; {low:.1f} to {high:.1f} a year")]  # fmt: skip


def claim_3(case: Case) -> list[Verdict]:
    """Barges as the answer, against the other ways."""
    plans, limit = case.plans, case.threshold("3.1") / 100
    found, normal, shut = gains(plans), _flow(plans["base"], "cpc"), plans["cpc-closed"]
    lost = plans["base"].exported - shut.exported
    best = max((value, name) for name, value in found.items() if name != "baku")
    fleet = case.kz.legs["aktau-baku-new"].fleet
    assert fleet is not None
    ten_per_cent = need_for(case.kz, limit, plans["base"], shut, case.room)
    as_much = need_for(case.kz, best[0] / normal, plans["base"], shut, case.room)
    whole = tanker_carries(case.kz.legs["aktau-baku"].fleet) * case.kz.legs["aktau-baku"].fleet.vessels.value  # type: ignore[union-attr]
    three = [
        f"When CPC closes for a year, {normal:.1f} Mt/y look for another way; {lost:.1f} are lost. Tankers to Baku gain "
        f"{found['baku']:.2f} Mt/y, {_pct(barges_part(plans), 1)} of it: they are full in a normal year, at "
        f"{_flow(plans['base'], 'baku'):.2f}; without the stop of 2025 that is in the data they would carry {whole:.2f}.",
        f"To take {_pct(limit)} they would need {_needs(ten_per_cent)}.",
    ]
    more = gains(plans, "cpc-closed-with-tankers")
    ten = plans["cpc-closed-with-tankers"]
    two = [
        f"{case.kz.routes[best[1]].title} gains most, {best[0]:.2f} Mt/y, against {found['baku']:.2f} for Baku.",
        f"With ten more tankers Baku gains {more['baku']:.2f} Mt/y, but Aktau's berths then take "
        f"{-more['makhachkala']:.2f} from Makhachkala; exports grow by {ten.exported - shut.exported:.2f} only.",
        f"To gain as much as {case.kz.routes[best[1]].title}, Baku would need {_needs(as_much)}.",
    ]
    free = around_russia(plans)
    others = {name: value for name, value in free.items() if name != "baku"}
    rival = max(others, key=lambda name: others[name])
    margin = free["baku"] - others[rival]
    one = tanker_carries(case.kz.legs["aktau-baku"].fleet) * float(case.kz.legs["aktau-baku"].availability.inner)  # type: ignore[union-attr]
    three_three = [
        "Ways that do not cross Russia, with CPC shut: "
        + ", ".join(f"{case.kz.routes[name].title} {value:.2f}" for name, value in free.items() if value > 0)
        + f" Mt/y; {_pct(sum(free.values()) / normal, 1)} of what CPC carries.",
        f"Baku is ahead by {margin:.2f} Mt/y; one of its tankers carries {one:.2f}.",
    ]
    return [
        Verdict("3.1", _word(barges_part(plans) >= limit), f"{_pct(barges_part(plans), 1)} of CPC's volume",
                f"{math.ceil(ten_per_cent.small)} more tankers, {ten_per_cent.berths:.1f} x berths, "
                f"{ten_per_cent.rail:.1f} x rail", three),
        Verdict("3.2", _word(barges_gain_most(plans)),
                f"+{found['baku']:.1f} Mt/y; {case.kz.routes[best[1]].title} +{best[0]:.1f}",
                f"{math.ceil(as_much.small)} more tankers, {as_much.berths:.1f} x berths, {as_much.rail:.1f} x rail", two),
        Verdict("3.3", _word(barges_largest_around_russia(plans)),
                f"{free['baku']:.2f} Mt/y; {case.kz.routes[rival].title} {others[rival]:.2f}",
                f"{margin:.2f} Mt/y less, {margin / one:.1f} of a tanker", three_three),
    ]  # fmt: skip


def claim_4(case: Case) -> list[Verdict]:
    """Fleet, berths and rail that it would take."""
    kz, plans, limit = case.kz, case.plans, case.threshold("4") / 100
    normal, shut = plans["base"], plans["cpc-closed"]
    part = barges_part(plans, "cpc-closed-with-tankers")
    berths = kz.groups["aktau-berths"].capacity
    assert berths is not None
    assert berths.high is not None
    wide = ro.allocate(kz.override({"groups.aktau-berths.capacity": f"{berths.high} {berths.unit}"}),
                       "cpc-closed-with-tankers")  # fmt: skip
    at_most = (_flow(wide, "baku") - _flow(normal, "baku")) / _flow(normal, "cpc")
    fleet = kz.legs["aktau-baku-new"].fleet
    assert fleet is not None
    tankers = _flow(plans["cpc-closed-with-tankers"], "baku")
    details = [
        f"With ten more tankers and their tank cars Baku carries {tankers:.2f} Mt/y, {_pct(part, 1)} of CPC's volume more than "
        f"today; with all berths of Aktau ({berths.high:g} Mt/y) {_flow(wide, 'baku'):.2f}, {_pct(at_most, 1)} more.",
        "What binds the way to Baku with CPC shut, one after the other (the limit is lifted, then the next is seen):",
    ]
    each, high = tanker_carries(fleet), float(fleet.cargo.high or fleet.cargo.value)
    large = tanker_carries(fleet, high * fleet.cargo.factor)
    for step in chain_to_baku(kz, "cpc-closed"):
        extra = step.baku - _flow(shut, "baku")
        vessels = f"{math.ceil(extra / each - NEAR_ZERO)} more tankers of {fleet.cargo.value:g} kt"
        vessels += f" or {math.ceil(extra / large - NEAR_ZERO)} of {high:g} kt" if extra > NEAR_ZERO else ""
        what = (
            " and ".join(BAKU_CHAIN[name][0] for name in step.limits) or "nothing but the output of Tengiz and Kashagan"
        )
        details.append(f"  - {what}, at {step.baku:.2f} Mt/y through Baku ({_pct(extra / _flow(normal, 'cpc'))} of CPC "
                       f"replaced, {normal.exported - step.exported:.1f} still lost), {vessels}")  # fmt: skip
    shares = sorted({*(value / 100 for value in (*case.others("4"), case.threshold("4"))), 1.0})
    details.append("Needed for a share of CPC's volume, with everything else as it is (tried in the model):")
    for share in shares:
        need = need_for(kz, share, normal, shut, case.room)
        fits = ("exports grow by all of it" if abs(need.gained - need.extra) < 1e-3
                else f"exports grow by {need.gained:.1f} only, for {'BTC is full' if need.btc > 1 else 'something else binds'}")  # fmt: skip
        details.append(f"  - {_pct(share)}, {need.extra:.1f} Mt/y more: {_needs(need)}; {fits}")
    half = need_for(kz, limit, normal, shut, case.room)
    details.append(
        f"The threshold does not decide: the claim holds at any above {_pct(part, 1)} ({_pct(at_most, 1)} with all berths)."
    )
    return [Verdict("4", _word(part < limit), f"{_pct(part, 1)} of CPC's volume",
                    f"{math.ceil(half.small)} more tankers, {half.berths:.1f} x berths, {half.rail:.0f} x rail; "
                    f"BTC is full at {_pct((case.room - _flow(shut, 'baku')) / _flow(normal, 'cpc'))}", details)]  # fmt: skip


def claim_5(case: Case) -> list[Verdict]:
    """BTC's spare room, and the size of TCOP that fills it."""
    kz, plans = case.kz, case.plans
    sizes = kz.legs["tcop"].build.sizes  # type: ignore[union-attr]
    low, high = sizes[0].value, sizes[-1].value
    btc = kz.legs["btc"]
    assert btc.capacity is not None
    azeri = btc.reserved["azeri"]
    free = btc.capacity.value - azeri.value
    ten = plans["cpc-closed-with-tankers"]
    line = kz.legs["baku-sangachal"].capacity
    assert line is not None
    barge = [
        f"Of BTC's {btc.capacity.value:g} {btc.capacity.unit} Azeri and Turkmen crude takes {azeri.value:g}; {free:.3f} are "
        f"free, {case.room:.1f} Mt/y of the crude that would come.",
        f"Tankers bring {_flow(plans['cpc-closed'], 'baku'):.2f} Mt/y today and {_flow(ten, 'baku'):.2f} with ten more, "
        f"{_pct(_flow(ten, 'baku') / case.room)} of that room.",
        f"Barges never come near it: the line from Baku's port to BTC is full at {line.value:g} Mt/y first.",
    ]

    def corner(**more: Any) -> float:
        found = size_that_fills(kz, {"extends": "cpc-closed", **more}, low, high)
        return next((size for size, _ in found[1:-1]), math.inf)

    alone = corner(closures=[{"route": "baku"}])
    with_today, with_ten = corner(), corner(reopen=["aktau-baku-new"])
    supsa = corner(reopen=["baku-supsa"])
    past = ro.allocate(kz, "cpc-closed", build={"tcop": f"{high:g} Mt/y"}).bottlenecks
    binds = [name for name in past.index if past["state"][name] == "full" and name in ("tcop", "btc", "baku-sangachal")]
    size = case.threshold("5.2")
    tcop = ro.allocate(kz, "cpc-closed", build={"tcop": f"{size:g} Mt/y"})
    each = case.room / free
    at_others = ", ".join(f"{other:g} {_word(other < with_today)}" for other in sorted([size, *case.others("5.2")]))
    pipe = [
        f"TCOP of {size:g} Mt/y and today's barges bring {float(tcop.legs['flow']['btc']):.2f} Mt/y, "
        f"{_pct(float(tcop.legs['flow']['btc']) / case.room)} of BTC's room.",
        f"With CPC shut, exports grow with TCOP's size up to {with_today:.2f} Mt/y with today's barges, {with_ten:.2f} with "
        f"ten more tankers, {alone:.2f} with none; beyond that {' and '.join(binds)} binds, "
        f"and a larger TCOP brings nothing.",
        f"By size in Mt/y: {at_others}.",
        f"Each 0.1 mb/d less Azeri crude makes room for {each * 0.1:.1f} Mt/y more; without drag reducer "
        f"({btc.capacity.low:g} mb/d) there is {(btc.capacity.low - azeri.value) * each:.1f} Mt/y of room."
        if btc.capacity.low is not None else "",
        f"Aside: with Baku-Supsa reopened the size is {supsa:.2f} Mt/y.",
    ]  # fmt: skip
    return [
        Verdict("5.1", _word(btc_has_room(plans, "cpc-closed-with-tankers")),
                f"{_flow(ten, 'baku'):.1f} of {case.room:.1f} Mt/y of room",
                f"not BTC: its feeder line is full at {line.value:g} Mt/y", barge),
        Verdict("5.2", _word(btc_takes(plans, size)),
                f"{size:g} Mt/y and barges of {_flow(tcop, 'baku'):.1f} in {case.room:.1f}",
                f"TCOP of {with_today:.1f} Mt/y ({alone:.1f} without barges)", [line for line in pipe if line]),
    ]  # fmt: skip


def claim_6(case: Case) -> list[Verdict]:
    """No test of a motive; what the model can say about the need."""
    kz, plans = case.kz, case.plans
    build = kz.legs["tcop"].build
    assert build is not None
    size = OFFICIAL
    place = next(i for i, studied in enumerate(build.sizes) if studied.value == size)
    worth = {end: _worth_of_year(kz, end, size) for end in ("value", "low", "high")}
    charge = {end: _charge(build, place, end) for end in ("value", "low", "high")}
    even = charge["value"] / worth["value"] * 365
    best, worst = charge["low"] / worth["high"] * 365, charge["high"] / worth["low"] * 365
    idle = _flow(plans["tcop-20"], "tcop")

    def cheaper(cut: float) -> bool:
        scenario = {"extends": "tcop-20", "costs": {"tcop": f"-{cut!r} USD/t"}}
        return _flow(ro.allocate(kz, scenario), "tcop") < NEAR_ZERO

    cut = zero_of(cheaper, 0.0, 60.0, 30)
    saved, from_stops = _saved_in_record(case, size)
    per = worth["value"] / size / 1e6
    normal = _flow(plans["base"], "cpc")
    days = sum(stop.days for stop in case.stops) / case.years
    all_days = sum(s.days * max(0.0, 1 - s.capacity / normal) for s in case.spans) / case.years
    details = [
        f"Our inference, no test. In a normal year a TCOP of {size:g} Mt/y carries {idle:.1f} Mt/y; it would have to be "
        f"{cut:.1f} USD/t cheaper, capital included, before anybody used it.",
        f"In a year without CPC it saves {ro.allocate(kz, 'cpc-closed-with-tcop-20').exported - plans['cpc-closed'].exported:.1f} "
        f"Mt/y of exports, worth {worth['value'] / 1e9:.1f} bn USD ({per:.0f} USD/t at full netback).",
        f"Its capital costs {charge['value'] / 1e6:.0f} million USD a year ({charge['low'] / 1e6:.0f} to "
        f"{charge['high'] / 1e6:.0f}), so CPC would have to be shut {even:.0f} days a year for it to be recovered, "
        f"{_pct(even / 365, 1)} of the time; with all ranges at their best {best:.0f} days, at their worst {worst:.0f}.",
        f"The record has {days:.1f} days of full stop a year, and {all_days:.0f} if closures of parts are counted by what "
        f"they cut. Played on the system of 2025, without tanks and without catching up, TCOP would have saved "
        f"{saved:.2f} Mt a year, {from_stops:.2f} of it in full stops; the capital would be recovered at "
        f"{charge['value'] / per / 1e6:.2f} Mt a year.",
        "So by full stops alone it was not needed, and by lost moorings it may have been: the record does not settle it, "
        "and says nothing about what anybody thought."
        if from_stops < charge["value"] / per / 1e6 <= saved else
        "The record settles what it would have been worth here, and says nothing about what anybody thought.",
    ]  # fmt: skip
    return [Verdict("6", "not testable", f"{idle:.0f} Mt/y in a normal year",
                    f"pays from {even:.0f} days of full stop a year ({best:.0f} to {worst:.0f}); record {days:.1f}",
                    details, "a motive")]  # fmt: skip


def _worth_of_year(kz: ro.ExportSystem, end: str, size: float) -> float:
    """What TCOP saves in a year without CPC before capital, USD, at an end of the range of the price."""
    price = kz.price
    assert price is not None
    at = getattr(price, end)
    system = kz if end == "value" else kz.override({"price": f"{at} {price.unit}"})
    with_it = ro.allocate(system, "cpc-closed", build={"tcop": f"{size:g} Mt/y"})
    capital = system.legs["tcop"].build.capital_charge(size * 1000 / 365)  # type: ignore[union-attr]
    return with_it.netback - ro.allocate(system, "cpc-closed").netback + capital * _flow(with_it, "tcop") * 1e6


def _charge(build: Any, place: int, end: str) -> float:
    """Annuity of the capital, USD a year, with capital, discount and life all at one end of their ranges."""
    capex, rate = (getattr(q, end) * q.factor for q in (build.capex[place], build.discount))
    other = {"low": "high", "high": "low", "value": "value"}[end]
    years = getattr(build.life, other) * build.life.factor / 365
    return float(capex * 1000 * rate / (1 - (1 + rate) ** -years))


def _saved_in_record(case: Case, size: float) -> tuple[float, float]:
    """What TCOP would have saved, Mt a year: in all recorded closures, and in full stops."""
    total = full = 0.0
    for span in case.spans:
        scenario = {"closures": [dict(closure) for closure in span.closures]}
        more = ro.allocate(case.kz, scenario, build={"tcop": f"{size:g} Mt/y"}).exported
        gained = (more - ro.allocate(case.kz, scenario).exported) * span.days / 365
        total += gained
        full += gained if span.capacity == 0 else 0.0
    return total / case.years, full / case.years


def _pct(share: float, digits: int = 0) -> str:
    """A share in per cent; without the sign that a tiny negative number would leave."""
    return f"{round(share * 100, digits) + 0.0:.{digits}f} %"


def _needs(need: Need) -> str:
    """What a share of CPC's volume would take."""
    return (f"{math.ceil(need.small)} more tankers of {need.cargo[0]:g} kt ({math.ceil(need.large)} of {need.cargo[1]:g} kt), "
            f"{need.berths:.1f} times Aktau's berths, {need.rail:.1f} times its rail, {need.line:.1f} times the line from "
            f"Baku's port, {_pct(need.btc)} of BTC's spare room")  # fmt: skip


def _word(holds: bool) -> str:
    return "holds" if holds else "fails"


CLAIMS = [claim_1, claim_2, claim_3, claim_4, claim_5, claim_6]

# --------------------------------------------------------------------------------------------------------------------
# Printing.


def read_claims() -> list[dict[str, Any]]:
    """The claims as written."""
    claims: list[dict[str, Any]] = yaml.safe_load((HERE / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    return claims


def share_text(row: Mapping[str, float]) -> str:
    """A share with its standard error; one of nothing or all with what the number of draws can tell."""
    share, error = row["share"], row["standard_error"]
    if share >= 1:
        return f"100 % (at least {row['low'] * 100:.1f})"
    if share <= 0:
        return f"0 % (at most {row['high'] * 100:.1f})"
    return f"{share * 100:.0f} % (± {error * 100:.1f})"


def table_of(case: Case, verdicts: list[Verdict], shares: Mapping[str, str]) -> str:
    """Verdicts as a table in Markdown."""
    rows = [["claim", "verdict", "what decides", "share of draws in which it is true", "where it breaks"], ["---"] * 5]
    for verdict in verdicts:
        says = case.parts[verdict.part]["says"].rstrip(".")
        share = verdict.share or main_share(case, verdict.part, shares)
        rows.append([f"{verdict.part} {says}", verdict.verdict, verdict.because, share, verdict.breaks])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main_share(case: Case, part: str, shares: Mapping[str, str]) -> str:
    """The share of a part at its own threshold."""
    if part in shares:
        return shares[part]
    return shares[f"{part} at {case.threshold(part):g}"]


def report(case: Case, verdicts: list[Verdict], shares: Mapping[str, str]) -> str:
    """Everything in plain words."""
    lines = []
    for claim in case.claims.values():
        lines += ["", *textwrap.wrap(f"{claim['id']}. {claim['claim']}", 110)]
        for part in claim["parts"]:
            verdict = next(v for v in verdicts if v.part == part["part"])
            lines += ["", *_wrapped(f"[{verdict.part}] {verdict.verdict.upper()}: {part['says']}", 2)]
            threshold = part["threshold"]
            lines += _wrapped(f"Test: {' '.join(part['test'].split())}", 6)
            if threshold:
                lines += _wrapped(f"Threshold (ours): {threshold['value']} {threshold['unit']}. "
                                  f"{' '.join(threshold['why'].split())}", 6)  # fmt: skip
            for detail in verdict.details:
                lines += _wrapped(detail.strip(), 8 if detail.startswith("  ") else 6)
            mine = {name: text for name, text in shares.items() if name.split(" ")[0] == part["part"]}
            if mine:
                label = "Share of draws in which it is true"
                unit = f" {threshold['unit']}" if threshold and len(mine) > 1 else ""
                told = ", ".join(f"{name.partition(' ')[2]}{unit if ' at ' in name else ''} {text}".strip()
                                 for name, text in mine.items())  # fmt: skip
                lines += _wrapped(f"{label}: {told}.", 6)
            lines += _wrapped(f"Breaks: {verdict.breaks}.", 6)
        for limit in claim["cannot"]:
            lines += _wrapped(f"Not reached: {' '.join(limit.split())}", 2)
    return "\n".join(lines).strip()


def _wrapped(text: str, indent: int) -> list[str]:
    hang = 2 if text.startswith("- ") else 0
    return textwrap.wrap(text, 118, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang))


def check(draws: int = DRAWS, seed: int = SEED) -> tuple[Case, list[Verdict], dict[str, str]]:
    """All verdicts, and the shares of draws in which each is true."""
    case = Case(ro.load("kazakhstan"), read_claims())
    verdicts = [verdict for claim in CLAIMS for verdict in claim(case)]
    found = ro.sensitivity(case.kz, SCENARIOS, draws=draws, seed=seed, conclusions=conclusions(case))
    rows = found.conclusions
    shares = {str(name): share_text(rows.loc[name]) for name in rows.index}
    return case, verdicts, shares


def main(arguments: list[str] | None = None) -> None:
    """Print the verdicts, or write the table into the page."""
    parser = argparse.ArgumentParser(description="Put the article's claims to the model.")
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws from the ranges of the data")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--table", action="store_true", help="print the table alone")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    chosen = parser.parse_args(arguments)
    case, verdicts, shares = check(chosen.draws, chosen.seed)
    table = table_of(case, verdicts, shares)
    if chosen.write:
        page = HERE / "README.md"
        text = page.read_text(encoding="utf-8")
        found = re.search(r"<!-- verdicts -->\n.*?<!-- end -->", text, re.DOTALL)
        if found is None:
            raise SystemExit("README.md has no place for the table")
        new = f"<!-- verdicts -->\n{table}\n<!-- end -->"
        page.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")
        return
    if not chosen.table:
        print(report(case, verdicts, shares), end="\n\n")
        print(f"{chosen.draws} draws, seed {chosen.seed}.\n")
    print(table)


if __name__ == "__main__":
    main()
