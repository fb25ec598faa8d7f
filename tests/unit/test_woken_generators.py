"""What a generator does after it waited for another job is known once it runs: simulated, with overheads, and real."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.engines.simulated import simulate
from schedsim.experiment import header_of
from schedsim.jobs import Job, Mix
from schedsim.metrics import job_metrics
from schedsim.observed import Overheads
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Exit, Get, Io, Join, Kill, Lock, Put, Spawn, Unlock
from schedsim.policies.options import make_policy
from schedsim.testing.strategies import as_generator
from schedsim.trace import Trace
from schedsim.validate import validate
from tests.unit.test_real_together import run

MS = 1_000_000


def steps(text):
    """Return a program, in milliseconds."""
    return parse_program(text, "ms")


def mix_of(first, *others, generators=True):
    """Return a mix of the program ``first``, as a generator, and of lists; one queue has room for one item."""
    program = as_generator(steps(first)) if generators else steps(first)
    jobs = [Job("A", 0, program)]
    jobs += [
        Job(name, 0, steps(text), spawned=name.islower())
        for name, text in (other.split(maxsplit=1) for other in others)
    ]
    return Mix(tuple(jobs), queues=(("q", 1),))


def finishes(mix, algo="fcfs"):
    """Return when each job ended (milliseconds), in a simulation."""
    return [job.finish for job in ss.run(mix, algo).jobs]


# A gets its item at 5 and has to wait for the CPU until 9: a list goes on at 5, a generator at 9.
#
# A  A  A  .  .  .  .  .  .  .  (9)
# B  -  -  B  B  B  B  B  B  B
# 0     2        5           9
FEEDER = "B cpu 3; put q; cpu 4"


@pytest.mark.parametrize(
    ("then", "known", "unknown"),
    [
        ("", 5, 9),
        ("io 2; cpu 1", 10, 12),
        ("io 2", 7, 11),
        ("io 2; io 3", 10, 14),
        ("exit 3", 9, 9),
        ("cpu 2", 11, 11),
        ("yield; cpu 2", 11, 11),
        ("put q; io 1", 10, 10),
    ],
)
def test_what_comes_after_an_item(then, known, unknown):
    """I/O, or the end, of a program that has not run since it was woken begins when it is dispatched."""
    program = "; ".join(filter(None, ["cpu 2", "get q", then]))
    assert [known, 9] == finishes(mix_of(program, FEEDER, generators=False))
    assert [unknown, 9] == finishes(mix_of(program, FEEDER))


@pytest.mark.parametrize(
    ("waits", "others", "known", "unknown"),
    [
        pytest.param("lock m; io 2", ["B cpu 1; yield; cpu 9"], 4, 4, id="a free mutex"),
        pytest.param("put q; put q; io 2", ["B get q; cpu 9"], 4, 13, id="room"),
        pytest.param("spawn b; join b; io 2", ["b cpu 3", "B cpu 9"], 16, 16, id="a child that ends last"),
        pytest.param("spawn b; join b; io 2", ["B cpu 2", "b cpu 3", "C cpu 9"], 18, 18, id="a child"),
    ],
)
def test_what_comes_after_other_waits(waits, others, known, unknown):
    """The same for room in a queue and for a child; who need not wait goes on at once."""
    program = f"cpu 2; {waits}"
    assert known == finishes(mix_of(program, *others, generators=False))[0]
    assert unknown == finishes(mix_of(program, *others))[0]


def test_policies_see_no_burst_before_it_runs():
    """Shortest job first: whose burst is not known goes before B's 3 with its 5; a list says so, and comes after."""
    others = ["F cpu 3; put q; cpu 4", "B cpu 3.5"]
    program = "get q; cpu 5"
    assert [15.5, 7, 10.5] == finishes(mix_of(program, *others, generators=False), "sjf")
    assert [12, 7, 15.5] == finishes(mix_of(program, *others), "sjf")


