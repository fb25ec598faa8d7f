"""Everything that a scheduler was told in a run, kept so that it can be told again.

The same inputs give the same decisions, whatever they came from: that is how a run on real processes is
seen to have been decided by the very scheduler that simulates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

from schedsim.errors import InternalError, TraceError, UsageError
from schedsim.operation_text import parse_operation, text_of
from schedsim.operations import Operation, Unsaid
from schedsim.scheduler import inputs
from schedsim.scheduler.arrivals import Arrivals
from schedsim.scheduler.of_mix import scheduler_of
from schedsim.scheduler.task import Task
from schedsim.trace import Kind, Trace

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from os import PathLike

    from schedsim.jobs import Job, Mix
    from schedsim.operations import Io
    from schedsim.policies.base import Policy
    from schedsim.scheduler.observer import Observer
    from schedsim.times import Ns
    from schedsim.trace import Header

_UNSAID: Final = "?"
"""Stands for what a program had not said."""

SCHEMA: Final = "schedsim.recording/1"

_INPUTS: Final[dict[str, Any]] = {
    cls.__name__: cls
    for cls in (
        inputs.Arrived,
        inputs.Reached,
        inputs.Stopped,
        inputs.IoDone,
        inputs.Used,
        inputs.Failed,
        inputs.WokenAt,
        inputs.Closed,
    )
}

Delivery = tuple["Ns", tuple[tuple[str, int | None, tuple[Any, ...]], ...]]
"""An instant, and for each input of its batch: its class' name, the job's place, and its other fields."""


class Recording(NamedTuple):
    """What one scheduler was told."""

    deliveries: tuple[Delivery, ...]

    def replay(self, mix: Mix, policy: Policy, header: Header, observer: Observer | None = None) -> Trace:
        """Return the trace of a new scheduler that is told the same.

        Args:
            mix: what was run, in the same order of jobs.
            policy: under which it was run.
            header: of the trace that is returned.
            observer: who wants to see the decisions.

        Raises TraceError when the inputs are not those of such a run.
        """
        tasks = [Task(index, _as_told(job)) for index, job in enumerate(mix.jobs)]
        machine = SilentMachine(tasks)
        trace = Trace(header)
        scheduler = scheduler_of(mix, policy, machine, trace, observer)
        for when, batch in self.deliveries:
            try:
                told = [_again(item, tasks) for item in batch]
                machine.firsts |= {item.task.index: item.operation for item in told if _is_answer(item)}
                scheduler.deliver(when, [item for item in told if not _is_answer(item)])
            except (AttributeError, InternalError, LookupError, TypeError, ValueError) as error:
                raise TraceError(f"the inputs at {when} ns are not those of such a run ({error})") from None
        return trace

    def write(self, path: str | PathLike[str]) -> None:
        """Write to ``path`` as JSON, one instant a line, whole or not at all; times in nanoseconds.

        Raises UsageError for an operation that no text says; those of a real run have no items.
        """
        import json

        from schedsim.output import replacing

        with replacing(path) as file:
            file.write(json.dumps({"schema": SCHEMA}) + "\n")
            for when, batch in self.deliveries:
                items = [[name, job, [_plain(value, job) for value in rest]] for name, job, rest in batch]
                file.write(json.dumps([when, items], ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Recording:
        """Return the recording that ``write`` wrote. Raises TraceError naming the line that is wrong."""
        import json

        found: list[Delivery] = []
        number = 1
        try:
            with open(path, encoding="utf-8") as file:
                if json.loads(file.readline()).get("schema") != SCHEMA:
                    raise ValueError(f"its schema is not {SCHEMA!r}")
                for line in file:
                    number += 1
                    when, items = json.loads(line)
                    if type(when) is not int or when < 0:
                        raise ValueError(f"{when!r} is no instant")
                    found.append((when, tuple(_read(*item) for item in items)))
        except (OSError, UnicodeDecodeError) as error:
            raise TraceError(f"{path}: cannot be read ({error})") from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TraceError(f"{path}, line {number}: no recording of a run ({error})") from None
        return cls(tuple(found))


def _as_told(job: Job) -> Job:
    """Return the job with a program that need not be run: what a generator said is in the recording."""
    return job if isinstance(job.program, tuple) else job._replace(program=_says_nothing)


def _says_nothing() -> Generator[Operation, object, None]:
    while True:
        yield Unsaid()


def _is_answer(item: inputs.Input) -> TypeGuard[inputs.Arrived]:
    """Return whether a scheduler asks for this, since it lets the job arrive itself."""
    return isinstance(item, inputs.Arrived) and item.task.job.spawned


def _again(item: tuple[str, int | None, tuple[Any, ...]], tasks: list[Task]) -> inputs.Input:
    """Return the input for the new tasks; the program of its task moves on as it did."""
    name, job, rest = item
    cls = _INPUTS[name]
    if job is not None:
        task = tasks[job]
        # What it stood at is no step further.
        if "operation" in cls._fields and task.generator is None and task.standing is None:
            task.advance()
        rest = (task, *rest)
    made: inputs.Input = cls(*rest)
    return made


def _read(name: str, job: int | None, rest: list[Any]) -> tuple[str, int | None, tuple[Any, ...]]:
    """Return an input as it was kept. Raises KeyError, TypeError or ValueError when it is none."""
    if name not in _INPUTS:
        raise ValueError(f"{name!r} is no input")
    fields = _INPUTS[name]._fields
    if ("task" in fields) != (type(job) is int) or (job is not None and job < 0):
        raise ValueError(f"job {job!r} cannot be that of a {name}")
    if len(rest) != len(fields) - ("task" in fields):
        raise ValueError(f"{name} has {len(rest)} values")
    return name, job, tuple(_value(each) for each in rest)


def _plain(value: Any, job: int | None) -> Any:
    if isinstance(value, Unsaid):
        return {"operation": _UNSAID}
    if isinstance(value, Operation):
        try:
            return {"operation": text_of(value, "ns")}
        except ValueError as error:
            raise UsageError(f"the job at place {job} of the mix: {error}") from None
    return {"kind": value.name.lower()} if isinstance(value, Kind) else value


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        if "operation" in value:
            if value["operation"] == _UNSAID:
                return Unsaid()
            return parse_operation(value["operation"], "ns")
        return Kind[value["kind"].upper()]
    return value


class SilentMachine:
    """Does nothing of what it is ordered: what comes of it is in the recording."""

    measures = True

    def __init__(self, tasks: Sequence[Task] = ()) -> None:
        """Know of no arrivals; ``tasks`` are those of the mix."""
        self.arrivals = Arrivals()
        self.tasks = tasks
        self.firsts: dict[int, Operation | None] = {}
        """What those do first that are spawned, by their places in the mix."""

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Do nothing."""

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Do nothing."""

    def wake_at(self, time: Ns, token: int) -> None:
        """Do nothing."""

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Do nothing."""

    def kill(self, task: Task) -> None:
        """Do nothing."""

    def advance(self, task: Task, result: object) -> Operation | None:
        """Let a list of operations go on; what a generator did then is in the recording."""
        del result
        return task.advance()

    def answer(self, task: Task, result: object) -> Operation | None:
        """Do the same."""
        return self.advance(task, result)

    def spawn(self, index: int) -> Task:
        """Return the task."""
        return self.tasks[index]

    def first(self, task: Task) -> Operation | None:
        """Return what was kept. Raises InternalError where nothing was."""
        if task.index not in self.firsts:
            raise InternalError(f"job {task.id!r} is spawned, and nothing says what it does first")
        return self.firsts.pop(task.index)

    def quiet_until(self) -> Ns:
        """Promise nothing."""
        return 0
