"""What the tests of the claims share: the scripts, the files as plain data, the verdicts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"


@pytest.fixture(scope="session", autouse=True)
def scripts():
    """Make the scripts of seeds/ importable, as they are when one of them is run."""
    sys.path.insert(0, str(SEEDS))
    yield
    sys.path.remove(str(SEEDS))


@pytest.fixture(scope="session")
def claims():
    return yaml.safe_load((SEEDS / "claims.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def routes():
    """The shipped data, read without the library."""
    return yaml.safe_load((ROOT / "data" / "routes.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def scenarios():
    text = (ROOT / "data" / "scenarios" / "kazakhstan.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["scenarios"]


@pytest.fixture(scope="session")
def case(scripts, kz, claims):
    from questions import Case

    return Case(kz, claims["claims"])


@pytest.fixture(scope="session")
def verdicts(scripts, case):
    from verdicts import VERDICTS

    return {verdict.part: verdict for judge in VERDICTS for verdict in judge(case)}
