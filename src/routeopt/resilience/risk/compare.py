"""Two risk profiles side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from routeopt.intervals import digits
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table

if TYPE_CHECKING:
    import pandas

__all__ = ["RiskComparison"]


@dataclass(frozen=True)
class RiskComparison(Result):
    """Difference of two risk profiles (other less this one), in `unit`.

    Attributes
    ----------
    names : (str, str)
        Scenarios: this one, the other one.
    difference : float
        Difference of expected losses; negative if the other loses less.
    standard_error : float
        Standard error of `difference`; small if both have the same outages.
    exported : float
        Difference of mean exports, including that of exports without outages.
    cvar : float
        Difference of the CVaR at 95%.
    paired : bool
        Whether losses are compared draw by draw.
    unit : str
    measures : tuple of (str, float, float)
        Each measure of this one and of the other, as in `table`.
    profiles : tuple of RiskProfile
        This one and the other.
    """

    drawings: ClassVar = {
        "curve": Drawing("risk:draw_risk_curves", "Exceedance probability of losses, side by side"),
    }

    names: tuple[str, str]
    difference: float
    standard_error: float
    exported: float
    cvar: float
    paired: bool
    unit: str
    measures: tuple[tuple[str, float, float], ...] = field(default=(), repr=False)
    profiles: tuple[Any, ...] = field(default=(), repr=False, compare=False)

    @property
    def table(self) -> pandas.DataFrame:
        """Both profiles and the ``difference``; index = measure, as in `RiskProfile.table`."""
        import pandas

        one, other = self.names
        rows = {name: {one: first, other: second, "difference": second - first}
                for name, first, second in self.measures}  # fmt: skip
        return pandas.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis("measure")

    def digest(self) -> Digest:
        figures = (Figure("expected loss, difference", self.difference, self.unit),
                   Figure("CVaR 95%, difference", self.cvar, self.unit),
                   Figure("exported on average, difference", self.exported, self.unit))  # fmt: skip
        named = self.profiles[0].table["unit"].to_dict() if self.profiles else {}
        units = [self.unit if name == "exported" else named.get(name, "") for name in self.table.index]
        table = Table("measures", "Side by side", self.table.assign(unit=units))
        words = "on the same draws" if self.paired else "not paired draw by draw"
        return Digest(" and ".join(self.names), "outages", figures, (table,), (str(self), words))

    def origins(self) -> Origins:
        made = [profile.origins() for profile in self.profiles]
        scenarios = {name: scenario for one in made for name, scenario in one.scenarios.items()}
        systems = tuple(system for one in made for system in one.systems)
        return Origins(systems, {}, scenarios, {"seed": made[0].settings["seed"]} if made else {})

    def __str__(self) -> str:
        way = "less" if self.difference <= 0 else "more"
        text = digits(abs(self.difference), self.standard_error)
        error = f" (standard error {self.standard_error:.2g})" if self.standard_error else ""
        lacking = sum(other - one for name, one, other in self.measures if name == "expected_shortage")
        short = (
            f"; unmet refinery demand {abs(lacking):.4g} {'less' if lacking < 0 else 'more'}"
            if abs(lacking) > 1e-9
            else ""
        )
        return f"{self.names[1]} loses {text} {self.unit} {way} than {self.names[0]}{error}{short}"
