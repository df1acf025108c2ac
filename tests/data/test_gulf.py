"""The Gulf: published flows, the strait shut by hand, tanks by hand, and nothing that came of the closure."""

from __future__ import annotations

import datetime as dt

import pytest

import routeopt as ro
from helpers.small import near
from routeopt.system.iterate import quantities

CLOSURE = "2026-02-28"


@pytest.fixture(scope="module")
def gulf() -> ro.ExportSystem:
    return ro.load("gulf")


def value(system: ro.ExportSystem, leg: str) -> float:
    capacity = system.legs[leg].capacity
    assert capacity is not None
    return capacity.value


def test_numbers_say_whether_they_were_published_before_the_closure(gulf: ro.ExportSystem) -> None:
    for path, number in quantities(gulf):
        # Distances, and freight reckoned from them and one rate of 2025, are neither.
        cited = {source: gulf.bibliography[source].date for source in set(number.source) - {"searoute", "baird-2025"}}
        words = number.note + number.estimate
        if cited:
            assert "before" in words or "after" in words, path
        if any(date >= CLOSURE[:7] and date != "2026-02" for date in cited.values()):
            assert "after" in words, path


def test_ids_that_users_rely_on(gulf: ro.ExportSystem) -> None:
    assert set(gulf.routes) == {"hormuz", "yanbu", "fujairah", "ceyhan", "jask"}
    assert {"petroline", "yanbu-loading", "adcop", "kirkuk-ceyhan", "goreh-jask", "sumed"} <= set(gulf.legs)
    asked = {"hormuz-closed", "hormuz-half", "bab-el-mandeb-closed", "hormuz-and-bab-el-mandeb", "petroline-attack",
             "fujairah-closed", "goreh-jask-closed", "hormuz-90-days"}  # fmt: skip
    assert asked <= set(gulf.scenarios)
    assert gulf.exporters == ("SA", "IQ", "KW", "AE", "QA", "IR", "BH")


def test_the_base_year_has_the_published_flows(gulf: ro.ExportSystem) -> None:
    plan = ro.allocate(gulf)
    flow = plan.routes["flow"]
    # By origin: IEA for 2025 (Saudi Arabia, Iraq), US EIA for 2024 (the others).
    through = {"ras-tanura-asia": 5.43, "basra-asia": 3.32, "uae-asia": 1.89, "kuwait-asia": 1.33, "qatar-asia": 0.65,
               "kharg-asia": 1.4}  # fmt: skip
    for leg, published in through.items():
        assert plan.legs["flow"][leg] == pytest.approx(published, abs=0.005), leg
    # All crude: 14.95 in 2025 by the IEA, 14.32 in 2024 by the EIA, of which 0.35 is nobody's.
    assert flow["hormuz"] == pytest.approx(14.32, abs=0.35)
    assert flow["hormuz"] == pytest.approx(14.95, rel=0.07)
    assert flow["yanbu"] == pytest.approx(0.76)  # pinned by a contract
    assert flow["fujairah"] == pytest.approx(1.1)  # pinned by a contract
    assert flow["ceyhan"] == pytest.approx(0.19)
    assert flow["jask"] == 0
    assert plan.legs["flow"]["petroline"] == pytest.approx(2.0)  # the IEA's figure for all of the line
    assert plan.shut_in == pytest.approx(0, abs=1e-9)


def test_output_is_what_was_reported(gulf: ro.ExportSystem) -> None:
    output = {name: field.output.value for name, field in gulf.fields.items()}
    iraq = output["basra-fields"] + output["kirkuk-fields"] + output["kurdistan-fields"]
    assert iraq == pytest.approx(4.4)
    february = gulf.override(gulf.scenarios["february-2026"].override)
    steo = {
        "saudi-fields": 10.5,
        "uae-fields": 3.6,
        "kuwait-fields": 2.56,
        "iran-fields": 3.39,
        "bahrain-fields": 0.193,
    }
    for name, published in steo.items():
        assert february.fields[name].output.value == pytest.approx(published), name
    assert ro.allocate(february).fields["flow"]["saudi-fields"] - 3.5 == pytest.approx(7.0)  # roughly what was exported


def test_with_the_strait_shut_the_ways_round_are_full(gulf: ro.ExportSystem) -> None:
    plan = ro.allocate(gulf, "hormuz-closed")
    west = gulf.refineries["saudi-west-use"].demand.value
    kurdish = gulf.fields["kurdistan-fields"].output.value - gulf.refineries["kurdistan-use"].demand.value
    by_hand = {
        "hormuz": 0.0,
        "yanbu": min(value(gulf, "petroline") - west, value(gulf, "yanbu-loading")),  # the port binds: 4.4 of 5.76
        "fujairah": value(gulf, "adcop"),
        "ceyhan": min(kurdish, value(gulf, "kirkuk-ceyhan")),  # the north alone, which has 0.19
        "jask": value(gulf, "goreh-jask"),
    }
    assert by_hand == {"hormuz": 0, "yanbu": 4.4, "fujairah": 1.8, "ceyhan": near(0.19), "jask": 0.3}
    for route, flow in by_hand.items():
        assert plan.routes["flow"][route] == near(flow), route
    assert plan.exported == near(6.69)
    assert plan.shut_in == near(16.07 - 6.69)
    assert plan.shortage == pytest.approx(0, abs=1e-9)  # refineries round the line are served


