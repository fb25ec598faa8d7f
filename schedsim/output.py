"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, TYPE_CHECKING, Any, Literal, overload

from schedsim.errors import HostError

if TYPE_CHECKING:
    from os import PathLike


@overload
def replacing(
    path: str | PathLike[str], *, binary: Literal[False] = ...
) -> AbstractContextManager[IO[str]]: ...


@overload
def replacing(path: str | PathLike[str], *, binary: Literal[True]) -> AbstractContextManager[IO[bytes]]: ...


@contextmanager
def replacing(path: str | PathLike[str], *, binary: bool = False) -> Iterator[IO[Any]]:
    """Give a file to write to, which takes the place of ``path`` only when all went well.

    It is a text file in UTF-8, or one of bytes if ``binary``. Raises HostError when the folder is not
    there, not writable, or the disk is full; ``path`` is then as it was.
    """
    target = os.fspath(path)
    folder = os.path.dirname(target) or "."
    if os.path.isdir(target):
        raise HostError(f"{target}: is a folder; name a file in it")
    how: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": "\n"}
    # A device or a pipe (/dev/stdout) is written to; only a regular file can be replaced.
    direct = os.path.exists(target) and not os.path.isfile(target)
    try:
        if direct:
            with open(target, **how) as file:
                yield file
            return
        # Through a link to the file it names, so that the link itself stays.
        target = os.path.realpath(target)
        folder = os.path.dirname(target)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".schedsim-", suffix=".tmp")
    except OSError as error:
        raise HostError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        try:
            with os.fdopen(handle, **how) as file:
                yield file
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, os.stat(target).st_mode if os.path.exists(target) else 0o666 & ~mask)
            os.replace(temporary, target)
        except OSError as error:
            raise HostError(f"{path}: cannot be written ({error.strerror})") from None
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
