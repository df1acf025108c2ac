"""The verb: what to build or harden when the adversary reacts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from routeopt.allocation.allocate import name_of
from routeopt.decide.defence.adversary import Setting
from routeopt.decide.defence.budget import Budget, budget_of
from routeopt.decide.defence.effects import same_matrix
from routeopt.decide.defence.options import Options, read_options
from routeopt.decide.defence.result import Defence
from routeopt.decide.defence.search import Search, by_columns, by_enumeration
from routeopt.elements.elements import Over, kind_of
from routeopt.elements.sweep import count_sets
from routeopt.errors import InputError, Problem, ScenarioError, did_you_mean
from routeopt.scenario import Closure, Scenario
from routeopt.scenario.resolve import resolve
from routeopt.system import ExportSystem

__all__ = ["defend"]

METHODS = ("auto", "enumeration", "ccg")
MEASURES = ("volume", "exports", "netback")

_CHOICES, _ATTACKS = 1_000, 30_000
"""By default so many choices, and so many attacks on different systems, are enumerated."""

MOST_CHOICES = 200_000
"""More choices are not enumerated at all."""

_ROUNDS = 500


def defend(
    system: ExportSystem,
    k: int,
    options: Options,
    *,
    over: Over = "leg",
    max_options: int | None = None,
    budget: float | str | None = None,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    measure: str = "volume",
    method: str = "auto",
) -> Defence:
    """Choose builds and protections that minimise the loss in the worst attack on up to ``k`` elements.

    The defender chooses options, the adversary sees them and takes the ``k`` worst decisions, the operator re-routes
    what is left, volume first (defender, attacker, defender: Brown, Carlyle, Salmeron and Wood 2006). What is built can
    be attacked too.

    Parameters
    ----------
    system : ExportSystem
    k : int
        How many decisions the adversary takes at most; it takes fewer where that is worse.
    options : mapping, or list of names and mappings
        What can be chosen: ``{name: option}``, or a list in which an option without a name is called after what it
        does. An option is a mapping of

        - ``build``: leg -> size, as in a scenario (what is built on a leg that stands is added);
        - ``reopen``: legs that are idle or hypothetical;
        - ``override``: other changes, as `ExportSystem.override` takes them (vessels, berths, quotas, losses);
        - ``extends``: scenarios of the system whose builds, reopened legs and overrides it brings;
        - ``protect``: decisions that the adversary cannot take, or decision -> share that an attack then leaves
          (``{"cpc-loading": "60 %"}``). A decision is protected by its own name: protecting a leg does not keep a
          country from closing it;
        - ``cost``: money a year (``"120e6 USD/y"``) or points (``2``);
        - ``excludes``: options that cannot be chosen beside it.

        In a list, the name of a leg that can be built stands for each of its sizes, and the name of a scenario for what
        it brings. Options that set the same number exclude each other.
    over : str or iterable of closures
        What the adversary can close, as in `routeopt.contingencies`.
    max_options : int, optional
        So many options at most.
    budget : float or str, optional
        What they may cost together: money a year, or a number in the unit of the costs. One of ``max_options`` and
        ``budget`` must be given.
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case.
    measure : str
        ``volume``: what refineries lack comes first, for the adversary and the defender, then exports; ``exports``
        alone; or ``netback``, with the operator still exporting all that can leave. What is built carries
        its capital charge in its tariff, so with ``netback`` that is counted, as far as it is used.
    method : str
        ``enumeration`` tries every choice; ``columns`` generates columns and constraints, for exports only (and for
        volumes where there is no refinery); ``auto`` enumerates where that is little work, or the only way.

    Returns
    -------
    Defence
        Of equally good choices the cheapest, then the smallest; others are in `Defence.ties`.

    Raises
    ------
    ScenarioError
        An option, a limit, ``k``, ``over`` or the scenario does not fit, with the place of each mistake; an option
        matters only over a horizon (storage, surge); or there is too much to try.
    SolveError
        An optimum does not exist or cannot be proven.

    Notes
    -----
    Losses are counted from one target for all defences: what is exported with nothing chosen and nothing attacked. So a
    build that exports more in calm times may make a loss negative.

    The cost of a build is by default what recovers its capital, a year (capital cost x r(1+r)^n/((1+r)^n-1) from the
    leg's ``build``). Where the cost of some option is not known and none is counted in points, each counts as one, and
    the summary says so.

    Time is not resolved: attacks last. Storage and surge only help for a while, so options that bring nothing else are
    refused: compare stress tests with and without them.

    Options that only add never make the worst attack worse by ``volume``. Counted in ``exports`` they may: a build that
    serves a refinery in want lowers them.

    How ``columns`` works is described in `routeopt.decide.defence.master.Master`.

    References
    ----------
    Brown, G., Carlyle, M., Salmeron, J., Wood, K. (2006). Defending critical infrastructure. Interfaces 36(6), 530-544.
    Zeng, B., Zhao, L. (2013). Solving two-stage robust optimization problems using a column-and-constraint generation
    method. Operations Research Letters 41(5), 457-461.

    Examples
    --------
    >>> import routeopt as ro
    >>> system = ro.ExportSystem.from_dict({
    ...     "units": {"flow": "kt/d"},
    ...     "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "port": {"kind": "market"}},
    ...     "legs": {
    ...         "line": {"from": "field", "to": "port", "capacity": "7 kt/d"},
    ...         "rail": {"from": "field", "to": "port", "capacity": "3 kt/d"},
    ...     },
    ... })
    >>> found = ro.defend(system, 1, [{"protect": "line"}, {"build": {"rail": "4 kt/d"}}], max_options=1)
    >>> found.chosen, found.lost, found.attack, found.undefended
    (('protect line',), 3.0, ('rail',), 7.0)
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ScenarioError(Problem(f"cannot attack with {k!r} decisions", ("k",), "write 1, 2, ..."))
    if method not in METHODS:
        raise InputError(Problem(f"unknown method {method!r}", ("method",), did_you_mean(str(method), METHODS)))
    if measure not in MEASURES:
        raise InputError(Problem(f"unknown measure {measure!r}", ("measure",), did_you_mean(str(measure), MEASURES)))
    if measure == "netback" and method == "ccg":
        text = "columns are generated for exports only, since operators put volume first"
        raise InputError(Problem(text, ("method",), "write method='enumeration' or measure='exports'"))
    if not isinstance(over, str | Closure | Mapping) and isinstance(over, Iterable):
        over = list(over)
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    read = read_options(system, flat, options)
    limits = budget_of(read, budget, max_options)
    setting = Setting(system, flat, over, read, measure).checked()
    if setting.starving and method == "ccg":
        text = "columns are generated for exports only, and here refineries come first"
        raise InputError(Problem(text, ("method",), "write method='enumeration' or measure='exports'"))
    search = Search(setting, limits)
    enumerates = (
        setting.money
        or setting.starving
        or method == "enumeration"
        or (method == "auto" and _is_little(setting, limits, k))
    )
    if enumerates:
        choices = list(itertools.islice(limits.choices(), MOST_CHOICES + 1))
        if len(choices) > MOST_CHOICES:
            text = f"more than {MOST_CHOICES:,} choices"
            columns = "measure='exports', method='ccg', " if setting.starving else "method='ccg', "
            hint = f"write {'' if setting.money else columns}a smaller budget, or fewer options"
            raise ScenarioError(Problem(text, ("options",), hint, "too-many"))
        levels = by_enumeration(search, choices, k)
    else:
        levels = by_columns(search, k, _ROUNDS)
    done = "enumeration" if enumerates else "column-and-constraint"
    return Defence(name_of(scenario, flat), kind_of(over), k, done, measure, search, tuple(levels))


def _is_little(setting: Setting, budget: Budget, k: int) -> bool:
    """Whether all choices are quickly tried; always where only that can be done."""
    base = setting.variant(())
    builds = [place for place, option in enumerate(setting.options) if option.builds]
    if not all(same_matrix(setting.variant((place,)), base) for place in builds):
        return True
    choices = list(itertools.islice(budget.choices(), _CHOICES + 1))
    if len(choices) > _CHOICES:
        return False
    systems = {tuple(place for place in chosen if setting.options[place].builds) for chosen in choices}
    modes = len(base.modes)
    return len(systems) * count_sets(modes, k) <= _ATTACKS
