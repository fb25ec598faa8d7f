"""The drawings in the docs are what the code draws today, and can be read without being seen."""

from __future__ import annotations

import glob
import os
import re

import pytest

from schedsim.policies import NAMES
from scripts import draw_docs
from scripts.draw_docs import Drawn, main
from scripts.scenes import scene
from scripts.time_lines import time_line
from scripts.update_docs import ROOT, pages
from tests.cli.calling import schedsim

COMMAND = re.compile(r"<!-- (time line|picture|queue|arithmetic)[^:]*: (?P<command>schedsim .*) -->")


def read(page: str) -> str:
    """Return the text of a page."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def commands() -> list:
    """Return the command behind every drawing that needs no file of its page."""
    found = {match["command"] for page in pages() for match in COMMAND.finditer(read(page))}
    return [pytest.param(command, id=command) for command in sorted(found) if ".csv" not in command]


@pytest.mark.parametrize("page", pages())
def test_drawings_are_of_today(page):
    """scripts/draw_docs.py would change neither the page nor its pictures."""
    assert Drawn(page).changes() == [], "run python scripts/draw_docs.py"


def test_every_policy_has_a_picture():
    """docs/policies/NAME.md shows pictures/NAME.svg, drawn from a run under that policy."""
    for name in NAMES:
        page = read(f"docs/policies/{name}.md")
        command = re.search(rf"<!-- picture: (.*) -->\n!\[.*\]\(pictures/{name}\.svg\)", page)
        assert command, f"docs/policies/{name}.md shows no picture of its own"
        assert name == scene(command[1]).trace.header.algo


def test_no_picture_is_left_over():
    """Every picture in docs/ is drawn for some page, so it is shown there and has words in its place."""
    there = glob.glob("docs/**/*.svg", root_dir=ROOT, recursive=True)
    drawn = {path for page in pages() for path in Drawn(page).files if path.endswith(".svg")}
    assert sorted(drawn) == sorted(there)


def test_pictures_can_be_read_aloud():
    """Every image in the docs has a text for those who don't see it, and an SVG has title and description."""
    for page in pages():
        for words, file in re.findall(r"!\[(.*?)\]\(([^)]+)\)", read(page)):
            assert len(words) > 20, f"{page}: {file}"
            picture = read(os.path.join(os.path.dirname(page), file))
            assert "<title>" in picture
            assert "<desc>" in picture


@pytest.mark.parametrize("command", commands())
def test_a_drawing_shows_what_its_command_prints(command):
    """The slices that are drawn are those that the command line gives for the very same words."""
    drawn = scene(command)
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)][1:]
    done = schedsim(*words, "--format", "json")
    printed = [[each["cpu"], each["start"], each["end"], each["job"]] for each in done.json["slices"]]
    lanes = [
        [cpu, stay.start / 1e6, stay.end / 1e6, stay.what]
        for cpu, lane in enumerate(drawn.cpus)
        for stay in lane
        if stay.what
    ]
    assert sorted(printed) == sorted(lanes)


# The rest holds the drawing itself to what it says.


def test_a_time_line():
    """Who runs, who waits, and the order in which things happen at an instant."""
    drawn = time_line(scene('schedsim run --jobs "A 0 4, B 2 2" --algo rr -q 2 --switch-cost 1'), ["2"])
    assert [
        "       0       2   3       5   6       8",
        "CPU 0  |A      ////|B      ////|A      |",
        "A      ████████────────────////████████",
        "B              ////████████",
        "",
        "█ runs   ─ waits   / is switched to",
        "",
        "at 2: A's quantum expires; B arrives; ready, the next one first: B, A; the",
        "      switch to B begins; B is dispatched",
    ] == drawn


def test_a_time_line_at_a_quiet_instant_is_refused():
    """An instant at which nothing happens is a mistake of the page."""
    with pytest.raises(ValueError, match="nothing happens at 1"):
        time_line(scene('schedsim run --jobs "A 0 4" --algo fcfs'), ["1"])


def test_a_wrong_drawing_is_found(tmp_path, monkeypatch, capsys):
    """A page with another drawing than today's is found, and drawn anew."""
    right = (
        '<!-- time line at 0: schedsim run --jobs "A 0 2" --algo fcfs -->\n'
        "```text\n"
        'schedsim run --jobs "A 0 2" --algo fcfs\n\n'
        "       0       2\nCPU 0  |A      |\nA      ████████\n\n█ runs\n\n"
        "at 0: A arrives; A is dispatched\n"
        "```\n"
        '<!-- picture: schedsim run --jobs "A 0 2" --algo fcfs -->\n'
        "![Gantt chart, fcfs, ms: A 0-2](a.svg)\n"
        '<!-- arithmetic: schedsim run --jobs "A 0 2, B 1 2" --algo fcfs -->\n'
        "| job | finish | turnaround = finish - arrival | waiting = turnaround - burst | "
        "response = start - arrival |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| A | 2 | 2 - 0 = 2 | 2 - 2 = 0 | 0 - 0 = 0 |\n"
        "| B | 4 | 4 - 1 = 3 | 3 - 2 = 1 | 2 - 1 = 1 |\n"
        "| mean |  | (2 + 3) / 2 = 2.5 | (0 + 1) / 2 = 0.5 | (0 + 1) / 2 = 0.5 |\n"
    )
    monkeypatch.setattr(draw_docs, "ROOT", str(tmp_path))
    page = tmp_path / "page.md"
    page.write_text(
        right.replace("████████", "███").replace("A 0-2", "").replace("2.5", "3"), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["--check", str(page)]) == 1
    assert main([str(page)]) == 0
    assert right == page.read_text(encoding="utf-8")
    assert main(["--check", str(page)]) == 0
    (tmp_path / "a.svg").write_text("<svg/>", encoding="utf-8")
    assert main(["--check", str(page)]) == 1
    assert "page.md: drawn" in capsys.readouterr().out
