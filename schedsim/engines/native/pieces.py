"""When each worker had a CPU, put together from what the workers noted.

Nobody saw the kernel switch. But every worker notes when it began to compute, when it came to the end of a
burst, and when its CPU was away because another process had it. If another worker computed meanwhile, the
kernel had switched to that one; if none did, a stranger had the CPU.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from schedsim.engines.real import records
from schedsim.engines.real.records import Note
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.times import Ns

SWITCH: Final = 250_000
"""Another worker takes so long (nanoseconds) at most to begin when one has left its CPU."""


class Life(NamedTuple):
    """What is known of one worker; times in nanoseconds since the run began."""

    arrival: Ns
    operations: tuple[Operation, ...]
    notes: tuple[Note, ...]
    ends: tuple[tuple[Ns, Ns], ...]
    """Of each CPU burst that ended: when, and how much CPU time it used."""
    died: Ns | None = None
    progress: Ns = 0
    """CPU time used in a burst that did not end."""
    reached: tuple[Ns, ...] = ()
    """When CPU bursts ended that others followed at once; those are in ``operations`` and ``ends`` as one."""


class Piece:
    """A length of time in which a worker had a CPU, within one burst."""

    __slots__ = ("away", "burst", "cpu", "dispatched", "dying", "end", "job", "look", "lost", "start", "used")

    def __init__(self, job: int, burst: int, start: Ns, look: Ns, end: Ns) -> None:
        """Know nothing of the CPU yet; ``start`` is what follows from the CPU time used until the first ``look``."""
        self.job, self.burst, self.start, self.look, self.end = job, burst, start, look, end
        self.away: Ns = 0
        """For how long of it the CPU was away."""
        self.lost: list[tuple[Ns, Ns, bool]] = []
        """When it was away, and whether a stranger had it."""
        self.cpu = -1
        self.dispatched: Ns = start
        """When the CPU was free for it and it was ready."""
        self.used: Ns = 0
        """CPU time."""
        self.dying = False
        """Whether the worker died at its end."""

    def without(self, start: Ns, end: Ns, away: Ns, *, stranger: bool) -> None:
        """Note that the CPU was away for ``away`` of the time from ``start`` to ``end``."""
        self.away += away
        self.lost.append((max(start, end - away), end, stranger))


def pieces(lives: Sequence[Life], cpus: int) -> list[list[Piece]]:
    """Return the pieces of each worker, in order, on CPUs numbered from 0.

    On several CPUs nobody knows on which one a worker was, and it makes no difference: each piece is put
    on one that was free.
    """
    raw = [_raw(index, life) for index, life in enumerate(lives)]
    running = _Running([piece for own in raw for piece in own])
    for own, life in zip(raw, lives, strict=True):
        if own and life.died is not None and own[-1].burst >= len(life.ends):
            _die(own[-1], life.died, running, cpus)
    found = [_joined(own, running, cpus) for own in raw]
    _place(sorted((piece for own in found for piece in own), key=lambda piece: piece.look), lives, cpus)
    for own, life in zip(found, lives, strict=True):
        _share_out(own, life)
    return found


def in_one(life: Life) -> Life:
    """Return the same with CPU bursts that follow each other at once as one burst.

    Between two such bursts a worker keeps its CPU, or loses it as it would have within a longer one.
    """
    operations: list[Operation] = []
    ends: list[tuple[Ns, Ns]] = []
    reached: list[Ns] = []
    dropped: set[int] = set()
    burst, before = -1, 0
    for operation in _without_idle_yields(life.operations):
        if not isinstance(operation, Cpu):
            operations.append(operation)
            before = 0
            continue
        burst += 1
        last = operations[-1] if operations else None
        follows = isinstance(last, Cpu)
        if isinstance(last, Cpu):
            operations[-1] = Cpu(last.ns + operation.ns)
            dropped.add(burst)
        else:
            operations.append(operation)
        if burst < len(life.ends):
            when, used = life.ends[burst]
            if follows:
                reached.append(ends.pop()[0])
            before += used
            ends.append((when, before))
    began = -1
    notes = []
    for note in life.notes:
        began += note.what == records.BEGAN
        if note.what != records.BEGAN or began not in dropped:
            notes.append(note)
    unfinished = bool(ends) and burst >= len(life.ends) and len(life.ends) in dropped
    if unfinished:
        # The last burst is part of one that has begun before, so that has not ended either.
        reached.append(ends[-1][0])
        progress = ends.pop()[1] + life.progress
    else:
        progress = life.progress
    return life._replace(
        operations=tuple(operations),
        notes=tuple(notes),
        ends=tuple(ends),
        progress=progress,
        reached=tuple(reached),
    )


def _without_idle_yields(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Yield the operations without yields that do not stand, alone, between two CPU bursts: nobody sees those."""
    for place, operation in enumerate(operations):
        if isinstance(operation, Yield):
            following = next((step for step in operations[place:] if not isinstance(step, Yield)), None)
            if not place or not isinstance(operations[place - 1], Cpu) or not isinstance(following, Cpu):
                continue
        yield operation


def waits(life: Life) -> list[Ns]:
    """Return for each CPU burst for how long its worker waits before it, after the one before or its arrival."""
    found: list[Ns] = [0]
    for operation in life.operations:
        if isinstance(operation, Io):
            found[-1] += operation.ns
        elif isinstance(operation, Cpu):
            found.append(0)
    return found


