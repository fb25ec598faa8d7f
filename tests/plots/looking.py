"""Looking at a picture: its bars, words and lines as values, and what stands where on the paper."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch

from schedsim.plots import style
from schedsim.plots.sheet import whole_of


class Bar(NamedTuple):
    """A bar along the time, in the mix's unit and in lanes."""

    start: float
    end: float
    lane: float
    height: float
    colour: str
    hatch: str


def bars(axes: Any, *, colour: str | None = None) -> list[Bar]:
    """Return the bars of an axes from left to right, those of one colour if it is given."""
    found = []
    for collection in axes.collections:
        if not isinstance(collection, PolyCollection):
            continue
        faces: Any = collection.get_facecolor()
        face = to_hex(faces[0]).upper() if len(faces) and faces[0][3] else "NONE"
        for path in collection.get_paths():
            box = path.get_extents()
            middle, height = (box.y0 + box.y1) / 2, box.height
            bar = (round(box.x0, 9), round(box.x1, 9), round(middle, 6), round(height, 6))
            found.append(Bar(*bar, face, collection.get_hatch() or ""))
    return sorted(bar for bar in found if colour is None or bar.colour == colour.upper())


def job_bars(axes: Any, job: int) -> list[tuple[float, float, float]]:
    """Return start, end and lane of the bars in the colour of a job."""
    return [(bar.start, bar.end, bar.lane) for bar in bars(axes, colour=style.look(job).colour)]


def words(part: Any) -> list[str]:
    """Return every text that is to be seen in a figure or axes."""
    canvas(part)
    return [text.get_text() for text in texts(part)]


def texts(part: Any) -> list[Any]:
    """Return every text artist that is to be seen in a figure or axes that have been drawn once."""
    several = part.axes if hasattr(part, "add_axes") else [part]
    found = [*getattr(part, "texts", [])] if hasattr(part, "add_axes") else []
    for axes in several:
        found += [*axes.texts, *(getattr(axes, name) for name in ("title", "_left_title", "_right_title"))]
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            # Labels that matplotlib keeps for ticks beyond the limits are not drawn.
            found += [
                axis.label,
                *(tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()),
            ]
        found += [text for each in [axes.get_legend()] if each is not None for text in each.get_texts()]
    found += [text for each in getattr(part, "legends", []) for text in each.get_texts()]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def canvas(part: Any) -> Any:
    """Draw the whole figure once, so that everything is in its place, and return it."""
    figure = whole_of(part)
    FigureCanvasAgg(figure)
    with style.ours():
        figure.canvas.draw()
    return figure


def marks(axes: Any, marker: str) -> list[tuple[float, float]]:
    """Return where the markers of a kind are."""
    found = [
        (float(x), float(y))
        for line in axes.get_lines()
        if line.get_marker() == marker
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
    return sorted(found)


def legend(figure: Any) -> list[str]:
    """Return the words of a figure's legend."""
    return [text.get_text() for each in figure.legends for text in each.get_texts()]


def stairs(axes: Any) -> list[tuple[list[float], list[float]]]:
    """Return the values and edges of the stairs of an axes, in the order in which they were drawn."""
    found = []
    for patch in axes.patches:
        if isinstance(patch, StepPatch):
            data: Any = patch.get_data()
            found.append((list(map(float, data.values)), list(map(float, data.edges))))
    return found


def faults(figure: Any) -> list[str]:
    """Return what is wrong with the layout: words cut off or on one another, a legend over the data."""
    canvas(figure)
    paper = figure.bbox
    found = []
    boxes = [(text, text.get_window_extent()) for text in texts(figure)]
    for text, box in boxes:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > paper.x1 + 1 or box.y1 > paper.y1 + 1:
            found.append(f"cut off: {text.get_text()!r}")
    for (one, box), (other, second) in combinations(boxes, 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        upwards = min(box.y1, second.y1) - max(box.y0, second.y0)
        if across > 1.5 and upwards > 3.0:
            found.append(f"on one another: {one.get_text()!r} and {other.get_text()!r}")
    for made in figure.legends:
        box = made.get_window_extent()
        for axes in figure.axes:
            inside = axes.get_window_extent()
            if box.y1 > inside.y0 + 1 and box.y0 < inside.y1 - 1:
                found.append("the legend is over the data")
    return found
