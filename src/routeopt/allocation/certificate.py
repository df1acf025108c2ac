"""What was proven of an allocation, for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeopt.model import Proof
    from routeopt.solve.exact import Exact

__all__ = ["Certificate"]


@dataclass(frozen=True)
class Certificate:
    """What was proven of an allocation, by arithmetic that does not trust the solver.

    Attributes
    ----------
    proofs : tuple of Proof
        One for each objective, with gap and violations relative to the size of the numbers.
    unique : bool
        Whether the split is the only optimum. If not, others are as good, and the one with the least foreign
        transit is shown.
    solver : str
        What solved it.
    rows, columns : int
        Size of the programme.
    cold : int
        How many solves had to be repeated from cold.
    tried : int
        How many programmes were solved besides, each proven, to see that no contract is fulfilled by oil that goes
        round in circles; then the optimum is that among flows without such circles.
    """

    proofs: tuple[Proof, ...]
    unique: bool
    solver: str
    rows: int
    columns: int
    cold: int
    _exact: Callable[[], Exact] = field(repr=False, compare=False)
    tried: int = 0

    @property
    def holds(self) -> bool:
        """Whether every objective is proven to 1e-7 relative."""
        return all(proof.holds for proof in self.proofs)

    @property
    def gap(self) -> float:
        """Largest relative gap between a value and its bound."""
        return max((proof.gap for proof in self.proofs), default=0.0)

    def exact(self) -> Exact:
        """Prove the optimum again in rational arithmetic, with no tolerance at all.

        For one period the optimal basis is solved in fractions, for every objective, and all bounds and signs are
        compared exactly. Numbers count as they were written: 0.1 is a tenth. It takes some hundredths of a second.

        Returns
        -------
        Exact
            ``optimal``; ``values``, the optimum of each objective as a fraction; ``off``, how far the plan is from the
            exact point; ``why`` it is not optimal, or was not tried: horizons and shares (``apportion``) are not.

        Examples
        --------
        >>> import routeopt as ro
        >>> found = ro.allocate(ro.load("kazakhstan")).certificate.exact()
        >>> found.optimal
        True
        """
        return self._exact()

    def __str__(self) -> str:
        split = "the split is unique" if self.unique else "other splits are as good"
        among = f" among flows that fulfil no contract in circles ({self.tried} more programmes)" if self.tried else ""
        also = ", multipliers from HiGHS" if self.solver.startswith("pulp:") else ""
        size = f"{self.solver}{also}, {self.rows} rows, {self.columns} columns"
        return f"proven optimal{among} (gap {self.gap:.0e}), {split}; {size}"
