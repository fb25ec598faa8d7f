"""Waiting for what is due, or for a worker to say something or to die."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.engines.real.crew import Crew
    from schedsim.engines.real.rehearsal import Rehearsal
    from schedsim.engines.real.sentinels import Sentinels
    from schedsim.times import Ns

SPIN: Final = 400_000
"""So long before something is due (nanoseconds) the dispatcher stops sleeping and watches the clock."""
REHEARSE: Final = 200_000
"""If there is so much time left (nanoseconds) before something is due, it is rehearsed."""
LONGEST_SLEEP: Final = 250_000_000


class Waiting:
    """Asleep for as long as possible, and awake in time."""

    def __init__(
        self,
        crew: Crew,
        sentinels: Sentinels,
        spin: Ns,
        rehearsal: Rehearsal | None,
        look: Callable[[Ns], None],
    ) -> None:
        """Wait for that crew; ``spin`` before something is due (nanoseconds) the clock is watched.

        ``look`` is called with the time again and again, and looks whether there is anything to wait for.
        """
        self.crew, self.sentinels, self.spin, self.rehearsal = crew, sentinels, spin, rehearsal
        self.look = look

    def until(self, due: Ns, limit: Ns, epoch: Ns) -> Ns:
        """Return the time when ``due`` or ``limit`` is over, or something is to be read; since ``epoch``."""
        watched = [self.crew.mail, *self.sentinels.files()]
        while True:
            now = time.monotonic_ns() - epoch
            self.look(now)
            left = due - now
            if left <= 0 or now > limit:
                return now
            sleep = min(left - self.spin, LONGEST_SLEEP) / 1e9 if left > self.spin else 0
            if select.select(watched, [], [], sleep)[0]:
                return time.monotonic_ns() - epoch
            if self.rehearsal is not None and REHEARSE < due - (time.monotonic_ns() - epoch) <= SPIN:
                self.rehearsal.step()
