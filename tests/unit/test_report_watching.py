"""Which part of a run a page shows, and what is known of it."""

from __future__ import annotations

import os

import pytest

import schedsim as ss
from schedsim.engines.real.conductor import plain
from schedsim.recording import Recording
from schedsim.report import page
from schedsim.report.charts import MOST_LANES, ZOOMS
from schedsim.report.contents import MOST_ROWS
from schedsim.report.watching import LEAST_SLICES, MOST_SLICES, NO_ORIGIN, NOT_THE_SAME, beginning
from schedsim.results import Origin
from schedsim.trace import Kind
from tests.unit.reading import Content, made, record
from tests.unit.virtual import run_virtually

MS = 1_000_000
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def test_the_part_that_is_shown_is_said():
    """A long run: the beginning has the chart and the steps, the tables are about all of it."""
    run = ss.run([("A", 0, 3000), ("B", 1, 3000)], "rr", quantum=1)
    text = page([run])
    [words] = [words for words in Content(text).texts("p") if "beginning" in words]
    end = record(text)["end"] * record(text)["tick"] // MS
    assert f"from 0 to {end:g} ms of 6000 ms" in words
    assert MOST_SLICES == sum(piece.start < end for piece in run.slices)
    assert "6000" in Content(text).texts("td")


def test_the_limits_are_those_of_the_page_on_it():
    """What docs/report.md says of long runs is so."""
    with open(os.path.join(ROOT, "docs", "report.md"), encoding="utf-8") as file:
        said = " ".join(file.read().split())
    assert f"{MOST_SLICES:,} slices of all its policies together, and of each at least {LEAST_SLICES}" in said
    assert f"The first {MOST_LANES} jobs have a lane, the first {MOST_ROWS} a row." in said
    assert ZOOMS[-1] == 100
    assert "up to a hundred times as wide" in said


def test_a_run_in_which_nothing_happens_has_a_page():
    """It is cut off before the first job comes, or its only job asks for nothing."""

    def nothing():
        yield from ()

    empty = record(page([ss.run([("A", 5, 1)], "rr", until=2)]))
    assert ([], 2 * MS) == (empty["runs"][0]["times"], empty["end"] * empty["tick"])
    zero = record(page([ss.run(ss.Mix((ss.Job("A", 0, nothing),)), "rr")]))
    assert ([0], 0) == (zero["runs"][0]["times"], zero["end"])


@pytest.mark.parametrize("cost", [0, 0.25])
@pytest.mark.parametrize("end", [1, 2, 4.5, 7])
def test_the_beginning_is_that_of_a_run_that_is_cut_off(end, cost):
    """The trace up to an instant is what a run until then has, row for row."""
    mix = [("A", 0, 3), ("B", 1, 5), ("C", 2, 2)]
    whole = ss.run(mix, "rr", quantum=2, switch_cost=cost, cpus=1).trace
    cut = ss.run(mix, "rr", quantum=2, switch_cost=cost, until=end).trace
    assert cut == beginning(whole, int(end * MS))


def test_all_policies_of_a_page_show_the_same_stretch_of_time():
    """If one is cut, all are, where it is."""
    kept = record(made([("A", 0, 1500), ("B", 0, 1500)], ["rr:quantum=1", "fcfs"]))
    assert {kept["end"]} == {each["end"] for each in kept["runs"]}
    assert all(time < kept["end"] for each in kept["runs"] for time in each["times"])
    assert [True, True] == [each["cut"] for each in kept["runs"]]


def test_of_many_jobs_the_first_have_lanes():
    """And the page says so."""
    text = made([(f"J{number}", number, 1) for number in range(MOST_LANES + 5)], "fcfs")
    assert f"the first {MOST_LANES} of {MOST_LANES + 5} jobs have a lane" in Content(text).texts("p")
    assert MOST_LANES == sum("data-job" in attributes for _, attributes in Content(text).elements)


def test_a_program_that_runs_differently_has_no_reasons():
    """A generator that does something else the second time is not explained by that."""
    lengths = iter([3, 5, 7, 9])

    def moody():
        yield ss.Cpu(ss.ms(next(lengths)))

    run = ss.run(ss.Mix((ss.Job("moody", 0, moody),)), "fcfs")
    text = page([run])
    assert NOT_THE_SAME in Content(text).texts("p")
    assert "moody gets the CPU" in Content(text).texts("td")


def test_a_run_on_real_processes_has_its_reasons():
    """What its scheduler was told is told to one that is watched; without that there are no reasons."""
    policy = ss.RoundRobin(quantum=ss.ms(2))
    jobs = [
        ss.Job(name, number * MS, (ss.Cpu(ss.ms(3)), ss.Io(ss.ms(2)))) for number, name in enumerate("ABC")
    ]
    mix = ss.Mix(tuple(jobs))
    machine = run_virtually(mix, policy)
    recording = Recording(tuple(plain(machine.observations.deliveries)))
    header = ss.run(mix, policy).trace.header._replace(engine="real")
    trace = recording.replay(mix, policy, header)
    run = ss.Run(trace, (), Origin(mix, policy, None, recording))
    said = list(run.reasons() or ())
    cells = Content(page([run])).texts("td")
    assert len(said) > len(jobs)
    assert set(said) <= set(cells)
    assert "A gets the CPU" not in cells
    content = Content(page([run]))
    assert (
        "What was measured on real processes is never quite the same again; with the mix below in a file "
        "mix.toml, this runs it once more: schedsim real mix.toml --algo rr:quantum=2"
    ) in content.texts("p")
    assert not any(words.startswith("schedsim report") for words in content.texts("code"))
    alone = page([ss.Run(trace, (), Origin(mix, policy, None))])
    assert NO_ORIGIN in Content(alone).texts("p")
    assert "A gets the CPU" in Content(alone).texts("td")


def test_a_run_that_was_read_from_a_trace_has_a_page_without_reasons():
    """A trace from elsewhere, in which a process died, says what happened."""
    run = ss.run([("A", 0, 3), ("B", 1, 1)], "rr", quantum=2)
    trace = ss.Trace(run.trace.header._replace(engine="real"))
    for row in run.trace:
        trace.add(
            row.time, Kind.FAILED if row.kind is Kind.FINISHED else row.kind, row.task, row.cpu, row.value
        )
    cells = Content(page([ss.Run(trace)])).texts("td")
    assert "A's process dies" in cells
    assert "B gets the CPU" in cells
