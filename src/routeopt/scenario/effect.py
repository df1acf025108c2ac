"""What a change touches in the program, and so what it costs to apply it.

Availability, capacity, output, demand and storage are bounds and right-hand sides: the basis of the
unchanged program stays dual feasible and a batch of such changes is solved warm. Tariffs and prices are
costs: same matrix, the base is optimised again. Losses, round trips, connections and units are the
matrix: the program is built again.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from routeopt.errors import Problem, ScenarioError
from routeopt.scenario.scenario import Scenario
from routeopt.system import ExportSystem
from routeopt.system.quantity import Price, Quantity

__all__ = ["Effect", "effect_of", "leaves", "read_cost"]


class Effect(enum.IntEnum):
    """How deep a change goes; the deepest of several counts."""

    NONE = 0
    BOUNDS = 1
    COSTS = 2
    MATRIX = 3


_BOUNDS = {"capacity", "reserved", "output", "own_use", "min_output", "demand", "availability", "storage",
           "vessels", "downtime", "volume", "status", "ramp_down", "ramp_up", "surge", "outages", "heel",
           "initial", "maintenance", "title", "note", "tags", "source"}  # fmt: skip
_COSTS = {"tariff", "price", "differential", "deficiency", "recourse", "build", "demurrage"}
_PRICE: TypeAdapter[Quantity] = TypeAdapter(Price)


def effect_of(scenario: Scenario) -> Effect:
    """The deepest effect of a scenario.

    Examples
    --------
    >>> effect_of(Scenario.model_validate({"closures": [{"route": "cpc"}]})).name
    'BOUNDS'
    >>> effect_of(Scenario.model_validate({"override": {"legs.btc.tariff": "30 USD/t"}})).name
    'COSTS'
    >>> effect_of(Scenario.model_validate({"override": {"legs.btc.loss": "1 %"}})).name
    'MATRIX'
    """
    effects = [Effect.NONE]
    if scenario.closures or scenario.reopen:
        effects.append(Effect.BOUNDS)
    if scenario.tariffs or scenario.build:  # what is built brings its capital charge
        effects.append(Effect.COSTS)
    effects += [_of_path(path) for path in leaves(scenario.override)]
    return max(effects)


def leaves(changes: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Places that an override changes, each as keys from the top.

    Examples
    --------
    >>> list(leaves({"legs.btc.capacity": "50 Mt/y", "price": {"value": "70 USD/bbl"}}))
    [('legs', 'btc', 'capacity'), ('price',)]
    """
    for key, value in changes.items():
        here = (*path, *str(key).split("."))
        if isinstance(value, Mapping) and "value" not in value:
            yield from leaves(value, here)
        else:
            yield here


def _of_path(path: tuple[str, ...]) -> Effect:
    if path[0] == "common_causes":  # how likely closures are does not touch the program
        return Effect.BOUNDS
    # The first two keys are a section and an id, which may be called anything.
    keys = set(path[2:] if len(path) > 2 else path[:1])
    if keys & _COSTS:
        return Effect.COSTS
    # A component's own name may be anything as well, so the test is on the key that holds it.
    return Effect.BOUNDS if keys & _BOUNDS or "components" in keys else Effect.MATRIX


def same_matrix(system: ExportSystem, changed: ExportSystem) -> bool:
    """Whether two systems of one structure have one program but for bounds and costs.

    A change of bounds can bring a row with it (a minimum where there was none) or another unit (a capacity in
    barrels instead of tonnes); then the program has to be built again.
    """
    return _shape(system) == _shape(changed)


def _shape(system: ExportSystem) -> list[object]:
    shape: list[object] = [
        (leg.measured_by or system.measured_by, leg.status == "defunct") for leg in system.legs.values()
    ]
    shape += [
        pace is None for field in system.fields.values() for pace in (field.min_output, field.ramp_down, field.ramp_up)
    ]
    shape += [getattr(node, "storage", None) is None for node in system.nodes.values()]
    demands: list[Quantity | None] = [market.demand for market in system.markets.values()]
    demands += [refinery.demand for refinery in system.refineries.values()]
    shape += [demand.measured_by if demand else system.measured_by for demand in demands]
    shape += [contract.volume.measured_by for contract in system.contracts.values()]
    shape += [group.capacity.measured_by if group.capacity else "" for group in system.groups.values()]
    return shape


def read_cost(raw: object) -> tuple[bool, Quantity]:
    """Read a scenario's cost: whether it is added (``+6 USD/t``), and the price; ScenarioError if it is none.

    Examples
    --------
    >>> added, price = read_cost("+6 USD/t")
    >>> added, str(price)
    (True, '6 USD/t')
    """
    added = isinstance(raw, str) and raw.lstrip()[:1] in ("+", "-")
    try:
        return added, _PRICE.validate_python(raw)
    except ValidationError as error:
        item = error.errors()[0]
        raise ScenarioError(Problem(item["msg"], hint=item.get("ctx", {}).get("hint", ""), code="quantity")) from None
