"""What to build when nobody knows what will close: a two-stage stochastic programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from routeopt.decide.expansion.plan import ExpansionPlan
from routeopt.decide.expansion.risk import CVaR
from routeopt.decide.expansion.setup import read_setup
from routeopt.decide.expansion.solve import solve_setup
from routeopt.scenario import Scenario
from routeopt.system import ExportSystem

__all__ = ["expand"]

OneScenario = str | Scenario | Mapping[str, Any]


def expand(
    system: ExportSystem,
    options: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]],
    scenarios: Mapping[str, Any] | Sequence[OneScenario] | None = None,
    *,
    outages: bool = False,
    draws: int = 1000,
    seed: int = 0,
    risk: CVaR | None = None,
    economic: bool = False,
    lost_value: str | float = 0.0,
    shortage_value: str | float | None = None,
    toll: bool = False,
    continuous: bool = False,
    method: Literal["auto", "enumerate", "extensive", "l-shaped"] = "auto",
) -> ExpansionPlan:
    """Choose what to build, and how large, before it is known what will close.

    The first stage chooses sizes and pays an annuity for them, k; the second sees the state s and pays Q(s). What is
    minimised is k + (1 - λ) E[Q] + λ CVaR[Q]. A year is one state: nothing is built between years, and what closes is
    closed all year (outages: at a random instant of the steady state).

    **Capital.** capex × r(1+r)ⁿ/((1+r)ⁿ-1) a year, from the sizes, capex, discount and life of the option. It is sunk
    once built, so the operator of the second stage is not charged for it: the capital that `routeopt.allocate` adds to
    the tariff of a built leg is left out here, and is paid once, by the annuity, whether oil flows or not. If the rate
    of interest already asks a premium for closures, they count twice: take a rate without it.

    **Second stage.** Q = spending - revenue + lost_value × volume lost + shortage_value × refineries' shortage, where
    the volume lost is counted from what the base exports with nothing built (what is exported beyond that counts as
    a gain here, and as no loss in `ExpansionPlan.expected_loss`). It is one sum whoever decides:

    - volume first (the default, as in `routeopt.allocate`): refineries, then exports, then money. The flows do not
      minimise Q, so Q is in general neither convex in a size nor falling. It is exact for discrete sizes, where every
      combination is solved; there is no linear programme for continuous ones, and they are refused.
    - ``economic=True``: the flows minimise Q itself. Then Q is convex in the sizes, sizes may be continuous, and both
      the deterministic equivalent and the L-shaped method apply. Refineries come first only as far as
      ``shortage_value`` says.

    Revenue that is missed counts in full. Oil that is shut in is not gone, though: what it is worth later, and the cost
    of lifting it that is saved, belong into a negative ``lost_value``; penalties and trust into a positive one.

    Parameters
    ----------
    system : ExportSystem
    options : str, mapping, or sequence of those
        Legs with a ``build`` record (sizes, capex, discount, life), or the same as data: ``{"leg": "rail", "sizes":
        ["2 Mt/y"], "capex": ["1e9 USD"], "discount": "8 %", "life": "20 y"}``. A leg that operates gets the size on
        top.
    scenarios : mapping or sequence
        Probabilities by name, ``{"cpc-closed": "5 %"}``, or scenarios as data with a ``probability``. At most one of
        them happens in a year; the rest of the probability is the base. A probability may have ``low`` and ``high``.
    outages : bool
        Let legs, components and causes fail by chance in the base, as in `routeopt.simulate_outages`. Every choice
        meets the same draws (common random numbers), equal states are merged, and where there are few all are
        enumerated. Scenarios have no outages on top.
    draws, seed : int
        Of the outages.
    risk : CVaR, optional
        How the bad tail is weighed; the mean alone if not given.
    economic : bool
        See above.
    lost_value : str or float
        What a unit of lost exports costs beside the revenue that is missed, ``"50 USD/t"``, in the system's tonnes or
        barrels.
    shortage_value : str or float, optional
        What a unit that refineries lack costs; what the dearest market pays if not given.
    toll : bool
        Let shippers pay the annuity as a charge on each tonne at full use, as `routeopt.allocate` does: flows then
        leave an option empty where others are cheaper. The charge goes to its owner, who pays the annuity with it, so
        it is counted once. Without it (the default) flows follow operating costs alone, which is the cheapest for all
        of them together, and the annuity is nobody's reason to leave the line empty. Discrete sizes only.
    continuous : bool
        Any size from zero to the largest, capex and limits straight between the studied sizes and from zero to the
        smallest. Capex that falls with size a unit (economies of scale) is not convex: then a binary for each piece
        makes it a mixed-integer programme, exact but without marginal values.
    method : str
        ``enumerate`` solves every combination of sizes in the batch engine; ``extensive`` is the deterministic
        equivalent in HiGHS; ``l-shaped`` decomposes. Answers of the last two are solved again state by state and
        proven.

    Returns
    -------
    ExpansionPlan

    Raises
    ------
    InputError
        Options, probabilities or prices that cannot be used; sizes that the method cannot do.
    ScenarioError
        A scenario does not fit the system, or builds an option itself.
    SolveError
        There is no optimum, or none that can be proven.

    Examples
    --------
    A line of 10 Mt/y earns 100 USD/t. A second one of 5 costs 73 million a year and is worth 500 when the first is
    shut: it pays from a probability of 0.146 on.

    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "price": "100 USD/t",
    ...     "nodes": {"field": {"kind": "field", "output": "10 Mt/y"}, "port": {"kind": "market"}},
    ...     "legs": {
    ...         "line": {"from": "field", "to": "port", "capacity": "10 Mt/y"},
    ...         "second": {"from": "field", "to": "port", "status": "hypothetical",
    ...                    "build": {"sizes": "5 Mt/y", "capex": "730e6 USD", "life": "10 y"}},
    ...     },
    ... }).with_scenarios({"shut": ro.Scenario.model_validate({"closures": [{"leg": "line"}]})})
    >>> plan = ro.expand(system, "second", {"shut": 0.2})
    >>> {leg: str(size) for leg, size in plan.build.items()}
    {'second': '5 Mt/y'}
    >>> round(float(plan.break_even["break_even"].iloc[0]), 9)
    0.146
    """
    setup = read_setup(
        system, options, scenarios, outages=outages, draws=draws, seed=seed, risk=risk, economic=economic,
        lost_value=lost_value, shortage_value=shortage_value, toll=toll, continuous=continuous,
        method=method,
    )  # fmt: skip
    return ExpansionPlan(solve_setup(setup))
