"""Every worked example of books, exams and the OSTEP tools, exactly, through Python; with look-ahead and without."""

from __future__ import annotations

import json
from collections import Counter
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest

from schedsim import experiment, mixfile
from schedsim.engines import simulated
from schedsim.metrics import job_metrics, missed_deadlines, system_metrics
from schedsim.policies import NAMES
from schedsim.times import UNITS
from tests.cli.test_reference_cases import CASES, LATER, comes_later
from tests.simulations import BlindMachine

NOW = [case for case in CASES if not comes_later(case)]
PUBLISHED = [case for case in NOW if case.get("published_values")]

LEFT_OUT = {"edf": 3, "llf": 1, "multi": 6, "process-run": 4, "rm": 6}
"""How many cases of each policy in LATER, which says why, are left out."""

PER_JOB = ("finish", "turnaround", "waiting", "response")
DIGITS = Decimal("1e-10")
"""The means of the cases are printed to so many digits."""


def named(cases):
    """Return the cases as parameters under their own names."""
    return [pytest.param(case, id=case["id"]) for case in cases]


@pytest.fixture(params=["with look-ahead", "without look-ahead"])
def machine(request, monkeypatch):
    """Run what follows on a machine that promises quiet, and again on one that never does."""
    made = []
    kind = BlindMachine if request.param == "without look-ahead" else simulated.SimulatedMachine

    def watched(*arguments):
        made.append(kind(*arguments))
        return made[-1]

    monkeypatch.setattr(simulated, "SimulatedMachine", watched)
    yield
    assert len(made) == 1


def run(case, **changes):
    """Return the run of a case, read as a file of this content would be."""
    return experiment.run(mixfile.loads(json.dumps({**case, **changes})), notes=False)


def exact(value):
    """Return numbers as the decimals that are written, in lists and mappings too."""
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return Decimal(str(value)) if isinstance(value, int | float) else value


def answer(result):
    """Return what a run says, in the words of a case, exactly; means are not rounded yet."""
    unit = UNITS[result.unit]

    def shown(length):
        return None if length is None else Decimal(length) / unit

    jobs = job_metrics(result.trace)
    system = system_metrics(result.trace, jobs)
    per_job = {name: {job.id: shown(getattr(job, name)) for job in jobs} for name in PER_JOB}
    slices = result.joined_slices()
    return {
        **per_job,
        "mean_turnaround": sum(per_job["turnaround"].values()) / len(jobs),
        "mean_waiting": sum(per_job["waiting"].values()) / len(jobs),
        "slices": [[job, shown(start), shown(end)] for job, _, start, end in slices],
        "order": [job for job, *_ in slices],
        "makespan": shown(system.makespan),
        "cpu_busy": shown(system.busy),
        "lateness": {job.id: shown(job.lateness) for job in jobs if job.lateness is not None},
        "misses": [[job, shown(due)] for job, due in missed_deadlines(result.trace, jobs)],
    }


def rounded(found):
    """Return an answer with its means rounded as the cases print them."""
    return {name: value.quantize(DIGITS) if "mean" in name else value for name, value in found.items()}


@pytest.mark.parametrize("case", named(NOW))
def test_the_answer_is_the_books(case, machine):
    """Slices, finish, turnaround, waiting, response, means, deadlines and the rest, to the nanosecond."""
    found = rounded(answer(run(case)))
    assert exact(case["expect"]) == {name: found[name] for name in case["expect"]}


@pytest.mark.parametrize("case", named(case for case in NOW if "mean_turnaround" in case["expect"]))
def test_the_means_of_the_result_are_the_books(case):
    """The means that a result shows are the printed ones."""
    means = run(case).means
    expected = {
        name: value for name, value in case["expect"].items() if name in ("mean_turnaround", "mean_waiting")
    }
    assert expected == {name: round(means[name.removeprefix("mean_")], 10) for name in expected}


def prints(printed, value):
    """Whether a source that has ``value`` may print ``printed``: rounded or cut to the digits that it shows."""
    digits = Decimal(1).scaleb(printed.as_tuple().exponent)
    return printed in (value.quantize(digits, ROUND_HALF_UP), value.quantize(digits, ROUND_DOWN))


@pytest.mark.parametrize("case", named(PUBLISHED))
def test_the_answer_is_what_the_source_prints(case):
    """What the source itself prints, as it prints it: some of the jobs, the first slices, rounded or cut means."""
    found = answer(run(case))
    assert case["published"] == sorted(case["published_values"])
    for name, printed in exact(case["published_values"]).items():
        if name == "order":
            assert printed == found["order"][: len(printed)]
        elif isinstance(printed, dict):
            assert printed == {job: found[name][job] for job in printed}
        elif name == "misses":
            assert printed == found[name]
        else:
            assert prints(printed, found[name]), f"{name}: printed {printed}, ours {found[name]}"


@pytest.mark.parametrize(
    ("printed", "value", "may"),
    [
        ("5.66", "5.6666666667", True),  # cut
        ("5.67", "5.6666666667", True),  # rounded
        ("5.65", "5.6666666667", False),
        ("5.68", "5.6666666667", False),
        ("16", "16", True),
        ("11.0", "11", True),
        ("11.0", "11.1", False),
    ],
)
def test_what_a_source_may_print(printed, value, may):
    """A printed number may be rounded or cut, and nothing else."""
    assert may == prints(Decimal(printed), Decimal(value))


def test_what_is_left_out():
    """Just the cases of policies and periods that come later are left out, none silently; all others are run."""
    left_out = Counter(case["algo"] for case in CASES if case not in NOW)
    assert left_out == LEFT_OUT
    assert set(LATER) == set(LEFT_OUT)
    assert {case["algo"] for case in NOW} == set(NAMES)
    assert len(CASES) == len(NOW) + sum(LEFT_OUT.values()) == 136
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_a_wrong_quantum_is_noticed():
    """The comparison can fail: another quantum gives another answer."""
    case = next(case for case in NOW if case["id"] == "silberschatz-rr4-24-3-3")
    found = answer(run(case, options={"quantum": 2}))
    assert exact(case["expect"]["slices"]) != found["slices"]
    assert exact(case["expect"]["finish"]) != found["finish"]


def test_the_conventions_of_ostep_are_needed():
    """Some answers of the OSTEP tools, all of MLFQ, are others under the textbook's order of events."""
    ostep = [case for case in NOW if "conventions" in case]
    differ = [
        case
        for case in ostep
        if exact(case["expect"]["slices"]) != answer(run(case, conventions="textbook"))["slices"]
    ]
    assert {case["algo"] for case in differ} == {"mlfq"}
    assert len(differ) >= 5
