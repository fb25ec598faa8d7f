"""``schedsim real`` as a program: what it prints and leaves, whatever ends it."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from schedsim.recording import Recording
from schedsim.trace import Trace
from schedsim.validate import validate
from tests.real.machine import (
    BUSY,
    ROOT,
    children,
    dispatcher_of,
    inconclusive,
    needs_linux,
    needs_root,
    patience,
    workers_of,
)

pytestmark = needs_linux
SHORT = ("--jobs", "A 0 20, B 5 8", "--algo", "rr", "-q", "5")
LONG = ("--jobs", "A 0 3000, B 0 3000, C 0 3000", "--algo", "rr", "-q", "5")


def environment():
    """Return the environment of such a program."""
    return {**os.environ, "PYTHONPATH": ROOT, "COLUMNS": "80"}


def started(*arguments, **options):
    """Start ``schedsim real`` in a session of its own, so that it can be sent what a terminal sends."""
    return subprocess.Popen(
        [sys.executable, "-m", "schedsim", "real", *map(str, arguments)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def called(*arguments):
    """Run it to its end; return status, standard output and standard error."""
    for _ in patience(step=0.1):
        with started(*arguments) as process:
            out, err = process.communicate()
        if BUSY not in err:
            return process.returncode, out, err
    raise AssertionError("another real run goes on for too long")


def shell(command):
    """Run a command of a shell, in which ``schedsim`` is this one."""
    program = f"'{sys.executable}' -m schedsim"
    for _ in patience(step=0.1):
        done = subprocess.run(
            ["bash", "-c", command.replace("schedsim", program)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if BUSY not in done.stderr:
            return done.returncode, done.stdout, done.stderr
    raise AssertionError("another real run goes on for too long")


def test_a_table():
    """Chart, table, metrics."""
    status, out, err = called(*SHORT)
    assert (0, "") == (status, err)
    assert out.startswith("jobs under rr, quantum=5: 2 jobs, 1 CPU, times in ms, grace 0.3, real processes\n")
    assert re.search(r"^A +0 +\d+(\.\d+)? ", out, re.MULTILINE)
    assert "context switches" in out


def test_verbose():
    """Which driver, which CPUs, which clock, and what disturbed it."""
    status, out, _ = called(*SHORT, "-v")
    assert 0 == status
    for name in (
        "driver",
        "measured",
        "dispatcher",
        "clock",
        "start method",
        "limit",
        "idle CPUs",
        "valid",
        "stolen",
    ):
        assert re.search(rf"^{name}\b", out, re.MULTILINE)


def test_without_anything():
    """Neither MIX nor policy is needed, and both are named."""
    status, out, err = called()
    assert (0, "") == (status, err)
    assert out.startswith("first under rr, quantum=4: 5 jobs,")
    assert "no MIX was named, so this is the built-in first" in out.replace("\n  ", " ")


def test_for_programs(tmp_path):
    """JSON, CSV, trace and recording."""
    files = [tmp_path / name for name in ("trace", "recording", "json")]
    words = ("--trace", files[0], "--recording", files[1], "--format", "json", "--output", files[2])
    assert (0, "", "") == called(*SHORT, *words)
    document = json.loads(files[2].read_text(encoding="utf-8"))
    assert ["real", "terminated", "terminated"] == [
        document["engine"],
        *(job["state"] for job in document["jobs"]),
    ]
    assert {"facts", "validity"} == set(document["real"])
    trace = Trace.read(files[0])
    validate(trace)
    assert len(Recording.read(files[1]).deliveries) > 2
    status, out, _ = called(*SHORT, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (0, ["A", "B"]) == (status, [row["id"] for row in rows])
    assert trace.header.jobs[0].id == rows[0]["id"]


POLICY = """
from schedsim import Policy


class Mine(Policy):
    "Longest job first."

    preemptive = True
    clairvoyant = True

    def rank(self, task, queue):
        return -task.burst


class Raises(Mine):
    def rank(self, task, queue):
        return {}["no such key"]


class Wrong(Mine):
    def slice(self, task, queue):
        return 0.5


class Leaves(Mine):
    def slice(self, task, queue):
        raise SystemExit(7)
"""


@pytest.fixture
def policies(tmp_path):
    """A user's file of policies, and the folder it is in."""
    (tmp_path / "mine.py").write_text(POLICY, encoding="utf-8")
    return tmp_path / "mine.py"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_policy_from_a_file(policies, method):
    """It dispatches real processes as it simulates."""
    words = (
        "--jobs",
        "A 0 5, B 0 20",
        "--algo",
        f"{policies}:Mine",
        "--start-method",
        method,
        "--format",
        "json",
    )
    status, out, _ = called(*words)
    slices = json.loads(out)["slices"]
    assert (0, "B", "A") == (status, slices[0]["job"], slices[-1]["job"])


