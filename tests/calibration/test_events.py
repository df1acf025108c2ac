"""The two events that the time parameters are fitted to, near misses, and every event that is shipped."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import routeopt as ro

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "calibration.md"
NEAR_MISSES = ["cpc-2022-07-court", "cpc-2025-09-office", "cpc-2026-01-tankers", "russia-2025-12-filanovsky"]


@pytest.fixture(scope="module")
def kz() -> ro.ExportSystem:
    return ro.load(ROOT / "data" / "routes.yaml")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("calibration", ROOT / "docs" / "calibration.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_storm_of_november_2023(kz: ro.ExportSystem, script: ModuleType) -> None:
    lost = script.lost_by_day(ro.stress_test(kz, script.STORM), script.STORM)
    for day, reported in {"11-26": 38.6, "11-27": 66.0, "11-28": 96.0, "11-29": 96.0}.items():
        assert lost[f"2023-{day}"] == pytest.approx(reported, abs=10), day
    assert 500 <= lost["2023-11-27":"2023-12-03"].sum() <= 650
    assert lost["2023-11-01":"2023-11-25"].abs().max() == pytest.approx(0, abs=1e-6)  # a storm is a surprise


def test_march_and_april_2022(kz: ro.ExportSystem, script: ModuleType) -> None:
    test = ro.stress_test(kz, script.SPRING)
    row = test.table.loc[script.SPRING]
    # A published miss: with what the operator and the press give a mooring, far more is lost than the 300 to 350 kt
    # that were reported. It is the mooring that misses: with the one that this event asks for, the loss is met.
    assert row["lost"] > script.BANDS["lost"][1] / 1000
    found = script.spring(kz, script.fitted(kz))
    assert script.fits(found), found
    assert 500 <= script.rerouted_by_day(test, script.SPRING)["2022-04"].sum() <= 620
    assert row["shortage"] == 0
    change = test.routes.loc[script.SPRING]["change"]
    assert change["atyrau-samara"] == max(change)  # most of it went to Samara


@pytest.mark.parametrize("event", NEAR_MISSES)
def test_near_misses_lose_nothing(kz: ro.ExportSystem, event: str) -> None:
    row = ro.stress_test(kz, event).table.loc[event]
    assert row[["lost", "deferred", "shut_in", "rerouted"]].abs().max() < 1e-6


def test_an_announcement_that_did_not_come_true_is_a_published_miss(kz: ro.ExportSystem, script: ModuleType) -> None:
    lost = ro.stress_test(kz, script.STATION).table.loc[script.STATION, "lost"]
    assert lost > 0  # 58 Mt/y were announced; CPC carried as much as before
    assert f"| none | {lost * 1000:.0f} |" in PAGE.read_text(encoding="utf-8")


def test_agreed_stops_cost_their_own_days(kz: ro.ExportSystem) -> None:
    for event, days in (("cpc-maint-2023-04", 4), ("cpc-maint-2024-04", 3), ("cpc-maint-2025-05", 3)):
        test = ro.stress_test(kz, event)
        usual = test.targets[event].periods["route", "cpc"].iloc[0] / 365
        assert test.table.loc[event, "lost"] <= days * usual * 1.001


def test_the_page_is_that_of_the_data(kz: ro.ExportSystem, script: ModuleType) -> None:
    """The events are computed again; of the scan, only that it was made with the values that are shipped."""
    page = PAGE.read_text(encoding="utf-8")
    assert script.events_table(kz) in page, "run python docs/calibration.py --write"
    values = script.shipped(kz)
    for name, label in script.LABELS.items():
        assert f"| {label} | {getattr(values, name):g} |" in page, name


def test_the_system_with_its_own_values_is_itself(kz: ro.ExportSystem, script: ModuleType) -> None:
    values = script.shipped(kz)
    assert script.shipped(script.changed(kz, values)) == values
    low = {"mooring": kz.legs["cpc-loading"].components.parts["spm-1"].capacity, "ramp_up": kz.fields["tengiz"].ramp_up,
           "ramp_down": kz.fields["tengiz"].ramp_down}  # fmt: skip
    for name, quantity in low.items():
        assert quantity.low <= getattr(values, name) <= quantity.high


@pytest.mark.slow
def test_every_shipped_event_can_be_played(kz: ro.ExportSystem) -> None:
    for name, scenario in kz.scenarios.items():
        if scenario.horizon is None:
            continue
        test = ro.stress_test(kz, name)
        row = test.table.loc[name]
        assert row["shortage"] == pytest.approx(0, abs=1e-6), name
        assert -1e-6 <= row["lost"] <= row["target"], name
        assert test[name].certificate.valid, name
