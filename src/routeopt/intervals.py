"""What a number of draws supports: intervals of shares, means, quantiles and tails, digits."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from routeopt.arrays import Floats

__all__ = ["digits", "mean_interval", "order_interval", "share_error", "student", "tail_interval", "wilson"]


CONFIDENCE = 0.95
"""Of every interval here."""


def share_error(hits: int, draws: int) -> float:
    """Standard error of a share, sqrt(p (1 - p) / n); zero where all draws agree, which `wilson` does not believe."""
    share = hits / draws
    return math.sqrt(share * (1.0 - share) / draws)


def wilson(hits: int, draws: int) -> tuple[float, float]:
    """Score interval of a share (E. B. Wilson 1927, J. Am. Stat. Assoc. 22, 209-212).

    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n); it does not shrink to a point where p is 0 or 1.

    Examples
    --------
    >>> low, high = wilson(10, 10)
    >>> round(low, 4), high
    (0.7225, 1.0)
    """
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share = hits / draws
    middle = share + z * z / (2 * draws)
    half = z * math.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    scale = 1 + z * z / draws
    low, high = (middle - half) / scale, (middle + half) / scale
    return (0.0 if hits == 0 else low), (1.0 if hits == draws else high)


def student(free: int) -> float:
    """Quantile of Student's t for a two-sided interval, by the expansion in Abramowitz and Stegun 26.7.5: to two
    thousandths from seven degrees of freedom on.

    Examples
    --------
    >>> round(student(29), 3)
    2.045
    """
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return t + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)


def mean_interval(mean: float, error: float, skewness: float, draws: int) -> tuple[float, float]:
    """Interval of a mean: Student's t, with the third moment of the draws taken out (P. Hall 1992, J. Royal
    Statistical Society B 54, 221-228).

    Losses are skewed, and an interval that is symmetric around their mean misses the truth on one side. With
    k = skewness / sqrt(n), t + k t^2 / 3 + k^2 t^3 / 27 + k / 6 is nearer to a symmetric variable than t is, and it can
    be inverted. Like every interval from moments it holds where the draws show what the moments are made of.

    Examples
    --------
    >>> [round(end, 3) for end in mean_interval(1.0, 0.1, 0.0, 30)]
    [0.795, 1.205]
    >>> [round(end, 3) for end in mean_interval(1.0, 0.1, 2.0, 30)]
    [0.836, 1.318]
    """
    t = student(max(draws - 1, 1))
    k = skewness / math.sqrt(draws)
    if abs(k) < 1e-6:
        return mean - t * error, mean + t * error
    ends = [3.0 / k * (math.copysign(abs(1.0 + k * (side - k / 6)) ** (1 / 3), 1.0 + k * (side - k / 6)) - 1.0)
            for side in (t, -t)]  # fmt: skip
    return mean - ends[0] * error, mean - ends[1] * error


def tail_interval(draws: Floats, share: float, least: float, most: float) -> tuple[float, float]:
    """Interval of the mean of the largest ``share`` of a distribution, whatever the distribution.

    By how much the probability of exceeding the k-th largest draw can differ from its share among the draws is bounded
    for a grid of k at once (Chernoff's bound, Bonferroni over the grid). These are two envelopes of the distribution
    (Anderson 1969, Stanford Technical Report 1), and the mean of the tail lies between theirs; what may lie beyond the
    largest draw is taken to be as large as it can be. An atom that was never drawn is within the interval. Draws are in
    rising order; no value is below ``least`` or above ``most``, and where one is NaN so is an end that needs it.

    Examples
    --------
    Nothing in a hundred draws, and at most 10 at a time: the mean of all is below 0.73.

    >>> low, high = tail_interval(np.zeros(100), 1.0, 0.0, 10.0)
    >>> low, round(high, 2)
    (0.0, 0.73)
    """
    above, low, high = _envelopes(len(draws))
    at = draws[len(draws) - 1 - above]
    lowest = _area(np.append(0.0, low), np.append(at, least), share)
    highest = _area(np.append(0.0, high), np.append(most, at), share)
    return lowest / share, highest / share


@lru_cache(maxsize=32)
def _envelopes(many: int) -> tuple[NDArray[np.intp], Floats, Floats]:
    """A grid of numbers of draws, the least probability that lies at or above the draw which so many exceed, and the
    most that lies above it."""
    above = np.unique(np.concatenate([np.arange(min(16, many)), np.geomspace(1, many, 80).astype(int) - 1]))
    doubt = math.log(2 * len(above) / (1.0 - CONFIDENCE)) / many
    return above, _share_bound((above + 1) / many, doubt, -1.0), _share_bound(above / many, doubt, 1.0)


def _share_bound(share: Floats, doubt: float, side: float) -> Floats:
    """The largest (side 1) or smallest (-1) probability whose Kullback-Leibler distance from a share is the doubt."""
    inner, outer = share.copy(), np.full(len(share), 1.0 if side > 0 else 0.0)
    for _ in range(60):
        middle = (inner + outer) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            hit = np.where(share > 0, share * np.log(share / middle), 0.0)
            miss = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - middle)), 0.0)
        near = hit + miss <= doubt
        inner, outer = np.where(near, middle, inner), np.where(near, outer, middle)
    return outer


def _area(starts: Floats, values: Floats, share: float) -> float:
    """Integral from 0 to a share of a step function that has each value from its start on."""
    edges = np.minimum(np.append(np.maximum.accumulate(starts), 1.0), share)
    width = np.diff(edges)
    return float(values[width > 0] @ width[width > 0])


def order_interval(draws: int, share: float) -> tuple[int | None, int | None]:
    """Which order statistics enclose a quantile, whatever the distribution; None on a side with too few draws.

    The number of draws below the quantile is binomial(n, p), so the quantile lies between the l-th and the u-th
    smallest draw (counted from 0 here) with at least the confidence wanted if P(B < l) and P(B >= u) are at most half
    of the rest (David and Nagaraja 2003, Order Statistics, section 7.1).

    Examples
    --------
    >>> order_interval(100, 0.5)
    (39, 60)
    >>> order_interval(20, 0.05)
    (None, 3)
    """
    tail = (1.0 - CONFIDENCE) / 2
    count = np.arange(draws + 1)
    log_choose = math.lgamma(draws + 1) - np.array([math.lgamma(k + 1) + math.lgamma(draws - k + 1) for k in count])
    below = np.cumsum(np.exp(log_choose + count * math.log(share) + (draws - count) * math.log1p(-share)))
    # l (from 1) is the largest with P(B <= l - 1) <= tail; u the smallest with P(B <= u - 1) >= 1 - tail.
    low = int(np.count_nonzero(below <= tail)) - 1
    high = int(np.argmax(below >= 1.0 - tail))
    return (low if low >= 0 else None), (high if high < draws else None)


def digits(value: float, error: float) -> str:
    """A number with no more digits than its error supports; four figures if it has none.

    Examples
    --------
    >>> digits(78.123, 0.4), digits(78.123, 0.034), digits(1234.0, 40.0), digits(2.0, 0.0)
    ('78.1', '78.12', '1230', '2')
    """
    if not math.isfinite(error) or error <= 0.0 or error <= 1e-4 * abs(value):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{round(value, 3 - math.floor(math.log10(abs(value)))):.0f}"
    places = -math.floor(math.log10(error))
    text = f"{round(value, places):.{max(0, places)}f}"
    return text.removeprefix("-") if float(text) == 0 else text