@pytest.mark.parametrize(
    ("scenario", "exported"),
    [
        ("hormuz-closed-petroline-design", 5 - 1.24 + 1.8 + 0.19 + 0.3),  # now the line binds
        ("hormuz-closed-west-refineries-2", 6.69),  # 7 - 2 is still more than the port loads
        ("hormuz-closed-kirkuk-reopened", 4.4 + 1.8 + 0.45 + 0.3),  # the line to Ceyhan binds
        ("hormuz-closed-but-to-iran", 4.4 + 1.8 + 0.19 + 1.4),
        ("hormuz-and-bab-el-mandeb", 2.5 + 1.0 + 1.8 + 0.19 + 0.3),  # SUMED and what the canal takes laden
        ("hormuz-bab-el-mandeb-and-egypt", 1.8 + 0.19 + 0.3),
        ("hormuz-and-petroline-one-line", 2.8 - 1.24 + 1.8 + 0.19 + 0.3),
        ("hormuz-and-fujairah", 6.69 - 1.8),
        ("hormuz-and-goreh-jask", 6.69 - 0.3),
        ("hormuz-and-ceyhan", 6.69 - 0.19),
        ("every-way-round-out", 0.0),
        ("hormuz-half", 8 + 6.69 - 0.0),  # half of 16, and all ways round
        ("hormuz-closed-with-west-east", 6.69 - 1.8 + 3.6 - 0.61),  # all that the Emirates have to export
        ("hormuz-closed-february-2026", 6.69),  # more is shut in, no more leaves
        ("bab-el-mandeb-closed", 16.07),
        ("fujairah-closed", 16.07 - 1.1 + (2.8 - 1.89)),  # what the ports inside the strait can take more
        ("ceyhan-closed", 16.07 - 0.19),
        ("basra-oil-terminal-out", 16.07 - (3.32 - 4 * 0.6)),
    ],
)
def test_closures_by_hand(gulf: ro.ExportSystem, scenario: str, exported: float) -> None:
    assert ro.allocate(gulf, scenario).exported == pytest.approx(exported, abs=1e-6)


def test_the_refineries_are_served_before_yanbu_loads(gulf: ro.ExportSystem) -> None:
    plan = ro.allocate(gulf, "hormuz-and-petroline-one-line")
    assert plan.refineries["flow"]["saudi-west-use"] == near(1.24)
    out = ro.allocate(gulf, "petroline-attack")
    assert out.refineries["flow"]["saudi-west-use"] == 0
    assert out.shortage == near(1.24)


def test_basra_cannot_reach_ceyhan(gulf: ro.ExportSystem) -> None:
    plan = ro.allocate(gulf, "hormuz-closed")
    assert plan.fields["flow"]["basra-fields"] == near(0.48)  # its refineries; not a barrel to the north
    streams = plan.flows["flow"].to_dict()
    assert {stream for leg, stream in streams if leg == "kirkuk-ceyhan"} == {"kirkuk"}


def test_tanks_top_out_by_hand(gulf: ro.ExportSystem) -> None:
    plan = ro.allocate(gulf, "hormuz-30-days")
    stock = plan.periods.terminal
    # Room over what cannot leave: no way round for any of the three.
    for tanks, blocked, published in (("basra-tanks", 3.32, 6), ("mina-al-ahmadi", 1.33, 14), ("mesaieed", 0.65, 20)):
        storage = gulf.nodes[tanks].storage  # type: ignore[union-attr]
        assert storage is not None
        assert storage.initial is not None
        size, held = storage.capacity.value, storage.initial.value / 100 * storage.capacity.value
        days = (size - held) / blocked
        assert days == pytest.approx(published, rel=0.005), tanks  # the reckoning that the room was taken from
        full = [day for day, level in stock[tanks].items() if level >= size - 1e-6]
        first = dt.date.fromisoformat(str(full[0])[:10])
        # The end of the first day on which it is full: 6.001 days are over on the seventh.
        assert (first - dt.date(2026, 3, 1)).days + 1 == -int(-days // 1), tanks
    basra = plan.periods.field["basra-fields"]
    assert basra.iloc[:6].tolist() == [near(3.8)] * 6
    assert basra.iloc[7] == near(0.48)
    # Nothing of what is blocked can go round, so what is shut in is what found no room: 30 - 6 days of 3.32.
    assert plan.periods.shut_in["basra-fields"].sum() == near(30 * 3.32 - 29.3 * 0.68)


def test_rooms_add_up_to_what_was_reckoned(gulf: ro.ExportSystem) -> None:
    inside = ("ras-tanura", "basra-tanks", "mina-al-ahmadi", "mesaieed", "das-zirku", "kharg")
    storages = [gulf.nodes[name].storage for name in inside]  # type: ignore[union-attr]
    room = sum(s.capacity.value * (1 - s.initial.value / 100) for s in storages)
    held = sum(s.capacity.value * s.initial.value / 100 for s in storages)
    assert room == pytest.approx(343, rel=0.07)  # JPMorgan; 322 here
    assert held == pytest.approx(175, rel=0.07)  # Kayrros


def test_each_producer_is_foreign_to_the_others_only(gulf: ro.ExportSystem) -> None:
    exposed = ro.allocate(gulf).exposure["high"]
    assert exposed[("chokepoint", "hormuz")] == near(14.02 / 16.07)
    assert exposed[("country", "TR")] == near(0.19 / 16.07)
    assert exposed[("country", "EG")] == near(0.76 / 16.07)
    assert exposed[("country", "SA")] == 0  # Saudi crude crosses its own country, nobody else's does
    assert ro.n_minus_one(gulf, over="country").critical_element == "SA"
    assert ro.n_minus_one(gulf, over="chokepoint").network_ratio == near(6.69 / 16.07)
