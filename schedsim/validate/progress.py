"""How far the rows so far say that a job has come."""

from __future__ import annotations

from typing import Final

from schedsim.operation_text import PARSERS, known_program
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.states import State
from schedsim.times import LONGEST, Ns
from schedsim.trace import TracedJob

TOGETHER: Final = tuple(name for name in PARSERS if name not in ("cpu", "io", "yield"))
"""The names of the operations that concern other jobs, or take no time."""


class Progress:
    """What the rows so far say of a job."""

    __slots__ = (
        "asked", "began", "boosts", "chosen", "cpu", "entered", "gave_up", "granted", "heard", "home", "index", "io",
        "job", "joined", "kept", "left", "missed", "position", "program", "ran", "rest", "serviced", "state", "steps", "stood", "wait",
    )  # fmt: skip

    def __init__(self, index: int, job: TracedJob, unit: str) -> None:
        """Start before the job arrived."""
        self.index, self.job = index, job
        self.steps: tuple[Operation, ...] | None = known_steps(job.program, unit)
        self.program = known_program(job.program, unit)
        """The program, whatever is in it; followed where jobs do something with each other."""
        self.entered: Ns = -1
        """When it arrived, or was spawned; -1: not yet."""
        self.heard: Ns = -1
        """When the last row came that said how far it is in its program."""
        self.position = -1
        self.state = State.NEW
        self.cpu = self.home = -1
        self.began: Ns = 0
        """When its slice began, the context switch not counted."""
        self.granted: Ns = -1
        self.ran: Ns = 0
        """CPU time used since the dispatch when its present burst began."""
        self.left: Ns = 0
        """What its present burst still needed then."""
        self.chosen: tuple[Ns, int] = (0, 0)
        """The instant and the round in which it was dispatched."""
        self.asked = False
        """Whether anybody can have asked for its CPU during the context switch to it."""
        self.stood: int | None = None
        """The round in which it came to stand at a yield, 0 for an earlier instant; None: it doesn't."""
        self.kept: tuple[Ns, int] = (0, 0)
        """What a preemption left of its slice, and how many boosts there had been."""
        self.boosts = 0
        """How many boosts there had been when its slice was granted, or when it last left a CPU."""
        self.missed = False
        """Whether it ever went through a boost on a CPU without a fresh slice."""
        self.rest: Ns = 0
        """What I/O or a yield left of its last slice."""
        self.joined = (0, 0, 0, 0)
        """When it last joined the ready queue: the instant, its round, the step of that, the row."""
        self.gave_up: Ns = -1
        """When it last left a CPU, wanting it again."""
        self.wait = 0
        self.io: Io | None = None
        self.serviced: Ns = 0
        """When the service of its I/O began."""

    def following(self) -> Operation | None:
        """Return the operation after the present one; only for a known program."""
        steps = self.steps or ()
        return steps[self.position + 1] if self.position + 1 < len(steps) else None

    def advance(self) -> None:
        """Begin the next operation."""
        operation = self.following()
        self.position += 1
        self.left = operation.ns if isinstance(operation, Cpu) else 0

    def burst_ends(self) -> Ns:
        """Return when its operation ends if it runs on."""
        return LONGEST if self.steps is None else self.began + self.ran + self.left

    def due(self, grace: Ns) -> Ns:
        """Return when it must be heard of: its operation or its slice ends.

        A slice ends later by as much as ``grace`` if the operation then ends too, or may do so.
        """
        ends, over = self.burst_ends(), self.began + self.granted
        if self.granted <= 0 or ends <= over + grace:
            return ends
        return over if self.steps is not None else over + grace


def known_steps(program: str, unit: str) -> tuple[Operation, ...] | None:
    """Return the program, or None when it is unknown, or has operations that concern other jobs."""
    steps = known_program(program, unit)
    return None if steps is None or not all(isinstance(step, Cpu | Io | Yield) for step in steps) else steps


def uses_others(program: str, unit: str) -> bool:
    """Return whether a program has operations that concern other jobs."""
    if not any(word in program for word in TOGETHER):  # reading all programs takes longer
        return False
    return known_program(program, unit) is not None and known_steps(program, unit) is None
