"""Producer and consumer: what a buffer between them is good for, and how the consumer learns that it is over."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Values, amount
from schedsim.labs.punctual import Meeting, Sleeper, on_time, waits
from schedsim.operations import Get, Io, Operation, Put
from schedsim.times import us

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

SEED: Final = 1
ITEMS: Final = 60
ALGO: Final = "fcfs"
SPEEDS: Final = {
    "as fast as each other": (5, 5),
    "producer twice as fast": (5, 10),
    "consumer twice as fast": (10, 5),
}
"""Milliseconds that an item takes on average: to make it, to use it."""
ROOMS: Final = (1, 4, 16)
EVEN, FAST, SLOW = SPEEDS
RATE: Final = "items per s"
PUTTING: Final = "producer waits (ms)"
GETTING: Final = "consumer waits (ms)"
SETTINGS: Final = (
    *((EVEN, room) for room in ROOMS),
    *((speed, room) for speed in (FAST, SLOW) for room in (1, 16)),
)
SENTINEL: Final = "with a sentinel the consumer"
NO_SENTINEL: Final = "without a sentinel the consumer"
ENDS: Final = "ends"
WAITS: Final = "waits for ever"
_END: Final = "end"
"""The sentinel: an item that says that there will be no more."""
_LATE: Final = 0.005
_PATIENCE: Final = 0.3
"""Seconds after which a consumer that gets nothing is taken to wait for ever: an item comes every few ms."""

Setting = tuple[str, int]
Times = list[tuple[int, int]]


class Flow(NamedTuple):
    """What came of one run."""

    length: float
    """Seconds from the beginning to the use of the last item."""
    putting: float
    """Milliseconds that the producer waited for room."""
    getting: float
    """Milliseconds that the consumer waited for an item."""
    ended: bool
    """Whether the consumer knew when to stop."""


def draws(seed: int | None, speeds: tuple[int, int]) -> Times:
    """Return how long each item takes to make and to use, in microseconds."""
    lot = random.Random(SEED if seed is None else seed)
    # The quantiles of an exponential distribution in an order drawn by lot: all sums are the same.
    lengths = [-math.log(1 - (number + 0.5) / ITEMS) for number in range(ITEMS)]
    made, used = (
        [max(round(1000 * mean * length), 1) for length in lot.sample(lengths, ITEMS)] for mean in speeds
    )
    return [*zip(made, used, strict=True)]


def mix(times: Times, room: int, *, sentinel: bool = True) -> Mix:
    """Return producer and consumer; both only wait, so that CPUs make no difference."""

    def producer() -> Generator[Operation, object, None]:
        for item, (makes, _) in enumerate(times):
            yield Io(us(makes))
            yield Put("buffer", item)
        if sentinel:
            yield Put("buffer", _END)

    def consumer() -> Generator[Operation, object, None]:
        while (item := (yield Get("buffer"))) != _END:
            if isinstance(item, int):
                yield Io(us(times[item][1]))

    programs: tuple[Callable[[], Generator[Operation, object, None]], ...] = producer, consumer
    jobs = (Job(program.__name__, 0, program) for program in programs)
    return Mix(tuple(jobs), name="producer and consumer", queues=(("buffer", room),))


def simulated(times: Times, room: int, *, sentinel: bool = True) -> Flow:
    """Return what comes of a run, by simulation."""
    made = run(mix(times, room, sentinel=sentinel), ALGO, notes=False)
    waited = [0, 0]
    for place, length in waits(made.trace):
        waited[place] += length
    return Flow(max(made.trace.time) / 1e9, waited[0] / 1e6, waited[1] / 1e6, made.deadlock is None)


def found(flows: dict[Setting, Flow], *, without: bool) -> dict[str, Cell]:
    """Return what the runs show, whoever made them; ``without``: whether it ended without a sentinel."""
    values: dict[str, Cell] = {}
    for (speed, room), flow in flows.items():
        head = f"{speed}, room for {room}"
        values[f"{head}: {RATE}"] = ITEMS / flow.length
        if speed != SLOW:
            values[f"{head}: {PUTTING}"] = flow.putting
        if speed != FAST:
            values[f"{head}: {GETTING}"] = flow.getting
    values[SENTINEL] = ENDS if all(flow.ended for flow in flows.values()) else WAITS
    values[NO_SENTINEL] = ENDS if without else WAITS
    return values


def simulate(seed: int | None) -> Findings:
    """Simulate all settings, and one without a sentinel."""
    flows = {(speed, room): simulated(draws(seed, SPEEDS[speed]), room) for speed, room in SETTINGS}
    without = simulated(draws(seed, SPEEDS[EVEN]), ROOMS[0], sentinel=False)
    return Findings(found(flows, without=without.ended))


def real(stage: Stage) -> Findings:
    """Do the same with two processes and a queue of multiprocessing."""

    def flow(speed: str, room: int, *, sentinel: bool = True) -> Flow:
        times = draws(stage.seed, SPEEDS[speed])
        return on_time(lambda late: _flow(stage, times, room, late, sentinel=sentinel), 2, _LATE, stage)

    flows = {setting: flow(*setting) for setting in SETTINGS}
    return Findings(found(flows, without=flow(EVEN, ROOMS[0], sentinel=False).ended))


# In real processes.


class _Shared(NamedTuple):
    """What producer and consumer share with who looks at them."""

    buffer: Any
    together: Meeting
    waited: Any
    """Seconds that each of them has waited."""
    last: Any
    """When the last item had been used."""
    used: Any
    """How many items have been used."""
    late: Any


def _flow(stage: Stage, times: Times, room: int, late: Any, *, sentinel: bool = True) -> Flow:
    """Let two processes do it, and see whether the consumer ends."""
    from multiprocessing import get_context

    context = get_context("fork")
    shared = _Shared(
        *(context.Queue(room), Meeting(2), context.RawArray("d", 2)),
        *(context.RawValue("d"), context.RawValue("i"), late),
    )
    producer = stage.process(_produce, times, shared, (_END,) if sentinel else (), name="producer")
    consumer = stage.process(_consume, times, shared, name="consumer")
    shared.together.gather()
    shared.together.let_go()
    began = time.monotonic()
    stage.join(producer)
    seen, since = -1, time.monotonic()
    while (ended := not consumer.is_alive()) is False:
        if shared.used.value != seen:
            seen, since = shared.used.value, time.monotonic()
        elif seen == len(times) and time.monotonic() > since + _PATIENCE:
            stage.kill(consumer)
            break
        time.sleep(0.001)
    stage.join(consumer)
    shared.buffer.close()
    putting, getting = shared.waited
    return Flow(shared.last.value - began, putting * 1e3, getting * 1e3, ended)


def _produce(times: Times, shared: _Shared, sentinels: tuple[str, ...]) -> None:
    """Be the producer."""
    sleeper = Sleeper(shared.late, 0)
    shared.together.come(0)

    def put(item: object) -> None:
        began = time.monotonic()
        shared.buffer.put(item)
        shared.waited[0] += time.monotonic() - began

    for item, (makes, _) in enumerate(times):
        sleeper.sleep(makes / 1e6)
        put(item)
    for sentinel in sentinels:
        put(sentinel)


def _consume(times: Times, shared: _Shared) -> None:
    """Be the consumer."""
    sleeper = Sleeper(shared.late, 1)
    shared.together.come(1)
    while True:
        began = time.monotonic()
        item = shared.buffer.get()
        shared.waited[1] += time.monotonic() - began
        if item == _END:
            break
        sleeper.sleep(times[item][1] / 1e6)
        shared.last.value = time.monotonic()
        shared.used.value += 1


def check(values: Values) -> Iterator[str]:
    """See that room helps those who are equally fast, and not where one is slower; and that a sentinel ends it."""

    def value(speed: str, room: int, what: str) -> float:
        return amount(values, f"{speed}, room for {room}", what)

    small, large = ROOMS[0], ROOMS[-1]
    gains = {speed: value(speed, large, RATE) / (value(speed, small, RATE) or 1) - 1 for speed in SPEEDS}
    if not gains[EVEN] > 0.08:
        yield "room does not help two who are equally fast"
    for what in (PUTTING, GETTING):
        if not value(EVEN, large, what) < 0.7 * value(EVEN, small, what):
            yield f"with more room the {what.split()[0]} does not wait less"
    for speed, what in ((FAST, PUTTING), (SLOW, GETTING)):
        if not gains[speed] < 0.75 * gains[EVEN]:
            yield f"{speed}: room helps as much as if they were equally fast"
        if not value(speed, large, what) > 60:
            yield f"{speed}: with much room it need not wait any more"
        if not value(speed, large, RATE) < 0.8 * value(EVEN, large, RATE):
            yield f"{speed}: it is not the slower one who sets the pace"
    if values[SENTINEL] != ENDS:
        yield "with a sentinel the consumer does not end"
    if values[NO_SENTINEL] != WAITS:
        yield "without a sentinel the consumer ends, too"


LAB: Final = Lab(
    title="what a buffer is good for, and how its end is told",
    question="A producer makes items, a consumer uses them: how much does room in the buffer between them help?",
    prediction="the room grows from 1 item to 16: does throughput grow by 0, 20 or 1500 %, if one is slower, and if not?",
    text="""
Sixty items go through a bounded queue. Each takes 5 or 10 ms to make, and 5 or 10 ms to use, but on average only: most take
less, and a few take much longer. Whoever finds the queue full, or empty, waits. At the end the producer puts a
sentinel, an item that says that there will be no more; at last the same without one.
""",
    simulate=simulate,
    processes="""
Two processes and a bounded queue of multiprocessing; they sleep for as long as the jobs of the simulation wait. Expect nearly
the same numbers, less some per cent: each item is packed, sent through a pipe by a thread of its own, and
unpacked. Without a sentinel the consumer was given 0.3 s after the last item, and then killed.
""",
    real=real,
    check=check,
    reason="""
a buffer evens out. Where both are equally fast on average, now the one and now the other is ahead; with room for one item
whoever is ahead has to wait at once, and that time is lost. With more room it works on, and the other one has a
store to live on later. But where one is slower, a buffer is soon always full, or always empty, whatever its
room: throughput is that of the slower one, and the faster one waits for half of its time. And an empty queue does not say
whether more will come: a consumer that has had the last item waits for the next one, until somebody tells
it. With several consumers it takes a sentinel for each.
""",
    attempt="schedsim lab producer-consumer --seed 7",
    seeded=True,
)
