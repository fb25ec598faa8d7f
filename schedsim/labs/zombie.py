"""Zombie: a child that has ended, and of whom the parent has not asked."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.labs.base import Findings, Lab, Picture, Values
from schedsim.labs.processes import BLOCKED, GONE, ZOMBIE, answered, comes, entry, state_at, state_when, told
from schedsim.mixfile import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Mix
    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

MIX: Final = "zombie"
CODE: Final = 3
ALIVE: Final = "the child's state while it waits"
ENDED: Final = "its state when it has ended"
KILLED: Final = "its state when it has been killed, too"
ANSWER: Final = "its exit code, as the join tells it"
JOINED: Final = "its state after the join"
MEMORY: Final = "memory of the zombie (kB)"
ASKED: Final = "state of another zombie after is_alive()"


def simulate(seed: int | None) -> Findings:
    """Run parent and child."""
    del seed
    return found(load(MIX))


def found(mix: Mix) -> Findings:
    """Run a mix of parent and child, and look at the child at four times."""
    mix, answers = answered(mix, "parent")
    states = {what: state_at(mix, "child", when) for what, when in ((ALIVE, 10), (ENDED, 30), (KILLED, 40))}
    made = run(mix, "fcfs", notes=False)
    values = {**states, ANSWER: answers.get("join child"), JOINED: state_at(mix, "child", 62.5)}
    return Findings(values, (Picture("parent and child", made, lanes=True),))


def real(stage: Stage) -> Findings:
    """Do the same with a process, and look at it in the process table of this system."""
    wait, go_on = os.pipe()
    child = stage.process(wait_and_end, wait, name="child", watched=False)
    pid = child.pid or 0
    values: dict[str, Cell] = {ALIVE: state_when(pid, BLOCKED)}
    os.write(go_on, b"!")
    values[ENDED] = state_when(pid, ZOMBIE)
    memory = resident(pid)
    # The process object's own kill() would ask first whether the child lives, which reaps it.
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)
    values[KILLED] = entry(pid).state
    values[ANSWER] = told(stage, child)
    values[JOINED] = state_when(pid, GONE)
    if memory is not None:
        values[MEMORY] = memory
    os.write(go_on, b"!")
    other = stage.process(wait_and_end, wait, name="another child", watched=False)
    other_pid = other.pid or 0
    comes(lambda: entry(other_pid).state == ZOMBIE)
    other.is_alive()
    values[ASKED] = entry(other_pid).state
    os.close(wait)
    os.close(go_on)
    return Findings(values, details=(f"the child was process {pid}, its parent process {os.getpid()}",))


def wait_and_end(wait: int) -> None:
    """Be the child: wait until told, and end with an exit code."""
    os.read(wait, 1)
    os._exit(CODE)


def resident(pid: int) -> int | None:
    """Return how much memory a process has at this moment (kB), None where /proc does not tell."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    except (OSError, IndexError, ValueError):
        return None


def check(values: Values) -> Iterator[str]:
    """See that the child stays in the table until it is joined, whatever is done to it."""
    if values[ALIVE] != BLOCKED:
        yield f"the child did not wait, it was {values[ALIVE]}"
    if values[ENDED] != ZOMBIE:
        yield f"the child that had ended was {values[ENDED]}, and no zombie"
    if values[KILLED] != ZOMBIE:
        yield f"a signal changed the zombie: it was {values[KILLED]}"
    if values[ANSWER] != CODE:
        yield f"the join told {values[ANSWER]}, and not the exit code {CODE}"
    if values[JOINED] != GONE:
        yield f"after the join the child was {values[JOINED]}"
    if values.get(MEMORY):
        yield f"the zombie had {values[MEMORY]} kB of memory"
    if values.get(ASKED, GONE) != GONE:
        yield f"is_alive() left the other child {values[ASKED]}"


LAB: Final = Lab(
    title="ended, and still in the process table",
    question="A child has ended, and its parent has not joined it: what is left of it, and how does one get rid of it?",
    prediction="is the child still in the process table after its end? And after a kill -9?",
    text=f"""
A parent makes a child, which waits for a while and ends with exit code {CODE}. The parent does something else; it
sends the child that has ended a SIGKILL, does something else again, and joins it at last.
""",
    simulate=simulate,
    processes="""
The lab's own process is the parent. What the table says is read from /proc (elsewhere by psutil), as ps and top do.
Then another child ends, and is only asked whether it is alive. Python's is_alive() asks the kernel as a join does, so
the answer (no) reaps it. Starting another process with multiprocessing does, too: it joins all that have ended.
""",
    real=real,
    check=check,
    reason="""
somebody may want to know how the child ended, so its exit code has to be kept somewhere until the parent asks. It
is kept in the child's entry of the process table: number, parent, exit code, times, and nothing else. Memory and files
were given back when it ended. A signal changes nothing, since there is no program any more that could get it. What gets
rid of a zombie is that its parent asks (join, wait, waitpid); or that the parent ends, for then init
adopts the zombie and asks at once. One zombie costs nearly nothing; a server that never asks fills the table, and then no process
can be made at all.
""",
    attempt="schedsim run zombie --until 40",
)
