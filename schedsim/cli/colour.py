"""The styles of the words in ``tables`` and ``gantt`` as a terminal shows them. The only file with rich."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from schedsim.gantt import PALETTE
from schedsim.tables import Line, without_tail

STYLES: Final = {
    "title": "bold",
    "head": "bold",
    "best": "bold green",
    "dim": "dim",
    "idle": "dim",
    "switch": "dim",
    "many": "",
    "axis": "",
    "note": "italic",
    "": "",
    **{f"job:{number}": f"{ink} on {colour}" for number, (colour, ink) in enumerate(PALETTE)},
    **{f"mark:{number}": colour for number, (colour, _) in enumerate(PALETTE)},
}


def styled(lines: Iterable[Line]) -> str:
    """Return the lines with the terminal's codes for their styles; the words stay as they are."""
    # A width without end: the lines are laid out already, and must not be broken again.
    console = Console(force_terminal=True, width=100_000, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        for line in lines:
            console.print(
                Text.assemble(*((words, STYLES[style]) for words, style in without_tail(line))),
                soft_wrap=True,
            )
    return captured.get()
