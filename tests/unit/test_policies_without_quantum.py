"""FCFS, SJF, SRTF, HRRN, priority and EDF by hand: each expected schedule was worked out on paper, as said above it."""

from __future__ import annotations

import pytest

from schedsim.errors import UsageError
from schedsim.experiment import run
from schedsim.times import LONGEST
from tests.unit.playing import mix_of, play, schedule


class TestFirstComeFirstServed:
    """Whoever became ready first."""

    def test_the_convoy(self):
        """The textbook's 24, 3 and 3 (Silberschatz 5.3.1), in the order of the mix."""
        # 0 + 24 = 24, + 3 = 27, + 3 = 30
        assert "A 0-24 B 24-27 C 27-30" == play("fcfs", "A 0 24\nB 0 3\nC 0 3")

    def test_arrivals_decide_and_not_the_mix(self):
        """B is there first; before that the CPU idles."""
        # idle until 1; B 1 + 4 = 5; A, there since 3, until 7
        assert "B 1-5 A 5-7" == play("fcfs", "A 3 2\nB 1 4")

    def test_a_task_that_wakes_joins_at_the_tail(self):
        """A's I/O ends at 5, while B runs; C came at 3 and is first."""
        # A blocks at 2 until 5; B 2-6; then C (3) before A (5)
        assert "A 0-2 B 2-6 C 6-7 A 7-9" == play("fcfs", "A 0 cpu 2; io 3; cpu 2\nB 1 4\nC 3 1")


class TestShortestJobFirst:
    """The shortest next CPU burst, to its end."""

    def test_all_there_at_the_start(self):
        """6, 8, 7 and 3 (Silberschatz 5.3.2)."""
        # 3, then 6, 7, 8: ends 3, 9, 16, 24
        assert "D 0-3 A 3-9 C 9-16 B 16-24" == play("sjf", "A 0 6\nB 0 8\nC 0 7\nD 0 3")

    def test_nobody_is_preempted(self):
        """Shorter ones that come while A runs wait for its end; B and D, equal, in order of arrival."""
        # at 7 there are B 4, C 1, D 4
        assert "A 0-7 C 7-8 B 8-12 D 12-16" == play("sjf", "A 0 7\nB 2 4\nC 4 1\nD 5 4")

    def test_it_is_the_burst_that_counts_and_not_the_job(self):
        """A begins with its short burst, and waits with its long one."""
        # 1 < 4 < 6: A 0-1, its I/O until 2; at 1 B (4), at 5 C (6) before A's 9
        assert "A 0-1 B 1-5 C 5-11 A 11-20" == play("sjf", "A 0 cpu 1; io 1; cpu 9\nB 0 4\nC 0 6")

    def test_it_believes_estimates(self):
        """B says 1 and needs 5; A says 9 and needs 2."""
        assert "B 0-5 A 5-7" == play("sjf", "A 0 estimate=9 2\nB 0 estimate=1 5")


class TestShortestRemainingTimeFirst:
    """The least left to compute, preemptively."""

    def test_arrivals_preempt(self):
        """8, 4, 9 and 5, a unit apart (Silberschatz 5.3.2)."""
        # at 1 A has 7, B 4: B; at 5 A 7, C 9, D 5: D; then A, then C
        assert "A 0-1 B 1-5 D 5-10 A 10-17 C 17-26" == play("srtf", "A 0 8\nB 1 4\nC 2 9\nD 3 5")

    def test_an_equal_rest_does_not_preempt(self):
        """At 2 A has 3 left, as B."""
        assert "A 0-5 B 5-8" == play("srtf", "A 0 5\nB 2 3")

    @pytest.mark.parametrize(
        ("remaining", "expected"),
        [
            # the bursts are 2 and 5: A 0-2; at 3 A wakes with 9, B has 4 left and goes on
            ("burst", "A 0-2 B 2-7 A 7-16"),
            # the jobs are 11 and 5: B 0-5; A 5-7, waits, 8-17
            ("total", "B 0-5 A 5-7 A 8-17"),
        ],
    )
    def test_what_is_left_of_the_burst_or_of_the_program(self, remaining, expected):
        """A's first burst is short, and its program is long."""
        assert expected == play("srtf", "A 0 cpu 2; io 1; cpu 9\nB 0 5", remaining=remaining)

    def test_an_estimate_too_short(self):
        """At 1 A believes in 1 more, at 2 and later in 0: B's 4 never preempts."""
        assert "A 0-8 B 8-12" == play("srtf", "A 0 estimate=2 8\nB 1 4")

    def test_an_estimate_too_long(self):
        """At 1 A believes in 8 more, though 2 are left: B's 4 preempts."""
        assert "A 0-1 B 1-5 A 5-7" == play("srtf", "A 0 estimate=9 3\nB 1 4")


