"""The dispatcher: what it tells the scheduler of processes that are late, die, or say several things at once."""

from __future__ import annotations

import pytest

from schedsim.engines.real.conductor import plain
from schedsim.engines.real.drivers import Bands, Signals
from schedsim.errors import HostError, ProgramError
from schedsim.jobs import Job, Mix
from schedsim.metrics import job_metrics
from schedsim.operation_text import parse_program
from schedsim.policies.options import make_policy
from schedsim.recording import Recording
from schedsim.validate import validate
from tests.unit.virtual import run_virtually

MS = 1_000_000
RR4 = ("rr", {"quantum": 4})
LOOK = 1000
"""How long a look at the clock takes here: the dispatcher is late by a few of them."""


def mix_of(jobs, **fields):
    """Return a mix of jobs ``A 0 cpu 3; io 2``, one a line: id, arrival, program, in milliseconds."""
    made = []
    for line in jobs.strip().splitlines():
        name, arrival, program = line.split(maxsplit=2)
        made.append(Job(name, int(arrival) * MS, parse_program(program, "ms")))
    return Mix(tuple(made), **fields)


def run(
    jobs, policy=("fcfs",), *, driver=Bands, limit=None, look=LOOK, pipe=300, pauses=(), kills=(), **fields
):
    """Return the dispatcher of such a run; times of pauses and kills are in milliseconds, of kills with names."""
    mix = mix_of(jobs, **fields)
    names = [job.id for job in mix.jobs]
    algo, *options = policy
    machine = run_virtually(
        mix,
        make_policy(algo, options[0] if options else None, "ms"),
        driver=driver,
        look=look,
        pipe=pipe,
        pauses=[(round(when * MS), round(length * MS)) for when, length in pauses],
        kills=[(round(when * MS), names.index(name)) for when, name in kills],
        **({} if limit is None else {"limit": limit * MS}),
    )
    trace = machine.scheduler.trace
    validate(trace)
    recording = Recording(tuple(plain(machine.observations.deliveries)))
    assert recording.replay(mix, machine.scheduler.policy, trace.header) == trace
    return machine


def rows(machine):
    """Return the rows as ``4 expired A``, times in whole milliseconds, rounded down."""
    trace = machine.scheduler.trace
    names = [job.id for job in trace.header.jobs] + ["-"]
    return [f"{row.time // MS} {row.kind.name.lower()} {names[row.task]}" for row in trace]


def used(machine):
    """Return state and CPU time of each job, to the nearest tenth of a millisecond."""
    return [(job.state, round(job.cpu / MS, 1)) for job in job_metrics(machine.scheduler.trace)]


@pytest.mark.parametrize("driver", [Bands, Signals])
def test_a_schedule_as_in_the_simulation(driver):
    """Slices, a yield and I/O come in the order in which they should, each a little late."""
    # CPU  A A A A B B B B A B B A
    #      0       4       8 9    12
    machine = run("A 0 cpu 5; io 2; cpu 1\nB 1 cpu 5; yield; cpu 2", RR4, driver=driver)
    assert [
        "0 arrived A",
        "0 dispatched A",
        "1 arrived B",
        "4 expired A",
        "4 dispatched B",
        "8 expired B",
        "8 dispatched A",
        "9 blocked A",
        "9 dispatched B",
        "10 yielded B",
        "10 dispatched B",
        "11 woke A",
        "12 finished B",
        "12 dispatched A",
        "13 finished A",
    ] == rows(machine)
    assert [("terminated", 6.0), ("terminated", 7.0)] == used(machine)


