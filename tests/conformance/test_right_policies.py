"""Every policy that ships keeps what every policy must keep, and so do right ones of any shape."""

from __future__ import annotations

import ast
import os

import pytest

import schedsim
from schedsim.policies import NAMES, policy_class
from schedsim.policies.options import make_policy
from schedsim.testing import RecordingMachine, arrived, assert_same_trace, check_policy, make_task
from schedsim.testing.smallmixes import small_mix
from tests.conformance import zoo

ALL_QUEUES = [
    {"priority": 0, "algo": "rr", "quantum": 2},
    {"priority": 1, "algo": "sjf"},
    {"priority": 2, "algo": "srtf"},
    {"priority": 3, "algo": "fcfs"},
]

PARAMETERS = [
    ("fcfs", {}),
    ("sjf", {}),
    ("srtf", {}),
    ("srtf", {"remaining": "total"}),
    ("hrrn", {}),
    ("rr", {"quantum": 1}),
    ("rr", {"quantum": 5}),
    ("rr", {"quantum": 5, "tick": 2}),
    ("rr", {"quantum": 2, "tick": 3}),
    ("priority", {}),
    ("priority", {"preemptive": True, "priority_order": "high-first"}),
    ("priority", {"ageing": 3}),
    ("priority", {"preemptive": True, "ageing": 7}),
    ("priority-rr", {"quantum": 2, "priority_order": "high-first"}),
    ("mlq", {"quantum": 3}),
    ("mlq", {"queues": ALL_QUEUES}),
    ("mlfq", {"quanta": "2/4/8"}),
    ("mlfq", {"quanta": "2/4", "allotments": "2/1", "boost": 9, "io_bump": True}),
    ("mlfq", {"quanta": "1/3", "io_resets_allotment": False}),
    ("feedback", {"quanta": "1/2/4"}),
    ("lottery", {"quantum": 2, "seed": 7}),
    ("lottery", {"quantum": 2, "draws": [number * number % 31 for number in range(5000)]}),
    ("stride", {"quantum": 2}),
    ("stride", {"quantum": 2, "initial_pass": "stride"}),
    ("cfs", {}),
    ("cfs", {"sched_latency": 7, "min_granularity": 1}),
    ("cfs", {"sched_latency": 3, "min_granularity": 5}),
    ("edf", {}),
]

HOOKS = {"rank": 2, "slice": 2, "joined": 3, "ran": 3, "boosted": 2}
PACKAGE = os.path.dirname(schedsim.__file__)


@pytest.mark.parametrize("unit", ["ns", "ms"])
@pytest.mark.parametrize(
    ("algo", "options"), PARAMETERS, ids=[f"{algo}-{place}" for place, (algo, _) in enumerate(PARAMETERS)]
)
def test_a_policy_that_ships_keeps_the_rules(algo, options, unit):
    """Each shipped policy passes with several parameters, lengths small and large."""
    check_policy(make_policy(algo, options, unit))


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_that_ships_passes_as_its_class_too(name):
    """The defaults are parameters like others, and nothing is to be remarked."""
    assert () == check_policy(policy_class(name))


def test_every_policy_that_ships_is_tried():
    """The table above forgets none."""
    assert set(NAMES) == {algo for algo, _ in PARAMETERS}


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_that_ships_says_what_it_is(name):
    """The docstring has a rule, what it is good for, when it fails, and a source, in this order."""
    text = policy_class(name).__doc__
    lines = [line.strip() for line in text.strip().splitlines()]
    places = [
        next(place for place, line in enumerate(lines) if line.startswith(head))
        for head in ("Good for: ", "Fails when: ", "Source: ")
    ]
    assert lines[0].endswith((".", ":"))
    assert places == sorted(places)
    assert places[0] > 0


@pytest.mark.parametrize("name", ["Minimal", "Maximal", "Starving", "ReadsEstimate", "RoundTheClock"])
def test_right_policies_pass(name):
    """The empty policy, one with every hook, one that starves: none breaks a rule; a docstring is asked for."""
    missing = f"{name}: its docstring has no Good for:, Fails when:, Source:"
    assert (missing,) == check_policy(getattr(zoo, name))


def test_a_documented_policy_gets_no_note():
    """Nothing is said of a policy that says all of itself."""
    assert () == check_policy(zoo.Documented)


def test_an_object_is_tried_with_its_parameters():
    """A class whose parameters have no defaults is given as an object."""
    note = "NeedsLength: its docstring has no Good for:, Fails when:, Source:"
    assert (note,) == check_policy(zoo.NeedsLength(quantum=3))


def test_notes_say_what_has_no_effect():
    """What the class says of itself and does not come to bear is remarked."""

    class Idle(schedsim.Policy):
        preemptive = True

        def boosted(self, task, queue):
            """Do nothing."""

    assert (
        "Idle: preemptive = True has no effect without rank",
        "Idle: boosted is never called while boost is 0",
        "Idle: has no docstring; say its rule, what it is good for, when it fails, its source",
    ) == check_policy(Idle)


