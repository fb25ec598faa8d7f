"""Hypothesis strategies for job mixes and policies, for tests of policies and engines.

Beside ``schedsim.testing.together``, the only file that imports hypothesis, which is not needed to use
schedsim. Lengths are small whole nanoseconds, so that ends, arrivals and expiries often fall on one instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Operation, Yield
from schedsim.policies import NAMES, policy_class

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from schedsim.policies.base import Policy

PRIORITIES: Final = (0, 1, 2, 3)
"""The priorities that jobs of these mixes have, so a multilevel queue can name them all."""

CONVENTION_NAMES: Final = ("textbook", "ostep")


def lengths(longest: int = 12) -> st.SearchStrategy[int]:
    """Return lengths of bursts, from 1 nanosecond."""
    return st.integers(1, longest)


@st.composite
def programs(
    draw: st.DrawFn,
    /,
    *,
    io: bool = True,
    devices: bool = True,
    yields: bool = True,
    longest: int = 12,
    most: int = 5,
) -> tuple[Operation, ...]:
    """Return a program with at least one CPU burst; the other operations in any order around it."""
    kinds: list[st.SearchStrategy[Operation]] = [st.builds(Cpu, lengths(longest))]
    if io:
        kinds.append(st.builds(Io, lengths(longest)))
    if io and devices:
        kinds.append(st.builds(Io, lengths(longest), st.sampled_from(("disk", "net"))))
    if yields:
        kinds.append(st.just(Yield()))
    if len(kinds) == 1:
        return tuple(draw(st.lists(kinds[0], min_size=1, max_size=most)))
    steps = draw(st.lists(st.one_of(kinds), max_size=most - 1))
    place = draw(st.integers(0, len(steps)))
    burst = draw(kinds[0])
    return (*steps[:place], burst, *steps[place:])


def as_generator(steps: tuple[Operation, ...]) -> Callable[[], Generator[Operation, object, None]]:
    """Return the same program as a generator function: nobody can look ahead in it."""

    def program() -> Generator[Operation, object, None]:
        for step in steps:
            _ = yield step  # 'yield from' would hand on to the steps what the program is told

    return program


@st.composite
def jobs(
    draw: st.DrawFn,
    /,
    identifier: str,
    *,
    latest: int = 20,
    estimates: bool = True,
    generators: bool = False,
    **shape: Any,
) -> Job:
    """Return a job; ``shape`` is what ``programs`` takes."""
    steps = draw(programs(**shape))
    return Job(
        id=identifier,
        arrival=draw(st.integers(0, latest)),
        program=as_generator(steps) if generators and draw(st.booleans()) else steps,
        priority=draw(st.sampled_from(PRIORITIES)),
        nice=draw(st.sampled_from((0, 0, -20, -3, 5, 19))),
        deadline=draw(st.none() | st.integers(1, 60)),
        tickets=draw(st.integers(1, 5)),
        estimate=draw(st.none() | lengths()) if estimates else None,
    )


@st.composite
def mixes(
    draw: st.DrawFn,
    /,
    *,
    most_jobs: int = 5,
    most_cpus: int = 4,
    switch_cost: bool = True,
    degree: bool = True,
    grace: bool = True,
    until: bool = False,
    conventions: tuple[str, ...] = CONVENTION_NAMES,
    **shape: Any,
) -> Mix:
    """Return a job mix with all that says how it is to be run; ``shape`` is what ``jobs`` takes."""
    count = draw(st.integers(1, most_jobs))
    cost = draw(st.integers(0, 3)) if switch_cost else 0
    return Mix(
        jobs=tuple(draw(jobs("ABCDEFGHIJ"[place], **shape)) for place in range(count)),
        unit="ns",
        cpus=draw(st.integers(1, most_cpus)),
        degree=draw(st.none() | st.integers(1, count)) if degree else None,
        switch_cost=cost,
        charge_first_switch=cost > 0 and draw(st.booleans()),
        grace=draw(st.just(0) | st.integers(1, 4)) if grace else 0,
        conventions=draw(st.sampled_from(conventions)),
        until=draw(st.none() | st.integers(1, 60)) if until else None,
    )


def _quanta() -> st.SearchStrategy[int]:
    return st.integers(1, 8)


@st.composite
def _mlfq(draw: st.DrawFn) -> dict[str, Any]:
    quanta = draw(st.lists(_quanta(), min_size=1, max_size=3))
    return {
        "quanta": tuple(quanta),
        "allotments": tuple(draw(st.integers(0, 3)) for _ in quanta),
        "boost": draw(st.just(0) | st.integers(3, 25)),
        "io_resets_allotment": draw(st.booleans()),
        "io_bump": draw(st.booleans()),
    }


@st.composite
def _mlq(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        return {"quantum": draw(_quanta())}
    inner = policies("fcfs", "rr", "sjf", "srtf", "priority-rr", "edf").filter(
        lambda policy: not getattr(policy, "tick", 0)
    )
    order = draw(st.permutations(PRIORITIES))
    return {"queues": tuple((priority, draw(inner)) for priority in order)}


def parameters(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return parameters for the built-in policy ``name``, lengths in nanoseconds."""
    order = st.sampled_from(("low-first", "high-first"))
    table: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "rr": st.fixed_dictionaries(
            {"quantum": _quanta(), "tick": st.just(0) | st.integers(1, 6), "phase": st.integers(0, 6)}
        ),
        "srtf": st.fixed_dictionaries({"remaining": st.sampled_from(("burst", "total"))}),
        "priority": st.fixed_dictionaries(
            {
                "preemptive": st.booleans(),
                "priority_order": order,
                "ageing": st.just(0) | st.integers(2, 10),
            }
        ),
        "priority-rr": st.fixed_dictionaries({"quantum": _quanta(), "priority_order": order}),
        "mlfq": _mlfq(),
        "mlq": _mlq(),
        "feedback": st.fixed_dictionaries({"quanta": st.lists(_quanta(), min_size=1, max_size=3).map(tuple)}),
        "lottery": st.fixed_dictionaries({"quantum": _quanta(), "seed": st.integers(0, 2**64)}),
        "stride": st.fixed_dictionaries(
            {"quantum": _quanta(), "initial_pass": st.sampled_from(("zero", "stride"))}
        ),
        "cfs": st.fixed_dictionaries({"sched_latency": st.integers(1, 20), "min_granularity": _quanta()}),
    }
    return table.get(name, st.just({}))


def policies(*names: str) -> st.SearchStrategy[Policy]:
    """Return built-in policies with parameters: those called ``names``, or all."""

    def of(name: str) -> st.SearchStrategy[Policy]:
        cls = policy_class(name)
        return parameters(name).map(lambda values: cls(**values))

    return st.sampled_from(names or tuple(NAMES)).flatmap(of)


def progresses(mix: Mix, policy: Policy) -> bool:
    """Return whether the run comes to an end: ageing must outlast a context switch.

    Otherwise the waiting task outranks the one that is being switched to before that one has run,
    again and again, and no CPU time is ever used.
    """
    return not (policy.preemptive and 0 < getattr(policy, "ageing", 0) <= mix.switch_cost)


def runs(*names: str, **shape: Any) -> st.SearchStrategy[tuple[Mix, Policy]]:
    """Return a mix and a policy that end together; ``shape`` is what ``mixes`` takes."""
    return st.tuples(mixes(**shape), policies(*names)).filter(lambda pair: progresses(*pair))
