"""Round robin, priority round robin, multilevel queues and feedback by hand: worked out on paper first."""

from __future__ import annotations

import pytest

from schedsim.errors import PolicyError
from tests.unit.playing import play


class TestRoundRobin:
    """Everyone in turn."""

    def test_the_textbook_example(self):
        """24, 3 and 3 with a quantum of 4 (Silberschatz 5.3.3); then A alone, a fresh quantum each time."""
        expected = "A 0-4 B 4-7 C 7-10 A 10-14 A 14-18 A 18-22 A 22-26 A 26-30"
        assert expected == play("rr", "A 0 24\nB 0 3\nC 0 3", quantum=4)

    @pytest.mark.parametrize(
        ("conventions", "expected"),
        [
            # at 2 B arrives, then A rejoins
            ("textbook", "A 0-2 B 2-4 A 4-6 B 6-7 A 7-8"),
            # at 2 A rejoins, then B arrives
            ("ostep", "A 0-2 A 2-4 B 4-6 A 6-7 B 7-8"),
        ],
    )
    def test_an_arrival_at_an_expiry(self, conventions, expected):
        """The one case in which books differ most."""
        assert expected == play("rr", "A 0 5\nB 2 3", quantum=2, conventions=conventions)

    @pytest.mark.parametrize(
        ("conventions", "expected"),
        [
            # at 7 A wakes, then B rejoins
            ("textbook", "A 0-2 B 2-4 A 4-5 B 5-7 A 7-9 B 9-10 A 10-11"),
            # at 7 B rejoins, then A wakes
            ("ostep", "A 0-2 B 2-4 A 4-5 B 5-7 B 7-8 A 8-10 A 10-11"),
        ],
    )
    def test_a_wakeup_at_an_expiry(self, conventions, expected):
        """A waits from 5 to 7; its unused quantum is nobody's."""
        mix = "A 0 cpu 3; io 2; cpu 3\nB 0 5"
        assert expected == play("rr", mix, quantum=2, conventions=conventions)

    @pytest.mark.parametrize(
        ("quantum", "expected"),
        [
            # two ticks: B begins at 3 and has seen them at 4 and 6; from then on all begin at ticks
            (4, "A 0-3 B 3-6 C 6-10 B 10-14 C 14-16"),
            # 5 is two whole ticks, too
            (5, "A 0-3 B 3-6 C 6-10 B 10-14 C 14-16"),
            # less than one is one
            (1, "A 0-2 B 2-4 C 4-6 A 6-7 B 7-8 C 8-10 B 10-12 C 12-14 B 14-16"),
        ],
    )
    def test_quanta_counted_in_ticks(self, quantum, expected):
        """A tick is at every second instant."""
        assert expected == play("rr", "A 0 3\nB 0 7\nC 0 6", quantum=quantum, tick=2)

    def test_a_lone_job_goes_on_at_the_ticks(self):
        """B begins between two ticks, and its fresh quanta then begin at one."""
        assert "A 0-2 B 2-5 B 5-10 B 10-11" == play("rr", "A 0 2\nB 0 9", quantum=7, tick=5)

    def test_ticks_are_the_clocks_and_not_the_jobs(self):
        """The CPU was idle until 3: the first tick that A sees is at 4, the second at 8."""
        assert "A 3-8 B 8-10 A 10-12" == play("rr", "A 3 7\nB 3 2", quantum=8, tick=4)

    def test_the_first_tick_is_at_the_phase(self):
        """Ticks at 1, 3, 5 and so on: the second that A sees is at 3."""
        assert "A 0-3 B 3-7 A 7-9 B 9-10" == play("rr", "A 0 5\nB 0 5", quantum=4, tick=2, phase=1)

    def test_what_io_leaves_of_a_counted_quantum_is_not_lost(self):
        """A blocks at 3 and has seen the tick at 2: back on the CPU at 6, its quantum is over at 8."""
        # B begins at 3 and sees 4 and 6; at 8 A's quantum is a fresh one, and at 12 it needs 2 more
        mix = "A 0 cpu 3; io 1; cpu 4\nB 0 10"
        assert "A 0-3 B 3-6 A 6-8 B 8-12 A 12-14 B 14-17" == play("rr", mix, quantum=4, tick=2)

    def test_a_quantum_that_is_not_counted_is_lost_with_io(self):
        """The same without ticks: A has a whole quantum at 7."""
        mix = "A 0 cpu 3; io 1; cpu 4\nB 0 10"
        assert "A 0-3 B 3-7 A 7-11 B 11-15 B 15-17" == play("rr", mix, quantum=4)


