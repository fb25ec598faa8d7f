"""The process in which the real part of a lab runs, and which leaves nothing of it.

It leads a session and a group, and adopts orphans: all that a lab makes descends from it. When the lab has
ended, however it ended, the director kills and reaps what is left, removes the folder and the semaphores; and if
it is killed itself, its caller does. If the caller is killed, the director hears of it and ends. A process that
is killed from outside ends the lab at once.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from schedsim.engines.real.linux import adopt_orphans, die_with_parent
from schedsim.engines.real.stage import forking, patiently
from schedsim.errors import HostError, InternalError, SchedsimError
from schedsim.labs.stage import LIMIT, TIDY, EndedError, Stage

if TYPE_CHECKING:
    from schedsim.labs.base import Findings

_LOOK: Final = 0.25
"""So often (seconds) the director looks at the clock, its caller and its processes."""
_MOMENT: Final = 0.001
"""So much later (seconds) it looks again, if it cannot now."""
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - where Linux keeps semaphores, which are only looked for


def on_stage(
    name: str, work: Callable[[Stage], Findings], seed: int | None = None, *, limit: float = LIMIT
) -> Findings:
    """Return what ``work`` returns, called in a director; nothing of it is left then.

    Raises:
        HostError: it could not be done here, took too long, or one of its processes was killed.
        KeyboardInterrupt: the user interrupted it.
    """
    if os.name != "posix":
        raise HostError("real processes run on Linux, and on other systems like Unix")
    context = multiprocessing.get_context("fork")
    own, other = context.Pipe(duplex=False)
    folder = tempfile.mkdtemp(prefix="schedsim-lab-")
    director = context.Process(
        target=_direct, args=(work, folder, seed, limit, other, os.getpid()), name=f"schedsim lab {name}"
    )
    try:
        with forking():
            director.start()
        other.close()
        said = _heard(own, director, limit + 2 * TIDY)
    finally:
        with patiently():
            own.close()
            _finish(director)
            shutil.rmtree(folder, ignore_errors=True)
    if isinstance(said, BaseException):
        raise said
    findings: Findings = said
    return findings


def _heard(link: Any, director: BaseProcess, longest: float) -> Any:
    """Return what the director sends; an error if it is killed, or says nothing for too long."""
    until = time.monotonic() + longest
    while time.monotonic() < until:
        ended = _has_ended(director)
        # The link does not break while one of the lab's processes has it, too.
        if link.poll(0 if ended else _LOOK / 2):
            with suppress(EOFError):
                return link.recv()
        if ended:
            return HostError("the lab's own process was killed")
    return HostError("the lab took too long")


def _has_ended(process: BaseProcess) -> bool:
    if process.pid is None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _finish(director: BaseProcess) -> None:
    """End the director, and whatever it did not end."""
    if director.pid is None:
        return
    pid = director.pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 2 * TIDY
    while not _has_ended(director) and time.monotonic() < until:
        time.sleep(0.002)
    with suppress(ProcessLookupError, PermissionError):
        # Not yet waited for, the director still has its number, so this is its group and nobody else's.
        os.killpg(pid, signal.SIGKILL)
    director.join()
    # Processes that were forked have a file of it, so its sentinel speaks when the last one is gone.
    connection.wait([director.sentinel], TIDY)
    director.close()
    _unlink_semaphores(pid)


# In the director.


def _direct(
    work: Callable[[Stage], Findings],
    folder: str,
    seed: int | None,
    limit: float,
    link: Any,
    parent: int,
) -> None:
    """Be the director: send what came of the lab through ``link``, with nothing left of it."""
    os.setsid()
    stage = Stage(folder, seed, limit)
    signals = _Signals(stage)
    said: Any
    try:
        signals.begin()
        die_with_parent(parent, signal.SIGTERM)
        adopt_orphans()
        _keep_together(folder)
        try:
            said = _said(work, stage)
        finally:
            signals.closing = True
    except EndedError as error:
        signals.closing = True  # it may have come in the very moment in which the lab had ended
        said = HostError(f"the lab was given up: {error}")
    except OSError as error:
        signals.closing = True
        said = HostError(f"the lab's own process could not begin ({error.strerror})")
    _clear(os.getpid())
    with suppress(OSError):  # there is nobody any more who would want to hear it
        try:
            link.send(said)
        except Exception as error:  # noqa: BLE001 - whatever a value does that cannot be sent
            link.send(InternalError(f"what came of the lab cannot be sent: {error}"))
    shutil.rmtree(folder, ignore_errors=True)
    _unlink_semaphores(os.getpid())
    os._exit(0)  # there is nothing left that Python could tidy up


def _said(work: Callable[[Stage], Findings], stage: Stage) -> Any:
    """Return what the lab found, or what it raised, in a form that can be sent."""
    try:
        found = work(stage)
        return found._replace(disturbances=(*found.disturbances, *stage.disturbances))
    except SchedsimError as error:
        return error
    except Exception as error:  # noqa: BLE001 - it is raised again in the caller
        import traceback

        return InternalError(
            f"{type(error).__name__}: {error} in the lab\n{''.join(traceback.format_exception(error))}"
        )


class _Signals:
    """What the director does at signals: it looks whether it is time to end, which is said by an exception.

    Not in the middle of a fork: what is called there is called by the interpreter, which prints an exception
    and forgets it. Then it looks a moment later.
    """

    def __init__(self, stage: Stage) -> None:
        """Do nothing yet."""
        self.stage = stage
        self.closing = self.forking = False
        self.before: set[signal.Signals] | None = None

    def begin(self) -> None:
        """Answer signals from now on, and see to all forks that are to come; those of other processes are left alone."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
            signal.signal(number, self.look)
        os.register_at_fork(before=self.hold, after_in_parent=self.let_go, after_in_child=self.be_usual)
        signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)

    def look(self, number: int, frame: FrameType | None) -> None:
        """Be what is called at a signal."""
        if self.closing or os.getpid() != self.stage.own:
            return
        if number in (signal.SIGINT, signal.SIGTERM):
            self.stage.told_to_end = True
        if self.forking or _within(frame, self.hold, self.let_go):
            signal.setitimer(signal.ITIMER_REAL, _MOMENT, _LOOK)
        else:
            self.stage.look()

    def hold(self) -> None:
        """Have signals wait: Python forgets those that come to a child before it has begun."""
        if os.getpid() == self.stage.own:
            self.forking = True
            told = {signal.SIGINT, signal.SIGTERM}
            self.before = {*map(signal.Signals, signal.pthread_sigmask(signal.SIG_BLOCK, told))}

    def let_go(self) -> None:
        """Have signals come again."""
        if self.before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.before)
            self.before = None
            self.forking = False

    def be_usual(self) -> None:
        """Take back what the director does at signals, which is nothing for a child of it."""
        if self.before is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            self.let_go()


