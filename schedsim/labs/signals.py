"""Signals: asking a process to end, and ending it."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, yes
from schedsim.labs.processes import told
from schedsim.operations import Cpu, Exit, Io, Join, Kill, Read, Spawn, Write
from schedsim.times import ms
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation
    from schedsim.results import Run
    from schedsim.tables import Cell

    Steps = Generator[Operation, Any, None]
    Seen = dict[tuple[str, str], int]

TIDYING: Final = 300
"""Milliseconds that a child takes to tidy up."""
ASKED: Final = "SIGTERM, which it handles"
KILLED: Final = "SIGKILL"
UNHANDLED: Final = "SIGTERM, which it does not handle"
PARENT: Final = "is the children's parent the one who made them?"
BEFORE: Final = "are they alive before the signal?"
AT_ONCE: Final = "alive right after the signal?"
JOINED: Final = "alive after the join?"
ENDS: Final = (Kind.FINISHED, Kind.KILLED)
CODE: Final = "exit code"
TIDIED: Final = "did it tidy up?"


def mix(seen: Seen) -> Mix:
    """Return a parent of two children, one of which looks now and then whether it is asked to end."""

    def parent() -> Steps:
        yield Cpu(ms(1))
        yield Spawn("asked")
        yield Spawn("killed")
        yield Io(ms(49))
        yield Write("asked to end", 1)
        yield Kill("killed")
        seen[KILLED, CODE] = yield Join("killed")
        seen[ASKED, CODE] = yield Join("asked")
        seen[ASKED, TIDIED] = yield Read("asked has tidied up")
        seen[KILLED, TIDIED] = yield Read("killed has tidied up")

    def child(name: str, *, looks: bool) -> Steps:
        while True:
            yield Cpu(ms(1))
            yield Io(ms(9))
            if looks and (yield Read("asked to end")):
                break
        yield Io(ms(TIDYING))
        yield Write(f"{name} has tidied up", 1)
        yield Exit(0)

    return Mix(
        (
            Job("parent", 0, parent),
            Job("asked", 0, lambda: child("asked", looks=True), spawned=True),
            Job("killed", 0, lambda: child("killed", looks=False), spawned=True),
        ),
        name="signals",
    )


def simulate(seed: int | None) -> Findings:
    """Run parent and children."""
    del seed
    seen: Seen = {}
    return found(run(mix(seen), "fcfs", notes=False), seen)


def found(made: Run, seen: Seen) -> Findings:
    """Return what the parent was told, and what the trace says of its children."""
    rows = [*made.trace]
    asked, killed = 1, 2
    signalled = next(place for place, row in enumerate(rows) if row.kind is Kind.WRITES)

    def alive(child: int, at: int) -> bool:
        ends = (place for place, row in enumerate(rows) if row.task == child and row.kind in ENDS)
        return next(ends, len(rows)) > at

    def joined(child: int) -> int:
        return next(
            (place for place, row in enumerate(rows) if (row.task, row.kind) == (child, Kind.REAPED)), 0
        )

    makers = {row.task for row in rows if row.kind is Kind.SPAWNED}
    values: dict[str, Cell] = {
        PARENT: yes(makers == {0}),
        BEFORE: yes(alive(asked, signalled) and alive(killed, signalled)),
        f"{ASKED}: {AT_ONCE}": yes(rows[signalled].time < rows[-1].time and alive(asked, signalled + 1)),
    }
    for what, child in ((ASKED, asked), (KILLED, killed)):
        values[f"{what}: {JOINED}"] = yes(alive(child, joined(child)))
        values[f"{what}: {CODE}"] = seen[what, CODE]
        values[f"{what}: {TIDIED}"] = yes(seen[what, TIDIED])
    return Findings(values, (Picture("parent and children", made, lanes=True),))


def real(stage: Stage) -> Findings:
    """Do the same with processes, and one that is asked to end and has not been told how to."""
    values: dict[str, Cell] = {}
    details = []
    made = {}
    ways = {ASKED: signal.SIGTERM, KILLED: signal.SIGKILL, UNHANDLED: signal.SIGTERM}
    parents = set()
    for way in ways:
        ready, say = os.pipe()
        made[way] = stage.process(work, say, way == ASKED, path(stage, way), name=way, watched=False)
        os.close(say)
        parent = int.from_bytes(os.read(ready, 8), "big")  # nothing, if it was killed before
        os.close(ready)
        parents.add(parent)
        details.append(f"{way}: process {made[way].pid}, whose parent is process {parent}")
    values[PARENT] = yes(parents == {os.getpid()})
    values[BEFORE] = yes(all(process.is_alive() for process in made.values()))
    if values[BEFORE] == "no":
        stage.disturbed("one of the children was killed from outside")
    for way, number in ways.items():
        process = made[way]
        stage.kill(process, number)
        if way == ASKED:
            values[f"{way}: {AT_ONCE}"] = yes(process.is_alive())
        code = told(stage, process, -number)
        values[f"{way}: {JOINED}"] = yes(process.is_alive())
        values[f"{way}: {CODE}"] = code
        values[f"{way}: {TIDIED}"] = yes(os.path.exists(path(stage, way)))
    return Findings(values, details=tuple(details))


def path(stage: Stage, way: str) -> str:
    """Return the file that a child makes when it tidies up."""
    return os.path.join(stage.folder, way)


def work(say: int, handles: bool, file: str) -> None:  # noqa: FBT001 - as a process is given it
    """Be a child that works for ever, and tidies up when it ends; ``handles``: also when it is told to."""
    if handles:
        signal.signal(signal.SIGTERM, end)
    os.write(say, os.getppid().to_bytes(8, "big"))
    os.close(say)
    try:
        while True:
            time.sleep(0.01)
    finally:
        time.sleep(TIDYING / 1000)
        with open(file, "w", encoding="ascii"):
            pass


def end(number: int, frame: object) -> None:
    """Be what the child does at a signal: end as programs do, with all that is to be done at the end."""
    del number, frame
    raise SystemExit(0)


def check(values: Values) -> Iterator[str]:
    """See that who is asked ends in its own way, and who is killed does not."""
    if values[PARENT] != "yes":
        yield "the children have another parent than who made them"
    if values[BEFORE] != "yes":
        yield "the children were not alive before the signal"
    if values[f"{ASKED}: {AT_ONCE}"] != "yes":
        yield "the child that was asked to end had ended at once"
    for way, code, tidied in ((ASKED, 0, "yes"), (KILLED, -9, "no"), (UNHANDLED, -15, "no")):
        if f"{way}: {CODE}" not in values:
            continue
        if values[f"{way}: {JOINED}"] != "no":
            yield f"{way}: the child was alive after the join"
        if values[f"{way}: {CODE}"] != code:
            yield f"{way}: the exit code is {values[f'{way}: {CODE}']}, and not {code}"
        if values[f"{way}: {TIDIED}"] != tidied:
            yield f"{way}: the child tidied up: {values[f'{way}: {TIDIED}']}"


LAB: Final = Lab(
    title="asking a process to end, and ending it",
    question="A parent wants its children to end: what can it say, and what can they still do about it?",
    prediction="which of the children tidies up before it ends, and what are their exit codes?",
    text=f"""
