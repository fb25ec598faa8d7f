"""Medians, quartiles, and intervals of shares."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.spread import median, quantile, quartile_range, wilson

VALUES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20)


@given(VALUES)
def test_quartiles_are_those_of_the_standard_library(values):
    """The same as ``statistics.quantiles`` with the ends included."""
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert quartiles == pytest.approx([quantile(values, share) for share in (0.25, 0.5, 0.75)])
    assert statistics.median(values) == median(values)
    assert quartiles[2] - quartiles[0] == pytest.approx(quartile_range(values))


def test_one_value_is_every_quantile():
    """With one value there is no spread."""
    assert [7, 7, 7] == [quantile([7], share) for share in (0, 0.5, 1)]
    assert quartile_range([7]) == 0


def test_no_values_have_none():
    """Nothing has no median."""
    with pytest.raises(ValueError, match="there is no quantile of no values"):
        median([])


@given(st.integers(1, 500), st.data(), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_ends_of_an_interval_are_just_so_far_off(count, data, confidence):
    """Wilson's definition: from either end, the share seen is as many standard deviations away."""
    hits = data.draw(st.integers(0, count))
    share, deviations = hits / count, statistics.NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = wilson(hits, count, confidence)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        away = deviations * (end * (1 - end) / count) ** 0.5
        assert away == pytest.approx(abs(share - end), abs=1e-9)


@pytest.mark.parametrize(("hits", "count"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(hits, count):
    """No tries, or more hits than tries."""
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, count)