def _within(frame: FrameType | None, *called: Callable[[], None]) -> bool:
    """Return whether a frame is that of one of these methods, or of what it calls."""
    codes = {getattr(each, "__code__", None) for each in called}
    while frame is not None:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False


def _keep_together(folder: str) -> None:
    """Have Python make its own files in the folder, and give semaphores names by which they are found."""
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    # Private to multiprocessing, as there is no other way; children have the same prefix.
    config = getattr(multiprocessing.current_process(), "_config", {})
    config["semprefix"] = f"/{_prefix(os.getpid())}"
    # The caller's tracker of semaphores is not to hear of those of the lab: they are gone when it looks.
    tracker: Any = getattr(resource_tracker, "_resource_tracker", None)
    if tracker is not None:
        tracker._fd = tracker._pid = None  # noqa: SLF001 - likewise


def _prefix(director: int) -> str:
    return f"sslab{director}"


def _unlink_semaphores(director: int) -> None:
    """Remove the semaphores that have a name still: those of processes that were not forked."""
    with suppress(OSError):
        for name in os.listdir(_SHARED_MEMORY):
            if name.startswith(f"sem.{_prefix(director)}-"):
                with suppress(OSError):
                    os.unlink(os.path.join(_SHARED_MEMORY, name))


def _clear(own: int) -> None:
    """Kill and reap all processes that descend from this one; those that lead a session are asked to end first."""
    began = time.monotonic()
    while time.monotonic() < began + 2 * TIDY:
        for process, session in _descendants(own):
            polite = session != own and time.monotonic() < began + TIDY
            with suppress(OSError):
                os.kill(process, signal.SIGTERM if polite else signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _descendants(root: int) -> Iterator[tuple[int, int]]:
    """Yield number and session of each process that descends from ``root``, as far as /proc says."""
    parents: dict[int, int] = {}
    sessions: dict[int, int] = {}
    with suppress(OSError):
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                parents[int(name)], sessions[int(name)] = int(fields[1]), int(fields[3])
    found = {root}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    yield from ((process, sessions[process]) for process in found - {root})
