"""The dispatcher and operations that take no time: what is decided, what is done, and in which order."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.cooperation import checked
from schedsim.deadlock import deadlock_of
from schedsim.engines.real.conductor import plain
from schedsim.engines.real.drivers import Bands, Signals
from schedsim.engines.real.objects import needed
from schedsim.errors import InternalError, ProgramError, UsageError
from schedsim.evaluate import excess_of, turnarounds
from schedsim.jobs import Job, Mix
from schedsim.metrics import job_metrics
from schedsim.native import native
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Exit, Get, Io, Join, Kill, Lock, Put, Read, Spawn, Unlock, Write
from schedsim.orders import completions
from schedsim.policies.options import make_policy
from schedsim.recording import Recording
from schedsim.validate import validate
from tests.unit.virtual import run_virtually

MS = 1_000_000
LOOK = 1000
DRIVERS = pytest.mark.parametrize("driver", [Bands, Signals])


def mix_of(jobs, **fields):
    """Return a mix of jobs ``A 0 cpu 3; lock m``, one a line, or of such pairs of a name and a generator."""
    made = []
    for line in jobs.strip().splitlines() if isinstance(jobs, str) else jobs:
        if isinstance(line, str):
            name, arrival, program = line.split(maxsplit=2)
            made.append(Job(name, round(float(arrival) * MS), parse_program(program, "ms")))
        else:
            made.append(line)
    return checked(Mix(tuple(made), **fields))


def run(mix, algo="fcfs", *, driver=Bands, **circumstances):
    """Return the dispatcher of such a run, which is a schedule, and which its recording makes again."""
    name, _, quantum = algo.partition(":")
    policy = make_policy(name, {"quantum": quantum} if quantum else None, "ms")
    circumstances["kills"] = [(round(when * MS), index) for when, index in circumstances.pop("kills", ())]
    machine = run_virtually(mix, policy, driver=driver, look=LOOK, **circumstances)
    trace = machine.scheduler.trace
    validate(trace)
    recording = Recording(tuple(plain(machine.observations.deliveries)))
    assert recording.replay(mix, policy, trace.header) == trace
    return machine


def rows(machine):
    """Return the rows as ``4 acquired A``, times in whole milliseconds, rounded down."""
    trace = machine.scheduler.trace
    names = [job.id for job in trace.header.jobs] + ["-"]
    return [f"{row.time // MS} {row.kind.name.lower()} {names[row.task]}" for row in trace]


def simulated(mix, algo):
    """Return the same rows of the simulation."""
    run = ss.run(mix, algo)
    names = [job.id for job in run.trace.header.jobs] + ["-"]
    return [f"{row.time // MS} {row.kind.name.lower()} {names[row.task]}" for row in run.trace]


def done(machine):
    """Return who has really done what, in that order, and what came of it."""
    names = [job.id for job in machine.crew.jobs]
    return [
        (names[index], type(operation).__name__, result) for _, index, operation, result in machine.crew.log
    ]


def states(machine):
    """Return the state and the CPU time of each job, to the nearest tenth of a millisecond."""
    return [(job.state, round(job.cpu / MS, 1)) for job in job_metrics(machine.scheduler.trace)]


# Each operation, in time lines that the simulation has too.

MIXES = {
    "mutex": mix_of("A 0 cpu 3; lock m; cpu 6; unlock m; cpu 2\nB 1 cpu 1; lock m; cpu 5; unlock m; cpu 2"),
    "several at once": mix_of("A 0 cpu 2; lock m; lock n; cpu 3; unlock n; unlock m\nB 1 lock n; lock m; cpu 2"),
    "queue": mix_of(
        "P 0 cpu 3; put q; cpu 3; put q; cpu 3; put q; put q\nC 1 get q; cpu 5; get q; cpu 5; get q; get q; cpu 1",
        queues=(("q", 2),),
    ),
    "not blocking": mix_of(
        "P 0 put? q; put? q; cpu 2\nC 1 cpu 3; get? q; get? q; cpu 1", queues=(("q", 1),)
    ),
    "children": mix_of("A 0 cpu 3; spawn B; cpu 3; join B; cpu 3\nB 0 cpu 5; exit 3; cpu 9"),
    "orphan": mix_of("A 0 cpu 2; spawn B; cpu 1\nB 0 cpu 5"),
    "kill": mix_of("A 0 cpu 3; spawn B; cpu 2; yield; cpu 2; kill B; cpu 2\nB 0 cpu 90"),
    "variable": mix_of("A 0 read n; cpu 2; write n +1\nB 0 read n; cpu 2; write n +1; cpu 1", variables=(("n", 5),)),
    "after I/O": mix_of("A 0 cpu 1; io 3; lock m; io 2; unlock m; io 1; cpu 1\nB 0 lock m; cpu 7; unlock m"),
    "after a yield": mix_of("A 0 cpu 1; yield; lock m; yield; unlock m; io 2; cpu 1\nB 0 cpu 3"),
    "nothing else": mix_of("A 0 lock m; unlock m; write n 3; read n\nB 0 cpu 1"),
}  # fmt: skip


@DRIVERS
@pytest.mark.parametrize("algo", ["fcfs", "rr:4", "sjf"])
@pytest.mark.parametrize("name", MIXES)
def test_as_in_the_simulation(name, algo, driver):
    """The same things happen in the same order, at the same millisecond."""
    mix = MIXES[name]._replace(grace=300_000)
    machine = run(mix, algo, driver=driver)
    quantum = algo.replace(":", ":quantum=")
    assert simulated(mix, quantum) == rows(machine)


# What really happens.


@DRIVERS
def test_who_unlocks_has_done_so_before_it_is_preempted(driver):
    """A gives the mutex up at 5, when B, which is better, gets it and the CPU: the lock is free by then."""
    machine = run(
        mix_of("B 1 cpu 1; lock m; cpu 1; unlock m\nA 0 lock m; cpu 5; unlock m; cpu 9"),
        "srtf",
        driver=driver,
    )
    assert [("A", "Lock"), ("A", "Unlock"), ("B", "Lock"), ("B", "Unlock")] == [
        each[:2] for each in done(machine)
    ]
    assert [("terminated", 2.0), ("terminated", 14.0)] == states(machine)


def test_who_ends_has_done_everything_before():
    """A's last act is to give the mutex up, and its process needs the CPU for that."""
    machine = run(mix_of("A 0 lock m; cpu 2; unlock m\nB 0 cpu 1; lock m; cpu 1"))
    assert [("A", "Lock"), ("A", "Unlock"), ("B", "Lock")] == [each[:2] for each in done(machine)]


