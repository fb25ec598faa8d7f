"""Queue: a bounded queue with and without waiting, and why what it says of itself cannot be relied on."""

from __future__ import annotations

import queue
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Values, amount
from schedsim.labs.punctual import Meeting, Rounds, Sleeper, on_time, undisturbed, waits
from schedsim.operations import Get, Io, Operation, Put, Read, Write
from schedsim.times import ms, us
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.operations import Program
    from schedsim.results import Run
    from schedsim.tables import Cell

    Steps = Generator[Operation, object, None]

SEED: Final = 1
ALGO: Final = "fcfs"
ROOM: Final = 3
COMES: Final = 30
"""Milliseconds after which somebody takes an item, or brings one."""
ROUNDS: Final = 100
LATEST: Final = 4_000
"""Microseconds: in each round each of two comes at a moment between 0 and this, drawn by lot."""
DECIDES: Final = 1_000
"""Microseconds between the look and what is done on it."""
PUTS: Final = 1000
FULL: Final = "put into a full queue"
EMPTY: Final = "get from an empty queue"
WAITS: Final = "waits (ms)"
SAYS: Final = "not blocking, says"
NO_ITEM: Final = f"not empty, it was said, and yet there was nothing to get (rounds of {ROUNDS})"
NO_ROOM: Final = f"not full, it was said, and yet there was no room (rounds of {ROUNDS})"
OWN: Final = f"empty, it was said, just after an own put (of {PUTS})"
_DISTURBED: Final = 0.05
"""The share of rounds in which a process may have been late each time."""

Draw = tuple[int, int]


def draws(seed: int | None) -> list[Draw]:
    """Return for each round when the two come, in microseconds."""
    lot = random.Random(SEED if seed is None else seed)
    return [(lot.randint(1, LATEST), lot.randint(1, LATEST)) for _ in range(ROUNDS)]


# In the simulation. A simulated queue never says how full it is: who puts or gets notes it in a variable.


def _mix(programs: list[Program], room: int, inside: int = 0) -> Mix:
    jobs = (Job(f"job-{number}", 0, program) for number, program in enumerate(programs, 1))
    return Mix(tuple(jobs), name="queue", queues=(("tray", room),), variables=(("inside", inside),))


def _refused(made: Run) -> int:
    return sum(row.kind is Kind.REFUSED for row in made.trace)


def waiting() -> dict[str, Cell]:
    """Return what comes of a put into a full queue, and of a get from an empty one, waiting or not."""
    puts = tuple(Put("tray") for _ in range(ROOM))
    late = Io(ms(COMES))

    def made(what: str, *, blocking: bool) -> Run:
        own: Program = (*puts, Put("tray", blocking=blocking))
        other: Program = late, Get("tray")
        if what == EMPTY:
            own, other = (Get("tray", blocking=blocking),), (late, Put("tray"))
        return run(_mix([own, other], ROOM), ALGO, notes=False)

    values: dict[str, Cell] = {}
    for what, word in ((FULL, "full"), (EMPTY, "empty")):
        waited = sum(length for _, length in waits(made(what, blocking=True).trace))
        values[f"{what}: {WAITS}"] = waited / 1e6
        values[f"{what}: {SAYS}"] = word if _refused(made(what, blocking=False)) else "done"
    return values


def getter(comes: int) -> Callable[[], Steps]:
    """Return the program of one who gets an item if there is one."""

    def program() -> Steps:
        yield Io(us(comes))
        inside = yield Read("inside")
        if inside:
            yield Io(us(DECIDES))
            there = yield Get("tray", blocking=False)
            if isinstance(there, tuple) and there[0]:
                yield Write("inside", 0)

    return program


def putter(comes: int) -> Callable[[], Steps]:
    """Return the program of one who puts an item if there is room."""

    def program() -> Steps:
        yield Io(us(comes))
        inside = yield Read("inside")
        if not inside:
            yield Io(us(DECIDES))
            if (yield Put("tray", blocking=False)):
                yield Write("inside", 1)

    return program


