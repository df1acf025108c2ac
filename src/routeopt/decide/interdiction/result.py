"""What `worst_case` returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from routeopt.allocation import Allocation, allocate
from routeopt.allocation.summary import hurt, money
from routeopt.allocation.tables import Scales
from routeopt.decide.interdiction.attack import AttackLosses, Worst
from routeopt.decide.interdiction.choices import Choices
from routeopt.results import Digest, Figure, Origins, Result, Table, joined, number
from routeopt.scenario import Closure, Scenario
from routeopt.system import ExportSystem

if TYPE_CHECKING:
    import pandas

__all__ = ["WorstCase"]

_SHOWN = 8
_WHAT = {
    "volume": "by unmet refinery demand, then exports lost",
    "exports": "by exports lost",
    "netback": "by netback lost",
}


@dataclass(frozen=True, repr=False, eq=False)
class WorstCase(Result):
    """The decisions that cost most. Losses are in `unit`; shortages, and volumes, in `flow_unit`.

    Attributes
    ----------
    system : ExportSystem
        Before the scenario.
    scenario : Scenario
        Background scenario, flattened, without a horizon.
    name : str
        Its name.
    measure : str
        ``volume`` (refineries first, then exports), ``exports`` or ``netback``.
    economic : bool
        Whether the operator lets fields shut in when it does not pay.
    checked : bool
        Whether the answer is confirmed by full enumeration, each solved or settled by one that is part of it.
    proven : bool
        Whether no other set is worse: it has been checked, or the mixed-integer program was solved to its end with
        a weight of shortage that is shown to be enough (`routeopt.decide.interdiction.dual_bounds`).
    """

    system: ExportSystem
    scenario: Scenario
    name: str
    measure: str
    _choices: Choices
    economic: bool
    confirmed_by_enumeration: bool
    proven: bool
    _levels: tuple[Worst, ...]
    _chosen: tuple[tuple[int, ...], ...]
    _losses: AttackLosses

    @property
    def attack(self) -> tuple[str, ...]:
        """Elements attacked: the first of the equally bad sets. Fewer than k if more add nothing."""
        return self._named(self._chosen[-1])

    @property
    def elements(self) -> dict[str, tuple[Closure, ...]]:
        """Elements that can be attacked: name (with the mode, if it has several) to closures."""
        return dict(zip(self._choices.names, self._choices.closures, strict=True))

    @property
    def _options(self) -> tuple[int, ...]:
        return self._chosen[-1]

    @property
    def lost(self) -> float:
        """Loss beside `shortage`: exports or netback lost, relative to the scenario without the attack.

        Negative where crude that refineries no longer get is exported.
        """
        return self._shown(self._levels[-1].lost)

    @property
    def shortage(self) -> float:
        """Unmet refinery demand beyond that without the attack."""
        return self._levels[-1].shortage / self._scales.flow

    @property
    def flow_unit(self) -> str:
        """Unit of volumes."""
        return self._scales.flow_unit

    @property
    def exported(self) -> float:
        """Exports without the closures, in the flow unit."""
        return self._losses.exported / self._scales.flow

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """All sets that are as bad and of which nothing can be left out, `attack` among them."""
        return tuple(self._named(one) for one in self._levels[-1].sets)

    @property
    def ties_complete(self) -> bool:
        """True if the list `ties` is complete."""
        return self._levels[-1].every

    @property
    def gap(self) -> float:
        """By what share of `lost` some set could be worse at most (of `shortage`, where that is left open); above zero
        only if time ran out."""
        last = self._levels[-1]
        lacking = last.most_shortage - last.shortage
        if self.measure == "volume" and lacking > 10 * self._losses.mip_flow_noise:
            return lacking / last.shortage if last.shortage > 0 else float("inf")
        over = last.bound - last.lost
        if over <= 10 * self._losses.mip_noise:
            return 0.0
        return over / last.lost if last.lost > 0 else float("inf")

    @property
    def unit(self) -> str:
        """Unit of losses."""
        return self._scales.money_unit if self.measure == "netback" else self._scales.flow_unit

    @cached_property
    def synergy(self) -> float:
        """What of `lost` the decisions cause together beyond the best way to split them into smaller sets; zero for
        one, not a number for more than ten."""
        return self._shown(self._losses.synergy(self._options))

    @cached_property
    def curve(self) -> pandas.DataFrame:
        """The worst case of 1 to k decisions; index = ``k``, or ``budget`` where there is one.

        ``attack``; ``shortage`` and ``lost``; ``share`` of the exports that is lost (volumes only); ``added``: what
        this row loses beyond the one before, less where it makes refineries lack more instead; ``in``, ``out``:
        decisions that come in and go out against the row before (worst sets need not be nested); ``ties``: how many
        sets are equally bad. Among those the one nearest to the row before is shown.
        """
        import pandas

        rows, before, lost_before = [], frozenset[str](), 0.0
        for worst, chosen in zip(self._levels, self._chosen, strict=True):
            now, lost = self._named(chosen), self._shown(worst.lost)
            share = lost / self.exported if self.measure != "netback" and self.exported else float("nan")
            rows.append(
                {"attack": now, "shortage": worst.shortage / self._scales.flow, "lost": lost, "share": share,
                 "added": lost - lost_before,
                 "in": tuple(n for n in now if n not in before), "out": tuple(sorted(before - set(now))),
                 "ties": len(worst.sets)}
            )  # fmt: skip
            before, lost_before = frozenset(now), lost
        counted = len(self._levels) > 1 or (self._choices.cost == 1.0).all()
        labels = range(1, len(rows) + 1) if counted else [self._choices.budget]
        return pandas.DataFrame(rows, index=pandas.Index(labels, name="k" if counted else "budget"))

    @property
    def table(self) -> pandas.DataFrame:
        """`curve`."""
        return self.curve

    @cached_property
    def allocation(self) -> Allocation:
        """The allocation in the worst case, solved anew."""
        closures = tuple(closure for o in self._options for closure in self._choices.closures[o])
        title = f"worst case: {' + '.join(self.attack) or 'nothing'}"
        flat = self.scenario.model_copy(update={"closures": (*self.scenario.closures, *closures), "title": title})
        return allocate(self.system, flat, economic=self.economic)

    @property
    def verification(self) -> str:
        """How the answer was established, in words."""
        if self.confirmed_by_enumeration:
            return "confirmed by full enumeration"
        if self.gap == float("inf"):
            return "time ran out before any set was found that loses something"
        if self.gap:
            return f"time ran out: another set may be up to {self.gap:.1%} worse"
        if self.proven:
            return "optimal in the mixed-integer program, not enumerated"
        return (
            "optimal in the mixed-integer program with a weight of shortage that is not proven; enumerate=True "
            "settles it"
        )

    def digest(self) -> Digest:
        unit, flow = self.unit, self.flow_unit
        units = {"k": "1", "budget": "1", "shortage": flow, "lost": unit, "added": unit, "share": "share", "ties": "1"}
        figures = (Figure("worst", joined(self.attack) or "nothing"),
                   Figure("unmet refinery demand", self.shortage, flow),
                   Figure("lost", self.lost, unit), Figure("ties", len(self.ties), "1"),
                   Figure("synergy", self.synergy, unit))  # fmt: skip
        details = (
            Figure("gap", self.gap, "share"),
            Figure("proven", self.proven),
            Figure("confirmed by enumeration", self.confirmed_by_enumeration),
        )
        tables = (Table("curve", "With each further decision", self.curve, units),
                  Table("ties", "Equally bad", self._tied, {"number": "1"}))  # fmt: skip
        return Digest(f"Worst of {len(self._choices.names)} to close ({self.measure})",
                      f"{self.system.title or self.system.name}, {self.name}", figures, tables, (self.verification,),
                      details)  # fmt: skip

    def origins(self) -> Origins:
        return Origins((self.system,), {}, {self.name: self.scenario})

    def _tied(self) -> pandas.DataFrame:
        import pandas

        index = pandas.RangeIndex(1, len(self.ties) + 1, name="number")
        return pandas.DataFrame({"attack": list(self.ties)}, index=index)

    def summary(self) -> str:
        """Return a page of text: the worst attack of each size, ties and how they were established."""
        title = self.system.title or self.system.name
        lines = [f"{title}, {self.name}: worst attack on {len(set(self._choices.decision.tolist()))} elements "
                 f"({self._choices.kind}), {_WHAT[self.measure]}"]  # fmt: skip
        for label, row in self.curve.iterrows():
            share = f" ({row['share']:.0%})" if row["share"] == row["share"] and not row["shortage"] > 0 else ""
            swap = f", in place of {', '.join(row['out'])}" if row["out"] else ""
            equal = f"; {row['ties'] - 1} more equally bad" if row["ties"] > 1 else ""
            names = " + ".join(row["attack"]) or "nothing"
            lines.append(f"  {label:g}: {self._say(row['lost'], row['shortage'])}{share}  {names}{swap}{equal}")
        if len(self.ties) > 1:
            lines.append("equally bad:" if self.ties_complete else "equally bad, among others:")
            lines += [f"  {' + '.join(one)}" for one in self.ties[:_SHOWN]]
            if len(self.ties) > _SHOWN:
                lines.append(f"  ... and {len(self.ties) - _SHOWN} more")
        return "\n".join([*lines, self.verification])

    def __repr__(self) -> str:
        more = f" and {len(self.ties) - 1} more" if len(self.ties) > 1 else ""
        names = " + ".join(self.attack) or "nothing"
        return f"WorstCase({self.system.name!r}, {names}{more}: {self._say(self.lost, self.shortage)})"

    def __str__(self) -> str:
        return self.summary()

    @cached_property
    def _scales(self) -> Scales:
        return Scales.of(self.system.units.flow)

    def _shown(self, inner: float) -> float:
        return inner * self._scales.money if self.measure == "netback" else inner / self._scales.flow

    def _say(self, lost: float, shortage: float) -> str:
        if self.measure != "netback":
            return hurt(lost, shortage, self.unit)
        lacking = f", unmet refinery demand {number(shortage)} {self.flow_unit}" if shortage > 0 else ""
        return f"{money(lost)} {self.unit} lost{lacking}"

    def _named(self, options: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(self._choices.names[o] for o in options)
