"""How fast the simulation is, as ratios against things measured in the same run.

1. Slices a second against events a second of a bare SimPy loop of timeouts: one process that does
   nothing else. Round robin, SRTF and a three-level MLFQ, about a million slices, trace kept.
2. Jobs a second with a million jobs against a thousand jobs of the same kind.
3. Bytes a row of the trace takes.
4. Processor time of the command line against ``python -c pass``.

Give: python benchmarks/engine_speed.py [--slices N] [--jobs N] [--rounds N]

Every figure is taken in turn with the one it is compared with, several rounds, and the best of
each is used: on a shared machine the least disturbed run is the one that tells about the program.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Generator

import simpy

from schedsim.engines.simulated import simulate
from schedsim.generate import generate
from schedsim.jobs import Mix
from schedsim.policies.options import make_policy
from schedsim.trace import Header, Kind, Trace

GOALS = {"rr": 0.6, "srtf": 0.25, "mlfq": 0.4}
KEPT = {"rr": 0.6, "srtf": 0.4}
COMMANDS = {"schedsim run --algo rr": (["run", "--algo", "rr"], 10), "schedsim --help": (["--help"], 4)}


def bare_loop(events: int) -> float:
    """Return processor seconds an event of a SimPy loop that only waits."""
    environment = simpy.Environment()

    def process() -> Generator[simpy.Event, object, None]:
        timeout = environment.timeout
        for _ in range(events):
            yield timeout(1)

    environment.process(process())
    return _seconds(environment.run) / events


def simulation(mix: Mix, algo: str, options: dict[str, object]) -> tuple[float, int, Trace]:
    """Return processor seconds a slice, the number of slices and the trace."""
    policy = make_policy(algo, options, mix.unit)
    trace = Trace(Header(jobs=(), algo=algo))
    seconds = _seconds(lambda: simulate(mix, policy, trace))
    slices = trace.kind.tobytes().count(bytes([Kind.DISPATCHED]))
    return seconds / slices, slices, trace


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def mix_of(jobs: int, mean: int) -> Mix:
    """Return an M/M/1 mix at 90 % load whose bursts are ``mean`` ms in the mean."""
    return generate(jobs, seed=1, burst=f"exponential:mean={mean}", load=0.9)


def compare_with_simpy(slices: int, rounds: int) -> bool:
    """Print slices a second against a bare loop's events a second."""
    # Quantum 1 ms. SRTF has about 1.4 slices a job at this load, MLFQ of 2, 4 and 8 ms one for each
    # 7 ms of a long job.
    work: dict[str, tuple[Mix, dict[str, object]]] = {
        "rr": (mix_of(max(1, slices // 100), 100), {"quantum": 1}),
        "srtf": (mix_of(max(1, int(slices / 1.45)), 10), {}),
        "mlfq": (mix_of(max(1, slices // 100), 700), {"quanta": [2, 4, 8]}),
    }
    best: dict[str, float] = {}
    count: dict[str, int] = {}
    bare = float("inf")
    row = 0
    for _ in range(rounds):
        for algo, (mix, options) in work.items():
            bare = min(bare, bare_loop(slices // 2))
            cost, count[algo], trace = simulation(mix, algo, options)
            row = trace.bytes_per_row
            best[algo] = min(best.get(algo, float("inf")), cost)
    print(f"bare SimPy loop: {bare * 1e6:.2f} us an event")
    for algo, cost in best.items():
        print(
            f"{algo}: {count[algo]:,} slices, {cost * 1e6:.2f} us a slice, "
            f"{bare / cost:.2f} of the bare loop (goal {GOALS[algo]})"
        )
    print(f"a row of the trace: {row} bytes (goal at most 32)")
    return all(bare / cost >= GOALS[algo] for algo, cost in best.items())


def compare_sizes(few: int, many: int, rounds: int) -> bool:
    """Print what is left of the rate when the number of jobs grows."""
    good = True
    small, large = mix_of(few, 3), mix_of(many, 3)
    repeats = max(1, 100_000 // few)
    for algo, options in (("rr", {"quantum": 1}), ("srtf", {})):
        rate_few = rate_many = 0.0
        for _ in range(rounds):
            # Many short runs, so that both take long enough to measure.
            costs = [simulation(small, algo, dict(options))[0] for _ in range(repeats)]
            rate_few = max(rate_few, repeats / sum(costs))
            rate_many = max(rate_many, 1 / simulation(large, algo, dict(options))[0])
        kept = rate_many / rate_few
        good = good and kept >= KEPT[algo]
        print(f"{algo}: {many:,} jobs keep {kept:.2f} of the rate of {few:,} (goal {KEPT[algo]})")
    return good


def compare_commands(rounds: int) -> bool:
    """Print the processor time of the command line against starting Python."""
    good = True
    for name, (arguments, goal) in COMMANDS.items():
        own, start = [], []
        _child_seconds([sys.executable, "-m", "schedsim", *arguments])
        for _ in range(rounds):
            start.append(_child_seconds([sys.executable, "-c", "pass"]))
            own.append(_child_seconds([sys.executable, "-m", "schedsim", *arguments]))
        ratio = sorted(own)[len(own) // 2] / sorted(start)[len(start) // 2]
        good = good and ratio <= goal
        print(f"{name}: {ratio:.1f} times the processor time of python -c pass (goal at most {goal})")
    return good


def _child_seconds(command: list[str]) -> float:
    # As for a user: modules are compiled once, and read compiled from then on.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print every figure; return 0 when all goals are reached, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Speed of the simulation, as ratios.")
    parser.add_argument("--slices", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    reached = [
        compare_with_simpy(given.slices, given.rounds),
        compare_sizes(1000, given.jobs, given.rounds),
        compare_commands(15),
    ]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
