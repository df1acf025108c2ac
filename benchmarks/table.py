"""Speed side by side: one command prints the table.

``python benchmarks/table.py`` compares routeopt with whatever peers are installed (dependency group ``peers``) on the
same programs under the same closures. Values of every closure that a peer solves must agree to 1e-6 of the largest
of their kind; a row in which they do not is printed as failed and the command ends with an error.

Ours is timed end to end, from a loaded system to certified values, everything that is kept between calls left out
but for what is compiled and imported once. Peers get ready arrays for nothing, and one weighted cost, so that a single
solve gives both values; slow ones solve a sample of the closures, and the time of one is shown. Medians of five
repeats in which all take turns.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache

# One core for everybody; libraries read this when they are loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import closures  # noqa: E402
import months  # noqa: E402
import peers  # noqa: E402
import scale  # noqa: E402
from instances import Instance, generated, kazakhstan  # noqa: E402
from row import Row, printed  # noqa: E402
from timing import REPEATS  # noqa: E402

GROUPS = ("draws", "sweeps", "warm", "generated", "plain", "months", "months-2000", "cores", "memory")
PULP = ("pulp-highs", "pulp-cbc")
DRAWS = {"glop": 30.0, "pulp-cbc": 2000.0, "highspy": 40.0}


@cache
def _kz() -> Instance:
    return kazakhstan()


@cache
def _generated(whole: bool = False) -> Instance:
    return Instance("plain, 200 nodes, 600 legs" if whole else "200 nodes, 600 legs", generated(200, 600, whole=whole))


def works(group: str) -> list[closures.Work]:
    """Works with many closures of a group of rows."""
    if group == "draws":
        return [closures.draws(_kz(), many, DRAWS) for many in (10_000, 100_000)]
    if group == "sweeps":
        kernel = closures.sweep(_kz(), 2, {"glop": 25.0}, "kernel", ", engine='kernel'")
        return [closures.sweep(_kz(), 1, {}), closures.sweep(_kz(), 2, {"glop": 25.0}), kernel]
    if group == "generated":
        return [closures.sweep(_generated(), 1, {}), closures.sweep(_generated(), 2, {"highspy": 8.0})]
    if group == "plain":
        return [closures.sweep(_generated(True), 1, {})]
    if group == "warm":
        note = ", without numba"
        return [closures.draws(_kz(), 10_000, {"highspy": 0.95, "highspy-base": 0.95}, "warm", note),
                closures.sweep(_generated(), 2, {"highspy": 2.5}, "warm", note)]  # fmt: skip
    return []


def quick(chosen: Sequence[str]) -> list[Row]:
    """A few seconds of it: that all runs and agrees, not how fast it is."""
    work = closures.draws(_kz(), 400, {})
    return [*closures.rows(work, chosen, 0.02, 1), *closures.rows(closures.sweep(_kz(), 1, {}), chosen, 0.02, 1)]


def measured(group: str, chosen: Sequence[str], repeats: int, budget: float) -> list[Row]:
    """The rows of a group."""
    if group in ("months", "months-2000"):
        size = (200, 600) if group == "months" else (2000, 8000)
        return months.rows(*size, chosen, repeats)
    if group == "warm":
        chosen = [name for name in chosen if name.startswith("highspy")]
    made = []
    for work in works(group):
        long = group == "warm" and work.many > 100_000
        made += closures.rows(work, chosen, budget, 1 if long else repeats)
    return made


def sentences(group: str, repeats: int) -> list[str]:
    """What is no comparison with a peer."""
    if group == "cores":
        lines = scale.cores(_kz(), 400_000, repeats=repeats)
        return lines + scale.cores(_generated(), 2_000, "warm", repeats)
    if group == "memory":
        return [scale.memory(many) for many in scale.LIMITS]
    return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if anything has failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", choices=GROUPS, default=list(GROUPS), help="groups of rows")
    parser.add_argument("--peers", nargs="+", choices=list(peers.NAMES), default=list(peers.NAMES))
    parser.add_argument("--pulp-only", action="store_true", help="the rows of PuLP, for a second environment")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--budget", type=float, default=0.4, help="seconds a repeat of a peer may take")
    parser.add_argument("--quick", action="store_true", help="whether all runs and agrees, in seconds")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)  # some peers tell about every step
    warnings.filterwarnings("ignore", category=FutureWarning, module="pypsa|linopy|xarray")
    chosen = [name for name in options.peers if not options.pulp_only or name in PULP]
    groups = [group for group in options.rows if not options.pulp_only or group not in ("warm", "cores", "memory")]
    made: list[Row] = []
    lines: list[str] = []
    if options.quick:
        made = quick(chosen)
    else:
        run: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
        for group in groups:
            run(f"measuring: {group}")
            found = measured(group, chosen, options.repeats, options.budget)
            lines += sentences(group, options.repeats)
            made += found
            if found:
                run(printed(found))  # what there is, should anything later take too long
    print(_about())
    if made:
        print(printed(made, options.markdown))
    print("\n".join(lines))
    wrong = [row for row in made if row.failed] or [line for line in lines if "FAILED" in line]
    if wrong:
        print(f"{len(wrong)} failed", file=sys.stderr)
    return 1 if wrong else 0


def _about() -> str:
    import platform
    from importlib import metadata

    names = ("numpy", "numba", "highspy", "pulp", "ortools", "scipy", "linopy", "pypsa", "pywr", "networkx")
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return f"Python {platform.python_version()}; " + ", ".join(found)


if __name__ == "__main__":
    sys.exit(main())