def disappointed(draw: Draw, *, getting: bool) -> bool:
    """Return whether one of two did not find, by simulation, what it had been told is there."""
    programs: list[Program] = [(getter if getting else putter)(comes) for comes in draw]
    if getting:  # somebody has put the item into it before
        programs.insert(0, (Put("tray"),))
    return _refused(run(_mix(programs, 1, inside=int(getting)), ALGO, notes=False)) > 0


def own_puts() -> int:
    """Return how often a simulated queue is empty just after a put."""
    lies = 0

    def program() -> Steps:
        nonlocal lies
        for _ in range(PUTS):
            yield Put("tray")
            there = yield Get("tray", blocking=False)
            lies += not (isinstance(there, tuple) and there[0])

    run(_mix([program], 1), ALGO, notes=False)
    return lies


def simulate(seed: int | None) -> Findings:
    """Simulate all of it."""
    values = waiting()
    values[NO_ITEM] = sum(disappointed(draw, getting=True) for draw in draws(seed))
    values[NO_ROOM] = sum(disappointed(draw, getting=False) for draw in draws(seed))
    values[OWN] = own_puts()
    return Findings(values)


# In real processes.


def real(stage: Stage) -> Findings:
    """Do the same with queues of multiprocessing."""
    values: dict[str, Cell] = {}

    def both_ways(what: str) -> tuple[float, str]:
        return on_time(lambda late: _waiting(stage, what, late), 1, 0.005, stage)

    for what in (FULL, EMPTY):
        values[f"{what}: {WAITS}"], values[f"{what}: {SAYS}"] = both_ways(what)
    rounds = Rounds(2, 2 * ROUNDS)
    values[NO_ITEM], values[NO_ROOM] = undisturbed(lambda: _disappointments(stage, rounds))
    values[OWN] = _own_puts(stage)
    return Findings(values, details=rounds.told(stage, _DISTURBED))


def _waiting(stage: Stage, what: str, late: Any) -> tuple[float, str]:
    """Return for how many milliseconds one waits, and what the queue says to one who does not."""
    from multiprocessing import get_context

    context = get_context("fork")
    tray = context.Queue(ROOM)
    said = "done"
    if what == FULL:
        for _ in range(ROOM):
            tray.put(None)
    try:
        if what == FULL:
            tray.put_nowait(None)
        else:
            tray.get_nowait()
    except queue.Full:
        said = "full"
    except queue.Empty:
        said = "empty"
    came = Meeting(1)
    other = stage.process(_comes_late, tray, what, came, late, name="the other one")
    came.gather()
    came.let_go()
    began = time.monotonic()
    if what == FULL:
        tray.put(None)
    else:
        tray.get()
    waited = (time.monotonic() - began) * 1e3
    stage.join(other)
    for _ in range(ROOM if what == FULL else 0):
        tray.get()
    tray.close()
    return waited, said


def _comes_late(tray: Any, what: str, came: Meeting, late: Any) -> None:
    """Take an item, or bring one, after a while."""
    sleeper = Sleeper(late, 0)
    came.come(0)
    sleeper.sleep(COMES / 1e3)
    if what == FULL:
        tray.get()
    else:
        tray.put(None)


def _disappointments(stage: Stage, rounds: Rounds) -> tuple[int, int]:
    """Return in how many rounds getting and putting failed."""
    from multiprocessing import get_context

    context = get_context("fork")
    tray = context.Queue(1)
    failed = context.RawArray("i", 2)  # whether each did not find what it had been told is there
    plan = [(getting, draw) for getting in (True, False) for draw in draws(stage.seed)]
    both = [
        stage.process(
            *(_looks, place, rounds, tray, failed),
            [(getting, draw[place]) for getting, draw in plan],
            name=name,
        )
        for place, name in enumerate(("one", "the other one"))
    ]

    def once(number: int) -> None:
        getting, _ = plan[number]
        if getting:
            tray.put(None)
            while tray.empty():
                time.sleep(1e-4)
        rounds.go()
        with suppress(queue.Empty):  # for the next round
            tray.get(block=not getting, timeout=1)

    counts = [0, 0]
    for number in rounds.made(once):
        getting, _ = plan[number]
        counts[not getting] += any(failed)
    stage.join(*both)
    tray.close()
    return counts[0], counts[1]


