"""A comparison as bars: one for each policy and metric, the best marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.patches import Patch

from schedsim import summary
from schedsim.errors import UsageError
from schedsim.plots import lanes, style, words
from schedsim.plots.names import checked
from schedsim.plots.sheet import Said, Sheet, inches_of, no_runs
from schedsim.tables import BEST, show_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from schedsim.results import Comparison
    from schedsim.tables import Table

METRICS: Final = ("turnaround", "waiting", "response", "switches")
_MEANS: Final = ("turnaround", "waiting", "response", "slowdown")
_MOST: Final = 4
"""So many panels at most side by side."""
_BAR: Final = 0.27
_NAME: Final = 150.0


def bars(
    comparison: Comparison,
    *,
    figure: Figure | SubFigure | None = None,
    metrics: Sequence[str] = METRICS,
) -> Any:
    """Draw a bar for each policy and metric, the best of each metric marked.

    Args:
        comparison: one mix under several policies.
        figure: a figure to draw on; without it a new one is made, as high as the policies need.
        metrics: at most four of those of ``comparison`` tables: turnaround, waiting, response, slowdown,
            makespan, switches, utilization, efficiency, throughput, fairness.

    Returns:
        The figure.

    Raises:
        UsageError: for a metric that there is not, and when there are no runs to compare.
    """
    with style.ours():
        no_runs(comparison)
        table = summary.comparison_table(comparison, verbose=True)
        places = {column.name: place for place, column in enumerate(table.columns)}
        known = [name for name in places if name not in ("policy", "finished")]
        chosen = [checked(name, known, "metric") for name in metrics]
        if not 0 < len(chosen) <= _MOST:
            raise UsageError(f"metrics are {len(chosen)}; there is room for 1 to {_MOST}")
        labels = style.cut_all([str(row[0]) for row in table.rows], _NAME)
        sheet = Sheet(figure=figure, left=lanes.left_for(labels))
        heading = summary.comparison_heading(comparison)
        panels = sheet.beside(len(chosen), len(labels) * _BAR + 0.1, gap=0.2, above=0.3, below=0.1)
        for number, (axes, name) in enumerate(zip(panels, chosen, strict=True)):
            _panel(axes, table, places[name], labels if number == 0 else None)
            unit = f" ({comparison.runs[0].unit})" if name in (*_MEANS[:3], "makespan") else ""
            axes.set_title(("mean " if name in _MEANS else "") + name + unit, loc="left")
        remarks = []
        if table.more:
            remarks.append(f"{table.more[0].upper()}{table.more[1:]}.")
        said = Said(
            heading,
            "",
            f"Bar chart, {heading}; {'; '.join(_in_words(table, places[name]) for name in chosen)}",
            [*summary.long_options(comparison), *remarks],
        )
        swatch = Patch(facecolor=style.BEST, edgecolor=style.EDGE, linewidth=0.6, label=f"{BEST} best")
        marked = any(_best(table, places[name]) for name in chosen)
        return sheet.finish(said, [swatch] if marked else [])


def _best(table: Table, place: int) -> list[int]:
    """Return the rows that are best in a column; none where all are equal."""
    shown = {show_cell(row[place]) for row in table.rows}
    return [number for number in range(len(table.rows)) if (number, place) in table.best and len(shown) > 1]


def _in_words(table: Table, place: int) -> str:
    """Return one metric of all policies, and which is best."""
    each = words.listed((f"{row[0]} {show_cell(row[place])}" for row in table.rows), most=20)
    best = [str(table.rows[number][0]) for number in _best(table, place)]
    said = f", best {words.listed(best)}" if best else ""
    return f"{table.columns[place].name}: {each}{said}"


def _panel(axes: Axes, table: Table, place: int, labels: Sequence[str] | None) -> None:
    """Draw the bars of one metric, with their numbers beside them."""
    values: list[Any] = [row[place] for row in table.rows]
    known = [float(value) for value in values if value is not None]
    most = max(known, default=0.0) or 1.0
    best_rows = _best(table, place)
    words_of, widest = [], 0.0
    for at, value in enumerate(values):
        best = at in best_rows
        shown = show_cell(value) + (f" {BEST}" if best else "")
        words_of.append((at, value, best, shown))
        widest = max(widest, style.width_of(shown, style.SMALL) * 1.15 + 6)
    axes.set_ylim(len(values) - 0.5, -0.5)
    # Room behind the longest bar for its number.
    points = inches_of(axes)[0] * 72
    axes.set_xlim(0, most * points / max(points - widest, points / 4))
    for at, value, best, shown in words_of:
        how: dict[str, Any] = {
            "facecolor": style.BEST if best else style.OTHER,
            "edgecolor": style.EDGE,
            "linewidth": 0.6,
        }
        if value:
            axes.barh([at], [float(value)], height=0.7, **how)
        axes.annotate(
            shown,
            (float(value or 0.0), at),
            (4.0, 0.0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=style.SMALL,
            fontweight="bold" if best else "normal",
        )
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_yticks(list(range(len(values))), list(labels) if labels else [""] * len(values))
    style.plain(axes.get_yticklabels())
