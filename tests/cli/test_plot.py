"""``schedsim plot`` and ``compare --plot``: every kind, every refusal, and nothing half-written."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from schedsim.plots import files as drawing
from tests.cli.calling import refused, schedsim

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGINNINGS = {"svg": b"<?xml", "pdf": b"%PDF-", "png": b"\x89PNG"}
NOTHING_NAMED = (
    "schedsim: note: no MIX was named, so this is the built-in first; schedsim mixes lists others\n"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_in(path):
    """Return the description in an SVG."""
    found = re.search(r"<desc>(.*?)</desc>", path.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


@pytest.mark.slow
@pytest.mark.parametrize("form", BEGINNINGS)
def test_the_ending_says_the_format(here, form):
    """SVG, PDF and PNG; -o and --output are the same."""
    done = schedsim("plot", "first", "--algo", "fcfs", "-o", f"gantt.{form}")
    assert (0, "", "") == done
    made = (here / f"gantt.{form}").read_bytes()
    assert made.startswith(BEGINNINGS[form])
    assert (0, "", "") == schedsim("plot", "first", "--algo", "fcfs", "--output", f"again.{form}")
    assert made == (here / f"again.{form}").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "algo", "words"),
    [
        ("gantt", "rr", "Gantt chart of first under rr, quantum=4, times in ms: A 0-4, B 4-8"),
        ("jobs", "rr", "Gantt chart by job of first under rr, quantum=4"),
        ("queue", "rr", "Ready queue and CPU use over time of first under rr"),
        ("cdf", "rr", "Cumulative distribution of first under rr"),
        ("levels", "mlfq", "Levels over time of first under mlfq"),
        ("quantum", "rr", "Line chart, first under rr with 6 quanta from 1 to 6 ms"),
        ("QUANTUM", "priority-rr", "Line chart, first under priority-rr"),
    ],
)
def test_every_kind(here, kind, algo, words):
    """Of one policy."""
    done = schedsim("plot", "first", "--algo", algo, "--kind", kind, "-o", "a.svg")
    assert (0, "") == (done.status, done.out)
    assert words_in(here / "a.svg").startswith(words)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("gantt", "Gantt charts above one another, first under 2 policies"),
        ("bars", "Bar chart, first under 2 policies"),
        ("cdf", "Cumulative distributions, first under 2 policies"),
    ],
)
def test_every_kind_of_several_policies(here, kind, words):
    """With several --algo they are compared."""
    given = ("plot", "first", "--algo", "fcfs", "--algo", "rr:quantum=2", "--kind", kind)
    assert (0, "", "") == schedsim(*given, "-o", "a.svg")
    assert words_in(here / "a.svg").startswith(words)


@pytest.mark.slow
def test_options_of_the_policy_and_the_file_stand_side_by_side(here):
    """-o NAME=VALUE is an option, -o NAME.svg the file."""
    done = schedsim("plot", "first", "--algo", "rr", "-o", "quantum=2", "-o", "a.svg", "--switch-cost", "0.5")
    assert 0 == done.status
    assert "under rr, quantum=2, times in ms: A 0-2, switch 2-2.5" in words_in(here / "a.svg")


@pytest.mark.slow
def test_without_anything_it_says_what_was_drawn(here):
    """Notes go to standard error; -v says on standard output what is to be seen."""
    done = schedsim("plot", "-o", "a.svg", "-v")
    assert done.err.startswith(
        NOTHING_NAMED
        + "schedsim: note: no policy was named, so this is rr; write --algo NAME (schedsim policies lists them)\n"
    )
    assert "Gantt chart of first under rr, quantum=4, times in ms: A 0-4, B 4-8, C 8-11" in done.out
    assert 1 == done.out.count("\n")


@pytest.mark.slow
def test_what_the_mix_names(here):
    """Its first policy, and a word that there are more."""
    done = schedsim("plot", "two-cpus", "-o", "a.svg")
    assert "the mix names 3 policies, and this is the first" in done.err
    assert "two-cpus under fcfs" in words_in(here / "a.svg")


@pytest.mark.slow
def test_a_part_of_the_time(here):
    """--span draws it."""
    assert (0, "", "") == schedsim("plot", "first", "--algo", "fcfs", "--span", "0,5ms", "-o", "a.svg")
    assert ">17</text>" not in (here / "a.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_quanta(here):
    """--quanta says which are tried."""
    given = ("plot", "silberschatz-quantum", "--kind", "quantum", "--quanta", "1/2/500us")
    assert 0 == schedsim(*given, "-o", "a.svg").status
    assert "with 3 quanta from 0.5 to 2 ms" in words_in(here / "a.svg")


@pytest.mark.slow
def test_a_mix_from_standard_input(here):
    """- as for the other commands."""
    done = schedsim("plot", "-", "--algo", "fcfs", "-o", "a.svg", stdin="pid,arrival,burst\nX,0,3\n")
    assert (0, "") == (done.status, done.err)
    assert "X 0-3" in words_in(here / "a.svg")


@pytest.mark.slow
def test_an_own_policy_has_levels_too(here):
    """It is at hand, so nothing more need be said."""
    (here / "mine.py").write_text(
        "from schedsim import Policy, ms\n\n\nclass Mine(Policy):\n"
        "    def rank(self, task, queue):\n        return task.level\n\n"
        "    def slice(self, task, queue):\n        return ms(1)\n\n"
        "    def ran(self, task, ns, queue):\n        task.level = min(task.level + 1, 2)\n",
        encoding="utf-8",
    )
    done = schedsim("plot", "first", "--algo", "mine.py:Mine", "--kind", "levels", "-o", "a.svg")
    assert (0, "") == (done.status, done.out)
    assert "level 0, level 1, level 2" in words_in(here / "a.svg")


@pytest.mark.slow
def test_an_existing_file_is_kept(here):
    """Unless --force is there."""
    (here / "a.svg").write_text("mine", encoding="utf-8")
    told = refused("plot", "first", "-o", "a.svg")
    assert "a.svg: is there already; write to another file, or add --force to replace it" == told
    assert "mine" == (here / "a.svg").read_text(encoding="utf-8")
    assert 0 == schedsim("plot", "first", "--algo", "rr", "-o", "a.svg", "--force").status
    assert "mine" != (here / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "there is no file to draw into; name one, as in -o gantt.svg"),
        (("-o", "gantt"), "-o gantt: write a file's name with its ending, as in -o gantt.svg, or an option of the policy, as in -o quantum=4"),
        (("--output", "gantt"), "gantt: the name has no ending; write gantt.svg, gantt.pdf or gantt.png"),
        (("-o", "g.sgv"), "g.sgv: no picture is made as .sgv; did you mean g.svg? endings are .svg, .pdf and .png"),
        (("-o", "g.txt"), "g.txt: no picture is made as .txt; endings are .svg, .pdf and .png"),
        (("-o", "a.svg", "-o", "b.svg"), "a picture goes into one file, and there are a.svg and b.svg; keep one"),
        (("-o", "a.svg", "--output", "b.svg"), "a picture goes into one file, and there are a.svg and b.svg"),
        (("-o", "a.svg", "--format", "png"), "a.svg: the name says svg and the format is png; change one of them"),
        (("-o", "a.svg", "--format", "gif"), "there is no format 'gif'; write svg, pdf or png"),
        (("-o", "nowhere/a.svg"), "nowhere/a.svg: there is no folder nowhere; make it, or write to another one"),
        (("-o", "."), ".: is a folder; name a file in it, as in ./gantt.svg"),
        (("-o", "a.svg", "--kind", "gant"), "there is no kind of picture 'gant'; did you mean 'gantt'? write gantt, jobs, queue, cdf, levels, bars or quantum"),
        (("-o", "a.svg", "--kind", "bars"), "bars compares policies; name several, as in --algo fcfs --algo rr"),
        (("-o", "a.svg", "--kind", "jobs", "--algo", "rr", "--algo", "fcfs"), "jobs is a picture of one run, and there are 2 --algo; keep one"),
        (("-o", "a.svg", "--kind", "levels"), "rr has no levels to draw; policies with levels are mlfq, feedback and mlq"),
        (("-o", "a.svg", "--kind", "quantum", "--algo", "fcfs"), "fcfs has no quantum; draw one that has, such as rr"),
        (("-o", "a.svg", "--kind", "quantum", "-q", "3"), "the quantum is what is varied here; leave it out, and give quanta if not all"),
        (("-o", "a.svg", "--kind", "quantum", "--algo", "rr", "--algo", "mlfq"), "one --algo is enough here, and there are 2"),
        (("-o", "a.svg", "--kind", "quantum", "--quanta", "1,2"), "quanta: '1,2' is not a time"),
        (("-o", "a.svg", "--kind", "quantum", "--quanta", "3"), "these runs have one quantum; a sweep of the quantum has several"),
        (("-o", "a.svg", "--quanta", "1/2"), "--quanta is for --kind quantum, and this is gantt; leave it out"),
        (("-o", "a.svg", "--span", "3"), "--span is '3'; write begin and end, as in 10,50"),
        (("-o", "a.svg", "--span", "5,3"), "span is 5 to 3; the run goes from 0 to 17 ms"),
        (("-o", "a.svg", "--span", "a,3"), "span: 'a' is not a time"),
        (("-o", "a.svg", "--kind", "cdf", "--span", "1,3"), "a picture of kind cdf has no option 'span'"),
        (("-o", "a.svg", "--algo", "rrr"), "did you mean 'rr'? policies are "),
        (("-o", "a.svg", "-o", "quantun=4"), "did you mean 'quantum'?"),
        (("-o", "a.svg", "--knd", "jobs"), "there is no option --knd; did you mean --kind?"),
    ],
)  # fmt: skip
def test_wrong_use(here, given, message):
    """Status 2, one line that says what to write instead, and no file."""
    assert message in refused("plot", "first", *given)
    assert [] == os.listdir(here)


def test_a_folder_that_cannot_be_written_to(here, monkeypatch):
    """Is refused before anything runs."""
    (here / "shut").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: path != "shut")  # to root every folder is open
    told = refused("plot", "first", "-o", "shut/a.svg")
    assert "shut/a.svg: the folder shut cannot be written to; write to another one" == told


@pytest.mark.slow
def test_a_full_disk(here):
    """Status 3, and the device is named."""
    told = refused("plot", "first", "--algo", "fcfs", "--output", "/dev/full", "--format", "png", status=3)
    assert "/dev/full: cannot be written (No space left on device)" == told


@pytest.mark.slow
def test_nothing_is_left_half_written(here, monkeypatch):
    """When drawing fails there is no file, and what was there before is as it was."""

    def fails(*arguments, **named):
        raise MemoryError

    (here / "a.svg").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(drawing, "render", fails)
    monkeypatch.setattr("schedsim.plots.render", fails, raising=False)
    told = refused("plot", "first", "--algo", "fcfs", "-o", "a.svg", "--force", status=3)
    assert "not enough memory" in told
    assert "mine" == (here / "a.svg").read_text(encoding="utf-8")
    assert ["a.svg"] == os.listdir(here)


@pytest.mark.slow
def test_a_picture_on_standard_output():
    """--output - is SVG unless --format says otherwise; notes stay apart."""
    done = schedsim("plot", "first", "--algo", "fcfs", "--output", "-")
    assert (0, "") == (done.status, done.err)
    assert done.out.startswith("<?xml")
    assert "</svg>" in done.out
    called = subprocess.run(
        [sys.executable, "-m", "schedsim", "plot", "--output", "-", "--format", "png", "-v"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert called.stdout.startswith(BEGINNINGS["png"])
    assert b"schedsim: note: Gantt chart of first under rr" in called.stderr


@pytest.mark.slow
def test_compare_draws_as_well(here):
    """The table is printed, and the picture written beside it."""
    plain = schedsim("compare", "first", "--algo", "fcfs", "--algo", "rr")
    done = schedsim("compare", "first", "--algo", "fcfs", "--algo", "rr", "--plot", "a.svg")
    assert plain == done
    assert words_in(here / "a.svg").startswith("Bar chart, first under 2 policies")
    drawn = schedsim(
        "compare",
        "first",
        "--algo",
        "fcfs",
        "--algo",
        "rr",
        "--plot",
        "b.svg",
        "--kind",
        "gantt",
        "--format",
        "json",
    )
    assert 2 == len(drawn.json["runs"])
    assert words_in(here / "b.svg").startswith("Gantt charts above one another")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--kind", "bars"), "--kind says what --plot draws, and there is no --plot; add --plot FILE"),
        (("--plot", "a.svg", "--kind", "jobs"), "there is no kind of picture 'jobs'; did you mean 'bars'? write bars, gantt or cdf"),
        (("--plot", "a"), "a: the name has no ending; write a.svg, a.pdf or a.png"),
        (("--plot", "a.svgz"), "a.svgz: no picture is made as .svgz; did you mean a.svg?"),
        (("--plot", "nowhere/a.svg"), "nowhere/a.svg: there is no folder nowhere"),
        (("--plot", "a.svg", "--output", "a.svg"), "a.svg cannot hold both the table and the picture"),
        (("--plot", ""), "the name of the picture is empty; write for instance gantt.svg"),
    ],
)  # fmt: skip
def test_wrong_use_of_compare(here, given, message):
    """Before anything runs."""
    assert message in refused("compare", "first", *given)
    assert [] == os.listdir(here)


def test_compare_keeps_an_existing_picture(here):
    """Unless --force is there."""
    (here / "a.svg").write_text("mine", encoding="utf-8")
    assert "a.svg: is there already" in refused("compare", "first", "--plot", "a.svg")
    assert "mine" == (here / "a.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_matplotlib_says_nothing_of_its_own(here):
    """Not even where it finds no place for its fonts."""
    environment = {**os.environ, "PYTHONPATH": ROOT, "HOME": "/nonexistent"}
    environment.update(
        {"MPLCONFIGDIR": "/proc/nothing", "XDG_CACHE_HOME": "/proc", "XDG_CONFIG_HOME": "/proc"}
    )
    done = subprocess.run(
        [sys.executable, "-m", "schedsim", "plot", "first", "--algo", "fcfs", "-o", "a.svg"],
        cwd=here,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)
