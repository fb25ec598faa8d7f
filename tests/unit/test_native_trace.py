"""What workers noted, put together into a trace: by hand-made notes, and by those of simulated runs.

Times are whole numbers of microseconds in the notes below, because what is shorter than some of these is a
switch, and what is longer is a loss; the rows are in nanoseconds.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.engines.native.pieces import Life
from schedsim.engines.native.rebuild import Slices, rebuild
from schedsim.engines.real import records
from schedsim.engines.real.records import Note
from schedsim.observed import Stolen
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Io
from schedsim.testing import strategies
from schedsim.trace import ENDS_SLICE, Header, Kind, TracedJob, slices
from schedsim.validate import validate
from tests.simulations import simulated

US = 1000


def began(when, used=0):
    """Return the note that a burst began, after so much of its CPU time had been used to come to that."""
    return Note(records.BEGAN, when * US, when * US, used * US)


def gave_way(start, end):
    """Return the note that other processes of this machine had the CPU."""
    return Note(records.SWITCHED, start * US, end * US, (end - start) * US)


def stolen(start, end):
    """Return the note that the host had the CPU."""
    return Note(records.AWAY, start * US, end * US, (end - start) * US)


def life(program, *notes, arrival=0, ends=(), **rest):
    """Return what is known of a worker; ``ends`` are pairs of when a burst ended and its CPU time."""
    return Life(
        arrival * US,
        parse_program(program, "us"),
        notes,
        tuple((when * US, used * US) for when, used in ends),
        **{name: value * US for name, value in rest.items()},
    )


def rebuilt(*lives, cpus=1, **known):
    """Return the trace and what was lost; the trace is a schedule."""
    names = "ABCDEFGH"[: len(lives)]
    jobs = tuple(TracedJob(name, each.arrival) for name, each in zip(names, lives, strict=True))
    trace, lost = rebuild(Header(jobs, engine="native", unit="us", cpus=cpus), lives, Slices(**known))
    validate(trace)
    return trace, lost


def rows(*lives, **settings):
    """Return the rows as text, times in microseconds: ``0 arrived A``, ``5 finished A 5`` (CPU time)."""
    trace = rebuilt(*lives, **settings)[0]
    found = []
    for row in trace:
        value = f" {row.value // US}" if row.value > 0 else ""
        found.append(f"{row.time // US} {row.kind.name.lower()} {trace.header.jobs[row.task].id}{value}")
    return found


def pieces(*lives, **settings):
    """Return the slices as text: ``A 0-5 finished``."""
    trace = rebuilt(*lives, **settings)[0]
    return [f"{piece.job} {piece.start // US}-{piece.end // US} {piece.why}" for piece in slices(trace)]


class TestOneWorker:
    """What a worker by itself tells."""

    def test_a_burst(self):
        """It began to look at the clock 20 after it was let go, of which 15 were its own."""
        expected = ["0 arrived A", "0 dispatched A", "5020 finished A 5015"]
        assert expected == rows(life("cpu 5000", began(20, 15), ends=[(5020, 5015)]))

    def test_waits(self):
        """I/O of 300 from the end of the burst on; what it takes to wake up is on the CPU."""
        found = rows(
            life(
                "cpu 1000; io 300; cpu 1000",
                began(10, 10),
                began(1320, 10),
                ends=[(1000, 1000), (2310, 1000)],
            )
        )
        assert [
            *("0 arrived A", "0 dispatched A", "1000 blocked A 1000"),
            *("1300 woke A 300", "1300 dispatched A", "2310 finished A 1000"),
        ] == found

    def test_a_program_that_begins_and_ends_with_io(self):
        """No note tells of either; the trace has them when they must have been."""
        found = rows(life("io 50; io 30; cpu 100; io 70", began(180), ends=[(280, 100)]))
        assert [
            *("0 arrived A", "0 blocked A", "50 served A 50", "50 blocked A", "80 woke A 30"),
            *("80 dispatched A", "280 blocked A 100", "350 served A 70", "350 finished A"),
        ] == found

    def test_a_program_without_a_burst(self):
        """It never needs the CPU."""
        assert ["5 arrived A", "5 blocked A", "12 served A 7", "12 finished A"] == rows(
            life("io 7", arrival=5)
        )

    def test_bursts_that_follow_each_other(self):
        """It goes on in its CPU."""
        notes = began(0), began(105)
        assert ["0 arrived A", "0 dispatched A", "100 reached A 100", "300 finished A 300"] == rows(
            life("cpu 100; cpu 200", *notes, ends=[(100, 100), (300, 200)])
        )

    def test_a_yield(self):
        """Nobody else is there: it is dispatched again at once."""
        notes = began(0), began(110)
        assert [
            *("0 arrived A", "0 dispatched A", "100 yielded A 100"),
            *("100 dispatched A", "305 finished A 200"),
        ] == rows(life("cpu 100; yield; cpu 200", *notes, ends=[(100, 100), (305, 200)]))

    def test_a_yield_that_nobody_could_see(self):
        """Yields of a generator program at its beginning, at its end, or beside I/O are left out."""
        notes = began(0), began(200)
        program = "yield; cpu 100; yield; io 100; yield; cpu 50; yield"
        assert ["A 0-100 blocked", "A 200-250 finished"] == pieces(
            life(program, *notes, ends=[(100, 100), (250, 50)])
        )

    def test_what_the_host_took(self):
        """It is no switch; the CPU time is that much less."""
        one = life("cpu 1000", began(0), stolen(400, 900), ends=[(1500, 1000)])
        assert ["0 arrived A", "0 dispatched A", "1500 finished A 1000"] == rows(one)
        assert (Stolen(0, 400 * US, 900 * US, stranger=False),) == rebuilt(one)[1]

    def test_what_the_host_took_without_a_gap(self):
        """Little by little: it is put where it was noticed."""
        note = Note(records.AWAY, 0, 900 * US, 50 * US)
        assert (Stolen(0, 850 * US, 900 * US, stranger=False),) == rebuilt(
            life("cpu 1000", began(0), note, ends=[(1050, 1000)])
        )[1]

    def test_what_a_stranger_took(self):
        """Another process ran, and none of ours: the job kept its CPU, as far as the policy goes."""
        one = life("cpu 1000", began(0), gave_way(400, 900), ends=[(1500, 1000)])
        assert ["0 arrived A", "0 dispatched A", "1500 finished A 1000"] == rows(one)
        assert (Stolen(0, 400 * US, 900 * US, stranger=True),) == rebuilt(one)[1]


class TestSeveralWorkers:
    """What the notes of one say of another."""

    def test_one_after_the_other(self):
        """B could have begun when A ended; its first look came 30 later."""
        first = life("cpu 1000", began(10, 10), ends=[(1000, 1000)])
        second = life("cpu 500", began(1030, 5), arrival=200, ends=[(1525, 500)])
        assert [
            *("0 arrived A", "0 dispatched A", "200 arrived B", "1000 finished A 1000"),
            *("1000 dispatched B", "1525 finished B 500"),
        ] == rows(first, second)

    def test_slices(self):
        """A quantum of 200, known to 8: A's first slice and B's are over, A's second is its rest."""
        first = life("cpu 300", began(0), gave_way(200, 405), ends=[(505, 300)])
        second = life("cpu 300", began(202), gave_way(402, 507), ends=[(607, 300)])
        expected = ["A 0-200 expired", "B 200-402 expired", "A 402-505 finished", "B 505-607 finished"]
        assert expected == pieces(first, second, length=200 * US, tolerance=8 * US)

    def test_a_slice_that_began_before_a_wait(self):
        """A used 150 of its 200 before it waited: 50 more, and its slice is over."""
        first = life(
            *("cpu 150; io 50; cpu 100", began(0), began(350), gave_way(400, 600)),
            ends=[(150, 150), (650, 100)],
        )
        second = life("cpu 400", began(150), gave_way(350, 400), ends=[(600, 400)])
        expected = "A 0-150 blocked,B 150-350 expired,A 350-400 expired,B 400-600 finished,A 600-650 finished"
        assert expected == ",".join(pieces(first, second, length=200 * US, tolerance=0))

    def test_a_lone_worker_renews_its_slice_unseen(self):
        """Alone A used 500, two and a half slices: it was not at the end of one when it gave way."""
        first = life("cpu 600", began(0), gave_way(500, 600), ends=[(700, 600)])
        second = life("cpu 100", began(500), arrival=500, ends=[(600, 100)])
        assert ["A 0-500 preempted", "B 500-600 finished", "A 600-700 finished"] == pieces(
            first, second, length=200 * US, tolerance=20 * US
        )

    def test_a_class_without_slices(self):
        """Whoever gives way is preempted."""
        first = life("cpu 300", began(0), gave_way(200, 303), ends=[(403, 300)])
        second = life("cpu 100", began(201), arrival=200, ends=[(301, 100)])
        assert ["A 0-200 preempted", "B 200-301 finished", "A 301-403 finished"] == pieces(first, second)

    def test_a_gap_in_which_others_and_strangers_ran(self):
        """B ran from 200 to 300, then a stranger to 900: A was ready, and its CPU late by what is more than a switch."""
        first = life("cpu 300", began(0), gave_way(200, 900), ends=[(1000, 300)])
        second = life("cpu 100", began(200), arrival=200, ends=[(300, 100)])
        assert ["A 0-200 preempted", "B 200-300 finished", "A 300-1000 finished"] == pieces(first, second)
        assert (Stolen(0, 550 * US, 900 * US, stranger=True),) == rebuilt(first, second, strangers=True)[1]

    @pytest.mark.parametrize(
        ("late", "known", "stranger"),
        [
            (30_000, {"strangers": False}, False),
            (30_000, {"strangers": True}, True),
            # where the kernel limits real-time processes, it is known to take its share at one piece
            (30_000, {"limited": True}, True),
            (10_000, {"limited": True}, False),
        ],
    )
    def test_a_late_start(self, late, known, stranger):
        """A could have begun at 0: what is longer than 250 was lost."""
        one = life("cpu 100", began(late), ends=[(late + 100, 100)])
        assert (Stolen(0, 250 * US, late * US, stranger),) == rebuilt(one, **known)[1]

    def test_looks_that_overlap(self):
        """B says that it began 5 before A says that it ended: nobody shares a CPU."""
        first = life("cpu 1000", began(0), ends=[(1000, 1000)])
        second = life("cpu 500", began(1020, 25), ends=[(1495, 500)])
        assert ["A 0-1000 finished", "B 1000-1495 finished"] == pieces(first, second)
        assert "1495 finished B 495" == rows(first, second)[-1]

    def test_a_first_turn_that_ended_before_the_first_look(self):
        """B preempted A at 500, lost the CPU again at 600 before it looked at a clock, and had it from 610 on."""
        first = life(
            "cpu 505; io 900; cpu 10",
            began(0),
            gave_way(500, 602),
            began(1510),
            ends=[(607, 505), (1520, 10)],
        )
        second = life("cpu 1000", began(650, 140), arrival=490, ends=[(1510, 1000)])
        assert [
            *("A 0-500 preempted", "A 500-607 blocked", "B 607-1510 finished", "A 1510-1520 finished"),
        ] == pieces(first, second)

    def test_two_cpus(self):
        """C comes to the CPU of A, which ended; the gap of B is a stranger's, since one CPU was free."""
        first = life("cpu 1000", began(0), ends=[(1000, 1000)])
        second = life("cpu 2000", began(0), gave_way(1100, 1300), ends=[(2200, 2000)])
        third = life("cpu 400", began(1000), arrival=500, ends=[(1400, 400)])
        trace, lost = rebuilt(first, second, third, cpus=2)
        assert [("A", 0), ("B", 1), ("C", 0)] == [(piece.job, piece.cpu) for piece in slices(trace)]
        assert (Stolen(1, 1100 * US, 1300 * US, stranger=True),) == lost

    def test_a_preemption_on_two_cpus(self):
        """While B is away both CPUs are taken, so it was preempted."""
        first = life("cpu 2000", began(0), ends=[(2000, 2000)])
        second = life("cpu 1000", began(0), gave_way(500, 900), ends=[(1400, 1000)])
        third = life("cpu 400", began(500), arrival=500, ends=[(900, 400)])
        assert [
            *("A 0-2000 finished", "B 0-500 preempted", "C 500-900 finished", "B 900-1400 finished"),
        ] == pieces(first, second, third, cpus=2)


