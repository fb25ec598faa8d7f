"""Errors: one message each, an exit status by kind, and nothing lost in a copy."""

from __future__ import annotations

import copy
import pickle

import pytest

from schedsim.errors import (
    HostError,
    InternalError,
    MixError,
    PolicyError,
    ProgramError,
    SchedsimError,
    TraceError,
    UsageError,
)

EVERY = [
    (MixError("write a number above 0", "jobs.csv", "row 3", "burst", "-4"), 2),
    (UsageError("write it so"), 2),
    (PolicyError("answered 0", "rr", "slice", 4_000_000, "A"), 2),
    (TraceError("no row"), 2),
    (ProgramError("loops"), 3),
    (HostError("disk full"), 3),
    (InternalError("a bug"), 70),
]
EACH = pytest.mark.parametrize(("error", "status"), EVERY, ids=[type(error).__name__ for error, _ in EVERY])


@EACH
def test_each_has_its_exit_status(error, status):
    """2 for wrong use, 3 for a run that cannot be completed, 70 for a bug."""
    assert isinstance(error, SchedsimError)
    assert status == error.exit_status


@EACH
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301  our own
def test_each_survives_a_copy(error, status, again):
    """Errors cross process borders: type, parts and message are the same."""
    del status
    twin = again(error)
    assert [type(error), error.args, str(error)] == [type(twin), twin.args, str(twin)]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("wrong",), "wrong"),
        (("wrong", "a.csv"), "a.csv: wrong"),
        (("wrong", "a.csv", "row 3", "burst", -4), "a.csv, row 3, burst: '-4': wrong"),
        (("wrong", "", "", "", "x"), "'x': wrong"),
        (("wrong", "a.csv", "", "", "x" * 99), f"a.csv: '{'x' * 57}...': wrong"),
    ],
)
def test_a_mix_error_says_where(parts, expected):
    """File, row, field and value, as far as they are known."""
    assert expected == str(MixError(*parts))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("wrong",), "wrong"),
        (("wrong", "rr"), "rr: wrong"),
        (("wrong", "rr", "slice"), "rr.slice: wrong"),
        (("wrong", "rr", "slice", 4_000_000, "A"), "rr.slice at 4 ms for task 'A': wrong"),
        (("wrong", "rr", "slice", 4_001_000, "A"), "rr.slice at 4001 us for task 'A': wrong"),
        (("wrong", "rr", "slice", 4_001_001, "A"), "rr.slice at 4001001 ns for task 'A': wrong"),
        (("wrong", "rr", "slice", 0), "rr.slice at 0 ms: wrong"),
    ],
)
def test_a_policy_error_says_who_when_and_of_whom(parts, expected):
    """Time in the largest unit, up to ms, in which it is whole."""
    assert expected == str(PolicyError(*parts))
