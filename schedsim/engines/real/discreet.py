"""A worker that does not disturb the kernel's choice among processes by asking for its own CPU time.

Under SCHED_OTHER a process may run for longer than its slice, until the kernel next looks, which is at a
timer tick, or when somebody wakes. To ask for CPU time is such a look, too: a process that asks too late in its
slice loses its CPU for it. So this worker asks when it has just come to its CPU, or just after a tick, and
between these counts the time that passes.
"""

from __future__ import annotations

import time
from typing import Final

from schedsim.engines.real import records
from schedsim.engines.real.worker import GAP, REHEARSE, WORTH_NOTING, Place, Worker, switches_so_far
from schedsim.times import Ns

AFTER_TICK: Final = 100_000
"""A timer tick has had its effect after so long (nanoseconds)."""
RIPE: Final = 6_000_000
"""What a worker knows of its CPU time is brought up to date after so long (nanoseconds)."""
HOST: Final = 100_000
"""A longer gap (nanoseconds) in which no other process ran was the host's; no interrupt takes so long."""

_now, _cpu = time.monotonic_ns, time.process_time_ns


class DiscreetWorker(Worker):
    """A worker under SCHED_OTHER."""

    def __init__(self, place: Place, memory: memoryview[int], tick: Ns, seen: Ns) -> None:
        """Start before the program; ticks are ``tick`` apart, and one was at ``seen``."""
        super().__init__(place, memory)
        self.tick, self.seen = tick, seen

    def before_waiting(self) -> None:
        """Do nothing: what is left to do counts in the next burst."""

    def burn(self, length: Ns) -> tuple[Ns, Ns]:
        """Compute for ``length`` of CPU time; return when that was over, and how much it was, as far as is known."""
        length += int(length * self.place.excess)
        memory, progress = self.memory, self.slot + records.PROGRESS
        self.bursts += 1
        base, switches = self.base, switches_so_far()
        cpu, now = _cpu(), _now()
        memory[self.slot + records.BURST] = -self.bursts
        memory[progress] = cpu - base
        memory[self.slot + records.BURST] = self.bursts
        self.note(records.BEGAN, self.since, now, cpu - base)
        last, ahead = now, now - (cpu - base)
        """``ahead``: the clock minus this is the CPU time of this burst."""
        ripe, rehearsed = self.after_tick(now + RIPE), False
        while True:
            now = _now()
            used = now - ahead
            if now - last > GAP:
                seen = switches_so_far()
                if seen != switches:
                    cpu, now = _cpu(), _now()
                    away = now - ahead - (cpu - base)
                    self.note(records.SWITCHED, last, now, away)
                    switches, ahead = seen, ahead + away
                    ripe = self.after_tick(now + RIPE)
                elif now - last > HOST:
                    self.note(records.AWAY, last, now, now - last)
                    ahead += now - last
            elif used >= length:
                self.base = base + used
                return now, used
            elif now >= ripe:
                cpu, now = _cpu(), _now()
                if now - last > GAP:  # it lost its CPU for asking
                    continue
                away = now - ahead - (cpu - base)
                if away > WORTH_NOTING:
                    self.note(records.AWAY, now - away, now, away)
                ahead += away
                ripe = self.after_tick(now + RIPE)
            elif not rehearsed and used >= length - REHEARSE:
                rehearsed = True
                self.rehearse(now, cpu)
                now = _now()
            memory[progress] = now - ahead
            last = now

    def after_tick(self, when: Ns) -> Ns:
        """Return the first time from ``when`` on at which a tick has just had its effect."""
        return when + (self.seen + AFTER_TICK - when) % self.tick
