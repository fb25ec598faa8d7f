"""``schedsim export``: forms, where they go, and what is refused."""

from __future__ import annotations

import json
import os

import pytest

import schedsim as ss
from schedsim.export import FORMS, text
from tests.cli.calling import refused, schedsim
from tests.unit.trace_event_format import check

RR = ("export", "first", "--algo", "rr", "-q", "2")
RUN = ss.run("first", "rr", quantum=2)
NOTE = "schedsim: note: the answer depends on the conventions: textbook here; ostep gives another schedule\n"


def expected(form, *what):
    """Return what a run is in a form."""
    return "".join(text(RUN, form, *what))


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form, tmp_path):
    """By name to standard output, and by its ending to a file; what is to be noted goes aside."""
    done = schedsim(*RR, "--to", form)
    assert (0, expected(form), NOTE) == (done.status, done.out, done.err)
    path = tmp_path / f"out{FORMS[form][0]}"
    done = schedsim(*RR, "-o", path)
    assert (0, "", NOTE) == (done.status, done.out, done.err)
    assert expected(form) == path.read_bytes().decode()


@pytest.mark.parametrize("what", ["jobs", "slices", "events"])
def test_every_table(what):
    """--what chooses the table."""
    assert expected("csv", what) == schedsim(*RR, "--to", "csv", "--what", what).out
    assert expected("json", what) == schedsim(*RR, "--to", "json", "--what", what).out


def test_o_is_both(tmp_path):
    """-o with = is an option of the policy, without it the output."""
    path = tmp_path / "a.csv"
    assert 0 == schedsim("export", "first", "--algo", "rr", "-o", "quantum=2", "-o", path).status
    assert expected("csv") == path.read_bytes().decode()
    odd = tmp_path / "a=b.csv"
    assert 0 == schedsim(*RR, "--output", odd).status
    assert expected("csv") == odd.read_bytes().decode()
    assert expected("csv") == schedsim(*RR, "-o", "-", "--to", "csv").out


def test_several_policies(tmp_path):
    """They are compared: a table, a picture, or all traces on one time axis."""
    words = ("export", "first", "--algo", "fcfs", "--algo", "rr:quantum=2")
    comparison = ss.compare("first", ["fcfs", "rr:quantum=2"])
    for form in FORMS:
        assert "".join(text(comparison, form)) == schedsim(*words, "--to", form).out
    schedsim(*words, "-o", tmp_path / "both.perfetto.json")
    found = check((tmp_path / "both.perfetto.json").read_text(encoding="utf-8"))
    assert ["CPUs: fcfs", "CPUs: rr quantum=2"] == [*found.processes.values()][::2]


def test_reasons_can_be_left_out():
    """--no-reasons: the same trace without why."""
    done = schedsim(*RR, "--to", "perfetto", "--no-reasons")
    assert "".join(text(RUN, "perfetto", reasons=False)) == done.out


def test_a_trace_from_a_file(tmp_path):
    """What run wrote with --trace is exported without running anything; it cannot say why."""
    path = tmp_path / "run.trace"
    schedsim("run", "first", "--algo", "rr", "-q", "2", "--trace", path)
    done = schedsim("export", "--from", path, "--to", "perfetto")
    assert (
        "".join(text(RUN, "perfetto", reasons=False)).replace(json.dumps(list(RUN.notes)), "[]") == done.out
    )
    assert "schedsim: note: a trace says what happened and not why, so reasons are left out\n" == done.err
    done = schedsim("export", "--from", path, "--to", "csv")
    assert (expected("csv"), "") == (done.out, done.err)


def test_notes(tmp_path):
    """What was not said is noted on standard error: the mix, the policy."""
    done = schedsim("export", "--to", "csv")
    assert "no MIX was named, so this is the built-in first" in done.err
    assert "no policy was named, so this is rr" in done.err
    path = tmp_path / "mix.json"
    path.write_text('{"policy": [{"algo": "fcfs"}, {"algo": "sjf"}], "jobs": [{"id": "A", "burst": 1}]}')
    done = schedsim("export", path, "--to", "csv")
    assert "the mix names 2 policies, and these are all; name one with --algo for its jobs\n" in done.err
    assert "".join(text(ss.compare(path), "csv")) == done.out
    done = schedsim("export", path, "--to", "csv", "--what", "slices")
    assert (
        "slices are of one run: of the 2 policies that the mix names this is the first, fcfs; "
        "name another with --algo\n"
    ) in done.err
    assert "".join(text(ss.run(path, "fcfs"), "csv", "slices")) == done.out


