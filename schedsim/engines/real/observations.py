"""What a dispatcher keeps of a run, beside the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.scheduler.inputs import Arrived

if TYPE_CHECKING:
    from schedsim.operations import Operation
    from schedsim.scheduler.inputs import Input
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns


class Observations:
    """Facts of one run; times in nanoseconds since it began.

    Attributes:
        lateness: how long after each thing that was due or happened it was dealt with.
        releases: the job's place in the mix, and when it was let go.
        sleeps: the job's place, which of its I/Os (from 0), and how long it took.
        deliveries: everything that the scheduler was told, for a replay; and with what it was told when a
            child arrived, the arrival, of which it asks.
        deaths: when a worker was found dead, and the job's place.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.lateness: list[Ns] = []
        self.releases: list[tuple[int, Ns]] = []
        self.sleeps: list[tuple[int, int, Ns]] = []
        self.deliveries: list[tuple[Ns, tuple[Input, ...]]] = []
        self.deaths: list[tuple[Ns, int]] = []
        self._slept: dict[int, int] = {}

    def slept(self, job: int, length: Ns) -> None:
        """Note how long an I/O took."""
        which = self._slept.get(job, 0)
        self._slept[job] = which + 1
        self.sleeps.append((job, which, length))

    def spawned(self, task: Task, operation: Operation | None) -> Operation | None:
        """Note that a child arrives because of what was delivered last; return what it does first."""
        when, batch = self.deliveries[-1]
        self.deliveries[-1] = when, (*batch, Arrived(task, operation))
        return operation
