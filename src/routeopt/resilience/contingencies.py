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
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, counted, joined, number
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
"""More sets are refused: they take too much memory, and usually hours."""

_BYTES = 250
"""Peak memory per set: elements, bounds, values, losses and ranks."""


@dataclass(frozen=True, repr=False, eq=False)
class Contingencies(Result):
    """All sets of up to k elements out, solved or pruned.

    Flows are in `flow_unit`, money in `money_unit`.

    Attributes
    ----------
    system : ExportSystem
        With the scenario's overrides.
    name : str
        Background scenario.
    over : str
        Kind of element.
    elements : tuple of str
        All elements, in order; ``port = loading`` where two names close the same parts.
    top : int or None
        Number of sets in the table; None for all.
    """

    drawings: ClassVar = {
        "heat": Drawing("heat:draw_heat", "Lost exports by pair of elements out; on the diagonal one alone"),
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
        """Largest number of elements in a set."""
        return len(self._swept.sets) - 1

    @property
    def counts(self) -> SweepCounts:
        """Number of sets solved (each certified), pruned, handed over and solved cold."""
        return self._swept.counts

    @property
    def exported(self) -> float:
        """Exports with all elements in service."""
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
        - ``size``: number of elements;
        - ``exported``; ``lost``: exports with all in service less ``exported``. Negative where crude that a refinery
          no longer receives is exported (see ``shortage``), or where money comes before volume;
        - ``shortage``: additional unmet refinery demand;
        - ``netback_lost``: extra cost plus lost revenue, of which only the sum is the same in all optima; negative
          where the lost exports did not pay;
        - ``synergy``: loss beyond that of smaller sets. For a pair L(a,b) - L(a) - L(b); for a triple L(a,b,c) less
          the largest of L(a) + L(b) + L(c), L(a,b) + L(c), L(a,c) + L(b) and L(b,c) + L(a). Positive: the elements
          substitute for each other. Negative: their outages hit the same barrels. (For triples this is not the
          alternating sum of inclusion and exclusion, which is positive even for three redundant closures in series.)

        Order: largest shortage (refineries are served first), then most lost, fewest elements, most netback lost, and
        names. In this order a further outage is never a gain, unless money comes before volume. Differences within
        the certificates' tolerance count as ties. ``table.sort_values("lost", ascending=False)`` ranks by exports
        alone.
        """
        return self._rows(self._order[: self.top])

    @cached_property
    def worst(self) -> pandas.DataFrame:
        """The worst sets of k elements, several if tied; columns and order of `table`."""
        chosen = self._worst_of(np.flatnonzero(self._sizes == self.k))
        return self._rows(self._order[np.isin(self._order, chosen)])

    def _worst_of(self, places: Ints) -> Ints:
        """The sets with the largest shortage, and of these those with the largest loss."""
        for values in (self._losses.shortage, self._losses.lost):
            places = places[levels(values[places], self._losses.noise) == 0]
        return places

    @cached_property
    def by_size(self) -> pandas.DataFrame:
        """Losses by number of elements out; index = size. Columns:

        - ``sets``; ``losing``: those with a loss or a shortage;
        - ``shortage``: the largest; ``lost``: the largest, not always of the same set; ``share``: of the exports;
        - ``mean``: mean loss;
        - ``worst``: number of worst sets; ``example``: the first of them.
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
        """Elements, most important first; index = element. Columns:

        - ``shortage``, ``largest``: largest shortage and loss of the sets with it;
        - ``lost_alone``: loss of its outage alone;
        - ``worst``: share of the worst sets that contain it;
        - ``mean``: mean loss of the sets of k with it;
        - ``synergy``: the largest with others; NaN if k is 1.
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
        """Size of each set but the empty one."""
        return np.repeat(np.arange(1, self.k + 1), [len(sets) for sets in self._swept.sets[1:]])

    @cached_property
    def _order(self) -> Ints:
        """All sets, worst first; those of one size are already in the order of their names."""
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
                   Figure("unmet refinery demand", float(worst["shortage"]), flow),
                   Figure("lost", float(worst["lost"]), flow),
                   Figure("exported with all in service", self.exported, flow),
                   Figure("sets", counts.sets - 1, "1"))  # fmt: skip
        details = (Figure("solved and certified", counts.solved, "1"),
                   Figure("pruned: dominated by a subset", counts.pruned, "1"),
                   Figure("tied worst sets", len(self.worst), "1"))  # fmt: skip
        tables = (Table("sets", f"Sets of up to {self.k}, by shortage, then loss",
                        self.table, units),
                  Table("importance", "By element", self.importance, units),
                  Table("by_size", "By number of elements out", self.by_size, units))  # fmt: skip
        many = sum(len(sets) for sets in self._swept.sets[1:])
        notes = (f"the worst {len(self.table):,} of {many:,} sets",) if len(self.table) < many else ()
        how = _solved(counts)
        return Digest(f"N-{self.k} over {self.over}", f"{self.system.title or self.system.name}, {self.name}",
                      figures, tables, (*notes, how), details)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def __repr__(self) -> str:
        worst = self.worst.iloc[0]
        ties = f" and {len(self.worst) - 1} more" if len(self.worst) > 1 else ""
        loss = hurt(float(worst["lost"]), float(worst["shortage"]), self.flow_unit)
        return f"Contingencies({self.system.name!r}, k={self.k}, {joined(worst['elements'])}{ties}: {loss})"

    def __str__(self) -> str:
        elements, sets = counted(len(self.elements), "element"), counted(len(self._order), "set")
        shown = self.table.head(_SHOWN).copy()
        shown["elements"] = [joined(names) for names in shown["elements"]]
        shown["netback_lost"] = shown["netback_lost"] / 1e6
        lines = [f"{self.system.title or self.system.name}, {self.name}: {elements} ({self.over}), {sets} of up to "
                 f"{self.k}", _solved(self.counts), "ranked by shortage of refineries, then by lost exports",
                 f"flows in {self.flow_unit}, netback lost in million {self.money_unit}",
                 shown.to_string(float_format=number)]  # fmt: skip
        if more := len(self._order) - len(shown):
            lines.append(f"... and {more:,} more")
        if len(self.worst) > 1:
            lines.append(f"{len(self.worst)} sets of {self.k} are equally bad")
        return "\n".join(lines)


def _solved(counts: SweepCounts) -> str:
    return f"{counted(counts.solved, 'set')} solved and certified, {counts.pruned:,} pruned (dominated by a subset)"


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
    """Rank all combinations of up to ``k`` outages (exhaustive N-1, N-2 or N-3).

    The order is by shortage of refineries, which are served first, then by lost exports.

    Parameters
    ----------
    system : ExportSystem
    k : int
        Largest number of elements out: 1, 2 or 3. A country counts as one element and closes all its legs.
    over : str or iterable of closures
        Kind of element: ``leg``, ``component`` (named ``leg/component``), ``node``, ``field``, ``route``,
        ``country`` (except that of a single exporter), ``chokepoint``, ``operator`` or ``group``; or
        closures as in a file, each one element.
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case. Losses are measured relative to it.
    executor : concurrent.futures.Executor, optional
        Distribute the sets over its workers. The result does not depend on it.
    top : int, optional
        Rows of the table. All sets are solved and counted. Default: all.
    economic : bool
        Let fields shut in when exporting does not pay.
    engine, chunk
        As in `routeopt.solve.batch.Batch.solve`.
    prune : bool, optional
        Skip sets for which the optimum of a subset remains optimal (proof in `routeopt.elements.pruning.stands`).
        Results do not depend on it. Default (None): prune when that saves time.

    Returns
    -------
    Contingencies

    Raises
    ------
    ScenarioError
        ``k`` or ``top`` is out of range, there are more than `MOST_SETS` sets, the kind is unknown or has no element
        that closes anything, or a closure or the scenario does not fit the system.
    SolveError
        An optimum does not exist or cannot be certified.

    Notes
    -----
    Static (single-period): closures are active for the whole year, as in `allocate` without a horizon. Elements that
    close exactly the same parts are one element with both names (``port = loading``).

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
        raise ScenarioError(Problem(f"needs 1, 2 or 3, not {k!r}", ("k",), "write 1, 2 or 3"))
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise ScenarioError(Problem(f"needs a positive whole number, not {top!r}", ("top",), "or leave it out"))
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
        text = f"{elements:,} elements make {sets:,} sets of up to {k}, which take {sets * _BYTES / 1e9:,.0f} GB"
        hint = f"write k={fits}, or name up to {most} elements in over=, for instance those that lose most at k={fits}"
        raise ScenarioError(Problem(text, ("k",), hint, "too-many"))
