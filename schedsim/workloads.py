"""The job mixes that ship with schedsim, found by name from any folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.jobs import Mix

DEFAULT: Final = "first"
"""The mix that is used when none is named."""

SUFFIXES: Final = (".toml", ".csv", ".json", ".tsv", ".swf")


class Shipped(NamedTuple):
    """What a list of the shipped mixes says of one."""

    name: str
    jobs: int
    unit: str
    title: str
    source: str


def folder() -> str:
    """Return the folder of the shipped mixes.

    An installed package has it inside; in a checkout, which an editable install runs from, it lies
    beside the package.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "_workloads")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "workloads")


def find(name: str) -> str | None:
    """Return the path of the shipped mix ``name`` (``stallings-9.5``), or None.

    The suffix may be there or not. A path is no name: ``./convoy`` is never a shipped mix.
    """
    if os.path.basename(name) != name or name.startswith(".") or "\0" in name:
        return None
    stem, suffix = os.path.splitext(name)
    if suffix not in SUFFIXES:
        stem, suffix = name, ""
    path = os.path.join(folder(), stem)
    return next((path + end for end in SUFFIXES if suffix in ("", end) and os.path.isfile(path + end)), None)


def names() -> list[str]:
    """Return the names of all shipped mixes, in order."""
    try:
        files = os.listdir(folder())
    except OSError:
        # A package taken apart still runs a user's own mixes.
        return []
    return sorted(stem for stem, suffix in map(os.path.splitext, files) if suffix in SUFFIXES)


def describe(load: Callable[[str], Mix], only: str | None = None) -> list[Shipped]:
    """Return name, number of jobs, unit, title and source of all shipped mixes, or ``only`` of one, in order.

    ``load`` reads a file, as ``mixfile.load`` does: a mix is found by name without knowing formats.
    """
    found = []
    for name in names() if only is None else [only]:
        mix = load(find(name) or name)
        said = _comments(name)
        title, source = mix.title or _after(said, "title:"), mix.source or _after(said, "source:")
        found.append(Shipped(name, len(mix.jobs), mix.unit, title, source))
    return found


def note(name: str) -> str:
    """Return what the shipped mix ``name`` shows and what to try with it, or nothing.

    It is the comment at the head of its file.
    """
    said = [line for line in _comments(name) if not line.startswith(("title:", "source:"))]
    return "\n".join(said).strip()


def _comments(name: str) -> list[str]:
    """Return the lines of the comment at the head of a shipped mix, without their marks."""
    path = find(name)
    lines: list[str] = []
    if path is not None:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line[0] not in "#;":
                    break
                lines.append(line[1:].strip().removeprefix("Note:").strip())
    return lines


def _after(lines: list[str], mark: str) -> str:
    """Return what the first line that begins with ``mark`` says after it, or nothing."""
    return next((line[len(mark) :].strip() for line in lines if line.startswith(mark)), "")
