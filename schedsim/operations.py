"""What a program does: a list of operations, as frozen values and as text.

An operation is data only. What it means is the scheduler's business (whom it blocks) and an
engine's (how its time passes), so a new operation is a class here, one parser entry, and one
entry in the scheduler's table ``scheduler.core.Scheduler.acts``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from schedsim.frozen import Frozen
from schedsim.times import Ns, parse_duration, show


class Operation(Frozen):
    """One step of a program."""

    def text(self, unit: str) -> str:
        """Return the operation as a mix file writes it, times in ``unit``."""
        raise NotImplementedError


class Cpu(Operation):
    """A CPU burst: ``cpu 30``.

    Attributes:
        ns: its length in nanoseconds, more than 0.
    """

    ns: Ns

    def text(self, unit: str) -> str:
        """Return ``cpu LENGTH``."""
        return f"cpu {show(self.ns, unit)}"


class Io(Operation):
    """An I/O burst: ``io 20``, or ``io 20 disk`` on a device that serves one task at a time.

    Attributes:
        ns: the length of its service in nanoseconds, more than 0.
        device: the device's name, or ``""`` for I/O that never queues.
    """

    ns: Ns
    device: str = ""

    def text(self, unit: str) -> str:
        """Return ``io LENGTH [DEVICE]``."""
        return f"io {show(self.ns, unit)} {self.device}".rstrip()


class Yield(Operation):
    """Give up the CPU and go to the tail of the ready queue: ``yield``."""

    def text(self, unit: str) -> str:
        """Return ``yield``."""
        del unit
        return "yield"


Program = tuple[Operation, ...] | Callable[[], Generator[Operation, object, None]]
"""A list of operations, or a function that makes a generator of them."""


def _length(words: list[str], unit: str) -> Ns:
    if not words:
        raise ValueError("a length is missing; write it as in 'cpu 30'")
    length = parse_duration(words[0], unit)
    if length <= 0:
        raise ValueError(f"the length {words[0]} is not above 0; write a positive length")
    return length


def _cpu(words: list[str], unit: str) -> Operation:
    if len(words) > 1:
        raise ValueError(f"{' '.join(words[1:])!r} is too much; write 'cpu {words[0]}'")
    return Cpu(_length(words, unit))


def _io(words: list[str], unit: str) -> Operation:
    if len(words) > 2:
        raise ValueError(f"{' '.join(words[2:])!r} is too much; write 'io 20' or 'io 20 disk'")
    return Io(_length(words[:1], unit), words[1] if len(words) > 1 else "")


def _yield(words: list[str], unit: str) -> Operation:
    del unit
    if words:
        raise ValueError(f"{' '.join(words)!r} is too much; write 'yield' alone")
    return Yield()


PARSERS: dict[str, Callable[[list[str], str], Operation]] = {"cpu": _cpu, "io": _io, "yield": _yield}
"""How the words after an operation's name are read, by name."""


def parse_operation(text: str, unit: str) -> Operation:
    """Return the operation that ``text`` (``"cpu 30"``) stands for; bare lengths are in ``unit``.

    Raises ValueError with a sentence for the user, naming the nearest operation for a misspelt one.
    """
    name, *words = text.split() or [""]
    parser = PARSERS.get(name.lower())
    if parser is None:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), PARSERS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = ", ".join(PARSERS)
        raise ValueError(f"{hint}operations are {known}; {name!r} is none of them")
    return parser(words, unit)


def parse_program(text: str, unit: str) -> tuple[Operation, ...]:
    """Return the program written as ``"cpu 5; io 3; cpu 2"``."""
    return tuple(parse_operation(part, unit) for part in text.split(";") if part.strip())
