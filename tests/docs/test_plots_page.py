"""The page on pictures: drawn by the command that it names, all kinds, and the limits of the code."""

from __future__ import annotations

import os
import re

import pytest

from schedsim.plots import counts, cpus, job_lanes, level_lanes, level_strips, multiples, rows
from schedsim.plots.names import COMPARISON_KINDS, FORMATS, RUN_KINDS
from scripts.draw_docs import Drawn
from scripts.plot_pictures import plotted, same_picture
from scripts.update_docs import ROOT


def page() -> str:
    """Return the text of the page."""
    with open(os.path.join(ROOT, "docs", "plots.md"), encoding="utf-8") as file:
        return file.read()


def test_every_kind_has_its_row():
    """And a picture of its own, but for those that two kinds share."""
    kinds = re.findall(r"^\| `(\w+)` \|", page().split("## Who has the CPU")[0], re.MULTILINE)
    assert sorted({*RUN_KINDS, *COMPARISON_KINDS}) == sorted(kinds)
    drawn = re.findall(r"<!-- plot: schedsim plot .*?(?:--kind (\w+).*)?-->", page())
    assert {*RUN_KINDS, *COMPARISON_KINDS} == {kind or "gantt" for kind in drawn}


def test_the_formats_are_named():
    """In the first sentence."""
    first = page().split("\n\n")[1]
    assert all(form.upper() in first for form in FORMATS)


def test_the_limits_are_those_of_the_code():
    """What is drawn up to where."""
    said = {
        cells[0].strip(): cells[1].strip()
        for line in page().splitlines()
        if (cells := line.strip("|").split("|"))[0].startswith(" `") and len(cells) == 3
    }
    assert {
        "`gantt`": f"{cpus.MOST_PIECES} pieces",
        "`gantt` of several policies": (
            f"{rows.HIGHEST:.0f} inches of rows, {rows.MOST_SLICES} slices in one, {multiples.MOST_CPUS} CPUs"
        ),
        "`jobs`": f"{job_lanes.MOST_LANES} jobs",
        "`levels`": f"{level_strips.MOST_STRIPS} jobs",
        "`queue`": f"{counts.MOST_STEPS} changes",
    } == {name: said[name] for name in said if re.search(r"\d", said[name])}
    assert f"Up to {level_lanes.MOST_LANES} jobs have a lane in each level" in page()
    assert f"means over {counts.PARTS} parts" in page()


@pytest.mark.slow
def test_the_pictures_are_of_today():
    """And each has the words of its run."""
    drawn = Drawn("docs/plots.md")
    assert [] == drawn.changes(), "run python scripts/draw_docs.py"
    assert 10 == sum(path.endswith(".svg") for path in drawn.files)


def test_another_version_may_round_otherwise():
    """Numbers may differ a little and made-up names wholly; words, colours and shapes may not."""
    one = '<g id="p1a2b3c4d5e"><path d="M 1.5 20.25 L 3 4" style="fill: #0072b2"/>word</g>'
    assert same_picture(one, one)
    assert same_picture(one, one.replace("20.25", "20.3").replace("p1a2b3c4d5e", "pffffffffff"))
    assert not same_picture(one, one.replace("20.25", "22.25"))
    assert not same_picture(one, one.replace("#0072b2", "#d55e00"))
    assert not same_picture(one, one.replace("word", "ward"))
    assert not same_picture(one, one.replace("L 3 4", "L 3 4 L 5 6"))


def test_a_command_that_draws_nothing_is_refused(tmp_path):
    """What a page must not ask for."""
    with pytest.raises(ValueError, match="is no command that draws; write schedsim plot"):
        plotted("schedsim run first", str(tmp_path))
    with pytest.raises(ValueError, match="did you mean 'rr'"):
        plotted("schedsim plot first --algo rrr", str(tmp_path))
