"""Priority inheritance: whoever holds a mutex goes before all whom a task that waits for it goes before."""

from __future__ import annotations

import pytest

from schedsim.experiment import run
from tests.unit.playing import mix_of, schedule

PREEMPTIVE = "priority:preemptive=true"

# L has m when H asks for it, and M, which needs nothing of either, comes while L computes.
#
#     0   1   2       4
#     L has m | H waits | M arrives
CLASSIC = """L 0 priority=3 lock m; cpu 4; unlock m; cpu 1
    H 1 priority=1 lock m{}; cpu 2
    M 2 priority=2 cpu 5"""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", "L 0-1 L 1-2 M 2-7 L 7-9 H 9-11 L 11-12"),  # H waits for M, which is below it: inversion
        (" inherit", "L 0-1 L 1-4 H 4-6 M 6-11 L 11-12"),  # and given back at 4: the last of L comes last
    ],
)
def test_the_classic_inversion(word, expected):
    """Sha, Rajkumar, Lehoczky 1990: with inheritance H is delayed by no more than L's critical section."""
    assert expected == schedule(run(mix_of(CLASSIC.format(word)), PREEMPTIVE, notes=False))


def test_over_two_mutexes():
    """H waits for b, which B holds, who waits for a, which L holds: L goes before X for H's sake.

    L has a from 0; B has b and waits for a from 1; H waits for b from 3; X comes at 4. L gives a up at 5
    and is itself again; B has a and is still before X; it gives b up at 6, and is itself again after H and X.
    """
    text = """L 0 priority=4 lock a; cpu 5; unlock a; cpu 1
        B 1 priority=3 lock b; lock a inherit; cpu 1; unlock a; unlock b; cpu 1
        H 3 priority=1 lock b inherit; cpu 1
        X 4 priority=2 cpu 5"""
    assert "L 0-1 L 1-3 L 3-5 B 5-6 H 6-7 X 7-12 B 12-13 L 13-14" == schedule(
        run(mix_of(text), PREEMPTIVE, notes=False)
    )


def test_by_whatever_a_policy_ranks():
    """Shortest remaining first: H, with 1 to do, waits for L, which has 8; M, with 3, does not come between."""
    text = "L 0 lock m inherit; cpu 8; unlock m; cpu 9\nH 1 lock m; cpu 1\nM 2 cpu 3"
    assert "L 0-1 L 1-8 H 8-9 M 9-12 L 12-21" == schedule(run(mix_of(text), "srtf", notes=False))


def test_of_whoever_is_killed_nothing_is_inherited():
    """K kills H at 3, and from then on L is below M again."""
    text = CLASSIC.format(" inherit") + "\nK 0 priority=0 io 3; kill H; io 9"
    assert "L 0-1 L 1-3 M 3-8 L 8-10" == schedule(run(mix_of(text), PREEMPTIVE, notes=False))


def test_a_circle_of_heirs():
    """A and B wait for each other, and each inherits from the other: nothing loops, and C has its turn."""
    text = """A 0 priority=2 lock a inherit; cpu 1; lock b inherit; cpu 1
        B 0 priority=1 lock b inherit; cpu 1; io 1; lock a inherit; cpu 1
        C 1 priority=3 cpu 2"""
    result = run(mix_of(text), PREEMPTIVE, notes=False)
    assert "B 0-1 A 1-2 C 2-4" == schedule(result)
    found = result.deadlock
    assert found is not None
    assert ["B", "A"] == [wait.job for wait in found.circle]
