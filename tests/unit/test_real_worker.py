"""What a worker does with its program, on clocks that the test winds."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from contextlib import suppress

import pytest

from schedsim.engines.real import records, worker
from schedsim.engines.real.records import AWAY, BEGAN, SWITCHED, Note, notes, unpack
from schedsim.engines.real.worker import COMMAND, GAP, Place, Worker
from schedsim.errors import ProgramError
from schedsim.jobs import Job
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Io, Yield

LOOK = 1000
"""How long a look at the clock takes."""


class Clocks:
    """The time, the CPU time, and the count of context switches; ``away`` says when the CPU is away."""

    def __init__(self):
        """Start at 1000000."""
        self.time, self.cpu_time, self.switched = 1_000_000, 5_000_000, 0
        self.slept = []
        self.away = []
        """When, for how long, and whether another process has the CPU meanwhile."""

    def now(self):
        """Return the time; it takes a moment to look."""
        self.time += LOOK
        self.cpu_time += LOOK
        while self.away and self.away[0][0] <= self.time:
            _, length, switched = self.away.pop(0)
            self.time += length
            self.switched += switched
        return self.time

    def cpu(self):
        """Return the CPU time; it takes a moment, too."""
        self.time += LOOK
        self.cpu_time += LOOK
        return self.cpu_time

    def switches(self):
        """Return the count."""
        return self.switched

    def sleep_until(self, when):
        """Let it be then."""
        self.slept.append(when)
        self.time = max(self.time, when)


class Bench:
    """One worker, the pipes to it and from it, and its clocks."""

    def __init__(self, program, *, alone=False, excess=0.0):
        """Make the worker of a job, the second of a mix."""
        self.clocks = Clocks()
        self.door = os.pipe()
        self.out = os.pipe()
        steps = parse_program(program, "us") if isinstance(program, str) else program
        place = Place(1, Job("B", 0, steps), 0, self.door[0], self.out[1], None, excess, alone)
        self.memory = memoryview(bytearray(8 * records.SLOT * 2)).cast("q")
        self.worker = Worker(place, self.memory)

    def told(self, *words):
        """Send commands through its door."""
        for word in words:
            os.write(self.door[1], COMMAND.pack(word))

    def closed(self):
        """Close its door: the run is over."""
        os.close(self.door[1])
        self.door = (self.door[0], -1)

    def said(self):
        """Return what it has said."""
        os.set_blocking(self.out[0], False)
        try:
            return [*unpack(os.read(self.out[0], 512 * records.SIZE))]
        except BlockingIOError:
            return []

    def run(self, begins=0):
        """Go through its program."""
        program = self.worker.program()
        self.worker.base = self.clocks.cpu_time
        self.worker.run(next(program), program, begins)

    def noted(self, what):
        """Return its notes of that kind."""
        return [note for note in notes(self.memory, 1) if note.what == what]

    def slot(self, place):
        """Return what it wrote into its part of the memory."""
        return self.memory[records.SLOT + place]

    def close(self):
        """Close all files."""
        for file in (*self.door, *self.out, self.worker.nowhere):
            with suppress(OSError):
                os.close(file)


@pytest.fixture
def bench(monkeypatch):
    """Make workers whose clocks are those of the test."""
    made = []

    def make(program, **how):
        one = Bench(program, **how)
        made.append(one)
        monkeypatch.setattr(worker, "_now", one.clocks.now)
        monkeypatch.setattr(worker, "_cpu", one.clocks.cpu)
        monkeypatch.setattr(worker, "switches_so_far", one.clocks.switches)
        monkeypatch.setattr(worker, "sleep_until", one.clocks.sleep_until)
        return one

    yield make
    for one in made:
        one.close()


def ends(said):
    """Return of each end of a burst which it was, and the CPU time to the nearest ten microseconds."""
    assert {records.REACHED} == {record.kind for record in said}
    return [(record.worker, record.burst, round(record.cpu, -4)) for record in said]


def test_a_burst(bench):
    """It computes until the CPU clock has grown by its length, says so, and has published how far it was."""
    one = bench("cpu 500")
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())
    assert 500_000 <= one.slot(records.PROGRESS) < 500_000 + 20 * LOOK
    assert 1 == one.slot(records.BURST)
    assert [] == one.noted(AWAY) + one.noted(SWITCHED)


def test_bursts_and_io(bench):
    """It sleeps to an absolute time: the end of the burst, and the length of the I/O."""
    one = bench("cpu 500; io 300; cpu 200; yield; cpu 100; cpu 100")
    one.run()
    said = one.said()
    assert [(1, 1, 500_000), (1, 2, 200_000), (1, 3, 100_000), (1, 4, 100_000)] == ends(said)
    assert said[0].time + 300_000 in one.clocks.slept


def test_programs_that_begin_with_io(bench):
    """Its I/O begins when the job was let go, and not when it first gets the CPU; one I/O follows another."""
    one = bench("io 300; io 200; cpu 100")
    one.run(begins=990_000)
    assert [1_290_000, 1_490_000] == one.clocks.slept[:2]


def test_a_device(bench):
    """It is told until when it is served."""
    one = bench("io 300 disk; cpu 100")
    one.told(1_777_000)
    one.run()
    assert 1_777_000 == one.clocks.slept[0]


def test_io_after_a_yield(bench):
    """Whose turn it is after a yield is the dispatcher's to say, so it is told here, too; and once."""
    one = bench("cpu 100; yield; io 300; io 200; cpu 100")
    one.told(1_777_000)
    one.run()
    assert [1_777_000, 1_977_000] == [when for when in one.clocks.slept if when > 1_700_000][:2]


