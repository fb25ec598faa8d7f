"""The steps of a page: who is where, who waits in which order, and why, as explain and the metrics say."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.explain import decisions
from schedsim.policies import NAMES
from schedsim.report.steps import READY, RUNNING, STATES, Change, steps
from schedsim.report.watching import NO_ORIGIN, watch
from schedsim.trace import ENDS_SLICE, Kind

MS = 1_000_000

WITH_IO = [
    {"id": "A", "program": "cpu 3; io 4; cpu 5", "priority": 2, "tickets": 3},
    {"id": "B", "arrival": 1, "program": "cpu 2; io 1; cpu 2; io 6; cpu 1", "priority": 1},
    {"id": "C", "arrival": 2, "burst": 7, "priority": 3, "tickets": 2},
    {"id": "D", "arrival": 2, "program": "io 2; cpu 4", "priority": 1},
    {"id": "E", "arrival": 9, "burst": 2, "priority": 2},
]
SURROUNDINGS = [
    pytest.param({}, id="plain"),
    pytest.param({"cpus": 2}, id="two CPUs"),
    pytest.param({"switch_cost": 0.5}, id="switch cost"),
    pytest.param({"conventions": "ostep"}, id="ostep"),
    pytest.param({"until": 13}, id="cut off"),
    pytest.param({"degree": 2}, id="degree"),
]


def made(mix, algo, **options):
    """Return a run and its steps."""
    run = ss.run(mix, algo, notes=False, **options)
    return run, steps(watch([run])[0])


def place(found, job, step):
    """Return the change of ``job`` that is in force after ``step``, or None before the first."""
    before = [change for change in found.changes.get(job, []) if change.step <= step]
    return before[-1] if before else None


def names(found, step, state, jobs):
    """Return who is in ``state`` after ``step``."""
    places = {each: place(found, number, step) for number, each in enumerate(jobs)}
    return {name for name, change in places.items() if change is not None and change.state == state}


def queued(found, step, jobs):
    """Return the ready queue after ``step``."""
    return [jobs[each.job] for each in found.queues[step]]


def test_a_round_robin_worked_by_hand():
    """Two jobs, quantum 2.

    time   0    1    2    3    4    5
    CPU    A    A    B    A
    ready       B    A
    """
    run, found = made([("A", 0, 3), ("B", 1, 1)], "rr", quantum=2)
    jobs = [job.id for job in run.jobs]
    assert [0, 1 * MS, 2 * MS, 3 * MS, 4 * MS] == found.times
    assert [[], ["B"], ["A"], [], []] == [queued(found, step, jobs) for step in range(5)]
    expired = int(Kind.EXPIRED)
    assert [
        Change(step=0, state=RUNNING, cpu=0, begin=0, used=0, waited=0, ended=-1),
        Change(step=2, state=READY, cpu=-1, begin=2 * MS, used=2 * MS, waited=0, ended=expired),
        Change(step=3, state=RUNNING, cpu=0, begin=3 * MS, used=2 * MS, waited=1 * MS, ended=-1),
        Change(
            step=4,
            state=STATES.index("terminated"),
            cpu=-1,
            begin=4 * MS,
            used=3 * MS,
            waited=1 * MS,
            ended=int(Kind.FINISHED),
        ),
    ] == found.changes[0]
    assert [
        ["A arrives", "A arrives: only A is ready"],
        ["B arrives"],
        ["A's quantum is over, after 2", "A's quantum is over: B is next in the queue: B, A"],
        ["B ends", "B has ended: only A is ready"],
        ["A ends"],
    ] == [[line.words for line in said] for said in found.said]


@pytest.mark.parametrize("options", SURROUNDINGS)
@pytest.mark.parametrize("algo", NAMES)
def test_every_reason_is_that_of_explain(algo, options):
    """What a page says of a dispatch is word for word what explain says."""
    _, found = made(WITH_IO, algo, **options)
    expected = [
        (line.time, line.cpu, line.words)
        for line in ss.explain(WITH_IO, algo, most=None, **options).lines
        if line.decision is not None
    ]
    said = [line for said in found.said for line in said if line.decision is not None]
    assert expected == [(line.time, line.cpu, line.words) for line in said]


@pytest.mark.parametrize("options", SURROUNDINGS)
@pytest.mark.parametrize("algo", NAMES)
def test_everyone_is_where_explain_says(algo, options):
    """At each step the last line of explain, which goes through the trace in its own way, says the same."""
    run, found = made(WITH_IO, algo, **options)
    jobs = [job.id for job in run.jobs]
    for step, time in enumerate(found.times):
        if run.trace.header.until == time:
            continue  # explain leaves out who is cut off
        words = ss.explain(WITH_IO, algo, at=f"{time}ns", **options).lines[-1].words
        expected = {
            state: set(members.split(", ")) - {"nobody"}
            for state, members in (part.split(": ") for part in words.split("; "))
        }
        assert expected["running"] == names(found, step, RUNNING, jobs)
        assert expected["ready"] == names(found, step, READY, jobs)
        assert expected["ready"] == set(queued(found, step, jobs))
        assert expected.get("blocked", set()) == names(found, step, STATES.index("blocked"), jobs)


@pytest.mark.parametrize("options", SURROUNDINGS)
@pytest.mark.parametrize("algo", NAMES)
def test_the_last_changes_are_the_metrics(algo, options):
    """CPU time and waiting of each job, as far as they are in the changes, are what metrics computes."""
    run, found = made(WITH_IO, algo, **options)
    end = found.times[-1]
    for number, job in enumerate(run.jobs):
        last = place(found, number, len(found.times))
        if last is None:
            assert (0, 0) == (job.cpu, job.waiting)
            continue
        waited = last.waited + (end - last.begin if last.state == READY else 0)
        assert (job.cpu * MS, job.waiting * MS) == (last.used, waited)


@pytest.mark.parametrize("options", SURROUNDINGS)
@pytest.mark.parametrize("algo", NAMES)
def test_the_queue_is_in_the_order_in_which_the_scheduler_saw_it(algo, options):
    """After a dispatch those not chosen stand as they stood when it was made."""
    run, found = made(WITH_IO, algo, **options)
    jobs = [job.id for job in run.jobs]
    seen = {}
    for decision in decisions(run.origin.mix, run.origin.policy):
        if decision.victim is None:
            seen[decision.time] = [candidate.id for candidate in decision.candidates[1:]]
    assert seen
    for step, time in enumerate(found.times):
        if time in seen:
            assert seen[time] == queued(found, step, jobs)


@pytest.mark.parametrize(
    ("algo", "expected", "words"),
    [
        pytest.param("fcfs", ["B", "C", "D"], ["", "", ""], id="fcfs"),
        pytest.param("sjf", ["C", "D", "B"], ["burst 1", "burst 2", "burst 5"], id="sjf"),
        pytest.param("priority", ["D", "B", "C"], ["priority 1", "priority 3", "priority 3"], id="priority"),
    ],
)
def test_who_comes_between_two_dispatches_stands_where_the_rank_says(algo, expected, words):
    """A rank that is seen only at a later dispatch was the same all the while.

    time   0    1    2    3
    CPU    A    A    A    A
    comes       B    C    D
    """
    mix = [
        {"id": "A", "burst": 9, "priority": 5},
        {"id": "B", "arrival": 1, "burst": 5, "priority": 3},
        {"id": "C", "arrival": 2, "burst": 1, "priority": 3},
        {"id": "D", "arrival": 3, "burst": 2, "priority": 1},
    ]
    _, found = made(mix, algo)
    assert 3 * MS == found.times[3]
    assert expected == queued(found, 3, "ABCD")
    assert words == [each.words for each in found.queues[3]]


def test_a_boost_puts_the_queue_in_order_again():
    """Before the boost at 12 C stands behind at level 1; after it all are at level 0, as they joined."""
    _, found = made([("A", 0, 3), ("B", 0, 3), ("C", 0, 3)], "mlfq:quanta=1/8,boost=4", allotments="1/0")
    levels = {
        time // MS: [("ABC"[each.job], each.words) for each in queue]
        for time, queue in zip(found.times, found.queues, strict=True)
    }
    assert [("B", "level 1"), ("C", "level 1")] == levels[3]
    assert {"level 0"} == {words for _, words in levels[4]}


def test_a_policy_that_ranks_anew_keeps_the_last_order_in_between():
    """HRRN at 3, when A ends: C's ratio is the highest; D, who comes at 4, goes to the end."""
    mix = [("A", 0, 3), ("B", 1, 9), ("C", 1, 2), ("X", 1, 4), ("D", 4, 1)]
    _, found = made(mix, "hrrn")
    assert [0, MS, 3 * MS, 4 * MS] == found.times[:4]
    assert [("X", "ratio 1.50"), ("B", "ratio 1.22")] == [
        ("ABCXD"[each.job], each.words) for each in found.queues[2]
    ]
    assert ["X", "B", "D"] == queued(found, 3, "ABCXD")


def test_a_trace_alone_says_what_happened_and_no_reasons():
    """A run that was read from a file has no policy to ask."""
    run = ss.run(WITH_IO, "rr", quantum=2)
    alone = ss.Run(run.trace)
    watched = watch([alone])[0]
    assert NO_ORIGIN == watched.note
    found, other = steps(watched), steps(watch([run])[0])
    assert other.changes == found.changes
    assert [[each.job for each in queue] for queue in other.queues] == [
        [each.job for each in queue] for queue in found.queues
    ]
    gets = [line.words for said in found.said for line in said if line.words.endswith("gets the CPU")]
    assert sum(kind == Kind.DISPATCHED for kind in run.trace.kind) == len(gets)
    assert all(line.decision is None for said in found.said for line in said)


def test_every_end_of_a_slice_has_words():
    """A new kind of row that ends a slice is not forgotten."""
    from schedsim.report.record import _ENDED

    assert set(_ENDED) == ENDS_SLICE
