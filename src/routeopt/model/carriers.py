"""What legs can carry towards a contract: no more is due than what closures leave of that (force majeure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from routeopt.model.conversion import Conversion
from routeopt.scenario.case import Situation
from routeopt.system.commercial import Contract

__all__ = ["Carrier", "carriers_of"]


@dataclass(frozen=True)
class Carrier:
    """A part of what a leg can carry: `size` times the smaller of the leg's share and the sum of its streams' shares.

    Attributes
    ----------
    leg : str
    size : float
        In the contract's unit, when nothing is closed; infinite without limit, of which a share is no limit. A capacity
        that is too small for the contract is no force majeure: there the sizes are such that all of it just fits, and
        what does not work takes its share.
    streams : tuple of str
        Those that can take this part.
    """

    leg: str
    size: float
    streams: tuple[str, ...]

    def left(self, situation: Situation) -> float:
        """What closures leave of it."""
        open_to = sum(situation.embargo.get((self.leg, stream), 1.0) for stream in self.streams)
        share = min(situation.in_service(self.leg), open_to)
        return self.size * share if share else 0.0


def carriers_of(situation: Situation, contract: Contract) -> list[list[Carrier]]:
    """What limits a contract: the legs whose inflow counts, together; then each leg `through` which it goes.

    Returns
    -------
    list of list of Carrier
        Of each limit the sum counts; nothing where the contract knows no force majeure.
    """
    if not contract.force_majeure:
        return []
    counted = [one for name in contract.legs for one in _carriers(situation, contract, name, contract.commodities)]
    limits = [counted, *(_carriers(situation, contract, name) for name in contract.through)]
    return [_fitted(situation, limit, contract.volume.inner) for limit in limits]


def _fitted(situation: Situation, limit: list[Carrier], volume: float) -> list[Carrier]:
    """Carriers of what they carry when all is well, as they work and large enough for the contract."""
    most, fitted = sum(one.size for one in limit), []
    for one in limit:
        leg = situation.system.legs[one.leg]
        if most > 0.0:
            size = one.size * max(1.0, volume / most)
        else:
            size = math.inf if situation.runs(one.leg) and one.streams else 0.0
        working = leg.availability.inner if leg.availability and size < math.inf else 1.0
        fitted.append(replace(one, size=size * working))
    return fitted


def _carriers(situation: Situation, contract: Contract, name: str, only: tuple[str, ...] = ()) -> list[Carrier]:
    """Parts of what a leg could carry if it worked all year."""
    system, room = situation.system, situation.room(name, all_year=True)
    leg = system.legs[name]
    streams = [stream for stream in leg.carries or tuple(system.streams) if not only or stream in only]
    convert, places = Conversion(system), list(system.streams)
    ratio = convert.to(contract.volume.basis) / convert.to(leg.basis or system.basis)
    worth = {stream: float(ratio[places.index(stream)]) for stream in streams}
    if room == math.inf or not all(map(math.isfinite, worth.values())):
        return [Carrier(name, math.inf if room else 0.0, tuple(streams))]
    # What counts most in the contract's unit goes first; in one unit all count alike, and there is one part.
    streams.sort(key=lambda stream: -worth[stream])
    steps = np.diff([-worth[stream] for stream in streams], append=0.0).tolist()
    return [Carrier(name, room * step, tuple(streams[: place + 1])) for place, step in enumerate(steps) if step > 0.0]
