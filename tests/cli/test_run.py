"""``schedsim run``: what is shown, in every format, and what its options do."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

import schedsim as ss
from schedsim.trace import Trace
from tests.cli.calling import refused, schedsim

TEXTBOOK = "P1 0 24, P2 0 3, P3 0 3"


def test_a_first_run():
    """Mix and policy, chart, table, means, metrics, and what was assumed: a golden page."""
    done = schedsim("run", "--algo", "rr")
    assert (0, "") == (done.status, done.err)
    assert (
        done.out
        == """\
first under rr, quantum=4: 5 jobs, 1 CPU, times in ms

Gantt chart, times in ms
|       A       |       B       |     C     |   D   |   A   |   E   |
0               4               8           11      13      15      17

job   arrival  cpu  start  finish  turnaround  waiting  response  slowdown
A           0    6      0      15        15        9         0        2.5
B           1    4      4       8         7        3         3        1.75
C           3    3      8      11         8        5         5        2.67
D           4    2     11      13         9        7         7        4.5
E           8    2     15      17         9        7         7        4.5
--------------------------------------------------------------------------
mean                                      9.6      6.2       4.4      3.18

makespan 17, CPU utilization 100 %, throughput 0.294 jobs per ms,
context switches 5
note: no MIX was named, so this is the built-in first; schedsim mixes lists
  others
note: the answer depends on the conventions: textbook here; ostep gives another
  schedule
"""
    )


def test_without_a_policy_it_says_which():
    """Neither MIX nor policy is needed, and both are named then."""
    out = schedsim("run").out
    assert out.startswith("first under rr, quantum=4:")
    assert "note: no policy was named, so this is rr;" in out


def test_json_is_the_run():
    """``--format json`` is ``Run.to_dict()``, whole numbers whole, notes among it."""
    done = schedsim("run", "--jobs", TEXTBOOK, "--algo", "rr", "-q", 4, "--format", "json")
    run = ss.run([("P1", 0, 24), ("P2", 0, 3), ("P3", 0, 3)], "rr", quantum=4)
    assert run.to_dict() | {"mix": "jobs"} == done.json
    assert '"makespan": 30,' in done.out
    assert {"job": "P1", "cpu": 0, "start": 0, "end": 4, "why": "expired"} == done.json["slices"][0]
    said = schedsim("run", "--format", "json").json["notes"]
    assert "no MIX was named, so this is the built-in first; schedsim mixes lists others" == said[0]


def test_json_has_the_keys_of_the_design():
    """Every key that other tools were promised is there."""
    document = schedsim("run", "--algo", "rr", "--format", "json").json
    assert {"schema", "engine", "algo", "options", "unit", "cpus", "jobs", "means", "system", "slices"} <= (
        set(document)
    )
    assert "schedsim.run/1" == document["schema"]
    assert {"quantum": 4} == document["options"]


def test_csv_is_a_row_for_each_job():
    """``--format csv`` has all fields and digits; notes go to standard error, out of a program's way."""
    done = schedsim("run", "--algo", "sjf", "--format", "csv")
    rows = list(csv.DictReader(StringIO(done.out)))
    assert ["A", "B", "C", "D", "E"] == [row["id"] for row in rows]
    assert {"finish": "13", "slowdown": "3.3333333333333335"} == {
        name: rows[2][name] for name in ("finish", "slowdown")
    }
    assert done.err.startswith("schedsim: note: no MIX was named")


def test_the_order_of_arguments_does_not_matter():
    """MIX may stand before, between and after options."""
    pages = {
        schedsim("run", *words).out
        for words in (
            ("convoy", "--algo", "rr", "-q", "3"),
            ("--algo", "rr", "convoy", "-q3"),
            ("--algo=rr", "--quantum=3", "convoy"),
            ("-o", "quantum=3", "--algo", "rr", "convoy"),
            ("--algo", "rr:quantum=3", "convoy"),
            ("--algo", "round-robin:q=3", "convoy"),
            ("--algo", "rr:quantum=3ms", "convoy"),
        )
    }
    assert 1 == len(pages)


