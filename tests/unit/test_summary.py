"""Results in words: headings, tables of jobs, comparisons and their marks."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim import summary
from schedsim.tables import Page, plain, text


def lines(table, width=None):
    """Return a table's lines without styles."""
    return plain(text(table, Page(width))).splitlines()


@pytest.mark.parametrize(
    ("algo", "options", "words"),
    [
        ("fcfs", {}, "first under fcfs: 5 jobs, 1 CPU, times in ms"),
        ("rr", {"quantum": 2, "cpus": 2}, "first under rr, quantum=2: 5 jobs, 2 CPUs, times in ms"),
        ("sjf", {}, "first under sjf (knows bursts): 5 jobs, 1 CPU, times in ms"),
        (
            "fcfs",
            {"switch_cost": "0.5", "charge_first_switch": True, "degree": 2, "until": 40},
            "first under fcfs: 5 jobs, 1 CPU, times in ms, degree 2, switch cost 0.5, the first one too, until 40",
        ),
        ("fcfs", {"grace": "300us"}, "first under fcfs: 5 jobs, 1 CPU, times in ms, grace 0.3"),
        (
            "lottery",
            {"seed": 3, "conventions": "ostep"},
            "first under lottery, quantum=1, seed=3: 5 jobs, 1 CPU, times in ms, conventions ostep, seed 3",
        ),
    ],
)
def test_heading(algo, options, words):
    """Mix, policy with its parameters, whether it knows bursts, and what is not the default."""
    assert words == summary.heading(ss.run("first", algo, notes=False, **options))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (4, "4"),
        (0.5, "0.5"),
        ([8, 16, 32], "8/16/32"),
        ([], "[]"),
        (
            [{"priority": 1, "algo": "rr", "quantum": 2}, {"priority": 2, "algo": "fcfs"}],
            "1 rr quantum=2/2 fcfs",
        ),
        (list(range(20)), "0/1/2/3/4/5/6/7/8/9/10/11/... (20 in all)"),
        ("low-first", "low-first"),
    ],
)
def test_option_value(value, words):
    """As a user writes it on the command line; a long list is cut, and says so."""
    assert words == summary.option_value(value)


def test_jobs_and_their_means():
    """Exact times for each job, rounded means below."""
    assert [
        "job   arrival  cpu  start  finish  turnaround  waiting  response  slowdown",
        "P1          0   24      0      30       30        6         0         1.25",
        "P2          0    3      4       7        7        4         4         2.33",
        "P3          0    3      7      10       10        7         7         3.33",
        "--------------------------------------------------------------------------",
        "mean                                    15.67     5.67      3.67      2.31",
    ] == lines(summary.jobs_table(ss.run("silberschatz-fcfs", "rr", quantum=4)))


def test_jobs_that_did_not_come_far():
    """Cut off, a job has a state, dashes for what there is not, and the means say whom they are about."""
    mix = [{"id": "A", "program": "cpu 1; io 2; cpu 1"}, {"id": "B", "arrival": 3, "burst": 9}]
    assert [
        "job   arrival  cpu  io  start  finish  turnaround  waiting  response  slowdown  state",
        "A           0    1   2      0       -           -        2         0         -  ready",
        "B           3    2   0      3       -           -        0         0         -  running",
        "---------------------------------------------------------------------------------------",
        "mean                                            -        -         -         -",
        "the means are over the 0 of 2 jobs that finished",
    ] == lines(summary.jobs_table(ss.run(mix, "rr", quantum=4, until=5)))


def test_many_jobs_are_cut_and_counted():
    """A long table says how many jobs it leaves out; without a limit it leaves out none."""
    run = ss.run(ss.generate(130, seed=1), "fcfs")
    assert "... 30 more jobs; show them with --format csv or json" == lines(summary.jobs_table(run))[-1]
    assert 130 == len(summary.jobs_table(run, None).rows)


def test_every_job_for_a_spreadsheet():
    """All fields of all jobs, not rounded."""
    table = summary.every_job(ss.run("first", "rr"))
    names = "id state arrival start finish turnaround waiting response cpu io slowdown"
    assert names.split() == [column.name for column in table.columns]
    assert ("C", "terminated", 3, 8, 11, 8, 5, 5, 3, 0, 8 / 3) == table.rows[2]


def test_percentiles():
    """Mean, median and tails, by nearest rank."""
    assert [
        "            mean   p50   p95   p99",
        "turnaround  9.6   9     15    15",
        "waiting     6.2   7      9     9",
        "response    4.4   5      7     7",
        "slowdown    3.18  2.67   4.5   4.5",
    ] == lines(summary.percentiles_table(ss.run("first", "rr")))


def test_the_whole_run_in_words():
    """The usual metrics; efficiency where switching costs something."""
    words = ["makespan 17", "CPU utilization 100 %", "throughput 0.294 jobs per ms", "context switches 5"]
    assert words == summary.system_words(ss.run("first", "rr"))
    costly = summary.system_words(ss.run("first", "rr", switch_cost=1))
    assert ["makespan 22", "CPU utilization 77.3 %", "efficiency 77.3 %"] == costly[:3]


