"""``routeopt solve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from routeopt.cli.guard import guarded
from routeopt.cli.options import (
    BuildOption,
    CloseOption,
    EconomicOption,
    ForceOption,
    FormatOption,
    OutputOption,
    QuietOption,
    ScenarioArgument,
    SystemArgument,
    UnitOption,
    tables_help,
)
from routeopt.cli.page import Page, Sheet
from routeopt.cli.printing import Format, How, show
from routeopt.cli.reading import closures, pairs, read_system
from routeopt.cli.waiting import waiting

if TYPE_CHECKING:
    from routeopt.allocation import Allocation

__all__ = ["solve", "solve_page"]

_TABLES = ("routes", "legs", "flows", "fields", "markets", "refineries", "groups", "contracts", "bottlenecks",
           "exposure", "periods")  # fmt: skip


@guarded
def solve(
    system: SystemArgument,
    scenario: ScenarioArgument = None,
    close: CloseOption = None,
    build: BuildOption = None,
    economic: EconomicOption = False,
    foresight: Annotated[str, typer.Option(help="Where the scenario has a horizon: perfect or myopic.")] = "perfect",
    apportion: Annotated[
        str, typer.Option(help="How scarce capacity is shared: economic, pro-rata, pro-rata:commodity, "
                          "or fields in their order: a,b,c.")
    ] = "economic",
    solver: Annotated[str | None, typer.Option(help="highs, or pulp:NAME for one that PuLP finds.")] = None,
    unit: UnitOption = None,
    table: Annotated[str | None, tables_help(*_TABLES)] = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Which barrels go which way, under a scenario or without.

    Most volume is exported first, then most is earned. The optimum is proven.
    """
    how = How(format, table, output, force, quiet).check(_TABLES)
    cut, built = closures(close), pairs(build, "--build", "tcop=20 Mt/y")
    loaded = read_system(system, unit)
    from routeopt.allocation import allocate

    with waiting(f"solving {scenario or 'the base'}", quiet):
        plan = allocate(loaded, scenario, close=cut, build=built, economic=economic, foresight=foresight,
                        apportion=apportion.split(",") if "," in apportion else apportion, solver=solver)  # fmt: skip
        page = solve_page(plan, how)
    show(page, how)


def solve_page(plan: Allocation, how: How) -> Page:
    """An allocation as a page."""
    from routeopt.allocation.horizon import HorizonAllocation

    flow, money = plan.flow_unit, plan.money_unit
    flows = dict.fromkeys(
        ("flow", "arrives", "available", "shut_in", "unavailable", "under_minimum", "shortage", "due", "deficiency"),
        flow,
    )
    shares = dict.fromkeys(("share", "utilisation"), "1")
    units = {**flows, **shares, "cost": money, "revenue": money}
    sheets = {
        "routes": Sheet(lambda: plan.routes, units),
        "legs": Sheet(lambda: plan.legs, {**units, "capacity": flow}),
        "flows": Sheet(lambda: plan.flows, units),
        "fields": Sheet(lambda: plan.fields, units),
        "markets": Sheet(lambda: plan.markets, {**units, "days": "d"}),
        "refineries": Sheet(lambda: plan.refineries, units),
        "groups": Sheet(lambda: plan.groups, units),
        "contracts": Sheet(lambda: plan.contracts, units),
        "bottlenecks": Sheet(lambda: plan.bottlenecks, {"saves": f"USD/{plan.system.piece}", "days": "d"}),
        "exposure": Sheet(lambda: plan.exposure, dict.fromkeys(("low", "high", "near_low", "near_high"), "1")),
    }
    if isinstance(plan, HorizonAllocation):
        stock = plan.stock_unit
        kinds = {f"{kind}:*": flow for kind in ("total", "route", "field", "shut_in", "trip", "leg", "market")}
        kinds |= {f"{kind}:*": stock for kind in ("terminal", "room")}
        kinds |= {"total:days": "d", "total:under_way": stock, "total:afloat": stock}
        sheets["periods"] = Sheet(lambda: plan.periods, kinds)
    elif how.table == "periods":
        from routeopt.errors import ScenarioError

        raise ScenarioError(f"{plan.name} has no horizon, so there are no periods; give the scenario one")
    certificate = plan.certificate
    values = {
        "exported": (plan.exported, flow),
        "delivered": (plan.delivered, flow),
        "shut_in": (plan.shut_in, flow),
        "shortage": (plan.shortage, flow),
        "cost": (plan.cost, money),
        "revenue": (plan.revenue, money),
        "netback": (plan.netback, money),
        "proven": (certificate.holds, ""),
        "gap": (certificate.gap, "1"),
        "unique": (certificate.unique, ""),
    }
    about = {"system": plan.system.name, "scenario": plan.name, "solver": certificate.solver}
    return Page("solve", about, sheets, values, plan.summary, plan.notes)
