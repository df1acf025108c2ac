"""Draws of closures on random systems, each held against an independent solver.

``python benchmarks/exactness.py 1000000`` sends so many draws through the kernel, on random systems with losses,
blending, groups, several commodities, components, fleets and contracts, and prints the largest deviation of exports,
shortage and money. The other side is scipy on a program written a second time from the records
(``tests/helpers/independent.py``, which shares no line with the library): it solves every distinct pattern of closures,
and each draw is compared with the answer for its pattern.
``--first`` is the first random system, ``--each`` the draws on each.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from helpers.exactness import Exactness, examine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("draws", type=int, nargs="?", default=20_000)
    parser.add_argument("--each", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=100)
    asked = parser.parse_args()
    total, seed, begun = Exactness(), asked.first, time.perf_counter()
    while total.draws < asked.draws:
        examine(seed, min(asked.each, asked.draws - total.draws), total)
        seed += 1
    print(f"{total.draws:,} draws on {total.systems} random systems in {time.perf_counter() - begun:.0f} s")
    print("of these systems have " + ", ".join(f"{name} {many}" for name, many in total.features.items()))
    print(f"{total.kernel:,} draws answered by the kernel, {total.handed_over:,} handed over to the warm session")
    print(f"{total.distinct:,} distinct patterns solved by the independent solver; every draw compared with its own")
    print(f"largest relative deviation {total.worst:.2g} ({total.where})")
    print(f"draws that are off by more than 1e-6: {total.above:,}")


if __name__ == "__main__":
    main()
