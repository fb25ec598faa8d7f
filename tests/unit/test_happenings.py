"""What rows say of locks, queues, variables, children: in words, in tables and pictures, in files."""

from __future__ import annotations

import csv
import io
import json

import pytest

import schedsim as ss
from schedsim import summary
from schedsim.divergence import Course, Divergence
from schedsim.explanation import story
from schedsim.export import text
from schedsim.export.tracks import Mark, Span, items
from schedsim.happenings import Happenings
from schedsim.report import page
from schedsim.report.contents import tables_of
from schedsim.testing import assert_same_trace
from schedsim.timeline import AWAITS, BLOCKED, RUNS, WAITS, ZOMBIE, Piece, job_pieces, timeline
from schedsim.trace import Kind, Trace
from tests.unit.playing import mix_of

MS = 1_000_000


def mix(jobs, **more):
    """Return a mix of jobs given as id -> program, where all that nobody spawns arrive at 0."""
    document = {"jobs": [{"id": name, "program": program.split("; ")} for name, program in jobs.items()]}
    return ss.load({**document, **more})


def said(jobs, algo="fcfs", **more):
    """Return each row but dispatches in words, with its time."""
    run = ss.run(mix(jobs, **more), algo)
    told = Happenings(run.trace.header)
    lines = [(row, told.tell(row)) for row in run.trace]
    return [f"{row.time // MS}: {words}" for row, words in lines if row.kind is not Kind.DISPATCHED]


def test_a_mutex_changes_hands():
    """Taken, waited for, given up, handed over.

    A: cpu 0-1, lock, io 1-3, cpu 3-4, unlock; B: cpu 1-2, lock at 2: waits until 4.
    """
    assert [
        "0: A arrives",
        "0: B arrives",
        "1: A takes mutex m",
        "1: A starts its I/O",
        "2: B waits for mutex m, which A holds",
        "2: B is blocked",
        "3: A is back from I/O of 2",
        "4: A gives up mutex m",
        "4: B, which has waited since 2, gets mutex m",
        "4: A ends",
        "4: B has got mutex m, and is ready",
        "5: B gives up mutex m",
        "5: B ends",
    ] == said({"A": "cpu 1; lock m; io 2; cpu 1; unlock m", "B": "cpu 1; lock m; cpu 1; unlock m"})


def test_a_queue_fills():
    """Put, full, refused, waited for; taken out, empty, waited for."""
    lines = said(
        {"A": "put q; put? q; put q; cpu 1; get q; cpu 1", "B": "get q; cpu 1; get q"}, queues={"q": 1}
    )
    assert [
        "0: A puts an item into queue q (1 of 1)",
        "0: A finds queue q full, and does not wait",
        "0: A waits for room in queue q, which is full",
        "0: A is blocked",
        "0: B takes an item out of queue q (0 of 1)",
        "0: A, which has waited since 0, puts its item into queue q (1 of 1)",
        "0: A has put its item into queue q, and is ready",
        "1: B takes an item out of queue q (0 of 1)",
    ] == [line for line in lines if "queue q" in line or "blocked" in line][:8]
    lines = said({"A": "get? q; get q; cpu 1", "B": "cpu 1; put q"}, queues={"q": 1})
    assert [
        "0: A finds queue q empty, and does not wait",
        "0: A waits for an item from queue q, which is empty",
        "0: A is blocked",
        "1: B puts an item into queue q (1 of 1)",
        "1: A, which has waited since 0, takes an item out of queue q (0 of 1)",
        "1: B ends",
        "1: A has got an item from queue q, and is ready",
    ] == lines[2:-1]


