"""Whole crosschecks of made-up runs: gates, verdicts, and the object that a report is printed from."""

from __future__ import annotations

import json

import pytest

import schedsim as ss
from schedsim import crosscheck_words as words
from schedsim.checked import beyond_usual, checked
from schedsim.confusion import confusion_of
from schedsim.crosscheck import Plan, knife_edges, made
from schedsim.crosschecked import Crosscheck, KnifeEdge, Tries, edge_words
from schedsim.errors import UsageError
from schedsim.experiment import simulate_trace
from schedsim.observed import Observed
from schedsim.orders import dispatches
from schedsim.policies.rr import RoundRobin
from schedsim.scaling import read_scale, scaled_mix
from schedsim.tables import Page, plain, text
from schedsim.verdict import TOLERANCES
from tests.unit.measuring import VALID, calibration, disturbed, plan_of, real_run

JOBS = [("A", 0, 30), ("B", 3, 20), ("C", 5, 8)]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Made-up runs need no time to recover."""
    monkeypatch.setattr("schedsim.engines.real.patience.PAUSES", (0.0,))


def crosscheck_of(measured: str, simulated: str, **settings: object) -> Crosscheck:
    """Return the crosscheck of runs under one policy beside simulations of another."""
    plan = plan_of(JOBS, simulated, measured=lambda: real_run(JOBS, measured), **settings)
    return checked(plan, *made(plan))


TIMELESS = [
    {"id": "A", "program": ["cpu 30", "spawn B", "join B", "cpu 10"]},
    {"id": "B", "program": ["exit 2"]},
]
"""B ends as it begins."""


def timeless(jobs: object, algo: str = "fcfs", **settings: object) -> Plan:
    """Return the plan of a machine that dispatches at once where 20 microseconds are calibrated for it."""
    plan = plan_of(jobs, algo, measured=lambda: real_run(jobs, algo), **settings)
    return plan._replace(calibration=calibration(*[20_000] * 4))


def test_a_job_that_takes_no_time_has_no_relative_error():
    """To end at once, and not after a calibrated dispatch, is no error of 100 %: the job counts in the mean alone."""
    plan = timeless(TIMELESS)
    result = checked(plan, *made(plan))
    assert result.jobs[1].replay.simulated  # else there would be nothing to divide by
    assert [None] * 3 == [getattr(result.jobs[1], name).error for name in ("ideal", "calibrated", "replay")]
    assert (None, None) == (result.jobs[1].noise, result.jobs[1].allowed)
    assert result.verdict == "agree"
    assert "and the worst job, A, " in result.why
    assert (
        "job B takes no time in the simulation, so no error is relative to it: it counts in the mean alone"
        in result.notes
    )
    assert not any("takes no time" in note for note in crosscheck_of("fcfs", "fcfs").notes)


def test_jobs_that_take_no_time_are_all_that_is_on_no_knife_edge():
    """Then nothing is steady that could be divided by."""
    plan = timeless(TIMELESS, edges=("A",))
    result = checked(plan, *made(plan))
    assert ("agree", True) == (result.verdict, result.jobs[0].edge)
    assert "every job is on a knife edge, so none is judged by itself" in result.why


def test_runs_in_which_no_job_takes_time_have_no_noise():
    """A mean of 0 cannot be divided by either; the command refuses such a mix before."""
    plan = timeless([{"id": "A", "program": ["lock m"]}])
    result = checked(plan._replace(tolerances=plan.tolerances._replace(least=10**9)), *made(plan))
    assert (None, None) == (result.noise, result.mean.ideal.error)


def test_a_confusion_leaves_out_who_takes_no_time():
    """B would be 100 % off from every prediction."""
    plans = [timeless(TIMELESS, algo) for algo in ("fcfs", "sjf")]
    found = [made(plan) for plan in plans]
    result = confusion_of(plans, [valid for valid, _ in found], [tries for _, tries in found])
    assert max(error for row in result.errors for run in row for error in run) < 0.01
    assert result.notes == [
        "job B takes no time in the simulation, so no error is relative to it: it is left out"
    ]


def rotation(*runs: object):
    """Return what makes these runs one after the other, the last one for ever."""
    left = list(runs)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_a_run_like_its_simulation_agrees():
    """Nothing differs: agree."""
    result = crosscheck_of("srtf", "srtf")
    assert ("agree", 0.0) == (result.verdict, result.mean.replay.error)
    assert Tries(3, 3, 0, 3) == result.tries


def test_another_policy_disagrees():
    """FCFS measured, SJF simulated: the jobs are named, worst first."""
    result = crosscheck_of("fcfs", "sjf")
    assert ("disagree", ("C", "B")) == (result.verdict, result.worst)
    assert result.why.startswith("job C +60.6 % (tolerance 2 %), B -14.5 % (tolerance 2 %);")


def test_another_quantum_disagrees_by_the_order_alone():
    """RR 5 and RR 10 end each of these jobs at the same time, and still they are told apart."""
    result = crosscheck_of("rr:quantum=5", "rr:quantum=10")
    assert [0, 0, 0] == [job.replay.error for job in result.jobs]
    assert (0, 3) == (result.orders["dispatch"].same, result.orders["completion"].same)
    assert result.verdict == "disagree"
    assert result.why.startswith("jobs are dispatched in another order than simulated in 3 of 3 runs: ")


def test_where_no_order_is_promised_none_is_judged():
    """SCHED_OTHER shares a CPU out; who has it when is its own business."""
    plan = plan_of(JOBS, "rr:quantum=10", measured=lambda: real_run(JOBS, "rr:quantum=5"))
    plan = plan._replace(tolerances=TOLERANCES["other"])
    result = checked(plan, *made(plan))
    assert ("agree", 0) == (result.verdict, result.orders["dispatch"].same)
    assert any(note.startswith("order of dispatch: as simulated in 0 of 3 runs") for note in result.notes)


def test_a_disturbed_run_is_made_again():
    """Twice disturbed, then left in peace: it counts, and the further ones are told of."""
    quiet = real_run(JOBS, "fcfs")
    bad = real_run(JOBS, "fcfs", disturbed())
    plan = plan_of(JOBS, "fcfs", measured=rotation(bad, bad, quiet))
    result = checked(plan, *made(plan))
    assert ("agree", Tries(3, 3, 0, 5)) == (result.verdict, result.tries)
    assert "5 runs were made: 3 count, 2 were disturbed and made again" in result.notes


def test_a_disturbed_machine_is_inconclusive():
    """Each run four times, and no more of them when it is clear that nothing will follow."""
    plan = plan_of(JOBS, "fcfs", measured=lambda: real_run(JOBS, "fcfs", disturbed()), repeat=5)
    valid, tries = made(plan)
    assert ([], Tries(5, 0, 3, 12, ("strangers had the CPU",) * 3)) == (valid, tries)
    result = checked(plan, valid, tries)
    assert ("inconclusive", "no run counts: strangers had the CPU") == (result.verdict, result.why)
    assert (None, None) == (result.mean.measured, result.mean.replay.error)
    assert (30, 30) == (result.jobs[0].ideal.simulated, result.jobs[0].calibrated.simulated)


def test_a_process_that_died_does_not_count():
    """A run whose job failed cannot be compared, and says why."""
    run = real_run(JOBS, "fcfs")
    run.jobs[0] = run.jobs[0]._replace(state="failed")
    plan = plan_of(JOBS, "fcfs", measured=lambda: run, repeat=1)
    assert made(plan)[1].reasons == ("a process died",)


def test_half_of_the_runs_are_enough():
    """Two of four count, and agree."""
    quiet, bad = real_run(JOBS, "fcfs"), real_run(JOBS, "fcfs", disturbed())
    plan = plan_of(JOBS, "fcfs", measured=rotation(*[bad] * 8, quiet), repeat=4)
    result = checked(plan, *made(plan))
    assert ("agree", 2, 2) == (result.verdict, result.tries.valid, result.tries.invalid)


def test_progress_is_told_before_each_run():
    """How many are done, of how many, and what comes next; also that one is made again."""
    told = []
    quiet, bad = real_run(JOBS, "fcfs"), real_run(JOBS, "fcfs", disturbed())
    plan = plan_of(JOBS, "fcfs", measured=rotation(quiet, bad, quiet), repeat=2)
    made(plan, lambda *said: told.append(said))
    assert [(0, 2, "run 1 of 2"), (1, 2, "run 2 of 2"), (1, 2, "run 2 of 2, try 2")] == told


def test_what_is_said_before_the_run():
    """Tolerances, grace and knife edges are settled before."""
    plan = plan_of(JOBS, "fcfs", measured=None, edges=("B",))
    plan = plan._replace(mix=plan.mix._replace(grace=300_000))
    tolerances = (
        "tolerances for real-time priorities and a CPU to spare: "
        "mean turnaround 0.5 %, each job 2 % or 0.3 ms, CPU time 1 %"
    )
    assert [
        tolerances,
        "grace 0.3 ms, measured and simulated: a slice is not ended while its burst needs no more",
        "knife edge at 3 ms: A ends as B arrives (it decides B)",
    ] == plan.words()
    assert "knife edges: none was found" in plan._replace(edges=()).words()


def test_jobs_on_a_knife_edge_are_listed_and_not_judged():
    """With every job that differs on an edge there is nothing left to disagree."""
    result = crosscheck_of("fcfs", "sjf", edges=("B", "C"))
    assert ("agree", [False, True, True]) == (result.verdict, [job.edge for job in result.jobs])
    assert [("B", "C")] == [edge.jobs for edge in result.edges]


def test_jobs_whose_places_alone_are_on_a_knife_edge_are_judged_but_for_their_places():
    """A measured order that is another one is no disagreement then; turnarounds are, as ever."""
    edge = KnifeEdge(3, (), "at 3 ms: A ends as B arrives", ("B",))
    rows = [("A", 0, 9), ("B", 1, 5), ("C", 2, 5)]
    plan = plan_of(rows, "fcfs", measured=lambda: real_run([rows[0], ("B", 2, 5), ("C", 1, 5)], "fcfs"))
    orders = {}
    for name, edges in (("without", ()), ("with", (edge,))):
        result = checked(plan._replace(edges=edges), *made(plan))
        orders[name] = [(order.same, order.of) for order in result.orders.values()]
        assert [False] * 3 == [job.edge for job in result.jobs]
        assert "disagree" == result.verdict  # since B and C end at other times
    assert {"without": [(0, 3)] * 2, "with": [(3, 3)] * 2} == orders


def test_two_jobs_that_are_alike_under_srtf_are_on_a_knife_edge():
    """Each comes to a longer burst when the other one needs as long: whoever has computed a moment longer goes first.

    In the runs nobody has, since who is stopped is stopped at once; in the replays everybody has, for as long as a
    dispatcher takes to stop a task for a job that arrives. Without knife edges that would be a disagreement.
    """
    mix = scaled_mix(ss.load("lost-update"), read_scale(10))
    costs = calibration(27_000, 0, 11_000, 0, 160_000, 37_000)
    plan = plan_of(mix, "srtf", measured=lambda: real_run(mix, "srtf"))._replace(calibration=costs)
    assert "disagree" == checked(plan, *made(plan)).verdict
    edges = knife_edges(mix, plan.predicted, plan.overheads, costs.lateness[99])
    assert ["at 10.17 ms: counter-1 and counter-2 are nearly equally good"] == [edge.words for edge in edges]
    result = checked(plan._replace(edges=edges), *made(plan))
    assert "inconclusive" == result.verdict
    assert "every job is on a knife edge" in result.why


def test_edges_of_the_order_alone_are_one_sentence():
    """There may be many of them."""
    edges = [KnifeEdge(3, ("B",), "at 3 ms: one", ("B", "C"))]
    edges += [
        KnifeEdge(number, (), f"at {number} ms: another", (name,)) for number, name in ((5, "D"), (7, "B"))
    ]
    assert [
        "at 3 ms: one (it decides B)",
        "at 5 ms: another, and 1 more (of D, B nothing but their place in the order)",
    ] == edge_words(edges)
    assert ["at 5 ms: another (of D nothing but its place in the order)"] == edge_words(edges[1:2])
    assert [] == edge_words([])


def test_the_object_has_what_the_design_promises():
    """Schema, measured, predictions, jobs, mean, noise, edges, validity, verdict and why."""
    document = crosscheck_of("rr:quantum=5", "rr:quantum=10", edges=("C",)).to_dict()
    assert document["schema"] == "schedsim.crosscheck/1"
    assert ["schedsim.run/1"] * 3 == [run["schema"] for run in document["measured"]]
    assert ["ideal", "calibrated", "replay", "replays"] == list(document["predictions"])
    for name in ("ideal", "calibrated", "replay"):
        assert document["predictions"][name]["schema"] == "schedsim.run/1"
    job = document["jobs"][0]
    assert [job["id"], job["measured"]] == ["A", document["measured"][0]["jobs"][0]["turnaround"]]
    for row in (job, document["mean_turnaround"]):
        for name in ("ideal", "calibrated", "replay"):
            simulated = row[name]["simulated"]
            assert row[name]["error"] == pytest.approx((row["measured"] - simulated) / simulated)
    assert document["noise"] == {"mean_turnaround": 0, "replay": 0}
    edge = {"time": 3, "jobs": ["C"], "words": "at 3 ms: A ends as B arrives", "unordered": []}
    assert [edge] == document["knife_edges"]
    assert {"wanted": 3, "valid": 3, "invalid": 0, "made": 3, "reasons": []} == document["validity"]
    assert document["verdict"] in ("agree", "disagree", "inconclusive")
    assert document["why"]


@pytest.mark.parametrize(("measured", "validity"), [("fcfs", VALID), ("sjf", VALID), ("fcfs", disturbed())])
def test_a_report_can_be_printed_again(measured, validity):
    """Through JSON and back: the same object, the same words."""
    plan = plan_of(JOBS, "fcfs", measured=lambda: real_run(JOBS, measured, validity), edges=("B",))
    result = checked(plan, *made(plan))
    again = Crosscheck.from_dict(json.loads(json.dumps(result.to_dict())))
    assert result.to_dict() == again.to_dict()
    for page in (Page(80), Page(40)):
        tables = [plain(text(words.jobs_table(each), page)) for each in (result, again)]
        assert tables[0] == tables[1]
    assert [*words.remarks(result, verbose=True)] == [*words.remarks(again, verbose=True)]
    assert words.page_html(result) == words.page_html(again)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "this is no whole result of a crosscheck ('schema' is missing)"),
        ([], "this is no whole result of a crosscheck"),
        ({"schema": "schedsim.run/1"}, "its schema is 'schedsim.run/1', and not 'schedsim.crosscheck/1'"),
        ({"schema": "schedsim.crosscheck/1"}, "'validity' is missing"),
    ],
)
def test_what_is_no_result(document, message):
    """A sentence says what is missing."""
    with pytest.raises(UsageError) as caught:
        Crosscheck.from_dict(document)
    assert message in str(caught.value)


def test_it_shows_itself():
    """One line as text; verdict first, and everything escaped, as HTML."""
    result = crosscheck_of("fcfs", "fcfs")
    result.why = "<b>"
    assert str(result) == "agree: fcfs on mix: <b>"
    assert repr(result) == "<Crosscheck agree: fcfs on mix: <b>>"
    assert result._repr_html_().startswith("<div><p><strong>agree: &lt;b&gt;</strong></p>")


def test_the_table():
    """Each simulation with its error beside what was measured, and the mean below."""
    shown = plain(text(words.jobs_table(crosscheck_of("fcfs", "sjf")), Page(100)))
    assert (
        shown
        == """\
