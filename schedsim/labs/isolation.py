"""Isolation: a global variable, changed in a child."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, yes
from schedsim.operations import Cpu, Get, Join, Put, Read, Spawn, Write
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation
    from schedsim.tables import Cell

    Steps = Generator[Operation, Any, None]

FIRST: Final = 5
"""What the counter is when the child is made."""
STEPS: Final = 100
"""So often the child adds 1."""
GLOBAL: Final = "a global variable"
SHARED: Final = "shared memory"
SENT: Final = "sent back through a queue"
CHILD: Final = "the child's counter at its end"
PARENT: Final = "the parent's counter after the join"
ADDRESS: Final = "a global variable: is it at the same address in both?"
WAYS: Final = (GLOBAL, SHARED, SENT)

memory: dict[str, int] = {"counter": 0}
"""The global variable of the real part."""


def programs(way: str, seen: dict[str, int]) -> tuple[Callable[[], Steps], Callable[[], Steps]]:
    """Return parent and child of one way; what they see at their ends is put into ``seen``."""
    own = "counter of the parent"
    copy = own if way == SHARED else "counter of the child"

    def parent() -> Steps:
        yield Write(own, FIRST)
        yield Cpu(ms(1))
        yield Spawn("child")
        if way == SENT:
            yield Write(own, (yield Get("answers")))
        yield Join("child")
        seen[PARENT] = yield Read(own)

    def child() -> Steps:
        if copy != own:
            # What making a process does: each variable is copied as it is at this moment.
            yield Write(copy, (yield Read(own)))
        for _ in range(STEPS):
            yield Cpu(ms(0.1))
            yield Write(copy, (yield Read(copy)) + 1)
        seen[CHILD] = yield Read(copy)
        if way == SENT:
            yield Put("answers", seen[CHILD])

    return parent, child


def simulate(seed: int | None) -> Findings:
    """Run parent and child in each way."""
    del seed
    values: dict[str, Cell] = {}
    pictures = []
    for way in WAYS:
        seen: dict[str, int] = {}
        parent, child = programs(way, seen)
        jobs = (Job("parent", 0, parent), Job("child", 0, child, spawned=True))
        made = run(Mix(jobs, name="isolation", queues=(("answers", 1),)), "fcfs", notes=False)
        values |= {f"{way}: {what}": seen[what] for what in (CHILD, PARENT)}
        pictures.append(Picture(way, made, lanes=True))
    return Findings(values, tuple(pictures))


def real(stage: Stage) -> Findings:
    """Do the same with processes; the child is a fork, which begins with all that its parent has."""
    context = multiprocessing.get_context("fork")
    values: dict[str, Cell] = {}
    seen = context.SimpleQueue()

    memory["counter"] = FIRST
    stage.join(stage.process(count_own, seen, name="child"))
    counted, address = seen.get()
    values[f"{GLOBAL}: {CHILD}"] = counted
    values[f"{GLOBAL}: {PARENT}"] = memory["counter"]

    shared = context.Value("q", FIRST)
    stage.join(stage.process(count_shared, shared, seen, name="child"))
    values[f"{SHARED}: {CHILD}"] = seen.get()
    values[f"{SHARED}: {PARENT}"] = shared.value

    memory["counter"] = FIRST
    child = stage.process(count_own, seen, name="child")
    counted, _ = seen.get()
    memory["counter"] = counted
    stage.join(child)
    values[f"{SENT}: {CHILD}"] = counted
    values[f"{SENT}: {PARENT}"] = memory["counter"]

    values[ADDRESS] = yes(address == id(memory))
    return Findings(values, details=(f"the address of the variable was {address:#x} in the child",))


def count_own(seen: Any) -> None:
    """Be a child that changes its own memory, and say what is in it then, and where."""
    for _ in range(STEPS):
        memory["counter"] += 1
    seen.put((memory["counter"], id(memory)))


def count_shared(shared: Any, seen: Any) -> None:
    """Be a child that changes a piece of memory that was made to be shared."""
    for _ in range(STEPS):
        with shared.get_lock():
            shared.value += 1
    seen.put(shared.value)


def check(values: Values) -> Iterator[str]:
    """See that the child begins with a copy, and that its changes reach the parent only if they are let."""
    for way in WAYS:
        if values[f"{way}: {CHILD}"] != FIRST + STEPS:
            yield f"{way}: the child counted to {values[f'{way}: {CHILD}']}, and not to {FIRST + STEPS}"
    if values[f"{GLOBAL}: {PARENT}"] != FIRST:
        yield f"the child changed the parent's global variable to {values[f'{GLOBAL}: {PARENT}']}"
    for way in (SHARED, SENT):
        if values[f"{way}: {PARENT}"] != FIRST + STEPS:
            yield f"{way}: the parent was left with {values[f'{way}: {PARENT}']}"


LAB: Final = Lab(
    title="a global variable, changed in a child",
    question="A child adds 1 to a global variable a hundred times: what does its parent find in it afterwards?",
    prediction=f"the counter is {FIRST} when the child is made; what is it in the child at the end, and what in the parent?",
    text=f"""
A parent sets a counter to {FIRST} and makes a child, which adds 1 to it {STEPS} times and ends; the parent joins it and looks.
Three ways: the counter is a global variable; it lies in memory that both share; it is a global variable, and the child
sends what it counted through a queue, for the parent to take over.
""",
    simulate=simulate,
    processes="""
The children are forks. Shared memory is a multiprocessing.Value, which has a lock of its own; the queue is one of multiprocessing. id() tells where
the variable lies in memory, in CPython: the same number in both processes, and yet not the same place.
""",
    real=real,
    check=check,
    reason="""
processes do not share memory. A fork begins with a copy of all that its parent has, as it is at that moment, and
from then on each changes its own. The addresses are the same since they are virtual: each process has a
table of its own that says which piece of real memory an address means. (What nobody has changed yet is not even copied:
both tables mean the same piece, until one writes. That makes a fork cheap.) So what a child finds out has to be handed
over: sent, or written into memory that was shared on purpose. What is shared can be changed by both at once; that is why
it comes with a lock.
""",
    attempt="schedsim lab create",
)
