"""``schedsim explain``: why each dispatch."""

from __future__ import annotations

import csv
from io import StringIO

import schedsim as ss
from tests.cli.calling import refused, schedsim


def test_each_dispatch_has_a_line():
    """A golden page: time, job, and why."""
    done = schedsim("explain", "silberschatz-srtf", "--algo", "srtf")
    assert (0, "") == (done.status, done.err)
    assert (
        done.out
        == """\
silberschatz-srtf under srtf, remaining=burst (knows bursts), times in ms

time  job  why
   0  P1   P1 arrives: only P1 is ready
   1  P2   P2 arrives with 4 left and preempts P1, which has 7 left
   5  P4   P2 has ended: P4 has the least time left (5), before P1 (7), P3 (9)
  10  P1   P4 has ended: P1 has the least time left (7), before P3 (9)
  17  P3   P1 has ended: only P3 is ready
"""
    )


def test_at_an_instant():
    """--at narrows it to what was in force then."""
    out = schedsim("explain", "silberschatz-srtf", "--algo", "srtf", "--at", "7ms").out
    assert "under srtf, remaining=burst (knows bursts) at 7, times in ms" in out
    assert [
        "   5  P4   P2 has ended: P4 has the least time left (5), before P1 (7), P3 (9)",
        "   7  all  running: P4; ready: P1, P3",
    ] == out.splitlines()[3:]


def test_one_job():
    """--job narrows it to what concerns a job."""
    out = schedsim("explain", "silberschatz-srtf", "--algo", "srtf", "--job", "P2").out
    assert (
        out
        == """\
silberschatz-srtf under srtf, remaining=burst (knows bursts), job P2, times in
ms

time  job  why
   1  P2   P2 arrives
   1  P2   P2 arrives with 4 left and preempts P1, which has 7 left
   5  P2   P2 ends
"""
    )


def test_several_cpus_have_a_column():
    """The CPU is named where there is more than one."""
    lines = schedsim("explain", "--algo", "fcfs", "--cpus", 2).out.splitlines()
    assert ["time", "CPU", "job", "why"] == lines[2].split()
    assert ["1", "1", "B"] == lines[4].split()[:3]


def test_formats():
    """JSON has the ranks, CSV the lines."""
    document = schedsim("explain", "--algo", "sjf", "--format", "json").json
    assert ss.explain("first", "sjf", most=1000).to_dict() == document
    ready = {(each["id"], each["rank"]) for each in document["lines"][1]["ready"]}
    assert {("B", 4_000_000), ("C", 3_000_000), ("D", 2_000_000)} == ready
    rows = list(csv.DictReader(StringIO(schedsim("explain", "--algo", "sjf", "--format", "csv").out)))
    assert {"time": "6", "job": "D"} == {name: rows[1][name] for name in ("time", "job")}


def test_what_was_assumed_is_said():
    """Without MIX and policy both are named."""
    out = schedsim("explain").out.replace("\n  ", " ")
    assert "no MIX was named" in out
    assert "no policy was named, so this is rr" in out


def test_what_is_refused():
    """A job that there is not, and no time."""
    assert "there is no job 'Z' in first; its jobs are A, B, C, D, E" == refused("explain", "--job", "Z")
    assert "at: 'soon' is not a time; write a number such as 4 or 20us" == refused("explain", "--at", "soon")
