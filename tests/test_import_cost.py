"""What starting schedsim costs, in processor time, as a multiple of starting Python."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# The processor times of two programs are compared, never a time with a number of seconds, and each
# is the least of several in turn: what else the machine does can only add to one.
ROUNDS = 12

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def processor_time(arguments: list[str], environment: dict[str, str]) -> float:
    """Return the seconds of processor time, of the program and the system, that a command takes."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        pytest.param(["-c", "import schedsim"], 3, id="import"),
        pytest.param(["-m", "schedsim", "--help"], 4, id="help"),
        pytest.param(["-m", "schedsim", "run", "--algo", "rr"], 10, id="run"),
    ],
)
def test_starting_is_quick(arguments, most, tmp_path):
    """Help costs at most 4 bare starts of Python, a first run 10."""
    # As in an installed schedsim, the compiled files are there.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(processor_time(["-c", "pass"], environment))
        ours.append(processor_time(arguments, environment))
    ratio = min(ours) / min(bare)
    assert ratio <= most, f"{' '.join(arguments)} costs {ratio:.1f} starts of Python, more than {most}"
