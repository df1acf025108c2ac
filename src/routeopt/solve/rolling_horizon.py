"""Perfect foresight and rolling horizon: one plan with all closures known, or new plans as information arrives."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from routeopt.arrays import Floats
from routeopt.errors import Problem, ScenarioError
from routeopt.model import Bounds, Program
from routeopt.model.temporal import Calls
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.case import Situation
from routeopt.scenario.timeline import Timeline, assets_of, cut_of, timeline
from routeopt.solve.horizon_solver import Prepared, Stage, Work
from routeopt.solve.lexicographic import Answer
from routeopt.solve.uniqueness import Question

__all__ = ["SolvedHorizon", "expected", "follow", "known_bounds"]


@dataclass(frozen=True, eq=False)
class SolvedHorizon:
    """A planned horizon: the twin of `routeopt.solve.engine.Solved` over time.

    ``shares``: what closures left in each period; ``bounds``: what holds over the whole horizon; ``x``: what was done;
    ``answer``: the last plan; ``plans``: each with the period in which it was made; ``best``: no alternative.
    """

    prepared: Prepared
    scenario: Scenario
    shares: Timeline
    calls: Calls
    bounds: Bounds
    x: Floats
    answer: Answer
    plans: tuple[tuple[int, Answer], ...]
    foresight: str
    work: Work
    best: bool = True

    @property
    def optimal(self) -> bool:
        """Whether it is the optimum of the whole horizon: everything was known, and it is no alternative."""
        return self.foresight == "perfect" and self.best

    @property
    def situation(self) -> Situation:
        """The scenario without its closures."""
        return self.prepared.situation

    @property
    def economic(self) -> bool:
        """Whether money came before volume."""
        return self.prepared.economic

    @cached_property
    def span(self) -> tuple[float, float]:
        """From when on closures leave less than a usual day uses, in the horizon, and when the last of those ends.

        Ordinals; both are the first day if they take nothing away. A recovery comes after the end.
        """
        periods, system = self.prepared.program.layout.periods, self.prepared.situation.system
        today = float(periods.edges[0])
        begins, ends = list[float](), [today]
        for closure in self.scenario.closures:
            _, start, end, whole = cut_of(closure, periods)
            for asset in assets_of(system, self.scenario, closure):
                for short, over in self.calls.short.get(asset, ()):
                    if max(short, start, today) < min(over, whole):
                        begins.append(max(short, start, today))
                        ends.append(min(over, end))
        return min(begins, default=today), max(ends)

    @property
    def program(self) -> Program:
        """The program that was solved: with rows for the shares, where capacity is apportioned."""
        sharing = self.prepared.sharing(self.bounds)
        return sharing.program if sharing else self.prepared.program

    @property
    def held(self) -> Bounds:
        """Bounds of the whole horizon in `program`, with the shares of an apportionment."""
        sharing = self.prepared.sharing(self.bounds)
        return sharing.holding(sharing.bounds(self.bounds), self.x) if sharing else self.bounds

    @cached_property
    def open_till(self) -> dt.date | None:
        """Where plans are made again: the day before which one that was as good when it was made leaves another state.

        None if what each plan hands over to the next (stocks, cargoes, what slow fields produce, balances of contracts
        and quotas) and what it exports till then are the same in all plans that are equally good and break ties for
        the same reasons, so that no generic weight decides; or if nobody asked for it.
        """
        for (now, answer), (then, _) in pairwise(self.plans):
            unique = answer.uniqueness
            if not isinstance(unique, Question):
                continue
            weights = self._handed_over(now, then)
            if not replace(unique, held=unique.named or unique.held, generic=weights).answer:
                return self.prepared.program.layout.periods.starts[then]
        return None

    def _handed_over(self, now: int, then: int) -> Floats:
        """Weights that tell apart what is done from a period on and handed over to another: states, and exports."""
        program, generic = self.prepared.program, self.prepared.objectives.generic
        layout, single, found = program.layout, program.single, np.zeros(self.program.shape[1])
        weights, every = layout.by_period(found), layout.by_period(generic)
        days, last = slice(now, then), then - 1
        weights[last, layout.columns("afloat")] = every[last, layout.columns("afloat")]
        weights[last, layout.columns("above")] = every[last, layout.columns("above")]
        weights[last, layout.columns("below")] = -every[last, layout.columns("above")]
        output = layout.column["output"]
        slow = output + np.union1d(layout.slow, layout.slow_back).astype(np.intp)
        weights[last, slow] = every[last, slow]
        if self.prepared.apportion[1]:
            weights[days, layout.columns("output")] += every[0, layout.columns("output")]
        weights[days, layout.lagged] = every[days, layout.lagged]
        for word, buckets in (("contract", layout.contracts), ("group", layout.quotas)):
            for place, bucket in enumerate(buckets):
                mine = bucket.periods[(bucket.periods >= now) & (bucket.periods < then)]
                if len(mine) and bucket.ends > layout.periods.edges[then]:
                    entries = (single.index == layout.row[word] + bucket.place) & (single.column_of_entry < output)
                    columns = single.column_of_entry[entries]
                    weights[np.ix_(mine, columns)] += (1.0 + 0.1 / (2.0 + place)) * single.value[entries]
        weights[days] += 0.7 * layout.by_period(self.prepared.objectives.volume)[days]
        return found

    def stages(self) -> list[Stage]:
        """Objectives in order, over the columns of `program`."""
        return self.prepared.wide(self.prepared.stages(), self.program)


def known_bounds(prepared: Prepared, scenario: Scenario) -> Bounds:
    """Compute the bounds of the whole horizon with all closures known."""
    actual = timeline(prepared.situation.system, scenario, scenario.closures, prepared.program.layout.periods)
    return prepared.bounds(actual, prepared.calls(actual))


def follow(
    prepared: Prepared, scenario: Scenario, foresight: str = "perfect", check: bool = False, greedy: bool = False
) -> SolvedHorizon:
    """Plan a scenario.

    With ``perfect`` foresight every closure and its end is known from the first day. A ``myopic`` plan knows, at each
    step, the closures of that day and what has been announced of their ends; one step of it is taken, and it is made
    again when something is learnt. ``check``: find out if optima are unique. ``greedy``: fields follow at once and
    produce as long as they can, whatever that costs, which tells when tanks fill.
    """
    periods = prepared.program.layout.periods
    system = prepared.situation.system
    actual = timeline(system, scenario, scenario.closures, periods)
    calls = prepared.calls(actual)
    work = Work()
    horizon = prepared.horizon
    if foresight != "perfect" and "cycle" in (horizon.end_stocks, horizon.initial_in_transit) and periods.planned > 1:
        text = "a horizon that comes back to its start cannot be planned without foresight: surprises break the circle"
        hint = "write keep for stocks and usual for initial_in_transit, or ask for foresight='perfect'"
        raise ScenarioError(Problem(text, ("horizon",), hint, "cyclic-horizon"))
    if foresight == "perfect":
        bounds = prepared.bounds(actual, calls, not greedy)
        answer = prepared.plan(bounds, work, calls.first, check, greedy)
        plan = ((0, answer),)
        return SolvedHorizon(prepared, scenario, actual, calls, bounds, answer.x, answer, plan, foresight, work)

    plans: list[tuple[int, Answer]] = []
    known: tuple[Closure, ...] | None = None
    asked: tuple[Bounds, float] | None = None
    whole = prepared.bounds(actual, calls, not greedy)
    for now in range(periods.planned):
        news = expected(scenario.closures, float(periods.edges[now]), float(periods.edges[now + 1]))
        if known is not None and news == known:
            continue
        known = news
        assumed = timeline(system, scenario, news, periods)
        # Actual closures until now, assumed ones from now on.
        ahead = actual.until(float(periods.edges[now + 1]), assumed)
        since = prepared.calls(assumed)
        bounds = prepared.bounds(ahead, since, not greedy)
        if asked is not None and asked[1] == since.first and asked[0].same(bounds):
            continue  # what was learnt changes nothing
        asked = bounds, since.first
        held = _with_past(prepared, bounds, plans[-1][1].x, now) if plans else bounds
        # Deferred to the first use, unless the solver is not HiGHS.
        ask = check and prepared.solver == "highs"
        plans.append((now, prepared.plan(held, work, since.first, ask, greedy, left=bounds)))
    answer = plans[-1][1]
    return SolvedHorizon(prepared, scenario, actual, calls, whole, answer.x, answer, tuple(plans), foresight, work)


def expected(closures: Sequence[Closure], day: float, tomorrow: float) -> tuple[Closure, ...]:
    """List the closures known on a day, with the ends expected then.

    A closure is known when it begins, when it is announced, or from the start if it is planned. Without
    announcements its end is known with it. An end that was announced holds until something else is said; when it has
    passed and the closure has not ended, or before anything is said, no end is expected.
    """
    known = []
    for closure in closures:
        begins = closure.start.toordinal() if closure.start else -math.inf
        said = [word for word in closure.announced if word.on.toordinal() < tomorrow]
        if begins >= tomorrow and not closure.planned and not said:
            continue
        ended = closure.end is not None and closure.end.toordinal() < tomorrow
        if ended or not closure.announced:
            # Earlier announcements are superseded.
            known.append(closure.model_copy(update={"announced": ()}))
            continue
        until = said[-1].until if said else None
        if until is not None and until.toordinal() < tomorrow:
            until = None
        if until is not None and closure.start is not None and until <= closure.start:
            until = closure.start + dt.timedelta(days=1)
        changes = {"end": until, "announced": (), "recovery": closure.recovery if until else None}
        known.append(closure.model_copy(update=changes))
    return tuple(known)


def _with_past(prepared: Prepared, bounds: Bounds, x: Floats, now: int) -> Bounds:
    """Return bounds that fix all periods before one at their outcome."""
    layout = prepared.program.layout
    lower, upper = bounds.lower.copy(), bounds.upper.copy()
    lower[: now * layout.size] = upper[: now * layout.size] = x[: now * layout.size]
    return replace(bounds, lower=lower, upper=upper)
