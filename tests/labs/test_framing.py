"""The lab ``framing``."""

from __future__ import annotations

import pytest

from schedsim.labs import framing
from schedsim.labs.framing import (
    CUT,
    GLUED,
    MESSAGES,
    MOST,
    PIECES,
    REFUSED,
    RIGHT,
    SENT,
    SILENT,
    WHOLE,
    check,
    simulate,
)

WITHOUT = [
    {PIECES: 20, WHOLE: 20},
    {GLUED: 0, CUT: 0},
    {RIGHT: 19},
    {REFUSED: 18},
    {MOST: 65_536},
]


def test_without_headers_nothing_is_cured(monkeypatch):
    """And this is seen."""
    monkeypatch.setattr(framing, "framed", lambda body: body)
    assert ["with headers, 0 of 20 messages are received as they were sent"] == [
        *check(simulate(None).values)
    ]


def test_a_stream_that_keeps_calls_apart_would_be_noticed(monkeypatch):
    """As a datagram does: each piece is a message then."""
    whole = framing.all_pieces

    def pieces(receive):
        joined = b"".join(whole(receive))
        assert joined == b"".join(MESSAGES)
        return [*MESSAGES]

    monkeypatch.setattr(framing, "all_pieces", pieces)
    values = simulate(None).values
    assert values[SENT] == values[PIECES] == values[WHOLE]
    assert [
        "each piece is one message, also without headers",
        "no message is glued to another one, and none is cut",
    ] == [*check(values)]


def test_a_sender_who_falls_silent_and_is_waited_for_would_be_noticed():
    """Only the real part has one."""
    assert ["a sender who falls silent is waited for"] == [*check({**simulate(None).values, SILENT: 5100})]


def test_the_seed_chooses_where_it_is_cut():
    """And nothing else: another seed, other pieces, the same messages."""
    pieces = {seed: simulate(seed).values[PIECES] for seed in range(6)}
    assert len(set(pieces.values())) > 1
    for seed in range(6):
        got = framing.all_pieces(framing.stream(b"".join(MESSAGES), seed))
        assert (b"".join(MESSAGES), pieces[seed]) == (b"".join(got), len(got))


@pytest.mark.parametrize(
    ("pieces", "glued", "cut"),
    [
        ([b"ab", b"cd"], 0, 0),
        ([b"abcd"], 1, 0),
        ([b"a", b"b", b"c", b"d"], 0, 2),
        ([b"abc", b"d"], 1, 1),
    ],
)
def test_glued_and_cut_are_counted(pieces, glued, cut, monkeypatch):
    """Two messages of two bytes."""
    monkeypatch.setattr(framing, "MESSAGES", (b"ab", b"cd"))
    values = framing.found(pieces, (), {})
    assert (glued, cut) == (values[GLUED], values[CUT])
