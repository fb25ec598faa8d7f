"""Who lends its rank to whom: the same as by the plain definition, and found without going through everybody."""

from __future__ import annotations

import random
from functools import partial
from itertools import pairwise

import pytest

import schedsim as ss
from schedsim.experiment import prepare, simulate_trace
from schedsim.explain import Witness
from schedsim.explanation import Explanation
from schedsim.lending import Lending
from schedsim.policies.base import Policy, Queue
from schedsim.scheduler.consult import Consult
from schedsim.scheduler.task import Task
from schedsim.testing.machine import make_job
from tests.counting import calls

MS = 1_000_000


def by_definition(owners, waits, inheriting, task):
    """Return the lenders of a task: whoever waits for what it, or one of its lenders, holds."""
    found = [task]
    for holder in found:
        found += [
            waiting
            for waiting, mutex in waits.items()
            if mutex in inheriting and owners.get(mutex) == holder and waiting not in found
        ]
    return found[1:]


@pytest.mark.parametrize("seed", range(20))
def test_by_the_definition(seed):
    """Jobs that lock, wait, unlock and end at random, in circles too: always the same lenders in the same order."""
    chance = random.Random(seed)
    inheriting = {0, 1, 2, 3}
    lending = Lending(inheriting)
    owners: dict[int, int] = {}
    waits: dict[int, int] = {}
    for _ in range(300):
        task, mutex = chance.randrange(8), chance.randrange(5)
        if task in waits:
            if chance.random() < 0.2:  # it is killed there, and another one takes its name
                lending.waits_no_more(task, waits.pop(task))
        elif mutex not in owners:
            owners[mutex] = task
            lending.takes(task, mutex)
        elif owners[mutex] != task or chance.random() < 0.1:
            waits[task] = mutex
            lending.waits(task, mutex)
        else:
            del owners[mutex]
            lending.gives_up(task, mutex)
            heir = next((each for each, what in waits.items() if what == mutex), None)
            if heir is not None:
                lending.waits_no_more(heir, waits.pop(heir))
                owners[mutex] = heir
                lending.takes(heir, mutex)
        for each in range(8):
            expected = by_definition(owners, waits, inheriting, each)
            assert expected == list(lending.lenders(each))
            assert len(expected) == lending.count(each)
            assert bool(expected) == lending.is_lent(each)


def crowd(count):
    """Return the trace and the decisions of that many jobs on one mutex that inherits, and one that goes last."""
    program = (ss.Lock("m", inherit=True), ss.Cpu(MS), ss.Io(MS), ss.Unlock("m"), ss.Cpu(MS))
    jobs = tuple(ss.Job(f"j{place}", 0, program, priority=place) for place in range(count))
    jobs += (ss.Job("rest", 0, (ss.Cpu(999 * MS),), priority=count),)
    mix, policy, seed = prepare(jobs, "priority:preemptive=true", {})
    witness = Witness(12)
    return simulate_trace(mix, policy, seed, observer=witness), policy, witness.decisions


def test_a_crowd_on_one_mutex_is_explained_without_going_through_it():
    """Twice as many jobs, of whom each goes through the mutex, take about twice the work, and not eight times."""
    few, many = (calls(partial(Explanation, *crowd(count))) for count in (40, 80))
    assert few < many < 3 * few


def test_of_a_crowd_a_few_are_named():
    """Who is held up by the holder, and how many more."""
    lines = [line.words for line in Explanation(*crowd(9)).lines]
    assert (
        "j0 holds up j1, j2, j3, j4, j5, j6 and 2 more, and so goes before everyone whom any of them goes before, "
        "and preempts rest"
    ) in lines
    assert (
        "j6 holds up j7 and j8, and so goes before everyone whom j7 or j8 goes before, and preempts rest"
        in lines
    )


class Compared(Task):
    """A task that counts how often it is compared with another one."""

    count = 0

    def __eq__(self, other):
        """Count, and be nobody else."""
        Compared.count += 1
        return self is other

    __hash__ = Task.__hash__


class ByIndex(Policy):
    """The last job of the mix first."""

    def rank(self, task, queue):
        """Return its place from behind."""
        del queue
        return -task.index


def test_the_scheduler_goes_through_a_chain_of_mutexes_once():
    """Each of a thousand waits for the next one: the first has the rank of the last, and nobody is compared."""
    consult = Consult(ByIndex(), Queue())
    chain = [Compared(index, make_job(f"j{index}", "cpu 1")) for index in range(1000)]
    consult.donors.update({one.index: [other] for one, other in pairwise(chain)})
    Compared.count = 0
    assert consult.rank is not None
    assert -999 == consult.rank(chain[0])
    assert 0 == Compared.count