@pytest.mark.parametrize(
    "quanta",
    ["quanta=8/16/32", "quanta=8,16,32", "quanta=[8,16,32]", "quanta=[8, 16, 32]", "quanta=8 16 32"],
)
def test_lists_in_every_spelling(quanta):
    """With slashes, commas, brackets; commas inside a list do not begin a new option."""
    for words in (("--algo", f"mlfq:{quanta},boost=100"), ("--algo", "mlfq", "-o", quanta, "-oboost=100")):
        options = schedsim("run", *words, "--format", "json").json["options"]
        assert ([8, 16, 32], 100) == (options["quanta"], options["boost"])


@pytest.mark.parametrize(
    "queues",
    [
        '[{"priority": 1, "algo": "rr", "quantum": 2}, {"priority": 2, "algo": "fcfs"}]',
        "[{'priority': 1, 'algo': 'rr', 'quantum': 2}, {'priority': 2, 'algo': 'fcfs'}]",
        "rr 2/fcfs",
    ],
)
def test_queues_in_every_spelling(queues):
    """JSON in either kind of quotes, or the short form; also behind the policy's name, with more after it."""
    mix = ("--jobs", "A 0 3 1, B 0 3 2")
    for words in (("--algo", f"mlq:queues={queues},quantum=3"), ("--algo", "mlq", f"-oqueues={queues}")):
        options = schedsim("run", *mix, *words, "--format", "json").json["options"]
        assert [
            {"priority": 1, "algo": "rr", "quantum": 2},
            {"priority": 2, "algo": "fcfs"},
        ] == options["queues"]


def test_options_of_the_mix_by_o():
    """-o takes what belongs to the run as well, under the names that exercises use."""
    words = ("-o", "switch_cost=0.5", "-o", "first_switch_charged=true", "-otickets=A=3/B=2", "-o", "cpus=2")
    document = schedsim("run", "--algo", "lottery:horizon=9", *words, "--format", "json").json
    assert (0.5, True, 2, 9) == tuple(
        document[key] for key in ("switch_cost", "charge_first_switch", "cpus", "until")
    )


def test_options_of_the_run():
    """Each option of the machine arrives."""
    words = ("--cpus=2", "--degree=3", "--until=40", "--switch-cost=0.5", "--charge-first-switch")
    more = ("--grace=0.3", "--conventions=ostep", "--seed=7", "--algo=lottery", "--format=json")
    document = schedsim("run", *words, *more).json
    expected: dict[str, object] = {
        "cpus": 2,
        "degree": 3,
        "until": 40,
        "switch_cost": 0.5,
        "charge_first_switch": True,
        "grace": 0.3,
    }
    expected |= {"conventions": "ostep", "seed": 7}
    assert expected == {key: document[key] for key in expected}
    assert 7 == document["options"]["seed"]


def test_the_command_line_wins_over_the_mix():
    """What the mix says of how it is run holds, unless the command line says otherwise."""
    mix = {
        "cpus": 2,
        "conventions": "ostep",
        "policy": {"algo": "rr", "quantum": 5},
        "jobs": [{"id": "A", "arrival": 0, "burst": 9}],
    }
    document = schedsim("run", "-", "--format", "json", stdin=json.dumps(mix)).json
    assert (2, "ostep", {"quantum": 5}) == (document["cpus"], document["conventions"], document["options"])
    words = ("--cpus", 1, "--conventions", "textbook", "-q", 2, "--format", "json")
    document = schedsim("run", "-", *words, stdin=json.dumps(mix)).json
    assert (1, "textbook", {"quantum": 2}) == (document["cpus"], document["conventions"], document["options"])


def test_a_mix_with_several_policies():
    """The first one is run, and the reader is told of the others."""
    out = schedsim("run", "stallings-9.5").out
    assert out.startswith("stallings-9.5 under fcfs:")
    assert "note: the mix names 8 policies, and this is the first; schedsim compare runs them all" in (
        out.replace("\n  ", " ")
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (None, "pid,arrival,burst\nA,0,3\n"),
        (None, '{"jobs": [{"id": "A", "burst": 3}]}'),
        ("toml", '[[job]]\nid = "A"\nburst = 3\n'),
        ("tsv", "pid\tarrival\tburst\nA\t0\t3\n"),
    ],
)
def test_standard_input(form, text):
    """``-`` reads any format, recognised or named."""
    words = ("--input-format", form) if form else ()
    assert ["A"] == [
        job["id"] for job in schedsim("run", "-", *words, "--format", "json", stdin=text).json["jobs"]
    ]


