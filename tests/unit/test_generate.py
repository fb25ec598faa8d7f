"""Generated mixes: the same for ever, of the load and shape asked for, or refused."""

from __future__ import annotations

import math
from hashlib import sha256
from itertools import pairwise

import pytest

from schedsim.errors import UsageError
from schedsim.generate import ARRIVALS, generate
from schedsim.jobs import Job
from schedsim.operations import Cpu, Io
from schedsim.times import show

MS = 1_000_000


def digest(mix):
    """Return a short fingerprint of every job, as text would show it."""
    rows = (
        (job.id, job.arrival, [step.text("ns") for step in job.program], job.priority, job.tickets)
        for job in mix.jobs
    )
    return sha256("\n".join(map(repr, rows)).encode()).hexdigest()[:16]


def short(mix):
    """Return arrivals and programs in the mix's unit."""
    return [
        (show(job.arrival, mix.unit), "; ".join(step.text(mix.unit) for step in job.program))
        for job in mix.jobs
    ]


def test_a_seed_gives_these_very_jobs():
    """A mix that someone wrote down by its seed years ago is still the same."""
    assert [("0", "cpu 7.38"), ("5.61", "cpu 16.43"), ("13.79", "cpu 32.31")] == short(generate(3, seed=1))
    assert [
        ("0", "cpu 7.38; io 4; cpu 16.43; io 21.66; cpu 32.31; io 8.15; cpu 3.42; io 4.41; cpu 14.53"),
        (
            "22.43",
            "cpu 12.18; io 13.45; cpu 10.83; io 13.63; cpu 1.17; io 13.07; cpu 0.27; io 12.26; cpu 4.85",
        ),
    ] == short(generate(2, seed=1, io="exponential:mean=20"))


PINNED = [
    ({}, "52dfbb4e306533bd"),
    ({"burst": "uniform:min=1,max=20", "arrival": "uniform", "load": 0.5}, "00ec03430899f059"),
    ({"burst": "bimodal", "arrival": "periodic", "rate": "20/s", "cpus": 2}, "12a76d289a06d66c"),
    ({"burst": "heavy-tailed", "priorities": "1-5", "tickets": "100,50,250"}, "f0ba8b8632221d3d"),
    ({"burst": "lognormal:mean=3,cv=2", "arrival": "together", "unit": "s"}, "4ea890db6bab9e42"),
    (
        {"burst": "constant:value=20us", "io": "exponential:mean=1", "device": "disk", "resolution": "10us"},
        "88b29d1a782ca66d",
    ),
]


@pytest.mark.parametrize(("options", "expected"), PINNED, ids=[str(i) for i in range(len(PINNED))])
def test_a_thousand_jobs_have_this_very_fingerprint(options, expected):
    """Every distribution, arrival and choice is pinned to the last digit."""
    assert expected == digest(generate(1000, seed=7, **options))


def test_the_same_arguments_give_the_same_mix_and_another_seed_another():
    """Nothing outside the arguments has a say."""
    assert generate(50, seed=3) == generate(50, seed=3)
    assert generate(50, seed=3).jobs != generate(50, seed=4).jobs


def test_more_jobs_begin_with_the_same_jobs():
    """A longer mix is a continuation, so a study can be extended."""
    assert generate(100, seed=3).jobs[:10] == generate(10, seed=3).jobs


def test_one_changed_option_changes_nothing_else():
    """Priorities, tickets and load have streams of their own: the bursts stay."""
    plain = generate(50, seed=3)
    other = generate(50, seed=3, priorities="1-9", tickets="1-100", load=0.3)
    assert [job.program for job in plain.jobs] == [job.program for job in other.jobs]


def test_fields_of_the_mix():
    """The mix says how many CPUs it is for, and the command that makes it again."""
    mix = generate(3, seed=9, cpus=4, load="0.5", unit="us", priorities=[1, 2], burst="uniform:min=3,max=9")
    assert ("us", 4, "generated-9") == (mix.unit, mix.cpus, mix.name)
    assert "3 jobs generated with seed 9, times to 0.001 us" == mix.title
    command = "schedsim generate 3 --seed 9 --burst uniform:min=3,max=9 --load 0.5 --cpus 4"
    assert f"{command} --priorities 1,2 --unit us" == mix.source


