"""Jobs, slices and events of a run as CSV, JSON, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from markdown_it import MarkdownIt

import schedsim as ss
from schedsim.export import text
from schedsim.export.latex import escaped as in_latex
from schedsim.export.markdown import escaped as in_markdown
from schedsim.resultrows import job_fields
from schedsim.trace import Kind

EVIL = ("a_b%{}\\", "<script>", "C & D|E", "*x* `y` [z](w)", "#1 $2$ ~3~ ^4", "--", "!![a]", "&amp;")
RUN = ss.run("stallings-9.5", "rr", quantum=1)
RICH = ss.run(
    [("A", 0, 3), {"id": "B", "arrival": 1, "program": ["cpu 1.5", "io 4", "cpu 1"]}],
    "mlfq",
    quanta="1/2",
    boost=3,
    switch_cost="0.25",
)


def exported(result, form, what=None, **options):
    """Return the text of the file."""
    return "".join(text(result, form, what, **options))


def from_csv(made):
    """Return the rows of CSV, with numbers as numbers and nothing as None."""

    def value(cell):
        try:
            return None if cell == "" else int(cell) if cell.lstrip("-").isdecimal() else float(cell)
        except ValueError:
            return cell

    reader = csv.reader(io.StringIO(made, newline=""), strict=True)
    names = next(reader)
    return names, [tuple(map(value, row)) for row in reader]


@pytest.mark.parametrize("run", [RUN, RICH])
def test_csv_read_back(run):
    """The jobs and slices in the file are those of the run, to the last digit."""
    names, rows = from_csv(exported(run, "csv"))
    assert [*job_fields(run)] == names
    assert [tuple(job)[: len(names)] for job in run.jobs] == rows
    names, rows = from_csv(exported(run, "csv", "slices"))
    assert [*run.slices[0]._fields] == names
    assert [tuple(piece) for piece in run.slices] == rows


def test_csv_of_jobs_is_that_of_run():
    """It is what ``schedsim run --format csv`` prints."""
    from schedsim.summary import every_job
    from schedsim.tables import csv as as_csv

    assert as_csv(every_job(RUN)) == exported(RUN, "csv") == exported(RUN, "csv", "jobs")


@pytest.mark.parametrize("run", [RUN, RICH])
def test_events_read_back(run):
    """Every row of the trace is there, in the mix's unit."""
    names, rows = from_csv(exported(run, "csv", "events"))
    assert ["time", "event", "job", "cpu", "length", "object", "what"] == names
    places = {job.id: place for place, job in enumerate(run.trace.header.jobs)}
    found = [
        (
            round(time * 1e6),
            Kind[event.upper()],
            places.get(job, -1),
            -1 if cpu is None else cpu,
            None if length is None else round(length * 1e6),
        )
        for time, event, job, cpu, length, _, _ in rows
    ]
    silent = (Kind.ARRIVED, Kind.HELD, Kind.ADMITTED, Kind.BOOSTED)
    expected = [(*row[:4], None if row.kind in silent or row.value < 0 else row.value) for row in run.trace]
    assert expected == found


def test_events_in_words():
    """What happened, and of a dispatch why it was made."""
    _, rows = from_csv(exported(RICH, "csv", "events"))
    words = [row[-1] for row in rows]
    assert "A arrives" == words[0]
    assert "context switch to B, which takes 0.25" in words
    whys = [row[-1] for row in rows if row[1] == "dispatched"]
    assert whys[0] == "A arrives: only A is ready"
    assert list(RICH.reasons() or ()) == [why for why in whys if "without a choice" not in why]


def test_events_without_reasons():
    """Left out, or of a trace from a file, a dispatch is only said to have happened."""
    short = exported(RUN, "csv", "events", reasons=False)
    assert short == exported(RUN.trace, "csv", "events")
    assert "0,dispatched,A,0,1,,A is dispatched\r\n" in short


