"""Whether a run counts: what workers noted, set against what the dispatcher ordered."""

from __future__ import annotations

import pytest

from schedsim.engines.real.records import AWAY, BEGAN, SWITCHED, Note
from schedsim.engines.real.validity import EDGE, START, THROTTLED, Window, judge, percentile, stolen, windows
from schedsim.observed import Stolen
from tests.simulations import written

EPOCH = 10**12
MS = 1_000_000
# CPU 0  A B A A B     A runs 0..10 and 20..40 (a fresh slice at 30), B 10..20 and 40..50, in milliseconds
ROWS = [
    "0 arrived A", "0 arrived B", "0 dispatched A 0 10", "10 expired A 0 10", "10 dispatched B 0 10",
    "20 expired B 0 10", "20 dispatched A 0 10", "30 expired A 0 10", "30 dispatched A 0 10",
    "40 finished A 0 10", "40 dispatched B 0 10", "50 finished B 0 10",
]  # fmt: skip


def trace(rows=ROWS, **header):
    """Return the trace of these rows, times in milliseconds."""
    lines = []
    for row in rows:
        time, *rest = row.split()
        lines.append(" ".join([str(round(float(time) * MS)), *rest]))
    return written("\n".join(lines), "A 0\nB 0", engine="real", **header)


def note(what, start, end, away=None):
    """Return a note, times in milliseconds since the run began."""
    first, last = round(start * MS), round(end * MS)
    return Note(what, EPOCH + first, EPOCH + last, last - first if away is None else round(away * MS))


def lost(*notes_of_a, of_b=(), rows=ROWS):
    """Return what was stolen: CPU, start and end in milliseconds, whether by a stranger."""
    found = stolen(trace(rows), [notes_of_a, of_b], EPOCH)
    return [(each.cpu, each.start / MS, each.end / MS, each.stranger) for each in found]


