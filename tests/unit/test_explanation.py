"""Why each dispatch, in one line that a student would write in an exam."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.errors import UsageError
from schedsim.explain import Witness, decisions
from schedsim.policies import NAMES
from schedsim.tables import Page

MS = 1_000_000


def jobs(*rows):
    """Return jobs of id, arrival, burst and priority."""
    return [dict(zip(("id", "arrival", "burst", "priority"), row, strict=False)) for row in rows]


def said(mix, algo, **options):
    """Return time (in ms) and words of each line."""
    return [(line.time // MS, line.words) for line in ss.explain(mix, algo, **options).lines]


def dispatches(mix, algo, **options):
    """Return the words alone."""
    return [words for _, words in said(mix, algo, **options)]


def test_a_quantum_that_does_not_end_a_burst():
    """Where an expiry was not taken because of the grace, it says so: in the reason, and in what happened."""
    mix = [("A", 0, "4.2"), ("B", 0, 3)]
    assert [
        (0, "A and B arrive: A is next in the queue: A, B"),
        (4, "A has ended, 0.2 into its grace: only B is ready"),
    ] == said(mix, "rr", quantum=4, grace="0.3")
    lines = said(mix, "rr", quantum=4, grace="0.3", job="A")
    assert (4, "A ends, 0.2 into its grace") in lines
    two = [{"id": "A", "program": "cpu 5; cpu 3"}, {"id": "B", "burst": 3}]
    assert (5, "A's quantum is over, 1 into its grace: B is next in the queue: B, A") in said(
        two, "rr", quantum=4, grace=1
    )


THREE = [("A", 0, 4), ("B", 0, 4), ("C", 0, 1)]
STALLINGS = [("A", 0, 3), ("B", 2, 6), ("C", 4, 4), ("D", 6, 5), ("E", 8, 2)]
WITH_IO = [{"id": "A", "program": "cpu 2; io 2; cpu 2"}, {"id": "B", "burst": 9}]


def test_fcfs():
    """The queue, in its order."""
    assert [
        (0, "A and B arrive: A is first in the queue: A, B"),
        (4, "A has ended: only B is ready"),
        (9, "C arrives: only C is ready"),
    ] == said([("A", 0, 4), ("B", 0, 4), ("C", 9, 1)], "fcfs")


def test_round_robin():
    """Whose quantum is over, and who is next."""
    assert [
        (0, "A and B arrive: A is next in the queue: A, B"),
        (2, "A's quantum is over: B is next in the queue: B, A"),
        (4, "B's quantum is over: A is next in the queue: A, B"),
        (5, "A has ended: only B is ready"),
    ] == said([("A", 0, 3), ("B", 0, 3)], "rr", quantum=2)


def test_a_task_alone_gets_a_fresh_quantum():
    """An expiry, and no switch."""
    words = "A's quantum is over and nobody else is ready: it gets a fresh one"
    assert (4, words) == said([("A", 0, 6)], "rr", quantum=4)[1]


def test_sjf_and_its_ties():
    """The shortest before whom, and how a tie was settled."""
    assert [
        "A, B and C arrive: C has the shortest burst (1), before A (4), B (4)",
        "C has ended: A and B have the shortest burst (4); tie, A joined first",
        "A has ended: only B is ready",
    ] == dispatches(THREE, "sjf")


def test_what_is_believed_is_called_so():
    """A job with an estimate is judged by it, and the sentence says that it is one."""
    mix = [{"id": "A", "burst": 4, "estimate": 1}, {"id": "B", "burst": 3}]
    assert "A and B arrive: A has the shortest estimated burst (1), before B (3)" == dispatches(mix, "sjf")[0]


def test_srtf_preempts():
    """Who comes, with what left, and who has to go."""
    assert (2, "P3 arrives with 1 left and preempts P1, which has 5 left") == said(
        [("P1", 0, 7), ("P3", 2, 1)], "srtf"
    )[1]


def test_hrrn_shows_its_sum():
    """The ratio of the chosen as a sum, those of the others as numbers."""
    assert (
        9,
        "B has ended: C has the highest response ratio, (5 + 4) / 4 = 2.25, before D (1.6), E (1.5)",
    ) == said(STALLINGS, "hrrn")[2]


def test_hrrn_tells_close_ratios_apart():
    """As many digits as it takes: 1.0005 and 1.00049 are not both 1."""
    mix = [("A", 0, 1), ("B", 0, 2000), ("C", 0, 2040)]
    words = "A has ended: B has the highest response ratio, (1 + 2000) / 2000 = 1.0005, before C (1.00049)"
    assert words == dispatches(mix, "hrrn")[1]


def test_priority_with_ageing():
    """What waiting made of a priority is said."""
    mix = jobs(("A", 0, 5, 1), ("B", 0, 4, 9), ("C", 1, 3, 2), ("D", 2, 2, 1))
    assert [
        "A and B arrive: A has the best priority (1), before B (9)",
        "D has priority 0 (1, improved by 1 for waiting 2) and preempts A, which has priority 1",
        (
            "D has ended: C and A have the best priority (0: 2, improved by 2 for waiting 4); tie, "
            "C joined first, before B (6: 9, improved by 3 for waiting 6)"
        ),
    ] == dispatches(mix, "priority", preemptive=True, ageing=2)[:3]


def test_priority_where_high_is_good():
    """The numbers are those of the mix, whichever end of them is best."""
    mix = jobs(("A", 0, 5, 1), ("B", 0, 4, 2))
    assert (
        "A and B arrive: B has the best priority (2), before A (1)"
        == (dispatches(mix, "priority", priority_order="high-first")[0])
    )


def test_mlfq():
    """Levels, who is below, and the boost as a line of its own."""
    assert [
        (0, "A arrives: only A is ready"),
        (2, "A's quantum is over: B is first in level 0, the best that is not empty; below it A (level 1)"),
        (3, "B has ended: only A is ready"),
        (5, "boost: every job goes to level 0, with a full slice and a full allotment"),
    ] == said([("A", 0, 6), ("B", 1, 1)], "mlfq", quanta=[2, 4], boost=5)


def test_mlfq_arrival_preempts():
    """An arrival takes the CPU from a lower level."""
    assert "B arrives with level 0 and preempts A, which has level 1" in dispatches(
        [("A", 0, 9), ("B", 4, 1)], "mlfq", quanta=[2, 9]
    )


def test_a_bump_goes_in_front():
    """Under the OSTEP conventions whoever is put in front of the running task preempts it, at an equal level."""
    options = {"conventions": "ostep", "io_bump": True, "quanta": [10]}
    assert "A is back from I/O and put in front of B (both have level 0), and preempts it" in dispatches(
        WITH_IO, "mlfq", **options
    )


def test_feedback_speaks_of_queues():
    """Stallings's words."""
    words = "A's quantum is over, B arrives: B is first in queue 0, the best that is not empty; below it A (queue 1)"
    assert words == dispatches([("A", 0, 3), ("B", 1, 1)], "feedback")[1]