class TestDeaths:
    """A worker that was killed, wherever it was."""

    def test_while_it_ran(self):
        """It used its CPU to the end, and a little for dying."""
        one = life("cpu 9000", began(0), died=5000, progress=4900)
        assert ["0 arrived A", "0 dispatched A", "5000 failed A 4900"] == rows(one)

    def test_while_another_one_was_waiting(self):
        """B began when A had died, 1100 after that had last computed, and before it was seen to be dead."""
        first = life("cpu 9000", began(0), died=5000, progress=3700)
        second = life("cpu 1000", began(4800), arrival=10, ends=[(5800, 1000)])
        assert [
            *("0 arrived A", "0 dispatched A", "10 arrived B", "4800 failed A 3700"),
            *("4800 dispatched B", "5800 finished B 1000"),
        ] == rows(first, second)
        assert () == rebuilt(first, second)[1]

    def test_while_it_waited_for_its_turn(self):
        """It had used 1000 when B took its CPU, and was killed at 3000."""
        first = life("cpu 9000", began(0), died=3000, progress=1000)
        second = life("cpu 4000", began(1000), arrival=1000, ends=[(5000, 4000)])
        assert [
            *("0 arrived A", "0 dispatched A", "1000 preempted A 1000", "1000 arrived B"),
            *("1000 dispatched B", "3000 failed A", "5000 finished B 4000"),
        ] == rows(first, second)

    def test_before_it_had_a_turn(self):
        """It never began."""
        first = life("cpu 4000", began(0), ends=[(4000, 4000)])
        second = life("cpu 100", arrival=100, died=2000)
        assert "2000 failed B" == rows(first, second)[-2]

    def test_before_it_arrived(self):
        """It fails as it arrives."""
        assert ["500 arrived A", "500 failed A"] == rows(life("cpu 100", arrival=500, died=20))

    def test_in_io(self):
        """It does not wake."""
        one = life("cpu 100; io 900; cpu 100", began(0), ends=[(100, 100)], died=300)
        assert ["0 arrived A", "0 dispatched A", "100 blocked A 100", "300 failed A"] == rows(one)

    def test_in_the_second_of_two_bursts(self):
        """The first one is over, and what was used of the second counts with it."""
        one = life("cpu 100; cpu 900", began(0), began(100), ends=[(100, 100)], died=2000, progress=1890)
        assert ["0 arrived A", "0 dispatched A", "100 reached A 100", "2000 failed A 1990"] == rows(one)


