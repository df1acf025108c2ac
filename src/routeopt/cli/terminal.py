"""The terminal, through rich. Imported when something is printed for people: it takes a while."""

from __future__ import annotations

import os

from rich.console import Console

from routeopt.cli.text import screen_width

__all__ = ["console"]


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `routeopt.cli.guard`; rich would end the process with its own exit code."""
        raise BrokenPipeError


def console(stderr: bool = False) -> Console:
    """A terminal: without any colour or weight where ``NO_COLOR`` says so or nobody looks."""
    bare = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return _Screen(
        stderr=stderr, color_system=None if bare else "auto", markup=False, highlight=False, emoji=False,
        width=screen_width(), soft_wrap=True,
    )  # fmt: skip
