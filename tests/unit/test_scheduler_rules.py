"""The rules of the clock, a line each, with a time line. No engine: the test is the clock.

In the time lines a letter is one nanosecond on the CPU, ``.`` an idle one and ``x`` a switching one;
below stands what happens, and at which instant.
"""

from __future__ import annotations

import pytest

from tests.unit.scheduling import BOOSTED, Desk, starts

CONVENTIONS = pytest.mark.parametrize("conventions", ["textbook", "ostep"])
RR4 = ("rr", {"quantum": 4})


# 1. What the running tasks do at t: an operation ends, then its successor starts; a job finishes; a
#    task blocks.


@CONVENTIONS
def test_1_an_operation_ends_then_its_successor_starts(conventions):
    """The next burst of the same task begins at the very instant at which the last one ended."""
    # CPU 0  A A A|A A
    #        0     3      cpu 3 ends and cpu 2 begins, before anything else of that instant
    desk = Desk(("fcfs",), {"A": "cpu 3; cpu 2", "B": "cpu 1"}, conventions=conventions, arrivals={"B": 3})
    desk.at(0, desk.arrives("A"))
    assert [("A", 0, 3, -1)] == starts(desk.at(3, desk.arrives("B"), desk.ends("A", 3)))
    assert ["3 reached A 0 3", "3 arrived B -1 0"] == desk.rows()[2:]


