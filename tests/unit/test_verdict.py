"""The verdict on made-up numbers: agree, disagree, and each way in which nothing can be told."""

from __future__ import annotations

import pytest

from schedsim.verdict import TOLERANCES, Deviation, Evidence, Verdict, judge, percent, tolerances


def mean(error: float, noise: float | None = 0.001) -> Deviation:
    """Return the mean's deviation, with a tolerance of 0.5 %."""
    return Deviation("mean", error, noise, 0.005)


def job(name: str, error: float, noise: float | None = 0.002, *, edge: bool = False) -> Deviation:
    """Return a job's deviation, with a tolerance of 2 %."""
    return Deviation(name, error, noise, 0.02, edge)


GOOD = Evidence(5, 5, mean=mean(0.0004), steady=mean(0.0004), jobs=(job("A", 0.001), job("B", -0.004)))


def test_all_within_is_agreement():
    """Mean and every job within their tolerances, little noise: agree, with the figures."""
    why = "in the median of 5 valid runs the mean turnaround is +0.04 % off, and the worst job, B, -0.4 %"
    assert Verdict("agree", why) == judge(GOOD)


def test_one_run_can_agree():
    """A single run has no noise to speak of, and says so."""
    evidence = GOOD._replace(repeat=1, valid=1, mean=mean(0.0004, None), jobs=(job("A", 0.001, None),))
    why = "in the one run the mean turnaround is +0.04 % off, and the worst job, A, +0.1 %"
    assert Verdict("agree", why) == judge(evidence)


def test_a_job_outside_is_named():
    """Beyond tolerance and noise: disagree, the worst first."""
    evidence = GOOD._replace(jobs=(job("A", 0.03), job("B", -0.2), job("C", 0.0)))
    why = "job B -20 % (tolerance 2 %), A +3 % (tolerance 2 %); the mean turnaround +0.04 %"
    assert Verdict("disagree", why, ("B", "A")) == judge(evidence)


def test_many_jobs_are_counted():
    """Three are named, the rest are a number."""
    evidence = GOOD._replace(jobs=tuple(job(name, 0.1) for name in "ABCDE"))
    assert "and 2 more; the mean" in judge(evidence).why


def test_a_mean_outside_names_the_worst_job():
    """The mean alone can disagree: many small errors of one sign."""
    evidence = GOOD._replace(mean=mean(0.012), steady=mean(0.012), jobs=(job("A", 0.015), job("B", 0.01)))
    why = "the mean turnaround is off by +1.2 % (tolerance 0.5 %); the worst job is A +1.5 % (tolerance 2 %)"
    assert Verdict("disagree", why, ("A",)) == judge(evidence)


@pytest.mark.parametrize(
    ("valid", "verdict"), [(0, "inconclusive"), (2, "inconclusive"), (3, "agree"), (5, "agree")]
)
def test_fewer_than_half_of_the_runs_valid(valid, verdict):
    """The gate: nothing follows from fewer than half, whatever the figures say."""
    reasons = ("strangers had the CPU",) * (5 - valid)
    assert verdict == judge(GOOD._replace(valid=valid, reasons=reasons)).verdict


def test_the_gate_says_why():
    """The commonest reason is in the sentence, and no figures are."""
    evidence = Evidence(5, 2, ("late", "stolen", "late"))
    assert Verdict("inconclusive", "2 of 5 runs count: late") == judge(evidence)
    assert Verdict("inconclusive", "no run counts: late") == judge(evidence._replace(valid=0))


def test_the_gate_comes_before_a_disagreement():
    """Disturbed runs prove nothing, also not a disagreement."""
    evidence = GOOD._replace(valid=1, jobs=(job("A", 3.0),), faults=("run 1 is no schedule",))
    assert judge(evidence).verdict == "inconclusive"


def test_a_fault_of_the_run_is_a_disagreement():
    """Whatever the figures say."""
    evidence = GOOD._replace(faults=("run 1 is no schedule: row 3", "run 2 is no schedule: row 3"))
    assert Verdict("disagree", "run 1 is no schedule: row 3, and 1 more") == judge(evidence)


def test_another_order_in_most_runs_is_a_disagreement():
    """Also where every figure is within its tolerance."""
    evidence = GOOD._replace(orders=("jobs end in another order than simulated in 4 of 5 runs",))
    assert Verdict("disagree", evidence.orders[0]) == judge(evidence)


def test_outside_but_within_the_noise():
    """What chance does is no disagreement, and no agreement."""
    evidence = GOOD._replace(jobs=(job("A", 0.03, noise=0.05),))
    why = "job A is off by +3 % (tolerance 2 %), but such runs differ by 5 % among themselves"
    assert Verdict("inconclusive", why, ("A",)) == judge(evidence)


