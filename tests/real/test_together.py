"""Jobs that do something with each other, on real processes: it really happens, and nothing of it is left.

What does not depend on time holds in every run, however the machine is disturbed: who has what, what a value
is, that a run ends. Only what is compared with a simulation needs to be left in peace.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from functools import partial
from itertools import pairwise

import pytest

import schedsim as ss
from schedsim.cooperation import checked
from schedsim.deadlock import deadlock_of
from schedsim.errors import ProgramError
from schedsim.jobs import Job, Mix
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Get, Io, Join, Kill, Lock, Put, Read, Spawn, Unlock, Write
from tests.real.lasting import Words
from tests.real.machine import (
    MS,
    Background,
    background,
    in_peace,
    measured,
    needs_linux,
    needs_root,
    patience,
    semaphores,
    stat,
)

DRIVERS = pytest.mark.parametrize("driver", [pytest.param("bands", marks=needs_root), "signals", "psutil"])


def mix_of(*jobs, **fields):
    """Return a mix of jobs ``A 0 cpu 3; lock m`` in milliseconds, or of jobs as they are."""
    made = []
    for job in jobs:
        if isinstance(job, str):
            name, arrival, program = job.split(maxsplit=2)
            made.append(Job(name, round(float(arrival) * MS), parse_program(program, "ms")))
        else:
            made.append(job)
    return checked(Mix(tuple(made), name="together", **fields))


def rows(run, *kinds):
    """Return rows of these kinds as ``acquired A``."""
    names = [job.id for job in run.trace.header.jobs]
    return [
        f"{row.kind.name.lower()} {names[row.task]}" for row in run.trace if row.kind.name.lower() in kinds
    ]


def state(run):
    """Return the state of each job."""
    return [job.state for job in run.jobs]


def write(path, value):
    """Write a value into a file, for the test to read; for the programs of jobs."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def read(path):
    """Return what a program wrote."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


# Each operation under each driver.


@DRIVERS
@pytest.mark.parametrize("algo", ["fcfs", "rr:quantum=4", "srtf"])
def test_a_mutex(driver, algo):
    """One at a time has it, in the order in which they asked."""
    steps = "cpu 3; lock m; cpu 6; unlock m; cpu 2"
    run = measured(mix_of(f"A 0 {steps}", f"B 1 {steps}", f"C 2 {steps}"), algo, driver=driver)
    assert {"terminated"} == set(state(run))
    held = rows(run, "acquired", "released")
    assert all(one.split()[1] == other.split()[1] for one, other in zip(held[::2], held[1::2], strict=True))
    assert ["acquired", "released"] * 3 == [row.split()[0] for row in held]


def producer(path):
    """Put numbers and this process' own, until the queue refuses one."""
    said = []
    for number in range(4):
        yield Cpu(2 * MS)
        said.append((yield Put("q", {"number": number, "by": os.getpid()})))
    write(path, [os.getpid(), said])


def consumer(path):
    """Take them, more slowly than they come, and say what they were."""
    found = []
    for _ in range(4):
        found.append((yield Get("q")))
        yield Cpu(4 * MS)
    found.append((yield Get("q", blocking=False)))
    write(path, [os.getpid(), found])


@DRIVERS
@pytest.mark.parametrize("capacity", [1, 3])
def test_items_travel(tmp_path, driver, capacity):
    """What one process puts is what another one gets: all of it, once, in order."""
    made, taken = tmp_path / "made", tmp_path / "taken"
    mix = mix_of(
        Job("P", 0, partial(producer, made)), Job("C", 0, partial(consumer, taken)), queues=(("q", capacity),)
    )
    assert {"terminated"} == set(state(measured(mix, "rr:quantum=3", driver=driver)))
    (sender, said), (receiver, found) = read(made), read(taken)
    assert [True] * 4 == said
    assert [{"number": number, "by": sender} for number in range(4)] == found[:4]
    assert [False, None] == found[4]
    assert receiver != sender


