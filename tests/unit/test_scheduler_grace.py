"""The grace: a slice is not ended when its task needs no more than that to end its burst."""

from __future__ import annotations

import pytest

from tests.unit.scheduling import BOOSTED, Desk, starts

RR4 = ("rr", {"quantum": 4})


@pytest.mark.parametrize(
    ("burst", "length"),
    [(2, 4), (3, -1), (4, -1), (5, -1), (6, 4)],
    ids=["ends well before", "ends just before", "ends with the slice", "ends just after", "ends well after"],
)
def test_a_burst_that_ends_near_the_slice_may_end(burst, length):
    """A slice of 4 and a grace of 1: whoever ends its burst from 3 to 5 is told to run until it blocks."""
    desk = Desk(RR4, {"A": f"cpu {burst}", "B": "cpu 9"}, grace=1)
    assert [("A", 0, 0, length)] == starts(desk.at(0, desk.arrives("A"), desk.arrives("B")))


def test_the_trace_says_what_was_granted():
    """A uses 5 of a slice of 4, and ends."""
    # CPU 0  A A A A A B
    #        0       4 5
    desk = Desk(RR4, {"A": "cpu 5", "B": "cpu 9"}, grace=1)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(5, desk.ends("A", 5))
    assert ["0 dispatched A 0 4", "5 finished A 0 5", "5 dispatched B 0 4"] == desk.rows()[2:]


def test_a_slice_is_looked_at_anew_each_time():
    """A needs 9 of slices of 4: the first expires, the second may last for 5."""
    desk = Desk(RR4, {"A": "cpu 9"}, grace=1)
    assert [("A", 0, 0, 4)] == starts(desk.at(0, desk.arrives("A")))
    assert [("A", 0, 4, -1)] == starts(desk.at(4, desk.expires("A", 4)))


def test_an_unlimited_slice_has_no_end_to_be_near():
    """Under fcfs a grace changes nothing."""
    desk = Desk(("fcfs",), {"A": "cpu 1"}, grace=9)
    assert [("A", 0, 0, -1)] == starts(desk.at(0, desk.arrives("A")))


def test_the_burst_after_a_grace_expires_at_once():
    """The grace is for the end of a burst: what follows gets none of it."""
    # CPU 0  A A A A A B
    #        0       4 5
    desk = Desk(RR4, {"A": "cpu 5; cpu 3", "B": "cpu 1"}, grace=1)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    assert [("B", 0, 5, 4)] == starts(desk.at(5, desk.ends("A", 5)))
    assert "5 expired A 0 5" in desk.rows()
    assert 3 == desk.tasks["A"].left


def test_a_rest_of_a_slice_has_a_grace_too():
    """After a burst of 2 there are 2 left of the slice, and the next burst needs 3."""
    desk = Desk(RR4, {"A": "cpu 2; cpu 3"}, grace=1)
    desk.at(0, desk.arrives("A"))
    assert [("A", 0, 2, -1)] == starts(desk.at(2, desk.ends("A", 2)))


def test_a_task_in_its_grace_has_not_used_its_slice_up():
    """B arrives at 5, in A's grace: A is still at level 0, so B is no better; A falls only if it had expired."""
    # CPU 0  A A A A A A B
    #        0       4 5 6
    desk = Desk(("mlfq", {"quanta": "4/8"}), {"A": "cpu 6; io 1; cpu 1", "B": "cpu 2"}, grace=2)
    desk.at(0, desk.arrives("A"))
    assert [] == desk.at(5, desk.arrives("B"))
    assert [0, 3] == [desk.tasks["A"].level, desk.tasks["A"].used]
    desk.at(6, desk.ends("A", 6))
    assert [0, 0] == [desk.tasks["A"].level, desk.tasks["A"].left]


def test_a_task_in_its_grace_can_be_preempted():
    """The better B takes the CPU at 5; A, that needs 1 more, gets a fresh slice, also where a rest is kept."""
    for conventions in ("textbook", "ostep"):
        jobs = {"A": ("cpu 6", {"priority": 2}), "B": ("cpu 1", {"priority": 1})}
        desk = Desk(("priority-rr", {"quantum": 4}), jobs, grace=2, conventions=conventions)
        desk.at(0, desk.arrives("A"))
        assert [("stop", "A", 0, 1)] == desk.at(5, desk.arrives("B"))
        desk.at(5, desk.stops("A", 5))
        assert [1, "5 preempted A 0 5"] == [desk.tasks["A"].left, desk.rows()[-2]]
        desk.at(6, desk.ends("B", 1))
        assert "6 dispatched A 0 4" == desk.rows()[-1]


def test_a_boost_in_the_grace():
    """A is in its grace when the boost renews its slice: all of the 5 it used are charged to the old one."""
    desk = Desk(("mlfq", {"quanta": "4/8", "boost": 5}), {"A": "cpu 6", "B": "cpu 9"}, grace=2)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.rows()
    assert [("A", 0, 5, 4)] == starts(desk.at(5, BOOSTED))
    assert ["5 boosted - -1 0", "5 renewed A 0 5", "5 dispatched A 0 4"] == desk.rows()
    assert [1, 0, 0] == [desk.tasks["A"].left, desk.tasks["A"].used, desk.tasks["A"].level]
