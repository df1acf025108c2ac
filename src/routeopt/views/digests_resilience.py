"""Digests of stress tests, contingencies, N-1, loss curves and risk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeopt.views.digest import Digest, Figure, Table

if TYPE_CHECKING:
    from routeopt.resilience import Contingencies, LossCurve, NMinusOne, RiskProfile, StressTest
    from routeopt.resilience.risk_compare import RiskComparison

__all__ = ["KNOWN"]


def stress(test: StressTest) -> Digest:
    """Scenarios over their horizons."""
    amount = test.amount_unit
    table, first = test.ranking, test.ranking.iloc[0]
    names = ("lost", "drawn", "on_the_way", "in_store", "delayed", "shut_in", "shortage", "rerouted", "target")
    units = {
        **dict.fromkeys(names, amount),
        **dict.fromkeys(("extra_cost", "revenue_lost", "netback_lost"), "USD"),
        "resilience": "share",
        "depth": "share",
        **dict.fromkeys(("days_to_tank_top", "days_of_ullage", "days_to_recover", "full_days_lost", "window"), "d"),
    }
    worst = str(table.index[0])
    figures = (Figure("refineries lack", float(first["shortage"]), amount),
               Figure("lost", float(first["lost"]), amount), Figure("delayed", float(first["delayed"]), amount),
               Figure("days to tank-top", float(first["days_to_tank_top"]), "d"),
               Figure("days to recover", float(first["days_to_recover"]), "d"),
               Figure("resilience", float(first["resilience"]), "share"))  # fmt: skip
    routes = dict.fromkeys(("target", "actual", "change"), amount)
    tables = [Table("scenarios", "Scenarios, worst first: what refineries lack, then what is lost", table, units),
              Table("routes", "By route, over the horizon", test.routes, routes),
              Table("curves", "Share of the target that is exported", test.curves,
                    dict.fromkeys(map(str, test.curves.columns), "share"))]  # fmt: skip
    words = ("figures are those of the worst scenario", f"{test.foresight} foresight")
    title = worst if len(test) == 1 else f"{len(test)} scenarios, worst: {worst}"
    return Digest("StressTest", title, test.system.title or test.system.name, figures, tuple(tables),
                  (*(words if len(test) > 1 else words[1:]), *test.notes))  # fmt: skip


def contingencies(found: Contingencies) -> Digest:
    """Sets of closures."""
    flow, money = found.flow_unit, found.money_unit
    worst = found.worst.iloc[0]
    shown = found.table.assign(decisions=[" + ".join(names) for names in found.table["decisions"]])
    flows = ("exported", "lost", "shortage", "synergy", "alone", "largest", "mean")
    units = {**dict.fromkeys(flows, flow), "netback_lost": money, "worst": "share", "share": "share"}
    counts = found.counts
    figures = (
        Figure("worst set", " + ".join(worst["decisions"])),
        Figure("refineries lack", float(worst["shortage"]), flow),
        Figure("lost by it", float(worst["lost"]), flow),
        Figure("exported without closures", found.exported, flow),
        Figure("sets", counts.sets - 1),
    )
    sets = f"Sets of up to {found.k}, worst first: what refineries lack, then what is lost"
    tables = (Table("sets", sets, shown, units),
              Table("importance", "By what is closed", found.importance, units),
              Table("by_size", "By number of closures", found.by_size, units))  # fmt: skip
    note = f"{counts.solved:,} sets solved and certified, {counts.pruned:,} settled by proof from smaller ones"
    return Digest("Contingencies", f"N-{found.k} over {found.over}", f"{found.system.title or found.system.name}, "
                  f"{found.name}", figures, tables, (note,))  # fmt: skip


def n_minus_one(found: NMinusOne) -> Digest:
    """Two measures of the largest single failure."""
    flow = found.base.flow_unit
    figures = [Figure("network", found.network, "share"), Figure("formula", found.formula, "share"),
               Figure("weakest", str(found.weakest)), Figure("production", found.production, flow)]  # fmt: skip
    if found.starving:
        figures.append(
            Figure(f"refineries lack without {found.starving}", float(found.table["shortage"].iloc[0]), flow)
        )
    flows = ("flow", "shortage", "exports", "lost", "capacity")
    units = {**dict.fromkeys(flows, flow), "ratio": "share", "formula": "share"}
    return Digest("NMinusOne", f"N-1 over {found.over}", found.base.system.title or found.base.system.name,
                  tuple(figures), (Table("elements", "Each closed by itself", found.table, units),),
                  tuple(found.why))  # fmt: skip


def loss_curve(found: LossCurve) -> Digest:
    """Loss against repair time."""
    amount = found.amount_unit
    figures = (
        Figure(f"refineries lack in {found.days[-1]:g} days", float(found.shortage[-1]), amount),
        Figure(f"lost in {found.days[-1]:g} days", float(found.lost[-1]), amount),
        Figure("days without loss", found.safe_days, "d"),
        Figure("days of ullage", found.days_of_ullage, "d"),
    )
    units = {"shortage": amount, "lost": amount, "a_day_more": f"{amount}/d"}
    table = Table("loss", "Loss by repair time", found.table, units)
    return Digest("LossCurve", f"{found.closures} closed", found.system.title or found.system.name, figures, (table,),
                  (f"within a window of {found.window:g} days", *found.notes))  # fmt: skip


def risk(found: RiskProfile) -> Digest:
    """Losses by chance."""
    unit = found.unit
    figures = [Figure("expected shortage", found.expected_shortage, unit),
               Figure("expected loss", found.expected_loss, unit), Figure("CVaR 95 %", found.cvar(0.95), unit),
               Figure("probability of a loss", found.loss_probability, "share")]  # fmt: skip
    if not found.exact:
        figures.append(Figure("standard error", found.standard_error, unit))
    losses = dict.fromkeys(("loss_when_down", "loss_when_up", "birnbaum", "shortage_when_down", "shortage_when_up",
                            "standard_error"), unit)  # fmt: skip
    tables = [Table("measures", "Measures", found.table)]
    if found.basis == "instant":
        tables.append(Table("importance", "What expected shortage and loss hang on", found.importance, losses))
    kind = "random instants" if found.basis == "instant" else "years"
    return Digest("RiskProfile", f"Outages of {found.setup.name}", found.setup.system.title or found.setup.system.name,
                  tuple(figures), tuple(tables), (f"{kind}: {found.note}",))  # fmt: skip


def risks(found: RiskComparison) -> Digest:
    """Two profiles."""
    figures = (Figure("expected loss, difference", found.difference, found.unit),
               Figure("CVaR 95 %, difference", found.cvar, found.unit),
               Figure("exported on average, difference", found.exported, found.unit))  # fmt: skip
    named = found.profiles[0].table["unit"].to_dict() if found.profiles else {}
    units = [found.unit if name == "exported" else named.get(name, "") for name in found.table.index]
    table = Table("measures", "Side by side", found.table.assign(unit=units))
    words = "on the same draws" if found.paired else "not paired draw by draw"
    return Digest("RiskComparison", " and ".join(found.names), "outages", figures,
                  (table,), (str(found), words))  # fmt: skip


KNOWN: dict[str, Callable[[Any], Digest]] = {
    "StressTest": stress,
    "Contingencies": contingencies,
    "NMinusOne": n_minus_one,
    "LossCurve": loss_curve,
    "RiskProfile": risk,
    "RiskComparison": risks,
}
"""Class -> its digest."""
