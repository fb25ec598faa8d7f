"""Framing: messages on a byte stream, without and with headers, and streams that are no messages."""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from schedsim.errors import HostError
from schedsim.labs.base import Findings, Lab, Values, amount
from schedsim.labs.frames import CUT_OFF, FLOOD, MALFORMED, MOST_HEADER, PREFIX, FrameError, Reader, framed
from schedsim.policies.parameters import hash64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schedsim.labs.frames import Receive
    from schedsim.labs.stage import Stage
    from schedsim.tables import Cell

MESSAGES: Final = (
    *(f"message {number}: {'word ' * (number % 7)}".encode() for number in range(1, 20)),
    b"the long one: " + b"word " * 4000,
)
SEED: Final = 3
"""The one that is used where none is named."""
RECEIVED: Final = 4096
"""So many bytes at most are taken at a time."""
PATIENCE: Final = 5.0
"""Seconds after which a connection is given up on which nothing goes on."""
SILENCE: Final = 0.3
"""The same for a sender who is known to be silent."""
SENT: Final = "messages sent"
PIECES: Final = "without headers: pieces received"
GLUED: Final = "without headers: pieces of more than one message"
CUT: Final = "without headers: messages in more than one piece"
WHOLE: Final = "without headers: pieces that are one message"
RIGHT: Final = "with headers: messages received as they were sent"
WRONG: Final = "malformed streams sent"
REFUSED: Final = "malformed streams refused"
MOST: Final = "most bytes read of one that goes on for ever"
SILENT: Final = "a sender who falls silent is given up after (ms)"

Outcome = tuple[str | None, int]
"""Why a stream was refused (None: it was not), and how many bytes of it were read."""


def found(
    pieces: Sequence[bytes], messages: Sequence[bytes], outcomes: dict[str, Outcome]
) -> dict[str, Cell]:
    """Return what came of the three streams."""
    return {
        SENT: len(MESSAGES),
        PIECES: len(pieces),
        GLUED: _crossed(pieces, MESSAGES),
        CUT: _crossed(MESSAGES, pieces),
        WHOLE: sum(piece in MESSAGES for piece in pieces),
        RIGHT: sum(got == sent for got, sent in zip(messages, MESSAGES, strict=False)),
        WRONG: len(outcomes),
        REFUSED: sum(why is not None for why, _ in outcomes.values()),
        MOST: max((read for name, (_, read) in outcomes.items() if name in MALFORMED), default=0),
    }


def _crossed(parts: Sequence[bytes], others: Sequence[bytes]) -> int:
    """Return in how many of the parts of a stream there is a border of the other parts."""
    borders, ends = ({*accumulate(map(len, each))} for each in (others, parts))
    return sum(
        any(end - len(part) < border < end for border in borders)
        for end, part in zip(sorted(ends), parts, strict=True)
    )


def details(outcomes: dict[str, Outcome]) -> tuple[str, ...]:
    """Return a sentence for each malformed stream."""
    return tuple(
        f"{name}: {why or 'was taken'} ({read} bytes were read)" for name, (why, read) in outcomes.items()
    )


def outcome(receive: Receive) -> Outcome:
    """Return what comes of reading one message."""
    reader = Reader(receive)
    try:
        reader.message()
    except FrameError as error:
        return str(error), reader.read
    return None, reader.read


def all_pieces(receive: Receive) -> list[bytes]:
    """Return what comes, piece by piece."""
    pieces = []
    while piece := receive(RECEIVED):
        pieces.append(piece)
    return pieces


def all_messages(receive: Receive) -> list[bytes]:
    """Return the messages that come, up to the first that is none."""
    reader, messages = Reader(receive), []
    with suppress(FrameError):
        while (message := reader.message()) is not None:
            messages.append(message)
    return messages


# In memory.


def stream(data: bytes, seed: int, more: bytes = b"") -> Receive:
    """Return what receives ``data`` in pieces that the seed chooses, and then ``more``, again and again."""
    left = data
    drawn = 0

    def receive(count: int) -> bytes:
        nonlocal left, drawn
        if not left:
            left = more
        drawn += 1
        # As networks do: now a few bytes, now as much as there is.
        most = 1 + hash64(seed, drawn) % (40 if hash64(seed, -drawn) % 6 else RECEIVED)
        piece, left = left[: min(count, most)], left[min(count, most) :]
        return piece

    return receive


def simulate(seed: int | None) -> Findings:
    """Send through a stream in memory, cut at places that the seed chooses."""
    seed = SEED if seed is None else seed
    outcomes = {name: outcome(stream(data, seed, FLOOD)) for name, data in MALFORMED.items()}
    outcomes |= {name: outcome(stream(data, seed)) for name, data in CUT_OFF.items()}
    values = found(
        all_pieces(stream(b"".join(MESSAGES), seed)),
        all_messages(stream(b"".join(map(framed, MESSAGES)), seed)),
        outcomes,
    )
    return Findings(values, details=details(outcomes))


# Over loopback.


