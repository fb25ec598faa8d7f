"""Who lends its rank to whom, as rows tell it: those who wait for a mutex to who holds it, over however many.

A page or an explanation asks at every dispatch, so that nothing here goes through all jobs.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator


class Lending:
    """Tasks and mutexes, by their places."""

    def __init__(self, inheriting: Container[int]) -> None:
        """Begin with nothing; ``inheriting`` are the mutexes whose holder is lent ranks, which may become more."""
        self.inheriting = inheriting
        self.holds: dict[int, set[int]] = {}
        """Who holds any mutex -> which."""
        self.lines: dict[int, dict[int, int]] = {}
        """Mutex -> who waits for it, in turn; and the how-manieth wait of the run that is, to put several in order."""
        self.counted = 0
        """How many waits there have been."""

    def takes(self, task: int, mutex: int) -> None:
        """Note who holds a mutex."""
        self.holds.setdefault(task, set()).add(mutex)

    def gives_up(self, task: int, mutex: int) -> None:
        """Note that a task holds it no more."""
        held = self.holds.get(task, set())
        held.discard(mutex)
        if not held:
            self.holds.pop(task, None)

    def waits(self, task: int, mutex: int) -> None:
        """Note that a task waits for a mutex."""
        self.counted += 1
        self.lines.setdefault(mutex, {})[task] = self.counted

    def waits_no_more(self, task: int, mutex: int) -> None:
        """Note that it has it, or has ended."""
        self.lines.get(mutex, {}).pop(task, None)

    def lenders(self, task: int) -> Iterator[int]:
        """Yield who lends its rank to a task.

        The nearest come first, and of these who has waited longest. Nobody is looked at who is not asked for.
        """
        holders, found = deque([task]), {task}
        while holders:
            for waiting in self._waiting_for(holders.popleft()):
                if waiting not in found:  # in a circle, everybody lends to everybody
                    found.add(waiting)
                    holders.append(waiting)
                    yield waiting

    def count(self, task: int) -> int:
        """Return how many lenders there are; only those who hold something themselves are gone through."""
        count, holders, found = 0, [task], {task}
        for holder in holders:  # which grows meanwhile
            for line in self._lines_of(holder):
                count += len(line) - (task in line)
                further = (line.keys() & self.holds.keys()) - found
                found |= further
                holders += further
        return count

    def is_lent(self, task: int) -> bool:
        """Return whether anybody lends its rank to a task."""
        return next(self.lenders(task), None) is not None

    def _lines_of(self, holder: int) -> list[dict[int, int]]:
        """Return who waits for each inheriting mutex that a task holds and anybody waits for."""
        return [
            line
            for mutex in self.holds.get(holder, ())
            if mutex in self.inheriting and (line := self.lines.get(mutex))
        ]

    def _waiting_for(self, holder: int) -> Iterable[int]:
        """Return who waits for any of them, in turn."""
        lines = self._lines_of(holder)
        if len(lines) <= 1:
            return lines[0] if lines else ()
        numbers = {task: number for line in lines for task, number in line.items()}
        return sorted(numbers, key=numbers.__getitem__)
