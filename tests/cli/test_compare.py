"""``schedsim compare``: one table, the best marked."""

from __future__ import annotations

import csv
from io import StringIO

import schedsim as ss
from schedsim.policies import NAMES
from tests.cli.calling import refused, schedsim


def test_named_policies():
    """A row for each, in the order in which they were named: a golden page."""
    done = schedsim(
        "compare", "silberschatz-fcfs", "--algo", "fcfs", "--algo", "rr:quantum=4", "--algo", "sjf"
    )
    assert (0, "") == (done.status, done.err)
    assert (
        done.out
        == """\
silberschatz-fcfs under 3 policies: 3 jobs, 1 CPU, times in ms

policy              turnaround  waiting  response  slowdown  makespan  switches
fcfs                    27       17        17         6.67        30*        2*
rr quantum=4            15.67     5.67      3.67      2.31        30*        3
sjf (knows bursts)      13*       3*        3*        1.42*       30*        2*
* best in its column
"""
    )


def test_all_policies_if_none_is_named():
    """Every policy there is, and it says of which mix."""
    done = schedsim("compare", "--format", "json")
    assert list(NAMES) == [run["algo"] for run in done.json["runs"]]
    assert "schedsim.compare/1" == done.json["schema"]
    out = schedsim("compare").out
    assert out.startswith(f"first under {len(NAMES)} policies: 5 jobs, 1 CPU, times in ms")
    assert "no MIX was named" in out


def test_the_policies_of_the_mix():
    """A mix that names policies is compared under those, with their options."""
    runs = schedsim("compare", "stallings-9.5", "--format", "json").json["runs"]
    assert ["fcfs", "rr", "rr", "sjf", "srtf", "hrrn", "feedback", "feedback"] == [
        run["algo"] for run in runs
    ]
    assert [1, 4] == [run["options"]["quantum"] for run in runs[1:3]]


def test_json_is_the_comparison():
    """``--format json`` is ``Comparison.to_dict()``."""
    assert ss.compare("convoy", ["fcfs", "rr"]).to_dict() == (
        schedsim("compare", "convoy", "--algo", "fcfs", "--algo", "rr", "--format", "json").json
    )


def test_csv_is_a_row_for_each_policy():
    """With every metric; a reader of CSV gets numbers and true or false."""
    rows = list(csv.DictReader(StringIO(schedsim("compare", "first", "--format", "csv").out)))
    assert list(NAMES) == [row["algo"] for row in rows]
    assert {"sjf", "srtf", "hrrn"} == {row["algo"] for row in rows if row["knows_bursts"] == "true"}
    assert "9.6" == rows[4]["mean_turnaround"]


def test_options_go_to_the_policies_that_have_them():
    """-q concerns those with a quantum; what stands behind a name concerns it alone, and wins."""
    words = ("--algo", "fcfs", "--algo", "rr", "--algo", "rr:quantum=9", "-q", "2")
    runs = schedsim("compare", "first", *words, "--format", "json").json["runs"]
    assert [{}, {"quantum": 2}, {"quantum": 9}] == [run["options"] for run in runs]


def test_an_option_that_no_policy_has_is_refused():
    """It is a slip."""
    assert "none of these policies has the option 'quantum'" == refused(
        "compare", "--algo", "fcfs", "-q", "3"
    )


def test_a_policy_that_cannot_take_the_mix_is_named():
    """The error says which of them."""
    said = refused("compare", "--algo", "fcfs", "--algo", "mlq:queues=rr 2")
    assert said.startswith("mlq.")
    assert "priority 3" in said


def test_clairvoyance_and_ties_are_shown():
    """Who knows bursts is said in the table; equal bests are all marked."""
    out = schedsim("compare", "--jobs", "A 0 3", "--algo", "fcfs", "--algo", "sjf").out
    lines = out.splitlines()
    assert lines[4].startswith("sjf (knows bursts)")
    assert 6 == lines[3].count("*")
    assert 6 == lines[4].count("*")
    assert "* best in its column" in lines


def test_verbose():
    """-v adds all metrics and the rules used."""
    out = schedsim("compare", "first", "-v").out
    assert "fairness" in out
    assert "Conventions textbook" in out


def test_the_table_fits_80_columns():
    """One table, not several blocks, with the policies' names and marks."""
    out = schedsim("compare").out
    assert 1 == out.count("policy  ")
    assert all(len(line) <= 80 for line in out.splitlines())
