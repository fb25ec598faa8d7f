"""Results of real runs: like any other, and what is known of how they were made."""

from __future__ import annotations

import json

import pytest

from schedsim.gantt import gantt
from schedsim.summary import jobs_table, surroundings, system_words
from schedsim.tables import Page, plain, text
from tests.unit.realruns import FACTS, made_up

MIX = [("A", 0, 6), ("B", 1, 4)]


def test_it_is_a_run():
    """Jobs, means, slices and the rest are computed from the trace, with all digits."""
    run = made_up(MIX, quantum=4)
    assert [10.034567, 8.034567] == [job.finish for job in run.jobs]
    assert run.completed
    assert "rr on mix: 2 jobs, mean turnaround 8.53457 ms" == str(run)


def test_its_object():
    """``to_dict`` has facts and validity, times in the mix's unit; it can be written as JSON."""
    document = made_up(MIX, quantum=4).to_dict()
    assert "real" == document["engine"]
    assert document == json.loads(json.dumps(document))
    assert {
        "valid": True,
        "reasons": [],
        "stolen_share": 0.0012,
        "stranger_share": 0.0,
        "lateness": 0.023456,
        "throttled": 0,
        "host_steal_share": None,
    } == document["real"]["validity"]
    facts = document["real"]["facts"]
    assert (["bands", [1], 0, False], "Linux") == (
        [facts["driver"], facts["measured"], facts["dispatcher"], facts["shared"]],
        facts["system"]["system"],
    )
    assert set(FACTS._fields) == set(facts)


def test_a_dead_process_is_not_completed():
    """The job has failed, and the run says so."""
    run = made_up(MIX, quantum=4, dead="B")
    assert not run.completed
    assert ["terminated", "failed"] == [job.state for job in run.jobs]


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("ms", 10.034567, 10.03),
        ("ms", 10.0012, 10),
        ("ms", 7, 7),
        ("s", 1.234567, 1.23457),
        ("us", 1234.567, 1230),
        ("ns", 1_234_567, 1_230_000),
        ("ms", None, None),
    ],
)
def test_measured_times_are_rounded(unit, value, expected):
    """To 0.01 ms, in every unit; whole numbers stay whole."""
    run = made_up([("A", 0, 6)])
    run.trace.header = run.trace.header._replace(unit=unit)
    shown = run.shown(value)
    assert (expected, type(expected)) == (shown, type(shown))


def test_tables_show_rounded_times():
    """What differs from run to run is not shown; arrivals are exact."""
    run = made_up(MIX, quantum=4)
    words = [row[:-1] for row in jobs_table(run).words()]
    assert ["A", "0", "6", "0", "10.03", "10.03", "4", "0"] == words[0]
    assert "makespan 10.03" == system_words(run)[0]
    assert surroundings(run).endswith("times in ms, real processes")


def test_charts_show_rounded_times():
    """To one, two or five of the last place that two thousandths of the run leave."""
    run = made_up(MIX, quantum=4)
    assert ["0", "4.03", "8.03", "10.03"] == plain(gantt(run, Page(80))).splitlines()[2].split()
    long = made_up([("A", 0, 6000), ("B", 1, 4000)], quantum=4000)
    assert ["0", "4000", "8000", "10000"] == plain(gantt(long, Page(80))).splitlines()[2].split()


def test_a_chart_of_nothing():
    """A run in which nothing happened has one all the same."""
    run = made_up([("A", 0, 6)])
    run.trace = type(run.trace)(run.trace.header)
    assert 0 == len(run.charted)


def test_a_notebook_shows_it():
    """The same words as in a terminal."""
    html = made_up(MIX, quantum=4)._repr_html_()
    assert "real processes" in html
    assert "10.03<" in html
    assert "10.034567" not in html


def test_measured_arrivals_in_text():
    """When a child arrived was measured, too."""
    run = made_up([("A", 0, 6), ("B", 1.034567, 4)], quantum=4)
    shown = plain(text(jobs_table(run), Page(80)))
    assert "1.03 " in shown
    assert "1.034567" not in shown
