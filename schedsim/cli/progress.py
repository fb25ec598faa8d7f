"""Word of long work, on a terminal only: nothing is printed where nobody waits."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from schedsim.cli.output import on_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATIENCE: Final = 1.0
"""Seconds of silence before anything is shown."""


@contextmanager
def working(what: str) -> Iterator[Silent]:
    """Show on standard error that ``what`` goes on, if it goes on for long; gives whom to tell how far it is."""
    if not on_terminal(sys.stderr):
        yield Silent()
        return
    shown = Shown(what)
    try:
        yield shown
    finally:
        shown.stop()


class Silent:
    """Hears how far the work is, and shows nothing."""

    def tell(self, done: int, total: int, name: str) -> None:
        """Say that ``done`` of ``total`` is done, and what comes next."""

    def say(self, lines: Iterable[str]) -> None:
        """Print lines on standard error, at once: they must be read before the work goes on."""
        if sys.stderr is not None:
            sys.stderr.write("".join(f"{line}\n" for line in lines))
            sys.stderr.flush()


class Shown(Silent):
    """A line on the terminal that appears after a while."""

    def __init__(self, what: str) -> None:
        """Start to wait."""
        from threading import Lock, Timer

        self.what, self.done, self.total = what, 0, 0
        self.lock = Lock()
        self.bar: Any = None
        self.task: Any = None
        self.stopped = False
        self.timer = Timer(PATIENCE, self.appear)
        self.timer.daemon = True
        self.timer.start()

    def appear(self) -> None:
        """Show the line, unless the work is over."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        columns: list[Any] = [SpinnerColumn(), TextColumn("{task.description}", markup=False), Elapsed()]
        if self.total:
            columns[2:2] = [BarColumn(), MofNCompleteColumn()]
        bar = Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)
        with self.lock:
            if self.stopped:
                return
            self.bar = bar
            self.task = bar.add_task(self.what, total=self.total or None, completed=self.done)
            bar.start()

    def tell(self, done: int, total: int, name: str) -> None:
        """Say how far it is."""
        with self.lock:
            self.what, self.done, self.total = name, done, total
            if self.bar is not None:
                self.bar.update(self.task, description=name, completed=done, total=total)

    def say(self, lines: Iterable[str]) -> None:
        """Print lines above the line that shows how far it is."""
        with self.lock:
            if self.bar is None:
                super().say(lines)
            else:
                self.bar.console.print("\n".join(lines), markup=False, highlight=False)

    def stop(self) -> None:
        """Take the line away."""
        self.timer.cancel()
        with self.lock:
            self.stopped = True
            if self.bar is not None:
                self.bar.stop()
