"""Single values as users write them, checked: times, whole numbers, ids, texts, programs.

Each function returns the value as the rest of schedsim wants it, or raises a MixError that says
where the value stood and what to write instead.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from schedsim.errors import MixError, shorten
from schedsim.operation_text import OF_NAMES, operation_of, parts_of, words_of
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.times import LONGEST, UNITS, Ns, parse_duration

LARGEST: Final = 10**9
"""No priority and no number of tickets, CPUs or jobs admitted may exceed this."""

FEW_DIGITS: Final = 9
"""A whole number of at most so many digits is in range in every unit."""

MOST_DIGITS: Final = 60
"""No number a user writes needs more digits."""

_LONGEST: Final = 400
"""A message about an operation has the user's own words in it, and is cut off here."""


class Place(NamedTuple):
    """Where a value stands, for messages: a file, and a row of a table or a job of a list."""

    file: str = ""
    noun: str = ""
    number: int = 0
    identifier: object = None

    @property
    def row(self) -> str:
        """The row or job in words: ``row 3``, ``job 2 ('A')``."""
        if not self.noun:
            return ""
        if self.noun == "job" and type(self.identifier) in {str, int} and self.identifier != "":
            return f"{self.noun} {self.number} ({as_text(self.identifier)!r})"
        return f"{self.noun} {self.number}"

    def error(self, message: str, field: str = "", value: object = None) -> MixError:
        """Return the error to raise about ``value`` in ``field`` here."""
        return MixError(message, self.file, self.row, field, None if value is None else as_text(value))


def as_text(value: object, longest: int = 60) -> str:
    """Return ``value`` as text that fits in a message, whatever it is."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"  # str() itself refuses more than 4,300
    value = plain(value)
    text = str(value) if isinstance(value, (str, int, float, Decimal)) else kind_of(value)
    return shorten(text, longest)


def kind_of(value: object) -> str:
    """Return what ``value`` is, in a file's words: ``a list``, ``an object``, ``text``."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, bool) or value is None:
        return as_text(value)
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def plain(value: object) -> object:
    """Return a number of numpy or pandas as a plain one, and all else as it is."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        plain_value: object = value.item()
        return plain_value
    return value


def is_finite(value: float | Decimal) -> bool:
    """Return whether ``value`` is neither infinite nor no number; comparing the latter would raise."""
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def decimal(text: str) -> Decimal | str:
    """Return the exact decimal ``text`` writes, or the text where its exponent is beyond counting."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def length(value: object, unit: str, place: Place, field: str, example: str = "4") -> Ns:
    """Return a time in nanoseconds, of either sign; a bare number is in ``unit``."""
    # Small whole numbers, which is nearly all of a large file, need none of what follows.
    if type(value) is str and len(value) <= FEW_DIGITS and value.isdecimal() and value.isascii():
        return int(value) * UNITS[unit]
    value = plain(value)
    if isinstance(value, str):
        text = " ".join(value.split())
        if not text:
            raise place.error(f"the cell is empty; write a number such as {example}", field)
        if len(text) > MOST_DIGITS:
            raise place.error(f"not a time; write a number such as {example} or 20us", field, text)
        if "," in text and text.replace(",", ".", 1).replace(".", "", 1).isdecimal():
            hint = text.replace(",", ".")
            raise place.error(f"a decimal has a point, not a comma; write {hint}", field, text)
        value = text
    elif isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise place.error(f"{kind_of(value)} is not a time; write a number such as {example} or 20us", field)
    elif isinstance(value, int) and value.bit_length() > 200:
        raise place.error("longer than schedsim can count (146 years)", field, value)
    elif isinstance(value, Decimal) and len(str(value)) > MOST_DIGITS:
        raise place.error("more digits than a time can have; round it to nanoseconds", field, value)
    try:
        return parse_duration(value, unit)
    except ValueError as error:  # its sentence names the value already
        raise place.error(str(error), field) from None


def positive(value: object, unit: str, place: Place, field: str) -> Ns:
    """Return a time above 0 in nanoseconds."""
    result = length(value, unit, place, field)
    if result <= 0:
        raise place.error("must be more than 0; write a number such as 4", field, value)
    return result


