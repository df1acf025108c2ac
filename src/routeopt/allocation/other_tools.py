"""An allocation for other tools: PuLP, PyPSA, files of linear programmes, maps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from routeopt.results import view

if TYPE_CHECKING:
    from routeopt.allocation.result import Allocation

__all__ = ["ForOtherTools"]


def _plan(self: object) -> Allocation:
    return cast("Allocation", self)


class ForOtherTools:
    """What `Allocation` hands to other programs."""

    def to_pulp(self) -> Any:
        """The same linear programme as a named PuLP problem.

        Returns
        -------
        pulp.LpProblem
            Minimises net cost in `money_unit` with the exported volume, the refineries' supply and the shares
            of an apportionment held as they are; volumes are in `flow_unit`. Solving it gives minus `netback`; of an
            alternative, which costs more than it need, the netback of the optimum.
        """
        from routeopt.allocation.exporters import to_pulp

        plan = _plan(self)
        return to_pulp(plan._solved, plan._tables.scales)

    def to_pypsa(self) -> Any:
        """The programme of `to_pulp` as a PyPSA network, for its tools, plots and file formats.

        A node and commodity is a bus, a flow a link, whatever enters or leaves a bus a generator. What PyPSA has no
        word for (capacities that several flows share, groups, contracts, minima, the exported volume) is in
        ``extra_functionality``.

        Returns
        -------
        InPypsa
            ``network``, ``extra_functionality``, and ``optimize()``, which gives minus `netback`.

        Raises
        ------
        InputError
            PyPSA is not installed, or the allocation has several periods.
        """
        return view("pypsa:to_pypsa")(self)

    def to_lp(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> str:
        """The programme of `to_pulp` in the LP format, which every solver reads.

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
        """The programme of `to_pulp` in the free MPS format; parameters and errors as in `to_lp`."""
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
