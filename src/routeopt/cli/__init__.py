"""The command line ``routeopt``. It parses, calls a verb and prints; `main` works without the extra ``cli`` too."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from routeopt.cli.terminal import INTERRUPTED, MISSING

__all__ = ["main"]

_NEEDED = ("typer", "rich", "click")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; the process's own arguments if not given.

    Raises
    ------
    SystemExit
        Always; the codes are those of `routeopt.cli.terminal`.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    try:
        from routeopt.cli.app import app
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        print(f"routeopt: the command line needs {error.name}, which is not installed", file=sys.stderr)
        print("install it with: python -m pip install 'routeopt[cli]'", file=sys.stderr)
        raise SystemExit(MISSING) from None
    app(None if arguments is None else list(arguments), prog_name="routeopt")