def test_io_after_a_burst_after_a_yield(bench):
    """Then it goes to sleep by itself again."""
    one = bench("yield; cpu 100; io 300; cpu 100")
    one.run()
    said = one.said()
    assert [(1, 1, 100_000), (1, 2, 100_000)] == ends(said)
    assert said[0].time + 300_000 in one.clocks.slept


def test_without_a_dispatcher_nobody_tells(bench):
    """Then a device is I/O like any other."""
    one = bench("io 300 disk; yield; io 200; cpu 100", alone=True)
    one.run(begins=1_000_000)
    assert [1_300_000, 1_500_000] == one.clocks.slept[:2]


def test_the_run_ends_while_it_waits_for_a_device(bench, monkeypatch):
    """It ends at once."""

    def leave(status):
        raise SystemExit(status)

    one = bench("io 300 disk")
    one.closed()
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(SystemExit):
        one.run()


def test_excess(bench):
    """A negative control: it burns more than its program says."""
    one = bench("cpu 500", excess=0.1)
    one.run()
    assert [(1, 1, 550_000)] == ends(one.said())


@pytest.mark.parametrize(("switched", "what"), [(0, AWAY), (1, SWITCHED)], ids=["host", "stranger"])
def test_the_cpu_is_away(bench, switched, what):
    """The burst takes as much longer; who had the CPU, the count of switches tells."""
    one = bench("cpu 500")
    one.clocks.away = [(1_200_000, 90_000, switched)]
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())
    (note,) = one.noted(what)
    assert 90_000 <= note.away < 90_000 + 5 * LOOK
    assert 1_199_000 <= note.start <= 1_201_000
    assert note.start + 90_000 <= note.end
    assert [] == one.noted(AWAY + SWITCHED - what)


def test_a_switch_in_the_middle_of_a_look(bench):
    """What is seen of the count and of the clocks belongs together, or the stranger would be taken for the host."""
    one = bench("cpu 500")
    # the look at the gap that ends at 1230000 takes until after another process had the CPU
    one.clocks.away = [(1_200_000, 30_000, 0), (1_231_000, 90_000, 1)]
    one.run()
    (note,) = one.noted(SWITCHED)
    assert 120_000 <= note.away < 120_000 + 10 * LOOK
    assert [] == one.noted(AWAY)
    assert [(1, 1, 500_000)] == ends(one.said())


def test_a_short_absence_at_the_end(bench):
    """Too short for a gap between two looks, it is found where the CPU time is asked for, at the end."""
    one = bench("cpu 500")
    one.clocks.away = [(1_200_000, GAP - 5 * LOOK, 0)]
    one.run()
    (note,) = one.noted(AWAY)
    assert GAP - 5 * LOOK <= note.away < GAP


def test_notes_of_beginnings(bench):
    """When each burst began, and when it could have: when it was let go, when the burst or the sleep before ended."""
    one = bench("cpu 500; cpu 200; io 300; cpu 100")
    one.run(begins=990_000)
    said = one.said()
    began = one.noted(BEGAN)
    assert [990_000, said[0].time, said[1].time + 300_000] == [note.start for note in began]
    assert all(note.start < note.end <= record.time for note, record in zip(began, said, strict=True))


def test_more_notes_than_can_be_kept(bench):
    """The first are kept, and all are counted."""
    one = bench("cpu 1")
    for number in range(records.MOST_NOTES + 3):
        one.worker.note(AWAY, number, number, 1)
    assert records.MOST_NOTES + 3 == one.slot(records.NOTES)
    assert Note(AWAY, records.MOST_NOTES - 1, records.MOST_NOTES - 1, 1) == notes(one.memory, 1)[-1]
    assert [0] * 8 == [*one.memory[: records.HEAD]]


def test_warming_up_leaves_nothing(bench):
    """Everything was done once, and nothing of it counts."""
    one = bench("cpu 500")
    one.worker.warm_up()
    assert [0, 0, 0] == [one.slot(place) for place in (records.BURST, records.PROGRESS, records.NOTES)]
    assert [] == one.said()
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())


# Generators.


def planned(said):
    """Return the operations that were planned, and where bursts ended."""
    return [record.operation if record.kind == records.PLANNED else "reached" for record in said]


def test_a_generator_says_what_will_come(bench):
    """Up to its next burst, when it comes to the end of one: before it says that it has."""

    def program():
        yield Io(100_000)
        yield Cpu(200_000)
        yield Yield()
        yield Io(50_000, "disk")
        yield Cpu(100_000)

    one = bench(program)
    one.told(1_500_000)
    one.run()
    expected = [
        Io(100_000),
        Cpu(200_000),
        Yield(),
        Io(50_000, "disk"),
        Cpu(100_000),
        "reached",
        None,
        "reached",
    ]
    assert expected == planned(one.said())


