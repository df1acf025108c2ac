"""What a number of draws supports: intervals of shares and quantiles, digits."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

__all__ = ["digits", "order_interval", "share_error", "wilson"]

CONFIDENCE = 0.95
"""Of every interval here."""


def share_error(hits: int, draws: int) -> float:
    """Standard error of a share, sqrt(p (1 - p) / n); zero where all draws agree, which `wilson` does not believe."""
    share = hits / draws
    return math.sqrt(share * (1.0 - share) / draws)


def wilson(hits: int, draws: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Score interval of a share (E. B. Wilson 1927, J. Am. Stat. Assoc. 22, 209-212).

    Parameters
    ----------
    hits, draws : int
        In how many of how many draws something holds.
    confidence : float

    Returns
    -------
    low, high : float
        (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n); it does not shrink to a point where p is 0 or 1.

    Examples
    --------
    >>> low, high = wilson(10, 10)
    >>> round(low, 4), high
    (0.7225, 1.0)
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = hits / draws
    middle = share + z * z / (2 * draws)
    half = z * math.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    scale = 1 + z * z / draws
    low, high = (middle - half) / scale, (middle + half) / scale
    return (0.0 if hits == 0 else low), (1.0 if hits == draws else high)


def order_interval(draws: int, share: float, confidence: float = CONFIDENCE) -> tuple[int | None, int | None]:
    """Which order statistics enclose a quantile, whatever the distribution.

    The number of draws below the quantile is binomial(n, p), so the quantile lies between the l-th and the u-th
    smallest draw with at least the confidence wanted if P(B < l) and P(B >= u) are at most half of the rest
    (David and Nagaraja 2003, Order Statistics, section 7.1).

    Parameters
    ----------
    draws : int
    share : float
        Which quantile, between 0 and 1 exclusive.
    confidence : float

    Returns
    -------
    low, high : int or None
        Counted from 0 in the sorted draws; None where so few draws do not bound that side.

    Examples
    --------
    >>> order_interval(100, 0.5)
    (39, 60)
    >>> order_interval(20, 0.05)
    (None, 3)
    """
    tail = (1.0 - confidence) / 2
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
