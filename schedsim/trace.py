"""What happened: one row per fact, in the order in which the scheduler did them.

A trace holds facts only, so everything else (metrics, slices, pictures) is computed from it, and
means the same for a simulated and a real run. Rows live in columns of ``array``: 23 bytes each.

| kind | the task | ``cpu`` | ``value`` |
| --- | --- | --- | --- |
| arrived | new -> ready | -1 | 0 |
| held | new, waits for admission | -1 | 0 |
| admitted | new -> ready | -1 | 0 |
| switched | a context switch to it begins; the dispatched row follows | which | its cost |
| dispatched | ready -> running, its slice begins when the switch is over | which | slice, -1 until it blocks |
| reached | runs on with its next CPU burst | which | CPU time used since dispatched |
| expired, preempted, yielded | running -> ready | which | CPU time used since dispatched |
| renewed | gets a fresh slice without leaving (a boost) | which | CPU time used |
| blocked | running -> blocked (new -> blocked with cpu -1) | which | CPU time used |
| served | an I/O, or a wait for another job, ended and it stays blocked or ends | -1 | length of the service |
| woke | blocked -> ready | -1 | length of the service |
| finished | running or blocked -> terminated | which | CPU time used |
| stopped | still running when the run was cut off | which | CPU time used |
| boosted | no task (-1): the policy's periodic work | -1 | 0 |
| failed | its process died: any state -> terminated | which, -1 off a CPU | CPU time used |

What processes do with each other takes no time, so these rows change no state but the last four:

| kind | the task | ``cpu`` | ``value`` |
| --- | --- | --- | --- |
| acquired | holds this mutex from now on | which, -1 if it was handed over | the mutex |
| released | gives this mutex up | which | the mutex |
| put, got | put an item into this queue, took one out of it | which, -1 if it waited | the queue |
| refused | did not wait for room in this queue, or for an item | which | the queue |
| reads, writes | reads, writes this variable; a value row follows if it is a whole number | which | the variable |
| value | what it read or wrote | which | the number |
| waits | begins to wait for this mutex or queue; the blocked row follows | which | the mutex or queue |
| joins | begins to wait for this child to end; the blocked row follows | which | the child's place |
| spawned | made this child, whose arrived or held row follows | which | the child's place |
| signalled | killed this job | which | its place |
| exited | ends with an exit code other than 0: the finished row follows | which | the exit code |
| adopted | its parent has ended, and init has it now | -1 | 0 |
| killed | ready, running or blocked -> terminated | which, -1 off a CPU | CPU time used |
| zombie | has ended, and waits to be reaped: the row follows that of its end | -1 | its parent's place |
| reaped | zombie -> terminated, or it needed not wait | -1 | its parent's place, -1 for init |

Mutexes, queues and variables are told by their places in the header's ``objects``.
"""

from __future__ import annotations

import enum
from array import array
from collections.abc import Iterator
from struct import pack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import TraceError
from schedsim.times import Ns, show

if TYPE_CHECKING:
    from os import PathLike

SCHEMA: Final = "schedsim.trace/1"
GATHER: Final = 5 * 4096
"""So many numbers are gathered before they move into the columns."""


class Kind(enum.IntEnum):
    """What a row says; see the table at the top of this file."""

    ARRIVED = 0
    HELD = 1
    ADMITTED = 2
    SWITCHED = 3
    DISPATCHED = 4
    REACHED = 5
    EXPIRED = 6
    PREEMPTED = 7
    YIELDED = 8
    RENEWED = 9
    BLOCKED = 10
    SERVED = 11
    WOKE = 12
    FINISHED = 13
    STOPPED = 14
    BOOSTED = 15
    FAILED = 16
    ACQUIRED = 17
    RELEASED = 18
    PUT = 19
    GOT = 20
    REFUSED = 21
    READS = 22
    WRITES = 23
    VALUE = 24
    WAITS = 25
    JOINS = 26
    SPAWNED = 27
    SIGNALLED = 28
    ADOPTED = 29
    KILLED = 30
    ZOMBIE = 31
    REAPED = 32
    EXITED = 33


ENDS_SLICE: Final = frozenset(
    {
        Kind.EXPIRED,
        Kind.PREEMPTED,
        Kind.YIELDED,
        Kind.RENEWED,
        Kind.BLOCKED,
        Kind.FINISHED,
        Kind.STOPPED,
        Kind.FAILED,
        Kind.KILLED,
    }
)
"""The kinds that, with a CPU, end what a dispatched row began."""
ENDED: Final = frozenset({Kind.FINISHED, Kind.FAILED, Kind.KILLED})
"""The kinds of row after which a task runs no more: a zombie too has ended."""
CODE_OF_KILLED: Final = -9
"""The exit code of a job that was killed, or whose process died, as Python's ``multiprocessing`` gives it."""


