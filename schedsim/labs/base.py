"""What a lab is made of: plain values. A lab is a file of this folder with one ``LAB``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from schedsim.tables import Cell, show_cell

if TYPE_CHECKING:
    from schedsim.labs.stage import Stage
    from schedsim.results import Run

Values = Mapping[str, Cell]
"""What was found: by its name in words, with the unit (``fcfs: makespan (ms)``), in the order of the table."""


def amount(values: Values, *name: str) -> float:
    """Return a value as a number, 0 where there is none; ``name`` may be in parts: ``fcfs`` and ``makespan (ms)``."""
    return float(values[": ".join(name)] or 0)


def yes(is_so: object) -> str:
    """Return the word for it, yes or no, as tables have it."""
    return show_cell(bool(is_so))


class Picture(NamedTuple):
    """The schedule of a run, drawn below the table."""

    title: str
    run: Run
    lanes: bool = False
    """Whether each job has a lane of its own, also in a small schedule."""
    always: bool = False
    """Whether it is drawn without ``-v``, too."""


class Findings(NamedTuple):
    """What a simulation or a real run found."""

    values: Values
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences that the reader should see."""
    details: tuple[str, ...] = ()
    """Sentences for ``-v``: how it was made."""
    disturbances: tuple[str, ...] = ()
    """Why a real run says nothing if it does not show the effect: what disturbed it."""


class Rule(NamedTuple):
    """A formula from a book, in a column of its own."""

    name: str
    values: Callable[[int | None], Values]
    """By the names of the findings; is given the seed."""


class Lab(NamedTuple):
    """A classic experiment.

    Texts are written for a student; an empty line begins a paragraph, a line that begins with blanks is
    kept as it is.
    """

    title: str
    question: str
    """One sentence, which ends with a question mark."""
    prediction: str
    """What readers are to write down before they look."""
    text: str
    """What it is about, as short as can be."""
    simulate: Callable[[int | None], Findings]
    """Is given the seed, None where none was named; the same for the same seed."""
    processes: str
    """What the real part does, and what to expect of it."""
    real: Callable[[Stage], Findings]
    """Runs in a process of its own, which ends with all that it made; see ``stage``."""
    check: Callable[[Values], Iterable[str]]
    """Yields a sentence for each part of the effect that the values do not show: none if it is there."""
    reason: str
    """Why it is so."""
    attempt: str
    """One thing to try: a ``schedsim`` command that works."""
    attempt_status: int = 0
    """The exit status of that command."""
    check_real: Callable[[Values], Iterable[str]] | None = None
    """The same of the real values, where these are not to be judged by ``check``."""
    rule: Rule | None = None
    seeded: bool = False
    """Whether the seed makes a difference."""