@CONVENTIONS
def test_1_a_job_finishes_before_another_arrives(conventions):
    """A CPU that its job leaves at t is free for the job that arrives at t."""
    # CPU 0  A A A B
    #        0     3      A finishes, B arrives
    desk = Desk(("fcfs",), {"A": "cpu 3", "B": "cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    assert [("B", 0, 3, -1)] == starts(desk.at(3, desk.arrives("B"), desk.ends("A", 3)))
    assert ["3 finished A 0 3", "3 arrived B -1 0", "3 dispatched B 0 -1"] == desk.rows()[2:]


@CONVENTIONS
def test_1_a_task_blocks_before_another_wakes(conventions):
    """A blocks at the instant at which B's I/O ends: A's wait is the later one, and B gets the CPU."""
    # CPU 0  B A A B
    #        0 1   3      B blocks at 1; A blocks and B wakes at 3
    desk = Desk(("fcfs",), {"A": "cpu 2; io 2", "B": "cpu 1; io 2; cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("B"))
    desk.at(1, desk.arrives("A"), desk.ends("B", 1))
    desk.rows()
    orders = desk.at(3, desk.wakes("B", 2), desk.ends("A", 2))
    assert [("begin_io", "A", 2, "", 3)] == [order for order in orders if order[0] == "begin_io"]
    assert ["3 blocked A 0 2", "3 woke B -1 2", "3 dispatched B 0 -1"] == desk.rows()


# 2. The policy's periodic work (an MLFQ boost).


@CONVENTIONS
def test_2_the_boost_comes_after_what_running_tasks_did(conventions):
    """A blocks at the instant of the boost: it is boosted as a blocked task, not renewed as a running one."""
    # CPU 0  A A A A A A .
    #        0   2       6   quantum 2 used up, level 1; A blocks, boost
    policy = ("mlfq", {"quanta": "2/4", "boost": 6})
    desk = Desk(policy, {"A": "cpu 6; io 1; cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    desk.at(2, desk.expires("A", 2))
    desk.rows()
    desk.at(6, BOOSTED, desk.ends("A", 4))
    assert ["6 blocked A 0 4", "6 boosted - -1 0"] == desk.rows()
    assert 0 == desk.tasks["A"].level


@CONVENTIONS
def test_2_the_boost_comes_before_arrivals(conventions):
    """A job that arrives at the instant of the boost stands behind the boosted ones."""
    # CPU 0  A A B B A A A A
    #        0   2   4     7     A and B sink to level 1; at 7 the boost, and D arrives
    jobs = {"A": "cpu 9", "B": "cpu 9", "D": "cpu 1"}
    policy = ("mlfq", {"quanta": "2/4", "boost": 7})
    desk = Desk(policy, jobs, conventions=conventions, arrivals={"D": 7})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(2, desk.expires("A", 2))
    desk.at(4, desk.expires("B", 2))
    desk.rows()
    desk.at(7, desk.arrives("D"), BOOSTED)
    assert ["7 boosted - -1 0", "7 renewed A 0 3", "7 dispatched A 0 2", "7 arrived D -1 0"] == desk.rows()
    assert [*"BD"] == desk.ready()


# 3. Arrivals, in the order of the mix; then wake-ups, in the order in which the waits began.


@CONVENTIONS
def test_3_arrivals_in_the_order_of_the_mix(conventions):
    """Three jobs of one instant, handed over backwards."""
    # CPU 0  A ...        ready: B C
    #        0            A, B, C arrive
    desk = Desk(("fcfs",), {"A": "cpu 1", "B": "cpu 1", "C": "cpu 1"}, conventions=conventions)
    assert [("A", 0, 0, -1)] == starts(desk.at(0, *[desk.arrives(name) for name in "CBA"]))
    assert [*"BC"] == desk.ready()


@CONVENTIONS
def test_3_wakeups_after_arrivals(conventions):
    """C arrives at the instant at which B's I/O ends, and stands before it."""
    # CPU 0  B A A A ...   ready at 3: C B
    #        0 1   3       B blocks at 1; C arrives and B wakes at 3
    jobs = {"A": "cpu 9", "B": "cpu 1; io 2; cpu 1", "C": "cpu 1"}
    desk = Desk(("fcfs",), jobs, conventions=conventions)
    desk.at(0, desk.arrives("B"))
    desk.at(1, desk.ends("B", 1), desk.arrives("A"))
    desk.at(3, desk.wakes("B", 2), desk.arrives("C"))
    assert [*"CB"] == desk.ready()


@CONVENTIONS
def test_3_wakeups_in_the_order_in_which_the_waits_began(conventions):
    """B, later in the mix, began to wait earlier: of two wake-ups at one instant its is the first."""
    # CPU 0  B A C C C ...  ready at 5: B A
    #        0 1 2     5    B waits from 1, A from 2; both wake at 5
    jobs = {"A": "cpu 1; io 3; cpu 1", "B": "cpu 1; io 4; cpu 1", "C": "cpu 9"}
    desk = Desk(("fcfs",), jobs, conventions=conventions)
    desk.at(0, desk.arrives("B"))
    desk.at(1, desk.ends("B", 1), desk.arrives("A"))
    desk.at(2, desk.ends("A", 1), desk.arrives("C"))
    desk.at(5, desk.wakes("A", 3), desk.wakes("B", 4))
    assert [*"BA"] == desk.ready()


# 4. Tasks whose quantum expired at t, or that were preempted at t, go back to the ready queue. Under
#    ostep this comes before 2 and 3.


@pytest.mark.parametrize(("conventions", "following"), [("textbook", "B"), ("ostep", "A")])
def test_4_an_expired_task_and_an_arrival(conventions, following):
    """The quantum of A ends as B arrives: textbook puts the newcomer first, ostep the expired task."""
    # textbook  A A A A B       ostep  A A A A A
    #           0       4              0       4      A expires, B arrives
    desk = Desk(RR4, {"A": "cpu 9", "B": "cpu 9"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    orders = desk.at(4, desk.arrives("B"), desk.expires("A", 4))
    assert [(following, 0, 4, 4)] == starts(orders)


@pytest.mark.parametrize(("conventions", "queue"), [("textbook", "CBA"), ("ostep", "ACB")])
def test_4_an_expired_task_an_arrival_and_a_wakeup(conventions, queue):
    """All three at once: arrival, wake-up, expired; or expired, arrival, wake-up."""
    # CPU 0  B A A A A ?
    #        0 1       5     B waits from 1 on; at 5 A expires, C arrives, B wakes
    jobs = {"A": "cpu 9", "B": "cpu 1; io 4; cpu 1", "C": "cpu 1"}
    desk = Desk(RR4, jobs, conventions=conventions)
    desk.at(0, desk.arrives("B"))
    desk.at(1, desk.ends("B", 1), desk.arrives("A"))
    desk.at(5, desk.expires("A", 4), desk.wakes("B", 4), desk.arrives("C"))
    assert [*queue] == [*desk.running(), *desk.ready()]


@pytest.mark.parametrize(("conventions", "queue"), [("textbook", "CBA"), ("ostep", "CAB")])
def test_4_a_preempted_task_and_an_arrival(conventions, queue):
    """C preempts A; B, of A's own level, is there already: to the tail, or back to its place before B."""
    # CPU 0  A A C            ready at 2: textbook B A, ostep A B
    #        0 1 2            B arrives at 1, C at 2
    desk = Desk(
        ("priority", {"preemptive": True}),
        {"A": ("cpu 9", {"priority": 2}), "B": ("cpu 9", {"priority": 2}), "C": ("cpu 1", {"priority": 1})},
        conventions=conventions,
    )
    desk.at(0, desk.arrives("A"))
    desk.at(1, desk.arrives("B"))
    assert [("stop", "A", 0, 1)] == desk.at(2, desk.arrives("C"))
    desk.at(2, desk.stops("A", 2))
    assert [*queue] == [*desk.running(), *desk.ready()]


@pytest.mark.parametrize(("conventions", "queue"), [("textbook", "BDAC"), ("ostep", "BACD")])
def test_4_several_go_back_in_the_order_of_arrival_then_of_the_mix(conventions, queue):
    """Slices of two CPUs end at one instant: A, the earlier one, rejoins before C, the first of the mix."""
    # CPU 0  A A A A A A A A B
    # CPU 1  . . . . C C C C ?     B is ready from 5 on; at 8 A and C expire and D arrives
    #        0       4       8
    jobs = {"C": "cpu 9", "A": "cpu 9", "B": "cpu 9", "D": "cpu 9"}
    desk = Desk(RR4, jobs, conventions=conventions, cpus=2, arrivals={"C": 4, "B": 5, "D": 8})
    desk.at(0, desk.arrives("A"))
    desk.at(4, desk.arrives("C"), desk.expires("A", 4))
    desk.at(5, desk.arrives("B"))
    desk.at(8, desk.expires("C", 4), desk.expires("A", 4), desk.arrives("D"))
    assert [*queue] == [*desk.running(), *desk.ready()]


# 5. Each idle CPU, lowest number first, dispatches; then preemption is considered.


@CONVENTIONS
def test_5_the_lowest_idle_number_dispatches_first(conventions):
    """Two jobs and three idle CPUs: 0 and 1 are used, in that order."""
    # CPU 0  A
    # CPU 1  B
    # CPU 2  .
    desk = Desk(("fcfs",), {"A": "cpu 1", "B": "cpu 1"}, conventions=conventions, cpus=3)
    orders = desk.at(0, desk.arrives("B"), desk.arrives("A"))
    assert [("A", 0, 0, -1), ("B", 1, 0, -1)] == starts(orders)


@CONVENTIONS
def test_5_preemption_is_considered_after_dispatching(conventions):
    """A better job takes the idle CPU; nobody is preempted for it."""
    # CPU 0  A A ...
    # CPU 1  . B          B, shorter, arrives at 1
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 1"}, conventions=conventions, cpus=2)
    desk.at(0, desk.arrives("A"))
    orders = desk.at(1, desk.arrives("B"))
    assert [("B", 1, 1, -1)] == starts(orders)
    assert 1 == len(orders)


# What the lines leave open, said below them in the rules.


@CONVENTIONS
def test_an_operation_that_ends_with_the_quantum_has_ended_and_not_expired(conventions):
    """A's burst ends exactly with its quantum: it blocks, and no expiry is in the trace."""
    # CPU 0  A A A A .
    #        0       4    cpu 4 and the quantum of 4 end together
    desk = Desk(RR4, {"A": "cpu 4; io 1; cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    desk.at(4, desk.ends("A", 4))
    assert ["4 blocked A 0 4"] == desk.rows()[2:]


@CONVENTIONS
def test_the_quantum_goes_on_over_a_cpu_burst_that_follows(conventions):
    """Of a quantum of 4 the first burst took 3: the second one has 1 left, and is not renewed."""
    # CPU 0  A A A|A B
    #        0     3 4     cpu 3, then 1 of cpu 5
    desk = Desk(RR4, {"A": "cpu 3; cpu 5", "B": "cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    assert [("A", 0, 3, 1)] == starts(desk.at(3, desk.ends("A", 3)))
    desk.at(4, desk.expires("A", 1))
    assert "4 expired A 0 4" in desk.rows()


@CONVENTIONS
def test_a_cpu_burst_that_follows_exactly_at_the_end_of_the_quantum_expires(conventions):
    """Nothing is left of the slice for the second burst: the task goes to the tail."""
    # CPU 0  A A A A B
    #        0       4     cpu 4 ends with the quantum, cpu 5 follows
    desk = Desk(RR4, {"A": "cpu 4; cpu 5", "B": "cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    assert [("B", 0, 4, 4)] == starts(desk.at(4, desk.ends("A", 4)))
    assert ["4 expired A 0 4", "4 dispatched B 0 4"] == desk.rows()[3:]
    assert 5 == desk.tasks["A"].left


@CONVENTIONS
def test_a_task_alone_at_the_end_of_its_quantum_gets_a_fresh_one(conventions):
    """This is an expiry, and no context switch, even where a switch costs."""
    # CPU 0  A A A A A A
    #        0       4     expired, dispatched again at once
    desk = Desk(RR4, {"A": "cpu 6"}, conventions=conventions, switch_cost=3)
    desk.at(0, desk.arrives("A"))
    assert [("A", 0, 4, 4)] == starts(desk.at(4, desk.expires("A", 4)))
    assert ["4 expired A 0 4", "4 dispatched A 0 4"] == desk.rows()[2:]


@CONVENTIONS
def test_ties_go_by_rank_then_by_when_they_joined_then_by_the_mix(conventions):
    """D is the shortest; of three equal ones C joined first, then A and B together, A first in the mix."""
    # CPU 0  E ...         ready: D C A B
    jobs = {"A": "cpu 5", "B": "cpu 5", "C": "cpu 5", "D": "cpu 2", "E": "cpu 9"}
    desk = Desk(("sjf",), jobs, conventions=conventions)
    desk.at(0, desk.arrives("E"))
    desk.at(1, desk.arrives("C"))
    desk.at(2, desk.arrives("B"), desk.arrives("A"))
    desk.at(3, desk.arrives("D"))
    assert [*"DCAB"] == desk.ready()


@CONVENTIONS
def test_a_task_preempts_only_if_it_is_strictly_better(conventions):
    """At 4 A has 5 left: B with 5 waits, C with 4 preempts."""
    # CPU 0  A A A A C
    #        0       4     B (5) and then C (4) arrive, A has 5 of 9 left
    desk = Desk(("srtf",), {"A": "cpu 9", "B": "cpu 5", "C": "cpu 4"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    assert [] == desk.at(4, desk.arrives("B"))
    assert [("stop", "A", 0, 1)] == desk.at(4, desk.arrives("C"))
    assert [("C", 0, 4, -1)] == starts(desk.at(4, desk.stops("A", 4)))


@CONVENTIONS
def test_a_switch_is_paid_when_another_task_is_dispatched(conventions):
    """The first dispatch is free, B pays, B again after its own I/O does not, and A pays."""
    # CPU 0  A A x x B . B x x A
    #        0   2   4 5 6 7   9
    jobs = {"A": "cpu 2; io 5; cpu 1", "B": "cpu 1; io 1; cpu 1"}
    desk = Desk(("fcfs",), jobs, conventions=conventions, switch_cost=2)
    begins = starts(desk.at(0, desk.arrives("A"), desk.arrives("B")))
    begins += starts(desk.at(2, desk.ends("A", 2)))
    begins += starts(desk.at(5, desk.ends("B", 1)))
    begins += starts(desk.at(6, desk.wakes("B", 1)))
    begins += starts(desk.at(7, desk.ends("B", 1), desk.wakes("A", 5)))
    assert [("A", 0, 0, -1), ("B", 0, 4, -1), ("B", 0, 6, -1), ("A", 0, 9, -1)] == begins
    assert ["2 switched B 0 2", "7 switched A 0 2"] == [row for row in desk.rows() if "switched" in row]


@CONVENTIONS
def test_the_first_switch_is_charged_when_asked_for(conventions):
    """With charge_first_switch even the first dispatch of a CPU costs."""
    # CPU 0  x x A
    #        0   2
    desk = Desk(("fcfs",), {"A": "cpu 2"}, conventions=conventions, switch_cost=2, charge_first_switch=True)
    assert [("A", 0, 2, -1)] == starts(desk.at(0, desk.arrives("A")))
    assert ["0 arrived A -1 0", "0 switched A 0 2", "0 dispatched A 0 -1"] == desk.rows()


# What ostep does otherwise, beside step 4 (cases/README of OSTEP's MLFQ): rules of the MLFQ tool.


@pytest.mark.parametrize(("conventions", "slice_"), [("textbook", 4), ("ostep", 1)])
def test_a_preempted_task_keeps_the_rest_of_its_slice_under_ostep(conventions, slice_):
    """A has used 3 of 4 when C preempts it: later it gets a fresh slice of 4, or the 1 that is left."""
    # CPU 0  A A A C A ...
    #        0     3 4
    jobs = {"A": ("cpu 9", {"priority": 2}), "C": ("cpu 1", {"priority": 1})}
    desk = Desk(("priority-rr", {"quantum": 4}), jobs, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    desk.at(3, desk.arrives("C"))
    desk.at(3, desk.stops("A", 3))
    assert [("A", 0, 4, slice_)] == starts(desk.at(4, desk.ends("C", 1)))


@pytest.mark.parametrize(("conventions", "level"), [("textbook", 0), ("ostep", 1)])
def test_an_io_exactly_at_the_end_of_a_slice_uses_it_up_under_ostep(conventions, level):
    """A blocks as its slice of 4 ends: it has ended, or it has used its slice up and sinks a level."""
    # CPU 0  A A A A .
    desk = Desk(("mlfq", {"quanta": "4/8"}), {"A": "cpu 4; io 1; cpu 1"}, conventions=conventions)
    desk.at(0, desk.arrives("A"))
    desk.at(4, desk.ends("A", 4))
    assert level == desk.tasks["A"].level


@pytest.mark.parametrize(("conventions", "queue"), [("textbook", "DAB"), ("ostep", "DBA")])
def test_a_boost_takes_the_lowest_level_first_under_ostep(conventions, queue):
    """A (level 1) and B (level 2) wait as the boost comes: in the order they joined, or B, lower down, first."""
    # CPU 0  A A B B A B B B B D D   quanta 2/4/8
    #        0   2   4 5   8 9 10    A and B sink to level 1; A waits for I/O from 5 to 8 and is of level 1
    #                                still; at 9 B sinks to level 2 and D arrives; at 10 the boost
    jobs = {"A": "cpu 3; io 3; cpu 9", "B": "cpu 20", "D": "cpu 9"}
    desk = Desk(("mlfq", {"quanta": "2/4/8", "boost": 10}), jobs, conventions=conventions, arrivals={"D": 9})
    desk.at(0, desk.arrives("A"), desk.arrives("B"))
    desk.at(2, desk.expires("A", 2))
    desk.at(4, desk.expires("B", 2))
    desk.at(5, desk.ends("A", 1))
    desk.at(8, desk.wakes("A", 3))
    desk.at(9, desk.expires("B", 4), desk.arrives("D"))
    assert [["D"], [*"AB"], [1, 2]] == [
        desk.running(),
        desk.ready(),
        [desk.tasks[name].level for name in "AB"],
    ]
    desk.at(10, BOOSTED)
    assert [*queue] == [*desk.running(), *desk.ready()]
