"""Synchronous or not, blocking or not: the four ways of asking somebody to do something."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING, Any, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, amount
from schedsim.labs.punctual import compute
from schedsim.operations import Cpu, Get, Io, Put, Spawn
from schedsim.times import ms
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from schedsim.labs.stage import Stage
    from schedsim.operations import Operation
    from schedsim.results import Run
    from schedsim.tables import Cell

    Steps = Generator[Operation, Any, None]

REQUESTS: Final = (20, 80, 140, 200)
"""For how many milliseconds each request is worked at."""
OWN: Final = 80
"""Milliseconds that the caller has to compute besides."""
PIECE: Final = 10
LOOK: Final = 1
"""Simulated milliseconds that it takes to look whether there is an answer."""
TRIES: Final = 3
BUSY: Final = 1.3
"""A machine on which something takes so many times as long as it should is too busy to say much."""
WAIT: Final = "submit and wait"
GO_ON: Final = "submit and go on"
BLOCKING: Final = "blocking"
POLLING: Final = "not blocking"
WAYS: Final = tuple(f"{how}, {what}" for how in (WAIT, GO_ON) for what in (BLOCKING, POLLING))
DONE: Final = "all is done after (ms)"
CPU: Final = "CPU time of the caller (ms)"
FIRST: Final = "first answer is used after (ms)"


def caller(way: str) -> Steps:
    """Be the simulated caller, who submits by making a child for each request."""
    blocking = way.endswith(f", {BLOCKING}")

    def answer() -> Steps:
        if blocking:
            yield Get("answers")
            return
        while not (yield Get("answers", blocking=False))[0]:
            yield Cpu(ms(LOOK))

    if way.startswith(WAIT):
        for length in REQUESTS:
            yield Spawn(f"request-{length}")
            yield from answer()
        yield Cpu(ms(OWN))
        return
    for length in REQUESTS:
        yield Spawn(f"request-{length}")
    missing = len(REQUESTS)
    for _ in range(OWN // PIECE):
        yield Cpu(ms(PIECE))
        if not blocking:
            there = True
            while missing and there:
                there, _ = yield Get("answers", blocking=False)
                missing -= there
    for _ in range(missing):
        yield from answer()


def mix(way: str) -> Mix:
    """Return the caller and those who answer, on a CPU of their own."""
    return Mix(
        (
            Job("caller", 0, lambda: caller(way)),
            *(
                Job(f"request-{length}", 0, (Io(ms(length)), Put("answers")), spawned=True)
                for length in REQUESTS
            ),
        ),
        name="sync-async",
        cpus=2,
        queues=(("answers", len(REQUESTS)),),
    )


def simulate(seed: int | None) -> Findings:
    """Run the caller in each way."""
    del seed
    return found({way: run(mix(way), "fcfs", notes=False) for way in WAYS})


def found(runs: Mapping[str, Run]) -> Findings:
    """Return how long it took, and what it took."""
    values: dict[str, Cell] = {}
    for way, made in runs.items():
        values[f"{way}: {DONE}"] = made.jobs[0].finish
        values[f"{way}: {CPU}"] = made.jobs[0].cpu
        values[f"{way}: {FIRST}"] = min(row.time for row in made.trace if row.kind is Kind.GOT) / 1e6
    return Findings(values, tuple(Picture(way, made, lanes=True) for way, made in runs.items()))


def real(stage: Stage) -> Findings:
    """Do the same with processes that answer, several times: what disturbs them only makes it longer."""
    context = multiprocessing.get_context("fork")
    requests, answers = context.SimpleQueue(), context.SimpleQueue()
    helpers = [stage.process(answer_requests, requests, answers, name="helper") for _ in REQUESTS]
    values: dict[str, Cell] = {}
    in_turn, together = sum(REQUESTS) + OWN, max(REQUESTS)
    late = []
    for way, ideal in zip(WAYS, (in_turn, in_turn, together, together), strict=True):
        *shortest, computing = min(called(way, requests, answers) for _ in range(TRIES))
        for what, seconds in zip((DONE, CPU, FIRST), shortest, strict=True):
            values[f"{way}: {what}"] = 1000 * seconds
        late += [1000 * shortest[0] / ideal, 1000 * computing / OWN]
    if max(late) > BUSY:
        stage.disturbed(
            f"this machine is busy: things take up to {max(late):.1f} times as long as they should"
        )
    for _ in helpers:
        requests.put(None)
    stage.join(*helpers)
    return Findings(values, details=(f"the shortest of {TRIES} times",))


def answer_requests(requests: Any, answers: Any) -> None:
    """Be one who answers: sleeps for as long as a request takes."""
    while (length := requests.get()) is not None:
        time.sleep(length / 1000)
        answers.put(length)


def called(way: str, requests: Any, answers: Any) -> tuple[float, float, float, float]:
    """Be the caller; return seconds until all was done, of CPU time, until the first answer was used, and for own work."""
    blocking = way.endswith(f", {BLOCKING}")
    began, used = time.monotonic(), time.process_time()
    first = computing = 0.0
    missing = len(REQUESTS)

    def answer() -> None:
        nonlocal first, missing
        while not blocking and answers.empty():
            pass
        answers.get()
        first = first or time.monotonic() - began
        missing -= 1

    if way.startswith(WAIT):
        for length in REQUESTS:
            requests.put(length)
            answer()
        computing = timed(OWN)
    else:
        for length in REQUESTS:
            requests.put(length)
        for _ in range(OWN // PIECE):
            computing += timed(PIECE)
            while not blocking and missing and not answers.empty():
                answer()
        while missing:
            answer()
    return time.monotonic() - began, time.process_time() - used, first, computing


def timed(length: int) -> float:
    """Use the CPU for so many milliseconds; return how many seconds that took."""
    began = time.monotonic()
    compute(ms(length))
    return time.monotonic() - began


def check(values: Values) -> Iterator[str]:
    """See that going on saves time, that polling costs CPU time, and who sees the first answer soon."""

    def value(how: str, waiting: str, what: str) -> float:
        return amount(values, f"{how}, {waiting}", what)

    for waiting in (BLOCKING, POLLING):
        if not 0 < value(GO_ON, waiting, DONE) < 0.6 * value(WAIT, waiting, DONE):
            yield f"{waiting}: going on does not save time"
    if not 0 < value(WAIT, BLOCKING, DONE) < 1.3 * value(WAIT, POLLING, DONE):
        yield "who waits is done much sooner without blocking"
    if not value(WAIT, POLLING, CPU) > 2 * value(WAIT, BLOCKING, CPU):
        yield "who waits without blocking does not use much more CPU time"
    for how in (WAIT, GO_ON):
        if not 0.95 * OWN <= value(how, BLOCKING, CPU) < 1.3 * OWN:
            yield f"{how}: who blocks uses CPU time meanwhile"
    if not value(GO_ON, POLLING, CPU) > 1.05 * OWN:
        yield "looking for answers costs no CPU time"
    if not value(GO_ON, BLOCKING, FIRST) >= OWN > 0.9 * OWN > value(GO_ON, POLLING, FIRST) > 0:
        yield "who goes on and looks now and then does not have the first answer sooner"


LAB: Final = Lab(
    title="submit and wait or go on, blocking or not",
    question="Are synchronous and blocking the same, and what does each of the four combinations cost?",
    prediction="of the four ways, which two take equally long, and which two differ only in the CPU time they use?",
    text=f"""