def test_children_and_their_ends():
    """Spawned, joined, a zombie, killed, adopted, reaped."""
    lines = said(
        {
            "P": "spawn C; spawn D; spawn E; cpu 1; join C; io 5; join D; kill E; cpu 1",
            "C": "cpu 1",
            "D": "cpu 1",
            "E": "cpu 1; io 9",
        }
    )
    assert [
        "0: P spawns C",
        "1: P waits for its child C to end",
        "2: C ends",
        "2: P reaps C",
        "2: P has joined C",
        "3: D ends",
        "3: D is a zombie until P joins it",
        "7: P reaps D",
        "7: P kills E",
        "7: E is killed",
        "7: E is a zombie until P joins it",
        "8: E's parent has ended, and init adopts it",
        "8: init reaps E",
    ] == [line for line in lines if any(word in line for word in _OF_FAMILY)]


_OF_FAMILY = ("spawns C", "its child", "C ends", "D ends", "reap", "joined", "zombie", "kill", "init")


def test_variables_have_values():
    """What was read and written, in one line of an explanation."""
    run = ss.run(mix({"A": "cpu 1; read n; write n +1; write n =-3"}, variables={"n": 10}), "fcfs")
    assert ["A reads n: 10", "A writes n: 11", "A writes n: -3"] == [
        line.words for line in story(run.trace, None, []) if " n" in line.words
    ]
    assert {"n": -3} == run.variables == run.to_dict()["variables"]


def whys(name, algo=None, **options):
    """Return why each dispatch was made."""
    return [line.words for line in ss.explain(name, algo, **options).lines]


def test_a_lock_is_no_io():
    """Who leaves the CPU for a mutex, and who comes back from one, is not said to do I/O."""
    lines = whys("dining-philosophers")
    assert "Plato waits for mutex fork-2: Hume is next in the queue: Hume, Arendt, Spinoza, Kant" in lines
    assert not any("I/O" in line for line in lines)
    lines = whys("priority-inheritance")
    assert "high has got mutex bus with priority 1 and preempts low, which has priority 3" in lines


def test_a_rank_that_was_lent():
    """Why low goes before medium: not because of its own priority."""
    assert (
        "high waits for mutex bus: low holds up high, and so goes before everyone whom high goes before"
        in whys("priority-inheritance")
    )
    other = ss.Job("other", 3 * MS, (ss.Cpu(MS),), priority=0)
    lines = whys([*ss.load("priority-inheritance").jobs, other], "priority:preemptive=true")
    assert (
        "high waits for mutex bus, medium and other arrive: other has the best priority (0), before low (1: inherited), medium (2)"
        in lines
    )


def test_a_rank_that_was_lent_over_a_name_of_several_words():
    """The program's text has it in quotes."""
    shipped = ss.load("priority-inheritance")
    jobs = [
        job._replace(
            program=tuple(
                type(step)("bus; not 'tram'", *step.values()[1:])
                if isinstance(step, ss.Lock | ss.Unlock)
                else step
                for step in job.operations
            )
        )
        for job in shipped.jobs
    ]
    expected = [line.replace("mutex bus", "mutex bus; not 'tram'") for line in whys("priority-inheritance")]
    assert expected == whys(shipped._replace(jobs=tuple(jobs)))


INHERITING = """low 0 priority=3 lock m inherit; cpu 4; unlock m; cpu 1
    high 1 priority=1 cpu 1; lock m inherit; cpu 1
    med 2 priority=2 cpu 3"""
ONE_SAYS_SO = """low 0 priority=3 lock m; cpu 4; unlock m; lock m; cpu 4
    high 1 priority=1 cpu 1; lock m inherit; cpu 1; io 3; cpu 1; unlock m; cpu 5; lock m
    med 2 priority=2 cpu 3"""
SAY_NOTHING = """low 0 priority=3 lock m; cpu 4
    high 1 priority=1 cpu 1; lock m; cpu 1
    med 2 priority=2 cpu 3"""


def generator(steps):
    """Return a generator function that does these operations."""
    return lambda: (yield from steps)