turnaround  measured  ideal  error %  calibrated  error %  replay  error %
A              30.00  30.00     0.00       30.00     0.00   30.00     0.00
B              47.00  55.00   -14.55       55.00   -14.55   55.00   -14.55  outside
C              53.00  33.00   +60.61       33.00   +60.61   33.00   +60.61  outside
-----------------------------------------------------------------------------------
mean           43.33  39.33   +10.17       39.33   +10.17   39.33   +10.17
"""
    )


def test_what_is_usual_is_not_replayed():
    """Let go as late as always, at an idle CPU or at a busy one, is in the costs; what is later is this run's own."""
    mix = ss.load(
        [
            ("A", 0, 3),
            {"id": "B", "arrival": 5, "program": ["cpu 9", "io 6", "cpu 1", "io 6", "cpu 1"]},
            ("C", 6, 1),
        ]
    )
    run = real_run(mix, "fcfs")
    run.observed = Observed(
        releases=((0, 4_000), (1, 5_009_000), (2, 6_065_000)),
        sleeps=((1, 0, 6_002_000), (1, 1, 6_500_000)),
        lateness=(1,),
    )
    assert Observed(
        releases=((0, 0), (1, 5_005_000), (2, 6_005_000)),
        sleeps=((1, 0, 6_000_000), (1, 1, 6_498_000)),
        lateness=(1,),
    ) == beyond_usual(run, mix, calibration())
    assert run.observed == beyond_usual(run, mix, None)  # nothing is usual where nothing was calibrated


