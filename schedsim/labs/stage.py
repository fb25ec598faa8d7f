"""What the real part of a lab is given: processes that end with it, a folder, a deadline, runs of job mixes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Final

from schedsim.engines.real.linux import die_with_parent
from schedsim.engines.real.patience import let_pass, when_free
from schedsim.errors import HostError

if TYPE_CHECKING:
    from schedsim.measured import RealRun

LIMIT: Final = 120.0
"""Seconds that a lab may take."""
TRIES: Final = 3
"""So often a run under a policy is made again while it is disturbed."""
TIDY: Final = 5.0
"""Seconds in which what is told to end has ended, or it is killed."""


class EndedError(BaseException):
    """The lab has to end; ``args[0]`` says why."""


class Stage:
    """What the real part of a lab is given.

    Attributes:
        seed: the one that the user named, or None.
        folder: an empty folder, for all files; it is removed afterwards.
        disturbances: why the lab may not show its effect; see ``disturbed``.
        told_to_end: whether it was, by a signal; it ends at the next ``look``.
    """

    def __init__(self, folder: str, seed: int | None = None, limit: float = LIMIT) -> None:
        """Begin now; ``limit`` seconds are left."""
        self.folder, self.seed = folder, seed
        self.disturbances: list[str] = []
        self.told_to_end = False
        self._until = time.monotonic() + limit
        self._watched: dict[int, BaseProcess] = {}
        self._last_words = 0.0
        self.own = os.getpid()
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
            made.Process(target=_in_child, args=(self.own, target, arguments), name=name), watched=watched
        )

    def start(self, process: BaseProcess, *, watched: bool = True) -> BaseProcess:
        """Start a process that the lab has made in its own way; see ``process``."""
        with warnings.catch_warnings():  # of threads: those of a queue take no lock that a child needs
            warnings.simplefilter("ignore", DeprecationWarning)
            # Who kills Python's own helper for spawned processes is no concern of the reader: another one is made.
            warnings.filterwarnings("ignore", "resource_tracker: process died", UserWarning)
            process.start()
        if watched and process.pid is not None:
            self._watched[process.pid] = process
        self.look()
        return process

    def join(self, *processes: BaseProcess) -> None:
        """Wait until these have ended; when the lab's time is up, it ends."""
        for process in processes:
            # With a limit it would wait until no descendant has its sentinel any more: for orphans, too.
            process.join()
            if self._watched.pop(process.pid or 0, None) and process.exitcode:
                raise EndedError(f"process {process.name} {_cause(process.exitcode)}")

    def kill(self, process: BaseProcess, number: int = signal.SIGTERM) -> None:
        """Send a signal that may end it, which does not end the lab."""
        self._watched.pop(process.pid or 0, None)
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, number)

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

    def look(self, *_: object) -> None:
        """Raise EndedError if it is time to end. Called by signals, and at each start."""
        now = time.monotonic()
        # Python lets nothing out of what runs when an object goes; then it comes again, a while later.
        if os.getpid() != self.own or now < self._last_words + TIDY:
            return
        why = ""
        if self.told_to_end:
            why = "it was told to"
        elif os.getppid() != self._parent:
            why = "its caller ended"
        elif now > self._until:
            why = "it took too long"
        else:
            why = next(filter(None, map(_cause_of, [*self._watched.values()])), "")
        if why:
            self._last_words = now
            raise EndedError(why)


def _cause_of(process: BaseProcess) -> str:
    """Return of what a watched process died, if it did."""
    try:
        seen = os.waitid(os.P_PID, process.pid or 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # it was waited for: multiprocessing does that whenever it starts another one
        code = process.exitcode or 0
    else:
        code = 0 if seen is None else seen.si_status if seen.si_code == os.CLD_EXITED else -seen.si_status
    return f"process {process.name} {_cause(code)}" if code else ""


def _cause(code: int) -> str:
    """Return in words how a process ended, by its exit code as multiprocessing has it."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


def _in_child(director: int, target: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    """Be a process of a lab."""
    die_with_parent(director)
    target(*arguments)
