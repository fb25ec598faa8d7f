"""SVG pictures with a time axis, from nothing but text: the same characters on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Final

from schedsim.export.characters import printable
from schedsim.looks import HATCHES, TILE, hatch_of
from schedsim.tables import cut, width_of
from schedsim.times import Ns, show

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH: Final = 720
CHARACTER: Final = 7.2
"""The width that a character of 12 pixels takes at most in any of the fonts."""
_USUAL: Final = 6.7
"""The width that it takes as a rule."""
_BOLD: Final = 8.4
"""Likewise one of the title."""
_RIGHT: Final = 16
_HATCH: Final = "schedsim-hatch-"
"""So begin the names of hatches: alike in all pictures, so that several can stand in one page."""
_HATCHING: Final = "#222222"
_NARROWEST_HATCH: Final = 4
"""In a bar of fewer pixels a hatch would drown the colour."""
_FONT: Final = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


def number(value: float) -> str:
    """Return a length in pixels with at most one digit behind the point."""
    return f"{value:.1f}".removesuffix(".0")


def words(text: str) -> str:
    """Return ``text`` as XML can hold it."""
    return escape(printable(text))


class Drawing:
    """An SVG picture while it is made."""

    def __init__(
        self,
        title: str,
        description: str,
        left: float,
        end: Ns,
        *,
        width: int = WIDTH,
        narrowest: float = 0,
    ) -> None:
        """Begin with a title, and a time axis from ``left`` to the right margin that ends at ``end``.

        Args:
            title: the picture's, also written above it.
            description: the picture in words, for those who do not see it.
            left: where the axis begins, in pixels.
            end: where it ends, in nanoseconds.
            width: of the picture, in pixels.
            narrowest: no bar is drawn narrower than this (pixels), so that none is lost.
        """
        self.title, self.description = title, description
        self.left, self.end, self.width = left, end, width
        self.narrowest = narrowest
        self.hatched = False
        """Whether bars have the hatches of their jobs."""
        self.hatches: set[int] = set()
        """Those that were drawn."""
        self.parts: list[str] = []

    @property
    def room(self) -> float:
        """The length of the time axis in pixels."""
        return self.width - _RIGHT - self.left

    def x(self, time: Ns) -> float:
        """Return where ``time`` is."""
        return self.left + self.room * time / self.end

    @contextmanager
    def tipped(self, tip: str) -> Iterator[None]:
        """Let what is drawn meanwhile show ``tip`` when it is pointed at, if there is one."""
        if tip:
            self.parts.append(f"<g><title>{words(tip)}</title>")
        yield
        if tip:
            self.parts.append("</g>")

    def box(self, start: Ns, end: Ns, top: float, height: float, fill: str, more: str = "") -> None:
        """Draw a bar."""
        width = max(self.x(end) - self.x(start), self.narrowest)
        self.parts.append(
            f'<rect x="{number(self.x(start))}" y="{number(top)}" width="{number(width)}" '
            f'height="{number(height)}" fill="{fill}"{more}/>'
        )

    def line(self, start: Ns, end: Ns, y: float, stroke: str, more: str = "") -> None:
        """Draw a line along the time."""
        self.parts.append(
            f'<line x1="{number(self.x(start))}" y1="{number(y)}" '
            f'x2="{number(self.x(end))}" y2="{number(y)}" stroke="{stroke}"{more}/>'
        )

    def path(self, drawn: str, fill: str, more: str = "") -> None:
        """Draw a shape, or a line where ``fill`` is ``none``; ``drawn`` is what SVG calls path data."""
        self.parts.append(f'<path d="{drawn}" fill="{fill}"{more}/>')

    def text(self, x: float, y: float, text: str, anchor: str = "start", more: str = "") -> None:
        """Write ``text`` at a point."""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{number(x)}" y="{number(y)}"{side}{more}>{words(text)}</text>')

    def fits(self, start: Ns, end: Ns, text: str) -> bool:
        """Return whether there is room for ``text`` in a bar."""
        return width_of(text) * CHARACTER + 2 <= self.x(end) - self.x(start)

    def inside(self, start: Ns, end: Ns, y: float, text: str, ink: str, behind: str = "") -> None:
        """Write ``text`` into a bar, if it fits; on a ground of the colour ``behind`` where there is one."""
        if not text or not self.fits(start, end, text):
            return
        middle = (self.x(start) + self.x(end)) / 2
        if behind:
            width = min(width_of(text) * _USUAL + 4, self.x(end) - self.x(start))
            self.parts.append(
                f'<rect x="{number(middle - width / 2)}" y="{number(y - 12)}" width="{number(width)}" '
                f'height="16" fill="{behind}"/>'
            )
        self.text(middle, y, text, "middle", f' fill="{ink}"')

    def hatch(self, drawn: str, job: int) -> None:
        """Draw the hatch of ``job`` over a shape, if it has one and this picture has hatches."""
        each = hatch_of(job)
        if self.hatched and each:
            self.hatches.add(each)
            # What is pointed at is the bar below.
            self.path(drawn, f"url(#{_HATCH}{each})", ' pointer-events="none"')

    def hatch_bar(self, start: Ns, end: Ns, top: float, height: float, job: int) -> None:
        """Draw the hatch of ``job`` over a bar, if that is wide enough for one to be seen."""
        if self.x(end) - self.x(start) >= _NARROWEST_HATCH:
            self.hatch(self.bar(start, end, top, height), job)

    def bar(self, start: Ns, end: Ns, top: float, height: float) -> str:
        """Return a bar as path data."""
        left, right = self.x(start), self.x(end)
        return f"M{number(left)} {number(top)}H{number(right)}v{number(height)}H{number(left)}z"

    def times(self, times: Iterable[Ns], y: float, unit: str) -> list[Ns]:
        """Write times below the bars, those that fit; return these."""
        last = -1000.0
        written = []
        for time in sorted(times):
            label = show(time, unit)
            half = len(label) * CHARACTER / 2
            if self.x(time) - half >= last + 3:
                self.text(self.x(time), y, label, "middle", ' font-size="11"')
                last = self.x(time) + half
                written.append(time)
        return written

    def svg(self, height: float) -> str:
        """Return the whole file, ``height`` pixels high."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{number(height)}" '
            f'viewBox="0 0 {self.width} {number(height)}" role="img" font-family="{_FONT}" '
            'font-size="12" fill="black">'
        )
        patterns = [
            f'<pattern id="{_HATCH}{each}" width="{TILE}" height="{TILE}" patternUnits="userSpaceOnUse">'
            f'<path d="{HATCHES[each]}" fill="none" stroke="{_HATCHING}" stroke-width="0.9"/></pattern>'
            for each in sorted(self.hatches)
        ]
        title = words(cut(self.title, int((self.width - 20) / _BOLD)))
        return "\n".join(
            [
                head,
                f"<title>{words(self.title)}</title>",
                f"<desc>{words(self.description)}</desc>",
                *(["<defs>", *patterns, "</defs>"] if patterns else []),
                f'<rect width="{self.width}" height="{number(height)}" fill="white"/>',
                f'<text x="10" y="21" font-size="14" font-weight="bold">{title}</text>',
                *self.parts,
                "</svg>\n",
            ]
        )
