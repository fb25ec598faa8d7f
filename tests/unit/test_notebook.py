"""Results in a notebook: the same words as in a terminal, escaped, and a picture."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

import schedsim as ss
from schedsim import summary
from schedsim.notebook import MOST_ROWS, chart
from schedsim.tables import Page, plain, text

EVIL = "<script>alert('&')</script>"


class Cells(HTMLParser):
    """Collects the words of table cells and of paragraphs, and refuses tags that are not closed."""

    def __init__(self, page):
        """Read ``page``."""
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.paragraphs: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        assert [] == self.open

    def handle_starttag(self, tag, attrs):
        """Note a tag that opens."""
        del attrs
        self.open.append(tag)
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "p":
            self.paragraphs.append("")

    def handle_endtag(self, tag):
        """Close the tag that was opened last."""
        assert tag == self.open.pop()

    def handle_data(self, data):
        """Collect words."""
        if {"td", "th"} & set(self.open):
            self.cells[-1] += data
        elif "p" in self.open:
            self.paragraphs[-1] += data


def words(table):
    """Return the words of a table as text, without rules."""
    found = plain(text(table, Page(None))).split()
    return [word for word in found if set(word) != {"-"} or word == "-"]


@pytest.mark.parametrize("algo", ["rr", "srtf"])
def test_a_run_has_the_sections_of_the_text(algo):
    """Heading, table, metrics and notes: the same sentences and the same cells."""
    run = ss.run("first", algo)
    page = Cells(run._repr_html_())
    table = summary.jobs_table(run)
    assert words(table) == " ".join(page.cells).split()
    assert [
        summary.heading(run),
        ", ".join(summary.system_words(run)),
        *(f"note: {note}" for note in run.notes),
    ] == page.paragraphs


def test_a_comparison_has_the_cells_of_the_text():
    """The table with its marks, what the mark means, and options that did not fit."""
    comparison = ss.compare("first")
    page = Cells(comparison._repr_html_())
    table = summary.comparison_table(comparison)
    in_text = words(table)[: -len(table.legend.split())]
    assert in_text == " ".join(page.cells).split()
    assert [summary.comparison_heading(comparison), table.legend, *summary.long_options(comparison)] == (
        page.paragraphs
    )
    assert "strong" in page.tags


def test_nothing_compared():
    """A comparison of no runs shows itself, too."""
    assert "<div><p>no runs</p></div>" == ss.Comparison([])._repr_html_()


def test_all_that_a_user_wrote_is_escaped():
    """A job, a mix and a policy's option that look like HTML are words."""
    mix = ss.load([(EVIL, 0, 4), ("B", 0, 4)], name=EVIL)
    for result in (
        ss.run(mix, "rr"),
        ss.compare(mix, ["rr", "sjf"]),
        ss.explain(mix, "rr"),
    ):
        page = result._repr_html_()
        assert "<script" not in page
        assert EVIL in unescape(page)
        assert "script" not in Cells(page).tags


def test_a_long_table_says_what_it_leaves_out():
    """Fifty rows, then how many more there are."""
    run = ss.run(ss.generate(80, seed=1), "fcfs", notes=False)
    page = Cells(run._repr_html_())
    assert f"J{MOST_ROWS}" in page.cells
    assert f"J{MOST_ROWS + 1}" not in page.cells
    assert "... 30 more jobs; show them with --format csv or json" in page.paragraphs


def picture(run):
    """Return the chart as a tree: it is well-formed."""
    svg = re.match(r"<svg.*?</svg>", chart(run), re.DOTALL)
    assert svg
    return ElementTree.fromstring(svg[0])  # noqa: S314 - made here, a moment ago


def titles(run):
    """Return what the boxes of the chart say when pointed at."""
    return [title.text for title in picture(run).iter("{http://www.w3.org/2000/svg}title")]


def test_the_picture_has_a_box_for_each_slice():
    """Job and times, idle and switching among them."""
    run = ss.run([("A", 0, 2), ("B", 4, 1)], "fcfs", switch_cost=1)
    assert [
        "A: 0 to 2 ms",
        "idle: 2 to 4 ms",
        "context switch: 4 to 5 ms",
        "B: 5 to 6 ms",
    ] == titles(run)


def test_the_picture_of_a_long_run_stays_small():
    """Thousands of slices are drawn to the pixel, and the number is said."""
    run = ss.run(ss.generate(900, seed=1), "rr", quantum=1, notes=False)
    assert len(run.slices) > 5000
    assert len(titles(run)) <= 720
    assert f"{len(run.slices):,} slices, drawn together where several share a pixel" in chart(run)


def test_the_picture_of_many_cpus():
    """Some lanes, and how many there are besides."""
    run = ss.run([("A", 0, 2)], "fcfs", cpus=20, notes=False)
    assert "4 more CPUs are not drawn" in chart(run)
    assert "CPU 15" in chart(run)


def test_numbers_below_the_picture_do_not_touch():
    """Every boundary where there is room, else round numbers."""
    run = ss.run("first", "rr", quantum=2, notes=False)
    texts = [label.text for label in picture(run).iter("{http://www.w3.org/2000/svg}text")]
    assert ["0", "2", "4"] == [text for text in texts if text.isdigit()][:3]
    crowded = ss.run("first", "rr", quantum="0.1", notes=False)
    labels = list(picture(crowded).iter("{http://www.w3.org/2000/svg}text"))
    places = [float(label.get("x")) for label in labels if label.text[0].isdigit()]
    assert min(after - before for before, after in pairwise(places)) > 15


def test_nothing_ran_at_all():
    """Cut off at the very beginning there is an idle CPU to show."""
    assert ["idle: 0 to 1 ms"] == titles(ss.run([("A", 5, 1)], "fcfs", until=1))


def test_results_have_one_line_as_text():
    """print(run) and print(comparison) are one line each."""
    run = ss.run("first", "rr")
    assert "rr on first: 5 jobs, mean turnaround 9.6 ms" == str(run)
    assert f"<Run {run}>" == repr(run)
    assert "2 policies on first" == str(ss.compare("first", ["rr", "sjf"]))


def test_a_deadlock_is_shown():
    """Who waits for whom stands below the table, escaped."""
    shown = ss.run("deadlock", "rr", quantum=2)._repr_html_()
    assert (
        "<p>deadlock at 6 ms: B -&gt; A -&gt; B</p><p>B holds mutex right and waits for mutex left" in shown
    )
    assert "<th" in ss.compare("deadlock")._repr_html_().split("deadlock</th>")[0]
