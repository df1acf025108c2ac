"""A hair of a multiplier that holds back what earns money proves nothing, in no engine."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small import network
from routeopt.model import bounds_of, formulate, objectives_of
from routeopt.scenario.case import Situation
from routeopt.solve.batch_problem import Changes, plan_of
from routeopt.solve.warm import WarmSession

HAIRS = [1e-4, 5e-8, 5e-9, 2e-9, 1.1e-9, 5e-10]


@pytest.fixture
def poor():
    """A field of 10; poor pays 200 and gets all, rich would pay 500. Volume, money; the multipliers of that vertex."""
    system = network(
        {"a": ("f", "poor", {"capacity": "10 kt/d"}), "b": ("f", "rich", {"tariff": "2 USD/t"})},
        {"f": "10 kt/d"}, groups={"quota": {"legs": {"b": {"weight": 50}}, "capacity": "1000 kt/d"}},
        markets={"poor": {"price": "200 USD/t"}, "rich": {"price": "500 USD/t"}}, units={"flow": "kt/d"},
    )  # fmt: skip
    program, situation = formulate(system), Situation(system)
    layout = program.layout
    row = {name: layout.balance_row[layout.topology.nodes.index(name), 0] for name in ("f", "poor", "rich")}
    # Field at its bound, `b` at zero; `a` and both deliveries are basic: y_f = y_poor = c_poor, y_rich = c_rich.
    y = np.zeros((2, program.shape[0]))
    for stage, (at_poor, at_rich) in enumerate([(1.0, 1.0), (200.0, 500.0)]):
        y[stage, [row["f"], row["poor"]]], y[stage, row["rich"]] = at_poor, at_rich
    x = np.zeros(program.shape[1])
    x[[layout.topology.legs.index("a"), layout.column["output"], layout.column["delivery"]]] = 10.0
    return program, bounds_of(program, situation), objectives_of(program, situation), row, y, x


@pytest.mark.parametrize("at", ["rich", "quota"])
@pytest.mark.parametrize("hair", [0.0, *HAIRS, 1e-10])
def test_warm_session(poor, hair, at):
    # A quota with room to spare has no multiplier; times the weight 50 a hair of it is one of the leg.
    program, bounds, goals, row, y, x = poor
    session = WarmSession(plan_of(program, bounds, goals, None))
    y[0, {**row, "quota": program.layout.row["group"]}[at]] -= hair
    nothing = Changes(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
    good, _ = session._proven(nothing, session._x[None, : program.shape[1]], np.zeros(1, np.int64))
    assert good.all()
    assert session._asked == 2
    session._multipliers[0] = y
    good, _ = session._proven(nothing, x[None, :], np.zeros(1, np.int64))
    assert not good.any()


@pytest.mark.parametrize("hair", [0.0, *HAIRS])
def test_kernel(poor, hair):
    pytest.importorskip("numba")
    from routeopt.solve.kernel.proof import proven

    program, _, goals, row, y, _ = poor
    rows, columns = program.shape
    layout = program.layout
    y[0, row["rich"]] -= hair
    cost = np.array([goals.volume, goals.money])
    reduced = np.hstack([cost - np.array([program.column_activity(part) for part in y]), y])
    sides = np.zeros((1, columns + rows), np.int8)
    sides[0, columns:] = 2  # rows are balances, or free: `exported` and the markets' have no multiplier
    b, basic = layout.topology.legs.index("b"), [layout.topology.legs.index("a")]
    basic += range(layout.column["delivery"], layout.column["intake"])
    sides[0, b], sides[0, layout.column["output"]] = -1, 1
    reduced[:, basic] = 0.0  # as the kernel has it
    zero = np.array([1e-9, 5e-7])
    args = program.start.astype(np.uint32), program.index.astype(np.uint32), program.value
    costs = np.hstack([cost, np.zeros((2, rows))])
    room = np.zeros((rows, 3)), np.zeros(columns + rows)
    assert not proven(*args, costs, zero, 2, sides, 0, reduced, *room)
