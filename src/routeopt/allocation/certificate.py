"""What was proven of an allocation, for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from routeopt.allocation.trajectory import Trajectory
from routeopt.model import Proof
from routeopt.solve.engine import Solved
from routeopt.solve.exact import Exact, exact, not_tried
from routeopt.solve.lexicographic import Answer

__all__ = ["Certificate", "certificate_of"]


@dataclass(frozen=True)
class Certificate:
    """Certificate of an allocation, computed independently of the solver.

    Attributes
    ----------
    proofs : tuple of Proof
        One per objective, with gap and violations relative to the size of the numbers.
    unique : bool
        True if the flows are the only optimum. Otherwise alternative optima exist, and the one with the least foreign
        transit is shown.
    solver : str
        Solver.
    rows, columns : int
        Size of the program.
    cold_restarts : int
        Solves repeated without a starting basis.
    cycle_checks : int
        Further programs solved, each certified, so that no contract is fulfilled by crude going round a cycle; the
        optimum is then that among flows without such cycles.
    """

    proofs: tuple[Proof, ...]
    unique: bool
    solver: str
    rows: int
    columns: int
    cold_restarts: int
    _exact: Callable[[], Exact] = field(repr=False, compare=False)
    cycle_checks: int = 0

    @property
    def valid(self) -> bool:
        """True if every objective is certified to 1e-7 relative."""
        return all(proof.valid for proof in self.proofs)

    @property
    def gap(self) -> float:
        """Largest relative gap between a value and its bound."""
        return max((proof.gap for proof in self.proofs), default=0.0)

    def exact(self) -> Exact:
        """Verify the optimum in exact rational arithmetic.

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
        split = "unique optimum" if self.unique else "alternative optima exist"
        among = (
            (f" among flows without cycles through contracts, {self.cycle_checks} more programs")
            if self.cycle_checks
            else ""
        )
        also = ", multipliers from HiGHS" if self.solver.startswith("pulp:") else ""
        size = f"{self.solver}{also}, {self.rows} rows, {self.columns} columns"
        return f"optimal (certified{among}, relative gap {self.gap:.0e}); {split}; {size}"


def certificate_of(of: Solved | Trajectory) -> Certificate:
    """What was certified of an optimum; over a horizon of every plan that was made, the worst of each stage."""
    if isinstance(of, Trajectory):
        solved, answers = of.solved, [answer for _, answer in of.solved.plans]
        rows, columns = solved.prepared.program.shape
        prove = partial(not_tried, "a horizon has too many rows for it; one period has it")
        unique = solved.optimal and solved.answer.unique
        return Certificate(_worst_proofs(answers), unique, "highs", rows, columns,
                           sum(answer.cold for answer in answers), prove)  # fmt: skip
    rows, columns = of.program.shape
    circles = "several programs settle contracts that circles would fulfil"
    prove = partial(not_tried, circles) if of.tried else partial(exact, of)
    return Certificate(of.answer.proofs, of.answer.unique, of.solver, rows, columns, of.answer.cold, prove, of.tried)


def _worst_proofs(answers: Sequence[Answer]) -> tuple[Proof, ...]:
    """For each stage the worst measure of any plan, with the values of the last."""
    proofs: dict[str, Proof] = {}
    for answer in answers:
        for proof in answer.proofs:
            worst = proofs.get(proof.stage, proof)
            proofs[proof.stage] = replace(
                proof,
                gap=max(proof.gap, worst.gap),
                primal=max(proof.primal, worst.primal),
                dual=max(proof.dual, worst.dual),
            )
    return tuple(proofs.values())
