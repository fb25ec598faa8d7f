"""The arrivals that are known in advance, in order, so that nobody has to queue them as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from schedsim.scheduler.inputs import Arrived
from schedsim.scheduler.task import Task
from schedsim.times import LONGEST, Ns

if TYPE_CHECKING:
    from schedsim.jobs import Job

NEVER: Final = LONGEST
"""Later than every instant."""


class Arrivals:
    """Jobs that will arrive; a machine that learns of jobs only as they come has none."""

    __slots__ = ("indexes", "jobs", "times")

    def __init__(self, jobs: Sequence[Job] = (), releases: Mapping[int, Ns] | None = None) -> None:
        """Sort ``jobs`` by arrival, then by their place in the mix.

        Those whose places are in ``releases`` come at the instants that stand there instead.
        """
        self.jobs = jobs
        comes = [job.arrival for job in jobs]
        for index, time in (releases or {}).items():
            comes[index] = time
        # Backwards, so that the next one is taken off the end; below it all stands one that never comes.
        self.indexes = sorted(range(len(jobs)), key=comes.__getitem__)[::-1]
        if True in map(attrgetter("spawned"), jobs):  # they come when another one makes them
            self.indexes = [index for index in self.indexes if not jobs[index].spawned]
        self.times: list[Ns] = [NEVER]
        self.times += [comes[index] for index in self.indexes]

    def next_time(self) -> Ns:
        """Return when the next job arrives, or ``NEVER``."""
        return self.times[-1]

    def take(self) -> Task:
        """Return the next job's task."""
        self.times.pop()
        index = self.indexes.pop()
        return Task(index, self.jobs[index])

    def take_all(self, now: Ns) -> list[Arrived]:
        """Return the arrivals of this instant."""
        found = []
        while self.times[-1] == now:
            task = self.take()
            found.append(Arrived(task, task.advance()))
        return found