@pytest.mark.parametrize("text_of_mix", [INHERITING, ONE_SAYS_SO, SAY_NOTHING])
def test_a_rank_that_was_lent_over_a_lock_in_a_generator(text_of_mix):
    """Which mutexes inherit is the scheduler's to say: programs that are generators are explained as lists are."""
    jobs = mix_of(text_of_mix).jobs
    made = tuple(job._replace(program=generator(job.operations)) for job in jobs)
    expected = whys(ss.Mix(jobs), "priority:preemptive=true")
    lent = [
        line
        for line in expected
        if line.endswith("low holds up high, and so goes before everyone whom high goes before")
    ]
    assert (text_of_mix != SAY_NOTHING) == bool(lent)
    assert expected == whys(ss.Mix(made), "priority:preemptive=true")


def test_a_child_is_spawned_and_a_task_is_killed():
    """How the CPU came to be free, and who came."""
    lines = whys(mix({"P": "cpu 1; spawn C; io 1; kill C; cpu 1", "C": "cpu 9"}), "fcfs")
    assert "P waits for I/O, C is spawned: only C is ready" == lines[1]
    lines = whys(mix({"P": "cpu 1; spawn C; cpu 1; kill Q; cpu 1", "Q": "cpu 9", "C": "cpu 1"}), "rr", cpus=2)
    assert "Q is killed: only C is ready" in lines


def test_where_everyone_is():
    """At an instant: what each waits for, and who is a zombie."""
    assert "running: C; ready: nobody; blocked: A (mutex m)" in _at(
        {"B": "lock m; cpu 1; io 5; cpu 1; unlock m", "A": "cpu 1; lock m", "C": "cpu 9"}, 3
    ).replace("blocked: B, A", "blocked: A").replace("blocked: A (mutex m), B", "blocked: A (mutex m)")
    assert "zombie: test" in whys("parent-and-children", at=7)[-1]


def _at(jobs, instant):
    return ss.explain(mix(jobs), "fcfs", at=instant).lines[-1].words


def test_a_deadlock_is_told_when_it_comes():
    """After the instant at which the circle closed; and where there is no circle, at the end."""
    explained = ss.explain("deadlock", "rr", quantum=2)
    assert ("deadlock: B -> A -> B, each waits for the next", 6 * MS, "") == (
        explained.lines[-1].words,
        explained.lines[-1].time,
        explained.lines[-1].job,
    )
    lonely = ss.explain(mix({"A": "cpu 1; get q", "B": "cpu 3"}, queues={"q": 1}), "fcfs")
    assert ("nobody is left who could go on: A waits for ever", 4 * MS) == (
        lonely.lines[-1].words,
        lonely.lines[-1].time,
    )
    alone = ss.explain(mix({"A": "lock m; cpu 1; lock m"}), "fcfs")
    assert "deadlock: A waits for itself" == alone.lines[-1].words


def test_lanes_tell_io_from_waits_for_others():
    """Blocked by I/O, blocked by another job, a zombie: each is another mark."""
    run = ss.run("parent-and-children", "rr", quantum=2)
    shell, build, check, _ = job_pieces(run.trace, 4, timeline(run.trace).end)
    assert [Piece(0, 2 * MS, RUNS), Piece(2 * MS, 15 * MS, AWAITS), Piece(15 * MS, 16 * MS, RUNS)] == shell
    assert {WAITS, RUNS, BLOCKED} == {piece.what for piece in build}
    assert [
        Piece(1 * MS, 4 * MS, WAITS),
        Piece(4 * MS, 6 * MS, RUNS),
        Piece(6 * MS, 15 * MS, ZOMBIE),
    ] == check


def test_a_killed_job_says_so():
    """Killed, it has no finish; reaped by its parent, it is still said to have been killed."""
    run = ss.run(mix({"P": "spawn C; cpu 1; kill C; join C; cpu 1", "C": "cpu 9"}), "fcfs")
    assert [("P", "terminated", 2), ("C", "killed", None)] == [
        (job.id, job.state, job.finish) for job in run.jobs
    ]
    assert run.deadlock is None
    assert 2 == run.system["makespan"]


