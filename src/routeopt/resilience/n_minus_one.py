"""N-1: by capacity formula, and by optimum of the network."""

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
from routeopt.results import Digest, Figure, Origins, Result, Table, number, percent
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
    """Exports left after the worst single outage, by two measures; flows in the flow unit.

    Attributes
    ----------
    base : Allocation
        Plan with all elements in service.
    over : str
        Kind of element.
    capacities : mapping of str to float
        Capacity of each route in the formula.
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
        """Allocation with each element closed alone; ``port = loading`` for two names of one."""
        return {name: self._allocation(name) for name in self._elements}

    def _allocation(self, name: str) -> Allocation:
        return allocate(self._system, self._scenario, close=[self._elements[name].closure.written()])

    @cached_property
    def table(self) -> pandas.DataFrame:
        """Outage of each element alone, worst first; index = element.

        ``shortage``: additional unmet refinery demand; ``exported``; ``lost``; ``ratio``: exported / exports before.
        The order is by shortage, then by loss. Over routes also ``flow`` before the outage, ``capacity`` and
        ``formula_ratio``: (all capacities - this one) / production.
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
        """Production available to the routes: output less deliveries to refineries."""
        available = float(self.base.fields["available"].sum())
        return available - float(self.base.refineries["flow"].sum())

    @cached_property
    def formula_ratio(self) -> float:
        """(Sum of route capacities - the largest) / `production`.

        The N-1 formula of Regulation (EU) 2017/1938, Annex II, for an exporter.
        """
        return (sum(self.capacities.values()) - max(self.capacities.values(), default=0.0)) / self.production

    @cached_property
    def network_ratio(self) -> float:
        """Smallest share of exports left with one element closed, by optimum of the network."""
        return float(self._exports.min()) / self.base.exported

    @property
    def most_short_element(self) -> str:
        """Element whose outage leaves refineries shortest; empty if there is no shortage."""
        first = self.table.iloc[0]
        return str(first.name) if first["shortage"] > 0 else ""

    @property
    def critical_element(self) -> str:
        """Element whose outage leaves the least exports, as in `network_ratio`."""
        return list(self._elements)[int(np.flatnonzero(levels(-self._exports, self._noise) == 0)[0])]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Reasons for the difference between the two ratios, with numbers."""
        unit, plan = self.base.flow_unit, self._allocation(self.critical_element)
        largest = max(self.capacities, key=lambda name: self.capacities[name])
        found = []
        if self.over == "route" and largest != self.critical_element:
            found.append(f"{largest} has the largest capacity, but the closure of {self.critical_element} loses most")
        if self.over != "route":
            found.append(f"the formula closes the route with the largest capacity, {largest}; the network closes "
                         f"{self.over} {self.critical_element}, which other routes may share")  # fmt: skip
        before = self.base.routes["flow"].to_dict()
        for route, flow in plan.routes["flow"].to_dict().items():
            capacity = self.capacities[str(route)]
            if flow < capacity * (1 - 1e-6) and flow > before[route] - 1e-9:
                found.append(f"{route} counts with {number(capacity)} {unit} but carries {number(flow)} in this outage")
        binding = plan.bottlenecks
        binding = binding[(binding["status"] == "full") & (binding["marginal_exports"] > 0)].head(4)
        for name, capacity, own in zip(binding.index, binding["capacity"].tolist(), binding["unit"], strict=True):
            found.append(f"{name} is at capacity ({number(capacity)} {own}), between the fields and spare capacity")
        capacities = self.base.legs["capacity"].to_dict()
        for leg, route in self.base.system.metering_legs.items():
            record = self.base.system.legs[leg]
            if record.taken:
                found.append(f"{leg} ({route}) is shared with third parties: the exporter has "
                             f"{number(capacities[leg])} {unit}")  # fmt: skip
        return tuple(found)

    def digest(self) -> Digest:
        flow, system = self.base.flow_unit, self.base.system
        figures = [
            Figure("network ratio", self.network_ratio, "share"),
            Figure("formula ratio", self.formula_ratio, "share"),
            Figure("critical element", self.critical_element),
            Figure("production", self.production, flow),
        ]
        if self.most_short_element:
            lacking = float(self.table["shortage"].iloc[0])
            figures.append(Figure(f"unmet refinery demand without {self.most_short_element}", lacking, flow))
        units = {**dict.fromkeys(("flow", "shortage", "exported", "lost", "capacity"), flow),
                 "ratio": "share", "formula_ratio": "share"}  # fmt: skip
        return Digest(f"N-1 over {self.over}", system.title or system.name, tuple(figures),
                      (Table("elements", "Outage of each element alone", self.table, units),), self.notes)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.base.system,), {"base": self.base})

    def __repr__(self) -> str:
        ratios = f"network {percent(self.network_ratio)}, formula {percent(self.formula_ratio)}"
        return f"NMinusOne({self.base.system.name!r}, {ratios})"

    def __str__(self) -> str:
        shown = self.table.to_string(float_format=number)
        head = (
            f"N-1: network {percent(self.network_ratio)} ({self.over} {self.critical_element} closed), "
            f"formula {percent(self.formula_ratio)} (largest route closed)"
        )
        if self.most_short_element:
            lacking = number(float(self.table["shortage"].iloc[0]))
            head += f"; unmet refinery demand is largest, {lacking}, with {self.over} {self.most_short_element} closed"
        lines = [f"{head}; flows in {self.base.flow_unit}", shown, *(f"- {line}" for line in self.notes)]  # fmt: skip
        return "\n".join(lines)


def n_minus_one(
    system: ExportSystem, scenario: str | Scenario | dict[str, Any] | None = None, over: Over = "route"
) -> NMinusOne:
    """Compute the N-1 ratio by the regulatory formula and by optimum of the network.

    Parameters
    ----------
    system : ExportSystem
    scenario : str, Scenario or mapping, optional
        Background scenario, applied as a static full-year case.
    over : str or iterable of closures
        Kind of element, as in `routeopt.contingencies`. Choose the largest *common* element: port, strait, trunk line.

    Returns
    -------
    NMinusOne

    Raises
    ------
    ScenarioError
        The scenario does not fit the system, or it has no element of that kind.

    Notes
    -----
    The formula adds up route capacities, which need not be spare or reachable. A route counts with the nameplate
    capacity of its metering legs; if one has no limit of its own, with that of the smallest group that contains them
    all; without such a group, with the maximum flow that the network can send through it.

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
    """Nameplate of a route's running metering legs, or else of the smallest group with all."""
    states, unit = base.legs["status"], parse_unit(system.units.flow).factor
    metering = [leg for leg, name in system.metering_legs.items() if name == route]
    running = [leg for leg in metering if states[leg] not in ("idle", "hypothetical", "defunct")]
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
    """Maximum flow through a route whose metering legs have no limit of their own."""
    situation = situate(system, scenario)
    program = program_of(situation.system)
    bounds = bounds_of(program, situation)
    legs = [program.layout.topology.leg_place[leg] for leg, name in system.metering_legs.items() if name == route]
    cost = np.zeros(program.shape[1])
    mine = np.flatnonzero(np.isin(program.layout.flow_leg, legs))
    cost[mine] = -program.gain[program.layout.flow_leg[mine]]
    # A route carries at most the output of all fields.
    upper = bounds.upper.copy()
    upper[mine] = np.minimum(upper[mine], bounds.upper[program.layout.columns("output")].sum())
    limited = type(bounds)(bounds.lower, upper, bounds.row_lower, bounds.row_upper, bounds.unit)
    solution, _, _ = proven(program, limited, cost, Session(program, limited), "capacity of a route")
    return float(-(cost @ solution.x) / parse_unit(system.units.flow).factor)
