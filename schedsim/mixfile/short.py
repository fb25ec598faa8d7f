"""The short form of the command line: ``A 0 24, B 1 3``."""

from __future__ import annotations

from schedsim.jobs import Job
from schedsim.mixfile.collect import Collector
from schedsim.mixfile.fields import SHORT_FORM


def read_short(text: str, file: str, unit: str) -> tuple[Job, ...]:
    """Return the jobs written as ``ID ARRIVAL BURST [PRIORITY]``, separated by commas."""
    collector = Collector(file, "job")
    for number, part in enumerate(text.split(","), 1):
        words = part.split()
        if not words:
            continue
        if not 3 <= len(words) <= 4:
            raise collector.place(number).error(
                "this is not ID ARRIVAL BURST [PRIORITY]; write a job as in A 0 24", value=" ".join(words)
            )
        collector.add(dict(zip(SHORT_FORM, words, strict=False)), number, {}, unit)
    return collector.finished('write jobs as in "A 0 24, B 1 3"')
