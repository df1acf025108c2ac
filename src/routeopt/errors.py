"""Everything that routeopt raises on purpose.

::

    RouteoptError
    ├── InputError            what you wrote cannot be used (also a ValueError)
    │   ├── UnitError         a unit or a number with a unit
    │   ├── FileError         a file that cannot be read, or is not YAML
    │   ├── SystemDataError   an export system that contradicts itself
    │   └── ScenarioError     a scenario, closure, build or override
    └── SolveError            the input is fine, the answer is not
        ├── UnboundedError    a loop earns money for ever
        ├── InfeasibleError   constraints that you added contradict each other or the system
        ├── CertificateError  an optimum that arithmetic does not confirm
        └── SolverError       a solver that is missing or stopped

An `InputError` carries one `Problem` for each thing that is wrong, with its place, so that a
file with five mistakes is mended in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

__all__ = [
    "CertificateError",
    "FileError",
    "InfeasibleError",
    "InputError",
    "Problem",
    "RouteoptError",
    "ScenarioError",
    "SolveError",
    "SolverError",
    "SystemDataError",
    "UnboundedError",
    "UnitError",
    "did_you_mean",
]


def _cut(text: str, most: int) -> str:
    """A text without its middle if it is long: what was typed may be a whole file."""
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}...{text[-half:]}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the input.

    Attributes
    ----------
    message : str
        What is wrong.
    path : tuple of str or int
        Where in the data, as keys from the top: ``("legs", "btc", "capacity")``.
    hint : str
        What to write instead; empty if there is nothing to suggest.
    code : str
        A stable short name of the kind of problem, for programs.
    file : str
        The file, if the data came from one.
    line, column : int
        Where in the file, counted from 1; 0 if the data did not come from a file.
    on_key : bool
        The problem is the key itself and not its value.

    Examples
    --------
    >>> print(Problem("unknown unit 'Mt/yr'", ("legs", "btc", "capacity"), hint="write Mt/y"))
    legs.btc.capacity: unknown unit 'Mt/yr'; write Mt/y
    """

    message: str
    path: tuple[str | int, ...] = ()
    hint: str = ""
    code: str = "invalid"
    file: str = ""
    line: int = 0
    column: int = 0
    on_key: bool = False

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where = f"{where}:{self.line}:{self.column}" if where else f"line {self.line}, column {self.column}"
        dotted = ".".join(_cut(str(part), 60) for part in self.path)
        prefix = ": ".join(part for part in (where, dotted) if part)
        message = _cut(self.message, 600)
        text = f"{prefix}: {message}" if prefix else message
        return f"{text}; {self.hint}" if self.hint else text

    def under(self, *path: str | int) -> Problem:
        """The same problem seen from further up: ``path`` comes before its own."""
        return replace(self, path=(*path, *self.path))


class RouteoptError(Exception):
    """Base of every error that routeopt raises on purpose."""


class InputError(RouteoptError, ValueError):
    """The input is invalid.

    Parameters
    ----------
    problems : str, Problem or iterable of Problem
        What is wrong; a string is a problem without a place.

    Attributes
    ----------
    problems : tuple of Problem
        Everything that is wrong, in the order of the input.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        # Workers send errors back by pickle; the default would pass the text, not the problems.
        return type(self), (self.problems,)


class UnitError(InputError):
    """A unit, or a number with a unit, that cannot be read."""


class FileError(InputError):
    """A file that cannot be read, or is not YAML."""


class SystemDataError(InputError):
    """An export system that contradicts itself."""


class ScenarioError(InputError):
    """A scenario, closure, build or override that cannot be applied."""


class SolveError(RouteoptError):
    """The input is fine, the answer is not."""


class UnboundedError(SolveError):
    """A loop of legs without a capacity earns money for ever.

    Attributes
    ----------
    columns : tuple of int
        Columns of the program that grow together.
    """

    def __init__(self, message: str, columns: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.columns = columns


class InfeasibleError(SolveError):
    """Constraints that the caller added contradict each other or the system.

    Attributes
    ----------
    conflict : tuple of str
        A smallest set that contradicts itself: without any one of them there is an answer.
    gives : dict of str to float
        The smallest total by which added constraints would have to give, by name, in the system's flow unit.
    """

    def __init__(self, message: str, conflict: tuple[str, ...] = (), gives: dict[str, float] | None = None) -> None:
        super().__init__(message)
        self.conflict, self.relaxation = conflict, dict(gives or {})


class CertificateError(SolveError):
    """An optimum that arithmetic does not confirm, even after a cold start."""


class SolverError(SolveError):
    """A solver that is missing, refused the problem, or stopped."""


def did_you_mean(word: str, known: Iterable[str], *, other: str = "known") -> str:
    """A hint that names the nearest known word, or else the known words.

    Examples
    --------
    >>> did_you_mean("capcity", ["capacity", "tariff"])
    "did you mean 'capacity'?"
    >>> did_you_mean("x", ["capacity", "tariff"])
    'known: capacity, tariff'
    """
    words = sorted(set(known))
    # Nobody means a short word by a very long one, and comparing would take long.
    near = get_close_matches(word, _likely(word, words), n=1, cutoff=0.6) if len(word) <= 200 else []
    if near:
        return f"did you mean {near[0]!r}?"
    if not words:
        return ""
    shown = ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")
    return f"{other}: {shown}"


def _likely(word: str, words: list[str]) -> list[str]:
    """Among thousands of words only those that begin alike are worth comparing."""
    if len(words) <= 300:
        return words
    return [known for known in words if known[:2] == word[:2] and abs(len(known) - len(word)) <= 3][:300]
