"""Messages on a byte stream: each has a header before it that says how long it is, and none is trusted.

A message is four bytes (how long the header is, most significant byte first), then the header, JSON in UTF-8
(``{"length": 5}``), then as many bytes as the header says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

PREFIX: Final = 4
"""Bytes that say how long the header is."""
MOST_HEADER: Final = 1024
MOST_BODY: Final = 65_536
"""The longest header and body (bytes) that are taken."""
PIECE: Final = 4096
"""No more bytes are asked for at a time, whatever a header says."""
FLOOD: Final = b"and so on, " * 100
"""What comes without end after a malformed header."""

Receive = Callable[[int], bytes]
"""Returns the next bytes of a stream, at most so many and at least one; none at its end: as ``socket.recv``."""


class FrameError(ValueError):
    """What came is no message; in words."""


def framed(body: bytes) -> bytes:
    """Return a message as it is sent."""
    header = json.dumps({"length": len(body)}).encode()
    return len(header).to_bytes(PREFIX, "big") + header + body


class Reader:
    """Reads messages from a stream.

    Attributes:
        read: how many bytes were read so far.
    """

    def __init__(self, receive: Receive) -> None:
        """Read by calling ``receive``."""
        self.receive, self.read = receive, 0

    def message(self) -> bytes | None:
        """Return the next message, None at the end of the stream.

        Raises FrameError for what is none. Nothing more can be read from that stream then: nobody knows where
        the next message begins.
        """
        prefix = self._exactly(PREFIX, "the length of the header")
        if not prefix:
            return None
        length = int.from_bytes(prefix, "big")
        if not 2 <= length <= MOST_HEADER:
            raise FrameError(f"a header of {length} bytes, and those of 2 to {MOST_HEADER} are taken")
        body = length_of_body(self._exactly(length, "the header"))
        return self._exactly(body, "the body")

    def _exactly(self, count: int, what: str) -> bytes:
        """Return so many bytes; none if the stream ends before a message."""
        found = bytearray()  # grows by what has come, and not by what was announced
        while len(found) < count:
            piece = self.receive(min(count - len(found), PIECE))
            if not piece:
                if not found and what == "the length of the header":
                    break
                raise FrameError(f"cut off in {what}, after {len(found)} of {count} bytes")
            self.read += len(piece)
            found += piece
        return bytes(found)


def length_of_body(header: bytes) -> int:
    """Return the length that a header says. Raises FrameError if it says none that is taken."""
    try:
        text = header.decode()
    except UnicodeDecodeError:
        raise FrameError("a header that is not UTF-8") from None
    try:
        said = json.loads(text, object_pairs_hook=_once)
    except FrameError:
        raise
    except (ValueError, RecursionError):  # whether many brackets are too deep is Python's version's business
        raise FrameError("a header that cannot be read as JSON") from None
    if not isinstance(said, dict) or "length" not in said:
        raise FrameError("a header that does not say the length of the body")
    length = said["length"]
    if type(length) is not int:  # True is one, too, for isinstance
        raise FrameError("a header whose length is no whole number")
    if not 0 <= length <= MOST_BODY:
        shown = (
            str(length)
            if abs(length) < 10**20
            else f"{'-' * (length < 0)}1e{len(str(abs(length))) - 1} or more"
        )
        raise FrameError(f"a body of {shown} bytes, and those of 0 to {MOST_BODY} are taken")
    return length


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object. Raises FrameError if it says something twice, which each reader takes in its own way."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FrameError("a header that says something twice")
    return found


def _with_header(header: bytes) -> bytes:
    return len(header).to_bytes(PREFIX, "big") + header


_GOOD: Final = framed(b"hello")

MALFORMED: Final[dict[str, bytes]] = {
    "a header of 4 GB": b"\xff\xff\xff\xff",
    "a header one byte too long": _with_header(b'{"length": 5}'.ljust(MOST_HEADER + 1)),
    "no header": bytes(PREFIX),
    "not JSON": _with_header(b"length = 5"),
    "JSON, but no object": _with_header(b"[5]"),
    "nested a thousand times": _with_header(b"[" * 1000),
    "not UTF-8": _with_header(b'{"length": 5, "name": "\xe9t\xe9"}'),
    "no length": _with_header(b'{"size": 5}'),
    "the length twice": _with_header(b'{"length": 5, "length": 50000}'),
    "a length in words": _with_header(b'{"length": "5"}'),
    "a length that is true": _with_header(b'{"length": true}'),
    "half a byte": _with_header(b'{"length": 0.5}'),
    "no number at all": _with_header(b'{"length": NaN}'),
    "a length below 0": _with_header(b'{"length": -5}'),
    "a length of a thousand digits": _with_header(b'{"length": ' + b"9" * 1000 + b"}"),
    "a body one byte too long": _with_header(b'{"length": %d}' % (MOST_BODY + 1)),
}
"""Streams that are no message, by what is wrong; more bytes follow without end."""

CUT_OFF: Final[dict[str, bytes]] = {
    "cut off in the length of the header": _GOOD[:2],
    "cut off in the header": _GOOD[: PREFIX + 3],
    "cut off in the body": _GOOD[:-1],
}
"""Streams that end too early."""