def test_mlq_asks_the_queue_s_own_policy():
    """The best queue, then the reason inside it."""
    mix = jobs(("A", 0, 3, 1), ("B", 0, 2, 1), ("C", 0, 1, 2))
    assert [
        (
            "A, B and C arrive: queue 1 is the best that is not empty, and there B has the shortest burst (2), "
            "before A (3); below it C (queue 2)"
        ),
        "B has ended: queue 1 is the best that is not empty, and only A is in it; below it C (queue 2)",
        "A has ended: only C is ready",
    ] == dispatches(mix, "mlq", queues="sjf/fcfs")


def test_lottery_shows_the_draw_and_who_holds_it():
    """The number, the tickets, the winner's range and the others'."""
    assert [
        "c1 and c2 arrive: draw 3 of 4 tickets: c2 holds 3; c1 0 to 2",
        "c2 has ended: draw 0 of 3 tickets: c1 holds 0 to 2",
    ] == dispatches([("c1", 0, 1), ("c2", 0, 1)], "lottery", tickets={"c1": 3}, draws=[3, 0])


def test_a_seeded_lottery_shows_the_same_draw_as_the_schedule():
    """The number that is named lies in the range of the one who ran."""
    for line in ss.explain("first", "lottery", seed=5).lines:
        if "draw" in line.words:
            number = int(line.words.split("draw ")[1].split()[0])
            held = line.words.split("holds ")[1].split(";")[0].split(" to ")
            assert int(held[0]) <= number <= int(held[-1])


def test_stride_shows_passes():
    """Passes as in a textbook: one stride for each quantum."""
    options = {"stride1": 6, "tickets": {"A": 3, "B": 2}, "quantum": 1, "initial_pass": "stride"}
    assert [
        "A and B arrive: A has the least pass (2), before B (3)",
        "A's quantum is over: B has the least pass (3), before A (4)",
    ] == dispatches([("A", 0, 2), ("B", 0, 1)], "stride", **options)[:2]


def test_io_yield_and_admission_are_said():
    """How the CPU came to be free, or the task to be ready."""
    assert "A waits for I/O: only B is ready" in dispatches(WITH_IO, "fcfs")
    assert "B has ended: only A is ready" in dispatches(WITH_IO, "fcfs")
    yielding = [{"id": "A", "program": "cpu 1; yield; cpu 1"}, {"id": "B", "burst": 1}]
    assert "A yields: B is first in the queue: B, A" in dispatches(yielding, "fcfs")
    assert "A has ended, B is admitted: only B is ready" in dispatches(THREE[:2], "fcfs", degree=1)


