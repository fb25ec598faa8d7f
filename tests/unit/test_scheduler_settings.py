"""What the run may set: degree, switch cost, CPUs, cut-off; and yields, boosts, observers."""

from __future__ import annotations

import pytest

from schedsim.scheduler.inputs import Closed
from tests.unit.scheduling import BOOSTED, Desk, starts

CONVENTIONS = pytest.mark.parametrize("conventions", ["textbook", "ostep"])
RR4 = ("rr", {"quantum": 4})


class TestDegree:
    """How many jobs are admitted at once."""

    def test_the_others_are_held_and_admitted_first_come_first_served(self):
        """Degree 1: C (at 1) and B (at 2) wait outside and enter in that order, one at each end."""
        desk = Desk(("fcfs",), {"A": "cpu 5", "B": "cpu 1", "C": "cpu 1"}, degree=1)
        desk.at(0, desk.arrives("A"))
        desk.at(1, desk.arrives("C"))
        desk.at(2, desk.arrives("B"))
        assert [("C", 0, 5, -1)] == starts(desk.at(5, desk.ends("A", 5)))
        assert [("B", 0, 6, -1)] == starts(desk.at(6, desk.ends("C", 1)))
        assert [
            "1 held C -1 0",
            "2 held B -1 0",
            "5 finished A 0 5",
            "5 admitted C -1 0",
            "5 dispatched C 0 -1",
            "6 finished C 0 1",
            "6 admitted B -1 0",
            "6 dispatched B 0 -1",
        ] == desk.rows()[2:]

    def test_a_job_that_waits_for_io_keeps_its_place(self):
        """Uniprogramming: the CPU idles while the one admitted job does its I/O."""
        desk = Desk(("fcfs",), {"A": "cpu 2; io 3; cpu 1", "B": "cpu 1"}, degree=1)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        assert [] == starts(desk.at(2, desk.ends("A", 2)))
        assert [None] == desk.running()

    def test_a_job_that_ends_with_its_io_makes_room(self):
        """B enters at the instant at which A's last I/O ends."""
        desk = Desk(("fcfs",), {"A": "cpu 2; io 3", "B": "cpu 1"}, degree=1)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        desk.at(2, desk.ends("A", 2))
        assert [("B", 0, 5, -1)] == starts(desk.at(5, desk.wakes("A", 3)))

    def test_a_held_job_enters_before_an_arrival_of_the_instant(self):
        """B waited outside since 1: C, that arrives as A ends, is held behind it."""
        desk = Desk(("fcfs",), {"A": "cpu 5", "B": "cpu 1", "C": "cpu 1"}, degree=1)
        desk.at(0, desk.arrives("A"))
        desk.at(1, desk.arrives("B"))
        desk.rows()
        desk.at(5, desk.arrives("C"), desk.ends("A", 5))
        assert [
            "5 finished A 0 5",
            "5 admitted B -1 0",
            "5 held C -1 0",
            "5 dispatched B 0 -1",
        ] == desk.rows()

    def test_as_many_as_the_degree_are_admitted(self):
        """Degree 2 of three."""
        desk = Desk(("fcfs",), {"A": "cpu 5", "B": "cpu 1", "C": "cpu 1"}, degree=2)
        desk.at(0, desk.arrives("A"), desk.arrives("B"), desk.arrives("C"))
        assert ["0 arrived A -1 0", "0 arrived B -1 0", "0 held C -1 0"] == desk.rows()[:3]


