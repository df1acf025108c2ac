"""Compute the tables of docs/calibration.md from the shipped data.

``python docs/calibration.py`` prints them (some minutes); with ``--write`` it puts them into calibration.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import routeopt as ro
from routeopt.scenario.resolve import resolve

HERE = Path(__file__).parent
SPRING, STORM, STATION = "cpc-2022-03-storm", "cpc-2023-11-storm", "cpc-2025-02-kropotkinskaya"
BIG = ("tengiz", "kashagan", "karachaganak")
MOORINGS = ("spm-1", "spm-2", "spm-3")
SEED = 20_220_322

# A twentieth of the whole surge for a tanker line, the rest for the two routes to Samara; rail as tankers.
SHARES = {"atyrau-samara": 0.45, "uralsk-samara": 0.45, "aktau-makhachkala": 0.05, "aktau-baku": 0.05,
          "atasu-alashankou": 0.05, "tengiz-aktau-rail": 0.05, "eskene-aktau-rail": 0.05}  # fmt: skip

DAYS = {"2023-11-26": 38.6, "2023-11-27": 66.0, "2023-11-28": 96.0, "2023-11-29": 96.0}
"""What was reported to be lost on each day of the storm, kt; the two figures after the first may be a day late."""
WEEK, REROUTED, LOST = 631.7, 561.0, (300.0, 350.0)
"""Reported: the week from 27 November 2023 (a forecast), April 2022, and March and April 2022; kt."""
BANDS = {"lost": (270.0, 390.0), "rerouted": (500.0, 620.0), "week": (500.0, 650.0), "days": (0.0, 10.0)}
"""What is taken as a fit. ``days``: largest daily miss."""


@dataclass(frozen=True)
class Values:
    """What is fitted, and the two states that are fitted with it."""

    delay: float  # d
    rate: float  # kt/d per day, all routes together
    ceiling: float  # kt/d, all routes together
    mooring: float  # Mt/y
    ramp_down: float  # % of output a day
    ramp_up: float  # % of output a day
    free_2022: float  # kt of ullage in CPC's tanks on the day before
    free_2023: float


FITTED_MOORING = 50.0
"""What the losses of spring 2022 ask of one mooring, Mt/y: above all that is published, so the data do not hold it."""

RANGES = {"delay": (5, 14), "rate": (2, 8), "ceiling": (15, 26), "mooring": (42, 56), "ramp_down": (15, 30),
          "ramp_up": (2, 15), "free_2022": (450, 650), "free_2023": (300, 420)}  # fmt: skip
"""What is plausible beforehand."""

DRAWN = {**RANGES, "ceiling": (17, 26), "mooring": (46, 56), "ramp_down": (18, 23), "ramp_up": (2, 10),
         "free_2022": (500, 700), "free_2023": (330, 390)}  # fmt: skip
"""What the scan draws from: without what the first runs had shown to miss."""

LABELS = {"delay": "surge delay, d", "rate": "surge rate, kt/d per day", "ceiling": "surge ceiling, kt/d",
          "mooring": "one mooring, Mt/y", "ramp_down": "ramp-down, % of output per day",
          "ramp_up": "ramp-up, % of output per day", "free_2022": "ullage, March 2022, kt",
          "free_2023": "ullage, November 2023, kt"}  # fmt: skip


def shipped(kz: ro.ExportSystem) -> Values:
    """The values that the data hold."""
    legs, surge = kz.legs, kz.legs["atyrau-samara"].surge
    moorings = legs["cpc-loading"].components
    tengiz = kz.fields["tengiz"]
    assert surge
    assert moorings
    assert tengiz.ramp_down
    assert tengiz.ramp_up
    ways = ("atyrau-samara", "uralsk-samara", "aktau-makhachkala", "aktau-baku")
    surges = [found for found in (legs[way].surge for way in ways) if found is not None]
    mooring = moorings.parts["spm-1"].capacity
    assert mooring
    return Values(
        surge.delay.value, round(sum(found.rate.value for found in surges), 6),
        round(sum(found.ceiling.value for found in surges), 6), mooring.value, tengiz.ramp_down.value,
        tengiz.ramp_up.value, _free(kz, SPRING), _free(kz, STORM),
    )  # fmt: skip


def fitted(kz: ro.ExportSystem) -> Values:
    """The values that the data hold, with the mooring that spring 2022 asks for."""
    return replace(shipped(kz), mooring=FITTED_MOORING)


def _free(kz: ro.ExportSystem, event: str) -> float:
    """Ullage of CPC's tanks on the day on which an event begins, kt."""
    storage = kz.override(resolve(kz, event).override).nodes["cpc-tanks"].storage
    return float(storage.capacity.value * (1.0 - storage.initial.value / 100.0))


