"""Tables as values, shown in the same words as text, HTML and CSV.

A line of text is a list of spans: words and the name of a style (``best``, ``head``, ``job:3``).
Whoever prints decides what a style looks like; without colour the words are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

Cell = str | int | float | None
Span = tuple[str, str]
"""Words, and the name of their style or ``""``."""
Line = list[Span]

BEST: Final = "*"
"""Stands behind the best value of a column."""
NOTHING: Final = "-"
"""Stands for a value that there is not."""
_GAP: Final = 2
_NARROWEST: Final = 24
"""A column that wraps is not made narrower than this, or half of it on a page too narrow for that."""


class Page(NamedTuple):
    """What text is laid out for."""

    width: int | None = 80
    """Columns to a line; None: no limit."""
    encoding: str = "utf-8"

    @property
    def unicode(self) -> bool:
        """Whether the encoding has the marks that pictures are drawn with."""
        try:
            "█▒·─…".encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def text(self, words: str) -> str:
        """Return ``words`` as the encoding can write them, the others by their code points."""
        if words.isascii():
            return words
        return words.encode(self.encoding, "backslashreplace").decode(self.encoding)


class Column(NamedTuple):
    """How one column is shown."""

    name: str
    left: bool = False
    """Whether its cells stand at the left, as words do."""
    exact: bool = False
    """Whether numbers are shown with all their digits, as times are, and not rounded."""
    wraps: bool = False
    """Whether long cells go on in a further line."""


class Table(NamedTuple):
    """A table; every renderer below shows all of it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[tuple[Cell, ...], ...] = ()
    """Rows about the rows above: means."""
    best: frozenset[tuple[int, int]] = frozenset()
    """Row and column of the values that are marked."""
    title: str = ""
    more: str = ""
    """What was left out, if anything was."""

    @property
    def legend(self) -> str:
        """What the mark means, if there is one."""
        return f"{BEST} best in its column" if self.best else ""

    def words(self) -> list[list[str]]:
        """Return all cells as they are shown, the rows and then the foot."""
        columns = self.columns
        return [
            [
                show_cell(cell, exact=columns[place].exact) + (BEST if (number, place) in self.best else "")
                for place, cell in enumerate(row)
            ]
            for number, row in enumerate((*self.rows, *self.foot))
        ]


def show_cell(cell: Cell, *, exact: bool = False) -> str:
    """Return a cell in words; numbers that are not ``exact`` are rounded to what a reader needs.

    >>> show_cell(17 / 3), show_cell(9), show_cell(0.5), show_cell(0.0012345), show_cell(None)
    ('5.67', '9', '0.5', '0.00123', '-')
    """
    if cell is None:
        return NOTHING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        if exact:
            return repr(int(cell)) if cell.is_integer() else _plain(repr(cell))
        text = f"{cell:.2f}" if abs(cell) >= 1 or cell == 0 else _plain(f"{cell:.3g}")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(cell)


def _plain(text: str) -> str:
    """Return a number without an exponent, which a table of times has no use for."""
    if "e" not in text:
        return text
    from decimal import Decimal

    return f"{Decimal(text):f}"


