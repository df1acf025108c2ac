"""An allocation in money."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation.result import Allocation

__all__ = ["InMoney"]


def _plan(self: object) -> Allocation:
    return cast("Allocation", self)


class InMoney:
    """What `Allocation` costs and earns, in `money_unit`."""

    @property
    def cost(self) -> float:
        """Tariffs, capital recovery of what was built, contract deficiency and output under the minimum."""
        return _plan(self)._tables.money("spending")

    @property
    def revenue(self) -> float:
        """What markets pay."""
        return _plan(self)._tables.money("revenue")

    @property
    def netback(self) -> float:
        """Revenue less cost."""
        return self.revenue - self.cost

    @cached_property
    def at_a_loss(self) -> pandas.Series:
        """What is exported although it does not pay, since volume comes before money: ``flow`` and ``loss``.

        Without that flow the netback is higher by the loss: it is what ``economic=True`` would shut in. Zero where
        prices are missing.

        Examples
        --------
        >>> import routeopt as ro
        >>> system = ro.ExportSystem.from_dict({
        ...     "units": {"flow": "kb/d"},
        ...     "nodes": {"field": {"kind": "field", "output": "100 kb/d"},
        ...               "sea": {"kind": "market", "price": "20 USD/bbl"}},
        ...     "legs": {"line": {"from": "field", "to": "sea", "tariff": "30 USD/bbl"}},
        ... })
        >>> ro.allocate(system).at_a_loss.to_dict()
        {'flow': 100.0, 'loss': 1000000.0}
        """
        import pandas

        from routeopt.allocation.money import at_a_loss

        plan = _plan(self)
        (flow, loss), scales = at_a_loss(plan._solved), plan._tables.scales
        return pandas.Series({"flow": flow / scales.flow, "loss": loss * scales.money})