class TestSwitchCost:
    """The time that a context switch takes."""

    def test_a_stop_during_a_switch_is_asked_for_at_once_and_takes_effect_at_its_end(self):
        """A switch from 2 to 5 leads to B; at 3 the better C arrives, and gets the CPU at 5, to run at 8."""
        # CPU 0  A A x x x x x x C B?
        #        0   2 3   5     8
        desk = Desk(("srtf",), {"A": "cpu 2", "B": "cpu 9", "C": "cpu 1"}, switch_cost=3)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        assert [("B", 0, 5, -1)] == starts(desk.at(2, desk.ends("A", 2)))
        assert [("stop", "B", 0, 2)] == desk.at(3, desk.arrives("C"))
        assert [("C", 0, 8, -1)] == starts(desk.at(5, desk.stops("B", 0)))
        assert [
            "2 switched B 0 3",
            "2 dispatched B 0 -1",
            "3 arrived C -1 0",
            "5 preempted B 0 0",
            "5 switched C 0 3",
            "5 dispatched C 0 -1",
        ] == desk.rows()[4:]
        assert 9 == desk.tasks["B"].left

    def test_the_slice_begins_after_the_switch(self):
        """A quantum of 4 is 4 of running, whatever the switch took."""
        desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"}, switch_cost=3)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        assert [("B", 0, 7, 4)] == starts(desk.at(4, desk.expires("A", 4)))

    def test_each_cpu_has_its_first_dispatch_free(self):
        """Two CPUs, two first dispatches."""
        desk = Desk(("fcfs",), {"A": "cpu 9", "B": "cpu 9"}, switch_cost=3, cpus=2)
        assert [("A", 0, 0, -1), ("B", 1, 0, -1)] == starts(desk.at(0, desk.arrives("A"), desk.arrives("B")))

    def test_nobody_is_charged_for_the_switch(self):
        """SRTF compares what is left: the switch takes nothing off it."""
        desk = Desk(("srtf",), {"A": "cpu 1", "B": "cpu 5", "C": "cpu 5"}, switch_cost=3)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        desk.at(1, desk.ends("A", 1))
        assert [] == desk.at(3, desk.arrives("C"))
        assert 5 == desk.tasks["B"].left


class TestSeveralCpus:
    """One ready queue, several CPUs."""

    def test_an_expired_task_stays_on_its_own_cpu_if_that_is_idle(self):
        """Both expire at 4 with nobody else ready: no task moves, and no switch is paid."""
        desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"}, cpus=2, switch_cost=1, arrivals={"A": 1})
        desk.at(0, desk.arrives("B"))
        desk.at(0, desk.arrives("A"))
        assert [*"BA"] == desk.running()
        desk.rows()
        # The mix's order puts A back first; yet each goes on where it was.
        desk.at(4, desk.expires("A", 4), desk.expires("B", 4))
        assert [*"BA"] == desk.running()
        assert not [row for row in desk.rows() if "switched" in row]

    def test_a_task_whose_cpu_is_taken_goes_to_another(self):
        """C, ready for longer, takes CPU 0; of the expired two, A takes what is left."""
        desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9", "C": "cpu 9"}, cpus=2)
        desk.at(0, *[desk.arrives(name) for name in "ABC"])
        desk.at(4, desk.expires("A", 4), desk.expires("B", 4))
        assert [[*"CA"], ["B"]] == [desk.running(), desk.ready()]

    def test_the_worst_running_task_is_preempted(self):
        """Of A (9 left), B (20) and C (12) the new D (3) takes B's CPU, the last that was given out."""
        desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 20", "C": "cpu 12", "D": "cpu 3"}, cpus=3)
        desk.at(0, *[desk.arrives(name) for name in "ABC"])
        (order,) = desk.at(0, desk.arrives("D"))
        assert ("stop", "B", 2) == order[:3]

    def test_two_better_ones_take_the_two_worst(self):
        """D and E arrive together: B and C are stopped, the worst first."""
        jobs = {"A": "cpu 9", "B": "cpu 20", "C": "cpu 12", "D": "cpu 3", "E": "cpu 4"}
        desk = Desk(("srtf",), jobs, cpus=3)
        desk.at(0, *[desk.arrives(name) for name in "ABC"])
        orders = desk.at(0, desk.arrives("D"), desk.arrives("E"))
        assert [("stop", "B"), ("stop", "C")] == [order[:2] for order in orders]

    def test_equal_rank_never_preempts(self):
        """On neither CPU."""
        desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 9", "C": "cpu 9"}, cpus=2)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        assert [] == desk.at(0, desk.arrives("C"))

    def test_a_task_just_dispatched_is_not_preempted_at_that_instant(self):
        """Two CPUs become free: the two best are taken, and the third waits."""
        desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 1", "C": "cpu 5"}, cpus=2)
        orders = desk.at(0, *[desk.arrives(name) for name in "ABC"])
        assert [("B", 0, 0, -1), ("C", 1, 0, -1)] == starts(orders)
        assert [["A"], 2] == [desk.ready(), len(orders)]


