"""Shipped mixes: found from anywhere, complete, and showing what their notes say they show."""

from __future__ import annotations

import os
import re
import runpy

import pytest

from schedsim import experiment, mixfile, workloads
from schedsim.engines.simulated import simulate
from schedsim.generate import generate
from schedsim.jobs import PolicyChoice
from schedsim.metrics import job_metrics, system_metrics
from schedsim.policies import NAMES
from schedsim.policies.options import make_policy
from schedsim.trace import Header, Trace, TracedJob

MS = 1_000_000


def run(mix, choice):
    """Return the trace of ``mix`` under a policy and its options."""
    jobs = tuple(TracedJob(job.id, job.arrival) for job in mix.jobs)
    policy = make_policy(choice.algo, choice.options, mix.unit)
    return simulate(mix, policy, Trace(Header(jobs, cpus=mix.cpus, until=mix.until)))


def jobs_under(name, algo, **options):
    """Return the metrics of a shipped mix's jobs by id, under any policy."""
    mix = mixfile.load(name)
    return {job.id: job for job in job_metrics(run(mix, PolicyChoice(algo, options)))}


def own_runs(name):
    """Return the traces of a shipped mix under the policies it names."""
    mix = mixfile.load(name)
    return [run(mix, choice) for choice in mix.policies]


def mean(trace, field):
    """Return the mean of one metric over the jobs, in milliseconds."""
    values = [getattr(job, field) for job in job_metrics(trace)]
    return sum(values) / len(values) / MS


def test_there_are_at_least_fifteen_and_no_two_of_one_name():
    """A name means one file."""
    files = [file for file in os.listdir(workloads.folder()) if file.endswith(workloads.SUFFIXES)]
    assert len(files) >= 15
    assert len(files) == len(set(workloads.names()))


@pytest.mark.parametrize("name", workloads.names())
def test_a_shipped_mix_is_complete(name):
    """It loads by its name without a word, names its source, and says what to try with itself."""
    mix, said = mixfile.load_with_notes(name)
    assert mix.name == name
    assert said == []
    for choice in mix.policies:
        make_policy(choice.algo, choice.options, mix.unit)
    note = workloads.note(name)
    assert "Try: " in note
    assert {name} >= set(re.findall(r"schedsim (?:run|compare|explain) (?!--)(\S+?)[,;:]?(?:\s|$)", note))
    assert "\t" not in note
    assert len(max(note.splitlines(), key=len)) <= 118


def test_the_list_has_titles_and_sources_in_order():
    """What `schedsim mixes` shows: no line without a title and a source."""
    listed = workloads.describe(mixfile.load)
    assert [row.name for row in listed] == workloads.names()
    assert [row.name for row in listed if not (row.title and row.source)] == []
    assert [row for row in listed if row.name in ("first", "requests", "stallings-9.5", "swf-fragment")] == [
        ("first", 5, "ms", "Five jobs that every policy runs differently", "own"),
        (
            "requests",
            300,
            "us",
            "Requests to a server: nearly all take 1 us, a few 100 us",
            "schedsim generate 300 --seed 1 --burst bimodal:short=1,long=100,share=0.03 --load 0.7 --unit us",
        ),
        (
            "stallings-9.5",
            5,
            "ms",
            "Five processes, and every policy of the chapter",
            "Stallings, Operating Systems: Internals and Design Principles, 9th ed., chapter 9, table 9.5",
        ),
        (
            "swf-fragment",
            400,
            "s",
            "A log in the Standard Workload Format: 400 jobs of a cluster's week",
            "own; synthetic, made by scripts/swf_fragment.py with seed 19990416",
        ),
    ]


def test_a_note_is_the_comment_without_title_and_source():
    """The note of the built-in mix begins with what it is."""
    assert workloads.note("first").startswith("The mix that is used when none is named.")
    assert "source:" not in workloads.note("first")
    assert workloads.note("no-such-mix") == ""


def test_a_mix_is_found_by_name_from_any_folder(tmp_path, monkeypatch):
    """The folder one stands in does not matter, and the suffix may be there or not."""
    monkeypatch.chdir(tmp_path)
    path = workloads.find("stallings-9.5")
    assert path == os.path.join(workloads.folder(), "stallings-9.5.toml")
    assert workloads.find("stallings-9.5.toml") == path
    assert len(mixfile.load("stallings-9.5").jobs) == 5