def producer():
    """Put three pairs, and say how many came to be there."""
    said = []
    for number in range(3):
        yield Cpu(2 * MS)
        said.append((yield Put("q", ("item", number))))
    yield Write("n", sum(said))


def consumer():
    """Take them, and count."""
    total = 0
    yield Cpu(5 * MS)
    for _ in range(3):
        word, number = yield Get("q")
        total += number * len(word)
        yield Cpu(3 * MS)
    found = yield Get("q", blocking=False)
    yield Write("m", total if found == (False, None) else -1)


def test_a_refused_item_is_nowhere():
    """Its place is free again, and its sender knows."""
    said = []

    def program():
        said.append((yield Put("q", "first", blocking=False)))
        said.append((yield Put("q", "second", blocking=False)))
        said.append((yield Get("q", blocking=False)))
        said.append((yield Get("q", blocking=False)))
        yield Cpu(MS)

    machine = run(mix_of([Job("A", 0, program)], queues=(("q", 1),)))
    assert [True, False, (True, "first"), (False, None)] == said
    assert 0 == sum(machine.crew.objects.taken)


@pytest.mark.parametrize("item", [0, 1, True, 1_000_000, -1, None, "word"])
def test_what_a_list_may_not_put_is_nobody_elses(item):
    """Whatever the item: its own place is freed when it is refused, and what others put is theirs."""
    taken = []

    def late():
        yield Io(15 * MS)
        yield Cpu(MS)  # or it would have sent its item before the run began
        yield Put("r", {"late": 1})

    def taker():
        yield Io(30 * MS)
        taken.append((yield Get("q")))
        taken.append((yield Get("r")))
        yield Cpu(MS)

    steps = (Cpu(MS), Put("q", item), Put("q", item, blocking=False), Cpu(MS))
    jobs = [Job("A", 0, steps), Job("L", 0, late), Job("G", 0, taker)]
    machine = run(mix_of(jobs, queues=(("q", 1), ("r", 1))))
    assert [item, {"late": 1}] == taken
    assert [("A", True), ("A", False)] == [each[::2] for each in done(machine) if each[:2] == ("A", "Put")]
    assert 0 == sum(machine.crew.objects.taken)


