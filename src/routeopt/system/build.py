"""What it takes to build a leg, and what its capital costs a tonne."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from routeopt.errors import InputError
from routeopt.system.base import Record, wrong
from routeopt.system.quantity import Duration, Flow, Fraction, Money

__all__ = ["Build"]


def _listed(raw: Any) -> Any:
    return tuple(raw) if isinstance(raw, list | tuple) else (raw,)


class Build(Record):
    """Sizes and costs of building a leg, or of adding to an existing one."""

    sizes: Annotated[tuple[Flow, ...], BeforeValidator(_listed)]
    """Sizes studied, smallest first; sizes between them are interpolated."""
    capex: Annotated[tuple[Money, ...], BeforeValidator(_listed)] = ()
    """Construction cost of each size. Default: none; only the tariff counts."""
    discount_rate: Fraction | None = None
    """Interest rate of the capital recovery factor. Default: no interest."""
    lifetime: Duration | None = None
    """Years over which capital is recovered; required with `capex`."""
    lead_time: Duration | None = None
    """Time from decision to first flow. For information: what a scenario builds stands from the first day."""

    @model_validator(mode="after")
    def _in_step(self) -> Build:
        inner = [size.inner for size in self.sizes]
        example = "write sizes: [10 Mt/y, 20 Mt/y]"
        if not inner:
            raise wrong("has no sizes", example, "sizes")
        if len({size.measured_by for size in self.sizes}) > 1:
            raise wrong("counts some sizes in tonnes and some in barrels", example, "sizes")
        if inner != sorted(set(inner)) or inner[0] <= 0:
            raise wrong("sizes must grow from the first to the last, above zero", example, "sizes")
        if self.capex and self.lifetime is None:
            raise wrong("needs 'lifetime' to recover its capital", "write lifetime: 25 y", "capex")
        if self.capex and len(self.capex) != len(self.sizes):
            text = f"{len(self.sizes)} sizes need {len(self.sizes)} costs, not {len(self.capex)}"
            raise wrong(text, "write one cost for each size", "capex")
        if self.lifetime is not None and self.lifetime.inner <= 0:
            raise wrong("must be longer than nothing", "write lifetime: 25 y", "lifetime")
        return self

    def recovery_factor(self) -> float:
        """Capital recovery factor r(1+r)^n / ((1+r)^n - 1), a year; 1/n without interest."""
        if self.lifetime is None:
            return 0.0
        rate, years = self.discount_rate.inner if self.discount_rate else 0.0, self.lifetime.inner / 365.0
        if rate == 0:
            return 1.0 / years
        return rate / -math.expm1(-years * math.log1p(rate))

    def capital_charge(self, size: float) -> float:
        """What each unit of capacity must earn to recover the capital at full use: thousand USD an inner unit, which is
        USD per tonne or barrel. InputError unless ``size``, inner units a day, lies within `sizes`.
        """
        sizes = [s.inner for s in self.sizes]
        if not sizes[0] * (1 - 1e-9) <= size <= sizes[-1] * (1 + 1e-9):
            raise InputError(f"studied from {self.sizes[0]} to {self.sizes[-1]}")
        costs = [c.inner for c in self.capex] or [0.0] * len(sizes)
        for (s0, s1), (c0, c1) in zip(itertools.pairwise(sizes), itertools.pairwise(costs), strict=True):
            if size <= s1:
                capex = c0 + (c1 - c0) * (size - s0) / (s1 - s0)
                break
        else:
            capex = costs[-1]
        return capex * self.recovery_factor() / (365.0 * size)
