"""A policy's options: every spelling that is understood, and every refusal's whole message."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from schedsim.errors import PolicyError, UsageError
from schedsim.policies.options import describe_options, make_policy

MS = 1_000_000


def made(algo, options=None, unit="ms"):
    """Return the policy, as something whose fields are its own."""
    return make_policy(algo, options, unit)


@pytest.mark.parametrize(
    "raw",
    [
        "8/16/32",
        "8,16,32",
        "8 16 32",
        "[8, 16, 32]",
        "[8,16,32]",
        [8, 16, 32],
        (8, "16", Decimal(32)),
        "8ms/16ms/0.032s",
    ],
    ids=repr,
)
def test_lists(raw):
    """On the command line, in JSON and in Python."""
    assert (8 * MS, 16 * MS, 32 * MS) == made("mlfq", {"quanta": raw}).quanta


@pytest.mark.parametrize("raw", [8, "8", "8ms", "8000us", 0.008e3, Decimal("8.0"), " 8 "], ids=repr)
@pytest.mark.parametrize("key", ["quantum", "q"])
def test_durations(key, raw):
    """Bare, with a unit, as text or as a number."""
    assert 8 * MS == made("rr", {key: raw}).quantum


def test_a_bare_number_is_in_the_mixs_unit():
    """One with a unit of its own is not."""
    assert [8, 8000] == [made("rr", {"q": raw}, "ns").quantum for raw in (8, "8us")]


@pytest.mark.parametrize(("unit", "length"), [("ns", 4), ("us", 4000), ("ms", 4 * MS), ("s", 4000 * MS)])
def test_defaults_scale_with_the_unit(unit, length):
    """A mix in seconds is not run with a quantum of 4 ms; neither are the levels of an MLFQ."""
    assert length == made("rr", unit=unit).quantum
    assert (length // 2, length, 2 * length) == made("mlfq", unit=unit).quanta


@pytest.mark.parametrize("raw", [True, "true", "yes", "on", "1", 1, "TRUE", " Yes "], ids=repr)
def test_true(raw):
    """All that a user may write for it."""
    assert True is made("priority", {"preemptive": raw}).preemptive


@pytest.mark.parametrize("raw", [False, "false", "no", "off", "0", 0, "No"], ids=repr)
def test_false(raw):
    """As above."""
    assert False is made("priority", {"preemptive": raw}).preemptive


@pytest.mark.parametrize("key", ["io-resets-allotment", "io_resets_allotment", " io_resets-allotment "])
def test_dashes_count_as_underscores(key):
    """As on any command line."""
    assert True is made("mlfq", {key: True}).io_resets_allotment


QUEUES = [{"priority": 1, "algo": "rr", "quantum": 2}, {"priority": 2, "algo": "fcfs"}]


@pytest.mark.parametrize(
    "raw",
    [
        QUEUES,
        tuple(QUEUES),
        json.dumps(QUEUES),
        "rr 2/fcfs",
        " rr 2 / fcfs ",
        [{"algo": "round-robin", "q": "2ms"}, {"algo": "FIFO"}],
    ],
    ids=["list", "tuple", "json", "short", "spaces", "aliases"],
)
def test_queues(raw):
    """The queues of a multilevel queue: as objects, as JSON, and in short; priorities 1, 2, ... if unsaid."""
    expected = ((1, made("rr", {"quantum": 2})), (2, made("fcfs")))
    assert expected == made("mlq", {"queues": raw}).queues


def test_levels_repeat_single_entries():
    """Three levels, one quantum and one allotment for all."""
    policy = made("mlfq", {"levels": 3, "quanta": 5, "allotments": "2"})
    assert ((5 * MS,) * 3, (2,) * 3) == (policy.quanta, policy.allotments)


@pytest.mark.parametrize(
    ("algo", "options", "unit", "expected"),
    [
        ("fcfs", {}, "ms", {}),
        ("rr", {"q": "500us"}, "ms", {"quantum": 0.5}),
        ("rr", {"quantum": 4, "tick": 0}, "ms", {"quantum": 4}),
        ("rr", {"quantum": 4, "tick": 1}, "ms", {"quantum": 4, "tick": 1}),
        ("feedback", {"quanta": "1/2"}, "us", {"quanta": [1, 2]}),
        ("priority", {"ageing": 3}, "s", {"preemptive": False, "priority_order": "low-first", "ageing": 3}),
        ("lottery", {"draws": "3/0"}, "ms", {"quantum": 1, "draws": [3, 0], "seed": 0}),
        ("mlq", {"queues": "rr 2/fcfs"}, "ms", {"queues": QUEUES, "quantum": 4}),
    ],
)
def test_options_described(algo, options, unit, expected):
    """What a result says it was run with: plain values, lengths in the mix's unit."""
    assert expected == describe_options(made(algo, options, unit), unit)
    again = made(algo, describe_options(made(algo, options, unit), unit), unit)
    assert made(algo, options, unit) == again