def test_a_preemption_during_a_context_switch_waits_for_its_end():
    """The dispatch that follows is explained by itself."""
    mix = [("A", 0, 9), ("B", 1, 3)]
    assert (2, "A gives way: B has the least time left (3), before A (9)") == said(
        mix, "srtf", switch_cost=2, charge_first_switch=True
    )[1]


class Backwards(ss.Policy):
    """The job that is last in the mix goes first."""

    def rank(self, task, queue):
        """Return the place in the mix, turned round."""
        del queue
        return (-task.index, 0)


class Named(ss.RoundRobin):
    """Round robin under another name."""

    name = "sjf"


def test_a_user_s_policy_is_explained_by_its_ranks():
    """Whatever its ranks mean, they are shown; without any there is only the queue."""
    assert (
        "A, B and C arrive: C has the lowest rank (-2, 0), before B (-1, 0), A (0, 0)"
        == (dispatches(THREE, Backwards())[0])
    )
    assert (
        "A, B and C arrive: A is next in the queue: A, B, C"
        == (dispatches(THREE, Named(quantum=ss.ms(2)))[0])
    )


def test_many_ready_tasks_are_counted():
    """A sentence names the first few."""
    words = dispatches([(f"J{number}", 0, 1) for number in range(20)], "fcfs")[0]
    assert (
        "J0, J1, J2, J3, J4, J5 and 14 more arrive: "
        "J0 is first in the queue: J0, J1, J2, J3, J4, J5 and 14 more" == words
    )
    words = dispatches([(f"J{number}", 0, number + 1) for number in range(20)], "sjf", most=3)[0]
    assert words.endswith("J0 has the shortest burst (1), before J1 (2), J2 (3) and 17 more")


def test_at_an_instant():
    """The dispatch in force, what happened just then, and where everyone is."""
    assert [
        (6, "A has ended: D has the shortest burst (2), before C (3), B (4)"),
        (7, "running: D; ready: B, C"),
    ] == said("first", "sjf", at=7)
    assert [
        (1, "B arrives"),
        (1, "A is preempted, after 1"),
        (1, "B arrives with 4 left and preempts A, which has 5 left"),
        (1, "running: B; ready: A"),
    ] == said("first", "srtf", at="1ms")


def test_at_an_idle_instant():
    """Nobody is ready, or blocked ones are all there is."""
    assert [(1, "the CPU is idle: nobody is ready"), (1, "running: nobody; ready: nobody")] == said(
        [("A", 5, 1)], "fcfs", at=1
    )
    waiting = [{"id": "A", "program": "cpu 1; io 5; cpu 1"}]
    assert (3, "running: nobody; ready: nobody; blocked: A") == said(waiting, "fcfs", at=3)[-1]