def test_a_negative_choice_is_written_so_that_no_shell_or_parser_takes_it_for_an_option():
    """The command in the source works as it stands."""
    assert generate(1, seed=1, priorities="-3-3").source.endswith("--priorities=-3-3")


def test_jobs_have_names_in_order_and_all_else_by_default():
    """What is not asked for is as in a mix written by hand."""
    job = generate(2, seed=1).jobs[1]
    assert Job("J2", job.arrival, job.program) == job


@pytest.mark.parametrize("arrival", [name for name in ARRIVALS if name != "together"])
@pytest.mark.parametrize("load", [0.3, 0.9, 2])
def test_offered_load_is_what_was_asked_for(arrival, load):
    """CPU time asked for, divided by CPU time there was: within 99.9 % of a sum of 10,000."""
    mix = generate(10_000, seed=5, load=load, cpus=3, arrival=arrival)
    offered = sum(job.cpu for job in mix.jobs) / (3 * mix.jobs[-1].arrival)
    # Bursts and Poisson gaps each have a coefficient of variation of 1, so the ratio has root 2.
    assert math.isclose(load, offered, rel_tol=3.29 * math.sqrt(2 / 10_000))


def test_offered_load_counts_every_burst_of_a_job():
    """A job of 2 to 6 bursts brings four times the work, so jobs come a quarter as often."""
    mix = generate(10_000, seed=5, load=0.5, io="constant:value=1")
    offered = sum(job.cpu for job in mix.jobs) / mix.jobs[-1].arrival
    assert math.isclose(0.5, offered, rel_tol=0.05)
    assert {2, 3, 4, 5, 6} == {sum(isinstance(step, Cpu) for step in job.program) for job in mix.jobs}


@pytest.mark.parametrize("rate", [0.02, ".02", "20/s", "0.02/ms"])
def test_rate_is_arrivals_per_unit_or_per_the_unit_named(rate):
    """All four say one job every 50 ms."""
    mix = generate(4, seed=1, arrival="periodic", rate=rate)
    assert [0, 50 * MS, 100 * MS, 150 * MS] == [job.arrival for job in mix.jobs]


def test_poisson_gaps_are_exponential():
    """Their distribution function is within Kolmogorov and Smirnov's 99.9 % bound of the true one."""
    mix = generate(10_000, seed=5, rate=0.1)
    arrivals = [job.arrival / MS for job in mix.jobs]
    gaps = sorted(after - before for before, after in pairwise(arrivals))
    count = len(gaps)
    worst = max(abs(1 - math.exp(-gap / 10) - rank / count) for rank, gap in enumerate(gaps))
    assert worst * math.sqrt(count) < 1.95


def test_together_means_all_at_zero():
    """A batch arrives at 0."""
    assert {0} == {job.arrival for job in generate(9, seed=1, arrival="all-at-once").jobs}


def test_the_first_job_arrives_at_zero_and_no_job_before_the_last():
    """The clock starts with the first job; the order of the mix is that of arrival."""
    arrivals = [job.arrival for job in generate(1000, seed=2, load=50).jobs]
    assert 0 == arrivals[0]
    assert sorted(arrivals) == arrivals


@pytest.mark.parametrize(
    ("options", "step"),
    [
        ({}, 10_000),
        ({"burst": "exponential:mean=1"}, 1_000),
        ({"burst": "exponential:mean=20000"}, MS),
        ({"burst": "exponential:mean=500ns"}, 1),
        ({"burst": "constant:value=3ns"}, 1),
        ({"resolution": 1}, MS),
        ({"resolution": "0.25"}, 250_000),
        ({"io": "exponential:mean=1"}, 1_000),
    ],
)
def test_times_are_multiples_of_the_resolution_and_no_burst_is_nothing(options, step):
    """The default is about a thousandth of a burst, so numbers stay short and shapes stay true."""
    mix = generate(300, seed=1, **options)
    lengths = [length.ns for job in mix.jobs for length in job.program]
    assert {0} == {time % step for time in lengths} | {job.arrival % step for job in mix.jobs}
    assert min(lengths) >= step
    assert {0} != {time % (step * 10) for time in lengths}


def test_io_stands_between_cpu_bursts():
    """A program begins and ends with CPU, and its I/O is on the device named."""
    program = generate(1, seed=1, io="constant:value=3", device="disk", bursts_per_job=3).jobs[0].program
    assert [Cpu, Io, Cpu, Io, Cpu] == [type(step) for step in program]
    assert Io(3 * MS, "disk") == program[1]


