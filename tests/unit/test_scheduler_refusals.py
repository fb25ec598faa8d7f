"""Programs and policies that do what they must not: refused, by name."""

from __future__ import annotations

import pytest

from schedsim.errors import PolicyError, ProgramError
from schedsim.jobs import Job
from schedsim.operations import Cpu, Io, Yield
from schedsim.policies.base import Policy
from schedsim.scheduler.task import Task
from tests.unit.scheduling import BOOSTED, Desk


def desk_for(generator):
    """Return a desk with a job A whose program is a generator."""
    desk = Desk(("fcfs",), {"A": "cpu 1"})
    desk.tasks["A"] = Task(0, Job("A", 0, generator))
    return desk


def refusal_of(generator):
    """Return what is said of the first operation of such a program."""
    desk = desk_for(generator)
    with pytest.raises(ProgramError) as caught:
        desk.arrives("A")
    return str(caught.value)


def test_a_generator_that_raises():
    """The user's error is named, and kept as the cause."""

    def program():
        yield Cpu(1)
        raise KeyError("fork")

    desk = desk_for(program)
    desk.at(0, desk.arrives("A"))
    with pytest.raises(ProgramError) as caught:
        desk.ends("A", 1)
    assert "job 'A': its program raised KeyError: 'fork'" == str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("rubbish", "shown"),
    [
        (5, "5"),
        (None, "None"),
        ("cpu 5", "'cpu 5'"),
        (Cpu, "<class 'schedsim.operations.Cpu'>"),
        (Cpu(0), "Cpu(ns=0)"),
        (Io(-1), "Io(ns=-1, device='')"),
    ],
)
def test_a_generator_that_yields_rubbish(rubbish, shown):
    """What is no operation, or one of no length, is named, with what to write instead."""

    def program():
        yield rubbish

    expected = f"job 'A': its program yielded {shown}; yield an operation such as Cpu(ms(5))"
    assert expected == refusal_of(program)


def test_a_generator_that_yields_for_ever():
    """A program that gives up the CPU without end at one instant is found out."""

    def program():
        while True:
            yield Yield()

    desk = desk_for(program)
    desk.at(0, desk.arrives("A"))
    for _ in range(1000):
        desk.at(0, desk.ends("A", 0))
    with pytest.raises(ProgramError) as caught:
        desk.at(0, desk.ends("A", 0))
    assert (
        "job 'A' loops in zero time: it yielded 1,001 times at 0 ns without computing; "
        "give the loop a CPU or I/O burst"
    ) == str(caught.value)


def test_as_many_yields_at_different_instants_are_no_loop():
    """The count begins anew at each instant."""

    def program():
        while True:
            yield Yield()

    desk = desk_for(program)
    desk.at(0, desk.arrives("A"))
    for now in range(1500):
        desk.at(now, desk.ends("A", 0))
    assert ["A"] == desk.running()


def answering(hook, answer):
    """Return a policy of which one hook answers so, or does so."""

    def say():
        return answer() if callable(answer) else answer

    hooks = {
        "rank": lambda self, task, queue: say(),
        "slice": lambda self, task, queue: say(),
        "joined": lambda self, task, why, queue: say(),
        "ran": lambda self, task, ns, queue: say(),
        "boosted": lambda self, task, queue: say(),
    }
    return type("Wrong", (Policy,), {hook: hooks[hook], "boost": 5, "__module__": __name__})()


RANK = "; a rank is an int or a tuple of ints"
SLICE = "; a slice is a positive int (nanoseconds) or UNTIL_IT_BLOCKS"
JOINED = "; write HEAD, TAIL or nothing"


@pytest.mark.parametrize(
    ("hook", "answer", "message"),
    [
        ("rank", None, "answered None" + RANK),
        ("rank", 1.5, "answered 1.5" + RANK),
        ("rank", True, "answered True" + RANK),
        ("rank", float("nan"), "answered nan" + RANK),
        ("rank", (1, 2.0), "answered (1, 2.0)" + RANK),
        ("rank", [1], "answered [1]" + RANK),
        ("rank", "1", "answered '1'" + RANK),
        ("slice", 0, "answered 0" + SLICE),
        ("slice", -2, "answered -2" + SLICE),
        ("slice", 1.0, "answered 1.0" + SLICE),
        ("slice", None, "answered None" + SLICE),
        ("slice", True, "answered True" + SLICE),
        ("joined", "head", "answered 'head'" + JOINED),
        ("joined", 1, "answered 1" + JOINED),
        ("joined", True, "answered True" + JOINED),
    ],
)
def test_a_wrong_answer_is_refused_by_policy_hook_time_and_task(hook, answer, message):
    """The message says who answered what, when and of whom, and what to write instead."""
    desk = Desk(answering(hook, answer), {"A": "cpu 9"})
    with pytest.raises(PolicyError) as caught:
        desk.at(7, desk.arrives("A"))
    assert (message, "Wrong", hook, 7, "A") == caught.value.args
    assert f"Wrong.{hook} at 7 ns for task 'A': {message}" == str(caught.value)


