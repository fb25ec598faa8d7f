"""Jobs that work together, at the command line: deadlocks are results, mixes go from one format into another."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import mixfile
from schedsim.levels import levels_of
from schedsim.mixwrite import dump
from tests.cli.calling import refused, schedsim

TOGETHER = (
    *("deadlock", "dining-philosophers", "lost-update", "orphan-and-zombie", "parent-and-children"),
    *("priority-inheritance", "priority-inversion", "producer-consumer"),
)
LOCKS = 'unit = "ms"\n[[job]]\nid = "A"\nprogram = ["lock m", "cpu 2", "lock m"]\n'


def test_a_deadlock_is_a_result():
    """After chart and table: who holds what and waits for whom; nothing on standard error; status 3."""
    done = schedsim("run", "deadlock", "--algo", "rr", "-q", "2")
    assert (3, "") == (done.status, done.err)
    assert done.out.endswith(
        """\
makespan 6, CPU utilization 100 %, throughput 0 jobs per ms, context switches 3
deadlock at 6 ms: B -> A -> B
  B holds mutex right and waits for mutex left, which A holds, since 6 ms
  A holds mutex left and waits for mutex right, which B holds, since 5 ms
"""
    )
    assert 2 == done.out.count(" blocked\n")


def test_a_deadlock_in_json():
    """One object more, in the mix's unit; none where there is no deadlock."""
    done = schedsim("run", "deadlock", "--algo", "rr", "-q", "2", "--format", "json")
    assert 3 == done.status
    assert {
        "time": 6,
        "circle": ["B", "A"],
        "waits": [
            {"job": "B", "since": 6, "waits_for": "mutex left", "holders": ["A"], "holds": ["mutex right"]},
            {"job": "A", "since": 5, "waits_for": "mutex right", "holders": ["B"], "holds": ["mutex left"]},
        ],
    } == done.json["deadlock"]
    assert ["blocked", "blocked"] == [job["state"] for job in done.json["jobs"]]
    done = schedsim("run", "deadlock", "--algo", "fcfs", "--format", "json")
    assert 0 == done.status
    assert "deadlock" not in done.json
    assert "variables" not in done.json
    assert {"tickets": 8} == schedsim("run", "lost-update", "--format", "json").json["variables"]


def test_compare_says_which_deadlock():
    """A column says when; such a policy is best at nothing; one of them is enough for status 3."""
    done = schedsim("compare", "deadlock")
    assert 3 == done.status
    rows = [line.split() for line in done.out.splitlines() if line.startswith(("rr", "fcfs"))]
    assert ["at", "6"] == rows[0][-3:-1]
    assert "*" not in "".join(rows[0])
    assert max(map(len, done.out.splitlines())) <= 80
    assert "-" == rows[1][-2]
    assert 0 == schedsim("compare", "deadlock", "--algo", "fcfs").status
    assert "deadlock" not in schedsim("compare", "deadlock", "--algo", "fcfs").out.replace(
        "deadlock under", ""
    )
    table = schedsim("compare", "deadlock", "--format", "csv").out.splitlines()
    assert "deadlock" in table[0].split(",")


@pytest.mark.parametrize(
    "command",
    [
        ("explain", "deadlock"),
        ("report", "deadlock", "-o", "FOLDER/page.html"),
        ("export", "deadlock", "-o", "FOLDER/gantt.svg"),
        pytest.param(("plot", "deadlock", "-o", "FOLDER/gantt.svg"), marks=pytest.mark.slow),
    ],
    ids=lambda command: command[0],
)
def test_every_command_says_it(command, tmp_path):
    """The file is written all the same, a note says so, and the status is 3."""
    given = [word.replace("FOLDER", str(tmp_path)) for word in command]
    done = schedsim(*given, "--algo", "rr:quantum=2")
    assert 3 == done.status
    assert "deadlock: B -> A -> B" in done.out + done.err
    if command[0] != "explain":
        assert 1 == len(list(tmp_path.iterdir()))
        assert "schedsim: note: rr: at 6 ms deadlock: B -> A -> B, each waits for the next\n" in done.err


def test_nobody_to_help():
    """A queue that nobody fills, a mutex whose holder has ended, oneself: each in its own words."""
    queue = (
        '{"queues": {"q": 1}, "jobs": [{"id": "A", "program": ["cpu 1", "get q"]}, {"id": "B", "burst": 3}]}'
    )
    done = schedsim("run", "-", "--algo", "fcfs", stdin=queue)
    assert 3 == done.status
    assert (
        "at 4 ms nobody is left who could go on\n"
        "  A waits for queue q, and nobody comes to it any more, since 1 ms\n" in done.out
    )
    held = (
        '{"jobs": [{"id": "A", "program": ["lock m", "cpu 1"]}, {"id": "B", "program": ["cpu 1", "lock m"]}]}'
    )
    done = schedsim("run", "-", "--algo", "fcfs", stdin=held)
    assert 3 == done.status
    assert "  B waits for mutex m, which A held when it ended, since 2 ms\n" in done.out
    done = schedsim("run", "-", "--algo", "fcfs", stdin=LOCKS)
    assert 3 == done.status
    assert "  A holds mutex m and waits for mutex m, which it holds, since 2 ms\n" in done.out


