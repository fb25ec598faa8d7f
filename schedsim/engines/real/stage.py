"""What every real run needs around it, whoever lets its processes run: a process of its own, and the machine for itself.

Priorities, CPU and garbage collection are that process' own and go with it. Its workers die with it.
It ends with its caller, also when that is killed, and then puts back what it has set.
"""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import connection
from pickle import PickleError
from typing import IO, Any, Final

from schedsim.engines.real.host import Placing
from schedsim.engines.real.linux import LINUX, die_with_parent, keep_awake, stolen_ticks
from schedsim.engines.real.throttle import unthrottled
from schedsim.errors import BusyError, HostError, InternalError, SchedsimError

LEAD: Final = 5_000_000
"""The run begins so long (nanoseconds) after everything is ready."""
_AGAIN: Final = 0.05
_LOCK: Final = "\0schedsim-real"


class _EndedError(BaseException):
    """Somebody wants the run to end."""


def apart(name: str, work: Callable[[Any], Any], order: Any) -> Any:
    """Return what ``work(order)`` returns, called in a process of its own that is called ``name``.

    Raises what it raised, HostError when its process was killed, KeyboardInterrupt when the user
    interrupted; nothing of the run is left then.
    """
    context = multiprocessing.get_context("fork")
    own, other = context.Pipe(duplex=False)
    process = context.Process(
        target=_main, args=(name, work, order, other, os.getpid()), name=f"schedsim {name}"
    )
    try:
        with forking():
            process.start()
        other.close()
        said = own.recv()
    except EOFError:
        process.join()
        raise HostError(f"the {name} ended without a word ({_cause(process.exitcode)})") from None
    except BaseException:
        if process.pid is not None:
            process.terminate()
        raise
    finally:
        own.close()
        if process.pid is not None:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join()
        process.close()
    if isinstance(said, BaseException):
        raise said
    return said


@contextmanager
def forking() -> Iterator[None]:
    """Fork without Python's warning about threads, since the child runs nothing but what is in these folders.

    Ctrl-C waits until it is done: neither is the child to hear of it, nor must the child be forgotten for it.
    """
    import warnings

    with patiently(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@contextmanager
def patiently() -> Iterator[None]:
    """Let Ctrl-C wait until the block is over."""
    pressed: list[int] = []
    # Python lets none but its main thread answer signals.
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number)) if main else None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    for number in pressed:
        signal.raise_signal(number)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def _main(
    name: str, work: Callable[[Any], Any], order: Any, link: connection.Connection, parent: int
) -> None:
    """Be that process: send what came of it, or the error, through ``link``."""

    def end(number: int, frame: object) -> None:
        del number, frame
        # Python lets nothing out of what runs when an object goes; if this comes just then, it comes again.
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        raise _EndedError

    # What the terminal sends goes to all: Ctrl-C is answered by the caller, and Ctrl-Z stops it alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    die_with_parent(parent, signal.SIGTERM)
    try:
        try:
            said = _said(name, work, order)
        finally:  # what is left to do is quick
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
    except _EndedError:
        said = HostError(f"the {name} was told to end (SIGTERM), and the run was given up")
    with suppress(OSError):  # there is nobody any more who would want to hear it
        try:
            link.send(said)
        except (AttributeError, PickleError, TypeError) as error:
            link.send(InternalError(f"what came of the run cannot be sent: {error}"))
        link.close()


def _said(name: str, work: Callable[[Any], Any], order: Any) -> Any:
    """Return what ``work`` returned, or what it raised, in a form that can be sent."""
    try:
        return work(order)
    except (MemoryError, SchedsimError, SystemExit) as error:
        error.__cause__ = error.__context__ = None  # what a user's policy raised may not be sendable
        return error
    except Exception as error:  # noqa: BLE001 - it is raised again in the caller
        import traceback

        return InternalError(
            f"{type(error).__name__}: {error} in the {name}\n{''.join(traceback.format_exception(error))}"
        )


@contextmanager
def alone() -> Iterator[None]:
    """Hold the machine for one run. Raises HostError while another one goes on.

    The kernel gives back what it is held by when the holder ends, however it ends: a name on Linux, a lock on
    a file elsewhere.
    """
    lock = _lock()
    if lock is None:
        raise BusyError("another real run goes on here, and each would disturb the other; wait for it to end")
    try:
        yield
    finally:
        lock.close()


def _lock() -> socket.socket | IO[bytes] | None:
    """Return what holds the machine, None if another run has it."""
    if LINUX:
        name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            name.bind(_LOCK)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                name.close()
                return None
        return name
    import fcntl
    import tempfile

    file = open(os.path.join(tempfile.gettempdir(), "schedsim-real.lock"), "ab")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


@contextmanager
def stage(placing: Placing) -> Iterator[bool]:
    """Hold the machine for one run, as ``placing`` says; yield whether idle CPUs poll meanwhile."""
    with ExitStack() as stack:
        stack.enter_context(alone())
        if placing.dispatcher is not None:
            os.sched_setaffinity(0, {placing.dispatcher})
        if placing.unthrottle:
            stack.enter_context(unthrottled())
        awake = keep_awake()
        if awake is not None:
            stack.callback(os.close, awake)
        yield awake is not None


def be_quick(band: int | None) -> None:
    """Keep this process from stopping to collect garbage, and give it that real-time priority, if any."""
    if band is not None:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(band))
    gc.collect()
    gc.freeze()
    gc.disable()


class HostSteal:
    """What the kernel counts as stolen of some CPUs from here on."""

    def __init__(self, cpus: tuple[int | None, ...]) -> None:
        """Begin now; CPUs without a number are left out."""
        self.cpus = tuple(cpu for cpu in cpus if cpu is not None)
        self.began, self.before = time.monotonic(), stolen_ticks(self.cpus)

    def share(self) -> float | None:
        """Return how much of the time since then was stolen, per CPU; None where the kernel does not say."""
        now, passed = stolen_ticks(self.cpus), time.monotonic() - self.began
        if self.before is None or now is None or not passed:
            return None
        return (now - self.before) / 100 / passed / len(self.cpus)