def late():
    """Put something when others have been refused."""
    yield Io(15 * MS)
    yield Cpu(MS)  # or it would have sent its item before the run began
    yield Put("r", {"late": 1})


def taker(path):
    """Take what is there after that; say what it is."""
    yield Io(30 * MS)
    write(path, [(yield Get("q")), (yield Get("r"))])


def test_what_is_refused_is_nobody_elses(tmp_path):
    """A's second item, an int from a list, is refused; what L puts afterwards is not taken for A's first one."""
    taken = tmp_path / "taken"
    mix = mix_of(
        Job("A", 0, (Cpu(MS), Put("q", 0), Put("q", 0, blocking=False), Cpu(MS))),
        Job("L", 0, late),
        Job("G", 0, partial(taker, taken)),
        queues=(("q", 1), ("r", 1)),
    )
    run = measured(mix, "fcfs")
    assert [0, {"late": 1}] == read(taken)
    assert {"terminated"} == set(state(run))
    assert ["put A", "refused A"] == rows(run, "put", "refused")[:2]


def adder(path, mutex):
    """Add 1 to what is there, slowly; say what came of it."""
    if mutex:
        yield Lock("m")
    count = yield Read("n")
    yield Cpu(4 * MS)
    yield Write("n", count + 1)
    seen = yield Read("n")
    if mutex:
        yield Unlock("m")
    write(path, seen)


@DRIVERS
@pytest.mark.parametrize("mutex", [False, True], ids=["lost", "kept"])
def test_an_update_is_lost_without_a_mutex(tmp_path, driver, mutex):
    """Three processes read and write one number in shared memory, and their slices end in between."""
    paths = [tmp_path / name for name in "ABC"]
    jobs = [Job(path.name, 0, partial(adder, path, mutex)) for path in paths]
    run = measured(mix_of(*jobs, variables=(("n", 10),)), "rr:quantum=2", driver=driver)
    assert ([11, 12, 13] if mutex else [11, 11, 11]) == [read(path) for path in paths]
    assert {"terminated"} == set(state(run))


@DRIVERS
def test_children(driver):
    """A child comes when it is spawned, and its parent waits for its end."""
    run = measured(
        mix_of("A 0 cpu 5; spawn B; cpu 3; join B; cpu 2", "B 0 cpu 9; exit 3"), "fcfs", driver=driver
    )
    assert ["spawned A", "joins A", "reaped B"] == rows(run, "spawned", "joins", "reaped")
    assert {"terminated"} == set(state(run))
    assert run.jobs[1].arrival >= 5


def test_an_orphan():
    """Nobody asks for anything, and the child outlives its parent all the same."""
    run = measured(mix_of("A 0 cpu 3; spawn B; cpu 2", "B 0 cpu 9"), "fcfs")
    assert ["finished A", "adopted B", "finished B", "reaped B"] == rows(run, "finished", "adopted", "reaped")


def victim(words):
    """Say who this is, and compute for as long as nobody kills it."""
    words.tell("V")
    for _ in words.waits():
        yield Cpu(2 * MS)


def killer(words, path):
    """Kill another one while it computes, and look whether its process is gone; say what came of it."""
    yield Spawn("V")
    while not words.told("V"):  # however late it gets its CPU
        yield Io(15 * MS)
        yield Cpu(MS)  # or it would be asked for one I/O after the other before the first of them begins
    found = yield Kill("V")
    process, seen = words.of("V").process, None
    for _ in patience(10):
        seen = stat(process)
        if seen is None or seen[0] in "ZX":
            break
    code = yield Join("V")
    write(path, [found, seen and seen[0], code, (yield Kill("V"))])


@needs_linux
@DRIVERS
def test_a_kill(tmp_path, driver):
    """The process is dead, while the run goes on; that is no failure, and its parent is told its exit code."""
    words, said = Words(tmp_path / "words"), tmp_path / "killer"
    mix = mix_of(
        Job("K", 0, partial(killer, words, said)),
        Job("V", 0, partial(victim, words), spawned=True),
        "A 0 cpu 5",
    )
    run = measured(mix, "rr:quantum=3", driver=driver)
    assert [True, -9, False] == [read(said)[place] for place in (0, 2, 3)]
    assert read(said)[1] in ("Z", "X", None)
    assert ["terminated", "killed", "terminated"] == state(run)
    assert not any("died" in note for note in run.notes)


