"""Tickets: look, think, buy; and the same with a lock around it."""

from __future__ import annotations

import os
import random
import time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Values, amount, yes
from schedsim.labs.punctual import Rounds, Sleeper, undisturbed, waits
from schedsim.operations import Io, Lock, Operation, Read, Unlock, Write
from schedsim.spread import wilson
from schedsim.times import us
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

SEED: Final = 1
ROUNDS: Final = 200
BUYERS: Final = 4
TICKETS: Final = 2
LATEST: Final = 20_000
"""Microseconds: a buyer comes at a moment between 0 and this, drawn by lot."""
THINKS: Final = (500, 2_500)
"""Microseconds between a buyer's look at the counter and the purchase: at least, at most."""
WAYS: Final = {"without a lock": False, "with a lock": True}
WITHOUT_LOCK, WITH = WAYS
OVERSOLD: Final = "rounds that sold too many (%)"
MOST: Final = "tickets sold in the worst round"
COUNTER: Final = "counter after the worst round"
LENGTH: Final = "mean time from coming to having a ticket (ms)"
WAITED: Final = "all waits for the lock in a round, on average (ms)"
INTERVAL: Final = "without a lock: interval around the real share (%)"
WITHIN: Final = "without a lock: the simulated share lies in it"
SAME: Final = "without a lock: rounds with the same sales in both (%)"
CONFIDENCE: Final = 0.99
_DISTURBED: Final = 0.02
"""The share of rounds in which a process may have been late each time."""

Draw = tuple[tuple[int, int], ...]


class Round(NamedTuple):
    """What came of one round."""

    sold: int
    counter: int
    took: tuple[float, ...]
    """Milliseconds from coming to having a ticket, of each who got one."""
    waited: float
    """Milliseconds that all together waited for the lock."""


def seeds(seed: int | None) -> range:
    """Return the seed of each round: with another ``seed`` they are all others."""
    first = ROUNDS * (SEED if seed is None else seed)
    return range(first, first + ROUNDS)


def draw(seed: int) -> Draw:
    """Return when each buyer of the round with that seed comes, and how long that one thinks, in microseconds."""
    lot = random.Random(seed)
    return tuple((lot.randint(1, LATEST), lot.randint(*THINKS)) for _ in range(BUYERS))


def draws(seed: int | None) -> list[Draw]:
    """Return the draw of each round."""
    return [draw(each) for each in seeds(seed)]


def mix(drawn: Draw, *, locked: bool) -> Mix:
    """Return the buyers of a round."""
    return Mix(
        tuple(
            Job(f"buyer-{number}", 0, _buyer(*times, locked=locked)) for number, times in enumerate(drawn, 1)
        ),
        name="tickets",
        variables=(("tickets", TICKETS),),
    )


def _buyer(comes: int, thinks: int, *, locked: bool) -> Callable[[], Generator[Operation, object, None]]:
    """Return the program of a buyer."""

    def program() -> Generator[Operation, object, None]:
        yield Io(us(comes))
        if locked:
            yield Lock("office")
        left = yield Read("tickets")
        if isinstance(left, int) and left > 0:
            yield Io(us(thinks))
            yield Write("tickets", left - 1)
        if locked:
            yield Unlock("office")

    return program


def found(rounds: dict[str, list[Round]]) -> dict[str, Cell]:
    """Return what the rounds show, whoever made them."""
    values: dict[str, Cell] = {}
    for way, made in rounds.items():
        most = max(made, key=lambda each: each.sold)
        values[f"{way}: {OVERSOLD}"] = 100 * _oversold(made) / len(made)
        values[f"{way}: {MOST}"] = most.sold
        values[f"{way}: {COUNTER}"] = most.counter
        took = [length for each in made for length in each.took]
        values[f"{way}: {LENGTH}"] = sum(took) / len(took) if took else None
        values[f"{way}: {WAITED}"] = sum(each.waited for each in made) / len(made)
    return values


def _oversold(rounds: list[Round]) -> int:
    """Return how many rounds sold more tickets than there were."""
    return sum(each.sold > TICKETS for each in rounds)


