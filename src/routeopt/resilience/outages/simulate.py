"""Outage risk: random outages of legs and components, and common causes."""

from __future__ import annotations

import concurrent.futures as futures
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from routeopt.allocation.allocate import name_of
from routeopt.elements.outages import failing
from routeopt.elements.values import SetValues, every_set
from routeopt.errors import InputError, Problem, did_you_mean
from routeopt.resilience.outages.process import Process, processes_of
from routeopt.resilience.outages.sample import Sample, instants, linked_years, separate_days
from routeopt.resilience.outages.states import States, all_are_solved, likely_states, pack, probabilities, unpack
from routeopt.resilience.outages.time import memory_of
from routeopt.resilience.risk.measures import Distribution
from routeopt.resilience.risk.profile import RiskProfile
from routeopt.resilience.risk.setup import Setup
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.batch import Batch
from routeopt.system import ExportSystem

__all__ = ["simulate_outages"]

MOST_STATES = 1 << 20

_REMEMBERED = 200_000
"""Number of states whose values are remembered."""


def simulate_outages(
    system: ExportSystem,
    *,
    draws: int | None = None,
    years: int | None = None,
    seed: int = 0,
    scenario: str | Scenario | Mapping[str, Any] | None = None,
    common_causes: bool = True,
    method: Literal["auto", "exact", "sample"] = "auto",
    intertemporal: bool | Literal["auto"] = "auto",
    initially_down: str | Iterable[str] | None = None,
    tolerance: float | None = None,
    economic: bool = False,
    executor: futures.Executor | None = None,
    chunk: int | None = None,
) -> RiskProfile:
    """Simulate random outages: expected loss, tail risk and the importance of each event.

    Refineries are served before exports. Their remaining shortage is shown beside the loss (``expected_shortage``) and
    ranks before it. Crude that they no longer receive may be exported, so a loss can be negative beside a shortage.

    Parameters
    ----------
    system : ExportSystem
        With ``outages`` on legs and components, or ``common_causes``.
    draws : int
        Number of snapshots (non-sequential Monte Carlo): independent states in the yearly steady state, on a random
        day. Losses are rates. If there are no more states than draws (or than 4,096), all states are solved instead,
        and the result is exact.
    years : int
        Number of chronological years (sequential Monte Carlo), each with its own failures and repairs. Losses are
        amounts per year. Only years describe a bad year; the tail of snapshots does not.
    seed : int
        The same seed gives the same outages, in every scenario that shares them: results can be compared draw by draw
        (`RiskProfile.compare`).
    scenario : str, Scenario or mapping, optional
        Background scenario. Losses are measured relative to it without outages.
    common_causes : bool
        True: a common cause closes its parts together. False: independently (`RiskProfile.independent`).
    method : str
        For snapshots: ``exact`` solves all states, or the ``draws`` most likely ones with a bound on the rest;
        ``sample`` draws; ``auto`` is exact if that takes no more solves, or if the bound is within the tolerance.
    intertemporal : bool or "auto"
        For years: False solves each day separately; True links days by tanks, cargoes, surge and ramps, which takes
        seconds per year; ``auto`` links days if anything in the system does.
    initially_down : str or iterable of str, optional
        For years: events down when each year begins (``leg btc``, ``cause storm``); all others are up.
        Default: the steady state.
    tolerance : float, optional
        Standard error of the expected loss, in its unit, at which to stop before ``draws`` or ``years``.
    economic : bool
        Maximise money before volume.
    executor : concurrent.futures.Executor, optional
        Distribute the states over its workers. The result does not depend on it.
    chunk : int, optional
        States per task. The result does not depend on it.

    Returns
    -------
    RiskProfile
        Losses are reproducible within the certificates' tolerance; their last bits depend on the engine, and so on
        the number of states.

    Raises
    ------
    InputError
        Not exactly one of draws and years is given, or one is not a positive whole number.
    ScenarioError
        Nothing in service can fail, or the scenario does not fit the system.
    SolveError
        A state has no optimum, or none that can be certified.

    Examples
    --------
    A field sends 10 kt/d over two lines of 6 kt/d, each down a fifth of the time. With one down 4 kt/d are lost, with
    both 10 kt/d: 2 x 0.16 x 4 + 0.04 x 10.

    >>> import routeopt as ro
    >>> line = {"from": "field", "to": "port", "capacity": "6 kt/d",
    ...         "outages": {"rate": "9.125 /y", "repair": {"mean": "10 d"}}}
    >>> system = ro.ExportSystem.from_dict({
    ...     "units": {"flow": "kt/d"},
    ...     "nodes": {"field": {"kind": "field", "output": "10 kt/d"}, "port": {"kind": "market"}},
    ...     "legs": {"one": line, "two": line},
    ... })
    >>> risk = ro.simulate_outages(system, draws=1000)
    >>> risk.exact, round(risk.expected_loss, 9), round(risk.loss_probability, 9)
    (True, 1.68, 0.36)
    """
    _check(draws, years, seed, tolerance, method, intertemporal)
    flat = resolve(system, scenario)
    situation = situate(system, flat)
    events = failing(situation, causes=common_causes)
    setup = Setup(
        system,
        flat,
        name_of(scenario, flat),
        seed,
        common_causes,
        tuple(events),
        processes_of(events),
        "year" if years else "snapshot",
        {
            "draws": draws,
            "years": years,
            "seed": seed,
            "method": method,
            "intertemporal": intertemporal,
            "tolerance": tolerance,
            "economic": economic,
            "initially_down": initially_down,
        },
        simulate_outages,
    )
    begin = _begin(initially_down, years, setup)
    batch = Batch(system, situation, [event.closure for event in events], economic=economic)
    values = SetValues(batch, executor=executor, chunk=chunk, remember=_REMEMBERED)
    stop = None if tolerance is None else tolerance * setup.unit
    if years is not None:
        tied = memory_of(situation)
        linked = intertemporal is True or (intertemporal == "auto" and bool(tied))
        if linked:
            sample = linked_years(system, flat, events, setup.processes, seed, years, stop, begin,
                                  economic=economic, executor=executor)  # fmt: skip
        else:
            sample = separate_days(events, setup.processes, values, seed, years, stop, begin)
        note = "days are linked by the time model" if linked else "each day is solved separately"
        if tied and not linked:
            note += f", although days are linked by {', '.join(tied)}"
        return _sampled(setup, values, sample, note)
    assert draws is not None
    states = _enumerated(values, setup.processes, draws, method, stop)
    if states is None:
        return _sampled(setup, values, instants(events, setup.processes, values, seed, draws, stop), "")
    return _exact(setup, values, *states)


