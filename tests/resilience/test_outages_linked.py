"""Years through the time model: the same where nothing ties days together, less where tanks do."""

from __future__ import annotations

import concurrent.futures as futures

import pytest

import routeopt as ro
from helpers.outages import fails, lines
from routeopt.resilience.outages.time import memory_of
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve

TANKS = {
    "units": {"flow": "kt/d"},
    "nodes": {"field": {"kind": "field", "output": "10 kt/d"},
              "tanks": {"kind": "terminal", "storage": {"capacity": "30 kt", "initial": "0 %"}},
              "port": {"kind": "market"}},
    "legs": {"line": {"from": "field", "to": "tanks"},
             "loading": {"from": "tanks", "to": "port", "capacity": "14 kt/d", "outages": fails(0.05, "4 d")}},
}  # fmt: skip


@pytest.fixture(scope="module")
def separate():
    return lines(10, {"a": (6, fails(0.1)), "b": (5, fails(0.2))})


def test_both_ways_agree_where_nothing_ties_days(separate):
    assert memory_of(situate(separate, resolve(separate))) == []
    one = ro.simulate_outages(separate, years=6, intertemporal=False, seed=3)
    two = ro.simulate_outages(separate, years=6, intertemporal=True, seed=3)
    assert (one.losses > 0).all()
    assert two.losses.tolist() == pytest.approx(one.losses.tolist(), rel=1e-6)
    assert one.note == ro.simulate_outages(separate, years=6, seed=3).note == "each day is solved separately"
    assert one.compare(two).difference == pytest.approx(0, abs=1e-3)


def test_tanks_save_what_they_hold():
    system = ro.ExportSystem.from_dict(TANKS)
    assert memory_of(situate(system, resolve(system))) == ["tanks"]
    linked = ro.simulate_outages(system, years=6, seed=1)
    apart = ro.simulate_outages(system, years=6, seed=1, intertemporal=False)
    assert linked.note == "days are linked by the time model"
    assert apart.note.endswith("although days are linked by tanks")
    assert (linked.losses <= apart.losses + 1e-6).all()
    assert linked.losses.sum() < 0.9 * apart.losses.sum()
    with pytest.raises(ro.InputError, match="cannot be split by event"):
        _ = linked.importance
    assert "Fussell-Vesely" not in str(linked)


def test_workers_change_nothing(separate):
    serial = ro.simulate_outages(separate, years=3, intertemporal=True, seed=3)
    with futures.ThreadPoolExecutor(1) as pool:
        other = ro.simulate_outages(separate, years=3, intertemporal=True, seed=3, executor=pool)
    assert other.losses.tolist() == pytest.approx(serial.losses.tolist(), rel=1e-9)
