"""Names of what jobs share, and of jobs: which are allowed, and how the text of a program says them."""

from __future__ import annotations

from typing import Final, TypeGuard

QUOTES: Final = "'\""
"""What a quoted name begins and ends with; inside it the same mark is written twice."""


def is_name(name: object) -> TypeGuard[str]:
    """Return whether ``name`` is text of one printable character or more, without blanks at its ends."""
    return isinstance(name, str) and name != "" and name.isprintable() and name == name.strip()


def must_be(name: object) -> str:
    """Return what ``name`` is not, which is no name, in words that go behind "the name is"."""
    return "text of printable characters, without blanks at its ends" if isinstance(name, str) else "text"


def quoted(name: object) -> str:
    """Return a name as the text of a program says it: in quotes where it would not be read as one word.

    >>> quoted("disk"), quoted("my disk"), quoted("a's; b's")
    ('disk', "'my disk'", "'a''s; b''s'")
    """
    said = str(name)
    if said.split() == [said] and ";" not in said and said[0] not in QUOTES:
        return said
    return "'" + said.replace("'", "''") + "'"


def key(name: str) -> str:
    """Return a name as a key of TOML: in quotes where it would be read as several, or not at all.

    >>> key("tray"), key("a.b")
    ('tray', '"a.b"')
    """
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else in_double_quotes(name)


def in_double_quotes(name: str) -> str:
    """Return a name as the text of TOML and JSON, in which quotes and backslashes have one before them."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
