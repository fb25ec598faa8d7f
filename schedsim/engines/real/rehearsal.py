"""Doing what will have to be done in a moment, for nobody: so that it is quick when it counts.

A dispatcher that has slept for a while finds its own code and data gone from the processor's caches, and
its first decision then takes two or three times as long as the next ones. So just before something is
due it tells a second scheduler, which nobody listens to, that jobs arrive, are preempted and end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.errors import SchedsimError
from schedsim.operations import Cpu, Lock, Unlock
from schedsim.recording import SilentMachine
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.inputs import Arrived, Failed, Reached, Stopped, Used
from schedsim.scheduler.task import Task
from schedsim.trace import Header, Kind, Trace, TracedJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.jobs import Job
    from schedsim.policies.base import Policy
    from schedsim.times import Ns

_LONG: Final = Cpu(1 << 40)
_ALONE: Final = (_LONG, _LONG)
_TOGETHER: Final = (_LONG, Lock("m"), _LONG, Unlock("m"), _LONG, _LONG)


class Rehearsal:
    """A scheduler for practice, under the same policy."""

    def __init__(self, policy: Policy, jobs: Sequence[Job], *, together: bool = False) -> None:
        """Practise with jobs that are like the first two of ``jobs``, and use a mutex if they work ``together``."""
        self.together = together
        program = _TOGETHER if together else _ALONE
        self.jobs = [job._replace(program=program, spawned=False) for job in (*jobs, *jobs)[:2]]
        header = Header(tuple(TracedJob(job.id, 0) for job in self.jobs))
        self.scheduler = Scheduler(policy, SilentMachine(), Trace(header))
        self.works = True

    def step(self) -> None:
        """Let two jobs arrive, one give way to the other, and both go; some 100 microseconds."""
        if not self.works:
            return
        try:
            self._step(self.scheduler.now + 1)
        except SchedsimError:  # it will say so again when it counts
            self.works = False

    def _step(self, now: Ns) -> None:
        scheduler = self.scheduler
        first, second = [Task(index, job) for index, job in enumerate(self.jobs)]
        scheduler.deliver(now, [Arrived(first, first.advance())])
        processor = scheduler.processors[0]
        for _ in _TOGETHER[1:4:2] if self.together else ():
            scheduler.deliver(now, [Reached(first, processor.order, 1, first.advance())])
        scheduler.deliver(now + 1, [Used(first, processor.order, 1), Arrived(second, second.advance())])
        if processor.task is not None:
            scheduler.deliver(now + 2, [Stopped(processor.task, processor.order, 2, Kind.EXPIRED)])
        scheduler.next_in_line()
        scheduler.deliver(now + 3, [Failed(first, 2), Failed(second, 2)])
        scheduler.trace.gathered.clear()