def not_negative(value: object, unit: str, place: Place, field: str) -> Ns:
    """Return a time of 0 or more in nanoseconds."""
    result = length(value, unit, place, field, "0")
    if result < 0:
        raise place.error("must not be below 0; write 0 or more", field, value)
    return result


def whole(value: object, place: Place, field: str, low: int = -LARGEST, high: int = LARGEST) -> int:
    """Return a whole number from ``low`` to ``high``."""
    value = plain(value)
    number: Decimal | int | None = None
    if type(value) is int:
        number = value
    elif isinstance(value, str):
        text = value.strip()
        # Underscores and foreign digits are Python's liberties, not a file's.
        if text.isascii() and "_" not in text and len(text) <= MOST_DIGITS:
            found = decimal(text)
            number = None if isinstance(found, str) else found
    elif isinstance(value, (float, Decimal)):
        number = Decimal(str(value))
    if number is None or not is_finite(number):
        raise place.error(f"not a number; write a whole number such as {max(low, 1)}", field, value)
    # A huge exponent must not be multiplied out, so the size is judged before the rest.
    if not low <= number <= high:
        wanted = f"{low} or more" if number < low and high >= LARGEST else f"from {low} to {high}"
        raise place.error(f"must be {wanted}", field, value)
    if number != int(number):
        raise place.error(f"not a whole number; write one such as {max(low, 1)}", field, value)
    return int(number)


def truth(value: object, place: Place, field: str) -> bool:
    """Return true or false."""
    value = plain(value)
    if isinstance(value, bool):
        return value
    raise place.error("neither true nor false; write true or false, without quotes", field, value)


def text(value: object, place: Place, field: str) -> str:
    """Return one line of printable text; line breaks and runs of blanks become one blank."""
    if not isinstance(value, str):
        raise place.error(f"{kind_of(value)} is not text; write it in quotes", field)
    line = " ".join(value.split())
    if not line.isprintable():
        raise place.error("control characters; leave them out", field, line)
    return line


def shared_name(value: object, place: Place, what: str, example: str, key: str) -> str:
    """Return the name of a queue or variable, which is what an id may be."""
    if isinstance(value, str) and not value.strip():
        raise place.error(f"the name of a {what} is empty; give it one such as {example}", key)
    if isinstance(value, str) and not value.strip().isprintable():
        raise place.error(
            f"the name of a {what} has only printable characters; leave out the others", key, value.strip()
        )
    return identifier(value, place)


def identifier(value: object, place: Place) -> str:
    """Return a job's id; whole numbers become text."""
    value = plain(value)
    if (
        isinstance(value, (float, Decimal))
        and is_finite(value)
        and -LARGEST < value < LARGEST
        and value == int(value)
    ):
        value = int(value)  # a column of numbers with a hole in it comes as 1.0, 2.0, ...
    if type(value) is int:
        if value.bit_length() > 200:
            raise place.error("too long for an id; write a shorter one", "id", value)
        return str(value)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise place.error(f'{kind_of(value)} is not an id; write a name such as "A"', "id")
    name = value.strip()
    if not name:
        raise place.error("the id is empty; give the job a name such as A", "id")
    if not name.isprintable():
        raise place.error("an id has only printable characters; leave out the others", "id", name)
    return name


def program(value: object, unit: str, place: Place, field: str = "program") -> tuple[Operation, ...]:
    """Return the operations of a program, from ``"cpu 5; io 3"``, a list of texts, or a list of pairs."""
    if isinstance(value, str):
        entries: list[object] = [*parts_of(value)]
    elif isinstance(value, (list, tuple)):
        entries = list(value)
    else:
        raise place.error(
            f'{kind_of(value)} is not a list of operations; write ["cpu 5", "io 3", "cpu 2"]', field
        )
    steps = tuple(_operation(entry, unit, place, field) for entry in entries)
    # A process that only makes others, or waits for them, is one; I/O alone is no scheduling at all.
    if all(isinstance(step, Io | Yield) for step in steps):
        raise place.error("the program has no CPU burst; write at least one, such as cpu 5", field)
    return steps