class TestPriorityRoundRobin:
    """The best priority, equals in turn."""

    def test_equals_in_turn_then_the_next_priority(self):
        """C, of priority 2, waits for both others."""
        mix = "A 0 priority=1 4\nB 0 priority=1 3\nC 0 priority=2 2"
        assert "A 0-2 B 2-4 A 4-6 B 6-7 C 7-9" == play("priority-rr", mix, quantum=2)

    @pytest.mark.parametrize(
        ("conventions", "expected"),
        [
            # A, preempted at 3, goes behind B and gets 4 anew, of which 3 are enough
            ("textbook", "A 0-3 C 3-4 B 4-8 A 8-11"),
            # A goes back before B with the 1 that is left of its quantum
            ("ostep", "A 0-3 C 3-4 A 4-5 B 5-9 A 9-11"),
        ],
    )
    def test_a_preempted_task(self, conventions, expected):
        """Where it goes, and with how much of its quantum."""
        mix = "A 0 priority=2 6\nB 0 priority=2 4\nC 3 priority=1 1"
        assert expected == play("priority-rr", mix, quantum=4, conventions=conventions)

    def test_high_numbers_first(self):
        """B preempts, and gets quantum after quantum."""
        mix = "A 0 priority=1 2\nB 1 priority=5 3"
        assert "A 0-1 B 1-3 B 3-4 A 4-5" == play("priority-rr", mix, quantum=2, priority_order="high-first")


class TestMultilevelQueue:
    """A priority names a queue."""

    def test_without_queues_each_priority_is_round_robin(self):
        """B's queue is the better one."""
        assert "A 0-1 B 1-5 B 5-6 A 6-8" == play("mlq", "A 0 priority=2 3\nB 1 priority=1 5", quantum=4)

    def test_a_preempted_fcfs_job_goes_back_to_the_head(self):
        """C was ready since 1, A is preempted at 2: A still goes on first."""
        mix = "A 0 priority=2 6\nC 1 priority=2 2\nB 2 priority=1 3"
        assert "A 0-2 B 2-4 B 4-5 A 5-9 C 9-11" == play("mlq", mix, queues="rr 2/fcfs")

    def test_a_preempted_round_robin_job_goes_to_the_tail(self):
        """A, preempted at 1, goes behind B, and gets a fresh quantum."""
        mix = "A 0 priority=2 6\nB 0 priority=2 2\nC 1 priority=1 1"
        assert "A 0-1 C 1-2 B 2-4 A 4-8 A 8-9" == play("mlq", mix, queues="rr 4/rr 4")

    @pytest.mark.parametrize(
        ("queues", "expected"), [("sjf/fcfs", "A 0-5 B 5-6"), ("srtf/fcfs", "A 0-1 B 1-2 A 2-6")]
    )
    def test_a_queue_preempts_within_itself_only_if_its_policy_does(self, queues, expected):
        """B is shorter, in the same queue."""
        assert expected == play("mlq", "A 0 priority=1 5\nB 1 priority=1 1", queues=queues)

    def test_the_priorities_may_be_any_numbers(self):
        """The order of the list is the order of the queues."""
        queues = [{"priority": 7, "algo": "fcfs"}, {"priority": 3, "algo": "rr", "quantum": 2}]
        mix = "A 0 priority=3 3\nB 1 priority=7 2"
        assert "A 0-1 B 1-3 A 3-5" == play("mlq", mix, queues=queues)

    def test_a_job_that_no_queue_is_for(self):
        """It is named, with the queues that there are."""
        with pytest.raises(PolicyError) as caught:
            play("mlq", "A 5 priority=3 3", queues="rr 2/fcfs")
        expected = "mlq.joined at 5 ns for task 'A': job 'A' has priority 3; the queues are 1, 2"
        assert expected == str(caught.value)


