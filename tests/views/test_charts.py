"""Curves, bars, heat map and risk against the numbers of their results."""

import numpy as np
import pandas as pd
import pytest

import routeopt as ro
from helpers.figures import ODD, collisions, outside, part
from helpers.outages import fails, lines
from routeopt.results import percent
from routeopt.views import draw_corners, draw_risk, draw_shapley, draw_tornado
from routeopt.views.heat import pairs


def fine(ax, *units):
    assert not collisions(ax)
    assert not outside(ax)
    for unit, label in zip(units, (ax.get_xlabel(), ax.get_ylabel()), strict=False):
        assert unit in label.replace("\\$", "$")
    return ax


def test_resilience_curve(storm):
    name = "cpc-2023-11-storm"
    ax = fine(storm.plot(), "date", "Mt/y")
    x, y = part(ax, "exported").get_data()
    amount = float((np.diff(x)[::2] * y[::2]).sum()) / 365
    assert amount == pytest.approx(storm.curve(name).exported.sum())
    _, target = part(ax, "target").get_data()
    assert float((np.diff(x)[::2] * target[::2]).sum()) / 365 == pytest.approx(storm.curve(name).target.sum())
    depth = storm.table.loc[name, "max_shortfall"]
    assert f"largest shortfall {percent(depth)}" in [text.get_text() for text in ax.texts]
    line = part(ax, "tanks").get_xdata()[0]
    first = x[0] + 25 + storm.table.loc[name, "days_to_tank_top"]
    assert line == pytest.approx(first)
    with pytest.raises(ro.InputError, match="no scenario 'storm'"):
        storm.plot.curve("storm")


def test_course(storm):
    plan = storm["cpc-2023-11-storm"]
    ax = fine(plan.plot(), "date", "Mt/y")
    tops = part(ax, "route china").get_paths()[0].vertices[:, 1]
    assert tops.max() == pytest.approx(plan.periods["total", "exported"].max())


def test_loss_curve(kz):
    curve = ro.loss_curve(kz, {"route": "cpc"}, max_duration="6 d", step="3 d", recovery_window="4 d")
    ax = fine(curve.plot(), "days", "Mt")
    assert np.allclose(part(ax, "lost").get_data(), [curve.days, curve.lost])


def test_routes_before_and_after(plans):
    both = ro.compare(*plans.values())
    ax = fine(both.plot(), "Mt/y")
    widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
    table = both.table
    wanted = np.vstack([table.loc["route"].to_numpy(), table.loc[[("total", "shut_in")]].to_numpy()])
    assert np.allclose(np.array(widths).T, wanted)
    assert len({bars[0].get_hatch() for bars in ax.containers}) == 3


@pytest.mark.parametrize("over", ["leg", "route", "country"])
def test_heat_map(kz, over):
    found = ro.contingencies(kz, k=2, over=over)
    ax = found.plot()
    values, names = ax.images[0].get_array(), list(pairs(found).index)
    told = {tuple(sorted(row["elements"])): row["lost"] for _, row in found.table.iterrows()}
    for i in range(len(names)):
        for j in range(i + 1):
            key = tuple(sorted({names[i], names[j]}))
            assert values[i, j] == pytest.approx(told[key], abs=1e-6)
    assert np.ma.is_masked(values[0, -1])
    assert "lost, Mt/y" in [axes.get_ylabel() for axes in ax.figure.axes]
    flat = [t for t in collisions(ax) if not set(t) & set(names)]
    assert not flat
    assert not outside(ax)
    with pytest.raises(ro.InputError, match="0 shows nothing"):
        found.plot.heat(top=0)


def test_what_refineries_lack_is_in_the_figures(kz):
    found = ro.contingencies(kz, k=1)
    ax = found.plot()
    told = {t.get_gid(): t.get_text() for t in ax.texts}
    # Kenkiyak-Kumkol first: its unmet refinery demand 8.58 Mt/y, 4.00 more are exported.
    assert pairs(found).index[0] == "kenkiyak-kumkol"
    assert told["0,0"] == "8.6 unmet\n-4.0"
    assert "unmet" not in told["12,12"]
    whole = found.plot.heat(top=None)
    dots = next(line for line in whole.lines if line.get_gid() == "lacking")
    assert len(dots.get_xdata()) == int((found.table["shortage"] > 0).sum())
    curve = ro.loss_curve(kz, "kenkiyak-kumkol", max_duration="2 d", recovery_window="3 d")
    lines = {line.get_gid(): np.asarray(line.get_ydata()).tolist() for line in curve.plot().lines}
    assert lines["lacking"] == curve.shortage.tolist()
    assert lines["lost"] == curve.lost.tolist()