@pytest.mark.parametrize(
    "name", ["no-such-mix", "", ".", "..", "./first", "sub/first", "../workloads/first", "first.toml", "a\0b"]
)
def test_what_is_no_shipped_mix_is_not_found(name):
    """Neither a path nor another suffix is a name."""
    assert workloads.find(name) is None


def test_an_installed_package_has_the_mixes_inside(tmp_path, monkeypatch):
    """Then those are taken, and not a folder that happens to lie beside the package."""
    package = tmp_path / "schedsim"
    for folder, name in ((package / "_workloads", "inside"), (tmp_path / "workloads", "beside")):
        folder.mkdir(parents=True)
        (folder / f"{name}.csv").write_text("pid,arrival,burst\nA,0,1\n", encoding="utf-8")
    monkeypatch.setattr(workloads, "__file__", str(package / "workloads.py"))
    assert workloads.names() == ["inside"]
    assert workloads.find("inside") == str(package / "_workloads" / "inside.csv")
    assert workloads.find("beside") is None


def test_a_package_without_mixes_has_no_names(tmp_path, monkeypatch):
    """A copied package still runs a user's own files."""
    monkeypatch.setattr(workloads, "__file__", str(tmp_path / "schedsim" / "workloads.py"))
    assert workloads.names() == []
    assert workloads.find("first") is None


def test_every_policy_runs_the_built_in_mix_differently():
    """No two of the policies give the five jobs the same finish times."""
    finished: dict[tuple[int | None, ...], list[str]] = {}
    for algo in NAMES:
        # Without queues mlq does what priority-rr does, and without deadlines edf what fcfs does.
        if algo not in ("mlq", "edf"):
            times = tuple(job.finish for job in jobs_under(workloads.DEFAULT, algo).values())
            finished.setdefault(times, []).append(algo)
    assert [algos for algos in finished.values() if len(algos) > 1] == []


BOOKS = [
    ("silberschatz-fcfs", "waiting", [17, 17 / 3]),
    ("silberschatz-sjf", "waiting", [7, 10.25]),
    ("silberschatz-srtf", "waiting", [6.5, 7.75]),
    ("silberschatz-priority", "waiting", [8.2]),
    ("silberschatz-priority-rr", "turnaround", [19.2]),
    ("silberschatz-exercise-5.4", "waiting", [6.2, 4.6, 11, 7.2]),
    ("silberschatz-quantum", "turnaround", [11, 11.5, 10.75, 11.5, 12.25, 10.5, 10.5]),
    ("stallings-9.5", "turnaround", [8.6, 10.8, 10, 7.6, 7.2, 8, 10, 10.6]),
    ("stallings-exercise-9.2", "turnaround", [6.2, 7.6, 7.2, 5.6, 5.6, 6.2, 8.6, 7]),
    ("tanenbaum-batch", "turnaround", [14, 11]),
    ("tanenbaum-sjf-not-optimal", "turnaround", [4.6, 3.4]),
    ("tanenbaum-exercise-batch", "turnaround", [22, 20, 19.2, 14]),
    ("tanenbaum-switch-cost", "turnaround", [25]),
    ("ostep-convoy", "turnaround", [110, 50]),
    ("ostep-stcf", "turnaround", [310 / 3, 50]),
    ("ostep-rr", "response", [1, 5]),
    ("ostep-rr", "turnaround", [14, 10]),
    ("ostep-mlfq-io", "turnaround", [37.5]),
    ("buttazzo-horn", "turnaround", [3.2, 2.8, 2.8]),
    ("buttazzo-jackson", "turnaround", [4.6]),
    ("ostep-cfs", "turnaround", [(168 + 192 + 84 + 96) / 4]),
    ("gate-2003-90", "turnaround", [115]),
    ("gate-2006-65", "turnaround", [82 / 3]),
    ("multilevel-queue", "turnaround", [9.5]),
]


@pytest.mark.parametrize(
    ("name", "field", "expected"), BOOKS, ids=[f"{name}-{field}" for name, field, _ in BOOKS]
)
def test_means_are_those_of_the_book(name, field, expected):
    """Run as the mix itself says, it gives the answers of its source and of its note."""
    # The even split of Tanenbaum's exercise is a limit: a quantum of 0.01 comes as near as 0.01.
    assert [mean(trace, field) for trace in own_runs(name)] == pytest.approx(expected, abs=0.01)


def finishes(trace):
    """Return when each job finished, in milliseconds."""
    return [None if job.finish is None else job.finish / MS for job in job_metrics(trace)]


