"""Who contributes what: the table, and why it differs from losing one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation.summary import money
from routeopt.arrays import Floats
from routeopt.decide.attribution.values import half_width
from routeopt.elements.values import clean, resolution
from routeopt.intervals import digits
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, number
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas


__all__ = ["ShapleyTable"]


_KINDS = {"country": "countries"}


@dataclass(frozen=True, repr=False, eq=False)
class ShapleyTable(Result):
    """Shapley values of players beside what losing each alone costs. An attribution, not a forecast of bargaining.

    Attributes
    ----------
    system : ExportSystem
        With the scenario's overrides.
    name : str
        Background scenario.
    over : str
        What the players are.
    measure : str
        ``volume`` (in `unit`, a rate) or ``netback`` (money for the time of the flow unit).
    players : tuple of str
        In the order of their names.
    empty, full : float
        Value with every player closed, and with none closed.
    draws : int
        Random orders that were drawn; 0 if exact.
    seed : int
        Of the orders.
    solved : int
        Coalitions that were solved, each once and certified.
    """

    drawings: ClassVar = {
        "bars": Drawing("bars:draw_attribution", "What each {self.over} contributes, and what is lost without it"),
    }

    system: ExportSystem
    name: str
    over: str
    measure: str
    players: tuple[str, ...]
    value_none: float
    value_all: float
    _value: Floats
    _relief: Floats
    _error: Floats
    _without: Floats
    _alone: Floats
    _moved: NDArray[np.bool_]
    _pairs: NDArray[np.intp]
    _without_pairs: Floats
    draws: int
    seed: int
    solved: int

    @property
    def exact(self) -> bool:
        """True if all coalitions were solved."""
        return self.draws == 0

    @property
    def total(self) -> float:
        """Value attributed: with all open (`value_all`) less with all closed (`value_none`)."""
        return self.value_all - self.value_none

    @property
    def standard_error(self) -> float:
        """The largest of the standard errors; 0 if exact."""
        return float(self._error.max(initial=0.0))

    @property
    def unit(self) -> str:
        """Unit of the values."""
        flow = self.system.units.flow
        return flow if self.measure == "volume" else f"USD/{flow.partition('/')[2]}"

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Players, the largest first; index = player. In `unit`, but for ``share``:

        - ``shapley``: the contribution; the column adds up to `total`;
        - ``share``: of the total (not a number if that is zero);
        - ``leave_one_out``: what is lost without this player alone;
        - ``stand_alone_value``: what it adds where all others are closed;
        - ``relief``: the same attribution of what refineries do not lack, in the flow unit: how much less they lack for
          it. They come first, so whoever feeds them may add nothing to exports, or less than nothing;
        - ``standard_error``, ``low``, ``high``: of ``shapley`` if sampled, the 95 % interval by Student's t. An error
          of zero says that every order agreed, no more; see `null_players`.
        """
        import pandas

        half = half_width(self._error, self.draws // 2) if self.draws else np.zeros(len(self.players))
        value = self._clean(self._value)
        frame = pandas.DataFrame(
            {
                "shapley": value,
                "share": value / self.total if abs(self.total) > self._noise else np.nan,
                "leave_one_out": self._clean(self.value_all - self._without),
                "stand_alone_value": self._clean(self._alone - self.value_none),
                "relief": clean(self._relief, 1e-9 * self._flow_scale),
                "standard_error": self._error,
                "low": value - half,
                "high": value + half,
            },
            pandas.Index(self.players, name=self.over, dtype=object),
        )
        # Noise must not decide the order.
        return frame.iloc[np.lexsort((np.arange(len(frame)), -np.round(value / self._scale, 9)))]

    @cached_property
    def pairs(self) -> pandas.DataFrame:
        """Pairs of players, those that most substitute for each other first; if sampled, of the largest 12 alone.

        ``first``, ``second``; ``lost``: without both; ``synergy``: that less what is lost without each alone.
        Positive: they substitute for each other. Negative: they need each other.
        """
        import pandas

        alone = self.value_all - self._without
        lost = self.value_all - self._without_pairs
        synergy = self._clean(lost - alone[self._pairs].sum(axis=1))
        names = np.array(self.players, object)[self._pairs].reshape(-1, 2)
        frame = pandas.DataFrame(
            {"first": names[:, 0], "second": names[:, 1], "lost": self._clean(lost), "synergy": synergy}
        )
        order = np.lexsort((np.arange(len(frame)), -np.round(synergy / self._scale, 9)))
        return frame.iloc[order].reset_index(drop=True)

    @property
    def null_players(self) -> tuple[str, ...]:
        """If sampled: players that changed nothing in any order. With 95 % confidence a player that is one of them
        by chance does so in less than three in so many pairs of orders as were drawn (rule of three)."""
        return tuple(name for name, moved in zip(self.players, self._moved, strict=True) if not moved)

    @cached_property
    def headline(self) -> str:
        """Why the values differ from losing one player at a time."""
        lost = float(self.table["leave_one_out"].sum())
        many = _KINDS.get(self.over, f"{self.over}s")
        said = f"losing one at a time adds up to {self._amount(lost)} {self.unit}"
        if len(self.players) == 1:
            return f"there is one {self.over} only, and all is attributed to it"
        first, last = self.pairs.iloc[0], self.pairs.iloc[-1]
        rivals = f"{first['first']} and {first['second']}"
        partners = f"{last['first']} and {last['second']}"
        if abs(lost - self.total) <= self._noise:
            if first["synergy"] == last["synergy"] == 0:
                return f"{said}, as the contributions do: no two {many} substitute for each other or need each other"
            return (
                f"{said}, as the contributions do: where some {many} substitute for each other, others need each other"
            )
        if lost < self.total:
            why = f"{said}, less than the {self._amount(self.total)} attributed: {many} substitute for one another"
            if first["synergy"] <= 0:
                return why
            return (
                f"{why}, most of all {rivals} (without both {self._amount(float(first['synergy']))} more is lost than "
                "the sum of losing each)"
            )
        why = f"{said}, more than the {self._amount(self.total)} attributed: {many} need one another"
        if last["synergy"] >= 0:
            return why
        twice = self._amount(-float(last["synergy"]))
        return f"{why}, most of all {partners} (losing each by itself counts {twice} twice)"

    @property
    def _scale(self) -> float:
        found = [
            abs(self.value_all),
            abs(self.value_none),
            *np.abs(self._value),
            *np.abs(self._alone),
            *np.abs(self._without),
        ]
        return float(max(found)) or 1.0

    @property
    def _flow_scale(self) -> float:
        return float(np.abs(self._relief).max(initial=0.0)) or 1.0

    @property
    def _noise(self) -> float:
        return resolution(self._scale)

    def _clean(self, values: Floats) -> Floats:
        """What is below the last digits of the largest value is nothing."""
        return clean(values, 1e-9 * self._scale)

    def _amount(self, value: float) -> str:
        return number(value) if self.measure == "volume" else money(value)

    def digest(self) -> Digest:
        unit = self.unit
        values = ("shapley", "leave_one_out", "stand_alone_value", "standard_error", "low", "high")
        units = {**dict.fromkeys(values, unit), "share": "share", "relief": self.system.units.flow}
        table = self.table.sort_values("shapley", ascending=False, kind="stable")
        figures = (Figure(str(table.index[0]), float(table["share"].iloc[0]), "share"),
                   Figure("attributed", self.total, unit), Figure("value none", self.value_none, unit))  # fmt: skip
        tables = (Table("shapley", "Attribution", table, units),
                  Table("pairs", "Pairs: lost together, and beyond one and the other", self.pairs,
                        {"id": "1", "lost": unit, "synergy": unit}))  # fmt: skip
        how = f"{self.draws:,} random orders, standard error {self.standard_error:.2g} {unit}"
        return Digest(f"Who carries it: {self.over} ({self.measure})",
                      f"{self.system.title or self.system.name}, {self.name}", figures, tables,
                      (self.headline, "exact" if self.exact else how))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), settings={"seed": self.seed, "draws": self.draws})

    def summary(self) -> str:
        """The table, how it was found, and why it differs from losing one at a time."""
        title = self.system.title or self.system.name
        head = f"{title}, {self.name}: contribution to {self.measure} by {self.over}, {self.unit}"
        size = 1.0 if self.measure == "volume" else 1e6
        if size > 1:
            head += " (table in millions)"
        table = self.table
        feeds = (np.abs(table["relief"]) > 1e-6 * max(1.0, self._flow_scale)).any()
        shown = table[["shapley", "share", "leave_one_out", "stand_alone_value", *(["relief"] if feeds else [])]].copy()
        if feeds:
            head += f"; relief of refineries, {self.system.units.flow}"
            shown["relief"] = [f"{value:,.2f}" for value in table["relief"]]
        for column in ("shapley", "leave_one_out", "stand_alone_value"):
            shown[column] = [f"{value / size:,.2f}" for value in table[column]]
        shown["share"] = ["" if value != value else f"{value:.1%}" for value in table["share"]]
        if not self.exact:
            pairs = zip(table["shapley"] / size, table["standard_error"] / size, strict=True)
            shown["shapley"] = [digits(value, error) for value, error in pairs]
            shown["standard_error"] = [f"{error / size:.2g}" for error in table["standard_error"]]
        how = f"exact, {self.solved:,} coalitions solved" if self.exact else (
            f"estimated from {self.draws:,} random orders (seed {self.seed}), {self.solved:,} coalitions solved"
        )  # fmt: skip
        lines = [head, how, shown.to_string()]
        nothing = f"; {self._amount(self.value_none)} with all closed" if abs(self.value_none) > self._noise else ""
        lines.append(f"adds up to {self._amount(self.total)} {self.unit}{nothing}")
        if self.null_players:
            lines.append(f"moved nothing in any order: {', '.join(self.null_players)}")
        lines.append(self.headline)
        lines.append("an attribution of existing exports; it does not predict bargaining outcomes")
        return "\n".join(lines)

    def __repr__(self) -> str:
        first = self.table.iloc[0]
        return (
            f"ShapleyTable({self.system.name!r}, {self.measure} by {self.over}: {first.name} "
            f"{self._amount(float(first['shapley']))} of {self._amount(self.total)} {self.unit})"
        )

    def __str__(self) -> str:
        return self.summary()
