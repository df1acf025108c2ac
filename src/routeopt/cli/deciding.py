"""``routeopt worst-case`` and ``expand``."""

from __future__ import annotations

from typing import Annotated, Any

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
    SystemArgument,
    UnitOption,
    tables_help,
)
from routeopt.cli.page import Page, Sheet
from routeopt.cli.printing import Format, How, show
from routeopt.cli.reading import pairs, read_system
from routeopt.cli.waiting import waiting

__all__ = ["expand", "worst_case"]

_WORST = ("curve", "ties")
_PLANS = ("choices", "states", "break-even", "frontier")


@guarded
def worst_case(
    system: SystemArgument,
    k: Annotated[int, typer.Option("-k", "--k", help="How many decisions the adversary has.")] = 1,
    over: OverOption = "leg",
    scenario: HeldOption = None,
    measure: Annotated[
        str, typer.Option(help="What counts: volume (refineries, then exports), exports, netback.")
    ] = "volume",
    protect: Annotated[
        list[str] | None,
        typer.Option("--protect", metavar="NAME", show_default=False,
                     help="What cannot be attacked. May be given again."),
    ] = None,
    economic: EconomicOption = False,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_WORST)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """The closures that hurt most, whatever is re-routed.

    Found by a mixed-integer programme, solved again by the proven linear one, and confirmed by going through all sets
    where that takes about a second.
    """
    how = How(format, table, output, force, quiet).check(_WORST)
    loaded = read_system(system, unit)
    from routeopt.decide import worst_case as verb

    with waiting(f"looking for the worst {over}s", quiet):
        worst = verb(loaded, k, over, scenario=scenario, measure=measure, protect=protect or (), economic=economic)
        summary = worst.summary()

    def ties() -> Any:
        import pandas

        index = pandas.RangeIndex(1, len(worst.ties) + 1, name="number")
        return pandas.DataFrame({"decisions": list(worst.ties)}, index=index)

    sheets = {
        "curve": Sheet(
            lambda: worst.curve, {"shortage": worst.flow_unit, "lost": worst.unit, "added": worst.unit, "share": "1"}
        ),
        "ties": Sheet(ties),
    }
    values = {
        "shortage": (worst.shortage, worst.flow_unit),
        "lost": (worst.lost, worst.unit),
        "decisions": (worst.decisions, ""),
        "equally bad": (len(worst.ties), ""),
        "gap": (worst.gap, "1"),
        "proven": (worst.proven, ""),
        "checked": (worst.checked, ""),
    }
    about = {"system": loaded.name, "scenario": worst.name, "k": k, "over": over, "measure": measure}
    show(Page("worst-case", about, sheets, values, lambda: summary, (worst.proof,)), how)


@guarded
def expand(
    system: SystemArgument,
    options: Annotated[list[str], typer.Argument(metavar="LEG...", show_default=False,
                                                 help="Legs that may be built, with sizes and capital in the data.")],
    chance: Annotated[
        list[str] | None,
        typer.Option("--chance", metavar="SCENARIO=SHARE", show_default=False,
                     help="How likely a scenario is in a year: cpc-closed=5%. May be given again."),
    ] = None,
    outages: Annotated[bool, typer.Option("--outages", help="Legs and components also fail by chance.")] = False,
    draws: Annotated[int, typer.Option(help="Of the outages.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the outages.")] = 0,
    weight: Annotated[float, typer.Option(help="How much the bad tail counts, from 0 (the mean alone) to 1.")] = 0.0,
    level: Annotated[float, typer.Option(help="Where the tail begins: 0.95 is the worst 5 %.")] = 0.95,
    lost_value: Annotated[
        str | None,
        typer.Option(show_default=False, help="What lost exports cost beside the revenue: '50 USD/t'."),
    ] = None,
    continuous: Annotated[bool, typer.Option("--continuous", help="Any size, not only those studied.")] = False,
    economic: EconomicOption = False,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_PLANS)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """What to build before it is known what will close.

    Capital is paid whether oil flows or not. From which probability on a choice pays is in the table break-even.
    """
    how = How(format, table, output, force, quiet).check(_PLANS)
    likely = pairs(chance, "--chance", "cpc-closed=5%")
    if not likely and not outages:
        raise usage("nothing may close; name scenarios (cpc-closed=5%), or add --outages", "--chance")
    loaded = read_system(system, unit)
    from routeopt.decide import CVaR
    from routeopt.decide import expand as verb

    with waiting("weighing what to build", quiet):
        plan = verb(loaded, options, likely, outages=outages, draws=draws, seed=seed, economic=economic,
                    risk=CVaR(level, weight) if weight else None, lost_value=lost_value or 0.0,
                    continuous=continuous)  # fmt: skip
        flow, money = plan.flow_unit, plan.money_unit
        costs = dict.fromkeys(("capital", "operating", "total", "cvar", "objective", "saves", "saved"), money)
        flows = dict.fromkeys(
            ("expected_shortage", "expected_loss", "cvar_loss", "exported", "lost", "shortage", "gained"), flow
        )
        chances = dict.fromkeys(("probability", "break_even", "until", "weight_from", "weight_to"), "1")
        units = {**costs, **flows, **chances}
        text = plan.summary() if how.format is Format.table and table is None else ""
        sheets = {
            "choices": Sheet(lambda: plan.table, units),
            "states": Sheet(lambda: plan.states, units),
            "break-even": Sheet(lambda: plan.break_even, units),
            "frontier": Sheet(lambda: plan.frontier, units),
        }
        values = {
            "build": (", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing", ""),
            **{str(name): (float(value), money) for name, value in plan.cost.items()},
            "expected_shortage": (plan.expected_shortage, flow),
            "expected_loss": (plan.expected_loss, flow),
        }
        about = {"system": loaded.name, "options": options, "method": plan.method}
        page = Page("expand", about, sheets, values, (lambda: text) if text else None, plan.notes)
        show(page, how)
