"""The request for a simulation of outages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from routeopt.elements.elements import Element
from routeopt.resilience.outages.process import YEAR, Process
from routeopt.scenario import Scenario
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

__all__ = ["Setup"]


@dataclass(frozen=True, eq=False)
class Setup:
    """System, scenario, seed, events and their processes, and the arguments."""

    system: ExportSystem
    scenario: Scenario
    name: str
    seed: int
    common_causes: bool
    events: tuple[Element, ...]
    processes: tuple[Process, ...]
    basis: str
    asked: Mapping[str, Any]
    simulate: Callable[..., Any]

    @property
    def loss_unit(self) -> str:
        """Unit of losses: that of flows for snapshots, amounts per year for years."""
        flow = self.system.units.flow
        return flow if self.basis == "snapshot" else f"{flow.partition('/')[0]} per year"

    @property
    def unit(self) -> float:
        """Inner units (a day, or a year) in one unit of loss."""
        flow = self.system.units.flow
        return parse_unit(flow if self.basis == "snapshot" else flow.partition("/")[0]).factor

    @property
    def days(self) -> int:
        """Number of days that a loss covers."""
        return YEAR if self.basis == "year" else 1