def slowdowns(trace):
    """Return the slowdowns in order; every job must have finished."""
    found = [job.slowdown for job in job_metrics(trace) if job.slowdown is not None]
    assert len(found) == len(trace.header.jobs)
    return sorted(found)


def makespans(name):
    """Return the makespan of each of the mix's own runs, in milliseconds."""
    return [system_metrics(trace).makespan / MS for trace in own_runs(name)]


def test_a_fifth_of_the_cpu_goes_to_switching():
    """tanenbaum-switch-cost: 24 ms of work take 30."""
    assert makespans("tanenbaum-switch-cost") == [30]


def test_overlap_takes_100_instead_of_140():
    """ostep-overlap: computing and waiting at once, or one job at a time."""
    assert makespans("ostep-overlap") == [100]
    mix = mixfile.load("ostep-overlap")._replace(degree=1)
    assert system_metrics(run(mix, PolicyChoice("fcfs"))).makespan == 140 * MS


def test_gate_answers():
    """C's first I/O is over at 1000; the CPU is idle for 5 of 47."""
    assert job_metrics(own_runs("gate-2014-2-32")[0])[2].finish == 1000 * MS
    assert makespans("gate-2006-65") == [47]


def test_the_convoy_forms_and_dissolves():
    """convoy: short jobs wait ten times as long, and all of it takes a fifth longer; sjf is no help."""
    mix = mixfile.load("convoy")
    fcfs, sjf, rr = (run(mix, PolicyChoice(algo)) for algo in ("fcfs", "sjf", "rr"))
    waits = [sum(job.waiting for job in job_metrics(trace)[1:]) for trace in (fcfs, rr)]
    assert waits[0] > 10 * waits[1]
    assert system_metrics(fcfs).makespan > 1.2 * system_metrics(rr).makespan
    assert job_metrics(sjf) == job_metrics(fcfs)


def test_the_old_job_starves_until_something_is_done_about_it():
    """starvation: it waits out the stream of 120 ms, unless it ages or is boosted."""
    assert [finishes(trace)[0] for trace in own_runs("starvation")] == [128, 88, 128, 24]
    assert jobs_under("starvation", "sjf")["old"].start == 120 * MS
    assert jobs_under("starvation", "rr")["old"].finish == 16 * MS


def test_interactive_jobs_wait_less_under_each_better_policy():
    """interactive-and-batch: 300 ms at once, or 16, or 4 for each of nine answers."""
    waited = [job_metrics(trace)[2].waiting / MS for trace in own_runs("interactive-and-batch")]
    assert waited == [297, 145, 35]


def test_gaming_pays_until_the_allotment_is_kept():
    """gaming-mlfq: the gamer is done long before the honest jobs, then after them."""
    gamed, cured = map(finishes, own_runs("gaming-mlfq"))
    assert gamed == [260, 270, 119]
    assert cured == [220, 230, 274]


def test_whom_to_prefer_decides_whether_cpu_and_disk_overlap():
    """io-bound-cpu-bound: 110 ms with the reader first, 200 with the cruncher first."""
    assert makespans("io-bound-cpu-bound")[:2] == [110, 200]


def test_longest_first_keeps_two_cpus_busy():
    """two-cpus: makespan 10, 10 and 8; mean turnaround the other way round."""
    assert makespans("two-cpus") == [10, 10, 8]
    fcfs, sjf, longest = (mean(trace, "turnaround") for trace in own_runs("two-cpus"))
    assert fcfs == sjf < longest


def test_stride_shares_3_2_1_in_every_six_turns():
    """tickets-3-2-1: A is done at 120, when it has had half, B a third and C a sixth."""
    assert finishes(own_runs("tickets-3-2-1")[0]) == [120, 150, 180]


def test_a_nice_job_gets_a_quarter():
    """love-nice: until A is done, B has a third of A's share, of 10 and 15 as of 0 and 5."""
    mix = mixfile.load("love-nice")
    nicer = mix._replace(jobs=tuple(job._replace(nice=job.nice + 10) for job in mix.jobs))
    for each in (mix, nicer):
        slices = experiment.run(each).slices[:2]
        assert [(piece.job, round(piece.end - piece.start)) for piece in slices] == [("A", 15), ("B", 5)]


def test_only_deadlines_meet_the_deadlines():
    """buttazzo-horn: by deadline nobody is late; in the order of arrival, or by length, one is."""
    misses = [experiment.run("buttazzo-horn", algo).misses for algo in ("edf", "srtf", "fcfs")]
    assert misses == [[], [("J3", 4)], [("J3", 4)]]


