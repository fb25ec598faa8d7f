"""Job mixes from a seed: how many jobs, how long their bursts are, how they arrive.

Each thing that is drawn (arrivals, bursts, I/O, how many bursts, priorities, tickets) has a
stream of its own, so that a mix with other priorities has the same bursts: two mixes that differ
in one option differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from schedsim.distributions import (
    Distribution,
    Uniform,
    natural_log,
    parse_distribution,
    plain_number,
    refuse_name,
)
from schedsim.errors import UsageError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Operation
from schedsim.times import LONGEST, UNITS, parse_duration, show

ARRIVALS: Final[dict[str, str]] = {
    "poisson": "at random, independent of each other: exponential gaps",
    "uniform": "gaps of every length from 0 to twice the mean alike",
    "periodic": "equal gaps",
    "together": "all at 0",
}
"""How jobs may arrive, by name, for a list of them and for the parser. The first is always at 0."""

_ARRIVAL_ALIASES: Final = {"all-at-once": "together", "batch": "together", "constant": "periodic"}

LOAD: Final = 0.8
"""The offered load when neither a rate nor a load is given."""

MOST_JOBS: Final = 10_000_000
"""More jobs than this do not fit into the memory of an ordinary computer."""

MOST_BURSTS: Final = 10_000
"""The most CPU bursts of one job."""

_STREAMS: Final = ("arrival", "burst", "io", "bursts_per_job", "priorities", "tickets")

Choices = int | str | Sequence[int]
"""Whole numbers to choose from: one, a list, or text such as ``1-5`` or ``1:9,10:1`` (weights)."""


def generate(
    jobs: int,
    *,
    seed: int,
    burst: str = "exponential:mean=10",
    arrival: str = "poisson",
    rate: float | str | None = None,
    load: float | str | None = None,
    cpus: int = 1,
    io: str | None = None,
    device: str = "",
    bursts_per_job: Choices | None = None,
    priorities: Choices | None = None,
    tickets: Choices | None = None,
    unit: str = "ms",
    resolution: float | str | None = None,
) -> Mix:
    """Return a mix of ``jobs`` jobs, the same for the same arguments for ever.

    Args:
        jobs: how many.
        seed: a whole number, 0 or above.
        burst: the distribution of a CPU burst, ``name:key=value,...``; see
            ``distributions.KINDS``. Bare lengths are in ``unit``.
        arrival: one of ``ARRIVALS``.
        rate: arrivals per unit of time on average, or per another one: ``"50/s"``.
        load: the CPU time that arrives per unit of time, divided by ``cpus``: 1 is as much as
            the CPUs can do. Without ``rate`` and ``load`` it is 0.8.
        cpus: how many CPUs the load is for; the mix says so too.
        io: the distribution of the I/O burst between two CPU bursts.
        device: the device that serves the I/O one at a time; without it I/O never queues.
        bursts_per_job: how many CPU bursts a job has: 1, or 2 to 6 when there is I/O.
        priorities: what the jobs' priorities are drawn from; without it all have 0.
        tickets: what the jobs' tickets are drawn from; without it all have 1.
        unit: the unit of the mix.
        resolution: all times are rounded to a multiple of it, and no burst to 0. Without it, it is
            the power of ten of the unit that is about a thousandth of a mean burst, at most 1 unit.

    Raises:
        UsageError: for anything that cannot be used, with what to write instead.
    """
    given = dict(locals())
    if unit not in UNITS:
        refuse_name("unit", unit, UNITS)
    _whole("jobs", jobs, 1, MOST_JOBS)
    _whole("seed", seed, 0, 2**256)
    _whole("cpus", cpus, 1, 100_000)
    lengths = parse_distribution(burst, unit)
    waits = None if io is None else parse_distribution(io, unit)
    if bursts_per_job is None:
        bursts_per_job = 1 if waits is None else "2-6"
    counts = _Choice("bursts_per_job", bursts_per_job)
    if counts.low < 1 or counts.high > MOST_BURSTS:
        raise UsageError(f"bursts_per_job is {bursts_per_job!r}; write numbers from 1 to {MOST_BURSTS}")
    if jobs * counts.mean > 2 * MOST_JOBS:
        raise UsageError(f"{jobs} jobs of {counts.mean:g} bursts are too many; write fewer of either")
    if counts.high > 1 and waits is None:
        raise UsageError(
            "a job of several CPU bursts needs I/O between them; add io, as in exponential:mean=20"
        )
    if counts.high == 1 and waits is not None:
        raise UsageError("a job of one CPU burst has no I/O; write 2 or more bursts_per_job, or leave io out")
    if device and (waits is None or len(device.split()) != 1 or ";" in device):
        raise UsageError(f"device is {device!r}; write one word, and the length of its service as io")
    step = _step(resolution, unit, lengths, waits)
    gap = _gap(arrival, rate, load, unit, lengths.mean * counts.mean / cpus)
    instants = _instants(arrival, gap, _stream(seed, "arrival"))
    programs = _programs(seed, step, lengths, waits, device, counts)
    ranks = _Choice("priorities", 0 if priorities is None else priorities).drawer(_stream(seed, "priorities"))
    shares = _Choice("tickets", 1 if tickets is None else tickets)
    if shares.low < 1:
        raise UsageError(f"tickets is {tickets!r}; write numbers of at least 1")
    shares_of = shares.drawer(_stream(seed, "tickets"))
    made = [
        Job(f"J{number}", int(instants() / step + 0.5) * step, programs(), ranks(), 0, shares_of())
        for number in range(1, jobs + 1)
    ]
    work = (lengths.mean + (waits.mean if waits else 0)) * counts.mean * jobs
    _refuse_longer_than_can_be_counted(made, work)
    return Mix(
        tuple(made),
        name=f"generated-{seed}",
        unit=unit,
        cpus=cpus,
        title=f"{jobs} job{'s' * (jobs != 1)} generated with seed {seed}, times to {show(step, unit)} {unit}",
        source=_command(given),
    )


def _refuse_longer_than_can_be_counted(made: list[Job], work: float) -> None:
    """Refuse jobs whose last finish might not fit a trace; ``work`` is about what they ask for."""
    if made[-1].arrival + work >= LONGEST / 10_000:
        # Near the limit the mean is no longer good enough: heavy tails go far beyond it.
        work = sum(job.cpu + job.io for job in made)
    if made[-1].arrival + work >= LONGEST:
        raise UsageError(
            "these jobs take longer than schedsim can count (146 years); "
            "write shorter bursts, a higher rate or fewer jobs"
        )


def _whole(what: str, value: object, low: int, high: int) -> None:
    """Refuse what is no whole number from ``low`` to ``high``."""
    if type(value) is not int or not low <= value <= high:
        limit = f"from {low} to {high}" if high < 2**64 else f"of at least {low}"
        raise UsageError(f"{what} is {value!r}; write a whole number {limit}")


def _stream(seed: int, name: str) -> Uniform:
    """Return the numbers between 0 and 1 from which one thing is drawn."""
    from random import Random

    return Random(seed * 16 + _STREAMS.index(name)).random


def _step(
    resolution: float | str | None, unit: str, lengths: Distribution, waits: Distribution | None
) -> int:
    """Return the length to whose multiples all times are rounded."""
    if resolution is None:
        grain = min(lengths.grain, waits.grain if waits else lengths.grain)
        step = UNITS[unit]
        while step > 1 and step > grain:
            step //= 10
        return step
    try:
        step = parse_duration(resolution, unit)
    except ValueError as error:
        raise UsageError(f"resolution: {error}") from None
    shortest = min(lengths.mean, waits.mean if waits else lengths.mean)
    if not 0 < step <= shortest:
        raise UsageError(
            f"resolution is {resolution}; write a length above 0 and at most the mean burst, as in 0.01"
        )
    return step


def _gap(arrival: str, rate: float | str | None, load: float | str | None, unit: str, work: float) -> float:
    """Return the mean time between two arrivals, in nanoseconds.

    ``work`` is the mean CPU time of a job, divided by the number of CPUs.
    """
    name = _ARRIVAL_ALIASES.get(arrival, arrival)
    if name not in ARRIVALS:
        refuse_name("arrival", name, ARRIVALS)
    if name == "together":
        if rate is not None or load is not None:
            raise UsageError("jobs that arrive together have no rate and no load; leave those out")
        return 0.0
    if rate is not None and load is not None:
        raise UsageError("rate and load both say how fast jobs arrive; write one of them")
    if rate is None:
        return work / _positive("load", LOAD if load is None else load)
    number, slash, per = str(rate).partition("/")
    if slash and per not in UNITS:
        raise UsageError(f"rate is {rate!r}; write arrivals per {', '.join(UNITS)}, as in 50/s")
    return UNITS[per or unit] / _positive("rate", number)


def _positive(what: str, value: object) -> float:
    """Return a number above 0 that is neither tiny nor huge."""
    try:
        number = plain_number(str(value))
    except ValueError as error:
        raise UsageError(f"{what}: {error}") from None
    if not 1e-9 <= number <= 1e9:
        raise UsageError(f"{what} is {value}; write a number above 0, as in 0.5")
    return number


def _instants(arrival: str, gap: float, uniform: Uniform) -> Callable[[], float]:
    """Return a function that gives one arrival after the other, in nanoseconds."""
    name = _ARRIVAL_ALIASES.get(arrival, arrival)
    now, number = 0.0, -1

    def random() -> float:
        nonlocal now
        before = now
        now += -gap * natural_log(1.0 - uniform()) if name == "poisson" else 2.0 * gap * uniform()
        return before

    def regular() -> float:
        nonlocal number
        number += 1
        return number * gap

    return random if name in ("poisson", "uniform") else regular


def _programs(
    seed: int, step: int, lengths: Distribution, waits: Distribution | None, device: str, counts: _Choice
) -> Callable[[], tuple[Operation, ...]]:
    """Return a function that gives one program after the other; equal ones are one object."""
    length = lengths.sampler(_stream(seed, "burst"))
    bursts: dict[int, tuple[Operation, ...]] = {}

    def one() -> tuple[Operation, ...]:
        steps = int(length() / step + 0.5) or 1
        program = bursts.get(steps)
        if program is None:
            program = bursts[steps] = (Cpu(steps * step),)
        return program

    if waits is None:
        return one
    wait = waits.sampler(_stream(seed, "io"))
    count = counts.drawer(_stream(seed, "bursts_per_job"))
    services: dict[int, tuple[Operation, ...]] = {}

    def several() -> tuple[Operation, ...]:
        program = list(one())
        for _ in range(count() - 1):
            steps = int(wait() / step + 0.5) or 1
            service = services.get(steps)
            if service is None:
                service = services[steps] = (Io(steps * step, device),)
            program += service
            program += one()
        return tuple(program)

    return several


class _Choice:
    """Whole numbers with weights: what ``bursts_per_job``, ``priorities`` and ``tickets`` say."""

    def __init__(self, what: str, choices: Choices) -> None:
        """Read one number, a list of them, or text; raises UsageError."""
        self.values: list[int] = []
        if isinstance(choices, str):
            for part in choices.split(","):
                self._add(what, choices, part)
        else:
            self.values = [choices] if isinstance(choices, int) else list(choices)
            if not self.values:
                raise UsageError(f"{what} is empty; write whole numbers, as in 1-5")
            for value in self.values:
                _whole(what, value, -(10**9), 10**9)
        self.low, self.high = min(self.values), max(self.values)
        self.mean = sum(self.values) / len(self.values)

    def _add(self, what: str, choices: str, part: str) -> None:
        """Add ``3``, ``1-5`` or either with a weight: ``3:9``."""
        from re import fullmatch

        found = fullmatch(r"\s*(-?\d{1,9})(?:-(-?\d{1,9}))?(?::(\d{1,4}))?\s*", part, 256)
        first, last, weight = found.groups() if found else (None, None, None)
        if first is None or int(last or first) < int(first) or weight in ("0", "00"):
            raise UsageError(
                f"{what} is {choices!r}; write whole numbers, as in 1-5 or 1:9,10:1 (with weights)"
            )
        values = range(int(first), int(last or first) + 1)
        if len(self.values) + len(values) * int(weight or 1) > 100_000:
            raise UsageError(f"{what} is {choices!r}; write a smaller range or smaller weights")
        self.values += list(values) * int(weight or 1)

    def drawer(self, uniform: Uniform) -> Callable[[], int]:
        """Return a function that gives one number after the other."""
        values, count = self.values, len(self.values)
        if count == 1:
            return lambda: values[0]
        return lambda: values[int(uniform() * count)]


def _command(given: dict[str, Any]) -> str:
    """Return the command that makes the mix again."""
    from shlex import quote

    defaults = generate.__kwdefaults__ or {}
    words = ["schedsim generate", str(given.pop("jobs"))]
    for name, value in given.items():
        if name == "seed" or value != defaults[name]:
            text = str(value) if isinstance(value, str | int | float) else ",".join(map(str, value))
            # Joined by '=' where the value could be taken for an option.
            join = "=" if text.startswith("-") else " "
            words.append(f"--{name.replace('_', '-')}{join}{quote(text)}")
    return " ".join(words)
