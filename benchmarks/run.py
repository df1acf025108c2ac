"""Make both environments from the groups of ``pyproject.toml`` and print all tables.

``python3.11 benchmarks/run.py [FOLDER]`` makes two environments in FOLDER (``.venv-benchmarks`` if not given) or
brings those that are there up to date: one with all peers, on the Python that runs this, and one on Python 3.13 with
PuLP 4, in which the rows of PuLP are repeated. ``--second PYTHON`` names the other interpreter; arguments after ``--``
go to the table.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def environment(folder: Path, python: str, *wanted: str) -> str:
    """The interpreter of an environment, made if it is not there."""
    made = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not made.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(made), "-m", "pip", "install", "-q", "-U", "pip"], check=True)
    subprocess.run([str(made), "-m", "pip", "install", "-q", *wanted], check=True, cwd=HERE.parent)
    again = ["--no-deps", "--force-reinstall", "."]  # the version may be the same and the code another
    subprocess.run([str(made), "-m", "pip", "install", "-q", *again], check=True, cwd=HERE.parent)
    return str(made)


def main() -> int:
    """Make, run, and report what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE.parent / ".venv-benchmarks")
    parser.add_argument("--second", default="python3.13", help="the interpreter for PuLP 4")
    parser.add_argument("rest", nargs="*", help="for benchmarks/table.py, after --")
    options = parser.parse_args()
    first = environment(options.folder / "peers", sys.executable, ".[fast]", "--group", "peers")
    failed = subprocess.run([first, str(HERE / "table.py"), *options.rest]).returncode
    try:
        second = environment(options.folder / "pulp4", options.second, ".[fast]", "--group", "peers-pulp")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no environment with {options.second}: {error}", file=sys.stderr)
        return 1
    return failed | subprocess.run([second, str(HERE / "table.py"), "--pulp-only", *options.rest]).returncode


if __name__ == "__main__":
    sys.exit(main())
