"""What a real machine does to the scheduler: words that come late, stops that come late, instants in rounds."""

from __future__ import annotations

import pytest

from schedsim.errors import InternalError
from tests.unit.scheduling import BOOSTED, Desk, starts

SRTF_JOBS = {"A": "cpu 9; io 3; cpu 1", "B": "cpu 2"}
RR4 = ("rr", {"quantum": 4})


def asked_to_stop():
    """Return a desk at 3: A has run since 0, the shorter B has arrived, and A is being stopped (order 1)."""
    desk = Desk(("srtf",), SRTF_JOBS)
    desk.at(0, desk.arrives("A"))
    assert [("stop", "A", 0, 1)] == desk.at(3, desk.arrives("B"))
    desk.rows()
    return desk


def test_a_late_word_of_an_expiry_is_dropped():
    """A's operation ended under order 1; that its slice ended, too, is late and changes nothing."""
    desk = Desk(RR4, {"A": "cpu 3; cpu 5"})
    desk.at(0, desk.arrives("A"))
    late = desk.expires("A", 3)
    desk.at(3, desk.ends("A", 3))
    desk.rows()
    assert [] == desk.at(4, late)
    assert [["A"], []] == [desk.running(), desk.rows()]


def test_a_late_word_of_an_end_is_dropped():
    """A's second word for the same end comes after A has gone on."""
    desk = Desk(("fcfs",), {"A": "cpu 3; cpu 5; io 1"})
    desk.at(0, desk.arrives("A"))
    word = desk.ends("A", 3)
    desk.at(3, word)
    desk.rows()
    assert [[], ["A"], []] == [desk.at(4, word), desk.running(), desk.rows()]


def test_a_late_word_about_a_task_that_waits_is_dropped():
    """A is in the ready queue again when its end under the old order is reported."""
    desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    late = desk.stops("A", 4)
    desk.at(4, desk.expires("A", 4))
    desk.rows()
    assert [[], ["B"], ["A"], []] == [desk.at(5, late), desk.running(), desk.ready(), desk.rows()]


def test_a_stop_that_comes_later_than_asked():
    """A is asked to stop at 3 and stops at 5: it is charged what it ran, and B starts then."""
    desk = asked_to_stop()
    assert [("B", 0, 5, -1)] == starts(desk.at(5, desk.stops("A", 5)))
    assert ["5 preempted A 0 5", "5 dispatched B 0 -1"] == desk.rows()
    assert 4 == desk.tasks["A"].left


def test_the_task_blocks_while_a_stop_is_under_way():
    """A's burst ends first: it blocks, B gets the CPU, and the stop that comes after it is dropped."""
    desk = asked_to_stop()
    late = desk.stops("A", 9)
    orders = desk.at(9, desk.ends("A", 9))
    assert [("B", 0, 9, -1)] == starts(orders)
    assert [[], ["B"]] == [desk.at(9, late), desk.running()]
    assert ["9 blocked A 0 9", "9 dispatched B 0 -1"] == desk.rows()


def test_the_task_ends_while_a_stop_is_under_way():
    """The job is done before it could be stopped."""
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 2"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    late = desk.stops("A", 9)
    assert [("B", 0, 9, -1)] == starts(desk.at(9, desk.ends("A", 9)))
    assert [] == desk.at(10, late)
    assert ["B"] == desk.running()


def test_the_slice_expires_while_a_stop_is_under_way():
    """A's quantum ends at 4, asked to stop at 3: it expired, and is not preempted as well."""
    jobs = {"A": ("cpu 9", {"priority": 2}), "B": ("cpu 1", {"priority": 1})}
    desk = Desk(("priority-rr", {"quantum": 4}), jobs)
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    late = desk.stops("A", 4)
    desk.rows()
    desk.at(4, desk.expires("A", 4))
    assert [[], ["4 expired A 0 4", "4 dispatched B 0 4"]] == [desk.at(4, late), desk.rows()]


def test_a_task_that_is_being_stopped_is_not_asked_twice():
    """C is better than A, too; but A's CPU is spoken for."""
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 2", "C": "cpu 1"})
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    assert [] == desk.at(4, desk.arrives("C"))
    assert [("C", 0, 5, -1)] == starts(desk.at(5, desk.stops("A", 5)))