def test_an_exit_code_is_said_at_the_end():
    """Two rows, each in words; an explanation says one of them."""
    made = {"P": "spawn C; cpu 1; join C", "C": "cpu 2; exit 3"}
    assert ["3: C exits with 3", "3: C ends with exit code 3"] == said(made)[-5:-3]
    run = ss.run(mix(made), "fcfs")
    ends = [line.words for line in story(run.trace, None, ()) if line.job == "C"][-2:]
    assert ["C ends with exit code 3", "P reaps C"] == ends
    events = csv.DictReader(io.StringIO("".join(text(run, "csv", what="events"))))
    assert [("C", "", "3")] == [
        (row["job"], row["length"], row["object"]) for row in events if row["event"] == "exited"
    ]


def test_a_child_that_never_came():
    """Its parent was killed before it spawned it: new, without an arrival, in no picture and no deadline."""
    made = mix({"K": "cpu 1; kill P; cpu 1", "P": "cpu 5; spawn C", "C": "cpu 1"})
    jobs = tuple(job._replace(deadline=1) if job.id == "C" else job for job in made.jobs)
    run = ss.run(made._replace(jobs=jobs), "fcfs")
    assert [("K", "terminated", 0), ("P", "killed", 0), ("C", "new", None)] == [
        (job.id, job.state, job.arrival) for job in run.jobs
    ]
    assert [] == run.misses
    assert 2 == run.system["makespan"]
    drawn = "".join(text(run, "svg"))
    assert 2 == drawn.count('fill="black" stroke="white"')
    written = page([run])
    assert "is not spawned yet" in written
    assert [] == [
        words
        for words in ("deadlines missed", ">deadline at", 'class="left">deadline', "those at which")
        if words in written.split('id="record"')[0]
    ]
    assert "" == summary.deadline_words(run)


def test_who_never_came_counts_in_no_deadline():
    """Of two deadlines one is of a job that nobody spawned: one is left, and in the tables the other has none."""
    made = mix({"K": "cpu 1; kill P; cpu 1", "P": "cpu 5; spawn C", "C": "cpu 1"})
    jobs = tuple(job._replace(deadline=9 * MS) if job.id in ("K", "C") else job for job in made.jobs)
    run = ss.run(made._replace(jobs=jobs), "fcfs")
    assert "deadlines missed 0 of 1" == summary.deadline_words(run)
    (said,) = [row[2] for row in summary.system_table(run).rows if row[0] == "missed"]
    assert said.startswith("of 1 deadlines")
    (jobs_of_page,) = [each.table for each in tables_of(ss.Comparison([run]), ["fcfs"]) if each.jobs]
    assert [("K", 9, -7), ("P", None, None), ("C", None, None)] == [
        (row[0], *row[-2:]) for row in jobs_of_page.rows
    ]


def test_a_child_that_is_held_has_come():
    """It was spawned at 1, and waits to be admitted until the run is cut off: its deadline at 3 is missed."""
    made = mix({"P": "cpu 1; spawn C; cpu 9", "C": "cpu 1"})
    jobs = tuple(job._replace(deadline=2 * MS) if job.id == "C" else job for job in made.jobs)
    run = ss.run(made._replace(jobs=jobs, degree=1), "fcfs", until=5)
    assert ("C", "new", 1) == run.jobs[1][:3]
    assert [("C", 3)] == run.misses


