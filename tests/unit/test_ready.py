"""The three forms of the ready queue agree, and each policy gets the cheapest that it allows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.policies.base import Policy, Queue
from schedsim.policies.options import make_policy
from schedsim.scheduler.consult import Consult
from schedsim.scheduler.ready import DynamicQueue, PlainQueue, RankedQueue, WatchedQueue, ready_queue
from schedsim.testing.machine import make_task


class ByPriority(Policy):
    """A user's own ranked policy."""

    def rank(self, task, queue):
        """Rank by priority."""
        del queue
        return task.priority


class AskedAgain(ByPriority):
    """The same, asked at each dispatch."""

    dynamic = True


def queue_of(policy):
    """Return the ready queue of a policy, watched by its summary."""
    summary = Queue()
    ready = ready_queue(Consult(policy, summary))
    summary.watch(ready, [], [])
    return ready


def filled(policy, priorities):
    """Return the queue with a task for each priority, in the order in which they joined."""
    ready = queue_of(policy)
    for place, priority in enumerate(priorities, 1):
        task = make_task(f"T{place}", index=place, priority=priority, tickets=place)
        task.place = place
        ready.push(task)
    return ready


@pytest.mark.parametrize(
    ("algo", "form"),
    [
        ("fcfs", PlainQueue),
        ("rr", PlainQueue),
        ("sjf", RankedQueue),
        ("mlfq", RankedQueue),
        ("priority", RankedQueue),
        ("priority:ageing", DynamicQueue),
        ("hrrn", DynamicQueue),
        ("lottery", DynamicQueue),
    ],
)
def test_a_shipped_policy_gets_the_cheapest_form(algo, form):
    """O(1) without ranks, O(log n) with, O(n) only where ranks change."""
    name, _, option = algo.partition(":")
    assert form is type(queue_of(make_policy(name, {option: 5} if option else {})))


def test_a_users_ranks_are_watched():
    """A policy from outside may have forgotten to say ``dynamic``."""
    assert WatchedQueue is type(queue_of(ByPriority()))


@pytest.mark.parametrize("policy", [ByPriority(), AskedAgain()], ids=lambda each: type(each).__name__)
@given(priorities=st.lists(st.integers(-2, 2), min_size=1, max_size=8))
def test_lowest_rank_first_then_who_joined_first(policy, priorities):
    """Popping gives what a stable sort by rank gives, and entries, best and length say it beforehand."""
    order = sorted(range(len(priorities)), key=lambda place: priorities[place])
    expected = [f"T{place + 1}" for place in order]
    ready = filled(policy, priorities)
    assert [len(priorities), expected[0]] == [len(ready), ready.best()[2].id]
    assert expected == [task.id for _, _, task in ready.entries()]
    assert expected == [ready.pop().id for _ in priorities]
    assert 0 == len(ready)


def test_without_ranks_first_come_first_served_and_heads_in_front():
    """A place below 0 is in front of all others; the last one pushed there is first."""
    ready = queue_of(make_policy("fcfs"))
    for place in (1, 2, -1, -2):
        task = make_task(f"T{place}")
        task.place = place
        ready.push(task)
    assert ["T-2", "T-1", "T1", "T2"] == [task.id for _, _, task in ready.entries()]
    assert ["T-2", "T-1", "T1", "T2"] == [ready.pop().id for _ in range(4)]


@pytest.mark.parametrize("policy", [make_policy("fcfs"), ByPriority(), AskedAgain()], ids=repr)
def test_tickets_of_all(policy):
    """1 + 2 + 3, and without the first one 2 + 3."""
    ready = filled(policy, [0, 0, 0])
    before = ready.tickets()
    ready.pop()
    assert [6, 5] == [before, ready.tickets()]


@pytest.mark.parametrize(
    "policy", [make_policy("fcfs"), make_policy("priority"), ByPriority(), AskedAgain()], ids=repr
)
def test_weights_of_all(policy):
    """Nice 0, 19 and -20, which join before the sum is asked for the first time and after, and leave again."""
    ready, tasks = queue_of(policy), []
    sums = []
    for place, nice in enumerate((0, 19, -20), 1):
        task = make_task(f"T{place}", index=place, nice=nice)
        task.place = place
        tasks.append(task)
        ready.push(task)
        if place > 1:
            sums.append(ready.weight())
    ready.remove(tasks[1])
    sums.append(ready.weight())
    while len(ready):
        ready.pop()
        sums.append(ready.weight())
    assert [1024 + 15, 1024 + 15 + 88761, 1024 + 88761, 88761, 0] == sums


def test_weights_are_those_of_linux():
    """A step of nice is about a factor of 1.25, and nice 0 is 1024."""
    weights = [make_task("A", nice=nice).weight for nice in range(-20, 20)]
    assert [88761, 1024, 15] == [weights[0], weights[20], weights[39]]
    assert all(1.2 <= heavy / light < 1.28 for heavy, light in pairwise(weights))


def test_rebuild_goes_by_new_places():
    """A boost moved the first of three to the end: the plain queue follows."""
    ready = filled(make_policy("fcfs"), [0, 0, 0])
    ready.best()[2].place = 9
    ready.rebuild()
    assert ["T2", "T3", "T1"] == [task.id for _, _, task in ready.entries()]


def test_rebuild_asks_ranks_again():
    """A boost lifted T2 to level 0: it is the first now."""
    ready = queue_of(make_policy("mlfq"))
    for place, level in ((1, 1), (2, 2)):
        task = make_task(f"T{place}")
        task.place, task.level = place, level
        ready.push(task)
    ready.entries()[1][2].level = 0
    ready.rebuild()
    assert ["T2", "T1"] == [task.id for _, _, task in ready.entries()]


def test_the_summary_counts_the_ready():
    """How many, their tickets, their weights and the least virtual time of the next one."""
    policy, summary = ByPriority(), Queue()
    ready = ready_queue(Consult(policy, summary))
    assert [0, 0, 0, 0] == [summary.count, summary.tickets, summary.weight, summary.least_vtime]
    summary.watch(ready, [], [])
    for place, vtime in ((1, 7), (2, 3)):
        task = make_task(f"T{place}", tickets=place, nice=place)
        task.place, task.vtime = place, vtime
        ready.push(task)
    assert [2, 3, 820 + 655, 7] == [summary.count, summary.tickets, summary.weight, summary.least_vtime]