def changed(kz: ro.ExportSystem, values: Values) -> ro.ExportSystem:
    """The system with other values."""
    legs: dict[str, Any] = {
        leg: {"surge": {"delay": f"{values.delay} d", "rate": f"{values.rate * share} kt/d per day",
                        "ceiling": f"{values.ceiling * share} kt/d"}}
        for leg, share in SHARES.items()
    }  # fmt: skip
    legs["cpc-loading"] = {"components": {name: {"capacity": f"{values.mooring} Mt/y"} for name in MOORINGS}}
    pace = {"ramp_down": f"{values.ramp_down} %/d", "ramp_up": f"{values.ramp_up} %/d"}
    return kz.override({"legs": legs, "nodes": dict.fromkeys(BIG, pace)})


def scenario(kz: ro.ExportSystem, event: str, values: Values, nominations: bool = True) -> dict[str, Any]:
    """An event with its tanks as given; what one mooring gives Kazakh crude is what April 2022 was planned with."""
    plain = resolve(kz, event).written()
    free = values.free_2022 if event == SPRING else values.free_2023
    tanks = {"nodes": {"cpc-tanks": {"storage": {"initial": f"{100 - free / 10} %"}}}}
    plain["override"] = _with(plain["override"], tanks)
    system = kz.override(plain["override"])
    loading, trunk = system.legs["cpc-loading"], system.legs["cpc-kz"]
    kazakh = 1.0 - loading.reserved["russian"].value / loading.capacity.value
    level = 100 * min(1.0, values.mooring * kazakh / trunk.capacity.value)
    closures = [dict(closure) for closure in plain["closures"]]
    for closure in closures:
        if closure.get("node") == "atyrau-ps":
            closure["availability"] = f"{level} %"
    plain["closures"] = [c for c in closures if nominations or c.get("node") != "atyrau-ps"]
    return plain


def _with(old: Any, change: Any) -> Any:
    if not isinstance(old, Mapping) or not isinstance(change, Mapping):
        return change
    return {**old, **{key: _with(old.get(key), value) for key, value in change.items()}}


def lost_by_day(test: ro.StressTest, name: str) -> pd.Series:
    """What fields do not produce because of an event, kt per day."""
    now, before = test[name].periods, test.targets[name].periods
    return (now["total", "shut_in"] - before["total", "shut_in"]) * 1000 / 365


def rerouted_by_day(test: ro.StressTest, name: str) -> pd.Series:
    """Flow of the alternatives to CPC above their usual flow, kt/d."""
    now, before = test[name].periods, test.targets[name].periods
    others = [route for route in now["route"].columns if route != "cpc"]
    return sum((now["route", route] - before["route", route]) * 1000 / 365 for route in others)


def spring(kz: ro.ExportSystem, values: Values, **how: Any) -> dict[str, float]:
    """March and April 2022: kt lost, and kt rerouted in April."""
    test = ro.stress_test(changed(kz, values), {SPRING: scenario(kz, SPRING, values, **how)})
    return {"lost": float(lost_by_day(test, SPRING).sum()),
            "rerouted": float(rerouted_by_day(test, SPRING)["2022-04"].sum())}  # fmt: skip


def storm(kz: ro.ExportSystem, values: Values) -> dict[str, Any]:
    """November 2023: kt lost by day, in the week from the 27th, and the largest miss of a reported day."""
    test = ro.stress_test(changed(kz, values), {STORM: scenario(kz, STORM, values)})
    lost = lost_by_day(test, STORM)
    path = {day: float(lost[day]) for day in DAYS}
    return {"path": path, "sum": sum(path.values()), "week": float(lost["2023-11-27":"2023-12-03"].sum()),
            "days": max(abs(path[day] - real) for day, real in DAYS.items())}  # fmt: skip


