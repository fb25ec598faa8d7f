"""Names of what jobs share, and of jobs: which are allowed."""

from __future__ import annotations

from typing import TypeGuard


def is_name(name: object) -> TypeGuard[str]:
    """Return whether ``name`` is text of one printable character or more, without blanks at its ends."""
    return isinstance(name, str) and name != "" and name.isprintable() and name == name.strip()


def must_be(name: object) -> str:
    """Return what ``name`` is not, which is no name, in words that go behind "the name is"."""
    return "text of printable characters, without blanks at its ends" if isinstance(name, str) else "text"
