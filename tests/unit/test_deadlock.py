"""A deadlock is found when it happens, and told as the circle that it is."""

from __future__ import annotations

import pytest

from schedsim.deadlock import deadlock_of
from tests.unit.telling import trace_of


def found(text, **settings):
    """Return when it closed, its circle and the others as text, None where there is no deadlock."""
    deadlock = deadlock_of(trace_of(text, cpus=8, **settings))
    if deadlock is None:
        return None
    names = ["".join(wait.job for wait in waits) for waits in (deadlock.circle, deadlock.others)]
    return deadlock.time, *names


ABBA = "A 0 lock a; cpu 2; lock b\nB 0 lock b; cpu 3; lock a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A 0 lock a; cpu 2; unlock a\nB 0 lock a; cpu 1", None),
        # Found at 3, when B asks: A has waited since 2, and would not have waited for ever.
        (ABBA, (3, "BA", "")),
        (ABBA + "\nC 0 cpu 9", (3, "BA", "")),
        (ABBA + "\nC 0 cpu 4; lock a\nD 0 cpu 5; lock a", (3, "BA", "CD")),
        ("A 0 cpu 1; lock a; lock a", (1, "A", "")),
        # A parent that waits for a child which waits for what the parent holds.
        ("P 0 lock a; spawn C; join C\nC 0 cpu 2; lock a", (2, "CP", "")),
        # No circle: the holder has ended, or nobody puts anything.
        ("A 0 lock a; cpu 1\nB 0 cpu 2; lock a", (2, "", "B")),
        ("A 0 get q; cpu 1\nB 0 cpu 7", (7, "", "A")),
        # One of the circle is killed: B waits for a dead one from then on, and nobody waits in a circle.
        (ABBA + "\nK 0 cpu 5; kill A", (5, "", "B")),
        (ABBA + "\nK 0 cpu 5; kill B", (5, "", "A")),
        # Two circles, and the first one is broken: the second is there as it was.
        (ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c\nK 0 cpu 9; kill A", (4, "DC", "B")),
        (ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c", (3, "BA", "CD")),
    ],
)
def test_who_is_named(text, expected):
    """The circle from the one that closed it on; then those who wait for them, or for nobody who could help."""
    assert expected == found(text, queues=(("q", 1),))


@pytest.mark.parametrize(
    ("until", "expected"),
    [(3, None), (4, (3, "BA", "")), (8, (3, "BA", "C"))],
)
def test_in_a_run_that_is_cut_off(until, expected):
    """Only a circle is certain: who else waits may only not have come to it, unless it waits for one of those."""
    assert expected == found(
        ABBA + "\nC 0 cpu 5; lock a\nD 0 get q\nE 0 cpu 20; put q", until=until, queues=(("q", 1),)
    )


def test_two_circles_in_a_run_that_is_cut_off():
    """Whoever is in the second one waits for ever, too."""
    text = ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c"
    assert (3, "BA", "CD") == found(text, until=9)


def test_a_wait_that_ended_with_io_is_over():
    """B has got its item and is at its disk when the run is cut off: it waits for nobody."""
    trace = trace_of(ABBA + "\nD 0 get q; io 9\nE 0 cpu 1; put q", cpus=8, until=5, queues=(("q", 1),))
    deadlock = deadlock_of(trace)
    assert deadlock is not None
    assert {"A", "B"} == {wait.job for wait in deadlock.waits}
