"""States: one job's way through ready, running and blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, amount
from schedsim.operations import Cpu, Io
from schedsim.timeline import BLOCKED, RUNS, WAITS, job_pieces
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.labs.stage import Stage
    from schedsim.results import Run
    from schedsim.tables import Cell

ALGO: Final = "rr:quantum=20"
NAMES: Final = {WAITS: "ready", RUNS: "running", BLOCKED: "blocked"}
WAY: Final = "A's way"
EXPECTED: Final = "new, ready, running, ready, running, blocked, ready, running, terminated"


def mix() -> Mix:
    """Return the job that is followed, and one that it shares the CPU with."""
    return Mix(
        (
            Job("A", ms(5), (Cpu(ms(30)), Io(ms(25)), Cpu(ms(12)))),
            Job("B", 0, (Cpu(ms(90)),)),
        ),
        name="states",
    )


def found(made: Run) -> Findings:
    """Return where A was, and for how long, whoever ran it."""
    end = max(made.trace.time)
    (pieces,) = job_pieces(made.trace, 1, end)
    states = [NAMES[piece.what] for piece in pieces]
    way = [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]
    values: dict[str, Cell] = {WAY: ", ".join(["new", *way, "terminated"])}
    for what, name in NAMES.items():
        values[f"{name} (ms)"] = sum(piece.end - piece.start for piece in pieces if piece.what == what) / 1e6
    return Findings(values, (Picture("A's way", made, lanes=True, always=True),))


def simulate(seed: int | None) -> Findings:
    """Run the two jobs."""
    del seed
    return found(run(mix(), ALGO, notes=False))


def real(stage: Stage) -> Findings:
    """Do the same with two processes."""
    made = found(stage.run(mix(), ALGO))
    return made._replace(pictures=tuple(picture._replace(always=False) for picture in made.pictures))


def check(values: Values) -> Iterator[str]:
    """See that A goes its way, and how long it is in each state."""
    if values[WAY] != EXPECTED:
        yield f"A's way is {values[WAY]}"
    for name, least, most in (("ready", 45, 75), ("running", 41, 44), ("blocked", 25, 28)):
        if not least <= amount(values, f"{name} (ms)") <= most:
            yield f"A is {name} for {values[f'{name} (ms)']} ms, and not for {least} to {most}"


LAB: Final = Lab(
    title="one job's way through ready, running and blocked",
    question="In which states is a job on its way through the system, and what moves it from one to the next?",
    prediction="write down the states of A, one after the other, and how long it is in each.",
    text="""
A arrives at 5 ms. It computes for 30 ms, waits for a disk for 25 ms, and computes for 12 ms. B only computes.
They share one CPU by round robin with a quantum of 20 ms.

    new --admitted--> ready --dispatched--> running --ends--> terminated
                      ^  ^                   |   |
                      |  +----- expired -----+   |
                      |                          | asks for I/O
                      |                          v
                      +---- I/O is over ----- blocked
""",
    simulate=simulate,
    processes="""
Two processes. What they are in is what the dispatcher knows of them: it lets one run and keeps the other from running,
and hears of each one's requests. For the kernel a process that is ready here is runnable, too, or stopped; one that is
blocked sleeps. Times differ by what dispatching costs.
""",
    real=real,
    check=check,
    reason="""
only a running job can do something: ask for I/O, or end. So blocked and terminated are reached from running alone. A
blocked job does not go back to the CPU when its I/O is over: it becomes ready, and waits for its turn as all others. And
the one way from running to ready is that somebody takes the CPU away: here the clock, elsewhere a better job.
""",
    attempt='schedsim explain --jobs "A 5 30, B 0 90" --algo rr -q 20',
)
