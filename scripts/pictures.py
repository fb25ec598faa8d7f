"""Gantt charts of the documentation as SVG: the same characters on every machine, from the run alone."""

from __future__ import annotations

from typing import Final

from schedsim.export.drawing import CHARACTER, Drawing
from schedsim.export.lanes import GAP, LANE, cpu_lane, in_words, job_lane, legend
from schedsim.metrics import job_metrics
from schedsim.policies.edf import NO_DEADLINE
from schedsim.policies.parameters import hash64
from schedsim.timeline import HELD, IDLE, RUNS, Piece, Timeline, job_pieces, timeline
from schedsim.times import UNITS, Ns, parse_duration, show
from scripts.scenes import Dispatch, Scene

_TOP: Final = 34

_FACTS: Final = {
    "sjf": "length of the burst",
    "srtf": "what is left of the burst",
    "hrrn": "response ratio when it is dispatched",
    "priority": "priority",
    "priority-rr": "priority",
    "mlq": "queue",
    "mlfq": "level",
    "feedback": "queue",
    "lottery": "winning number, of the tickets in play",
    "stride": "pass when it is dispatched",
    "cfs": "virtual run time when it is dispatched",
    "edf": "instant of the deadline",
}
"""What the number in a bar says, for policies that go by one."""


def fact(scene: Scene, dispatch: Dispatch) -> str:
    """Return the number by which a job was chosen, as a reader would compute it."""
    algo = scene.trace.header.algo
    if algo not in _FACTS or not dispatch.ready:
        return ""
    chosen = dispatch.ready[0]
    facts = chosen.facts
    lengths = {"sjf": facts["burst"], "srtf": facts["remaining"], "edf": chosen.rank}
    if algo in lengths:
        return "" if lengths[algo] == NO_DEADLINE else show(lengths[algo], scene.unit)
    if algo == "hrrn":
        waited = dispatch.time - chosen.ready_since
        return f"{(waited + facts['burst']) / facts['burst']:.2f}".rstrip("0").rstrip(".")
    if algo == "stride":
        return str(chosen.rank // quantum_of(scene))
    if algo == "cfs":
        return f"{chosen.rank / UNITS[scene.unit]:.1f}".removesuffix(".0")
    if algo == "lottery":
        return str(drawn(scene, dispatch))
    return str(facts["level" if algo in ("mlfq", "feedback") else "priority"])


def quantum_of(scene: Scene) -> Ns:
    """Return the policy's quantum in nanoseconds."""
    return parse_duration(scene.trace.header.options["quantum"], scene.unit)


def drawn(scene: Scene, dispatch: Dispatch) -> int:
    """Return the number that a lottery drew, counted from 0 among the tickets in play."""
    options = scene.trace.header.options
    number = scene.dispatches.index(dispatch)
    tickets = sum(candidate.facts["tickets"] for candidate in dispatch.ready)
    draws = options["draws"]
    return (draws[number] if draws else hash64(options["seed"], number)) % tickets


def alternative(scene: Scene) -> str:
    """Return the picture in words, for those who do not see it."""
    return in_words(scene.trace)


def picture(scene: Scene) -> str:
    """Return the chart of one run: the CPUs as in a textbook, and below them what each job did."""
    line = timeline(scene.trace)
    left = 24 + CHARACTER * max(len(name) for name in [*scene.ids, "CPU"])
    title = scene.command.removeprefix("schedsim run ") + f"   ({scene.unit})"
    drawing = Drawing(title, alternative(scene), left, line.end)
    y: float = _TOP
    for number, lane in enumerate(line.lanes):
        name = "CPU" if len(line.lanes) == 1 else f"CPU {number}"
        drawing.text(10, y + 16, name)
        cpu_lane(drawing, lane, scene.ids, y)
        y += LANE + GAP
    drawing.times(edges(line), y + 7, scene.unit)
    y += 18
    pieces = job_pieces(scene.trace, len(scene.ids), line.end, held=HELD)
    for number, job in enumerate(scene.trace.header.jobs):
        drawing.text(10, y + 15, job.id)
        inside = facts(scene, job.id, pieces[number])
        job_lane(drawing, pieces[number], number, y, arrival=job.arrival, inside=inside)
        y += LANE
    fact_words = _FACTS.get(scene.trace.header.algo)
    bar = f"bar: runs; number in it: {fact_words}" if fact_words else "bar: runs"
    seen = {piece.what for each in pieces for piece in each}
    drawing.text(drawing.left, y + 15, legend(seen, bar), more=' font-size="11" fill="#333333"')
    return drawing.svg(y + 26)


def edges(line: Timeline) -> set[Ns]:
    """Return when anything begins or ends on a CPU."""
    busy = [piece for lane in line.lanes for piece in lane if piece.what != IDLE]
    return {0, line.end, *(edge for piece in busy for edge in (piece.start, piece.end))}


def facts(scene: Scene, job: str, pieces: list[Piece]) -> dict[Ns, str]:
    """Return what stands in the bars of a job: by when the bar begins, the number it was chosen by."""
    starts = [piece.start for piece in pieces if piece.what == RUNS]
    found = {}
    for dispatch in scene.dispatches:
        start = next((start for start in starts if start >= dispatch.time), None)
        if dispatch.job == job and start is not None:
            found[start] = fact(scene, dispatch)
    return found


def overview(scenes: list[Scene], title: str) -> str:
    """Return one CPU lane for each run of one mix, with the mean turnaround at its end."""
    labels = [scene.trace.header.algo for scene in scenes]
    left = 24 + CHARACTER * max(map(len, labels))
    end = max(scene.end for scene in scenes)
    words = "; ".join(alternative(scene) for scene in scenes)
    # The axis ends earlier, so that there is room for a number behind the lanes.
    drawing = Drawing(title, words, left, end * 100 // 86)
    y: float = _TOP + 16
    drawing.text(drawing.width - 6, y - 6, "mean turnaround", "end", ' font-size="11"')
    for scene, label in zip(scenes, labels, strict=True):
        drawing.text(10, y + 16, label)
        cpu_lane(drawing, timeline(scene.trace).lanes[0], scene.ids, y)
        finished = [each.turnaround for each in job_metrics(scene.trace) if each.turnaround is not None]
        mean = sum(finished) / len(finished) / 1_000_000
        drawing.text(drawing.x(end) + 10, y + 16, f"{mean:.2f}".rstrip("0").rstrip("."))
        y += LANE + GAP
    step = 1_000_000 * (1 if end <= 30_000_000 else 5)
    drawing.times(range(0, end + 1, step), y + 8, "ms")
    return drawing.svg(y + 18)
