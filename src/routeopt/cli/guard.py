"""Every command runs in here: errors become messages on stderr and exit codes."""

from __future__ import annotations

import functools
import io
import os
import sys
import traceback
from collections.abc import Callable
from typing import ParamSpec

import typer

from routeopt.cli import codes
from routeopt.cli.text import clean
from routeopt.errors import InputError, Problem, RouteoptError

__all__ = ["guarded", "usage"]

Arguments = ParamSpec("Arguments")

_IN_SHELL_WORDS = {
    "write overwrite=True": "add --force",
    "name a regular file": "name a regular file, or write -o - to print",
    "load_scenarios": "check, with the system's own file beside it",
    "foresight='perfect'": "--foresight perfect",
}
"""Hints of the library speak Python; here they speak shell."""


def guarded(command: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """The same command, ending with an exit code whatever happens in it."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        _speak_any_script()
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Exit, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            raise typer.Exit(codes.INTERRUPTED) from None
        except BrokenPipeError:
            _to_nowhere()
            raise typer.Exit(codes.BROKEN_PIPE) from None
        except InputError as error:
            for problem in error.problems:
                _say(_shell(problem))
            raise typer.Exit(codes.INPUT) from None
        except RouteoptError as error:
            _say(str(error))
            raise typer.Exit(codes.SOLVE) from None
        except MemoryError:
            _say("there is not enough memory for this; ask for less at a time")
            raise typer.Exit(codes.UNEXPECTED) from None
        except OSError as error:
            _say(f"the machine refused: {error.strerror or error}")
            raise typer.Exit(codes.UNEXPECTED) from None
        except Exception:
            traceback.print_exc()
            _say("this is a fault of routeopt and not of what you wrote; please report it with the lines above")
            raise typer.Exit(codes.UNEXPECTED) from None

    return run


def usage(message: str, option: str = "") -> typer.BadParameter:
    """The error for an argument that cannot be understood; `option` is what it belongs to."""
    return typer.BadParameter(f"{option}: {message}" if option else message)


def _shell(problem: Problem) -> str:
    text = str(problem)
    for python, shell in _IN_SHELL_WORDS.items():
        text = text.replace(python, shell)
    return text


def _say(text: str) -> None:
    print(f"error: {clean(text)}", file=sys.stderr)


def _speak_any_script() -> None:
    """Where a terminal knows fewer letters than a title has, show their numbers rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _to_nowhere() -> None:
    """Let the interpreter's last flush go to nobody, so that it does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
