"""What a worker does of the operations that take no time, once the dispatcher has said that it may."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

from schedsim.engines.real.failures import named
from schedsim.errors import ProgramError
from schedsim.operations import (
    LARGEST,
    Cpu,
    Exit,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Operation,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)

if TYPE_CHECKING:
    from schedsim.engines.real.objects import Objects
    from schedsim.jobs import Job

_ANSWER: Final = Struct("=qq")
ANSWER_SIZE: Final = _ANSWER.size
_PRACTICE: Final = Join("")
_NOTHING: Final = -1
"""In place of a parcel: an item that is nothing."""
DONE: Final = 1
REFUSED: Final = 2
"""The two ways in which an operation comes out: a queue that does not wait may refuse."""


class Answer(NamedTuple):
    """What a worker is told of an operation, through its door."""

    status: int
    value: int
    """Which lock, variable or parcel (-1: an item that is nothing), an exit code, or whether a job was killed.

    Of a refused put it is the parcel that is to be freed.
    """

    def packed(self) -> bytes:
        """Return it as bytes."""
        return _ANSWER.pack(*self)

    @classmethod
    def unpacked(cls, received: bytes) -> Answer:
        """Return the answer that was ``packed``."""
        return cls(*_ANSWER.unpack(received))


class Performer:
    """One worker among the objects that it shares with others."""

    def __init__(self, job: Job, objects: Objects) -> None:
        """Start with nothing read."""
        self.job, self.objects = job, objects
        self.held: dict[str, int] = {}
        """Which locks it holds, by the names of the mutexes."""
        self.registers: dict[str, int] = {}
        """What it read last of each variable."""

    def announced(self, operation: Operation) -> Operation:
        """Return what the dispatcher is to be told of a generator's operation: numbers in place of values.

        Raises ProgramError for what cannot be sent.
        """
        if isinstance(operation, Put) and operation.item is not None:
            if operation.queue not in self.objects.queues:
                return Put(operation.queue, None, operation.blocking)  # which the scheduler refuses
            parcel = self.objects.send(self.job.id, operation.queue, operation.item)
            return Put(operation.queue, parcel, operation.blocking)
        if isinstance(operation, Write):
            if operation.value is None:
                self._check(operation.variable, operation.change, "adds")
            else:
                self._check(operation.variable, operation.value)
        return operation

    def perform(self, operation: Operation, answer: Answer) -> object:
        """Do it, and return what the program is told.

        Raises ProgramError for what cannot be done here, and for what should have been possible.
        """
        objects = self.objects
        match operation:
            case Lock():
                if not objects.acquire(answer.value):
                    raise ProgramError(
                        f"job {self.job.id!r}: the mutex {operation.mutex!r} is its turn's, and is not free: "
                        "a process that should have given it up died, or schedsim is wrong"
                    )
                self.held[operation.mutex] = answer.value
            case Read(variable=name):
                self.registers[name] = value = objects.variables[answer.value]
                return value
            case Write(variable=name, value=given, change=change):
                number: Any = self.registers.get(name, 0) + change if given is None else given
                self._check(name, number)
                objects.variables[answer.value] = number
            case Put():  # a list's operation has the item itself, and not its parcel
                if answer.status == REFUSED and answer.value != _NOTHING:
                    objects.discard(answer.value)
                return answer.status == DONE
            case Get(queue=queue, blocking=waits):
                if answer.status == REFUSED:
                    return False, None
                item = None if answer.value == _NOTHING else self._receive(queue, answer.value)
                return item if waits else (True, item)
            case Join():
                return answer.value
            case Kill():
                return bool(answer.value)
            case _:  # what the dispatcher does alone
                pass
        return None

    def do_at_once(self, operation: Operation) -> None:
        """Do what needs no answer; a mutex that it does not hold is the scheduler's to complain of."""
        if isinstance(operation, Unlock) and operation.mutex in self.held:
            self.objects.release(self.held.pop(operation.mutex))

    def rehearse(self, answer: Answer) -> None:
        """Do something for nobody."""
        practice = self.objects.practice
        if practice.acquire(block=False):  # else somebody else has it, or died with it
            practice.release()
        self.perform(_PRACTICE, answer)

    def _receive(self, queue: str, parcel: int) -> object:
        try:
            return self.objects.receive(parcel)
        except Exception as error:
            raise ProgramError(
                f"job {self.job.id!r}: what it gets out of {queue!r} cannot be unpickled ({named(error)}); a real run "
                "sends it from another process"
            ) from error

    def _check(self, variable: str, value: object, does: str = "writes") -> None:
        if type(value) is not int or abs(value) > LARGEST:
            raise ProgramError(
                f"job {self.job.id!r}: it {does} {value!r} to {variable!r}; in a real run a shared variable holds "
                "a whole number of 64 bits"
            )


def outcome(operation: Operation, result: Any, place: int) -> Answer:
    """Return the answer that says what the scheduler says came of an operation.

    ``place`` is that of the lock or the variable that it is about, if it is about one.
    """
    match operation:
        case Put(item=parcel):
            return Answer(DONE if result else REFUSED, parcel if isinstance(parcel, int) else _NOTHING)
        case Get(blocking=waits):
            there, parcel = (True, result) if waits else result
            return Answer(DONE if there else REFUSED, parcel if isinstance(parcel, int) else _NOTHING)
        case Join() | Kill():
            return Answer(DONE, int(result))
        case _:
            return Answer(DONE, place)


def ends_chain(operation: Operation | None) -> bool:
    """Return whether a generator is asked no further before this is done: it computes, ends, or is told a result."""
    return not isinstance(operation, Io | Yield | Unlock | Spawn)


def needs_answer(operation: Operation | None) -> TypeGuard[Operation]:
    """Return whether a worker has to be told that it may, and what comes of it."""
    return not isinstance(operation, (Cpu, Io, Yield, Exit, type(None), Unlock, Spawn))


def does_at_once(operation: Operation | None) -> TypeGuard[Operation]:
    """Return whether a worker does it without asking: nothing can come of it that it would have to know.

    A mutex is given up before that is said, so it is free when the next one is told that it has it.
    """
    return isinstance(operation, Unlock | Spawn)