class TestHighestResponseRatioNext:
    """The greatest (waiting + burst) / burst."""

    def test_stallings_example(self):
        """Table 9.5 of the book: A 3, B 6, C 4, D 5, E 2, two apart."""
        # at 9: C (5+4)/4 = 2.25, D (3+5)/5 = 1.6, E (1+2)/2 = 1.5
        # at 13: D (7+5)/5 = 2.4, E (5+2)/2 = 3.5
        assert "A 0-3 B 3-9 C 9-13 E 13-15 D 15-20" == play("hrrn", "A 0 3\nB 2 6\nC 4 4\nD 6 5\nE 8 2")

    def test_waiting_counts_from_the_end_of_the_io(self):
        """A and C are ready since 6: not since A's arrival at 0, which would make its ratio 3."""
        # at 8: A (2+4)/4 = 1.5, C (2+2)/2 = 2
        assert "A 0-2 B 2-8 C 8-10 A 10-14" == play("hrrn", "A 0 cpu 2; io 4; cpu 4\nB 0 6\nC 6 2")

    def test_equal_ratios_go_by_who_joined_first(self):
        """At 6 B and C have the ratio 2, exactly, of different bursts."""
        # B since 2: (4+4)/4; C since 4: (2+2)/2
        assert "A 0-6 B 6-10 C 10-12" == play("hrrn", "A 0 6\nC 4 2\nB 2 4")

    def test_it_believes_estimates(self):
        """B, which needs 2, says 10."""
        # at 5: B (4+10)/10 = 1.4, C (4+4)/4 = 2; with the truth B had (4+2)/2 = 3
        assert "A 0-5 C 5-9 B 9-11" == play("hrrn", "A 0 5\nB 1 estimate=10 2\nC 1 4")


class TestPriority:
    """The best priority, preemptively or not, with ageing or without."""

    def test_low_numbers_first(self):
        """Silberschatz 5.3.4: 10, 1, 2, 1, 5 with priorities 3, 1, 4, 5, 2."""
        mix = "A 0 priority=3 10\nB 0 priority=1 1\nC 0 priority=4 2\nD 0 priority=5 1\nE 0 priority=2 5"
        # 1: 0-1, 2: 1-6, 3: 6-16, 4: 16-18, 5: 18-19
        assert "B 0-1 E 1-6 A 6-16 C 16-18 D 18-19" == play("priority", mix)

    def test_high_numbers_first(self):
        """The other way round."""
        mix = "A 0 priority=1 2\nB 0 priority=9 3"
        assert "B 0-3 A 3-5" == play("priority", mix, priority_order="high-first")

    @pytest.mark.parametrize(
        ("preemptive", "expected"), [(False, "A 0-5 B 5-8"), (True, "A 0-1 B 1-4 A 4-8")]
    )
    def test_preemptive_or_not(self, preemptive, expected):
        """B is better, and comes at 1."""
        assert expected == play("priority", "A 0 priority=2 5\nB 1 priority=1 3", preemptive=preemptive)

    def test_an_equal_priority_does_not_preempt(self):
        """Strictly better it must be."""
        assert "A 0-5 B 5-8" == play("priority", "A 0 5\nB 1 3", preemptive=True)

    @pytest.mark.parametrize(
        ("ageing", "expected"),
        [
            (0, "B 0-4 C 4-7 A 7-9"),
            # at 4: A 5 - 4 = 1; C, since 3, 2 - 1 = 1: a tie, and A joined first
            (1, "B 0-4 A 4-6 C 6-9"),
            # at 4: A 5 - 2 = 3; C 2 - 0 = 2
            (2, "B 0-4 C 4-7 A 7-9"),
        ],
    )
    def test_ageing(self, ageing, expected):
        """One better for each such length of waiting."""
        mix = "A 0 priority=5 2\nB 0 priority=1 4\nC 3 priority=2 3"
        assert expected == play("priority", mix, ageing=ageing)

    def test_ageing_preempts_at_a_multiple(self):
        """B is 3 - 8 / 2 = -1 at 8, better than A's 0; at 6 it was 0, an equal."""
        assert "A 0-8 B 8-10 A 10-12" == play(
            "priority", "A 0 priority=0 10\nB 0 priority=3 2", preemptive=True, ageing=2
        )

    def test_a_running_task_has_its_own_priority_again(self):
        """B runs at 8 with its own 3: at 10, the next multiple, A takes the CPU back."""
        # at 12 A is done, B goes on until 14
        assert "A 0-8 B 8-10 A 10-12 B 12-14" == play(
            "priority", "A 0 priority=0 10\nB 0 priority=3 4", preemptive=True, ageing=2
        )