def test_nothing_of_it_runs_before_its_turn():
    """A is woken at 3, and killed at 5 before it has run: none of its code has."""
    said = []

    def program():
        yield Cpu(MS)
        yield Get("q")
        said.append("woken")
        yield Io(MS)

    killer = (Cpu(2 * MS), Put("q"), Cpu(2 * MS), Kill("A"))
    result = ss.run(Mix((Job("A", 0, program), Job("K", 0, killer)), queues=(("q", 1),)), "fcfs")
    assert ([], ["killed", "terminated"]) == (said, [job.state for job in result.jobs])


def test_it_is_told_what_came_of_its_wait():
    """The item, that its put worked, nothing of a mutex, and the exit code of its child."""
    said = []

    def program():
        yield Cpu(MS)
        said.append((yield Get("q")))
        yield Cpu(MS)
        yield Put("q", 1)
        said.append((yield Put("q", 2)))
        said.append((yield Lock("m")))
        yield Spawn("c")
        said.append((yield Join("c")))

    other = (
        Lock("m"),
        Cpu(2 * MS),
        Put("q", "item"),
        Cpu(4 * MS),
        Get("q"),
        Io(MS),
        Cpu(MS),
        Unlock("m"),
        Cpu(MS),
    )
    jobs = (Job("A", 0, program), Job("B", 0, other), Job("c", 0, (Cpu(MS), Exit(7)), spawned=True))
    ss.run(Mix(jobs, queues=(("q", 1),)), "rr", quantum=50)
    assert ["item", True, None, 7] == said


def test_a_dispatch_costs_what_it_does():
    """A is dispatched after B's end, which costs 0.1, to find out that it does I/O; back from that it costs 0.4."""
    # CPU 0  a A A  c B B B B B B B  c (A: io 2)  w A
    costs = Overheads(completion=MS // 10, preemption=0, arrival=MS // 5, wake=2 * MS // 5)
    mix, policy = mix_of("cpu 2; get q; io 2; cpu 1", FEEDER), make_policy("fcfs")
    trace = simulate(mix, policy, Trace(header_of(mix, policy, None)), overheads=costs)
    validate(trace)
    # 0.2 + 2 + 0.1 + 7 = 9.3, + 0.1 + 2 + 0.4 + 1 = 12.8
    assert [12_800_000, 9_300_000] == [job.finish for job in job_metrics(trace)]


PROGRAMS = {
    "the end": "cpu 2.1; get q",
    "I/O": "cpu 2.1; get q; io 4.3; cpu 3.7",
    "I/O twice": "cpu 2.1; get q; io 1.3; io 2.9; cpu 3.7",
    "an exit": "cpu 2.1; get q; exit 3",
    "a yield": "cpu 2.1; get q; yield; cpu 3.7",
    "a burst": "cpu 2.1; get q; cpu 8.3",
    "a mutex": "cpu 2.1; get q; lock m; io 5.1; unlock m; cpu 2.3",
    "a put": "cpu 2.1; get q; put q; put q; io 2.7; cpu 1.1",
    "a child": "cpu 2.1; spawn c; join c; io 3.3; cpu 1.9",
}


@pytest.mark.parametrize("algo", ["fcfs", "rr:2", "sjf", "srtf", "hrrn"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_real_and_simulated_are_one_schedule(program, algo):
    """Every job ends when the simulation says, but for some looks at the clock, and in that order."""
    mix = mix_of(
        program,
        "B cpu 5.3; put q; cpu 4.9; lock m; io 0.7; unlock m; cpu 6.1; get? q; cpu 1.7",
        "C cpu 9.7",
        "c cpu 3.1",
    )
    if "spawn" not in program:
        mix = mix._replace(jobs=mix.jobs[:-1])
    measured = [job.finish and job.finish / MS for job in job_metrics(run(mix, algo).scheduler.trace)]
    assert finishes(mix, algo.replace(":", ":quantum=")) == pytest.approx(measured, abs=0.2)
