"""Time: a whole number of nanoseconds inside, text and units at the border.

Everything behind the border counts in nanoseconds held in a plain ``int``, so that 0.1 + 0.2 is
0.3 and two events at one instant really are at one instant. Only files, the command line,
tables, plots and results know about units.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final, NewType

Ns = int
"""An instant or a length of time in nanoseconds."""

Duration = NewType("Duration", int)
"""A policy parameter that is a length of time (nanoseconds); bare numbers mean the mix's unit."""

UNITS: Final[dict[str, int]] = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
"""Nanoseconds in each unit that a mix may use."""

LONGEST: Final = 2**62
"""No time may exceed this (146 years), so that sums fit the 64-bit columns of a trace."""


def ns(value: float) -> Duration:
    """Return a length given in nanoseconds."""
    return parse_duration(value, "ns")


def us(value: float) -> Duration:
    """Return a length given in microseconds, in nanoseconds."""
    return parse_duration(value, "us")


def ms(value: float) -> Duration:
    """Return a length given in milliseconds, in nanoseconds."""
    return parse_duration(value, "ms")


def s(value: float) -> Duration:
    """Return a length given in seconds, in nanoseconds."""
    return parse_duration(value, "s")


def parse_duration(value: object, unit: str = "ms") -> Duration:
    """Return ``value`` in nanoseconds.

    ``value`` is a number or a text such as ``"4"``, ``"0.5"``, ``"20us"`` or ``"1.5s"``; a bare
    number is in ``unit``. Raises ValueError, with a sentence for the user, for anything that is
    no number, not finite, too large or not a whole number of nanoseconds.

    >>> parse_duration("0.1") + parse_duration("0.2") == parse_duration("0.3")
    True
    >>> parse_duration("20us")
    20000
    """
    if type(value) is int and -LONGEST < value < LONGEST:
        # Kept apart because nearly every number of a large mix comes this way.
        length = value * UNITS[unit]
        if -LONGEST < length < LONGEST:
            return Duration(length)
        raise ValueError(f"{value} {unit} is longer than schedsim can count (146 years)")
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value!r} is not a time; write a number such as 4 or 20us")
    text = str(value).strip().replace("µ", "u").replace("μ", "u")
    number, scale = text, UNITS[unit]
    for suffix in ("ns", "us", "ms", "s"):
        if text.lower().endswith(suffix):
            number, scale = text[: -len(suffix)].strip(), UNITS[suffix]
            break
    if not number.isascii() or "_" in number:
        raise ValueError(f"{text!r} is not a time; write a number such as 4 or 20us")
    try:
        decimal = Decimal(number)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a time; write a number such as 4 or 20us") from None
    if not decimal.is_finite():
        raise ValueError(f"{text!r} is not a finite number; write a number such as 4 or 20us")
    return Duration(_whole(decimal, scale, text))


def _whole(decimal: Decimal, scale: int, text: str) -> int:
    """Return ``decimal`` times ``scale``, which must be whole, by integer arithmetic.

    Decimal's own would round to the 28 digits of its context.
    """
    if not decimal:
        return 0
    too_long = f"{text} is longer than schedsim can count (146 years)"
    broken = (
        f"{text} is not a whole number of nanoseconds; round it to nanoseconds or "
        "write the mix in a larger unit"
    )
    # The size is looked at first: neither 1e999999999 nor 1e-999999999 must be multiplied out.
    if decimal.adjusted() > len(str(LONGEST)):
        raise ValueError(too_long)
    if decimal.adjusted() < -10:
        raise ValueError(broken)
    sign, digits, exponent = decimal.as_tuple()
    if isinstance(exponent, str):  # only NaN and infinity, refused before
        raise TypeError(exponent)
    length = int("".join(map(str, digits))) * scale
    if exponent >= 0:
        length *= int(10**exponent)
    else:
        length, rest = divmod(length, 10**-exponent)
        if rest:
            raise ValueError(broken)
    if length >= LONGEST:
        raise ValueError(too_long)
    return -length if sign else length


def to_unit(length: Ns, unit: str) -> int | float:
    """Return ``length`` in ``unit``: whole numbers stay whole, others become the nearest float.

    >>> to_unit(4_000_000, "ms"), to_unit(300_000, "ms")
    (4, 0.3)
    """
    scale = UNITS[unit]
    return length // scale if length % scale == 0 else length / scale


def show(length: Ns, unit: str) -> str:
    """Return ``length`` in ``unit`` as exact text without the unit's name.

    >>> show(1_500_000, "ms"), show(-2_000_000, "ms")
    ('1.5', '-2')
    """
    whole, rest = divmod(abs(length), UNITS[unit])
    digits = len(str(UNITS[unit])) - 1
    tail = f".{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{'-' if length < 0 else ''}{whole}{tail}"
