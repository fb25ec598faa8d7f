"""The lab ``convoy``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.convoy import ALGOS, check, found
from schedsim.operations import Cpu

WITHOUT = [
    {"rr:quantum=10: makespan (ms)": 424, "srtf: makespan (ms)": 424},
    {"fcfs: mean waiting of a short job (ms)": 36},
]


def test_without_io_there_is_no_convoy():
    """Jobs that only compute take equally long under every policy, and this is seen."""
    mix = ss.load("convoy")
    jobs = tuple(
        job._replace(program=tuple(step for step in job.operations if isinstance(step, Cpu)))
        for job in mix.jobs
    )
    runs = {algo: ss.run(mix._replace(jobs=jobs), algo) for algo in ALGOS}
    missing = list(check(found(runs).values))
    assert "fcfs does not take longer than srtf" in missing
