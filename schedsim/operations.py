"""What a program does: a list of operations, as frozen values and as text.

An operation is data only. What it means is the scheduler's business (whom it blocks) and an
engine's (how its time passes), so a new operation is a class here, a parser in
``schedsim.operation_text``, and an entry in a table of the scheduler: ``CONTINUES`` and ``ENTERS`` for
one that takes time, ``PERFORMS`` for one that takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

from schedsim.frozen import Frozen
from schedsim.names import quoted
from schedsim.times import Ns, show

LARGEST: Final = 2**63 - 1
"""No number in a shared variable may be further from 0, where it is to fit into 64 bits."""


MOST_CODE: Final = 255
"""The largest exit code that a process can give."""


class Operation(Frozen):
    """One step of a program."""

    def text(self, unit: str) -> str:
        """Return the operation as a mix file writes it, times in ``unit``."""
        raise NotImplementedError


class Cpu(Operation):
    """A CPU burst: ``cpu 30``.

    Attributes:
        ns: its length in nanoseconds, more than 0.
    """

    ns: Ns

    def text(self, unit: str) -> str:
        """Return ``cpu LENGTH``."""
        return f"cpu {show(self.ns, unit)}"


class Io(Operation):
    """An I/O burst: ``io 20``, or ``io 20 disk`` on a device that serves one task at a time.

    Attributes:
        ns: the length of its service in nanoseconds, more than 0.
        device: the device's name, or ``""`` for I/O that never queues.
    """

    ns: Ns
    device: str = ""

    def text(self, unit: str) -> str:
        """Return ``io LENGTH [DEVICE]``."""
        device = self.device and f" {quoted(self.device)}"
        return f"io {show(self.ns, unit)}{device}"


class Yield(Operation):
    """Give up the CPU and go to the tail of the ready queue: ``yield``."""

    def text(self, unit: str) -> str:
        """Return ``yield``."""
        del unit
        return "yield"


class Lock(Operation):
    """Take a mutex, or wait for it in turn: ``lock m``.

    Attributes:
        mutex: its name.
        inherit: whether who holds it goes before everyone whom a task that waits for it goes before
            (priority inheritance; Sha, Rajkumar, Lehoczky, Priority Inheritance Protocols, 1990).
    """

    mutex: str
    inherit: bool = False

    def text(self, unit: str) -> str:
        """Return ``lock MUTEX [inherit]``."""
        del unit
        return f"lock {quoted(self.mutex)} inherit" if self.inherit else f"lock {quoted(self.mutex)}"


class Unlock(Operation):
    """Give a mutex to who has waited longest for it: ``unlock m``. Only who holds it may."""

    mutex: str

    def text(self, unit: str) -> str:
        """Return ``unlock MUTEX``."""
        del unit
        return f"unlock {quoted(self.mutex)}"


class Put(Operation):
    """Put an item into a bounded queue: ``put q``; ``put? q`` does not wait where there is no room.

    A generator is told whether it was put.

    Attributes:
        queue: the queue's name.
        item: what is put.
        blocking: whether to wait for room.
    """

    queue: str
    item: object = None
    blocking: bool = True

    def text(self, unit: str) -> str:
        """Return ``put QUEUE`` or ``put? QUEUE``; the item is not said."""
        del unit
        return f"put{'' if self.blocking else '?'} {quoted(self.queue)}"


class Get(Operation):
    """Take the first item out of a bounded queue: ``get q``; ``get? q`` does not wait for one.

    A generator is given the item; for ``get?`` the pair (whether there was one, the item or None).
    """

    queue: str
    blocking: bool = True

    def text(self, unit: str) -> str:
        """Return ``get QUEUE`` or ``get? QUEUE``."""
        del unit
        return f"get{'' if self.blocking else '?'} {quoted(self.queue)}"


class Spawn(Operation):
    """Make a child process that does what a job of the mix says: ``spawn B``. It arrives at that instant."""

    job: str

    def text(self, unit: str) -> str:
        """Return ``spawn JOB``."""
        del unit
        return f"spawn {quoted(self.job)}"


class Join(Operation):
    """Wait until a child has ended, and reap it: ``join B``. A generator is given its exit code."""

    job: str

    def text(self, unit: str) -> str:
        """Return ``join JOB``."""
        del unit
        return f"join {quoted(self.job)}"


class Kill(Operation):
    """End another job at once, whatever it does: ``kill B``. A generator is told whether it was there.

    What it holds stays held.
    """

    job: str

    def text(self, unit: str) -> str:
        """Return ``kill JOB``."""
        del unit
        return f"kill {quoted(self.job)}"


class Read(Operation):
    """Read a shared variable: ``read n``. A generator is given its value."""

    variable: str

    def text(self, unit: str) -> str:
        """Return ``read VARIABLE``."""
        del unit
        return f"read {quoted(self.variable)}"


class Write(Operation):
    """Write a shared variable: ``write n 5``, or ``write n +1``: what this job last read of it, plus 1.

    Attributes:
        variable: its name, 0 at first unless the mix says otherwise.
        value: what is written; None: what this job last read of it, plus ``change``.
        change: how much is added to that.
    """

    variable: str
    value: object = None
    change: int = 0

    def text(self, unit: str) -> str:
        """Return ``write VARIABLE VALUE`` or ``write VARIABLE +CHANGE``; a value below 0 as ``=-5``."""
        del unit
        value = self.value
        if value is None:
            return f"write {quoted(self.variable)} {self.change:+}"
        return f"write {quoted(self.variable)} {'=' if isinstance(value, int) and value < 0 else ''}{value}"


class Exit(Operation):
    """End the program here: ``exit``, or ``exit 3`` with an exit code.

    Attributes:
        code: from 0 to 255.
    """

    code: int = 0

    @property
    def is_possible(self) -> bool:
        """Whether a process can end with that code."""
        return type(self.code) is int and 0 <= self.code <= MOST_CODE

    def text(self, unit: str) -> str:
        """Return ``exit [CODE]``."""
        del unit
        return f"exit {self.code}" if self.code else "exit"


class Unsaid(Operation):
    """What a program does next that has not said it yet: its process has to run first to find out."""

    def text(self, unit: str) -> str:
        """Return ``?``."""
        del unit
        return "?"


class Unasked(Operation):
    """What a program does next that is asked only at its job's turn: until then another may kill the job."""

    def text(self, unit: str) -> str:
        """Return ``?``."""
        del unit
        return "?"


class Answered(Operation):
    """What a program does next that waited for another job: it is told what came of that when its job runs.

    Attributes:
        result: what came of the operation at which it waited.
    """

    result: object = None

    def text(self, unit: str) -> str:
        """Return ``?``."""
        del unit
        return "?"


Program = tuple[Operation, ...] | Callable[[], Generator[Operation, object, None]]
"""A list of operations, or a function that makes a generator of them."""
