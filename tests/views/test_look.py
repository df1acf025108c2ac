"""What holds for every figure: axes of one's own, nothing global, no mathematics in names, a friendly error."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import routeopt as ro
from helpers.figures import ODD, collisions, texts
from routeopt.results import number
from routeopt.views import outline
from routeopt.views.style import hatch, plain


def test_axes_of_ones_own_are_used_and_pyplot_left_alone(plans, storm):
    from matplotlib import pyplot

    plan = plans["cpc-closed"]
    figures = [plan.plot, plan.plot.sankey, storm.plot, ro.compare(plans[None], plan).plot]
    for draw in figures:
        figure = Figure(figsize=(9, 5), layout="constrained")
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        assert draw(ax=ax) is ax
        assert not collisions(ax)
    assert pyplot.get_fignums() == []


def test_no_axes(plans):
    with pytest.raises(ro.InputError, match="ax is a str, not axes"):
        plans[None].plot.sankey(ax="here")


def test_settings_of_the_user_do_not_reach_the_figures(plans):
    plain_ones = [t.get_fontsize() for t, _ in texts(plans[None].plot.sankey())]
    matplotlib.rcParams["font.size"] = 30
    matplotlib.rcParams["axes.titlesize"] = 40
    assert [t.get_fontsize() for t, _ in texts(plans[None].plot.sankey())] == plain_ones
    matplotlib.rcdefaults()
    matplotlib.use("Agg")


def test_names_are_shown_as_they_are(small):
    plan = ro.allocate(small)
    ax = plan.plot.sankey()
    assert any(text.get_text().replace("\\$", "$").startswith(ODD) for text in ax.texts)
    for label in (ODD, "$", "a$b$c", "\\$", "$\\frac{1}{0}$"):
        figure = Figure()
        FigureCanvasAgg(figure).draw() if not figure.text(0, 0, plain(label)) else figure.canvas.draw()
    legend = ro.compare(plan, plan).plot().get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["base", "base (2)"]


def test_numbers_and_hatches():
    assert number(-4.0) == "-4.00"
    assert number(1e-9) == "1e-09"
    assert len({hatch(i) for i in range(8)}) == 8
    assert len(plain("x" * 500)) == 60


def test_outline_is_whole():
    land = outline()
    assert {"KZ", "RU", "TR", "CA", "SA", "IR", "US"} <= set(land)
    for rings in land.values():
        for ring in rings:
            assert np.abs(np.diff(ring[:, 0])).max() < 180
            assert np.abs(ring[:, 1]).max() <= 90

    def inside(point, ring):
        x, y = ring.T
        x2, y2 = np.roll(x, -1), np.roll(y, -1)
        cut = (y > point[1]) != (y2 > point[1])
        return bool((cut & (point[0] < (x2 - x) * (point[1] - y) / np.where(y2 == y, 1, y2 - y) + x)).sum() % 2)

    for name, point in {"KZ": (71.4, 51.1), "TR": (32.9, 39.9), "CA": (-114, 51), "SA": (46.7, 24.7)}.items():
        assert any(inside(point, ring) for ring in land[name]), name
    assert not any(inside((51.0, 42.0), ring) for rings in land.values() for ring in rings), "the Caspian is water"


def test_without_matplotlib():
    code = ("import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.artist'] = None\n"
            "import routeopt as ro; plan = ro.allocate(ro.load('kazakhstan')); print(plan.plot)\n"
            "for draw in (plan.plot, plan.plot.sankey, ro.compare(plan, plan).plot):\n"
            "    try: draw()\n"
            "    except ImportError as error: print(error)\n")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert done[0] == "drawings of Allocation: .network(), .sankey(), .change(), .map(), .schematic(), .trajectory()"
    assert done[1:] == ["figures need matplotlib; pip install 'routeopt[plot]'"] * 3


def test_reading_plot_loads_no_matplotlib():
    code = "import sys, routeopt as ro; ro.allocate(ro.load('kazakhstan')).plot; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
