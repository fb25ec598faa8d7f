"""A picture by its name, for ``run.plot``, ``comparison.plot`` and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import UsageError
from schedsim.plots.cpus import gantt
from schedsim.plots.distributions import cdf, cdfs
from schedsim.plots.job_lanes import jobs
from schedsim.plots.level_lanes import levels
from schedsim.plots.metric_bars import bars
from schedsim.plots.multiples import gantts
from schedsim.plots.names import COMPARISON_KINDS, RUN_KINDS, checked
from schedsim.plots.over_time import queue
from schedsim.plots.sweep import quantum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.results import Comparison, Run

_OF_A_RUN: Final[Mapping[str, Callable[..., Any]]] = {
    "gantt": gantt,
    "jobs": jobs,
    "queue": queue,
    "cdf": cdf,
    "levels": levels,
}
_OF_A_COMPARISON: Final[Mapping[str, Callable[..., Any]]] = {
    "bars": bars,
    "gantt": gantts,
    "cdf": cdfs,
    "quantum": quantum,
}
_SEVERAL_PANELS: Final = (queue, bars, gantts, cdfs)
"""What takes a figure, and not axes."""


def plot_run(
    run: Run,
    /,
    kind: str = "gantt",
    *,
    ax: Axes | None = None,
    figure: Figure | SubFigure | None = None,
    **options: Any,
) -> Any:
    """Draw one run.

    Args:
        run: the result of a run, simulated or real.
        kind: one of ``names.RUN_KINDS``.
        ax: axes to draw on, for what has one panel.
        figure: a figure to draw on, for what has several.
        **options: what the function of that kind takes.

    Raises:
        UsageError: for another kind, with the nearest one, and for options that it does not take.
    """
    if kind.strip().lower() in COMPARISON_KINDS and kind.strip().lower() not in RUN_KINDS:
        raise UsageError(
            f"{kind} is a picture of several runs; compare policies, or sweep the quantum, and plot that"
        )
    return _drawn(_OF_A_RUN, checked(kind, RUN_KINDS, "picture"), run, ax, figure, options)


def plot_comparison(
    comparison: Comparison,
    /,
    kind: str = "bars",
    *,
    ax: Axes | None = None,
    figure: Figure | SubFigure | None = None,
    **options: Any,
) -> Any:
    """Draw several runs of one mix; as ``plot_run``, with the kinds of ``names.COMPARISON_KINDS``."""
    if kind.strip().lower() in RUN_KINDS and kind.strip().lower() not in COMPARISON_KINDS:
        raise UsageError(f"{kind} is a picture of one run; plot one of the runs")
    return _drawn(
        _OF_A_COMPARISON, checked(kind, COMPARISON_KINDS, "picture"), comparison, ax, figure, options
    )


def _drawn(
    functions: Mapping[str, Callable[..., Any]],
    kind: str,
    result: Run | Comparison,
    ax: Axes | None,
    figure: Figure | SubFigure | None,
    options: dict[str, Any],
) -> Any:
    """Call the function of a kind with what it takes."""
    function = functions[kind]
    if function in _SEVERAL_PANELS:
        if ax is not None:
            raise UsageError(f"{kind} has several panels; give figure= instead of ax=")
        where: dict[str, Any] = {"figure": figure}
    else:
        if figure is not None:
            raise UsageError(f"{kind} has one panel; give ax= instead of figure=")
        where = {"ax": ax}
    names = function.__code__.co_varnames[
        : function.__code__.co_argcount + function.__code__.co_kwonlyargcount
    ]
    for name in options:
        if name not in names[1:]:
            raise UsageError(f"a picture of kind {kind} has no option {name!r}")
    return function(result, **where, **options)
