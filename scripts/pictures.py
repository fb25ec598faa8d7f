"""Gantt charts of the documentation as SVG: the same characters on every machine, from the run alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from schedsim.gantt import PALETTE
from schedsim.metrics import job_metrics
from schedsim.policies.edf import NO_DEADLINE
from schedsim.policies.parameters import hash64
from schedsim.times import UNITS, Ns, parse_duration, show
from scripts.scenes import BLOCKED, HELD, RUNS, SWITCHES, WAITS, Dispatch, Scene, Stay

WIDTH: Final = 720
_RIGHT: Final = 16
_TOP: Final = 34
_LANE: Final = 24
_GAP: Final = 6
_FONT: Final = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
_CHARACTER: Final = 7.2
"""The width that a character of 12 pixels takes at most in any of these fonts."""

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
    parts = []
    for number, lane in enumerate(scene.cpus):
        cpu = f"CPU {number}: " if len(scene.cpus) > 1 else ""
        said = [
            f"{stay.what or 'switch'} {show(stay.start, scene.unit)}-{show(stay.end, scene.unit)}"
            for stay in joined(lane)
        ]
        parts.append(cpu + ", ".join(said))
    header = scene.trace.header
    return f"Gantt chart, {header.algo}, {header.unit}: {'; '.join(parts)}"


def joined(lane: Iterable[Stay]) -> list[Stay]:
    """Return the lane with adjacent stays of one job as one."""
    found: list[Stay] = []
    for stay in lane:
        if found and found[-1].what == stay.what and found[-1].end == stay.start:
            found[-1] = Stay(found[-1].start, stay.end, stay.what)
        else:
            found.append(stay)
    return found


class Drawing:
    """An SVG picture while it is made."""

    def __init__(self, title: str, description: str, left: float, end: Ns) -> None:
        """Begin with a title, and a time axis from ``left`` to the right margin that ends at ``end``."""
        self.title, self.description, self.left, self.end = title, description, left, end
        self.parts: list[str] = []

    def x(self, time: Ns) -> float:
        """Return where ``time`` is."""
        return self.left + (WIDTH - _RIGHT - self.left) * time / self.end

    def box(self, start: Ns, end: Ns, top: float, height: float, fill: str, more: str = "") -> None:
        """Draw a bar."""
        self.parts.append(
            f'<rect x="{_n(self.x(start))}" y="{_n(top)}" width="{_n(self.x(end) - self.x(start))}" '
            f'height="{_n(height)}" fill="{fill}"{more}/>'
        )

    def line(self, start: Ns, end: Ns, y: float, stroke: str, more: str = "") -> None:
        """Draw a line along the time."""
        self.parts.append(
            f'<line x1="{_n(self.x(start))}" y1="{_n(y)}" x2="{_n(self.x(end))}" y2="{_n(y)}" '
            f'stroke="{stroke}"{more}/>'
        )

    def text(self, x: float, y: float, words: str, anchor: str = "start", more: str = "") -> None:
        """Write ``words`` at a point."""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{_n(x)}" y="{_n(y)}"{side}{more}>{escape(words)}</text>')

    def inside(self, start: Ns, end: Ns, y: float, words: str, ink: str) -> None:
        """Write ``words`` into a bar, if they fit."""
        if words and len(words) * _CHARACTER + 2 <= self.x(end) - self.x(start):
            self.text((self.x(start) + self.x(end)) / 2, y, words, "middle", f' fill="{ink}"')

    def times(self, times: Iterable[Ns], y: float, unit: str) -> None:
        """Write times below the bars, those that fit."""
        last = -1000.0
        for time in sorted(times):
            label = show(time, unit)
            half = len(label) * _CHARACTER / 2
            if self.x(time) - half >= last + 3:
                self.text(self.x(time), y, label, "middle", ' font-size="11"')
                last = self.x(time) + half

    def svg(self, height: float) -> str:
        """Return the whole file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{_n(height)}" '
            f'viewBox="0 0 {WIDTH} {_n(height)}" role="img" font-family="{_FONT}" font-size="12" fill="black">'
        )
        return "\n".join(
            [
                head,
                f"<title>{escape(self.title)}</title>",
                f"<desc>{escape(self.description)}</desc>",
                f'<rect width="{WIDTH}" height="{_n(height)}" fill="white"/>',
                f'<text x="10" y="21" font-size="14" font-weight="bold">{escape(self.title)}</text>',
                *self.parts,
                "</svg>\n",
            ]
        )


def _n(value: float) -> str:
    """Return a length with at most one digit behind the point."""
    return f"{value:.1f}".removesuffix(".0")


def colours(scene: Scene, job: str) -> tuple[str, str]:
    """Return the colour of a job and that of words on it, the same as in the terminal."""
    return PALETTE[scene.ids.index(job) % len(PALETTE)]


