"""``schedsim report``: one file, whole or not at all, and one clear word when it cannot be."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

import schedsim as ss
from schedsim.errors import HostError, UsageError
from schedsim.report import page, typed_words
from tests.cli.calling import refused, schedsim

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder of its own for the files of each test."""
    monkeypatch.chdir(tmp_path)


def read(path="report.html"):
    """Return a file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_it_writes_the_page_and_says_so():
    """The page is that of the same runs in Python, with the command as it was typed."""
    done = schedsim(
        "report", "stallings-9.5", "--algo", "rr", "-q", "2", "--algo", "fcfs", "-o", "report.html"
    )
    assert (0, "wrote report.html: 5 jobs under 2 policies\n", "") == (done.status, done.out, done.err)
    runs = ss.compare("stallings-9.5", ["rr", "fcfs"], notes=True, quantum=2).runs
    typed = "schedsim report stallings-9.5 --algo rr -q 2 --algo fcfs -o report.html"
    assert page(runs, typed=typed) == read()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("-o", "x.html"), id="-o"),
        pytest.param(("--output", "x.html"), id="--output"),
        pytest.param(("-o", "quantum=3", "-o", "x.html"), id="beside an option"),
        pytest.param(("-o", "x.HTM"), id="another ending"),
        pytest.param(("-o", "a=b.html"), id="an equals sign in the name"),
    ],
)
def test_o_names_the_file_and_options(words):
    """What ends as a page does is the file; KEY=VALUE is an option of the policy."""
    done = schedsim("report", "first", "--algo", "rr", *words)
    assert (0, "") == (done.status, done.err)
    [name] = os.listdir(".")
    assert words[-1] == name
    assert ("rr quantum=3" if "quantum=3" in words else "rr quantum=4") in read(name)


def test_without_a_policy_it_is_what_the_mix_names():
    """A mix that names eight has eight, and the command line wins over what it says of them."""
    done = schedsim("report", "stallings-9.5", "-o", "report.html")
    assert (0, "wrote report.html: 5 jobs under 8 policies\n", "") == (done.status, done.out, done.err)
    assert 0 == schedsim("report", "gate-2006-65", "-o", "second.html", "--cpus", "2").status
    assert "2 CPUs" in read("second.html")


def test_without_any_policy_it_is_round_robin_and_says_so():
    """The advice is for who called, and does not stand in the page."""
    done = schedsim("report", "--jobs", "A 0 24, B 1 3", "-o", "report.html")
    assert (0, "wrote report.html: 2 jobs under 1 policy\n") == (done.status, done.out)
    assert "schedsim: note: no policy was named, so this is rr; name one or more with --algo" in done.err
    assert "no policy was named" not in read()
    done = schedsim("report", "-o", "built-in.html")
    assert "schedsim: note: no MIX was named, so this is the built-in first" in done.err
    assert "no MIX was named" not in read("built-in.html")


def test_a_note_on_the_mix_stands_in_the_page():
    """What was seen when the file was read concerns who reads the page, too."""
    with open("jobs.swf", "w", encoding="utf-8") as file:
        file.write(
            "1 0 -1 3 1 3 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n2 1 -1 0 1 0 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
        )
    done = schedsim("report", "jobs.swf", "--algo", "fcfs", "-o", "report.html")
    notes = [line.removeprefix("schedsim: note: ") for line in done.err.splitlines()]
    assert notes
    assert all(f"Note: {note}" in read() for note in notes)


def test_a_dash_prints_the_page():
    """Only the page is on standard output."""
    done = schedsim("report", "first", "--algo", "rr", "-o", "-")
    assert (0, "") == (done.status, done.err)
    assert done.out.startswith("<!DOCTYPE html>")
    assert done.out.endswith("</html>\n")
    assert [] == os.listdir(".")


def test_a_mix_from_standard_input_has_a_command_of_its_own():
    """What was piped in cannot be typed again, so the page has it as a file."""
    assert (
        0
        == schedsim("report", "-", "--algo", "sjf", "-o", "r.html", stdin="pid,arrival,burst\nA,0,3\n").status
    )
    assert "schedsim report - " not in read("r.html")
    assert ".toml --algo sjf -o" in read("r.html")


def test_what_was_typed_can_be_typed_again():
    """The words are quoted as a shell needs them."""
    given = ["--jobs", "A 0 24, B 1 3", "--debug", "-o", "it's.html"]
    assert """schedsim report --jobs 'A 0 24, B 1 3' -o 'it'"'"'s.html'""" == typed_words(given)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param((), "no file is named for the page; write for instance -o report.html", id="no name"),
        pytest.param(
            ("-o", ""), "no file is named for the page; write for instance -o report.html", id="empty"
        ),
        pytest.param(("-o", "r.txt"), "r.txt: a report is an HTML page; end the name in .html", id="ending"),
        pytest.param(("-o", "report"), "report: a report is an HTML page; end the name in .html", id="none"),
        pytest.param(
            ("--output", "r.pdf"),
            "r.pdf: a report is an HTML page; end the name in .html; print the page from a browser to have a PDF",
            id="pdf",
        ),
        pytest.param(
            ("-o", "a.html", "--output", "b.html"), "the page is to be a.html and b.html; keep one", id="two"
        ),
        pytest.param(
            ("-o", "no/r.html"),
            "no/r.html: there is no folder no; make it, or write to another one",
            id="no folder",
        ),
        pytest.param(
            ("-o", "r.html", "-o", "quantum=0"), "rr: quantum is 0; write a value above 0", id="option"
        ),
        pytest.param(("-o", "r.html", "-o", "quantums=3"), "none of these policies has", id="no option"),
        pytest.param(("-o", "r.html", "--algo", "rx"), "did you mean", id="policy"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(words, message):
    """One line, status 2, and nothing is left behind."""
    assert refused("report", "first", "--algo", "rr", *words).startswith(message)
    assert [] == os.listdir(".")


def test_a_file_that_is_there_is_kept():
    """Unless --force says otherwise."""
    with open("report.html", "w", encoding="utf-8") as file:
        file.write("mine")
    message = "report.html: is there already; write to another file, or add --force to replace it"
    assert message == refused("report", "first", "--algo", "rr", "-o", "report.html")
    assert "mine" == read()
    assert 0 == schedsim("report", "first", "--algo", "rr", "-o", "report.html", "--force").status
    assert read().startswith("<!DOCTYPE html>")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_is_one_line():
    """Status 3: it could not be completed."""
    os.symlink("/dev/full", "report.html")
    words = ("report", "first", "--algo", "rr", "-o", "report.html")
    assert "report.html: cannot be written (No space left on device)" == refused(*words, status=3)


def test_a_disk_that_fills_up_leaves_nothing_half_written():
    """A file that may grow to 20 kB and no further: the one that was there is as it was, and no other."""
    with open("report.html", "w", encoding="utf-8") as file:
        file.write("mine")
    done = subprocess.run(
        [sys.executable, "-m", "schedsim", "report", "first", "--algo", "rr", "-o", "report.html", "--force"],
        env=os.environ | {"PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert (3, "", "schedsim: report.html: cannot be written (File too large)\n") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )
    assert ("mine", ["report.html"]) == (read(), os.listdir("."))


def test_in_python_it_is_the_same_page(tmp_path):
    """``ss.report``, ``run.report`` and ``comparison.report``."""
    comparison = ss.report("first", ["rr", "fcfs"], tmp_path / "one.html", quantum=2)
    assert ["rr", "fcfs"] == [run.algo for run in comparison.runs]
    comparison.report("two.html")
    assert read("one.html") == read("two.html")
    ss.run("first", "rr", quantum=2).report("three.html")
    assert "first under rr quantum=2" in read("three.html")
    assert 8 == len(ss.report("stallings-9.5", None, "four.html").runs)
    assert ["rr"] == [run.algo for run in ss.report("first", None, "five.html").runs]


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        pytest.param("report.pdf", UsageError, "a report is an HTML page", id="ending"),
        pytest.param("there.html", UsageError, "is there already", id="there"),
        pytest.param("no/report.html", UsageError, "there is no folder no", id="no folder"),
        pytest.param("folder.html", HostError, "is a folder; name a file in it", id="folder"),
    ],
)
def test_in_python_it_refuses_too(path, error, message):
    """With the same words, and before anything runs."""
    with open("there.html", "w", encoding="utf-8") as file:
        file.write("mine")
    os.mkdir("folder.html")
    with pytest.raises(error, match=message):
        ss.report("first", "rr", path)
    with pytest.raises(error, match=message):
        ss.run("first", "rr").report(path)
    assert "mine" == read("there.html")
    ss.report("first", "rr", "there.html", force=True)
    assert "mine" != read("there.html")