def test_ageing_under_a_switch_cost_is_a_note():
    """Where tasks preempt each other before they ran, the kit ends all the same, and says so."""
    policy = make_policy("priority", {"preemptive": True, "ageing": 1}, "ns")
    expected = (
        "priority: where a context switch costs time, tasks may preempt each other before they have run, "
        "and no job makes progress"
    )
    assert (expected,) == check_policy(policy)


class MaximalWithoutBoost(zoo.Maximal):
    """A boost renews slices, which a trace shows."""

    boost = schedsim.ns(0)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("cls", [zoo.Minimal, MaximalWithoutBoost])
def test_the_empty_policy_is_first_come_first_served(cls, seed):
    """A policy that says nothing, or only what holds anyway, makes the trace of FCFS."""
    mix = small_mix(seed)
    expected = schedsim.run(mix, "fcfs", notes=False).trace
    assert_same_trace(expected, schedsim.run(mix, cls(), notes=False).trace)


def test_the_mixes_have_everything_in_them():
    """Twenty seeds reach every kind of operation, device, CPU count, convention and option."""
    mixes = [small_mix(seed) for seed in range(20)]
    steps = [step for mix in mixes for job in mix.jobs for step in job.operations]
    assert {"Cpu", "Io", "Yield"} == {type(step).__name__ for step in steps}
    assert {"", "disk", "net"} == {step.device for step in steps if isinstance(step, schedsim.Io)}
    assert {1, 2, 3} == {mix.cpus for mix in mixes}
    assert {"textbook", "ostep"} == {mix.conventions for mix in mixes}
    assert {True, False} == {mix.switch_cost > 0 for mix in mixes}
    assert {True, False} == {mix.degree is None for mix in mixes}
    assert {True, False} == {mix.charge_first_switch for mix in mixes}
    assert {0, 1} == {mix.grace for mix in mixes}
    assert any(len(mix.jobs) > 2 and len({job.arrival for job in mix.jobs}) == 1 for mix in mixes)
    assert {True, False} == {job.estimate is None for mix in mixes for job in mix.jobs}
    assert {0, 1, 2, 3} == {job.priority for mix in mixes for job in mix.jobs}


def python_files():
    """Return the package's files by their paths in it, the kit's own left out: it stands in between."""
    for folder, _, names in os.walk(PACKAGE):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), PACKAGE).replace(os.sep, "/")
            if name.endswith(".py") and not path.startswith("testing/"):
                yield path


def test_one_place_alone_calls_a_policy():
    """Only scheduler/consult.py takes a hook from a policy; mlq passes questions on to its inner policies."""
    found = set()
    for path in python_files():
        with open(os.path.join(PACKAGE, path), encoding="utf-8") as opened:
            tree = ast.parse(opened.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in HOOKS:
                owner = (
                    node.value.attr
                    if isinstance(node.value, ast.Attribute)
                    else getattr(node.value, "id", "")
                )
                if "policy" in owner.lower():
                    found.add((path, node.attr))
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and len(node.args) == HOOKS.get(node.func.attr)
            ):
                found.add((path, node.func.attr))
    consult = {("scheduler/consult.py", hook) for hook in HOOKS}
    # The others are checks of answers and of classes: base.py compares a class's hooks with the defaults.
    assert consult | {("policies/mlq.py", "rank"), ("policies/mlq.py", "slice")} == found


def test_a_recording_machine_writes_down_orders():
    """The orders come as plain tuples, and ``taken`` returns the new ones."""
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.inputs import Reached
    from schedsim.trace import Header, Trace, TracedJob

    machine = RecordingMachine()
    trace = Trace(Header(jobs=(TracedJob("A", 0),)))
    scheduler = Scheduler(make_policy("rr", {"quantum": 4}, "ns"), machine, trace)
    task = make_task("A", "cpu 3; io 2 disk")
    scheduler.deliver(0, [arrived(task)])
    assert [("start", "A", 0, 1, 0, 4)] == machine.taken()
    scheduler.deliver(3, [Reached(task, 1, 3, task.advance())])
    assert [("begin_io", "A", 2, "disk", 3)] == machine.taken()
    assert 2 == len(machine.orders)


def test_the_first_difference_between_traces_is_told_in_words():
    """The message has the row's number and both rows."""
    jobs = [{"id": "A", "arrival": 0, "burst": 5}, {"id": "B", "arrival": 0, "burst": 2}]
    one, other = (schedsim.run(jobs, "rr", quantum=quantum, notes=False).trace for quantum in (4, 3))
    with pytest.raises(AssertionError) as differs:
        assert_same_trace(one, other)
    assert (
        "row 2: expected at 0 ns 'A' dispatched on CPU 0 (4000000 ns); "
        "got at 0 ns 'A' dispatched on CPU 0 (3000000 ns)"
    ) == str(differs.value)
    assert_same_trace(one, one)