def _raw(job: int, life: Life) -> list[Piece]:
    """Return what lies between the notes of one worker, parted wherever another process had the CPU."""
    found: list[Piece] = []
    burst = -1
    for note in life.notes:
        if note.what == records.BEGAN:
            burst += 1
            # What it computed before it looked at the clock for the first time, waking up, it noted as well.
            found.append(Piece(job, burst, note.end - note.away, note.end, _end(life, burst)))
        elif note.what == records.AWAY:
            found[-1].without(note.start, note.end, note.away, stranger=False)
        else:
            before = found[-1]
            found.append(Piece(job, burst, note.end, note.end, before.end))
            before.end = note.start
            # Some of that time is its own, such as an interrupt's; or it was away before and had not asked yet.
            before.away += note.away - (note.end - note.start)
    if found and life.died is not None and burst >= len(life.ends):
        _end_with_death(found, burst, life)
    return found


def _end(life: Life, burst: int) -> Ns:
    """Return when a burst ended, or its worker died."""
    if burst < len(life.ends):
        return life.ends[burst][0]
    return life.arrival if life.died is None else life.died


def _end_with_death(found: list[Piece], burst: int, life: Life) -> None:
    """Cut the last piece of a worker that died to what it had used by then: it may have waited for its turn."""
    own = [piece for piece in found if piece.burst == burst]
    before = sum(piece.end - piece.start - piece.away for piece in own[:-1])
    last = own[-1]
    last.end = max(last.start, min(last.end, last.start + last.away + life.progress - before))


def _die(last: Piece, died: Ns, running: _Running, cpus: int) -> None:
    """Let a worker keep its CPU until it was dead, unless another one had taken it before.

    A process that is killed has a millisecond's work for the kernel still to do.
    """
    taken = running.first(last.end, died, cpus)
    if taken > last.end + SWITCH or taken >= died:
        last.end, last.dying = max(last.end, taken), True


class _Running:
    """How many workers had a CPU at any time."""

    def __init__(self, found: Sequence[Piece]) -> None:
        """Count them."""
        changes: dict[Ns, int] = {}
        for piece in found:
            if piece.start < piece.end:
                changes[piece.start] = changes.get(piece.start, 0) + 1
                changes[piece.end] = changes.get(piece.end, 0) - 1
        self.times = sorted(changes)
        self.counts: list[int] = []
        count = 0
        for when in self.times:
            count += changes[when]
            self.counts.append(count)

    def most(self, start: Ns, end: Ns) -> int:
        """Return the most at any time between the two."""
        first = max(0, bisect_right(self.times, start) - 1)
        last = bisect_right(self.times, end - 1)
        return max(self.counts[first:last], default=0)

    def first(self, start: Ns, end: Ns, count: int) -> Ns:
        """Return the first time from ``start`` on at which so many had one, or else ``end``."""
        for place in range(max(0, bisect_right(self.times, start) - 1), bisect_right(self.times, end - 1)):
            if self.counts[place] >= count:
                return max(start, self.times[place])
        return end


def _joined(own: Sequence[Piece], running: _Running, cpus: int) -> list[Piece]:
    """Return the pieces of one worker, joined where it lost the CPU to no other worker."""
    found: list[Piece] = []
    for piece in own:
        before = found[-1] if found else None
        if before is None or before.burst != piece.burst or running.most(before.end, piece.start) >= cpus:
            found.append(piece)
            continue
        before.lost += [(before.end, piece.start, True), *piece.lost]
        before.away += piece.start - before.end + piece.away
        before.end, before.dying = piece.end, piece.dying
    return found


def _place(found: Sequence[Piece], lives: Sequence[Life], cpus: int) -> None:
    """Give each piece a CPU on which no other is, and say from when on it could have had it."""
    free: list[Ns] = [0] * cpus
    before = [waits(life) for life in lives]
    left = [(-1, life.arrival) for life in lives]
    for piece in found:
        burst, since = left[piece.job]
        if burst != piece.burst:
            since += before[piece.job][piece.burst]
        piece.start = max(piece.start, since)
        # It may have had a CPU for a moment before, lost it, and come back to it for its first look.
        cpu = _best(free, piece.look, since)
        piece.cpu, piece.dispatched = cpu, max(free[cpu], since)
        piece.start = max(piece.start, piece.dispatched)
        piece.end = max(piece.end, piece.start + 1)
        free[cpu] = piece.end
        left[piece.job] = piece.burst, piece.end


def _best(free: Sequence[Ns], look: Ns, since: Ns) -> int:
    """Return the CPU that became free last of those that were free at ``look``, or else the first to be."""
    idle = [(max(when, since), -cpu) for cpu, when in enumerate(free) if when <= look]
    if idle:
        return -max(idle)[1]
    return min(range(len(free)), key=free.__getitem__)


def _share_out(own: Sequence[Piece], life: Life) -> None:
    """Share the CPU time that each burst has used out to its pieces, none more than it lasted."""
    for burst, mine in _by_burst(own):
        measured = life.ends[burst][1] if burst < len(life.ends) else life.progress
        for piece in mine:
            piece.used = max(0, piece.end - piece.start - piece.away)
        rest = measured - sum(piece.used for piece in mine)
        for piece in reversed(mine):
            used = max(0, min(piece.used + rest, piece.end - piece.dispatched))
            rest -= used - piece.used
            piece.used = used


def _by_burst(own: Sequence[Piece]) -> Iterator[tuple[int, list[Piece]]]:
    """Yield each burst with its pieces."""
    mine: list[Piece] = []
    for piece in own:
        if mine and mine[-1].burst != piece.burst:
            yield mine[-1].burst, mine
            mine = []
        mine.append(piece)
    if mine:
        yield mine[-1].burst, mine
