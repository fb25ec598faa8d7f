"""Errors as one message on standard error and an exit status."""

from __future__ import annotations

import sys
from typing import Final

from schedsim.errors import InternalError, SchedsimError, UsageError

INTERRUPTED: Final = 130
"""As shells have it: 128 and the number of the signal."""
BUG: Final = 70
INCOMPLETE: Final = 3
NEEDED: Final = ("simpy", "numpy", "matplotlib", "rich", "jinja2")
"""What schedsim is installed with; somebody may have taken it out again."""


def report(error: BaseException, given: list[str]) -> int:
    """Say what went wrong with the command ``given``, and return the exit status."""
    if "--debug" in given:
        import traceback

        _say("".join(traceback.format_exception(error)))
    if isinstance(error, KeyboardInterrupt):
        _say("schedsim: interrupted\n")
        return INTERRUPTED
    if isinstance(error, SchedsimError) and not isinstance(error, InternalError):
        if error.exit_status:
            _say(f"schedsim: {error}\n")
        return error.exit_status
    if isinstance(error, SystemExit):
        _say(f"schedsim: a policy's file called exit({error.code!r}); leave that out of it\n")
        return UsageError.exit_status
    if isinstance(error, MemoryError):
        _say("schedsim: this machine has not enough memory for that; make the mix smaller\n")
        return INCOMPLETE
    if isinstance(error, ModuleNotFoundError) and error.name in NEEDED:
        _say(f"schedsim: {error.name} is not installed; give: pip install {error.name}\n")
        return INCOMPLETE
    from shlex import join

    command = join(["schedsim", *(word for word in given if word != "--debug"), "--debug"])
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    _say(f"schedsim: bug in schedsim: {detail}\nThis shows where, and is worth reporting: {command}\n")
    return BUG


def _say(text: str) -> None:
    """Print on standard error, if there is one."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody hears it; the exit status still tells