def _looks(place: int, rounds: Rounds, tray: Any, failed: Any, plan: list[tuple[bool, int]]) -> None:
    """Be one of the two, round after round: what ``getter`` and ``putter`` say."""
    sleeper = Sleeper(rounds.late, place)
    for number, begin in rounds.of(place):
        getting, comes = plan[number]
        failed[place] = 0
        sleeper.until(begin + comes / 1e6)
        if not (tray.empty() if getting else tray.full()):
            sleeper.sleep(DECIDES / 1e6)
            try:
                if getting:
                    tray.get_nowait()
                else:
                    tray.put_nowait(None)
            except (queue.Empty, queue.Full):
                failed[place] = 1


def _own_puts(stage: Stage) -> int:
    """Return how often a queue says that it is empty to one who has just put something into it."""
    from multiprocessing import get_context

    said = get_context("fork").RawValue("i")
    stage.join(stage.process(_puts, said, name="putter"))
    return int(said.value)


def _puts(said: Any) -> None:
    from multiprocessing import get_context

    tray = get_context("fork").Queue(1)
    for _ in range(PUTS):
        tray.put(None)
        said.value += tray.empty()
        tray.get()


def check(values: Values) -> Iterator[str]:
    """See that who waits does so until somebody comes, who does not is refused, and looks are out of date."""
    for what, word in ((FULL, "full"), (EMPTY, "empty")):
        waited = amount(values, what, WAITS)
        if not COMES * 0.8 <= waited <= COMES * 2:
            yield f"to {what} takes {waited:.3g} ms, and not until somebody comes"
        if values[f"{what}: {SAYS}"] != word:
            yield f"a queue does not refuse to {what}"
    for what in (NO_ITEM, NO_ROOM):
        if not ROUNDS / 10 <= amount(values, what) <= ROUNDS * 9 / 10:
            yield f"it is not now and then that {what.partition(' (')[0]}"


def check_real(values: Values) -> Iterator[str]:
    """See the same, and that a queue between processes is late even for who has put something into it."""
    yield from check(values)
    if not amount(values, OWN) > PUTS / 100:
        yield "a queue does not say that it is empty just after a put"


LAB: Final = Lab(
    title="a bounded queue, and why full() and empty() cannot be relied on",
    question="A queue has just said that it is not empty: can you rely on getting something out of it?",
    prediction="of 100 rounds in which two processes look and then get the only item: how many are disappointed?",
    text="""
First, a queue with room for 3. Who puts a fourth item into it waits until somebody takes one, after 30 ms; so does who gets
from an empty one. Who does not want to wait is refused. Then 100 rounds: there is one item, and two come at moments drawn by lot
within 4 ms. Each asks whether the queue is empty; if it is not, decides for 1 ms, and gets without waiting. Another
100 rounds with room for one item, and two who ask whether it is full. Last, one process puts an item and asks at
once whether the queue is empty, 1000 times.
""",
    simulate=simulate,
    processes="""
Queues of multiprocessing, and the same 200 rounds: expect the same numbers, give or take the rounds in which the two came just
about 1 ms apart. The last line is another matter. A simulated put is done at once. Here put() leaves the item to a thread of
its own, which sends it through a pipe a little later, and empty() looks into the pipe: it has not come there yet,
so the very process that put it is told that there is nothing. A queue of threads, queue.Queue, does not do that.
""",
    real=real,
    check=check,
    check_real=check_real,
    reason="""
an answer is about the moment at which it was given. Between the look and the get the other one may have come and taken the item,
and no look can be quick enough to be sure that nobody does. If one waits with get() now, it waits for an item that may never come;
so a look does not even save one from waiting. What can be relied on is one operation that looks and takes at once: get
without waiting, or with a time limit, and be prepared for its refusal. The manual of multiprocessing says of
full(), empty() and qsize() that they are not reliable; this is why.
""",
    attempt="schedsim lab queue --seed 7",
    seeded=True,
)
