"""The order at one instant: the one pure function that says what comes first."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from schedsim.operations import Cpu
from schedsim.scheduler.conventions import OSTEP, TEXTBOOK
from schedsim.scheduler.inputs import (
    Arrived,
    Closed,
    Failed,
    IoDone,
    Reached,
    Step,
    Stopped,
    Used,
    WokenAt,
    in_order,
)
from schedsim.testing.machine import make_task
from schedsim.trace import Kind

NEXT = Cpu(5)


def waiting(number, index=0):
    """Return a task whose wait was the ``number``-th of the run to begin."""
    task = make_task("W", index=index)
    task.wait_number = number
    return task


# One of each kind. The tasks' places in the mix go against the order of the steps, so that an order
# by place alone, or the order of the batch, would be found out.
REACHED = Reached(make_task("R", index=9), 1, 4, NEXT)
EXPIRED = Stopped(make_task("E", arrival=1, index=8), 2, 4, Kind.EXPIRED)
STOPPED = Stopped(make_task("P", arrival=2, index=7), 3, 4, Kind.PREEMPTED)
USED = Used(make_task("U", arrival=9, index=12), 4, 4)
FAILED = Failed(make_task("F", arrival=0, index=0), 4)
PERIODIC = WokenAt(0)
ARRIVED = Arrived(make_task("A", arrival=3, index=6), NEXT)
WOKE = IoDone(waiting(5, index=5), 3, NEXT)
CLOSED = Closed()

KINDS = {
    "used": USED,
    "reached": REACHED,
    "expired": EXPIRED,
    "stopped": STOPPED,
    "failed": FAILED,
    "periodic": PERIODIC,
    "arrived": ARRIVED,
    "woke": WOKE,
    "closed": CLOSED,
    "admit": Step.ADMIT,
    "return": Step.RETURN,
}
ORDERS = {
    TEXTBOOK: (
        "used", "reached", "expired", "stopped", "failed", "periodic", "admit", "arrived", "woke", "return",
        "closed",
    ),
    OSTEP: (
        "used", "reached", "expired", "stopped", "failed", "return", "periodic", "admit", "arrived", "woke",
        "closed",
    ),
}  # fmt: skip
BOTH = pytest.mark.parametrize("conventions", [TEXTBOOK, OSTEP], ids=lambda each: each.name)


@BOTH
@pytest.mark.parametrize(("one", "other"), [*combinations(KINDS, 2)], ids=lambda name: name)
def test_each_pair_of_kinds_has_its_order(conventions, one, other):
    """Of any two kinds of input or step, the one that the rules name first comes first, however handed over."""
    first, second = sorted((one, other), key=ORDERS[conventions].index)
    batch = [KINDS[name] for name in (second, first) if not isinstance(KINDS[name], Step)]
    for given in (batch, batch[::-1]):
        got = in_order(given, conventions)
        assert [KINDS[first], KINDS[second]] == [item for item in got if item in (KINDS[one], KINDS[other])]


@BOTH
def test_every_permutation_of_a_mixed_batch_gives_one_order(conventions):
    """All 5040 ways of handing over one of each kind (but the first and the last) come out alike."""
    inputs = [item for item in KINDS.values() if not isinstance(item, Step | Used | Closed)]
    expected = [KINDS[name] for name in ORDERS[conventions] if name not in ("used", "closed")]
    for batch in permutations(inputs):
        assert expected == in_order(batch, conventions)


@BOTH
def test_the_batch_is_not_changed(conventions):
    """The caller's list is as it was."""
    batch = [WOKE, ARRIVED, REACHED]
    in_order(batch, conventions)
    assert [WOKE, ARRIVED, REACHED] == batch


@BOTH
def test_an_empty_batch_has_only_the_steps(conventions):
    """Nothing happened: still held jobs are admitted and tasks rejoin."""
    expected = {TEXTBOOK: [Step.ADMIT, Step.RETURN], OSTEP: [Step.RETURN, Step.ADMIT]}
    assert expected[conventions] == in_order([], conventions)


def same_kind(batch):
    """Return the inputs of a batch in order, without the steps; every permutation must give the same."""
    answers = {
        tuple(item for item in in_order(given, conventions) if not isinstance(item, Step))
        for given in permutations(batch)
        for conventions in (TEXTBOOK, OSTEP)
    }
    assert 1 == len(answers)
    return list(answers.pop())


def test_running_tasks_go_by_arrival():
    """Two slices that end at one instant: the task that arrived earlier is first, whatever its place."""
    early = Stopped(make_task("late in the mix", arrival=1, index=3), 8, 4, Kind.EXPIRED)
    late = Stopped(make_task("early in the mix", arrival=2, index=0), 7, 4, Kind.EXPIRED)
    assert [early, late] == same_kind([late, early])


def test_running_tasks_of_one_arrival_go_by_the_mix():
    """An end and an expiry are of one step: of two that arrived together, the mix decides."""
    first = Stopped(make_task("A", index=0), 8, 4, Kind.EXPIRED)
    second = Reached(make_task("B", index=1), 7, 4, None)
    third = Stopped(make_task("C", index=2), 6, 4, Kind.PREEMPTED)
    assert [first, second, third] == same_kind([third, second, first])


def test_an_operation_that_ended_goes_before_a_stop_of_the_same_task():
    """Both at once is an end: the stop that comes after it says nothing any more."""
    task = make_task("A")
    stop, end = Stopped(task, 1, 4, Kind.PREEMPTED), Reached(task, 1, 4, None)
    assert [end, stop] == same_kind([stop, end])


def test_arrivals_go_by_the_mix():
    """Three arrivals of one instant."""
    items = [Arrived(make_task(name, arrival=4, index=index), NEXT) for index, name in enumerate("ABC")]
    assert items == same_kind(items[::-1])


def test_wakeups_go_by_when_the_waits_began():
    """Three wake-ups of one instant, their places in the mix the other way round."""
    items = [IoDone(waiting(number, index=9 - number), 1, NEXT) for number in (1, 2, 3)]
    assert items == same_kind([items[1], items[2], items[0]])