def fits(found: Mapping[str, Any]) -> bool:
    """Whether everything found lies in its band."""
    return all(low <= found[key] <= high for key, (low, high) in BANDS.items() if key in found)


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def events_table(kz: ro.ExportSystem) -> str:
    """Model against report, as shipped."""
    values = shipped(kz)
    first, second = spring(kz, values), storm(kz, values)
    station = ro.stress_test(kz, STATION).table.loc[STATION, "lost"] * 1000
    rows = [[f"lost on {day}", f"{real:.1f}", f"{second['path'][day]:.1f}", "within 10"] for day, real in DAYS.items()]
    rows += [
        ["lost from 27 November to 3 December 2023", f"{WEEK:.0f}", f"{second['week']:.0f}", "500 to 650"],
        ["rerouted in April 2022", f"{REROUTED:.0f}", f"{first['rerouted']:.0f}", "500 to 620"],
        ["lost in March and April 2022", "300 to 350", f"{first['lost']:.0f}", "missed"],
        ["lost with Kropotkinskaya out, February to May 2025", "none", f"{station:.0f}", "missed; not fitted"],
    ]
    return table(["kt", "reported", "model", "counts as a fit"], rows)


def variants_table(kz: ro.ExportSystem) -> str:
    """What the assumptions of March and April 2022 do."""
    values = shipped(kz)
    rows = []
    for label, other, how in (
        ("as shipped", {}, {}),
        (
            "without April's nominations, which kept crude on other routes",
            {},
            {"nominations": False},
        ),
        ("one mooring at the highest published figure, 46 Mt/y", {"mooring": 46.0}, {}),
        ("one mooring of 50 Mt/y", {"mooring": FITTED_MOORING}, {}),
        ("ullage of 450 kt instead of 560", {"free_2022": 450.0}, {}),
    ):
        found = spring(kz, replace(values, **other), **how)
        rows.append([label, f"{found['lost']:.0f}", f"{found['rerouted']:.0f}"])
    return table(["March and April 2022, kt", "lost", "rerouted in April"], rows)


def single_table(kz: ro.ExportSystem) -> str:
    """What each value does to each event, at the ends of what is plausible."""
    values = fitted(kz)
    base = {**spring(kz, values), **storm(kz, values)}
    rows = [[f"as shipped, with a mooring of {FITTED_MOORING:g}", "", *_figures(base)]]
    for name, ends in RANGES.items():
        for end in ends:
            other = replace(values, **{name: float(end)})
            found = dict(base)
            if name != "free_2023":
                found.update(spring(kz, other))
            if name in ("ramp_down", "ramp_up", "free_2023"):
                found.update(storm(kz, other))
            rows.append([LABELS[name], f"{end:g}", *_figures(found)])
    head = ["parameter", "set to", "lost 2022", "rerouted April 2022", "lost in the week of 2023", "largest daily miss"]
    return table(head, rows)


def _figures(found: Mapping[str, float]) -> list[str]:
    return [f"{found[key]:.0f}" + ("" if fits({key: found[key]}) else " *") for key in BANDS]


def equals(kz: ro.ExportSystem, most: int = 20) -> list[tuple[Values, dict[str, float]]]:
    """Sets of values that fit as well, found by a seeded scan.

    First the storm, which knows nothing of moorings and alternatives: paces are drawn, and the room in the tanks is
    sought with which the four days fit. Then spring, with those paces: delay, rate, ceiling and room are drawn, and the
    mooring is sought with which the loss fits. What misses a band then is dropped.
    """
    draw, values, good = np.random.default_rng(SEED), shipped(kz), []
    for _ in range(most):
        other = replace(values, ramp_down=_drawn(draw, "ramp_down"), ramp_up=_drawn(draw, "ramp_up"))
        seen = _sought(lambda tried: storm(kz, tried), other, "free_2023", "sum", 305.0)
        if seen is None:
            continue
        clocks = ("delay", "rate", "ceiling", "free_2022")
        other = replace(seen[0], **{name: _drawn(draw, name) for name in clocks})
        # What cannot reach the band is not worth a run.
        while _at_most(other) < BANDS["rerouted"][0]:
            other = replace(other, **{name: _drawn(draw, name) for name in clocks})
        found = _sought(lambda tried: spring(kz, tried), other, "mooring", "lost", float(np.mean(BANDS["lost"])))
        if found:
            good.append((found[0], {**seen[1], **found[1]}))
    return good


def _at_most(values: Values) -> float:
    """What the alternatives can carry in April 2022 by their clocks alone, called on 22 March; kt."""
    since = np.arange(10.5, 40.5) - values.delay
    return float(np.clip(values.rate * since, 0.0, values.ceiling * (1 - SHARES["aktau-makhachkala"])).sum())


