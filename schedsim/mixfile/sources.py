"""Where a mix comes from: files, standard input, shipped mixes; their bytes, text and format."""

from __future__ import annotations

import os
from typing import IO, Final

from schedsim.errors import MixError, UsageError
from schedsim.mixfile.fields import SWF_FIELDS, nearest

FORMATS: Final = ("csv", "tsv", "table", "json", "toml", "swf")
"""What ``input_format`` may be."""

STANDARD_INPUT: Final = "standard input"
_MOST_BYTES: Final = 2**30
_FOREIGN: Final = (
    (b"\x1f\x8b", "is compressed; unpack it with gunzip first"),
    (b"PK\x03\x04", "is a spreadsheet or an archive; save the table as CSV"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
)


def known_format(name: str | None) -> str | None:
    """Return the format ``name``; raise UsageError for an unknown one."""
    if name is None or name.lower() in FORMATS:
        return name and name.lower()
    hint = nearest(name, FORMATS)
    raise UsageError(f"unknown input format {name!r}; {hint}Formats are {', '.join(FORMATS)}")


def label(path: str) -> str:
    """Return ``path`` as messages name it, on one line whatever is in it."""
    return path if path.isprintable() else ascii(path)


def read_standard_input() -> str:
    """Return all text on standard input."""
    import sys

    if sys.stdin is None:
        raise MixError("there is none; name a file", STANDARD_INPUT)
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:  # a program put a text stream in its place
        return clean(sys.stdin.read(), STANDARD_INPUT)
    try:
        return decode(_all_of(stream, STANDARD_INPUT), STANDARD_INPUT)
    except OSError as error:
        raise MixError(f"cannot be read ({error.strerror})", STANDARD_INPUT) from None


def locate(source: str) -> str:
    """Return the path that ``source`` means: an existing file first if it looks like one, else a shipped mix.

    Raises MixError with the nearest shipped name when it is neither.
    """
    from schedsim import workloads

    if not source:
        raise MixError("the name of the mix is empty; name a file or a mix that ships with schedsim")
    if "\0" in source:
        raise MixError("a file's name cannot hold a NUL character", label(source))
    looks_like_path = os.path.dirname(source) != "" or os.path.splitext(source)[1] != ""
    if looks_like_path and os.path.exists(source):
        return source
    shipped = workloads.find(source)
    if shipped is not None:
        return shipped
    if os.path.lexists(source):
        return source
    stem = os.path.splitext(os.path.basename(source))[0]
    hint = nearest(stem, workloads.names())
    raise MixError(
        f"{'there is no such file' if looks_like_path else 'there is no such file or mix'}; {hint}"
        "'schedsim mixes' lists what ships",
        label(source),
    )


def read_path(path: str) -> str:
    """Return the text of a file; raise MixError for whatever stands in the way."""
    file = label(path)
    try:
        with open(path, "rb") as stream:
            return decode(_all_of(stream, file), file)
    except IsADirectoryError:
        raise MixError("is a folder; name a file in it", file) from None
    except FileNotFoundError:
        raise MixError("there is no such file", file) from None
    except PermissionError:
        raise MixError("may not be read; give yourself the permission, or name another file", file) from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "its name cannot be used"
        raise MixError(f"cannot be read ({said})", file) from None


def _all_of(stream: IO[bytes], file: str) -> bytes:
    """Return what is left of a stream; refuse one that does not end, such as /dev/zero."""
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(2**24):
        chunks.append(chunk)
        size += len(chunk)
        if size > _MOST_BYTES:
            raise MixError("is longer than 1 GiB; give a smaller mix", file)
    return b"".join(chunks)


def decode(content: bytes, file: str) -> str:
    """Return ``content`` as clean text; it must be UTF-8."""
    for beginning, message in _FOREIGN:
        if content.startswith(beginning):
            raise MixError(message, file)
    try:
        return clean(content.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise MixError("is not UTF-8 text; save it as UTF-8", file, f"row {row}") from None


def clean(text: str, file: str) -> str:
    """Return ``text`` without a byte-order mark and with plain line ends; refuse NUL characters."""
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise MixError("holds a NUL character; this is no text file", file, f"row {row}")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def format_of_path(path: str) -> str | None:
    """Return the format that a path's suffix names, or None."""
    suffix = os.path.splitext(path)[1].lower().removeprefix(".")
    return suffix if suffix in FORMATS else None


def recognise(text: str) -> str:
    """Return ``json``, ``toml``, ``swf`` or ``table``, whichever ``text`` looks like."""
    line = next((line for line in _lines(text) if line[0] != "#"), "")
    if line.startswith("{"):
        return "json"
    if line.startswith("["):
        inner = line.split("#")[0].strip()
        heading = inner.strip("[] \t\"'")
        is_toml = inner.endswith("]") and heading.replace("_", "").replace("-", "").replace(".", "").isalnum()
        return "toml" if is_toml and not heading[0].isdigit() else "json"
    if line.startswith(";"):
        return "swf"
    key, equals, _ = line.partition("=")
    if equals and not any(separator in key for separator in ",;\t("):
        return "toml"
    words = line.split()
    if len(words) == SWF_FIELDS and all(word.lstrip("+-").replace(".", "", 1).isdigit() for word in words):
        return "swf"
    return "table"


def _lines(text: str) -> list[str]:
    """Return the first lines that are not blank, enough to tell a format from."""
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < 1000:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if line := text[start:end].strip():
            found.append(line)
            if line[0] != "#":
                break
        start = end + 1
    return found
