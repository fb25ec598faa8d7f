"""Pictures of results, drawn with matplotlib: the only part of schedsim that knows it.

Each function takes plain results and returns the axes that it was given, or a new ``Picture``, a figure that
shows itself in a notebook. Nothing is ever shown by itself, and no global state of matplotlib
(``pyplot``, styles, backends) is used or changed. Every picture has words for those who do not see it, in
``alt_text`` and in the files that are made of it.

| function | of | shows |
| --- | --- | --- |
| ``gantt`` | a run | a lane for each CPU |
| ``jobs`` | a run | a lane for each job: ready, running, blocked |
| ``queue`` | a run | length of the ready queue and CPU use over time |
| ``cdf``, ``cdfs`` | a run, a comparison | distributions of turnaround, waiting and response |
| ``levels`` | a run, its levels | who was on which level of an MLFQ |
| ``gantts`` | a comparison | schedules above one another |
| ``bars`` | a comparison | metrics, the best marked |
| ``quantum`` | a sweep | turnaround, waiting and response against the quantum |
| ``measured_lanes``, ``measured_scatter``, ``crosscheck_figure`` | runs | simulated beside measured |
| ``save``, ``alt_text`` | a picture | writes it as SVG, PDF or PNG; its words |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

_HOMES: Final = {
    "Picture": "sheet",
    "alt_text": "files",
    "bars": "metric_bars",
    "cdf": "distributions",
    "cdfs": "distributions",
    "crosscheck_figure": "points",
    "gantt": "cpus",
    "gantts": "multiples",
    "jobs": "job_lanes",
    "levels": "level_lanes",
    "measured_lanes": "beside",
    "measured_scatter": "points",
    "plot_comparison": "kinds",
    "plot_run": "kinds",
    "quantum": "sweep",
    "queue": "over_time",
    "render": "files",
    "save": "files",
}
"""What is imported from where, when first used: what kinds of pictures there are is known without matplotlib."""

if TYPE_CHECKING:
    from schedsim.plots.beside import measured_lanes as measured_lanes
    from schedsim.plots.cpus import gantt as gantt
    from schedsim.plots.distributions import cdf as cdf
    from schedsim.plots.distributions import cdfs as cdfs
    from schedsim.plots.files import alt_text as alt_text
    from schedsim.plots.files import render as render
    from schedsim.plots.files import save as save
    from schedsim.plots.job_lanes import jobs as jobs
    from schedsim.plots.kinds import plot_comparison as plot_comparison
    from schedsim.plots.kinds import plot_run as plot_run
    from schedsim.plots.level_lanes import levels as levels
    from schedsim.plots.metric_bars import bars as bars
    from schedsim.plots.multiples import gantts as gantts
    from schedsim.plots.over_time import queue as queue
    from schedsim.plots.points import crosscheck_figure as crosscheck_figure
    from schedsim.plots.points import measured_scatter as measured_scatter
    from schedsim.plots.sheet import Picture as Picture
    from schedsim.plots.sweep import quantum as quantum


def __getattr__(name: str) -> Any:
    """Import a function when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'schedsim.plots' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"schedsim.plots.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(_HOMES)