def test_a_mean_outside_but_within_the_noise():
    """Likewise of the mean."""
    evidence = GOOD._replace(mean=mean(0.008, 0.009), steady=mean(0.008, 0.009))
    why = "the mean turnaround is off by +0.8 % (tolerance 0.5 %), but such runs differ by 0.9 % among themselves"
    assert Verdict("inconclusive", why) == judge(evidence)


def test_too_few_runs_to_know_the_noise():
    """Outside in one or two runs may be chance: the sentence says what to do."""
    evidence = GOOD._replace(repeat=2, valid=2, jobs=(job("A", 0.5, None),))
    why = "job A is off by +50 % (tolerance 2 %), and so few runs do not say what chance does; write --repeat 3 or more"
    assert Verdict("inconclusive", why, ("A",)) == judge(evidence)


def test_a_noise_floor_above_the_tolerance():
    """Where chance does more than the tolerance, agreement would mean nothing."""
    why = (
        "the mean turnaround differs by 0.6 % from run to run, which is more than the tolerance of 0.5 % and "
        "would hide a disagreement"
    )
    assert Verdict("inconclusive", why) == judge(GOOD._replace(mean=mean(0.0004, 0.006)))
    noisy = judge(GOOD._replace(jobs=(job("A", 0.001, 0.021),)))
    assert noisy.verdict == "inconclusive"
    assert noisy.why.startswith("job A differs by 2.1 % from run to run")


def test_jobs_on_a_knife_edge_are_not_judged():
    """Neither their error nor their noise counts, and the sentence says how many were judged."""
    evidence = GOOD._replace(jobs=(job("A", 0.7, 0.9, edge=True), job("B", 0.001)))
    why = (
        "in the median of 5 valid runs the mean turnaround is +0.04 % off, and the worst job of the 1 that "
        "are on no knife edge, B, +0.1 %"
    )
    assert Verdict("agree", why) == judge(evidence)


def test_the_mean_is_judged_without_jobs_on_a_knife_edge():
    """An edge that moves the mean moves nothing else."""
    on_edge = (job("A", 0.7, edge=True), job("B", 0.001))
    moved = GOOD._replace(mean=mean(0.05), steady=mean(0.0002), jobs=on_edge)
    why = (
        "in the median of 5 valid runs the mean turnaround of the jobs on no knife edge is +0.02 % off (of all it is "
        "+5 %: a hair decides that), and the worst job of the 1 that are on no knife edge, B, +0.1 %"
    )
    assert Verdict("agree", why) == judge(moved)
    assert judge(moved._replace(steady=mean(0.04))).verdict == "disagree"


def test_every_job_on_a_knife_edge():
    """Then the mean decides nothing when it is outside, and all there is when it is within."""
    on_edge = (job("A", 0.7, edge=True), job("B", 0.9, edge=True))
    outside = judge(GOOD._replace(mean=mean(0.05), steady=None, jobs=on_edge))
    assert outside.verdict == "inconclusive"
    assert outside.why.startswith("every job is on a knife edge, and the mean turnaround is off by +5 %")
    within = judge(GOOD._replace(steady=None, jobs=on_edge))
    assert within.verdict == "agree"
    assert within.why.endswith("every job is on a knife edge, so none is judged by itself")


@pytest.mark.parametrize(
    ("driver", "shared", "expected"),
    [
        ("bands", False, "bands"),
        ("signals", False, "signals"),
        ("bands", True, "shared"),
        ("signals", True, "shared"),
        ("psutil", False, "psutil"),
        ("deadline", False, "deadline"),
    ],
)
def test_tolerances_go_by_how_a_run_is_made(driver, shared, expected):
    """By driver and place, never by what came of it."""
    assert TOLERANCES[expected] == tolerances(driver, shared=shared)


def test_the_promised_tolerances():
    """With real-time priorities and a CPU to spare: 0.5 % in the mean, 2 % for each job; else wider."""
    best = TOLERANCES["bands"]
    assert (0.005, 0.02) == (best.mean, best.job)
    others = [TOLERANCES[name] for name in ("signals", "shared", "psutil")]
    assert all(each.mean > best.mean and each.job > best.job for each in others)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, "0 %"),
        (-0.0000001, "0 %"),
        (0.00123, "+0.12 %"),
        (0.000051, "+0.005 %"),
        (0.000949, "+0.095 %"),
        (-0.5, "-50 %"),
        (2.345, "+234.5 %"),
    ],
)
def test_percent(share, expected):
    """As many digits as say something."""
    assert expected == percent(share)
