"""Something that moves on stderr while a verb works, and nothing where nobody looks."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator

__all__ = ["waiting"]

_PATIENCE = 1.0


@contextlib.contextmanager
def waiting(what: str, quiet: bool, bar: bool = False) -> Iterator[None]:
    """Say what is going on, from a second on.

    Parameters
    ----------
    what : str
    quiet : bool
        Say nothing.
    bar : bool
        The verb has a bar of its own where tqdm is installed.
    """
    if quiet or not sys.stderr.isatty():
        os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported
        yield
        return
    if bar and importlib.util.find_spec("tqdm") is not None:
        yield
        return
    from routeopt.cli.terminal import console

    status = console(stderr=True).status(what)
    timer = threading.Timer(_PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
