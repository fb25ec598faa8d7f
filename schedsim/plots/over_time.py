"""The ready queue's length and the use of the CPUs over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from schedsim.plots import style, words
from schedsim.plots.counts import PARTS, Steps, cpus_in_states, curves, jobs_in_states
from schedsim.plots.sheet import Said, Sheet, empty
from schedsim.plots.window import set_time, window_of
from schedsim.tables import show_cell
from schedsim.timeline import HELD, SWITCH, WAITS, timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.plots.window import Window
    from schedsim.results import Run

_NONE: Final = Steps([0], [0])
_BAND: Final = "#E3D94C"
"""Between the least and the most that are ready."""


def queue(run: Run, *, figure: Figure | SubFigure | None = None, span: Any = None) -> Any:
    """Draw how many jobs were ready, and how many CPUs worked and switched, over time.

    Args:
        run: the result of a run, simulated or real.
        figure: a figure to draw on; without it a new one is made.
        span: begin and end of the part of the time that is drawn, in the mix's unit; None: all.

    Returns:
        The figure. Where there are more changes than can be drawn it shows means over equal parts of
        the time, with the highest and the lowest, and a sentence below says so.

    Raises:
        UsageError: for a span that is none.
    """
    with style.ours():
        line = timeline(run.trace)
        window = window_of(run, line.end, span)
        said = Said(words.title(run), words.subtitle(run), "")
        if not line.end:
            said = said._replace(alt=f"{words.title(run, 'Ready queue')}: nothing ran")
            return empty(said, None, figure)
        sheet = Sheet(figure=figure, left=0.65)
        above = sheet.panel(1.6, above=0.25, below=0.15)
        below = sheet.panel(1.0, above=0.25)
        mean, handles, exact = _ready(above, run, window)
        busy, more = _use(below, line.lanes, window)
        for axes in (above, below):
            set_time(axes, window, label=axes is below)
        above.tick_params(axis="x", labelbottom=False)
        alt = (
            f"{words.title(run, 'Ready queue and CPU use over time')}{words.part(window, line.end)}: {show_cell(mean)} jobs ready "
            f"on average; CPU utilization {show_cell(100 * busy)} %{words.stuck_in_words(run)}"
        )
        remarks = [] if exact else [_AVERAGED]
        return sheet.finish(said._replace(alt=alt, remarks=remarks), [*handles, *more])


_AVERAGED: Final = (
    f"There are too many changes to draw each: the curves are means over each 1/{PARTS} of the time, and the pale "
    "band is from the lowest to the highest in it. A span shows a part exactly."
)


def _ready(axes: Axes, run: Run, window: Window) -> tuple[float, list[Any], bool]:
    """Draw the length of the ready queue; return its mean, what to say of it, and whether it is exact."""
    states = jobs_in_states(run.trace, window.end)
    ready = states.get(WAITS, _NONE)
    counted = curves({WAITS: ready}, window.start, window.end)
    edges = [window.x(edge) for edge in counted.edges]
    if not counted.exact:
        axes.stairs(
            counted.most[WAITS],
            edges,
            baseline=counted.least[WAITS],
            fill=True,
            facecolor=_BAND,
            linewidth=0.0,
        )
    axes.stairs(
        counted.values[WAITS],
        edges,
        baseline=0,
        fill=counted.exact,
        facecolor=style.WAITING,
        edgecolor=style.DIM,
        linewidth=1.0,
    )
    mean = ready.mean(window.start, window.end)
    axes.axhline(mean, color=style.INK, linestyle=(0, (4, 3)), linewidth=1.0)
    most = max(1.0, *counted.most[WAITS])
    handles: list[Any] = [
        Patch(facecolor=style.WAITING if counted.exact else _BAND, edgecolor=style.DIM, label="ready"),
        Line2D(
            [], [], color=style.INK, linestyle=(0, (4, 3)), linewidth=1.0, label=f"mean {show_cell(mean)}"
        ),
    ]
    if HELD in states:
        held = curves({HELD: states[HELD]}, window.start, window.end)
        places = [window.x(edge) for edge in held.edges]
        axes.stairs(
            held.values[HELD], places, baseline=None, color=style.LATE, linestyle=(0, (1, 1)), linewidth=1.4
        )
        most = max(most, *held.most[HELD])
        handles.append(
            Line2D(
                [], [], color=style.LATE, linestyle=(0, (1, 1)), linewidth=1.4, label="waiting for admission"
            )
        )
    axes.set_ylim(0, most * 1.08)
    axes.set_ylabel("jobs")
    axes.set_title("ready queue", loc="left")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.grid(axes, "y")
    return mean, handles, counted.exact


def _use(axes: Axes, cpus: Any, window: Window) -> tuple[float, list[Any]]:
    """Draw how many CPUs work and switch; return the utilization, and what to say of it."""
    states = cpus_in_states(cpus)
    counted = curves(states, window.start, window.end)
    edges = [window.x(edge) for edge in counted.edges]
    base = [0.0] * (len(edges) - 1)
    handles = []
    # The order of stacking: useful work below, then what the switches take; what is left is idle.
    for what, label, colour in (
        (0, "works for a job", style.BUSY),
        (SWITCH, "context switch", style.SWITCHING),
    ):
        if not any(counted.values[what]):
            continue
        top = [low + more for low, more in zip(base, counted.values[what], strict=True)]
        axes.stairs(top, edges, baseline=base, fill=True, facecolor=colour, linewidth=0.0)
        handles.append(Patch(facecolor=colour, edgecolor=style.EDGE, linewidth=0.6, label=label))
        base = top
    count = len(cpus)
    busy = states[0].mean(window.start, window.end) / count
    axes.set_ylim(0, count * 1.08)
    if count == 1:
        axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    else:
        axes.set_ylabel("CPUs")
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_title(f"CPU use, {show_cell(round(100 * busy, 1))} % on average", loc="left")
    style.grid(axes, "y")
    return busy, handles
