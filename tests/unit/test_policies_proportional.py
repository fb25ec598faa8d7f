"""Lottery and stride by hand, and the random numbers of the lottery."""

from __future__ import annotations

import pytest

from schedsim.errors import PolicyError
from schedsim.policies.parameters import hash64
from tests.unit.playing import play


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
