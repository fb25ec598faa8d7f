"""Waiting for what disturbs to pass: other real runs, and busy moments."""

from __future__ import annotations

import pytest

from schedsim.engines.real import patience
from schedsim.errors import BusyError, HostError


@pytest.fixture
def clock(monkeypatch):
    """Return the sleeps that were asked for, on a clock that goes on by them alone."""
    slept: list[float] = []
    monkeypatch.setattr("schedsim.engines.real.patience.time.sleep", slept.append)
    monkeypatch.setattr("schedsim.engines.real.patience.time.monotonic", lambda: sum(slept))
    return slept


def test_the_first_try_waits_for_nothing(clock):
    """The second, third and fourth wait longer each, and no further one longer than that."""
    for tries in range(5):
        patience.let_pass(tries)
    assert [*patience.PAUSES, patience.PAUSES[-1]] == clock


def test_another_real_run_is_waited_for(clock):
    """Two looks find it there, the third does not."""
    answers = [BusyError("another real run goes on here"), BusyError("another real run goes on here"), 7]

    def run():
        answer = answers.pop(0)
        if isinstance(answer, BusyError):
            raise answer
        return answer

    assert patience.when_free(run) == 7
    assert [patience.LOOK_AGAIN] * 2 == clock


def test_not_for_ever(clock):
    """After a minute it says so."""

    def run():
        raise BusyError("another real run goes on here")

    with pytest.raises(BusyError, match="another real run goes on here"):
        patience.when_free(run)
    assert sum(clock) == pytest.approx(patience.LONGEST, abs=2 * patience.LOOK_AGAIN)


def test_what_does_not_pass_is_not_waited_for(clock):
    """A machine that refuses something will refuse it again."""

    def run():
        raise HostError("no right to real-time priorities")

    with pytest.raises(HostError, match="no right"):
        patience.when_free(run)
    assert [] == clock
