"""A deadlock is found when it happens, and told as the circle that it is."""

from __future__ import annotations

import pytest

from schedsim import deadlock as deadlock_module
from schedsim.deadlock import deadlock_of, headline, sentences
from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Join, Kill, Lock, Spawn, Unlock
from schedsim.policies.options import make_policy
from schedsim.testing.strategies import as_generator
from tests.simulations import simulated
from tests.unit.playing import mix_of
from tests.unit.telling import trace_of


def found(text, **settings):
    """Return when it closed, its circle and the others as text, None where there is no deadlock."""
    return named(deadlock_of(trace_of(text, cpus=8, **settings)))


def named(deadlock):
    """Return the same of a deadlock."""
    if deadlock is None:
        return None
    names = ["".join(wait.job for wait in waits) for waits in (deadlock.circle, deadlock.others)]
    return deadlock.time, *names


ABBA = "A 0 lock a; cpu 2; lock b\nB 0 lock b; cpu 3; lock a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A 0 lock a; cpu 2; unlock a\nB 0 lock a; cpu 1", None),
        # Found at 3, when B asks: A has waited since 2, and would not have waited for ever.
        (ABBA, (3, "BA", "")),
        (ABBA + "\nC 0 cpu 9", (3, "BA", "")),
        (ABBA + "\nC 0 cpu 4; lock a\nD 0 cpu 5; lock a", (3, "BA", "CD")),
        ("A 0 cpu 1; lock a; lock a", (1, "A", "")),
        # A parent that waits for a child which waits for what the parent holds.
        ("P 0 lock a; spawn C; join C\nC 0 cpu 2; lock a", (2, "CP", "")),
        # No circle: the holder has ended, or nobody puts anything.
        ("A 0 lock a; cpu 1\nB 0 cpu 2; lock a", (2, "", "B")),
        ("A 0 get q; cpu 1\nB 0 cpu 7", (7, "", "A")),
        # One of the circle is killed: B waits for a dead one from then on, and nobody waits in a circle.
        (ABBA + "\nK 0 cpu 5; kill A", (5, "", "B")),
        (ABBA + "\nK 0 cpu 5; kill B", (5, "", "A")),
        # Two circles, and the first one is broken: the second is there as it was.
        (ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c\nK 0 cpu 9; kill A", (4, "DC", "B")),
        (ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c", (3, "BA", "CD")),
    ],
)
def test_who_is_named(text, expected):
    """The circle from the one that closed it on; then those who wait for them, or for nobody who could help."""
    assert expected == found(text, queues=(("q", 1),))


@pytest.mark.parametrize(
    ("until", "expected"),
    [(3, None), (4, (3, "BA", "")), (8, (3, "BA", "C"))],
)
def test_in_a_run_that_is_cut_off(until, expected):
    """While others go on only a circle is certain: who else waits may be helped, unless it waits for one of those."""
    assert expected == found(
        ABBA + "\nC 0 cpu 5; lock a\nD 0 get q\nE 0 cpu 20; put q", until=until, queues=(("q", 1),)
    )