def test_one_closure_at_a_time(small):
    ax = ro.contingencies(small, k=1).plot()
    assert np.ma.count(ax.images[0].get_array()) == 2


def test_risk_curve_with_and_without():
    system = lines(20, {"a": (10, fails(0.1)), "b": (10, fails(0.2)), "new": (5, None, {"status": "hypothetical",
                   "build": {"sizes": ["5 kt/d"]}})})  # fmt: skip
    without = ro.simulate_outages(system, draws=1000, seed=1)
    other = ro.simulate_outages(system, scenario={"build": {"new": "5 kt/d"}}, draws=1000, seed=1)
    ax = fine(without.compare(other).plot(), "kt/d", "probability")
    lines_drawn = [line for line in ax.lines if str(line.get_gid()).startswith("risk ")]
    for profile, line in zip((without, other), lines_drawn, strict=True):
        x, y = line.get_data()
        # Just to the right of each step.
        assert [profile.probability(v) for v in x[1:]] == pytest.approx(y[1:].tolist(), abs=1e-12)
        assert float((np.diff(x) * y[:-1]).sum()) == pytest.approx(profile.expected_loss)
    assert len({str(line.get_linestyle()) for line in lines_drawn}) == 2
    ax = fine(without.plot.curve(other), "kt/d")
    with pytest.raises(ro.InputError, match="no risk profile"):
        draw_risk([])
    years = ro.simulate_outages(system, years=5, seed=1, intertemporal=False)
    with pytest.raises(ro.InputError, match="do not share an axis"):
        draw_risk([without, years])
    fine(years.plot(), "kt per year", "per year")


def test_tornado(kz):
    found = ro.sensitivity(kz, draws=2, seed=1, vary=["nodes.tengiz.output", "nodes.uzen.output"])
    ax = fine(found.plot(), "Mt/y")
    table = found.tornado(("base", "exported"))
    base = float(found.base["base", "exported"])
    for column, bars in zip(("low_result", "high_result"), ax.containers, strict=True):
        assert [bar.get_width() for bar in bars] == pytest.approx((table[column] - base).tolist())
    named = found.plot.tornado("netback")
    assert "USD/y" in named.get_xlabel()


def test_plain_frames():
    ax = draw_tornado(pd.DataFrame({"low": [1.0], "high": [3.0]}, [ODD]), base=2.5, quantity="saved", unit="USD/y")
    fine(ax, "USD/y")
    assert [bars[0].get_width() for bars in ax.containers] == [-1.5, 0.5]
    fine(draw_tornado(pd.DataFrame({"low": [], "high": []})))
    with pytest.raises(ro.InputError, match="no column 'high'"):
        draw_tornado(pd.DataFrame({"low": [1.0]}))
    ax = draw_shapley(pd.DataFrame({"shapley": [1.0, 4.0], "leave_one_out": [0.0, 5.0]}, ["x", ODD]), unit="Mt/y")
    fine(ax, "Mt/y")
    assert [bar.get_width() for bar in ax.containers[0]] == [4.0, 1.0]
    frame = pd.DataFrame({"exported": [1.0, 2.0, 2.0]}, pd.Index([0.0, 5.0, 9.0], name="capacity"))
    ax = draw_corners(frame, "capacity", "exported", x_label="capacity, Mt/y", y_label="exports, Mt/y")
    assert np.allclose(part(fine(ax, "Mt/y", "Mt/y"), "corners").get_data(), [[0, 5, 9], [1, 2, 2]])
    fine(draw_corners(frame.head(0), "capacity", "exported", x_label="x, Mt/y", y_label="y, Mt/y"))
    with pytest.raises(ro.InputError, match="no column 'export'; did you mean 'exported'"):
        draw_corners(frame, "capacity", "export", x_label="", y_label="")


def test_frontier(kz):
    found = ro.alternatives(kz, slack="5 %", minimise={"chokepoint": "turkish-straits"})
    ax = fine(found.plot(), "million USD/y", "Mt/y")
    x, y = part(ax, "corners").get_data()
    assert np.allclose([x * 1e6, y], found.frontier[["netback_lost", "exposed"]].to_numpy().T)
