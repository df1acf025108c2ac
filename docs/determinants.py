"""Compute the tables of docs/determinants.md from the shipped data.

``python docs/determinants.py`` prints them; with ``--write`` it puts them into determinants.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulp
import yaml

import routeopt as ro
from routeopt.system.iterate import quantities

HERE = Path(__file__).parent
ROUTES = ["cpc", "atyrau-samara", "makhachkala", "baku", "china"]
SLACK = 0.0025

REPORTED = {
    2025: {"cpc": 64.8, "atyrau-samara": 8.8, "makhachkala": 2.2, "baku": 1.5, "china": 1.0, "total": 78.7},
    2024: {"cpc": 54.9, "atyrau-samara": 8.8, "makhachkala": 1.9, "baku": 1.45, "china": 1.2, "total": 68.55},
}
"""What was reported, in Mt; 2025's CPC is 63.8 by the Prime Minister's office. Compared with, never used."""

DETERMINANTS = {
    "cpc": ("reach and price", "Output of the three large fields less their contracts elsewhere"),
    "atyrau-samara": ("reach", "Western KazTransOil crude less refineries, China and tankers; Karachaganak's contract"),
    "makhachkala": ("capacity", "Three tankers at the water depth of 2025"),
    "baku": ("contract and capacity", "The contract makes it pay; four small tankers, idle on 39 days, limit it"),
    "china": ("contract", "The agreed volume; without it, the spare capacity of Atyrau-Kenkiyak"),
}  # fmt: skip

CHOICES: list[tuple[str, dict[str, Any]]] = [
    ("crude quality: barrels per tonne by stream, lost where crude is blended", {
        "commodities": {name: {"barrels_per_tonne": 7.5} for name in (
            "tengiz", "kashagan", "karachaganak", "kto", "kebco", "china-blend", "btc-tengiz", "btc-kashagan")}}),
    ("tankers and berths at actual, not nameplate, capacity", {
        "groups": {"aktau-berths": {"capacity": "7.5 Mt/y"}},
        "legs": {"aktau-makhachkala": {"fleet": {"cargo": "12 kt", "vessels": 4}},
                 "aktau-baku": {"fleet": {"cargo": "12 kt", "vessels": 5}}}}),
    ("CPC's dividends credited to its shippers", {
        "legs": {"tengiz-cpc": {"tariff": "0 USD/t"}, "eskene-cpc": {"tariff": "1 USD/t"},
                 "kpo-cpc": {"tariff": "5 USD/t"}}}),
    ("2.2 Mt/y in CPC for KazTransOil's shippers", {"legs": {"kto-cpc": {"capacity": None}}}),
    ("Russian transit balance of 15 Mt/y for Samara", {"groups": {"samara-quota": None}}),
    ("no tanker to Baku on 39 days", {"legs": {"aktau-baku": {"availability": None}}}),
    ("Karachaganak's contract with Germany", {"contracts": {"kpo-germany": None}}),
    ("the contract for transit to Baku", {"contracts": {"baku-transit": None}}),
    ("the volume agreed with China", {"groups": {"china-quota": None}, "contracts": {"china-supply": None}}),
]  # fmt: skip
"""What has been put into the data, one after the other, and the change that takes it out again."""


def flows(plan: ro.Allocation) -> dict[str, float]:
    """Volume of each route and of all."""
    found = {str(route): float(flow) for route, flow in plan.routes["flow"].items()}
    return {**found, "total": plan.exported}


def near_optimal(plan: ro.Allocation, slack: float = SLACK) -> dict[str, tuple[float, float]]:
    """Least and most volume of each route when netback may be a little less and the exported volume is held."""
    ranges = {}
    for route in ROUTES:
        ends = []
        for sense in (1, -1):
            problem = plan.to_pulp()
            limit = -plan.netback + slack * abs(plan.netback)
            problem += problem.objective <= limit, "near_optimal"
            names = [re.sub(r"\W", "_", f"flow__{leg}__") for leg in plan.system.routes[route].metering_legs]
            mine = [v for v in problem.variables() if any(v.name.startswith(name) for name in names)]
            problem.setObjective(sense * pulp.lpSum(mine))
            problem.solve(pulp.HiGHS(msg=False))
            ends.append(float(sum(v.varValue or 0.0 for v in mine)))
        ranges[route] = (ends[0], ends[1])
    return ranges


def by_contract(plan: ro.Allocation) -> dict[str, float]:
    """Volume of each route that a contract or an agreed volume fixes."""
    system = plan.system
    fixed = dict.fromkeys(ROUTES, 0.0)
    for name, contract in system.contracts.items():
        route = system.metering_legs[contract.legs[0]]
        table = plan.contracts
        fixed[route] += float(table["due"][name] - table["deficiency"][name])
    fixed["china"] = max(fixed["china"], float(plan.groups["use"]["china-quota"]))
    return fixed


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def routes_table(kz: ro.ExportSystem) -> str:
    """Per route: volume, report, what determines it, the share fixed by contract, the near-optimal range."""
    plan = ro.allocate(kz)
    found, fixed, ranges = flows(plan), by_contract(plan), near_optimal(plan)
    rows = []
    for route in ROUTES:
        low, high = ranges[route]
        share = f"{fixed[route] / found[route]:.0%}" if fixed[route] else "none"
        rows.append([kz.routes[route].title, f"{found[route]:.1f}", f"{REPORTED[2025][route]:.1f}",
                     f"{low:.1f} to {high:.1f}", share, ": ".join(DETERMINANTS[route])])  # fmt: skip
    rows.append(["total", f"{plan.exported:.1f}", f"{REPORTED[2025]['total']:.1f}", "", "", "closes by construction"])
    head = ["route, Mt/y in 2025", "allocated", "reported", "near-optimal", "by contract", "determined by"]
    return table(head, rows).replace("---: |\n", "--- |\n", 1)


def choices_table(kz: ro.ExportSystem) -> str:
    """What each choice did, from bare data to the data as shipped."""
    steps = []
    for done in range(len(CHOICES) + 1):
        system = kz
        for _, undo in CHOICES[done:]:
            system = system.override(undo)
        found = flows(ro.allocate(system))
        label = "bare data" if done == 0 else f"+ {CHOICES[done - 1][0]}"
        steps.append([label, *(f"{found[route]:.1f}" for route in ROUTES)])
    steps.append(["reported", *(f"{REPORTED[2025][route]:.1f}" for route in ROUTES)])
    return table(["data, Mt/y in 2025", *(kz.routes[route].title for route in ROUTES)], steps)


def numbers_table(kz: ro.ExportSystem, least: float = 0.3) -> str:
    """Numbers that alone, at an end of their range, move a route."""
    base = flows(ro.allocate(kz))
    rows = []
    for label, written, ends in ranged(kz):
        moved: list[tuple[float, list[str]]] = []
        for end, changes in ends:
            now = flows(ro.allocate(kz.override(changes)))
            shift = {route: now[route] - base[route] for route in ROUTES}
            most = max(abs(value) for value in shift.values())
            if most >= least:
                big = [f"{route} {value:+.1f}" for route, value in shift.items() if abs(value) >= 0.05]
                moved.append((most, [label, written, end, ", ".join(big)]))
        rows += moved
    rows.sort(key=lambda row: -row[0])
    return table(["number", "value", "set to", "change, Mt/y"], [row for _, row in rows]).replace("---:", "---")


def ranged(kz: ro.ExportSystem) -> Iterator[tuple[str, str, list[tuple[str, dict[str, Any]]]]]:
    """Numbers that have a range, and the change that puts each at its ends. One number given in several places moves
    in all of them."""
    places: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for path, quantity in quantities(kz):
        beside = {
            "build",
            "surge",
            "outages",
            "storage",
            "transit_time",
            "min_output",
            "ramp_down",
            "ramp_up",
            "below_min_output",
        }
        if (quantity.low is None and quantity.high is None) or beside & set(path):
            continue
        key = (quantity.value, quantity.unit, quantity.low, quantity.high, quantity.estimate or quantity.note)
        # The same words beside the same number: one number that stands in several places.
        same = key if key[-1] else (path, *key)
        places.setdefault(same, []).append((path, quantity))
    for found in places.values():
        path, quantity = found[0]
        label = ".".join(str(part) for part in path) + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        ends = []
        for end in dict.fromkeys((quantity.low, quantity.high)):
            if end is not None and end != quantity.value:
                value = f"{end:.12g} {quantity.unit}".strip() if quantity.unit else end
                changes: dict[str, Any] = {}
                for place, _ in found:
                    nested = changes
                    for part in place[:-1]:
                        nested = nested.setdefault(str(part), {})
                    nested[str(place[-1])] = value
                ends.append((f"{end:g}", changes))
        yield f"`{label}`", str(quantity), ends


def backcast_table(kz: ro.ExportSystem) -> str:
    """2024 from its own inputs, with what was reported."""
    changes = yaml.safe_load((HERE.parent / "data" / "backcast" / "2024.yaml").read_text(encoding="utf-8"))
    found = flows(ro.allocate(kz.override(changes["override"])))
    rows = []
    for route in (*ROUTES, "total"):
        real = REPORTED[2024][route]
        title = "total" if route == "total" else kz.routes[route].title
        miss = round(found[route] - real, 2) + 0.0
        rows.append([title, f"{found[route]:.2f}", f"{real:.2f}", f"{miss:+.2f}", f"{miss / real:+.1%}"])
    return table(["route, Mt/y in 2024", "allocated", "reported", "miss", "relative"], rows)


if __name__ == "__main__":
    from generated import publish

    kz = ro.load("kazakhstan")
    publish(
        HERE / "determinants.md",
        {
            "routes": routes_table(kz),
            "choices": choices_table(kz),
            "numbers": numbers_table(kz),
            "backcast": backcast_table(kz),
        },
    )
