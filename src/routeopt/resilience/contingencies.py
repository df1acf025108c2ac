"""Contingencies: every set of one, two or three elements out, ranked."""

from __future__ import annotations

import concurrent.futures as futures
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.allocate import name_of
from routeopt.allocation.summary import hurt
from routeopt.allocation.tables import Scales
from routeopt.elements.elements import Over, closable, kind_of
from routeopt.elements.losses import Losses, levels, losses_of, worst_first
from routeopt.elements.sweep import SweepCounts, Swept, count_sets, sweep
from routeopt.errors import Problem, ScenarioError
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, joined
from routeopt.scenario import Scenario
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Engine
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

__all__ = ["Contingencies", "contingencies"]

Ints = NDArray[np.int64]

_SHOWN = 10

_MOST = 3

MOST_SETS = 4_000_000
"""More sets are refused: they would take too much memory, and mostly hours."""

_BYTES = 250
"""Memory of a set at its peak: decisions, bounds, values, losses and ranks."""


@dataclass(frozen=True, repr=False, eq=False)
class Contingencies(Result):
    """Every set of up to k decisions, each solved or settled by proof. Flows in the system's unit, money in USD for
    its time.

    Attributes
    ----------
    system : ExportSystem
        With the scenario's overrides.
    name : str
        What holds besides.
    over : str
        What is closed.
    decisions : tuple of str
        All that can be closed, in order; ``port = loading`` where two names close the same parts.
    top : int or None
        How many sets the table keeps.
    """

    drawings: ClassVar = {
        "heat": Drawing("heat:draw_heat", "What pairs of closures lose; on the diagonal each alone"),
    }

    system: ExportSystem
    name: str
    over: str
    elements: tuple[str, ...]
    _swept: Swept
    _unit: float
    top: int | None = None

    @property
    def k(self) -> int:
        """Most decisions in a set: what was asked for, or all that there are."""
        return len(self._swept.sets) - 1

    @property
    def counts(self) -> SweepCounts:
        """How many sets were solved (each certified), pruned, handed over, solved from cold."""
        return self._swept.counts

    @property
    def exported(self) -> float:
        """Exports without the closures."""
        return float(self._swept.values[0][0, 0]) / self._scales.flow

    @property
    def flow_unit(self) -> str:
        """Unit of flows."""
        return self._scales.flow_unit

    @property
    def money_unit(self) -> str:
        """Unit of money."""
        return self._scales.money_unit

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Sets, worst first; index = rank. Columns:

        - ``elements``: names, in order;
        - ``size``: how many;
        - ``exported``; ``lost``: less than without closures. It is negative where what a refinery no longer gets
          is exported (see ``shortage``), or where money comes before volume;
        - ``shortage``: what refineries lack beyond what they lack without closures;
        - ``netback_lost``: netback less than without closures: extra cost and lost revenue together, of which only the
          sum is the same in all optima; it may be negative where what is lost did not pay;
        - ``synergy``: what the set loses beyond what smaller sets explain. For a pair
          L(a,b) - L(a) - L(b); for a triple L(a,b,c) less the largest of L(a) + L(b) + L(c), L(a,b) + L(c),
          L(a,c) + L(b) and L(b,c) + L(a). Positive: together they do what cannot be done apart. Negative: they hit
          the same barrels. (The alternating sum of inclusion and exclusion is the same for pairs; for three closures
          in a series, of which two are superfluous, it is positive, so it does not tell redundancy from threat.)

        Refineries come first for the operator, so they do here: worst is the largest shortage, then the most lost, then
        the fewest decisions, then the most netback lost, then the names. In this order a closure more is never a gain
        (unless money comes before volume). Differences within the certificates' tolerance count as ties.
        ``table.sort_values("lost", ascending=False)`` ranks by exports alone.
        """
        return self._rows(self._order[: self.top])

    @cached_property
    def worst(self) -> pandas.DataFrame:
        """The worst sets of k decisions: one row, or several if they are equal. Columns and order as in `table`."""
        chosen = self._worst_of(np.flatnonzero(self._sizes == self.k))
        return self._rows(self._order[np.isin(self._order, chosen)])

    def _worst_of(self, places: Ints) -> Ints:
        """Of some sets those that refineries lack most in, and of these those that lose most."""
        for values in (self._losses.shortage, self._losses.lost):
            places = places[levels(values[places], self._losses.noise) == 0]
        return places

    @cached_property
    def by_size(self) -> pandas.DataFrame:
        """By number of decisions: ``sets``; how many of them lose something or leave refineries short (``losing``);
        the largest ``shortage``; the largest loss (``lost``), not always of the same set, and its share of the exports
        (``share``); ``mean`` loss; how many sets are ``worst``, and the first of them (``example``).
        """
        import pandas

        rows, scale, found = {}, self._scales.flow, self._losses
        for size in range(1, self.k + 1):
            mine = self._order[self._sizes[self._order] == size]
            lost = found.lost[mine]
            most = float(lost.max())
            rows[size] = {
                "sets": len(mine), "losing": int(((lost > 0) | (found.shortage[mine] > 0)).sum()),
                "shortage": float(found.shortage[mine].max()) / scale, "lost": most / scale,
                "share": most / scale / self.exported if self.exported else float("nan"),
                "mean": float(lost.mean()) / scale,
                "worst": len(self._worst_of(mine)), "example": self._named(mine[0]),
            }  # fmt: skip
        return pandas.DataFrame.from_dict(rows, orient="index").rename_axis("size")

    @cached_property
    def importance(self) -> pandas.DataFrame:
        """By decision, the most important first: the largest ``shortage`` of refineries that it takes part in; what it
        loses by itself, ``lost_alone``; in which share of the ``worst`` sets it is; the ``largest`` loss that it takes
        part in; the ``mean`` loss of the sets of k that it is in; and its largest ``synergy`` with others (not a
        number if k is 1).
        """
        import pandas

        found, scale = self._losses, self._scales.flow
        last = self._swept.sets[self.k]
        first = len(self._sizes) - len(last)
        lost = found.lost[first:]
        is_worst = np.isin(np.arange(first, len(self._sizes)), self._worst_of(np.arange(first, len(self._sizes))))
        rows = {}
        for place, name in enumerate(self.elements):
            inside = (last == place).any(axis=1)
            part_of = np.concatenate([(sets == place).any(axis=1) for sets in self._swept.sets[1:]])
            several = part_of & (self._sizes > 1)
            rows[name] = {
                "shortage": found.shortage[part_of].max() / scale,
                "lost_alone": found.lost[place] / scale,
                "worst": float(inside[is_worst].mean()),
                "largest": found.lost[part_of].max() / scale,
                "mean": lost[inside].mean() / scale,
                "synergy": found.synergy[several].max() / scale if several.any() else float("nan"),
            }
        frame = pandas.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis(self.over)
        # Noise must not decide the order.
        by = ["shortage", "largest", "worst", "lost_alone", "mean"]
        return frame.loc[frame.round(9).sort_values(by, ascending=False, kind="stable").index]

    @cached_property
    def _scales(self) -> Scales:
        return Scales.of(self.system.units.flow)

    @cached_property
    def _losses(self) -> Losses:
        return losses_of(self._swept, self._unit)

    @cached_property
    def _sizes(self) -> Ints:
        """Size of each set, the empty one left out."""
        return np.repeat(np.arange(1, self.k + 1), [len(sets) for sets in self._swept.sets[1:]])

    @cached_property
    def _order(self) -> Ints:
        """All sets, worst first; sets of a size are in the order of their names already."""
        found = self._losses
        return worst_first(levels(found.shortage, found.noise), levels(found.lost, found.noise), self._sizes,
                           levels(found.netback_lost, found.money_noise))  # fmt: skip

    def _named(self, place: int) -> tuple[str, ...]:
        size = int(self._sizes[place])
        offset = place - sum(len(sets) for sets in self._swept.sets[1:size])
        return tuple(self.elements[one] for one in self._swept.sets[size][offset])

    def _rows(self, chosen: Ints) -> pandas.DataFrame:
        import pandas

        found, scale = self._losses, self._scales
        rank = np.empty(len(self._order), np.int64)
        rank[self._order] = np.arange(1, len(rank) + 1)
        frame = pandas.DataFrame(
            {
                "elements": pandas.Series([self._named(place) for place in chosen.tolist()], dtype=object),
                "size": self._sizes[chosen],
                "exported": found.exported[chosen] / scale.flow,
                "lost": found.lost[chosen] / scale.flow,
                "shortage": found.shortage[chosen] / scale.flow,
                "netback_lost": found.netback_lost[chosen] * scale.money,
                "synergy": found.synergy[chosen] / scale.flow,
            }
        )
        return frame.set_index(pandas.Index(rank[chosen], name="rank"))

    def digest(self) -> Digest:
        flow, money, counts, worst = self.flow_unit, self.money_unit, self.counts, self.worst.iloc[0].to_dict()
        flows = ("exported", "lost", "shortage", "synergy", "lost_alone", "largest", "mean")
        units = {**dict.fromkeys(flows, flow), "netback_lost": money, "worst": "share", "share": "share",
                 **dict.fromkeys(("rank", "size", "sets", "losing"), "1")}  # fmt: skip
        figures = (Figure("worst set", joined(worst["elements"])),
                   Figure("refineries lack", float(worst["shortage"]), flow),
                   Figure("lost by it", float(worst["lost"]), flow),
                   Figure("exported without closures", self.exported, flow),
                   Figure("sets", counts.sets - 1, "1"))  # fmt: skip
        details = (Figure("solved and certified", counts.solved, "1"),
                   Figure("settled by a smaller set", counts.pruned, "1"),
                   Figure("equally bad worst sets", len(self.worst), "1"))  # fmt: skip
        tables = (Table("sets", f"Sets of up to {self.k}, worst first: what refineries lack, then what is lost",
                        self.table, units),
                  Table("importance", "By what is closed", self.importance, units),
                  Table("by_size", "By number of closures", self.by_size, units))  # fmt: skip
        many = sum(len(sets) for sets in self._swept.sets[1:])
        notes = (f"the worst {len(self.table):,} of {many:,} sets",) if len(self.table) < many else ()
        how = f"{counts.solved:,} sets solved and certified, {counts.pruned:,} settled by proof from smaller ones"
        return Digest(f"N-{self.k} over {self.over}", f"{self.system.title or self.system.name}, {self.name}",
                      figures, tables, (*notes, how), details)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def __repr__(self) -> str:
        worst = self.worst.iloc[0]
        ties = f" and {len(self.worst) - 1} more" if len(self.worst) > 1 else ""
        told = hurt(float(worst["lost"]), float(worst["shortage"]), self.flow_unit)
        return f"Contingencies({self.system.name!r}, k={self.k}, {' + '.join(worst['elements'])}{ties}: {told})"

    def __str__(self) -> str:
        counts, k = self.counts, self.k
        title, decisions = self.system.title or self.system.name, len(self.elements)
        head = f"{title}, {self.name}: {decisions} to close ({self.over}), {len(self._order):,} sets of up to {k}"
        how = f"{counts.solved:,} solved and certified, {counts.pruned:,} settled by a smaller set"
        shown = self.table.head(_SHOWN).copy()
        shown["elements"] = [" + ".join(names) for names in shown["elements"]]
        shown["netback_lost"] = shown["netback_lost"] / 1e6
        text = shown.to_string(float_format=lambda value: f"{value:,.2f}")
        more = len(self._order) - len(shown)
        lines = [
            head,
            how,
            "worst first: what refineries lack, then what is lost",
            f"flows in {self.flow_unit}, netback lost in million {self.money_unit}",
            text,
        ]
        if more:
            lines.append(f"... and {more:,} more")
        if len(self.worst) > 1:
            lines.append(f"{len(self.worst)} sets of {k} are equally bad")
        return "\n".join(lines)


def contingencies(
    system: ExportSystem,
    k: int = 1,
    over: Over = "leg",
    *,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    executor: futures.Executor | None = None,
    top: int | None = None,
    economic: bool = False,
    engine: Engine = "auto",
    chunk: int | None = None,
    prune: bool | None = None,
) -> Contingencies:
    """What every set of up to ``k`` closures costs: exhaustive N-1, N-2 or N-3, ranked: refineries first, then exports.

    Parameters
    ----------
    system : ExportSystem
    k : int
        Most decisions at a time: 1, 2 or 3. It counts decisions, not legs: a country closes all its legs with one.
    over : str or iterable of closures
        What is closed: each ``leg``, ``component`` (named ``leg/component``), ``node``, ``field``, ``route``,
        ``country`` (but a single exporter's own), ``chokepoint``, ``operator`` or ``group``; or closures as in a
        file, each one decision.
    scenario : str, Scenario or mapping, optional
        What holds besides, with all its closures in force; losses are counted from there.
    executor : concurrent.futures.Executor, optional
        Spread over its workers. The result does not depend on it.
    top : int, optional
        Keep only so many sets in the table. All are solved and counted.
    economic : bool
        Let fields shut in when exporting does not pay.
    engine, chunk
        As in `routeopt.solve.batch.Batch.solve`.
    prune : bool, optional
        Do not solve a set in which the optimum of a smaller one stands (proof in
        `routeopt.elements.pruning.stands`). The values are the same; without a word it is done where it saves time.

    Returns
    -------
    Contingencies

    Raises
    ------
    ScenarioError
        ``k`` or ``top`` is out of range, there are more than `MOST_SETS` sets, the kind is unknown, there is nothing
        of it whose closure closes anything, or a closure or the scenario does not fit the system.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    Time is not resolved: closures hold all the time, as in `allocate` without a horizon. Decisions that hit exactly
    the same parts are one decision with both names (``port = loading``).

    Examples
    --------
    >>> import routeopt as ro
    >>> found = ro.contingencies(ro.load("kazakhstan"), k=1, over="route")
    >>> found.table.loc[1, "elements"], bool(found.table.loc[1, "lost"] > found.exported / 2)
    (('cpc',), True)
    >>> found.counts.solved + found.counts.pruned == found.counts.sets == len(found.table) + 1
    True
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= _MOST:
        raise ScenarioError(Problem(f"cannot close sets of {k!r}", ("k",), "write 1, 2 or 3"))
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise ScenarioError(Problem(f"cannot keep {top!r} sets", ("top",), "write 1 or more, or None for all"))
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    situation, elements, batch = closable(system, flat, over, economic=economic)
    _check_size(len(elements), k)
    swept = sweep(batch, min(k, len(elements)), prune=prune, engine=engine, executor=executor, chunk=chunk)
    return Contingencies(situation.system, name_of(scenario, flat), kind_of(over),
                         tuple(element.name for element in elements), swept, batch.plan.bounds.unit, top)  # fmt: skip


def _check_size(elements: int, k: int) -> None:
    sets = count_sets(elements, k)
    if sets > MOST_SETS:
        fits = next(size for size in range(k - 1, -1, -1) if count_sets(elements, size) <= MOST_SETS)
        most = max(n for n in range(1, elements) if count_sets(n, k) <= MOST_SETS)
        text = f"{elements:,} decisions make {sets:,} sets of up to {k}, which would take {sets * _BYTES / 1e9:,.0f} GB"
        hint = f"write k={fits}, or name up to {most} decisions in over=, for instance those that lose most at k={fits}"
        raise ScenarioError(Problem(text, ("k",), hint, "too-many"))
