"""Whatever the mix and the policy: an export keeps the rules of its format, and adds up to the metrics."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

import schedsim as ss
from schedsim.experiment import simulate_trace
from schedsim.export import text
from schedsim.metrics import job_metrics, system_metrics
from schedsim.observed import Overheads
from schedsim.results import Origin
from schedsim.testing.strategies import runs
from schedsim.trace import Kind, slices
from tests.properties.test_failing_machine import failing
from tests.unit.test_export_svg import COLOURS, SVG
from tests.unit.test_export_svg import exported as picture
from tests.unit.test_export_tables import cells, from_csv, read_latex
from tests.unit.trace_event_format import check

RUNS = runs(until=True)


def measured_runs():
    """Return mixes and policies for a machine that says itself what a dispatch costs."""
    return runs(switch_cost=False, most_cpus=2, until=True)


def pieces_of(found):
    """Return the slices on the tracks of all CPUs that are not switches."""
    return [piece for track in found.of("CPUs").values() for piece in track if piece.name != "context switch"]


def run_of(pair):
    """Return the run of a mix under a policy."""
    mix, policy = pair
    return ss.Run(simulate_trace(mix, policy), (), Origin(mix, policy, None))


@given(RUNS)
def test_perfetto_adds_up_to_the_metrics(pair):
    """The file keeps the format's rules, and its tracks are as long as the metrics say."""
    run = run_of(pair)
    found = check("".join(text(run, "perfetto")))
    system, jobs = system_metrics(run.trace), job_metrics(run.trace)
    cpus = found.of("CPUs")
    pieces = [piece for track in cpus.values() for piece in track]
    busy = sum(piece.end - piece.start for piece in pieces if piece.name != "context switch")
    assert system.busy == busy
    assert system.switching == sum(piece.end - piece.start for piece in pieces) - busy
    expected = [
        (f"CPU {piece.cpu}", piece.start, piece.end, piece.job, piece.why) for piece in slices(run.trace)
    ]
    shown = [
        (cpu, piece.start, piece.end, piece.name, piece.args["ended"])
        for cpu, track in cpus.items()
        for piece in track
        if piece.name != "context switch"
    ]
    assert sorted(expected) == sorted(shown)
    tasks = found.of("tasks")
    assert [job.id for job in run.trace.header.jobs] == [*tasks]
    for job in jobs:
        states = dict.fromkeys(("new", "ready", "switching", "running", "blocked"), 0)
        for piece in tasks[job.id]:
            states[piece.name] += piece.end - piece.start
        assert (job.waiting, job.cpu) == (states["ready"], states["running"])
        if job.turnaround is not None:
            assert job.turnaround == sum(states.values())
        # From its arrival on it is always in one state.
        assert all(before.end == after.start for before, after in pairwise(tasks[job.id]))


@given(RUNS)
def test_perfetto_counts_what_the_tracks_show(pair):
    """The counters, over time, are the waiting and the busy time (Little's law of the ready queue)."""
    run = run_of(pair)
    found = check("".join(text(run, "perfetto", reasons=False)))
    last = max([0, *(piece.end for track in found.slices.values() for piece in track)])

    def area(name, key):
        series = [*found.counters[1, name], (last, {})]
        return sum(values.get(key, 0) * (after[0] - time) for (time, values), after in pairwise(series))

    assert sum(job.waiting for job in job_metrics(run.trace)) == area("ready queue", "tasks")
    system = system_metrics(run.trace)
    assert (system.busy, system.switching) == (area("busy CPUs", "running"), area("busy CPUs", "switching"))


@given(RUNS)
def test_every_dispatch_has_its_reason(pair):
    """The reasons that are told as the run is made again are those of an explanation of the whole."""
    run = run_of(pair)
    mix, policy = pair
    found = [*run.reasons()]
    lines = ss.explain(mix, policy, most=12).lines
    assert [said.words for said in lines if said.decision is not None] == found
    kinds = [row.kind for row in run.trace]
    assert kinds.count(Kind.DISPATCHED) - kinds.count(Kind.RENEWED) == len(found)


@given(RUNS)
def test_tables_read_back(pair):
    """Jobs, slices and events in a file are those of the run."""
    run = run_of(pair)
    names, rows = from_csv("".join(text(run, "csv")))
    assert [tuple(getattr(job, name) for name in names) for job in run.jobs] == rows
    _, rows = from_csv("".join(text(run, "csv", "slices")))
    assert [tuple(piece) for piece in run.slices] == rows
    events = [*csv.reader(io.StringIO("".join(text(run, "csv", "events")), newline=""))][1:]
    assert [(str(row.time), row.kind.name.lower()) for row in run.trace] == [tuple(row[:2]) for row in events]
    ids = [job.id for job in run.jobs]
    # With the last row for the means.
    assert [*ids, "mean"] == [row[0] for row in read_latex("".join(text(run, "latex")))[1:]]
    assert [*ids, "mean"] == [row[0] for row in cells("".join(text(run, "markdown")))[0][1:]]


@given(RUNS)
def test_pictures_stay_in_their_frame(pair):
    """Everything drawn is inside the picture; each slice has a bar on its CPU, and one in its job's lane."""
    run = run_of(pair)
    root = picture(run)
    # A bar has an outline; what a name stands on has none.
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("fill") in COLOURS and each.get("stroke")]
    # Beyond this the picture might be drawn to the column, in which bars are merged.
    if len(run.slices) < 100:
        assert 2 * len(run.slices) == len(bars)


@given(measured_runs(), st.builds(Overheads, *[st.integers(0, 3)] * len(Overheads._fields)))
def test_a_simulation_as_on_a_real_machine(pair, overheads):
    """Where dispatches cost time, and stops come late, the rules of the formats are kept as well."""
    mix, policy = pair
    trace = simulate_trace(mix, policy, overheads=overheads)
    found = check("".join(text(trace, "perfetto")))
    shown = [(piece.start, piece.end, piece.name) for piece in pieces_of(found)]
    assert sorted((piece.start, piece.end, piece.job) for piece in slices(trace)) == sorted(shown)
    picture(trace)


@given(runs(until=True), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=4))
def test_processes_that_die(pair, deaths):
    """A track ends where its process dies, wherever that is: on a CPU, in the middle of a switch, or waiting."""
    mix, policy = pair
    trace = failing(mix, policy, deaths)
    found = check("".join(text(trace, "perfetto")))
    dead = {row.task: row.time for row in trace if row.kind is Kind.FAILED}
    for place, track in enumerate(found.of("tasks").values()):
        assert all(piece.end <= dead.get(place, piece.end) for piece in track)
    picture(trace)
