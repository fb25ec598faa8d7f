"""What a worker gives up for, told to the dispatcher in one sentence: nothing of it goes to the terminal."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

from schedsim.engines.real import records
from schedsim.errors import InternalError, ProgramError

if TYPE_CHECKING:
    from schedsim.operations import Operation


def named(error: BaseException) -> str:
    """Return what kind of error it is, and its text if it has one."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def given_up(worker: int, job: str, error: BaseException) -> bytes:
    """Return what a worker says when ``error`` ended it.

    What no operation should let through, and is no ``Exception``, can be of the program alone, which has called
    ``sys.exit``. All else is a bug of schedsim's, and is told with its place.
    """
    if isinstance(error, ProgramError):
        return records.pack_failure(worker, records.ERROR, str(error.args[0]))
    if not isinstance(error, Exception):
        return records.pack_failure(worker, records.ERROR, f"job {job!r}: its program raised {named(error)}")
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}, line {last.lineno}"
    return records.pack_failure(
        worker, records.BUG, f"job {job!r}: its worker raised {named(error)} ({where})"
    )


def hold(record: records.Record) -> None:
    """Raise what a worker gave up for, if it says so: ProgramError, InternalError where no program is to blame."""
    if record.kind == records.ERROR:
        raise ProgramError(record.text)
    if record.kind == records.BUG:
        raise InternalError(record.text)


def planned(worker: int, job: str, operation: Operation | None) -> bytes:
    """Return what the dispatcher is told of an operation of a generator.

    Raises ProgramError for one that no record holds.
    """
    try:
        length = len(records.name_of(operation).encode())
        said = records.pack(worker, records.PLANNED, operation=operation)
    except Exception as error:
        raise ProgramError(
            f"job {job!r}: its program yielded {operation!r}, which a real run cannot tell its dispatcher "
            f"({named(error)})"
        ) from error
    if operation is not None and length > records.LONGEST_TEXT:
        raise ProgramError(
            f"job {job!r}: a name in {operation.text('ns')[:20]!r}... is longer than {records.LONGEST_TEXT} bytes; "
            "shorten it"
        )
    return said
