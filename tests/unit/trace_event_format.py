"""The rules of the Trace Event Format, as its document has them, held strictly.

Beyond the document: tracks that viewers could mix up, and ends that they could place after the start
that follows, are refused, too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

REQUIRED = {
    "X": {"name", "ph", "ts", "dur", "pid", "tid"},
    "i": {"name", "ph", "ts", "pid", "tid", "s"},
    "C": {"name", "ph", "ts", "pid", "tid", "args"},
    "M": {"name", "ph", "pid", "tid", "args"},
}
ALLOWED = {phase: keys | {"cat", "args"} for phase, keys in REQUIRED.items()}
METADATA = {
    "process_name": ("name", str),
    "thread_name": ("name", str),
    "process_sort_index": ("sort_index", int),
    "thread_sort_index": ("sort_index", int),
}


class Slice(NamedTuple):
    """A complete event; times in nanoseconds."""

    start: int
    end: int
    name: str
    args: dict[str, Any]


class Checked(NamedTuple):
    """What is in a file that keeps the rules; times in nanoseconds."""

    processes: dict[int, str]
    threads: dict[tuple[int, int], str]
    """Process and thread -> its name, in the order of the sort indexes."""
    slices: dict[tuple[int, int], list[Slice]]
    instants: list[tuple[int, str, str]]
    """Time, name, and on which thread or process."""
    counters: dict[tuple[int, str], list[tuple[int, dict[str, int]]]]

    def of(self, process: str) -> dict[str, list[Slice]]:
        """Return the slices of the threads of a process, by their names."""
        number = {name: number for number, name in self.processes.items()}[process]
        return {
            name: self.slices.get(track, []) for track, name in self.threads.items() if track[0] == number
        }


def _once(pairs):
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), f"a key is there twice: {keys}"
    return dict(pairs)


def _no_constant(name):
    raise AssertionError(f"{name} is no JSON")


def nanoseconds(number: object) -> int:
    """Return a time, which readers find alike whether they round, cut off, or count exactly."""
    assert type(number) in (int, Decimal), f"{number!r} is no number"
    value = Decimal(str(number)) * 1000
    assert value >= 0
    exact = round(value)
    assert abs(value - exact) < Decimal("0.001")
    assert exact == int(float(str(number)) * 1000.0) == round(float(str(number)) * 1000)
    return exact


def check(text: str) -> Checked:
    """Return what is in ``text``, which must keep every rule."""
    document = json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    assert (
        {"traceEvents", "displayTimeUnit"} <= set(document) <= {"traceEvents", "displayTimeUnit", "otherData"}
    )
    assert document["displayTimeUnit"] in {"ms", "ns"}
    found = Checked({}, {}, defaultdict(list), [], defaultdict(list))
    sort_indexes: dict[tuple[int, int], int] = {}
    for event in document["traceEvents"]:
        phase = event["ph"]
        assert REQUIRED[phase] <= set(event) <= ALLOWED[phase], event
        assert all(type(event[key]) is int for key in ("pid", "tid")), event
        assert type(event["name"]) is str
        assert event["name"]
        assert all(type(event.get(key, "")) is str for key in ("cat", "s"))
        assert type(event.get("args", {})) is dict
        {"X": _complete, "i": _instant, "C": _counter}.get(phase, _nothing)(found, event)
        if phase == "M":
            _metadata(found, sort_indexes, event)
    _named(found, sort_indexes)
    return found


def _nothing(found, event):
    del found, event


def _complete(found, event):
    start, length = nanoseconds(event["ts"]), nanoseconds(event["dur"])
    track = found.slices[event["pid"], event["tid"]]
    assert not track or track[-1].end <= start, f"overlaps or comes too late: {event}"
    track.append(Slice(start, start + length, event["name"], event.get("args", {})))


def _instant(found, event):
    assert event["s"] in {"g", "p", "t"}
    where = (event["pid"], event["tid"])
    found.instants.append((nanoseconds(event["ts"]), event["name"], where if event["s"] == "t" else where[0]))


def _counter(found, event):
    series = found.counters[event["pid"], event["name"]]
    values = event["args"]
    assert values
    assert all(type(value) is int and value >= 0 for value in values.values()), event
    time = nanoseconds(event["ts"])
    if series:
        assert series[-1][0] <= time, f"goes back: {event}"
        assert set(series[-1][1]) == set(values), f"has other series than before: {event}"
    series.append((time, values))


def _metadata(found, sort_indexes, event):
    key, kind = METADATA[event["name"]]
    assert [key] == list(event["args"])
    value = event["args"][key]
    assert type(value) is kind
    track = event["pid"], event["tid"]
    if event["name"] == "process_name":
        assert event["pid"] not in found.processes, "a process has two names"
        found.processes[event["pid"]] = value
    elif event["name"] == "thread_name":
        assert track not in found.threads, "a thread has two names"
        found.threads[track] = value
    elif event["name"] == "thread_sort_index":
        sort_indexes[track] = value


def _named(found, sort_indexes):
    tracks = {*found.slices, *(where for _, _, where in found.instants if type(where) is tuple)}
    assert tracks <= set(found.threads), "a track has no name"
    processes = {process for process, _ in found.threads}
    assert processes == set(found.processes), "a process has no name, or no thread"
    assert {process for process, _ in found.counters} <= processes
    numbers = [thread for _, thread in found.threads]
    assert len(set(numbers)) == len(numbers), "two threads have one number"
    assert not {0, *processes} & set(numbers), "a thread would be a process' main thread, or the idle task"
    assert sorted(sort_indexes, key=lambda track: (track[0], sort_indexes[track])) == list(found.threads)
