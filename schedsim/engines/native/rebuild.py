"""The trace of a run in which the kernel scheduled, from when each worker had a CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from schedsim.engines.native.pieces import SWITCH, Life, Piece, in_one, pieces
from schedsim.engines.real.validity import THROTTLED
from schedsim.observed import Stolen
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.times import Ns
from schedsim.trace import Header, Kind, Trace

_END_OF_BURST: Final = {Io: Kind.BLOCKED, Yield: Kind.YIELDED, type(None): Kind.FINISHED}
# The order of what happens at one instant: who leaves a CPU goes before who comes to one.
_LEAVES, _COMES, _GOES_ON = range(3)
Event = tuple[Ns, int, int, Kind, int, int, Ns]
"""When, its place among what happens then, a number that keeps the order, and the other columns of a row."""


class Slices(NamedTuple):
    """What is known of the slices of the kernel's class."""

    length: Ns = -1
    """-1 where there are none."""
    tolerance: Ns = 0
    """By how much the CPU time of a slice may differ from that."""
    strangers: bool = False
    """Whether a worker that is ready may have to wait for processes that are none of ours."""
    limited: bool = False
    """Whether the kernel limits real-time processes."""


def rebuild(header: Header, lives: Sequence[Life], slices: Slices) -> tuple[Trace, tuple[Stolen, ...]]:
    """Return the trace, and when CPUs did not work for the workers that had them, in order of start.

    Args:
        header: of the trace.
        lives: what is known of each job's worker, in the order of the mix.
        slices: what is known of the slices of the kernel's class.
    """
    lives = [in_one(life) for life in lives]
    found = pieces(lives, header.cpus)
    events: list[Event] = []
    for job, (life, own) in enumerate(zip(lives, found, strict=True)):
        events += _Story(job, life, own, slices).events(len(events))
    events.sort()
    trace = Trace(header)
    for time, _, _, kind, task, cpu, value in events:
        trace.add(time, kind, task, cpu, value)
    lost = sorted(piece for own in found for piece in _lost(own, slices))
    return trace, tuple(sorted(lost, key=lambda piece: (piece.start, piece.cpu)))


def _lost(own: Sequence[Piece], slices: Slices) -> Iterator[Stolen]:
    """Yield when the CPUs of one worker did not work for it."""
    for piece in own:
        late = piece.start - piece.dispatched
        if late > SWITCH:
            stranger = slices.strangers or (slices.limited and late >= THROTTLED)
            yield Stolen(piece.cpu, piece.dispatched + SWITCH, piece.start, stranger)
        for start, end, stranger in piece.lost:
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:
                yield Stolen(piece.cpu, first, last, stranger)


class _Story:
    """What happened to one job, told in rows."""

    def __init__(self, job: int, life: Life, own: Sequence[Piece], slices: Slices) -> None:
        """Begin before it arrived."""
        self.job, self.life, self.own, self.slices = job, life, own, slices
        self.died: Ns | None = None if life.died is None else max(life.died, life.arrival)
        self.rows: list[tuple[Ns, int, Kind, int, Ns]] = []
        self.used: Ns = 0
        """CPU time since its slice was a fresh one; the kernel goes on counting after a wait."""

    def events(self, number: int) -> Iterator[Event]:
        """Yield the rows, numbered from ``number`` on."""
        self._tell()
        for place, (time, stage, kind, cpu, value) in enumerate(self.rows):
            yield time, stage, number + place, kind, self.job, cpu, value

    def _say(self, time: Ns, stage: int, kind: Kind, cpu: int = -1, value: Ns = 0) -> None:
        self.rows.append((time, stage, kind, cpu, value))

    def _tell(self) -> None:
        """Go through the program."""
        when, burst = self.life.arrival, -1
        came: tuple[Kind, Ns] | None = (Kind.ARRIVED, 0)
        """How it came back from waiting, which is said when it is known what follows; None: it did not wait."""
        steps: list[Operation | None] = [*self.life.operations, None]
        for place, operation in enumerate(steps):
            if came is not None and self.died is not None and self.died <= when:
                if came[0] is Kind.ARRIVED:
                    self._say(when, _COMES, came[0])
                self._say(self.died, _COMES, Kind.FAILED)
                return
            if isinstance(operation, Cpu):
                if came is not None:
                    self._say(when, _COMES, came[0], -1, came[1])
                came, burst = None, burst + 1
                end = self._burst(burst, when, _END_OF_BURST[type(steps[place + 1])])
                if end is None:
                    return
                when = end
            elif came is not None and not isinstance(operation, Yield):
                served = Kind.SERVED if came[0] is Kind.WOKE else came[0]
                self._say(when, _COMES, served, -1, came[1])
                self._say(when, _COMES, Kind.FINISHED if operation is None else Kind.BLOCKED)
            if isinstance(operation, Io):
                when, came = when + operation.ns, (Kind.WOKE, operation.ns)

    def _burst(self, burst: int, ready: Ns, kind: Kind) -> Ns | None:
        """Tell of a CPU burst; return when it came to its end, None if it did not."""
        mine = [piece for piece in self.own if piece.burst == burst]
        ended = burst < len(self.life.ends)
        for piece in mine:
            self._say(piece.dispatched, _GOES_ON, Kind.DISPATCHED, piece.cpu, self.slices.length)
            for when in self.life.reached:
                if piece.start <= when < piece.end:
                    self._say(
                        when, _LEAVES, Kind.REACHED, piece.cpu, min(piece.used, when - piece.dispatched)
                    )
            self.used += piece.used
            if piece is not mine[-1]:
                self._say(piece.end, _LEAVES, self._lost_it(), piece.cpu, piece.used)
            elif ended:
                self._say(piece.end, _LEAVES, kind, piece.cpu, piece.used)
            elif piece.dying:
                self._say(piece.end, _LEAVES, Kind.FAILED, piece.cpu, piece.used)
            else:
                self._say(piece.end, _LEAVES, self._lost_it(), piece.cpu, piece.used)
                self._say(self.died or piece.end, _COMES, Kind.FAILED)
        if not mine:
            self._say(ready if self.died is None else max(self.died, ready), _COMES, Kind.FAILED)
        return mine[-1].end if ended else None

    def _lost_it(self) -> Kind:
        """Return how it lost its CPU: at the end of its slice, or before."""
        length, tolerance = self.slices.length, self.slices.tolerance
        if length <= 0:
            return Kind.PREEMPTED
        # A worker that was alone at the end of a slice got a fresh one, which nobody noted.
        over = self.used % length
        if min(over, length - over) > tolerance or self.used < length - tolerance:
            return Kind.PREEMPTED
        self.used = 0
        return Kind.EXPIRED