def noted(trace, mix):
    """Return what exact workers would have noted in a simulated run."""
    notes: dict = {index: [] for index in range(len(mix.jobs))}
    ends: dict = {index: [] for index in notes}
    used = dict.fromkeys(notes, 0)
    left_at = dict.fromkeys(notes)
    for row in trace:
        index = row.task
        if row.kind is Kind.DISPATCHED:
            if left_at[index] is None:
                notes[index].append(Note(records.BEGAN, row.time, row.time, 0))
            elif row.time > left_at[index]:
                away = row.time - left_at[index]
                notes[index].append(Note(records.SWITCHED, left_at[index], row.time, away))
        elif row.kind in ENDS_SLICE and row.cpu >= 0:
            used[index] += row.value
            left_at[index] = row.time
            if row.kind in (Kind.BLOCKED, Kind.FINISHED):
                ends[index].append((row.time, used[index]))
                used[index], left_at[index] = 0, None
    return [
        Life(job.arrival, tuple(job.operations), tuple(notes[index]), tuple(ends[index]))
        for index, job in enumerate(mix.jobs)
    ]


def plain(program):
    """Return the program with bursts that follow each other in one, and without the names of devices."""
    found: list = []
    for operation in program:
        if isinstance(operation, Cpu) and found and isinstance(found[-1], Cpu):
            found[-1] = Cpu(found[-1].ns + operation.ns)
        else:
            found.append(operation if isinstance(operation, Cpu) else Io(operation.ns))
    return tuple(found)


