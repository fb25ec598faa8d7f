"""Deadlock: two locks taken in opposite order."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.deadlock import sentences
from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Values, amount
from schedsim.labs.punctual import Meeting, Sleeper, compute, on_time, waits
from schedsim.operations import Cpu, Io, Lock, Unlock
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

SEED: Final = 1
TRIES: Final = 20
LATEST: Final = 60
"""Milliseconds: each job begins at a moment between 0 and this, drawn by lot."""
HOLDS: Final = 20
"""Milliseconds for which a job holds its first lock before it asks for the other one."""
WRITES: Final = 2
"""Milliseconds for which it computes with both."""
JOBS: Final = ("A", "B")
LOCKS: Final = ("left", "right")
ORDERS: Final = {"opposite order": ((0, 1), (1, 0)), "same order": ((0, 1), (0, 1))}
OPPOSITE, SAME = ORDERS
STUCK: Final = f"tries that got stuck (of {TRIES})"
CIRCLE: Final = "who waits for whom then"
WAIT: Final = "longest wait for a lock (ms)"
NOBODY: Final = "nobody"
FOR_EVER: Final = "for ever"
_PATIENCE: Final = 0.1
"""Seconds for which a circle must not have moved before it counts as one."""
_LATE: Final = 0.005
"""Seconds: a process that is woken up later than this was kept from the CPU by others."""
_LONGEST: Final = 5.0
"""Seconds after which a try that neither ended nor got stuck is given up."""

Starts = tuple[float, float]


class Try(NamedTuple):
    """What came of one try."""

    circle: tuple[str, ...]
    """Each waits for the next, and the last for the first; empty if both jobs ended."""
    wait: float
    """The longest wait for a lock that ended, in milliseconds."""


def draws(seed: int | None) -> list[Starts]:
    """Return when the two jobs begin, for each try, in milliseconds; never exactly as long apart as a lock is held."""
    lot = random.Random(SEED if seed is None else seed)
    return [(lot.randint(1, LATEST), lot.randint(1, LATEST) - 0.5) for _ in range(TRIES)]


def mix(starts: Starts, order: str) -> Mix:
    """Return the two jobs of a try."""

    def job(place: int) -> Job:
        first, second = (LOCKS[lock] for lock in ORDERS[order][place])
        program = (
            *(Io(ms(starts[place])), Lock(first), Io(ms(HOLDS))),
            *(Lock(second), Cpu(ms(WRITES)), Unlock(second), Unlock(first)),
        )
        return Job(JOBS[place], 0, program)

    return Mix((job(0), job(1)), name=order)


def found(tries: dict[str, list[Try]]) -> Findings:
    """Return what the tries show, whoever made them."""
    values: dict[str, Cell] = {}
    for order, made in tries.items():
        circles = [each.circle for each in made if each.circle]
        values[f"{order}: {STUCK}"] = len(circles)
        # Which of the two closes the circle is a matter of when they began.
        named = sorted({" -> ".join((*sorted(circle), min(circle))) for circle in circles})
        values[f"{order}: {CIRCLE}"] = "; ".join(named) or NOBODY
        values[f"{order}: {WAIT}"] = FOR_EVER if circles else max(each.wait for each in made)
    which = {
        order: ", ".join(str(number) for number, each in enumerate(made, 1) if each.circle)
        for order, made in tries.items()
    }
    return Findings(
        values, details=tuple(f"{order}: stuck in the tries {which[order] or 'none'}" for order in which)
    )


def simulate(seed: int | None) -> Findings:
    """Run each try in either order."""
    tries: dict[str, list[Try]] = {}
    said: list[str] = []
    for order in ORDERS:
        tries[order] = []
        for number, starts in enumerate(draws(seed), 1):
            made = run(mix(starts, order), "fcfs", cpus=2, notes=False)
            deadlock = made.deadlock
            circle = () if deadlock is None else tuple(wait.job for wait in deadlock.circle)
            longest = max((length for _, length in waits(made.trace)), default=0)
            tries[order].append(Try(circle, longest / 1e6))
            if deadlock is not None and not said:
                said = [f"try {number} ({order}): {'; '.join(sentences(deadlock, made.trace))}"]
    return found(tries)._replace(notes=tuple(said))


def real(stage: Stage) -> Findings:
    """Do the same with two processes and two locks for each try."""

    def tried(starts: Starts, order: str) -> Try:
        return on_time(lambda late: _try(stage, starts, order, late), len(JOBS), _LATE, stage)

    return found({order: [tried(starts, order) for starts in draws(stage.seed)] for order in ORDERS})


# In real processes. What each holds and waits for stands in memory that all share, as in a kernel's table.

_FREE: Final = -1


def _try(stage: Stage, starts: Starts, order: str, late: Any) -> Try:
    """Let two processes take two locks, and see whether they end."""
    from multiprocessing import get_context

    context = get_context("fork")
    locks = [context.Lock() for _ in LOCKS]
    owners = context.RawArray("i", [_FREE, _FREE])
    waits = context.RawArray("i", [_FREE, _FREE])
    together = Meeting(len(JOBS))
    longest = context.RawArray("d", [0.0, 0.0])
    table = owners, waits, longest, late
    processes = [
        stage.process(
            *(_job, place, starts[place], ORDERS[order][place], locks, table, together),
            name=f"{JOBS[place]}, {order}",
        )
        for place in range(len(JOBS))
    ]
    together.gather()
    together.let_go()
    began = time.monotonic()
    circle: list[int] = []
    while any(process.is_alive() for process in processes):
        circle = _circle(owners, waits)
        if circle:
            time.sleep(_PATIENCE)
            if _circle(owners, waits) == circle:
                for process in processes:
                    stage.kill(process)
                break
        if time.monotonic() > began + _LONGEST:
            stage.disturbed(f"{order}: a try did not end within {_LONGEST:g} s")
            for process in processes:
                stage.kill(process)
            break
        time.sleep(0.002)
    stage.join(*processes)
    names = tuple(JOBS[place] for place in circle)
    return Try(names, max(longest) * 1e3)


def _job(place: int, start: float, order: tuple[int, int], locks: Any, table: Any, together: Meeting) -> None:
    """Be one of the two jobs: what ``mix`` says."""
    owners, waits, longest, late = table
    sleeper = Sleeper(late, place)

    def take(lock: int) -> None:
        waits[place], began = lock, time.monotonic()
        locks[lock].acquire()
        owners[lock], waits[place] = place, _FREE
        longest[place] = max(longest[place], time.monotonic() - began)

    first, second = order
    together.come(place)
    sleeper.sleep(start / 1e3)
    take(first)
    sleeper.sleep(HOLDS / 1e3)
    take(second)
    compute(ms(WRITES))
    for lock in (second, first):
        owners[lock] = _FREE
        locks[lock].release()


def _circle(owners: Any, waits: Any) -> list[int]:
    """Return the circle of waits, beginning with A; empty if A's wait does not lead back to it."""
    chain = [0]
    while (lock := waits[chain[-1]]) != _FREE and (owner := owners[lock]) != _FREE:
        if owner in chain:
            return chain if owner == 0 else []
        chain.append(owner)
    return []


