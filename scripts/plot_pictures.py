"""Pictures of the documentation that ``schedsim plot`` draws, and whether two of them are the same."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr
from html import unescape
from io import StringIO
from typing import Final

from schedsim.cli import main

_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
_MADE_NAME: Final = re.compile(r"\b[a-z]?[0-9a-f]{9,12}\b")
"""A name that matplotlib makes from what it names, and from its version."""
TOLERANCE: Final = 0.6
"""Of the numbers of an SVG, in points: another version of matplotlib may round otherwise."""


def plotted(command: str, folder: str) -> tuple[str, str]:
    """Return the SVG that ``schedsim plot ...`` draws in ``folder``, and its words.

    Raises ValueError when the command is refused, with what it says.
    """
    words = shlex.split(command)
    if words[:2] != ["schedsim", "plot"]:
        raise ValueError(f"{command!r} is no command that draws; write schedsim plot ...")
    said = StringIO()
    with tempfile.TemporaryDirectory() as place, chdir(folder), redirect_stderr(said):
        path = os.path.join(place, "picture.svg")
        if main([*words[1:], "--output", path]):
            raise ValueError(f"{command}: {said.getvalue().strip()}")
        with open(path, encoding="utf-8") as file:
            text = file.read()
    found = re.search(r"<desc>(.*?)</desc>", text, re.DOTALL)
    return text, unescape(found[1]) if found else ""


def same_picture(one: str, other: str) -> bool:
    """Return whether two SVGs show the same: the same words and shapes, at the same places but for roundings."""
    if one == other:
        return True
    first, second = (_MADE_NAME.sub("name", text) for text in (one, other))
    if _NUMBER.sub("0", first) != _NUMBER.sub("0", second):
        return False
    pairs = zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=True)
    return all(abs(float(left) - float(right)) <= TOLERANCE for left, right in pairs)
