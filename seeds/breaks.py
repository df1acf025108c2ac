"""Where claims break: sizes at which another limit takes over, found by solving again and not by a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import routeopt as ro
from routeopt.solve.parametric import Line, breakpoints

__all__ = ["BAKU_CHAIN", "Need", "Step", "chain_to_baku", "need_for", "size_that_fills", "tanker_carries", "zero_of"]

_STEP = 1e-4
"""Distance over which a slope is taken; much less than what lies between two corners."""

BAKU_CHAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "aktau-baku": ("tankers", {"legs.aktau-baku.fleet.vessels": 100_000}),
    "aktau-rail": ("rail to Aktau", {"groups.aktau-rail": None}),
    "aktau-berths": ("Aktau's oil berths", {"groups.aktau-berths": None}),
    "baku-sangachal": ("the line from Baku's port to BTC", {"legs.baku-sangachal.capacity": None}),
    "btc": ("BTC", {"legs.btc.capacity": "100 mb/d"}),
}
"""What can limit the tankers to Baku: id -> words, and the change of data that takes the limit away."""


def size_that_fills(
    kz: ro.ExportSystem, scenario: Mapping[str, Any], low: float, high: float
) -> list[tuple[float, float]]:
    """Corners of exports over the size of TCOP, as (size, exports), the ends included."""

    def exported(size: float) -> float:
        return ro.allocate(kz, scenario, build={"tcop": f"{size!r} Mt/y"}).exported

    def line(size: float) -> Line:
        value = exported(size)
        other = size - _STEP if size + _STEP > high else size + _STEP
        return Line(size, value, round((exported(other) - value) / (other - size), 6))

    return [(corner.at, corner.value) for corner in breakpoints(line, low, high, 1e-6)]


def tanker_carries(fleet: Any, cargo: float | None = None) -> float:
    """What one tanker of a fleet carries, Mt/y; with another cargo (kt) if one is given."""
    working = 1.0 - (fleet.downtime.inner if fleet.downtime else 0.0)
    return (fleet.cargo.inner if cargo is None else cargo) * working / fleet.round_trip.inner * 365.0 / 1000.0


@dataclass(frozen=True)
class Step:
    """One limit after the other on the way to Baku.

    Attributes
    ----------
    limits : tuple of str
        Ids of what binds here; empty when nothing on this way does any more.
    baku, exported : float
        What the tankers to Baku carry and all exports, before these limits are lifted.
    """

    limits: tuple[str, ...]
    baku: float
    exported: float


def chain_to_baku(kz: ro.ExportSystem, scenario: str) -> list[Step]:
    """Lift what binds the way to Baku, again and again, until nothing on it does."""
    changes: dict[str, Any] = {}
    steps = []
    while True:
        plan = ro.allocate(kz.override(changes) if changes else kz, scenario)
        table = plan.bottlenecks
        worth = table.index[(table["status"] == "full") & (table["marginal_exports"] > 1e-6)]
        limits = tuple(name for name in BAKU_CHAIN if name in worth)
        steps.append(Step(limits, float(plan.routes["flow"]["baku"]), plan.exported))
        if not limits:
            return steps
        for name in limits:
            changes |= BAKU_CHAIN[name][1]


@dataclass(frozen=True)
class Need:
    """What it takes to replace a share of CPC by barges.

    Attributes
    ----------
    share, extra, total : float
        Of CPC's normal volume; more than today through Baku; all through Baku.
    small, large : float
        New tankers at the cargo of today's depth, and at full draught.
    berths, rail, line, btc : float
        Throughput of Aktau, rail to it, line to Sangachal, as multiples of what they have; share of BTC's spare room.
    cargo : (float, float)
        The two cargoes, kt.
    gained : float
        More exports with just that; it falls short of `extra` if something else binds.
    """

    share: float
    extra: float
    total: float
    small: float
    large: float
    berths: float
    rail: float
    line: float
    btc: float
    cargo: tuple[float, float]
    gained: float


def need_for(kz: ro.ExportSystem, share: float, normal: ro.Allocation, shut: ro.Allocation, room: float) -> Need:
    """Fleet, berths, rail and lines for a share of CPC's volume, tried out in the model.

    Parameters
    ----------
    share : float
    normal, shut : Allocation
        Of a normal year, and with CPC shut.
    room : float
        Most that BTC takes from Kazakhstan, Mt/y.
    """
    extra = share * float(normal.routes["flow"]["cpc"])
    total = extra + float(shut.routes["flow"]["baku"])
    fleet = kz.legs["aktau-baku-new"].fleet
    assert fleet is not None
    high = fleet.cargo.high * fleet.cargo.factor if fleet.cargo.high is not None else fleet.cargo.inner
    aktau = total + float(shut.routes["flow"]["makhachkala"])
    each = tanker_carries(fleet)
    changes: dict[str, Any] = {
        "legs.aktau-baku-new.fleet.vessels": extra / each,
        "groups.aktau-berths.capacity": f"{aktau!r} Mt/y",
        # Rail also brings what Makhachkala's tankers take of Tengiz's crude, which is no part of this.
        "groups.aktau-rail.capacity": f"{total!r} Mt/y",
        "legs.rail-new.capacity": "0 Mt/y",
        "legs.aktau-makhachkala.commodities": ["kto"],
        "legs.baku-sangachal.capacity": f"{total!r} Mt/y",
    }
    with_it = ro.allocate(kz.override(changes), {"extends": "cpc-closed", "reopen": ["aktau-baku-new"]})
    has = {name: kz.groups[name].capacity for name in ("aktau-berths", "aktau-rail")}
    line = kz.legs["baku-sangachal"].capacity
    assert line is not None

    def times(quantity: ro.Quantity | None, flow: float) -> float:
        assert quantity is not None
        return flow / (quantity.inner * 365.0 / 1000.0)

    return Need(share, extra, total, extra / each, extra / tanker_carries(fleet, high),
                times(has["aktau-berths"], aktau), times(has["aktau-rail"], total), times(line, total), total / room,
                (fleet.cargo.inner, high), with_it.exported - shut.exported)  # fmt: skip


def zero_of(fn: Callable[[float], bool], low: float, high: float, steps: int = 50) -> float:
    """Where a yes turns into a no, between a yes at `low` and a no at `high`; infinite if there is no such place."""
    if not fn(low) or fn(high):
        return math.inf
    for _ in range(steps):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if fn(middle) else (low, middle)
    return 0.5 * (low + high)
