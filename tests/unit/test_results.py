"""Result values: the keys that other tools read, in the mix's unit."""

from __future__ import annotations

import json

import pytest

import schedsim as ss
from schedsim import summary
from tests.unit.playing import mix_of

MIX = [("A", 0, 24), ("B", 0, 3), ("C", 0, 3)]
RUN = ss.run(MIX, "rr", quantum=4)
JOB_KEYS = [
    "id",
    "state",
    "arrival",
    "start",
    "finish",
    "turnaround",
    "waiting",
    "response",
    "cpu",
    "io",
    "slowdown",
]


def test_the_keys_of_the_design():
    """Each of them is there, nested as it should be."""
    found = RUN.to_dict()
    keys = {"schema", "engine", "algo", "options", "unit", "cpus", "jobs", "means", "system", "slices"}
    assert keys <= {*found}
    assert ["schedsim.run/1", "simulated", "rr", {"quantum": 4}, "ms", 1] == [
        found[key] for key in ("schema", "engine", "algo", "options", "unit", "cpus")
    ]
    assert [JOB_KEYS] * 3 == [[*job] for job in found["jobs"]]
    assert ["turnaround", "waiting", "response", "slowdown"] == [*found["means"]]
    assert {"makespan", "throughput", "utilization", "efficiency", "switches", "idle"} <= {*found["system"]}
    assert {"job": "A", "cpu": 0, "start": 0, "end": 4, "why": "expired"} == found["slices"][0]


def test_the_example_of_the_design():
    """24, 3 and 3 with a quantum of 4: A ends at 30 after 6 of waiting."""
    expected = ("A", "terminated", 0, 0, 30, 30, 6, 0, 24, 0, 1.25)
    assert expected == tuple(RUN.to_dict()["jobs"][0].values())
    # A, B and C end at 30, 7 and 10, have waited 6, 4 and 7, and began at 0, 4 and 7
    assert pytest.approx([47 / 3, 17 / 3, 11 / 3]) == [*RUN.means.values()][:3]
    assert [30, 0.1, 3] == [RUN.system[key] for key in ("makespan", "throughput", "switches")]


def test_whole_numbers_stay_whole():
    """In the JSON text there is no 4.0 for a time."""
    found = RUN.to_dict()
    times = [job[key] for job in found["jobs"] for key in JOB_KEYS[2:10]]
    times += [piece[key] for piece in found["slices"] for key in ("start", "end")]
    times += [found["system"][key] for key in ("makespan", "busy", "switching", "idle")]
    assert {int} == {type(time) for time in times}


def test_other_numbers_are_the_nearest_float():
    """Half a millisecond is 0.5."""
    (job,) = ss.run([("A", "0.5", "0.25")], "fcfs").jobs
    assert [0.5, 0.75, 0.25] == [job.arrival, job.finish, job.turnaround]


def test_a_mean_that_is_whole():
    """(3 + 5) / 2 is 4, and an int."""
    mean = ss.run([("A", 0, 3), ("B", 0, 2)], "fcfs").means["turnaround"]
    assert [4, int] == [mean, type(mean)]


def test_jobs_that_did_not_finish_have_no_times():
    """None, and they are in no mean."""
    result = ss.run([("A", 0, 2), ("B", 0, 9), ("C", 50, 1)], "fcfs", until=5)
    assert ["terminated", "running", "new"] == [job.state for job in result.jobs]
    assert [2, None, None] == [job.finish for job in result.jobs]
    assert [2, False] == [result.means["turnaround"], result.finished]


def test_no_job_finished():
    """All means are None, and the text says so."""
    result = ss.run([("A", 0, 9)], "fcfs", until=5)
    assert {None} == {*result.means.values()}
    assert repr(result).endswith(", no job finished>")


def test_joined_slices():
    """A's fresh quanta in a row are one stretch; on another CPU, or after a gap, they are not."""
    result = ss.run(mix_of("A 0 9\nB 1 2\nC 20 1"), "rr", quantum=4, notes=False)
    assert [("A", 0, 0, 4), ("B", 0, 4, 6), ("A", 0, 6, 11), ("C", 0, 20, 21)] == result.joined_slices()


def test_everything_is_computed_from_the_trace_alone(tmp_path):
    """A run read from its file gives the same object."""
    from schedsim.trace import Trace

    path = tmp_path / "a.trace"
    RUN.trace.write(path)
    assert json.dumps(RUN.to_dict()) == json.dumps(ss.Run(Trace.read(path), RUN.notes).to_dict())


def test_deadlines():
    """When a job ended against its deadline, and who missed it; nothing of that where there are none."""
    jobs = [{"id": "A", "burst": 2, "deadline": 2.5}, {"id": "B", "arrival": 1, "burst": 2, "deadline": 2}]
    found = ss.run(jobs, "fcfs")
    assert {"A": -0.5, "B": 1} == found.lateness
    assert [("B", 3)] == found.misses
    assert [{"A": -0.5, "B": 1}, [["B", 3]]] == [found.to_dict()[key] for key in ("lateness", "misses")]
    assert [{}, []] == [RUN.to_dict()[key] for key in ("lateness", "misses")]


def test_exit_codes():
    """What a program said, 0 without; -9 of one that was killed, none of one that has not ended."""
    mix = ss.load(
        {
            "jobs": [
                {"id": "A", "program": ["cpu 1", "kill B", "cpu 1", "exit 3"]},
                {"id": "B", "program": ["cpu 9"]},
                {"id": "C", "program": ["lock m", "lock m"]},
                {"id": "D", "program": ["cpu 1"]},
            ]
        }
    )
    run = ss.run(mix, "fcfs")
    assert [3, -9, None, 0] == [job.exit_code for job in run.jobs]
    assert [3, -9, None, 0] == [job["exit_code"] for job in run.to_dict()["jobs"]]
    assert "exit_code" == summary.every_job(run).columns[-1].name
    assert [3, -9, None, 0] == [row[-1] for row in summary.every_job(run).rows]


def test_exit_codes_that_nobody_asks_for():
    """All are 0, and nobody has a parent: no field says so; with a parent one does."""
    assert [0, 0, 0] == [job.exit_code for job in RUN.jobs]
    assert [JOB_KEYS] * 3 == [[*job] for job in RUN.to_dict()["jobs"]]
    family = ss.run("join", "fcfs")
    assert [0, 0, 0, 0] == [job["exit_code"] for job in family.to_dict()["jobs"]]


def test_a_comparison():
    """Its runs, in the order in which they were named."""
    found = ss.compare(MIX, ["sjf", "fcfs"])
    assert ["schedsim.compare/1", ["sjf", "fcfs"]] == [
        found.to_dict()["schema"], [run["algo"] for run in found.to_dict()["runs"]]
    ]  # fmt: skip
    assert "<Comparison 2 policies on mix>" == repr(found)
