"""Which CPU burst is to come and how much CPU time is left, and how often a program is looked at for that."""

from __future__ import annotations

import random

import pytest

from schedsim.jobs import Job
from schedsim.operations import Cpu, Exit, Get, Io, Lock, Put, Read, Yield
from schedsim.scheduler.task import Task

TIMELESS = (Put("q"), Get("q"), Lock("m"), Read("v"))


class Program(tuple):
    """A list of operations that counts how many of them are looked at."""

    __slots__ = ()
    looked = 0
    """At all that were made."""

    def __getitem__(self, place):
        """Count, and return it."""
        found = super().__getitem__(place)
        Program.looked += len(found) if isinstance(place, slice) else 1
        return found


def by_definition(program, place):
    """Return the length of the first CPU burst after ``place``, unless something that waits, or the end, is before."""
    for step in program[place + 1 :]:
        if isinstance(step, Cpu):
            return step.ns
        if isinstance(step, Io | Yield | Exit):
            break
    return 0


def stand_at_each(program):
    """Return where a task stands, in turn: each operation that takes no time, and the CPU burst after it."""
    task, stands = Task(0, Job("A", 0, program)), []
    while (operation := task.advance()) is not None:
        if operation in TIMELESS:
            task.set_burst(operation)
            stands.append((task.position, task.left))
            assert task.left == task.burst_length
    return stands


@pytest.mark.parametrize("seed", range(30))
def test_by_the_definition(seed):
    """Whatever comes after it, and whatever was looked at before."""
    chance = random.Random(seed)
    others = (Cpu(3), Cpu(5), Io(7), Yield(), Exit(1))
    program = tuple(chance.choice(TIMELESS if chance.random() < 0.7 else others) for _ in range(60))
    expected = [(place, by_definition(program, place)) for place in range(60) if program[place] in TIMELESS]
    assert expected == stand_at_each(program)


@pytest.mark.parametrize(
    "program", [(Io(1), *(Put("q"),) * 500), (Io(1), Read("v")) * 500, (Put("q"), Cpu(1)) * 500]
)
def test_a_program_is_looked_through_once(program):
    """However often a task comes to stand somewhere in it: each operation is done once, and looked at once."""
    counted = Program(program)
    Program.looked = 0
    stand_at_each(counted)
    assert len(program) <= Program.looked <= 2 * len(program) + 1


def left_at_each(program):
    """Return what CPU time a task has left at each operation, and at its end."""
    task, left = Task(0, Job("A", 0, program)), []
    while (operation := task.advance()) is not None:
        task.standing = None
        task.set_burst(operation)
        left.append(task.cpu_left)
    task.standing = None
    task.set_burst(None)
    return [*left, task.cpu_left]


def test_the_time_left_of_a_program_is_added_up_once():
    """However often somebody asks, as a reason for each dispatch does."""
    program = (Io(1), Read("v"), Cpu(2), Cpu(3)) * 200
    Program.looked = 0
    left = left_at_each(Program(program))
    assert [sum(step.ns for step in program[place:] if isinstance(step, Cpu)) for place in range(801)] == left
    assert len(program) <= Program.looked <= 4 * len(program)
