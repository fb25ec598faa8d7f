"""Operations as text: how the words of a program in a mix file are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from schedsim.nearest import did_you_mean
from schedsim.operations import (
    LARGEST,
    MOST_CODE,
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
from schedsim.times import Ns, parse_duration

Words = list[str]
Parser = Callable[[Words, str], Operation]
"""How the words after an operation's name are read; bare lengths are in the unit."""


def _length(words: Words, unit: str) -> Ns:
    if not words:
        raise ValueError("a length is missing; write it as in 'cpu 30'")
    length = parse_duration(words[0], unit)
    if length <= 0:
        raise ValueError(f"the length {words[0]} is not above 0; write a positive length")
    return length


def _cpu(words: Words, unit: str) -> Operation:
    if len(words) > 1:
        raise ValueError(f"{' '.join(words[1:])!r} is too much; write 'cpu {words[0]}'")
    return Cpu(_length(words, unit))


def _io(words: Words, unit: str) -> Operation:
    if len(words) > 2:
        raise ValueError(f"{' '.join(words[2:])!r} is too much; write 'io 20' or 'io 20 disk'")
    return Io(_length(words[:1], unit), words[1] if len(words) > 1 else "")


def _yield(words: Words, unit: str) -> Operation:
    del unit
    if words:
        raise ValueError(f"{' '.join(words)!r} is too much; write 'yield' alone")
    return Yield()


def _name(words: Words, what: str, example: str, *, last: int = 1) -> str:
    """Return the name that must follow an operation; ``last`` is how many words there may be."""
    if not words:
        raise ValueError(f"the name of {what} is missing; write it as in {example!r}")
    if len(words) > last:
        raise ValueError(f"{' '.join(words[last:])!r} is too much; write it as in {example!r}")
    return words[0]


def _lock(words: Words, unit: str) -> Operation:
    del unit
    mutex = _name(words, "a mutex", "lock m", last=2)
    if len(words) > 1 and words[1].lower() != "inherit":
        raise ValueError(f"{words[1]!r} is too much; write 'lock {mutex}' or 'lock {mutex} inherit'")
    return Lock(mutex, inherit=len(words) > 1)


def _of_one_name(make: Callable[[str], Operation], what: str, example: str) -> Parser:
    """Return how an operation is read that has the name of ``what`` and nothing else, as in ``example``."""

    def parse(words: Words, unit: str) -> Operation:
        del unit
        return make(_name(words, what, example))

    return parse


def _write(words: Words, unit: str) -> Operation:
    del unit
    variable = _name(words, "a variable", "write n 5", last=2)
    if len(words) < 2:
        raise ValueError(f"what to write is missing; write 'write {variable} 5' or 'write {variable} +1'")
    absolute, number = words[1].startswith("="), words[1].removeprefix("=")
    if not (
        number.lstrip("+-").isdecimal() and number.isascii() and number.count("+") + number.count("-") < 2
    ):
        raise ValueError(
            f"{number!r} is no whole number; write 'write {variable} 5' or 'write {variable} +1'"
        )
    if len(number) > 20 or not -LARGEST <= int(number) <= LARGEST:
        raise ValueError(f"{number} does not fit in 64 bits; write a smaller number")
    if number[0] in "+-" and not absolute:
        return Write(variable, change=int(number))
    return Write(variable, int(number))


def _exit(words: Words, unit: str) -> Operation:
    del unit
    if len(words) > 1:
        raise ValueError(f"{' '.join(words[1:])!r} is too much; write 'exit' or 'exit {words[0]}'")
    code = words[0] if words else "0"
    if not (code.isdecimal() and code.isascii() and len(code) < 4 and int(code) <= MOST_CODE):
        raise ValueError(f"{code!r} is no exit code; write a whole number from 0 to {MOST_CODE}")
    return Exit(int(code))


PARSERS: Final[dict[str, Parser]] = {
    "cpu": _cpu,
    "io": _io,
    "lock": _lock,
    "unlock": _of_one_name(Unlock, "a mutex", "unlock m"),
    "put": _of_one_name(Put, "a queue", "put q"),
    "put?": _of_one_name(partial(Put, blocking=False), "a queue", "put? q"),
    "get": _of_one_name(Get, "a queue", "get q"),
    "get?": _of_one_name(partial(Get, blocking=False), "a queue", "get? q"),
    "spawn": _of_one_name(Spawn, "a job", "spawn B"),
    "join": _of_one_name(Join, "a job", "join B"),
    "kill": _of_one_name(Kill, "a job", "kill B"),
    "read": _of_one_name(Read, "a variable", "read n"),
    "write": _write,
    "yield": _yield,
    "exit": _exit,
}
"""By the operation's name."""


def parse_operation(text: str, unit: str) -> Operation:
    """Return the operation that ``text`` (``"cpu 30"``) stands for; bare lengths are in ``unit``.

    Raises ValueError with a sentence for the user, naming the nearest operation for a misspelt one.
    """
    name, *words = text.split() or [""]
    parser = PARSERS.get(name.lower())
    if parser is None:
        # The same letters in another order are nearer than any other word.
        same = [known for known in PARSERS if sorted(known) == sorted(name.lower())]
        hint = did_you_mean(same[0] if same else name.lower(), PARSERS)
        known = ", ".join(PARSERS)
        raise ValueError(f"{hint}operations are {known}; {name!r} is none of them")
    return parser(words, unit)


def parse_program(text: str, unit: str) -> tuple[Operation, ...]:
    """Return the program written as ``"cpu 5; io 3; cpu 2"``."""
    return tuple(parse_operation(part, unit) for part in text.split(";") if part.strip())
