"""The page itself: what goes where in the templates."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim import summary
from schedsim.gantt import PALETTE
from schedsim.looks import HATCHES, TILE
from schedsim.report import charts, contents
from schedsim.report.again import again
from schedsim.report.record import lines, record, tick_of
from schedsim.report.steps import steps
from schedsim.report.watching import watch
from schedsim.results import Comparison
from schedsim.scheduler.conventions import conventions_named
from schedsim.times import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.report.charts import Axis, Lane
    from schedsim.report.record import Line
    from schedsim.report.steps import Steps
    from schedsim.report.watching import Watched
    from schedsim.results import Run

TEMPLATES: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


class Chart(NamedTuple):
    """One policy's part of the schedule."""

    name: str
    facts: str
    cpus: list[Lane]
    jobs: list[Lane]
    lines: list[Line]
    said: list[str]
    """What is left out, and why."""


def render(runs: Sequence[Run], typed: str = "", notes: Sequence[str] = ()) -> str:
    """Return the page of ``runs``, which are of one mix; the same text for the same runs.

    ``typed`` is the command that asked for it, as it stood on the command line.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    watched = watch(runs)
    made = [steps(each) for each in watched]
    unit = watched[0].trace.header.unit
    tick = tick_of(watched, made)
    axis = charts.axis_of(watched, tick, unit)
    comparison = Comparison(list(runs))
    names = contents.names(comparison)
    drawn = [_chart(name, each, own, axis) for name, each, own in zip(names, watched, made, strict=True)]
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["show"] = lambda time: show(time, unit)
    environment.filters["look"] = lambda job: charts.look(job, axis)
    script = _text("script.js")
    stepping = record(watched, made, names, axis)
    text: str = environment.get_template("page.html").render(
        title=contents.title(runs),
        mix=contents.about(runs),
        notes=[*notes, *contents.notes(runs, names)],
        surroundings=summary.surroundings(runs[0]),
        unit=unit,
        axis=axis,
        charts=drawn,
        lines={path.kind for each in drawn for lane in each.jobs for path in lane.paths},
        limit=contents.limit(watched, axis),
        tables=contents.tables_of(comparison, names),
        jobs=contents.mix_table(runs[0]),
        policies=contents.policies(runs, names),
        conventions=runs[0].trace.header.conventions,
        rules=conventions_named(runs[0].trace.header.conventions).describe(),
        again=again(runs, typed),
        version=contents.version(),
        palette=PALETTE,
        hatches=HATCHES,
        tile=TILE,
        marks=_marks(drawn),
        has_deadlines=bool(stepping["dues"]),
        letters=charts.letters(watched),
        several_cpus=runs[0].trace.header.cpus > 1,
        record=embedded(stepping),
        script=script,
        style=_text("style.css"),
        digest=b64encode(sha256(script.encode()).digest()).decode(),
    )
    # What UTF-8 cannot hold (half of a surrogate pair in a name) is shown by its number.
    return text.encode(errors="backslashreplace").decode()


def _marks(drawn: Sequence[Chart]) -> set[str]:
    """Return which marks of deadlines the charts have."""
    dues = [lane.due for chart in drawn for lane in chart.jobs if lane.due is not None]
    return {"missed" if due.missed else "deadline" for due in dues}


def embedded(value: Any) -> str:
    """Return ``value`` as JSON that stands in a page: no text in it can end the element or begin another."""
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Outside of strings JSON has none of these three.
    return made.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _text(name: str) -> str:
    with open(os.path.join(TEMPLATES, name), encoding="utf-8") as file:
        return file.read()


def _chart(name: str, watched: Watched, made: Steps, axis: Axis) -> Chart:
    header = watched.trace.header
    said = [watched.note] if watched.note else []
    if len(header.jobs) > charts.MOST_LANES:
        said.append(f"the first {charts.MOST_LANES} of {len(header.jobs):,} jobs have a lane")
    if header.cpus > charts.MOST_LANES:
        said.append(f"the first {charts.MOST_LANES} of {header.cpus:,} CPUs have a lane")
    return Chart(
        name=name,
        facts=contents.means_words(watched.run),
        cpus=charts.cpu_lanes(watched, axis),
        jobs=charts.job_lanes(watched, axis),
        lines=[line for said in lines(made) for line in said],
        said=said,
    )
