"""What workers say: fixed records over one pipe, and slots in shared memory that the dispatcher reads.

A record is written by one ``write`` of less than PIPE_BUF bytes, so records of several workers never mix.
A full pipe makes the writer wait, and loses nothing: the record carries its own time.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from schedsim.operations import (
    Cpu,
    Exit,
    Get,
    Io,
    Join,
    Kill,
    Lock,
    Operation,
    Put,
    Read,
    Spawn,
    Unlock,
    Write,
    Yield,
)
from schedsim.times import Ns

READY: Final = 1
"""The worker is warmed up and waits to be let go."""
PLANNED: Final = 2
"""An operation that a generator program has said will come; several may be planned before a REACHED."""
REACHED: Final = 3
"""A CPU burst ended at ``time``, after ``cpu`` of CPU time."""
ERROR: Final = 4
"""The program raised, or yielded what is no operation; the text says what. It may take several records."""

SAID: Final = 5
"""After an operation that takes no time, a generator program has said what it does next (which is planned by
then), at ``time``, with ``cpu`` of CPU time used since its last burst."""
BUG: Final = 6
"""Something else raised in the worker; likewise."""

_FIELDS: Final[dict[type, tuple[str, str, str]]] = {
    Cpu: ("ns", "", ""),
    Io: ("ns", "", "device"),
    Yield: ("", "", ""),
    Lock: ("", "inherit", "mutex"),
    Unlock: ("", "", "mutex"),
    Put: ("item", "blocking", "queue"),
    Get: ("", "blocking", "queue"),
    Spawn: ("", "", "job"),
    Join: ("", "", "job"),
    Kill: ("", "", "job"),
    Read: ("", "", "variable"),
    Write: ("value", "", "variable"),
    Exit: ("code", "", ""),
}
"""Which fields of an operation a record has as its number, its flag and its text."""
_OPERATIONS: Final[tuple[type, ...]] = (type(None), *_FIELDS)
_CODES: Final = {each: code for code, each in enumerate(_OPERATIONS)}
LONGEST_TEXT: Final = 200
"""Bytes of a name, or of the part of an error's text that one record has."""
_NOTHING: Final = -1
"""Stands for an item that is nothing; others are in parcels, which have numbers from 0."""
_FORMAT: Final = Struct(f"=iiiiiqqq{LONGEST_TEXT}s")
SIZE: Final = _FORMAT.size
_MOST_PARTS: Final = select.PIPE_BUF // SIZE
"""So many records are written by one ``write`` and stay together."""


class Record(NamedTuple):
    """One record."""

    worker: int
    kind: int
    burst: int
    """How many CPU bursts the worker has begun so far."""
    time: Ns
    """By the machine's monotonic clock."""
    cpu: Ns
    operation: Operation | None
    text: str


def pack(  # noqa: PLR0917  # it is a record's fields
    worker: int,
    kind: int,
    burst: int = 0,
    time: Ns = 0,
    cpu: Ns = 0,
    operation: Operation | None = None,
    text: str = "",
) -> bytes:
    """Return a record as bytes; a text that is too long is cut."""
    number, flag, said = _parts(operation)
    shown = (said or text).encode()[:LONGEST_TEXT]
    return _FORMAT.pack(worker, kind, burst, _CODES[type(operation)], flag, time, cpu, number, shown)


def pack_failure(worker: int, kind: int, text: str) -> bytes:
    """Return what a worker gives up for as bytes, for one ``write``; a text of several thousand bytes is cut."""
    said = text.encode(errors="replace")
    parts = [said[first : first + LONGEST_TEXT] for first in range(0, len(said), LONGEST_TEXT)][:_MOST_PARTS]
    return b"".join(
        _FORMAT.pack(worker, kind, 0, 0, place < len(parts), 0, 0, 0, part)
        for place, part in enumerate(parts, start=1)
    )


def unpack(received: bytes) -> Iterator[Record]:
    """Yield the records in what was read from the pipe; the parts of one text as one."""
    begun = b""
    for worker, kind, burst, code, flag, time, cpu, number, part in _FORMAT.iter_unpack(received):
        raw = begun + part
        if flag and kind in (ERROR, BUG):
            begun = raw
            continue
        begun, text = b"", raw.rstrip(b"\0").decode(errors="replace")
        yield Record(worker, kind, burst, time, cpu, _operation(_OPERATIONS[code], number, flag, text), text)


def name_of(operation: Operation | None) -> str:
    """Return the name of what an operation is about, ``""`` where there is none."""
    return _parts(operation)[2]


def _parts(operation: Operation | None) -> tuple[int, int, str]:
    """Return a number, whether something holds, and a name: all that is to be said of an operation."""
    if operation is None:
        return 0, 0, ""
    if isinstance(operation, Write) and operation.value is None:
        return operation.change, 1, operation.variable
    number, flag, name = _FIELDS[type(operation)]
    said = getattr(operation, number) if number else 0
    return (
        said if isinstance(said, int) else _NOTHING,
        getattr(operation, flag) if flag else 0,
        getattr(operation, name) if name else "",
    )


def _operation(kind: type, number: int, flag: int, name: str) -> Operation | None:
    """Return the operation of which ``_parts`` said that."""
    if kind is type(None):
        return None
    if kind is Write and flag:
        return Write(name, None, number)
    of_number, of_flag, of_name = _FIELDS[kind]
    fields: dict[str, object] = {of_number: number, of_flag: bool(flag), of_name: name}
    fields.pop("", None)
    if kind is Put and number == _NOTHING:
        fields["item"] = None
    made: Operation = kind(**fields)
    return made


# What each worker writes into its part of the shared memory, 64-bit numbers.

BURST: Final = 0
"""How many CPU bursts it has begun; below 0 while the progress of the one before still stands there."""
PROGRESS: Final = 1
"""CPU time used in the present one, kept up to date while it computes."""
NOTES: Final = 2
"""How many notes it has made; only the first ``MOST_NOTES`` are kept."""
DONE: Final = 3
"""How many operations that take no time it has done."""
WAITS: Final = 4
"""Whether the dispatcher thinks that it will have to wait at what it has to ask for next."""
NOWHERE: Final = 5
"""What is written here nobody reads: for rehearsals."""
HEAD: Final = 8

MOST_NOTES: Final = 4000
NOTE: Final = 4
"""A note has so many numbers: what, from, to, and how long the CPU was away in between."""
SLOT: Final = HEAD + NOTE * MOST_NOTES

BEGAN: Final = 0
"""A CPU burst began, at the end of the note, after ``away`` of its CPU time; it could have at its start."""
AWAY: Final = 1
"""The CPU was away, and no other process of this machine had it."""
SWITCHED: Final = 2
"""The CPU was away, and another process of this machine had it."""


class Note(NamedTuple):
    """Something a worker noted while it computed; times by the machine's monotonic clock."""

    what: int
    start: Ns
    end: Ns
    away: Ns


def notes(memory: memoryview[int], worker: int) -> list[Note]:
    """Return what a worker noted, in order; at most ``MOST_NOTES``."""
    first = worker * SLOT + HEAD
    count = min(memory[worker * SLOT + NOTES], MOST_NOTES)
    return [Note(*memory[place : place + NOTE]) for place in range(first, first + count * NOTE, NOTE)]


def all_notes(memory: memoryview[int], workers: int) -> tuple[list[list[Note]], bool]:
    """Return what each worker noted, and whether any had more to note than can be kept."""
    noted = [notes(memory, worker) for worker in range(workers)]
    return noted, any(memory[worker * SLOT + NOTES] > MOST_NOTES for worker in range(workers))