def dies():
    """Be killed by nobody that schedsim knows of."""
    yield Cpu(2 * MS)
    os.kill(os.getpid(), signal.SIGKILL)
    yield Cpu(MS)


def asks_how(path):
    """Say with which exit code a child ended."""
    yield Spawn("B")
    yield Cpu(MS)
    write(path, (yield Join("B")))


def test_a_child_that_dies(tmp_path):
    """Its parent is told so: not that it ended well."""
    said = tmp_path / "parent"
    mix = mix_of(Job("A", 0, partial(asks_how, said)), Job("B", 0, dies, spawned=True))
    run = measured(mix, "fcfs")
    assert -9 == read(said)
    assert [("terminated", 0), ("failed", -9)] == [(job.state, job.exit_code) for job in run.jobs]


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_start_methods(method):
    """Locks, variables and items go to workers of a fresh Python, too."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    mix = mix_of(
        "A 0 lock m; cpu 4; write n 7; unlock m",
        "B 1 cpu 2; lock m; cpu 1; unlock m",
        Job("G", 0, asks),
        queues=(("q", 1),),
    )
    assert {"terminated"} == set(state(measured(mix, "rr:quantum=2", start_method=method)))


def asks():
    """Do a little of everything, and fail where anything is not as it should be."""
    yield Lock("m")
    yield Cpu(MS)
    yield Unlock("m")
    yield Put("q", ("an", "item"))
    item = yield Get("q")
    yield Write("k", len(item))
    if (item, (yield Read("k"))) != (("an", "item"), 2):
        raise ValueError(item)
    yield Cpu(MS)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one CPU")
def test_two_cpus(tmp_path):
    """Where two run at the same time, everything is done in the order in which it was decided."""
    paths = [tmp_path / name for name in "ABC"]
    jobs = [Job(path.name, 0, partial(adder, path, True)) for path in paths]
    run = measured(mix_of(*jobs), "rr:quantum=2", cpus=2)
    assert [1, 2, 3] == sorted(read(path) for path in paths)
    assert {"terminated"} == set(state(run))


# Ends that are none.


@DRIVERS
def test_a_deadlock(driver):
    """It ends the run at once; who waits for whom is in the trace, and nobody is left (which every test sees to)."""
    began = time.monotonic()
    mix = mix_of("A 0 lock m; cpu 9; lock n; cpu 1", "B 0 lock n; cpu 9; lock m; cpu 1", "C 0 cpu 5")
    run = measured(mix, "rr:quantum=3", driver=driver)
    assert {"A", "B"} == {wait.job for wait in deadlock_of(run.trace).circle}
    assert ["blocked", "blocked", "terminated"] == state(run)
    assert not run.completed
    assert time.monotonic() - began < 60


@needs_linux
@pytest.mark.parametrize("driver", [pytest.param("bands", marks=needs_root), "signals"])
def test_the_holder_of_a_mutex_is_killed_from_outside(tmp_path, driver):
    """The mutex stays held: who waits for it waits for ever, the others go on, and the run ends."""
    words = Words(tmp_path / "words")
    mix = mix_of(Job("H", 0, partial(holder, words)), "B 1 cpu 2; lock m; cpu 1; unlock m", "C 0 cpu 30")
    with background(mix, "rr:quantum=2", words, driver=driver) as run:
        os.kill(words.of("H", run).process, signal.SIGKILL)
    result = run.join()
    words.hold_in_time()
    assert ["failed", "blocked", "terminated"] == state(result)
    (wait,) = deadlock_of(result.trace).waits
    assert ("B", "mutex m", ("H",)) == (wait.job, wait.what, wait.holders)
    assert any("the process of job 'H' died" in note for note in result.notes)


def holder(words):
    """Hold the mutex, say so, and go on for as long as nobody kills it."""
    yield Lock("m")
    yield Cpu(MS)
    words.tell("H")
    for _ in words.waits():
        yield Cpu(2 * MS)


@needs_linux
@pytest.mark.parametrize("start_method", ["fork", "spawn"])
@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGKILL], ids=["ends", "SIGTERM", "SIGKILL"])
def test_no_semaphore_is_left(tmp_path, start_method, number):
    """Neither after a run that ends nor after one that is ended while locks are held."""
    before = semaphores()
    words = Words(tmp_path / "words")
    if number is None:
        measured(mix_of("A 0 lock m; cpu 3", "B 0 cpu 1; lock n; cpu 1"), "fcfs", start_method=start_method)
    else:
        program = partial(holder, words)
        run = Background(mix_of(Job("H", 0, program)), "fcfs", start_method=start_method)
        os.kill(words.of("H", run).parent, number)
        with pytest.raises(ss.SchedsimError):
            run.join()
    # Those of others come and go meanwhile: of ours none stays.
    new = semaphores() - before
    for _ in patience():
        if not (new := new & semaphores()):
            break
    assert set() == new


def test_what_must_not_be_given_up():
    """The sentence is that of the simulation."""
    mix = mix_of(Job("A", 0, unlocks))
    with pytest.raises(ProgramError) as real:
        measured(mix, "fcfs")
    with pytest.raises(ProgramError) as simulated:
        ss.run(mix, "fcfs")
    for error in (real, simulated):
        assert "it unlocks 'm', which it does not hold (nobody does); lock it before" in str(error.value)


def unlocks():
    """Give up what it has not."""
    yield Cpu(MS)
    yield Unlock("m")


def puts_nowhere():
    """Put something where nothing is."""
    yield Cpu(MS)
    yield Put("nope", 5)


def test_a_queue_that_is_not_declared(capfd):
    """The sentence is that of the simulation, and nobody says anything else."""
    mix = mix_of(Job("A", 0, puts_nowhere))
    with pytest.raises(
        ProgramError, match=r"^job 'A' at .* ms: the queue 'nope' is not declared; give the mix"
    ):
        measured(mix, "fcfs")
    assert ("", "") == capfd.readouterr()


class Broken:
    """Can be sent, and raises where it is made again."""

    def __reduce__(self):
        """Say how to make it again."""
        return broken, ()


def broken():
    """Raise."""
    raise OSError("it is broken")


def puts_what_is_broken():
    """Put it."""
    yield Cpu(MS)
    yield Put("q", Broken())


def gets():
    """Take what is there."""
    yield Cpu(MS)
    yield Get("q")


def does(*operations):
    """Do these."""
    yield Cpu(MS)
    for operation in operations:
        _ = yield operation  # it is told what came of it
    yield Cpu(MS)


def leaves():
    """End the process, as a program of its own might."""
    yield Cpu(MS)
    sys.exit(3)


def raises():
    """Raise more than one record holds."""
    yield Cpu(MS)
    raise ValueError("x" * 300 + ", and so on")


UNPICKLED = (
    "what it gets out of 'q' cannot be unpickled (OSError: it is broken); a real run sends it from another"
)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize(
    ("program", "words"),
    [
        (raises, "its program raised ValueError: " + "x" * 300 + ", and so on"),
        (leaves, "its program raised SystemExit: 3"),
        (
            partial(does, Write("n", change=2**70)),
            "it adds 1180591620717411303424 to 'n'; in a real run a shared",
        ),
        (partial(does, Cpu(2**70)), "which a real run cannot tell its dispatcher (error: "),
        (puts_what_is_broken, UNPICKLED),
        ((Cpu(MS), Put("q", Broken()), Cpu(MS)), UNPICKLED),
        ((Cpu(MS), Put("q", lambda: None)), "what it puts into 'q' cannot be pickled ("),
    ],
    ids=["raises", "exits", "sum", "burst", "item", "item of a list", "unpicklable"],
)
def test_what_goes_wrong_in_a_worker(capfd, program, words, method):
    """Whatever it is, one sentence says so; no process dies of it, or says anything by itself."""
    mix = mix_of(Job("A", 0, program), Job("B", 0, gets), queues=(("q", 1),))
    with pytest.raises(ProgramError) as caught:
        measured(mix, "fcfs", start_method=method)
    assert words in str(caught.value)
    assert str(caught.value).startswith(("job 'A': ", "job 'B': "))
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(
    "method", sorted({"spawn", "forkserver"} & {*multiprocessing.get_all_start_methods()})
)
def test_a_program_that_cannot_be_made_in_its_worker(capfd, method):
    """Likewise: it is its worker that cannot make it."""
    with pytest.raises(ProgramError) as caught:
        measured(mix_of(Job("A", 0, partial(does, Broken()))), "fcfs", start_method=method)
    assert (
        "job 'A': its program cannot be unpickled in its worker (OSError: it is broken); where workers are spawned it "
        "must be a function that a fresh Python can import"
    ) == str(caught.value)
    assert ("", "") == capfd.readouterr()


def test_a_child_of_too_long_a_name():
    """It is there, and its name is longer than what a generator can say."""
    child = Job("x" * 250, 0, (Cpu(MS),), spawned=True)
    with pytest.raises(ProgramError) as caught:
        measured(mix_of(Job("A", 0, partial(does, Spawn(child.id))), child), "fcfs")
    assert "job 'A': a name in 'spawn xxxxxxxxxxxxxx'... is longer than 200 bytes; shorten it" == str(
        caught.value
    )


def test_an_item_that_is_too_large():
    """It says how large one may be."""

    def program():
        yield Cpu(MS)
        yield Put("q", "x" * 5000)

    with pytest.raises(ProgramError, match="in a real run an item takes at most 4,000"):
        measured(mix_of(Job("A", 0, program), queues=(("q", 1),)), "fcfs")


# Beside the simulation.


@needs_root
@pytest.mark.slow
def test_as_in_the_simulation():
    """Left in peace, the same things happen in the same order, and each job's turnaround is within 2 %."""
    mix = mix_of(
        "A 0 cpu 11.3; lock m; cpu 17.9; unlock m; cpu 6.1",
        "B 3.2 cpu 4.7; lock m; cpu 9.3; unlock m; io 7.9; cpu 5.3",
        "P 6.4 cpu 7.1; put q; cpu 8.7; put q; cpu 3.9",
        "C 9.1 get q; cpu 6.7; get q; cpu 12.3",
        "F 13.7 cpu 5.9; spawn G; cpu 4.3; join G; cpu 7.7",
        "G 0 cpu 10.9",
        queues=(("q", 1),),
    )
    kinds = ("acquired", "released", "put", "got", "waits", "joins", "spawned", "finished")

    def check(run):
        simulated = ss.run(mix, "rr:quantum=7", grace="0.3ms")
        assert rows(simulated, *kinds) == rows(run, *kinds)
        pairs = [
            (one.turnaround, other.turnaround) for one, other in zip(run.jobs, simulated.jobs, strict=True)
        ]
        assert [] == [(one, other) for one, other in pairs if abs(one / other - 1) > 0.02]

    in_peace(mix, "rr:quantum=7", check)


def test_waits_are_in_the_trace():
    """Who waits is blocked from that row on, and wakes when it is handed what it waits for."""
    run = measured(
        mix_of("A 0 lock m; cpu 6; unlock m; cpu 2", "B 1 lock m; cpu 2; unlock m"), "rr:quantum=3"
    )
    kinds = [row.kind.name for row in run.trace if row.task == 1]
    assert ["WAITS", "BLOCKED", "ACQUIRED", "WOKE", "DISPATCHED"] == kinds[2:7]
    times = [row.time for row in run.trace]
    assert all(one <= other for one, other in pairwise(times))
