"""The command line: ``schedsim COMMAND ...``.

Each command is a file here, read only when it is called, so that help and a first run stay quick.
``main`` is the one place where errors become messages and exit statuses.
"""

from __future__ import annotations

import sys
from typing import Final

COMMANDS: Final = {
    "run": "one policy: Gantt chart, table, means",
    "compare": "many policies in one table, best marked; all if none is named",
    "real": "one policy on real processes of this machine, measured",
    "crosscheck": "the same beside its simulations, with a verdict",
    "calibrate": "what dispatches cost on this machine; crosscheck uses it",
    "lab": "the classic experiments, simulated and with real processes",
    "plot": "a picture: Gantt charts, queues, distributions, levels, quanta",
    "explain": "why each dispatch: who was ready with which rank, why this one",
    "report": "one HTML page to step through, policies side by side",
    "export": "for other programs: Perfetto, CSV, JSON, SVG, Markdown, LaTeX",
    "policies": "the policies; with a name, all about one",
    "mixes": "the job mixes that ship with schedsim; with a name, one of them",
    "generate": "a job mix from a seed",
    "convert": "a job mix from one file format into another",
}
"""The commands, each a module of this package."""

PLANNED: Final = (
    *("sweep",),
    *("check", "quiz"),
)
"""Commands of the design that this version does not have yet."""

_HELP: Final = """\
usage: schedsim COMMAND [...]

Simulates the CPU scheduling of an operating system: the schedule, the metrics,
and the reasons.

commands:
{commands}

options:
    -h, --help  this text; after a command, all about it
    --version   the version

examples:
  schedsim run --algo rr -q 2
  schedsim compare stallings-9.5
  schedsim explain --jobs "A 0 24, B 1 3" --algo srtf --at 1

Exit status: 0 done, 1 a crosscheck or a lab that disagrees, 2 wrong use or bad
input, 3 a deadlock, or a run that could not be completed or was inconclusive,
70 a bug in schedsim, 130 interrupted.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line on ``arguments`` (default: the program's own); return the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _answer(given, last=arguments is None)
    except KeyboardInterrupt as again:  # while the first was being dealt with, before it was no longer heard
        return _report(again, given, last=arguments is None)


def _answer(given: list[str], *, last: bool) -> int:
    """Return the exit status of the command; ``last``: nothing but the end of the process follows."""
    try:
        return _dispatch(given)
    except BaseException as error:  # noqa: BLE001 - every error ends here, and none as a traceback
        return _report(error, given, last=last)


def _report(error: BaseException, given: list[str], *, last: bool) -> int:
    """Say what went wrong, and return the exit status. Who has interrupted is heard no more until the end."""
    if last and isinstance(error, KeyboardInterrupt):
        import signal
        from contextlib import suppress

        with suppress(ValueError):  # no thread but the main one may, and no other is interrupted
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    from schedsim.cli.failures import report

    return report(error, given)


def _dispatch(given: list[str]) -> int:
    """Call the command that is named."""
    asked = [word for word in given if word != "--debug"]
    first = asked[0] if asked else ""
    if first == "help" and asked[1:] and asked[1] in COMMANDS:
        given, first = [asked[1], "--help"], asked[1]
    if first in COMMANDS:
        from importlib import import_module

        rest = list(given)
        rest.remove(first)
        status: int = import_module(f"schedsim.cli.{first}").main(rest)
        return status
    from schedsim.cli.output import say

    if first in ("-h", "--help", "help"):
        width = max(map(len, COMMANDS))
        listed = "\n".join(f"    {name:<{width}}  {what}" for name, what in COMMANDS.items())
        say(_HELP.format(commands=listed))
        return 0
    if first == "--version":
        from schedsim import __version__

        say(f"schedsim {__version__}\n")
        return 0
    raise _no_command(first)


def _no_command(first: str) -> Exception:
    """Return the error for what is not a command."""
    from schedsim.errors import UsageError

    known = ", ".join(COMMANDS)
    if not first:
        return UsageError(f"no command is given; commands are {known}, and schedsim --help says more")
    if first in PLANNED:
        return UsageError(f"{first} is planned, not in this version; commands are {known}")
    if first.startswith("-"):
        return UsageError(f"the command comes before {first}, as in: schedsim run {first} ...")
    from difflib import get_close_matches

    near = get_close_matches(first.lower()[:80], [*COMMANDS, *PLANNED], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UsageError(f"{first!r} is no command; {hint}commands are {known}")
