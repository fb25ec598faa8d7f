"""The operations that take no time: what a running task does with what it shares with others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from schedsim.names import key
from schedsim.operations import (
    LARGEST,
    Exit,
    Get,
    Join,
    Kill,
    Lock,
    Operation,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
)
from schedsim.scheduler.inheritance import give_back, lend
from schedsim.scheduler.shared import BoundedQueue, Mutex
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task
    from schedsim.scheduler.together import Together


class Outcome:
    """What comes of an operation instead of a result."""

    __slots__ = ()


BLOCKS: Final = Outcome()
"""The task waits."""
ENDS: Final = Outcome()
"""The program is over."""
DIES: Final = Outcome()
"""The task has killed itself."""


def _lock(together: Together, task: Task, operation: Lock) -> object:
    mutex = together.mutexes.get(operation.mutex)
    if mutex is None:
        mutex = together.mutexes[operation.mutex] = Mutex(operation.mutex)
    place = together.place("mutex", mutex.name)
    if operation.inherit and not mutex.inherits:
        mutex.inherits = True
        if together.scheduler.observer is not None:
            together.scheduler.observer.inheriting(place)
    if mutex.owner is None:
        mutex.owner = task
        together.row(Kind.ACQUIRED, task, place)
        return None
    together.wait(task, Kind.WAITS, place, mutex, None)
    mutex.waiting.append(task)
    lend(together, mutex)
    return BLOCKS


def _unlock(together: Together, task: Task, operation: Unlock) -> object:
    """Hand the mutex over to who has waited longest: so no task that comes just then can get before it."""
    mutex = together.mutexes.get(operation.mutex)
    if mutex is None or mutex.owner is not task:
        holder = "nobody does" if mutex is None or mutex.owner is None else f"job {mutex.owner.id!r} does"
        raise together.error(
            task, f"it unlocks {operation.mutex!r}, which it does not hold ({holder}); lock it before"
        )
    place = together.place("mutex", mutex.name)
    together.row(Kind.RELEASED, task, place)
    mutex.owner = mutex.waiting.pop(0) if mutex.waiting else None
    if mutex.owner is not None:
        together.row(Kind.ACQUIRED, mutex.owner, place)
        together.wake(mutex.owner, None)
        lend(together, mutex)
    give_back(together, task)
    return None


def _queue(together: Together, task: Task, name: str) -> BoundedQueue:
    queue = together.queues.get(name)
    if queue is None:
        raise together.error(
            task, f"the queue {name!r} is not declared; give the mix queues, such as {key(name)} = 3"
        )
    return queue


def _put(together: Together, task: Task, operation: Put) -> object:
    queue = _queue(together, task, operation.queue)
    place = together.place("queue", queue.name)
    if queue.getters:  # then it is empty, and the item goes to who has waited longest
        together.row(Kind.PUT, task, place)
        getter = queue.getters.popleft()
        together.row(Kind.GOT, getter, place)
        together.wake(getter, operation.item)
    elif len(queue.items) < queue.capacity:
        queue.items.append(operation.item)
        together.row(Kind.PUT, task, place)
    elif operation.blocking:
        together.wait(task, Kind.WAITS, place, queue, operation.item)
        queue.putters.append((task, operation.item))
        return BLOCKS
    else:
        together.row(Kind.REFUSED, task, place)
        return False
    return True


def _get(together: Together, task: Task, operation: Get) -> object:
    queue = _queue(together, task, operation.queue)
    place = together.place("queue", queue.name)
    if queue.items:
        item = queue.items.popleft()
        together.row(Kind.GOT, task, place)
        if queue.putters:
            putter, theirs = queue.putters.popleft()
            queue.items.append(theirs)
            together.row(Kind.PUT, putter, place)
            together.wake(putter, True)  # noqa: FBT003  # it is what the program is told: it was put
        return item if operation.blocking else (True, item)
    if operation.blocking:
        together.wait(task, Kind.WAITS, place, queue, None)
        queue.getters.append(task)
        return BLOCKS
    together.row(Kind.REFUSED, task, place)
    return False, None


def _spawn(together: Together, task: Task, operation: Spawn) -> object:
    together.family.spawn(task, operation.job)
    return None


def _join(together: Together, task: Task, operation: Join) -> object:
    code = together.family.join(task, operation.job)
    return BLOCKS if code is None else code


def _kill(together: Together, task: Task, operation: Kill) -> object:
    from schedsim.scheduler.running import kill

    victim = together.family.kill(task, operation.job)
    if victim is not None:
        kill(together.scheduler, victim)
    return DIES if victim is task else victim is not None


def _read(together: Together, task: Task, operation: Read) -> object:
    name = operation.variable
    value = together.registers[task.index, name] = together.variables.get(name, 0)
    together.row(Kind.READS, task, together.place("variable", name))
    _say(together, task, value)
    return value


def _write(together: Together, task: Task, operation: Write) -> object:
    name, value = operation.variable, operation.value
    if value is None:
        if (task.index, name) not in together.registers:
            raise together.error(
                task, f"it writes {name!r} {operation.change:+} without having read it; read it before"
            )
        value = _changed(together, task, operation)
    if type(value) is int and abs(value) > LARGEST:
        raise together.error(task, f"what it writes to {name!r} does not fit in 64 bits; keep it smaller")
    together.variables[name] = value
    together.row(Kind.WRITES, task, together.place("variable", name))
    _say(together, task, value)
    return None


def _changed(together: Together, task: Task, operation: Write) -> Any:
    """Return what the task read last, and the change. Raises ProgramError for what no number can be added to."""
    read = together.registers[task.index, operation.variable]
    try:
        return read + operation.change
    except TypeError:
        raise together.error(
            task,
            f"it writes {operation.variable!r} {operation.change:+}, and what it read of it is no number but "
            f"{type(read).__name__}; write a value",
        ) from None


def _say(together: Together, task: Task, value: object) -> None:
    if type(value) is int and -LARGEST <= value <= LARGEST:
        together.row(Kind.VALUE, task, value)


def _exit(together: Together, task: Task, operation: Exit) -> object:
    if operation.code:
        together.family.codes[task.index] = operation.code
        together.row(Kind.EXITED, task, operation.code)
    return ENDS


PERFORMS: Final[dict[type[Operation], Callable[[Together, Task, Any], object]]] = {
    Lock: _lock,
    Unlock: _unlock,
    Put: _put,
    Get: _get,
    Spawn: _spawn,
    Join: _join,
    Kill: _kill,
    Read: _read,
    Write: _write,
    Exit: _exit,
}
"""What a task on its CPU does that takes no time: the result is what its program is told, or an Outcome."""
