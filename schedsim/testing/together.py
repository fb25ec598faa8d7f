"""Hypothesis strategies for mixes whose jobs do something with each other: locks, queues, variables, children.

Beside ``schedsim.testing.strategies``, the only file that imports hypothesis. What a program must not do is
in none of them (an unlock of what is not held, a second spawn), what may go wrong is: deadlocks, waits for
whom nobody helps, locks that die with who holds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from schedsim.jobs import Job, Mix
from schedsim.operations import (
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
from schedsim.testing.strategies import CONVENTION_NAMES, PRIORITIES, as_generator, policies, progresses

if TYPE_CHECKING:
    from schedsim.policies.base import Policy

MUTEXES: Final = ("m", "n")
QUEUES: Final = ("q", "r")
NAMES: Final = "ABCDEF"
KINDS: Final = (
    *("cpu", "cpu", "cpu", "io", "disk", "yield", "lock", "lock", "lock", "unlock", "unlock", "put", "put"),
    *("get", "get", "put?", "get?", "read", "write", "add", "kill", "join", "join", "exit"),
)
"""What is drawn from for each step; "add" writes what was read, plus a number."""


class _Writer:
    """One program as it is drawn."""

    def __init__(self, draw: st.DrawFn, others: str, longest: int) -> None:
        self.draw, self.others, self.longest = draw, others, longest
        self.steps: list[Operation] = []
        self.held: list[str] = []
        self.children: list[str] = []
        self.read = False

    def length(self) -> int:
        return self.draw(st.integers(1, self.longest))

    def add(self, kind: str) -> None:
        """Add a step of that kind, if that can be."""
        table = {
            "lock": self.lock,
            "unlock": self.unlock,
            "join": self.join,
            "read": self.reading,
            "add": self.adding,
        }
        if kind in table:
            table[kind]()
        else:
            self.steps.append(self.alone(kind))

    def alone(self, kind: str) -> Operation:
        """Return a step that is always right."""
        draw = self.draw
        if kind in ("put", "put?"):
            return Put(draw(st.sampled_from(QUEUES)), blocking=kind == "put")
        if kind in ("get", "get?"):
            return Get(draw(st.sampled_from(QUEUES)), blocking=kind == "get")
        table: dict[str, st.SearchStrategy[Operation]] = {
            "io": st.builds(Io, st.integers(1, self.longest)),
            "disk": st.builds(Io, st.integers(1, self.longest), st.just("disk")),
            "yield": st.just(Yield()),
            "write": st.builds(Write, st.just("v"), st.integers(-3, 3)),
            "kill": st.builds(Kill, st.sampled_from(self.others)),
            "exit": st.builds(Exit, st.integers(0, 3)),
        }
        return draw(table.get(kind, st.builds(Cpu, st.integers(1, self.longest))))

    def lock(self) -> None:
        mutex = self.draw(st.sampled_from(MUTEXES))
        self.steps.append(Lock(mutex, inherit=self.draw(st.booleans())))
        self.held.append(mutex)

    def unlock(self) -> None:
        if self.held:
            self.steps.append(Unlock(self.held.pop(self.draw(st.integers(0, len(self.held) - 1)))))

    def join(self) -> None:
        if self.children:
            self.steps.append(Join(self.draw(st.sampled_from(self.children))))

    def reading(self) -> None:
        self.steps.append(Read("v"))
        self.read = True

    def adding(self) -> None:
        if self.read:
            self.steps.append(Write("v", change=self.draw(st.sampled_from((-2, -1, 1, 2)))))
        else:
            self.reading()

    def spawn(self, child: str) -> None:
        self.steps.append(Spawn(child))
        self.children.append(child)


@st.composite
def programs_together(
    draw: st.DrawFn,
    /,
    children: str,
    others: str,
    *,
    most: int = 8,
    longest: int = 4,
    kinds: tuple[str, ...] = KINDS,
) -> tuple[Operation, ...]:
    """Return a program that spawns each of ``children`` once; ``others`` are those that it may kill."""
    writer = _Writer(draw, others, longest)
    to_spawn = [*children]
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=most)):
        if draw(st.booleans()) and to_spawn:
            writer.spawn(to_spawn.pop(0))
        writer.add(kind)
    for child in to_spawn:
        writer.spawn(child)
    # Most mutexes are given back, or nearly every run would be a deadlock.
    while draw(st.integers(0, 4)) and writer.held:
        writer.unlock()
    if not any(isinstance(step, Cpu) for step in writer.steps):
        writer.steps.insert(draw(st.integers(0, len(writer.steps))), Cpu(writer.length()))
    return tuple(writer.steps)


@st.composite
def mixes_together(
    draw: st.DrawFn,
    /,
    *,
    most_jobs: int = 5,
    most_cpus: int = 3,
    latest: int = 8,
    switch_cost: bool = True,
    degree: bool = True,
    grace: bool = True,
    until: bool = False,
    generators: bool = False,
    conventions: tuple[str, ...] = CONVENTION_NAMES,
    **shape: Any,
) -> Mix:
    """Return a job mix with all that says how it is to be run; ``shape`` is what ``programs_together`` takes."""
    names = NAMES[: draw(st.integers(1, most_jobs))]
    # Each but the first arrives by itself, or is the child of one before it: so there is no circle.
    parents = [draw(st.integers(-1, place - 1)) if place else -1 for place in range(len(names))]
    found = []
    for place, name in enumerate(names):
        children = "".join(other for other, parent in zip(names, parents, strict=True) if parent == place)
        steps = draw(programs_together(children, names, **shape))
        found.append(
            Job(
                name,
                0 if parents[place] >= 0 else draw(st.integers(0, latest)),
                as_generator(steps) if generators and draw(st.sampled_from((True, False))) else steps,
                priority=draw(st.sampled_from(PRIORITIES)),
                nice=draw(st.sampled_from((0, 0, -3, 5))),
                tickets=draw(st.integers(1, 5)),
                estimate=draw(st.none() | st.integers(1, 9)),
                deadline=draw(st.none() | st.integers(1, 60)),
                spawned=parents[place] >= 0,
            )
        )
    cost = draw(st.integers(0, 3)) if switch_cost else 0
    return Mix(
        tuple(found),
        unit="ns",
        cpus=draw(st.integers(1, most_cpus)),
        degree=draw(st.none() | st.integers(1, len(names))) if degree else None,
        switch_cost=cost,
        charge_first_switch=cost > 0 and draw(st.booleans()),
        grace=draw(st.just(0) | st.integers(1, 4)) if grace else 0,
        conventions=draw(st.sampled_from(conventions)),
        until=draw(st.none() | st.integers(1, 30)) if until else None,
        queues=tuple((name, draw(st.integers(1, 2))) for name in QUEUES),
        variables=(("v", draw(st.integers(-1, 1))),),
    )


def runs_together(*names: str, **shape: Any) -> st.SearchStrategy[tuple[Mix, Policy]]:
    """Return a mix and a policy that end together; ``shape`` is what ``mixes_together`` takes."""
    return st.tuples(mixes_together(**shape), policies(*names)).filter(lambda pair: progresses(*pair))
