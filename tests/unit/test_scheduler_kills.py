"""A task is killed, whatever it does just then: its CPU and its places in lines are free, what it holds is not."""

from __future__ import annotations

import pytest

from schedsim.cooperation import checked
from schedsim.engines.simulated import simulate
from schedsim.experiment import header_of, run
from schedsim.jobs import Job, Mix
from schedsim.observed import Overheads
from schedsim.operations import Cpu, Get, Io, Kill, Spawn, Yield
from schedsim.policies.options import make_policy
from schedsim.trace import Kind, Trace
from schedsim.validate import validate
from tests.unit.playing import mix_of
from tests.unit.telling import measured, told

FCFS = make_policy("fcfs", {}, "ns")

KILLER = "K 0 cpu 3; kill V; cpu 1"


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        # On another CPU: its three nanoseconds are its own.
        ("V 0 cpu 9", {"cpus": 2}, ["3 killed V 1 3"]),
        # In the ready queue.
        ("V 0 cpu 9", {}, ["3 killed V"]),
        # At I/O that nobody waits for.
        ("V 0 cpu 1; io 9", {"cpus": 2}, ["3 killed V"]),
        # Served by the disk, which then serves W, from 3 on.
        ("V 0 cpu 1; io 9 disk\nW 0 cpu 2; io 4 disk", {"cpus": 3}, ["3 killed V", "7 served W 4", "7 finished W"]),
        # In the line for the disk, in which X is behind it.
        (
            "V 0 cpu 2; io 9 disk\nW 0 cpu 1; io 4 disk\nX 0 cpu 2; io 1 disk",
            {"cpus": 4},
            ["3 killed V", "5 served W 4", "5 finished W", "6 served X 1", "6 finished X"],
        ),
        # In the line for a mutex, in which X is behind it.
        (
            "V 0 cpu 1; lock m; cpu 1\nW 0 lock m; cpu 5; unlock m\nX 0 cpu 2; lock m",
            {"cpus": 4},
            ["3 killed V", "5 released W 2 m", "5 acquired X m", "5 finished W 2 5", "5 served X", "5 finished X"],
        ),
        # Waiting for room, and then somebody makes some: its second item never comes in.
        (
            "V 0 put q; put q\nW 0 cpu 5; get q; get? q",
            {"cpus": 3},
            ["3 killed V", "5 got W 2 q", "5 refused W 2 q", "5 finished W 2 5"],
        ),
        # Waiting for an item, which then goes to W, who is behind it.
        (
            "V 0 get q\nW 0 cpu 1; get q\nX 0 cpu 5; put q",
            {"cpus": 4},
            ["3 killed V", "5 put X 3 q", "5 got W q", "5 finished X 3 5", "5 served W", "5 finished W"],
        ),
        # Joining: its child goes to init.
        (
            "V 0 spawn C; join C\nC 0 cpu 5",
            {"cpus": 2},
            ["3 killed V", "3 adopted C", "5 finished C 1 5", "5 reaped C init"],
        ),
        # Held: the next one is admitted, not it.
        ("V 1 cpu 9\nW 2 cpu 1", {"degree": 1}, ["3 killed V", "4 admitted W", "4 dispatched W 0 -1", "5 finished W 0 1"]),
        # Its own end is at that instant, too, and comes later in its order: so it does not come.
        ("V 0 cpu 3", {"cpus": 2}, ["3 killed V 1 3"]),
        # Its I/O ends at that instant, too, and that would come later.
        ("V 0 cpu 1; io 2", {"cpus": 2}, ["3 killed V"]),
    ],
)  # fmt: skip
def test_in_every_state(text, settings, expected):
    """Times, places and lines of the others are told with it."""
    rows = told(f"{KILLER}\n{text}", queues=(("q", 1),), **settings)
    place = rows.index("3 signalled K 0 V")
    mine = ("3 reached K 0 3", "4 finished K 0 4")
    assert expected == [row for row in rows[place + 1 :] if row not in mine]


def test_on_its_cpu_before_the_killer_has_its_turn():
    """V arrived before K, so its burst ends first, and the next one has begun: nothing of it is used yet."""
    assert ["3 reached V 0 3", "3 signalled K 1 V", "3 killed V 0 3", "3 reached K 1 3"] == told(
        "V 0 cpu 3; cpu 2\nK 0 cpu 3; kill V; cpu 1", cpus=2
    )[4:8]


