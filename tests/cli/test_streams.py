"""The command line as a process: pipes, terminals, full disks, interruptions."""

from __future__ import annotations

import fcntl
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

from schedsim.cli import progress
from tests.cli.calling import schedsim

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

pytestmark = pytest.mark.slow

PATIENT = """
import sys
from schedsim.cli import main, progress
progress.PATIENCE = 3600
sys.exit(main())
"""
"""The command line of somebody who waits: on a busy machine the least work takes long enough to be shown."""


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a child, without what would decide on colour or width."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "TERM")}
    return {**kept, "PYTHONPATH": ROOT, **changes}


def call(*arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``python -m schedsim`` with its output in pipes."""
    return subprocess.run(
        [sys.executable, "-m", "schedsim", *arguments],
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command``, in which ``schedsim`` is this one."""
    program = f"'{sys.executable}' -m schedsim"
    return subprocess.run(
        ["bash", "-c", command.replace("schedsim", program)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def on_a_terminal(
    *arguments: str, columns: int = 80, program: tuple[str, ...] = ("-c", PATIENT), **changes: str
) -> tuple[int, str]:
    """Run it with standard output and error on a terminal; return status and what the terminal was sent."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, *program, *arguments],
        env=environment(**{"TERM": "xterm-256color", **changes}),
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
    return process.returncode, sent.decode().replace("\r\n", "\n")


def test_a_pipe_gets_no_colour():
    """Whatever TERM says: the words, and nothing else."""
    done = call("run", "--algo", "rr", TERM="xterm-256color", COLUMNS="80")
    assert (0, b"") == (done.returncode, done.stderr)
    assert schedsim("run", "--algo", "rr").out == done.stdout.decode()


@pytest.mark.parametrize("words", [("run", "-v"), ("compare",), ("explain",), ("mixes", "convoy")])
def test_a_terminal_gets_the_same_words_in_colour(words):
    """Without the codes for colour it is what a pipe gets."""
    status, sent = on_a_terminal(*words)
    assert 0 == status
    assert CODES.search(sent)
    assert schedsim(*words).out == CODES.sub("", sent)


def test_a_job_has_its_own_background():
    """Boxes are coloured by job."""
    _, sent = on_a_terminal("run", "--algo", "fcfs")
    boxes = re.findall(r"\|\x1b\[([0-9;]+)m *([A-E]) *\x1b\[0m", sent)
    assert ["A", "B", "C", "D", "E"] == [job for _, job in boxes]
    assert 5 == len({codes for codes, _ in boxes})


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colour(changes):
    """NO_COLOR is obeyed, and so is a terminal that only prints."""
    _, sent = on_a_terminal("run", **changes)
    assert schedsim("run").out == sent


def test_colour_can_be_forced():
    """FORCE_COLOR puts it into a pipe, for ``less -R``."""
    done = call("run", FORCE_COLOR="1", TERM="xterm-256color", COLUMNS="80")
    assert schedsim("run").out == CODES.sub("", done.stdout.decode())
    assert CODES.search(done.stdout.decode())


@pytest.mark.parametrize("columns", [20, 60, 200])
def test_a_terminal_s_width_is_used(columns):
    """No line is wider than the terminal, save for a word that is."""
    _, sent = on_a_terminal("run", "convoy", columns=columns)
    lines = CODES.sub("", sent).splitlines()
    assert all(len(line) <= columns or len(line.split()) == 1 for line in lines)
    assert max(map(len, lines)) > columns * 3 // 4


def test_quick_work_shows_no_progress():
    """Nothing flickers on a terminal when there is nothing to wait for, and a pipe gets no word of it ever."""
    began = time.monotonic()
    _, sent = on_a_terminal("run", "--format", "json", program=("-m", "schedsim"))
    quick = time.monotonic() - began < progress.PATIENCE
    assert b"" == call("compare", "ten-thousand", "--algo", "srtf", "--format", "json").stderr
    if not quick and "simulating" in sent:
        pytest.skip("inconclusive: on this machine it took so long that its progress was shown")
    assert sent.startswith('{"schema"')


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("ascii", b"|...| \\xe9  |"), ("latin-1", b"|...|   \xe9   |"), ("utf-8", "|···|   é   |".encode())],
)
def test_other_encodings(encoding, expected):
    """Marks fall back to ASCII, and names to their code points, where the output cannot write them."""
    done = call("run", "--jobs", "é 1 2", PYTHONIOENCODING=encoding, COLUMNS="14", PYTHONUTF8="0")
    assert 0 == done.returncode
    assert b"".join(expected.split()) in b"".join(done.stdout.split())
    # A file for another program is the same whatever the terminal writes.
    file = call("export", "--jobs", "é 1 2", "--to", "svg", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert "<title>é: 1 to 3 ms</title>".encode() in file.stdout
    data = call("run", "--jobs", "é 1 2", "--format", "json", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (b"\\u00e9" in data.stdout) == (encoding != "utf-8")


def test_a_reader_that_has_had_enough():
    """``| head`` ends the command without a word, and not as a failure."""
    for command in (
        "schedsim explain ten-thousand --algo fcfs",
        "schedsim generate 30000",
        "schedsim export ten-thousand --algo fcfs --to perfetto",
    ):
        done = shell(f"set -o pipefail; {command} | head -n 1")
        assert (0, 1, "") == (done.returncode, done.stdout.count("\n"), done.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a disk that is always full")
def test_a_full_disk():
    """A word that says so, and status 3."""
    done = shell("schedsim run > /dev/full")
    assert (3, "schedsim: standard output: cannot be written (No space left on device)\n") == (
        done.returncode,
        done.stderr,
    )
    assert 3 == shell("schedsim run --output /dev/full").returncode
    assert 3 == shell("schedsim export --to perfetto > /dev/full").returncode


def test_standard_output_is_closed():
    """There is nowhere to print, and that is said."""
    done = shell("schedsim run >&-")
    assert 3 == done.returncode
    assert done.stderr.startswith("schedsim: standard output is closed")
    assert 3 == shell("schedsim run >&- 2>&-").returncode


def test_closed_standard_input():
    """``-`` needs one."""
    done = shell("schedsim run - <&-")
    assert (2, "schedsim: standard input: there is none; name a file\n") == (done.returncode, done.stderr)


def test_an_interruption_leaves_nothing_half_written(tmp_path):
    """Ctrl-C: one line, status 130, and the file of before is as it was."""
    path = tmp_path / "out.json"
    path.write_text("before", encoding="utf-8")
    # Reading a mix from a pipe that nobody closes is work that surely is not over.
    with subprocess.Popen(
        [sys.executable, "-m", "schedsim", "run", "-", "--format", "json", "--output", str(path), "--force"],
        env=environment(PYTHONFAULTHANDLER="0"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        # More than a pipe holds: once all of it is taken, the program has come to reading.
        process.stdin.write("# \n" * 100_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (130, "", "schedsim: interrupted\n") == (process.returncode, out, err)
    assert "before" == path.read_text(encoding="utf-8")
    assert ["out.json"] == os.listdir(tmp_path)


def test_a_command_that_fails_leaves_no_file(tmp_path):
    """Nothing is written when the input is refused."""
    done = call("run", "--jobs", "A 0 0", "--output", str(tmp_path / "out"))
    assert 2 == done.returncode
    assert [] == os.listdir(tmp_path)


def test_statuses_reach_the_shell():
    """0, 2 and 3, through ``python -m schedsim``."""
    mix = f"pid,program\\nA,write n {2**63 - 1}; read n; write n +1; cpu 1\\n"
    assert 0 == shell("schedsim run").returncode
    assert 2 == shell("schedsim run --algo none").returncode
    assert 3 == shell(f"printf '{mix}' | schedsim run -").returncode


@pytest.mark.slow
@pytest.mark.parametrize("module", ["schedsim.cli.failures", "contextlib"])
def test_interrupted_again_while_that_is_dealt_with(module):
    """Whoever presses Ctrl-C twice sees no traceback: neither before nor after the first is no longer heard."""
    program = f"""
import os, signal, sys
from importlib.abc import MetaPathFinder
from schedsim import cli

class Again(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

def first(given):
    sys.modules.pop({module!r}, None)
    sys.meta_path.insert(0, Again())
    raise KeyboardInterrupt

cli._dispatch = first
sys.exit(cli.main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (130, "", "schedsim: interrupted\n") == (done.returncode, done.stdout, done.stderr)
