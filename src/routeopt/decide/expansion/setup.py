"""A question to `expand`, as it was read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from routeopt.decide.expansion.options import Option, operating
from routeopt.decide.expansion.outcomes import Operator, Outages, Source, states_of
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.values import States
from routeopt.scenario import Scenario
from routeopt.system import ExportSystem, Quantity

__all__ = ["Case", "Setup"]


@dataclass(frozen=True)
class Case:
    """A scenario and how likely it is."""

    name: str
    scenario: Scenario
    probability: Quantity


@dataclass(frozen=True)
class Setup:
    """A question as it was read: everything that an answer depends on; arguments as in `expand`."""

    system: ExportSystem  # with the options in it
    options: tuple[Option, ...]
    cases: tuple[Case, ...]
    outages: bool
    draws: int
    seed: int
    operator: Operator
    risk: CVaR
    continuous: bool
    method: str
    toll: bool

    def sampled(self) -> Outages | None:
        """The random instants of the base."""
        if not self.outages:
            return None
        return states_of(self.system, {one.leg: one.sizes[-1] for one in self.options}, self.draws, self.seed)

    def states(self, sampled: Outages | None) -> States:
        """All states, ready to be solved."""
        seen = operating(self.system, self.options)
        charged = self.system if self.toll else None
        sources = [Source(seen, Scenario(), sampled, self.operator, charged)]
        sources += [Source(seen, case.scenario, None, self.operator, charged) for case in self.cases]
        chances = np.array([case.probability.inner for case in self.cases])
        base = np.ones(1) if sampled is None else sampled.weight
        return States(tuple(sources), tuple(case.name for case in self.cases), chances, base)

    def on(self, system: ExportSystem) -> Setup:
        """The same question about a system with other numbers."""
        options = []
        for option in self.options:
            build = system.legs[option.leg].build
            assert build is not None
            options.append(Option(option.leg, build))
        return replace(self, system=system, options=tuple(options))