def picture(scene: Scene) -> str:
    """Return the chart of one run: the CPUs as in a textbook, and below them what each job did."""
    left = 24 + _CHARACTER * max(len(name) for name in [*scene.ids, "CPU"])
    title = scene.command.removeprefix("schedsim run ") + f"   ({scene.unit})"
    drawing = Drawing(title, alternative(scene), left, scene.end)
    y: float = _TOP
    for number, lane in enumerate(scene.cpus):
        name = "CPU" if len(scene.cpus) == 1 else f"CPU {number}"
        drawing.text(10, y + 16, name)
        _cpu_lane(drawing, scene, lane, y)
        y += _LANE + _GAP
    edges = {edge for lane in scene.cpus for stay in lane for edge in (stay.start, stay.end)}
    drawing.times({0, scene.end, *edges}, y + 7, scene.unit)
    y += 18
    for job in scene.ids:
        drawing.text(10, y + 15, job)
        _job_lane(drawing, scene, job, y)
        y += _LANE
    _legend(drawing, scene, y + 15)
    return drawing.svg(y + 26)


def _cpu_lane(drawing: Drawing, scene: Scene, lane: list[Stay], y: float) -> None:
    drawing.line(0, scene.end, y + _LANE / 2, "#999999", ' stroke-dasharray="1 4"')
    for stay in lane:
        if not stay.what:
            drawing.box(stay.start, stay.end, y, _LANE, "#444444")
            continue
        fill, ink = colours(scene, stay.what)
        drawing.box(stay.start, stay.end, y, _LANE, fill, ' stroke="black"')
        drawing.inside(stay.start, stay.end, y + 16, stay.what, ink)


def _job_lane(drawing: Drawing, scene: Scene, job: str, y: float) -> None:
    fill, ink = colours(scene, job)
    middle = y + _LANE / 2
    for stay in scene.jobs[job]:
        if stay.what == RUNS:
            drawing.box(stay.start, stay.end, y + 3, _LANE - 6, fill, ' stroke="black"')
        elif stay.what == SWITCHES:
            drawing.box(stay.start, stay.end, y + 8, _LANE - 16, "#444444")
        else:
            dashes = {BLOCKED: ' stroke-width="3" stroke-dasharray="2 4"', HELD: ' stroke-dasharray="6 6"'}
            drawing.line(
                stay.start, stay.end, middle, "#555555", dashes.get(stay.what, ' stroke-width="1.5"')
            )
    lane = {stay.start: stay for cpu in scene.cpus for stay in cpu if stay.what == job}
    for dispatch in scene.dispatches:
        ran = next((stay for start, stay in sorted(lane.items()) if start >= dispatch.time), None)
        if dispatch.job == job and ran is not None:
            drawing.inside(ran.start, ran.end, y + 16, fact(scene, dispatch), ink)
    arrival = drawing.x(next(each.arrival for each in scene.trace.header.jobs if each.id == job))
    # A small triangle that points at the arrival from above.
    drawing.parts.append(
        f'<path d="M{_n(arrival - 4)} {_n(y - 3)}h8l-4 6z" fill="black" stroke="white" stroke-width="0.5"/>'
    )


def _legend(drawing: Drawing, scene: Scene, y: float) -> None:
    """Say below the chart what its marks mean, those that are in it."""
    seen = {stay.what for lane in scene.jobs.values() for stay in lane}
    number = _FACTS.get(scene.trace.header.algo)
    words = ["▾ arrives", f"bar: runs; number in it: {number}" if number else "bar: runs"]
    words += ["line: ready, waits"] if WAITS in seen else []
    words += ["dots: in I/O"] if BLOCKED in seen else []
    words += ["dark: context switch"] if SWITCHES in seen else []
    words += ["dashes: not admitted yet"] if HELD in seen else []
    drawing.text(drawing.left, y, "   ·   ".join(words), more=' font-size="11" fill="#333333"')


def overview(scenes: list[Scene], title: str) -> str:
    """Return one CPU lane for each run of one mix, with the mean turnaround at its end."""
    labels = [scene.trace.header.algo for scene in scenes]
    left = 24 + _CHARACTER * max(map(len, labels))
    end = max(scene.end for scene in scenes)
    words = "; ".join(alternative(scene) for scene in scenes)
    # The axis ends earlier, so that there is room for a number behind the lanes.
    drawing = Drawing(title, words, left, end * 100 // 86)
    y: float = _TOP + 16
    drawing.text(WIDTH - 6, y - 6, "mean turnaround", "end", ' font-size="11"')
    for scene, label in zip(scenes, labels, strict=True):
        drawing.text(10, y + 16, label)
        _cpu_lane(drawing, scene, scene.cpus[0], y)
        finished = [each.turnaround for each in job_metrics(scene.trace) if each.turnaround is not None]
        mean = sum(finished) / len(finished) / 1_000_000
        drawing.text(drawing.x(end) + 10, y + 16, f"{mean:.2f}".rstrip("0").rstrip("."))
        y += _LANE + _GAP
    step = 1_000_000 * (1 if end <= 30_000_000 else 5)
    drawing.times(range(0, end + 1, step), y + 8, "ms")
    return drawing.svg(y + 18)
