"""A table of the reference cases in tests/reference/, each run as the table is made."""

from __future__ import annotations

import json
import os
from typing import Any

from schedsim.experiment import run
from schedsim.policies import NAMES
from schedsim.times import UNITS

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "reference")

FROM = {"page": "read there", "recalled": "well known", "derived": "none", "tool": "printed"}
"""Where the answer of a case is from, in the words of the table."""


def cases_table(file: str) -> list[list[str]]:
    """Return a row for each case in ``file``: name, policy, source, and what came of it.

    Raises ValueError when a case that can be run has another answer than the published one.
    """
    with open(os.path.join(FOLDER, file), encoding="utf-8") as opened:
        cases = json.load(opened)
    rows = [["case", "policy", "source", "its answer", "ours"], ["---"] * 5]
    for case in cases:
        came = "later"
        if case["algo"] in NAMES and not any("period" in job for job in case["jobs"]):
            came = _compared(case, "ostep" if file == "ostep.json" else "textbook")
        source = case["source"].replace("|", "\\|")
        rows.append(
            [f"`{case['id']}`", f"`{case['algo']}`", source, FROM[case.get("answer_from", "tool")], came]
        )
    return rows


def _compared(case: dict[str, Any], conventions: str) -> str:
    """Return that the answer is the published one."""
    mix = {
        "jobs": case["jobs"],
        "conventions": conventions,
        "policy": {"algo": case["algo"], **case["options"]},
    }
    done = run(mix, notes=False)
    scale = UNITS[done.unit]
    answers: dict[str, Any] = {
        name: {job.id: getattr(job, name) for job in done.jobs}
        for name in ("finish", "turnaround", "waiting", "response")
    }
    slices = [[job, start / scale, end / scale] for job, _, start, end in done.joined_slices()]
    answers["slices"] = slices
    answers["lateness"] = done.lateness
    answers["misses"] = [list(miss) for miss in done.misses]
    answers["makespan"] = done.system["makespan"]
    answers["cpu_busy"] = done.system["busy"]
    for name in ("turnaround", "waiting"):
        answers[f"mean_{name}"] = done.means[name]
    wrong = [name for name, expected in case["expect"].items() if not _equal(expected, answers[name])]
    if wrong:
        raise ValueError(f"{case['id']}: {wrong[0]} is {answers[wrong[0]]}, not {case['expect'][wrong[0]]}")
    return "equal"


def _equal(expected: Any, found: Any) -> bool:
    """Return whether two answers are equal, means to nine digits behind the point."""
    if isinstance(expected, float | int) and isinstance(found, float | int):
        return abs(expected - found) < 1e-9
    return bool(expected == found)
