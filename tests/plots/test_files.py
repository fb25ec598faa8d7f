"""Pictures as files and in notebooks: the same bytes each time, with words in them, whole or not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings

import matplotlib
import pytest
from matplotlib.figure import Figure

import schedsim as ss
from schedsim import plots
from schedsim.errors import HostError, UsageError
from schedsim.plots.names import checked, format_of
from schedsim.plots.sheet import Picture
from tests.plots.mixes import AWKWARD, comparison, run

pytestmark = pytest.mark.slow

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGINNINGS = {"svg": b"<?xml", "pdf": b"%PDF-", "png": b"\x89PNG"}


@pytest.mark.parametrize("form", BEGINNINGS)
def test_the_same_picture_is_the_same_file(form, tmp_path):
    """Byte for byte, with no date and no version in it; the ending says the format."""
    paths = [tmp_path / f"{number}.{form}" for number in range(2)]
    for path in paths:
        ss.run("first", "rr", quantum=2).plot().save(path)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert first.startswith(BEGINNINGS[form])
    assert matplotlib.__version__.encode() not in first
    assert b"CreationDate" not in first


def test_an_svg_says_what_it_shows():
    """Title and description are its first children, escaped, and it is one image."""
    made = plots.render(ss.run(AWKWARD, "rr", quantum=4).plot("jobs"), "svg").decode()
    opening = re.search(r"<svg [^>]*>\s*<title>(.*?)</title>\s*<desc>(.*?)</desc>", made)
    assert opening is not None
    assert 'role="img"' in made
    assert "Gantt chart by job of mix under rr, quantum=4, times in ms" == opening[1]
    assert "$x^2$ &amp; &lt;é&gt; a long name \u4e2d arrives at 2" in opening[2]
    assert 1 == made.count("<title>")


def test_words_in_an_svg_are_text():
    """They can be selected, searched and read aloud, and the file stays small."""
    made = plots.render(ss.run("first", "rr", quantum=2).plot(), "svg").decode()
    assert ">first under rr, quantum=2</text>" in made
    assert len(made) < 30_000


def test_a_png_and_a_pdf_say_it_too():
    """In the places that these formats have for it."""
    picture = run("5").plot()
    assert b"Description\x00Gantt chart of first under rr" in plots.render(picture, "png")
    assert b"Gantt chart of first under rr" in plots.render(picture, "pdf")


def test_a_picture_shows_itself_in_a_notebook():
    """As an image with its words, escaped."""
    shown = ss.run([('"<b>', 0, 3)], "fcfs").plot()._repr_html_()
    assert shown.startswith('<img alt="Gantt chart of mix under fcfs, times in ms: &quot;&lt;b&gt; 0-3"')
    assert "base64," in shown


def test_a_picture_is_one_line_in_print():
    """What is to be seen."""
    assert "<Picture: Gantt chart of first under rr, quantum=4" in repr(run("5").plot())


def test_words_of_what_is_drawn_on_the_callers_own():
    """Those of the axes, or of all axes of a figure; nothing is said of what is not ours."""
    figure = Figure()
    one, other = figure.subplots(2, 1)
    run("5").plot(ax=one)
    run("5").plot("cdf", ax=other)
    assert plots.alt_text(one).startswith("Gantt chart of first")
    assert f"{plots.alt_text(one)}; {plots.alt_text(other)}" == plots.alt_text(figure)
    assert plots.render(one, "svg") == plots.render(one.figure, "svg")
    assert "" == plots.alt_text(Figure())


def test_no_global_state_is_touched(tmp_path):
    """No pyplot is loaded, so no figure is left open, and no style is changed."""
    program = (
        "import sys, matplotlib\nbefore = dict(matplotlib.rcParams)\nimport schedsim as ss\n"
        "ss.run('first', 'rr').plot().save(sys.argv[1])\nss.compare('first', ['fcfs', 'rr']).plot()\n"
        "assert before == dict(matplotlib.rcParams)\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path / "gantt.svg")],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (0, b"") == (done.returncode, done.stderr)


def test_a_users_own_style_changes_nothing():
    """Pictures look the same whatever else this Python draws with."""
    plain = plots.render(run("5").plot(), "svg")
    with matplotlib.rc_context(
        {"font.size": 20, "lines.linewidth": 9, "axes.grid": True, "text.usetex": False}
    ):
        assert plain == plots.render(run("5").plot(), "svg")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    """A folder that is not there, a folder in its place, a full disk; what was there before stays."""
    picture = run("5").plot()
    with pytest.raises(HostError, match="cannot be written"):
        picture.save(tmp_path / "nowhere" / "gantt.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        picture.save(tmp_path / "folder.svg")
    with pytest.raises(HostError, match="/dev/full: cannot be written"):
        picture.save("/dev/full", "png")
    assert ["folder.svg"] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("a.svg", None, "svg"),
        ("A.PNG", None, "png"),
        ("dir.svg/a.pdf", None, "pdf"),
        ("/dev/stdout", "svg", "svg"),
        ("a", "PDF", "pdf"),
        ("a.picture", "png", "png"),
    ],
)
def test_the_format_of_a_name(path, form, expected):
    """The ending says it, or the caller."""
    assert expected == format_of(path, form)


@pytest.mark.parametrize(
    ("path", "form", "message"),
    [
        ("gantt", None, "gantt: the name has no ending; write gantt.svg, gantt.pdf or gantt.png"),
        (
            "g.sgv",
            None,
            "g.sgv: no picture is made as .sgv; did you mean g.svg? endings are .svg, .pdf and .png",
        ),
        ("g.xyz", None, "g.xyz: no picture is made as .xyz; endings are .svg, .pdf and .png"),
        (".svg", None, ".svg: there is nothing before the ending; write for instance gantt.svg"),
        ("g.svg", "png", "g.svg: the name says svg and the format is png; change one of them"),
        ("g", "gif", "there is no format 'gif'; write svg, pdf or png"),
        ("g", "pmg", "there is no format 'pmg'; did you mean 'png'? write svg, pdf or png"),
    ],
)
def test_a_name_without_a_format_is_refused(path, form, message):
    """With the nearest one, and what to write instead."""
    with pytest.raises(UsageError) as caught:
        format_of(path, form)
    assert message == str(caught.value)


def test_the_nearest_word():
    """A wrong word is answered with the nearest known one and the list."""
    assert "gantt" == checked(" Gantt ", ["gantt", "jobs"], "kind")
    with pytest.raises(
        UsageError, match="there is no kind 'gnatt'; did you mean 'gantt'\\? write gantt or jobs"
    ):
        checked("gnatt", ["gantt", "jobs"], "kind")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: run("5").plot("gant"),
            "there is no picture 'gant'; did you mean 'gantt'? write gantt, jobs,",
        ),
        (lambda: run("5").plot("bars"), "bars is a picture of several runs; compare policies, or sweep the"),
        (lambda: comparison("5").plot("jobs"), "jobs is a picture of one run; plot one of the runs"),
        (lambda: comparison("5").plot("bar"), "there is no picture 'bar'; did you mean 'bars'?"),
        (lambda: run("5").plot("cdf", span=(0, 1)), "a picture of kind cdf has no option 'span'"),
        (lambda: run("5").plot(run=3), "a picture of kind gantt has no option 'run'"),
        (
            lambda: run("5").plot("queue", ax=Figure().subplots()),
            "queue has several panels; give figure= instead",
        ),
        (lambda: run("5").plot(figure=Figure()), "gantt has one panel; give ax= instead of figure="),
    ],
)
def test_wrong_kinds_and_options_are_refused(call, message):
    """In one sentence, with the nearest or the right one."""
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)


def test_the_package_lists_its_names():
    """What is not there is an error, what is there can be listed."""
    assert {"gantt", "jobs", "bars", "save", "Picture"} <= set(dir(plots))
    assert plots.Picture is Picture
    with pytest.raises(AttributeError, match=r"module 'schedsim.plots' has no attribute 'gannt'"):
        plots.gannt  # noqa: B018 - asking for it is the test


def test_no_warning_for_letters_that_the_font_lacks():
    """They are written as code points, since a box says nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.render(ss.run([("\u4e2d\u6587 \U0001f600", 0, 3)], "fcfs").plot(), "png")
