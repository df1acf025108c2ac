"""A defence: what was chosen, what the adversary then does, and what else was tried."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from routeopt.allocation.summary import hurt
from routeopt.allocation.tables import Scales
from routeopt.decide.defence.search import Choice, Level, Search
from routeopt.results import Digest, Figure, Origins, Result, Table, joined
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

__all__ = ["Defence", "DefenceCounts"]

_SHOWN = 10


@dataclass(frozen=True)
class DefenceCounts:
    """Counts of solves.

    Attributes
    ----------
    options : int
    choices : int
        Choices that were evaluated against all attacks.
    attacks : int
        Attacks on them that were solved, each certified or settled by a smaller one.
    programs : int
        Mixed-integer programs; none in an enumeration.
    columns : int
        Attacks in the largest of these.
    """

    options: int
    choices: int
    attacks: int
    mips_solved: int
    columns: int


@dataclass(frozen=True, repr=False, eq=False)
class Defence(Result):
    """The choice of options after which the worst attack costs least.

    Losses are against what is exported (or earned) with nothing chosen and nothing attacked, so that all defences have
    one target, and so are shortages of refineries, which come first. A build may raise exports above it, and a refinery
    that starves leaves crude for export: then a loss can be negative.

    Attributes
    ----------
    name : str
        Background scenario.
    over : str
        What the adversary closes.
    k : int
        How many decisions it takes at most.
    method : str
        ``enumeration`` or ``column-and-constraint``.
    measure : str
        ``volume`` (refineries first, then exports), ``exports`` or ``netback``.
    """

    name: str
    over: str
    k: int
    method: str
    measure: str
    _search: Search
    _levels: tuple[Level, ...]

    @property
    def system(self) -> ExportSystem:
        """Before anything is chosen."""
        return self._search.setting.system

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the options to take; empty if nothing helps."""
        return self._names(self._levels[self.k].chosen)

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """Other choices that are as good and cost as little."""
        return tuple(self._names(chosen) for chosen in self._levels[self.k].ties[1:])

    @property
    def lost(self) -> float:
        """Loss in the worst attack on the chosen options, in `unit`."""
        return self._lost(self._levels[self.k].chosen, self.k)

    @property
    def undefended(self) -> float:
        """Loss in the worst attack with nothing chosen, in `unit`."""
        return self._lost((), self.k)

    @property
    def shortage(self) -> float:
        """Unmet refinery demand after that attack beyond the base, in `flow_unit`."""
        return self._shortage(self._levels[self.k].chosen, self.k)

    @property
    def undefended_shortage(self) -> float:
        """The same with nothing chosen."""
        return self._shortage((), self.k)

    @property
    def attack(self) -> tuple[str, ...]:
        """The worst decisions against the chosen options."""
        return self._search.worst(self._levels[self.k].chosen, self.k).decisions

    @property
    def attacks(self) -> tuple[tuple[str, ...], ...]:
        """All attacks of as few decisions that are equally bad."""
        return self._search.worst(self._levels[self.k].chosen, self.k).ties

    @property
    def cost(self) -> float:
        """Cost of the chosen options, in `cost_unit`."""
        return self._search.budget.cost(self._levels[self.k].chosen)

    @property
    def cost_unit(self) -> str:
        """``USD/y``, or ``options`` or ``points`` where costs only count."""
        return self._search.budget.unit

    @property
    def gap(self) -> float:
        """Optimality gap: how much less another choice might lose, in `unit`; zero where all were tried."""
        level = self._levels[self.k]
        return max(0.0, self._search.lost(level.chosen, self.k) - level.bound) / self._scale

    @property
    def target(self) -> float:
        """Exports (or netback) with nothing chosen and nothing attacked, in `unit`."""
        return self._search.setting.variant(()).calm / self._scale

    @property
    def unit(self) -> str:
        """Unit of losses: the system's unit of flow, or of money."""
        return self._scales.money_unit if self.measure == "netback" else self._scales.flow_unit

    @property
    def flow_unit(self) -> str:
        """Unit of volumes."""
        return self._scales.flow_unit

    @property
    def counts(self) -> DefenceCounts:
        """Counts of solves."""
        search = self._search
        choices = len({chosen for chosen, _ in search.found})
        return DefenceCounts(len(search.setting.options), choices, search.setting.solved, search.rounds, search.attacks)

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Choices that were evaluated against k decisions, the best first; index = rank. Columns:

        - ``defence``: names of the options;
        - ``cost``, in `cost_unit`;
        - ``shortage`` of refineries by the worst attack, in `flow_unit`; ``lost``: by it; ``saved``: less than with
          nothing chosen, in `unit`;
        - ``attack``: its decisions; ``ties``: how many attacks of as few decisions are as bad;
        - ``no_attack``: what is exported (or earned) if nothing is attacked, in `unit`.
        """
        import pandas

        search, k = self._search, self.k
        tried = [chosen for chosen, size in search.found if size == k]
        step = search.setting.variant(()).flow_noise if search.setting.starving else np.inf
        tried.sort(key=lambda chosen: (round(search.shortage(chosen, k) / step),
                                       round(search.lost(chosen, k) / search.noise),
                                       *search.order(chosen)))  # fmt: skip
        rows = []
        for chosen in tried:
            worst = search.worst(chosen, k)
            rows.append({
                "defence": self._names(chosen), "cost": search.budget.cost(chosen),
                "shortage": self._shortage(chosen, k), "lost": self._lost(chosen, k),
                "saved": self.undefended - self._lost(chosen, k), "attack": worst.decisions, "ties": len(worst.sets),
                "no_attack": worst.variant.calm / self._scale,
            })  # fmt: skip
        return pandas.DataFrame(rows, index=pandas.RangeIndex(1, len(rows) + 1, name="rank"))

    @cached_property
    def by_k(self) -> pandas.DataFrame:
        """The best choice for each number of decisions, from none to k. Columns:

        - ``defence``, ``cost``, ``shortage``, ``lost``, ``attack``: as in `table`;
        - ``undefended``: the loss with nothing chosen, and ``undefended_shortage``;
        - ``ties``: other choices as good and as cheap; ``nested``: whether one of the best choices for one decision
          less is part of one of these, or is as good itself, or is so together with one of these within the limits.
          False means that best defences are not nested: what to do first depends on how many attacks are feared;
        - ``gap``: as `gap`, for this number.
        """
        import pandas

        rows = []
        for level in self._levels:
            kept = level.k == 0 or self._kept(self._levels[level.k - 1], level)
            lost = self._lost(level.chosen, level.k)
            rows.append({
                "defence": self._names(level.chosen), "cost": self._search.budget.cost(level.chosen),
                "shortage": self._shortage(level.chosen, level.k), "lost": lost,
                "undefended_shortage": self._shortage((), level.k), "undefended": self._lost((), level.k),
                "attack": self._search.worst(level.chosen, level.k).decisions,
                "ties": len(level.ties) - 1, "nested": kept, "gap": max(0.0, lost - level.bound / self._scale),
            })  # fmt: skip
        return pandas.DataFrame(rows, index=pandas.RangeIndex(len(rows), name="k"))

    def digest(self) -> Digest:
        unit, flow, cost = self.unit, self.flow_unit, self.cost_unit
        units = {**dict.fromkeys(("lost", "undefended", "saved", "no_attack", "gap"), unit), "cost": cost,
                 **dict.fromkeys(("shortage", "undefended_shortage"), flow),
                 **dict.fromkeys(("rank", "k", "ties", "ties"), "1")}  # fmt: skip
        figures = (
            Figure("defence", joined(self.chosen) or "nothing"),
            Figure("unmet refinery demand left", self.shortage, flow),
            Figure("lost after the worst attack", self.lost, unit),
            Figure("undefended", self.undefended, unit),
            Figure("cost", self.cost, cost),
        )
        tables = (Table("by_k", "By number of attacks", self.by_k, units),
                  Table("choices", "Choices examined", self.table, units))  # fmt: skip
        note = f"worst attack then: {joined(self.attack) or 'none'}; by {self.method}"
        return Digest(f"What to build or harden against {self.k} decisions ({self.over})",
                      f"{self.system.title or self.system.name}, {self.name}", figures, tables, (note,))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def summary(self) -> str:
        """The answer in a few lines and a table over k."""
        system = self._search.setting.system
        counts, factor = self.counts, 1e-6 if self.measure == "netback" else 1.0
        unit = f"million {self.unit}" if self.measure == "netback" else self.unit
        lines = [f"{system.title or system.name}, {self.name}: {counts.options} options against up to {self.k} "
                 f"decisions ({self.over})"]  # fmt: skip
        with_what = " + ".join(self.chosen) or "nothing"
        lost, before = hurt(self.lost * factor, self.shortage, unit), hurt(self.undefended * factor,
                                                                           self.undefended_shortage, unit)  # fmt: skip
        lines.append(f"choose {with_what}: after the worst attack ({' + '.join(self.attack) or 'none'}) {lost}; with "
                     f"nothing chosen {before}")  # fmt: skip
        lines.append(self._cost_line())
        if self.ties:
            others = "; ".join(" + ".join(chosen) or "nothing" for chosen in self.ties[:3])
            more = f" and {len(self.ties) - 3} more" if len(self.ties) > 3 else ""
            complete = "" if self._levels[self.k].complete else ", perhaps others"
            lines.append(f"as good and as cheap: {others}{more}{complete}")
        shown = self.by_k.copy()
        for name in ("defence", "attack"):
            shown[name] = [" + ".join(names) or "-" for names in shown[name]]
        for name in ("lost", "undefended", "gap"):
            shown[name] = shown[name] * factor
        if self.cost_unit == "USD/y":
            shown["cost"] = shown["cost"] / 1e6
        if not (shown["shortage"].any() or shown["undefended_shortage"].any()):
            shown = shown.drop(columns=["shortage", "undefended_shortage"])
        lines += [f"best choice for each number of decisions, losses in {unit}",
                  shown.to_string(float_format=lambda value: f"{value:,.2f}")]  # fmt: skip
        if not self.by_k["nested"].all():
            lines.append("best choices are not nested: what is best against few decisions is no part of what is best "
                         "against more")  # fmt: skip
        lines.append(self._how(counts))
        return "\n".join(lines)

    def _cost_line(self) -> str:
        budget = self._search.budget
        cost = f"{self.cost / 1e6:,.0f} million USD/y" if budget.unit == "USD/y" else f"{self.cost:g} {budget.unit}"
        return f"cost {cost}" + (f" ({budget.note})" if budget.note else "")

    def _how(self, counts: DefenceCounts) -> str:
        tried = (
            f"{counts.choices:,} choices against {counts.attacks:,} attacks, each certified or settled by a smaller one"
        )
        if self.method == "enumeration":
            return f"all choices tried: {tried}"
        return f"columns and constraints: {counts.mips_solved} mixed-integer programs, {tried}; gap {self.gap:.2g}"

    @cached_property
    def _scales(self) -> Scales:
        return Scales.of(self._search.setting.system.units.flow)

    @property
    def _scale(self) -> float:
        return 1.0 / self._scales.money if self.measure == "netback" else self._scales.flow

    def _lost(self, chosen: Choice, k: int) -> float:
        return self._search.lost(chosen, k) / self._scale

    def _shortage(self, chosen: Choice, k: int) -> float:
        return self._search.shortage(chosen, k) / self._scales.flow

    def _kept(self, before: Level, level: Level) -> bool:
        search, k = self._search, level.k
        for small in before.ties:
            for large in (small, *level.ties):
                both = tuple(sorted({*small, *large}))
                if both in level.ties or (search.budget.allows(both) and both in search.best([level.chosen, both], k)):
                    return True
        return False

    def _names(self, chosen: Choice) -> tuple[str, ...]:
        return tuple(self._search.setting.options[place].name for place in chosen)

    def __repr__(self) -> str:
        system = self._search.setting.system.name
        with_what = " + ".join(self.chosen) or "nothing"
        return f"Defence({system!r}, k={self.k}, {with_what}: {hurt(self.lost, self.shortage, self.unit)})"

    def __str__(self) -> str:
        return self.summary()
