"""Create: both ways of writing a process, with both ways of making one."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.engines.real.patience import let_pass
from schedsim.errors import HostError
from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, amount, yes
from schedsim.operations import Cpu, Join, Read, Spawn, Write
from schedsim.times import ms
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from multiprocessing.connection import Connection

    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation
    from schedsim.results import Run
    from schedsim.tables import Cell

    Steps = Generator[Operation, Any, None]

FORK: Final = "fork"
SPAWN: Final = "spawn"
WRITTEN: Final = 0
"""What the program text says that the counter is."""
SET: Final = 7
"""What the parent has set it to when it makes its children."""
GIVEN: Final = 42
"""What each child is handed over."""
COPYING: Final = 1.0
STARTING: Final = 60.0
"""Simulated milliseconds for copying a process, and for starting Python anew and reading the program."""
TRIES: Final = 5
MORE_TRIES: Final = 3
"""So often it is tried again if the process was kept from a CPU each time."""
KEPT: Final = 0.005
"""Seconds: a process that began so much later than it and its parent have computed was kept from a CPU."""
WAYS: Final = tuple(f"{method}, {form}" for method in (FORK, SPAWN) for form in ("a target", "a subclass"))
BEGINS: Final = "its first line runs after (ms)"
SEES: Final = "the parent's counter, as it sees it"
IS_GIVEN: Final = "what it was handed over"
FILE: Final = "has it the parent's open file?"

memory: dict[str, int] = {"counter": WRITTEN}
"""The global variable of the real part."""


class Said(NamedTuple):
    """What a child says of itself."""

    began: float
    computed: float
    """Seconds for which it had computed by then."""
    counter: int
    given: int
    file: bool


class Made(NamedTuple):
    """A process that was made."""

    after: float
    """Seconds until it ran its first line."""
    kept: float
    """For how many of them neither it nor its parent computed."""
    said: Said


def child(way: str, given: int, seen: dict[str, tuple[int, int]]) -> Steps:
    """Be a simulated child, and put into ``seen`` what the counter is for it, and what it was given."""
    own = f"counter of the child ({way})"
    if way.startswith(FORK):
        yield Cpu(ms(COPYING))
        yield Write(own, (yield Read("counter of the parent")))
    else:
        yield Cpu(ms(STARTING))
        yield Write(own, WRITTEN)
    seen[way] = (yield Read(own)), given
    yield Cpu(ms(1))


def mix(seen: dict[str, tuple[int, int]]) -> Mix:
    """Return a parent that sets its counter and makes a child in each way, one after the other."""

    def parent() -> Steps:
        yield Write("counter of the parent", SET)
        yield Cpu(ms(1))
        for way in WAYS:
            yield Spawn(way)
            yield Join(way)

    children = (Job(way, 0, partial(child, way, GIVEN, seen), spawned=True) for way in WAYS)
    return Mix((Job("parent", 0, parent), *children), name="create")


def begins(made: Run, place: int) -> float:
    """Return for how long (ms) a child has been there when it first looks at its own counter."""
    came = next(row.time for row in made.trace if row.kind is Kind.SPAWNED and row.value == place)
    looked = [row.time for row in made.trace if row.kind is Kind.READS and row.task == place]
    return (looked[-1] - came) / 1e6


def simulate(seed: int | None) -> Findings:
    """Run the four children."""
    del seed
    seen: dict[str, tuple[int, int]] = {}
    made = run(mix(seen), "fcfs", notes=False)
    values: dict[str, Cell] = {}
    for place, way in enumerate(WAYS, 1):
        values[f"{way}: {BEGINS}"] = begins(made, place)
        values[f"{way}: {SEES}"], values[f"{way}: {IS_GIVEN}"] = seen[way]
    return Findings(values, (Picture("the four children", made, lanes=True),))


def real(stage: Stage) -> Findings:
    """Do the same with processes, each several times: what disturbs them only makes it longer."""
    values: dict[str, Cell] = {}
    memory["counter"] = SET
    with open(os.path.join(stage.folder, "open"), "w", encoding="ascii") as file:
        for way in WAYS:
            after, kept, said = shortest(stage, way, file.fileno())
            # A spawned one that takes longer does not hide the effect.
            if way.startswith(FORK) and kept > KEPT:
                stage.disturbed(
                    f"others wanted the CPU: {way}: it was kept from it for {1000 * kept:.0f} of {1000 * after:.0f} ms"
                )
            values[f"{way}: {BEGINS}"] = 1000 * after
            values[f"{way}: {SEES}"], values[f"{way}: {IS_GIVEN}"] = said.counter, said.given
            values[f"{way}: {FILE}"] = yes(said.file)
    return Findings(values, details=(f"the shortest of {TRIES} times",))


def shortest(stage: Stage, way: str, file: int) -> Made:
    """Return the quickest of some processes that are made in that way, of more if all were kept from a CPU."""
    method, form = way.split(", ")
    best = min(made(stage, method, form, file) for _ in range(TRIES))
    for number in range(1, MORE_TRIES + 1):
        if best.kept <= KEPT:
            break
        let_pass(number)
        best = min(best, made(stage, method, form, file))
    return best


def made(stage: Stage, method: str, form: str, file: int) -> Made:
    """Make a process, and see when it runs its first line, and what it says of itself."""
    own, other = multiprocessing.Pipe(duplex=False)
    kept = os.fstat(file)
    mark = (file, kept.st_dev, kept.st_ino)
    multiprocessing.set_start_method(method, force=True)
    try:
        process = (
            multiprocessing.Process(target=say, args=(other, GIVEN, mark), name=f"child ({method}, {form})")
            if form == "a target"
            else Child(other, GIVEN, mark, f"child ({method}, {form})")
        )
        before, computed = time.monotonic(), time.process_time()
        stage.start(process)
        computed = time.process_time() - computed
    finally:
        multiprocessing.set_start_method(None, force=True)
    other.close()
    said: Said | None = None
    with suppress(EOFError):  # it was killed, of which the stage is told
        said = own.recv()
    own.close()
    stage.join(process)
    if said is None:
        raise HostError(f"{process.name} ended without a word")
    after = said.began - before
    return Made(after, max(0.0, after - computed - said.computed), said)


class Child(multiprocessing.Process):
    """The second way of writing a process: a class with ``run``."""

    def __init__(self, link: Connection, given: int, mark: tuple[int, int, int], name: str) -> None:
        """Keep what the child is to have; with spawn it is sent to it."""
        super().__init__(name=name)
        self.link, self.given, self.mark = link, given, mark

    def run(self) -> None:
        """Be the child."""
        say(self.link, self.given, self.mark)


def say(link: Connection, given: int, mark: tuple[int, int, int]) -> None:
    """Be a child, which says what it has of its parent."""
    began, computed = time.monotonic(), time.process_time()
    file, device, number = mark
    try:
        there = os.fstat(file)
        has = (there.st_dev, there.st_ino) == (device, number)
    except OSError:
        has = False
    link.send(Said(began, computed, memory["counter"], given, has))


def check(values: Values) -> Iterator[str]:
    """See that a fork has what its parent has, that a spawned process has not, and that this takes longer."""
    for way in WAYS:
        forked = way.startswith(FORK)
        expected = SET if forked else WRITTEN
        if values[f"{way}: {SEES}"] != expected:
            yield f"{way}: the child sees the counter as {values[f'{way}: {SEES}']}, and not as {expected}"
        if values[f"{way}: {IS_GIVEN}"] != GIVEN:
            yield f"{way}: the child was not handed over {GIVEN}"
        if values.get(f"{way}: {FILE}") not in (None, yes(forked)):
            yield f"{way}: the parent's file is {'not ' if forked else ''}open in the child"
    forks, spawned = (
        [amount(values, way, BEGINS) for way in WAYS if way.startswith(method)] for method in (FORK, SPAWN)
    )
    if not min(spawned) > 3 * max(forks) > 0:
        yield "spawning does not take longer than forking"


LAB: Final = Lab(
    title="a target or a subclass, with fork or with spawn",
    question="What does a new process have of its parent, and what does it cost to make one?",
    prediction=f"the counter is {WRITTEN} in the program text, and the parent has set it to {SET}: what is it in its children?",
    text=f"""