BROKEN = "P 0 lock a; spawn C; join C; cpu 1; unlock a\nC 0 cpu 2; lock a\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # K is to kill one of them: at 5, or when it comes at 6, or when S spawns it.
        (BROKEN + "K 0 io 5; kill C; cpu 1", None),
        (BROKEN + "K 0 io 5; kill P; cpu 1", None),
        (BROKEN + "K 6 kill C", None),
        (BROKEN + "S 0 cpu 5; spawn K\nK 0 kill C", None),
        (BROKEN + "K 0 get q; kill C\nD 0 cpu 5; put q", None),
        # K kills nobody of them; or it is in the circle itself, waits for it, or is spawned by one who does.
        (BROKEN + "K 0 io 5; kill D; cpu 1\nD 0 cpu 9", (2, "CP", "")),
        ("P 0 lock a; spawn C; join C; kill C\nC 0 cpu 2; lock a; kill P\nD 0 cpu 9", (2, "CP", "")),
        (BROKEN + "K 0 cpu 1; lock a; kill C\nD 0 cpu 9", (2, "CP", "K")),
        (BROKEN + "S 0 cpu 1; lock a; spawn K\nK 0 kill C\nD 0 cpu 9", (2, "CP", "S")),
        # K may break the one circle, and nobody the other one.
        (BROKEN + "D 0 cpu 1; lock d; lock d\nK 0 io 5; kill C", (1, "D", "")),
        # Nor is it certain that D waits for ever, if K may kill it; nor E, which waits for D's end.
        (BROKEN + "D 0 spawn E; cpu 1; lock a\nE 0 cpu 3\nK 0 io 5; kill D", (2, "CP", "")),
        (BROKEN + "E 0 cpu 1; spawn D; join D\nD 0 lock a\nK 0 io 5; kill D", (2, "CP", "")),
        # D, who waits for the circle that K breaks, may then break the other one.
        (BROKEN + "E 0 lock e; lock e\nD 0 cpu 3; lock a; kill E\nK 0 io 5; kill C; cpu 1", None),
    ],
)
def test_a_circle_that_may_still_be_broken(text, expected):
    """In a run that is cut off at 4 it is no deadlock as long as one who may go on can kill one of the circle."""
    assert expected == found(text, until=4, queues=(("q", 1),))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((), (3, "BA", "")),
        # A list says that it kills nobody, a generator says nothing.
        ((Job("C", 0, (Cpu(9),)),), (3, "BA", "")),
        ((Job("C", 0, as_generator((Cpu(9),))),), None),
        ((Job("C", 0, as_generator((Cpu(2),))),), (3, "BA", "")),
    ],
)
def test_a_circle_that_a_generator_may_break(more, expected):
    """Nobody knows whom one kills that has not ended when the run is cut off at 4."""
    jobs = [job._replace(program=as_generator(job.program)) for job in mix_of(ABBA).jobs]
    result = run(Mix((*jobs, *more), unit="ns"), "fcfs", cpus=8, until=4, notes=False)
    assert expected == named(result.deadlock)


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        # From 2 on nobody can go on, and at 2 it was not over.
        ("A 0 get q\nB 0 cpu 2", {"until": 1000}, (2, "", "A")),
        ("A 0 get q\nB 0 cpu 2", {"until": 2}, None),
        # C is still to come, and might put something.
        ("A 0 get q\nB 0 cpu 2\nC 1000 cpu 1", {"until": 1000}, None),
        # It will never be admitted.
        ("A 0 get q\nB 0 cpu 2\nC 1000 cpu 1", {"until": 1000, "degree": 1}, (0, "", "A")),
        # Nobody is left who could spawn C.
        ("A 0 get q; spawn C\nB 0 cpu 2\nC 0 put q", {"until": 9}, (2, "", "A")),
        # B is in its I/O when the run is cut off.
        ("A 0 get q\nB 0 io 20", {"until": 9}, None),
        # A circle, and somebody who waits for a queue: all of them for ever.
        (ABBA + "\nC 0 get q", {"until": 9}, (3, "BA", "C")),
        (ABBA + "\nK 0 cpu 5; kill A", {"until": 9}, (5, "", "B")),
    ],
)
def test_a_run_that_is_cut_off_when_nobody_can_go_on(text, settings, expected):
    """It is told as it would be without the cut, also under a policy whose periodic work goes on."""
    assert expected == found(text, queues=(("q", 1),), **settings)
    boosting = run(mix_of(text, queues=(("q", 1),)), "mlfq:boost=1ns", cpus=8, notes=False, **settings)
    assert expected == named(boosting.deadlock)


