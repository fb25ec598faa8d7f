"""Lottery, stride and cfs by hand, and the random numbers of the lottery."""

from __future__ import annotations

import pytest

from schedsim.errors import PolicyError
from schedsim.experiment import run
from schedsim.policies.base import Queue
from schedsim.policies.cfs import CompletelyFairScheduler
from schedsim.policies.parameters import hash64
from schedsim.testing.machine import make_task
from tests.unit.playing import mix_of, play, schedule


class TestLottery:
    """Each quantum is drawn."""

    def test_given_draws(self):
        """A holds 0 to 2, B holds 3; once B is done, A holds all that are left."""
        mix = "A 0 tickets=3 4\nB 0 tickets=1 2"
        assert "B 0-2 A 2-4 A 4-6" == play("lottery", mix, quantum=2, draws="3/0/1")

    def test_a_draw_is_taken_modulo_the_tickets_in_play(self):
        """7 modulo 4 is 3: B; then 7 modulo 3 is 1: A."""
        mix = "A 0 tickets=3 2\nB 0 tickets=1 2"
        assert "B 0-2 A 2-4" == play("lottery", mix, quantum=2, draws="7/7")

    def test_tickets_lie_in_the_order_of_the_mix(self):
        """B came first, and yet A, the first of the mix, holds number 0."""
        # at 4: A 0 (1 ticket), B 1 (1), C 2 (1); draws 0, 2, 1
        mix = "A 2 2\nB 0 6\nC 3 2"
        expected = "B 0-2 B 2-4 A 4-6 C 6-8 B 8-10"
        assert expected == play("lottery", mix, quantum=2, draws="0/1/0/1/0")

    def test_a_short_burst_ends_its_quantum(self):
        """B needs 1 of 2; the next draw is at 1."""
        assert "B 0-1 A 1-3 A 3-4" == play("lottery", "A 0 3\nB 0 1", quantum=2, draws="1/0/0")

    def test_draws_that_run_out(self):
        """The run needs two, and one is given."""
        with pytest.raises(PolicyError) as caught:
            play("lottery", "A 0 4", quantum=2, draws="0")
        assert (
            "lottery.rank at 2 ns for task 'A': draws has 1 numbers and the run needs more; "
            "add some, or leave it out"
        ) == str(caught.value)

    def test_a_seed_is_a_schedule(self):
        """The same seed gives the same schedule, another one another."""
        mix = "A 0 40\nB 0 40"
        one, again, other = (play("lottery", mix, quantum=1, seed=seed) for seed in (1, 1, 2))
        assert one == again
        assert one != other


class TestHash:
    """The numbers that a seed stands for."""

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (1, 0xE220A8397B1DCDAF),
            (2, 0x6E789E6AA1B965F4),
            (3, 0x06C45D188009454F),
            (4, 0xF88BB8A8724C81EC),
        ],
    )
    def test_the_finalizer_is_that_of_splitmix64(self, place, value):
        """Without a draw's share the numbers are SplitMix64's own of seed 0, as published."""
        assert value == hash64(place, -1)

    def test_64_bits(self):
        """Whatever the seed, also a negative or a very large one."""
        for seed in (0, -5, 2**80):
            assert 0 <= hash64(seed, 3) < 2**64

    def test_numbers_of_one_seed_differ(self):
        """A thousand draws, a thousand numbers."""
        assert 1000 == len({hash64(7, number) for number in range(1000)})

    def test_every_winner_has_its_share(self):
        """Of 30 000 draws modulo 3 each number has 10 000, within 4 standard deviations (82 each)."""
        counts = [0, 0, 0]
        for number in range(30_000):
            counts[hash64(0, number) % 3] += 1
        assert all(abs(count - 10_000) < 4 * 82 for count in counts)


