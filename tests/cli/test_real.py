"""``schedsim real``: what is shown, and what is refused; the runs themselves are in tests/real."""

from __future__ import annotations

import csv
import os
import sys
from importlib import import_module
from io import StringIO

import pytest

from schedsim.recording import Recording
from schedsim.trace import Trace
from tests.cli.calling import refused, schedsim
from tests.unit.realruns import FACTS, VALID, made_up


@pytest.fixture
def made(monkeypatch):
    """What ``schedsim.real`` was asked for, instead of a run; its results are late simulations."""
    calls = []
    changes: dict[str, object] = {}

    def real(mix, algo, **options):
        own = {name: options.pop(name) for name in ("driver", "start_method", "scale", "unthrottle")}
        calls.append((mix, algo, own, dict(options)))
        return made_up(mix, algo or "rr", **changes, **options)

    monkeypatch.setattr(import_module("schedsim.real"), "real", real)
    calls.append(changes)
    return calls


def test_a_page(made):
    """Mix and policy, chart, table, means, metrics, rounded, and what was assumed."""
    done = schedsim("real", "--algo", "rr")
    assert (0, "") == (done.status, done.err)
    assert (
        done.out
        == """\
first under rr, quantum=4: 5 jobs, 1 CPU, times in ms, real processes

Gantt chart, times in ms
|        A        |        B        |     C      |   D    |   A    |   E   |
0                 4.03              8.03         11.03    13.03    15.03   17.03

job   arrival  cpu  start  finish  turnaround  waiting  response  slowdown
A           0    6   0      15.03       15.03      9        0         2.51
B           1    4   4.03    8.03        7.03      3        3.03      1.76
C           3    3   8.03   11.03        8.03      5        5.03      2.68
D           4    2  11.03   13.03        9.03      7        7.03      4.52
E           8    2  15.03   17.03        9.03      7        7.03      4.52
--------------------------------------------------------------------------
mean                                     9.63      6.2      4.43      3.2

makespan 17.03, CPU utilization 99.8 %, throughput 0.294 jobs per ms,
context switches 5
note: no MIX was named, so this is the built-in first; schedsim mixes lists
  others
"""
    )


def test_verbose_says_how_it_was_made(made):
    """-v adds driver, CPUs, clock, limit, idle, machine, and what disturbed the run."""
    made[0]["validity"] = VALID._replace(valid=False, reasons=("it was disturbed",))
    out = schedsim("real", "--algo", "rr", "-v").out
    for line in (
        "driver                        bands",
        "measured                      CPU 1",
        "dispatcher                    CPU 0",
        "clock                         a clock",
        "start method                  fork",
        "limit on real-time processes  on",
        "idle CPUs                     polling",
        "machine                       Linux 6.1, 2 CPUs, riscv64, cpython 3.11.7",
        "valid      no       it was disturbed",
        "stolen      0.12 %  of the CPU time, by the host of this machine",
        "strangers   0.00 %  of the CPU time, by other processes of this machine",
        "lateness    0.0235  of the dispatcher, 95th percentile",
        "throttled   0       by the kernel's limit on real-time processes",
        "host             -  what the kernel says was stolen; coarse",
        "  quantum=4",
    ):
        assert line in out.splitlines()


def test_verbose_on_another_machine(made):
    """A shared CPU is named, and nothing is where nothing can be pinned."""
    made[0]["facts"] = FACTS._replace(shared=True, dispatcher=1)
    assert "dispatcher                    CPU 1, which is measured, too" in schedsim("real", "-v").out
    made[0]["facts"] = FACTS._replace(measured=(), dispatcher=None)
    lines = schedsim("real", "-v").out.splitlines()
    assert "measured                      not pinned" in lines
    assert "dispatcher                    not pinned" in lines


def test_json_has_it_all(made):
    """The object of the run, with facts and validity, exact times, notes."""
    document = schedsim("real", "--algo", "rr", "--format", "json").json
    assert "real" == document["engine"]
    assert 15.034567 == document["jobs"][0]["finish"]
    assert ["bands", True] == [document["real"]["facts"]["driver"], document["real"]["validity"]["valid"]]
    assert ["no MIX was named, so this is the built-in first; schedsim mixes lists others"] == document[
        "notes"
    ]


def test_csv_is_a_row_for_each_job(made):
    """All digits; notes go to standard error."""
    done = schedsim("real", "--algo", "rr", "--format", "csv")
    rows = list(csv.DictReader(StringIO(done.out)))
    assert ["15.034567", "8.034567"] == [row["finish"] for row in rows[:2]]
    assert done.err.startswith("schedsim: note: no MIX was named")


def test_a_dead_worker_is_status_3(made):
    """The result is shown all the same."""
    made[0].update(dead="B", notes=("the process of job 'B' died at 8 ms",))
    done = schedsim("real", "--algo", "rr")
    assert (3, "") == (done.status, done.err)
    assert "failed" in done.out
    assert "note: the process of job 'B' died at 8 ms" in done.out


def test_trace_and_recording(made, tmp_path):
    """Both are written, whole."""
    trace, recording = tmp_path / "run.trace", tmp_path / "run.recording"
    assert 0 == schedsim("real", "--trace", trace, "--recording", recording).status
    assert "real" == Trace.read(trace).header.engine
    assert Recording(()) == Recording.read(recording)
    for option, path in (("--trace", trace), ("--recording", recording)):
        message = f"{path}: is there already; write to another file, or add --force to replace it"
        assert message == refused("real", option, path)
    assert 0 == schedsim("real", "--trace", trace, "--recording", recording, "--force").status


