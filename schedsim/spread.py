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
