"""What is printed and where: standard output or a file, with colour or without."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Any

from schedsim.errors import HostError, SchedsimError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from schedsim.tables import Line, Page


class EndedError(SchedsimError):
    """There is nothing more to do: help was shown, or a pipe's reader has had enough, as ``head`` has."""

    exit_status = 0


def say(text: str) -> None:
    """Print ``text`` on standard output, all of it.

    Raises HostError when standard output is closed or its disk is full, and EndedError when nobody
    reads it any more.
    """
    stream = sys.stdout
    if stream is None:
        raise HostError("standard output is closed; nothing can be shown. Use --output FILE")
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _give_up(stream)
        raise EndedError("nobody reads standard output") from None
    except OSError as error:
        _give_up(stream)
        raise HostError(f"standard output: cannot be written ({error.strerror})") from None
    except ValueError:  # closed by whoever called main
        raise HostError("standard output is closed; nothing can be shown. Use --output FILE") from None


def _give_up(stream: IO[str]) -> None:
    """Let what is still buffered go nowhere: Python would try again at its end, and complain."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass  # a stream without a file descriptor has nothing to flush at the end


def note_aside(notes: Iterable[str]) -> None:
    """Print notes on standard error: where standard output is for another program, they have no place."""
    if sys.stderr is not None:
        for note in notes:
            sys.stderr.write(f"schedsim: note: {note}\n")


def check_output(arguments: argparse.Namespace) -> None:
    """Refuse, before anything runs, to replace a file unasked or to write where nothing can be written.

    Raises UsageError that names the option's path and says what to give instead.
    """
    for option in ("output", "trace", "recording", "plot"):
        path = getattr(arguments, option, None)
        if path is None or path == "-":
            continue
        if not path.strip():
            said = "OUT" if option == "output" and hasattr(arguments, "target") else f"--{option}"
            raise UsageError(f"{said} is {path!r}, which names no file; write the name of one, or - to print")
        if os.path.isdir(path):
            raise UsageError(f"{path}: is a folder; name a file in it")
        if os.path.isfile(path) and not arguments.force:
            raise UsageError(f"{path}: is there already; write to another file, or add --force to replace it")
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise UsageError(f"{path}: there is no folder {folder}; make it, or write to another one")
        if not os.access(folder, os.W_OK):
            raise UsageError(f"{path}: the folder {folder} cannot be written to; write to another one")


def deliver(text: str, arguments: argparse.Namespace) -> None:
    """Print ``text``, or write it to the file that ``--output`` names."""
    path = arguments.output
    if not path or path == "-":
        say(text)
        return
    from schedsim.output import replacing

    with replacing(path) as file:
        file.write(text)


def hush_drawing() -> None:
    """Keep matplotlib from telling a user of the command line where it keeps its fonts."""
    from logging import ERROR, getLogger

    getLogger("matplotlib").setLevel(ERROR)


def deliver_bytes(data: bytes, path: str, form: str) -> None:
    """Write a picture in the format ``form`` to the file ``path``, or to standard output for ``-``.

    Raises UsageError when standard output is a terminal, which shows no picture, and HostError when
    it cannot be written.
    """
    if path != "-":
        from schedsim.output import replacing

        with replacing(path, binary=True) as file:
            file.write(data)
        return
    if form == "svg":
        say(data.decode("utf-8"))
        return
    stream = sys.stdout
    if stream is None or not hasattr(stream, "buffer"):
        raise HostError("standard output is closed; nothing can be shown. Use --output FILE")
    if on_terminal(stream):
        raise UsageError(f"a terminal does not show a {form}; write it to a file, as in -o picture.{form}")
    try:
        stream.buffer.write(data)
        stream.buffer.flush()
    except BrokenPipeError:
        _give_up(stream)
        raise EndedError("nobody reads standard output") from None
    except OSError as error:
        _give_up(stream)
        raise HostError(f"standard output: cannot be written ({error.strerror})") from None


def deliver_lines(build: Callable[[Page], Iterable[Line]], arguments: argparse.Namespace) -> None:
    """Lay lines out for where they go, and print or write them; in colour on a terminal only."""
    from schedsim.tables import Page, plain

    if arguments.output and arguments.output != "-":
        deliver(plain(build(Page(_columns() or 80))), arguments)
        return
    stream = sys.stdout
    encoding = (stream.encoding if stream is not None else None) or "utf-8"
    if stream is None or not in_colour(stream):
        say(plain(build(Page(width_of_terminal(stream), encoding))))
        return
    from schedsim.cli.colour import styled

    say(styled(build(Page(width_of_terminal(stream), encoding))))


def deliver_json(document: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print or write a JSON object: one line for each of its keys, and for each item of a long list."""
    from json import dumps

    def item(value: object) -> str:
        return dumps(value, ensure_ascii=False, allow_nan=False)

    lines = []
    for name, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            listed = ",\n  ".join(item(each) for each in value)
            lines.append(f"{item(name)}: [\n  {listed}]")
        else:
            lines.append(f"{item(name)}: {item(value)}")
    text = "{" + ",\n ".join(lines) + "}\n"
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not arguments.output and not text.isascii() and encoding.lower().replace("-", "") != "utf8":
        text = dumps(document, allow_nan=False) + "\n"
    deliver(text, arguments)


def in_colour(stream: IO[str]) -> bool:
    """Return whether ``stream`` is a terminal that shows colour, and nobody asked for none."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return on_terminal(stream)


def on_terminal(stream: IO[str] | None) -> bool:
    """Return whether ``stream`` is a terminal that can do more than print."""
    try:
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return False


def width_of_terminal(stream: IO[str] | None) -> int | None:
    """Return the columns that COLUMNS names or the terminal has; None where nobody looks at the width."""
    named = _columns()
    if named is not None:
        return named
    try:
        if stream is not None and stream.isatty():
            return max(os.get_terminal_size(stream.fileno()).columns, 1) if stream.fileno() >= 0 else 80
    except (OSError, ValueError):
        return 80
    return None


def _columns() -> int | None:
    named = os.environ.get("COLUMNS", "")
    return min(int(named), 10_000) if named.isdecimal() and named.isascii() and int(named) > 0 else None