def simulated(seed: int | None) -> dict[str, list[Round]]:
    """Return all rounds, by simulation."""
    return {way: [one_round(drawn, locked=locked) for drawn in draws(seed)] for way, locked in WAYS.items()}


def one_round(drawn: Draw, *, locked: bool) -> Round:
    """Return what comes of one round, by simulation."""
    trace = run(mix(drawn, locked=locked), "fcfs", notes=False).trace
    took, counter = [], TICKETS
    for row, following in pairwise(trace):
        if row.kind is Kind.WRITES:
            took.append(row.time / 1e6 - drawn[row.task][0] / 1e3)
            counter = following.value
    waited = sum(length for _, length in waits(trace))
    return Round(len(took), counter, tuple(took), waited / 1e6)


def simulate(seed: int | None) -> Findings:
    """Simulate the rounds, without a lock and with one."""
    rounds = simulated(seed)
    which = worst(rounds[WITHOUT_LOCK], seed)
    return Findings(found(rounds), details=(f"{WITHOUT_LOCK}: the worst round is that with seed {which}",))


def worst(rounds: list[Round], seed: int | None) -> int:
    """Return the seed of the first round in which as many were sold as in no other."""
    return max(zip(rounds, seeds(seed), strict=True), key=lambda pair: pair[0].sold)[1]


def real(stage: Stage) -> Findings:
    """Do the same with a process for each buyer, and a counter in a file."""
    rounds = Rounds(BUYERS, len(WAYS) * ROUNDS)
    made = undisturbed(lambda: _sales(stage, rounds))
    values = found(made)
    told = simulated(stage.seed)
    low, high = wilson(_oversold(made[WITHOUT_LOCK]), ROUNDS, CONFIDENCE)
    values[INTERVAL] = f"{100 * low:.1f} to {100 * high:.1f}"
    values[WITHIN] = yes(low <= _oversold(told[WITHOUT_LOCK]) / ROUNDS <= high)
    pairs = zip(seeds(stage.seed), told[WITHOUT_LOCK], made[WITHOUT_LOCK], strict=True)
    others = [(number, one.sold, other.sold) for number, one, other in pairs if one.sold != other.sold]
    values[SAME] = 100 * (ROUNDS - len(others)) / ROUNDS
    said = [f"{number} ({one} simulated, {other} real)" for number, one, other in others]
    details = (f"{WITHOUT_LOCK}: other sales in the rounds with seed {', '.join(said)}",) if said else ()
    return Findings(values, details=(*details, *rounds.told(stage, _DISTURBED)))


# In real processes.


def _sales(stage: Stage, rounds: Rounds) -> dict[str, list[Round]]:
    """Return all rounds, made by processes."""
    from multiprocessing import get_context

    context = get_context("fork")
    counter = os.open(os.path.join(stage.folder, "tickets"), os.O_RDWR | os.O_CREAT, 0o600)
    office = context.Lock()
    took, waited = (context.RawArray("d", BUYERS) for _ in range(2))
    plan = [(locked, drawn) for locked in WAYS.values() for drawn in draws(stage.seed)]
    buyers = [
        stage.process(
            *(_buys, place, counter, office, rounds, (took, waited)),
            [(locked, drawn[place]) for locked, drawn in plan],
            name=f"buyer-{place + 1}",
        )
        for place in range(BUYERS)
    ]

    def once(_: int) -> None:
        _write(counter, TICKETS)
        rounds.go()

    made = []
    for _ in rounds.made(once):
        lengths = tuple(length for length in took if length)
        made.append(Round(len(lengths), _read(counter), lengths, sum(waited)))
    stage.join(*buyers)
    os.close(counter)
    return {WITHOUT_LOCK: made[:ROUNDS], WITH: made[ROUNDS:]}


