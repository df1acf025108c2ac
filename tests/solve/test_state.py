"""A loaded system is data: it can be copied, pickled, sent to processes and used from threads at the same time."""

import copy
import gc
import multiprocessing
import pickle
import threading
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import routeopt as ro
from routeopt.model import Program
from routeopt.solve.cache import remembered
from routeopt.solve.engine import program_of

YEAR = {"horizon": {"start": "2025-01-01", "end": "2025-03-01", "step": "week"}}


def figures(system, close, scenario=None):
    plan = ro.allocate(system, scenario, close=close)
    return plan.exported, plan.shut_in, plan.cost, plan.netback, plan.legs["flow"].to_dict()


def everything_at_once(work, cases, threads=8):
    """Results of all cases, begun at the same moment by so many threads."""
    gate = threading.Barrier(threads)

    def one(place):
        gate.wait()
        return [work(case) for case in cases[place::threads]]

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(one, range(threads)))
    return {
        place: found
        for t, part in enumerate(parts)
        for place, found in zip(range(t, len(cases), threads), part, strict=True)
    }


def test_eight_threads_allocate_different_closures_on_one_system():
    legs = sorted(ro.load("kazakhstan").legs)[:24]
    serial = [figures(ro.load("kazakhstan"), [leg]) for leg in legs]
    shared = ro.load("kazakhstan")  # nothing is derived yet: the threads meet at the first build too
    found = everything_at_once(lambda leg: figures(shared, [leg]), legs)
    assert [found[place] for place in range(len(legs))] == serial


def test_eight_threads_plan_horizons_and_contingencies_on_one_system():
    legs = ["cpc-loading", "aktau-baku", "btc", "atyrau-samara"]
    closures = [[{"leg": leg, "from": "2025-01-13", "to": "2025-02-10"}] for leg in legs for _ in range(2)]
    serial = [figures(ro.load("kazakhstan"), close, YEAR) for close in closures]
    shared = ro.load("kazakhstan")
    found = everything_at_once(lambda close: figures(shared, close, YEAR), closures)
    for place, expected in enumerate(serial):
        assert found[place][:4] == pytest.approx(expected[:4], rel=1e-9)
        assert found[place][4] == pytest.approx(expected[4], rel=1e-7, abs=1e-7)
    tables = everything_at_once(lambda _: ro.contingencies(shared, k=1).table, list(range(8)))
    assert all(table.equals(tables[0]) for table in tables.values())


def test_a_used_system_travels_without_what_it_learned():
    system = ro.load("kazakhstan")
    plan = ro.allocate(system, YEAR)
    expected = figures(system, ["btc"])
    ro.contingencies(system, k=1, over="route")
    fresh = ro.load("kazakhstan")
    assert len(pickle.dumps(system)) == len(pickle.dumps(fresh))
    assert len(pickle.dumps(plan)) > 0
    for again in (pickle.loads(pickle.dumps(system)), copy.deepcopy(system), copy.copy(system)):
        assert again == system
        assert dict(again.scenarios) == dict(system.scenarios)
        assert figures(again, ["btc"]) == expected


def test_copies_share_a_program_only_while_they_say_the_same():
    system = ro.load("kazakhstan")
    program = program_of(system)
    assert program_of(copy.copy(system)) is program
    assert program_of(system.with_scenarios({})) is program
    for other in (copy.deepcopy(system), system.override({"legs.btc.loss": "1 %"}),
                  system.model_copy(update={"note": "x"})):  # fmt: skip
        assert program_of(other) is not program


def test_two_processes_find_what_this_one_finds():
    system = ro.load("kazakhstan")
    expected = [figures(system, [leg]) for leg in ("btc", "cpc-loading")]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(figures, [system] * 2, [["btc"], ["cpc-loading"]]))
    assert found == expected


def test_what_is_remembered_is_forgotten_with_the_system():
    system = ro.load("kazakhstan")
    ro.allocate(system, YEAR)
    program = weakref.ref(program_of(system))
    del system
    gc.collect()
    assert program() is None


def test_the_last_things_of_a_kind_are_kept():
    system = ro.load("canada")
    made = []

    def ask(key, most):
        return remembered(system, list, key, lambda: made.append(key) or [key], most=most)

    assert [ask(key, 2) for key in "ababcb"] == [["a"], ["b"], ["a"], ["b"], ["c"], ["b"]]
    assert made == ["a", "b", "c"]
    ask("a", 2)
    assert made == ["a", "b", "c", "a"]
    assert isinstance(remembered(system, Program, None, lambda: program_of(system)), Program)


def test_what_holds_a_solver_is_kept_for_each_thread():
    system = ro.load("canada")

    def ask():
        return [remembered(system, object, None, object, alone=True) for _ in range(2)]

    mine = ask()
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(ask).result()
    assert mine[0] is mine[1]
    assert theirs[0] is theirs[1]
    assert mine[0] is not theirs[0]
