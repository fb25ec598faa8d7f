"""Step 1 of an instant: what running tasks did. Their operations end, their slices expire."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import ProgramError
from schedsim.operations import Answered, Cpu, Io, Operation, Unasked, Unsaid, Yield
from schedsim.policies.base import EXPIRED, PREEMPTED, YIELDED, Why
from schedsim.scheduler.inputs import Reached, Stopped
from schedsim.scheduler.performing import BLOCKS, DIES, ENDS, PERFORMS
from schedsim.scheduler.waiting import begin_io
from schedsim.states import BLOCKED, READY, TERMINATED, ZOMBIE
from schedsim.trace import CODE_OF_KILLED, Kind

if TYPE_CHECKING:
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.inputs import Closed, Failed, Input, Used
    from schedsim.scheduler.processor import Processor
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns

# Read here once: reading a member from its enumeration costs ten times as much.
_BLOCKED = Kind.BLOCKED
_EXPIRED = Kind.EXPIRED
_FAILED = Kind.FAILED
_FINISHED = Kind.FINISHED
_KILLED = Kind.KILLED
_PREEMPTED = Kind.PREEMPTED
_REACHED = Kind.REACHED
_STOPPED = Kind.STOPPED
_YIELDED = Kind.YIELDED

FRUITLESS_LIMIT: Final = 10_000
"""So many preempted dispatches under which nobody ran are a policy that thrashes."""
ZERO_TIME_LIMIT: Final = 1000
"""So many yields of one generator at one instant are a program that loops in zero time."""


def reached(scheduler: Scheduler, item: Reached) -> None:
    """An operation ended: begin the next one, whatever it is."""
    task, processor = item.task, item.task.processor
    if processor is None or processor.order != item.order:
        return  # a late word: the task left that CPU before this was known
    if item.yielded:
        _yielded(scheduler, processor, task, item.ran, item.operation)
    else:
        CONTINUES[type(item.operation)](scheduler, processor, task, item.operation, item.ran)


def stopped(scheduler: Scheduler, item: Stopped) -> None:
    """A task left its CPU in the middle of an operation."""
    task, processor = item.task, item.task.processor
    if processor is None or processor.order != item.order:
        return  # a late word, as above
    if item.why is _PREEMPTED:
        _look_for_progress(scheduler, task, processor.ran + item.ran)
        _give_up_to_stop(scheduler, processor, task, item.ran)
    else:
        # A slice that expired is used up, also if its timer came early: the policy is charged all of it.
        early = max(0, processor.slice - item.ran)
        processor.charged -= early
        _give_up(scheduler, processor, task, _EXPIRED, EXPIRED, item.ran)
        task.left += early
    if task.left <= 0 < task.burst_length:
        task.left = 1  # it was in the middle of its burst, which takes longer than it should


def _look_for_progress(scheduler: Scheduler, task: Task, ran: Ns) -> None:
    """Count the dispatches in a row that were preempted before anything ran, and end a run of nothing else."""
    scheduler.fruitless = 0 if ran else scheduler.fruitless + 1
    if scheduler.fruitless > FRUITLESS_LIMIT:
        raise ProgramError(
            f"nobody makes progress: {scheduler.fruitless:,} dispatches in a row, the last of job {task.id!r} at "
            f"{scheduler.together.when()}, were preempted during the context switch; make the switch cost shorter "
            "than the time after which ranks change"
        )


def used(scheduler: Scheduler, item: Used | Reached | Stopped) -> None:
    """A running task has used CPU time, as its machine measured it: note it until someone asks."""
    del scheduler
    processor = item.task.processor
    if processor is not None and processor.order == item.order:
        processor.measured = max(processor.measured, item.ran)


def note_used(scheduler: Scheduler, batch: Sequence[Input]) -> None:
    """Note what tasks have used that come to something at this instant: one of them may be killed before its turn."""
    for item in batch:
        if type(item) is Reached or type(item) is Stopped:
            used(scheduler, item)


def failed(scheduler: Scheduler, item: Failed) -> None:
    """A task's process died: its CPU, its device and its place in any queue are free again."""
    task, processor = item.task, item.task.processor
    if task.state in (TERMINATED, ZOMBIE):
        return  # it died after its end
    scheduler.together.family.codes[task.index] = CODE_OF_KILLED
    # Its burst may have ended at this instant, too: then it has used nothing yet of what follows.
    ran = 0
    if processor is not None:
        ran = max(processor.charged, min(item.ran, max(0, scheduler.now - processor.begins)))
    _end(scheduler, task, _FAILED, ran)