def test_equal_programs_are_one_object():
    """A million jobs do not hold a million equal programs."""
    mix = generate(1000, seed=1, burst="bimodal")
    assert 2 == len({id(job.program) for job in mix.jobs})


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (3, {3: 1000}),
        ("1-2", {1: 500, 2: 500}),
        ([4, -4], {4: 500, -4: 500}),
        ("1:9,10:1", {1: 900, 10: 100}),
    ],
)
def test_choices_come_in_their_shares(choices, expected):
    """One number, a range, a list, weights: each share within four standard errors."""
    drawn = [job.priority for job in generate(1000, seed=1, priorities=choices).jobs]
    assert set(expected) == set(drawn)
    assert all(abs(drawn.count(value) - count) <= 64 for value, count in expected.items())


@pytest.mark.parametrize(
    ("jobs", "options", "message"),
    [
        (0, {}, "jobs is 0; write a whole number from 1 to 10000000"),
        (10**9, {}, "jobs is 1000000000; write a whole number from 1 to 10000000"),
        (True, {}, "jobs is True; write a whole number"),
        (2.5, {}, "jobs is 2.5; write a whole number"),
        (1, {"seed": -1}, "seed is -1; write a whole number of at least 0"),
        (1, {"cpus": 0}, "cpus is 0; write a whole number from 1"),
        (1, {"unit": "sec"}, "unknown unit 'sec': did you mean 's'? known are ns, us, ms, s"),
        (1, {"arrival": "poison"}, "unknown arrival 'poison': did you mean 'poisson'? known are poisson,"),
        (1, {"arrival": "together", "load": 1}, "jobs that arrive together have no rate and no load"),
        (1, {"rate": 1, "load": 1}, "rate and load both say how fast jobs arrive; write one of them"),
        (1, {"rate": 0}, "rate is 0; write a number above 0, as in 0.5"),
        (1, {"rate": "5/h"}, "rate is '5/h'; write arrivals per ns, us, ms, s, as in 50/s"),
        (1, {"load": "nan"}, "load: 'nan' is not a number; write one such as 0.5"),
        (1, {"load": -1}, "load is -1; write a number above 0"),
        (1, {"bursts_per_job": 3}, "a job of several CPU bursts needs I/O between them; add io"),
        (1, {"bursts_per_job": 1, "io": "constant"}, "a job of one CPU burst has no I/O; write 2 or more"),
        (1, {"bursts_per_job": 0}, "bursts_per_job is 0; write numbers from 1 to 10000"),
        (10**7, {"bursts_per_job": 9, "io": "constant"}, "10000000 jobs of 9 bursts are too many"),
        (1, {"device": "disk"}, "device is 'disk'; write one word, and the length of its service as io"),
        (1, {"device": "a b", "io": "constant"}, "device is 'a b'; write one word"),
        (1, {"priorities": "5-1"}, "priorities is '5-1'; write whole numbers, as in 1-5 or 1:9,10:1"),
        (1, {"priorities": "low"}, "priorities is 'low'; write whole numbers"),
        (1, {"priorities": "1-999999999"}, "priorities is '1-999999999'; write a smaller range"),
        (1, {"priorities": []}, "priorities is empty; write whole numbers"),
        (1, {"priorities": [1.5]}, "priorities is 1.5; write a whole number"),
        (1, {"tickets": 0}, "tickets is 0; write numbers of at least 1"),
        (1, {"resolution": 0}, "resolution is 0; write a length above 0 and at most the mean burst"),
        (1, {"resolution": 11}, "resolution is 11; write a length above 0 and at most the mean burst"),
        (1, {"resolution": "x"}, "resolution: 'x' is not a time; write a number such as 4 or 20us"),
        (1, {"burst": "exponential:mean=10h"}, "'10h' is not a time"),
        (99, {"rate": 1e-8, "unit": "s"}, "these jobs take longer than schedsim can count (146 years)"),
        (99, {"burst": "constant:value=99999999", "unit": "s"}, "these jobs take longer than"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_write(jobs, options, message):
    """Each wrong argument gets its message."""
    with pytest.raises(UsageError) as caught:
        generate(jobs, **{"seed": 1, **options})
    assert message in str(caught.value)
