"""Twenty tiny mixes that nobody chose: no run hangs, every trace is a schedule and replays, every job ends."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

import schedsim as ss
from schedsim.policies.options import make_policy
from tests.real.machine import MS, measured

POLICIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("fcfs", {}), ("sjf", {}), ("srtf", {}), ("hrrn", {}), ("rr", {"quantum": 1}), ("rr", {"quantum": "0.3"}),
    ("mlfq", {"quanta": "0.5/1", "boost": 3}), ("lottery", {"quantum": 1, "seed": 5}), ("stride", {"quantum": 1}),
    ("priority", {"preemptive": True, "ageing": 2}), ("priority-rr", {"quantum": 1}), ("feedback", {"quanta": "0.5/1"}),
)  # fmt: skip


def drawn(seed):
    """Return a mix and a policy of that seed: bursts of 0.1 to 3 ms, I/O, devices, yields, generators."""
    draw = random.Random(seed)

    def steps():
        kinds = [
            lambda: ss.Cpu(draw.randint(1, 30) * MS // 10),
            lambda: ss.Io(draw.randint(1, 20) * MS // 10),
            lambda: ss.Io(draw.randint(1, 20) * MS // 10, draw.choice(("disk", "net"))),
            ss.Yield,
        ]
        return tuple(draw.choices(kinds, (6, 2, 1, 1))[0]() for _ in range(draw.randint(1, 6)))

    jobs = []
    for number in range(draw.randint(1, 6)):
        program = steps()
        jobs.append(
            ss.Job(
                f"J{number}",
                draw.randint(0, 60) * MS // 10,
                generator_of(program) if draw.random() < 0.2 else program,
                priority=draw.randint(0, 3),
                tickets=draw.randint(1, 5),
            )
        )
    cpus = draw.choice((1, 1, 1, min(2, len(os.sched_getaffinity(0)))))
    degree = draw.choice((None, None, draw.randint(1, 3)))
    conventions = draw.choice(("textbook", "ostep"))
    mix = ss.Mix(tuple(jobs), name=f"seed {seed}", cpus=cpus, degree=degree, conventions=conventions)
    algo, options = draw.choice(POLICIES)
    return mix, make_policy(algo, options, "ms"), draw.choice(("auto", "auto", "signals"))


def generator_of(steps):
    """Return the same program as a generator."""

    def program():
        yield from steps

    return program


@pytest.mark.parametrize("seed", range(20))
def test_a_tiny_mix(seed):
    """Whatever it is, and whatever the machine does meanwhile."""
    mix, policy, driver = drawn(seed)
    run = measured(mix, policy, driver=driver)
    assert {"terminated"} == {job.state for job in run.jobs}
