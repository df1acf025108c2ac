"""What is asked of allocations. The same functions give a verdict at the values of the data and its share of draws."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from record import Span, Stop, calendar, stops

import routeopt as ro

__all__ = ["NEAR_ZERO", "SCENARIOS", "Case", "Plans", "conclusions", "flow"]

Plans = Mapping[str, ro.Allocation]

SCENARIOS = [None, "cpc-closed", "cpc-closed-with-tankers", "cpc-closed-with-tcop-40", "tcop-20"]
"""What the questions need; the first is the normal year, which goes by the name of base."""

NEAR_ZERO = 1e-6
"""Mt/y and shares below this are none."""


class Case:
    """The system, its allocations, and the claims.

    Parameters
    ----------
    kz : ExportSystem
    claims : list of mapping
        As written in ``claims.yaml``.
    """

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
    def window(self) -> tuple[dt.date, dt.date]:
        """First day counted, and first day no more counted."""
        start, end = (dt.date.fromisoformat(day) for day in self.claims[2]["window"])
        return start, end

    @cached_property
    def years(self) -> float:
        """Length of the window."""
        return (self.window[1] - self.window[0]).days / 365.25

    @cached_property
    def spans(self) -> list[Span]:
        """Days on which something of CPC was closed."""
        return calendar(self.kz, *self.window, self.claims[2]["leave_out"])

    @cached_property
    def stops(self) -> list[Stop]:
        """Full stops of CPC in the window."""
        return stops(self.spans)

    @cached_property
    def stopped(self) -> float:
        """Days of full stop a year."""
        return sum(stop.days for stop in self.stops) / self.years

    @cached_property
    def cut(self) -> float:
        """Days a year that all closures are worth, counted by what they cut of CPC's normal volume."""
        normal = flow(self.plans["base"], "cpc")
        return sum(span.days * max(0.0, 1 - span.capacity / normal) for span in self.spans) / self.years


def flow(plan: ro.Allocation, route: str) -> float:
    """Volume of a route."""
    return float(plan.routes["flow"][route])


def cpc_share(plans: Plans) -> float:
    """CPC's share of exports in a normal year."""
    return flow(plans["base"], "cpc") / plans["base"].exported


def gains(plans: Plans, scenario: str = "cpc-closed") -> dict[str, float]:
    """What each route but CPC carries more than in a normal year."""
    before, after = plans["base"].routes["flow"], plans[scenario].routes["flow"]
    return {str(name): float(after[name] - before[name]) for name in after.index if name != "cpc"}


def barges_part(plans: Plans, scenario: str = "cpc-closed") -> float:
    """What the tankers to Baku gain, as a share of what CPC carries in a normal year."""
    return gains(plans, scenario)["baku"] / flow(plans["base"], "cpc")


def around_russia(plans: Plans) -> dict[str, float]:
    """Routes that a closure of Russia leaves open, and what they carry with CPC shut."""
    plan = plans["cpc-closed"]
    free = [name for name, route in plan.system.routes.items() if not _russian(plan.system, route.metering_legs)]
    return {name: flow(plan, name) for name in free}


def _russian(system: ro.ExportSystem, legs: tuple[str, ...]) -> bool:
    """Whether one of the legs crosses Russia or leads there."""
    records = [system.legs[leg] for leg in legs]
    return any("RU" in leg.countries or system.nodes[leg.destination].country == "RU" for leg in records)


def baku_is_first(found: Mapping[str, float]) -> bool:
    """Whether the tankers to Baku are ahead of every other route."""
    return all(found["baku"] > value + NEAR_ZERO for name, value in found.items() if name != "baku")


def btc_has_room(plans: Plans, scenario: str) -> bool:
    """Whether BTC is not full."""
    return float(plans[scenario].legs["utilisation"]["btc"]) < 1 - NEAR_ZERO


def btc_room(plans: Plans) -> float:
    """Most that BTC takes from Kazakhstan, Mt/y: what it carries when the largest TCOP fills it.

    Without limit if even that does not fill it.
    """
    full = not btc_has_room(plans, "cpc-closed-with-tcop-40")
    return float(plans["cpc-closed-with-tcop-40"].legs["flow"]["btc"]) if full else math.inf


def btc_takes(plans: Plans, size: float) -> bool:
    """Whether a TCOP of a size and today's barges leave BTC with room."""
    return btc_room(plans) - flow(plans["cpc-closed"], "baku") > size + NEAR_ZERO


@dataclass(frozen=True)
class Facts:
    """What the conclusions need to know of one draw."""

    share: float
    gains: Mapping[str, float]
    taken_over: float
    taken_over_by_ten: float
    around_russia: Mapping[str, float]
    room_with_ten: bool
    room: float
    baku: float
    tcop: float

    @classmethod
    def of(cls, plans: Plans) -> Facts:
        """Read them off the allocations."""
        return cls(
            share=cpc_share(plans),
            gains=gains(plans),
            taken_over=barges_part(plans),
            taken_over_by_ten=barges_part(plans, "cpc-closed-with-tankers"),
            around_russia=around_russia(plans),
            room_with_ten=btc_has_room(plans, "cpc-closed-with-tankers"),
            room=btc_room(plans),
            baku=flow(plans["cpc-closed"], "baku"),
            tcop=flow(plans["tcop-20"], "tcop"),
        )


def conclusions(case: Case) -> dict[str, Callable[[Plans], bool]]:
    """Name -> whether it is true of allocations: each part at its threshold and at others."""
    by_limit: dict[str, Callable[[Facts, float], bool]] = {
        "1": lambda facts, limit: facts.share > limit / 100,
        "3.1": lambda facts, limit: facts.taken_over >= limit / 100,
        "4": lambda facts, limit: facts.taken_over_by_ten < limit / 100,
        "5.2": lambda facts, size: facts.room - facts.baku > size + NEAR_ZERO,
    }
    asked: dict[str, Callable[[Facts], bool]] = {
        "3.2": lambda facts: baku_is_first(facts.gains),
        "3.3": lambda facts: baku_is_first(facts.around_russia),
        "5.1": lambda facts: facts.room_with_ten,
        "6 nobody uses TCOP in a normal year": lambda facts: facts.tcop < NEAR_ZERO,
    }
    for part, test in by_limit.items():
        for limit in sorted([case.threshold(part), *case.others(part)]):
            asked[f"{part} at {limit:g}"] = partial(_at, test=test, limit=limit)
    known: dict[str, Any] = {"system": None}

    def facts(plans: Plans) -> Facts:
        # All conclusions of a draw are asked of the same system one after the other: read it once.
        if known["system"] is not plans["base"].system:
            known.update(system=plans["base"].system, facts=Facts.of(plans))
        found: Facts = known["facts"]
        return found

    return {name: partial(_of, facts=facts, test=test) for name, test in sorted(asked.items(), key=_in_order)}


def _in_order(item: tuple[str, Any]) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", item[0])]


def _at(facts: Facts, test: Callable[[Facts, float], bool], limit: float) -> bool:
    return test(facts, limit)


def _of(plans: Plans, facts: Callable[[Plans], Facts], test: Callable[[Facts], bool]) -> bool:
    return test(facts(plans))