class TestStride:
    """The least pass runs."""

    def test_three_two_one(self):
        """Strides 4, 6 and 12."""
        # passes: A 0>4 B 0>6 C 0>12 A 4>8 B 6>12 A 8>12: in six quanta three, two and one
        mix = "A 0 tickets=3 3\nB 0 tickets=2 2\nC 0 tickets=1 1"
        assert "A 0-1 B 1-2 C 2-3 A 3-4 B 4-5 A 5-6" == play("stride", mix, quantum=1, stride1=12)

    @pytest.mark.parametrize(
        ("first", "expected"),
        [
            # A 0>4, B 0>12, A 4>8>12; a tie, B joined at 2 and A at 4
            ("zero", "A 0-1 B 1-2 A 2-3 A 3-4 B 4-5 A 5-6"),
            # A 4>8>12; a tie with B's 12, which joined at 0; B 12>24, A 12>16
            ("stride", "A 0-1 A 1-2 B 2-3 A 3-4 A 4-5 B 5-6"),
        ],
    )
    def test_the_first_pass(self, first, expected):
        """Nothing, or one stride."""
        mix = "A 0 tickets=3 4\nB 0 tickets=1 2"
        assert expected == play("stride", mix, quantum=1, stride1=12, initial_pass=first)

    def test_a_late_arrival_starts_at_the_least_pass(self):
        """At 3 A's pass is 3, so that is B's; it gets no more than its share from then on."""
        # A 4 at 4, B 3: B > 5; A > 6; B > 7 and done (4); A
        mix = "A 0 8\nB 3 4"
        assert "A 0-2 A 2-4 B 4-6 A 6-8 B 8-10 A 10-12" == play("stride", mix, quantum=2, stride1=1)

    def test_a_late_arrival_at_the_end_of_a_slice(self):
        """A's slice ends as B arrives: A is on its way back, and its pass of 4 is still the least there is."""
        # both have 4 at 4, B joined first: B > 6, A > 6; B joined at 6, A at 8
        mix = "A 0 8\nB 4 4"
        assert "A 0-2 A 2-4 B 4-6 A 6-8 B 8-10 A 10-12" == play("stride", mix, quantum=2, stride1=1)

    def test_a_wait_earns_no_credit(self):
        """A waits from 1 to 10 with a pass of 1; at 10 it takes over B's, 9."""
        # at 11 B has 10: A 9 > 11, B 10 > 12, A's last, B's last
        mix = "A 0 cpu 1; io 9; cpu 3\nB 0 14"
        expected = "A 0-1 B 1-3 B 3-5 B 5-7 B 7-9 B 9-11 A 11-13 B 13-15 A 15-16 B 16-18"
        assert expected == play("stride", mix, quantum=2, stride1=1)

    def test_a_late_arrival_while_all_others_wait(self):
        """Nobody wants the CPU at 9: B starts at the 8 that A had when it left it, not at 0."""
        # at 10 B has 9, and A, back from its I/O, takes that over; B > 10 at 11, A > 11, B > 12 and done, A
        mix = "A 0 cpu 8; io 2; cpu 4\nB 9 4"
        expected = "A 0-2 A 2-4 A 4-6 A 6-8 B 9-11 A 11-13 B 13-15 A 15-17"
        assert expected == play("stride", mix, quantum=2, stride1=1)

    def test_a_part_of_a_quantum_is_charged_as_such(self):
        """A blocks after 1 of 4 and pays for 1: it is in front of B, which paid for 4."""
        # A 0>1; B 0>4 while A waits until 3; at 5 A (1, at least B's running 2: 2) runs its 1, then B
        mix = "A 0 cpu 1; io 2; cpu 1; io 1; cpu 1\nB 0 8"
        assert "A 0-1 B 1-5 A 5-6 B 6-10 A 10-11" == play("stride", mix, quantum=4, stride1=1)


def fair(mix, latency=20, granularity=4, **options):
    """Return the schedule of the mix under cfs, lengths in nanoseconds."""
    return play("cfs", mix, sched_latency=latency, min_granularity=granularity, **options)