A caller has four requests, at which others work for {", ".join(map(str, REQUESTS[:-1]))} and {REQUESTS[-1]} ms, and {OWN} ms to compute itself. It may
submit one and wait for its answer before it does anything else (synchronous), or submit all, go on with its own work, and see
to the answers later (asynchronous). And where it wants an answer, it may block until there is one, or ask whether there is one,
do something else, and ask again (not blocking, or polling).

                    blocking                    not blocking
    synchronous     submit, get                 submit, ask and ask again
    asynchronous    submit all, work, get all   submit all, work and ask in turn
""",
    simulate=simulate,
    processes=f"""
Four helpers are processes that sleep for as long as a request takes; the caller is a process that asks them through one queue and gets
the answers from another. Each way is gone {TRIES} times, the shortest counts.
""",
    real=real,
    check=check,
    reason="""
synchronous or not is about the order of things: whether the caller goes on before it has the answer. Only that makes work
overlap, here four requests with each other and with the caller's own work, so that the longest of all counts in place of
the sum. Blocking or not is about the caller's CPU: whether it gives it up while it has nothing to do. Who waits and
asks again and again is done no sooner, and has used the CPU all the time, which others could have had. Where there is
something else to do, asking pays: the first answer is used as soon as it is there, and not when everything else is
done. Still better is to be told: select, epoll, or asyncio block until any one of many answers is there.
""",
    attempt="schedsim lab sync-async -v",
)