@DRIVERS
@pytest.mark.parametrize("algo", ["fcfs", "rr:4", "srtf"])
@pytest.mark.parametrize("capacity", [1, 2])
def test_values_travel(capacity, algo, driver):
    """What generators put and write is what others get and read, whoever waits for whom."""
    mix = mix_of([Job("P", 0, producer), Job("C", 0, consumer)], queues=(("q", capacity),))
    machine = run(mix, algo, driver=driver)
    items = [result for _, what, result in done(machine) if what == "Get"]
    assert [("item", 0), ("item", 1), ("item", 2), (False, None)] == items
    assert [("terminated", 6.0), ("terminated", 14.0)] == states(machine)
    shared, places = machine.crew.objects.variables, machine.answers.variables
    assert (12, 0) == (shared[places["m"]], sum(machine.crew.objects.taken))
    assert machine.scheduler.together.variables == {name: shared[place] for name, place in places.items()}


def test_an_item_waits_for_whom_it_was_handed_to():
    """L has been handed the first item and has not run when S takes the second one: each has its own."""

    def taker(length):
        item = yield Get("q")
        yield Write(item, 1)
        yield Cpu(length * MS)

    mix = mix_of(
        [
            Job("L", 0, lambda: taker(9), priority=2),
            Job("P", MS, (Cpu(2 * MS), Put("q", "first"), Put("q", "second"), Cpu(MS))),
            Job("S", 2 * MS, lambda: taker(1), priority=1),
        ],
        queues=(("q", 2),),
    )
    machine = run(mix, "priority")
    assert [("P", True), ("P", True), ("S", "second"), ("L", "first")] == [
        (name, result) for name, what, result in done(machine) if what in ("Put", "Get")
    ]


def test_a_lost_update():
    """Both read 0 before either writes 1; with a mutex around it the second reads what the first wrote."""
    losing = "read n; cpu 3; write n +1"
    keeping = f"lock m; {losing}; unlock m"
    for program, total in ((losing, 1), (keeping, 2)):
        machine = run(mix_of(f"A 0 {program}\nB 0 {program}"), "rr:2")
        assert total == machine.crew.objects.variables[machine.answers.variables["n"]]


def test_results_of_a_family():
    """A parent is told its child's exit code, and whether a kill found somebody."""
    said = []

    def parent():
        yield Cpu(MS)
        yield Spawn("B")
        said.append((yield Join("B")))
        said.append((yield Kill("B")))
        yield Spawn("C")
        yield Cpu(MS)
        said.append((yield Kill("C")))
        said.append((yield Join("C")))
        yield Exit(2)

    mix = mix_of(
        [
            Job("A", 0, parent),
            Job("B", 0, parse_program("cpu 1; exit 3", "ms"), spawned=True),
            Job("C", 0, parse_program("cpu 9", "ms"), spawned=True),
        ]
    )
    machine = run(mix)
    assert [3, False, True, -9] == said
    assert [True, True, False] == [worker.alive for worker in machine.crew.workers]


# Ends that are none.


def test_a_deadlock_ends_the_run():
    """Nobody can go on: the run is over at once, and the trace says who waits for whom."""
    machine = run(mix_of("A 0 lock m; cpu 5; lock n; cpu 1\nB 0 lock n; cpu 5; lock m; cpu 1"), "rr:2")
    assert ["B", "A"] == [wait.job for wait in deadlock_of(machine.scheduler.trace).circle]
    assert 10 == machine.scheduler.now // MS
    assert [("blocked", 5.0), ("blocked", 5.0)] == states(machine)


