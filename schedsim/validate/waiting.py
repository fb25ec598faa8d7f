"""Rows off the CPUs: jobs arrive and are admitted, I/O begins and ends, the policy boosts."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import Final

from schedsim.operations import Cpu, Io, Yield
from schedsim.states import State
from schedsim.times import LONGEST, Ns
from schedsim.trace import Kind
from schedsim.validate.instants import ADMIT, ADMIT_LATE, ARRIVE, BOOST, KINDS, WAKE, Instants
from schedsim.validate.progress import Progress

AWAY: Final = frozenset({Kind.BLOCKED, Kind.FINISHED})
"""The kinds by which a task goes away from the CPUs of its own accord, on one or not."""


class Waiting(Instants):
    """What waiting tasks, and those that enter, may do."""

    def boost(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """The policy's periodic work."""
        del task, kind, cpu, value
        self.enter(BOOST)
        if self.exact and (not self.alive or not self.time):
            self.fail("nobody is there to be boosted")
        periods = self.promises.boosts
        if self.punctual and periods and not any(period and self.time % period == 0 for period in periods):
            when = f"boosts at multiples of {periods[0]} ns" if periods[0] else "never boosts"
            self.fail(f"the policy {when}, as its options say")
        if self.cooperates and self.boosted[-1:] == [self.time]:
            self.fail("there was a boost at this instant before")
        self.boosted.append(self.time)
        # A task that is being stopped has no use for a fresh slice; that takes until its context switch is over.
        self.to_renew = {task.cpu for task in self.on if task is not None and task.began <= self.time}

    def arrive(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A job arrives, and enters or is held."""
        del cpu, value
        if task.index in self.arrived:
            self.fail("it arrived before")
        if self.exact and self.arrivals[len(self.arrived)] != (task.job.arrival, task.index):
            due, index = self.arrivals[len(self.arrived)]
            self.fail(f"the next to arrive is job {self.tasks[index].job.id!r}, at {due} ns")
        if self.time < task.job.arrival or (self.punctual and self.time > task.job.arrival):
            self.fail(f"it arrives at {task.job.arrival} ns")
        self.enter(ARRIVE, (0, task.index))
        self.arrived.add(task.index)
        if (kind is Kind.HELD) != (self.full() or bool(self.held)):
            self.fail(
                f"{self.alive} jobs are admitted, and the degree of multiprogramming is {self.header.degree}"
            )
        if kind is Kind.HELD:
            self.held.append(task)
        else:
            self.admit(task)

    def admitted(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A held job enters."""
        del kind, cpu, value
        if not self.held or self.held[0] is not task or self.full():
            self.fail(
                "the first of the held jobs is admitted, when the degree of multiprogramming lets it in"
            )
        self.enter(ADMIT if self.stage <= ADMIT else ADMIT_LATE, latest=LONGEST)
        self.held.popleft()
        self.admit(task)

    def admit(self, task: Progress) -> None:
        """Let a job in."""
        if not self.alive:
            self.alive_since = self.time
        self.alive += 1
        if self.follows(task) is None:
            self.move(task, State.READY)

    def follows(self, task: Progress) -> Kind | None:
        """Begin the next operation off the CPU; return the kind of row that must say so, None for ready."""
        if task.steps is not None:
            operation = task.following()
            if isinstance(operation, Cpu | Yield):
                task.advance()
                return None
            kind = Kind.FINISHED if operation is None else Kind.BLOCKED
        else:
            following = self.number + 1
            if following == len(self.trace):
                return None
            _, code, index, cpu, _ = (column[following] for column in self.columns)
            if code >= len(KINDS) or KINDS[code] not in AWAY or index != task.index or cpu != -1:
                return None
            kind = KINDS[code]
        self.expected = (kind, task.index, -1)
        return kind

    def served(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """An I/O ended."""
        del cpu
        if task.state is not State.BLOCKED:
            self.fail(f"no I/O of it can end: it is {task.state.name.lower()}")
        length = value if task.io is None else task.io.ns
        if value != length:
            self.fail(f"the service takes {length} ns")
        if self.time < task.serviced + length:
            self.fail(f"the service began at {task.serviced} ns and takes {length} ns")
        if task.io is not None and self.known:
            if not self.services or self.services[0] != (self.time, task.wait, task.index):
                self.fail("its service does not end now, or another one ends first")
            heappop(self.services)
        self.enter(WAKE, (0, task.wait))
        if task.io is not None and self.known and task.io.device:
            queue = self.devices[task.io.device]
            queue.popleft()
            if queue:
                self.serve(queue[0])
        task.io = None
        if (self.follows(task) is None) != (kind is Kind.WOKE):
            self.fail(
                "a task whose next operation needs the CPU wakes; another one is served and goes on waiting"
            )
        if kind is Kind.WOKE:
            self.move(task, State.READY)

    def wait(self, task: Progress) -> None:
        """Begin an I/O."""
        self.move(task, State.BLOCKED) if task.state is not State.BLOCKED else None
        self.waits += 1
        task.wait, task.serviced = self.waits, self.time
        operation = task.following() if task.steps is not None else None
        if not isinstance(operation, Io):
            return
        task.advance()
        task.io = operation
        queue = self.devices.setdefault(operation.device, deque())
        if operation.device:
            queue.append(task)
        if len(queue) < 2:
            self.serve(task)

    def serve(self, task: Progress) -> None:
        """Begin the service of its I/O."""
        if task.io is not None and self.known:
            task.serviced = self.time
            heappush(self.services, (self.time + task.io.ns, task.wait, task.index))