A parent makes children that work for ever, in a try with a finally that tidies up for {TIDYING} ms. Then it sends each
of them a signal. SIGTERM, which is Process.terminate(), asks; a program may say what it does then (a handler), and one of
the children does: it raises SystemExit. SIGKILL, which is Process.kill(), does not ask. In the simulation, asking is a
variable that one child looks at now and then, and killing is the operation kill.
""",
    simulate=simulate,
    processes="""
Three real children with the same program; the third has no handler, and is sent a SIGTERM, too. What the parent's
number is they ask by os.getppid(); with -v you see all numbers. Whether they tidied up is told by a file.
""",
    real=real,
    check=check,
    reason="""
a signal is a notice, which the kernel delivers when the process is to run next. If the program has a handler for it, that is
called, and what it does is the program's own business: raise SystemExit, finish what was begun, or nothing at all. So one
that was asked to end may live on for a while, or for ever, and it is the join that tells. Without a handler, the
kernel ends the process at a SIGTERM: no finally, no atexit. For SIGKILL there can be no handler. The exit code tells what it was:
that of the program, or minus the number of the signal. Who is killed leaves everything as it is at that moment, half-written
files and locks that it holds: try what becomes of one who waits for such a lock.
""",
    attempt="schedsim run killed-holder",
    attempt_status=3,
)