def stretches(trace):
    """Return from when to when each job had a CPU, however many slices these were."""
    found: list = []
    for piece in sorted(slices(trace), key=lambda piece: (piece.job, piece.start)):
        if found and found[-1][0] == piece.job and found[-1][2] == piece.start:
            found[-1] = (piece.job, found[-1][1], piece.end)
        else:
            found.append((piece.job, piece.start, piece.end))
    return found


def outcome(trace):
    """Return when each job ended, and the CPU time of each."""
    ended: dict = {}
    used: dict = {}
    for row in trace:
        if row.kind in ENDS_SLICE and row.cpu >= 0:
            used[row.task] = used.get(row.task, 0) + row.value
        if row.kind is Kind.FINISHED:
            ended[row.task] = row.time
    return ended, used


@given(
    strategies.runs(
        *("fcfs", "rr", "srtf", "priority", "mlfq", "cfs", "edf"),
        switch_cost=False,
        degree=False,
        grace=False,
        yields=False,
        conventions=("textbook",),
    )
)
def test_the_notes_of_a_simulated_run_give_its_schedule_again(run):
    """Who had a CPU, from when to when, what everyone used, and when all ended, on any number of CPUs."""
    mix, policy = run
    mix = mix._replace(jobs=tuple(job._replace(program=plain(job.program)) for job in mix.jobs))
    trace = simulated(mix, policy)
    again, lost = rebuild(trace.header._replace(engine="native"), noted(trace, mix), Slices())
    validate(again)
    assert stretches(trace) == stretches(again)
    assert () == lost
    assert outcome(trace) == outcome(again)