def test_a_slice_that_ran_longer_than_it_was_granted():
    """A real timer is late: the CPU time used is what counts, in the trace and in what is left."""
    desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    assert [("B", 0, 6, 4)] == starts(desk.at(6, desk.expires("A", 6)))
    assert 3 == desk.tasks["A"].left
    assert "6 expired A 0 6" in desk.rows()


def test_an_overrun_slice_leaves_nothing_to_keep():
    """Under ostep a preempted task keeps what is left of its slice: of an overrun one, nothing."""
    jobs = {"A": ("cpu 20", {"priority": 2}), "B": ("cpu 1", {"priority": 1})}
    desk = Desk(("priority-rr", {"quantum": 4}), jobs, conventions="ostep")
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"))
    desk.at(6, desk.stops("A", 6))
    assert [("A", 0, 7, 4)] == starts(desk.at(7, desk.ends("B", 1)))


def test_a_burst_that_follows_an_overrun_slice_expires():
    """The first burst ended after the slice should have: the second one gets none of it."""
    desk = Desk(RR4, {"A": "cpu 3; cpu 5", "B": "cpu 1"})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    assert [("B", 0, 5, 4)] == starts(desk.at(5, desk.ends("A", 5)))
    assert "5 expired A 0 5" in desk.rows()


def test_a_boost_leaves_a_task_alone_that_is_being_stopped():
    """The stop still counts after the boost, so the CPU is not lost."""
    desk = Desk(("mlfq", {"quanta": "2/9", "boost": 5}), {"A": "cpu 20", "B": "cpu 2"})
    desk.at(0, desk.arrives("A"))
    desk.at(2, desk.expires("A", 2))
    assert [("stop", "A", 0, 2)] == desk.at(4, desk.arrives("B"))
    word = desk.stops("A", 4)
    desk.rows()
    assert [("wake_at", 10, 0)] == desk.at(5, BOOSTED)
    assert [("B", 0, 6, 2)] == starts(desk.at(6, word))
    assert ["5 boosted - -1 0", "6 preempted A 0 4", "6 dispatched B 0 2"] == desk.rows()


def test_rounds_of_one_instant():
    """What an order brings about at once is delivered by a further call for the same instant."""
    desk = Desk(("fcfs",), {"A": "yield; cpu 1", "B": "yield; cpu 1"})
    assert [("A", 0, 0, -1)] == starts(desk.at(0, desk.arrives("A"), desk.arrives("B")))
    assert [("B", 0, 0, -1)] == starts(desk.at(0, desk.ends("A", 0)))
    assert [("A", 0, 0, -1)] == starts(desk.at(0, desk.ends("B", 0)))
    assert [
        "0 yielded A 0 0",
        "0 dispatched B 0 -1",
        "0 yielded B 0 0",
        "0 dispatched A 0 -1",
    ] == desk.rows()[3:]


def test_a_new_arrival_in_a_later_round_of_the_same_instant():
    """B comes in a second call for 3: it is considered then."""
    desk = Desk(("srtf",), SRTF_JOBS)
    desk.at(0, desk.arrives("A"))
    assert [] == desk.at(3)
    assert [("stop", "A", 0, 1)] == desk.at(3, desk.arrives("B"))


@pytest.mark.parametrize("now", [3.0, True, "3", None], ids=repr)
def test_an_instant_that_is_no_whole_number_is_a_bug(now):
    """The engine must count in whole nanoseconds: a float would break ties at random."""
    desk = Desk(("fcfs",), {"A": "cpu 1"})
    with pytest.raises(InternalError) as caught:
        desk.at(now, desk.arrives("A"))
    assert f"delivered {now!r} after 0; instants are whole and never go back" == str(caught.value)


def test_an_instant_of_numpy_is_a_bug():
    """A numpy integer looks whole, and would overflow without a word."""
    numpy = pytest.importorskip("numpy", reason="numpy is a dependency of the plots alone")
    desk = Desk(("fcfs",), {"A": "cpu 1"})
    with pytest.raises(InternalError, match="instants are whole and never go back"):
        desk.at(numpy.int64(3), desk.arrives("A"))


def test_an_earlier_instant_is_a_bug():
    """Time never goes back."""
    desk = Desk(("fcfs",), {"A": "cpu 9", "B": "cpu 1"})
    desk.at(4, desk.arrives("A"))
    with pytest.raises(InternalError) as caught:
        desk.at(3, desk.arrives("B"))
    assert "delivered 3 after 4; instants are whole and never go back" == str(caught.value)
