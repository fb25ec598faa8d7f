"""Lifting the limit on real-time processes: by a keeper that puts it back, without one here."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from schedsim.engines.real import throttle
from schedsim.errors import HostError


class Machine:
    """The kernel's limit, and keepers that are called instead of forked."""

    def __init__(self, runtime=950_000):
        """Start with that limit."""
        self.runtime: int | None = runtime
        self.history = []
        self.refuses = self.dies = self.mute = self.killed = False
        self.link = ["open"]

    def throttling(self):
        """Return the limit."""
        return None if self.runtime is None else (self.runtime, 1_000_000)

    def set_throttling(self, runtime):
        """Set the limit."""
        if self.refuses:
            raise PermissionError(13, "Permission denied")
        self.runtime = runtime
        self.history.append(runtime)

    def get_context(self, method):
        """Return what makes processes."""
        assert "fork" == method
        return SimpleNamespace(Process=lambda **how: Keeper(self, how))


class Keeper:
    """A keeper; it works when it is joined, up to there when it is started."""

    def __init__(self, machine, how):
        """Prepare it."""
        self.machine, self.how, self.pid = machine, how, None

    def start(self):
        """Lift the limit."""
        self.pid = 4
        if self.machine.dies or self.machine.mute:
            return
        if self.machine.refuses:
            self.machine.said = ["Permission denied"]
        else:
            self.machine.set_throttling(-1)
            self.machine.said = [""]

    def join(self, patience):
        """Put it back, unless it was killed."""
        assert patience
        if self.machine.runtime == -1 and not self.machine.killed:
            self.machine.set_throttling(self.how["args"][0])


class End:
    """An end of the pipe to the keeper."""

    def __init__(self, machine):
        """Of that machine's keeper."""
        self.machine = machine

    def poll(self, patience):
        """Return whether it has said anything, or died."""
        assert patience
        return not self.machine.mute

    def recv(self):
        """Return what it said."""
        if self.machine.dies:
            raise EOFError
        return self.machine.said.pop()

    def close(self):
        """Note it."""
        self.machine.link.append("closed")


@pytest.fixture
def machine(monkeypatch):
    """Such a machine, in place of this one."""
    made = Machine()
    monkeypatch.setattr(throttle, "throttling", made.throttling)
    monkeypatch.setattr(throttle, "set_throttling", made.set_throttling)
    monkeypatch.setattr(throttle, "multiprocessing", made)
    monkeypatch.setattr(throttle, "connection", SimpleNamespace(Pipe=lambda: (End(made), End(made))))
    monkeypatch.setattr(throttle, "undisturbed", nullcontext)
    return made


def test_lifted_and_put_back(machine):
    """Within the block there is no limit, afterwards the one of before."""
    with throttle.unthrottled():
        assert -1 == machine.runtime
    assert [-1, 950_000] == machine.history
    assert ["open", "closed", "closed"] == machine.link


def test_put_back_after_an_error(machine):
    """The same when the run fails."""
    with pytest.raises(ValueError, match="broken"), throttle.unthrottled():
        raise ValueError("broken")
    assert 950_000 == machine.runtime


def test_a_killed_keeper(machine):
    """Then the limit is put back here."""
    with throttle.unthrottled():
        machine.killed = True
    assert 950_000 == machine.runtime


@pytest.mark.parametrize("runtime", [-1, None], ids=["off", "unknown"])
def test_nothing_to_lift(machine, runtime):
    """Where the limit is off or unknown nothing is done."""
    machine.runtime = runtime
    with throttle.unthrottled():
        assert runtime == machine.runtime
    assert [] == machine.history


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("refuses", "Permission denied"),
        ("dies", "its keeper did not answer"),
        ("mute", "its keeper did not answer"),
    ],
)
def test_it_cannot_be_lifted(machine, trouble, said):
    """The run does not begin, and the reason is told."""
    setattr(machine, trouble, True)
    with pytest.raises(HostError) as caught, throttle.unthrottled():
        raise AssertionError("the run began")
    assert f"the limit on real-time processes cannot be lifted: {said}" == str(caught.value)
    assert 950_000 == machine.runtime


class Link:
    """The keeper's end of the pipe, whose other end closes when it is asked for more."""

    def __init__(self, said, *, closed=False):
        """Write down there what is said."""
        self.said, self.closed = said, closed

    def send(self, words):
        """Write it down."""
        if self.closed:
            raise BrokenPipeError
        self.said.append(words)

    def recv(self):
        """Wait, until the other end is closed."""
        raise EOFError

    def close(self):
        """Close it."""
        self.said.append("closed")


@pytest.fixture
def keeper(machine, monkeypatch):
    """What a keeper does to its process, done to nobody."""
    monkeypatch.setattr(throttle, "os", SimpleNamespace(setsid=lambda: None))
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIG_IGN")
    ignored = []
    signals = SimpleNamespace(
        **{name: name for name in names}, signal=lambda number, how: ignored.append(number)
    )
    monkeypatch.setattr(throttle, "signal", signals)
    return ignored


def test_what_a_keeper_does(machine, keeper):
    """It outlives what the terminal sends, lifts the limit, waits, and puts it back."""
    said: list[str] = []
    throttle._keep(950_000, Link(said), Link(said))
    assert ["closed", ""] == said
    assert [-1, 950_000] == machine.history
    assert ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] == keeper


def test_a_keeper_whose_run_is_gone(machine, keeper):
    """It puts the limit back, also if nobody hears that it was lifted."""
    throttle._keep(950_000, Link([], closed=True), Link([]))
    assert [-1, 950_000] == machine.history


def test_a_keeper_that_may_not(machine, keeper):
    """It says why, and changes nothing."""
    machine.refuses = True
    said: list[str] = []
    throttle._keep(950_000, Link(said), Link(said))
    assert ["closed", "Permission denied"] == said
