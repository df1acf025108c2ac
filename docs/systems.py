"""Compute the tables of docs/systems.md from the shipped data.

``python docs/systems.py`` prints them; with ``--write`` it puts them into systems.md.
"""

from __future__ import annotations

from pathlib import Path

import routeopt as ro
from routeopt.system.nodes import Terminal

HERE = Path(__file__).parent

ORIGINS = {
    "ras-tanura-asia": ("Saudi Arabia through Hormuz", 5.43, "IEA, 2025"),
    "basra-asia": ("Iraq through Hormuz", 3.32, "IEA, 2025"),
    "uae-asia": ("UAE through Hormuz", 1.89, "US EIA, 2024"),
    "kharg-asia": ("Iran through Hormuz", 1.40, "US EIA, 2024"),
    "kuwait-asia": ("Kuwait through Hormuz", 1.33, "US EIA, 2024"),
    "qatar-asia": ("Qatar through Hormuz", 0.65, "US EIA, 2024"),
    "petroline": ("East-West line, with refineries", 2.0, "IEA, early 2026"),
}
"""Leg -> title, what was published, by whom and for when."""

CLOSURES = ["hormuz-closed", "hormuz-half", "hormuz-closed-but-to-iran", "hormuz-and-bab-el-mandeb",
            "hormuz-and-petroline", "hormuz-and-fujairah", "hormuz-and-goreh-jask", "hormuz-closed-petroline-design",
            "hormuz-closed-kirkuk-reopened", "hormuz-closed-with-west-east", "hormuz-closed-february-2026",
            "bab-el-mandeb-closed", "fujairah-closed", "ceyhan-closed"]  # fmt: skip

TANKS = {
    "basra-tanks": ("Iraq (south)", "6 (3 one week earlier)"),
    "mina-al-ahmadi": ("Kuwait", "14"),
    "mesaieed": ("Qatar", "20"),
    "das-zirku": ("UAE", "16; 19 with diversion"),
    "kharg": ("Iran", ""),
    "ras-tanura": ("Saudi Arabia", "36; 65 with diversion"),
}
"""Terminal -> producer, and what JPMorgan reckoned in March 2026."""

CANADA = {"mainline": 3062, "trans-mountain": 701, "keystone": 579, "south": 403, "rail": 77.2}
"""Route -> kb/d in 2025: CAPP, January to September; the regulator for rail."""

OUT = ["mainline-out", "trans-mountain-out", "keystone-out", "south-out", "rail-strike", "mainline-without-line-3",
       "line-5-closed", "westridge-closed", "enbridge-out", "united-states"]  # fmt: skip


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def gulf_base(gulf: ro.ExportSystem) -> str:
    """The base year beside what was published."""
    plan = ro.allocate(gulf)
    legs = plan.legs["flow"].to_dict()
    rows = [[title, f"{legs[leg]:.2f}", f"{real:.2f}", said] for leg, (title, real, said) in ORIGINS.items()]
    total = plan.routes["flow"].to_dict()["hormuz"]
    rows.append(["total through Hormuz", f"{total:.2f}", "14.95 and 14.32", "IEA, 2025; US EIA, 2024"])
    return table(["mb/d", "allocated", "published", "source"], rows)


def gulf_closures(gulf: ro.ExportSystem) -> str:
    """What leaves, and by which way."""
    plans = {"base year": ro.allocate(gulf)}
    plans |= {gulf.scenarios[name].title: ro.allocate(gulf, name) for name in CLOSURES}
    routes = list(gulf.routes)
    rows = [
        [title, f"{plan.exported:.2f}", *(f"{plan.routes['flow'].to_dict()[route]:.2f}" for route in routes)]
        for title, plan in plans.items()
    ]
    return table(["mb/d", "exported", *(name.capitalize() for name in routes)], rows)


def gulf_tanks(gulf: ro.ExportSystem) -> str:
    """The day on which each producer's tanks are full, in the data and with the output of February 2026."""
    plans = [(gulf, ro.allocate(gulf, "hormuz-90-days"))]
    changed = gulf.override(gulf.scenarios["february-2026"].override)
    plans.append((changed, ro.allocate(changed, "hormuz-90-days")))
    rows = [
        [title, *(first_full(system, plan, tanks) for system, plan in plans), said]
        for tanks, (title, said) in TANKS.items()
    ]
    return table(["day on which tanks are full", "output of 2025", "output of February 2026", "JPMorgan"], rows)


def first_full(system: ro.ExportSystem, plan: ro.Allocation, name: str) -> str:
    """Days from the closure to the end of the first day with tanks that are full, to a thousandth."""
    terminal = system.nodes[name]
    assert isinstance(terminal, Terminal)
    assert terminal.storage is not None
    assert plan.periods is not None
    levels = plan.periods.terminal[name].tolist()
    size = terminal.storage.capacity.value
    return next((str(day + 1) for day, level in enumerate(levels) if level >= 0.999 * size), "never")


def canada_base(canada: ro.ExportSystem) -> str:
    """The base year beside what was published."""
    arrives = ro.allocate(canada).legs["arrives"]
    # What was published is what the pipes carried, with what refineries in British Columbia took of it.
    flow = {route: float(arrives[list(canada.routes[route].metering_legs)].sum()) for route in CANADA}
    rows = [
        [canada.routes[route].title, f"{flow[route]:,.0f}", f"{real:,.0f}", f"{flow[route] / real - 1:+.1%}"]
        for route, real in CANADA.items()
    ]
    return table(["kb/d", "allocated", "published", "miss"], rows)


def canada_closures(canada: ro.ExportSystem) -> str:
    """What leaves, and by which way."""
    plans = {"base year": ro.allocate(canada)}
    plans |= {canada.scenarios[name].title: ro.allocate(canada, name) for name in OUT}
    rows = [
        [title, f"{plan.exported:,.0f}", *(f"{plan.routes['flow'].to_dict()[route]:,.0f}" for route in CANADA)]
        for title, plan in plans.items()
    ]
    return table(["kb/d", "exported", "Mainline", "Trans Mountain", "Keystone", "southern lines", "rail"], rows)


def parts() -> dict[str, str]:
    """All tables of the page, by the name of their place."""
    gulf, canada = ro.load("gulf"), ro.load("canada")
    return {
        "gulf-base": gulf_base(gulf),
        "gulf-closures": gulf_closures(gulf),
        "gulf-tanks": gulf_tanks(gulf),
        "canada-base": canada_base(canada),
        "canada-closures": canada_closures(canada),
    }


if __name__ == "__main__":
    from generated import publish

    publish(HERE / "systems.md", parts())
