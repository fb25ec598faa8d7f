"""What can go wrong, by kind of cause; ``cli`` turns each kind into a message and an exit status.

Every error keeps all it was made from in ``args``, so copies and pickles survive.
"""

from __future__ import annotations

from typing import ClassVar


class SchedsimError(Exception):
    """The base of every error that schedsim raises on purpose; ``args[0]`` is the message."""

    exit_status: ClassVar[int] = 2


class MixError(SchedsimError):
    """A job mix that cannot be used.

    Args:
        message: what is wrong and what to write instead.
        file: where it came from (a path, ``standard input``, ``--jobs``), or ``""``.
        row: the line or job it is about (``row 3``, ``job 'A'``), or ``""``.
        field: the column or key, or ``""``.
        value: the offending value as it was written, or ``None``.
    """

    def __init__(
        self, message: str, file: str = "", row: str = "", field: str = "", value: object = None
    ) -> None:
        """Keep every part, in order."""
        super().__init__(message, file, row, field, value)

    def __str__(self) -> str:
        """Return one line: file, row, field, value, then the message."""
        message, file, row, field, value = self.args
        where = ", ".join(part for part in (file, row, field) if part)
        shown = "" if value is None else f"{shorten(str(value))!r}: "
        return f"{where}: {shown}{message}" if where else f"{shown}{message}"


class UsageError(SchedsimError):
    """An option, a policy name or a parameter that cannot be used."""


class PolicyError(SchedsimError):
    """A policy answered something it must not.

    Args:
        message: which rule it broke and what to write instead.
        policy: the policy's name.
        hook: the hook that answered (``rank``, ``slice``, ...), or ``""``.
        time: the instant, in nanoseconds, or ``None`` when it was found before a run.
        task: the job's id, or ``""``.
    """

    def __init__(
        self, message: str, policy: str = "", hook: str = "", time: int | None = None, task: str = ""
    ) -> None:
        """Keep every part, in order."""
        super().__init__(message, policy, hook, time, task)

    def __str__(self) -> str:
        """Return one line: policy and hook, time and task, then the message."""
        message, policy, hook, time, task = self.args
        who = f"{policy}.{hook}" if policy and hook else policy
        when = "" if time is None else f" at {_instant(time)}"
        whom = f" for task {task!r}" if task else ""
        return f"{who}{when}{whom}: {message}" if who else str(message)


class ProgramError(SchedsimError):
    """A program did what no program may: it loops in zero time, or yields no operation."""

    exit_status = 3


class TraceError(SchedsimError):
    """A trace that breaks a rule every schedule keeps, or a file that holds no trace."""


class HostError(SchedsimError):
    """This machine refused something: a file, a permission, a process."""

    exit_status = 3


class BusyError(HostError):
    """Another real run goes on on this machine: whoever waits may have it next."""


class InternalError(SchedsimError):
    """A bug in schedsim."""

    exit_status = 70


def _instant(time: int) -> str:
    """Return an instant in the largest unit in which it is whole, milliseconds at most."""
    if time % 1_000_000 == 0:
        return f"{time // 1_000_000} ms"
    return f"{time // 1000} us" if time % 1000 == 0 else f"{time} ns"


def shorten(text: str, longest: int = 60) -> str:
    """Return ``text`` cut to a length that leaves a message readable."""
    return text if len(text) <= longest else text[: longest - 3] + "..."
