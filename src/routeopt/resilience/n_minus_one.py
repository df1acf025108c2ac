"""N-1: by formula, and of the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.allocation import Allocation, allocate
from routeopt.arrays import Floats
from routeopt.elements.elements import Element, Over, closable, kind_of
from routeopt.elements.losses import levels, worst_first
from routeopt.elements.values import SetValues
from routeopt.model import bounds_of
from routeopt.model.conversion import Conversion
from routeopt.results import Digest, Figure, Origins, Result, Table, number
from routeopt.scenario import Scenario
from routeopt.scenario.case import situate
from routeopt.scenario.resolve import resolve
from routeopt.solve.engine import program_of
from routeopt.solve.highs import Session
from routeopt.solve.lexicographic import proven
from routeopt.system import ExportSystem
from routeopt.units import parse_unit

if TYPE_CHECKING:
    import pandas

__all__ = ["NMinusOne", "n_minus_one"]


@dataclass(frozen=True, repr=False, eq=False)
class NMinusOne(Result):
    """What is left when the largest element fails, by two measures. Flows are in the system's unit.

    Attributes
    ----------
    base : Allocation
        Everything in service.
    over : str
        What the elements are.
    capacities : mapping of str to float
        Capacity of each route as the formula counts it.
    """

    base: Allocation
    over: str
    capacities: dict[str, float]
    _system: ExportSystem
    _scenario: Scenario
    _elements: dict[str, Element]
    _exports: Floats
    _worse: Floats
    _noise: float

    @cached_property
    def closed(self) -> dict[str, Allocation]:
        """The allocation with each element closed by itself; ``port = loading`` where two names close the same."""
        return {name: self._allocation(name) for name in self._elements}

    def _allocation(self, name: str) -> Allocation:
        return allocate(self._system, self._scenario, close=[self._elements[name].closure.written()])

    @cached_property
    def table(self) -> pandas.DataFrame:
        """``flow`` before, ``shortage`` of refineries with it closed beyond that before, ``exported`` then, ``lost``,
        ``ratio`` = exports / exports before. The worst first: refineries come first, so what they lack decides, then
        what is lost.

        Over routes also ``capacity`` and ``formula_ratio``: (all capacities - this one) / production.
        """
        import pandas

        lost, shortage = self._worse[:, 0], self._worse[:, 1]
        frame = pandas.DataFrame(
            {
                "shortage": shortage,
                "exported": self._exports,
                "lost": lost,
                "ratio": self._exports / self.base.exported,
            },
            pandas.Index(list(self._elements), name=self.over, dtype=object),
        )
        if self.over == "route":
            flow, every = self.base.routes["flow"].to_dict(), sum(self.capacities.values())
            routes = [element.names for element in self._elements.values()]
            capacity = [sum(self.capacities[name] for name in names) for names in routes]
            frame.insert(0, "flow", [float(sum(flow[name] for name in names)) for names in routes])
            frame.insert(1, "capacity", capacity)
            frame["formula_ratio"] = [(every - one) / self.production for one in capacity]
        return frame.iloc[worst_first(levels(shortage, self._noise), levels(lost, self._noise))]

    @property
    def production(self) -> float:
        """What fields can bring to the routes: output less what refineries take."""
        available = float(self.base.fields["available"].sum())
        return available - float(self.base.refineries["flow"].sum())

    @cached_property
    def formula_ratio(self) -> float:
        """(sum of route capacities - the largest) / production; the form of Regulation (EU) 2017/1938, Annex II, for
        an exporter."""
        return (sum(self.capacities.values()) - max(self.capacities.values(), default=0.0)) / self.production

    @cached_property
    def network_ratio(self) -> float:
        """Least share of the exports that is left with one element closed, by the optimum of the network."""
        return float(self._exports.min()) / self.base.exported

    @property
    def most_short_element(self) -> str:
        """The element whose closure refineries lack most under; empty if they lack nothing more under any."""
        first = self.table.iloc[0]
        return str(first.name) if first["shortage"] > 0 else ""

    @property
    def critical_element(self) -> str:
        """The element whose closure leaves least for export, the one behind `network_ratio`."""
        return list(self._elements)[int(np.flatnonzero(levels(-self._exports, self._noise) == 0)[0])]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Why the two disagree, in sentences, each with its number."""
        unit, plan = self.base.flow_unit, self._allocation(self.critical_element)
        largest = max(self.capacities, key=lambda name: self.capacities[name])
        found = []
        if self.over == "route" and largest != self.critical_element:
            found.append(
                f"the largest capacity is {largest}'s; the closure that costs most is {self.critical_element}'s"
            )
        if self.over != "route":
            found.append(f"the formula closes the route with the largest capacity, {largest}; the network closes "
                         f"{self.over} {self.critical_element}, which other routes may share")  # fmt: skip
        before = self.base.routes["flow"].to_dict()
        for route, flow in plan.routes["flow"].to_dict().items():
            capacity = self.capacities[str(route)]
            if flow < capacity * (1 - 1e-6) and flow > before[route] - 1e-9:
                found.append(f"{route} is counted with {number(capacity)} {unit} and carries {number(flow)} then")
        binding = plan.bottlenecks
        binding = binding[(binding["status"] == "full") & (binding["marginal_exports"] > 0)].head(4)
        for name, capacity, own in zip(binding.index, binding["capacity"].tolist(), binding["unit"], strict=True):
            found.append(f"{name} is full ({number(capacity)} {own}) and stands between fields and free capacity")
        capacities = self.base.legs["capacity"].to_dict()
        for leg, route in self.base.system.metering_legs.items():
            record = self.base.system.legs[leg]
            if record.taken:
                found.append(f"{leg} ({route}) is shared with others: {number(capacities[leg])} {unit} of it are the "
                             "exporter's")  # fmt: skip
        return tuple(found)

    def digest(self) -> Digest:
        flow, system = self.base.flow_unit, self.base.system
        figures = [Figure("network", self.network_ratio, "share"), Figure("formula_ratio", self.formula_ratio, "share"),
                   Figure("weakest", self.critical_element), Figure("production", self.production, flow)]  # fmt: skip
        if self.most_short_element:
            lacking = float(self.table["shortage"].iloc[0])
            figures.append(Figure(f"refineries lack without {self.most_short_element}", lacking, flow))
        units = {**dict.fromkeys(("flow", "shortage", "exported", "lost", "capacity"), flow),
                 "ratio": "share", "formula_ratio": "share"}  # fmt: skip
        return Digest(f"N-1 over {self.over}", system.title or system.name, tuple(figures),
                      (Table("elements", "Each closed by itself", self.table, units),), self.notes)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.base.system,), {"base": self.base})

    def __repr__(self) -> str:
        return (
            f"NMinusOne({self.base.system.name!r}, network {self.network_ratio:.0%}, formula {self.formula_ratio:.0%})"
        )

    def __str__(self) -> str:
        shown = self.table.to_string(float_format=lambda value: f"{value:,.2f}")
        head = (
            f"N-1 of the network {self.network_ratio:.1%} ({self.over} {self.critical_element} closed), by "
            f"formula {self.formula_ratio:.1%}"
        )
        if self.most_short_element:
            lacking = number(float(self.table["shortage"].iloc[0]))
            head += f"; refineries lack most, {lacking}, with {self.over} {self.most_short_element} closed"
        lines = [f"{head}; flows in {self.base.flow_unit}", shown, *(f"- {line}" for line in self.notes)]  # fmt: skip
        return "\n".join(lines)


