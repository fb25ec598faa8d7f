"""What is wrong with an operation that was made in Python, where a field may be anything.

Operations are made by the million and mostly right, so they are looked at where a program is taken: a list
before it runs, what a generator yields when it yields it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from schedsim.errors import shorten
from schedsim.names import is_name, must_be
from schedsim.operations import (
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
    Unsaid,
    Write,
    Yield,
)

_ABOUT: Final[dict[type, tuple[str, str, str]]] = {
    Lock: ("mutex", "a mutex", "Lock('m')"),
    Unlock: ("mutex", "a mutex", "Unlock('m')"),
    Put: ("queue", "a queue", "Put('q')"),
    Get: ("queue", "a queue", "Get('q')"),
    Spawn: ("job", "a job", "Spawn('B')"),
    Join: ("job", "a job", "Join('B')"),
    Kill: ("job", "a job", "Kill('B')"),
    Read: ("variable", "a variable", "Read('n')"),
    Write: ("variable", "a variable", "Write('n', 5)"),
}
"""Which field names what an operation is about, what that is, and how it is written."""

_FLAGS: Final[dict[type, str]] = {Lock: "inherit", Put: "blocking", Get: "blocking"}


class Fault(NamedTuple):
    """What is wrong with an operation: the part of it in Python's words, and a clause on what it must be."""

    shown: str
    instead: str


def fault(step: object, verb: str = "write") -> Fault | None:
    """Return what is wrong with a step of a program, or None; ``verb`` is what one does with an operation."""
    kind = type(step)
    if kind in _ABOUT:
        return _of_names(step)
    if isinstance(step, Cpu | Io):
        if not is_whole(step.ns):
            return _fault(
                step, "ns", f"a length is a whole number of nanoseconds; write {_timed(step)}(ms(1.5))"
            )
        if step.ns > 0:
            return _of_device(step)
    elif isinstance(step, Exit):
        if not step.is_possible:
            return _fault(step, "code", f"an exit code is a whole number from 0 to {MOST_CODE}")
        return None
    elif isinstance(step, Yield | Unsaid):
        return None
    return Fault(safe(step), f"{verb} an operation such as Cpu(ms(5))")


def _of_names(step: object) -> Fault | None:
    """Return what is wrong with an operation that is about something with a name."""
    kind = type(step)
    field, what, example = _ABOUT[kind]
    name = getattr(step, field)
    if not is_name(name):
        return _fault(step, field, f"the name of {what} is {must_be(name)}; write {example}")
    flag = _FLAGS.get(kind)
    if flag is not None and type(getattr(step, flag)) is not bool:
        return _fault(step, flag, f"{flag} is True or False")
    if isinstance(step, Write) and not is_whole(step.change):
        return _fault(step, "change", "a change is a whole number; write Write('n', change=1)")
    return None


def _of_device(step: Cpu | Io) -> Fault | None:
    device: object = step.device if isinstance(step, Io) else ""
    if device != "" and not is_name(device):
        return _fault(step, "device", f"the name of a device is {must_be(device)}; write Io(ms(5), 'disk')")
    return None


def is_whole(number: object) -> bool:
    """Return whether it is a whole number; numpy's are, True is not."""
    return type(number) is int or (hasattr(number, "__index__") and not isinstance(number, bool))


def _timed(step: Operation) -> str:
    return "Cpu" if isinstance(step, Cpu) else "Io"


def _fault(step: object, field: str, instead: str) -> Fault:
    return Fault(f"{type(step).__name__}({field}={safe(getattr(step, field))})", instead)


def safe(value: object) -> str:
    """Return ``repr(value)``, cut; what a user made may have none, and a number may have too many digits."""
    try:
        said = repr(value)
    except Exception:  # noqa: BLE001  # whatever a user's __repr__ raises, the message has to be one
        said = f"<{type(value).__name__}>"
    return shorten(said)
