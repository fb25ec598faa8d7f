"""What every real lab has around it: a process of its own, a folder, a deadline; and nothing is left of it.

The real part runs in a *director*: a process that leads a session and a group, and adopts orphans. All that a
lab makes descends from it. When the lab has ended, however it ended, the director kills and reaps what is
left, removes the folder and the semaphores; and if it is killed itself, its caller does. If the caller is
killed, the director hears of it and ends. A process that is killed from outside ends the lab at once.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Final

from schedsim.engines.real.linux import adopt_orphans, die_with_parent
from schedsim.engines.real.patience import let_pass, when_free
from schedsim.errors import HostError, InternalError, SchedsimError

if TYPE_CHECKING:
    from schedsim.labs.base import Findings
    from schedsim.measured import RealRun

LIMIT: Final = 120.0
"""Seconds that a lab may take."""
TRIES: Final = 3
"""So often a run under a policy is made again while it is disturbed."""
_LOOK: Final = 0.25
"""So often (seconds) the director looks at the clock, its caller and its processes."""
_TIDY: Final = 5.0
"""Seconds in which what is told to end has ended, or it is killed."""
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - where Linux keeps semaphores, which are only looked for


class _EndedError(BaseException):
    """The lab has to end; ``args[0]`` says why."""


class Stage:
    """What the real part of a lab is given.

    Attributes:
        seed: the one that the user named, or None.
        folder: an empty folder, for all files; it is removed afterwards.
        disturbances: why the lab may not show its effect; see ``disturbed``.
    """

    def __init__(self, folder: str, seed: int | None = None, limit: float = LIMIT) -> None:
        """Begin now; ``limit`` seconds are left."""
        self.folder, self.seed = folder, seed
        self.disturbances: list[str] = []
        self._until = time.monotonic() + limit
        self._watched: dict[int, str] = {}
        self._last_words = 0.0
        self._own = os.getpid()
        self._parent = os.getppid()

    def process(
        self,
        target: Callable[..., object],
        *arguments: Any,
        name: str | None = None,
        method: str = "fork",
        watched: bool = True,
    ) -> BaseProcess:
        """Return a process that has been started and calls ``target``; it dies with the lab.

        Args:
            target: what it calls; with another method than ``fork``, a function of a module.
            *arguments: what it is called with.
            name: what messages call it.
            method: ``fork``, ``spawn`` or ``forkserver``.
            watched: whether the lab has to end when it dies of a signal, or with another status than 0.
        """
        made: Any = multiprocessing.get_context(method)
        return self.start(
            made.Process(target=_in_child, args=(self._own, target, arguments), name=name), watched=watched
        )

    def start(self, process: BaseProcess, *, watched: bool = True) -> BaseProcess:
        """Start a process that the lab has made in its own way; see ``process``."""
        with warnings.catch_warnings():  # of threads: those of a queue take no lock that a child needs
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        if watched and process.pid is not None:
            self._watched[process.pid] = process.name
        self._look()
        return process

    def join(self, *processes: BaseProcess) -> None:
        """Wait until these have ended; when the lab's time is up, it ends."""
        for process in processes:
            # With a limit it would wait until no descendant has its sentinel any more: for orphans, too.
            process.join()
            if self._watched.pop(process.pid or 0, None) and process.exitcode:
                raise _EndedError(f"process {process.name} {_cause(process.exitcode)}")

    def kill(self, process: BaseProcess, number: int = signal.SIGTERM) -> None:
        """Send a signal that may end it, which does not end the lab."""
        self._watched.pop(process.pid or 0, None)
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, number)

    def left(self) -> float:
        """Return how many seconds the lab has left."""
        return max(self._until - time.monotonic(), 0.0)

    def disturbed(self, why: str) -> None:
        """Note that the machine, and not the lab, may be why the effect is not seen: it is inconclusive then."""
        self.disturbances.append(why)

    def need_cpus(self, count: int) -> None:
        """Raise HostError where this machine has fewer CPUs."""
        there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if there < count:
            raise HostError(f"this lab needs {count} CPUs, and there is {there} here")

    def run(self, mix: object, algo: str, **options: Any) -> RealRun:
        """Return a run of ``schedsim.real`` that was left in peace; of three that were not, the last.

        That they were not is noted then. Parameters and errors are those of ``schedsim.real``.
        """
        from schedsim.real import real

        def made() -> RealRun:
            return when_free(lambda: real(mix, algo, **options))

        run, tries = made(), 1
        while not (run.validity.valid and run.completed):
            if tries == TRIES:
                self.disturbed(f"{algo}: {'; '.join(run.validity.reasons) or 'a process died'}")
                break
            let_pass(tries)
            run, tries = made(), tries + 1
        return run

    def _look(self, *_: object) -> None:
        """Raise _EndedError if it is time to end. Called by signals, and at each start."""
        now = time.monotonic()
        # Python lets nothing out of what runs when an object goes; then it comes again, a while later.
        if os.getpid() != self._own or now < self._last_words + _TIDY:
            return
        why = ""
        if os.getppid() != self._parent:
            why = "its caller ended"
        elif now > self._until:
            why = "it took too long"
        else:
            why = next(filter(None, map(self._cause, [*self._watched])), "")
        if why:
            self._last_words = now
            raise _EndedError(why)

    def _cause(self, process: int) -> str:
        """Return of what a watched process died, if it did."""
        with suppress(ChildProcessError):  # it was waited for
            seen = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if seen is not None and seen.si_status:
                code = seen.si_status if seen.si_code == os.CLD_EXITED else -seen.si_status
                return f"process {self._watched[process]} {_cause(code)}"
        return ""