In Python there are two ways to write a process, and they do the same:

    Process(target=work, args=({GIVEN},))      class Child(Process):
                                              def run(self): ...

And there are two ways for the system to make one. A fork is a copy of the parent as it is. With spawn, Python is
started anew, and reads the program anew. A parent whose program says counter = {WRITTEN} sets the counter to {SET} and makes a child in each
of the four ways, handing over {GIVEN} to each. The simulation is told what it costs: {COPYING:g} ms to copy, {STARTING:g} ms to
start Python and read the program; what each child finds follows from what it does first, copying or reading.
""",
    simulate=simulate,
    processes="""
Four kinds of real children, each made five times, and again if others wanted the CPU; the shortest time counts. Times depend on the machine, and on how
much the program imports: each spawned process imports it again. A fork takes longer for a parent with much memory. The
parent has a file open, too, and the child tries the same file number.
""",
    real=real,
    check=check,
    reason="""
a fork has it all: variables as they are, open files, whatever was imported, which is quick and often handy. It also has what
it should not: locks that another thread of the parent holds at that moment, and will never give back in the
copy. Spawn begins with nothing but the program text, and with what it is handed over; so that has to be sent (pickled),
and a module that is read must not start processes by itself: hence if __name__ == "__main__". Target or
subclass makes no difference; a subclass is handy for a process with a state. Nobody should count on one start method:
which one is the default depends on the system, and on Linux it changed in Python 3.14 from fork to forkserver. And
a process is worth it only if it has more to do than making it costs: the children of the mix below have not.
""",
    attempt="schedsim run create --cpus 2",
)