def test_who_is_late_when_somebody_must_be():
    """buttazzo-jackson: by deadline J4, by 2; in the order of the list J5, by 4."""
    late = [max(experiment.run("buttazzo-jackson", algo).lateness.values()) for algo in ("edf", "fcfs")]
    assert late == [2, 4]


@pytest.mark.parametrize(
    ("name", "made", "half"),
    [
        pytest.param(
            "ten-thousand",
            lambda: generate(
                10_000, seed=1, burst="lognormal:mean=100,cv=2", load=0.9, priorities="1-5", resolution=1
            ),
            [("fcfs", {}, 15, 16), ("srtf", {}, 1, 1)],
            marks=pytest.mark.slow,
        ),
        (
            "requests",
            lambda: generate(300, seed=1, burst="bimodal:short=1,long=100,share=0.03", load=0.7, unit="us"),
            [("fcfs", {}, 50, 60), ("rr", {"quantum": 5}, 5.5, 6)],
        ),
    ],
    ids=["ten-thousand", "requests"],
)
def test_a_generated_mix_is_what_its_command_makes(name, made, half):
    """Its source line makes the very jobs of the file, and median slowdowns are as the note says."""
    mix, again = mixfile.load(name), made()
    assert (mix.jobs, mix.unit) == (again.jobs, again.unit)
    with open(workloads.find(name), encoding="utf-8") as file:
        assert f"# source: {again.source}\n" in file
    for algo, options, low, high in half:
        found = slowdowns(run(mix, PolicyChoice(algo, options)))
        assert low <= found[len(found) // 2] <= high


def swf_rows():
    """Return the lines of the log as lists of whole numbers."""
    with open(workloads.find("swf-fragment"), encoding="utf-8") as file:
        return [[int(word) for word in line.split()] for line in file if line[0] != ";"]


def test_the_log_is_what_its_script_makes():
    """scripts/swf_fragment.py makes the very file, on every machine."""
    root = os.path.dirname(workloads.folder())
    made = runpy.run_path(os.path.join(root, "scripts", "swf_fragment.py"))["lines"]()
    with open(workloads.find("swf-fragment"), encoding="utf-8") as file:
        assert file.read() == "".join(f"{line}\n" for line in made)


def test_the_log_has_the_shape_of_real_ones():
    """18 fields, sorted by submit time, powers of two, nights and weekends, requests that are too long."""
    rows = swf_rows()
    assert {len(row) for row in rows} == {18}
    assert [row[0] for row in rows] == list(range(1, 401))
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)
    powers = sum(row[4] & (row[4] - 1) == 0 for row in rows)
    assert powers > 0.9 * len(rows)
    by_hour = [sum(row[1] % 86400 // 3600 == hour for row in rows) for hour in range(24)]
    assert sum(by_hour[:6]) < sum(by_hour[9:15]) / 4
    assert rows[-1][1] > 6 * 86400
    assert sum(5 <= row[1] / 86400 < 7 for row in rows) < len(rows) / 7
    runs = sorted(row[3] for row in rows)
    assert sum(runs[-40:]) > sum(runs) / 3
    assert runs[-1] > 1000 * runs[0]
    assert all(row[8] >= row[3] and row[8] % 300 == 0 for row in rows)


def test_no_processor_of_the_log_is_used_twice_at_a_time():
    """The wait times are possible ones: never more than 128 processors at once."""
    changes = []
    for row in swf_rows():
        start = row[1] + row[2]
        changes += [(start, row[4]), (start + row[3], -row[4])]
    used = 0
    for _, change in sorted(changes):
        used += change
        assert 0 <= used <= 128


def test_requested_times_are_nearly_as_good_as_the_truth():
    """swf-fragment on four CPUs: sjf's mean slowdown is at most a tenth worse for believing users."""
    mix = mixfile.load("swf-fragment")._replace(cpus=4)
    knowing = mix._replace(jobs=tuple(job._replace(estimate=None) for job in mix.jobs))
    believed, known, fcfs = (
        sum(slowdowns(run(some, PolicyChoice(algo)))) / len(some.jobs)
        for some, algo in ((mix, "sjf"), (knowing, "sjf"), (mix, "fcfs"))
    )
    assert known < believed < 1.1 * known
    assert fcfs > 10 * believed
