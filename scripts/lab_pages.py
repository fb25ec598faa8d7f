"""Makes docs/labs/ from the labs themselves: their texts, and what their simulations find.

``scripts/update_docs.py`` writes the pages, and then runs the command at the end of each as on any page.
"""

from __future__ import annotations

import os
import textwrap

from schedsim.gantt import gantt
from schedsim.labs import find, names
from schedsim.labs.running import LabResult, carry_out
from schedsim.labs.showing import values_table
from schedsim.tables import Page, plain

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = "docs/labs"
INDEX = f"{FOLDER}/index.md"
COLUMNS = 120
PAGE = Page(80)
MADE = "<!-- Made by scripts/update_docs.py from schedsim/labs/{file}. -->"

HEAD = """\
# The labs

<!-- Made by scripts/update_docs.py from schedsim/labs/. -->

Each lab is a classic experiment: a question, a prediction to write down *before* looking, a simulation, the reason, and
one thing to try. `schedsim lab` lists them and `schedsim lab NAME` carries one out; with `--real`, processes of this
machine do the same, and both stand next to each other. [The command line](../command-line.md#schedsim-lab) says more.

| lab | question |
| --- | --- |
"""


def pages() -> dict[str, str]:
    """Return the text of each page by its path, without what the commands on it print."""
    made = {path_of(name): page_of(carry_out(name)) for name in names()}
    return {INDEX: index(), **made}


def path_of(name: str) -> str:
    """Return the path of the page of one lab."""
    return f"{FOLDER}/{name}.md"


def index() -> str:
    """Return the page that lists all labs."""
    rows = "".join(f"| [`{name}`]({name}.md) | {_cell(find(name).question)} |\n" for name in names())
    return HEAD + rows


def page_of(result: LabResult) -> str:
    """Return the page of one lab."""
    lab = result.lab
    parts = [
        f"# `{result.name}`: {lab.title}",
        MADE.format(file=f"{result.name.replace('-', '_')}.py"),
        _filled(f"**{lab.question}**"),
        _filled(f"*Before you look:* {lab.prediction}"),
        _prose(lab.text),
        "## What the simulation shows",
        _table(result),
        *_pictures(result),
        "## With real processes",
        _prose(lab.processes),
        f"```sh\nschedsim lab {result.name} --real\n```",
        "## Why",
        _prose(_capital(lab.reason.strip())),
        "## Try",
        "\n".join(
            [
                "```console",
                f"$ {lab.attempt}",
                *([f"$ echo $?\n{lab.attempt_status}"] if lab.attempt_status else []),
                "```",
            ]
        ),
        "All labs: [the list](index.md).",
    ]
    return "\n\n".join(parts) + "\n"


def without_outputs(text: str) -> str:
    """Return a page without what its commands print."""
    kept, inside = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = line == "```console"
            kept.append(line)
        elif not inside or line.startswith(("$ ", "> ")):
            kept.append(line)
    return "\n".join(kept) + "\n"


def outdated(root: str = ROOT) -> dict[str, str]:
    """Return the pages that are not as the labs are, by their paths, with the text that they should have."""
    return {
        path: text
        for path, text in pages().items()
        if without_outputs(_read(os.path.join(root, path))) != without_outputs(text)
    }


def strays(root: str = ROOT) -> list[str]:
    """Return the pages of labs that there are not."""
    folder = os.path.join(root, FOLDER)
    there = {f"{FOLDER}/{name}" for name in os.listdir(folder)} if os.path.isdir(folder) else set()
    return sorted(there - {INDEX, *map(path_of, names())})


def _read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def _filled(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), COLUMNS, break_long_words=False, break_on_hyphens=False)


def _prose(text: str) -> str:
    blocks = text.strip("\n").split("\n\n")
    return "\n\n".join(
        f"```text\n{textwrap.dedent(block)}\n```" if block.startswith(" ") else _filled(block)
        for block in blocks
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


def _table(result: LabResult) -> str:
    table = values_table(result)
    marks = ["---" if column.left else "---:" for column in table.columns]
    rows = [[column.name for column in table.columns], marks, *table.words()]
    return "\n".join("| " + " | ".join(_cell(word.strip()) for word in row) + " |" for row in rows)


def _pictures(result: LabResult) -> list[str]:
    return [
        f"{_capital(picture.title)}:\n\n```text\n{plain(gantt(picture.run, PAGE, lanes=picture.lanes))}```"
        for picture in result.simulated.findings.pictures
        if picture.always
    ]
