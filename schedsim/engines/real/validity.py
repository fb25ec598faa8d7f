"""What disturbed a run: found in what the workers noted, between what the dispatcher ordered.

A worker notes each time its CPU was away for a while. Whether another process of this machine had it
then, the count of its own context switches tells; whether it should have had the CPU at all, the trace.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from schedsim.engines.real import records
from schedsim.engines.real.records import Note
from schedsim.observed import Stolen, Validity
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind, Trace

START: Final = 250_000
"""A process may take so long (nanoseconds) to begin after it was dispatched; what is longer was lost."""
EDGE: Final = 60_000
"""What is shorter (nanoseconds) at the end of a slice is the end of the slice."""
THROTTLED: Final = 20_000_000
"""A CPU of a real-time process that others have for so long (nanoseconds) was taken by the kernel's limit."""
MOST_STOLEN: Final = 0.01
MOST_STRANGERS: Final = 0.005
MOST_SHARED: Final = 0.1
"""The same where the dispatcher itself takes its time from a measured CPU."""
LIMITED: Final = ("bands", "fifo", "rr")
"""The drivers, and classes of the kernel, that the limit on real-time processes is for."""
MOST_LATE: Final[dict[str, Ns]] = {"bands": 200_000, "signals": 500_000, "psutil": 2_000_000}
"""The 95th percentile of the lateness (nanoseconds) with which a run still counts."""


class Window(NamedTuple):
    """A dispatch, to when the task left the CPU."""

    cpu: int
    start: Ns
    end: Ns


def windows(trace: Trace) -> list[list[Window]]:
    """Return for each job when it was dispatched, in order; a fresh slice goes on in the same window."""
    found: list[list[Window]] = [[] for _ in trace.header.jobs]
    began: dict[int, Ns] = {}
    renewed = {int(Kind.RENEWED)}
    ends = {int(kind) for kind in ENDS_SLICE} - renewed
    for time, kind, task, cpu, _ in zip(*trace.columns(), strict=True):
        if kind == Kind.DISPATCHED:
            began.setdefault(cpu, time)
        elif kind in ends and cpu >= 0:
            start = began.pop(cpu)
            # A lone task that gets a fresh slice was on the CPU all the time.
            if found[task] and found[task][-1].end == start and found[task][-1].cpu == cpu:
                start = found[task].pop().start
            found[task].append(Window(cpu, start, time))
    return found


def stolen(trace: Trace, noted: Sequence[Sequence[Note]], epoch: Ns) -> tuple[Stolen, ...]:
    """Return when the CPUs did not work for the tasks that had them, in order.

    ``noted`` are the notes of each job's worker, whose times count from the clock's own beginning.
    """
    pieces: list[Stolen] = []
    for dispatched, notes in zip(windows(trace), noted, strict=True):
        ends = [window.end for window in dispatched]
        for note in notes:
            start, end = note.start - epoch, note.end - epoch
            if note.what == records.AWAY:
                start = max(start, end - note.away)
            # A burst begins in one window, however long before that it could have.
            for window in dispatched[bisect_left(ends, end if note.what == records.BEGAN else start) :]:
                if window.start > end:
                    break
                pieces += _lost(note, window, start, end)
    pieces.sort(key=lambda piece: (piece.cpu, piece.start))
    return tuple(sorted(_apart(pieces), key=lambda piece: piece.start))


def _lost(note: Note, window: Window, start: Ns, end: Ns) -> list[Stolen]:
    """Return what of a note was lost to a dispatch."""
    if note.what == records.BEGAN:
        # The first look of a burst at the clock: from the dispatch, or the end of the burst before it, to
        # this look nothing was computed.
        first = max(start, window.start) + START
        return [Stolen(window.cpu, first, end, stranger=False)] if first < end else []
    if note.what == records.AWAY:
        return [Stolen(window.cpu, max(start, window.start), min(end, window.end), stranger=False)]
    first, last = max(start, window.start), min(end, window.end)
    if first == window.start:  # it waited for its turn before
        first += START
    elif last == window.end and last - first < EDGE:
        return []
    return [Stolen(window.cpu, first, last, stranger=True)] if first < last else []


def _apart(pieces: Sequence[Stolen]) -> list[Stolen]:
    """Return the pieces, in order of CPU and start, without what is in two of them."""
    found: list[Stolen] = []
    for piece in pieces:
        before = found[-1].end if found and found[-1].cpu == piece.cpu else piece.start
        if max(before, piece.start) < piece.end:
            found.append(piece._replace(start=max(before, piece.start)))
    return found


def percentile(values: Sequence[Ns], share: int) -> Ns:
    """Return the nearest-rank percentile, 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0


def judge(
    lost: Sequence[Stolen],
    busy: Ns,
    lateness: Sequence[Ns],
    *,
    driver: str,
    shared: bool,
    throttled: bool,
    overflow: bool,
    host_steal: float | None,
) -> Validity:
    """Return whether a run counts.

    Args:
        lost: when CPUs did not work for their tasks.
        busy: CPU time of all tasks (nanoseconds).
        lateness: of the dispatcher, for everything it dealt with (nanoseconds).
        driver: who let the processes run.
        shared: whether the dispatcher itself had a measured CPU.
        throttled: whether the kernel limits real-time processes.
        overflow: whether a worker had more to note than can be kept.
        host_steal: what the kernel says was stolen of the measured CPUs, as a share; None: it does not say.
    """
    limited = throttled and driver in LIMITED
    kept = sum(piece.end - piece.start for piece in lost if limited and _is_throttling(piece))
    strange = sum(piece.end - piece.start for piece in lost if piece.stranger) - kept
    host = sum(piece.end - piece.start for piece in lost if not piece.stranger)
    late = percentile(lateness, 95)
    stolen_share, stranger_share = (host / busy, strange / busy) if busy else (0.0, 0.0)
    reasons = []
    most_strangers = MOST_SHARED if shared else MOST_STRANGERS
    if stolen_share > MOST_STOLEN:
        reasons.append(
            f"{stolen_share:.1%} of the CPU time was stolen by the host of this machine (limit {MOST_STOLEN:.1%})"
        )
    if stranger_share > most_strangers:
        reasons.append(
            f"other processes had the measured CPU for {stranger_share:.1%} of its time (limit {most_strangers:.1%})"
        )
    if kept:
        reasons.append(f"the kernel's limit on real-time processes took {kept / 1e6:.1f} ms")
    if late > MOST_LATE.get(driver, MOST_LATE["signals"]):
        limit = MOST_LATE.get(driver, MOST_LATE["signals"])
        reasons.append(
            f"the dispatcher was late by {late / 1e6:.2f} ms (95th percentile, limit {limit / 1e6:g} ms)"
        )
    if overflow:
        reasons.append("there were more interruptions than can be noted")
    return Validity(
        valid=not reasons,
        reasons=tuple(reasons),
        stolen_share=stolen_share,
        stranger_share=stranger_share,
        lateness=late,
        throttled=kept,
        host_steal_share=host_steal,
    )


def _is_throttling(piece: Stolen) -> bool:
    return piece.stranger and piece.end - piece.start >= THROTTLED