def _cause(code: int) -> str:
    """Return in words how a process ended, by its exit code as multiprocessing has it."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


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
        with _patiently(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the thread that shows progress
            director.start()
        other.close()
        said = _heard(own, director, limit + 2 * _TIDY)
    finally:
        with _patiently():
            own.close()
            _finish(director)
            shutil.rmtree(folder, ignore_errors=True)
    if isinstance(said, BaseException):
        raise said
    findings: Findings = said
    return findings


@contextmanager
def _patiently() -> Iterator[None]:
    """Let Ctrl-C wait until the block is over."""
    pressed: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number)) if main else None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    for number in pressed:
        signal.raise_signal(number)


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
    until = time.monotonic() + 2 * _TIDY
    while not _has_ended(director) and time.monotonic() < until:
        time.sleep(0.002)
    with suppress(ProcessLookupError, PermissionError):
        # Not yet waited for, the director still has its number, so this is its group and nobody else's.
        os.killpg(pid, signal.SIGKILL)
    director.join()
    # Processes that were forked have a file of it, so its sentinel speaks when the last one is gone.
    multiprocessing.connection.wait([director.sentinel], _TIDY)
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
    closing = False

    def told(number: int, frame: object) -> None:
        del number, frame
        if not closing and os.getpid() == stage._own:  # noqa: SLF001 - of this file
            raise _EndedError("it was told to")

    def look(number: int, frame: object) -> None:
        if not closing:
            stage._look(number, frame)  # noqa: SLF001 - of this file

    said: Any
    try:
        for number, answer in ((signal.SIGINT, told), (signal.SIGTERM, told)):
            signal.signal(number, answer)
        for number in (signal.SIGALRM, signal.SIGCHLD):
            signal.signal(number, look)
        _Forks(os.getpid())
        die_with_parent(parent, signal.SIGTERM)
        adopt_orphans()
        _keep_together(folder)
        signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)
        try:
            said = _said(work, stage)
        finally:
            closing = True
    except _EndedError as error:
        said = HostError(f"the lab was given up: {error}")
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


class _Forks:
    """Children of the director answer signals as programs do, from their first moment on."""

    def __init__(self, director: int) -> None:
        """See to all forks that are to come; those of other processes are left as they are."""
        self.director = director
        self.before: set[signal.Signals] | None = None
        os.register_at_fork(before=self.hold, after_in_parent=self.let_go, after_in_child=self.be_usual)

    def hold(self) -> None:
        """Have signals wait: Python forgets those that come to a child before it has begun."""
        if os.getpid() == self.director:
            told = {signal.SIGINT, signal.SIGTERM}
            self.before = {*map(signal.Signals, signal.pthread_sigmask(signal.SIG_BLOCK, told))}

    def let_go(self) -> None:
        """Have signals come again."""
        if self.before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.before)
            self.before = None

    def be_usual(self) -> None:
        """Take back what the director does at signals, which is nothing for a child of it."""
        if self.before is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            self.let_go()


def _in_child(director: int, target: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    """Be a process of a lab."""
    die_with_parent(director)
    target(*arguments)


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
    while time.monotonic() < began + 2 * _TIDY:
        for process, session in _descendants(own):
            polite = session != own and time.monotonic() < began + _TIDY
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