def n_minus_one(
    system: ExportSystem, scenario: str | Scenario | dict[str, Any] | None = None, over: Over = "route"
) -> NMinusOne:
    """What is left when the largest element fails: by the regulator's formula, and by the optimum of the network.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario or mapping, optional
        What holds besides.
    over : str or iterable of closures
        What fails, as in `routeopt.contingencies`. The largest *common* element counts: a port, a strait, a trunk.

    Returns
    -------
    NMinusOne

    Raises
    ------
    ScenarioError
        The scenario does not fit, or there is nothing of that kind.

    Notes
    -----
    The formula adds up capacities of routes; capacity is not spare capacity, and a route cannot carry what does not
    reach it. A route is counted with the nameplate of its markers; where a marker has no limit of its own, with that
    of the smallest group that holds them all, and without one with the most that the network can send through it.

    Examples
    --------
    >>> import routeopt as ro
    >>> both = ro.n_minus_one(ro.load("kazakhstan"))
    >>> both.critical_element, round(both.network_ratio, 2), bool(both.formula_ratio > both.network_ratio)
    ('cpc', 0.25, True)
    """
    flat = resolve(system, scenario).model_copy(update={"horizon": None})
    base = allocate(system, flat)
    _, elements, batch = closable(system, flat, over)
    values, flow = SetValues(batch), parse_unit(system.units.flow).factor
    alone = [[place] for place in range(len(elements))]
    return NMinusOne(
        base, kind_of(over), {name: _capacity(system, flat, base, name) for name in map(str, base.routes.index)},
        system, flat, {element.name: element for element in elements}, values.of(alone)[:, 0] / flow,
        values.lost(alone) / flow, values.noise / flow,
    )  # fmt: skip


def _capacity(system: ExportSystem, scenario: Scenario, base: Allocation, route: str) -> float:
    """Nameplate of a route's markers that stand; where they have none, the least group that holds all of them."""
    states, unit = base.legs["status"], parse_unit(system.units.flow).factor
    markers = [leg for leg, name in system.metering_legs.items() if name == route]
    running = [leg for leg in markers if states[leg] not in ("idle", "hypothetical", "defunct")]
    if not running:
        return 0.0
    convert = Conversion(system)
    total = 0.0
    for name in running:
        leg = system.legs[name]
        built = scenario.build[name].inner if name in scenario.build else 0.0
        nominal = built if leg.status != "operating" and built else leg.nominal + built
        total += nominal / convert.mean(leg.measured_by, leg.commodities or system.streams) / unit
    if np.isfinite(total):
        return total
    groups = [
        group.capacity.inner / convert.mean(group.capacity.measured_by, system.streams) / unit
        for group in system.groups.values()
        if group.capacity is not None and set(running) <= set(group.legs)
    ]
    return min(groups) if groups else _most(system, scenario, route)


def _most(system: ExportSystem, scenario: Scenario, route: str) -> float:
    """The most that the network can send through a route whose markers have no limit of their own."""
    situation = situate(system, scenario)
    program = program_of(situation.system)
    bounds = bounds_of(program, situation)
    legs = [program.layout.topology.leg_place[leg] for leg, name in system.metering_legs.items() if name == route]
    cost = np.zeros(program.shape[1])
    mine = np.flatnonzero(np.isin(program.layout.flow_leg, legs))
    cost[mine] = -program.gain[program.layout.flow_leg[mine]]
    # No more than the fields produce can come out of it.
    upper = bounds.upper.copy()
    upper[mine] = np.minimum(upper[mine], bounds.upper[program.layout.columns("output")].sum())
    limited = type(bounds)(bounds.lower, upper, bounds.row_lower, bounds.row_upper, bounds.unit)
    solution, _, _ = proven(program, limited, cost, Session(program, limited), "capacity of a route")
    return float(-(cost @ solution.x) / parse_unit(system.units.flow).factor)
