"""In which order jobs are dispatched and end, and who is out of it in another run."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.orders import completions, dispatches, unordered


def run(jobs, algo="fcfs", **options):
    """Return the trace of jobs: id, arrival and burst of each."""
    return ss.run([tuple(job.split()) for job in jobs.split(", ")], algo, notes=False, **options).trace


def test_who_goes_on_counts_once():
    """A alone gets three slices; then B and C have one after the other."""
    # A A A A A A B B C C
    trace = run("A 0 6, B 5 2, C 5 2", "rr", quantum=2)
    assert ["A", "B", "C"] == dispatches(trace) == completions(trace)
    assert ["A", "C"] == dispatches(trace, {"B"}) == completions(trace, {"B"})


def test_who_goes_on_because_another_one_is_left_out_counts_once():
    """A B A without B is A."""
    assert ["A", "B", "A", "B"] == dispatches(run("A 0 4, B 0 4", "rr", quantum=2))
    assert ["A"] == dispatches(run("A 0 4, B 0 4", "rr", quantum=2), {"B"})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("A 0 3, B 1 3, C 2 3", "A 0 5, B 1 1, C 2 2", set(), id="the same order"),
        pytest.param("A 0 3, B 1 3, C 2 3", "A 0 3, B 2 3, C 1 3", {"B"}, id="two in the other order"),
        # B comes last instead of second: without it the others are in order, and not only without these.
        pytest.param(
            "A 0 3, B 1 3, C 2 3, D 3 3", "A 0 3, B 9 3, C 2 3, D 3 3", {"B"}, id="one behind two others"
        ),
        # The same the other way round, where the first difference is between B and D.
        pytest.param(
            "A 0 3, B 1 3, C 2 3, D 3 3", "A 0 3, B 2 3, C 3 3, D 1 3", {"D"}, id="one before two others"
        ),
    ],
)
def test_few_are_taken_out(one, other, expected):
    """Those without which the orders are the same, and no more than need be in simple cases."""
    first, second = run(one), run(other)
    assert expected == unordered(first, second)
    assert dispatches(first, expected) == dispatches(second, expected)


def test_who_is_dispatched_in_one_order_may_end_in_another():
    """I/O at the end: A and B begin in this order, and A is served for longer."""
    mixes = [
        ss.load([{"id": "A", "program": f"cpu 1; io {length}"}, {"id": "B", "program": "cpu 1; io 3"}])
        for length in (3, 7)
    ]
    one, other = (ss.run(mix, "fcfs", notes=False).trace for mix in mixes)
    assert dispatches(one) == dispatches(other)
    assert {"A"} == unordered(one, other)


def test_one_that_never_came_in_one_of_the_two():
    """B is there in one of the runs only, which was cut off."""
    one, other = run("A 0 3, B 1 3", until=3), run("A 0 3, B 1 3")
    assert {"A", "B"} == unordered(one, other)  # of neither the end is seen