def _sought(
    play: Callable[[Values], dict[str, float]], values: Values, name: str, of: str, aim: float
) -> tuple[Values, dict[str, float]] | None:
    """Values that fit, by bisection over one of them; what is lost falls as it grows. None if there are none."""
    low, high = (float(end) for end in DRAWN[name])
    for _ in range(4):
        values = replace(values, **{name: 0.5 * (low + high)})
        found = play(values)
        if fits(found):
            return values, found
        low, high = (0.5 * (low + high), high) if found[of] > aim else (low, 0.5 * (low + high))
    return None


def _drawn(draw: np.random.Generator, name: str) -> float:
    return float(draw.uniform(*DRAWN[name]))


def ranges_table(kz: ro.ExportSystem, good: list[tuple[Values, dict[str, float]]]) -> str:
    """Each value as shipped, and its range over the sets that fit."""
    values, rows = shipped(kz), []
    by = {"ramp_down": "2023", "ramp_up": "2023, week", "free_2023": "2023, sum of days",
          "mooring": "not fitted; range required by 2022", "free_2022": "2022, lost, with the mooring",
          "ceiling": "2022, rerouted", "delay": "2022, rerouted", "rate": "2022, rerouted"}  # fmt: skip
    for name, label in LABELS.items():
        low, high = (
            end([getattr(found, name) for found in (fitted(kz), *(other for other, _ in good))]) for end in (min, max)
        )
        before = "{:g} to {:g}".format(*DRAWN[name])
        rows.append([label, f"{getattr(values, name):g}", f"{low:.3g} to {high:.3g}", before, by[name]])
    return table(["parameter", "value", f"range over {len(good) + 1} sets that fit", "drawn from", "fitted to"], rows)


def sets_table(good: list[tuple[Values, dict[str, float]]]) -> str:
    """The sets themselves."""
    rows = [[str(place + 1), *(f"{getattr(values, name):.3g}" for name in LABELS),
             *(f"{found[key]:.0f}" for key in BANDS)] for place, (values, found) in enumerate(good)]  # fmt: skip
    head = ["delay", "rate", "ceiling", "mooring", "ramp-down", "ramp-up", "ullage 2022", "ullage 2023"]
    return table(["set", *head, "lost 2022", "rerouted", "week 2023", "daily miss"], rows)


QUESTIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "ten": ("CPC closed for 10 days", [{"route": "cpc", "from": "2025-06-01", "to": "2025-06-11"}]),
    "sixty": ("CPC closed for 60 days", [{"route": "cpc", "from": "2025-06-01", "to": "2025-07-31"}]),
    "one": ("one mooring in service for 60 days", [{"leg": "cpc-loading", "component": ["spm-1", "spm-2"],
                                                "from": "2025-06-01", "to": "2025-07-31"}]),
}  # fmt: skip
"""Questions to the system of 2025, with its tanks half full."""


def answers(kz: ro.ExportSystem, values: Values) -> pd.DataFrame:
    """Lost and re-routed in kt, and days of ullage, of each question."""
    horizon = {"start": "2025-05-25", "end": "2025-09-15", "step": "day"}
    asked = {name: {"horizon": horizon, "closures": closures} for name, (_, closures) in QUESTIONS.items()}
    found = ro.stress_test(changed(kz, values), asked).table
    return found[["lost", "rerouted", "days_of_ullage"]] * [1000, 1000, 1]


def answers_table(kz: ro.ExportSystem, good: list[tuple[Values, dict[str, float]]]) -> str:
    """Answers as shipped, and their range over the sets."""
    base, spread = answers(kz, shipped(kz)), [answers(kz, v) for v in (fitted(kz), *(values for values, _ in good))]
    rows = []
    for name, (label, _) in QUESTIONS.items():
        row = [label]
        for key, digits in (("lost", 0), ("rerouted", 0), ("days_of_ullage", 1)):
            of = [float(found.loc[name, key]) for found in spread]
            known = [value for value in of if not np.isnan(value)]
            ends = f"{min(known):.{digits}f} to {max(known):.{digits}f}" if known else "never"
            often = f"; never in {len(of) - len(known)}" if known and len(known) < len(of) else ""
            value = base.loc[name, key]
            row.append(f"{value:.{digits}f} ({ends}{often})")
        rows.append(row)
    return table(["in 2025", "lost, kt", "rerouted, kt", "days of ullage"], rows)


if __name__ == "__main__":
    from generated import publish

    kz = ro.load("kazakhstan")
    good = equals(kz)
    publish(
        HERE / "calibration.md",
        {
            "ranges": ranges_table(kz, good),
            "events": events_table(kz),
            "variants": variants_table(kz),
            "single": single_table(kz),
            "answers": answers_table(kz, good),
            "sets": sets_table(good),
        },
    )
