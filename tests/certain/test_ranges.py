"""What is certain of a flow: ranges known by hand, and ranges found by brute force."""

from __future__ import annotations

import numpy as np
import pytest

import routeopt as ro
from helpers.face import without_circles
from helpers.small import near, network

KINDS = ("leg",)


def leg(capacity=None, tariff=0, **more):
    """Mt/y and USD/t."""
    record = {"tariff": f"{tariff} USD/t", **more}
    if capacity is not None:
        record["capacity"] = f"{capacity} Mt/y"
    return record


def ends(plan, slack=0.0, **more):
    """leg -> (low, high)."""
    found = plan.flow_ranges(slack, kinds=KINDS, **more).loc["leg"]
    return {name: (low, high) for name, low, high in zip(found.index, found["low"], found["high"], strict=True)}


def span(low, high):
    return pytest.approx((low, high), rel=1e-6, abs=1e-6)


def test_two_equal_routes_can_share_in_any_way():
    # 10 over legs of 7 and 6 at the same price: each carries what the other cannot, or all that it can.
    system = network({"a": ("f", "market", leg(7, 5)), "b": ("f", "market", leg(6, 5))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert ends(plan) == {"a": span(4, 7), "b": span(3, 6)}
    assert not plan.certificate.unique


def test_a_single_answer_has_no_width():
    system = network({"a": ("f", "market", leg(7, 5)), "b": ("f", "market", leg(6, 5.01))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert ends(plan) == {"a": span(7, 7), "b": span(3, 3)}
    assert plan.certificate.unique


def test_ties_through_two_hubs():
    # 9 go by h or by g at 3 + 2 = 1 + 4; h's way out takes 5, g's way in takes 6. So h carries 3 to 5, g 4 to 6.
    system = network(
        {"fh": ("f", "h", leg(None, 3)), "hm": ("h", "market", leg(5, 2)),
         "fg": ("f", "g", leg(6, 1)), "gm": ("g", "market", leg(None, 4))},
        {"f": "9 Mt/y"},
    )  # fmt: skip
    assert ends(ro.allocate(system)) == {"fh": span(3, 5), "hm": span(3, 5), "fg": span(4, 6), "gm": span(4, 6)}


def test_a_degenerate_vertex():
    # Everything fits exactly: many bounds hold at once and there is one answer all the same.
    system = network(
        {"a": ("f", "h", leg(5, 1)), "b": ("f", "h", leg(5, 1)), "c": ("h", "market", leg(4, 1)),
         "d": ("h", "market", leg(6, 1))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    assert ends(ro.allocate(system)) == {"a": span(5, 5), "b": span(5, 5), "c": span(4, 4), "d": span(6, 6)}


def test_parallel_legs_are_told_apart():
    system = network(
        {"one": ("f", "h", leg(4, 1)), "two": ("f", "h", leg(4, 1)), "out": ("h", "market", leg(6))}, {"f": "9 Mt/y"}
    )
    assert ends(ro.allocate(system)) == {"one": span(2, 4), "two": span(2, 4), "out": span(6, 6)}


@pytest.mark.parametrize("capacity", [None, 50])
def test_a_loop_that_costs_nothing_carries_nothing(capacity):
    # h -> g -> h is free. A barrel may go out by h or by g, and none goes round.
    system = network(
        {"in": ("f", "h", leg(None, 1)), "hg": ("h", "g", leg(capacity)), "gh": ("g", "h", leg(capacity)),
         "out-h": ("h", "market", leg(8, 2)), "out-g": ("g", "market", leg(3, 2))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    assert ends(ro.allocate(system)) == {
        "in": span(10, 10), "hg": span(2, 3), "gh": span(0, 0), "out-h": span(7, 8), "out-g": span(2, 3),
    }  # fmt: skip


@pytest.mark.parametrize("capacity", [None, 50])
def test_a_free_loop_of_three_between_two_fields(capacity):
    # f enters at a, g at b, 4 each, and either can leave anywhere. Both can pass bc. What passes ca is g's, since f
    # was at a before; what passes ab is f's, since g was at b before.
    system = network(
        {"fa": ("f", "a", leg()), "gb": ("g", "b", leg()),
         "ab": ("a", "b", leg(capacity)), "bc": ("b", "c", leg(capacity)), "ca": ("c", "a", leg(capacity)),
         "out-a": ("a", "market", leg(9, 1)), "out-b": ("b", "market", leg(9, 1)), "out-c": ("c", "market", leg(9, 1))},
        {"f": "4 Mt/y", "g": "4 Mt/y"},
    )  # fmt: skip
    found = ends(ro.allocate(system))
    assert {k: found[k] for k in ("ab", "bc", "ca")} == {"ab": span(0, 4), "bc": span(0, 8), "ca": span(0, 4)}


def test_a_loop_that_pays_is_part_of_the_answer():
    # Going round earns 2 a tonne up to a capacity of 5: the optimum does it, in full.
    system = network(
        {"in": ("f", "h", leg(None, 1)), "hg": ("h", "g", leg(5, -3)), "gh": ("g", "h", leg(None, 1)),
         "out": ("h", "market", leg(None, 2))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    plan = ro.allocate(system)
    assert plan.cost == near(10e6 * 3 - 5e6 * 2)
    assert ends(plan) == {"in": span(10, 10), "hg": span(5, 5), "gh": span(5, 5), "out": span(10, 10)}


def test_a_free_loop_beside_one_that_pays():
    system = network(
        {"in": ("f", "h", leg(None, 1)), "hg": ("h", "g", leg(5, -3)), "gh": ("g", "h", leg(None, 1)),
         "hk": ("h", "k", leg()), "kh": ("k", "h", leg()), "out": ("h", "market", leg(None, 2)),
         "out-k": ("k", "market", leg(3, 2))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    found = ends(ro.allocate(system))
    assert {k: found[k] for k in ("hg", "gh", "hk", "kh", "out-k")} == {
        "hg": span(5, 5), "gh": span(5, 5), "hk": span(0, 3), "kh": span(0, 0), "out-k": span(0, 3),
    }  # fmt: skip


def test_what_is_lost_on_the_way_shows_at_the_inlet():
    # Both legs lose a tenth and cost the same: 10 leave, 9 arrive, however it is shared.
    system = network(
        {"a": ("f", "market", leg(7, 5, loss="10 %")), "b": ("f", "market", leg(7, 5, loss="10 %"))}, {"f": "10 Mt/y"}
    )
    plan = ro.allocate(system)
    found = plan.flow_ranges()
    assert ends(plan) == {"a": span(3, 7), "b": span(3, 7)}
    assert (found.loc[("market", "market"), "low"], found.loc[("market", "market"), "high"]) == span(9, 9)
    # A route counts what arrives.
    assert (found.loc[("route", "a"), "low"], found.loc[("route", "a"), "high"]) == span(2.7, 6.3)


def test_a_lossy_detour_is_as_good_where_the_field_has_more_than_can_leave():
    # The way out takes 6 of the 10; by the detour h -> g -> h half is lost, but the field makes up for it. Money is the
    # same since nothing has a tariff. A barrel that goes that way does not go round: it would come back to h.
    system = network(
        {"in": ("f", "h", leg()), "hg": ("h", "g", leg(None, 0, loss="50 %")), "gh": ("g", "h", leg()),
         "out": ("h", "market", leg(6))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    found = ends(ro.allocate(system))
    assert {k: found[k] for k in ("in", "hg", "out")} == {"in": span(6, 6), "hg": span(0, 0), "out": span(6, 6)}


def test_slack_by_hand():
    # Cheap carries 7 at 10, dear 3 at 30: 160 m. 5 % are 8 m, which moves 8 / 20 = 0.4 from cheap to dear.
    system = network({"cheap": ("f", "market", leg(7, 10)), "dear": ("f", "market", leg(9, 30))}, {"f": "10 Mt/y"})
    plan = ro.allocate(system)
    assert ends(plan, "5 %") == {"cheap": span(6.6, 7), "dear": span(3, 3.4)}
    assert ends(plan, 0.05) == ends(plan, "5 %")
    assert ends(plan) == {"cheap": span(7, 7), "dear": span(3, 3)}
    # 75 % are 120 m: everything that can move moves, 6, and no more though money is left.
    assert ends(plan, "75 %") == {"cheap": span(1, 7), "dear": span(3, 9)}


def test_slack_never_gives_up_volume():
    # With all the money in the world the 10 leave all the same.
    system = network({"cheap": ("f", "market", leg(7, 10)), "dear": ("f", "market", leg(9, 30))}, {"f": "10 Mt/y"})
    found = ro.allocate(system).flow_ranges("1000 %", sums={"all": ["cheap", "dear"]})
    assert (found.loc[("sum", "all"), "low"], found.loc[("sum", "all"), "high"]) == span(10, 10)


def test_slack_is_of_the_transport_cost_where_revenue_differs():
    # East pays 100, west 90; transport 10 each: net 80 from 10 Mt at cost 100 m. 10 % are 10 m = 1 Mt moved west.
    system = network(
        {"east": ("f", "m-east", leg(None, 10)), "west": ("f", "m-west", leg(None, 10))}, {"f": "10 Mt/y"},
        markets={"m-east": {"price": "100 USD/t"}, "m-west": {"price": "90 USD/t"}},
    )  # fmt: skip
    plan = ro.allocate(system)
    found = plan.flow_ranges("10 %")
    for key, low, high in ((("market", "m-east"), 9, 10), (("leg", "west"), 0, 1), (("market", "m-west"), 0, 1)):
        assert (found.loc[key, "low"], found.loc[key, "high"]) == span(low, high)


def test_economic_ranges_let_volume_go():
    # Earning nothing at the margin: whether g's 5 leave at 30 for a price of 30 is open. f's 10 are certain.
    system = network(
        {"f-out": ("f", "market", leg(None, 10)), "g-out": ("g", "market", leg(None, 30))},
        {"f": "10 Mt/y", "g": "5 Mt/y"}, markets={"market": {"price": "30 USD/t"}},
    )  # fmt: skip
    plan = ro.allocate(system, economic=True)
    assert ends(plan) == {"f-out": span(10, 10), "g-out": span(0, 5)}
    assert ends(ro.allocate(system)) == {"f-out": span(10, 10), "g-out": span(5, 5)}


def test_sums_are_tighter_than_their_parts():
    system = network(
        {"a": ("f", "market", leg(6, 5)), "b": ("f", "market", leg(6, 5)), "c": ("f", "market", leg(6, 5))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    found = ro.allocate(system).flow_ranges(sums={"ab": ["a", "b"], "all": ["a", "b", "c"], "one": "c"})
    for name, low, high in (("ab", 4, 10), ("all", 10, 10), ("one", 0, 6)):
        row = found.loc[("sum", name)]
        assert (row["low"], row["high"]) == span(low, high)
        assert row["low"] - 1e-9 <= row["flow"] <= row["high"] + 1e-9
        assert row["width"] == pytest.approx(row["high"] - row["low"])
    # A leg that is named twice counts twice, as in any sum.
    twice = ro.allocate(system).flow_ranges(sums={"aa": ["a", "a"]}).loc[("sum", "aa")]
    assert (twice["low"], twice["high"]) == span(0, 12)


def test_which_barrels_stay_in_the_ground_can_be_open():
    # The way out takes 6 of 5 + 4, so each field sends what the other does not.
    system = network(
        {"fh": ("f", "h", leg()), "gh": ("g", "h", leg()), "out": ("h", "market", leg(6))},
        {"f": "5 Mt/y", "g": "4 Mt/y"},
    )
    assert ends(ro.allocate(system)) == {"fh": span(2, 5), "gh": span(1, 4), "out": span(6, 6)}


def test_refineries_are_certain_and_the_rest_is_not():
    # The refinery has its 3 by either line; 7 are left for the way out.
    system = network(
        {"one": ("f", "h", leg(6)), "two": ("f", "h", leg(9)), "home": ("h", "refinery", leg()),
         "out": ("h", "market", leg())},
        {"f": "10 Mt/y"}, refineries={"refinery": {"demand": "3 Mt/y"}},
    )  # fmt: skip
    assert ends(ro.allocate(system)) == {
        "one": span(1, 6), "two": span(4, 9), "home": span(3, 3), "out": span(7, 7),
    }  # fmt: skip


def test_after_a_closure():
    system = network(
        {"a": ("f", "market", leg(7, 5)), "b": ("f", "market", leg(6, 5)), "c": ("f", "market", leg(2, 5))},
        {"f": "10 Mt/y"},
    )  # fmt: skip
    assert ends(ro.allocate(system)) == {"a": span(2, 7), "b": span(1, 6), "c": span(0, 2)}
    half = ro.allocate(system, close=[{"leg": "a", "availability": "50 %"}, "c"])
    assert ends(half) == {"a": span(3.5, 3.5), "b": span(6, 6), "c": span(0, 0)}


def test_the_users_own_constraints_narrow_the_ranges():
    system = network({"a": ("f", "market", leg(7, 5)), "b": ("f", "market", leg(6, 5))}, {"f": "10 Mt/y"})

    def few(problem, variables):
        problem += variables.leg("a") <= 5.5, "few"

    assert ends(ro.allocate(system, constraints=few)) == {"a": span(4, 5.5), "b": span(4.5, 6)}


def test_streams_of_one_leg_add_up():
    system = network(
        {
            "fh": ("f", "h", leg()),
            "gh": ("g", "h", leg()),
            "one": ("h", "market", leg(5)),
            "two": ("h", "market", leg(5)),
        },
        {"f": {"output": "4 Mt/y", "commodity": "light"}, "g": {"output": "4 Mt/y", "commodity": "heavy"}},
        commodities={"light": {}, "heavy": {}},
    )
    assert ends(ro.allocate(system)) == {"fh": span(4, 4), "gh": span(4, 4), "one": span(3, 5), "two": span(3, 5)}


@pytest.mark.parametrize(("slack", "message"), [
    ("2 Mt/y", "write 2 %"), (-0.1, "cannot be"), (float("nan"), "cannot be"), ("two", "two"),
])  # fmt: skip
def test_a_slack_that_is_none(slack, message):
    system = network({"a": ("f", "market")}, {"f": "10 Mt/y"})
    with pytest.raises(ro.InputError, match=message):
        ro.allocate(system).flow_ranges(slack)


def test_unknown_names():
    plan = ro.allocate(network({"line": ("f", "market")}, {"f": "10 Mt/y"}))
    with pytest.raises(ro.InputError, match="did you mean 'line'"):
        plan.flow_ranges(sums={"mine": ["lime"]})
    with pytest.raises(ro.InputError, match="did you mean 'route'"):
        plan.flow_ranges(kinds=["routes"])


def random_loops(seed):
    """Whole numbers, four hubs in a ring with ways back, few prices, so that ties and free loops are the rule."""
    rng = np.random.default_rng(seed)
    hubs, fields = ["h0", "h1", "h2", "h3"], {"f0": int(rng.integers(2, 9)), "f1": int(rng.integers(2, 9))}

    def one(start, end):
        capacity = None if rng.random() < 0.4 else int(rng.integers(1, 9))
        return start, end, capacity, int(rng.choice([0, 0, 0, 1]))

    legs = {}
    for field in fields:
        for hub in rng.choice(hubs, 2, replace=False):
            legs[f"leg{len(legs)}"] = one(field, str(hub))
    for start, end in zip(hubs, [*hubs[1:], hubs[0]], strict=True):
        legs[f"leg{len(legs)}"] = one(start, end)
    for _ in range(4):
        start, end = rng.choice(hubs, 2, replace=False)
        legs[f"leg{len(legs)}"] = one(str(start), str(end))
    for market in ("m0", "m1", "m1"):
        legs[f"leg{len(legs)}"] = one(str(rng.choice(hubs)), market)
    return legs, fields


def check_against_every_order(seed, slack):
    legs, fields = random_loops(seed)
    system = network(
        {name: (start, end, leg(capacity, tariff)) for name, (start, end, capacity, tariff) in legs.items()},
        {name: f"{size} Mt/y" for name, size in fields.items()}, markets=["m0", "m1"],
    )  # fmt: skip
    plan = ro.allocate(system)
    wasted = slack * plan.cost / 1e6
    wanted = without_circles(legs, fields, wasted)
    found = ends(plan, slack)
    assert found == {name: pytest.approx(pair, abs=2e-5) for name, pair in wanted.items()}


@pytest.mark.parametrize("seed", range(4))
def test_loops_against_every_order_of_the_hubs(seed):
    check_against_every_order(seed, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 106))
@pytest.mark.parametrize("slack", [0.0, 0.2])
def test_many_loops_against_every_order_of_the_hubs(seed, slack):
    check_against_every_order(seed, slack)
