"""Results as Markdown, to be handed in: the tables of GitHub's dialect, which most programs read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from schedsim import summary
from schedsim.export.characters import printable
from schedsim.gantt import gantt
from schedsim.tables import BEST, Page, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedsim.results import Comparison, Run
    from schedsim.tables import Table

_WIDTH: Final = 80
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#~|&$!])")
"""What could be a mark of Markdown, or of the mathematics that some programs read in it."""


def escaped(text: str) -> str:
    r"""Return ``text`` as it is to be read, with none of it a mark.

    >>> print(escaped("a_b|c"))
    a\_b\|c
    """
    return _SPECIAL.sub(r"\\\1", printable(text))


def run_lines(run: Run) -> Iterator[str]:
    """Yield a run: what it is, its Gantt chart as text, the jobs with their means, and what the machine did."""
    yield f"**{escaped(summary.heading(run))}**\n\n"
    yield from _fenced(plain(gantt(run, Page(_WIDTH))))
    yield "\n"
    yield from table_lines(summary.jobs_table(run, None))
    yield f"\n{escaped(', '.join(summary.system_words(run)))}\n"
    for note in (*summary.deadlock_note(run), *run.notes):
        yield f"\nNote: {escaped(note)}\n"


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the table of a comparison, the best of each column in bold."""
    yield f"**{escaped(summary.comparison_heading(comparison))}**\n\n"
    yield from table_lines(summary.comparison_table(comparison))
    for options in summary.long_options(comparison):
        yield f"\n{escaped(options)}\n"


def rows_lines(run: Run, table: Table) -> Iterator[str]:
    """Yield what a run is, and a table of what there is in it."""
    yield f"**{escaped(summary.heading(run))}**\n\n"
    yield from table_lines(table)


def table_lines(table: Table) -> Iterator[str]:
    """Yield a table, then what is to be said below it."""
    yield _row([escaped(column.name) for column in table.columns])
    yield _row(["---" if column.left else "---:" for column in table.columns])
    count = len(table.rows)
    for number, words in enumerate(table.words()):
        cells = [escaped(word) for word in words]
        if number >= count:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        for place in range(len(cells)):
            if (number, place) in table.best:
                cells[place] = f"**{escaped(words[place].removesuffix(BEST))}**"
        yield _row(cells)
    if table.best:
        yield "\nIn bold: the best in its column.\n"
    if table.more:
        yield f"\n{escaped(table.more)}\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _fenced(text: str) -> Iterator[str]:
    """Yield a block of text as it stands; its fence is longer than any row of backticks in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text\n"
    yield text
    yield f"{fence}\n"
