"""``routeopt stress``, ``contingencies`` and ``simulate``."""

from __future__ import annotations

from typing import Annotated

import typer

from routeopt.cli.guard import guarded, usage
from routeopt.cli.options import (
    EconomicOption,
    ForceOption,
    FormatOption,
    HeldOption,
    OutputOption,
    OverOption,
    QuietOption,
    ScenarioArgument,
    SystemArgument,
    UnitOption,
    tables_help,
)
from routeopt.cli.page import Page, Sheet
from routeopt.cli.printing import Format, How, show
from routeopt.cli.reading import read_system
from routeopt.cli.waiting import waiting

__all__ = ["contingencies", "simulate", "stress"]

_STRESS = ("scenarios", "routes", "curves", "not-knowing")
_SETS = ("sets", "by-size", "importance")
_RISK = ("measures", "importance", "histogram")
_DRAWS = 100_000


@guarded
def stress(
    system: SystemArgument,
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", show_default=False,
                                                   help="Scenarios of the system.")],
    foresight: Annotated[str, typer.Option(help="myopic: closures are a surprise; perfect: all is known.")] = "myopic",
    economic: EconomicOption = False,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_STRESS)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """What closures do over time, and how long recovery takes.

    What is lost, delayed and re-routed, when tanks are full, against what would have left without the closures.
    """
    how = How(format, table, output, force, quiet).check(_STRESS)
    loaded = read_system(system, unit)
    from routeopt.resilience import stress_test

    with waiting(f"{len(scenarios)} scenarios over their horizons", quiet):
        test = stress_test(loaded, scenarios, foresight=foresight, economic=economic)
        amount = test.amount_unit
        amounts = dict.fromkeys(
            ("lost", "drawn", "on_the_way", "in_store", "delayed", "shut_in", "shortage", "rerouted", "target",
             "actual", "change", "perfect", "myopic", "price"), amount)  # fmt: skip
        clocks = ("days_to_tank_top", "days_of_ullage", "days_to_recover", "full_days_lost", "window")
        days = dict.fromkeys(clocks, "d")
        money = dict.fromkeys(("extra_cost", "revenue_lost", "netback_lost"), "USD")
        ranking = test.ranking
        title = f"{loaded.title or loaded.name}: stress test, {foresight} foresight"
        sheets = {
            "scenarios": Sheet(lambda: ranking, {**amounts, **days, **money, "resilience": "1", "depth": "1"}),
            "routes": Sheet(lambda: test.routes, amounts),
            "curves": Sheet(lambda: test.curves, dict.fromkeys(test, "1")),
            "not-knowing": Sheet(lambda: test.not_knowing, amounts),
        }
        page = Page("stress", {"system": loaded.name, "scenarios": list(test), "foresight": foresight}, sheets,
                    notes=test.notes, title=title, shown=("scenarios",))  # fmt: skip
    show(page, how)


@guarded
def contingencies(
    system: SystemArgument,
    k: Annotated[int, typer.Option("-k", "--k", help="How many are closed at a time, at most: 1, 2 or 3.")] = 1,
    over: OverOption = "leg",
    scenario: HeldOption = None,
    top: Annotated[int | None, typer.Option(show_default=False, help="Keep the worst so many; 20 for people.")] = None,
    economic: EconomicOption = False,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_SETS)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Every closure alone or with others, worst first (N-1, N-2): what refineries lack, then exports lost.

    All sets of up to k decisions are solved or settled by proof; time is not resolved.
    """
    how = How(format, table, output, force, quiet).check(_SETS)
    loaded = read_system(system, unit)
    from routeopt.resilience import contingencies as verb

    with waiting(f"closing every {over}", quiet, bar=True):
        kept = 20 if top is None and how.format is Format.table else top
        found = verb(loaded, k, over, scenario=scenario, top=kept, economic=economic)
    flow, money = found.flow_unit, found.money_unit
    flows = dict.fromkeys(("exported", "lost", "shortage", "synergy", "mean", "alone", "largest"), flow)
    sheets = {
        "sets": Sheet(lambda: found.table, {**flows, "netback_lost": money}),
        "by-size": Sheet(lambda: found.by_size, {**flows, "share": "1"}),
        "importance": Sheet(lambda: found.importance, {**flows, "worst": "1"}),
    }
    counts, many = found.counts, sum(len(sets) for sets in found.solved.sets[1:])
    values = {
        "exported without closures": (found.exported, flow),
        "sets": (many, ""),
        "solved and certified": (counts.solved, ""),
        "settled by a smaller set": (counts.pruned, ""),
        "equally bad worst sets": (len(found.worst), ""),
    }
    more = many - len(found.table)
    notes = (f"the worst {len(found.table)} of {many:,} sets; --top {many} shows all",) if more > 0 else ()
    title = f"{loaded.title or loaded.name}, {found.name}: every {over} closed, up to {found.k} at a time"
    about = {"system": loaded.name, "scenario": found.name, "k": found.k, "over": over}
    show(Page("contingencies", about, sheets, values, notes=notes, title=title, shown=("sets",)), how)


@guarded
def simulate(
    system: SystemArgument,
    scenario: ScenarioArgument = None,
    draws: Annotated[int | None, typer.Option(show_default=False,
                                              help=f"Random instants; {_DRAWS} if neither is given.")] = None,
    years: Annotated[int | None, typer.Option(show_default=False,
                                              help="Or chronological years: only they say what a bad year is.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same outages.")] = 0,
    independent: Annotated[bool, typer.Option("--independent",
                                                   help="Common causes close their parts one by one.")] = False,
    economic: EconomicOption = False,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_RISK)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """What outages cost on average and in a bad moment or year.

    Random instants are losses as rates; chronological years are amounts. Where states are few all are solved.
    """
    how = How(format, table, output, force, quiet).check(_RISK)
    if draws is not None and years is not None:
        raise usage("draws are random instants and years are years; give one of them", "--draws, --years")
    loaded = read_system(system, unit)
    from routeopt.resilience import simulate_outages

    draws = _DRAWS if draws is None and years is None else draws
    with waiting("drawing outages", quiet, bar=True):
        risk = simulate_outages(loaded, draws=draws, years=years, seed=seed, scenario=scenario,
                                causes=not independent, economic=economic)  # fmt: skip
        losses = dict.fromkeys(("loss_when_down", "loss_when_up", "birnbaum", "shortage_when_down", "shortage_when_up",
                                "standard_error"), risk.unit)  # fmt: skip
        sheets = {
            "measures": Sheet(lambda: risk.table, {}),
            "importance": Sheet(lambda: risk.importance, {**losses, "unavailability": "1", "fussell_vesely": "1",
                                                          "criticality": "1"}),
            "histogram": Sheet(lambda: risk.histogram(), {"low": risk.unit, "high": risk.unit, "probability": "1"}),
        }  # fmt: skip
        if not risk.states:  # years through the time model are no sums over states
            del sheets["importance"]
        about = {"system": loaded.name, "scenario": risk.setup.name, "basis": risk.basis, "seed": seed,
                 "draws": risk.draws, "exact": risk.exact, "method": risk.note}  # fmt: skip
        if table == "importance" and not risk.states:
            _ = risk.importance  # raises, and says why
        text = str(risk) if how.format is Format.table and table is None else ""
        values = {"exported": (risk.exported, risk.unit), "expected shortage": (risk.expected_shortage, risk.unit)}
        page = Page("simulate", about, sheets, values, (lambda: text) if text else None)
    show(page, how)