def test_options_arrive(made):
    """Each option reaches the call, as text, for it to read."""
    schedsim("real", "convoy", "--algo", "rr:quantum=3", "--driver", "signals", "--start-method", "spawn",
             "--scale", 10, "--unthrottle", "--cpus", 2, "--degree", 3, "--grace", "0.5",
             "--conventions", "ostep", "--seed", 7)  # fmt: skip
    mix, algo, own, options = made[1]
    assert ["convoy", "rr"] == [mix.name, algo]
    assert {"driver": "signals", "start_method": "spawn", "scale": "10", "unthrottle": True} == own
    expected = {
        "quantum": "3",
        "cpus": "2",
        "degree": "3",
        "grace": "0.5",
        "conventions": "ostep",
        "seed": "7",
    }
    assert expected == options


def test_without_options(made):
    """What is not said is left to the call."""
    schedsim("real", "--algo", "rr")
    assert {"driver": "auto", "start_method": "fork", "scale": 1, "unthrottle": False} == made[1][2]
    assert {} == made[1][3]


def test_what_was_assumed(made):
    """Which policy, of a mix with several; that its switch cost is not used."""
    assert "note: no policy was named, so this is rr; write --algo NAME" in schedsim("real").out
    notes = schedsim("real", "stallings-9.5", "--format", "json").json["notes"]
    assert "the mix names 8 policies, and this is the first" in notes
    mix = '{"switch_cost": 1, "jobs": [{"id": "A", "burst": 3}]}'
    notes = schedsim("real", "-", "--algo", "rr", "--format", "json", stdin=mix).json["notes"]
    assert [
        f"the mix's switch cost is left out: {COST.removesuffix('; leave it out')}",
    ] == notes


DRIVERS = "'auto', 'bands', 'signals', 'psutil'"
COST = "what a context switch takes is this machine's to say, and part of what is measured; leave it out"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--until", 5], "until: a real run goes on until every job has ended; leave it out"),
        (["-o", "until=5"], "until: a real run goes on until every job has ended; leave it out"),
        (["--switch-cost", 1], f"switch-cost: {COST}"),
        (["--charge-first-switch"], f"charge-first-switch: {COST}"),
        (
            ["--driver", "band"],
            f"--driver: invalid choice: 'band' (choose from {DRIVERS}); schedsim real --help lists the options",
        ),
        (["--scale", "0"], "scale is '0'; write a number above 0, such as 10 or 0.5"),
        (["--scale", "ten"], "scale is 'ten'; write a number above 0, such as 10 or 0.5"),
        (["--cpus", "0"], None),
        (["--algo", "rr", "--algo", "fcfs"], None),
        (["--algo", "rrr"], None),
        (["nowhere.csv"], None),
        (["--output", "/nowhere/at/all"], "/nowhere/at/all: there is no folder /nowhere/at; make it, or write to another one"),
        (["--recording", "/nowhere/at/all"], "/nowhere/at/all: there is no folder /nowhere/at; make it, or write to another one"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_refused(words, message):
    """In one line, before anything runs."""
    said = refused("real", *words)
    if message is None:
        assert said
    elif sys.version_info < (3, 12) or "choice" not in message:  # later ones quote the choices otherwise
        assert message == said


@pytest.mark.parametrize(
    "words",
    [["--algo", "rr"], ["--driver", "signals"], ["-q", "3"], ["--grace", "1"], ["--degree", "2"],
     ["--recording", "file"], ["--seed", "1"], ["--conventions", "ostep"]],
    ids=" ".join,
)  # fmt: skip
def test_what_goes_not_with_the_kernel_s_own_policies(words, tmp_path, monkeypatch):
    """The kernel schedules there, and has none of our parameters."""
    monkeypatch.chdir(tmp_path)
    name = {"-q": "--quantum"}.get(words[0], words[0])
    assert f"{name}: with --native the kernel itself schedules, in its own way; leave it out" == (
        refused("real", "--native", "fifo", *words)
    )


def test_the_kernel_s_own_policies(monkeypatch):
    """The kernel's class is asked for by name; without that part of schedsim they are planned."""
    calls = []

    def native(mix, kind, **options):
        calls.append((mix.name, kind, options))
        return made_up(mix, "fcfs")

    module = type(os)("schedsim.native")
    module.native = native  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, "schedsim.native", module)
    assert 0 == schedsim("real", "convoy", "--native", "fifo", "--scale", 3, "--cpus", 2).status
    options = {"start_method": "fork", "scale": "3", "unthrottle": False, "cpus": "2"}
    assert [("convoy", "fifo", options)] == calls
    monkeypatch.setitem(sys.modules, "schedsim.native", None)
    assert "--native is planned, not in this version; leave it out" == refused("real", "--native", "rr")


def test_help():
    """Every option is in it, but those that are only known to be refused."""
    out = schedsim("real", "--help").out
    for option in (
        "--driver",
        "--start-method",
        "--scale",
        "--grace",
        "--unthrottle",
        "--native",
        "--recording",
    ):
        assert option in out
    for option in ("--until", "--switch-cost", "--charge-first-switch"):
        assert option not in out
