"""A machine that measures: CPU time is what it says, not what the clock says."""

from __future__ import annotations

from schedsim.policies.base import UNTIL_IT_BLOCKS, Policy
from schedsim.scheduler.inputs import Closed
from tests.unit.scheduling import BOOSTED, Desk, starts

SRTF_JOBS = {"A": "cpu 9", "B": "cpu 7"}


def test_what_was_measured_counts_and_not_what_passed():
    """A has used 1 of the 3 that passed: it needs 8 more, and B, that needs 7, is better."""
    desk = Desk(("srtf",), SRTF_JOBS, measures=True)
    desk.at(0, desk.arrives("A"))
    assert [("stop", "A", 0, 1)] == desk.at(3, desk.arrives("B"), desk.uses("A", 1))
    assert 8 == desk.tasks["A"].left


def test_it_counts_in_any_order_of_the_batch():
    """What was used is noted first, however it is handed over: A has used 2, and B is no better."""
    for turn in (1, -1):
        desk = Desk(("srtf",), SRTF_JOBS, measures=True)
        desk.at(0, desk.arrives("A"))
        assert [] == desk.at(3, *[desk.arrives("B"), desk.uses("A", 2)][::turn])


def test_nothing_is_charged_before_somebody_asks():
    """Under a policy that compares nothing the word is only noted, as the passed time is on other machines."""
    desk = Desk(("rr", {"quantum": 4}), SRTF_JOBS, measures=True)
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("B"), desk.uses("A", 2))
    assert [9, 0, 2] == [
        desk.tasks["A"].left,
        desk.scheduler.processors[0].charged,
        desk.scheduler.processors[0].measured,
    ]


def test_a_word_about_an_earlier_order_is_dropped():
    """A goes on under order 2: what it had used under order 1 is known already."""
    desk = Desk(("srtf",), {"A": "cpu 3; cpu 9", "B": "cpu 8"}, measures=True)
    desk.at(0, desk.arrives("A"))
    desk.at(4, desk.ends("A", 3))
    desk.at(5, desk.arrives("B"), desk.uses("A", 3, order=1))
    assert [["A"], 9] == [desk.running(), desk.tasks["A"].left]


def test_a_word_about_a_task_that_waits_is_dropped():
    """A has left the CPU."""
    desk = Desk(("rr", {"quantum": 4}), SRTF_JOBS, measures=True)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    late = desk.uses("A", 4)
    desk.at(4, desk.expires("A", 4))
    desk.at(5, late)
    assert [["B"], 0] == [desk.running(), desk.scheduler.processors[0].measured]


class Charging(Policy):
    """Shortest charged time first: notes in ``used`` what is charged, and in ``spent`` the least charge."""

    preemptive = True

    def rank(self, task, queue):
        """Whoever was charged least."""
        del queue
        return task.used

    def ran(self, task, ns, queue):
        """Add it up."""
        del queue
        task.used += ns
        task.spent = min(task.spent, ns)


def test_a_clock_that_is_ahead_of_a_word_takes_nothing_back():
    """Read at 3, the clock said 3; the word that comes then says that the burst had ended after 2."""
    desk = Desk(Charging(), {"A": "cpu 2; cpu 9", "B": "cpu 7"}, measures=True)
    desk.at(0, desk.arrives("A"))
    word = desk.ends("A", 2)
    desk.at(3, desk.arrives("B"), desk.uses("A", 3))
    desk.at(3, word)
    assert [3, 0] == [desk.tasks["A"].used, desk.tasks["A"].spent]
    assert "3 preempted A 0 2" in desk.rows()


def test_a_burst_that_takes_longer_than_it_should():
    """A was to compute for 3, and is in the middle of that after 4: it wants the CPU still."""
    desk = Desk(("srtf",), {"A": "cpu 3", "B": "cpu 9"}, measures=True)
    desk.at(0, desk.arrives("A"))
    assert [] == desk.at(4, desk.arrives("B"), desk.uses("A", 4))
    assert 1 == desk.tasks["A"].left
    desk = Desk(("rr", {"quantum": 4}), {"A": "cpu 3", "B": "cpu 9"}, measures=True)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(5, desk.expires("A", 5))
    assert [["A"], 1] == [desk.ready(), desk.tasks["A"].left]


def test_a_slice_whose_timer_came_early_is_used_up():
    """A was stopped after 3 of its 4, and falls a level all the same; the burst has had the 3."""
    desk = Desk(("mlfq", {"quanta": "4/8"}), {"A": "cpu 9", "B": "cpu 9"}, measures=True)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(3, desk.expires("A", 3))
    assert [1, 0, 6] == [desk.tasks["A"].level, desk.tasks["A"].used, desk.tasks["A"].left]
    assert "3 expired A 0 3" in desk.rows()


def test_a_renewed_slice_says_what_was_measured():
    """The boost at 5 finds that A has used 3, and begins to count anew."""
    desk = Desk(("mlfq", {"quanta": "8", "boost": 5}), {"A": "cpu 20"}, measures=True)
    desk.at(0, desk.arrives("A"))
    desk.rows()
    desk.at(5, BOOSTED, desk.uses("A", 3))
    assert ["5 boosted - -1 0", "5 renewed A 0 3", "5 dispatched A 0 8"] == desk.rows()
    assert [17, 0] == [desk.tasks["A"].left, desk.scheduler.processors[0].measured]


def test_a_run_that_is_cut_off_says_what_was_measured():
    """At 5 A has used 3."""
    desk = Desk(("fcfs",), {"A": "cpu 20"}, measures=True)
    desk.at(0, desk.arrives("A"))
    desk.at(5, Closed(), desk.uses("A", 3))
    assert [17, "5 stopped A 0 3"] == [desk.tasks["A"].left, desk.rows()[-1]]


def test_a_stop_names_an_order_that_was_given():
    """At 2 A's burst ends and the better B arrives: A is told of its next burst before it is asked to stop."""
    desk = Desk(("srtf",), {"A": "cpu 2; cpu 9", "B": "cpu 1"})
    desk.at(0, desk.arrives("A"))
    orders = desk.at(2, desk.ends("A", 2), desk.arrives("B"))
    assert [("start", "A", 0, 2, 2, UNTIL_IT_BLOCKS), ("stop", "A", 0, 2)] == orders


def test_an_end_at_the_instant_of_the_stop_has_come_first():
    """Both words are of the same order: a task that came to its end was not stopped in the middle."""
    for turn in (1, -1):
        desk = Desk(("srtf",), {"A": "cpu 4; io 3", "B": "cpu 1"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.arrives("B"))
        batch = [desk.stops("A", 4), desk.ends("A", 4)][::turn]
        assert [("B", 0, 4, -1)] == starts(desk.at(4, *batch))
        assert "4 blocked A 0 4" in desk.rows()


def test_who_is_next_in_line():
    """It is who would be dispatched if a CPU became idle; asking changes nothing."""
    for policy in ("fcfs", "sjf", "lottery"):
        desk = Desk((policy,), {"A": "cpu 9", "B": "cpu 9", "C": "cpu 9"})
        assert desk.scheduler.next_in_line() is None
        desk.at(0, desk.arrives("A"), desk.arrives("B"), desk.arrives("C"))
        ran = desk.running()[0]
        asked = [desk.scheduler.next_in_line() for _ in range(3)]
        desk.at(9, desk.ends(ran, 9))
        assert [desk.running()[0]] * 3 == [task.id for task in asked]
