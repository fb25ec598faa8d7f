"""Word of long work: after a while, on a terminal, and gone at the end."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr

import pytest

from schedsim.cli import progress


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self):
        """Return that it is one."""
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal to redirect standard error to, before which nobody has any patience."""
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def test_long_work_is_shown(terminal):
    """What goes on, how much of it is done, and which is next."""
    with redirect_stderr(terminal), progress.working("simulating") as shown:
        shown.tell(1, 3, "srtf")
        assert isinstance(shown, progress.Shown)
        shown.timer.join()
        shown.tell(2, 3, "hrrn")
        shown.bar.refresh()
        words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "srtf" in words
    assert "1/3" in words
    assert "hrrn" in words
    assert "2/3" in words


def fails(shown):
    """Work until the line is there, and fail."""
    shown.timer.join()
    raise ValueError("broken")


def test_it_is_gone_at_the_end(terminal):
    """The line is erased, also when the work fails."""
    with redirect_stderr(terminal), progress.working("simulating 5 jobs") as shown:
        assert isinstance(shown, progress.Shown)
        with pytest.raises(ValueError, match="broken"):
            fails(shown)
        assert "simulating 5 jobs" in terminal.getvalue()
    assert terminal.getvalue().rstrip().endswith("\x1b[2K")
    assert shown.stopped


def test_short_work_is_not_shown(terminal, monkeypatch):
    """Work that ends before the patience does leaves no trace."""
    monkeypatch.setattr(progress, "PATIENCE", 3600)
    with redirect_stderr(terminal), progress.working("simulating") as shown:
        shown.tell(0, 1, "rr")
    assert terminal.getvalue() == ""
    assert isinstance(shown, progress.Shown)
    assert shown.timer.finished.is_set()


def test_work_that_ends_just_then(terminal, monkeypatch):
    """The line that would appear after the end does not."""
    monkeypatch.setattr(progress, "PATIENCE", 3600)
    with redirect_stderr(terminal), progress.working("simulating") as shown:
        pass
    with redirect_stderr(terminal):
        assert isinstance(shown, progress.Shown)
        shown.appear()
    assert terminal.getvalue() == ""


def test_a_pipe_is_told_nothing():
    """Where standard error is no terminal, telling does nothing."""
    stream = io.StringIO()
    with redirect_stderr(stream), progress.working("simulating") as shown:
        shown.tell(1, 2, "rr")
    assert stream.getvalue() == ""