ENDINGS = "endings are .perfetto.json, .trace.json, .csv, .json, .svg, .md, .markdown, .tex"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing says which form it is to have; write -o FILE.svg or the like, or --to FORM"),
        (("-o", "-"), "nothing says which form it is to have"),
        (("-o", "a.svgg"), f"a.svgg: the ending .svgg says no form; did you mean '.svg'? {ENDINGS}"),
        (("--output", "a"), f"a: without an ending it says no form; {ENDINGS}"),
        (("-o", "quantum"), "-o quantum: this is neither KEY=VALUE nor a file with an ending; write for instance -o quantum=4 or -o gantt.svg"),
        (("-o", "a.svg", "-o", "b.svg"), "a.svg and b.svg are both there to write to; keep one"),
        (("-o", "a.svg", "--output", "b.svg"), "a.svg and b.svg are both there to write to; keep one"),
        (("--to", "perfeto"), "there is no form 'perfeto'; did you mean 'perfetto'? forms are perfetto, csv, json, svg, markdown, latex"),
        (("--to", "csv", "--what", "slice"), "there is no table of 'slice'; did you mean 'slices'? tables are of jobs, slices, events"),
        (("--to", "svg", "--what", "jobs"), "svg shows the run as a whole, not its jobs; leave that out"),
        (("--to", "csv", "--what", "events", "--algo", "fcfs"), "events are of one run, and there are 2 --algo; keep one"),
        (("--to", "csv", "--what", "jobs", "--algo", "fcfs"), "jobs are of one run, and there are 2 --algo; keep one"),
        (("-o", "a.pdf"), "a.pdf: .pdf is no form of an export; schedsim plot draws those (in Python run.plot().save)"),
        (("-o", "a.PNG"), "a.PNG: .png is no form of an export; schedsim plot draws those (in Python run.plot().save)"),
        (("-o", "a.html"), "a.html: .html is no form of an export; schedsim report writes such a page (in Python run.report)"),
        (("--to", "png"), "png is no form of an export; schedsim plot draws those"),
        (("-o", "nowhere/a.svg"), "nowhere/a.svg: there is no folder nowhere; make it, or write to another one"),
        (("--from", "run.trace", "--to", "csv"), "a trace has been run already; leave MIX out, or --from"),
        (("-o", "quantum=0", "--to", "csv"), "rr: quantum is 0; write a value above 0"),
    ],
)  # fmt: skip
def test_wrong_use(words, message, tmp_path, monkeypatch):
    """One line, status 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert message in refused("export", "first", "--algo", "rr", *words)
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--algo", "rr"), "--algo"),
        (("-q", "2"), "--quantum"),
        (("-o", "quantum=2"), "-o KEY=VALUE"),
        (("--switch-cost", "1"), "--switch-cost"),
        (("--jobs", "A 0 1"), "--jobs"),
    ],
)
def test_a_trace_is_not_run_again(words, shown, tmp_path):
    """What says how to run something does not go with --from."""
    message = f"a trace has been run already; leave {shown} out, or --from"
    assert message == refused("export", "--from", tmp_path / "run.trace", "--to", "csv", *words)


def test_a_trace_that_is_none(tmp_path):
    """A file that holds no trace is named."""
    path = tmp_path / "run.trace"
    path.write_text("pid,arrival,burst\n")
    assert f"{path}, line 1: no header of a schedsim trace" in refused(
        "export", "--from", path, "--to", "csv"
    )
    missing = tmp_path / "nowhere.trace"
    assert f"{missing}: cannot be read" in refused("export", "--from", missing, "--to", "csv")


def test_a_file_is_kept(tmp_path):
    """Nothing is replaced unasked, and nothing is run for it."""
    path = tmp_path / "a.svg"
    path.write_text("mine")
    message = f"{path}: is there already; write to another file, or add --force to replace it"
    assert message == refused(*RR, "-o", path)
    assert "mine" == path.read_text()
    assert 0 == schedsim(*RR, "-o", path, "--force").status
    assert expected("svg") == path.read_text(encoding="utf-8")


def test_a_full_disk():
    """Status 3: it is the machine that refuses."""
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    message = refused(*RR, "-o", "/dev/full", "--to", "perfetto", status=3)
    assert "/dev/full: cannot be written (No space left on device)" == message
