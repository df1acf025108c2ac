"""From files to systems and scenarios that can be computed with, or to one error that names every mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from routeopt.errors import FileError, InputError, Problem, ScenarioError, SystemDataError, did_you_mean
from routeopt.files.bundled import bundled_systems
from routeopt.files.positions import located
from routeopt.files.reader import Document, read_file
from routeopt.scenario.scenario import Scenario, ScenarioFile
from routeopt.system.base import Record
from routeopt.system.checks import check
from routeopt.system.problems import problems_of
from routeopt.system.system import ExportSystem

__all__ = ["load", "load_scenarios"]

_SUFFIXES = (".yaml", ".yml")
_SCENARIO_KEY = "routeopt-scenarios"

Model = TypeVar("Model", bound=Record)


def load(source: str | os.PathLike[str]) -> ExportSystem:
    """Load an export system, with the scenarios that belong to it.

    Parameters
    ----------
    source : str or path
        The name of a system that comes with the library (``"kazakhstan"``), or a file: a ``pathlib.Path``,
        or a text that ends in ``.yaml`` or ``.yml``.

    Returns
    -------
    ExportSystem
        Its ``scenarios`` are those of ``scenarios/<name of the system>.yaml`` beside the file, or else of
        ``<file>.scenarios.yaml``.

    Raises
    ------
    FileError
        There is no such system or file, or it is not YAML.
    SystemDataError
        The system contradicts itself: ``problems`` lists everything that was found, with line and column.
    ScenarioError
        The same for its scenarios.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "small.yaml")
    ...     _ = path.write_text('''
    ... nodes: {oil: {kind: field, output: 10 Mt/y}, buyers: {kind: market}}
    ... legs: {line: {from: oil, to: buyers, capacity: 7 Mt/y}}
    ... ''')
    ...     load(path)
    ExportSystem('system', 2 nodes, 1 legs)
    """
    path = _path_of(source)
    document = read_file(path)
    _refuse_kind(document, SystemDataError, (_SCENARIO_KEY, "scenarios"), ("nodes", "legs"),
                 "holds scenarios, not a system", "read it with load_scenarios")  # fmt: skip
    system, problems = _validated(document, ExportSystem)
    if system is not None and not problems:
        problems = check(system)
    _raise_if(problems, document, SystemDataError)
    assert system is not None
    beside = _scenarios_of(path, system.name)
    scenarios = {} if beside is None else load_scenarios(beside, system)
    return system.with_scenarios(scenarios, origin=str(path))


def load_scenarios(path: str | os.PathLike[str], system: ExportSystem | None = None) -> Mapping[str, Scenario]:
    """Load a file of scenarios.

    Parameters
    ----------
    path : str or path
        The file.
    system : ExportSystem, optional
        The system that they are for; with it every name in them is checked.

    Returns
    -------
    mapping of str to Scenario
        By id, in the order of the file.

    Raises
    ------
    FileError
        There is no such file, or it is not YAML.
    ScenarioError
        Something in it is wrong: ``problems`` lists everything that was found, with line and column.
    """
    document = read_file(_as_path(path))
    _refuse_kind(document, ScenarioError, ("routeopt", "nodes", "legs"), (_SCENARIO_KEY, "scenarios"),
                 "holds a system, not scenarios", "read it with load")  # fmt: skip
    content, problems = _validated(document, ScenarioFile)
    if content is not None and not problems:
        problems = _extends_problems(content.scenarios)
        if system is not None:
            if content.system not in (None, system.name):
                text = f"is written for the system {content.system!r}, not for {system.name!r}"
                problems.append(Problem(text, ("system",), f"write system: {system.name}", "other-system"))
            elif not problems:
                from routeopt.scenario.resolve import check_scenario

                problems = check_scenario(system, content.scenarios)
    _raise_if(problems, document, ScenarioError)
    assert content is not None
    return content.scenarios


def _validated(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    try:
        return model.model_validate(document.data, by_name=False), []
    except ValidationError as error:
        return None, problems_of(error, model, document.data)


def _raise_if(problems: list[Problem], document: Document, kind: type[InputError]) -> None:
    if document.problems:
        # What follows from a mistake of syntax at the same place need not be said again.
        places = {(problem.line, problem.column) for problem in document.problems}
        rest = [p for p in located(problems, document.positions) if (p.line, p.column) not in places]
        raise FileError(located([*document.problems, *rest], document.positions))
    if problems:
        raise kind(located(problems, document.positions))


def _refuse_kind(
    document: Document, error: type[InputError], other: tuple[str, ...], own: tuple[str, ...], message: str, hint: str
) -> None:
    """Say so if a file is of the other kind, or of none."""
    data = document.data
    if not isinstance(data, dict):
        what = "a list" if isinstance(data, list) else "text" if isinstance(data, str) else "a single value"
        text = f"needs a mapping with {' and '.join(own)}, not {what}"
        _raise_if([Problem(text, code="type")], document, error)
    elif not set(own) & set(data):
        found = next((key for key in other if key in data), None)
        if found is not None:
            _raise_if([Problem(message, (found,), hint, "wrong-file", on_key=True)], document, error)


def _extends_problems(scenarios: Mapping[str, Scenario]) -> list[Problem]:
    """References between scenarios that lead nowhere or in a circle."""
    problems: list[Problem] = []
    for name, scenario in scenarios.items():
        for place, base in enumerate(scenario.extends):
            if base not in scenarios:
                hint = did_you_mean(base, scenarios, other="scenarios here")
                where = ("scenarios", name, "extends", place)
                problems.append(Problem(f"unknown scenario {base!r}", where, hint, "unknown-id"))
    done: set[str] = set()
    for name in scenarios:
        circle = _circle(name, scenarios, done)
        if circle:
            text = f"extends itself: {' -> '.join(circle)}"
            problems.append(
                Problem(
                    text,
                    ("scenarios", circle[-2], "extends", circle[-1]),
                    "take one of them out of extends",
                    "circular-extends",
                )
            )
    return problems


def _circle(start: str, scenarios: Mapping[str, Scenario], done: set[str]) -> list[str]:
    """A circle of extends that is met from ``start``; ids met are added to ``done``."""
    trail: list[str] = []
    waiting: list[tuple[str, bool]] = [(start, True)]
    while waiting:
        name, enters = waiting.pop()
        if not enters:
            trail.pop()
            continue
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done or name not in scenarios:
            continue
        done.add(name)
        trail.append(name)
        waiting.append((name, False))
        waiting += [(base, True) for base in scenarios[name].extends]
    return []


def _path_of(source: str | os.PathLike[str]) -> Path:
    if not isinstance(source, str) or source.endswith(_SUFFIXES):
        return _as_path(source)
    known = bundled_systems()
    if source in known:
        return known[source]
    hint = did_you_mean(source, known, other="systems that come with the library")
    for name in [source, *(source + suffix for suffix in _SUFFIXES)]:
        if Path(name).name == name and _is_file(name):
            call = f"load({name!r})" if name.endswith(_SUFFIXES) else f"load(pathlib.Path({name!r}))"
            hint = f"to read the file write {call}"
            break
    raise FileError(Problem(f"no system called {source!r} comes with the library", hint=hint, code="unknown-id"))


def _as_path(source: object) -> Path:
    if not isinstance(source, str | os.PathLike):
        raise FileError(f"needs a path, not {type(source).__name__}")
    return Path(source)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _scenarios_of(path: Path, name: str) -> Path | None:
    """The file of scenarios that belongs to a system, if there is one."""
    found = [path.with_name(f"{path.stem}.scenarios.yaml")]
    if name == Path(name).name and "\\" not in name:  # an id is no way out of the folder
        found.insert(0, path.parent / "scenarios" / f"{name}.yaml")
    found = [file for file in found if _is_file(str(file))]
    if len(found) > 1:
        text = f"two files hold the scenarios of this system: {found[0]} and {found[1]}"
        raise FileError(Problem(text, hint="keep one of them", code="ambiguous", file=str(path)))
    return found[0] if found else None
