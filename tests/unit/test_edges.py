"""Knife edges on hand-made mixes: who is on one, on which, and who is not."""

from __future__ import annotations

import pytest

from schedsim.divergence import about
from schedsim.edges import edges
from schedsim.errors import UsageError
from schedsim.jobs import Job, Mix
from schedsim.mixfile import load
from schedsim.observed import Overheads
from schedsim.policies.options import make_policy

US = 1_000
MS = 1_000_000
COSTS = Overheads(completion=80 * US, preemption=8 * US, arrival=100 * US, wake=150 * US)
LATENESS = 36 * US


def found(mix, algo, options=None, **more):
    """Return the edges of a mix of rows (in ms) under a policy."""
    mix = mix if isinstance(mix, Mix) else load(mix)
    return edges(mix, make_policy(algo, options or {}, mix.unit), COSTS, LATENESS, **more)


def words(result):
    """Return what the events say."""
    return [event.words for event in result.events]


EIGHT = load([(name, 0, 20) for name in "ABCDEFGH"])


def test_bursts_of_whole_quanta_without_a_grace():
    """8 equal jobs of 20 ms under a quantum of 5: whoever needs a moment more waits a whole round, all but the last."""
    result = found(EIGHT, "rr", {"quantum": 5})
    assert tuple("ABCDEFG") == result.jobs
    # All in one event, since it is the same for all of them; it is named for those with whom a trial parted first.
    (event,) = result.events
    assert tuple("ABCDEFG") == event.jobs
    assert event.words.startswith("at 125.29 ms: the bursts of A, B, ")
    assert event.words.endswith(" end just with a slice, and there is no grace")
    spread = result.spread[0]
    assert ("A", True, True) == (
        spread.job, spread.lowest <= spread.calibrated, spread.calibrated + 20 * MS < spread.highest
    )  # fmt: skip


