"""Exporting from Python: forms by name and by ending, files whole or not at all."""

from __future__ import annotations

import os
import sys

import pytest

import schedsim as ss
from schedsim.errors import HostError, UsageError
from schedsim.export import FORMS, form_of, text

RUN = ss.run("first", "rr", quantum=2)
COMPARISON = ss.compare("first", ["fcfs", "rr:quantum=2"])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_by_its_endings(form, tmp_path):
    """The ending says the form; the file is what ``text`` returns."""
    for ending in FORMS[form]:
        path = tmp_path / f"out{ending.upper()}"
        RUN.export(path)
        assert "".join(text(RUN, form)) == path.read_bytes().decode()
        assert form == form_of(path)


def test_the_three_ways_are_one(tmp_path):
    """A method of the run, a function, and the function on a trace that was read from a file."""
    RUN.trace.write(tmp_path / "run.trace")
    trace = ss.Trace.read(tmp_path / "run.trace")
    RUN.export(tmp_path / "a.csv", what="slices")
    ss.export(RUN, tmp_path / "b.csv", what="slices")
    ss.export(trace, tmp_path / "c.csv", what="slices")
    texts = {(tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv")}
    assert 1 == len(texts)


def test_a_form_by_name_wins_over_the_ending(tmp_path):
    """``to`` says the form of a file that is called anything."""
    RUN.export(tmp_path / "trace.json", to="Perfetto")
    assert (tmp_path / "trace.json").read_text().startswith('{"displayTimeUnit"')
    RUN.export(tmp_path / "README", to="markdown")
    assert (tmp_path / "README").read_text().startswith("**first under rr")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_comparison(form, tmp_path):
    """A comparison has every form."""
    COMPARISON.export(tmp_path / "out", to=form)
    assert "".join(text(COMPARISON, form)) == (tmp_path / "out").read_bytes().decode()


ENDINGS = "endings are .perfetto.json, .trace.json, .csv, .json, .svg, .md, .markdown, .tex"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.jsn", f"a.jsn: the ending .jsn says no form; did you mean '.json'? {ENDINGS}"),
        (
            "a.pdf",
            "a.pdf: .pdf is no form of an export; schedsim plot draws those (in Python run.plot().save)",
        ),
        (
            "a.htm",
            "a.htm: .htm is no form of an export; schedsim report writes such a page (in Python run.report)",
        ),
        ("a.xyzzy", f"a.xyzzy: the ending .xyzzy says no form; {ENDINGS}"),
        ("a", f"a: without an ending it says no form; {ENDINGS}"),
        ("a.svg.", "without an ending"),
        (".svg", ""),
    ],
)
def test_an_ending_that_says_nothing(name, message):
    """It is refused with the nearest, before anything is written."""
    if not message:
        assert "svg" == form_of(name)
        return
    with pytest.raises(UsageError) as refused:
        form_of(name)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda path: RUN.export(path, to="perfeto"),
            "there is no form 'perfeto'; did you mean 'perfetto'? forms are perfetto, csv, json, svg, markdown, latex",
            id="form",
        ),
        pytest.param(
            lambda path: RUN.export(path, to="csv", what="slice"),
            "there is no table of 'slice'; did you mean 'slices'? tables are of jobs, slices, events",
            id="table",
        ),
        pytest.param(
            lambda path: RUN.export(path, to="svg", what="jobs"),
            "svg shows the run as a whole, not its jobs; leave that out",
            id="picture of a table",
        ),
        pytest.param(
            lambda path: ss.export(COMPARISON, path, to="csv", what="events"),
            "events are of one run, and these are 2; name one policy",
            id="comparison",
        ),
        pytest.param(
            lambda path: ss.export(ss.Comparison([]), path, to="csv"),
            "the comparison is of no runs; there is nothing to write",
            id="no runs",
        ),
        pytest.param(
            lambda path: ss.export("first", path, to="csv"),
            "str is no result; export what run or compare returns, or a trace",
            id="no result",
        ),
    ],
)
def test_what_does_not_fit(call, message, tmp_path):
    """Each refusal says what to write instead, and nothing is written."""
    with pytest.raises(UsageError) as refused:
        call(tmp_path / "out")
    assert message == str(refused.value)
    assert [] == os.listdir(tmp_path)


def test_a_file_is_kept(tmp_path):
    """One that is there already is replaced only when that is asked for."""
    path = tmp_path / "a.svg"
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"a\.svg: is there already; write to another file"):
        RUN.export(path)
    assert "mine" == path.read_text()
    RUN.export(path, force=True)
    assert path.read_text().startswith("<svg ")


def test_a_folder_that_is_not_there(tmp_path):
    """It is named, and not made."""
    with pytest.raises(HostError, match=r"nowhere/a\.svg: cannot be written \(No such file or directory\)"):
        RUN.export(tmp_path / "nowhere" / "a.svg")
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_half_written(form, tmp_path, monkeypatch):
    """A disk that fills up while writing leaves what was there, and no rest of the new."""
    path = tmp_path / "a"
    path.write_text("mine")

    def full(lines):
        yield from list(lines)[:1]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys.modules["schedsim.export"], "_gathered", full)
    with pytest.raises(HostError, match=r"a: cannot be written \(No space left on device\)"):
        RUN.export(path, to=form, force=True)
    assert ["a"] == os.listdir(tmp_path)
    assert "mine" == path.read_text()


def test_a_full_disk():
    """The device that is always full is a host that refuses."""
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with pytest.raises(HostError, match=r"/dev/full: cannot be written \(No space left on device\)"):
        RUN.export("/dev/full", to="perfetto")
