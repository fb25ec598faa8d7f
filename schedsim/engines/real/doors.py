"""The workers' doors: who has been let go, and what is said through them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from schedsim.engines.real.worker import COMMAND

if TYPE_CHECKING:
    from schedsim.engines.real.crew import Crew
    from schedsim.times import Ns


class Doors:
    """A pipe to each worker, through which it is let go and told what only the dispatcher knows."""

    def __init__(self, crew: Crew, releases: list[tuple[int, Ns]]) -> None:
        """Start with all doors closed; ``releases`` gets the job's place and the time when one is opened."""
        self.crew, self.releases = crew, releases
        self.epoch: Ns = 0
        """What the monotonic clock says when the run begins, from which all times count."""
        self.opened: set[int] = set()

    def let_go(self, index: int, since: Ns) -> None:
        """Open a worker's door, once; its program began at ``since``."""
        if index in self.opened:
            return
        self.opened.add(index)
        now = time.monotonic_ns() - self.epoch  # before: a worker that may run does so at once
        self.send(index, COMMAND.pack(self.epoch + since))
        # When a job begins that another one spawns is the policy's doing.
        if not self.crew.jobs[index].spawned:
            self.releases.append((index, now))

    def serve(self, index: int, until: Ns) -> None:
        """Tell a worker until when its I/O goes on."""
        self.send(index, COMMAND.pack(self.epoch + until))

    def send(self, index: int, words: bytes) -> None:
        """Send a worker words."""
        try:
            os.write(self.crew.workers[index].door, words)
        except BrokenPipeError:
            return  # it died, which its sentinel tells
