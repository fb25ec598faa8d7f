"""Lifting the kernel's limit on real-time processes for a run, and putting it back whatever happens.

A process of its own keeps the old value and waits on a pipe whose other end the dispatcher holds.
However the dispatcher ends, also if it is killed, that pipe closes, and the keeper puts the value back.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection

from schedsim.engines.real.linux import set_throttling, throttling, undisturbed
from schedsim.errors import HostError


@contextmanager
def unthrottled() -> Iterator[None]:
    """Lift the limit within the block. Raises HostError when this process may not."""
    found = throttling()
    if found is None or found[0] < 0:
        yield
        return
    keeper_end, own_end = connection.Pipe()
    context = multiprocessing.get_context("fork")
    keeper = context.Process(target=_keep, args=(found[0], keeper_end, own_end), name="schedsim keeper")
    try:
        with undisturbed():
            keeper.start()
        keeper_end.close()
        said = "its keeper did not answer"
        with suppress(EOFError):
            if own_end.poll(10):
                said = own_end.recv()
        if said:
            raise HostError(f"the limit on real-time processes cannot be lifted: {said}")
        yield
    finally:
        with undisturbed():
            own_end.close()
            if keeper.pid is not None:
                keeper.join(10)
            now = throttling()
            if now is not None and now[0] < 0:  # somebody killed the keeper
                set_throttling(found[0])


def _keep(runtime: int, end: connection.Connection, other: connection.Connection) -> None:
    """Lift the limit, wait until nobody holds the other end of the pipe, and put it back."""
    other.close()
    os.setsid()  # what the terminal sends goes to the others
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    try:
        set_throttling(-1)
    except OSError as error:
        end.send(str(error.strerror))
        return
    try:
        end.send("")
        end.recv()
    except (EOFError, OSError):
        pass  # the dispatcher has ended
    finally:
        set_throttling(runtime)
