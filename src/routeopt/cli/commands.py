"""Commands that ask a verb of the library: each names its options and calls it; the result says what to show."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routeopt.cli.command import Asked, command
from routeopt.cli.options import (
    BuildOption,
    CloseOption,
    EconomicOption,
    ForesightOption,
    Format,
    HeldOption,
    OverOption,
    ScenarioArgument,
    closures,
    pairs,
    usage,
)
from routeopt.results import Digest, Figure, Result, Table, counted

if TYPE_CHECKING:
    import pandas

    from routeopt.system import ExportSystem

__all__ = ["contingencies", "expand", "report", "show", "simulate", "solve", "sources", "stress", "worst_case"]

_DRAWS = 100_000
_PARTS = ("routes", "nodes", "legs", "groups", "scenarios")


class Provenance(StrEnum):
    """Where a number comes from."""

    sourced = "sourced"
    estimate = "estimate"
    none = "none"


@command(*_PARTS)
def show(asked: Asked) -> Digest:
    """Show a system: an overview, and its parts as tables."""
    system = asked.system
    shown, kinds = system.digest(), [node.kind for node in system.nodes.values()]
    words = {"name": system.name, "file": system.origin, "flows in": system.units.flow,
             "commodities": ", ".join(system.streams)}  # fmt: skip
    details = [Figure(label, word) for label, word in words.items() if word]
    details += [Figure(f"nodes: {kind}", kinds.count(kind), "1") for kind in dict.fromkeys(kinds)]
    tables = {table.name: table for table in shown.tables}
    tables["scenarios"] = Table("scenarios", "Scenarios", lambda: _scenarios(system))
    return replace(shown, details=tuple(details), tables=tuple(tables[one] for one in _PARTS))


def _scenarios(system: ExportSystem) -> pandas.DataFrame:
    import pandas

    from routeopt.scenario.resolve import resolve

    rows = {}
    for name in system.scenarios:
        flat = resolve(system, name)
        rows[name] = {
            "title": flat.title,
            "horizon": f"{flat.horizon.start} to {flat.horizon.end}" if flat.horizon else "",
            "closes": "; ".join(map(str, flat.closures)),
            "builds": ", ".join(f"{leg} {size}" for leg, size in flat.build.items()),
        }
    return pandas.DataFrame.from_dict(rows, orient="index", dtype=object).rename_axis("scenario")


@command("numbers")
def sources(
    asked: Asked,
    provenance: Annotated[Provenance | None, typer.Option(help="Only numbers with this provenance.")] = None,
) -> Digest:
    """List every number of a system with its range and source."""
    audit = asked.system.sources()
    words = {Provenance.sourced: "sourced", Provenance.estimate: "estimated", Provenance.none: "without a source"}
    counts = [
        Figure(f"numbers {word}", int((audit["provenance"] == kind.value).sum()), "1") for kind, word in words.items()
    ]
    if provenance is not None:
        audit = audit[audit["provenance"] == provenance.value]
    # For people only what fits: the source's id; publisher, date, address and note are in csv and json.
    if asked.format is Format.table:
        audit = audit[["value", "unit", "low", "high", "provenance", "source"]]
    table = Table("numbers", "Every number and where it comes from", audit)
    title = asked.system.title or asked.system.name
    return Digest("Where the numbers come from", title, tuple(counts), (table,))


@command("routes", "bottlenecks", "legs", "flows", "fields", "markets", "refineries", "groups", "contracts", "exposure",
         "periods")  # fmt: skip
def solve(
    asked: Asked,
    scenario: ScenarioArgument = None,
    close: CloseOption = None,
    build: BuildOption = None,
    economic: EconomicOption = False,
    foresight: ForesightOption = "perfect",
    apportion: Annotated[
        str, typer.Option(help="How scarce capacity is shared: economic, pro-rata, pro-rata:commodity, "
                          "or by priority of fields: a,b,c.")
    ] = "economic",
    solver: Annotated[
        str | None, typer.Option(help="highs, or pulp:NAME: flows of a PuLP solver, certified with HiGHS.")
    ] = None,
) -> Result:  # fmt: skip
    """Allocate production to routes, in the base case or under a scenario.

    Exported volume is maximised first, then net cost minimised. The optimum is certified.
    """
    cut, built = closures(close), pairs(build, "--build", "tcop=20 Mt/y")
    system, shares = asked.system, apportion.split(",") if "," in apportion else apportion
    from routeopt.allocation import allocate

    with asked.waiting(f"solving {scenario or 'the base'}"):
        return allocate(system, scenario, close=cut, build=built, economic=economic, foresight=foresight,
                        apportion=shares, solver=solver)  # fmt: skip


@command("scenarios", "routes", "curves", "value_of_foresight")
def stress(
    asked: Asked,
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios with a horizon.")],
    foresight: Annotated[
        str, typer.Option(help="myopic: rolling horizon, closures come as a surprise; perfect: the best case.")
    ] = "myopic",
    economic: EconomicOption = False,
) -> Result:  # fmt: skip
    """Simulate dated closures over time, and how long recovery takes.

    Reports lost, deferred and rerouted volumes and when tanks are full, relative to the same horizon without
    closures.
    """
    system = asked.system
    from routeopt.resilience import stress_test

    with asked.waiting(counted(len(scenarios), "scenario") + " over time"):
        return stress_test(system, scenarios, foresight=foresight, economic=economic)


@command("sets", "importance", "by_size")
def contingencies(
    asked: Asked,
    k: Annotated[int, typer.Option("-k", "--k", help="Number of elements out at a time, at most: 1, 2 or 3.")] = 1,
    over: OverOption = "leg",
    scenario: HeldOption = None,
    top: Annotated[
        int | None, typer.Option(help="Number of rows to show (default: 20 in tables, all in JSON and CSV).")
    ] = None,
    economic: EconomicOption = False,
) -> Result:
    """Rank all combinations of up to k outages (N-1, N-2, N-3), worst first.

    Ranked by unmet refinery demand, then lost exports. Static: outages last the whole year.
    """
    system = asked.system
    from routeopt.resilience import contingencies as verb

    kept = 20 if top is None and asked.format is Format.table else top
    with asked.waiting(f"closing every {over}", bar=True):
        return verb(system, k, over, scenario=scenario, top=kept, economic=economic)


@command("measures", "importance", "histogram")
def simulate(
    asked: Asked,
    scenario: ScenarioArgument = None,
    draws: Annotated[int | None, typer.Option(help=f"Snapshots to sample (default: {_DRAWS:,}).")] = None,
    years: Annotated[int | None, typer.Option(help="Or chronological years to simulate.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed: the same seed gives the same outages.")] = 0,
    independent: Annotated[bool, typer.Option("--independent", help="Ignore common causes.")] = False,
    economic: EconomicOption = False,
) -> Result:  # fmt: skip
    """Quantify outage risk: expected loss and tail risk.

    Snapshots give losses as rates; chronological years give amounts. Where states are few, all are enumerated.
    """
    if draws is not None and years is not None:
        raise usage("exactly one of draws and years; give one of them", "--draws, --years")
    system, draws = asked.system, _DRAWS if draws is None and years is None else draws
    from routeopt.resilience import simulate_outages

    with asked.waiting("drawing outages", bar=True):
        risk = simulate_outages(
            system,
            draws=draws,
            years=years,
            seed=seed,
            scenario=scenario,
            common_causes=not independent,
            economic=economic,
        )
        if asked.table == "importance":
            _ = risk.importance  # says why, if there is none
    return risk


@command("curve", "ties")
def worst_case(
    asked: Asked,
    k: Annotated[int, typer.Option("-k", "--k", help="Number of elements attacked, at most.")] = 1,
    over: OverOption = "leg",
    scenario: HeldOption = None,
    measure: Annotated[
        str, typer.Option(help="What the attack minimises: volume (refineries, then exports), exports, netback.")
    ] = "volume",
    protect: Annotated[
        list[str] | None,
        typer.Option("--protect", metavar="NAME",
                     help="Element that cannot be attacked. Repeatable."),
    ] = None,
    economic: EconomicOption = False,
) -> Result:  # fmt: skip
    """Find the attack that costs most when all flows are re-optimised.

    Found by a mixed-integer program, re-evaluated by the certified linear program, and confirmed by full enumeration
    where that takes about a second.
    """
    system = asked.system
    from routeopt.decide import worst_case as verb

    with asked.waiting(f"searching the worst attack on elements of kind {over}"):
        return verb(system, k, over, scenario=scenario, measure=measure, protect=protect or (), economic=economic)


@command("choices", "outcomes", "break_even", "frontier", "utilisation")
def expand(
    asked: Asked,
    options: Annotated[list[str], typer.Argument(metavar="LEG...",
                                                 help="Legs that may be built, with sizes and capex in the data.")],
    probability: Annotated[
        list[str] | None,
        typer.Option("--probability", metavar="SCENARIO=SHARE",
                     help="Probability of a scenario in a year: cpc-closed=5%. Repeatable."),
    ] = None,
    outages: Annotated[bool, typer.Option("--outages", help="Legs and components also fail at random.")] = False,
    draws: Annotated[int, typer.Option(help="Number of outage samples.")] = 1000,
    seed: Annotated[int, typer.Option(help="Random seed of the outages.")] = 0,
    cvar_weight: Annotated[float, typer.Option(help="Weight of CVaR in the objective, from 0 to 1.")] = 0.0,
    cvar_level: Annotated[float, typer.Option(help="Level of CVaR: 0.95 is the worst 5%.")] = 0.95,
    value_of_lost_exports: Annotated[
        str | None,
        typer.Option(help="Penalty on lost exports beyond the lost revenue: '50 USD/t'."),
    ] = None,
    continuous: Annotated[bool, typer.Option("--continuous", help="Any size, not only the studied ones.")] = False,
    economic: EconomicOption = False,
) -> Result:  # fmt: skip
    """Choose what to build under uncertain closures (two-stage program).

    Capital is paid whether oil flows or not. The table break_even has the closure probability above which a choice
    pays.
    """
    likely = pairs(probability, "--probability", "cpc-closed=5%")
    if not likely and not outages:
        raise usage(
            "no closure probabilities and no outages; name scenarios (cpc-closed=5%), or add --outages", "--probability"
        )
    system = asked.system
    from routeopt.decide import CVaR
    from routeopt.decide import expand as verb

    with asked.waiting("choosing what to build"):
        return verb(
            system,
            options,
            likely,
            outages=outages,
            draws=draws,
            seed=seed,
            economic=economic,
            risk=CVaR(cvar_level, cvar_weight) if cvar_weight else None,
            value_of_lost_exports=value_of_lost_exports or 0.0,
            continuous=continuous,
        )


@command(lacks="table format")
def report(
    asked: Asked,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page, FILE.html; - writes it to standard output."),
    ],
    scenario: ScenarioArgument = None,
    close: CloseOption = None,
    build: BuildOption = None,
    economic: EconomicOption = False,
    foresight: ForesightOption = "perfect",
) -> str:
    """Write a self-contained HTML page: figures, sortable tables, sources, certificate."""
    cut, built = closures(close), pairs(build, "--build", "tcop=20 Mt/y")
    system = asked.system
    from routeopt.allocation import allocate
    from routeopt.views.report import page

    with asked.waiting(f"solving {scenario or 'the base'}"):
        plan = allocate(system, scenario, close=cut, build=built, economic=economic, foresight=foresight)
    with asked.waiting("drawing"):
        return page(plan)