def test_at_with_several_cpus():
    """Each CPU has its dispatch in force."""
    found = ss.explain([("A", 0, 9), ("B", 2, 9)], "fcfs", cpus=2, at=5).lines
    assert [(0, 0, "A"), (2, 1, "B")] == [(line.time // MS, line.cpu, line.job) for line in found[:-1]]


def test_at_after_the_end():
    """The answer says when it was over."""
    assert [(17, "the run is over at 17, before 99")] == said("first", "fcfs", at=99)


def test_all_about_one_job():
    """Its own events, the choices that took it, and those that passed it over."""
    assert [
        (1, "B arrives"),
        (4, "A's quantum is over: B is next in the queue: B, C, D, A"),
        (8, "B ends"),
    ] == said("first", "rr", job="B")
    assert (6, "A has ended: D has the shortest burst (2), before C (3), B (4)") in said(
        "first", "sjf", job="B"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": "x"}, "at: 'x' is not a time; write a number such as 4 or 20us"),
        ({"at": -1}, "at is -1; write 0 or more"),
        (
            {"job": "long1"},
            (
                "there is no job 'long1' in convoy; did you mean 'long'? "
                "its jobs are long, short-1, short-2, short-3, short-4"
            ),
        ),
    ],
)
def test_what_is_refused(options, message):
    """A time that is none, a job that there is not, with the nearest one."""
    with pytest.raises(UsageError) as caught:
        ss.explain("convoy", "fcfs", **options)
    assert message == str(caught.value)


def test_edf():
    """Deadlines are instants, not lengths; a job that has none says so."""
    mix = [
        {"id": "A", "burst": 3, "deadline": 9},
        {"id": "B", "burst": 1},
        {"id": "C", "arrival": 1, "burst": 1, "deadline": 4},
        {"id": "D", "arrival": 2, "burst": 1},
        {"id": "E", "arrival": 4, "burst": 1, "deadline": 1},
    ]
    assert [
        (0, "A and B arrive: A has the earliest deadline (9), before B (none)"),
        (1, "C arrives with the deadline 5 and preempts A, which has the deadline 9"),
        (2, "C has ended: A has the earliest deadline (9), before B (none), D (none)"),
        (4, "A has ended, E arrives: E has the earliest deadline (5), before B (none), D (none)"),
        (5, "E has ended: B is next in the queue: B, D"),
        (6, "B has ended: only D is ready"),
    ] == said(mix, "edf")


def test_cfs():
    """Virtual times in the mix's unit, rounded."""
    mix = [{"id": "A", "burst": 3}, {"id": "B", "burst": 2, "nice": -1}, {"id": "C", "burst": 1, "nice": 19}]
    options = {"sched_latency": 1, "min_granularity": 1}
    assert [
        (0, "A, B and C arrive: A, B and C have the least virtual time (0); tie, A joined first"),
        (
            1,
            "A's quantum is over: B and C have the least virtual time (0); tie, B joined first, before A (1)",
        ),
        (2, "B's quantum is over: C has the least virtual time (0), before B (0.8), A (1)"),
        (3, "C has ended: B has the least virtual time (0.8), before A (1)"),
        (4, "B has ended: only A is ready"),
        (5, "A's quantum is over and nobody else is ready: it gets a fresh one"),
    ] == said(mix, "cfs", **options)


def test_cfs_preempts():
    """What is compared are virtual times, though the running one is granted something."""
    mix = [{"id": "A", "program": "cpu 1; io 5; cpu 1"}, {"id": "B", "burst": 9}]
    words = "A is back from I/O with virtual time 2 and preempts B, which has virtual time 5"
    assert (6, words) == said(mix, "cfs")[2]


def test_edf_preempts_a_job_without_a_deadline():
    """It has nothing to set against the deadline."""
    mix = [{"id": "A", "burst": 3}, {"id": "B", "arrival": 1, "burst": 1, "deadline": 4}]
    assert (1, "B arrives with the deadline 5 and preempts A, which has no deadline") == said(mix, "edf")[1]


@pytest.mark.parametrize("conventions", ["textbook", "ostep"])
@pytest.mark.parametrize("cpus", [1, 3])
@pytest.mark.parametrize("algo", NAMES)
def test_every_dispatch_has_its_reason(algo, cpus, conventions):
    """With I/O, switch cost and several CPUs, each slice that begins by a choice has one line, about its job."""
    mix = ss.generate(25, seed=4, io="exponential:mean=8", device="disk", priorities="1-3", tickets="1-5")
    options = {"cpus": cpus, "conventions": conventions, "switch_cost": "0.5", "grace": "0.5"}
    run = ss.run(mix, algo, notes=False, **options)
    lines = [line for line in ss.explain(mix, algo, **options).lines if line.decision is not None]
    assert len(lines) == len([row for row in run.trace if row.kind.name == "DISPATCHED"])
    assert all(line.decision.candidates[0].id == line.job for line in lines)
    assert all(line.job in line.words for line in lines)


def test_watching_changes_nothing():
    """The run that is explained is the run that is shown."""
    explanation = ss.explain("convoy", "srtf", cpus=2)
    assert ss.run("convoy", "srtf", cpus=2).trace == explanation.trace


def test_a_witness_may_keep_less():
    """Of a thousand ready tasks only so many are written down; how many there were stays known."""
    witness = Witness(most=2)
    mix = ss.load([("A", 0, 1), ("B", 0, 1), ("C", 0, 1)])
    from schedsim.experiment import simulate_trace

    simulate_trace(mix, ss.ShortestJobFirst(), observer=witness)
    assert [(2, 3), (2, 2), (1, 1)] == [(len(each.candidates), each.ready) for each in witness.decisions]
    assert 3 == len(decisions(mix, ss.ShortestJobFirst())[0].candidates)


def test_an_explanation_shows_itself():
    """One line as repr, a table as text, the same words as HTML and as plain values."""
    explanation = ss.explain([("A", 0, 2), ("<b>", 1, 1)], "srtf")
    assert "<Explanation of mix under srtf, remaining=burst (knows bursts), times in ms: 2 lines>" == (
        repr(explanation)
    )
    assert [
        "mix under srtf, remaining=burst (knows bursts), times in ms",
        "time  job  why",
        "   0  A    A arrives: only A is ready",
        "   2  <b>  A has ended: only <b> is ready",
    ] == str(explanation).split("\n")
    page = explanation._repr_html_()
    assert "A has ended: only &lt;b&gt; is ready" in page
    assert "<b>" not in page
    document = explanation.to_dict()
    assert {
        "time": 2,
        "cpu": 0,
        "job": "<b>",
        "why": "A has ended: only <b> is ready",
        "ready": [{"id": "<b>", "rank": 1 * MS, "ready_since": 1}],
        "ready_in_all": 1,
    } == document["lines"][1]
    assert "mix under srtf" in explanation.text(Page(20))