def test_a_boost_does_not_keep_a_deadlock_alive():
    """A policy's periodic work goes on for as long as there are tasks, and is nothing to wait for."""
    machine = run(mix_of("A 0 cpu 1; get q", queues=(("q", 1),)), "mlfq")
    assert ["A"] == [wait.job for wait in deadlock_of(machine.scheduler.trace).waits]


def test_who_is_to_come_may_help():
    """A waits from 1 on, and P comes at 20."""
    machine = run(mix_of("A 0 cpu 1; get q; cpu 1\nP 20 cpu 1; put q", queues=(("q", 1),)))
    assert [("terminated", 2.0), ("terminated", 1.0)] == states(machine)


@DRIVERS
def test_the_holder_of_a_mutex_dies(driver):
    """It stays held, so B waits for ever, and the run ends."""
    machine = run(
        mix_of("A 0 lock m; cpu 9; unlock m\nB 0 cpu 3; lock m; cpu 1"), driver=driver, kills=[(2, 0)]
    )
    assert ["A"] == [wait.holders[0] for wait in deadlock_of(machine.scheduler.trace).waits]
    assert [0] == [index for _, index in machine.observations.deaths]


@DRIVERS
@pytest.mark.parametrize("when", [0.5, 3, 9])
def test_a_kill_is_no_death(driver, when):
    """The process is killed wherever it is, and dies where it costs no measured CPU its time."""
    programs = {0.5: "cpu 9", 3: "cpu 1; io 90", 9: "lock m; cpu 1; lock m"}
    machine = run(mix_of(f"A 0 cpu 4; kill B; cpu 2\nB 0 {programs[when]}"), "rr:2", driver=driver)
    killed = machine.crew.workers[1]
    assert (False, 99) == (killed.alive, killed.cpu)
    assert [] == machine.observations.deaths
    assert ["terminated", "killed"] == [state for state, _ in states(machine)]


def test_a_task_kills_itself():
    """What it did before is done; the program ends there."""
    machine = run(mix_of("A 0 write n 7; kill A; cpu 5\nB 0 cpu 1"))
    assert [("killed", 0.0), ("terminated", 1.0)] == states(machine)
    assert 7 == machine.crew.objects.variables[0]


def test_a_child_whose_process_died_before():
    """It has failed as soon as it is spawned, and its parent is told."""
    machine = run(mix_of("A 0 cpu 4; spawn B; join B; cpu 1\nB 0 cpu 1"), kills=[(1, 1)])
    assert [("terminated", 5.0), ("failed", 0.0)] == states(machine)


@DRIVERS
@pytest.mark.parametrize("joins", [1, 9], ids=["while it is joined", "before"])
def test_a_child_whose_process_dies(joins, driver):
    """Its parent is told what it is told of a killed one, and so are all who read the results."""
    said = []

    def parent():
        yield Spawn("B")
        yield Cpu(joins * MS)
        said.append((yield Join("B")))
        yield Cpu(MS)

    mix = mix_of([Job("A", 0, parent), Job("B", 0, (Cpu(MS), Io(90 * MS)), spawned=True)])
    machine = run(mix, driver=driver, kills=[(5, 1)])
    assert [-9] == said
    assert [0, -9] == [job.exit_code for job in job_metrics(machine.scheduler.trace)]
    assert ["terminated", "failed"] == [state for state, _ in states(machine)]


def test_a_child_that_is_never_spawned():
    """Its worker waits in vain, and nobody waits for it."""
    machine = run(mix_of("A 0 cpu 1; exit; spawn B\nB 0 cpu 1"))
    assert ["terminated", "new"] == [state for state, _ in states(machine)]


# Refusals.


class NoReturn:
    """Can be pickled, and raises when it is unpickled."""

    def __reduce__(self):
        """Say how to make it again."""
        return no_return, ()


