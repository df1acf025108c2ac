"""The tree of errors and the problems that they carry."""

import copy
import pickle
import re
import time

import pytest

from routeopt import errors
from routeopt.errors import InputError, Problem, RouteoptError, UnboundedError, did_you_mean

PROBLEMS = (
    Problem("unknown unit 'x'", ("legs", "btc", 0), "write t", "unit-unknown", "a.yaml", 3, 7, True),
    Problem("has no value"),
)


def drawn() -> dict[str, str]:
    """Error -> parent, as the tree in the docstring draws it."""
    tree: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1])
            above = [(d, name) for d, name in above if d < depth]
            tree[found[2]] = above[-1][1] if above else ""
            above.append((depth, found[2]))
    return tree


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    real = {
        name: thing.__mro__[1].__name__ if thing is not RouteoptError else ""
        for name in errors.__all__
        if isinstance(thing := getattr(errors, name), type) and issubclass(thing, Exception)
    }
    assert drawn() == real
    assert len(real) == 11


def test_the_descriptions_in_the_tree_stand_in_one_column() -> None:
    lines = [line for line in errors.__doc__.splitlines() if re.search(r"[├└]── \w+Error\s", line)]
    assert {re.search(r"Error\s+\S", line).end() for line in lines if not line.startswith("    │   ")} == {31}
    assert len({re.search(r"Error\s+\S", line).end() for line in lines}) == 1


@pytest.mark.parametrize("name", sorted(set(drawn()) - {"RouteoptError"}))
def test_each_is_caught_as_what_it_is_under(name: str) -> None:
    kind = getattr(errors, name)
    with pytest.raises(RouteoptError):
        raise kind("stop")
    assert issubclass(kind, ValueError) == issubclass(kind, InputError)


@pytest.mark.parametrize("name", [name for name, parent in drawn().items() if "InputError" in (name, parent)])
@pytest.mark.parametrize("remake", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_problems_survive_the_way_to_a_worker_and_back(name: str, remake: object) -> None:
    error = getattr(errors, name)(PROBLEMS)
    again = remake(error)
    assert type(again) is type(error)
    assert again.problems == PROBLEMS
    assert str(again) == str(error)


def test_solve_errors_survive_as_well() -> None:
    again = pickle.loads(pickle.dumps(UnboundedError("grows for ever", (3, 5))))
    assert (str(again), again.columns) == ("grows for ever", (3, 5))


def test_what_input_error_takes() -> None:
    assert InputError("stop").problems == (Problem("stop"),)
    assert InputError(Problem("stop")).problems == (Problem("stop"),)
    assert InputError(Problem(text) for text in "ab").problems == (Problem("a"), Problem("b"))
    assert str(InputError(PROBLEMS)).splitlines() == [
        "a.yaml:3:7: legs.btc.0: unknown unit 'x'; write t",
        "has no value",
    ]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("stop"), "stop"),
        (Problem("stop", hint="go"), "stop; go"),
        (Problem("stop", ("a", 0, "b")), "a.0.b: stop"),
        (Problem("stop", file="f.yaml"), "f.yaml: stop"),
        (Problem("stop", ("a",), file="f.yaml", line=2, column=5), "f.yaml:2:5: a: stop"),
        (Problem("stop", ("a",), line=2, column=5), "line 2, column 5: a: stop"),
        (Problem("stop", ("a", "b")).under("legs", 1), "legs.1.a.b: stop"),
    ],
)
def test_how_a_problem_reads(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_problem_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        PROBLEMS[0].message = "fine"


def test_long_input_is_not_printed_whole() -> None:
    long = "x" * 1_000_000
    assert len(str(Problem(f"unknown key {long!r}", ("legs", long)))) < 800


def test_did_you_mean() -> None:
    assert did_you_mean("capcity", ["tariff", "capacity"]) == "did you mean 'capacity'?"
    assert did_you_mean("zzz", ["b", "a", "a"]) == "known: a, b"
    assert did_you_mean("zzz", ["b", "a"], other="legs here") == "legs here: a, b"
    assert did_you_mean("zzz", []) == ""
    many = did_you_mean("zzz", [f"leg{i:02}" for i in range(30)])
    assert many.endswith("leg11, ...")


def test_did_you_mean_is_quick_on_long_words() -> None:
    start = time.perf_counter()
    assert did_you_mean("x" * 1_000_000, ["x" * 1000, "capacity"]).startswith("known: ")
    assert time.perf_counter() - start < 0.5