def check(values: Values) -> Iterator[str]:
    """See that with opposite orders it gets stuck now and then, in a circle, and never with one order."""
    stuck = amount(values, OPPOSITE, STUCK)
    if not stuck:
        yield "in opposite order it never got stuck"
    elif values[f"{OPPOSITE}: {CIRCLE}"] != "A -> B -> A":
        yield f"who waits for whom is {values[f'{OPPOSITE}: {CIRCLE}']}"
    if not stuck < TRIES:
        yield "in opposite order it always got stuck, so it does not depend on when they begin"
    if values[f"{SAME}: {STUCK}"] != 0:
        yield "it got stuck in the same order, too"
    elif not 1 < amount(values, SAME, WAIT) < 3 * (HOLDS + WRITES):
        yield "in the same order a lock is not waited for for about as long as the other job holds it"


LAB: Final = Lab(
    title="two locks taken in opposite order",
    question="Two jobs need the same two locks, and take them in opposite order: will they get stuck?",
    prediction="out of 20 tries, how many get stuck? And how many if both take the locks in the same order?",
    text="""
A takes the lock left, holds it for 20 ms, then takes the lock right as well, computes for 2 ms with both, and gives
them back. B does the same in opposite order: it takes right first, and then left. When each of them begins is drawn by
lot, between 0 and 60 ms. In the second half B takes left first, as A does.
""",
    simulate=simulate,
    processes="""
Two processes and two locks of multiprocessing for each try, which begin at the same drawn moments. Each writes down what
it holds and what it waits for, as a kernel does; who follows these entries and comes back to where he began has
found the circle. If it is still there after 0.1 s, both are killed: nothing else would end them. Expect the same
numbers, but for a try whose moments are so near the border that a fraction of a millisecond decides.
""",
    real=real,
    check=check,
    reason="""
it gets stuck when each has its first lock before the other one asks for it: here, when they begin less than 20 ms apart. Then
A waits for B, B waits for A, and neither gives back what it holds. Begin further apart and all goes well, which is why such a
program passes its tests, and gets stuck in its second week. Four things are needed at once (Coffman, 1971): a lock has one
holder at a time, who holds one may wait for another, nobody takes a lock away, and the waits make a circle. One
order for all takes away the last: whoever has right has left already, and so waits for nobody. Then a wait is at most
as long as the other one holds both locks.
""",
    attempt="schedsim run deadlock --algo fcfs",
    seeded=True,
)