def _buys(
    place: int,
    counter: int,
    office: Any,
    rounds: Rounds,
    table: Any,
    plan: list[tuple[bool, tuple[int, int]]],
) -> None:
    """Be a buyer, round after round: what ``_buyer`` says.

    It thinks until a moment that is known before, and not for a while from the moment at which it has looked:
    whoever is woken up a little late each time would think for longer than it was drawn, every time, and more
    would be sold than the simulation says.
    """
    from contextlib import nullcontext

    took, waited = table
    sleeper = Sleeper(rounds.late, place)
    for number, begin in rounds.of(place):
        locked, (comes, thinks) = plan[number]
        came = begin + comes / 1e6
        took[place] = waited[place] = 0.0
        sleeper.until(came)
        asked = time.monotonic()
        with office if locked else nullcontext():
            enters = time.monotonic()
            waited[place] = (enters - asked) * 1e3 if locked else 0.0
            left = _read(counter)
            if left > 0:
                sleeper.until((enters if locked else came) + thinks / 1e6)
                _write(counter, left - 1)
                took[place] = (time.monotonic() - came) * 1e3


def _read(file: int) -> int:
    return int(os.pread(file, 9, 0))


def _write(file: int, number: int) -> None:
    """Write all digits at once into a file that always has as many: nobody reads half of it."""
    os.pwrite(file, b"%8d\n" % number, 0)


def check(values: Values) -> Iterator[str]:
    """See that too many are sold in many rounds, and never with a lock, which takes time."""
    value = partial(amount, values)

    if not 10 < value(WITHOUT_LOCK, OVERSOLD) < 90:
        yield "without a lock it is not now and then that too many are sold"
    if not value(WITHOUT_LOCK, MOST) > TICKETS:
        yield "without a lock there is no round that sold too many"
    if not value(WITHOUT_LOCK, COUNTER) >= 0:
        yield "the counter went below 0, so that somebody saw what had happened"
    if value(WITH, OVERSOLD) or value(WITH, MOST) > TICKETS:
        yield "with a lock too many are sold, too"
    if value(WITHOUT_LOCK, WAITED) or not value(WITH, WAITED) > 0.1:
        yield "the lock takes no time"
    if values.get(WITHIN, "yes") != "yes":
        yield f"the simulated share does not lie in the interval around the real one, {values[INTERVAL]} %"


LAB: Final = Lab(
    title="many buyers, one counter, and more tickets sold than there are",
    question="Four buyers, two tickets, one counter in a file: how often are more than two sold?",
    prediction="in how many of 200 rounds does it go wrong, and what does the counter say then?",
    text="""
Each buyer comes at a moment that is drawn by lot, within 20 ms, and reads the counter. Whoever sees that a ticket is left
thinks for 0.5 to 2.5 ms, writes what was read less 1, and has a ticket. Then the same with a lock that is held from the
look to the purchase. Each of the 200 rounds is drawn with a seed of its own: with --seed N these are 200 N to 200 N + 199,
and without it 200 to 399.
""",
    simulate=simulate,
    processes="""
Four processes, a file with a number in it, and a lock of multiprocessing; they sleep where the jobs of the simulation
wait, until the same moments. A process is always woken up a little late. A buyer who would think for as long as was drawn
after having looked would be late twice, so the time in which others may look would be longer than in the
simulation, in every round. It thinks until the moment that was drawn, and the two delays cancel. A round in which one
of them is woken up more than 0.5 ms late, since others wanted the CPU, is made again.
The rounds are the same 200, so nearly all of them sell the same number in both; where two buyers meet within a tenth of
a millisecond it may be one more or one less, and -v names these rounds by their seeds. The interval is Wilson's for
99 %: it says how far off the share of 200 rounds may be by chance, so the simulated one should lie in it.
""",
    real=real,
    check=check,
    reason="""
between the look and the purchase the counter is out of date. Two who look before one of them has written see the same number,
both buy, and both write the same one less: one update is lost, and two tickets count as one. The counter never goes
below 0, so nobody notices. It is a race: whether it goes wrong depends on who comes when. With the lock nobody can look
while another one thinks, so what a buyer has read is true until it is written. The price is that they think one after
the other. It would be smaller if the lock were given back before the purchase, and the race would be there again.
""",
    attempt="schedsim lab tickets --seed 7",
    seeded=True,
)
