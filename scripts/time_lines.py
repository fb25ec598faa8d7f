"""Time lines in text: who has which CPU, what every job does, and what happens at one instant."""

from __future__ import annotations

from math import gcd
from typing import Final

from schedsim.times import UNITS, Ns, parse_duration, show
from schedsim.trace import Kind
from scripts.scenes import BLOCKED, HELD, RUNS, SWITCHES, WAITS, Scene

WIDEST: Final = 64
"""Columns for the time itself."""
MOST: Final = 4
"""Columns for one step of time."""

MARKS: Final = {RUNS: "█", WAITS: "─", BLOCKED: "~", SWITCHES: "/", HELD: "."}
IDLE: Final = "·"

_SAID: Final = {
    Kind.ARRIVED: "{job} arrives",
    Kind.HELD: "{job} arrives and is held back",
    Kind.ADMITTED: "{job} is admitted",
    Kind.SWITCHED: "the switch to {job} begins",
    Kind.DISPATCHED: "{job} is dispatched",
    Kind.REACHED: "{job} goes on with its next burst",
    Kind.EXPIRED: "{job}'s quantum expires",
    Kind.PREEMPTED: "{job} is preempted",
    Kind.YIELDED: "{job} yields",
    Kind.RENEWED: "{job}'s slice ends",
    Kind.BLOCKED: "{job} blocks",
    Kind.SERVED: "{job}'s I/O ends",
    Kind.WOKE: "{job} wakes up",
    Kind.FINISHED: "{job} ends",
    Kind.STOPPED: "{job} is cut off",
    Kind.BOOSTED: "boost",
}


def time_line(scene: Scene, instants: list[str]) -> list[str]:
    """Return the drawing of ``scene``, and below it what happens at ``instants`` (in the mix's unit)."""
    stays = [stay for lane in (*scene.cpus, *scene.jobs.values()) for stay in lane]
    step = scene.end
    for stay in stays:
        step = gcd(step, stay.start, stay.end)
    finer = gcd(step, UNITS[scene.unit])
    step = finer if 2 * (scene.end // finer) <= WIDEST else step
    columns = max(1, min(MOST, WIDEST // (scene.end // step)))

    def place(time: Ns) -> int:
        return time // step * columns

    head = 2 + max(len(name) for name in [*scene.ids, "CPU 0"])
    times = sorted({0, scene.end, *(edge for stay in stays for edge in (stay.start, stay.end))})
    axis = " " * head
    for time in times:
        label = show(time, scene.unit)
        if time == 0 or place(time) > len(axis) - head:
            axis = axis.ljust(head + place(time)) + label
    lines = [axis]
    for number, lane in enumerate(scene.cpus):
        line = [IDLE] * place(scene.end)
        for stay in lane:
            start, width = place(stay.start), place(stay.end) - place(stay.start)
            box = ("|" + stay.what[: width - 1]).ljust(width) if stay.what else "/" * width
            line[start : start + width] = box
        edge = "|" if lane and lane[-1].end == scene.end else ""
        lines.append((f"CPU {number}".ljust(head) + "".join(line) + edge).rstrip())
    for name, lane in scene.jobs.items():
        line = [" "] * place(scene.end)
        for stay in lane:
            start, width = place(stay.start), place(stay.end) - place(stay.start)
            line[start : start + width] = MARKS[stay.what] * width
        lines.append((name.ljust(head) + "".join(line)).rstrip())
    seen = {stay.what for lane in scene.jobs.values() for stay in lane}
    legend = "   ".join(f"{mark} {what}" for what, mark in MARKS.items() if what in seen)
    lines += ["", legend]
    if instants:
        lines.append("")
        longest = max(len(instant) for instant in instants)
        for instant in instants:
            said = "; ".join(_happens(scene, parse_duration(instant, scene.unit)))
            lines += _wrapped(f"at {instant:>{longest}}: ", said)
    return lines


def _happens(scene: Scene, instant: Ns) -> list[str]:
    """Return what happens at ``instant``, in the order in which the scheduler did it."""
    dispatches = [each for each in scene.dispatches if each.time == instant]
    said: list[str] = []
    announced = renewed = False
    for time, kind, task, _, _ in scene.trace:
        if time != instant:
            continue
        job = scene.ids[task] if task >= 0 else ""
        if kind in (Kind.SWITCHED, Kind.DISPATCHED) and not announced and len(dispatches[0].ready) > 1:
            said.append("ready, the next one first: " + ", ".join(each.id for each in dispatches[0].ready))
        announced = kind is Kind.SWITCHED
        if kind is Kind.DISPATCHED:
            del dispatches[0]
        fresh = renewed and kind is Kind.DISPATCHED
        said.append(f"{job} gets a fresh slice" if fresh else _SAID[kind].format(job=job))
        renewed = kind is Kind.RENEWED
    if not said:
        raise ValueError(f"{scene.command}: nothing happens at {instant / UNITS[scene.unit]}")
    return said


def _wrapped(head: str, text: str, width: int = 78) -> list[str]:
    lines = [head]
    for number, word in enumerate(text.split(" ")):
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append(" " * len(head))
            lines[-1] += word
        else:
            lines[-1] += (" " if number else "") + word
    return lines
