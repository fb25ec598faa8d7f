"""I/O: who is served, and who waits for a named device."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from schedsim.operations import Io
from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.scheduler.machine import Machine
    from schedsim.scheduler.task import Task


class Devices:
    """I/O without a name is served at once; a named device serves one task at a time, in order."""

    __slots__ = ("machine", "queues")

    def __init__(self, machine: Machine) -> None:
        """Start with all devices free."""
        self.machine = machine
        self.queues: dict[str, deque[Task]] = {}
        """For each device in use: the task it serves, then those that wait for it."""

    def begin(self, task: Task, operation: Io, now: Ns) -> None:
        """Have the I/O served, now or when the device has come to it."""
        task.io = operation
        if operation.device:
            queue = self.queues.setdefault(operation.device, deque())
            queue.append(task)
            if len(queue) > 1:
                return
        self.machine.begin_io(task, operation, now)

    def leave(self, task: Task, now: Ns) -> None:
        """Take out a task that will never come back, whether it is served or waits."""
        operation = task.io
        if operation is not None and operation.device and self.queues[operation.device][0] is not task:
            self.queues[operation.device].remove(task)
            task.io = None
        else:
            self.end(task, now)

    def end(self, task: Task, now: Ns) -> None:
        """Note that the task's I/O ended, and have the device serve the next one."""
        operation, task.io = task.io, None
        if operation is None or not operation.device:
            return
        queue = self.queues[operation.device]
        queue.popleft()
        if not queue:
            del self.queues[operation.device]
        elif (following := queue[0].io) is not None:
            self.machine.begin_io(queue[0], following, now)
