"""What can be chosen and what can be attacked, put together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from routeopt.decide.defence.options import Option, together
from routeopt.decide.defence.variant import Attack, Variant, Worst, taken
from routeopt.elements.elements import Over
from routeopt.errors import Problem, ScenarioError, did_you_mean
from routeopt.scenario import Scenario
from routeopt.system import ExportSystem

__all__ = ["Attack", "Setting", "Variant", "Worst", "taken"]


@dataclass(frozen=True)
class Setting:
    """A system, what can be chosen for it and what can be attacked.

    Attributes
    ----------
    system : ExportSystem
    scenario : Scenario
        Flat; what holds besides.
    over : Over
        What the adversary can close.
    options : tuple of Option
    measure : str
        ``volume`` (refineries first, then exports), ``exports`` or ``netback``.
    """

    system: ExportSystem
    scenario: Scenario
    over: Over
    options: tuple[Option, ...]
    measure: str = "volume"

    @property
    def money(self) -> bool:
        """Whether net cost is measured in place of volume."""
        return self.measure == "netback"

    @cached_property
    def starving(self) -> bool:
        """Whether there are refineries, and what they lack comes first."""
        return self.measure == "volume" and bool(dict(self.variant(()).batch.plan.stages)["shortage"].any())

    @cached_property
    def _variants(self) -> dict[tuple[int, ...], Variant]:
        return {}

    def composed(self, chosen: Collection[int]) -> Scenario:
        """What holds with some options chosen."""
        changes = [self.options[place].changes for place in sorted(chosen) if self.options[place].builds]
        return together(self.scenario, changes) if changes else self.scenario

    def variant(self, chosen: Collection[int]) -> Variant:
        """The system with what the chosen options build or change; made once."""
        built = tuple(sorted(place for place in chosen if self.options[place].builds))
        if built not in self._variants:
            self._variants[built] = Variant(self, built)
        return self._variants[built]

    @property
    def solved(self) -> int:
        """Attacks solved so far, each certified or settled by a smaller one."""
        return sum(variant.solved for variant in self._variants.values())

    def protection(self, chosen: Collection[int]) -> dict[str, float]:
        """Share that an attack leaves by protected name; the best protection of several counts."""
        found: dict[str, float] = {}
        for place in chosen:
            for name, left in self.options[place].protect.items():
                found[name] = max(left, found.get(name, 0.0))
        return found

    def worst(self, chosen: Collection[int], k: int) -> Worst:
        """The worst attack of up to k decisions on what is chosen."""
        return self.variant(chosen).worst(self.protection(chosen), k)

    @cached_property
    def levels(self) -> dict[str, tuple[float, ...]]:
        """Shares that partial protections leave, by name."""
        found: dict[str, set[float]] = {}
        for option in self.options:
            for name, left in option.protect.items():
                if left < 1.0:
                    found.setdefault(name, set()).add(left)
        return {name: tuple(sorted(lefts)) for name, lefts in found.items()}

    def checked(self) -> Setting:
        """The same with every protected name checked; names joined by ``=`` are taken apart.

        Raises
        ------
        ScenarioError
            Something is protected that the adversary cannot close, or a partial protection has no meaning.
        """
        problems, options = [], []
        for option in self.options:
            protect: dict[str, float] = {}
            for name, left in option.protect.items():
                for part in (name,) if name in self._attackable else name.split(" = "):
                    protect[part] = max(left, protect.get(part, 0.0))
            unknown = sorted(set(protect) - set(self._attackable))
            problems += [
                Problem(f"there is no decision {name!r} that could be protected", ("options", option.name, "protect"),
                        did_you_mean(name, self._attackable, other="the adversary can close"), "unknown-id")
                for name in unknown
            ]  # fmt: skip
            options.append(replace(option, protect=protect))
        if problems:
            raise ScenarioError(problems)
        found = replace(self, options=tuple(options))
        for place, option in enumerate(found.options):
            if found.levels:  # reading the modes checks partial protections
                _ = found.variant((place,) if option.builds else ()).modes
        return found

    @cached_property
    def _attackable(self) -> dict[str, None]:
        """Names of all decisions, with nothing chosen and with each option."""
        found: dict[str, None] = {}
        alone = [(place,) for place, option in enumerate(self.options) if option.builds]
        for chosen in ((), *alone):
            found |= {name: None for decision in self.variant(chosen).decisions for name in decision.names}
        return found
