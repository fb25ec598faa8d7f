"""Medians and quartiles."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.spread import median, quantile, quartile_range

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
