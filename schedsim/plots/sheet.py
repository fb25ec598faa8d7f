"""The sheet that a picture is drawn on: title above, panels, then legend and remarks below, nothing over the data.

All lengths are inches from the top left corner. The height is not known before the legend is, so
panels are put into their places when everything is drawn.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from schedsim.errors import UsageError
from schedsim.plots import style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from schedsim.results import Comparison

WIDTH: Final = 8.0
RIGHT: Final = 0.2
_POINTS: Final = 72
_MARGIN: Final = 0.12
_LINE: Final = 0.165
_TITLE_LINE: Final = 0.21
_LEGEND_LINE: Final = 0.19
_SMALLEST: Final = 0.2
"""A panel in a figure of the caller's is not made lower than this."""


class Picture(Figure):
    """A figure that shows itself in a notebook, with words for those who do not see it.

    Attributes:
        alt_text: the picture in words.
    """

    alt_text: str = ""

    def save(self, path: str | PathLike[str], form: str | None = None) -> None:
        """Write the picture to ``path``, whole or not at all; its ending says how: svg, pdf or png.

        Raises UsageError for another ending, and HostError where nothing can be written.
        """
        from schedsim.plots.files import save

        save(self, path, form)

    def _repr_html_(self) -> str:
        """Return the picture as HTML, with its words."""
        from schedsim.plots.files import render

        data = b64encode(render(self, "png")).decode()
        width = round(self.get_size_inches()[0] * 100)
        return (
            f'<img alt="{escape(self.alt_text, quote=True)}" width="{width}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">'
        )

    def __repr__(self) -> str:
        """Return one line: what is to be seen."""
        return f"<Picture: {self.alt_text}>"


class Said(NamedTuple):
    """The words of a picture."""

    title: str
    subtitle: str
    alt: str
    remarks: Sequence[str] = ()
    """What the reader must know to read it rightly, below the picture."""

    def instead(self, title: str, usual: str, drawn: str, remarks: Sequence[str]) -> Said:
        """Return the words for a picture that shows something else than ``usual``, since that is too much to draw.

        ``title`` is added to the title; in the picture in words ``drawn`` stands in the place of ``usual``.
        """
        return self._replace(
            title=f"{self.title}: {title}", alt=self.alt.replace(usual, drawn, 1), remarks=remarks
        )


class Panel(NamedTuple):
    """One axes, and the room around it."""

    axes: Axes
    left: float
    right: float
    height: float
    above: float
    below: float


class Sheet:
    """A new picture, a figure of the caller's, or one axes of theirs, while something is drawn there."""

    def __init__(
        self,
        *,
        ax: Axes | None = None,
        figure: Figure | SubFigure | None = None,
        left: float = 0.6,
        right: float = RIGHT,
        width: float = WIDTH,
    ) -> None:
        """Begin; ``left`` and ``right`` is the room beside the panels."""
        self.ax, self.left, self.right = ax, left, right
        self.own = figure is None
        self.figure: Figure | SubFigure
        if ax is None and figure is None:
            self.figure = Picture(figsize=(width, 1.0))
            FigureCanvasAgg(self.figure)
        elif figure is not None:
            self.figure = figure
        self.width = inches_of(ax)[0] if ax is not None else inches_of(self.figure)[0]
        self.panels: list[Panel] = []
        self.taken = 0.0

    def panel(
        self,
        height: float,
        *,
        above: float = 0.0,
        below: float = 0.45,
        left: float | None = None,
        right: float | None = None,
    ) -> Axes:
        """Return axes as wide as the sheet, ``height`` high, with room ``above`` and ``below`` for their words."""
        if self.ax is not None:
            self.ax.spines[["top", "right"]].set_visible(False)
            return self.ax
        left = self.left if left is None else left
        right = self.right if right is None else right
        # As wide as it will be, so that what fits into it can be measured at once.
        axes = self.figure.add_axes((left / self.width, 0.0, 1 - (left + right) / self.width, 1.0))
        self.panels.append(Panel(axes, left, right, height, above, below))
        return axes

    def beside(
        self, count: int, height: float, *, gap: float, above: float, below: float, left: float | None = None
    ) -> list[Axes]:
        """Return ``count`` equally wide axes side by side."""
        first = self.left if left is None else left
        room = (self.width - first - self.right - gap * (count - 1)) / count
        found = []
        for number in range(count):
            left = first + number * (room + gap)
            axes = self.panel(height, above=above, below=below, left=left, right=self.width - left - room)
            found.append(axes)
            if number:  # in one row with the first
                self.panels[-1] = self.panels[-1]._replace(above=-1.0)
        return found

    def finish(self, said: Said, handles: Sequence[Artist] = ()) -> Any:
        """Write title, legend and remarks around the panels; return the axes or the figure."""
        if self.ax is not None:
            around(self.ax, said, handles)
            self.ax.alt_text = said.alt  # type: ignore[attr-defined]
            return self.ax
        points = (self.width - 2 * _MARGIN) * _POINTS
        titles = style.lines(said.title, points / 1.13, style.TITLE)  # bold letters are wider
        subtitles = style.lines(said.subtitle, points, style.SIZE) if said.subtitle else []
        remarks = [line for each in said.remarks for line in style.lines(each, points, style.SMALL)]
        columns = columns_for(handles, points)
        rows = -(-len(handles) // columns) if handles else 0
        head = _MARGIN + len(titles) * _TITLE_LINE + len(subtitles) * _LINE + 0.1
        foot = _MARGIN + rows * _LEGEND_LINE + len(remarks) * _LINE + (0.06 if handles and remarks else 0.0)
        body = sum(panel.above + panel.height + panel.below for panel in self.panels if panel.above >= 0)
        scale = self._size(head + body + foot, head + foot, body)
        total = inches_of(self.figure)[1]
        self._place(head, scale, total)
        write = _Writer(self.figure, self.width, total)
        top = write.lines(titles, _MARGIN, _TITLE_LINE, style.TITLE, weight="bold")
        write.lines(subtitles, top, _LINE, style.SIZE, color=style.DIM)
        top = total - foot
        if handles:
            write.legend(handles, columns, top)
            top += rows * _LEGEND_LINE + 0.06
        write.lines(remarks, top, _LINE, style.SMALL, style="italic")
        self.figure.alt_text = said.alt  # type: ignore[union-attr]
        return self.figure

    def _size(self, wanted: float, around: float, body: float) -> float:
        """Make a figure of our own as high as it needs to be; return by how much panels shrink in another."""
        if self.own:
            whole: Any = self.figure
            whole.set_size_inches(self.width, wanted)
            return 1.0
        return max((inches_of(self.figure)[1] - around) / body, 0.01)

    def _place(self, top: float, scale: float, total: float) -> None:
        """Put every panel into its place."""
        bottom, height = top, 0.0
        for panel in self.panels:
            if panel.above >= 0:  # else it stands beside the one before
                # The words around a panel need their room also where the panel itself has less.
                high = panel.above + panel.height + panel.below
                spare = high * scale - panel.above - panel.below
                height = max(spare, _SMALLEST * scale)
                top = bottom + panel.above
                bottom += high * scale
            panel.axes.set_position(
                (
                    panel.left / self.width,
                    1 - (top + height) / total,
                    1 - (panel.left + panel.right) / self.width,
                    height / total,
                )
            )


class _Writer:
    """Writes words beside the panels."""

    def __init__(self, figure: Any, width: float, height: float) -> None:
        self.figure, self.width, self.height = figure, width, height

    def lines(self, words: Sequence[str], top: float, step: float, size: float, **how: Any) -> float:
        """Write lines from ``top`` down; return where the next one would begin."""
        for line in words:
            self.figure.text(
                _MARGIN / self.width,
                1 - top / self.height,
                line,
                va="top",
                ha="left",
                fontsize=size,
                parse_math=False,
                **how,
            )
            top += step
        return top

    def legend(self, handles: Sequence[Artist], columns: int, top: float) -> None:
        """Draw the legend."""
        made = self.figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(_MARGIN / self.width, 1 - top / self.height),
            ncols=columns,
            **_LEGEND,
        )
        style.plain(made.get_texts())


