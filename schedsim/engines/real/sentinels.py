"""Whether a worker has died: a file of each becomes readable, and one file stands for all of them."""

from __future__ import annotations

import select
from collections.abc import Sequence


class Sentinels:
    """The sentinels of all workers that live."""

    def __init__(self, sentinels: Sequence[int]) -> None:
        """Watch these files, one for each worker in order."""
        self.workers = {sentinel: index for index, sentinel in enumerate(sentinels)}
        self.many = select.epoll() if hasattr(select, "epoll") else None
        if self.many is not None:
            for sentinel in sentinels:
                self.many.register(sentinel, select.EPOLLIN)

    def files(self) -> list[int]:
        """Return what to select on: readable when somebody has died."""
        return [*self.workers] if self.many is None else [self.many.fileno()]

    def dead(self) -> list[int]:
        """Return the workers that have died since the last call, by their places."""
        if self.many is not None:
            found = [file for file, _ in self.many.poll(0)]
            for file in found:
                self.many.unregister(file)
        else:
            found = select.select([*self.workers], [], [], 0)[0]
        return sorted(self.workers.pop(file) for file in found)

    def close(self) -> None:
        """Watch no more."""
        if self.many is not None:
            self.many.close()