def blurred(lives, shift):
    """Return the same in a thousand times as much time, each time a little wrong, but those of one worker in order."""
    found = []
    for each in lives:
        before, ends = 0, []
        notes: list[Note] = []

        def wrong(when, least):
            return max(least, when * 1000 + shift())

        bursts = iter(each.ends)
        for note in each.notes:
            if note.what == records.BEGAN:
                if notes:
                    ends.append(_end(next(bursts), wrong, before))
                    before = ends[-1][0]
                before = wrong(note.end, before)
                notes.append(Note(note.what, before, before, abs(shift())))
            else:
                start = wrong(note.start, before)
                before = wrong(note.end, start)
                notes.append(Note(note.what, start, before, before - start))
        ends += [_end(end, wrong, before) for end in bursts]
        steps = tuple(type(step)(step.ns * 1000) for step in each.operations)
        found.append(Life(each.arrival * 1000, steps, tuple(notes), tuple(ends)))
    return found


def _end(end, wrong, before):
    return wrong(end[0], before), end[1] * 1000


@given(
    strategies.runs(
        *("fcfs", "rr", "srtf", "cfs"),
        switch_cost=False,
        degree=False,
        grace=False,
        yields=False,
        conventions=("textbook",),
    ),
    st.data(),
)
def test_times_that_are_a_little_wrong_give_a_schedule_all_the_same(run, data):
    """Workers look at their clocks when they can: what two of them say may overlap, and no two share a CPU."""
    mix, policy = run
    mix = mix._replace(jobs=tuple(job._replace(program=plain(job.program)) for job in mix.jobs))
    trace = simulated(mix, policy)
    lives = blurred(noted(trace, mix), lambda: data.draw(st.integers(-600, 600)))
    header = trace.header
    jobs = tuple(job._replace(arrival=job.arrival * 1000) for job in header.jobs)
    again = rebuild(header._replace(engine="native", jobs=jobs), lives, Slices())[0]
    validate(again)
    assert outcome(trace)[0].keys() == outcome(again)[0].keys()
    for task, used in outcome(trace)[1].items():
        assert outcome(again)[1][task] <= used * 1000
