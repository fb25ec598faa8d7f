"""Mixes and jobs made in Python with a field that cannot be: refused in one sentence by whatever takes a mix."""

from __future__ import annotations

import numpy
import pytest

import schedsim as ss
from schedsim.errors import MixError, UsageError
from schedsim.experiment import load_mix
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Exit, Get, Io, Put, Write

MS = 1_000_000
A = Job("A", 0, (Cpu(MS),))
JOBS = "Mix((Job('A', 0, (Cpu(ms(5)),)),))"
TIME = "a whole number of nanoseconds such as ms(5)"


def made():
    """Yield one burst."""
    yield Cpu(MS)


def only(**fields):
    """Return a mix of the job A with other fields."""
    return Mix((A._replace(**fields),))


def a_generator():
    """Return a mix with what a generator function returns, where the function should be."""
    return only(program=made())


WRONG = [
    (Mix(()), f"the mix has no jobs; write one or more: {JOBS}"),
    (Mix(A), f"the mix's jobs are job 'A' itself; write a tuple of jobs: {JOBS}"),
    (Mix("A"), f"the mix's jobs are 'A'; write a tuple of jobs: {JOBS}"),
    (Mix((A, "B 0 3")), "job 2: it is 'B 0 3'; write Job('A', 0, (Cpu(ms(5)),))"),
    (Mix((A, A._replace(id="B"), A)), "job 'A': jobs 1 and 3 both have this id; give every job its own"),
    (only(id=5), "job 1: its id is 5; write text such as 'A'"),
    (only(id=""), "job 1: its id is ''; write text such as 'A'"),
    (only(arrival=-1), f"job 'A': its arrival is -1; write 0 or {TIME}"),
    (only(arrival=1.5), f"job 'A': its arrival is 1.5; write 0 or {TIME}"),
    (only(arrival="3"), f"job 'A': its arrival is '3'; write 0 or {TIME}"),
    (only(arrival=True), f"job 'A': its arrival is True; write 0 or {TIME}"),
    (only(nice=20), "job 'A': its nice is 20; write a whole number from -20 to 19"),
    (only(tickets=0), "job 'A': its tickets is 0; write a whole number of 1 or more"),
    (only(deadline=[5]), f"job 'A': its deadline is [5]; write {TIME}, or None"),
    (only(estimate=0), f"job 'A': its estimate is 0; write {TIME}, or None"),
    (only(spawned="yes"), "job 'A': spawned is 'yes'; write True or False"),
    (
        only(program="cpu 5"),
        "job 'A': its program is 'cpu 5'; write a tuple of operations such as (Cpu(ms(5)),), or a generator function",
    ),
    (
        only(program=Cpu(5)),
        "job 'A': its program is Cpu(ns=5); write a tuple of operations such as (Cpu(ms(5)),), or a generator function",
    ),
    (only(program=("cpu 5",)), "job 'A': 'cpu 5': write an operation such as Cpu(ms(5))"),
    (only(program=[Cpu(-1)]), "job 'A': Cpu(ns=-1): write an operation such as Cpu(ms(5))"),
    (only(program=(Cpu(0),)), "job 'A': Cpu(ns=0): write an operation such as Cpu(ms(5))"),
    (only(program=(Io(0),)), "job 'A': Io(ns=0, device=''): write an operation such as Cpu(ms(5))"),
    (
        only(program=[Cpu(MS), Exit(300)]),
        "job 'A': Exit(code=300): an exit code is a whole number from 0 to 255",
    ),
    (
        a_generator(),
        "job 'A': its program is a generator, which can run only once; give the function that makes it, without calling it",
    ),
    (Mix((A,), queues="q"), "the mix's queues are 'q'; write queues={'q': 2}"),
    (Mix((A,), queues=("q",)), "the mix's queues are ('q',); write queues={'q': 2}"),
    (Mix((A,), queues=(("q", 1), ("q", 2))), "queue 'q': it is there twice; keep one"),
    (Mix((A,), queues={"q": 0}), "queue 'q': the capacity is 0; write a whole number of 1 or more"),
    (Mix((A,), variables=5), "the mix's variables are 5; write variables={'n': 0}"),
    (Mix((A,), variables=(("n", 1), ("n", 1))), "variable 'n': it is there twice; keep one"),
    (Mix((A,), unit="h"), "the mix's unit is 'h'; write ns, us, ms or s"),
    (Mix((A,), cpus=0), "the mix's cpus is 0; write a whole number of 1 or more"),
    (Mix((A,), degree="2"), "the mix's degree is '2'; write a whole number of 1 or more, or None"),
    (Mix((A,), until=0), f"the mix's until is 0; write {TIME}, or None"),
]


@pytest.mark.parametrize(("mix", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
def test_what_cannot_be(mix, message):
    """One sentence, before anything runs, whoever is given the mix."""
    for take in (ss.run, ss.compare, ss.real, ss.crosscheck, ss.explain):
        with pytest.raises(MixError) as caught:
            take(mix, "fcfs")
        assert message == str(caught.value)


def test_lists_and_mappings_are_taken():
    """As the tuples that they stand for."""
    program = [Cpu(MS), Put("q", 5), Get("q"), Write("n", change=0, value=3), Cpu(MS)]
    loose = Mix([Job("A", 0, program)], queues={"q": 2}, variables={"n": 3})
    strict = Mix((Job("A", 0, tuple(program)),), queues=(("q", 2),), variables=(("n", 3),))
    assert strict == load_mix(loose)
    assert strict == load_mix(strict)
    assert ss.run(strict, "fcfs").to_dict() == ss.run(loose, "fcfs").to_dict()


def test_whole_numbers_of_numpy():
    """They become Python's own, which every file can hold."""
    job = load_mix(only(arrival=numpy.int64(3), priority=numpy.int8(2))).jobs[0]
    assert (3, 2, int, int) == (job.arrival, job.priority, type(job.arrival), type(job.priority))


def test_what_is_right_stays_as_it_is():
    """The very same mix, and generator functions in it."""
    mix = Mix((A, A._replace(id="B", program=made), A._replace(id="C", deadline=5)))
    assert load_mix(mix) is mix


@pytest.mark.parametrize("program", [("cpu 5",), [["cpu", 5]], (Cpu(MS), "io 3")])
def test_text_in_the_program_of_a_job(program):
    """In a list of jobs, too: its bare numbers would be nanoseconds."""
    with pytest.raises(MixError) as caught:
        ss.run([Job("A", 0, program)])
    said = f"job 1 ('A'), program: {program[-1]!r} is no operation; write one such as Cpu(ms(5))"
    assert said == str(caught.value)


@pytest.mark.parametrize(
    ("name", "seed", "message"),
    [
        ("deadlock", "x", "seed is 'x'; write a whole number from 0 to 9,223,372,036,854,775,807"),
        ("deadlock", -1, "seed is -1; write a whole number from 0 to 9,223,372,036,854,775,807"),
        ("tickets", 1.5, "seed is 1.5; write a whole number from 0 to 9,223,372,036,854,775,807"),
        ("tickets", True, "seed is True; write a whole number from 0 to 9,223,372,036,854,775,807"),
        (5, None, "the name of a lab is text, and 5 is none; labs are convoy, create, "),
    ],
)
def test_labs(name, seed, message):
    """What they are given is looked at before they begin."""
    with pytest.raises(UsageError) as caught:
        ss.lab(name, seed=seed)
    assert str(caught.value).startswith(message)
