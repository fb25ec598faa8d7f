"""A job while it runs: its state, and who may write which of its fields."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from schedsim.errors import ProgramError
from schedsim.operation_faults import fault
from schedsim.operations import Cpu, Exit, Io, Operation, Yield
from schedsim.policies.parameters import NICE_WEIGHTS
from schedsim.states import BLOCKED, NEW, State
from schedsim.times import Ns

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from schedsim.jobs import Job
    from schedsim.scheduler.processor import Processor


SCRATCH: Final = ("level", "used", "spent", "vtime")
"""The fields that belong to the policy."""


class Task:
    """A job while it runs. A misspelt field is refused, because the fields are these and no more."""

    __slots__ = (
        # Of the mix, never changed.
        "index", "job", "estimate", "steps",
        # Written by the scheduler alone. Policies read them.
        "state", "left", "burst_length", "ready_since",
        # Written by the scheduler alone, for its own use.
        "place", "kept", "wait_number", "processor", "home", "io", "standing",
        # Written by the policy alone.
        "level", "used", "spent", "vtime",
        # Written by ``advance`` alone: where the program is.
        "position", "generator",
        # Written by ``_burst_to_come`` alone.
        "known_to", "known_burst",
        # Written by ``cpu_left`` alone, at its first use.
        "sums",
    )  # fmt: skip

    index: int
    """Place in the mix, from 0."""
    estimate: Ns | None
    """What policies believe each CPU burst to be; None: they know."""
    state: State
    left: Ns
    """CPU time left of the present CPU burst; the truth, so reading it is clairvoyance."""
    burst_length: Ns
    """Length of the present CPU burst; the truth, as above."""
    ready_since: Ns
    """When it last became ready."""
    place: int
    """Its place in the ready queue: lower is nearer to the head."""
    kept: Ns
    """What a preemption left of its slice, or 0."""
    wait_number: int
    """Counts the waits of the run, so that wake-ups go by when the waits began."""
    processor: Processor | None
    """The CPU it runs on."""
    home: Processor | None
    """The CPU it gave up last while wanting it again."""
    io: Io | None
    """The I/O it waits for or is served."""
    standing: Operation | None
    """What it does as soon as it runs, before it computes; ``left`` is then the CPU burst after that. So it is while it
    waits for another job."""

    level: int
    """For the policy: the queue it is in."""
    used: Ns
    """For the policy: CPU time, as it likes to count it."""
    spent: int
    """For the policy: slices used up at this level."""
    vtime: int
    """For the policy: virtual time."""

    steps: tuple[Operation, ...]
    position: int
    generator: Generator[Operation, object, None] | None
    known_to: int
    """Up to that place of the program it is known which CPU burst is to come: ``known_burst``."""
    known_burst: Ns
    sums: Sequence[Ns]
    """The CPU time of the program from each of its steps on, and 0 for its end; empty until somebody asks."""

    def __init__(self, index: int, job: Job) -> None:
        """Make the task of the job at place ``index`` of the mix."""
        self.index = index
        self.job = job
        self.estimate = job.estimate
        self.state = NEW
        self.left = self.burst_length = self.ready_since = 0
        self.place = self.kept = self.wait_number = 0
        self.processor = self.home = self.io = self.standing = None
        self.level = self.used = self.spent = self.vtime = 0
        self.position = self.known_to = -1
        self.known_burst = 0
        self.sums = ()  # and no list, which would be one more thing to collect for every job
        program = job.program
        if isinstance(program, tuple):
            self.steps = program
            self.generator = None
        else:
            self.steps = ()
            self.generator = program()

    @property
    def id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def arrival(self) -> Ns:
        """When the job arrived."""
        return self.job.arrival

    @property
    def priority(self) -> int:
        """The job's priority; the policy says whether low or high is better."""
        return self.job.priority

    @property
    def nice(self) -> int:
        """The job's nice value, -20 to 19."""
        return self.job.nice

    @property
    def weight(self) -> int:
        """What the job's nice value amounts to: 1024 for nice 0, more for a lower one."""
        return NICE_WEIGHTS[self.job.nice + 20]

    @property
    def tickets(self) -> int:
        """The job's tickets."""
        return self.job.tickets

    @property
    def deadline(self) -> Ns | None:
        """The job's deadline, relative to its release."""
        return self.job.deadline

    def advance(self, result: object = None) -> Operation | None:
        """Move the program on; return its next operation, or None at its end.

        A generator is told what came of the operation before.

        Raises ProgramError when a generator raises, or yields what is no operation or a wrong one.
        """
        if self.generator is None:
            self.position += 1
            return self.steps[self.position] if self.position < len(self.steps) else None
        try:
            # A function may also make a plain iterator, which can be told nothing.
            tell = None if result is None else getattr(self.generator, "send", None)
            operation = next(self.generator) if tell is None else tell(result)
        except StopIteration:
            return None
        except Exception as error:
            raise ProgramError(
                f"job {self.id!r}: its program raised {type(error).__name__}: {error}"
            ) from error
        if type(operation) is Cpu and type(operation.ns) is int and operation.ns > 0:
            return operation  # as nearly all are, and generators yield them by the million
        # A user's generator may yield anything, whatever its annotation says.
        wrong = fault(operation, "yield")
        if wrong is not None:
            raise ProgramError(f"job {self.id!r}: its program yielded {wrong.shown}; {wrong.instead}")
        return operation

    def set_burst(self, operation: Operation | None) -> None:
        """Begin a CPU burst, or stand at an operation that needs no CPU time."""
        self.standing = None  # it may have stood where its program had not said yet what this is
        if isinstance(operation, Cpu):
            self.left = self.burst_length = operation.ns
        elif operation is None or isinstance(operation, Yield):
            self.left = self.burst_length = 0
        else:
            self.standing = operation
            self.left = self.burst_length = self._burst_to_come()

    def wait(self, now: Ns) -> None:
        """Wait for another job from ``now`` on.

        Whoever is lent its rank meanwhile is lent that of the CPU burst to come, as if it were ready since then.
        """
        self.state = BLOCKED
        self.ready_since = now
        self.left = self.burst_length = self._burst_to_come()

    def _burst_to_come(self) -> Ns:
        """Return the CPU burst that follows the operations that take no time; 0 where none is known to."""
        # Each step is looked at once in the whole run: until the program has come to where the last look ended, the
        # answer stands.
        if self.position >= self.known_to:
            steps, place, burst = self.steps, self.position + 1, 0
            while place < len(steps):
                step = steps[place]
                if isinstance(step, Cpu):
                    burst = step.ns
                    break
                if isinstance(step, Io | Yield | Exit):
                    break
                place += 1
            self.known_to, self.known_burst = place, burst
        return self.known_burst

    @property
    def cpu_left(self) -> Ns:
        """CPU time the whole program still asks for; the truth. Of a generator, what is left of the burst."""
        if not self.sums:
            bursts = [step.ns if isinstance(step, Cpu) else 0 for step in reversed(self.steps)]
            self.sums = [*accumulate(bursts, initial=0)][::-1]
        later = self.sums[self.position + 1] if self.position < len(self.steps) else 0
        if self.generator is None and (self.standing is not None or self.state is BLOCKED):
            return later  # what is left is that of a burst to come
        return self.left + later

    @property
    def burst(self) -> Ns:
        """What policies believe the present CPU burst to be: the job's estimate, or the truth."""
        return self.burst_length if self.estimate is None else self.estimate

    @property
    def remaining(self) -> Ns:
        """What policies believe to be left of the present CPU burst; 0 once an estimate is used up."""
        if self.estimate is None:
            return self.left
        return max(0, self.estimate - (self.burst_length - self.left))

    def __repr__(self) -> str:
        """Return id and state."""
        return f"<Task {self.id} {self.state.name.lower()}>"