def test_every_option_described():
    """Also those that a result leaves out where they add nothing."""
    assert {"quantum": 4, "tick": 0, "phase": 0} == describe_options(made("rr"), "ms", every=True)


NAMES = "fcfs, sjf, srtf, hrrn, rr, priority, priority-rr, mlq, mlfq, feedback, lottery, stride, cfs, edf"
QUEUE_FORM = 'write a list such as [{"priority": 1, "algo": "rr", "quantum": 2}], or rr 2/fcfs'


@pytest.mark.parametrize(
    ("algo", "options", "message"),
    [
        ("rrr", {}, f"did you mean 'rr'? policies are {NAMES}; 'rrr' is none of them"),
        ("nosuch", {}, f"policies are {NAMES}; 'nosuch' is none of them"),
        ("zzz", {}, f"policies are {NAMES}; 'zzz' is none of them"),
        ("eevdf", {}, f"policy 'eevdf' is planned and not in this version; there are {NAMES}"),
        ("none.py:X", {}, "none.py: there is no such file; write --algo FILE.py:CLASS"),
        ("fcfs", {"quantum": 4}, "fcfs has no options; leave 'quantum' out"),
        (
            "rr",
            {"quantm": 4},
            "did you mean 'quantum'? rr has the options quantum, tick, phase; 'quantm' is none of them",
        ),
        ("stride", {"zz": 4}, "stride has the options quantum, stride1, initial_pass; 'zz' is none of them"),
        ("rr", {"q": "soon"}, "rr: option quantum: 'soon' is not a time; write a number such as 4 or 20us"),
        ("rr", {"q": True}, "rr: option quantum: True is not a time; write a number such as 4 or 20us"),
        (
            "priority",
            {"preemptive": "maybe"},
            "priority: option preemptive: 'maybe' is neither; write true or false",
        ),
        (
            "stride",
            {"stride1": 1.5},
            "stride: option stride1: 1.5 is not a whole number; write one such as 3",
        ),
        ("lottery", {"seed": True}, "lottery: option seed: True is not a whole number"),
        (
            "lottery",
            {"draws": "1/x"},
            "lottery: option draws: 'x' is not a whole number; write one such as 3",
        ),
        ("mlq", {"queues": 3}, f"mlq: option queues: {QUEUE_FORM}"),
        ("mlq", {"queues": [3]}, f"mlq: option queues: {QUEUE_FORM}"),
        (
            "mlq",
            {"queues": [{"priority": 1}]},
            'mlq: option queues: queue 1 names no algo; write for instance "algo": "rr"',
        ),
        (
            "mlq",
            {"queues": "fcfs/mlq"},
            "mlq: option queues: queue 2 is mlq itself; a queue can be fcfs, rr, sjf, srtf or priority",
        ),
    ],
)
def test_what_cannot_be_read(algo, options, message):
    """The policy, the option and what to write."""
    with pytest.raises(UsageError) as caught:
        made(algo, options)
    assert message == str(caught.value)


