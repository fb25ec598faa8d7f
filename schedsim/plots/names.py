"""What pictures there are and what files they go into: for help and refusals, without loading matplotlib."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from schedsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

RUN_KINDS: Final = {
    "gantt": "a lane for each CPU: who has it when",
    "jobs": "a lane for each job: when it is ready, running, blocked",
    "queue": "the ready queue's length, and how busy the CPUs are",
    "cdf": "distributions of turnaround, waiting and response",
    "levels": "the levels of an mlfq, the queues of feedback and mlq",
}
"""The pictures of one run."""

COMPARISON_KINDS: Final = {
    "bars": "a bar for each policy and metric, the best marked",
    "gantt": "the schedules above one another, on one time axis",
    "cdf": "the same distributions, a line for each policy",
    "quantum": "turnaround, waiting and response against the quantum",
}
"""The pictures of several runs."""

FORMATS: Final = ("svg", "pdf", "png")


def format_of(path: str | PathLike[str], form: str | None = None) -> str:
    """Return the format that the ending of ``path`` stands for; ``form`` is what was asked for besides.

    Raises UsageError for an ending that is missing, unknown, or of another format than ``form``.
    """
    text = os.fspath(path)
    if not text:
        raise UsageError("the name of the picture is empty; write for instance gantt.svg")
    ending = os.path.splitext(text)[1].removeprefix(".").lower()
    if os.path.isdir(text):
        raise UsageError(f"{text}: is a folder; name a file in it, as in {os.path.join(text, 'gantt.svg')}")
    if form is not None:
        known = checked(form, FORMATS, "format")
        if ending in FORMATS and ending != known:
            raise UsageError(f"{text}: the name says {ending} and the format is {known}; change one of them")
        return known
    if os.path.basename(text).lower() in {f".{known}" for known in FORMATS}:
        raise UsageError(f"{text}: there is nothing before the ending; write for instance gantt{text[-4:]}")
    if not ending:
        raise UsageError(f"{text}: the name has no ending; write {text}.svg, {text}.pdf or {text}.png")
    if ending not in FORMATS:
        near = nearest(ending, FORMATS)
        hint = f"did you mean {os.path.splitext(text)[0]}.{near}? " if near else ""
        raise UsageError(f"{text}: no picture is made as .{ending}; {hint}endings are .svg, .pdf and .png")
    return ending


def checked(word: str, known: Iterable[str], what: str) -> str:
    """Return ``word`` if it is one of those ``known``; else raise UsageError that names the nearest."""
    plain, names = word.strip().lower(), list(known)
    if plain in names:
        return plain
    near = nearest(plain, names)
    hint = f"did you mean {near!r}? " if near else ""
    raise UsageError(f"there is no {what} {word!r}; {hint}write {', '.join(names[:-1])} or {names[-1]}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the one of ``known`` that ``word`` is probably meant to be, or nothing."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word[:80], list(known), n=1, cutoff=0.5)), "")