def test_whose_slice_expires_at_that_instant():
    """V has given up its CPU, and has not rejoined the ready queue yet: it never does."""
    rows = told("V 0 cpu 9\nK 0 cpu 3; kill V; cpu 1\nW 0 cpu 1", "rr", {"quantum": 3}, cpus=2)
    assert [
        "3 expired V 0 3",
        "3 signalled K 1 V",
        "3 killed V",
        "3 expired K 1 3",
        "3 dispatched W 0 3",
        "3 dispatched K 1 3",
    ] == rows[5:11]


def test_during_the_context_switch_to_it():
    """The switch from 2 to 4 is broken off at 3, and is no longer than that in the sums."""
    text = f"{KILLER}\nU 0 cpu 2\nV 0 cpu 9\nW 0 cpu 1"
    rows = told(text, cpus=2, switch_cost=2)
    assert ["3 killed V 1 0", "3 reached K 0 3", "3 switched W 1 2", "3 dispatched W 1 -1"] == rows[10:14]
    assert "6 finished W 1 1" == rows[-1]
    system = run(mix_of(text), "fcfs", cpus=2, switch_cost=2, notes=False).system
    assert [6, 7, 3, 2] == [system[key] for key in ("makespan", "busy", "switching", "idle")]


def test_a_zombie():
    """It has ended: nobody is killed, and it is as before."""
    rows = told("K 0 spawn V; cpu 3; kill V; cpu 1\nV 0 cpu 1", cpus=2)
    assert ["1 finished V 1 1", "1 zombie V K", "3 reached K 0 3", "4 finished K 0 4"] == rows[6:10]


def test_one_who_arrives_at_that_instant():
    """It arrives after it would have been killed, so it is not there, and lives."""
    rows = told(f"{KILLER}\nV 3 cpu 2", cpus=2)
    assert [
        "3 reached K 0 3",
        "3 arrived V",
        "3 dispatched V 1 -1",
        "4 finished K 0 4",
        "5 finished V 1 2",
    ] == rows[2:]


def test_one_who_is_handed_a_mutex_at_that_instant():
    """V holds m for ever, and W, who is behind it, never gets it: what the dead hold stays held."""
    rows = told("K 0 lock m; cpu 3; unlock m; kill V; cpu 1\nV 0 lock m; cpu 4\nW 0 lock m", cpus=3)
    assert [
        "3 released K 0 m",
        "3 acquired V m",
        "3 signalled K 0 V",
        "3 killed V",
        "3 reached K 0 3",
        "4 finished K 0 4",
    ] == rows[12:]


def test_one_who_was_spawned_at_that_instant():
    """It never arrives; it is a zombie all the same, which its parent may join, and has an exit code of -9."""
    rows = told("K 0 spawn V; kill V; join V; cpu 1\nV 0 cpu 1")
    assert [
        "0 spawned K 0 V",
        "0 signalled K 0 V",
        "0 killed V",
        "0 zombie V K",
        "0 reaped V K",
        "0 reached K 0 0",
        "1 finished K 0 1",
    ] == rows[2:]


def test_itself():
    """K holds m for ever; what follows its kill is not done."""
    rows = told("K 0 lock m; cpu 1; kill K; cpu 9\nW 0 cpu 2; lock m")
    assert [
        "1 signalled K 0 K",
        "1 killed K 0 1",
        "1 dispatched W 0 -1",
        "3 waits W 0 m",
        "3 blocked W 0 2",
    ] == rows[5:]


def test_itself_as_others_see_it():
    """What K did before stays done; its parent is told -9, and its CPU is free at that instant."""
    text = "P 0 spawn K; join K; cpu 1\nK 0 cpu 2; write n 7; kill K; write n 9; cpu 5"
    assert ["2 signalled K 0 K", "2 killed K 0 2", "2 reaped K P", "2 woke P", "2 dispatched P 0 -1"] == told(
        text
    )[-6:-1]
    result = run(checked(mix_of(text)), "fcfs", notes=False)
    assert [("terminated", 3, 0), ("killed", None, -9)] == [
        (job.state, job.finish, job.exit_code) for job in result.jobs
    ]
    assert {"n": 7} == result.variables


@pytest.mark.parametrize(
    "text",
    [
        # Both arrived at 0, and A stands first.
        "A 0 cpu 3; kill B; cpu 1\nB 0 cpu 3; kill A; cpu 1",
        # B stands first, and A arrived first.
        "B 1 cpu 2; kill A; cpu 1\nA 0 cpu 3; kill B; cpu 1",
    ],
)
def test_two_who_kill_each_other_at_one_instant(text):
    """A has its turn first, and B never has it."""
    rows = [row for row in told(text, cpus=2) if row.startswith(("3", "4"))]
    assert ["3 signalled A", "3 killed B", "3 reached A", "4 finished A"] == [
        " ".join(row.split()[:3]) for row in rows
    ]


