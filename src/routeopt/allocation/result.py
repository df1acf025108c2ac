"""What `allocate` returns, for a year and for a horizon: a year is a horizon of one period."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

from routeopt.allocation.exporters import ForOtherTools
from routeopt.allocation.money import InMoney
from routeopt.allocation.summary import digest_of, notes_of, summary
from routeopt.results import Digest, Drawing, Illustration, Origins, illustrate

__all__ = ["Allocation"]


class Allocation(InMoney, ForOtherTools):
    """Which barrels go which way. Rates are in `flow_unit`, money in `money_unit`.

    Over a horizon everything is the mean of its days: legs and routes by what entered them within it, deliveries by
    what left within it, whenever it lands. `periods` has each period by itself; without a horizon there is one.

    ``system`` is that before the scenario, ``scenario`` what was applied, with everything that it extends; ``name`` is
    ``base`` if nothing happens in it.
    """

    drawings: ClassVar = {
        "network": Drawing(
            "network:draw_network",
            "Network{of}: legs coloured by use, as wide as their flow; point at one to read its numbers",
            tips="network:leg_tips",
        ),
        "sankey": Drawing(
            "sankey:draw_sankey",
            "From field by route to market{of}, {self.flow_unit}; where streams meet they are taken to mix",
            live="sankey:sankey_figure",
        ),
        "change": Drawing("bars:draw_change", "By route, before and after"),
        "map": Drawing("network:draw_map"),
        "schematic": Drawing("network:draw_schematic"),
        "trajectory": Drawing("curve:draw_course", "Exports by route in each period"),
    }

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        return notes_of(self)

    def digest(self) -> Digest:
        return digest_of(self)

    @property
    def _first_drawing(self) -> str:
        return "network" if self._over_time is None else "trajectory"

    def origins(self) -> Origins:
        settings = {} if self._over_time is None else {"foresight": self.foresight}
        return Origins((self.system,), {self.name: self}, settings=settings)

    def illustrations(self) -> Iterable[Illustration]:
        if self._over_time is not None:
            mean = " on the mean day"
            return [illustrate(self, "trajectory"), illustrate(self, "network", mean), illustrate(self, "sankey", mean)]
        # The base beside itself would say nothing, nor would one period by itself.
        left_out = {"trajectory"} if self._changed else {"trajectory", "change"}
        return [one for one in super().illustrations() if one.name not in left_out]

    @property
    def _changed(self) -> bool:
        """Whether it may export something else than the base."""
        return self.name != "base" or bool(self._solved.added) or self._solved.sharing is not None

    def summary(self) -> str:
        """A page of text: what leaves by which route, what is lost, what binds, how far it is proven."""
        return summary(self)

    def __repr__(self) -> str:
        said = f"{self.exported:.4g} {self.flow_unit} exported, {self.shut_in:.4g} shut in"
        return f"Allocation({self.system.name!r}, {self.name!r}: {said})"

    def __str__(self) -> str:
        return self.summary()