class TestEarliestDeadlineFirst:
    """Whose deadline comes first."""

    def test_arrivals_preempt(self):
        """Horn's example (Buttazzo): the deadlines are at 2, 5, 4, 10 and 9."""
        # at 2 J3 (4) preempts J2 (5), which has 1 left; at 6 J5 (9) preempts J4 (10), which has 1 left
        mix = "J1 0 deadline=2 1\nJ2 0 deadline=5 2\nJ3 2 deadline=2 2\nJ4 3 deadline=7 2\nJ5 6 deadline=3 2"
        assert "J1 0-1 J2 1-2 J3 2-4 J2 4-5 J4 5-6 J5 6-8 J4 8-9" == play("edf", mix)

    def test_a_deadline_counts_from_the_arrival(self):
        """B's 5 is nearer than A's 6, and yet B, which came at 2, is due at 7."""
        assert "A 0-4 B 4-6" == play("edf", "A 0 deadline=6 4\nB 2 deadline=5 2")

    def test_an_equal_deadline_does_not_preempt(self):
        """Both are due at 8, and A runs."""
        assert "A 0-4 B 4-6" == play("edf", "A 0 deadline=8 4\nB 2 deadline=6 2")

    def test_equal_deadlines_go_by_who_joined_first(self):
        """B and C are due at 9; C, the first in the mix, came later."""
        assert "A 0-4 B 4-5 C 5-6" == play("edf", "A 0 deadline=5 4\nC 3 deadline=6 1\nB 2 deadline=7 1")

    def test_jobs_without_a_deadline_come_last(self):
        """C, due at 102, is before both; then B, which came before A, whatever the mix says."""
        mix = "A 2 1\nB 1 2\nC 2 deadline=100 1\nD 0 deadline=9 3"
        assert "D 0-3 C 3-4 B 4-6 A 6-7" == play("edf", mix)

    def test_a_preempted_job_without_a_deadline_goes_to_the_tail(self):
        """B waits since 1; A, preempted at 2, is behind it."""
        assert "A 0-2 C 2-3 B 3-4 A 4-6" == play("edf", "A 0 4\nB 1 1\nC 2 deadline=3 1")

    def test_a_missed_deadline_changes_nothing(self):
        """A, due at 2, goes on before B, due at 3, and both are late."""
        assert "A 0-4 B 4-6" == play("edf", "A 0 deadline=2 4\nB 0 deadline=3 2")

    def test_the_deadline_is_that_of_the_job_and_not_of_the_burst(self):
        """A comes back from its I/O at 3 and is still due at 9: it preempts B, due at 10."""
        assert "A 0-1 B 1-3 A 3-5 B 5-8" == play(
            "edf", "A 0 deadline=9 cpu 1; io 2; cpu 2\nB 0 deadline=10 5"
        )

    def test_on_two_cpus_the_latest_deadline_gives_way(self):
        """At 1 C, due at 4, takes the CPU of B, due at 9, and not that of A, due at 5."""
        # CPU 0: A 0-3, then B again; CPU 1: B 0-1, C 1-3; at 3 B goes to the CPU that is idle and lowest
        mix = mix_of("A 0 deadline=5 3\nB 0 deadline=9 4\nC 1 deadline=3 2", cpus=2)
        assert "A 0-3 B 0-1 C 1-3 B 3-6" == schedule(run(mix, "edf", notes=False))

    def test_the_latest_deadline_that_can_be(self):
        """It is still before none at all."""
        longest = LONGEST - 1
        assert "A 0-1 C 1-2 B 2-3" == play(
            "edf", f"B 0 1\nA 0 deadline={longest} 1\nC 1 deadline={longest} 1"
        )

    def test_periodic_jobs_are_refused(self):
        """They are not released again in this version, and so are not run as if they were not periodic."""
        with pytest.raises(UsageError, match="jobs with a period are not released again in this version"):
            play("edf", "A 0 deadline=5 period=5 1")

    def test_edf_within_a_multilevel_queue(self):
        """B, due at 3, preempts A, due at 9; C, of the other queue, waits for both."""
        mix = "A 0 priority=1 deadline=9 4\nB 1 priority=1 deadline=2 1\nC 0 priority=2 1"
        assert "A 0-1 B 1-2 A 2-5 C 5-6" == play("mlq", mix, queues="edf/fcfs")