@pytest.mark.parametrize(
    "text",
    [
        # All run.
        "A 0 cpu 3; kill C; cpu 1\nB 0 cpu 3; kill C; cpu 1\nC 0 cpu 9",
        # B stands first in the mix, and is dispatched at 3, when D ends; A has run until then.
        "B 1 kill C; cpu 1\nD 0 cpu 3\nE 0 cpu 9\nA 0 cpu 3; kill C; cpu 1\nC 2 cpu 9",
    ],
)
def test_two_who_kill_a_third_at_one_instant(text):
    """A does, and B finds nobody."""
    rows = [row.split() for row in told(text, cpus=3) if row.startswith("3") and row.split()[2] in "ABC"]
    kills = [" ".join(row[:3]) for row in rows if row[1] != "dispatched"]
    assert ["3 signalled A", "3 killed C", "3 reached A", "3 reached B"] == kills


def says(log, *steps):
    """Return a program that logs how far it has come, from 0, before each of its steps and at its end."""

    def program():
        for number, step in enumerate(steps):
            log.append(number)
            yield step
        log.append(len(steps))

    return program


@pytest.mark.parametrize(
    ("steps", "cpus", "spawned", "expected"),
    [
        # In I/O, which would end at 9; in the line for the disk; at I/O that ends at that instant.
        ((Cpu(1), Io(8)), 2, False, [0, 1]),
        ((Cpu(1), Io(8, "disk")), 2, False, [0, 1]),
        ((Cpu(1), Io(4)), 2, False, [0, 1]),
        # Running; in a burst that ends at that instant; ready; at a yield of that instant.
        ((Cpu(9),), 2, False, [0]),
        ((Cpu(5),), 2, False, [0]),
        ((Cpu(5),), 1, False, [0]),
        ((Cpu(5), Yield(), Cpu(1)), 2, False, [0]),
        # Waiting for an item; made at that instant.
        ((Get("q"),), 2, False, [0]),
        ((Cpu(5),), 2, True, []),
    ],
)
@pytest.mark.parametrize("overheads", [None, Overheads()])
def test_a_generator_goes_no_further(steps, cpus, spawned, expected, overheads):
    """K stands first in the mix and kills V at 5; nothing of V's code runs from then on."""
    log: list[int] = []
    killer = (Cpu(5), *([Spawn("V")] if spawned else []), Kill("V"), Cpu(9))
    jobs = (
        Job("K", 0, killer),
        Job("V", 0, says(log, *steps), spawned=spawned),
        Job("D", 0, (Io(7, "disk"),)),
    )
    mix = checked(Mix(jobs, unit="ns", cpus=cpus, queues=(("q", 1),)))
    trace = Trace(header_of(mix, FCFS, None))
    simulate(mix, FCFS, trace, overheads=overheads)
    validate(trace)
    assert [5] == [row.time for row in trace if row.kind is Kind.KILLED]
    assert expected == log


def test_one_who_stands_at_a_yield():
    """At 5 X ends, V comes to its yield and K is dispatched; K stands first, so V never comes further than that.

    ::

        0 ------------- 2 ------- 5
        X and V run     K is ready
    """
    log: list[int] = []
    jobs = (
        Job("K", 0, (Io(2), Kill("V"), Cpu(9))),
        Job("X", 0, (Cpu(5),)),
        Job("V", 0, says(log, Cpu(5), Yield(), Cpu(1))),
    )
    result = run(Mix(jobs, unit="ns", cpus=2), "fcfs", notes=False)
    assert ["terminated", "terminated", "killed"] == [job.state for job in result.jobs]
    assert [0, 1] == log


def test_what_a_dead_generator_would_have_raised():
    """It is nobody's error: V was killed at 5, in its I/O."""

    def program():
        yield Cpu(1)
        yield Io(10)
        raise RuntimeError("the dead")

    mix = Mix((Job("V", 0, program), Job("K", 0, (Cpu(5), Kill("V"), Cpu(20)))), unit="ns", cpus=2)
    assert ["killed", "terminated"] == [job.state for job in run(mix, "fcfs", notes=False).jobs]


def test_told_where_cpu_time_is_measured():
    """Both bursts end at 3, K's first: V has used 3 ns by then, as its own machine says at that instant."""
    trace = measured(mix_of(f"{KILLER}\nV 0 cpu 3", cpus=2), FCFS, Overheads())
    validate(trace)
    assert [(3, 3)] == [(row.time, row.value) for row in trace if row.kind.name == "KILLED"]
