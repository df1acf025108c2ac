"""An allocation for other tools: PuLP, PyPSA, files of linear programs, maps."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from routeopt.allocation.core import Core
from routeopt.allocation.trajectory import Trajectory
from routeopt.arrays import Floats
from routeopt.model import Bounds, Program, with_rows
from routeopt.model.names import column_names, plain_name, row_names
from routeopt.results import view
from routeopt.solve.apportion import Apportionment
from routeopt.solve.engine import Solved
from routeopt.solve.rolling_horizon import SolvedHorizon
from routeopt.units import parse_unit

if TYPE_CHECKING:
    from routeopt.allocation.tables import Scales

__all__ = ["ForOtherTools", "Held", "held_of"]


class ForOtherTools(Core):
    """What `Allocation` hands to other programs."""

    def to_pulp(self) -> Any:
        """The same linear program as a named PuLP problem.

        Returns
        -------
        pulp.LpProblem
            Minimises net cost in `money_unit` with the exported volume, the refineries' supply and the shares
            of an apportionment held as they are; volumes are in `flow_unit`. Solving it gives minus `netback`; of an
            alternative, which costs more than it need, the netback of the optimum. Over a horizon it is the program
            in which everything is known from the first day, in amounts, and names end in the first day of their
            period; of a plan without foresight its name ends in ``with_perfect_foresight``: it exports and supplies
            no less than that plan did, at a net cost that can be lower.
        """
        from routeopt.solve.pulp_adapter import write_problem

        held = held_of(self._optimum, self._tables.scales)
        names = held.columns, held.rows
        return write_problem(held.program, held.bounds, held.cost, held.scale, held.title, *names)[0]

    def to_pypsa(self) -> Any:
        """The program of `to_pulp` as a PyPSA network, for its tools, plots and file formats.

        A node and commodity is a bus, a flow a link, whatever enters or leaves a bus a generator. What PyPSA has no
        word for (capacities that several flows share, groups, contracts, minima, the exported volume) is in
        ``extra_functionality``. Over a horizon each period is a snapshot, in amounts; stocks and cargoes that land
        later reach their bus through its ``exchange``.

        Returns
        -------
        InPypsa
            ``network``, ``extra_functionality``, and ``optimize()``, which gives minus `netback`.

        Raises
        ------
        InputError
            PyPSA is not installed.
        """
        return view("pypsa:to_pypsa")(self)

    def to_lp(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> str:
        """The program of `to_pulp` in the LP format, which every solver reads.

        Parameters
        ----------
        path : str or path, optional
            Also write it there, whole or not at all.
        overwrite : bool

        Returns
        -------
        str

        Raises
        ------
        FileError
            The file exists, or cannot be written.
        """
        return str(view("writers:to_lp")(self, path, overwrite))

    def to_mps(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> str:
        """The program of `to_pulp` in the free MPS format; parameters and errors as in `to_lp`."""
        return str(view("writers:to_mps")(self, path, overwrite))

    def to_geojson(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> str:
        """Nodes as points and legs as straight lines, with the tables' columns as properties, for any map.

        Parameters
        ----------
        path : str or path, optional
            Also write it there, whole or not at all.
        overwrite : bool

        Raises
        ------
        InputError
            No node says where it is (``at``). Nodes without a place and their legs are left out.
        FileError
            The file exists, or cannot be written.
        """
        return str(view("writers:to_geojson")(self, path, overwrite))


@dataclass(frozen=True, eq=False)
class Held:
    """A program for other tools: all that comes before money held as it is, and what is left to minimise.

    ``cost`` is in money units for one of ``scale`` inner units in each column; ``columns`` and ``rows`` are names.
    """

    program: Program
    bounds: Bounds
    cost: Floats
    scale: float
    title: str
    columns: list[str]
    rows: list[str]


def held_of(of: Solved | Trajectory, scales: Scales) -> Held:
    """What `Allocation.to_pulp` writes; over a horizon in amounts."""
    if isinstance(of, Trajectory):
        return _over_time(of.solved, scales)
    system, program = of.situation.system, of.program
    layout, bounds, x = program.layout, of.held, of.x
    if not of.economic:
        # Held a hair below the optimum, which is known to the last digit only.
        volume = float(x[layout.columns("delivery")].sum())
        bounds = bounds.with_rows([layout.exported_row], volume - 1e-9 * max(bounds.unit, volume), np.inf)
    upper = bounds.upper.copy()
    upper[layout.columns("shortage")] = x[layout.columns("shortage")]
    names = _with_shares(column_names(system, program), row_names(system, program), of.sharing)
    cost = of.objectives.money * scales.money * scales.flow
    return Held(program, replace(bounds, upper=upper), cost, scales.flow, plain_name(system.name), *names)


def _over_time(solved: SolvedHorizon, scales: Scales) -> Held:
    prepared, program, bounds = solved.prepared, solved.program, solved.held
    system = solved.situation.system
    names = column_names(system, prepared.program), row_names(system, prepared.program)
    for own, size in zip(names, prepared.program.shape[::-1], strict=True):  # of the caller
        own += [f"own_{place}" for place in range(len(own), size)]
    columns, rows = _with_shares(*names, prepared.sharing(solved.bounds))
    stages = solved.stages()
    # What comes before money is held a hair beyond what the plan does, which is known to the last digit only.
    before = [stage for stage in takewhile(lambda stage: stage[0] != "money", stages) if stage[1].any()]
    terms = [goal * solved.x for _, goal in before]
    most = np.array([float(part.sum()) + 1e-9 * max(bounds.unit, float(np.abs(part).sum())) for part in terms])
    program = with_rows(program, [(np.flatnonzero(goal), -goal[np.flatnonzero(goal)]) for _, goal in before])
    held = replace(
        bounds,
        row_lower=np.concatenate([bounds.row_lower, -most]),
        row_upper=np.concatenate([bounds.row_upper, np.full(len(before), np.inf)]),
    )
    rows += ["exported" if name == "volume" else f"least_{name}" for name, _ in before]
    scale = parse_unit(scales.flow_unit.partition("/")[0]).factor
    title = plain_name(system.name) + ("" if solved.foresight == "perfect" else "_with_perfect_foresight")
    return Held(program, held, dict(stages)["money"] * 1000.0 * scale, scale, title, columns, rows)


def _with_shares(columns: list[str], rows: list[str], sharing: Apportionment | None) -> tuple[list[str], list[str]]:
    """Names of a program in which what holds an apportionment comes last."""
    if sharing is None:
        return columns, rows
    first = sharing.first_row
    parties = [plain_name(name) for name in sharing.names]
    more = [f"{word}__{name}" for word in ("common_share", "share") for name in parties]
    return [*columns[: sharing.share], "common_share"], [*rows[:first], *more]
