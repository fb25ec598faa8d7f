"""Orphan: a child whose parent has ended."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.labs.base import Findings, Lab, Picture, Values
from schedsim.labs.processes import BLOCKED, GONE, ZOMBIE, comes, entry, state_at, state_when
from schedsim.mixfile import load
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Mix
    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

MIX: Final = "orphan"
MAKER: Final = "who made it"
INIT: Final = "init"
DEPUTY: Final = "a stand-in for init"
FIRST: Final = "the child's parent at first"
THEN: Final = "its parent when that one has ended"
LIVES: Final = "its own state then"
ENDED: Final = "its state when it has ended, not yet reaped"
REAPER: Final = "it is reaped by"
REAPED: Final = "its state after that"


def simulate(seed: int | None) -> Findings:
    """Run parent and child."""
    del seed
    return found(load(MIX))


def found(mix: Mix) -> Findings:
    """Run a mix of parent and child, and see in the trace who adopts and reaps the child."""
    made = run(mix, "fcfs", notes=False)
    of_child = [row for row in made.trace if row.task == 1]
    spawned = [(row.task, row.value) for row in made.trace if row.kind is Kind.SPAWNED]
    adopted = any(row.kind is Kind.ADOPTED for row in of_child)
    reapers = [row.value for row in of_child if row.kind is Kind.REAPED]
    end = max(made.trace.time) / 1e6
    values: dict[str, Cell] = {
        FIRST: MAKER if (0, 1) in spawned else "nobody",
        THEN: INIT if adopted else MAKER,
        LIVES: state_at(mix, "child", 30),
        ENDED: None,  # init reaps at the same instant
        REAPER: INIT if reapers == [-1] else "nobody" if not reapers else MAKER,
        REAPED: state_at(mix, "child", end + 1),
    }
    return Findings(values, (Picture("parent and child", made, lanes=True),))


def real(stage: Stage) -> Findings:
    """Do the same with processes of three generations: the lab's own, a parent, and a child."""
    end_parent, end_child, said = os.pipe(), os.pipe(), os.pipe()
    parent = stage.process(
        make_child_and_end, end_parent[0], end_child[0], said[1], [end_child[1], said[0]], name="parent"
    )
    os.close(said[1])
    maker, own, child = parent.pid or 0, os.getpid(), int.from_bytes(os.read(said[0], 8), "big")
    names = {maker: MAKER, own: DEPUTY, 1: INIT}

    def name_of(pid: int) -> str:
        return names.get(pid, f"process {pid}")

    values: dict[str, Cell] = {FIRST: name_of(entry(child).parent)}
    os.write(end_parent[1], b"!")
    stage.join(parent)
    comes(lambda: entry(child).parent != maker)
    adopter = entry(child).parent
    values[THEN] = name_of(adopter)
    values[LIVES] = state_when(child, BLOCKED)
    os.write(end_child[1], b"!")
    if adopter == own:  # then it is for the lab to do what init does
        values[ENDED] = state_when(child, ZOMBIE)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            stage.disturbed(f"the child was killed by signal {os.WTERMSIG(status)}")
    values[REAPER] = name_of(adopter)
    values[REAPED] = state_when(child, GONE)
    for file in (*end_parent, *end_child, said[0]):
        os.close(file)
    numbers = f"the child was process {child}, made by {maker} and adopted by {adopter}"
    return Findings(values, details=(numbers,))


def make_child_and_end(told: int, child_told: int, say: int, not_mine: list[int]) -> None:
    """Be the parent: make a child and say its number, and end without it."""
    for file in not_mine:
        os.close(file)
    child = multiprocessing.get_context("fork").Process(target=wait_and_end, args=(child_told, say, told))
    child.start()
    os.write(say, (child.pid or 0).to_bytes(8, "big"))
    os.read(told, 1)
    # Were it to end as Python programs do, it would first wait for its child.
    os._exit(0)


def wait_and_end(told: int, *not_mine: int) -> None:
    """Be the child: wait until told, and end."""
    for file in not_mine:
        with suppress(OSError):
            os.close(file)
    os.read(told, 1)
    time.sleep(0.01)
    os._exit(0)


def check(values: Values) -> Iterator[str]:
    """See that the child is adopted, goes on, and is reaped by who adopted it."""
    if values[FIRST] != MAKER:
        yield f"the child's first parent was {values[FIRST]}, and not {MAKER}"
    if values[THEN] in (MAKER, None):
        yield "the child was not adopted"
    if values[LIVES] != BLOCKED:
        yield f"the child did not go on without its parent: it was {values[LIVES]}"
    if values.get(ENDED) not in (ZOMBIE, None):
        yield f"the child that had ended was {values[ENDED]} before it was reaped"
    if values[REAPER] != values[THEN]:
        yield f"the child was adopted by {values[THEN]} and reaped by {values[REAPER]}"
    if values[REAPED] != GONE:
        yield f"nobody reaped the child: it was {values[REAPED]}"


LAB: Final = Lab(
    title="a child that outlives its parent",
    question="A parent ends before its child: does the child end, too, and who cares for it from then on?",
    prediction="who is the parent of a process whose parent has ended? And who asks for its exit code?",
    text="""
A parent makes a child and ends, without joining it. The child waits for something at that moment, and ends later.
""",
    simulate=simulate,
    processes="""
Three generations: the lab's own process, a parent that it makes, and that one's child. Linux lets a process stand in
for init for its descendants (a subreaper; service managers and containers use that), and the lab does so, to clean up
after itself. So it is the lab that adopts the child here, and for a moment the child is a zombie, until the lab reaps
it as init would.

The parent has to leave by os._exit, or be killed. A Python program that ends in the usual way joins its children first,
unless they are daemons: these it terminates. So in Python an orphan is what a crash leaves behind.
""",
    real=real,
    check=check,
    reason="""
a process needs no parent to run, only to be reaped. So nothing happens to the child when its parent ends,
but its parent's number, which becomes that of init: process 1, whose main work it is to reap whoever it is given. An
orphan is no zombie. A zombie has ended and its parent lives, an orphan lives and its parent has ended; where both have
ended, init reaps at once. This is also how a service leaves its terminal: its parent ends on purpose.
""",
    attempt="schedsim run orphan --until 30",
)
