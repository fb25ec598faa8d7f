"""What workers say: fixed records over one pipe, and slots in shared memory that the dispatcher reads.

A record is written by one ``write`` of less than PIPE_BUF bytes, so records of several workers never mix.
A full pipe makes the writer wait, and loses nothing: the record carries its own time.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.times import Ns

READY: Final = 1
"""The worker is warmed up and waits to be let go."""
PLANNED: Final = 2
"""An operation that a generator program has said will come; several may be planned before a REACHED."""
REACHED: Final = 3
"""A CPU burst ended at ``time``, after ``cpu`` of CPU time."""
ERROR: Final = 4
"""The program raised, or yielded what is no operation; the text says what."""

_OPERATIONS: Final[dict[type, int]] = {type(None): 0, Cpu: 1, Io: 2, Yield: 3}
LONGEST_TEXT: Final = 200
"""Bytes of a device's name or of an error's text."""
_FORMAT: Final = Struct(f"=iiiiqqq{LONGEST_TEXT}s")
SIZE: Final = _FORMAT.size


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
    length = operation.ns if isinstance(operation, Cpu | Io) else 0
    said = operation.device if isinstance(operation, Io) else text
    shown = said.encode()[:LONGEST_TEXT]
    return _FORMAT.pack(worker, kind, burst, _OPERATIONS[type(operation)], time, cpu, length, shown)


def unpack(received: bytes) -> Iterator[Record]:
    """Yield the records in what was read from the pipe."""
    for worker, kind, burst, code, time, cpu, length, raw in _FORMAT.iter_unpack(received):
        text = raw.rstrip(b"\0").decode(errors="replace")
        operation: Operation | None = None
        if code == _OPERATIONS[Cpu]:
            operation = Cpu(length)
        elif code == _OPERATIONS[Io]:
            operation = Io(length, text)
        elif code == _OPERATIONS[Yield]:
            operation = Yield()
        yield Record(worker, kind, burst, time, cpu, operation, text)


# What each worker writes into its part of the shared memory, 64-bit numbers.

BURST: Final = 0
"""How many CPU bursts it has begun; below 0 while the progress of the one before still stands there."""
PROGRESS: Final = 1
"""CPU time used in the present one, kept up to date while it computes."""
NOTES: Final = 2
"""How many notes it has made; only the first ``MOST_NOTES`` are kept."""
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
