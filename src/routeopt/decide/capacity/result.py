"""A capacity curve: corners, marks, and where more brings nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from routeopt.allocation.summary import money
from routeopt.decide.capacity.study import Point
from routeopt.errors import InputError, Problem
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table, number
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation.tables import Scales

__all__ = ["CapacityCurve"]


@dataclass(frozen=True, repr=False, eq=False)
class CapacityCurve(Result):
    """Exports and netback at every capacity of one leg. Flows in the system's unit, money for its time.

    Attributes
    ----------
    system : ExportSystem
        With the scenario's overrides.
    name : str
        Background scenario.
    leg : str
    measure : str
        ``volume`` or ``netback``: whose corners these are.
    in_service : float
        Share of every size that closures of the leg leave.
    saturation : float
        Smallest capacity beyond which nothing of the measure changes.
    """

    drawings: ClassVar = {
        "curve": Drawing("piecewise_linear:draw_capacity_curve", "What {self.leg} brings by its size")
    }

    system: ExportSystem
    name: str
    leg: str
    measure: str
    in_service: float
    saturation: float
    _points: tuple[Point, ...]
    _marks: Mapping[str, Point]
    _scales: Scales

    @property
    def flow_unit(self) -> str:
        """Unit of capacity and flows."""
        return self._scales.flow_unit

    @property
    def money_unit(self) -> str:
        """Unit of money."""
        return self._scales.money_unit

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Corners, from no capacity to the end. Straight lines join them (of netback only if that is the measure).

        - ``capacity``; ``exported``; ``incremental_exports``: exported more than without the leg;
        - ``slope``: tonnes (or barrels) exported more for each of capacity, up to the next row;
        - ``incremental_netback``: above that without the leg, before what its capital costs;
        - ``netback_slope``: USD per tonne (or a barrel) of capacity, up to the next row; not a number if the measure is
          volume, where netback has corners in between.
        """
        frame = self._frame(self._points)
        beyond = 0.0 if self._points[-1].at >= self.saturation * self._scales.flow * (1 - 1e-12) else math.nan
        at = np.array([point.at for point in self._points])
        for column, values in (
            ("slope", [point.exported for point in self._points]),
            ("netback_slope", [-point.money for point in self._points]),
        ):
            hidden = column == "netback_slope" and self.measure == "volume"
            slopes = np.diff(values) / np.diff(at)
            slopes = np.where(np.abs(slopes) < 1e-9 * max(1.0, float(np.abs(slopes).max(initial=0.0))), 0.0, slopes)
            frame[column] = math.nan if hidden else np.append(slopes, beyond)
        return frame[["capacity", "exported", "incremental_exports", "slope", "incremental_netback", "netback_slope"]]

    @cached_property
    def studied_sizes(self) -> pandas.DataFrame:
        """The leg as it stands (``today``) and the sizes that were studied, each solved; columns ``capacity``,
        ``exported``, ``incremental_exports``, ``incremental_netback``."""
        import pandas

        return self._frame(tuple(self._marks.values())).set_index(
            pandas.Index(list(self._marks), name="size", dtype=object)
        )

    def value_at(self, capacity: float) -> float:
        """Exports at a capacity, or extra netback if that is the measure.

        Parameters
        ----------
        capacity : float
            In the flow unit; beyond the end of the table only where nothing changes any more.

        Raises
        ------
        InputError
            Below zero, or beyond what was looked at.
        """
        column = "exported" if self.measure == "volume" else "incremental_netback"
        end = float(self.table["capacity"].iloc[-1])
        inside = capacity >= 0 and (capacity <= end * (1 + 1e-12) or end >= self.saturation * (1 - 1e-12))
        if not inside or not math.isfinite(capacity):
            text = f"the curve runs from 0 to {number(end)} {self.flow_unit}, not to {capacity}"
            raise InputError(Problem(text, ("capacity",), "ask for a longer one with up_to="))
        return float(np.interp(capacity, self.table["capacity"], self.table[column]))

    def _frame(self, points: tuple[Point, ...]) -> pandas.DataFrame:
        import pandas

        zero, flow = self._points[0], self._scales.flow
        exported = np.array([point.exported for point in points], float)
        gained, hair = exported - zero.exported, 1e-9 * max(point.exported for point in self._points)
        extra = np.array([zero.money - point.money for point in points], float)
        cash = 1e-9 * max(abs(point.money) for point in self._points)
        return pandas.DataFrame(
            {
                "capacity": np.array([point.at for point in points], float) / flow,
                "exported": exported / flow,
                "incremental_exports": np.where(np.abs(gained) <= hair, 0.0, gained) / flow,
                "incremental_netback": np.where(np.abs(extra) <= cash, 0.0, extra) * self._scales.money,
            }
        )

    def digest(self) -> Digest:
        flow, amount = self.flow_unit, self.flow_unit.partition("/")[0]
        units = {
            **dict.fromkeys(("capacity", "exported", "incremental_exports"), flow),
            "incremental_netback": self.money_unit,
            "id": "1",
            "slope": f"{amount} for one",
            "netback_slope": f"USD for one {amount}",
        }
        figures = (
            Figure("saturates at", self.saturation, flow),
            Figure("maximum incremental exports", float(self.table["incremental_exports"].max()), flow),
        )
        tables = (
            Table("curve", "Corners", self.table, units),
            Table("studied_sizes", "Sizes", self.studied_sizes, units),
        )
        return Digest(f"What capacity of {self.leg} brings", f"{self.system.title or self.system.name}, {self.name}",
                      figures, tables)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,))

    def summary(self) -> str:
        """The corners, the marked sizes, and where more brings nothing."""
        title, leg = self.system.title or self.system.name, self.system.legs[self.leg]
        lines = [f"{title}, {self.name}: what each capacity of {leg.title or self.leg} brings"]
        if self.in_service < 1:
            lines.append(f"closures leave {self.in_service:.0%} of it in service")
        lines.append(f"corners; flows in {self.flow_unit}, extra netback in million {self.money_unit}")
        columns = ["capacity", "exported", "slope", "incremental_netback"]
        columns += ["netback_slope"] if self.measure == "netback" else []
        lines.append(self._shown(self.table[columns]).to_string(index=False))
        if len(self.studied_sizes):
            lines.append(self._shown(self.studied_sizes).to_string())
        gained = float(self.table["incremental_exports"].max())
        if gained == 0 and self.measure == "volume":
            lines.append("no capacity of it brings anything more")
        elif math.isfinite(self.saturation):
            what = (
                f"exports {number(gained)} {self.flow_unit} more than without it"
                if self.measure == "volume"
                else (
                    f"earns {money(float(self.table['incremental_netback'].iloc[-1]))} {self.money_unit} more than "
                    "without it"
                )
            )
            lines.append(f"beyond {number(self.saturation)} {self.flow_unit} more brings nothing; there it {what}")
        return "\n".join(lines)

    def _shown(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        shown = frame.copy()
        shown["incremental_netback"] = frame["incremental_netback"] / 1e6
        for column in shown:
            shown[column] = ["" if value != value else f"{value:,.2f}" for value in shown[column]]
        return shown

    def __repr__(self) -> str:
        return (
            f"CapacityCurve({self.leg!r}, {self.name}: {len(self.table)} corners, "
            f"saturated at {number(self.saturation)} {self.flow_unit})"
        )

    def __str__(self) -> str:
        return self.summary()
