"""What should happen: jobs and job mixes, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schedsim.operations import Cpu, Exit, Io, Operation, Program
from schedsim.times import Ns


class Job(NamedTuple):
    """What the user wrote about one job. All times are nanoseconds."""

    id: str
    arrival: Ns
    program: Program
    priority: int = 0
    nice: int = 0
    tickets: int = 1
    estimate: Ns | None = None
    """What policies believe each CPU burst of this job to be; ``None``: the truth."""
    period: Ns | None = None
    deadline: Ns | None = None
    """Relative to the release."""
    spawned: bool = False
    """Whether it comes only when another job spawns it; ``arrival`` then says nothing."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The program's operations; empty when the program is a generator function."""
        return self.program if isinstance(self.program, tuple) else ()

    @property
    def cpu(self) -> Ns:
        """CPU time the program asks for in all."""
        return sum(step.ns for step in self._to_exit() if isinstance(step, Cpu))

    @property
    def io(self) -> Ns:
        """I/O time the program asks for in all, queueing not counted."""
        return sum(step.ns for step in self._to_exit() if isinstance(step, Io))

    def _to_exit(self) -> tuple[Operation, ...]:
        """Return the operations up to where the program exits."""
        steps = self.operations
        for place, step in enumerate(steps):
            if isinstance(step, Exit):
                return steps[:place]
        return steps


class PolicyChoice(NamedTuple):
    """A policy by name with parameters as the user wrote them."""

    algo: str
    options: Mapping[str, Any] = {}


class Mix(NamedTuple):
    """A job mix: the jobs in the order in which they were written, and how they are to be run."""

    jobs: tuple[Job, ...]
    name: str = "mix"
    unit: str = "ms"
    cpus: int = 1
    degree: int | None = None
    """How many jobs are admitted at once; ``None``: all."""
    switch_cost: Ns = 0
    charge_first_switch: bool = False
    conventions: str = "textbook"
    until: Ns | None = None
    policies: tuple[PolicyChoice, ...] = ()
    title: str = ""
    source: str = ""
    grace: Ns = 0
    """A slice is not ended when its task needs no more than this to end its burst."""
    queues: tuple[tuple[str, int], ...] = ()
    """The bounded queues: the name of each, and how many items it holds at most."""
    variables: tuple[tuple[str, int], ...] = ()
    """What shared variables are at first, by name; the others are 0."""