def test_the_grace_takes_them_off_the_edge():
    """With 0.3 ms of it nobody's burst is cut off a moment before its end."""
    result = found(EIGHT._replace(grace=300 * US), "rr", {"quantum": 5})
    assert ((), (), ()) == result[:3]
    assert all(spread.highest - spread.lowest < spread.calibrated // 50 for spread in result.spread)


def test_a_rest_as_long_as_the_grace():
    """At the end of its third slice A has 0.31 left, and the grace is 0.3."""
    mix = load([("A", 0, "15.31"), ("B", 1, "10.1"), ("C", 2, 30)])._replace(grace=300 * US)
    result = found(mix, "rr", {"quantum": 5})
    assert ("A",) == result.jobs
    assert ["at 35.32 ms: A has 0.31 ms left at the end of its slice, and the grace is 0.3 ms"] == words(
        result
    )


def test_an_arrival_next_to_a_completion():
    """A computes from 0.1 to 20.1; the shortest job C comes just before, or just after the next one was chosen."""
    result = found([("A", 0, 20), ("B", 1, 50), ("C", "20.08", 5), ("D", 2, 30)], "sjf")
    assert ("C", "D") == result.jobs
    assert ["at 20.1 ms: C arrives 0.02 ms before A ends"] == words(result)
    assert (20_100 * US, ("C", "D")) == result.events[0][:2]


def test_a_completion_next_to_an_arrival():
    """The same from the other side: C comes just after A's end."""
    result = found([("A", 0, 20), ("B", 1, 50), ("C", "20.12", 5), ("D", 2, 30)], "sjf")
    assert ["at 20.12 ms: A ends 0.02 ms before C arrives"] == words(result)


@pytest.mark.parametrize("algo", ["fcfs", "sjf", "srtf", "rr", "mlfq"])
def test_wide_margins(algo):
    """Nothing comes near to anything else, whatever dispatches cost and however late they are."""
    options = {"rr": {"quantum": 8}, "mlfq": {"quanta": "8/16"}}.get(algo)
    result = found([("A", 0, 20), ("B", 3, 52), ("C", 12, 5), ("D", 27, 35)], algo, options)
    assert ((), (), ()) == result[:3]
    assert tuple("ABCD") == tuple(spread.job for spread in result.spread)
    assert all(spread.lowest < spread.calibrated < spread.highest for spread in result.spread)


def test_two_that_are_nearly_equally_good():
    """When B comes, A needs 10.1 more, and B 10.1: who goes first hangs on a few microseconds."""
    result = found([("A", 0, 20), ("B", 10, "10.1"), ("C", 2, 30)], "srtf")
    assert ("A", "B") == result.jobs
    assert ["at 10 ms: A and B are nearly equally good"] == words(result)


@pytest.mark.parametrize(
    ("arrival", "said"),
    [
        ("20.05", "at 20.1 ms: B arrives 0.05 ms before A ends"),
        ("20.12", "at 20.12 ms: A ends 0.02 ms before B arrives"),
    ],
)
def test_a_preemption_next_to_an_end(arrival, said):
    """The better B comes just before A would end, or just after it has ended: for A that is all of B's 30."""
    result = found([("A", 0, 20, 2), ("B", arrival, 30, 1)], "priority", {"preemptive": True})
    assert ("A",) == result.jobs
    assert [said] == words(result)


def test_the_end_of_a_slice_next_to_an_arrival():
    """A alone would get a fresh slice at 5.1; B comes 0.02 before."""
    result = found([("A", 0, 50), ("B", "5.08", 10)], "rr", {"quantum": 5})
    assert "at 5.1 ms: B arrives 0.02 ms before A's slice ends" == words(result)[0]


def test_two_that_come_to_an_idle_cpu():
    """Whoever comes first runs first, and the other one waits."""
    result = found([("A", "1.00", 20), ("B", "1.02", 40)], "fcfs")
    assert ["at 1.02 ms: A arrives 0.02 ms before B arrives"] == words(result)


def test_jobs_that_are_due_at_one_instant_come_together():
    """Their order is that of the mix, however late they are."""
    assert () == found([("A", 1, 20), ("B", 1, 40), ("C", 1, 7)], "fcfs").jobs


def test_io_next_to_an_arrival():
    """A is back from its I/O at 15.1, just after C has come."""
    jobs = [
        {"id": "A", "program": "cpu 5; io 10; cpu 20"},
        {"id": "B", "arrival": 1, "burst": 30},
        {"id": "C", "arrival": "15.08", "burst": 5},
    ]
    result = found(jobs, "fcfs")
    assert ["at 15.1 ms: C arrives 0.02 ms before A is back from I/O"] == words(result)


def test_a_job_that_is_held():
    """Only one is admitted at a time: C comes just after A has ended, and B with its long burst is there."""
    mix = load([("A", 0, 20), ("B", "20.12", 5), ("C", "20.14", 30)])._replace(degree=1)
    assert ["at 20.14 ms: B arrives 0.02 ms before C arrives"] == words(found(mix, "fcfs"))


def test_several_cpus():
    """CPU 0 is on an edge, CPU 1 far from it."""
    mix = load([("A", 0, 20), ("B", 0, 90), ("C", 1, 50), ("D", "20.08", 5)])._replace(cpus=2)
    result = found(mix, "sjf")
    assert ("C", "D") == result.jobs
    assert ["at 20.1 ms: D arrives 0.02 ms before A ends"] == words(result)


def test_a_run_that_is_cut_off():
    """A ends just before the cut-off at 20.12, or just after it."""
    mix = load([("A", 0, 20), ("B", 1, 30)])._replace(until=20_120 * US)
    result = found(mix, "fcfs")
    assert (20_100 * US, None) == (result.spread[0].calibrated, result.spread[1].calibrated)


def test_two_short_ones_whose_order_hangs_on_a_moment():
    """No turnaround depends on it, and yet they may be dispatched in the other order."""
    mix = load([("A", 0, 20), ("B", 5, "0.05"), ("C", "5.02", "0.05"), ("D", 9, 10)])
    result = edges(mix, make_policy("fcfs"), Overheads(), LATENESS)
    assert ((), ("B",)) == result[:2]
    (event,) = result.events
    assert ("at 5.02 ms: B arrives 0.02 ms before C arrives", (), ("B",)) == (
        event.words, event.jobs, event.unordered
    )  # fmt: skip


def test_two_that_end_without_a_cpu():
    """Both are back from their last I/O at nearly the same time: they end in either order, and no dispatch hangs on it."""
    result = found(together("cpu 1; io 9", "cpu 1; io 7.95"), "fcfs")
    assert ((), ("A",)) == result[:2]
    assert ["at 10.13 ms: A ends 0.03 ms before B ends"] == words(result)


def together(*programs, queues=(), **more):
    """Return a mix of jobs A, B, ... that all arrive at 0."""
    jobs = [{"id": name, "program": program} for name, program in zip("ABCDEF", programs, strict=False)]
    return load({"jobs": [*jobs, *more.pop("arriving", [])], "queues": dict(queues), **more})


def test_how_soon_a_task_is_stopped_for_a_burst_of_its_own():
    """At 10.1 A comes to a longer burst, so B goes on; when B has come to its own, A is better by what it computed meanwhile.

    A dispatcher takes 0.16 ms to stop a task for a job that arrives, by its calibration, of which it has long known in this
    case: if A has computed nothing, both need 20.
    """
    mix = together(*["cpu 10; read n; cpu 20; write n +1; cpu 5"] * 2)
    result = edges(mix, make_policy("srtf"), COSTS._replace(stop=160 * US), LATENESS)
    assert {"A", "B"} == {*result.jobs, *result.unordered}
    assert ["at 10.26 ms: A and B are nearly equally good"] == words(result)


def test_nothing_late_and_nothing_to_pay():
    """Then all trials are the calibrated run."""
    mix = load([("A", 0, 20), ("B", 10, 10), ("C", 20, 5)])
    result = edges(mix, make_policy("srtf"), Overheads(), 0, trials=3)
    assert ((), (), ()) == result[:3]
    assert all(spread.lowest == spread.calibrated == spread.highest for spread in result.spread)


def test_the_same_edges_for_ever():
    """Nothing is drawn at random; more trials only find more."""
    assert found(EIGHT, "rr", {"quantum": 5}) == found(EIGHT, "rr", {"quantum": 5})
    few, many = (found(EIGHT, "rr", {"quantum": 5}, trials=trials) for trials in (2, 40))
    assert set(few.jobs) <= set(many.jobs)


@pytest.mark.parametrize(("lateness", "trials"), [(-1, 40), (0, 0)])
def test_what_cannot_be(lateness, trials):
    """A lateness below 0, and no trials."""
    with pytest.raises(UsageError) as caught:
        edges(EIGHT, make_policy("fcfs"), COSTS, lateness, trials)
    assert f"lateness is {lateness} and trials are {trials}; write 0 or more, and 1 or more trials" == (
        str(caught.value)
    )


def test_a_switch_cost_as_well():
    """It is refused, as in any simulation of a real machine."""
    with pytest.raises(UsageError, match="leave the switch cost out"):
        found(Mix((Job("A", 0, load([("A", 0, 1)]).jobs[0].program),), switch_cost=1), "fcfs")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0, "0"),
        (120_345_678, "120.35"),
        (300_000, "0.3"),
        (304_000, "0.3"),
        (20_000_000, "20"),
        (9_999, "0.01"),
        (4_321, "0.004"),
        (100_000_000_000, "100000"),
    ],
)
def test_lengths_are_shown_shortly(length, text):
    """Two decimals, or one digit of what is shorter."""
    assert text == about(length, "ms")
