"""Every worked example of books, exams and the OSTEP tools, through the command line in every spelling."""

from __future__ import annotations

import glob
import json
import os

import pytest

from schedsim.policies import NAMES
from tests.cli.calling import refused, schedsim

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "reference")

LATER = {
    "edf": "periodic jobs come later; those that arrive once are run",
    "rm": "periodic jobs come later",
    "llf": "periodic jobs come later",
    "multi": "queues for each CPU, affinity and caches come later",
    "process-run": "OSTEP's process model comes later",
}
"""The policies of which not all cases can be run yet, and why."""

OF_THE_RUN = {"switch_cost", "first_switch_charged", "horizon"}
"""Options of a case that are no policy's, and have an option of the command line."""


def cases() -> list[dict]:
    """Return all cases; those of ostep.json say which conventions they want."""
    found = []
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        with open(path, encoding="utf-8") as file:
            for case in json.load(file):
                conventions = {"conventions": "ostep"} if path.endswith("ostep.json") else {}
                found.append(case | conventions)
    return found


def comes_later(case: dict) -> bool:
    """Return whether the case needs a policy that is not built, or jobs that are released again and again."""
    return case["algo"] not in NAMES or any("period" in job for job in case["jobs"])


CASES = cases()
NOW = [pytest.param(case, id=case["id"]) for case in CASES if not comes_later(case)]


def written(value: object, *, slashes: bool) -> str:
    """Return an option's value as it is written on the command line."""
    if isinstance(value, bool):
        return str(value).lower()
    if slashes and isinstance(value, dict):
        return "/".join(f"{name}={number}" for name, number in value.items())
    if slashes and isinstance(value, list) and not isinstance(value[0], dict):
        return "/".join(map(str, value))
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def inside(case, folder):
    """All in one JSON mix on standard input."""
    mix = {key: case[key] for key in ("jobs", "conventions") if key in case}
    mix["policy"] = {"algo": case["algo"], **case["options"]}
    return ["-"], json.dumps(mix)


def case_itself(case, folder):
    """The case as it is, as a file."""
    path = os.path.join(folder, "case.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({key: value for key, value in case.items() if key != "conventions"}, file)
    return [path, *conventions(case)], ""


def conventions(case):
    """Return the option that names the conventions, if the case has any."""
    return ["--conventions", case["conventions"]] if "conventions" in case else []


def by_o(case, folder):
    """Jobs on standard input, each option by -o."""
    options = [f"-o{key}={written(value, slashes=False)}" for key, value in case["options"].items()]
    return ["-", "--algo", case["algo"], *options, *conventions(case)], json.dumps({"jobs": case["jobs"]})


def by_algo(case, folder):
    """Options behind the policy's name, lists with slashes; those of the run by their own options."""
    options = {key: value for key, value in case["options"].items() if key not in OF_THE_RUN}
    listed = ",".join(f"{key}={written(value, slashes=True)}" for key, value in options.items())
    given = ["-", "--algo", f"{case['algo']}:{listed}" if listed else case["algo"], *conventions(case)]
    if "switch_cost" in case["options"]:
        given += ["--switch-cost", str(case["options"]["switch_cost"])]
    if case["options"].get("first_switch_charged"):
        given += ["--charge-first-switch"]
    if "horizon" in case["options"]:
        given += ["--until", str(case["options"]["horizon"])]
    return given, json.dumps({"jobs": case["jobs"]})


def by_options_object(case, folder):
    """Options in an object of their own inside the policy, the jobs as a list in a file."""
    path = os.path.join(folder, "mix.json")
    mix = {"jobs": case["jobs"], "policy": {"algo": case["algo"], "options": case["options"]}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(mix, file)
    return [path, *conventions(case)], ""


def joined(slices: list[dict]) -> list[list]:
    """Return job, start and end, with adjacent slices of one job joined."""
    found: list[list] = []
    for piece in slices:
        if found and found[-1][0] == piece["job"] and found[-1][2] == piece["start"]:
            found[-1][2] = piece["end"]
        else:
            found.append([piece["job"], piece["start"], piece["end"]])
    return found


def answer(run: dict) -> dict:
    """Return what a run says, in the words of a case."""
    answers = {
        "slices": joined(run["slices"]),
        "mean_turnaround": pytest.approx(run["means"]["turnaround"], abs=1e-9),
        "mean_waiting": pytest.approx(run["means"]["waiting"], abs=1e-9),
        "makespan": run["system"]["makespan"],
        "cpu_busy": run["system"]["busy"],
        "lateness": run["lateness"],
        "misses": run["misses"],
    }
    for name in ("finish", "turnaround", "waiting", "response"):
        answers[name] = {job["id"]: job[name] for job in run["jobs"]}
    return answers


@pytest.mark.parametrize("spelling", [inside, case_itself, by_o, by_algo, by_options_object])
@pytest.mark.parametrize("case", NOW)
def test_the_answer_is_the_books(case, spelling, tmp_path):
    """Slices, finish, turnaround, waiting, response, means, deadlines and the rest are the published ones."""
    arguments, stdin = spelling(case, str(tmp_path))
    done = schedsim("run", *arguments, "--format", "json", stdin=stdin)
    assert (0, "") == (done.status, done.err)
    answers = answer(done.json)
    assert case["expect"] == {key: answers[key] for key in case["expect"]}


def test_there_are_cases():
    """The tests above go through most of what there is, and leave out only what LATER names."""
    assert {case["algo"] for case in CASES} <= {*NAMES, *LATER}
    assert {case["algo"] for case in CASES if comes_later(case)} == {*LATER}
    assert len(NOW) > len(CASES) * 3 // 4


@pytest.mark.parametrize("algo", [algo for algo in LATER if algo not in NAMES])
def test_what_comes_later_is_refused(algo):
    """A case of a policy that is not there yet is refused by name, and not run as something else."""
    case = next(case for case in CASES if case["algo"] == algo)
    mix = {"jobs": [{"id": "A", "arrival": 0, "burst": 1}], "policy": {"algo": algo, **case["options"]}}
    assert repr(algo) in refused("run", "-", stdin=json.dumps(mix))


@pytest.mark.parametrize("spelling", [inside, case_itself, by_o, by_algo, by_options_object])
def test_periodic_jobs_are_refused(spelling, tmp_path):
    """A case with periods is refused for these, and not run as if its jobs came once."""
    periodic = [case for case in CASES if case["algo"] in NAMES and comes_later(case)]
    assert len(periodic) == 3
    for case in periodic:
        arguments, stdin = spelling(case, str(tmp_path))
        assert "jobs with a period are not released again in this version; leave the period out" in refused(
            "run", *arguments, stdin=stdin
        )
