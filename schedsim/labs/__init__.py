"""The classic experiments: a question, a prediction, a simulation, and the same with real processes.

Each lab is a file of this folder, named as the lab with ``_`` for ``-``, and read when it is asked for.
CONTRIBUTING.md says how to write one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from schedsim.labs.base import Lab
    from schedsim.labs.running import LabResult

_FRAMEWORK: Final = frozenset(
    {"__init__", "base", "director", "frames", "processes", "punctual", "running", "showing", "stage"}
)
"""The files here that are no labs."""


def names() -> list[str]:
    """Return the names of all labs, in order."""
    files = os.listdir(os.path.dirname(os.path.abspath(__file__)))
    stems = (stem for stem, suffix in map(os.path.splitext, files) if suffix == ".py")
    return sorted(stem.replace("_", "-") for stem in stems if stem not in _FRAMEWORK)


def find(name: str) -> Lab:
    """Return the lab of that name. Raises UsageError with the nearest name for an unknown one."""
    return _read(known(name))


def known(name: str) -> str:
    """Return ``name`` as it is written in the list. Raises UsageError with the nearest for an unknown one."""
    from schedsim.errors import UsageError

    given: object = name
    if not isinstance(given, str):
        raise UsageError(f"the name of a lab is text, and {given!r} is none; labs are {', '.join(names())}")
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    there = names()
    if plain in there:
        return plain
    from schedsim.nearest import did_you_mean

    raise UsageError(
        f"{did_you_mean(plain, there)}labs are {', '.join(there)}; {name[:80]!r} is none of them"
    )


def _read(name: str) -> Lab:
    """Return the ``LAB`` of a file here."""
    from importlib import import_module

    lab: Lab = import_module(f"schedsim.labs.{name.replace('-', '_')}").LAB
    return lab


def lab(name: str, *, real: bool = False, seed: int | None = None) -> LabResult:
    """Carry out the lab ``name`` and return what was found.

    Args:
        name: one of ``names()``.
        real: whether real processes do it, too.
        seed: for labs that draw by lot.

    Raises:
        UsageError: there is no such lab, or the seed is no whole number of 0 or more.
    """
    from schedsim.labs.running import carry_out

    return carry_out(name, real=real, seed=seed)
