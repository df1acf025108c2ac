"""Rank correlations."""

from __future__ import annotations

import numpy as np

from routeopt.arrays import Floats

__all__ = ["ranks", "spearman", "spearman_error"]


def ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs.

    >>> ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist()
    [3.5, 1.0, 3.5, 2.0]
    """
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: Floats = (last - 0.5 * (counts - 1))[where]
    return mean


def spearman(inputs: Floats, result: Floats) -> Floats:
    """Spearman's rank correlation of each column of ``inputs`` (draws, columns) with a result (draws,): Pearson's
    correlation of the ranks, ties averaged; NaN where a column or the result is the same in every draw."""
    y = ranks(result)
    y -= y.mean()
    columns = [ranks(column) for column in inputs.T]
    x = np.array(columns, float).reshape(len(columns), len(y))
    x -= x.mean(axis=1, keepdims=True)
    size = np.sqrt((x * x).sum(axis=1) * (y @ y))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation: Floats = np.where(size > 0, x @ y / size, np.nan)
    return np.clip(correlation, -1.0, 1.0)


def spearman_error(correlation: Floats, draws: int) -> Floats:
    """Standard error of Spearman's correlation.

    By Fisher's z, whose variance is (1 + r²/2) / (n - 3) for ranks (Bonett and Wright 2000, Psychometrika 65,
    23-28), carried back: (1 - r²) times its root. NaN for three draws or fewer.
    """
    if draws <= 3:
        return np.full_like(correlation, np.nan)
    squared = correlation * correlation
    error: Floats = (1.0 - squared) * np.sqrt((1.0 + squared / 2.0) / (draws - 3))
    return error
