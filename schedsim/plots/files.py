"""Pictures as files: the same bytes for the same picture, with its words in them, written whole or not at all."""

from __future__ import annotations

import re
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from schedsim.output import replacing
from schedsim.plots import style
from schedsim.plots.names import format_of
from schedsim.plots.sheet import whole_of

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

DPI: Final = 150
_MAKER: Final = "schedsim"


def save(drawn: Figure | Axes, path: str | PathLike[str], form: str | None = None) -> None:
    """Write a picture to ``path``; its ending says how: svg, pdf or png.

    Args:
        drawn: what a function of ``schedsim.plots`` returned; of axes, their whole figure.
        path: a file, which is replaced if it is there already.
        form: the format, for a path whose name does not say it.

    Raises:
        UsageError: for a format that there is not.
        HostError: for a folder that is not there, a full disk and the like; ``path`` is then as it was.
    """
    data = render(drawn, format_of(path, form))
    with replacing(path, binary=True) as file:
        file.write(data)


def render(drawn: Figure | Axes, form: str, dpi: float = DPI) -> bytes:
    """Return the picture as the bytes of a file in the format ``form``; ``dpi`` is for a PNG."""
    figure: Any = whole_of(drawn)
    words = alt_text(figure)
    made = BytesIO()
    with style.ours():
        figure.savefig(made, format=form, dpi=dpi, metadata=_metadata(form, words))
    return _spoken(made.getvalue(), words) if form == "svg" else made.getvalue()


def alt_text(drawn: Axes | Figure | SubFigure) -> str:
    """Return a picture in words; of a figure of the caller's, the words of all that is drawn on it."""
    own = str(getattr(drawn, "alt_text", ""))
    if own:
        return own
    parts = (
        [*getattr(drawn, "subfigs", []), *getattr(drawn, "axes", [])] if hasattr(drawn, "add_axes") else []
    )
    found = [words for part in parts if (words := str(getattr(part, "alt_text", "")))]
    return "; ".join(found)


def _metadata(form: str, words: str) -> dict[str, Any]:
    """Return what a file says of itself: the words, and neither date nor version, which would differ."""
    title = title_of(words)
    if form == "svg":
        return {"Title": title, "Description": words, "Date": None, "Creator": _MAKER, "Type": None}
    if form == "pdf":
        return {
            "Title": title,
            "Subject": words,
            "Creator": _MAKER,
            "Producer": _MAKER,
            "CreationDate": None,
            "ModDate": None,
        }
    return {"Title": title, "Description": words, "Software": _MAKER}


def title_of(words: str) -> str:
    """Return the beginning of the words: what kind of picture it is, and of what."""
    return words.partition(": ")[0]


def _spoken(data: bytes, words: str) -> bytes:
    """Return an SVG that a screen reader reads as one image, by its words."""
    text = re.sub(r"\n? *<title>.*?</title>", "", data.decode("utf-8"), count=1, flags=re.DOTALL)
    head, tail = text.split("<svg ", 1)
    opening, rest = tail.split(">", 1)
    said = f" <title>{escape(title_of(words))}</title>\n <desc>{escape(words)}</desc>"
    return f'{head}<svg {opening} role="img">\n{said}{rest}'.encode()
