"""Parts of a batch over workers: any executor, the same results, nothing left behind, Ctrl-C at any moment."""

from __future__ import annotations

import concurrent.futures as futures
import functools
import importlib
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar

__all__ = ["PATIENCE", "interruptible", "pieces", "spread"]

log = logging.getLogger("routeopt")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

PATIENCE = 2.0
"""Seconds before a bar is shown."""

_LOST = ("KilledWorker", "CommClosedError")
"""What Dask raises when a worker has gone."""


def spread(
    function: Callable[..., Result],
    tasks: Sequence[tuple[Any, ...]],
    executor: futures.Executor | None = None,
    *,
    title: str = "closures",
) -> list[Result]:
    """Call a function on every task, here or on workers.

    - ``function``: of a module, so that it can be pickled.
    - ``tasks``: arguments of each call; plain data.
    - ``executor``: any; without one everything is done here, one task after the other. It is not shut down.
    - ``title``: beside the bar, which is shown where tqdm is installed and the work takes more than `PATIENCE` seconds.

    Returns: results in the order of the tasks. A task whose worker has died is done again here, with a warning in the
    log.

    Raises Exception: whatever the function raises. Then, and on Ctrl-C, what has not begun is cancelled.

    Notes
    -----
    Ctrl-C in a terminal reaches worker processes too, and one that dies of it while it holds the lock of its pool's
    queue stops the pool for ever. So worker processes ignore it from their first part on: they end the part in hand
    and stop when the pool is shut down.

    Examples
    --------
    >>> spread(divmod, [(7, 2), (9, 4)])
    [(3, 1), (2, 1)]
    """
    with _Bar(len(tasks), title) as bar:
        if executor is None:
            return [bar.done(function(*task)) for task in tasks]
        results: dict[int, Result] = {}
        waiting: dict[futures.Future[Result], int] = {}
        lost: list[int] = []
        try:
            for place, task in enumerate(tasks):
                try:
                    waiting[executor.submit(_on_worker, function, *task)] = place
                except (futures.BrokenExecutor, RuntimeError) as error:
                    # The pool broke before all was handed in.
                    log.warning("the executor takes no more work (%s): the rest is done here", error)
                    lost.extend(range(place, len(tasks)))
                    break
            for future in futures.as_completed(waiting):
                place = waiting[future]
                try:
                    results[place] = bar.done(future.result())
                except BaseException as error:
                    if not _worker_died(error):
                        raise
                    lost.append(place)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
        if lost:
            log.warning("%d of %d parts were lost with their workers: they are done again here", len(lost), len(tasks))
        for place in sorted(lost):
            results[place] = bar.done(function(*tasks[place]))
        return [results[place] for place in range(len(tasks))]


def _on_worker(function: Callable[..., Result], *task: Any) -> Result:
    if multiprocessing.parent_process() is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return function(*task)


def _worker_died(error: BaseException) -> bool:
    died = (futures.BrokenExecutor, futures.CancelledError, ConnectionError, EOFError)
    return isinstance(error, died) or type(error).__name__ in _LOST


class _Bar:
    """A bar that only shows when the work takes long."""

    def __init__(self, total: int, title: str) -> None:
        self._total, self._title, self._done = total, title, 0
        self._begun = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def done(self, result: Result) -> Result:
        """Count one more task, and pass its result on."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(1)
        elif self._done < self._total and time.monotonic() - self._begun > PATIENCE:
            self._bar = _tqdm(self._total, self._done, self._title)
            if self._bar is None:
                self._total = 0  # there is no tqdm: do not look again
        return result


def _tqdm(total: int, done: int, title: str) -> Any:
    try:
        tqdm = importlib.import_module("tqdm")
    except ImportError:
        return None
    return tqdm.tqdm(total=total, initial=done, desc=title, unit="part")


def pieces(many: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut a series into parts of a size."""
    for first in range(0, many, size):
        yield first, min(first + size, many)


def interruptible(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same function; a Ctrl-C that hits compiled code in the wrong moment is one all the same.

    Examples
    --------
    >>> @interruptible
    ... def compiled():
    ...     try:
    ...         raise KeyboardInterrupt
    ...     except KeyboardInterrupt as error:
    ...         raise SystemError("returned a result with an exception set") from error  # once, or again and again
    >>> try:
    ...     compiled()
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    interrupted
    """

    @functools.wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except SystemError as error:
            # What numba has compiled returns a value although the signal's handler has raised.
            first: BaseException | None = error
            while isinstance(first, SystemError):
                first = first.__cause__ or first.__context__
            if isinstance(first, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise

    return run
