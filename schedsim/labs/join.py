"""Join: waiting for a child, or not."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, amount, yes
from schedsim.labs.processes import answered, told
from schedsim.operations import Cpu, Exit, Io, Join, Spawn
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess

    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation
    from schedsim.tables import Cell

CODE: Final = 3
LENGTH: Final = 60
"""Milliseconds that a child takes."""
WAITS: Final = (Cpu(ms(1)), Io(ms(LENGTH - 1)), Exit(CODE))
"""What a child does."""
TRIES: Final = 3
GOES_ON: Final = "the parent goes on after (ms)"
ALIVE: Final = "is the child alive then?"
ANSWER: Final = "joined: the exit code that the parent is told"
NEVER: Final = "not joined"
JOINED: Final = "joined"
IN_TURN: Final = "3 children, each joined before the next starts"
TOGETHER: Final = "3 children, all started before the first join"
DONE: Final = "all have ended after (ms)"


def mix(*steps: Operation) -> Mix:
    """Return a parent that does this and goes on, and the children that it makes."""
    children = [step.job for step in steps if isinstance(step, Spawn)]
    return Mix(
        (
            Job("parent", 0, (*steps, Cpu(ms(1)))),
            *(Job(child, 0, WAITS, spawned=True) for child in children),
        ),
        name="join",
    )


def programs() -> dict[str, Mix]:
    """Return the parent's four ways."""
    names = ("child-1", "child-2", "child-3")
    return {
        NEVER: mix(Spawn("child")),
        JOINED: mix(Spawn("child"), Join("child")),
        IN_TURN: mix(*(step for name in names for step in (Spawn(name), Join(name)))),
        TOGETHER: mix(*map(Spawn, names), *map(Join, names)),
    }


def simulate(seed: int | None) -> Findings:
    """Run the four parents."""
    del seed
    return found(programs())


def found(mixes: dict[str, Mix]) -> Findings:
    """Return when each parent goes on, and what it finds then."""
    values: dict[str, Cell] = {}
    pictures = []
    for way, each in mixes.items():
        followed, answers = answered(each, "parent")
        made = run(followed, "fcfs", notes=False)
        goes_on = (made.jobs[0].finish or 0) - 1  # what it does then takes 1 ms
        if way in (NEVER, JOINED):
            values[f"{way}: {GOES_ON}"] = goes_on
            values[f"{way}: {ALIVE}"] = yes((made.jobs[1].finish or 0) > goes_on)
        else:
            values[f"{way}: {DONE}"] = goes_on
        if way == JOINED:
            values[ANSWER] = answers.get("join child")
        pictures.append(Picture(way, made, lanes=True, always=way in (IN_TURN, TOGETHER)))
    return Findings(values, tuple(pictures))


def real(stage: Stage) -> Findings:
    """Do the same with processes that sleep, several times: what disturbs them only makes it longer."""
    tries = [once(stage) for _ in range(TRIES)]
    values = min(tries, key=lambda found: amount(found, NEVER, GOES_ON)).copy()
    for name in values:
        if name.endswith("(ms)"):
            values[name] = min(amount(found, name) for found in tries)
    if (longest := amount(values, IN_TURN, DONE)) > 4 * LENGTH:
        stage.disturbed(f"this machine is busy: what takes {3 * LENGTH} ms took {longest:.0f}")
    return Findings(values, details=(f"the shortest of {TRIES} times",))


def once(stage: Stage) -> dict[str, Cell]:
    """Return what the four parents find."""
    values: dict[str, Cell] = {}

    def child() -> BaseProcess:
        return stage.process(wait_and_end, name="child", watched=False)

    def since() -> float:
        return (time.monotonic() - began) * 1000

    began = time.monotonic()
    alone = child()
    values[f"{NEVER}: {GOES_ON}"] = since()
    values[f"{NEVER}: {ALIVE}"] = yes(alone.is_alive())
    told(stage, alone)

    began = time.monotonic()
    awaited = child()
    code = told(stage, awaited)
    values[f"{JOINED}: {GOES_ON}"] = since()
    values[f"{JOINED}: {ALIVE}"] = yes(awaited.is_alive())
    values[ANSWER] = code

    began = time.monotonic()
    for _ in range(3):
        told(stage, child())
    values[f"{IN_TURN}: {DONE}"] = since()

    began = time.monotonic()
    for each in [child() for _ in range(3)]:
        told(stage, each)
    values[f"{TOGETHER}: {DONE}"] = since()
    return values


def wait_and_end() -> None:
    """Be a child: wait for something, and end with an exit code."""
    time.sleep(LENGTH / 1000)
    os._exit(CODE)


def check(values: Values) -> Iterator[str]:
    """See that a join waits and tells the exit code, and that children wait side by side if they are let."""
    value = partial(amount, values)

    if values[f"{NEVER}: {ALIVE}"] != "yes":
        yield "the parent that does not join goes on only when its child has ended"
    if values[f"{JOINED}: {ALIVE}"] != "no":
        yield "the parent that joins goes on while its child lives"
    if not value(f"{NEVER}: {GOES_ON}") < LENGTH / 2 < 0.99 * LENGTH <= value(f"{JOINED}: {GOES_ON}"):
        yield "a join does not take as long as the child lives"
    if values[ANSWER] != CODE:
        yield f"the join tells {values[ANSWER]}, and not the exit code {CODE}"
    if not value(f"{IN_TURN}: {DONE}") >= 2.97 * LENGTH:
        yield "children that are joined in turn live at the same time"
    if not value(f"{TOGETHER}: {DONE}") < value(f"{IN_TURN}: {DONE}") / 1.5:
        yield "children that are started together take as long as in turn"


LAB: Final = Lab(
    title="waiting for a child, or not",
    question="What does a parent know of its child without a join, and what do three children cost that are joined one by one?",
    prediction=f"three children wait {LENGTH} ms each: after how many ms have all ended, joined in turn, and joined at the end?",
    text=f"""
A parent makes children that wait for {LENGTH} ms (for a disk, a server, somebody) and end with exit code {CODE}. Two parents make
one child: one goes on, the other joins it first. Two others make three children, and look nearly the same:

    for child in children:          for child in children:
        child.start()                   child.start()
        child.join()                for child in children:
                                        child.join()
""",
    simulate=simulate,
    processes="""
Each child is a process that sleeps. What starting a process costs comes on top, a few ms each. Besides, Python itself
joins at its own end all children that were not joined, unless they are daemons: a program may end later than it looks.
""",
    real=real,
    check=check,
    reason="""
starting a child only asks for it: the parent goes on at once and knows nothing of how far the child is. A join is the one
thing that says "not before it has ended", and what the child did before its end is done then. So a join has to stand where
the result is needed, and no earlier: whoever joins each child before starting the next has them live one after the
other, which is a loop with processes in it. If all are started first, they wait at the same time, and the joins
together take as long as the slowest. Children that compute can do so only on as many CPUs as there are: try it.
""",
    attempt="schedsim run join --cpus 3",
)
