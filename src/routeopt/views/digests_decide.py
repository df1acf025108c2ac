"""Digests of what helps to decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routeopt.views.digest import Digest, Figure, Table

if TYPE_CHECKING:
    from routeopt.decide import (
        Alternatives,
        CapacityCurve,
        Defence,
        ExpansionPlan,
        Sensitivity,
        ShapleyTable,
        WorstCase,
    )

__all__ = ["KNOWN"]


def alternatives(found: Alternatives) -> Digest:
    """Cost against exposure."""
    base, frontier = found.base, found.frontier
    kind, name = found.minimised
    units = {"netback_lost": base.money_unit, "extra_share": "share", "exposed": base.flow_unit, "share": "share"}
    figures = (Figure("exposed at least cost", float(frontier["exposed"].iloc[0]), base.flow_unit),
               Figure("exposed at most", float(frontier["exposed"].iloc[-1]), base.flow_unit),
               Figure("for", float(frontier["netback_lost"].iloc[-1]), base.money_unit))  # fmt: skip
    return Digest("Alternatives", f"Less through {kind} {name}", base.system.title or base.system.name, figures,
                  (Table("frontier", "Corners of the frontier", frontier, units),), (found.sentence,))  # fmt: skip


def sensitivity(found: Sensitivity) -> Digest:
    """What survives the ranges of the data."""
    conclusions = found.conclusions
    sure = conclusions[conclusions["holds"]]["share"]
    figures = (Figure("draws", found.draws), Figure("numbers drawn", len(found.inputs_table)),
               Figure("conclusions", len(conclusions)),
               Figure("of them in 95 % of draws", int((sure >= 0.95).sum())))  # fmt: skip
    inputs = found.inputs_table.drop(columns="places")
    tables = (Table("conclusions", "In what share of the draws each holds", conclusions, {"share": "share"}),
              Table("inputs", "What was drawn", inputs))  # fmt: skip
    return Digest("Sensitivity", f"What survives the ranges: {', '.join(found.scenarios)}",
                  found.system.title or found.system.name, figures, tables)  # fmt: skip


def worst(found: WorstCase) -> Digest:
    """The decisions that hurt most."""
    unit = found.unit
    curve = found.curve.assign(**{name: [" + ".join(names) for names in found.curve[name]]
                                  for name in ("decisions", "in", "out")})  # fmt: skip
    figures = (Figure("worst", " + ".join(found.decisions) or "nothing"),
               Figure("refineries lack", found.shortage, found.flow_unit), Figure("lost", found.lost, unit),
               Figure("equally bad", len(found.ties)), Figure("synergy", found.synergy, unit))  # fmt: skip
    tables = (Table("curve", "With each further decision", curve,
                    {"shortage": found.flow_unit, "lost": unit, "added": unit, "share": "share"}),)  # fmt: skip
    where = f"{found.system.title or found.system.name}, {found.name}"
    title = f"Worst of {len(found.choices.names)} to close ({found.measure})"
    return Digest("WorstCase", title, where, figures, tables, (found.proof,))


def defence(found: Defence) -> Digest:
    """What to build or harden."""
    unit, cost = found.unit, found.cost_unit
    names = ("defence", "attack")
    by_k, table = (frame.assign(**{name: [" + ".join(one) for one in frame[name]] for name in names})
                   for frame in (found.by_k, found.table))  # fmt: skip
    units = {**dict.fromkeys(("lost", "undefended", "saved", "calm"), unit), "cost": cost,
             **dict.fromkeys(("shortage", "undefended_shortage"), found.flow_unit)}  # fmt: skip
    figures = (Figure("choose", " + ".join(found.chosen) or "nothing"),
               Figure("refineries still lack", found.shortage, found.flow_unit), Figure("still lost", found.lost, unit),
               Figure("without it", found.undefended, unit), Figure("cost", found.cost, cost))  # fmt: skip
    tables = (Table("by_k", "By number of attacks", by_k, units), Table("choices", "Choices examined", table, units))
    note = f"worst attack then: {' + '.join(found.attack) or 'none'}; by {found.method}"
    return Digest("Defence", f"What to build or harden against {found.k} decisions ({found.over})",
                  f"{found.system.title or found.system.name}, {found.name}", figures, tables, (note,))  # fmt: skip


def shapley(found: ShapleyTable) -> Digest:
    """Who contributes."""
    unit = found.unit
    units = {**dict.fromkeys(("shapley", "leave_one_out", "alone", "standard_error", "low", "high"), unit),
             "share": "share", "relief": found.system.units.flow}  # fmt: skip
    table = found.table.sort_values("shapley", ascending=False, kind="stable")
    figures = (Figure(str(table.index[0]), float(table["share"].iloc[0]), "share"),
               Figure("attributed", found.total, unit), Figure("with nobody", found.empty, unit))  # fmt: skip
    pairs = Table("pairs", "Pairs: lost together, and beyond one and the other", found.pairs,
                  dict.fromkeys(("lost", "synergy"), unit))  # fmt: skip
    how = "exact" if found.exact else f"{found.draws:,} random orders, standard error {found.standard_error:.2g} {unit}"
    tables = (Table("shapley", "Attribution", table, units), *([pairs] if len(found.pairs) else []))
    return Digest("ShapleyTable", f"Who carries it: {found.over} ({found.measure})",
                  f"{found.system.title or found.system.name}, {found.name}", figures, tables,
                  (found.sentence, how))  # fmt: skip


def capacity(found: CapacityCurve) -> Digest:
    """What capacity gives."""
    flow, money = found.flow_unit, found.money_unit
    amount = flow.partition("/")[0]
    units = {**dict.fromkeys(("capacity", "exported", "gained"), flow), "extra_netback": money,
             "slope": f"{amount} for one", "netback_slope": f"USD for one {amount}"}  # fmt: skip
    figures = (Figure("nothing more beyond", found.saturation, flow),
               Figure("gained at most", float(found.table["gained"].max()), flow))  # fmt: skip
    tables = [Table("curve", "Corners", found.table, units)]
    if len(found.marks):
        tables.append(Table("marks", "Sizes", found.marks, units))
    return Digest("CapacityCurve", f"What capacity of {found.leg} brings",
                  f"{found.system.title or found.system.name}, {found.name}", figures, tuple(tables))  # fmt: skip


def expansion(found: ExpansionPlan) -> Digest:
    """What to build."""
    flow, money = found.flow_unit, found.money_unit
    moneys = ("capital", "operating", "total", "cvar", "objective", "saves", "saved")
    flows = (
        "expected_shortage",
        "expected_loss",
        "cvar_loss",
        "exported",
        "lost",
        "shortage",
        "gained",
        "rerouted",
        "flow",
        "capacity",
    )
    shares = ("utilisation", "probability", "break_even")
    units = {**dict.fromkeys(moneys, money), **dict.fromkeys(flows, flow), **dict.fromkeys(shares, "share")}
    chosen = ", ".join(f"{name} {size}" for name, size in found.build.items()) or "nothing"
    figures = [Figure("build", chosen), Figure("saves", float(found.cost["saves"]), money),
               Figure("expected shortage", found.expected_shortage, flow),
               Figure("expected loss", found.expected_loss, flow), Figure("EVPI", found.evpi, money),
               Figure("VSS", found.vss, money)]  # fmt: skip
    tables = [Table("choices", "Choices", found.table, units), Table("states", "What may happen", found.states, units)]
    for name, title, frame in (("break_even", "From which probability on it pays", found.break_even),
                               ("frontier", "Cost against the bad tail", found.frontier),
                               ("utilisation", "How full it is", found.utilisation())):  # fmt: skip
        if len(frame):
            tables.append(Table(name, title, frame, units))
    return Digest("ExpansionPlan", "What to build", found.system.title or found.system.name, tuple(figures),
                  tuple(tables), found.notes)  # fmt: skip


KNOWN: dict[str, Callable[[Any], Digest]] = {
    "Alternatives": alternatives,
    "CapacityCurve": capacity,
    "Defence": defence,
    "ExpansionPlan": expansion,
    "Sensitivity": sensitivity,
    "ShapleyTable": shapley,
    "WorstCase": worst,
}
"""Class -> its digest."""