def _enumerated(
    values: SetValues, processes: Sequence[Process], draws: int, method: str, stop: float | None
) -> tuple[States, float] | None:
    """States with probabilities and the probability of the rest; None to draw instead."""
    if method == "sample":
        return None
    many = len(processes)
    if all_are_solved(many, draws):
        states = every_set(many)
        return States(pack(states), probabilities(states, processes)), 0.0
    if method == "auto" and stop is None:
        return None
    states = likely_states([process.mean for process in processes], min(draws, MOST_STATES))
    weight = probabilities(states, processes)
    rest = max(0.0, 1.0 - float(weight.sum()))
    if method == "auto" and (stop is None or rest * abs(values.exported) > stop):
        return None
    return States(pack(states), weight), rest


def _exact(setup: Setup, values: SetValues, states: States, rest: float) -> RiskProfile:
    found = values.lost(unpack(states.packed, len(setup.events)))
    lost, weight = found[:, 0], states.weight
    if rest > 0.0:  # nothing loses more than all that is exported
        lost, weight = np.append(lost, values.exported), np.append(weight, rest)
    spread = Distribution.of(lost / setup.unit, weight)
    bound = rest * values.exported / setup.unit
    note = f"{len(found)} states, with a remaining probability of {rest:.2g}" if rest else f"all {len(found)} states"
    short = Distribution.of(found[:, 1] / setup.unit, states.weight)
    return RiskProfile(setup, spread, short, bound, None, states, float(found[:, 2] @ states.weight), values.counts,
                       values.exported, note, values.local(), found[:, :2])  # fmt: skip


def _sampled(setup: Setup, values: SetValues, sample: Sample, note: str) -> RiskProfile:
    lost = sample.lost / setup.unit
    short = Distribution.of(sample.shortage / setup.unit)
    return RiskProfile(setup, Distribution.of(lost), short, math.nan, lost, sample.states, sample.cost, values.counts,
                       values.exported, note, values.local(), None)  # fmt: skip


def _begin(down: str | Iterable[str] | None, years: int | None, setup: Setup) -> frozenset[str] | None:
    """Events down when a year begins; all copies of an independent common cause."""
    if down is None:
        return None
    if years is None:
        raise InputError(Problem("snapshots have no beginning", ("initially_down",), "pass years=1_000"))
    found: set[str] = set()
    for name in [down] if isinstance(down, str) else list(down):
        mine = {event.name for event in setup.events if event.name == name or event.name.startswith(f"{name} on ")}
        if not mine:
            hint = did_you_mean(str(name), [event.name for event in setup.events], other="events here")
            raise InputError(Problem(f"unknown event {name!r}", ("initially_down",), hint, "unknown-id"))
        found |= mine
    return frozenset(found)


def _check(draws: object, years: object, seed: object, tolerance: object, method: str, intertemporal: object) -> None:
    problems = []
    if (draws is None) == (years is None):
        place = "draws" if draws is None else "years"
        text = "exactly one of draws and years is required"
        problems.append(Problem(text, (place,), "pass draws=100_000 or years=1_000"))
    for key, value, least in (("draws", draws, 1), ("years", years, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= least
        if value is not None and not whole:
            problems.append(Problem(f"needs a whole number from {least}, not {value!r}", (key,)))
    if tolerance is not None and not (isinstance(tolerance, int | float) and 0 < tolerance < math.inf):
        problems.append(Problem(f"needs a positive number, not {tolerance!r}", ("tolerance",), "or leave it out"))
    for key, word, known in (
        ("method", method, ("auto", "exact", "sample")),
        ("intertemporal", intertemporal, ("auto", True, False)),
    ):
        if word not in known:
            problems.append(
                Problem(f"unknown word {word!r}", (key,), f"write {', '.join(map(str, known[:-1]))} or {known[-1]}")
            )
    if problems:
        raise InputError(problems)
