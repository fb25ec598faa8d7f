"""Medians and quartiles of a few measurements: what one run did says little, what most did says more."""

from __future__ import annotations

from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of ``values`` lie, between two of them if need be.

    Raises ValueError for no values.

    >>> quantile([1, 2, 3, 4, 5], 0.25), quantile([1, 2], 0.5), quantile([7], 0.9)
    (2, 1.5, 7)
    """
    if not values:
        raise ValueError("there is no quantile of no values")
    ordered = sorted(values)
    below, part = divmod(share * (len(ordered) - 1), 1)
    low = ordered[int(below)]
    if not part:
        return low
    return low + (ordered[int(below) + 1] - low) * part


def median(values: Sequence[float]) -> float:
    """Return the middle one of ``values``, or the mean of the middle two."""
    return quantile(values, 0.5)


def quartile_range(values: Sequence[float]) -> float:
    """Return how far apart the quartiles are: the length in which the middle half of ``values`` lies."""
    return quantile(values, 0.75) - quantile(values, 0.25)


def wilson(hits: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval in which the share that ``hits`` of ``count`` tell of lies, with this confidence.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, Journal of the
    American Statistical Association 22, 1927. Raises ValueError for no tries, or more hits than tries.

    >>> [round(share, 3) for share in wilson(0, 10)], [round(share, 3) for share in wilson(5, 10)]
    ([0.0, 0.278], [0.237, 0.763])
    """
    from statistics import NormalDist

    if not 0 <= hits <= count or not count:
        raise ValueError(f"{hits} of {count} is no share")
    deviations = NormalDist().inv_cdf((1 + confidence) / 2)
    square = deviations**2
    share = hits / count
    middle = share + square / (2 * count)
    half = deviations * (share * (1 - share) / count + square / (4 * count**2)) ** 0.5
    whole = 1 + square / count
    # The share itself lies within, also where rounding would have it outside: at 0 and 1.
    return max(min((middle - half) / whole, share), 0.0), min(max((middle + half) / whole, share), 1.0)