@pytest.mark.parametrize(
    ("text", "degree", "expected"),
    [
        ("A 0 lock a; lock a\nB 0 cpu 2", 1, ["B is never admitted, because of the degree of 1"]),
        ("A 0 lock a; lock a\nD 0 cpu 9\nB 0 cpu 2", 2, []),
    ],
)
def test_who_is_never_admitted_in_a_run_that_is_cut_off(text, degree, expected):
    """B, if nobody who is admitted can go on; but D may end, and make room."""
    trace = trace_of(text, until=5, degree=degree, cpus=2)
    deadlock = deadlock_of(trace)
    assert deadlock is not None
    assert expected == [said for said in sentences(deadlock, trace) if "admitted" in said]


@pytest.mark.parametrize(
    ("text", "degree", "expected"),
    [
        # P has the only place, and waits for C, who waits for a place.
        ("P 0 cpu 1; spawn C; join C\nC 0 cpu 2", 1, (1, "PC", "")),
        # So it is if C is held long before P comes to wait for it.
        ("P 0 spawn C; cpu 3; join C\nC 0 cpu 2", 1, (3, "PC", "")),
        # There is a place for C until Q has come; from 4 on Q waits for what P holds, and nobody gives a place up.
        ("P 0 lock m; cpu 2; spawn C; join C\nQ 1 cpu 3; lock m\nC 0 cpu 1", 2, (4, "PC", "Q")),
        # Q waits for an item, which only a job could put that is not admitted either.
        ("P 0 cpu 1; spawn C; join C\nQ 0 cpu 4; get q\nC 0 put q\nD 2 put q", 2, (4, "PC", "Q")),
        # Q ends, and C gets its place.
        ("P 0 cpu 1; spawn C; join C\nQ 0 cpu 4\nC 0 cpu 1", 2, None),
        # Q is at its disk when P begins to wait, and ends after it.
        ("P 0 cpu 1; spawn C; join C\nQ 0 io 4; cpu 1\nC 0 cpu 1", 2, None),
        # At 1 P begins to wait and Q, who has waited, gets what it waits for: it goes on, and ends.
        ("P 0 lock m; cpu 1; spawn C; unlock m; join C\nQ 0 lock m; cpu 1\nC 0 cpu 1", 2, None),
        # P is killed while C is held: init has C, which is admitted.
        ("K 0 cpu 3; kill P\nP 0 cpu 1; spawn C; join C\nC 0 cpu 1", 2, None),
        # C is killed while it is held, and P goes on.
        ("K 0 cpu 3; kill C\nP 0 cpu 1; spawn C; join C; cpu 1\nC 0 cpu 1", 2, None),
        # Two parents, each of which keeps a place from the other's child.
        ("P 0 cpu 1; spawn C; join C\nQ 0 cpu 2; spawn D; join D\nC 0 cpu 1\nD 0 cpu 1", 2, (2, "PC", "QD")),
        # Nobody joins the one who is held: no circle, but nobody is left.
        ("P 0 spawn C; get q\nC 0 put q", 1, (0, "", "P")),
    ],
)
def test_a_place_that_a_parent_keeps(text, degree, expected):
    """A child that is not admitted waits for those who are, and its parent, who is one of them, for the child."""
    assert expected == found(text, degree=degree, queues=(("q", 1),))


def test_a_place_that_a_parent_keeps_is_found_when_it_comes_to_that():
    """Also in a run that is cut off, in which it is not known of others who wait that they do for ever."""
    text = "P 0 cpu 1; spawn C; join C\nQ 0 cpu 4; get q\nC 0 put q\nD 2 put q"
    for until, expected in ((4, None), (5, (4, "PC", "Q"))):
        assert expected == found(text, degree=2, until=until, queues=(("q", 1),))