def no_return():
    """Raise."""
    raise OSError("no return")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Unlock("m"), "it unlocks 'm', which it does not hold"),
        (Put("q", lambda: None), "what it puts into 'q' cannot be pickled"),
        (
            Put("q", "x" * 4000),
            "takes 4,018 bytes when it is pickled; in a real run an item takes at most 4,000",
        ),
        (Write("n", "word"), "it writes 'word' to 'n'; in a real run a shared variable holds a whole number"),
        (Write("n", 1 << 63), "a whole number of 64 bits"),
        (
            Write("n", change=1 << 70),
            "it adds 1180591620717411303424 to 'n'; in a real run a shared variable holds",
        ),
        (
            Cpu(1 << 70),
            r"its program yielded Cpu\(ns=.*\), which a real run cannot tell its dispatcher \(error: ",
        ),
        (Lock("m" * 201), "a name in 'lock mmmmmmmmmmmmmmm'... is longer than 200 bytes; shorten it"),
        (Spawn("x" * 250), "a name in 'spawn xxxxxxxxxxxxxx'... is longer than 200 bytes; shorten it"),
        (Unlock("é" * 101), "a name in 'unlock ééééééééééééé'... is longer than 200 bytes; shorten it"),
        (Lock("\ud800"), "the name of a mutex is text of printable characters"),
        (
            Put("q", NoReturn()),
            "what it gets out of 'q' cannot be unpickled \\(OSError: no return\\); a real run",
        ),
    ],
    ids=[
        "unlock",
        "pickle",
        "size",
        "word",
        "number",
        "change",
        "burst",
        "name",
        "child",
        "at once",
        "letter",
        "unpickle",
    ],
)
def test_what_a_generator_must_not(operation, words):
    """The run is given up with one sentence."""

    def program():
        yield Cpu(MS)
        yield operation
        yield Get("q")

    with pytest.raises(ProgramError, match=words) as caught:
        run(mix_of([Job("A", 0, program)], queues=(("q", 1),)))
    assert str(caught.value).startswith("job 'A'")


@pytest.mark.parametrize("queues", [(), (("q", 1),)], ids=["none", "another"])
@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("item", [5, None, "word"])
def test_a_queue_that_is_not_declared(item, blocking, queues):
    """The sentence is that of the simulation, whatever was to be put, and whether there are other queues."""

    def program():
        yield Cpu(MS)
        yield Put("nope", item, blocking)

    mix = mix_of([Job("A", 0, program)], queues=queues)
    for engine in (run, ss.run):
        with pytest.raises(
            ProgramError, match=r"^job 'A' at 1(\.\d+)? ms: the queue 'nope' is not declared; give"
        ):
            engine(mix, "fcfs")


@pytest.mark.parametrize("generator", [True, False])
def test_a_sum_beyond_64_bits(generator):
    """As in the simulation, whoever writes it."""

    def program():
        yield Cpu(2 * MS)
        yield Read("n")
        yield Write("n", change=1)

    job = Job("A", 0, program if generator else parse_program("cpu 2; read n; write n +1", "ms"))
    with pytest.raises(ProgramError, match="what it writes to 'n' does not fit in 64 bits; keep it smaller"):
        run(mix_of([job], variables=(("n", 2**63 - 1),)))


def test_too_many_names():
    """Of what no list of operations names there is room for so many."""

    def program():
        for number in range(40):
            yield Read(f"n{number}")

    with pytest.raises(
        ProgramError, match="'n32' is one more than the 32 variables that this real run has room for"
    ):
        run(mix_of([Job("A", 0, program)]))


def test_a_full_house():
    """Items that nobody takes are given back when they are taken."""

    def program():
        for _ in range(400):
            yield Put("q", 1)
            yield Get("q")
        yield Cpu(MS)

    machine = run(mix_of([Job("A", 0, program)], queues=(("q", 1),)))
    assert 0 == sum(machine.crew.objects.taken)


def test_io_after_an_operation_ends_when_it_should():
    """It begins at the instant of the operation, also if the process has gone on before or after that."""
    machine = run(
        mix_of("A 0 cpu 2; lock m; io 5; cpu 1; unlock m; io 3 disk; yield; io 1; cpu 1\nB 1 cpu 6")
    )
    woken = [row for row in rows(machine) if "woke A" in row]
    assert simulated(
        mix_of("A 0 cpu 2; lock m; io 5; cpu 1; unlock m; io 3 disk; yield; io 1; cpu 1\nB 1 cpu 6"), "fcfs"
    ) == rows(machine)
    assert 3 == len(woken)


