"""Runs in the Trace Event Format, which Perfetto and chrome://tracing open.

Source: "Trace Event Format", the document of the Chromium project, in the form that is a JSON
object. Used are complete events (X), instants (i), counters (C) and metadata (M).
"""

from __future__ import annotations

from json import dumps
from math import inf, nextafter
from typing import TYPE_CHECKING, Final

from schedsim.export.characters import json_text
from schedsim.export.tracks import RUNNING, SWITCHING, Count, Mark, Span, end_of, items
from schedsim.times import UNITS, Ns, show
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedsim.export.tracks import Dispatch
    from schedsim.results import Run

SCHEMA: Final = "schedsim.perfetto/1"
"""The name of what is in ``args`` and ``otherData``, which the format leaves open."""
FIRST_THREAD: Final = 1_000
"""Numbers of threads begin here: no process has such a number, whose main thread it would be.

They differ in the whole file, because viewers look names up by them alone.
"""


def lines(
    runs: Sequence[Run], labels: Sequence[str], reasons: Sequence[Iterator[str] | None]
) -> Iterator[str]:
    """Yield one file, line by line, with all ``runs`` on one time axis.

    Each run is two processes, its CPUs and its tasks; ``labels`` tell them apart where there are
    several runs. ``reasons`` say for each run why its dispatches were made, in order.
    """
    finest = any(UNITS[run.unit] < UNITS["ms"] for run in runs)
    yield f'{{"displayTimeUnit": "{"ns" if finest else "ms"}",\n'
    yield f' "otherData": {{"schema": "{SCHEMA}", "runs": [{", ".join(map(_about, runs))}]}},\n'
    yield ' "traceEvents": [\n'
    comma = ""
    thread = max(FIRST_THREAD, 2 * len(runs) + 1)
    for number, (run, label, why) in enumerate(zip(runs, labels, reasons, strict=True)):
        writer = _Writer(run, 2 * number + 1, thread, f": {label}" if len(runs) > 1 else "")
        for event in writer.events(why):
            yield f"{comma}{event}"
            comma = ",\n"
        thread += run.trace.header.cpus + len(run.trace.header.jobs)
    yield "\n]}\n"


def _about(run: Run) -> str:
    """Return how a run was made, as JSON."""
    header = run.trace.header
    about = {
        "mix": header.mix,
        "engine": header.engine,
        "algo": header.algo,
        "options": header.options,
        "conventions": header.conventions,
        "unit": header.unit,
        "cpus": header.cpus,
        "jobs": len(header.jobs),
        "end": float(micro(end_of(run.trace))),
        "notes": run.notes,
    }
    return dumps(about, default=str)


def micro(length: Ns) -> str:
    """Return ``length`` in microseconds, as a number of JSON.

    It is written so that a reader that multiplies by 1,000 has the nanoseconds back, whether it
    rounds or cuts off: were an end cut off and the start that follows not, both would overlap.

    >>> micro(4_000), micro(4_500), micro(1_001)
    ('4', '4.5', '1.0010000000000001')
    """
    whole, rest = divmod(length, 1_000)
    if not rest:
        return str(whole)
    text = f"{whole}.{rest:03d}".rstrip("0")
    above = nextafter(float(text), inf)
    return repr(above) if int(float(text) * 1_000) != length == int(above * 1_000) else text


