"""Where the solver stops from a warm start, it is asked again from cold."""

from __future__ import annotations

from helpers.horizons import KT, day, planned
from helpers.small import near, network


def test_two_calm_periods():
    # 15 a day are produced, all but 2 % of what goes by the last leg arrives; 10 and more periods give 14.98.
    system = network(
        {
            "a": ("f0", "t0"),
            "b": ("f1", "t1"),
            "c": ("t0", "t1"),
            "d": ("t0", "m"),
            "e": ("t1", "m", {"capacity": "3 kt/d"}),
            "g": ("t0", "n"),
            "h": ("t1", "n", {"loss": "2 %"}),
        },
        {"f0": "11 kt/d", "f1": "4 kt/d"},
        ["m", "n"],
        units=KT,
        nodes={
            "t0": {"kind": "terminal", "storage": {"capacity": "46 kt", "initial": "50 %"}},
            "t1": {"kind": "terminal", "storage": {"capacity": "25 kt", "initial": "71 %"}},
        },
    )
    by_day = planned(system, [], 32)
    assert by_day.exported == near(15 - 0.02)
    assert planned(system, [], 32, period_starts=[day(16)]).exported == near(by_day.exported)