class Row(NamedTuple):
    """One fact."""

    time: Ns
    kind: Kind
    task: int
    """The job's place in the mix, from 0."""
    cpu: int
    value: Ns


class TracedJob(NamedTuple):
    """What the header says of a job, so that a trace can be read without its mix."""

    id: str
    arrival: Ns
    priority: int = 0
    nice: int = 0
    tickets: int = 1
    deadline: Ns | None = None
    program: str = ""
    """The program as text in the mix's unit; ``""`` for a generator."""
    spawned: bool = False
    """Whether another job spawns it; it arrived then, if it ever did."""


class Header(NamedTuple):
    """How the run was made."""

    jobs: tuple[TracedJob, ...]
    engine: str = "simulated"
    algo: str = ""
    options: dict[str, Any] = {}
    mix: str = "mix"
    unit: str = "ms"
    cpus: int = 1
    degree: int | None = None
    switch_cost: Ns = 0
    charge_first_switch: bool = False
    conventions: str = "textbook"
    until: Ns | None = None
    seed: int | None = None
    clairvoyant: bool = False
    """Whether the policy reads true burst lengths, which no real scheduler knows."""
    grace: Ns = 0
    """A slice is not ended when its task needs no more than this to end its burst."""
    overheads: dict[str, Ns] | None = None
    """What dispatches cost in a simulation of a real machine, by what came before them; None: nothing."""
    objects: tuple[str, ...] = ()
    """What the jobs share, in the order of its first use: ``mutex m``, ``queue tray``, ``variable n``."""
    queues: dict[str, int] = {}
    """How many items each bounded queue holds at most."""
    variables: dict[str, int] = {}
    """What shared variables were at first; the others were 0."""
    schema: str = SCHEMA

    def shown(self, time: Ns) -> str:
        """Return an instant for a reader, in the mix's unit; measured ones are rounded to 0.01 ms.

        >>> Header(()).shown(1_234_567), Header((), engine="real").shown(1_234_567)
        ('1.234567', '1.23')
        """
        return show(time if self.engine == "simulated" else round(time, -4), self.unit)