def kill(scheduler: Scheduler, task: Task) -> None:
    """End a task at once, whatever it does."""
    processor = task.processor
    # What it has used may have been charged already, by the very word under which it kills itself.
    ran = 0 if processor is None else max(processor.charged, scheduler.used(processor))
    scheduler.together.family.codes[task.index] = CODE_OF_KILLED
    _end(scheduler, task, _KILLED, ran)
    scheduler.machine.kill(task)


def _end(scheduler: Scheduler, task: Task, kind: Kind, ran: Ns) -> None:
    """Take a task out of wherever it is; a mutex that it holds stays held."""
    was, processor = task.state, task.processor
    task.state = TERMINATED
    if processor is not None:
        scheduler.charge(processor, task, ran)
        scheduler.leave(processor, task, kind, ran)
        if processor in scheduler.unordered:
            scheduler.unordered.remove(processor)
    else:
        scheduler.row(scheduler.now, kind, task.index, -1, 0)
        if was is BLOCKED and task.index in scheduler.together.waits:
            scheduler.together.forget(task)
        elif was is BLOCKED and task.io is not None:
            scheduler.devices.leave(task, scheduler.now)
        elif was is not READY:
            _take_out(
                scheduler.held, task
            )  # or it has not even arrived, or gets at this instant what it waited for
        elif not _take_out(scheduler.returning, task):
            scheduler.ready.remove(task)
    scheduler.unfinished.pop(task.index, None)
    if scheduler.together.used:
        scheduler.together.family.ended(task)


def _take_out(line: MutableSequence[Any], task: Task) -> bool:
    """Take the pair that begins with ``task`` out of ``line``; return whether it was there."""
    for place, pair in enumerate(line):
        if pair[0] is task:
            del line[place]
            return True
    return False


def closed(scheduler: Scheduler, item: Closed) -> None:
    """The run is cut off: say of the running tasks how far they came."""
    del item
    for processor in scheduler.processors:
        if processor.task is not None:
            ran = scheduler.used(processor)
            scheduler.charge(processor, processor.task, ran)
            scheduler.leave(processor, processor.task, _STOPPED, ran)
    scheduler.idle.clear()  # nothing is dispatched any more


def _continue_cpu(scheduler: Scheduler, processor: Processor, task: Task, operation: Cpu, ran: Ns) -> None:
    """The next burst goes on with the same slice; if nothing is left of it, it expires here."""
    if 0 < processor.slice <= ran:
        _give_up(scheduler, processor, task, _EXPIRED, EXPIRED, ran)
        task.set_burst(operation)
    elif processor.stopping:
        _give_up_to_stop(scheduler, processor, task, ran)
        task.set_burst(operation)
    else:
        scheduler.charge(processor, task, ran)
        task.set_burst(operation)
        scheduler.row(scheduler.now, _REACHED, task.index, processor.number, processor.ran + ran)
        scheduler.go_on(processor, ran)


def _continue_unsaid(
    scheduler: Scheduler, processor: Processor, task: Task, operation: Unsaid, ran: Ns
) -> None:
    """Go on, with the same slice, until the program has said what it does next."""
    if 0 < processor.slice <= ran:
        _give_up(scheduler, processor, task, _EXPIRED, EXPIRED, ran)
    elif processor.stopping:
        _give_up_to_stop(scheduler, processor, task, ran)
    else:
        scheduler.charge(processor, task, ran)
        scheduler.go_on(processor, ran)
    task.set_burst(operation)


def _continue_unasked(
    scheduler: Scheduler, processor: Processor, task: Task, operation: Unasked, ran: Ns
) -> None:
    """Ask the program."""
    del operation
    following = scheduler.machine.advance(task, None)
    CONTINUES[type(following)](scheduler, processor, task, following, ran)


def _continue_answered(
    scheduler: Scheduler, processor: Processor, task: Task, operation: Answered, ran: Ns
) -> None:
    """Tell the program, now that its task runs, what came of its wait."""
    task.standing = None
    following = scheduler.machine.advance(task, operation.result)
    CONTINUES[type(following)](scheduler, processor, task, following, ran)