class TestMultilevelFeedbackQueue:
    """Who uses slices up moves down."""

    def test_a_lone_job_sinks(self):
        """Slices of 2, 4 and then 8."""
        assert "A 0-2 A 2-6 A 6-12" == play("mlfq", "A 0 12", quanta="2/4/8")

    @pytest.mark.parametrize(
        ("conventions", "expected"),
        [
            # preempted at 3, A begins its slice of 4 anew: 5-9
            ("textbook", "A 0-2 A 2-3 B 3-5 A 5-9 A 9-10"),
            # A has 3 of it left: 5-8
            ("ostep", "A 0-2 A 2-3 B 3-5 A 5-8 A 8-10"),
        ],
    )
    def test_an_arrival_preempts_a_lower_level(self, conventions, expected):
        """B is new, and so of level 0."""
        assert expected == play("mlfq", "A 0 8\nB 3 2", quanta="2/4/8", conventions=conventions)

    def test_allotments(self):
        """Two slices of 2 at level 0 before A sinks; B is done before it does."""
        # A spends 0-2 and 4-6 and sinks; then slices of 4 at the lowest level
        expected = "A 0-2 B 2-4 A 4-6 B 6-7 A 7-11 A 11-13"
        assert expected == play("mlfq", "A 0 10\nB 0 3", quanta="2/4", allotments="2/1")

    def test_an_allotment_of_0_is_never_used_up(self):
        """A stays at level 0, with slices of 2."""
        assert "A 0-2 A 2-4 A 4-6" == play("mlfq", "A 0 6", quanta="2/4", allotments="0/1")

    def test_a_boost_in_the_middle_of_a_slice(self):
        """At 8 A, of level 1, gets a fresh slice of level 0."""
        assert "A 0-2 A 2-6 A 6-8 A 8-10 A 10-14" == play("mlfq", "A 0 14", quanta="2/4", boost=8)

    @pytest.mark.parametrize(
        ("resets", "expected"),
        [
            # 2 of 3 used at 2; after the I/O 1 is left: 3-4, and A sinks; 4-5; 6-7
            (False, "A 0-2 A 3-4 A 4-5 A 6-7"),
            # after each I/O 3 anew
            (True, "A 0-2 A 3-5 A 6-7"),
        ],
    )
    def test_what_io_leaves_of_a_slice(self, resets, expected):
        """It is kept, or renewed: the hole through which a job games the queue."""
        mix = "A 0 cpu 2; io 1; cpu 2; io 1; cpu 1"
        assert expected == play("mlfq", mix, quanta="3/6", io_resets_allotment=resets)

    @pytest.mark.parametrize(
        ("bump", "conventions", "expected"),
        [
            # A wakes at 4, behind C
            (False, "textbook", "A 0-1 B 1-5 C 5-7 A 7-9 B 9-13"),
            # in front of C, but B keeps the CPU until its slice is over
            (True, "textbook", "A 0-1 B 1-5 A 5-7 C 7-9 B 9-13"),
            # in front of B, which keeps the 1 that is left of its slice
            (True, "ostep", "A 0-1 B 1-4 A 4-6 B 6-7 C 7-9 B 9-13"),
        ],
    )
    def test_coming_back_from_io(self, bump, conventions, expected):
        """At the tail of the level, or at its head."""
        mix = "A 0 cpu 1; io 3; cpu 2\nB 0 8\nC 0 2"
        assert expected == play("mlfq", mix, quanta="4", io_bump=bump, conventions=conventions)

    @pytest.mark.parametrize(
        ("conventions", "expected"),
        [
            # it costs nothing: A wakes at 5 at level 0 and takes the CPU for 2; then B, of level 1 since 5
            ("textbook", "A 0-2 B 2-4 B 4-5 A 5-7 B 7-10 A 10-11"),
            # it used the slice up: A wakes at level 1 and waits for B's slice of 4
            ("ostep", "A 0-2 B 2-4 B 4-8 A 8-11"),
        ],
    )
    def test_an_io_exactly_at_the_end_of_a_slice(self, conventions, expected):
        """Nothing was left of the slice when it blocked."""
        mix = "A 0 cpu 2; io 3; cpu 3\nB 0 6"
        assert expected == play("mlfq", mix, quanta="2/4", conventions=conventions)


class TestFeedback:
    """A queue down at the end of a quantum, if others wait."""

    def test_stallings_example(self):
        """Table 9.5 with a quantum of 1: the ends are 4, 20, 16, 19 and 11."""
        # Ready in front of ":", queue by queue: 2 B|A : B; 3 |A B : A; 4 C|B : C; 5 |B C : B; 6 D|C|B : D;
        # 7 |C D|B : C; 8 E|D|B C : E; 9 |D E|B C : D; 10 |E|B C D : E; then B C D in turn, each a queue
        # down at its end, until C (16), D (19) and B (20) are done.
        expected = (
            "A 0-1 A 1-2 B 2-3 A 3-4 C 4-5 B 5-6 D 6-7 C 7-8 E 8-9 D 9-10 E 10-11 B 11-12 C 12-13 D 13-14 "
            "B 14-15 C 15-16 D 16-17 B 17-18 D 18-19 B 19-20"
        )
        assert expected == play("feedback", "A 0 3\nB 2 6\nC 4 4\nD 6 5\nE 8 2", quanta="1")

    def test_alone_it_stays(self):
        """No one else is ready: the quantum stays that of queue 0."""
        assert "A 0-1 A 1-2 A 2-3" == play("feedback", "A 0 3", quanta="1/2")

    def test_an_arrival_does_not_cut_a_quantum_short(self):
        """C comes at 3 and waits until A's quantum of 4 is over."""
        # 0-1 A sinks, B waits; 2-6 queue 1; at 6 C waits, A sinks to queue 2
        assert "A 0-1 B 1-2 A 2-6 C 6-7 A 7-8" == play("feedback", "A 0 6\nB 0 1\nC 3 1", quanta="1/4")

    def test_the_last_quantum_repeats(self):
        """Both sink to queue 2, of which there is no quantum: it is that of queue 1."""
        expected = "A 0-1 B 1-2 A 2-4 B 4-6 A 6-8 B 8-10"
        assert expected == play("feedback", "A 0 5\nB 0 5", quanta="1/2")
