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


# L has m when H comes to it, with 20 to do after it; M, with 3, comes while L computes.
#
#     0   10  15        20
#     L has m | H waits | M arrives
LONG = "L 0 lock m inherit; cpu 80; unlock m; cpu 90\nH {}\nM 20 cpu 30"


@pytest.mark.parametrize(
    "high",
    [
        "15 lock m; cpu 200",  # H arrives standing at the lock
        "10 cpu 5; lock m; cpu 200",  # and here it has computed before: what is lent is of the burst to come
        "10 cpu 5; lock m; read n; cpu 200",
    ],
)
@pytest.mark.parametrize("algo", ["srtf", "srtf:remaining=total"])
def test_what_is_lent_is_the_burst_to_come(high, algo):
    """H's 200 go before nobody, so M's 30 come before what L has left, however H came to the lock."""
    result = run(mix_of(LONG.format(high)), algo, notes=False)
    assert (20, 50) == next((piece.start, piece.end) for piece in result.slices if piece.job == "M")


@pytest.mark.parametrize(
    "high", ["15 lock m; cpu 200", "10 cpu 5; lock m; cpu 200", "10 cpu 5; lock m; read n; cpu 200"]
)
@pytest.mark.parametrize("estimate", ["", "estimate=200 "])
def test_what_is_lent_to_who_is_not_preempted(high, estimate):
    """L is at its disk until 30 and X runs until 40: then M, with 30, goes before L, with 80, and H's 200 help nobody."""
    arrival, _, program = high.partition(" ")
    text = (
        LONG.format(f"{arrival} {estimate}{program}").replace("inherit;", "inherit; io 30;") + "\nX 16 cpu 24"
    )
    result = run(mix_of(text), "sjf", notes=False)
    assert "X 16-40 M 40-70 L 70-240" in schedule(result)


def test_what_is_lent_of_a_wait_begins_with_it():
    """At 100 M has waited 4 for 20, L 5 for 200, and H at the lock 6 for 40; its 40 of before are over.

    ::

        0 ------- 40 ---------- 94 ---- 95 -------- 96 -------- 100
        X runs    H computes    Y runs  L is ready  M is ready
    """
    text = """X 0 cpu 40
        L 0 lock m inherit; io 95; cpu 200; unlock m
        H 0 cpu 54; lock m; cpu 40
        Y 94 cpu 6
        M 96 cpu 20"""
    result = run(mix_of(text), "hrrn", notes=False)
    assert "X 0-40 H 40-94 Y 94-100 M 100-120 L 120-320" in schedule(result)


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