def test_perfetto_says_what_it_waits_for():
    """The state has the mutex in it; what takes no time is a mark; the deadlock is one for all."""
    found = list(items(ss.run("deadlock", "rr", quantum=2).trace))
    spans = {
        (each.task, each.state, each.start) for each in found if isinstance(each, Span) and not each.on_cpu
    }
    assert (0, "blocked on mutex right", 5 * MS) in spans
    marks = [(each.time, each.what, each.task) for each in found if isinstance(each, Mark)]
    assert (1 * MS, "A takes mutex left", 0) in marks
    assert (6 * MS, "deadlock: B -> A -> B, each waits for the next", -1) in marks
    found = list(items(ss.run("parent-and-children", "rr", quantum=2).trace))
    assert ("zombie", 6 * MS, 15 * MS) in {
        (each.state, each.start, each.end) for each in found if isinstance(each, Span)
    }
    arrivals = [each.task for each in found if isinstance(each, Mark) and each.what == "arrives"]
    assert [0, 1, 2, 3] == sorted(arrivals)
    json.loads("".join(text(ss.run("orphan-and-zombie"), "perfetto")))


def test_events_have_their_object():
    """A column says which mutex, which job, which number."""
    rows = list(csv.DictReader(io.StringIO("".join(text(ss.run("lost-update"), "csv", "events")))))
    assert [("reads", "variable tickets", ""), ("value", "10", "")] == [
        (row["event"], row["object"], row["length"]) for row in rows if row["object"]
    ][:2]
    rows = list(csv.DictReader(io.StringIO("".join(text(ss.run("orphan-and-zombie"), "csv", "events")))))
    told = {(row["event"], row["job"]): (row["object"], row["length"]) for row in rows}
    assert ("job first", "") == told["spawned", "parent"] or ("job second", "") == told["spawned", "parent"]
    assert ("init", "") == told["reaped", "first"]
    assert ("job parent", "") == told["zombie", "first"]


def test_different_schedules_spawn_at_different_times():
    """A page of several policies takes them for one mix all the same."""
    runs = [ss.run("parent-and-children", algo) for algo in ("fcfs", "rr:quantum=1")]
    made = page(runs)
    assert "until it is spawned" in made
    other = ss.run("orphan-and-zombie")
    with pytest.raises(ss.SchedsimError, match="different mixes"):
        page([runs[0], other])


def test_a_page_says_who_waits_for_whom():
    """Above, in one note; in the list of jobs; in the legend."""
    made = page([ss.run("deadlock", "rr", quantum=2)])
    assert (
        "deadlock at 6 ms: B -&gt; A -&gt; B; B holds mutex right and waits for mutex left, which A holds, since 6 ms"
        in made
    )
    assert '"blocked: waits for mutex left"' in made
    assert "blocked by another job" in made
    assert "zombie, until it is reaped" not in made
    assert "zombie, until it is reaped" in page([ss.run("orphan-and-zombie")])


@pytest.mark.parametrize("name", ["deadlock", "producer-consumer", "parent-and-children", "lost-update"])
@pytest.mark.parametrize("algo", ["fcfs", "rr:quantum=1", "lottery", "srtf"])
def test_why_two_runs_part(name, algo):
    """Also where locks and children have to do with it, there is a cause, and it speaks of no I/O that is none."""
    runs = [ss.run(name, each) for each in ("rr:quantum=2", algo)]
    names = [job.id for job in runs[0].trace.header.jobs]
    one, other = (Course(run.trace) for run in runs)
    cause = Divergence(one, other, names, "ms", 0).cause()
    if cause is None:  # then the same jobs follow on each other
        assert 1 == len({tuple(job for job, *_ in run.joined_slices()) for run in runs})
        return
    assert any(job in cause.words() for job in names)
    if name in ("deadlock", "lost-update"):
        assert "I/O" not in cause.words()


def test_rows_that_differ_are_named():
    """The message of assert_same_trace names mutexes and jobs."""
    run = ss.run("deadlock", "rr", quantum=2)
    other = Trace(run.trace.header)
    for row in run.trace:
        task = row.task if row.kind is not Kind.ACQUIRED else 1 - row.task
        other.add(row.time, row.kind, task, row.cpu, row.value)
    with pytest.raises(AssertionError, match=r"'A' acquired on CPU 0 \(mutex left\); got at 1000000 ns 'B'"):
        assert_same_trace(run.trace, other)
