"""Messages on a byte stream: what is sent is received, and nothing else is, whoever sends it."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.labs.frames import (
    CUT_OFF,
    FLOOD,
    MALFORMED,
    MOST_BODY,
    MOST_HEADER,
    PIECE,
    PREFIX,
    FrameError,
    Reader,
    framed,
    length_of_body,
)

MOST = PREFIX + MOST_HEADER + MOST_BODY


def pieces(data, cuts=(), more=b""):
    """Return what receives the data, cut to these lengths in turn, and then more without end."""
    left = memoryview(data)
    lengths = iter(cuts)

    def receive(count):
        nonlocal left
        assert 0 < count <= PIECE
        if not left and more:
            left = memoryview(more)
        length = min(count, next(lengths, count))
        piece, left = bytes(left[:length]), left[length:]
        return piece

    return receive


def received(receive):
    """Return all messages, and what was said of the rest."""
    reader, messages = Reader(receive), []
    try:
        while (message := reader.message()) is not None:
            messages.append(message)
    except FrameError as error:
        return messages, str(error)
    return messages, ""


def first(receive):
    """Return the first message, or what is said of it, and how many bytes were read."""
    reader = Reader(receive)
    try:
        return reader.message(), "", reader.read
    except FrameError as error:
        return None, str(error), reader.read


cuts = st.lists(st.integers(1, 50), max_size=60)


@given(st.lists(st.binary(max_size=300), max_size=8), cuts)
def test_what_is_sent_is_received(messages, lengths):
    """However the stream is cut."""
    data = b"".join(map(framed, messages))
    assert (messages, "") == received(pieces(data, lengths))


headers = st.one_of(
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["length", "x"]), inner),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
)


@given(
    st.one_of(
        st.binary(max_size=200),
        headers.map(lambda header: len(header).to_bytes(PREFIX, "big") + header),
    ),
    cuts,
)
def test_anything_else_is_refused_or_ends(data, lengths):
    """In words, and never by reading more than a message may have."""
    message, said, read = first(pieces(data, lengths, more=FLOOD))
    assert (message is None) == bool(said)
    assert len(message or b"") <= MOST_BODY
    assert len(said) < 120
    assert read <= MOST


@given(st.binary(max_size=100), st.data())
def test_what_is_cut_off_is_refused(message, data):
    """At every place within a message; between two of them a stream may end."""
    whole = framed(message)
    place = data.draw(st.integers(1, len(whole) - 1))
    assert received(pieces(framed(b"before") + whole[:place]))[0] == [b"before"]
    assert received(pieces(whole[:place]))[1].startswith("cut off in ")


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_by_its_header(name):
    """With a stream without end behind it: no byte of that is read, and next to nothing allocated."""
    reader = Reader(pieces(MALFORMED[name], more=FLOOD))
    tracemalloc.start()
    try:
        with pytest.raises(FrameError):
            reader.message()
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()
    assert reader.read <= len(MALFORMED[name])
    assert reader.read <= PREFIX + MOST_HEADER


@pytest.mark.parametrize("name", CUT_OFF)
def test_what_is_cut_off_says_where(name):
    """In the words of its name."""
    assert received(pieces(CUT_OFF[name])) == ([], received(pieces(CUT_OFF[name]))[1])
    assert received(pieces(CUT_OFF[name]))[1].startswith(name)


def test_the_limits_are_taken():
    """The longest header with the longest body, and the shortest of both."""
    longest = b'{"length": %d}' % MOST_BODY
    header = longest.ljust(MOST_HEADER)
    data = MOST_HEADER.to_bytes(PREFIX, "big") + header + bytes(MOST_BODY)
    assert ([bytes(MOST_BODY), b""], "") == received(pieces(data + framed(b"")))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b'{"length": -1}', "a body of -1 bytes, and those of 0 to 65536 are taken"),
        (b'{"length": 65537}', "a body of 65537 bytes, and those of 0 to 65536 are taken"),
        (
            b'{"length": -' + b"9" * 900 + b"}",
            "a body of -1e899 or more bytes, and those of 0 to 65536 are taken",
        ),
        (b'{"length": 5.0}', "a header whose length is no whole number"),
        (b'{"length": false}', "a header whose length is no whole number"),
        (b"\xef\xbb\xbf{}", "a header that cannot be read as JSON"),
        (b"\xff\xfe", "a header that is not UTF-8"),
        (b"", "a header that cannot be read as JSON"),
        (b"null", "a header that does not say the length of the body"),
        (b'{"length": 1, "length": 1}', "a header that says something twice"),
        (b"[" * 1000 + b"]" * 24, "a header that cannot be read as JSON"),
    ],
)
def test_a_header_that_is_wrong_is_told_what_is(header, said):
    """In one sentence."""
    with pytest.raises(FrameError, match=f"^{said}$"):
        length_of_body(header)


def test_a_stream_that_ends_at_once_has_no_message():
    """That is an end, and no mistake."""
    assert ([], "") == received(pieces(b""))
