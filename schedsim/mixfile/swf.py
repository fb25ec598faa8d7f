"""The Standard Workload Format of the Parallel Workloads Archive: 18 numbers a line, ``;`` comments.

Source: Chapin et al., Benchmarks and Standards for the Evaluation of Parallel Job Schedulers (1999),
and the archive's page on the format. Times are in seconds and ``-1`` stands for what is not known.
"""

from __future__ import annotations

from schedsim.jobs import Job
from schedsim.mixfile import checks
from schedsim.mixfile.collect import Collector
from schedsim.mixfile.fields import SWF_FIELDS
from schedsim.operations import Cpu

_SUBMIT, _RUN, _REQUESTED = 1, 3, 8


def read_swf(text: str, file: str) -> tuple[tuple[Job, ...], list[str]]:
    """Return the jobs of a log, and a note on those left out because they never ran.

    Job number, submit time, run time and requested time become id, arrival, burst and estimate. The
    other fields, such as the number of processors, have no meaning on the machines simulated here.
    """
    collector = Collector(file, "row")
    seen = 0
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0][0] == ";":
            continue
        place = collector.place(number)
        if len(words) != SWF_FIELDS:
            raise place.error(f"has {len(words)} fields where the Standard Workload Format has {SWF_FIELDS}")
        seen += 1
        run = checks.length(words[_RUN], "s", place, "run time")
        if run <= 0:
            continue
        identifier = checks.identifier(words[0], place)
        arrival = checks.not_negative(words[_SUBMIT], "s", place, "submit time")
        requested = checks.length(words[_REQUESTED], "s", place, "requested time")
        estimate = requested if requested > 0 else None
        collector.append(Job(identifier, arrival, (Cpu(run),), estimate=estimate), number, run)
    notes = []
    if seen > len(collector.jobs) > 0:
        notes.append(
            f"{seen - len(collector.jobs)} of {seen} jobs in {file} have no run time "
            "(cancelled before they started) and are left out"
        )
    if seen and not collector.jobs:
        return collector.finished("every job in it has a run time of 0 or -1; give one that ran"), notes
    return collector.finished("write 18 fields a line, as the Standard Workload Format says"), notes