class TestCompletelyFairScheduler:
    """The least virtual run time."""

    def test_two_equal_jobs_share_the_latency(self):
        """10 each of 20 (Love); at 20 both have 10, and A joined first."""
        assert "A 0-10 B 10-20 A 20-30 B 30-40" == fair("A 0 20\nB 0 20")

    def test_four_equal_jobs_then_two(self):
        """12 each of 48, then 24 (OSTEP 9.7)."""
        # at 84 D is the third of three, and its 12 are less than the 16 it could have
        expected = (
            "A 0-12 B 12-24 C 24-36 D 36-48 A 48-60 B 60-72 C 72-84 D 84-96 A 96-120 B 120-144 A 144-168"
        )
        mix = "A 0 72\nB 0 72\nC 0 24\nD 0 24"
        assert f"{expected} B 168-192" == fair(mix, 48, 6)

    def test_a_slice_is_at_least_the_granularity(self):
        """6 among three would be 2."""
        assert "A 0-4 B 4-8 C 8-12 A 12-16" == fair("A 0 8\nB 0 4\nC 0 4", 6, 4)

    def test_a_granularity_above_the_latency_is_the_slice(self):
        """So it is round robin with a quantum of 5."""
        assert "A 0-5 B 5-10 A 10-13 B 13-14" == fair("A 0 8\nB 0 6", 2, 5)

    def test_slices_go_by_weight(self):
        """Nice 0 weighs 1024 and nice 5 weighs 335: of 1359 they get just that, and have the same virtual time."""
        mix = "A 0 2048\nB 0 nice=5 670"
        assert "A 0-1024 B 1024-1359 A 1359-2383 B 2383-2718" == fair(mix, 1359, 1)

    def test_virtual_time_goes_by_weight(self):
        """With slices of 10 for both, A (820) has 10 x 1024 / 820 = 12 and B (1277) 8: B is next, and then A."""
        # A 0>12, B 0>8, B 8>16, A 12>24, B 16>24; a tie, and A joined at 40; A 24>37, B 24>32, B 32>40
        mix = "A 0 nice=1 40\nB 0 nice=-1 50"
        expected = "A 0-10 B 10-20 B 20-30 A 30-40 B 40-50 A 50-60 B 60-70 B 70-80 A 80-90"
        assert expected == fair(mix, 10, 10)

    @pytest.mark.parametrize("pieces", [[335], [1] * 335, [100, 1, 234], [0, 334, 0, 1]], ids=len)
    def test_nothing_is_lost_in_divisions(self, pieces):
        """335 at a weight of 335 are 1024, in however many pieces it is charged."""
        policy, task = CompletelyFairScheduler(), make_task("A", nice=5)
        for ns in pieces:
            policy.ran(task, ns, Queue())
        assert [1024, 0] == [task.vtime, task.used]

    def test_a_newcomer_starts_at_the_least_virtual_time(self):
        """C comes at 5 with A's 5: it waits for the end of A's slice, and then is behind, by 15."""
        # alone A gets 20; C 5 > 15 at 30; it gets 10 more, alone again A the rest
        assert "A 0-20 C 20-30 C 30-35 A 35-45" == fair("A 0 30\nC 5 15")

    def test_a_newcomer_while_all_others_wait(self):
        """B starts at the 50 that A had when it left the CPU at 50: at 71 it has 70, and A is next."""
        mix = "A 0 cpu 50; io 2; cpu 4\nB 51 30"
        assert "A 0-20 A 20-40 A 40-50 B 51-71 A 71-75 B 75-85" == fair(mix)

    @pytest.mark.parametrize(
        ("io", "expected"),
        [
            # at 5 A has 4 and W 1: 3 behind
            (4, "W 0-1 A 1-21 W 21-22 A 22-42"),
            # at 6 A has 5: 4 behind, and that is no more than the granularity
            (5, "W 0-1 A 1-21 W 21-22 A 22-42"),
            # at 7 A has 6: W preempts
            (6, "W 0-1 A 1-7 W 7-8 A 8-28 A 28-42"),
        ],
    )
    def test_who_wakes_preempts_if_the_running_job_is_ahead_by_more_than_the_granularity(self, io, expected):
        """W ran for 1 and waits; A runs meanwhile."""
        assert expected == fair(f"W 0 cpu 1; io {io}; cpu 1\nA 0 40")

    def test_a_wait_earns_half_a_latency_and_no_more(self):
        """At 31 A has 30, and W, which had 1, is put at 20: that is good for 10, then it is A's turn."""
        # W 20 > 30 at 41; A has 30 too, and joined at 31
        mix = "W 0 cpu 1; io 30; cpu 15\nA 0 45"
        assert "W 0-1 A 1-21 A 21-31 W 31-41 A 41-51 W 51-56 A 56-61" == fair(mix)

    def test_a_short_wait_earns_nothing(self):
        """W is back at once: it keeps its 5, and does not fall back by half a latency."""
        # at 6 A, alone when its slice began, has 1
        assert "W 0-5 A 5-20 W 20-25" == fair("W 0 cpu 5; io 1; cpu 5\nA 0 15")

    def test_an_arrival_lets_a_waiting_job_preempt(self):
        """B waits with 0 and A runs; at 5 C comes, with 0 too: A is ahead by 5, and B was there first."""
        # B's slice is 20 / 3 = 6, of which it needs 3; C's is 10; A has 5, and C as it ends
        assert "A 0-5 B 5-8 C 8-13 A 13-15" == fair("A 0 7\nB 0 3\nC 5 5")

    def test_a_job_is_not_disturbed_before_the_granularity(self):
        """C comes at 4, when A is ahead of B by 4: A goes on to the end of its slice of 10."""
        assert "A 0-10 B 10-13 C 13-17" == fair("A 0 10\nB 0 3\nC 4 4")

    def test_on_two_cpus(self):
        """A slice is shared with those who are ready when it is granted: 6 for A, with B and C; 10 for B, with C."""
        # at 6 C (0), 10 with A; at 10 A (6) before B (10); at 16 B, which joined at 10, before C; at 20 C
        mix = mix_of("A 0 16\nB 0 20\nC 0 15", cpus=2)
        expected = "A 0-6 B 0-10 C 6-16 A 10-20 B 16-26 C 20-25"
        assert expected == schedule(run(mix, "cfs", sched_latency=20, min_granularity=4, notes=False))
