"""The map and the scheme: lines as wide as flows, closures marked, labels apart."""

import numpy as np
import pytest

import routeopt as ro
from helpers.figures import ODD, collisions, drawn, outside, part
from helpers.small import network
from routeopt.views.labels import apart
from routeopt.views.node_positions import schematic


@pytest.mark.parametrize("name", [None, "cpc-closed-with-tcop-20"])
def test_map_shows_every_leg_as_wide_as_its_flow(plans, name):
    plan = plans[name]
    ax = plan.plot()
    legs = plan.legs
    lines = {leg: part(ax, f"leg {leg}") for leg in legs.index}
    running = legs["status"].isin(["open", "built", "reduced"])
    widths = np.array([lines[leg].get_linewidth() for leg in legs.index[running]])
    flows = legs.loc[running, "flow"].to_numpy()
    assert np.allclose(widths, 0.7 + 8.3 * flows / flows.max())
    for leg, row in legs.iterrows():
        ends = [plan.system.nodes[row[end]].at for end in ("origin", "destination")]
        x, y = lines[leg].get_data()
        assert np.allclose([(y[0], x[0]), (y[-1], x[-1])], ends)
    assert not collisions(ax)
    assert not outside(ax)
    assert plan.scenario.title.partition(",")[0] in ax.get_title("left")
    assert "Mt/y" in ax.get_title("left")


def test_closures_builds_ships_and_what_is_not_built_differ(plans):
    ax = plans["cpc-closed-with-tcop-20"].plot.map()
    assert part(ax, "closed cpc-loading").get_marker() == "X"
    assert part(ax, "built tcop").get_linewidth() > part(ax, "leg tcop").get_linewidth()
    legs = ("btc", "aktau-baku", "rail-new", "tengiz-aktau-rail")
    styles = {leg: part(ax, f"leg {leg}")._unscaled_dash_pattern for leg in legs}
    assert styles["btc"][1] is None
    assert len({str(style) for style in styles.values()}) == 4
    said = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"pipeline", "ship", "rail", "not built", "idle", "built", "closed"} <= set(said)
    base = [text.get_text() for text in plans[None].plot.map().get_legend().get_texts()]
    assert not {"built", "closed"} & set(base)


def test_colour_says_how_full(plans):
    plan = plans[None]
    ax = plan.plot.map()
    full, half = part(ax, "leg samara-germany").get_color(), part(ax, "leg btc").get_color()
    assert plan.legs.loc["samara-germany", "utilisation"] == pytest.approx(1)
    assert full != half
    grey = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (full, half)]
    assert grey[0] < grey[1]


def test_extent(plans):
    ax = plans[None].plot.map(extent=(44, 60, 39, 54))
    assert ax.get_xlim() == (44, 60)
    assert ax.get_ylim() == (39, 54)
    assert not collisions(ax)
    assert not outside(ax)
    for bad in ((60, 44, 39, 54), (1, 2, 3), "europe", (0, 1, 0, 91)):
        with pytest.raises(ro.InputError, match="no part of a map; write"):
            plans[None].plot.map(extent=bad)


def test_without_coordinates(small):
    plan = ro.allocate(small)
    with pytest.raises(ro.InputError, match=r"nodes\.field\.at: has no place on the map; write at: .*schematic"):
        plan.plot.map()
    ax = plan.plot()
    assert [part(ax, f"leg {leg}").get_linewidth() for leg in ("one", "two")] == [9.0, 9.0]
    assert not collisions(ax)
    shown = [text.get_text().replace("\\$", "$") for text in ax.texts]
    assert ODD in shown
    drawn(ax)


def test_scheme_puts_nodes_after_what_feeds_them():
    system = network({"a": ("f", "h"), "b": ("h", "g"), "back": ("g", "h"), "c": ("g", "m"), "d": ("f", "m")},
                     {"f": "1 Mt/y"}, markets=("m",))  # fmt: skip
    x = {name: place[0] for name, place in schematic(system).items()}
    assert x["f"] < x["h"] < x["m"]
    assert x["g"] < x["m"]


def test_parallel_legs_part():
    system = network({"a": ("f", "m", {"capacity": "1 Mt/y"}), "b": ("f", "m")}, {"f": "3 Mt/y"}, markets=("m",))
    ax = ro.allocate(system).plot()
    one, other = (np.array(part(ax, f"leg {leg}").get_data()) for leg in "ab")
    assert np.abs(one - other).max() > 0.05


def test_apart_keeps_order_and_distance():
    found = apart([0.5, 0.5, 0.52, 0.9], 0.1, 0.0, 1.0)
    assert (np.diff(found) >= 0.1 - 1e-12).all()
    assert apart([], 1.0, 0.0, 1.0).tolist() == []
    assert np.diff(apart([0.5] * 30, 0.1, 0.0, 1.0)).min() == pytest.approx(1 / 29)


def test_a_map_across_the_date_line():
    at = {"f": {"at": [53, -114]}, "m": {"at": [35, 140]}}
    system = network({"a": ("f", "m")}, {"f": {"output": "1 Mt/y", **at["f"]}}, markets={"m": at["m"]})
    ax = ro.allocate(system).plot()
    x = part(ax, "leg a").get_xdata()
    assert sorted([x[0], x[-1]]) == [140, 246]
    assert 0 < ax.get_xlim()[0] < 140
    assert ax.get_xlim()[1] > 246
    assert not collisions(ax)
    assert not outside(ax)
