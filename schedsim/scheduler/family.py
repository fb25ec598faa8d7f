"""Parents and children: who made whom, who is a zombie, and who reaps it.

The jobs that arrive by themselves are children of init, which reaps them at once, so their end is their
last row. A spawned one is a zombie from its end until its parent joins it; one whose parent has ended is
adopted by init. Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 3.3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.scheduler.inputs import Arrived
from schedsim.states import BLOCKED, TERMINATED, ZOMBIE
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task
    from schedsim.scheduler.together import Together

INIT: Final = -1
"""Stands for the parent of those that nobody else reaps."""


class Family:
    """The processes of one scheduler."""

    __slots__ = ("children", "codes", "indexes", "joined", "members", "parents", "together")

    def __init__(self, together: Together) -> None:
        """Start with nobody."""
        self.together = together
        self.indexes: dict[str, int] = {}
        """The places of jobs in the mix, by id; filled when first asked."""
        self.members: dict[int, Task] = {}
        """Those who were spawned."""
        self.parents: dict[int, Task | None] = {}
        """Their parents; None: init."""
        self.children: dict[int, list[Task]] = {}
        self.codes: dict[int, int] = {}
        """Exit codes of those that ended with another one than 0."""
        self.joined: dict[int, Task] = {}
        """Who waits for the end of each child."""

    def index(self, name: str) -> int | None:
        """Return the place of a job in the mix, None where there is no such job."""
        if not self.indexes:
            jobs = self.together.scheduler.trace.header.jobs
            self.indexes.update((job.id, place) for place, job in enumerate(jobs))
        return self.indexes.get(name)

    def spawn(self, parent: Task, name: str) -> None:
        """Make a child; it arrives in step 3 of this instant. Raises ProgramError if that cannot be."""
        together, scheduler = self.together, self.together.scheduler
        index = self.index(name)
        if index is None:
            raise together.error(parent, f"it spawns {name!r}, and there is no such job in the mix")
        if not scheduler.trace.header.jobs[index].spawned:
            raise together.error(
                parent, f"it spawns {name!r}, which arrives by itself; write Job({name!r}, ..., spawned=True)"
            )
        if index in self.members:
            raise together.error(
                parent,
                f"it spawns {name!r} a second time; each job is one process, so write another job of that kind",
            )
        task = scheduler.machine.spawn(index)
        self.members[index] = task
        self.parents[index] = parent
        self.children.setdefault(parent.index, []).append(task)
        together.row(Kind.SPAWNED, parent, index)
        self._arrives_now(index, task)
        together.arrive(task, lambda: self._arrive(task))

    def _arrives_now(self, index: int, task: Task) -> None:
        """Note, for all who read the header, when the child arrived."""
        scheduler = self.together.scheduler
        task.job = task.job._replace(arrival=scheduler.now)
        header = scheduler.trace.header
        jobs = list(header.jobs)
        jobs[index] = jobs[index]._replace(arrival=scheduler.now)
        scheduler.trace.header = header._replace(jobs=tuple(jobs))

    def _arrive(self, task: Task) -> None:
        from schedsim.scheduler.waiting import arrived

        scheduler = self.together.scheduler
        if task.state in (TERMINATED, ZOMBIE):
            return  # it was killed at the instant at which it was made, and its program never begins
        arrived(scheduler, Arrived(task, scheduler.machine.first(task)))

    def join(self, task: Task, name: str) -> int | None:
        """Reap a child that has ended and return its exit code; None: wait for its end."""
        together = self.together
        index = self.index(name)
        if index is None:
            raise together.error(
                task, f"it joins {name!r}, and there is no such job in the mix; spawn it first"
            )
        if self.parents.get(index) is not task:
            raise together.error(task, f"it joins {name!r}, which is no child of it; spawn it first")
        child = self.members[index]
        if child.state is ZOMBIE:
            self._reap(child, task.index)
        if child.state is TERMINATED:
            return self.codes.get(index, 0)
        self.joined[index] = task
        together.wait(task, Kind.JOINS, index, None, None)
        return None

    def kill(self, task: Task, name: str) -> Task | None:
        """Return the job to kill, None where it is not there (any more, or yet)."""
        together, scheduler = self.together, self.together.scheduler
        index = self.index(name)
        if index is None:
            raise together.error(task, f"it kills {name!r}, and there is no such job in the mix")
        victim = scheduler.unfinished.get(index)
        if victim is None:
            victim = next((held for held, _ in scheduler.held if held.index == index), None)
        if victim is None:
            victim = self._unborn(index)
        if victim is not None:
            together.row(Kind.SIGNALLED, task, index)
        return victim

    def _unborn(self, index: int) -> Task | None:
        """Return a child that was spawned at this instant and enters in step 3."""
        child = self.members.get(index)
        return child if child is not None and child.state not in (ZOMBIE, TERMINATED) else None

    def ended(self, task: Task) -> None:
        """A task has ended: its children go to init, and it is reaped, now or by its parent later."""
        together, scheduler = self.together, self.together.scheduler
        for child in self.children.pop(task.index, ()):
            if child.state is TERMINATED:
                continue
            self.parents[child.index] = None
            scheduler.row(scheduler.now, Kind.ADOPTED, child.index, -1, 0)
            if child.state is ZOMBIE:
                self._reap(child, INIT)
        if task.index not in self.parents:
            return
        parent = self.parents[task.index]
        waiting = self.joined.pop(task.index, None)
        if parent is None:
            self._reap(task, INIT)
        elif waiting is not None and waiting.state is BLOCKED:
            self._reap(task, parent.index)
            together.wake(waiting, self.codes.get(task.index, 0))
        else:
            task.state = ZOMBIE
            scheduler.row(scheduler.now, Kind.ZOMBIE, task.index, -1, parent.index)

    def _reap(self, task: Task, by: int) -> None:
        task.state = TERMINATED
        self.together.scheduler.row(self.together.scheduler.now, Kind.REAPED, task.index, -1, by)
