"""Other allocations that export as much and cost a little more, and what they avoid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from routeopt.allocation import Allocation, allocate
from routeopt.allocation.allocate import allocation_of
from routeopt.allocation.exposure import crossing_columns
from routeopt.errors import InputError, did_you_mean
from routeopt.model import Bounds
from routeopt.model.exposure_layers import Layers, deliveries, with_layers
from routeopt.model.sparse import with_row
from routeopt.results import Digest, Drawing, Figure, Origins, Result, Table
from routeopt.scenario import Closure, Scenario
from routeopt.solve.cycles import circles_may_pay, refuse_circles
from routeopt.solve.engine import Solved
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import face, lexicographic, proven
from routeopt.solve.near_optimal import read_slack
from routeopt.solve.parametric import Line, breakpoints
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.system import ExportSystem
from routeopt.system.target import SELECTORS
from routeopt.system.targets import Hits, hits

if TYPE_CHECKING:
    import pandas


__all__ = ["Alternatives", "alternatives"]


@dataclass(frozen=True, repr=False)
class Alternatives(Result):
    """Allocations on the frontier of transport cost against exposure.

    Attributes
    ----------
    base : Allocation
        The optimum.
    plans : tuple of Allocation
        One for each corner of the frontier up to the slack, from the cheapest to the least exposed.
    minimised : tuple of (selector, name)
        What is avoided.
    """

    drawings: ClassVar = {
        "frontier": Drawing("piecewise_linear:draw_exposure_frontier", "Corners of cost against exposure"),
    }

    base: Allocation
    plans: tuple[Allocation, ...]
    minimised: tuple[str, str]
    _corners: tuple[tuple[float, float], ...]

    @cached_property
    def frontier(self) -> pandas.DataFrame:
        """Corners of the frontier; it is straight between them.

        ``netback_lost``: netback below the optimum's, in the money unit of the allocations; ``extra_share``: the same
        as a share of the transport cost; ``exposed``: exported barrels that cross at least once, in the flow
        unit; ``share`` of the exports.
        """
        import pandas

        extra = np.array([cost for cost, _ in self._corners])
        exposed = np.array([barrels for _, barrels in self._corners])
        share = exposed / self.base.exported if self.base.exported else exposed * 0.0
        cost = abs(self.base.cost) or np.nan
        columns = {"netback_lost": extra, "extra_share": extra / cost, "exposed": exposed, "share": share}
        return pandas.DataFrame(columns).rename_axis("corner")

    @property
    def headline(self) -> str:
        """``a netback lower by 2.0% of transport cost removes 30.0% of the barrels through country X``."""
        first, last = self.frontier.iloc[0], self.frontier.iloc[-1]
        what = f"{self.minimised[0]} {self.minimised[1]}"
        if first["exposed"] <= 1e-9 * max(1.0, self.base.exported):
            return f"nothing crosses {what} as it is"
        removed = 1.0 - last["exposed"] / first["exposed"]
        if removed <= 1e-6:
            return f"within this slack no barrel can avoid {what} without being lost"
        given = f"a netback lower by {last['extra_share']:.1%} of transport cost"
        return f"{given} removes {removed:.1%} of the barrels through {what}"

    def digest(self) -> Digest:
        base, first, last = self.base, self.frontier.iloc[0], self.frontier.iloc[-1]
        flow, money = base.flow_unit, base.money_unit
        units = {"corner": "1", "netback_lost": money, "extra_share": "share", "exposed": flow, "share": "share"}
        figures = (Figure("exposed at least cost", float(first["exposed"]), flow),
                   Figure("exposed at most", float(last["exposed"]), flow),
                   Figure("for", float(last["netback_lost"]), money))  # fmt: skip
        return Digest(f"Less through {' '.join(self.minimised)}", base.system.title or base.system.name, figures,
                      (Table("frontier", "Corners of the frontier", self.frontier, units),),
                      (self.headline,))  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.base.system,), {plan.name: plan for plan in self.plans})

    def __repr__(self) -> str:
        return f"Alternatives({len(self.plans)} corners: {self.headline})"


def alternatives(
    system: ExportSystem,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    *,
    slack: str | float = "2 %",
    minimise: Mapping[str, str],
) -> Alternatives:
    """Find allocations that export as much, cost up to a slack more, and use less of something.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario or mapping, optional
    slack : str or float
        By how much net cost may be worse, as a share of the transport cost of the optimum.
    minimise : mapping
        What to avoid, as a closure would name it: ``{"country": "RU"}``, ``{"chokepoint": "turkish-straits"}``,
        ``{"leg": "btc"}``. A barrel counts once, however often it crosses. Over a horizon it counts if it crosses
        within it and is delivered; what was in tanks or under way before has not crossed.

    Returns
    -------
    Alternatives
        The exact frontier, with an allocation at each corner.

    Raises
    ------
    InputError
        ``minimise`` names nothing, or something without legs.
    ScenarioError, SolveError
        As `routeopt.allocate`.

    Examples
    --------
    >>> import routeopt as ro
    >>> kz = ro.load("kazakhstan")
    >>> found = ro.alternatives(kz, slack="5 %", minimise={"chokepoint": "turkish-straits"})
    >>> bool(found.frontier["share"].iloc[-1] < found.frontier["share"].iloc[0])
    True
    """
    share = read_slack(slack)
    kind, name = _target(system, minimise)
    base = allocate(system, scenario)
    over_time = base._over_time
    solved = base._solved if over_time is None else over_time.solved
    study = _Frontier(solved, crossing_columns(solved, kind, name))
    scales, days = base._tables.scales, 1.0 if over_time is None else over_time.layout.periods.total
    corners = study.corners(share * study.spent)
    plans = tuple(study.plan(base, extra, f"{base.name}, less {kind} {name}") for extra, _ in corners)
    shown = tuple((extra / days * scales.money, exposed / days / scales.flow) for extra, exposed in corners)
    return Alternatives(base, plans, (kind, name), shown)


def _target(system: ExportSystem, minimise: Mapping[str, str]) -> tuple[str, str]:
    if not isinstance(minimise, Mapping) or len(minimise) != 1:
        raise InputError("say what to avoid, for example minimise={'country': 'RU'}")
    ((kind, name),) = minimise.items()
    if kind not in SELECTORS:
        raise InputError(f"unknown selector {kind!r}; {did_you_mean(kind, SELECTORS)}")
    found = hits(system, Closure.model_validate({kind: name}))
    if not isinstance(found, Hits):
        raise InputError(found)
    if not found.legs:
        raise InputError(f"{kind} {name!r} has no legs that a barrel could avoid")
    return kind, name


class _Frontier:
    """The least exposure as a function of what may be spent on it."""

    def __init__(self, solved: Solved | SolvedHorizon, crossing: NDArray[np.bool_]) -> None:
        self.solved = solved
        if isinstance(solved, SolvedHorizon):
            pays, held, ties = solved.prepared.circular, solved.held, solved.prepared.ties()
            spending = solved.prepared.objectives.spending
        else:
            pays, held = circles_may_pay(solved.program, solved.objectives), solved.bounds
            spending = solved.objectives.spending
            ties = [("transit", solved.objectives.transit), ("generic", solved.objectives.generic)]
        refuse_circles(pays, "the cost of alternatives")
        self.ties, self.spent = ties, abs(float(spending @ solved.x[: len(spending)]))
        for name, cost in solved.stages()[:-1]:
            if name in solved.answer.duals:
                held = face(solved.program, held, cost, solved.answer.duals[name])
        self.money = money = solved.stages()[-1][1]
        self.least = float(money @ solved.answer.x)
        # A hair above the optimum, which is known to the last digit only.
        self.hair = 1e-9 * max(held.unit, float(np.abs(money * solved.answer.x).sum()))
        program, bounds = with_row(solved.program, held, money, -np.inf, self.least + self.hair)
        self.row = solved.program.shape[0]
        self.layers: Layers = with_layers(program, bounds, crossing, solved.bounds)
        wide = self.layers.program.shape[1]
        delivered = np.zeros(wide)
        delivered[deliveries(solved.program)] = 1.0
        self.crossed = delivered - self.layers.uncrossed
        self.session = Session(self.layers.program, self.layers.bounds)
        self.tolerance = 1e-8 * max(held.unit, float(delivered[: len(solved.answer.x)] @ solved.answer.x))

    def _bounds(self, extra: float) -> Bounds:
        return self.layers.bounds.with_rows([self.row], -np.inf, self.least + self.hair + extra)

    def corners(self, allowed: float) -> list[tuple[float, float]]:
        """Extra cost and exposed barrels at each corner, inner units."""

        def evaluate(extra: float) -> Line:
            bounds = self._bounds(extra)
            self.session.set_bounds(bounds)
            solution, proof, _ = proven(self.layers.program, bounds, self.crossed, self.session, "exposure")
            return Line(extra, -proof.value, max(0.0, -float(solution.y[self.row])))

        if allowed <= 0:
            return [(0.0, max(0.0, -evaluate(0.0).value))]
        found = [(line.at, max(0.0, -line.value)) for line in breakpoints(evaluate, 0.0, allowed, self.tolerance)]
        # Where more money buys nothing more the frontier has ended.
        while len(found) > 1 and found[-2][1] - found[-1][1] <= self.tolerance:
            found.pop()
        return found

    def plan(self, base: Allocation, extra: float, name: str) -> Allocation:
        """The allocation at a point of the frontier: least exposed, then cheapest, then as ties are broken."""
        n, wide = self.solved.program.shape[1], self.layers.program.shape[1]
        bounds = self._bounds(extra)
        self.session.set_bounds(bounds)
        ties = [(name, np.pad(cost, (0, wide - len(cost)))) for name, cost in self.ties]
        stages = [("exposure", self.crossed), ("money", np.pad(self.money, (0, wide - n)))]
        found = lexicographic(self.layers.program, bounds, stages, ties, self.session)
        answer = replace(found, x=found.x[:n], duals={})
        if isinstance(self.solved, Solved):
            return Allocation(base.system, base.scenario, name, replace(self.solved, answer=answer, optimal=False))
        solved = replace(self.solved, x=answer.x, answer=answer, plans=((0, answer),), best=False)
        return allocation_of(base.system, base.scenario, name, solved)
