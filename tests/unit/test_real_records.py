"""What workers say: records through a pipe, notes in shared memory."""

from __future__ import annotations

import os
import select

import pytest

from schedsim.engines.real import records
from schedsim.engines.real.records import Note, Record, all_notes, notes, pack, unpack
from schedsim.operations import (
    Cpu,
    Exit,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)


@pytest.mark.parametrize(
    ("said", "record"),
    [
        (pack(3, records.READY), Record(3, records.READY, 0, 0, 0, None, "")),
        (
            pack(0, records.REACHED, 7, 1 << 62, 12_345),
            Record(0, records.REACHED, 7, 1 << 62, 12_345, None, ""),
        ),
        (
            pack(1, records.PLANNED, operation=Cpu(5)),
            Record(1, records.PLANNED, 0, 0, 0, Cpu(5), ""),
        ),
        (
            pack(1, records.PLANNED, operation=Io(5, "disk")),
            Record(1, records.PLANNED, 0, 0, 0, Io(5, "disk"), "disk"),
        ),
        (pack(1, records.PLANNED, operation=Io(5)), Record(1, records.PLANNED, 0, 0, 0, Io(5), "")),
        (pack(1, records.PLANNED, operation=Yield()), Record(1, records.PLANNED, 0, 0, 0, Yield(), "")),
        *(
            (pack(1, records.PLANNED, operation=each), Record(1, records.PLANNED, 0, 0, 0, each, name))
            for each, name in (
                (Lock("m"), "m"),
                (Lock("m", inherit=True), "m"),
                (Unlock("m"), "m"),
                (Put("q", 7), "q"),
                (Put("q", 0, blocking=False), "q"),
                (Put("q"), "q"),
                (Get("q"), "q"),
                (Get("q", blocking=False), "q"),
                (Spawn("é"), "é"),
                (Join("B"), "B"),
                (Kill("B"), "B"),
                (Read("n"), "n"),
                (Write("n", -5), "n"),
                (Write("n", 0), "n"),
                (Write("n", None, -5), "n"),
                (Exit(3), ""),
            )
        ),
        (pack(1, records.PLANNED), Record(1, records.PLANNED, 0, 0, 0, None, "")),
        (pack(2, records.ERROR, text="no é"), Record(2, records.ERROR, 0, 0, 0, None, "no é")),
    ],
    ids=str,
)
def test_there_and_back(said, record):
    """A record comes out as it went in."""
    assert [record] == [*unpack(said)]


def test_several_in_one_read():
    """They come out in order."""
    read = b"".join(pack(worker, records.READY) for worker in (2, 0, 1))
    assert [2, 0, 1] == [record.worker for record in unpack(read)]
    assert [] == [*unpack(b"")]


@pytest.mark.parametrize("length", [1, 199, 200, 201, 1500])
def test_why_a_worker_gives_up(length):
    """Its text takes as many records as it needs, which are one when they are read, among others."""
    text = "xé"[length % 2] * length
    said = records.pack_failure(2, records.BUG, text)
    assert len(said) <= select.PIPE_BUF
    read = [*unpack(pack(1, records.READY) + said + pack(3, records.READY))]
    assert [(1, ""), (2, text), (3, "")] == [(record.worker, record.text) for record in read]
    assert records.BUG == read[1].kind


def test_why_a_worker_gives_up_at_length():
    """What one write does not hold is cut."""
    said = records.pack_failure(2, records.ERROR, "x" * 9999)
    assert len(said) <= select.PIPE_BUF < len(said) + records.SIZE
    (record,) = unpack(said)
    assert "x" * (len(said) // records.SIZE * records.LONGEST_TEXT) == record.text


def test_a_text_that_is_too_long():
    """It is cut, also in the middle of a letter, and what is left can be read."""
    text = "x" * (records.LONGEST_TEXT - 1) + "é" + "y"
    (record,) = unpack(pack(0, records.ERROR, text=text))
    assert "x" * (records.LONGEST_TEXT - 1) == record.text.rstrip("\ufffd")


def test_a_record_is_written_as_one():
    """It is shorter than what a pipe takes from several writers without mixing them."""
    assert records.SIZE <= select.PIPE_BUF
    assert {records.SIZE} == {len(pack(0, kind, text="x" * 999)) for kind in range(6)}
    reader, writer = os.pipe()
    os.write(writer, pack(4, records.READY) + pack(5, records.READY))
    assert [4, 5] == [record.worker for record in unpack(os.read(reader, 512 * records.SIZE))]
    os.close(reader)
    os.close(writer)


def memory_with(noted):
    """Return the shared memory of workers that noted so many things, the first numbers of each being theirs."""
    memory = memoryview(bytearray(8 * records.SLOT * len(noted))).cast("q")
    for worker, count in enumerate(noted):
        memory[worker * records.SLOT + records.NOTES] = count
        for number in range(min(count, records.MOST_NOTES)):
            first = worker * records.SLOT + records.HEAD + number * records.NOTE
            for place, value in enumerate((records.AWAY, 10 * number, 10 * number + worker, worker)):
                memory[first + place] = value
    return memory


def test_notes_of_each_worker():
    """Each has its own part of the memory, and they come in order."""
    memory = memory_with([2, 0, 1])
    assert [Note(records.AWAY, 0, 0, 0), Note(records.AWAY, 10, 10, 0)] == notes(memory, 0)
    assert [] == notes(memory, 1)
    assert [Note(records.AWAY, 0, 2, 2)] == notes(memory, 2)
    assert ([2, 0, 1], False) == ([len(each) for each in all_notes(memory, 3)[0]], all_notes(memory, 3)[1])


def test_more_notes_than_can_be_kept():
    """The first are kept, and it is known that there were more."""
    memory = memory_with([1, records.MOST_NOTES + 5])
    noted, overflow = all_notes(memory, 2)
    assert [1, records.MOST_NOTES] == [len(each) for each in noted]
    assert overflow
    assert not all_notes(memory_with([records.MOST_NOTES]), 1)[1]
