"""Every small change to a good trace is seen, or is proved to be another good schedule.

Exhaustive on each trace: every two rows swapped, every row dropped, doubled, or changed by one in each of its
numbers or to each other kind.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from schedsim.errors import TraceError
from schedsim.jobs import Job, Mix
from schedsim.operation_text import parse_program
from schedsim.policies.options import make_policy
from schedsim.testing import strategies
from schedsim.trace import ENDS_SLICE, Kind
from schedsim.validate import validate
from tests.simulations import show, simulated, trace_of

GIVES_UP = (Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED)


def mutations(rows):
    """Return every change to ``rows``: its name, the rows it concerns, and what it makes of them."""
    for place, row in enumerate(rows):
        yield "drop", (place,), rows[:place] + rows[place + 1 :]
        yield "double", (place,), rows[: place + 1] + rows[place:]
        for field in ("time", "task", "cpu", "value"):
            for change in (1, -1):
                changed = row._replace(**{field: getattr(row, field) + change})
                yield f"{field}{change:+}", (place,), [*rows[:place], changed, *rows[place + 1 :]]
        for kind in Kind:
            if kind is not row.kind:
                yield kind.name, (place,), [*rows[:place], row._replace(kind=kind), *rows[place + 1 :]]
        for other in range(place + 1, len(rows)):
            if rows[other] != row:
                swapped = list(rows)
                swapped[place], swapped[other] = rows[other], row
                yield "swap", (place, other), swapped


def slice_may_be(rows, place, length, grace):
    """Return whether the slice that was granted at ``place`` could have been ``length`` as well.

    A policy may grant any slice, and one that is not used up leaves no other mark than its length. Nor does
    one that a burst did use up within the grace.
    """
    cpu = rows[place].cpu
    if length <= 0:
        return False
    for row in rows[place + 1 :]:
        if row.cpu == cpu and row.kind is Kind.REACHED and row.value >= length:
            return False
        if row.cpu == cpu and row.kind in ENDS_SLICE:
            return row.value <= length + grace and (row.kind is not Kind.EXPIRED or 0 < grace)
    return False


def returns_home(rows, place):
    """Return whether the task dispatched at ``place`` left that very CPU at that very instant."""
    row = rows[place]
    before = [other for other in rows[:place] if other.task == row.task]
    return bool(before) and before[-1].kind in GIVES_UP and before[-1][0::3] == (row.time, row.cpu)


def is_lone_boost(rows, place):
    """Return whether the row is a boost after which nobody's slice was renewed."""
    if rows[place].kind is not Kind.BOOSTED:
        return False
    following = rows[place + 1 : place + 2]
    return not (following and following[0].kind is Kind.RENEWED)


def is_another_schedule(rows, name, places, grace):
    """Return whether the change makes another legal schedule: the whole list of them.

    1. A slice that is not used up, or within the grace, granted a nanosecond longer or shorter.
    2. Two dispatches of one instant in the other order, one of them of a task that goes back to the CPU it just
       left: the ranks, which are the policy's, decide who is dispatched first, and it is sent there either way.
    3. A boost that renewed nobody's slice, left out or moved: a policy of another period, or of none.
    4. The slice of a running task is renewed, or the task is preempted and dispatched again at once, in the only
       boost that found any: a policy that ranks a task otherwise when it rejoins the queue may choose so.
    """
    kinds = [rows[place].kind for place in places]
    if name in ("value+1", "value-1") and kinds == [Kind.DISPATCHED]:
        return slice_may_be(rows, places[0], rows[places[0]].value + int(name[5:]), grace)
    if name == "swap" and kinds == [Kind.DISPATCHED] * 2:
        first, second = places
        return rows[first].time == rows[second].time and (
            returns_home(rows, first) or returns_home(rows, second)
        )
    if name == "PREEMPTED" and kinds == [Kind.RENEWED]:
        return sum(row.kind is Kind.RENEWED for row in rows) == 1
    return name in ("drop", "time+1", "time-1") and is_lone_boost(rows, places[0])