def raises():
    """Raise what a slip in a policy raises."""
    return 1 // 0


@pytest.mark.parametrize("hook", ["rank", "slice", "joined"])
def test_a_hook_that_raises_when_a_job_arrives(hook):
    """The error is named with the hook, and kept as the cause."""
    desk = Desk(answering(hook, raises), {"A": "cpu 9"})
    with pytest.raises(PolicyError) as caught:
        desk.at(2_000_000, desk.arrives("A"))
    assert (
        f"Wrong.{hook} at 2 ms for task 'A': raised ZeroDivisionError: integer division or modulo by zero"
    ) == str(caught.value)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_hook_that_raises_when_a_task_is_charged():
    """The same of ``ran``."""
    desk = Desk(answering("ran", raises), {"A": "cpu 9"})
    desk.at(0, desk.arrives("A"))
    with pytest.raises(PolicyError) as caught:
        desk.at(9, desk.ends("A", 9))
    assert ("Wrong", "ran", 9, "A") == caught.value.args[1:]


def test_a_hook_that_raises_in_the_periodic_work():
    """The same of ``boosted``."""
    desk = Desk(answering("boosted", raises), {"A": "cpu 9"})
    desk.at(0, desk.arrives("A"))
    with pytest.raises(PolicyError) as caught:
        desk.at(5, BOOSTED)
    assert ("Wrong", "boosted", 5, "A") == caught.value.args[1:]


class Writes(Policy):
    """Writes what is the scheduler's."""

    def slice(self, task, queue):
        """Write."""
        del queue
        task.left = 1
        return 1


class WritesQueue(Policy):
    """Writes what is the summary's."""

    def slice(self, task, queue):
        """Write."""
        del task
        queue.now = 1
        return 1


class Misspells(Policy):
    """Writes a field that there is not."""

    def slice(self, task, queue):
        """Write."""
        del queue
        task.levle = 1
        return 1


class Moves(Policy):
    """Has a rank that changes while a task waits, and does not say so."""

    def rank(self, task, queue):
        """Answer with the time."""
        del task
        return queue.now


class Mixed(Policy):
    """Answers ranks of two forms."""

    def rank(self, task, queue):
        """Answer a tuple for one task."""
        del queue
        return (1,) if task.id == "B" else 1


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Writes(), "wrote task.left; a policy writes only the task's level, used, spent, vtime"),
        (WritesQueue(), "wrote queue.now; a policy writes only the task's level, used, spent, vtime"),
        (Misspells(), "raised AttributeError: 'Task' object has no attribute 'levle'"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Policy) else "",
)
def test_a_policy_that_writes_what_is_not_its_own(policy, message):
    """A policy has four fields of each task to write, and no more."""
    desk = Desk(policy, {"A": "cpu 9"})
    with pytest.raises(PolicyError) as caught:
        desk.at(0, desk.arrives("A"))
    assert caught.value.args[0].startswith(message)


def test_a_rank_that_moves_while_its_task_waits():
    """Such a policy must say ``dynamic``."""
    desk = Desk(Moves(), {"A": "cpu 3", "B": "cpu 1"})
    desk.at(0, desk.arrives("A"))
    desk.at(1, desk.arrives("B"))
    with pytest.raises(PolicyError) as caught:
        desk.at(3, desk.ends("A", 3))
    assert (
        "Moves.rank at 3 ns for task 'B': answered 1 when the task joined and 3 while it waited; "
        "write dynamic = True"
    ) == str(caught.value)


def test_ranks_of_two_forms():
    """Ints and tuples have no order among each other."""
    desk = Desk(Mixed(), {"A": "cpu 3", "B": "cpu 1", "C": "cpu 1"})
    with pytest.raises(PolicyError) as caught:
        desk.at(0, desk.arrives("C"), desk.arrives("B"), desk.arrives("A"))
    assert "its ranks cannot be compared with each other" in str(caught.value)