def _continue_yield(
    scheduler: Scheduler, processor: Processor, task: Task, operation: Yield, ran: Ns
) -> None:
    """Stand at the yield; the machine reports its end at once."""
    if processor.stopping:
        _give_up_to_stop(scheduler, processor, task, ran)
        task.set_burst(operation)
        return
    scheduler.charge(processor, task, ran)
    task.set_burst(operation)
    scheduler.go_on(processor, ran)


def _continue_io(scheduler: Scheduler, processor: Processor, task: Task, operation: Io, ran: Ns) -> None:
    task.state = BLOCKED
    scheduler.charge(processor, task, ran)
    scheduler.leave(processor, task, _BLOCKED, ran)
    begin_io(scheduler, task, operation)


def _continue_end(scheduler: Scheduler, processor: Processor, task: Task, operation: None, ran: Ns) -> None:
    del operation
    task.state = TERMINATED
    scheduler.charge(processor, task, ran)
    scheduler.leave(processor, task, _FINISHED, ran)
    del scheduler.unfinished[task.index]
    if scheduler.together.used:
        scheduler.together.family.ended(task)


def _perform(
    scheduler: Scheduler, processor: Processor, task: Task, operation: Operation | None, ran: Ns
) -> None:
    """Do what takes no time, one operation after the other, then go on with what follows."""
    together, machine = scheduler.together, scheduler.machine
    scheduler.charge(processor, task, ran)
    task.standing = None
    while operation is not None and type(operation) in PERFORMS:
        together.begin(task, operation)
        result = PERFORMS[type(operation)](together, task, operation)
        if result is DIES:
            return
        if result is BLOCKS:
            scheduler.leave(processor, task, _BLOCKED, ran)
            return
        operation = None if result is ENDS else machine.advance(task, result)
    CONTINUES[type(operation)](scheduler, processor, task, operation, ran)


CONTINUES: Final[dict[type, Callable[[Scheduler, Processor, Task, Any, Ns], None]]] = {
    Cpu: _continue_cpu,
    Unsaid: _continue_unsaid,
    Unasked: _continue_unasked,
    Answered: _continue_answered,
    Yield: _continue_yield,
    Io: _continue_io,
    type(None): _continue_end,
    **dict.fromkeys(PERFORMS, _perform),
}
"""What an operation does to a task that comes to it while running."""


def _yielded(
    scheduler: Scheduler, processor: Processor, task: Task, ran: Ns, operation: Operation | None
) -> None:
    if task.generator is not None:  # a list comes to its end, however long it is
        _count_yield(scheduler, task)
    if type(operation) is Unasked:
        operation = scheduler.machine.advance(task, None)
    if operation is None or type(operation) is Io:  # nothing that would need the CPU again
        CONTINUES[type(operation)](scheduler, processor, task, operation, ran)
    else:
        _give_up(scheduler, processor, task, _YIELDED, YIELDED, ran)
        task.set_burst(operation)
        scheduler.together.used |= task.standing is not None


def _count_yield(scheduler: Scheduler, task: Task) -> None:
    """Note one more yield at this instant. Raises ProgramError for one too many."""
    times = scheduler.yields[task.index] = scheduler.yields.get(task.index, 0) + 1
    if times > ZERO_TIME_LIMIT:
        raise ProgramError(
            f"job {task.id!r} loops in zero time: it yielded {times:,} times at {scheduler.together.when()} "
            "without computing; give the loop a CPU or I/O burst"
        )


def _give_up_to_stop(scheduler: Scheduler, processor: Processor, task: Task, ran: Ns) -> None:
    """Leave the CPU for a better task: stopped, or at the end of an operation while the stop is under way."""
    if scheduler.conventions.preempted_keeps_slice and processor.slice > 0:
        task.kept = max(0, processor.slice - ran)
    _give_up(scheduler, processor, task, _PREEMPTED, PREEMPTED, ran)


def _give_up(scheduler: Scheduler, processor: Processor, task: Task, kind: Kind, why: Why, ran: Ns) -> None:
    """Leave the CPU, wanting it again."""
    task.state = READY
    scheduler.charge(processor, task, ran)
    scheduler.leave(processor, task, kind, ran)
    task.home = processor
    scheduler.returning.append((task, why))