_LEGEND: Final[dict[str, Any]] = {
    "frameon": False,
    "fontsize": style.SMALL,
    "borderpad": 0.0,
    "borderaxespad": 0.0,
    "handlelength": 2.2,
    "handletextpad": 0.6,
    "columnspacing": 1.5,
    "labelspacing": 0.5,
}


def columns_for(handles: Sequence[Artist], points: float) -> int:
    """Return in how many columns a legend fits into ``points``."""
    if not handles:
        return 1
    widths = [style.width_of(str(handle.get_label()), style.SMALL) + 2.8 * style.SMALL for handle in handles]
    for columns in range(len(widths), 1, -1):
        # As matplotlib deals them out: full columns first, the others one shorter.
        rows, longer = divmod(len(widths), columns)
        ends = [place * rows + min(place, longer) for place in range(columns + 1)]
        parts = [max(widths[start:end]) for start, end in pairwise(ends)]
        if sum(parts) + 1.5 * style.SMALL * (columns - 1) <= points:
            return columns
    return 1


def around(axes: Axes, said: Said, handles: Sequence[Artist]) -> None:
    """Write title, legend and remarks around axes of the caller's."""
    width, height = inches_of(axes)
    points = width * _POINTS
    title = "\n".join(style.lines(said.title, points, style.SIZE))
    made = axes.set_title(title, loc="left", fontsize=style.SIZE, fontweight="bold")
    style.plain([made])
    below = 0.5
    if handles:
        columns = columns_for(handles, points)
        legend = axes.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(0.0, -below / max(height, 0.1)),
            ncols=columns,
            **_LEGEND,
        )
        style.plain(legend.get_texts())
        below += -(-len(handles) // columns) * _LEGEND_LINE + 0.05
    remarks = [line for each in said.remarks for line in style.lines(each, points, style.SMALL)]
    if remarks:
        axes.annotate(
            "\n".join(remarks),
            (0.0, 0.0),
            (0.0, -below * _POINTS),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=style.SMALL,
            fontstyle="italic",
            parse_math=False,
            annotation_clip=False,
        )


def whole_of(part: Axes | Figure | SubFigure) -> Figure:
    """Return the whole figure of which ``part`` is one."""
    whole: Any = part
    while whole.figure is not None and whole.figure is not whole:
        whole = whole.figure
    found: Figure = whole
    return found


def inches_of(part: Axes | Figure | SubFigure) -> tuple[float, float]:
    """Return how wide and high axes or a figure are."""
    box, dots = part.bbox, whole_of(part).dpi
    return box.width / dots, box.height / dots


def empty(said: Said, ax: Axes | None, figure: Figure | SubFigure | None = None) -> Any:
    """Draw a picture of a run in which nothing ran."""
    sheet = Sheet(ax=ax, figure=figure)
    axes = sheet.panel(0.5, below=0.1)
    axes.set_axis_off()
    axes.text(0.5, 0.5, "Nothing ran.", ha="center", va="center", transform=axes.transAxes)
    return sheet.finish(said)


def no_runs(comparison: Comparison) -> None:
    """Raise UsageError when there is nothing to draw."""
    if not comparison.runs:
        raise UsageError("there are no runs to draw; compare at least one policy")