def test_jobs_of_one_instant_come_at_once():
    """B and C are let go after A, and still all three came at 0: else B, whose lateness is mostly usual, would be first."""
    mix = ss.load([("A", 0, 3), ("B", 0, 3), ("C", 0, 3), ("D", 2, 1)])
    run = real_run(mix, "rr:quantum=1")
    run.observed = Observed(releases=((0, 219_000), (1, 253_000), (2, 261_000), (3, 2_080_000)))
    expected = ((0, 215_000), (1, 215_000), (2, 215_000), (3, 2_020_000))
    assert expected == beyond_usual(run, mix, calibration()).releases
    replayed = simulate_trace(mix, RoundRobin(1_000_000), observed=beyond_usual(run, mix, calibration()))
    assert dispatches(run.trace) == dispatches(replayed)


def test_a_job_that_was_held_is_the_policys_to_let_go():
    """One job at a time: B begins when A has ended, which the replay must find by itself."""
    mix = ss.load([("A", 0, 5), ("B", 1, 2)])._replace(degree=1)
    run = real_run(mix, "fcfs")
    run.observed = Observed(releases=((0, 4_000), (1, 5_010_000)))
    assert ((0, 0),) == beyond_usual(run, mix, calibration()).releases


def test_what_is_early_stays_early():
    """Nothing is made later than it was."""
    mix = ss.load([{"id": "A", "arrival": 0, "program": ["cpu 1", "io 6", "cpu 1"]}])
    run = real_run(mix, "fcfs")
    run.observed = Observed(releases=((0, 1_000),), sleeps=((0, 0, 5_999_000),))
    assert Observed(releases=((0, 0),), sleeps=((0, 0, 5_999_000),)) == beyond_usual(run, mix, calibration())


def test_names_of_the_package():
    """The calls are where the design says."""
    for name in ("calibrate", "crosscheck", "confusion"):
        assert callable(getattr(ss, name))


def test_it_is_drawn():
    """Each prediction has a lane above the median run, and each job a point for each prediction."""
    drawn = crosscheck_of("srtf", "srtf").plot()
    for name in ("ideal", "calibrated", "replay", "measured"):
        assert name in drawn.alt_text


def test_what_was_read_from_a_file_is_not_drawn():
    """It has no traces, and says so."""
    result = Crosscheck.from_dict(json.loads(json.dumps(crosscheck_of("srtf", "srtf").to_dict())))
    with pytest.raises(UsageError, match="there is no run to draw: none counted, or the result was read"):
        result.plot()
