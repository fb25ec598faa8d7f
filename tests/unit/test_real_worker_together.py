"""What a worker does when it comes to an operation that takes no time: it watches its door, then sleeps."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from schedsim.engines.real import objects, records
from schedsim.engines.real.objects import Objects
from schedsim.engines.real.performing import DONE, REFUSED, Answer
from schedsim.engines.real.worker import PATIENCE, Place, Worker
from schedsim.errors import ProgramError
from schedsim.jobs import Job
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Exit, Get, Io, Lock, Put, Read, Unlock, Write
from tests.unit.test_real_worker import Bench, bench, ends  # noqa: F401  # a fixture

US = 1000


def shared(bench, program, *, patience=PATIENCE, queues=("q",)):  # noqa: F811  # the fixture
    """Return a worker that shares objects with others, alone."""
    one = bench("cpu 1")
    steps = parse_program(program, "us") if isinstance(program, str) else program
    job = Job("B", 0, steps)
    made = Objects(multiprocessing.get_context("fork"), [job], dict.fromkeys(queues, 2), ())
    place = Place(1, job, 0, one.door[0], one.out[1], None, 0.0, objects=made, patience=patience)
    os.close(one.worker.nowhere)
    one.worker, one.objects = Worker(place, one.memory), made
    return one


def answer(one, *answers):
    """Have the dispatcher say so, before it is asked."""
    os.write(one.door[1], b"".join(Answer(*each).packed() for each in answers))


def later(one, monkeypatch, looks, *answers):
    """Have it say so when the worker has looked so often since it asked, or when it sleeps, 5 ms later."""
    seen = []
    real_read = os.read

    def read(file, size):
        if file == one.door[0]:
            seen.append(file)
            asleep = os.get_blocking(file)
            if asleep:
                one.clocks.time += 5_000_000
            if asleep or len(seen) == looks:
                answer(one, *answers)
        return real_read(file, size)

    monkeypatch.setattr(os, "read", read)
    return seen


def test_an_answer_that_is_there_at_once(bench):  # noqa: F811
    """It does what it may, counts it, and goes on: nothing is lost but some looks at the clock."""
    one = shared(bench, "cpu 500; lock m; cpu 400; unlock m; cpu 300")
    answer(one, (DONE, 0))
    one.run()
    assert [(1, 1, 500_000), (1, 2, 400_000), (1, 3, 300_000)] == ends(one.said())
    assert 2 == one.slot(records.DONE)
    assert one.objects.acquire(0)


def test_watching_is_part_of_the_next_burst(bench, monkeypatch):  # noqa: F811
    """Who watches its door for 100 looks has computed as much less when its burst ends: no time is lost."""
    one = shared(bench, "cpu 500; lock m; cpu 400")
    later(one, monkeypatch, 100, (DONE, 0))
    began = one.clocks.time
    one.run()
    assert 900_000 <= one.clocks.time - began < 950_000
    assert [500_000, 400_000] == [cpu for _, _, cpu in ends(one.said())]


def test_what_it_uses_meanwhile_is_known(bench, monkeypatch):  # noqa: F811
    """The dispatcher sees it grow as progress of the next burst, for if it is stopped before that begins."""
    one = shared(bench, "cpu 500; lock m; cpu 400")
    seen = []
    later(one, monkeypatch, 100, (DONE, 0))
    send = os.write

    def write(file, words):
        if file == one.door[1]:
            seen.append((one.slot(records.BURST), one.slot(records.PROGRESS)))
        return send(file, words)

    monkeypatch.setattr(os, "write", write)
    one.run()
    ((number, progress),) = seen
    assert 2 == number
    assert 95 * 1000 < progress < 130 * 1000


def test_who_will_have_to_wait_does_not_watch(bench, monkeypatch):  # noqa: F811
    """The dispatcher has said so beforehand, so the CPU is left at once."""
    one = shared(bench, "cpu 500; lock m; cpu 400")
    one.memory[records.SLOT + records.WAITS] = 1
    seen = later(one, monkeypatch, -1, (DONE, 0))
    one.run()
    assert len(seen) < 5


def test_who_waits_for_long_sleeps(bench, monkeypatch):  # noqa: F811
    """After its patience it sleeps at its door, and what it did until then is nobody's burst."""
    one = shared(bench, "cpu 500; lock m; cpu 400")
    later(one, monkeypatch, -1, (DONE, 0))
    began = one.clocks.time
    one.run()
    # 500 computing, 300 watching, 5000 asleep, 400 computing
    assert 6_200_000 <= one.clocks.time - began < 6_250_000
    assert [500_000, 400_000] == [cpu for _, _, cpu in ends(one.said())]


