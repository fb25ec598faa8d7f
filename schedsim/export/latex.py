"""Results as LaTeX, to be handed in: a ``tabular`` that needs no package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from schedsim import summary
from schedsim.export.characters import printable
from schedsim.tables import BEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedsim.results import Comparison, Run
    from schedsim.tables import Table

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    # These three are other characters in the encoding that LaTeX begins with.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_LIGATURE: Final = re.compile(r"(?<=[-`'!?,])(?=[-`',])")
"""Between two characters that would become one: a dash of two hyphens, a quotation mark of two commas."""


def escaped(text: str) -> str:
    r"""Return ``text`` as it is to be read, with none of it a command.

    >>> print(escaped("a_b%{}\\"))
    a\_b\%\{\}\textbackslash{}
    """
    words = "".join(_SPECIAL.get(character, character) for character in printable(text))
    return _LIGATURE.sub("{}", words)


def run_lines(run: Run) -> Iterator[str]:
    """Yield the jobs of a run with their means; in comments what it is, and what the machine did."""
    yield from _comment(summary.heading(run))
    yield from table_lines(summary.jobs_table(run, None))
    yield from _comment(", ".join(summary.system_words(run)))
    for note in (*summary.deadlock_note(run), *run.notes):
        yield from _comment(f"note: {note}")


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the table of a comparison, the best of each column in bold."""
    yield from _comment(summary.comparison_heading(comparison))
    yield from table_lines(summary.comparison_table(comparison))
    for options in summary.long_options(comparison):
        yield from _comment(options)


def rows_lines(run: Run, table: Table) -> Iterator[str]:
    """Yield a table of what there is in a run; in a comment what that is."""
    yield from _comment(summary.heading(run))
    yield from table_lines(table)


def table_lines(table: Table) -> Iterator[str]:
    """Yield a ``tabular``, then in comments what is to be said of it."""
    yield rf"\begin{{tabular}}{{{''.join('l' if column.left else 'r' for column in table.columns)}}}" + "\n"
    yield "\\hline\n"
    yield _row([escaped(column.name) for column in table.columns])
    yield "\\hline\n"
    count = len(table.rows)
    for number, words in enumerate(table.words()):
        if number == count:
            yield "\\hline\n"
        cells = [escaped(word) for word in words]
        for place in range(len(cells)):
            if (number, place) in table.best:
                cells[place] = rf"\textbf{{{escaped(words[place].removesuffix(BEST))}}}"
        yield _row(cells)
    yield "\\hline\n"
    yield "\\end{tabular}\n"
    if table.best:
        yield from _comment("in bold: the best in its column")
    if table.more:
        yield from _comment(table.more)


def _row(cells: Sequence[str]) -> str:
    """Return a row; a bracket or a star at its start would belong to the end of the row before."""
    words = " & ".join(cells)
    return ("{}" if words.startswith(("[", "*")) else "") + words + r" \\" + "\n"


def _comment(words: str) -> Iterator[str]:
    yield f"% {printable(words)}\n"