def test_unit():
    """--unit says what bare numbers mean, in the mix and in options alike."""
    document = schedsim("run", "--jobs", "A 0 3", "--unit", "s", "-q", "500ms", "--format", "json").json
    assert ("s", 3, 0.5) == (document["unit"], document["jobs"][0]["finish"], document["options"]["quantum"])


def test_verbose_says_all():
    """-v adds the rules used, the policy's parameters, percentiles, every metric and lanes of the jobs."""
    out = schedsim("run", "--algo", "mlfq", "-v").out
    for words in (
        "Conventions textbook",
        "at one instant: operations end, boost, arrivals",
        "quanta=2/4/8",
        "p95",
        "Jain's index",
        "A ██",
    ):
        assert words in out


def test_notes_of_the_reader(tmp_path):
    """What was left out of a workload log is said."""
    path = tmp_path / "log.swf"
    row = "{} 0 -1 {} 1 5 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
    path.write_text(row.format(1, 5) + row.format(2, -1), encoding="utf-8")
    out = schedsim("run", path).out.replace("\n  ", " ")
    assert "have no run time (cancelled before they started) and are left out" in out


def test_a_file_is_written_whole(tmp_path):
    """--output writes what would be printed; --trace the trace, which can be read again."""
    page, trace = tmp_path / "page.txt", tmp_path / "run.trace"
    done = schedsim("run", "--algo", "rr", "--output", page, "--trace", trace)
    assert (0, "", "") == done
    assert schedsim("run", "--algo", "rr").out == page.read_text(encoding="utf-8")
    assert ss.run("first", "rr").trace == Trace.read(trace)


@pytest.mark.parametrize("option", ["--output", "--trace"])
def test_a_file_that_is_there_is_kept(option, tmp_path):
    """Before anything runs; --force replaces it."""
    path = tmp_path / "mine"
    path.write_text("mine", encoding="utf-8")
    assert f"{path}: is there already; write to another file, or add --force to replace it" == refused(
        "run", option, path
    )
    assert "mine" == path.read_text(encoding="utf-8")
    assert 0 == schedsim("run", option, path, "--force").status
    assert "mine" != path.read_text(encoding="utf-8")


def test_a_user_s_policy(tmp_path):
    """FILE.py:CLASS, with options behind it; the class may be left out where there is one alone."""
    path = tmp_path / "mine.py"
    path.write_text(
        "import schedsim as ss\n\n\nclass Mine(ss.Policy):\n"
        '    """Last come, first served."""\n\n'
        "    turn: int = 1\n\n"
        "    def rank(self, task, queue):\n"
        "        return -task.arrival * self.turn\n",
        encoding="utf-8",
    )
    for words in (
        (f"{path}:Mine:turn=2",),
        (f"{path}:turn=2",),
        (f"{path}:Mine", "-oturn=2"),
        (f"{path}", "-oturn=2"),
    ):
        document = schedsim("run", "--algo", *words, "--format", "json").json
        assert ("Mine", {"turn": 2}) == (document["algo"], document["options"])
    assert "has the lowest rank" in schedsim("explain", "--algo", f"{path}:Mine").out


def test_help():
    """--help shows usage, options and examples, and exits 0."""
    done = schedsim("run", "--help")
    assert (0, "") == (done.status, done.err)
    assert done.out.startswith("usage: schedsim run")
    assert "examples:\n  schedsim run --algo rr" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert done == schedsim("help", "run")


@pytest.mark.parametrize("width", [20, 80, 200])
@pytest.mark.parametrize("mix", [("first",), ("convoy", "--cpus", "2"), ("io-bound-cpu-bound",)])
def test_widths(width, mix, monkeypatch):
    """COLUMNS is obeyed: no line is wider, save for a word that is."""
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (("run", *mix, "-v"), ("compare", *mix), ("explain", *mix), ("policies",), ("mixes",)):
        for line in schedsim(*words).out.splitlines():
            assert len(line) <= max(width, 40) or len(line.split()) == 1, words


def test_without_a_width_rows_stay_whole(monkeypatch):
    """Piped, with COLUMNS unset, each row of a table is one line, as grep and awk like it."""
    monkeypatch.delenv("COLUMNS")
    out = schedsim("run", "convoy").out
    assert any(line.split()[:1] == ["short-1"] and len(line) > 80 for line in out.splitlines())
