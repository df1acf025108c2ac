"""The worst case: which decisions to close something hurt most together."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from routeopt.allocation.allocate import name_of
from routeopt.decide.interdiction.attack import AttackLosses, Worst, by_enumeration, by_programme, enumerated
from routeopt.decide.interdiction.choices import Choices, choices_of
from routeopt.decide.interdiction.dual_bounds import prices_of, shortage_prices
from routeopt.decide.interdiction.milp import Milp
from routeopt.decide.interdiction.result import WorstCase
from routeopt.decide.interdiction.search import Found
from routeopt.elements.elements import Over
from routeopt.errors import CertificateError, Problem, ScenarioError, did_you_mean
from routeopt.model import objectives_of
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch
from routeopt.system import ExportSystem

__all__ = ["MEASURES", "worst_case"]

MEASURES = ("volume", "exports", "netback")
"""What an adversary can want to be lost: what refineries lack and then exports, exports alone, money."""


def worst_case(
    system: ExportSystem,
    k: int = 1,
    over: Over | Mapping[str, Any] = "leg",
    *,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    measure: str = "volume",
    attack_costs: Mapping[str, float] | None = None,
    budget: float | None = None,
    protect: Iterable[str] = (),
    economic: bool = False,
    enumerate: bool | Literal["auto"] = "auto",
    time_limit: float | None = None,
) -> WorstCase:
    """Find the attack on up to ``k`` elements that costs most when the operator re-optimises all flows.

    Parameters
    ----------
    system : ExportSystem
    k : int
        Most decisions. It counts decisions, not legs: a country closes all its legs with one.
    over : str, iterable of closures, or mapping
        What can be closed: a kind as in `routeopt.contingencies`; closures as in a file, each one decision; or a
        mapping of names to closures: ``{"cpc": [{"route": "cpc", "availability": "50 %"}, {"route": "cpc"}]}`` is one
        decision with two modes, of which at most one is taken. A list inside such a list is a mode of several closures.
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case; losses are measured relative to it.
    measure : str
        ``volume``: what refineries lack comes first, and of what they lack equally by, exports lost; ``exports``
        alone; or ``netback`` lost. The operator's objective is the same in all: refineries, then volume, then money.
    attack_costs : mapping of str to float, optional
        What a decision costs the adversary; one where nothing is said.
    budget : float, optional
        What he can spend, in place of ``k``.
    protect : iterable of str
        Names that cannot be attacked.
    economic : bool
        Let the operator shut fields in when exporting does not pay.
    enumerate : bool or "auto"
        Confirm the answer by full enumeration: always, never, or (default) where that takes about a second. With
        ``measure="netback"`` or ``economic=True`` enumeration is the only method. It also decides where the weight of
        unmet demand in the program is not certified.
    time_limit : float, optional
        Seconds for the mixed-integer program; `WorstCase.gap` reports what is left open. Where only enumeration is
        possible, seconds for that; running out is an error.

    Returns
    -------
    WorstCase

    Raises
    ------
    ScenarioError
        An argument cannot be used, a name is unknown, or there is nothing whose closure closes anything.
    CertificateError
        The program, the certified optimum of its attack and the enumeration do not agree.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    Bilevel program of Wood (1993) and Israeli and Wood (2002): the operator's linear program is dualised, with
    bounds on its prices that are derived and proved in `routeopt.decide.interdiction.dual_bounds`. The attack is
    solved again by the certified linear program, and compared. Enumeration solves a set only if no smaller one
    settles it (`routeopt.decide.interdiction.search`).

    By ``volume`` the adversary wants the opposite of what the operator wants, in the same order, so closing more never
    helps the operator: refineries that starve are never a gain, although the crude that they leave may be exported and
    ``lost`` be negative beside their ``shortage``. Exports alone can grow by a closure, and a netback when force
    majeure suspends a contract. So fewer than ``k`` decisions may be the worst, and then fewer are returned. Time is
    not resolved: closures hold all the time.

    References
    ----------
    Wood, R. K. (1993), Deterministic network interdiction, Mathematical and Computer Modelling 17(2). Israeli, E. and
    Wood, R. K. (2002), Shortest-path network interdiction, Networks 40(2).

    Examples
    --------
    >>> import routeopt as ro
    >>> kz = ro.load("kazakhstan")
    >>> worst = ro.worst_case(kz, k=2, over="route")
    >>> worst.attack, worst.confirmed_by_enumeration
    (('atyrau-samara', 'cpc'), True)
    >>> round(worst.exported - worst.allocation.exported - worst.lost, 6) + 0.0
    0.0
    """
    _check(measure, enumerate, time_limit)
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    situation = situate(system, flat)
    choices = choices_of(system, flat, situation, k, over, attack_costs, budget, protect)
    batch = Batch(system, situation, choices.closures, economic=economic)
    losses = AttackLosses(batch, measure)
    aligned = measure != "netback" and not economic
    if enumerate is False and not aligned:
        text = "this can only be found by full enumeration"
        raise ScenarioError(Problem(text, ("enumerate",), "leave enumerate out", "needs-enumeration"))
    until = None if time_limit is None else time.monotonic() + time_limit
    found = enumerated(losses, choices, enumerate, not aligned, until)
    if found is None and not aligned:
        text = f"{len(choices)} options make too many sets to go through{'' if until is None else ' in this time'}"
        raise ScenarioError(Problem(text, ("over",), "name fewer, or lower k or the budget", "too-many"))
    most = choices.most if budget is None else 1
    budgets = [choices.budget] if budget is not None else [float(size) for size in range(1, max(1, most) + 1)]
    levels, proven = _levels(losses, choices, found, budgets, until, aligned, situation)
    return WorstCase(
        system, flat, name_of(scenario, flat), measure, choices, economic, found is not None,
        found is not None or (proven and _closed(levels[-1], losses)),
        tuple(levels), _nearest(levels), losses,
    )  # fmt: skip


def _levels(
    losses: AttackLosses,
    choices: Choices,
    found: Found | None,
    budgets: list[float],
    until: float | None,
    aligned: bool,
    situation: Any,
) -> tuple[list[Worst], bool]:
    plan = losses.batch.plan
    levels = [by_enumeration(losses, choices.within(one), found) for one in budgets] if found is not None else []
    if not aligned:
        return levels, False
    objectives = objectives_of(losses.batch.program, situation)
    prices = prices_of(losses.batch.program, objectives)
    if found is not None and not prices.proven:
        return levels, True
    assert plan.closing is not None
    starving = shortage_prices(losses.batch.program, objectives) if losses.measure == "volume" else None
    milp = Milp(losses.batch.program, plan.bounds, objectives, plan.closing, choices, prices, starving)
    if found is None:
        for place, one in enumerate(budgets):
            last = place == len(budgets) - 1
            levels.append(by_programme(losses, choices.within(one), milp, until, ties=last))
        return levels, prices.proven
    said = by_programme(losses, choices, milp, until, ties=False)
    for what, here, most, known in (
        ("shortage", said.shortage, said.most_shortage, levels[-1].shortage),
        ("loss", said.lost, said.bound, levels[-1].lost),
    ):
        if what == "shortage" and starving is None:
            continue
        if here > known + 10 * losses.mip_noise or most < known - 10 * losses.mip_noise:
            unit = plan.bounds.unit
            text = f"the program finds a {what} of {here / unit:.9g} and excludes more than {most / unit:.9g}, "
            raise CertificateError(f"{text}all sets together {known / unit:.9g} (in units of {unit:g})")
    return levels, True


def _closed(worst: Worst, losses: AttackLosses) -> bool:
    """Whether nothing is left between what was found and what is excluded."""
    lacking = losses.measure == "volume" and worst.most_shortage - worst.shortage > 10 * losses.mip_flow_noise
    return not lacking and worst.bound - worst.lost <= 10 * losses.mip_noise


def _nearest(levels: list[Worst]) -> tuple[tuple[int, ...], ...]:
    """Of each level the set that has most in common with the one before; of equals the first."""
    chosen: list[tuple[int, ...]] = []
    before: set[int] = set()
    for worst in levels:
        chosen.append(min(worst.sets, key=lambda one: (len(one), -len(before & set(one)), one)))
        before = set(chosen[-1])
    return tuple(chosen)


def _check(measure: object, check: object, time_limit: object) -> None:
    if measure not in MEASURES:
        hint = did_you_mean(str(measure), MEASURES)
        raise ScenarioError(Problem(f"unknown measure {measure!r}", ("measure",), hint))
    if check not in (True, False, "auto"):
        raise ScenarioError(Problem(f"cannot read enumerate={check!r}", ("enumerate",), "write True, False or 'auto'"))
    if time_limit is not None and (
        isinstance(time_limit, bool) or not isinstance(time_limit, int | float) or not time_limit > 0
    ):
        raise ScenarioError(Problem(f"a time limit of {time_limit!r}", ("time_limit",), "write seconds above zero"))