class _Writer:
    """Writes the events of one run."""

    def __init__(self, run: Run, process: int, thread: int, label: str) -> None:
        """Number the CPUs' process ``process``, the tasks' the one after it, and threads from ``thread`` on."""
        self.header = run.trace.header
        self.trace = run.trace
        self.unit = run.unit
        self.label = label
        self.cpus = process, thread
        self.tasks = process + 1, thread + self.header.cpus
        self.names = [json_text(job.id) for job in self.header.jobs]
        self.switches = int(Kind.SWITCHED) in run.trace.kind
        self.shown = Count(0, -1, -1, -1)

    def events(self, reasons: Iterator[str] | None) -> Iterator[str]:
        """Yield the names of the tracks, then all that is on them."""
        yield from self._tracks(*self.cpus, "CPUs", [f'"CPU {cpu}"' for cpu in range(self.header.cpus)])
        yield from self._tracks(*self.tasks, "tasks", self.names)
        for item in items(self.trace, reasons):
            if isinstance(item, Span):
                yield self._span(item)
            elif isinstance(item, Mark):
                yield self._mark(item)
            else:
                yield from self._counters(item)

    def _tracks(self, process: int, thread: int, what: str, names: list[str]) -> Iterator[str]:
        """Yield how a process and its threads are called, and in which order they stand."""
        of = f'"pid": {process}, "tid": {thread}'
        yield f'{{"ph": "M", {of}, "name": "process_name", "args": {{"name": {json_text(what + self.label)}}}}}'
        yield f'{{"ph": "M", {of}, "name": "process_sort_index", "args": {{"sort_index": {process}}}}}'
        for place, name in enumerate(names):
            of = f'"pid": {process}, "tid": {thread + place}'
            yield f'{{"ph": "M", {of}, "name": "thread_name", "args": {{"name": {name}}}}}'
            yield f'{{"ph": "M", {of}, "name": "thread_sort_index", "args": {{"sort_index": {place}}}}}'

    def _span(self, span: Span) -> str:
        """Return a complete event."""
        if span.on_cpu:
            process, thread = self.cpus[0], self.cpus[1] + span.cpu
            name = '"context switch"' if span.state == SWITCHING else self.names[span.task]
        else:
            process, thread = self.tasks[0], self.tasks[1] + span.task
            name = json_text(span.state)
        time = f'"ts": {micro(span.start)}, "dur": {micro(span.end - span.start)}'
        args = "" if span.dispatch is None else f', "args": {{{self._arguments(span, span.dispatch)}}}'
        category = "cpu" if span.on_cpu else "task"
        return f'{{"ph": "X", "cat": "{category}", "pid": {process}, "tid": {thread}, {time}, "name": {name}{args}}}'

    def _arguments(self, span: Span, dispatch: Dispatch) -> str:
        """Return what led to it and what ended it: what a viewer shows of a span that is clicked on."""
        said = [f'"job": {self.names[span.task]}' if span.on_cpu else f'"CPU": {span.cpu}']
        if dispatch.why:
            said.append(f'"why": {json_text(dispatch.why)}')
        if span.state == RUNNING:
            granted = f"{show(dispatch.slice, self.unit)} {self.unit}"
            said.append(f'"slice": "{granted if dispatch.slice >= 0 else "until it blocks"}"')
            said.append(f'"ended": "{span.ended}"')
        return ", ".join(said)

    def _mark(self, mark: Mark) -> str:
        """Return an instant: on a task's track, or across those of the CPUs."""
        if mark.task < 0:
            process, thread, scope = *self.cpus, "p"
        else:
            process, thread, scope = self.tasks[0], self.tasks[1] + mark.task, "t"
        of = f'"pid": {process}, "tid": {thread}'
        return f'{{"ph": "i", "cat": "mark", {of}, "ts": {micro(mark.time)}, "s": "{scope}", "name": {json_text(mark.what)}}}'

    def _counters(self, count: Count) -> Iterator[str]:
        """Yield a counter of the ready queue, and one of the CPUs, if they have changed."""
        before, self.shown = self.shown, count
        of = f'"cat": "count", "pid": {self.cpus[0]}, "tid": {self.cpus[1]}, "ts": {micro(count.time)}'
        if count.ready != before.ready:
            yield f'{{"ph": "C", {of}, "name": "ready queue", "args": {{"tasks": {count.ready}}}}}'
        if count[2:] == before[2:]:
            return
        switching = f', "switching": {count.switching}' if self.switches else ""
        yield f'{{"ph": "C", {of}, "name": "busy CPUs", "args": {{"running": {count.running}{switching}}}}}'