class Trace:
    """A header and the rows. Engines add rows; everyone else only reads.

    Rows are gathered in one flat list and moved into the columns a few thousand at a time: that
    costs a quarter of appending to five arrays one by one.
    """

    __slots__ = ("_columns", "gathered", "header")

    def __init__(self, header: Header) -> None:
        """Start with no rows."""
        self.header = header
        self._columns: tuple[array[int], ...] = tuple(array(code) for code in "qBihq")
        self.gathered: list[int] = []
        """Rows not yet in the columns, five numbers each; call ``settle`` when over ``GATHER``."""

    def add(self, time: Ns, kind: Kind, task: int, cpu: int, value: Ns) -> None:
        """Append one row."""
        self.gathered.extend((time, kind, task, cpu, value))
        if len(self.gathered) > GATHER:
            self.settle()

    def settle(self) -> None:
        """Move the gathered rows into the columns."""
        gathered = self.gathered
        count = len(gathered) // 5
        for place, column in enumerate(self._columns):
            # Packing is twice as fast as the array's own reading of a list.
            column.frombytes(pack(f"={count}{column.typecode}", *gathered[place::5]))
        gathered.clear()

    @property
    def time(self) -> array[int]:
        """When, in nanoseconds."""
        return self.columns()[0]

    @property
    def kind(self) -> array[int]:
        """What: a ``Kind``."""
        return self.columns()[1]

    @property
    def task(self) -> array[int]:
        """The job's place in the mix."""
        return self.columns()[2]

    @property
    def cpu(self) -> array[int]:
        """On which CPU, -1 for none."""
        return self.columns()[3]

    @property
    def value(self) -> array[int]:
        """How much, in nanoseconds."""
        return self.columns()[4]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._columns[0]) + len(self.gathered) // 5

    def __iter__(self) -> Iterator[Row]:
        """Return the rows in order."""
        kinds = tuple(Kind)
        for time, kind, task, cpu, value in zip(*self.columns(), strict=True):
            yield Row(time, kinds[kind], task, cpu, value)

    def __eq__(self, other: object) -> bool:
        """Compare header and rows."""
        if not isinstance(other, Trace):
            return NotImplemented
        return self.header == other.header and self.columns() == other.columns()

    __hash__ = None  # type: ignore[assignment]  # a growing trace must not be a key

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Trace of {len(self)} rows, {len(self.header.jobs)} jobs, {self.header.algo}>"

    def columns(self) -> tuple[array[int], ...]:
        """Return time, kind, task, cpu and value: five arrays of one length."""
        if self.gathered:
            self.settle()
        return self._columns

    @property
    def bytes_per_row(self) -> int:
        """Memory of one row."""
        return sum(column.itemsize for column in self.columns())

    def write(self, path: str | PathLike[str]) -> None:
        """Write header and rows to ``path``, whole or not at all.

        The first line is the header as JSON, the second names the columns, then one row a line:
        ``time kind task cpu value``, times in nanoseconds, ``task`` the place in the header's jobs.
        """
        import json

        from schedsim.output import replacing

        header = self.header._asdict() | {"jobs": [job._asdict() for job in self.header.jobs]}
        with replacing(path) as file:
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            file.write("time kind task cpu value\n")
            names = [kind.name.lower() for kind in Kind]
            for time, kind, task, cpu, value in zip(*self.columns(), strict=True):
                file.write(f"{time} {names[kind]} {task} {cpu} {value}\n")

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Trace:
        """Return the trace that ``write`` wrote. Raises TraceError naming the line that is wrong."""
        import json

        kinds = {kind.name.lower(): kind for kind in Kind}
        try:
            with open(path, encoding="utf-8") as file:
                try:
                    raw = json.loads(file.readline())
                    if raw.get("schema") != SCHEMA:
                        raise TraceError(
                            f"{path}: schema {raw.get('schema')!r} is not {SCHEMA!r}; "
                            "write the trace again with this version"
                        )
                    raw["jobs"] = tuple(TracedJob(**job) for job in raw["jobs"])
                    raw["objects"] = tuple(raw.get("objects", ()))
                    trace = cls(Header(**raw))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    raise TraceError(f"{path}, line 1: no header of a schedsim trace ({error})") from None
                file.readline()
                for number, line in enumerate(file, 3):
                    try:
                        time, kind, task, cpu, value = line.split()
                        trace.add(int(time), kinds[kind], int(task), int(cpu), int(value))
                    except (ValueError, KeyError, OverflowError):
                        raise TraceError(
                            f"{path}, line {number}: {line.strip()!r} is no row; "
                            "a row is 'time kind task cpu value'"
                        ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise TraceError(f"{path}: cannot be read ({error})") from None
        return trace


class Slice(NamedTuple):
    """One dispatch to the moment the task left the CPU, or got a fresh quantum on it."""

    job: str
    cpu: int
    start: Ns
    end: Ns
    why: str
    """What ended it: expired, preempted, blocked, finished, yielded, renewed, stopped, failed or killed."""


def slices(trace: Trace) -> list[Slice]:
    """Return the slices in order of start, then CPU.

    A dispatch that was taken back before the task ran at all (a preemption during the context
    switch to it) is no slice.
    """
    jobs = trace.header.jobs
    ends = {int(kind): kind.name.lower() for kind in ENDS_SLICE}
    dispatched, switched = int(Kind.DISPATCHED), int(Kind.SWITCHED)
    start: dict[int, Ns] = {}
    ready: dict[int, Ns] = {}  # when the CPU's last context switch is over
    found: list[Slice] = []
    for time, kind, task, cpu, value in zip(*trace.columns(), strict=True):
        if kind == dispatched:
            start[cpu] = max(time, ready.get(cpu, time))
        elif kind == switched:
            ready[cpu] = time + value
        elif kind in ends and cpu >= 0:
            began = start.pop(cpu)
            if time > began:
                found.append(Slice(jobs[task].id, cpu, began, time, ends[kind]))
    found.sort(key=lambda piece: (piece.start, piece.cpu))
    return found


def never_came(trace: Trace) -> frozenset[int]:
    """Return the jobs that others were to spawn, and did not: they have no arrival."""
    if not any(job.spawned for job in trace.header.jobs):
        return frozenset()
    came = {value for kind, value in zip(trace.kind, trace.value, strict=True) if kind == Kind.SPAWNED}
    return frozenset(
        place for place, job in enumerate(trace.header.jobs) if job.spawned and place not in came
    )