def real(stage: Stage) -> Findings:
    """Do the same with a process that sends, through TCP on this machine."""
    try:
        listener = socket.create_server(("127.0.0.1", 0))
    except OSError as error:
        raise HostError(f"this system has no network within itself: {error}") from None
    listener.settimeout(PATIENCE)
    sent, say = os.pipe()
    sender = stage.process(send_all, listener.getsockname()[1], say, name="sender")
    os.close(say)
    outcomes: dict[str, Outcome] = {}
    with listener:
        connection, receive = accepted(listener)
        with connection:
            select.select([sent], [], [], PATIENCE)  # it has sent all before anything is taken
            pieces = all_pieces(receive)
        connection, receive = accepted(listener)
        with connection:
            messages = all_messages(receive)
        for name in (*MALFORMED, *CUT_OFF):
            connection, receive = accepted(listener)
            with connection:
                outcomes[name] = outcome(receive)
        connection, receive = accepted(listener, SILENCE)
        with connection:
            began = time.monotonic()
            why, _ = outcome(receive)
            given_up = 1000 * (time.monotonic() - began) if why is not None else None
    os.close(sent)
    stage.join(sender)
    return Findings({**found(pieces, messages, outcomes), SILENT: given_up}, details=details(outcomes))


def accepted(listener: socket.socket, seconds: float = PATIENCE) -> tuple[socket.socket, Receive]:
    """Return the next connection, and what receives from it until so many seconds from now."""
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        raise HostError("the lab's own sender did not connect") from None
    until = time.monotonic() + seconds

    def receive(count: int) -> bytes:
        # One limit for all of it: a limit for each piece would let a sender drip for ever.
        try:
            connection.settimeout(max(until - time.monotonic(), 0.001))
            return connection.recv(count)
        except TimeoutError:
            raise FrameError(f"nothing more has come within {seconds:g} s") from None
        except ConnectionError:
            return b""

    return connection, receive


def send_all(port: int, say: int) -> None:
    """Be the sender: make a connection for each stream."""

    def connected(send: Callable[[socket.socket], object]) -> None:
        # Whoever has refused what comes hangs up.
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE) as made,
            suppress(ConnectionError, TimeoutError),
        ):
            send(made)

    def in_parts(parts: Sequence[bytes]) -> Callable[[socket.socket], object]:
        def send(connection: socket.socket) -> None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in parts:
                connection.sendall(part)

        return send

    def without_end(data: bytes) -> Callable[[socket.socket], object]:
        def send(connection: socket.socket) -> None:
            connection.sendall(data)
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                connection.sendall(FLOOD)

        return send

    connected(in_parts(MESSAGES))
    os.close(say)
    connected(in_parts([framed(message) for message in MESSAGES]))
    for data in MALFORMED.values():
        connected(without_end(data))
    for data in CUT_OFF.values():
        connected(in_parts([data]))

    def fall_silent(connection: socket.socket) -> None:
        connection.sendall(framed(b"hello")[:-1])
        connection.recv(1)  # until the other side hangs up

    connected(fall_silent)


def check(values: Values) -> Iterator[str]:
    """See that pieces are no messages, that headers cure it, and that what is malformed is refused soon."""
    value = partial(amount, values)

    if not value(PIECES) != value(WHOLE) < value(SENT):
        yield "each piece is one message, also without headers"
    if not value(GLUED) + value(CUT) > 0:
        yield "no message is glued to another one, and none is cut"
    if value(RIGHT) != value(SENT):
        yield f"with headers, {values[RIGHT]} of {values[SENT]} messages are received as they were sent"
    if not value(REFUSED) == value(WRONG) > 0:
        yield f"{values[REFUSED]} of {values[WRONG]} malformed streams are refused"
    if value(MOST) > PREFIX + MOST_HEADER:
        yield f"{values[MOST]} bytes are read of a malformed stream"
    if SILENT in values and not 0 < value(SILENT) < 1000 * PATIENCE:
        yield "a sender who falls silent is waited for"


LAB: Final = Lab(
    title="messages on a stream of bytes",
    question="TCP brings bytes in order: how does a receiver know where one message ends and the next begins?",
    prediction=f"{len(MESSAGES)} messages are sent, each by a call of its own: how many pieces are received?",
    text=f"""
A sender sends {len(MESSAGES)} messages one after the other, {len(MESSAGES) - 1} short ones and one of {len(MESSAGES[-1])} bytes; a receiver takes what there is, up to {RECEIVED} bytes
at a time. Then the same with a header before each message:

    4 bytes               how long the header is
    {{"length": 20014}}     the header, which says how long the message is
    the long one: ...     the message

Then come {len(MALFORMED) + len(CUT_OFF)} streams that break these rules, by mistake or on purpose: most of them go on for ever. The simulation
is a stream in memory, cut at places that the seed chooses.
""",
    simulate=simulate,
    processes="""
A process sends through TCP on this machine's loopback; it has sent all before the receiver begins, as on a busy day. A header is refused as soon as it is
seen to be wrong, and the connection closed. One more sender sends all but the last byte, and nothing more.
""",
    real=real,
    check=check,
    reason=f"""
a stream knows bytes and their order, and nothing of calls. What was sent by several calls may come in one
piece, and what was sent by one may come in several: it depends on buffers, networks and on who is faster, so a program that
takes a piece for a message works on the developer's machine and fails elsewhere. The receiver has to be told where a
message ends: by a length before it, as here, or by a mark that does not occur in it. Four bytes are enough to read the
header by, and the header can be extended.

A length that a stranger says is a wish. Who reads or allocates that much because it is asked for gives its memory away: 4
GB for four bytes. So there is a limit for everything (here {MOST_HEADER} bytes of header, and a second one for the body), a time
limit for all of a message, and after one mistake no more is read, since nobody knows any more where the next message begins.
""",
    attempt="schedsim lab framing --seed 7 -v",
    seeded=True,
)
