"""Who sends what to whom: the frame behind the Sankey, and the Sankey."""

import pandas as pd
import pytest

import routeopt as ro
from helpers.figures import collisions, outside, part
from helpers.small import near, network
from routeopt.views import by_field_route_market, sankey_data


@pytest.mark.parametrize("name", [None, "cpc-closed", "cpc-closed-with-tcop-20"])
def test_sums_are_those_of_the_allocation(plans, name):
    plan = plans[name]
    flows = by_field_route_market(plan)
    market = flows[flows["kind"] == "market"]
    for column, table in (("route", plan.routes), ("end", plan.markets)):
        sums = market.groupby(column)["flow"].sum().reindex(table.index, fill_value=0.0)
        assert sums.to_numpy() == pytest.approx(table["flow"].to_numpy(), abs=1e-6)
    made = flows[flows["kind"] != "shut_in"].groupby("field")["flow"].sum()
    assert made.to_numpy() == pytest.approx(plan.fields.loc[made.index, "flow"].to_numpy(), abs=1e-6)
    assert flows[flows["kind"] == "shut_in"]["flow"].sum() == pytest.approx(plan.shut_in, abs=1e-6)


def test_mixing_by_hand():
    """Two fields of 6 and 3 meet; 4.5 leave by each of two routes, and 10 % of the second are lost on the way."""
    system = network(
        {"a": ("f", "h"), "b": ("g", "h"), "one": ("h", "m", {"capacity": "4.5 Mt/y"}),
         "two": ("h", "n", {"loss": "10 %"})},
        {"f": "6 Mt/y", "g": "3 Mt/y"}, markets=("m", "n"),
    )  # fmt: skip
    flows = by_field_route_market(ro.allocate(system)).set_index(["field", "route", "end"])["flow"]
    assert flows["f", "one", "m"] == near(3.0)
    assert flows["g", "one", "m"] == near(1.5)
    assert flows["f", "two", "n"] == near(2.7)
    assert flows["g", "two", "n"] == near(1.35)
    assert flows["f", "", ""] == near(0.3)


def test_over_a_horizon_tanks_give_and_take(storm):
    plan = storm["cpc-2023-11-storm"]
    flows = by_field_route_market(plan)
    market = flows[flows["kind"] == "market"]
    assert market["flow"].sum() == pytest.approx(plan.exported)
    assert market.groupby("route")["flow"].sum()["cpc"] == pytest.approx(plan.routes.loc["cpc", "flow"], rel=0.02)


def test_sankey_bands_are_as_wide_as_flows(plans):
    plan = plans["cpc-closed-with-tcop-20"]
    data, ax = sankey_data(plan), plan.plot.sankey()
    scale = set()
    for _, link in data.links.iterrows():
        names = [data.nodes.loc[int(link[end]), "label"] for end in ("source", "target")]
        points = part(ax, f"band {names[0]} > {names[1]}").get_path().vertices
        scale.add(round((points[0, 1] - points[7, 1]) / link["flow"], 9))
    assert len(scale) == 1
    assert not collisions(ax)
    assert not outside(ax)
    assert "Mt/y" in ax.get_title("left")
    into, out = (data.links.groupby(end)["flow"].sum() for end in ("target", "source"))
    for place, node in data.nodes.iterrows():
        passed = [sums[place] for sums in (into, out) if place in sums.index]
        assert passed == [near(node["flow"])] * len(passed)


def test_many_fields_are_added_up():
    fields = {f"f{i:02d}": f"{i + 1} Mt/y" for i in range(20)}
    system = network({f"l{i:02d}": (f"f{i:02d}", "m") for i in range(20)}, fields, markets=("m",))
    data = sankey_data(ro.allocate(system), most=5)
    assert "16 others" in set(data.nodes["label"])
    assert data.nodes.groupby("column")["flow"].sum().to_list() == pytest.approx([210.0] * 3)


def test_small_and_empty(small):
    for plan in (ro.allocate(small), ro.allocate(small, close=["two"])):
        ax = plan.plot.sankey()
        assert not collisions(ax)
        assert not outside(ax)
    assert isinstance(by_field_route_market(plan), pd.DataFrame)
    assert set(by_field_route_market(plan)["kind"]) == {"shut_in"}
