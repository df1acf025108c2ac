"""Draws of closures through the kernel, held against an independent solver on every distinct one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from helpers.independent import independent_optimum
from routeopt.errors import UnboundedError
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.solve.batch import Batch
from routeopt.testing import random_scenario, random_system

DECISIONS = 8


@dataclass
class Exactness:
    """What was compared and how far it was off.

    Deviations of volumes and money are divided by the size of the figure, at least one kt (or kb) or one thousand USD
    a day.
    """

    systems: int = 0
    draws: int = 0
    distinct: int = 0
    kernel: int = 0
    handed_over: int = 0
    worst: float = 0.0
    above: int = 0
    where: str = ""
    features: dict[str, int] = field(default_factory=dict)

    def note(self, system, closures):
        """Count what the system has."""
        legs = system.legs.values()
        here = {
            "losses": any(leg.loss for leg in legs), "blending": any(leg.blends_into for leg in legs),
            "groups": bool(system.groups), "several commodities": len(system.streams) > 1,
            "components": any(leg.components for leg in legs), "fleets": any(leg.fleet for leg in legs),
            "contracts": bool(system.contracts), "partial closures": any(0 < one.left < 1 for one in closures),
            "embargoes": any(one.commodity for one in closures),
            "closed components": any(one.component for one in closures),
        }  # fmt: skip
        for name, has in here.items():
            self.features[name] = self.features.get(name, 0) + has


def examine(seed: int, draws: int, total: Exactness, decisions: int = DECISIONS) -> None:
    """Add one random system: every draw is solved by the kernel, every distinct draw by the independent solver too.

    Every third system puts money before volume; there the volume need not be unique and is not compared.
    """
    economic = seed % 3 == 2
    system = random_system(seed)
    found = (random_scenario(system, number, closures=1).closures for number in range(60))
    closures = list({str(one): one for several in found for one in several}.values())[:decisions]
    rng = np.random.default_rng([seed, 1])
    taken = rng.random((draws, len(closures))) < rng.uniform(0.05, 0.6, (draws, 1))
    try:
        batch = Batch(system, situate(system, Scenario()), closures, economic=economic)
        solved = batch.solve(taken, engine="kernel", chunk=2_000)
    except UnboundedError:  # a loop that earns money, if nobody forces it to export
        return
    # Every draw has its own answer; equal ones are compared with one solution of the other solver.
    patterns, of = np.unique(taken, axis=0, return_inverse=True)
    answers = np.empty((len(patterns), 3))
    for place, row in enumerate(patterns):
        scenario = Scenario(closures=tuple(closures[k] for k in np.flatnonzero(row)))
        optimum = independent_optimum(system, scenario, economic)
        answers[place] = optimum.exported, optimum.shortage, -optimum.netback
    expected = answers[of.ravel()]
    values = np.column_stack([solved.exported, solved.shortage, solved.money])
    off = np.abs(values - expected) / np.maximum(1.0, np.abs(expected))
    if economic:
        off[:, 0] = 0.0
    total.systems += 1
    total.draws += draws
    total.distinct += len(patterns)
    total.kernel += solved.counts.kernel
    total.handed_over += solved.counts.handed_over
    total.above += int((off.max(axis=1) > 1e-6).sum())
    total.note(system, closures)
    if off.max() > total.worst:
        total.worst, worst = float(off.max()), int(off.max(axis=1).argmax())
        which = [str(closures[k]) for k in np.flatnonzero(taken[worst])]
        total.where = (
            f"random_system({seed}), {'money first, ' if economic else ''}{' and '.join(which) or 'nothing closed'}"
        )
