"""Draws the pictures and time lines of docs/ anew: ``python scripts/draw_docs.py``.

A page says in a comment what is to be drawn, and the drawing stands below it:

- ``<!-- time line at 2, 4: schedsim run --algo rr ... -->``: a block of text with the command, the time
  line, and what happens at these instants. ``at 2, both conventions:`` draws it twice.
- ``<!-- picture: schedsim run ... -->``: an image, whose file and whose text for those who do not see
  it are both made from the run.
- ``<!-- plot: schedsim plot ... -->``: an image that this command draws, and its words.
- ``<!-- overview: MIX -->``: an image of the mix under every policy.
- ``<!-- queue: schedsim run ... -->``: a table of who stood in the ready queue at each dispatch.
- ``<!-- arithmetic: schedsim run ... -->``: a table of how turnaround, waiting and response are computed.
- ``<!-- cases: FILE -->``: a table of reference cases, each of them run.

A mix may be a file that an earlier block of the page names (``file=NAME``). ``--check`` changes nothing
and says what would change; ``tests/docs`` holds that nothing would.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile

if not __package__:  # called as a script, from any folder
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from schedsim.metrics import job_metrics
from schedsim.policies import NAMES
from schedsim.results import Run
from schedsim.tables import show_cell
from schedsim.times import UNITS, Ns, show, to_unit
from scripts.pictures import alternative, overview, picture
from scripts.plot_pictures import plotted, same_picture
from scripts.reference_cases import cases_table
from scripts.scenes import Scene, scene
from scripts.time_lines import time_line
from scripts.update_docs import ROOT, blocks, pages

_MARK = re.compile(
    r"<!-- (?P<what>time line|picture|plot|overview|queue|arithmetic|cases)(?P<at>[^:]*): (?P<command>.*) -->"
)
_IMAGE = re.compile(r"!\[.*\]\((?P<file>[^)]+\.svg)\)")
BOTH = "both conventions"


class Drawn:
    """What a page and its pictures ought to be."""

    def __init__(self, page: str) -> None:
        """Draw all that ``page`` (a path in the checkout) asks for."""
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            before = file.read()
        self.page = page
        self.files: dict[str, str] = {}
        """Path in the checkout -> what is to be in it: the page itself and its pictures."""
        with tempfile.TemporaryDirectory() as folder:
            for block in blocks(before):
                if block.file:
                    with open(os.path.join(folder, block.file), "w", encoding="utf-8") as file:
                        file.write(block.text)
            self.files[page] = self._redrawn(before, folder)

    def _redrawn(self, text: str, folder: str) -> str:
        """Return the page with all drawings in it as they are today."""
        lines: list[str] = []
        rest = text.splitlines()
        while rest:
            line = rest.pop(0)
            lines.append(line)
            mark = _MARK.fullmatch(line)
            if mark is None:
                continue
            if mark["what"] == "time line":
                if rest and rest[0] == "```text":
                    del rest[: rest.index("```") + 1]
                lines += ["```text", *_time_lines(mark["command"], mark["at"], folder), "```"]
            elif mark["what"] in ("queue", "arithmetic", "cases"):
                while rest and rest[0].startswith("|"):
                    del rest[0]
                rows = _table(mark["what"], mark["command"], folder)
                lines += [f"| {' | '.join(row)} |" for row in rows]
            else:
                image = _IMAGE.fullmatch(rest.pop(0)) if rest else None
                if image is None:
                    raise ValueError(f"{self.page}: below {line} no line such as ![](pictures/NAME.svg)")
                words = self._picture(mark["what"], mark["command"], image["file"], folder)
                lines.append(f"![{words}]({image['file']})")
        return "\n".join(lines) + "\n"

    def _picture(self, what: str, command: str, file: str, folder: str) -> str:
        path = os.path.normpath(os.path.join(os.path.dirname(self.page), file))
        if what == "overview":
            scenes = [scene(f"schedsim run {command} --algo {name}", folder) for name in NAMES]
            title = f"The mix {command!r} under every policy (ms)"
            self.files[path] = overview(scenes, title)
            return f"One line for each policy: who has the CPU when. {title}"
        if what == "plot":
            self.files[path], words = plotted(command, folder)
            return words
        drawn = scene(command, folder)
        self.files[path] = picture(drawn)
        return alternative(drawn)

    def changes(self) -> list[str]:
        """Return the paths of the files that are not as they ought to be."""
        found = []
        for path, text in self.files.items():
            full = os.path.join(ROOT, path)
            before = ""
            if os.path.exists(full):
                with open(full, encoding="utf-8") as file:
                    before = file.read()
            same = same_picture(before, text) if path.endswith(".svg") else before == text
            if not same:
                found.append(path)
        return found


def ready_queue(drawn: Scene) -> list[list[str]]:
    """Return a table of who stood in the ready queue at each dispatch, the next one first."""
    rows = [["at", "ready queue", "runs", "until"], ["---:", "---", "---", "---"]]
    ends = {(each.cpu, each.start): each for each in Run(drawn.trace).slices}
    for each in drawn.dispatches:
        ran = ends[each.cpu, to_unit(each.time, drawn.unit)]
        why = {"finished": "ends", "blocked": "blocks", "expired": "expires"}.get(ran.why, ran.why)
        names = ", ".join(candidate.id for candidate in each.ready)
        rows.append([show(each.time, drawn.unit), names, each.job, f"{ran.end}, {why}"])
    return rows


def arithmetic(drawn: Scene) -> list[list[str]]:
    """Return a table with the sums that a student would write down for this run."""
    unit = drawn.unit
    jobs = job_metrics(drawn.trace)
    has_io = any(job.io for job in jobs)
    needs = "burst and I/O" if has_io else "burst"
    rows = [
        [
            "job",
            "finish",
            "turnaround = finish - arrival",
            f"waiting = turnaround - {needs}",
            "response = start - arrival",
        ],
        ["---", "---:", "---:", "---:", "---:"],
    ]
    for job in jobs:
        if job.start is None or job.finish is None or job.turnaround is None or job.response is None:
            raise ValueError(f"{drawn.command}: {job.id} does not finish")
        own = [job.cpu, *([job.io] if has_io else [])]
        arrival, turnaround = show(job.arrival, unit), show(job.turnaround, unit)
        taken = " - ".join(show(length, unit) for length in own)
        rows.append(
            [
                job.id,
                show(job.finish, unit),
                f"{show(job.finish, unit)} - {arrival} = {turnaround}",
                f"{turnaround} - {taken} = {show(job.waiting, unit)}",
                f"{show(job.start, unit)} - {arrival} = {show(job.response, unit)}",
            ]
        )
    means = [
        _mean([getattr(job, name) for job in jobs], unit) for name in ("turnaround", "waiting", "response")
    ]
    rows.append(["mean", "", *means])
    return rows


def _mean(lengths: list[Ns], unit: str) -> str:
    """Return the sum that gives a mean, rounded to what a student writes down."""
    mean = sum(lengths) / len(lengths) / UNITS[unit]
    parts = " + ".join(show(length, unit) for length in lengths)
    return f"({parts}) / {len(lengths)} = {show_cell(mean)}"


def _table(what: str, command: str, folder: str) -> list[list[str]]:
    """Return the rows of a table below a mark."""
    if what == "cases":
        return cases_table(command)
    drawn = scene(command, folder)
    return ready_queue(drawn) if what == "queue" else arithmetic(drawn)


def _time_lines(command: str, at: str, folder: str) -> list[str]:
    """Return the lines of the block below a mark."""
    instants = [word.strip() for word in at.removeprefix(" at").split(",") if word.strip()]
    commands = [command]
    if BOTH in instants:
        instants.remove(BOTH)
        commands.append(f"{command} --conventions ostep")
    lines: list[str] = []
    for each in commands:
        lines += [*([""] if lines else []), each, "", *time_line(scene(each, folder), instants)]
    return lines


def main(arguments: list[str]) -> int:
    """Draw the pages; with ``--check`` only say which would change."""
    check = "--check" in arguments
    named = [os.path.relpath(argument, ROOT) for argument in arguments if argument != "--check"]
    changed = False
    for page in named or pages():
        drawn = Drawn(page)
        for path in drawn.changes():
            changed = True
            print(f"{path}: {'is drawn otherwise today' if check else 'drawn'}")
            if not check:
                full = os.path.join(ROOT, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8", newline="\n") as file:
                    file.write(drawn.files[path])
    return int(check and changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
