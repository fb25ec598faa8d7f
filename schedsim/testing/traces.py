"""Comparing traces row by row, with a message that a person can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.happenings import LENGTHLESS, ON_JOBS, ON_OBJECTS
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.trace import Header, Row, Trace


def assert_same_trace(expected: Trace, actual: Trace) -> None:
    """Return if both traces have the same jobs and the same rows.

    What else a header says (policy, engine, machine) may differ: a trace of another engine, or of the same policy
    under another name, is to be compared too.

    Raises:
        AssertionError: naming the first job or row that differs, with both in words.
    """
    for place, (one, other) in enumerate(zip(expected.header.jobs, actual.header.jobs, strict=False)):
        if one != other:
            raise AssertionError(f"job {place}: expected {one}, got {other}")
    counts = len(expected.header.jobs), len(actual.header.jobs)
    if counts[0] != counts[1]:
        raise AssertionError(f"expected {counts[0]} jobs, got {counts[1]}")
    if expected.columns() == actual.columns():
        return
    for number, (row, got) in enumerate(zip(expected, actual, strict=False)):
        if row != got:
            raise AssertionError(
                f"row {number}: expected {in_words(row, expected.header)}; got {in_words(got, actual.header)}"
            )
    number = min(len(expected), len(actual))
    if len(expected) > number:
        raise AssertionError(
            f"row {number}: expected {in_words([*expected][number], expected.header)}; got the end"
        )
    raise AssertionError(f"row {number}: expected the end; got {in_words([*actual][number], actual.header)}")


def in_words(row: Row, header: Header) -> str:
    """Return a row as a person says it: ``at 4 ns 'A' expired on CPU 0 (4 ns)``."""
    if row.kind is Kind.BOOSTED:
        return f"at {row.time} ns a boost"
    job = repr(header.jobs[row.task].id) if 0 <= row.task < len(header.jobs) else f"task {row.task}"
    cpu = "" if row.cpu < 0 else f" on CPU {row.cpu}"
    value = " (until it blocks)" if row.kind is Kind.DISPATCHED and row.value < 0 else f" ({row.value} ns)"
    if row.kind in ON_OBJECTS and 0 <= row.value < len(header.objects):
        value = f" ({header.objects[row.value]})"
    elif row.kind in ON_JOBS and row.value < len(header.jobs):
        value = f" ({header.jobs[row.value].id!r})" if row.value >= 0 else " (init)"
    elif row.kind in LENGTHLESS:
        value = f" ({row.value})" if row.kind in (Kind.VALUE, Kind.EXITED) else ""
    return f"at {row.time} ns {job} {row.kind.name.lower()}{cpu}{value}"
