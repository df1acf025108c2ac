"""Exit codes of the command line."""

from __future__ import annotations

__all__ = ["BROKEN_PIPE", "INPUT", "INTERRUPTED", "MEANINGS", "MISSING", "OK", "SOLVE", "UNEXPECTED", "USAGE"]

OK, UNEXPECTED, USAGE, INPUT, SOLVE, MISSING = range(6)
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS = {
    OK: "done",
    UNEXPECTED: "unexpected: a fault of routeopt or of the machine",
    USAGE: "the command line cannot be understood",
    INPUT: "a file, scenario or name is wrong, or a file cannot be read or written",
    SOLVE: "no optimum, none that can be proven, or no such solver",
    MISSING: "something that is optional is not installed",
    INTERRUPTED: "stopped by Ctrl-C",
    BROKEN_PIPE: "whoever read the output closed it (as head does)",
}
