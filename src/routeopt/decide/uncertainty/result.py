"""What `routeopt.sensitivity` returns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.trajectory import route_names
from routeopt.arrays import Floats
from routeopt.decide.uncertainty.conclusions import Check
from routeopt.decide.uncertainty.correlations import spearman, spearman_error
from routeopt.decide.uncertainty.inputs import Input
from routeopt.decide.uncertainty.monte_carlo import TOTALS, Ends, solve_ends
from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.intervals import digits, order_interval, share_error, wilson
from routeopt.results import ILLUSTRATED, Digest, Drawing, Figure, Illustration, Origins, Result, Table, illustrate
from routeopt.scenario.case import Situation
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas


__all__ = ["Sensitivity"]


_SHOWN = 5
"""How many numbers are named for each scenario."""


@dataclass(frozen=True, repr=False, eq=False)
class Sensitivity(Result):
    """Result of `routeopt.sensitivity`. Flows in the system's unit, money in USD for its time.

    Attributes
    ----------
    system : ExportSystem
        At the values of the data.
    scenarios : tuple of str
        Names; the first is the reference.
    draws, seed : int
    rejected : int
        Draws in which something contradicted itself (more reserved than a leg's capacity) and was drawn again.
    """

    drawings: ClassVar = {
        "tornado": Drawing(
            "bars:draw_sensitivity", "What moves exports in {of} most, each number alone at its low and high end"
        )
    }

    system: ExportSystem
    scenarios: tuple[str, ...]
    draws: int
    seed: int
    rejected: int
    _inputs: tuple[Input, ...]
    _situations: tuple[Situation, ...]
    _checks: tuple[tuple[str, Check], ...]
    _base: Floats
    _holds: NDArray[np.bool_]
    _values: Floats
    _figures: Floats
    _kept: NDArray[np.bool_]

    @property
    def inputs(self) -> pandas.DataFrame:
        """Inputs drawn, in the units of the file: one row per draw, one column per number."""
        import pandas

        columns = pandas.Index([one.name for one in self._inputs], name="input")
        return pandas.DataFrame(self._values.copy(), pandas.RangeIndex(self.draws, name="draw"), columns)

    @property
    def inputs_table(self) -> pandas.DataFrame:
        """The numbers that were drawn: ``value``, ``low``, ``high``, ``unit``, ``places``; index = name."""
        import pandas

        rows = [(one.value, one.low, one.high, one.unit, one.places) for one in self._inputs]
        index = pandas.Index([one.name for one in self._inputs], name="input")
        return pandas.DataFrame(rows, index, ["value", "low", "high", "unit", "places"])

    @property
    def results(self) -> pandas.DataFrame:
        """One row a draw; columns (scenario, quantity): ``exported``, ``shut_in``, ``shortage``, ``cost``,
        ``netback``, and the volume of each route by its id (``route ID`` if it is called like one of the others)."""
        import pandas

        index = pandas.RangeIndex(self.draws, name="draw")
        return pandas.DataFrame(self._figures.reshape(self.draws, -1), index, self._result_index)

    @property
    def base(self) -> pandas.Series[float]:
        """The results at the values of the data; index = (scenario, quantity)."""
        import pandas

        return pandas.Series(self._base.ravel(), self._result_index, name="base")

    @property
    def _result_index(self) -> pandas.MultiIndex:
        import pandas

        return pandas.MultiIndex.from_product([self.scenarios, self._quantities], names=["scenario", "quantity"])

    @cached_property
    def _quantities(self) -> list[str]:
        return [*TOTALS, *(f"route {name}" if name in TOTALS else name for name in route_names(self.system))]

    @property
    def conclusions(self) -> pandas.DataFrame:
        """In what share of the draws each conclusion holds; index = conclusion.

        ``holds`` at the values of the data; ``share`` of the draws, its ``standard_error``, the Wilson interval of
        95 % from ``low`` to ``high``, and the number of ``draws``. The interval is about the number of draws only,
        not about the ranges, which are judgements.
        """
        import pandas

        rows = []
        for holds, hits in zip(self._holds.tolist(), self._kept.sum(axis=0).tolist(), strict=True):
            low, high = wilson(hits, self.draws)
            rows.append((holds, hits / self.draws, share_error(hits, self.draws), low, high, self.draws))
        index = pandas.Index([name for name, _ in self._checks], name="conclusion", dtype=object)
        columns = ["holds", "share", "standard_error", "low", "high", "draws"]
        frame = pandas.DataFrame(rows, index, columns)
        return frame.astype({"holds": bool, "draws": int}) if rows else frame

    def quantiles(self, result: str | tuple[str, str], percent: Iterable[float] = (5, 50, 95)) -> pandas.DataFrame:
        """Quantiles of a result over the draws.

        Parameters
        ----------
        result : str or (scenario, quantity)
            A column of `results`; the quantity alone if there is one scenario.
        percent : iterable of float
            Between 0 and 100 exclusive.

        Returns
        -------
        pandas.DataFrame
            Index = percent; ``value``, and the interval of 95 % from ``low`` to ``high`` between two order
            statistics, which holds for any distribution; missing on a side for which there are too few draws.
        """
        import pandas

        drawn = np.sort(self._drawn(result))
        rows = []
        shares = [float(one) for one in percent]
        for one in shares:
            if not 0 < one < 100:
                raise InputError(Problem(f"{one:g} is not between 0 and 100", ("percent",), "write (5, 50, 95)"))
            low, high = order_interval(self.draws, one / 100)
            ends = [np.nan if place is None else float(drawn[place]) for place in (low, high)]
            rows.append((float(np.quantile(drawn, one / 100)), *ends))
        return pandas.DataFrame(rows, pandas.Index(shares, name="percent"), ["value", "low", "high"])

    def rank_correlations(self, result: str | tuple[str, str]) -> pandas.DataFrame:
        """Spearman's rank correlation of a result with every number that was drawn, the largest first.

        Returns
        -------
        pandas.DataFrame
            Index = input; ``correlation`` and its ``standard_error`` (Bonett and Wright). Missing if the result is
            the same in every draw.
        """
        import pandas

        found = spearman(self._values, self._drawn(result))
        index = pandas.Index([one.name for one in self._inputs], name="input")
        errors = spearman_error(found, self.draws)
        frame = pandas.DataFrame({"correlation": found, "standard_error": errors}, index)
        return frame.iloc[np.argsort(-np.nan_to_num(np.abs(found)), kind="stable")]

    def tornado(self, result: str | tuple[str, str], top: int | None = 10) -> pandas.DataFrame:
        """A result with each number alone at its low and its high end, everything else at its value.

        Solved, not fitted; the first call solves for all results.

        Parameters
        ----------
        result : str or (scenario, quantity)
        top : int or None
            How many numbers, those that move most first; all if None.

        Returns
        -------
        pandas.DataFrame
            Index = input; ``value``, ``low``, ``high``, ``unit`` of the number; ``low_result``, ``high_result``;
            ``swing``: the largest less the smallest of both and the result at the values. Missing where an end
            contradicts the rest of the data.
        """
        scenario, figure = self._which(result)
        ends = self._ends.figures[:, :, scenario, figure]
        both = np.column_stack([ends, np.full(len(ends), self._base[scenario, figure])])
        swing = np.nanmax(both, axis=1) - np.nanmin(both, axis=1)
        frame = self.inputs_table.drop(columns="places")
        frame = frame.assign(low_result=ends[:, 0], high_result=ends[:, 1], swing=swing)
        frame = frame.iloc[np.argsort(-swing, kind="stable")]
        if top is not None and top < 1:
            raise InputError(Problem(f"{top} shows nothing", ("top",), "write 10, or None for all"))
        return frame.head(len(frame) if top is None else top)

    def critical_inputs(self, conclusion: str) -> pandas.DataFrame:
        """Numbers that alone, at an end of their range, turn a conclusion round.

        Returns
        -------
        pandas.DataFrame
            Index = input; ``value``, ``low``, ``high``, ``unit``; ``at_low`` and ``at_high``: whether the conclusion
            holds there. Empty if no single number does it.
        """
        names = [name for name, _ in self._checks]
        if conclusion not in names:
            hint = did_you_mean(str(conclusion), names, other="conclusions")
            raise InputError(Problem(f"unknown conclusion {conclusion!r}", hint=hint, code="unknown-id"))
        place = names.index(conclusion)
        told = self._ends.kept[:, :, place]
        turned = ((told != self._holds[place]) & ~np.isnan(self._ends.figures[:, :, 0, 0])).any(axis=1)
        frame = self.inputs_table.drop(columns="places").iloc[np.flatnonzero(turned)]
        return frame.assign(at_low=told[turned, 0], at_high=told[turned, 1])

    @cached_property
    def _ends(self) -> Ends:
        return solve_ends(self.system, self._situations, self._inputs, [check for _, check in self._checks])

    def _drawn(self, result: object) -> Floats:
        scenario, figure = self._which(result)
        drawn: Floats = self._figures[:, scenario, figure]
        return drawn

    def _which(self, result: object) -> tuple[int, int]:
        """Scenario and figure that a caller means."""
        if isinstance(result, str) and len(self.scenarios) == 1:
            result = (self.scenarios[0], result)
        if isinstance(result, str) or not isinstance(result, tuple) or len(result) != 2:
            hint = f"write ({self.scenarios[0]!r}, 'exported')"
            raise InputError(Problem("a result is a scenario and a quantity", ("result",), hint))
        for word, known, what in zip(result, (self.scenarios, self._quantities), ("scenario", "quantity"), strict=True):
            if word not in known:
                hint = did_you_mean(str(word), known, other="known")
                raise InputError(Problem(f"unknown {what} {word!r}", ("result",), hint, "unknown-id"))
        return self.scenarios.index(result[0]), self._quantities.index(result[1])

    def digest(self) -> Digest:
        conclusions = self.conclusions
        sure = conclusions[conclusions["holds"]]["share"]
        figures = (Figure("draws", self.draws, "1"), Figure("numbers drawn", len(self.inputs_table), "1"),
                   Figure("conclusions", len(conclusions), "1"),
                   Figure("of them in 95 % of draws", int((sure >= 0.95).sum()), "1"))  # fmt: skip
        inputs = self.inputs_table.drop(columns="places").replace({"unit": {"": "1"}})
        units = {**dict.fromkeys(("share", "standard_error", "low", "high"), "share"), "draws": "1"}
        tables = (Table("conclusions", "In what share of the draws each holds", conclusions, units),
                  Table("inputs", "What was drawn", inputs))  # fmt: skip
        return Digest(f"What survives the ranges: {', '.join(self.scenarios)}", self.system.title or self.system.name,
                      figures, tables)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), settings={"seed": self.seed, "draws": self.draws})

    def illustrations(self) -> list[Illustration]:
        return [illustrate(self, "tornado", name, result=(name, "exported")) for name in self.scenarios[:ILLUSTRATED]]

    def summary(self) -> str:
        """A page of text: which conclusions survive, how far results spread, which numbers matter."""
        count = len(self.inputs_table)
        one = "1 number of the data drawn from its range" if count == 1 else f"{count} numbers drawn from their ranges"
        title = self.system.title or self.system.name
        lines = [f"{title}: {', '.join(self.scenarios)}; {self.draws} draws of {one} (seed {self.seed})"]
        if self.rejected:
            lines.append(f"in {self.rejected} draws something contradicted itself and was drawn again")
        lines += _conclusions(self)
        for scenario in self.scenarios:
            lines += ["", *_spread(self, scenario), *_moves(self, scenario)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        what = f"{len(self._inputs)} numbers" if len(self._inputs) > 1 else "1 number"
        return f"Sensitivity({self.system.name!r}, {', '.join(self.scenarios)}: {self.draws} draws of {what})"

    def __str__(self) -> str:
        return self.summary()


def _conclusions(found: Sensitivity) -> list[str]:
    table = found.conclusions
    if table.empty:
        return []
    lines = ["", "conclusion: share of draws in which it holds (95 % interval)"]
    for name, row in table.iterrows():
        low, high = 100 * float(row["low"]), 100 * float(row["high"])
        half = (high - low) / 2
        text = f"{digits(100 * float(row['share']), half)} % ({digits(low, half)} to {digits(high, half)})"
        lines.append(f"  {name}: {text}" + ("" if row["holds"] else "; it does not hold at the values of the data"))
    return lines


def _spread(found: Sensitivity, scenario: str) -> list[str]:
    """Quantiles of what is exported and of each route that carries something."""
    lines = [f"{scenario}, in {found.system.units.flow}: at the values; 5 %, median and 95 % of the draws"]
    for quantity in found.results[scenario].columns:
        drawn = found.results[scenario, quantity].to_numpy()
        if quantity in ("cost", "netback") or not drawn.max() > 0:
            continue
        at = found.quantiles((scenario, str(quantity)))
        errors = (at["high"] - at["low"]) / 2
        # Too few draws for an interval: the spread of the draws is all that is known.
        errors = errors.fillna(float(np.ptp(drawn)) / 2)
        shown = [digits(value, error) for value, error in zip(at["value"], errors, strict=True)]
        finest = min(errors.to_numpy().min(), float(np.ptp(drawn)))
        lines.append(f"  {quantity} {digits(float(found.base[scenario, quantity]), finest)}; {', '.join(shown)}")
    return lines


def _moves(found: Sensitivity, scenario: str) -> list[str]:
    """Numbers that go with the exported volume, or with netback where the volume does not move."""
    drawn = found.results[scenario]
    quantity = "exported" if np.ptp(drawn["exported"].to_numpy()) > 1e-6 * drawn["exported"].max() else "netback"
    table = found.rank_correlations((scenario, quantity))
    clear = table[table["correlation"].abs() > 2.0 * table["standard_error"]].head(_SHOWN)
    if clear.empty:
        return []
    named = [
        f"{name} {_signed(float(row['correlation']), float(row['standard_error']))}" for name, row in clear.iterrows()
    ]
    return [f"  {quantity} goes with (rank correlation): {', '.join(named)}"]


def _signed(value: float, error: float) -> str:
    text = digits(abs(value), max(error, 0.005) if math.isfinite(error) else 0.1)
    return f"{'-' if value < 0 else '+'}{text}"