def with_deadlines(count):
    """Return jobs of 1 ms that are all due at 1 ms, but for the last, which has no deadline."""
    jobs = [{"id": f"J{number}", "burst": 1, "deadline": 1} for number in range(1, count + 1)]
    return [*jobs, {"id": "Z", "burst": 1}]


def test_missed_deadlines_in_words():
    """How many of how many, and whose; of many only some are named."""
    assert "deadlines missed 0 of 1" == summary.system_words(ss.run(with_deadlines(1), "fcfs"))[-1]
    assert "deadlines missed 2 of 3 (J2, J3)" == summary.system_words(ss.run(with_deadlines(3), "fcfs"))[-1]
    assert summary.system_words(ss.run(with_deadlines(20), "fcfs"))[-1].endswith(", J13 and 7 more)")


def test_missed_deadlines_compared():
    """A column of their own, where a job has a deadline."""
    jobs = [{"id": "A", "burst": 3, "deadline": 9}, {"id": "B", "burst": 1, "deadline": 1}]
    assert [
        "policy              turnaround  waiting  response  slowdown  makespan  switches  missed",
        "fcfs                      3.5      1.5       1.5      2.5          4*        1*      1",
        "sjf (knows bursts)        2.5*     0.5*      0.5*     1.17*        4*        1*      0*",
    ] == lines(summary.comparison_table(ss.compare(jobs, ["fcfs", "sjf"])))[:3]


def test_every_metric_is_explained():
    """With -v each metric of the run has a line that says what it is."""
    run = ss.run("first", "rr")
    table = summary.system_table(run)
    assert list(run.system) == [row[0] for row in table.rows]
    assert all(row[2] for row in table.rows)


def test_the_best_is_marked_and_so_are_ties():
    """The least mean, the least makespan, the fewest switches."""
    assert [
        "policy               turnaround  waiting  response  slowdown  makespan  switches",
        "fcfs                       9        5.6       5.6      3.32        17*        4*",
        "rr quantum=4               9.6      6.2       4.4      3.18        17*        5",
        "srtf (knows bursts)        7*       3.6*      1.4*     1.93*       17*        5",
        "* best in its column",
    ] == lines(summary.comparison_table(ss.compare("first", ["fcfs", "rr", "srtf"])))


def test_more_is_better_where_it_is():
    """Utilization, throughput and fairness are best at their highest; all metrics are there when asked for."""
    table = summary.comparison_table(ss.compare("convoy", ["fcfs", "srtf"]), verbose=True)
    names = [column.name for column in table.columns]
    for name in ("utilization", "throughput", "fairness"):
        place = names.index(name)
        values = [float(str(row[place])) for row in table.rows]
        assert (values.index(max(values)), place) in table.best
    assert {"efficiency", "makespan", "switches"} <= set(names)


def test_values_that_look_alike_are_a_tie():
    """Nobody is the best by a digit that isn't shown."""
    mix = [("A", 0, "1.0001"), ("B", 0, 1)]
    table = summary.comparison_table(ss.compare(mix, ["fcfs", "sjf"]))
    assert {(0, 1), (1, 1)} <= table.best


def test_cut_off_runs_are_compared_with_care():
    """The means are over finished jobs, so how many finished is there, and nothing is best of nothing."""
    found = lines(summary.comparison_table(ss.compare("first", ["fcfs", "rr"], until=7)))
    assert [
        "policy        turnaround  waiting  response  slowdown  utilization  switches  finished",
        "fcfs                  6*       0*        0*        1*           1*        1*         1",
        "rr quantum=4           -        -         -         -           1*        1*         0",
        "* best in its column",
        "the means are over the finished jobs, of 5",
    ] == found


def test_labels_tell_policies_apart():
    """Options stand in the label where they fit; else names that repeat get numbers, and a line below."""
    comparison = ss.compare("stallings-9.5")
    labels = summary.comparison_labels(comparison)
    assert len(labels) == len(set(labels))
    assert ["rr quantum=1", "rr quantum=4"] == labels[1:3]
    assert ["srtf: remaining=burst", "feedback #2: quanta=1/2/4/8/16"] == summary.long_options(comparison)


def test_every_policy_for_a_spreadsheet():
    """A row for each policy with every metric, not rounded."""
    table = summary.every_policy(ss.compare("first", ["rr", "sjf"]))
    rows = [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]
    assert ["rr", "sjf"] == [row["algo"] for row in rows]
    assert [False, True] == [row["knows_bursts"] for row in rows]
    assert "quantum=4" == rows[0]["options"]
    assert (9.6, 9, 17) == (rows[0]["mean_turnaround"], rows[0]["p50_turnaround"], rows[0]["makespan"])


def test_nothing_compared():
    """A comparison of no runs says so."""
    assert "no runs" == summary.comparison_heading(ss.Comparison([]))