def width_of(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(character) in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def cut(text: str, width: int, mark: str = "…") -> str:
    """Return ``text`` in at most ``width`` columns, with a mark at the end if something was cut."""
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for character in text:
        used += width_of(character)
        if used > width - len(mark):
            break
        kept += character
    return (kept + mark)[: max(width, 0)]


def wrap(text: str, width: int | None, indent: int = 0) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns, broken at blanks; a longer word stays whole.

    The second line and further ones have ``indent`` columns less.
    """
    if "\n" in text:
        return [line for part in text.split("\n") for line in wrap(part, width, indent)]
    if width is None or width_of(text) <= width:
        return [text]
    lines: list[str] = []
    words = text.lstrip(" ").split(" ")
    line = " " * (len(text) - len(text.lstrip(" "))) + words[0]
    for word in words[1:]:
        longer = f"{line} {word}" if line else word
        if line and width_of(longer) > width - (indent if lines else 0):
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Return words as a list in a sentence: ``A, B and C``.

    >>> listed(["A"]), listed(["A", "B", "C"]), listed(["A", "B"], "or")
    ('A', 'A, B and C', 'A or B')
    """
    *first, last = words
    return f"{', '.join(first)} {joint} {last}" if first else last


def paragraph(text: str, page: Page, style: str = "", indent: str = "") -> list[Line]:
    """Return ``text`` as lines for ``page``; the second line and further ones begin with ``indent``."""
    lines = wrap(page.text(text), page.width, len(indent))
    return [[((indent if number else "") + line, style)] for number, line in enumerate(lines)]


def listing(items: Iterable[str], page: Page, style: str = "") -> list[Line]:
    """Return ``items`` with commas between them as lines for ``page``, broken between items where they fit."""
    whole = page.width is None
    words = [
        item.replace(" ", "\0") if whole or width_of(item) < (page.width or 0) else item for item in items
    ]
    lines = paragraph(", ".join(words), page, style)
    return [[(words.replace("\0", " "), name) for words, name in line] for line in lines]


def text(table: Table, page: Page) -> list[Line]:
    """Return the table as lines of text; one too wide is shown in blocks that begin with the first column."""
    cells = [[page.text(cell) for cell in row] for row in table.words()]
    heads = [page.text(column.name) for column in table.columns]
    _align_points(table, cells)
    widths = [
        max([width_of(heads[place]), *(width_of(line) for row in cells for line in row[place].split("\n"))])
        for place in range(len(table.columns))
    ]
    _narrow(table, widths, page.width)
    lines: list[Line] = [[(page.text(table.title), "title")]] if table.title else []
    for number, block in enumerate(_blocks(widths, page.width)):
        if number:
            lines.append([])
        lines += _block(table, block, heads, cells, widths)
    if table.legend:
        lines += paragraph(table.legend, page, "dim")
    if table.more:
        lines += paragraph(table.more, page, "dim")
    return lines


def _align_points(table: Table, cells: list[list[str]]) -> None:
    """Pad the numbers of a column so that their points stand below each other, and marks behind them."""
    for place, column in enumerate(table.columns):
        if column.left:
            continue
        after = [len(row[place].rstrip(BEST).partition(".")[2]) for row in cells]
        most = max(after, default=0)
        marked = any(row[place].endswith(BEST) for row in cells)
        for row, digits in zip(cells, after, strict=True):
            word = row[place]
            if word in (NOTHING, ""):
                continue
            number = word.rstrip(BEST)
            mark = word[len(number) :] or (" " if marked else "")
            row[place] = number + mark + " " * (most - digits + (1 if most and not digits else 0))


def _narrow(table: Table, widths: list[int], width: int | None) -> None:
    """Make the columns that wrap as narrow as the page needs."""
    places = [place for place, column in enumerate(table.columns) if column.wraps]
    if width is None or not places:
        return
    fixed = sum(widths) + _GAP * (len(widths) - 1) - sum(widths[place] for place in places)
    room = width - fixed
    for place in sorted(places, key=lambda place: widths[place]):
        share = room // sum(other in places for other in places)
        least = max(_NARROWEST // 2, min(_NARROWEST, width - widths[0] - _GAP))
        widths[place] = min(widths[place], max(share, least))
        room -= widths[place]
        places = [other for other in places if other != place]


def _blocks(widths: Sequence[int], width: int | None) -> list[list[int]]:
    """Return which columns stand side by side, as many as fit, the first in every block."""
    blocks = [[0]]
    used = widths[0]
    for place in range(1, len(widths)):
        needs = _GAP + widths[place]
        if width is not None and used + needs > width and len(blocks[-1]) > 1:
            blocks.append([0])
            used = widths[0]
        blocks[-1].append(place)
        used += needs
    return blocks


def _block(
    table: Table, places: list[int], heads: list[str], cells: list[list[str]], widths: list[int]
) -> list[Line]:
    """Return some columns of the table: head, rows, and the foot where it says something of these columns."""
    lines = _row(table, places, heads, widths, ["head"] * len(heads))
    told = any(row[place] != "" for row in table.foot for place in places[1:])
    most = len(cells) if told else len(table.rows)
    for number, row in enumerate(cells[:most]):
        if number == len(table.rows):
            rule = sum(widths[place] for place in places) + _GAP * (len(places) - 1)
            lines.append([("-" * rule, "dim")])
        styles = ["best" if (number, place) in table.best else "" for place in range(len(row))]
        lines += _row(table, places, row, widths, styles)
    return lines


def _row(table: Table, places: list[int], row: list[str], widths: list[int], styles: list[str]) -> list[Line]:
    """Return one row, which is several lines where a cell wraps."""
    parts = {
        place: wrap(row[place], widths[place]) if table.columns[place].wraps else [row[place]]
        for place in places
    }
    lines: list[Line] = []
    for number in range(max(len(part) for part in parts.values())):
        line: Line = []
        for place in places:
            word = parts[place][number] if number < len(parts[place]) else ""
            space = " " * max(0, widths[place] - width_of(word))
            padded = word + space if table.columns[place].left else space + word
            line += [(" " * _GAP, "")] if line else []
            line.append((padded, styles[place]))
        lines.append(without_tail(line))
    return lines


def without_tail(line: Line) -> Line:
    """Return the line without blanks at its end."""
    while line and not line[-1][0].strip():
        line = line[:-1]
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else line


def plain(lines: Iterable[Line]) -> str:
    """Return the lines as text without styles."""
    return "".join("".join(words for words, _ in line).rstrip() + "\n" for line in lines)


def html(table: Table) -> str:
    """Return the table as HTML, all words escaped."""
    from html import escape

    def row(tag: str, words: Sequence[str], number: int | None = None) -> str:
        made = []
        for place, word in enumerate(words):
            shown = escape(word)
            if number is not None and (number, place) in table.best:
                shown = f"<strong>{shown}</strong>"
            side = "left" if table.columns[place].left else "right"
            made.append(f'<{tag} style="text-align:{side}">{shown}</{tag}>')
        return f"<tr>{''.join(made)}</tr>"

    words = table.words()
    caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    head = row("th", [column.name for column in table.columns])
    count = len(table.rows)
    body = "".join(row("td", line, number) for number, line in enumerate(words[:count]))
    foot = "".join(row("th", line, count + number) for number, line in enumerate(words[count:]))
    below = "".join(f"<p>{escape(said)}</p>" for said in (table.legend, table.more) if said)
    return (
        f'<table class="schedsim">{caption}<thead>{head}</thead><tbody>{body}</tbody>'
        + (f"<tfoot>{foot}</tfoot>" if foot else "")
        + f"</table>{below}"
    )


def csv(table: Table) -> str:
    """Return the rows as CSV (RFC 4180): every digit of every number, nothing for no value, no foot."""
    return "".join(csv_lines([column.name for column in table.columns], table.rows))


def csv_lines(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the same line by line, for rows that are not all there at once."""
    import csv as writer
    from io import StringIO

    made = StringIO()
    line = writer.writer(made, lineterminator="\r\n")
    for row in chain((names,), rows):
        line.writerow(
            ["" if cell is None else str(cell).lower() if isinstance(cell, bool) else cell for cell in row]
        )
        yield made.getvalue()
        made.seek(0)
        made.truncate()
