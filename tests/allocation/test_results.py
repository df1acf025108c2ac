"""What an allocation is as an object: frozen, quiet, able to travel, and honest in words."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

import routeopt as ro
from helpers.small import near, network

FRAMES = ("routes", "legs", "flows", "fields", "markets", "refineries", "groups", "contracts", "bottlenecks")


@pytest.fixture(scope="module")
def plan(kz):
    return ro.allocate(kz, "one-mooring")


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda part: pickle.loads(pickle.dumps(part))])
def test_everything_travels(kz, plan, travel):
    for part in (kz, kz.scenarios["russia"], kz.legs["btc"], plan.certificate):
        assert travel(part) == part
    there = travel(plan)
    assert (there.exported, there.netback, there.name) == (plan.exported, plan.netback, plan.name)
    for frame in FRAMES:
        assert getattr(there, frame).equals(getattr(plan, frame))
    assert travel(kz).scenarios.keys() == kz.scenarios.keys()
    assert ro.allocate(travel(kz), "russia").netback == ro.allocate(kz, "russia").netback


def test_errors_travel():
    for error in (ro.UnboundedError("loop", (1, 2)), ro.InfeasibleError("no"), ro.ScenarioError("what")):
        there = pickle.loads(pickle.dumps(error))
        assert (type(there), str(there)) == (type(error), str(error))


def test_nothing_can_be_changed(kz, plan):
    for thing, name in ((plan, "name"), (plan, "exported"), (plan.certificate, "unique")):
        with pytest.raises(AttributeError):
            setattr(thing, name, 1)
    with pytest.raises(ValueError, match="frozen"):
        kz.name = "other"
    with pytest.raises(TypeError, match="override"):
        kz.legs["new"] = kz.legs["btc"]


@pytest.mark.parametrize("name", [frame for frame in FRAMES if frame != "bottlenecks"])
def test_frames_are_copies(plan, name):
    frame = getattr(plan, name)
    before = frame.copy()
    del frame[frame.columns[-1]]
    frame["mine"] = 0
    assert getattr(plan, name).equals(before)


def test_two_allocations_are_told_apart_without_a_fuss(kz, plan):
    assert plan == plan
    assert plan != ro.allocate(kz, "one-mooring")
    assert len({plan, plan}) == 1


def test_the_system_stays_as_it_was(kz):
    before = kz.to_dict()
    ro.allocate(kz, "russia", close=["btc"], build={"tcop": "10 Mt/y"})
    assert kz.to_dict() == before


@pytest.mark.parametrize("call", [
    "ro.allocate(kz)", "ro.allocate(kz, solver='pulp:HiGHS')", "ro.allocate(kz).summary()",
    "ro.allocate(kz, constraints=lambda problem, variables: None)", "ro.allocate(kz).bottlenecks",
    "ro.compare(ro.allocate(kz), ro.allocate(kz, 'russia')).notes", "ro.allocate(kz).to_pulp()",
])  # fmt: skip
def test_nothing_is_printed_not_even_by_the_first_solver_of_a_process(call):
    code = f"import routeopt as ro\nkz = ro.load('kazakhstan')\n{call}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_works_after_somebody_else_has_run_highs_with_more_threads():
    code = """
import highspy, pulp
import routeopt as ro
other = highspy.Highs()
other.setOptionValue("output_flag", False)
other.setOptionValue("threads", 2)
other.setOptionValue("parallel", "on")
other.addVar(0.0, 1.0)
other.run()
print(round(ro.allocate(ro.load("kazakhstan")).exported, 1))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "78.7"


def test_quiet_in_process(kz, capfd):
    ro.allocate(kz, "cpc-closed")
    assert capfd.readouterr() == ("", "")


def test_what_was_solved_is_told_to_the_logger(kz, caplog):
    with caplog.at_level("INFO", "routeopt"):
        ro.allocate(kz)
    assert "kazakhstan" in caplog.text
    assert "highs" in caplog.text


def test_names(kz):
    assert ro.allocate(kz).name == "base"
    assert ro.allocate(kz, "russia").name == "russia"
    assert ro.allocate(kz, {"title": "My own"}).name == "My own"
    assert ro.allocate(kz, close=["btc"]).name == "leg btc closed"
    assert ro.allocate(kz, build={"tcop": "10 Mt/y"}).name == "tcop built"
    assert ro.allocate(kz, {"tariffs": {"btc": "+1 USD/t"}}).name == "changed"


def test_status_and_units(plan):
    assert (plan.status, plan.flow_unit, plan.money_unit) == ("optimal", "Mt/y", "USD/y")
    assert repr(plan).startswith("Allocation('kazakhstan', 'one-mooring': ")


def test_states_of_legs(kz):
    plan = ro.allocate(kz, close=[{"leg": "cpc-loading", "component": ["spm-1", "spm-2"]}, "btc"])
    states = plan.legs["status"]
    assert (states["cpc-loading"], states["btc"], states["tcop"]) == ("reduced", "closed", "hypothetical")
    assert ro.allocate(kz, build={"tcop": "10 Mt/y"}).legs.loc["tcop", "status"] == "built"


def test_summary_says_what_happened(kz):
    text = ro.allocate(kz, "cpc-closed").summary()
    for part in ("CPC shut", "exported", "shut in", "optimal (certified", "Atyrau-Samara"):
        assert part in text


def test_summary_of_shortages_and_minima():
    system = network(
        {"home": ("f", "refinery", {"capacity": "1 Mt/y"})},
        {"f": {"output": "10 Mt/y", "min_output": "50 %"}}, refineries={"refinery": {"demand": "3 Mt/y"}},
        nodes={"market": {"kind": "market"}},
    )  # fmt: skip
    text = ro.allocate(system).summary()
    assert "unmet refinery demand 2.00 Mt/y" in text
    assert "shut-in exceeds the fields' turndown limits by 4.00 Mt/y" in text


def test_a_shut_field_is_no_shut_in():
    system = network({"a": ("f", "market")}, {"f": "10 Mt/y"})
    plan = ro.allocate(system, close=[{"node": "f", "availability": "40 %"}])
    assert (plan.exported, plan.shut_in, plan.fields.loc["f", "unavailable"]) == (near(4), 0, near(6))
    assert "fields closed: 6.00 Mt/y" in plan.summary()
