"""A lab in words: text, table, reason, for a terminal and for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim import tables
from schedsim.gantt import gantt
from schedsim.labs.running import SEEN, LabResult, Part
from schedsim.tables import Column, Line, Page, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_NARROW: Final = 40
"""A page of fewer columns has a line for each value."""
_HEADS: Final = {
    "seen": "The effect is there",
    "not seen": "The effect is not there",
    "inconclusive": "Inconclusive",
    "not done": "Not done",
}


def lines(result: LabResult, page: Page, *, verbose: bool = False) -> Iterator[Line]:
    """Yield what is shown of a lab, line by line."""
    lab = result.lab
    yield from tables.paragraph(f"{result.name}: {lab.title}", page, "title")
    yield []
    yield from tables.paragraph(f"Question: {lab.question}", page)
    yield from tables.paragraph(f"Before you look: {lab.prediction}", page)
    yield []
    yield from prose(lab.text, page)
    yield []
    yield from values_lines(values_table(result), page)
    yield from pictures(result, page, verbose=verbose)
    yield []
    yield from tables.paragraph(verdict_words("simulated", result.simulated), page, "title")
    if result.real is not None:
        yield from tables.paragraph(verdict_words("with real processes", result.real), page, "title")
        yield []
        yield from prose(lab.processes, page)
    yield []
    yield from prose(f"Why: {lab.reason.strip()}", page)
    yield []
    if result.real is None:
        yield from tables.paragraph(f"With real processes: schedsim lab {result.name} --real", page, "", "  ")
    yield from tables.paragraph(f"Try: {lab.attempt}", page, "", "  ")
    if verbose:
        yield from _details(result, page)
    for note in result.notes:
        yield from tables.paragraph(f"note: {note}", page, "note", "  ")


def values_table(result: LabResult) -> Table:
    """Return a row for each thing that was found, with a column for each who found it."""
    lab = result.lab
    columns = [Column("", left=True, wraps=True)]
    parts = []
    if lab.rule is not None:
        columns.append(Column(lab.rule.name))
        parts.append(result.rule)
    for head, part in result.parts.items():
        columns.append(Column(head))
        parts.append(part.values)
    shown = [value for values in parts for value in values.values()]
    if any(isinstance(value, str) for value in shown):  # words stand at the left, and may be long
        columns = [columns[0], *(column._replace(left=True, wraps=True) for column in columns[1:])]
    return Table(
        tuple(columns),
        tuple((name, *(values.get(name) for values in parts)) for name in result.names),
    )


def values_lines(table: Table, page: Page) -> Iterator[Line]:
    """Yield the table as it fits the page."""
    if page.width is None or page.width >= _NARROW:
        yield from tables.text(table, page)
        return
    for row in table.words():
        yield from tables.paragraph(row[0], page)
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            yield from tables.paragraph(f"  {column.name} {cell}", page, "", "    ")


def verdict_words(how: str, part: Part) -> str:
    """Return what the simulation or the real part showed, in a sentence."""
    head = f"{_HEADS[part.verdict]}, {how}"
    return f"{head}." if part.verdict == SEEN else f"{head}: {'; '.join(part.why)}"


def pictures(result: LabResult, page: Page, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the schedules: those that belong to the lab's text, or all of them."""
    for head, part in result.parts.items():
        for picture in part.findings.pictures:
            if picture.always or verbose:
                yield []
                yield from tables.paragraph(f"{picture.title}, {head}", page, "title")
                yield from gantt(picture.run, page, lanes=picture.lanes)


def prose(text: str, page: Page) -> Iterator[Line]:
    """Yield the paragraphs of a text; lines that begin with blanks stay as they are."""
    for number, block in enumerate(text.strip().split("\n\n")):
        if number:
            yield []
        width = max(map(tables.width_of, block.split("\n")))
        if block.startswith(" ") and width > (page.width or width):
            yield from tables.paragraph(f"(Here is a drawing, which needs {width} columns.)", page)
        elif block.startswith(" "):
            for line in block.split("\n"):
                yield [(page.text(line), "")]
        else:
            yield from tables.paragraph(" ".join(block.split()), page)


def _details(result: LabResult, page: Page) -> Iterator[Line]:
    """Yield how it was made."""
    seed = "none" if result.seed is None else str(result.seed)
    yield from tables.paragraph(f"Seed: {seed}", page)
    for head, part in result.parts.items():
        for sentence in (*part.findings.details, *part.findings.disturbances):
            yield from tables.paragraph(f"{head.capitalize()}: {sentence}", page, "", "  ")


def page_html(result: LabResult) -> str:
    """Return text, table and reason as HTML for a notebook, all words escaped."""
    from html import escape

    from schedsim.notebook import chart

    lab = result.lab

    def paragraphs(text: str) -> str:
        made = ""
        for block in text.strip().split("\n\n"):
            made += f"<pre>{escape(block)}</pre>" if block.startswith(" ") else f"<p>{escape(block)}</p>"
        return made

    drawn = "".join(
        f"<p>{escape(picture.title)}</p>{chart(picture.run)}"
        for part in result.parts.values()
        for picture in part.findings.pictures
        if picture.always
    )
    said = [verdict_words("simulated", result.simulated)]
    if result.real is not None:
        said.append(verdict_words("with real processes", result.real))
    said += [f"note: {note}" for note in result.notes]
    return (
        f"<div><p><strong>{escape(lab.title)}</strong></p><p>{escape(lab.question)}</p>{paragraphs(lab.text)}"
        f"{tables.html(values_table(result))}{drawn}"
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
        + f"{paragraphs(lab.reason)}<p>Try: <code>{escape(lab.attempt)}</code></p></div>"
    )