def test_who_lost_its_cpu_does_not_watch_on(bench, monkeypatch):  # noqa: F811
    """Others ran meanwhile: its answer is there, or it has to wait, and to watch would be in vain."""
    one = shared(bench, "cpu 500; lock m; cpu 400")
    one.clocks.away = [(one.clocks.time + 530_000, 9_000_000, 1)]
    seen = later(one, monkeypatch, -1, (DONE, 0))
    one.run()
    assert len(seen) < 50
    assert [500_000, 400_000] == [cpu for _, _, cpu in ends(one.said())]


def test_no_patience(bench):  # noqa: F811
    """Where the dispatcher shares the CPU, it has to leave it at once."""
    one = shared(bench, "lock m; cpu 400", patience=0)
    answer(one, (DONE, 0))
    one.run()
    assert [(1, 1, 400_000)] == ends(one.said())


def test_io_after_an_operation_is_told(bench):  # noqa: F811
    """When it began is the dispatcher's to say, as after a yield."""
    one = shared(bench, "cpu 500; lock m; io 300; io 200; cpu 100")
    answer(one, (DONE, 0))
    one.told(7_000_000)
    one.run()
    assert [7_000_000, 7_200_000] == [when for when in one.clocks.slept if when >= 7_000_000][:2]


def test_a_list_exits(bench):  # noqa: F811
    """What follows is not done, and nobody is asked."""
    one = shared(bench, "cpu 500; exit 3; cpu 400")
    one.run()
    assert [(1, 1, 500_000)] == ends(one.said())


def program():
    """Do everything that has a value."""
    yield Put("q", ["an", "item"])
    refused = yield Put("q", "no room", blocking=False)
    item = yield Get("q")
    count = yield Read("n")
    yield Write("n", count + len(item) + refused)
    yield Cpu(400 * US)
    yield Io(300 * US)
    yield Lock("m")
    yield Unlock("m")
    yield Exit(2)


def test_a_generator_says_what_it_does(bench):  # noqa: F811
    """Each operation is said before it is done, with numbers in place of values, and after each what comes next."""
    one = shared(bench, program)
    one.objects.variables[5] = 40
    answer(one, (DONE, 0), (REFUSED, 1), (DONE, 0), (DONE, 5), (DONE, 5))
    answer(one, (DONE, 1))
    one.run()
    said = one.said()
    planned = [record.operation for record in said if record.kind == records.PLANNED]
    assert [
        Put("q", 0), Put("q", 1, blocking=False), Get("q"), Read("n"), Write("n", 42), Cpu(400 * US), Io(300 * US),
        Lock("m"), Unlock("m"), Exit(2),
    ] == planned  # fmt: skip
    kinds = [record.kind for record in said if record.kind != records.PLANNED]
    assert [records.SAID] * 5 + [records.REACHED, records.SAID] == kinds
    assert (42, 0, 7) == (one.objects.variables[5], sum(one.objects.taken), one.slot(records.DONE))


def test_what_it_says_of_its_cpu_time_only_grows(bench):  # noqa: F811
    """From burst to burst: the dispatcher charges what is new."""
    one = shared(bench, program)
    answer(one, *[(DONE, 0)] * 5)
    answer(one, (DONE, 0))
    one.run()
    used = [record.cpu for record in one.said() if record.kind == records.SAID][:5]
    assert sorted(used) == used
    assert 0 < used[0] < used[4]


# What cannot be done.


def test_a_lock_that_is_not_free_after_all(bench, monkeypatch):  # noqa: F811
    """Then something is wrong, and is said."""
    monkeypatch.setattr(objects, "PATIENCE", 1000)
    one = shared(bench, "lock m; cpu 1")
    one.objects.acquire(0)
    answer(one, (DONE, 0))
    with pytest.raises(
        ProgramError, match="job 'B': the mutex 'm' is its turn's, and is not free: a process"
    ):
        one.run()


def test_a_number_that_does_not_fit(bench):  # noqa: F811
    """It says what does."""
    one = shared(bench, "read n; write n +9; cpu 1")
    one.objects.variables[0] = 2**63 - 5
    answer(one, (DONE, 0), (DONE, 0))
    with pytest.raises(
        ProgramError, match="it writes 9223372036854775812 to 'n'; in a real run a shared variable"
    ):
        one.run()


def test_no_room(bench):  # noqa: F811
    """All items of a mix have so many places together, also those that wait to get in."""

    def many():
        for number in range(9):
            yield Put("q", number)

    one = shared(bench, many)
    answer(one, *[(DONE, 0)] * 9)
    with pytest.raises(
        ProgramError, match="4 items are in the queues or on their way, and a real run has room for no"
    ):
        one.run()


def test_nobody_to_grant(bench):  # noqa: F811
    """Under the kernel's own policies there is no dispatcher."""
    one = bench((Cpu(5 * US), Lock("m")))
    with pytest.raises(
        ProgramError, match="job 'B': 'lock m' needs a dispatcher, and the kernel schedules here"
    ):
        one.run()