def test_what_is_observed():
    """Who was let go when, how long sleeps took, and how late the dispatcher was with everything."""
    seen = run("A 0 cpu 2; io 2; cpu 1\nB 1 io 1; io 1; cpu 1").observations
    assert [(0, 0), (1, 1)] == [(job, when // MS) for job, when in seen.releases]
    assert [(0, 0), (1, 0), (1, 1)] == sorted((job, which) for job, which, _ in seen.sleeps)
    assert all(length >= MS for _, _, length in seen.sleeps)
    assert all(0 <= late < 20 * LOOK for late in seen.lateness)
    assert seen.lateness
    assert [] == seen.deaths


# Several words at once, and words that come late.


def test_several_ends_in_one_read():
    """While the dispatcher is kept away A computes, sleeps and computes: each counts, and in that order."""
    machine = run("A 0 cpu 1; io 1; cpu 1; cpu 1; io 1; cpu 2", pauses=[(0.5, 30)])
    assert ["terminated"] == [state for state, _ in used(machine)]
    assert [
        "blocked A", "woke A", "dispatched A", "reached A", "blocked A", "woke A", "dispatched A", "finished A",
    ] == [row.partition(" ")[2] for row in rows(machine)[2:]]  # fmt: skip


def test_two_bursts_that_end_in_one_read():
    """A goes straight on from burst to burst: all its CPU time counts."""
    machine = run("A 0 cpu 1; cpu 2; cpu 3; cpu 4\nB 0 cpu 1", pauses=[(0.5, 8)])
    assert [("terminated", 10.0), ("terminated", 1.0)] == used(machine)


def test_a_full_pipe():
    """Workers wait until somebody reads what they say, and nothing of it is lost."""
    machine = run("A 0 " + "; ".join(["cpu 0.1"] * 60), pauses=[(0.05, 20)], pipe=3)
    assert [("terminated", 6.0)] == used(machine)
    assert 59 == sum(row.endswith("reached A") for row in rows(machine))


def test_an_end_that_comes_after_its_stop():
    """A's slice is over, and B dispatched, when A's word comes that it had ended: it ends at its next turn."""
    machine = run("A 0 cpu 4.001\nB 0 cpu 2\nC 0 cpu 2", RR4, look=3000)
    assert ["terminated"] * 3 == [state for state, _ in used(machine)]
    assert [4.0, 2.0, 2.0] == [cpu for _, cpu in used(machine)]


def test_a_boost_before_an_end_that_is_known_already():
    """The slice is renewed at 5, and the end at 5.2 under the old order still counts under the new one."""
    machine = run(
        "A 0 cpu 5.2; cpu 3\nB 0 cpu 1", ("mlfq", {"quanta": "20", "boost": "5"}), pauses=[(4.5, 1)]
    )
    assert [("terminated", 8.2), ("terminated", 1.0)] == used(machine)
    assert ["5 boosted -", "5 renewed A", "5 dispatched A", "5 reached A"] == rows(machine)[3:7]


def test_a_worker_says_what_raised():
    """The whole run is given up with the worker's own words."""
    from schedsim.engines.real import records
    from tests.unit import virtual

    class Raising(virtual.Kernel):
        """Has said so already when it is first read."""

        def read(self):
            yield records.Record(
                0, records.ERROR, 1, 0, 0, None, "job 'A': its program raised ValueError: no"
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(virtual, "Kernel", Raising)
        with pytest.raises(ProgramError) as caught:
            run("A 0 cpu 1")
    assert "job 'A': its program raised ValueError: no" == str(caught.value)


# Time that is used out of turn.


def test_a_yield_takes_effect_when_another_has_the_cpu():
    """What A computes after its yield until B runs is part of A's turn, and not done again."""
    machine = run("A 0 cpu 2; yield; cpu 2\nB 0 cpu 1", pauses=[(1.9, 0.6)])
    assert [("terminated", 4.0), ("terminated", 1.0)] == used(machine)
    rows_of_a = [row for row in machine.scheduler.trace if row.task == 0 and row.kind.name == "YIELDED"]
    assert 2.6 == round(rows_of_a[0].value / MS, 1)


def test_an_io_that_begins_late_does_not_end_late():
    """B's program begins with I/O while A computes: B needs the CPU to fall asleep, and wakes at 3 all the same."""
    machine = run("A 0 cpu 4\nB 1 io 2; cpu 1\nC 1 cpu 3", ("sjf",))
    assert "3 woke B" in rows(machine)
    assert [("terminated", 4.0), ("terminated", 1.0), ("terminated", 3.0)] == used(machine)
    assert ["4 dispatched B", "5 finished B", "5 dispatched C"] == rows(machine)[-4:-1]


# Deaths.


@pytest.mark.parametrize("driver", [Bands, Signals])
@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param(1, [("failed", 1.0), ("terminated", 3.0)], id="running"),
        pytest.param(2.5, [("failed", 2.0), ("terminated", 3.0)], id="blocked"),
        pytest.param(3.5, [("failed", 2.0), ("terminated", 3.0)], id="ready"),
    ],
)
def test_a_death(driver, when, expected):
    """Whatever A does when its process dies, the others go on at once, and what it used is known."""
    # CPU  A A B B B A A     A's I/O ends at 3
    #      0   2     5
    machine = run("A 0 cpu 2; io 1; cpu 2\nB 1 cpu 3", driver=driver, kills=[(when, "A")])
    assert expected == used(machine)
    assert f"{int(when)} failed A" in rows(machine)
    assert [(int(when * MS) // MS, 0)] == [(time // MS, job) for time, job in machine.observations.deaths]


def test_a_death_before_the_arrival():
    """It arrives all the same, since jobs do, and has failed at once."""
    machine = run("A 0 cpu 3\nB 2 cpu 3", kills=[(1, "B")])
    assert [("terminated", 3.0), ("failed", 0.0)] == used(machine)
    assert ["2 arrived B", "2 failed B"] == [row for row in rows(machine) if row.endswith("B")]
    assert [1] == [job for _, job in machine.observations.deaths]


def test_a_death_while_held():
    """It is not admitted, and the one behind it is."""
    machine = run("A 0 cpu 3\nB 0 cpu 3\nC 0 cpu 1", degree=1, kills=[(1, "B")])
    assert [("terminated", 3.0), ("failed", 0.0), ("terminated", 1.0)] == used(machine)
    assert ["0 held B", "1 failed B"] == [row for row in rows(machine) if row.endswith("B")]


def test_a_death_makes_room():
    """The held one is admitted as soon as the one before it is dead."""
    machine = run("A 0 cpu 9\nB 0 cpu 1", degree=1, kills=[(2, "A")])
    assert ["2 failed A", "2 admitted B", "2 dispatched B", "3 finished B"] == rows(machine)[-4:]


def test_a_death_at_a_device():
    """The device is free for the next one, and who waits for it and dies is left out."""
    jobs = "A 0 io 4 disk; cpu 1\nB 0 io 4 disk; cpu 1\nC 0 io 4 disk; cpu 1"
    machine = run(jobs, kills=[(1, "B"), (2, "A")])
    assert [("failed", 0.0), ("failed", 0.0), ("terminated", 1.0)] == used(machine)
    assert "6 woke C" in rows(machine)


def test_a_death_after_the_end():
    """The job has ended, and so it stays."""
    machine = run("A 0 cpu 1\nB 0 cpu 3", kills=[(2, "A")])
    assert [("terminated", 1.0), ("terminated", 3.0)] == used(machine)
    assert [] == machine.observations.deaths


def test_a_death_and_an_end_in_one_look():
    """A's word that its burst ended is there, and so is its death: the burst counts, what follows does not."""
    machine = run("A 0 cpu 1; cpu 5\nB 2 cpu 1", pauses=[(0.9, 0.5)], kills=[(1.2, "A")])
    assert [("failed", 1.2), ("terminated", 1.0)] == used(machine)


def test_everybody_dies():
    """The run is over."""
    machine = run("A 0 cpu 5\nB 0 cpu 5\nC 9 cpu 5", kills=[(1, "A"), (2, "B"), (3, "C")])
    assert ["failed"] * 3 == [state for state, _ in used(machine)]


# Devices, degree, several CPUs, an end.


@pytest.mark.parametrize("driver", [Bands, Signals])
def test_a_device_serves_one_at_a_time(driver):
    """In the order in which they asked; each worker is told until when it is served."""
    machine = run("A 0 cpu 1; io 4 disk; cpu 1\nB 0 cpu 1; io 2 disk; cpu 1\nC 0 io 9; cpu 1", driver=driver)
    woken = [row for row in rows(machine) if "woke" in row]
    assert ["5 woke A", "7 woke B", "9 woke C"] == woken
    assert [("terminated", 2.0), ("terminated", 2.0), ("terminated", 1.0)] == used(machine)


def test_degree():
    """A held job's worker is let go when it is dispatched, and not before."""
    machine = run("A 0 cpu 3\nB 0 cpu 2\nC 0 cpu 1", degree=2)
    assert ["0 held C", "3 admitted C"] == [
        row for row in rows(machine) if "held" in row or "admitted" in row
    ]
    assert [(0, 0), (1, 0), (2, 5)] == [(job, when // MS) for job, when in machine.observations.releases]


@pytest.mark.parametrize("driver", [Bands, Signals])
def test_two_cpus(driver):
    """Each has its task; who moves to another CPU is pinned there."""
    machine = run("A 0 cpu 3\nB 0 cpu 5\nC 0 cpu 4", RR4, driver=driver, cpus=2)
    assert [("terminated", 3.0), ("terminated", 5.0), ("terminated", 4.0)] == used(machine)
    assert 7 == int(rows(machine)[-1].split()[0])


def test_a_run_that_does_not_end():
    """It is given up, and says who is left."""
    with pytest.raises(HostError) as caught:
        run("A 0 cpu 9000\nB 1 cpu 9000", limit=2000)
    assert "the run did not end within 2 s; left: A, B" == str(caught.value)
