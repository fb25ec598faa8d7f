"""The shipped mixes whose jobs work together do what their titles and notes say."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import mixfile
from schedsim.operation_text import parse_program

MS = 1_000_000


def with_program(name, **programs):
    """Return a shipped mix in which these jobs do something else; text, lengths in ms."""
    mix = mixfile.load(name)
    jobs = [
        job._replace(program=parse_program(programs[job.id], mix.unit)) if job.id in programs else job
        for job in mix.jobs
    ]
    return mix._replace(jobs=tuple(jobs))


def circle(run):
    """Return who waits for whom in a circle."""
    return None if run.deadlock is None else [wait.job for wait in run.deadlock.circle]


def states(run, kind):
    """Return job, begin and end (in ms) of what a trace's rows of a kind begin: zombies."""
    ends = {row.task: row.time for row in run.trace if row.kind.name == "REAPED"}
    names = [job.id for job in run.trace.header.jobs]
    return [
        (names[row.task], row.time // MS, ends[row.task] // MS) for row in run.trace if row.kind.name == kind
    ]


def test_two_locks_in_opposite_order():
    """deadlock: under rr at 6, under fcfs never; in the same order under no policy."""
    runs = ss.compare("deadlock").runs
    assert [["B", "A"], None] == [circle(run) for run in runs]
    assert 6 * MS == runs[0].deadlock.time
    assert all(run.finished for run in runs[1:])
    orderly = with_program(
        "deadlock",
        B="cpu 1; lock left; cpu 2; lock right; cpu 2; unlock right; unlock left; cpu 1",
    )
    assert [None] * 14 == [run.deadlock for run in ss.compare(orderly._replace(policies=())).runs]


def test_philosophers():
    """dining-philosophers: a circle of five; one who takes the forks the other way round breaks it."""
    assert ["Kant", "Plato", "Hume", "Arendt", "Spinoza"] == circle(ss.run("dining-philosophers"))
    wise = with_program(
        "dining-philosophers",
        Kant="cpu 1; lock fork-1; cpu 1; lock fork-5; cpu 3; unlock fork-5; unlock fork-1",
    )
    run = ss.run(wise)
    assert run.deadlock is None
    assert run.finished


@pytest.mark.parametrize(("tray", "baker", "seller"), [(1, 34, 44), (3, 26, 46), (9, 22, 47)])
def test_a_buffer_between_a_fast_and_a_slow_one(tray, baker, seller):
    """producer-consumer: a larger tray lets the baker go sooner, and changes little for the seller."""
    mix = mixfile.load("producer-consumer")._replace(queues=(("tray", tray),))
    run = ss.run(mix)
    assert [baker, seller] == [job.finish for job in run.jobs]
    full = [row for row in run.trace if row.kind.name == "WAITS" and row.task == 0]
    assert (tray < 9) == bool(full)


def test_inversion_and_its_cure():
    """priority-inversion: high waits for medium, 26 ms; priority-inheritance: for low alone."""
    inverted, cured = ss.run("priority-inversion"), ss.run("priority-inheritance")
    assert [31, 29, 23] == [job.finish for job in inverted.jobs]
    assert [31, 9, 29] == [job.finish for job in cured.jobs]
    assert ([("high", 17)], []) == (inverted.misses, cured.misses)
    longer = mixfile.load("priority-inversion")
    longer = longer._replace(
        jobs=tuple(
            job._replace(program=(ss.Cpu(200 * MS),)) if job.id == "medium" else job for job in longer.jobs
        )
    )
    assert 209 == ss.run(longer).jobs[1].finish
    with_word = [job.operations for job in mixfile.load("priority-inheritance").jobs]
    plain = [
        tuple(
            ss.Lock(step.mutex, inherit=True) if isinstance(step, ss.Lock) else step
            for step in job.operations
        )
        for job in mixfile.load("priority-inversion").jobs
    ]
    assert with_word == plain


def test_an_update_is_lost():
    """lost-update: 4 sold and 8 left; 6 where nobody is stopped in the middle, or with a lock under any policy."""
    assert {"tickets": 8} == ss.run("lost-update").variables
    assert {"tickets": 6} == ss.run("lost-update", "fcfs").variables
    sale = "lock box; read tickets; cpu 2; write tickets -1; unlock box"
    locked = with_program(
        "lost-update", **dict.fromkeys(("counter-1", "counter-2"), f"cpu 1; {sale}; cpu 1; {sale}")
    )
    for run in ss.compare(locked._replace(policies=())).runs:
        assert {"tickets": 6} == run.variables


def test_zombies_until_they_are_joined():
    """parent-and-children: test and lint, until the shell comes to them; none where they are joined in time."""
    run = ss.run("parent-and-children")
    assert [("test", 6, 15), ("lint", 11, 15)] == states(run, "ZOMBIE")
    assert run.finished
    orderly = with_program(
        "parent-and-children",
        shell="cpu 1; spawn compile; spawn test; spawn lint; cpu 1; join test; join lint; join compile; cpu 1",
    )
    assert [] == states(ss.run(orderly), "ZOMBIE")


def test_an_orphan_and_a_zombie():
    """orphan-and-zombie: init adopts both, reaps the zombie at once and the orphan at its end."""
    run = ss.run("orphan-and-zombie")
    assert [("first", 4, 11)] == states(run, "ZOMBIE")
    told = [
        (row.kind.name, row.task, row.value, row.time // MS)
        for row in run.trace
        if row.kind.name in ("ADOPTED", "REAPED")
    ]
    assert [
        ("ADOPTED", 1, 0, 11),
        ("REAPED", 1, -1, 11),
        ("ADOPTED", 2, 0, 11),
        ("REAPED", 2, -1, 16),
    ] == told
    joined = with_program(
        "orphan-and-zombie", parent="cpu 1; spawn first; spawn second; cpu 1; io 8; join first; cpu 1"
    )
    assert ("REAPED", 1, 0) in [(row.kind.name, row.task, row.value) for row in ss.run(joined).trace]
