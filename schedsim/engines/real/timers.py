"""What is to happen at a known time: the scheduler's own timers, ends of I/O, and deaths that count later."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from schedsim.scheduler.arrivals import NEVER

if TYPE_CHECKING:
    from schedsim.times import Ns

TIMER: Final = 0
IO: Final = 1
DEATH: Final = 2


class Timers:
    """Timers, of which equal ones go by their kinds, then by when they were made."""

    def __init__(self) -> None:
        """Start with none."""
        self.heap: list[tuple[Ns, int, int, Any]] = []
        self.made = 0

    def add(self, when: Ns, kind: int, what: object) -> None:
        """Have something happen at that time."""
        self.made += 1
        heappush(self.heap, (when, kind, self.made, what))

    def next(self) -> Ns:
        """Return when the next one is due, or ``NEVER``."""
        return self.heap[0][0] if self.heap else NEVER

    def due(self, now: Ns) -> Iterator[tuple[Ns, int, Any]]:
        """Yield those that are due by ``now``: when, which kind, and what."""
        while self.heap and self.heap[0][0] <= now:
            when, kind, _, what = heappop(self.heap)
            yield when, kind, what