def check_every_mutation(trace):
    """Assert that every change is caught or is on the list; return how many there were of each."""
    rows = list(trace)
    caught = another = 0
    validate(trace)
    for name, places, changed in mutations(rows):
        try:
            validate(trace_of(trace.header, changed))
        except TraceError:
            caught += 1
            continue
        where = ", ".join(f"row {place + 1}" for place in places)
        excused = is_another_schedule(rows, name, places, trace.header.grace)
        assert excused, f"{name} of {where} is not seen in\n{show(trace)}"
        another += 1
    return caught, another


def mix_of(text, **fields):
    """Return a mix of one job a line: id, arrival, priority, program."""
    jobs = []
    for line in text.strip().splitlines():
        name, arrival, priority, program = line.split(maxsplit=3)
        jobs.append(Job(name, int(arrival), parse_program(program, "ns"), priority=int(priority)))
    return Mix(tuple(jobs), unit="ns", **fields)


CASES = {
    "expiry, burst to burst, end with the quantum": (
        "rr:quantum=3",
        mix_of("A 0 0 cpu 4; cpu 3\nB 2 0 cpu 3\nC 4 0 cpu 2"),
    ),
    "in the grace": (
        "rr:quantum=4",
        mix_of("A 0 0 cpu 6; cpu 3; io 1; cpu 5\nB 1 0 cpu 5; yield; cpu 7\nC 2 0 cpu 12", grace=2),
    ),
    "devices and yields": (
        "fcfs",
        mix_of(
            "A 0 0 cpu 2; io 4 disk; cpu 1\nB 0 0 io 1 disk; yield; cpu 2; yield; io 2\nC 1 0 cpu 1; io 3 disk"
        ),
    ),
    "preemption during a switch": ("srtf", mix_of("A 0 0 cpu 9\nB 2 0 cpu 4\nC 4 0 cpu 1", switch_cost=3)),
    "two CPUs, held jobs": (
        "rr:quantum=2",
        mix_of("A 0 0 cpu 3; io 2\nB 0 0 cpu 5\nC 1 0 cpu 1\nD 3 0 cpu 2", cpus=2, degree=2),
    ),
    "boosts renew slices": (
        "mlfq:quanta=2/4,boost=7",
        mix_of("A 0 0 cpu 9\nB 3 0 cpu 6; io 3; cpu 1", conventions="ostep"),
    ),
    "kept slices, cut off": (
        "mlfq:quanta=3/6,io_bump=true",
        mix_of("A 0 0 cpu 12\nB 1 0 cpu 1; io 3; cpu 1; io 2; cpu 1", conventions="ostep", until=13),
    ),
    "ageing boosts": (
        "priority:preemptive=true,ageing=3",
        mix_of("A 0 1 cpu 8\nB 0 2 cpu 2\nC 1 0 cpu 1", switch_cost=1, charge_first_switch=True),
    ),
}


def example(name):
    """Return the trace of an example."""
    choice, mix = CASES[name]
    algo, _, options = choice.partition(":")
    pairs = dict(pair.split("=") for pair in options.split(",") if pair)
    return simulated(mix, make_policy(algo, pairs, "ns"))


@pytest.mark.parametrize("name", CASES)
def test_every_mutation_of_an_example_is_seen(name):
    """Each kind of row occurs in one of the examples, and almost every change to them is caught."""
    trace = example(name)
    caught, another = check_every_mutation(trace)
    assert caught > 20 * another


def test_the_examples_have_every_kind_of_row():
    """What the examples do not have in them, their mutations would not show."""
    kinds = {row.kind for name in CASES for row in example(name)}
    # No process dies in a simulation, and nobody does anything with others here.
    assert {kind for kind in Kind if kind < Kind.ACQUIRED} - {Kind.FAILED} == kinds


@pytest.mark.slow
@settings(max_examples=40)
@given(strategies.runs(most_jobs=3, most_cpus=2, latest=6, longest=4, most=3))
def test_every_mutation_of_a_drawn_trace_is_seen(run):
    """The same for traces that nobody chose."""
    mix, policy = run
    trace = simulated(mix, policy)
    if len(trace) <= 40:
        check_every_mutation(trace)
