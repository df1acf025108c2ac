"""Draws on random systems against an independent solver; ``benchmarks/exactness.py`` does the same with a million."""

import pytest

from helpers.exactness import Exactness, examine


@pytest.mark.slow
def test_no_draw_is_off():
    total = Exactness()
    for seed in (101, 103, 106, 108, 113):
        examine(seed, 2_000, total, decisions=5)
    assert total.draws == 10_000
    assert total.kernel + total.handed_over == total.draws
    assert total.worst < 1e-6, total.where
    assert total.above == 0
    assert min(total.features.values()) > 0, total.features