def test_windows():
    """A dispatch, to when the task left; a fresh slice goes on in the same window."""
    found = [[(each.start // MS, each.end // MS) for each in job] for job in windows(trace())]
    assert [[(0, 10), (20, 40)], [(10, 20), (40, 50)]] == found


def test_windows_of_two_cpus():
    """Each CPU has its own; a task that goes on elsewhere begins a new one."""
    rows = ["0 arrived A", "0 arrived B", "0 dispatched A 0 5", "0 dispatched B 1 5", "5 expired A 0 5",
            "5 expired B 1 5", "5 dispatched A 1 5", "7 finished A 1 2"]  # fmt: skip
    assert [[Window(0, 0, 5 * MS), Window(1, 5 * MS, 7 * MS)], [Window(1, 0, 5 * MS)]] == windows(
        trace(rows, cpus=2)
    )


def test_a_renewed_slice_is_no_new_window():
    """A boost changes nothing about who has the CPU."""
    rows = ["0 arrived A", "0 dispatched A 0 5", "3 boosted -", "3 renewed A 0 3", "3 dispatched A 0 5",
            "7 finished A 0 4"]  # fmt: skip
    assert [[Window(0, 0, 7 * MS)], []] == windows(trace(rows))


# The CPU was away, and nobody else of this machine had it.


def test_stolen_while_it_ran():
    """By the host; whole, from when to when it was away."""
    assert [(0, 3, 5, False)] == lost(note(AWAY, 3, 5))


def test_stolen_in_a_longer_look():
    """Of the time between two looks only as much was lost as the CPU was away."""
    assert [(0, 4, 5, False)] == lost(note(AWAY, 3, 5, away=1))


def test_stolen_from_another_s_time():
    """What was away while it waited was nothing of its own."""
    assert [] == lost(note(AWAY, 12, 15))
    assert [(0, 9, 10, False)] == lost(note(AWAY, 9, 12))
    assert [(0, 20, 22, False)] == lost(note(AWAY, 18, 22))


# Another process had it.


def test_a_stranger_while_it_ran():
    """It was switched from in the middle of its slice."""
    assert [(0, 3, 5, True)] == lost(note(SWITCHED, 3, 5))


def test_switched_from_at_the_end_of_its_slice():
    """That is the dispatcher's doing: away from 10, back at 20, with a moment to come back."""
    assert [] == lost(note(SWITCHED, 10, 20.2))
    assert [] == lost(note(SWITCHED, 10 - (EDGE - 1) / MS, 20.2))


def test_a_stranger_before_the_end_of_its_slice():
    """It was away for longer before the end than the end of a slice explains."""
    assert [(0, 9.5, 10, True)] == lost(note(SWITCHED, 9.5, 20))


def test_late_to_come_back():
    """A process may take a moment to come back; what is longer was lost to somebody else."""
    start = (20 * MS + START) / MS
    assert [(0, start, 22, True)] == lost(note(SWITCHED, 10, 22))


def test_switched_from_while_a_fresh_slice_began():
    """It was not dispatched anew, so it needed no time to come back."""
    assert [(0, 29, 31, True)] == lost(note(SWITCHED, 29, 31))


# A burst began.


def test_a_burst_that_begins_late():
    """From the dispatch to its first look at the clock nothing was computed."""
    assert [] == lost(note(BEGAN, 0, START / MS))
    assert [(0, START / MS, 2, False)] == lost(note(BEGAN, 0, 2))


def test_a_burst_that_follows_another():
    """It begins when that ends, however long after the dispatch."""
    assert [] == lost(note(BEGAN, 7, 7.1))
    assert [(0, 7 + START / MS, 9, False)] == lost(note(BEGAN, 7, 9))


def test_a_burst_that_waited_for_its_turn():
    """It could have begun at 5, when it was let go; its turn came at 20."""
    assert [] == lost(note(BEGAN, 5, 20.1))
    assert [(0, 20 + START / MS, 21, False)] == lost(note(BEGAN, 5, 21))


def test_a_burst_that_begins_out_of_turn():
    """The kernel let it in before the dispatcher did: nothing of its own was lost."""
    assert [] == lost(note(BEGAN, 5, 12))


# All together.


def test_nothing_is_counted_twice():
    """Two notes of the same time, and those of two jobs."""
    found = lost(note(AWAY, 3, 5), note(SWITCHED, 4, 6), note(AWAY, 3.5, 4), of_b=(note(AWAY, 12, 13),))
    assert [(0, 3, 5, False), (0, 5, 6, True), (0, 12, 13, False)] == found


def test_in_order_of_time_over_all_cpus():
    """Not CPU by CPU."""
    rows = ["0 arrived A", "0 arrived B", "0 dispatched A 1 -1", "0 dispatched B 0 -1", "9 finished A 1 9",
            "9 finished B 0 9"]  # fmt: skip
    found = stolen(trace(rows, cpus=2), [[note(AWAY, 1, 2), note(AWAY, 5, 6)], [note(AWAY, 3, 4)]], EPOCH)
    assert [(1, 1), (0, 3), (1, 5)] == [(each.cpu, each.start // MS) for each in found]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 95, 0), ([7], 95, 7), ([3, 1, 2], 50, 2), ([*range(1, 101)], 95, 95), ([*range(1, 21)], 95, 19)],
)
def test_percentiles_by_nearest_rank(values, share, expected):
    """A value that occurred; 0 of nothing."""
    assert expected == percentile(values, share)


# The verdict.

BUSY = 1000 * MS


def judged(pieces=(), lateness=(50_000,), **changes):
    """Return the verdict on a run of a second with these pieces lost: length in milliseconds, whether by a stranger."""
    lost_pieces = [
        Stolen(0, place * 100 * MS, place * 100 * MS + round(length * MS), stranger)
        for place, (length, stranger) in enumerate(pieces)
    ]
    how = {"driver": "bands", "shared": False, "throttled": False, "overflow": False, "host_steal": None}
    return judge(lost_pieces, BUSY, lateness, **(how | changes))


def test_left_in_peace():
    """Within the limits it counts, and what was lost is told."""
    found = judged([(10, False), (5, True)], host_steal=0.01)
    assert (True, ()) == (found.valid, found.reasons)
    assert (0.01, 0.005, 50_000, 0, 0.01) == found[2:]


@pytest.mark.parametrize(
    ("pieces", "changes", "reason"),
    [
        ([(11, False)], {}, "1.1% of the CPU time was stolen by the host of this machine (limit 1.0%)"),
        ([(6, True)], {}, "other processes had the measured CPU for 0.6% of its time (limit 0.5%)"),
        (
            [(50, True), (60, True)],
            {"shared": True},
            "other processes had the measured CPU for 11.0% of its time (limit 10.0%)",
        ),
        (
            [(45, True)],
            {"throttled": True},
            "the kernel's limit on real-time processes took 45.0 ms",
        ),
        (
            [],
            {"lateness": (300_000,)},
            "the dispatcher was late by 0.30 ms (95th percentile, limit 0.2 ms)",
        ),
        (
            [],
            {"lateness": (600_000,), "driver": "signals"},
            "the dispatcher was late by 0.60 ms (95th percentile, limit 0.5 ms)",
        ),
        (
            [],
            {"lateness": (2_100_000,), "driver": "psutil"},
            "the dispatcher was late by 2.10 ms (95th percentile, limit 2 ms)",
        ),
        ([], {"overflow": True}, "there were more interruptions than can be noted"),
    ],
    ids=["host", "strangers", "shared", "throttled", "late", "late signals", "late psutil", "overflow"],
)
def test_disturbed(pieces, changes, reason):
    """Each reason in a sentence, with its limit."""
    found = judged(pieces, **changes)
    assert (False, (reason,)) == (found.valid, found.reasons)


def test_all_reasons():
    """Every one is told."""
    assert 3 == len(judged([(11, False), (6, True)], lateness=(300_000,)).reasons)


def test_throttling_and_strangers_are_told_apart():
    """By length, and only where the kernel limits this driver."""
    long, short = (THROTTLED / MS, True), (4, True)
    found = judged([long, short], throttled=True)
    assert (THROTTLED, 0.004) == (found.throttled, found.stranger_share)
    assert 0 == judged([long], throttled=True, driver="signals").throttled
    assert 0 == judged([long]).throttled


def test_a_run_in_which_nobody_computed():
    """Nothing can be a share of nothing."""
    found = judge([], 0, [], driver="fifo", shared=False, throttled=False, overflow=False, host_steal=None)
    assert (True, 0.0, 0.0, 0) == (found.valid, found.stolen_share, found.stranger_share, found.lateness)
