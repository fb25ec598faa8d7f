"""That what is left behind would be seen: processes of every kind, and settings."""

from __future__ import annotations

import os
import signal

import pytest

from tests.real.conftest import own_settings
from tests.real.machine import needs_linux, patience, python, stat

pytestmark = needs_linux


@pytest.mark.parametrize("number", [None, signal.SIGSTOP], ids=["running", "stopped"])
@pytest.mark.parametrize("how", ["forked", "made anew"])
def test_a_process_that_is_left(how, number, marked):
    """Whether it is a copy of this one or a program of its own, and whether it runs or is stopped."""
    assert {} == marked.processes()
    if how == "forked":
        reader, writer = os.pipe()
        process = os.fork()
        if not process:
            os.close(writer)
            os.read(reader, 1)  # until the test closes its end
            os._exit(0)
        os.close(reader)
        started = None
    else:
        started = python("import time; time.sleep(60)")
        process, writer = started.pid, -1
    if number is not None:
        os.kill(process, number)
        for _ in patience():
            if (seen := stat(process)) is not None and seen[0] == "T":
                break
    assert [process] == [*marked.processes()]
    os.kill(process, signal.SIGKILL)
    if started is not None:
        started.communicate()
    else:
        os.waitpid(process, 0)
        os.close(writer)
    assert {} == marked.processes()


def test_settings_that_are_changed():
    """CPUs, nice value and open files are among what is looked at."""
    before, cpus = own_settings(), os.sched_getaffinity(0)
    file = os.open(os.devnull, os.O_RDONLY)
    assert before != own_settings()
    os.close(file)
    assert before == own_settings()
    if len(cpus) > 1:
        os.sched_setaffinity(0, {min(cpus)})
        assert before != own_settings()
        os.sched_setaffinity(0, cpus)
        assert before == own_settings()
