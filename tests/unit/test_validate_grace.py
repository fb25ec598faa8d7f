"""``validate`` knows the grace, and what the death of a process does to a trace."""

from __future__ import annotations

import pytest

from schedsim import validate
from tests.simulations import written
from tests.unit.validating import IO, ONE, START, TWO, refused

ENTER = "0 arrived A\n0 arrived B\n"
FIVE = "A 0 cpu 5\nB 0 cpu 1"
TWICE = "A 0 cpu 5; cpu 2\nB 0 cpu 1"
YIELDS = "A 0 cpu 5; yield; cpu 1\nB 0 cpu 1"
GRACE = {"grace": 1}
GOOD = {
    "a burst that ends in its grace": (
        ENTER + "0 dispatched A 0 4\n5 finished A 0 5\n5 dispatched B 0 4\n6 finished B 0 1",
        FIVE,
        GRACE,
    ),
    "a burst in its grace, and then another one": (
        ENTER + "0 dispatched A 0 4\n5 expired A 0 5\n5 dispatched B 0 4\n6 finished B 0 1\n"
        "6 dispatched A 0 4\n8 finished A 0 2",
        TWICE,
        GRACE,
    ),
    "a yield after the grace": (
        ENTER + "0 dispatched A 0 4\n5 yielded A 0 5\n5 dispatched B 0 4\n6 finished B 0 1\n"
        "6 dispatched A 0 4\n7 finished A 0 1",
        YIELDS,
        GRACE,
    ),
    "a burst that ends after its grace": (
        "0 arrived A\n0 dispatched A 0 3\n3 expired A 0 3\n3 dispatched A 0 3\n5 finished A 0 2",
        "A 0 cpu 5",
        GRACE,
    ),
    "a preemption in the grace": (
        (
            "0 arrived A\n0 dispatched A 0 3\n4 arrived B\n4 preempted A 0 4\n4 dispatched B 0 3\n"
            "5 finished B 0 1\n5 dispatched A 0 3\n6 finished A 0 1"
        ),
        "A 0 cpu 5\nB 4 cpu 1",
        {"grace": 2},
    ),
    "a cut-off in the grace": (
        "0 arrived A\n0 dispatched A 0 4\n5 stopped A 0 5",
        "A 0 cpu 6",
        {"grace": 2, "until": 5},
    ),
    "a generator that goes on in its grace": (
        "0 arrived A\n0 dispatched A 0 4\n5 finished A 0 5",
        "A 0",
        GRACE,
    ),
    "a generator that expires": (
        "0 arrived A\n0 dispatched A 0 4\n4 expired A 0 4\n4 dispatched A 0 4\n6 finished A 0 2",
        "A 0",
        GRACE,
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_grace_is_allowed(name):
    """A slice goes on for as long as its burst needs, and no longer than the grace."""
    rows, jobs, header = GOOD[name]
    validate(written(rows, jobs, **header))


BAD = {
    "an expiry in spite of the grace": (
        ENTER + "0 dispatched A 0 4\n4 expired A 0 4",
        FIVE,
        GRACE,
        "it needs 1 ns more to end its burst, and the grace is 1 ns",
    ),
    "longer than the grace": (
        ENTER + "0 dispatched A 0 3\n5 finished A 0 5",
        FIVE,
        GRACE,
        "job 'A' was to end its burst or its slice at 3 ns",
    ),
    "no grace": (
        ENTER + "0 dispatched A 0 4\n5 finished A 0 5",
        FIVE,
        {},
        "job 'A' was to end its burst or its slice at 4 ns",
    ),
    "a second burst in the grace": (
        ENTER + "0 dispatched A 0 4\n5 reached A 0 5",
        TWICE,
        GRACE,
        "it was granted a slice of 4 ns and has used 5 ns of it",
    ),
    "an expiry in the midst of the grace": (
        "0 arrived A\n0 dispatched A 0 3\n4 expired A 0 4",
        "A 0 cpu 5",
        {"grace": 2},
        "it needs 1 ns more to end its burst, and the grace is 2 ns",
    ),
    "a generator for longer than the grace": (
        "0 arrived A\n0 dispatched A 0 4\n6 finished A 0 6",
        "A 0",
        GRACE,
        "job 'A' was to end its burst or its slice at 5 ns",
    ),
    "a preemption after the slice": (
        "0 arrived A\n0 dispatched A 0 3\n3 arrived B\n3 preempted A 0 3",
        "A 0 cpu 9\nB 3 cpu 1",
        GRACE,
        "job 'A' was to end its burst or its slice at 3 ns",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_no_more_than_the_grace(name):
    """A slice that was overrun by more, or that ended although its burst had a grace, is refused."""
    rows, jobs, header, message = BAD[name]
    assert refused(rows, jobs, **header).endswith(message)


REAL = {"engine": "real"}
DEATHS = {
    "on a CPU": (ENTER + "0 dispatched A 0 -1\n2 failed A 0 1\n2 dispatched B 0 -1\n4 finished B 0 2", TWO),
    "while ready": (ENTER + "0 dispatched A 0 -1\n2 failed B -1 0\n3 finished A 0 3", TWO),
    "in its I/O": ("0 arrived A\n0 dispatched A 0 -1\n1 blocked A 0 1\n2 failed A -1 0", IO),
    "before it arrived": ("0 failed A -1 0\n0 arrived B\n0 dispatched B 0 -1\n2 finished B 0 2", TWO),
    "just after an expiry": (
        ENTER + "0 dispatched A 0 2\n2 expired A 0 2\n2 failed A -1 0\n2 dispatched B 0 2\n4 finished B 0 2",
        TWO,
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_a_process_may_die_wherever_it_is(name):
    """The others go on."""
    validate(written(*DEATHS[name], **REAL))


def test_a_death_makes_room():
    """A held job that dies is never admitted, and one that is admitted lets the next one in."""
    rows = (
        "0 arrived A\n0 held B\n0 held C\n0 dispatched A 0 -1\n1 failed B -1 0\n2 failed A 0 2\n"
        "2 admitted C\n2 dispatched C 0 -1\n3 finished C 0 1"
    )
    validate(written(rows, "A 0 cpu 3\nB 0 cpu 1\nC 0 cpu 1", degree=1, **REAL))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (START + "3 finished A 0 3\n4 failed A -1 0", "no task goes from terminated to terminated"),
        (START + "2 failed A -1 0", "it runs on CPU 0"),
        (ENTER + "0 dispatched A 0 -1\n2 failed B 0 1", "CPU 0 runs job 'A'"),
        (START + "2 failed A 0 3", "says 3 ns of CPU time; 2 ns passed since its slice began"),
        (START + "2 failed A 0 2\n3 arrived A", "it arrived before"),
        ("0 failed A -1 0\n3 arrived A", "no task goes from terminated to ready"),
        ("0 failed A -1 4", "value 4 must be 0"),
        (START + "2 failed A 0 2\n2 dispatched A 0 -1", "it is terminated, and not ready"),
    ],
)
def test_deaths_that_cannot_be(rows, message):
    """Once, where it is, and nothing after it."""
    assert refused(rows, TWO, **REAL).endswith(message)


def test_no_process_dies_in_a_simulation():
    """Nor in one of a real machine, in which dispatches cost something."""
    for overheads in (None, {"completion": 1, "preemption": 1, "arrival": 1, "wake": 1}):
        message = refused(START + "2 failed A 0 2", ONE, overheads=overheads)
        assert message.endswith("in a simulation no process dies")


def test_a_simulation_with_overheads_need_not_be_punctual():
    """A computes from 1 on; the same rows without overheads are refused."""
    rows = "0 arrived A\n0 dispatched A 0 -1\n4 finished A 0 3"
    validate(written(rows, ONE, overheads={"completion": 1, "preemption": 1, "arrival": 1, "wake": 1}))
    assert refused(rows, ONE).endswith("job 'A' was to end its burst or its slice at 3 ns")