def test_an_empty_generator(bench):
    """Its end is all that it plans."""

    def program():
        yield from ()

    one = bench(program)
    one.run()
    assert [None] == planned(one.said())


def test_a_generator_that_never_computes(bench):
    """It would plan for ever; it is refused by name."""

    def program():
        while True:
            yield Yield()

    with pytest.raises(ProgramError) as caught:
        bench(program).run()
    assert (
        "job 'B': its program asks for more than 10,000 operations in a row and never computes; give the loop a CPU "
        "burst"
    ) == str(caught.value)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_a_generator_with_a_device_of_too_long_a_name(bench, first):
    """No record holds it."""

    def program():
        if not first:
            yield Cpu(1000)
        yield Io(1000, "é" * 101)

    with pytest.raises(ProgramError) as caught:
        bench(program).run()
    assert "job 'B': a name in 'io 1000 éééééééééééé'... is longer than 200 bytes; shorten it" == str(
        caught.value
    )


def test_a_generator_that_raises(bench):
    """The error is that of the simulation."""

    def program():
        yield Cpu(1000)
        raise ValueError("no more")

    with pytest.raises(ProgramError) as caught:
        bench(program).run()
    assert "job 'B': its program raised ValueError: no more" == str(caught.value)


# The whole of a worker's life.


@pytest.fixture
def process(monkeypatch):
    """What a worker does to its own process, done to nobody."""
    done = []
    for name in ("die_with_parent", "exact_timers"):
        monkeypatch.setattr(worker, name, lambda *words, name=name: done.append(name))
    monkeypatch.setattr(signal, "signal", lambda number, how: done.append(number.name))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda how, numbers: done.append("unblock"))
    monkeypatch.setattr(gc, "disable", lambda: done.append("no garbage"))
    return done


def test_a_life(bench, process):
    """It gets ready, says so, waits, works, and waits until its door is closed."""
    one = bench("cpu 500")
    one.told(1_000_000, 5)
    one.closed()
    worker.work(one.worker.place, one.memory)
    said = one.said()
    assert [records.READY, records.REACHED] == [record.kind for record in said]
    assert [
        "SIGINT",
        "SIGTERM",
        "SIGALRM",
        "unblock",
        "die_with_parent",
        "exact_timers",
        "no garbage",
    ] == process


def test_a_life_without_work(bench, process):
    """The door is closed before it is let go."""
    one = bench("cpu 500")
    one.closed()
    worker.work(one.worker.place, one.memory)
    assert [records.READY] == [record.kind for record in one.said()]


def test_a_life_alone(bench, process):
    """Told when the run begins, it lets itself go when its job arrives."""
    one = bench("cpu 500", alone=True)
    one.worker.place = one.worker.place._replace(job=one.worker.place.job._replace(arrival=300_000))
    one.told(9_000_000)
    one.closed()
    worker.work(one.worker.place, one.memory)
    assert 9_300_000 in one.clocks.slept


def test_a_generator_runs_ahead_of_its_io(bench):
    """What stands behind an I/O is run as that begins; what stands behind the burst after it, when that has ended."""
    ran = []

    def program():
        yield Cpu(1000)
        yield Io(300_000)
        ran.append(one.clocks.time)
        yield Cpu(1000)
        ran.append(one.clocks.time)

    one = bench(program)
    one.run()
    over = max(one.clocks.slept)
    assert 300_000 - 50_000 < over - ran[0] < 300_000 + 50_000
    assert over < ran[1]


def failing(one):
    """Let it live, and return what it says at its end."""
    one.told(1_000_000)
    one.closed()
    worker.work(one.worker.place, one.memory)
    error = one.said()[-1]
    return error.kind, error.text


def test_a_life_that_fails(bench, process):
    """What the program raised is said, all of it."""

    def program():
        yield Cpu(1000)
        raise ValueError("x" * 500)

    said = "job 'B': its program raised ValueError: " + "x" * 500
    assert (records.ERROR, said) == failing(bench(program))


def test_a_program_that_leaves(bench, process):
    """It ends neither its process nor the run without a word."""

    def program():
        yield Cpu(1000)
        sys.exit(3)

    assert (records.ERROR, "job 'B': its program raised SystemExit: 3") == failing(bench(program))


def test_a_program_that_does_not_begin(bench, process):
    """A function that is called to make a generator, and raises."""

    def program():
        raise ValueError

    assert (records.ERROR, "job 'B': its program raised ValueError") == failing(bench(program))


def test_a_bug(bench, process, monkeypatch):
    """What no program is to blame for is told as such, with its place."""

    def sleep(self, operation, since, *, told):
        raise KeyError("m")

    monkeypatch.setattr(Worker, "sleep", sleep)
    kind, text = failing(bench("cpu 1; io 1; cpu 1"))
    assert records.BUG == kind
    assert re.fullmatch(r"job 'B': its worker raised KeyError: 'm' \(test_real_worker.py, line \d+\)", text)