def test_a_place_that_a_parent_keeps_in_words():
    """Who waits for whom, and who has the places."""
    text = "P 0 lock m; cpu 2; spawn C; join C\nQ 1 cpu 3; lock m\nC 0 cpu 1\nD 3 cpu 1"
    trace = trace_of(text, cpus=8, degree=2)
    deadlock = deadlock_of(trace)
    assert [
        "deadlock at 4 ns: P -> C -> P",
        "P holds mutex m and waits for its child C, which waits to be admitted: degree 2 is taken by P and Q, since 2 ns",
        "Q waits for mutex m, which P holds, since 4 ns",
        "D is never admitted, because of the degree of 2",
    ] == list(sentences(deadlock, trace))
    assert "deadlock: P -> C -> P, each waits for the next; Q waits for ever too" == headline(deadlock)
    assert {
        "time": 4,
        "circle": ["P", "C"],
        "waits": [
            {"job": "P", "since": 2, "waits_for": "job C", "holders": ["C"], "holds": ["mutex m"]},
            {"job": "C", "since": 2, "waits_for": "admission", "holders": ["P", "Q"], "holds": []},
            {"job": "Q", "since": 4, "waits_for": "mutex m", "holders": ["P"], "holds": []},
        ],
    } == deadlock.to_dict("ns")


def test_a_kill_of_a_name_of_several_words_in_a_run_that_is_cut_off():
    """The text of a program has it in quotes, and a semicolon in it ends no operation."""
    for name in ("C", "my C", "a; b", "it's"):
        jobs = (
            Job("P", 0, (Lock("a"), Spawn(name), Join(name), Cpu(1), Unlock("a"))),
            Job(name, 0, (Cpu(2), Lock("a")), spawned=True),
            Job("K", 0, (Io(5), Kill(name), Cpu(1))),
        )
        assert run(Mix(jobs, unit="ns"), "fcfs", until=4, notes=False).deadlock is None
        cut = run(Mix(jobs[:2], unit="ns"), "fcfs", until=4, notes=False).deadlock
        assert [name, "P"] == [wait.job for wait in cut.circle]


def test_two_circles_in_a_run_that_is_cut_off():
    """Whoever is in the second one waits for ever, too."""
    text = ABBA + "\nC 0 lock c; cpu 3; lock d\nD 0 lock d; cpu 4; lock c"
    assert (3, "BA", "CD") == found(text, until=9)


@pytest.mark.parametrize("step", [1, -1])
def test_a_ring_is_found_in_time_that_grows_with_its_length(step, monkeypatch):
    """Each asks for the mutex of the next one, or of the one before: nobody's waits are followed over and over."""
    count = 300
    jobs = [f"J{place} 0 lock m{place}; io 1; lock m{(place + step) % count}" for place in range(count)]
    trace = simulated(mix_of("\n".join(jobs)), make_policy("fcfs", {}, "ns"))
    asked: list[int] = []
    awaited = deadlock_module._State.awaited

    def counting(state, task):
        asked.append(task)
        return awaited(state, task)

    monkeypatch.setattr(deadlock_module._State, "awaited", counting)
    deadlock = deadlock_of(trace)
    assert deadlock is not None
    assert count == len(deadlock.circle)
    assert len(asked) < 4 * count


def test_a_wait_that_ended_with_io_is_over():
    """B has got its item and is at its disk when the run is cut off: it waits for nobody."""
    trace = trace_of(ABBA + "\nD 0 get q; io 9\nE 0 cpu 1; put q", cpus=8, until=5, queues=(("q", 1),))
    deadlock = deadlock_of(trace)
    assert deadlock is not None
    assert {"A", "B"} == {wait.job for wait in deadlock.waits}


@pytest.mark.parametrize(("engine", "when"), [("simulated", "1.234567 ms"), ("real", "1.23 ms")])
def test_measured_times_are_rounded(engine, when):
    """Of a measured deadlock only what does not differ from run to run is said."""
    steps = (Cpu(1_234_567), Lock("m"), Lock("m"))
    made = run(Mix((Job("A", 0, steps),)), "fcfs")
    made.trace.header = made.trace.header._replace(engine=engine)
    assert [
        f"deadlock at {when}: A -> A",
        f"A holds mutex m and waits for mutex m, which it holds, since {when}",
    ] == [*sentences(made.deadlock, made.trace)]
