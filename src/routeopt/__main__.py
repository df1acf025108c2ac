"""``python -m routeopt``: Kazakhstan's crude exports, with CPC shut, and with a Trans-Caspian pipeline.

With arguments it is the command line: ``python -m routeopt solve kazakhstan``.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Load, allocate, close CPC, see what is lost, build TCOP, see what it saves."""
    from routeopt import allocate, compare, load
    from routeopt.results import number

    kz = load("kazakhstan")
    base = allocate(kz)
    shut = allocate(kz, "cpc-closed")
    built = allocate(kz, "cpc-closed-with-tcop-20")
    print(base.summary(), end="\n\n")
    print(compare(base, shut, built), end="\n\n")
    lost, saved = base.exported - shut.exported, built.exported - shut.exported
    print(f"A year without CPC costs {number(lost)} {base.flow_unit}, {lost / base.exported:.0%} of exports.")
    print(f"A Trans-Caspian pipeline of {built.scenario.build['tcop']} would save {number(saved)} of them.")


if __name__ == "__main__":
    if sys.argv[1:]:
        from routeopt.cli import main as command_line

        command_line()
    else:
        main()
