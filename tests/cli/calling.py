"""Calling the command line inside the test's own process."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple
from unittest import mock

from schedsim.cli import main


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The object on standard output."""
        return json.loads(self.out)


def schedsim(*arguments: object, stdin: str = "") -> Done:
    """Run ``schedsim`` with ``arguments``; return status, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    source = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    with mock.patch.object(sys, "stdin", source), redirect_stdout(out), redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    return Done(status, out.getvalue(), err.getvalue())


def refused(*arguments: object, stdin: str = "", status: int = 2) -> str:
    """Run ``schedsim``, which must refuse in one line on standard error; return the line without its head."""
    done = schedsim(*arguments, stdin=stdin)
    assert (status, "") == (done.status, done.out)
    assert done.err.startswith("schedsim: ")
    assert done.err.count("\n") == 1
    return done.err.removeprefix("schedsim: ").rstrip("\n")
