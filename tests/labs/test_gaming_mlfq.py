"""The lab ``gaming-mlfq``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.gaming_mlfq import CURED, GAMED, GAMER, HONEST, MIX, SHARE, WAYS, check, found
from schedsim.operations import Cpu

WITHOUT = [
    {f"{GAMED}: {SHARE}": 34},
    {f"{CURED}: {SHARE}": 75},
    {f"{CURED}: {GAMER}": 119},
    {f"{CURED}: {HONEST}": 260},
]


def test_who_does_not_game_gains_nothing():
    """A gamer that computes in one piece is treated like the others, and this is seen."""
    mix = ss.load(MIX)
    jobs = tuple(job._replace(program=(Cpu(job.cpu),)) if job.id == "gamer" else job for job in mix.jobs)
    runs = {way: ss.run(mix._replace(jobs=jobs), algo) for way, algo in WAYS.items()}
    missing = list(check(found(runs).values))
    assert "the gamer does not get most of the CPU where I/O renews the allotment" in missing
