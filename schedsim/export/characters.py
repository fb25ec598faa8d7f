"""Words that a user wrote, as the text of a file can hold them."""

from __future__ import annotations

from json import dumps


def printable(text: str) -> str:
    r"""Return ``text`` with what cannot be shown as an escape: control characters, halves of pairs, line ends.

    Mixes from files have no such names; one that is made in Python may.

    >>> printable("a" + chr(7) + "b")
    'a\\x07b'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def json_text(text: str) -> str:
    """Return ``text`` as a string of JSON that every encoding of Unicode can hold."""
    return dumps(text, ensure_ascii=not text.isprintable())