def test_who_is_held_could_have_helped():
    """A degree that lets nobody in who would end the wait is named."""
    made = '{"degree": 1, "queues": {"q": 1}, "jobs": [{"id": "A", "program": ["cpu 1", "get q"]}, {"id": "B", "program": ["cpu 3", "put q"]}]}'
    done = schedsim("run", "-", "--algo", "fcfs", stdin=made)
    assert 3 == done.status
    assert done.out.endswith("since 1 ms\n  B is never admitted, because of the degree of 1\n")
    assert 0 == schedsim("run", "-", "--algo", "fcfs", "--degree", "2", stdin=made).status


def test_verbose_lists_what_there_is():
    """Mutexes, queues and variables, with what they are worth at the end."""
    assert (
        "Shared by the jobs\n  mutex left\n  mutex right\n"
        in schedsim("run", "deadlock", "--algo", "fcfs", "-v").out
    )
    assert "  queue tray of 3 items\n" in schedsim("run", "producer-consumer", "-v").out
    assert "  variable tickets, 8 at the end\n" in schedsim("run", "lost-update", "-v").out
    assert "Shared by the jobs" not in schedsim("run", "-v").out


@pytest.mark.parametrize("name", TOGETHER)
@pytest.mark.parametrize("form", ["toml", "json"])
def test_there_and_back(name, form, tmp_path):
    """TOML and JSON hold all of such a mix."""
    path = tmp_path / f"{name}.{form}"
    assert 0 == schedsim("convert", name, path).status
    assert mixfile.load(name) == mixfile.load(path)


def test_tables_hold_programs_and_no_queues(tmp_path):
    """A table has a column for programs, and none for queues and variables, which is said."""
    done = schedsim("convert", "orphan-and-zombie", "-", "--to", "csv")
    assert 2 == done.status
    assert "a CSV table has no place for policies; write TOML or JSON instead" in done.err
    for name, what in (("producer-consumer", "queues"), ("lost-update", "variables")):
        assert f"a CSV table has no place for {what}, policies; write TOML or JSON instead" == refused(
            "convert", name, "-", "--to", "csv"
        )
    made = mixfile.load("orphan-and-zombie")._replace(policies=(), title="", source="")
    table = dump(made, "csv")
    assert "parent,0,cpu 1; spawn first; spawn second; cpu 1; io 8; cpu 1" in table
    path = tmp_path / "family.csv"
    path.write_text(table, encoding="utf-8")
    assert made.jobs == mixfile.load(path).jobs
    assert (
        "the Standard Workload Format has no place for policies"
        in schedsim("convert", "deadlock", "-", "--to", "swf").err
    )


def test_a_mix_is_shown_whole():
    """`schedsim mixes NAME` shows queues and first values; a spawned job has no arrival yet."""
    out = schedsim("mixes", "producer-consumer").out
    assert "queue tray of 3 items" in out
    assert "variable tickets 10 at first" in schedsim("mixes", "lost-update").out
    assert "first         -  cpu 2" in schedsim("mixes", "orphan-and-zombie").out


def test_what_is_wrong_is_refused():
    """One line, with what to write instead."""
    assert (
        "standard input, job 1 ('A'): put trey: the queue 'trey' is not declared; did you mean 'tray'? "
        'write its capacity in the mix: in TOML [queues] and then trey = 3, in JSON "queues": {"trey": 3}'
        == refused(
            "run",
            "-",
            stdin='{"queues": {"tray": 1}, "jobs": [{"id": "A", "program": ["cpu 1", "put trey"]}]}',
        )
    )
    assert "join B: 'B' is no child of this job; write 'spawn B' before" in refused(
        "run", "-", stdin='{"jobs": [{"id": "A", "program": ["cpu 1", "join B"]}, {"id": "B", "burst": 1}]}'
    )


def test_levels_of_jobs_that_work_together():
    """What is made again from a trace alone is the same, with its queues and first values."""
    for name in ("lost-update", "producer-consumer", "parent-and-children", "dining-philosophers"):
        run = ss.run(name, "mlfq")
        assert len(run.jobs) == len(levels_of(ss.Run(run.trace)).jobs)