def test_queues_that_are_no_json():
    """The place is said by the JSON reader."""
    with pytest.raises(UsageError, match=r"^mlq: option queues: is no JSON \(.*column 2.*\)$"):
        made("mlq", {"queues": "[,]"})


SHARED = "a queue can be fcfs, rr, sjf, srtf, priority, priority-rr or edf"


@pytest.mark.parametrize(
    ("algo", "options", "message"),
    [
        ("rr", {"q": 0}, "rr: quantum is 0; write a value above 0"),
        ("rr", {"q": -1}, "rr: quantum is -1000000; write a value above 0"),
        ("rr", {"tick": -1}, "rr: tick is -1000000; write 0 or more"),
        ("rr", {"phase": -1}, "rr: phase is -1000000; write 0 or more"),
        ("priority-rr", {"q": 0}, "priority-rr: quantum is 0; write a value above 0"),
        ("stride", {"q": 0}, "stride: quantum is 0; write a value above 0"),
        ("stride", {"stride1": 0}, "stride: stride1 is 0; write a value above 0"),
        ("stride", {"initial_pass": "one"}, "stride: initial_pass is 'one'; write zero or stride"),
        ("cfs", {"sched_latency": 0}, "cfs: sched_latency is 0; write a value above 0"),
        ("cfs", {"min_granularity": -1}, "cfs: min_granularity is -1000000; write a value above 0"),
        ("srtf", {"remaining": "all"}, "srtf: remaining is 'all'; write burst or total"),
        (
            "priority",
            {"priority_order": "up"},
            "priority: priority_order is 'up'; write low-first or high-first",
        ),
        ("priority", {"ageing": -1}, "priority: ageing is -1000000; write 0 or more"),
        ("lottery", {"q": 0}, "lottery: quantum is 0; write a value above 0"),
        ("lottery", {"draws": "1/-2"}, "lottery: draws has -2; a draw is 0 or more"),
        ("feedback", {"quanta": ""}, "feedback: quanta is empty; write at least one, such as quanta=1/2/4"),
        ("feedback", {"quanta": "1/0"}, "feedback: quanta is 0; write a value above 0"),
        ("mlfq", {"quanta": "0/1"}, "mlfq: quanta is 0; write a value above 0"),
        ("mlfq", {"boost": -1}, "mlfq: boost is -1000000; write 0 or more"),
        ("mlfq", {"levels": -1}, "mlfq: levels is -1; write 1 or more"),
        ("mlfq", {"quanta": ""}, "mlfq: levels is 0; write 1 or more"),
        (
            "mlfq",
            {"quanta": "1/2", "levels": 3},
            "mlfq: quanta has 2 entries for 3 levels; write one for each level, or one for all",
        ),
        (
            "mlfq",
            {"quanta": "1/2/4", "allotments": "1/2"},
            "mlfq: allotments has 2 entries for 3 levels; write one for each level, or one for all",
        ),
        ("mlq", {"quantum": 0}, "mlq: quantum is 0; write a value above 0"),
        (
            "mlq",
            {"queues": [{"priority": 1, "algo": "rr"}, {"priority": 1, "algo": "fcfs"}]},
            "mlq: queues has priority 1 twice; give each queue its own",
        ),
        ("mlq", {"queues": "hrrn/fcfs"}, f"mlq: queues has hrrn; {SHARED}"),
        ("mlq", {"queues": "rr 2/mlfq"}, f"mlq: queues has mlfq; {SHARED}"),
        ("mlq", {"queues": "feedback"}, f"mlq: queues has feedback; {SHARED}"),
        ("mlq", {"queues": "cfs"}, f"mlq: queues has cfs; {SHARED}"),
    ],
)
def test_what_the_policy_refuses(algo, options, message):
    """The policy's own check, with its name."""
    with pytest.raises(PolicyError) as caught:
        made(algo, options)
    assert message == str(caught.value)