def _operation(entry: object, unit: str, place: Place, field: str) -> Operation:
    """Return one operation from text, a pair such as ``["cpu", 7]``, or an object ``{"cpu": 7}``."""
    if type(entry) is list and len(entry) == 2 and entry[0] in ("cpu", "io"):
        return _burst(entry[0], entry[1:], unit, place, field)  # most entries of most files
    if isinstance(entry, Cpu):
        return _burst("cpu", [entry.ns], "ns", place, field)
    if isinstance(entry, Io):
        return _burst("io", [entry.ns, entry.device], "ns", place, field)
    if isinstance(entry, Operation):
        return entry
    if isinstance(entry, dict):
        device = [value for key, value in entry.items() if key == "device"]
        entry = [part for pair in entry.items() if pair[0] != "device" for part in pair] + device
    if isinstance(entry, str):
        words: list[object] = [*_words(entry, place, field)]
    elif isinstance(entry, (list, tuple)):
        words = [plain(word) for word in entry]
        if words and isinstance(words[0], str):  # its other parts are one word each, whatever is in them
            words[:1] = _words(words[0], place, field)
    else:
        raise place.error(f'{kind_of(entry)} is not an operation; write ["cpu", 7] or "cpu 7"', field)
    if not words or not isinstance(words[0], str):
        raise place.error('not an operation; write ["cpu", 7] or "cpu 7"', field, entry)
    name, rest = words[0].lower(), words[1:]
    if name in ("cpu", "io") and rest:
        # The length is read here: a number of a file stays exact, and a wrong one is told like any other.
        return _burst(name, rest, unit, place, field)
    written = as_words(words)
    said = [
        word if isinstance(word, str) else _said(word, place, field, written, name=name, which=which)
        for which, word in enumerate(words)
    ]
    if not all(word.isprintable() for word in said):
        raise place.error("control characters; leave them out", field, written)
    try:
        return operation_of(said, unit)
    except ValueError as error:
        raise place.error(as_text(str(error), _LONGEST), field, written) from None


def _said(word: object, place: Place, field: str, written: str, *, name: str, which: int) -> str:
    """Return the text of a number that is word ``which`` of the operation ``name``: a value or an exit code may be one."""
    if isinstance(word, bool) or not isinstance(word, (int, float, Decimal)):
        raise place.error(
            f"{kind_of(word)} is no word of an operation; write text or a number", field, written
        )
    number = as_text(word)
    if name in OF_NAMES or (name == "write" and which == 1):
        raise place.error(f'a name is text; write "{number}" with its quotes', field, written)
    if name == "write" and word < 0:
        raise place.error(
            f'is this a value or a change? Write "={number}" for the value, "{number}" to take {-word} away',
            field,
            written,
        )
    return number


def _words(entry: str, place: Place, field: str) -> list[str]:
    try:
        return words_of(entry)
    except ValueError as error:
        raise place.error(as_text(str(error), _LONGEST), field, entry) from None


def _burst(name: str, rest: list[object], unit: str, place: Place, field: str) -> Operation:
    ns = length(rest[0], unit, place, field)
    if ns <= 0:
        kind = "a CPU burst" if name == "cpu" else "an I/O burst"
        raise place.error(f"{kind} must be more than 0; write a number such as 4", field, rest[0])
    if name == "cpu":
        if len(rest) > 1:
            raise place.error("too many parts; write it as in cpu 30", field, as_words([name, *rest]))
        return Cpu(ns)
    device = rest[1] if len(rest) > 1 else ""
    if len(rest) > 2 or not isinstance(device, str) or not device.isprintable():
        raise place.error("write it as in io 20 or io 20 disk", field, as_words([name, *rest]))
    return Io(ns, device.strip())


def as_words(words: list[object]) -> str:
    """Return ``words`` side by side, each cut to a length that leaves a message readable."""
    return " ".join(as_text(word) for word in words[:6])


def fits(latest: Ns, work: Ns, place: Place) -> None:
    """Refuse a mix whose end a 64-bit count of nanoseconds may not reach."""
    if latest + work >= LONGEST:
        raise place.error(
            "the jobs together last longer than schedsim can count (146 years); "
            "write smaller numbers or a smaller unit"
        )
