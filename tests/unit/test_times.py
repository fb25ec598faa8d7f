"""Durations: exact at the border, whole nanoseconds inside."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.times import LONGEST, UNITS, ms, ns, parse_duration, s, show, to_unit, us

EVERY_UNIT = st.sampled_from([*UNITS])
LENGTHS = st.integers(-LONGEST + 1, LONGEST - 1)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (4, "ms", 4_000_000),
        (0, "s", 0),
        (-3, "us", -3000),
        (0.5, "ms", 500_000),
        (0.1, "s", 100_000_000),
        (1e3, "ns", 1000),
        ("8", "ms", 8_000_000),
        ("20us", "ms", 20_000),
        ("20 us", "ms", 20_000),
        ("20µs", "ms", 20_000),
        ("20μs", "ms", 20_000),
        ("1.5s", "ms", 1_500_000_000),
        ("7NS", "s", 7),
        (" 3 ms ", "s", 3_000_000),
        ("+2", "ns", 2),
        ("-0.25", "us", -250),
        ("1e-3", "ms", 1000),
        (".5", "ms", 500_000),
        ("0e999999999", "ms", 0),
        (Decimal("0.3"), "ms", 300_000),
        ("9223372036.854775807", "ns", None),
    ],
)
def test_durations(value, unit, expected):
    """Numbers and texts, bare or with a unit of their own; None: refused."""
    if expected is None:
        with pytest.raises(ValueError, match="not a whole number of nanoseconds"):
            parse_duration(value, unit)
    else:
        assert expected == parse_duration(value, unit)


def test_a_tenth_and_two_tenths_are_three_tenths():
    """In binary they are not."""
    assert parse_duration("0.3") == parse_duration(0.1) + parse_duration(0.2)


FINITE = "is not a finite number; write a number such as 4 or 20us"
TIME = "is not a time; write a number such as 4 or 20us"
WHOLE = "is not a whole number of nanoseconds; round it to nanoseconds or write the mix in a larger unit"
LONG = "is longer than schedsim can count (146 years)"


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        ("soon", "ms", f"'soon' {TIME}"),
        ("", "ms", f"'' {TIME}"),
        ("ms", "ms", f"'ms' {TIME}"),
        ("4 m", "ms", f"'4 m' {TIME}"),
        ("1_000", "ms", f"'1_000' {TIME}"),
        ("٤", "ms", f"'٤' {TIME}"),
        ("4,5", "ms", f"'4,5' {TIME}"),
        (True, "ms", f"True {TIME}"),
        (None, "ms", f"None {TIME}"),
        ([4], "ms", f"'[4]' {TIME}"),
        ("nan", "ms", f"'nan' {FINITE}"),
        (float("inf"), "ms", f"'inf' {FINITE}"),
        ("-infinity", "ms", f"'-infinity' {FINITE}"),
        (0.5, "ns", f"0.5 {WHOLE}"),
        ("0.0000001", "ms", f"1E-7 {WHOLE}".replace("1E-7", "0.0000001")),
        ("1e-999999999", "s", f"1e-999999999 {WHOLE}"),
        ("1e999999999", "ms", f"1e999999999 {LONG}"),
        (2**62, "ns", f"{2**62} {LONG}"),
        (2**61, "us", f"{2**61} us {LONG}"),
        ("4611686019s", "ms", f"4611686019s {LONG}"),
    ],
)
def test_refusals(value, unit, message):
    """A sentence that names the value and says what to write."""
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        parse_duration(value, unit)


def test_the_longest_is_just_below():
    """2^62 - 1 nanoseconds are counted."""
    assert LONGEST - 1 == parse_duration(LONGEST - 1, "ns") == parse_duration(str(LONGEST - 1), "ns")


def test_units_by_name():
    """``ss.ms(4)`` and its like."""
    assert [5, 5000, 5_000_000, 5_000_000_000] == [ns(5), us(5), ms(5), s(5)]


@given(length=LENGTHS, unit=EVERY_UNIT)
def test_what_is_shown_is_read_again(length, unit):
    """Text in any unit is exact."""
    assert length == parse_duration(show(length, unit), unit)


@given(length=st.integers(-(2**52), 2**52), unit=EVERY_UNIT)
def test_what_is_a_number_in_a_unit_is_read_again(length, unit):
    """Numbers are the nearest float, which is as good up to 52 bits."""
    assert length == parse_duration(to_unit(length, unit), unit)


@given(count=st.integers(-(10**9), 10**9), unit=EVERY_UNIT)
def test_whole_numbers_stay_whole(count, unit):
    """No 4.0 for a 4."""
    back = to_unit(parse_duration(count, unit), unit)
    assert [count, int] == [back, type(back)]


@pytest.mark.parametrize(
    ("length", "unit", "expected"),
    [
        (1_500_000, "ms", "1.5"),
        (-2_000_000, "ms", "-2"),
        (1, "s", "0.000000001"),
        (0, "us", "0"),
        (12, "ns", "12"),
    ],
)
def test_show(length, unit, expected):
    """Exact, without a unit and without trailing zeros."""
    assert expected == show(length, unit)