@pytest.mark.parametrize("what", ["jobs", "slices", "events"])
def test_json(what):
    """Each table has a schema of its own, how the run was made, and the same rows as CSV."""
    document = json.loads(exported(RICH, "json", what))
    assert f"schedsim.{what}/1" == document["schema"]
    assert ["mlfq", "mix", "ms", 0.25, None] == [
        document[key] for key in ("algo", "mix", "unit", "switch_cost", "until")
    ]
    names, rows = from_csv(exported(RICH, "csv", what))
    assert [dict(zip(names, row, strict=True)) for row in rows] == document[what]


def test_json_of_strange_names():
    """A name is as it was, and the file can be written in any Unicode."""
    for name in ("名前", "a\x07b", "\ud800", 'q"'):
        run = ss.run(ss.Mix((ss.Job(name, 0, (ss.Cpu(1),)),)), "fcfs")
        made = exported(run, "json")
        made.encode()
        assert name == json.loads(made)["jobs"][0]["id"]
        exported(run, "csv").encode()


def cells(made):
    """Return the cells of the tables of Markdown, as a reader sees them, and all other text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(made)
    rows: list[list[str]] = []
    others = []
    inside = False
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        if token.type in ("td_open", "th_open"):
            inside = True
        if token.type == "inline":
            words = "".join(child.content for child in token.children if child.type != "html_inline")
            assert "html_inline" not in {child.type for child in token.children}
            if inside:
                rows[-1].append(words)
            else:
                others.append(words)
            inside = False
        elif token.type == "fence":
            others.append(token.content)
    return rows, others


def test_markdown_of_a_run():
    """Heading, Gantt chart as text, the jobs with their means, and what the machine did."""
    rows, others = cells(exported(RUN, "markdown"))
    assert ["job", "arrival", "cpu", "start"] == rows[0][:4]
    assert ["A", "0", "3", "0", "4", "4", "1", "0", "1.33"] == rows[1]
    assert ["mean", "10.8", "6.8", "0.8", "2.71"] == [word for word in rows[-1] if word]
    assert "stallings-9.5 under rr, quantum=1: 5 jobs, 1 CPU, times in ms" == others[0]
    assert others[1].startswith("Gantt chart, times in ms\n|A |A |B |A ")
    assert "makespan 20, CPU utilization 100 %, throughput 0.25 jobs per ms, context switches 17" == others[2]
    assert others[3].startswith("Note: the answer depends on the conventions")


def test_markdown_of_a_comparison():
    """A row for each policy, the best in bold."""
    made = exported(ss.compare("first", ["fcfs", "rr:quantum=2"]), "markdown")
    rows, others = cells(made)
    assert [["policy", "turnaround"], ["fcfs", "9"], ["rr quantum=2", "10.6"]] == [row[:2] for row in rows]
    assert "| fcfs | **9** | **5.6** | 5.6 |" in made
    assert "In bold: the best in its column." == others[-1]


@pytest.mark.parametrize("what", ["slices", "events"])
def test_markdown_of_more(what):
    """Slices and events are tables, too."""
    rows, _ = cells(exported(RUN, "markdown", what))
    names, lines = from_csv(exported(RUN, "csv", what))
    assert names == rows[0]
    assert len(lines) == len(rows) - 1


def evil():
    """Return a run of jobs whose names are full of marks."""
    jobs = tuple(ss.Job(name, place, (ss.Cpu(2_000_000),)) for place, name in enumerate(EVIL))
    return ss.run(ss.Mix(jobs), "rr", quantum=1)


def test_markdown_escapes():
    """Names are read as they are, whatever marks are in them, also in the block of text."""
    rows, others = cells(exported(evil(), "markdown"))
    assert [*EVIL] == [row[0] for row in rows[1:-1]]
    assert any("*x* `y` [z]" in other for other in others)


def test_a_fence_is_longer_than_what_is_in_it():
    """A job may be called like a fence."""
    run = ss.run(ss.Mix((ss.Job("````", 0, (ss.Cpu(9_000_000),)),)), "fcfs")
    made = exported(run, "markdown")
    _, others = cells(made)
    assert "\n`````text\n" in made
    assert " ```` " in others[1]


def test_a_line_end_in_a_name():
    """A name of several lines, which only Python can make, stays in its cell."""
    run = ss.run(ss.Mix((ss.Job("a\nb", 0, (ss.Cpu(1),)),)), "fcfs")
    rows, _ = cells(exported(run, "markdown"))
    assert r"a\nb" == rows[1][0]
    assert r"a\textbackslash{}nb & 0" in exported(run, "latex")


def read_latex(made):
    """Return the cells of a ``tabular`` whose structure is that of LaTeX, as a reader sees them."""
    lines = [line for line in made.splitlines() if not line.startswith("%")]
    assert re.fullmatch(r"\\begin\{tabular\}\{[lr]+\}", lines[0])
    assert r"\end{tabular}" == lines[-1]
    count = len(lines[0].split("{")[2]) - 1
    rows = []
    for line in lines[1:-1]:
        if line == r"\hline":
            continue
        assert line.endswith(r" \\")
        words = line.removesuffix(r" \\").removeprefix("{}")
        row = re.split(r"(?<!\\) ?& ?", words)
        assert count == len(row), line
        rows.append([_said(cell) for cell in row])
    return rows


_COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    "{}": "",
}


def _said(cell):
    """Return what a cell says; every special character in it must be escaped."""
    bold = re.fullmatch(r"\\textbf\{(.*)\}", cell)
    rest = bold[1] if bold else cell
    found = ""
    while rest:
        for command, character in _COMMANDS.items():
            if rest.startswith(command):
                found, rest = found + character, rest.removeprefix(command)
                break
        else:
            if rest[0] == "\\":
                assert rest[1] in "{}$&#%_", cell
                rest = rest[1:]
            else:
                assert rest[0] not in "{}$&#%_^~<>|", cell
            found, rest = found + rest[0], rest[1:]
    return found


def test_latex_of_a_run():
    """The jobs and their means in a plain tabular."""
    made = exported(RUN, "latex")
    rows = read_latex(made)
    assert ["job", "arrival", "cpu", "start"] == rows[0][:4]
    assert ["B", "2", "6", "2", "18", "16", "10", "0", "2.67"] == rows[2]
    assert ["mean", "10.8", "6.8", "0.8", "2.71"] == [word for word in rows[-1] if word]
    assert made.startswith("% stallings-9.5 under rr, quantum=1: 5 jobs, 1 CPU, times in ms\n")
    assert made.count("\\hline") == 4


def test_latex_escapes():
    """Every special character is escaped; a name that begins with a bracket is no argument."""
    rows = read_latex(exported(evil(), "latex"))
    assert [*EVIL] == [row[0] for row in rows[1:-1]]
    run = ss.run([("[a]", 0, 1), ("*", 1, 1)], "fcfs")
    assert exported(run, "latex").count("\n{}[a] &") == exported(run, "latex").count("\n{}* &") == 1


def test_latex_of_a_comparison():
    """The best of each column in bold."""
    made = exported(ss.compare("first", ["fcfs", "rr:quantum=2"]), "latex")
    assert r"fcfs & \textbf{9} & \textbf{5.6} & 5.6 &" in made
    assert ["rr quantum=2", "10.6"] == read_latex(made)[2][:2]
    assert made.endswith("% in bold: the best in its column\n")


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("a_b%{}\\", r"a\_b\%\{\}\textbackslash{}"),
        ("x--y", "x-{}-y"),
        ("``a''", "`{}`a'{}'"),
        ("?`", "?{}`"),
        ("-3", "-3"),
    ],
)
def test_latex_of_words(plain, expected):
    """What would become another character is kept apart."""
    assert expected == in_latex(plain)


def test_markdown_of_words():
    """Marks are escaped, all else is as it was."""
    assert r"a\_b\|c \& 1.5" == in_markdown("a_b|c & 1.5")


def test_comparison_as_csv_and_json():
    """They are those of ``schedsim compare``."""
    comparison = ss.compare("first", ["fcfs", "rr:quantum=2"])
    assert json.dumps(comparison.to_dict()) == json.dumps(json.loads(exported(comparison, "json")))
    names, rows = from_csv(exported(comparison, "csv"))
    assert ["fcfs", "rr"] == [row[0] for row in rows]
    assert [run.means["waiting"] for run in comparison.runs] == [
        row[names.index("mean_waiting")] for row in rows
    ]