def test_the_kernel_hands_nothing_over():
    """A native run refuses such a mix before anything runs."""
    with pytest.raises(UsageError) as caught:
        native(mix_of("A 0 cpu 1; lock m; cpu 1"), "fifo")
    assert (
        "the kernel schedules in a native run, and nobody is there to hand over mutexes, items and exit codes: "
        "programs take cpu, io and yield; a run under a policy takes all operations"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ("A 0 lock m; lock m; cpu 1", "job 'A' never ends in the simulation of mix"),
        ("A 0 cpu 1; exit; spawn B\nB 0 cpu 1", "job 'B' is never spawned in the simulation of mix"),
    ],
)
def test_nothing_to_compare(jobs, words):
    """A crosscheck needs turnarounds."""
    with pytest.raises(UsageError, match=words) as caught:
        ss.crosscheck(mix_of(jobs), "fcfs")
    assert str(caught.value).endswith(
        "so there is no turnaround to compare; schedsim run and schedsim real show what happens"
    )


@pytest.mark.parametrize("jobs", ["A 0 exit 2", "A 0 lock m; unlock m", "A 0 spawn B\nB 0 exit"])
def test_no_time_to_compare(jobs):
    """Nothing can be divided by a turnaround of 0, and there is no other."""
    with pytest.raises(UsageError) as caught:
        ss.crosscheck(mix_of(jobs), "fcfs")
    assert str(caught.value) == (
        "no job of mix takes any time in the simulation, so there is no turnaround to compare; "
        "write a CPU burst, such as cpu 20, or let schedsim real show what happens"
    )


def test_a_job_that_is_killed_is_compared_by_when():
    """It lived from 2, when it was spawned, to 5; and it may use less CPU time than its program says."""
    mix = mix_of("A 0 cpu 2; spawn B; cpu 3; kill B; cpu 1\nB 0 cpu 90")
    machine = run(mix)
    trace = machine.scheduler.trace
    assert [6, 3] == [length // MS for length in turnarounds(trace)]
    assert [True, None] == [
        share if share is None else abs(share) < 0.01 for share in excess_of(mix, [trace])
    ]
    assert ["B", "A"] == completions(trace)


def test_what_follows_an_exit_is_not_missed():
    """A job's CPU time is what it asks for before it exits."""
    mix = mix_of("A 0 cpu 2; io 1; exit; cpu 9; io 9")
    assert (2 * MS, MS) == (mix.jobs[0].cpu, mix.jobs[0].io)
    assert abs(excess_of(mix, [run(mix).scheduler.trace])[0]) < 0.01


@pytest.mark.parametrize(
    ("program", "expected"),
    [("cpu 1; io 1; yield; exit", False), ("cpu 1; spawn B", True), ("lock m", True), ("kill A", True)],
)
def test_who_needs_objects(program, expected):
    """A mix in which nobody does anything with others makes no lock."""
    assert expected == needed([Job("A", 0, parse_program(program, "ms"))])
    assert needed([Job("A", 0, producer)])


def test_a_variable_that_is_not_what_it_should_be():
    """What was decided has not been done, and that is an error of ours."""
    machine = run(mix_of("A 0 write n 7; cpu 1"))
    machine.crew.objects.variables[0] = 8
    with pytest.raises(InternalError, match="the variable 'n' is 8, and should be 7"):
        machine.answers.compare(machine.scheduler.together.variables)


@pytest.mark.parametrize("driver", [Bands, Signals])
def test_the_real_locks_are_those_that_are_held(driver):
    """Whoever was stopped, killed or handed a mutex: what nobody holds is free, and what somebody holds is not."""
    machine = run(
        mix_of(
            "A 0 lock a; cpu 3; lock b; cpu 3; unlock a; cpu 1\nB 1 cpu 1; lock a; cpu 2; kill A; unlock a\n"
            "C 0 lock c; cpu 1; unlock c"
        ),
        "rr:2",
        driver=driver,
    )
    mutexes, shared = machine.scheduler.together.mutexes, machine.crew.objects
    for name, place in machine.answers.locks.items():
        free = shared.locks[place].acquire(block=False)
        assert free == (mutexes[name].owner is None), name
