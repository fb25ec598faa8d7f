"""Makes workloads/swf-fragment.swf: what a week on a small cluster might look like in a log.

The log is synthetic: no machine and no user is behind it. It has the properties that are known of
real logs (Feitelson, Workload Modeling for Computer Systems Performance Evaluation, 2015): few
arrivals at night and at the weekend, sizes that are mostly powers of two, run times over four
orders of magnitude, requested times that are round and too long, and few users with most of the jobs.

    python scripts/swf_fragment.py > workloads/swf-fragment.swf
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from schedsim.distributions import exponential_function, natural_log

SEED = 19990416
JOBS = 400
PROCESSORS = 128
MINUTE, HOUR, DAY = 60, 3600, 86400
# Monday, 1 March 1999, 0:00 in UTC.
START = 920246400

# Arrivals by hour of the day, and by day of the week from Monday on, against the busiest.
BY_HOUR = (20, 12, 8, 6, 5, 6, 10, 25, 60, 85, 100, 95, 75, 85, 100, 98, 90, 75, 55, 45, 40, 35, 30, 25)
BY_DAY = (100, 100, 95, 100, 90, 35, 30)
BUSIEST = 640.0  # seconds between two arrivals at a busy hour

SIZES = {1: 30, 2: 8, 3: 2, 4: 12, 6: 2, 8: 14, 12: 2, 16: 13, 24: 2, 32: 9, 64: 5, 128: 1}
REQUESTS = (5, 10, 15, 30, 60, 120, 240, 480, 720, 1080, 1440)  # minutes
USERS = {user: 100 // user for user in range(1, 25)}
QUEUES = ((HOUR, 1), (4 * HOUR, 2), (24 * HOUR, 3))  # the longest requested time, the queue's number

HEADER = f"""\
; Version: 2.2
; Computer: a cluster of {PROCESSORS} processors that never was
; Installation: none
; Information: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html (the format)
; Conversion: made by schedsim, scripts/swf_fragment.py, seed {SEED}
; MaxJobs: {JOBS}
; MaxRecords: {JOBS}
; Preemption: No
; UnixStartTime: {START}
; TimeZoneString: UTC
; StartTime: Mon Mar 01 00:00:00 UTC 1999
; MaxNodes: {PROCESSORS}
; MaxProcs: {PROCESSORS}
; Queues: 1 up to an hour, 2 up to four hours, 3 up to a day
; Note: title: A log in the Standard Workload Format: {JOBS} jobs of a cluster's week
; Note: source: own; synthetic, made by scripts/swf_fragment.py with seed {SEED}
; Note:
; Note: No machine and no user is behind these lines. What is known of real logs is built in: a daily
; Note: and weekly cycle, sizes of powers of two, run times over four orders of magnitude, requested
; Note: times that are round and too long, few users with most of the jobs. Wait times are those of
; Note: first come, first served, without backfilling.
; Note: schedsim reads submit, run and requested time (the estimate) and runs every job on one CPU.
; Note: Try: schedsim compare swf-fragment --cpus 4 --algo fcfs --algo sjf --algo rr:quantum=60
; Note: and look at slowdown: sjf believes the requested times, and is hardly worse for it."""


class Chance:
    """Draws from one seeded stream, the same on every machine."""

    def __init__(self, seed: int) -> None:
        """Start the stream."""
        self.uniform = Random(seed).random

    def exponential(self, mean: float) -> float:
        """Return a number of an exponential distribution."""
        return -mean * natural_log(1.0 - self.uniform())

    def normal(self) -> float:
        """Return about a normal number: twelve uniform ones, less six."""
        total = -6.0
        for _ in range(12):
            # Not sum(), which from Python 3.12 on rounds floats more finely.
            total += self.uniform()
        return total

    def of(self, weights: dict[int, int]) -> int:
        """Return one of the keys, drawn by weight."""
        left = self.uniform() * sum(weights.values())
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        return next(reversed(weights))


def arrivals(chance: Chance) -> Iterator[int]:
    """Yield submit times: a Poisson process that is thinned by the hour and the day."""
    now = 0.0
    while True:
        now += chance.exponential(BUSIEST)
        busy = BY_HOUR[int(now % DAY) // HOUR] * BY_DAY[int(now // DAY) % 7]
        if chance.uniform() * 10_000 < busy:
            yield int(now)


def run_time(chance: Chance, size: int) -> int:
    """Return seconds: many of minutes, few of hours, up to a day; large jobs run somewhat longer."""
    long = chance.uniform() < 0.35 + 0.001 * size
    middle = natural_log(2.5 * HOUR if long else 4 * MINUTE)
    seconds = exponential_function(middle + (0.9 if long else 1.4) * chance.normal())
    return max(5, min(int(seconds), DAY))


def requested(chance: Chance, seconds: int) -> int:
    """Return what the user asked for: too much, and a round number of minutes."""
    wanted = seconds * (1.0 + chance.exponential(1.2)) / MINUTE
    return MINUTE * next((minutes for minutes in REQUESTS if minutes >= wanted), REQUESTS[-1])


def first_come_first_served(submitted: int, previous: int, size: int, free_at: list[int], run: int) -> int:
    """Return when a job starts, and take its processors from then on."""
    free_at.sort()
    start = max(submitted, previous, free_at[size - 1])
    free_at[:size] = [start + run] * size
    return start


def lines(seed: int = SEED, jobs: int = JOBS) -> Iterator[str]:
    """Yield the lines of the log."""
    yield HEADER
    chance = Chance(seed)
    free_at: list[int] = [0] * PROCESSORS
    previous = 0
    for number, submitted in zip(range(1, jobs + 1), arrivals(chance), strict=False):
        user, size = chance.of(USERS), chance.of(SIZES)
        run = run_time(chance, size)
        asked = requested(chance, run)
        queue = next(queue for longest, queue in QUEUES if asked <= longest)
        previous = first_come_first_served(submitted, previous, size, free_at, run)
        status = 0 if chance.uniform() < 0.08 else 1
        cpu_time = int(run * (1.0 - 0.15 * chance.uniform()))
        memory = int(exponential_function(10.0 + 1.2 * chance.normal()))
        program = user * 3 + int(3 * chance.uniform()) - 2
        fields: Sequence[int] = (
            *(number, submitted, previous - submitted, run, size, cpu_time, memory, size, asked, -1, status),
            *(user, 1 + user % 4, program, queue, 1, -1, -1),
        )
        yield " ".join(map(str, fields))


if __name__ == "__main__":
    for text in lines():
        print(text)