class TestUntil:
    """The run is cut off at an instant, which is no longer part of it."""

    def test_running_tasks_are_stopped_where_they_are(self):
        """Each row says how far its task came; nothing is dispatched any more."""
        desk = Desk(("fcfs",), {"A": "cpu 9", "B": "cpu 9", "C": "cpu 9"}, cpus=2)
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.arrives("B"), desk.arrives("C"))
        desk.rows()
        assert [] == desk.at(5, Closed())
        assert ["5 stopped A 0 5", "5 stopped B 1 3"] == desk.rows()
        assert ["C"] == desk.ready()

    def test_a_task_whose_switch_is_not_over_has_not_run(self):
        """Cut off in the middle of the context switch to B."""
        desk = Desk(("fcfs",), {"A": "cpu 2", "B": "cpu 9"}, switch_cost=4)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        desk.at(2, desk.ends("A", 2))
        desk.rows()
        desk.at(3, Closed())
        assert ["3 stopped B 0 0"] == desk.rows()

    def test_an_idle_cpu_has_nothing_to_stop(self):
        """Cut off while nobody runs: no row."""
        desk = Desk(("fcfs",), {"A": "cpu 2"})
        desk.at(3, Closed())
        assert [] == desk.rows()


class TestYield:
    """A task gives up the CPU and goes to the tail."""

    @CONVENTIONS
    def test_it_goes_to_the_tail(self, conventions):
        """B runs next, then A again."""
        desk = Desk(("fcfs",), {"A": "cpu 2; yield; cpu 1", "B": "cpu 1"}, conventions=conventions)
        desk.at(0, desk.arrives("A"), desk.arrives("B"))
        assert [("A", 0, 2, -1)] == starts(desk.at(2, desk.ends("A", 2)))
        assert [("B", 0, 2, -1)] == starts(desk.at(2, desk.ends("A", 0)))
        assert ["2 yielded A 0 2", "2 dispatched B 0 -1"] == desk.rows()[3:]

    def test_alone_it_goes_on(self):
        """There is nobody to give way to: it is dispatched again, with a fresh slice."""
        desk = Desk(RR4, {"A": "cpu 2; yield; cpu 9"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.ends("A", 2))
        assert [("A", 0, 2, 4)] == starts(desk.at(2, desk.ends("A", 0)))

    def test_a_yield_before_an_io_only_blocks(self):
        """It would not need the CPU again."""
        desk = Desk(("fcfs",), {"A": "cpu 2; yield; io 3"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.ends("A", 2))
        desk.rows()
        desk.at(2, desk.ends("A", 0))
        assert ["2 blocked A 0 2"] == desk.rows()

    def test_a_yield_at_the_end_only_ends(self):
        """As above."""
        desk = Desk(("fcfs",), {"A": "cpu 2; yield"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.ends("A", 2))
        desk.rows()
        desk.at(2, desk.ends("A", 0))
        assert ["2 finished A 0 2"] == desk.rows()


MLFQ = ("mlfq", {"quanta": "2/9", "boost": 10})


class TestBoost:
    """The periodic work of an MLFQ, at multiples of its period."""

    def test_it_is_asked_for_at_the_first_multiple_after_an_arrival(self):
        """A arrives at 13: the next boost of a period of 10 is at 20, and then at 30."""
        desk = Desk(MLFQ, {"A": "cpu 90"})
        assert ("wake_at", 20, 0) == desk.at(13, desk.arrives("A"))[0]
        desk.at(15, desk.expires("A", 2))
        assert ("wake_at", 30, 0) in desk.at(20, BOOSTED)

    def test_an_arrival_exactly_at_a_multiple_waits_for_the_next(self):
        """At 20 nobody was there to be boosted."""
        desk = Desk(MLFQ, {"A": "cpu 90"})
        assert ("wake_at", 30, 0) == desk.at(20, desk.arrives("A"))[0]

    def test_the_running_task_gets_a_fresh_slice_of_level_0(self):
        """A, of level 1 with 8 of its slice of 9 used, goes on with a slice of 2."""
        desk = Desk(MLFQ, {"A": "cpu 90"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.expires("A", 2))
        desk.rows()
        assert [("A", 0, 10, 2)] == starts(desk.at(10, BOOSTED))
        assert ["10 boosted - -1 0", "10 renewed A 0 8", "10 dispatched A 0 2"] == desk.rows()
        assert [0, 0, 0] == [desk.tasks["A"].level, desk.tasks["A"].used, desk.tasks["A"].spent]

    @CONVENTIONS
    def test_at_an_expiry_the_task_is_charged_first(self, conventions):
        """A's slice ends at the boost: it has expired, and is lifted from the level it sank to."""
        desk = Desk(("mlfq", {"quanta": "2/8", "boost": 10}), {"A": "cpu 90"}, conventions=conventions)
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.expires("A", 2))
        desk.rows()
        desk.at(10, BOOSTED, desk.expires("A", 8))
        assert ["10 expired A 0 8", "10 boosted - -1 0", "10 dispatched A 0 2"] == desk.rows()
        assert 0 == desk.tasks["A"].level

    def test_a_blocked_task_is_boosted_too(self):
        """It comes back at level 0."""
        desk = Desk(MLFQ, {"A": "cpu 3; io 20; cpu 1"})
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.expires("A", 2))
        desk.at(3, desk.ends("A", 1))
        assert 1 == desk.tasks["A"].level
        desk.at(10, BOOSTED)
        assert 0 == desk.tasks["A"].level

    def test_while_nobody_is_there_it_has_no_effect(self):
        """A is done when the boost comes: no row, and no other boost is asked for."""
        desk = Desk(MLFQ, {"A": "cpu 1"})
        desk.at(0, desk.arrives("A"))
        desk.at(1, desk.ends("A", 1))
        desk.rows()
        assert [[], []] == [desk.at(10, BOOSTED), desk.rows()]

    def test_during_a_switch_the_slice_is_renewed_from_its_end(self):
        """The switch to B lasts from 8 to 12; the boost at 10 changes nothing about that."""
        desk = Desk(MLFQ, {"A": "cpu 8", "B": "cpu 90"}, switch_cost=4)
        desk.at(0, desk.arrives("A"))
        desk.at(2, desk.expires("A", 2))
        desk.at(8, desk.ends("A", 6), desk.arrives("B"))
        assert [("B", 0, 12, 2)] == starts(desk.at(10, BOOSTED))


class Watcher:
    """Writes down what it sees."""

    def __init__(self):
        """Begin with nothing."""
        self.seen = []

    def dispatching(self, now, cpu, entries, queue):
        """Note who was ready."""
        self.seen.append((now, cpu, [(task.id, rank) for rank, _, task in entries], queue.count))

    def inheriting(self, mutex):
        """Note which mutex lends ranks."""
        self.seen.append(mutex)

    def preempting(self, now, cpu, victim, rank, candidate):
        """Note who took whose CPU."""
        self.seen.append((now, cpu, victim.id, rank, candidate[2].id, candidate[0]))


class TestObserver:
    """Who wants to see the decisions."""

    def play(self, observer):
        """Run the same small story, and return its orders and rows."""
        desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 5", "C": "cpu 3"}, observer=observer)
        orders = desk.at(0, desk.arrives("A"))
        orders += desk.at(2, desk.arrives("C"), desk.arrives("B"))
        orders += desk.at(2, desk.stops("A", 2))
        return orders, desk.rows()

    def test_it_sees_each_decision_with_ranks(self):
        """A alone; C (3) takes the CPU from A (7 left); C before B and A."""
        watcher = Watcher()
        self.play(watcher)
        assert [
            (0, 0, [("A", 9)], 1),
            (2, 0, "A", 7, "C", 3),
            (2, 0, [("C", 3), ("B", 5), ("A", 7)], 3),
        ] == watcher.seen

    def test_it_changes_nothing(self):
        """Orders and rows are those of a run that nobody watches."""
        assert self.play(None) == self.play(Watcher())
