"""How every picture looks: colours, hatches, lines and letters.

A job has the same colour in every picture, and the same hatch wherever one is drawn: together they
tell 64 jobs apart, and hatches alone do so where colours are not printed.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import matplotlib.style
from matplotlib.font_manager import get_font

from schedsim.gantt import PALETTE
from schedsim.looks import hatch_of
from schedsim.tables import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Text

HATCHES: Final = ("", "////", "\\\\\\\\", "----", "xxxx", "||||", "//||", "++++")
"""Those of ``schedsim.looks``, as matplotlib writes them. Of lines alone: dots make an SVG ten times as large."""

INK: Final = "#000000"
EDGE: Final = "#333333"
DIM: Final = "#555555"
PALE: Final = "#999999"
GRID: Final = "#DDDDDD"
SWITCHING: Final = "#444444"
"""Dark, since a context switch is neither idle nor work."""
BUSY: Final = "#56B4E9"
WAITING: Final = "#F0E442"
LATE: Final = "#D55E00"
BEST: Final = "#0072B2"
OTHER: Final = "#B9DDF2"

SIZE: Final = 9.0
"""Of letters, in points."""
SMALL: Final = 8.0
TITLE: Final = 11.0


_HINTED: Final = 0.96
"""Letters are moved to whole dots when they are drawn, which makes some lines a little longer than measured."""


class Stroke(NamedTuple):
    """How a line is drawn: told apart by any one of the three."""

    colour: str
    dashes: Any
    marker: str


STROKES: Final = (
    Stroke("#0072B2", "-", "o"),
    Stroke("#D55E00", (0, (5, 2)), "s"),
    Stroke("#009E73", (0, (1, 1.2)), "^"),
    Stroke("#000000", (0, (6, 2, 1, 2)), "D"),
    Stroke("#CC79A7", (0, (3, 1, 1, 1, 1, 1)), "v"),
    Stroke("#56B4E9", (0, (8, 3)), "P"),
    Stroke("#E69F00", "-", "X"),
    Stroke("#777777", (0, (2, 3)), "*"),
)
"""For the lines of one picture, darkest first; yellow is left out because it cannot be seen on white."""


class Look(NamedTuple):
    """How the bars of a job are drawn."""

    colour: str
    ink: str
    """Of words on the colour."""
    hatch: str


_OURS: Final[dict[str, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": DIM,
    "axes.labelsize": SIZE,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": SIZE,
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.fontsize": SMALL,
    "lines.linewidth": 1.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "schedsim",
    "text.parse_math": False,
    "xtick.color": DIM,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": DIM,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SIZE,
}


@contextmanager
def ours() -> Iterator[None]:
    """Draw as it is said here, whatever else this Python draws with."""
    with matplotlib.style.context(["default", _OURS]):
        yield


def grid(axes: Axes, along: Literal["x", "y", "both"] = "both") -> None:
    """Draw the thin lines behind the data, also on axes that were made in another style."""
    axes.grid(axis=along, color=GRID, linewidth=0.6, linestyle="-")
    axes.set_axisbelow(True)


def look(job: int) -> Look:
    """Return the look of the job at place ``job`` of the mix: the same in every picture."""
    colour, ink = PALETTE[job % len(PALETTE)]
    return Look(colour, ink, HATCHES[hatch_of(job)])


def stroke(number: int) -> Stroke:
    """Return how the line ``number`` of a picture is drawn; after 8 the dashes shift against the colours."""
    again, place = divmod(number, len(STROKES))
    return STROKES[place]._replace(dashes=STROKES[(place + again) % len(STROKES)].dashes)


# Letters. Widths are measured, not guessed, so that names are left out where there is no room for them.


def _font() -> Any:
    # The one that comes with matplotlib, so that there it is on every machine.
    return get_font(os.path.join(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))


@lru_cache(maxsize=4096)
def width_of(text: str, size: float = SIZE) -> float:
    """Return how wide ``text`` is in letters of ``size`` points, in points."""
    font = _font()
    # Ten times as large as it is, since widths are rounded to dots.
    font.set_size(size, 720)
    font.set_text(text)
    return float(font.get_width_height()[0]) / 640


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """Return ``text`` with what the font has no picture of (Chinese, emoji) as code points."""
    if text.isascii():
        return text
    font = _font()
    return "".join(
        each if font.get_char_index(ord(each)) else each.encode("ascii", "backslashreplace").decode()
        for each in text
    )


@lru_cache(maxsize=4096)
def cut(text: str, room: float, size: float = SIZE) -> str:
    """Return ``text`` as far as it fits into ``room`` points, with a mark at the end if something was cut."""
    text = printable(text)
    if width_of(text, size) <= room:
        return text
    while text and width_of(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…" if text else ""


def cut_all(texts: Sequence[str], room: float, size: float = SIZE) -> list[str]:
    """Return each text as ``cut`` does; where two would then be alike, what is left out is in their middle."""
    found = [cut(text, room, size) for text in texts]
    alike: dict[str, set[str]] = {}
    for text, short in zip(texts, found, strict=True):
        alike.setdefault(short, set()).add(text)
    return [
        _cut_inside(text, room, size) if len(alike[short]) > 1 else short
        for text, short in zip(texts, found, strict=True)
    ]


@lru_cache(maxsize=4096)
def _cut_inside(text: str, room: float, size: float) -> str:
    """Return the beginning and the end of ``text``, as far as they fit, with a mark between them."""
    text = printable(text)
    for kept in range(len(text) - 1, 1, -1):
        short = f"{text[: kept // 2]}…{text[kept // 2 - kept :]}"
        if width_of(short, size) <= room:
            return short
    return cut(text, room, size)


def lines(text: str, room: float, size: float = SIZE) -> list[str]:
    """Return ``text`` in lines of at most ``room`` points, broken at blanks; a longer word is cut."""
    text, room = printable(text), room * _HINTED
    most = len(text)
    while most > 8:
        found = wrap(text, most)
        widest = max(found, key=len)
        if all(width_of(line, size) <= room for line in found):
            return found
        most = min(most - 1, max(8, int(most * room / max(width_of(widest, size), 1))))
    # A word longer than a line is cut: there is no telling where it may be broken.
    return [cut(line, room, size) for line in wrap(text, most)]


def plain(texts: Iterable[Text]) -> None:
    """Have a dollar sign in these texts, which may be a job's name, begin no formula."""
    for text in texts:
        text.set_parse_math(False)