@pytest.mark.parametrize("name", ["Raises", "Wrong", "Leaves"])
def test_a_policy_that_is_wrong(policies, name):
    """The message and the status are those of a simulation, but for the time."""
    words = ("--jobs", "A 0 5, B 0 20", "--algo", f"{policies}:{name}")
    simulated = subprocess.run(
        [sys.executable, "-m", "schedsim", "run", *words],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    status, out, err = called(*words)
    assert (2, "") == (status, out) == (simulated.returncode, simulated.stdout)
    assert re.sub(r" at \d+ [num]s", "", simulated.stderr) == re.sub(r" at \d+ [num]s", "", err)
    assert err.startswith("schedsim: ")
    assert 1 == err.count("\n")


def test_a_worker_that_is_killed():
    """The others are shown, with a note, and the status is 3."""
    with started("--jobs", "A 0 5000, B 0 10", "--algo", "fcfs") as process:
        worker = workers_of(dispatcher_of(process), 2)[0]
        os.kill(worker, signal.SIGKILL)
        out, err = process.communicate()
    assert (3, "") == (process.returncode, err)
    assert "note: the process of job 'A' died at " in out
    assert "the means are over the 1 of 2 jobs that finished" in out


# Interruptions.


def interrupted(process, number=signal.SIGINT):
    """Send what Ctrl-C sends: to every process of the terminal; return status, output and error."""
    os.killpg(process.pid, number)
    out, err = process.communicate()
    if BUSY in err:
        inconclusive(BUSY)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "words", [("--driver", "signals"), pytest.param(("--unthrottle",), marks=needs_root)]
)
def test_ctrl_c(words):
    """One line, status 130, and nothing is left: nobody running or stopped, no setting changed."""
    with started(*LONG, *words) as process:
        workers_of(dispatcher_of(process), 3)
        assert (130, "", "schedsim: interrupted\n") == interrupted(process)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("wait", [0, 0.02, 0.05, 0.1])
def test_ctrl_c_while_workers_are_made(method, wait):
    """The same, however far it has come."""
    jobs = ", ".join(f"J{number} 0 500" for number in range(12))
    with started("--jobs", jobs, "--algo", "rr", "--start-method", method, "--driver", "signals") as process:
        for _ in patience(step=0.001):
            if children(process.pid) or process.poll() is not None:
                break
        time.sleep(wait)
        assert (130, "", "schedsim: interrupted\n") == interrupted(process)


def test_ctrl_c_twice():
    """Impatience changes nothing, but that the last process may take a moment longer."""
    with started(*LONG) as process:
        dispatcher_of(process)
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.01)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate()
    assert process.returncode in (130, -signal.SIGINT)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP], ids=lambda number: number.name
)
def test_the_program_is_ended(number):
    """However that is: all its processes go with it."""
    with started(*LONG, "--driver", "signals") as process:
        workers_of(dispatcher_of(process), 3)
        process.send_signal(number)
        process.communicate()
    assert -number == process.returncode


# Where it prints.


def test_standard_output_is_closed():
    """There is nowhere to print, and that is said."""
    words = '--jobs "A 0 5" --algo rr'
    status, _, err = shell(f"schedsim real {words} >&-")
    assert (3, True) == (status, err.startswith("schedsim: standard output is closed"))
    assert 3 == shell(f"schedsim real {words} >&- 2>&-")[0]
    for _ in patience(step=0.1):
        # Where nobody is told that another real run goes on, which has the same status, it is tried again.
        status = shell(f"schedsim real {words} 2>&-")[0]
        if status != 3:
            break
    assert 0 == status


def test_a_reader_that_has_had_enough():
    """``| head`` is no failure."""
    status, out, err = shell('set -o pipefail; schedsim real --jobs "A 0 5" --algo rr -v | head -n 1')
    assert (0, 1, "") == (status, out.count("\n"), err)


def on_a_terminal(*arguments):
    """Run it on a terminal; return its status and all that the terminal was sent."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "schedsim", "real", *arguments],
        env={**environment(), "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        sent = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            sent += part
    os.close(master)
    return process.returncode, sent.decode()


def test_long_work_is_shown_on_a_terminal():
    """After a second of silence: what goes on, and for how long; gone at the end."""
    # The line is made while the run goes on, which on a busy machine takes its time.
    for length in (700, 3000, 12_000):
        status, sent = on_a_terminal("--jobs", f"A 0 600, B {length} 500", "--algo", "fcfs")
        if BUSY in sent:
            inconclusive(BUSY)
        assert 0 == status
        assert "makespan" in sent
        if "running 2 jobs on real processes" in sent:
            return
    raise AssertionError("nothing was shown in 12 s")
