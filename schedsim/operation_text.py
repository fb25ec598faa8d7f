"""Operations as text: how the words of a program in a mix file are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from schedsim.names import QUOTES, quoted
from schedsim.nearest import LONGEST, did_you_mean
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

_QUOTED: Final = r"""('(?:[^']|'')*'|"(?:[^"]|"")*")"""
"""A name in quotes, in a regular expression."""

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
        said = quoted(mutex)
        raise ValueError(f"{words[1]!r} is too much; write 'lock {said}' or 'lock {said} inherit'")
    return Lock(mutex, inherit=len(words) > 1)


def _of_one_name(make: Callable[[str], Operation], what: str, example: str) -> Parser:
    """Return how an operation is read that has the name of ``what`` and nothing else, as in ``example``."""

    def parse(words: Words, unit: str) -> Operation:
        del unit
        return make(_name(words, what, example))

    return parse


def _write(words: Words, unit: str) -> Operation:
    del unit
    if len(words) == 3 and words[1] in ("=", "+", "-"):
        number = words[2].removeprefix("-") if words[1] == "=" else words[2]
        if number.isdecimal() and number.isascii():
            text = f"write {quoted(words[0])} {words[1]}{words[2]}"
            raise ValueError(f"a blank stands before the number; write {text!r}")
    variable = _name(words, "a variable", "write n 5", last=2)
    said = quoted(variable)
    if len(words) < 2:
        raise ValueError(f"what to write is missing; write 'write {said} 5' or 'write {said} +1'")
    absolute, number = words[1].startswith("="), words[1].removeprefix("=")
    if not (
        number.lstrip("+-").isdecimal() and number.isascii() and number.count("+") + number.count("-") < 2
    ):
        raise ValueError(f"{number!r} is no whole number; write 'write {said} 5' or 'write {said} +1'")
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

SYNONYMS: Final = {
    **dict.fromkeys(("compute", "run", "burst"), "cpu"),
    "sleep": "io",
    "acquire": "lock",
    "release": "unlock",
    **dict.fromkeys(("send", "enqueue", "push"), "put"),
    **dict.fromkeys(("receive", "recv", "dequeue", "pop"), "get"),
    "fork": "spawn",
    **dict.fromkeys(("wait", "waitpid"), "join"),
}
"""What others call the operations: no operation by itself, but one is plainly meant."""

OF_NAMES: Final = frozenset(PARSERS) - {"cpu", "io", "write", "yield", "exit"}
"""The operations whose words are names alone."""


def words_of(text: str) -> Words:
    """Return the words of an operation; a name in quotes is one, whatever is in it.

    Raises ValueError for a quote that is not closed.
    """
    if "'" not in text and '"' not in text:
        return text.split()
    import re

    found = []
    for match in re.finditer(rf"{_QUOTED}(?!\S)|\S+", text):
        word = match[0]
        if word[0] in QUOTES:
            if len(word) < 2 or match[1] is None:
                raise ValueError(
                    f"the quote before {word[1:]!r} is not closed behind a word; write it as in "
                    "\"lock 'my mutex'\", and a quote inside twice"
                )
            word = word[1:-1].replace(word[0] * 2, word[0])
        found.append(word)
    return found


def parts_of(text: str) -> list[str]:
    """Return the operations of a program in one text: what stands between semicolons outside quotes."""
    if "'" not in text and '"' not in text:
        parts = text.split(";")
    else:
        import re

        parts = [match[0] for match in re.finditer(rf"(?:(?<![^\s;]){_QUOTED}|[^;])+", text)]
    return [part for part in parts if part.strip()]


def operation_of(words: Words, unit: str) -> Operation:
    """Return the operation that these words say; bare lengths are in ``unit``.

    Raises ValueError with a sentence for the user, naming the nearest operation for a misspelt one.
    """
    name, *rest = words or [""]
    parser = PARSERS.get(name.lower())
    if parser is None:
        # The same letters in another order are nearer than any other word.
        same = [known for known in PARSERS if sorted(known) == sorted(name.lower())]
        meant = SYNONYMS.get(name.lower()) or (same[0] if same else name.lower())
        hint = did_you_mean(meant, PARSERS)
        known = ", ".join(PARSERS)
        raise ValueError(f"{hint}operations are {known}; {name[:LONGEST]!r} is none of them")
    if name.lower() in ("put", "get") and len(rest) == 2 and rest[0] == "?":
        text = f"{name.lower()}? {quoted(rest[1])}"
        raise ValueError(f"a blank stands before the question mark; write {text!r}")
    return parser(rest, unit)


def parse_operation(text: str, unit: str) -> Operation:
    """Return the operation that ``text`` (``"cpu 30"``) stands for, as ``operation_of`` its words."""
    return operation_of(words_of(text), unit)


def parse_program(text: str, unit: str) -> tuple[Operation, ...]:
    """Return the program written as ``"cpu 5; io 3; cpu 2"``."""
    return tuple(parse_operation(part, unit) for part in parts_of(text))


def known_program(text: str, unit: str) -> tuple[Operation, ...] | None:
    """Return the program that a trace tells of, or None where it does not: a generator's, or one that no text says."""
    try:
        return parse_program(text, unit) or None
    except ValueError:
        return None


def text_of(step: Operation, unit: str) -> str:
    """Return the text of an operation, which read again gives an equal one.

    Raises ValueError with a sentence for the user where no text does.
    """
    text = step.text(unit)
    if isinstance(step, Put) and step.item is not None:
        raise ValueError(
            f"{text}: text has no place for an item, which only programs in Python look at; leave it out"
        )
    if isinstance(step, Write) and step.value is not None:
        if step.change:
            raise ValueError(f"{text}: text has no place for a change beside a value; leave one of them out")
        if not isinstance(step.value, int) or isinstance(step.value, bool):
            raise ValueError(f"{text}: text writes whole numbers to variables only; write one")
    try:
        again: Operation | None = parse_operation(text, unit)
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    if again != step:
        raise ValueError(f"{text}: this would be read as another operation, {again!r}")
    return text
