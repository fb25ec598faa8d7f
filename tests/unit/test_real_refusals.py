"""``schedsim.real`` refuses, before anything runs, what no real run can do; and what it adds to a mix."""

from __future__ import annotations

import os
import sys
from multiprocessing import process
from types import ModuleType

import pytest

import schedsim as ss
from schedsim.engines.real.host import Host, Placing
from schedsim.engines.real.spawning import plain_main, refuse_in_worker, refuse_unsendable
from schedsim.errors import HostError, PolicyError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io
from schedsim.policies.base import Policy
from schedsim.real import GRACE, busiest, longest, prepare_real
from schedsim.testing.strategies import as_generator
from schedsim.times import LONGEST

MS = 1_000_000
TWO = Mix((Job("A", 0, (Cpu(5 * MS),)), Job("B", MS, (Cpu(3 * MS), Io(MS), Cpu(MS)))), name="two")


def importable():
    """Yield a burst; a program that a fresh Python can import."""
    yield Cpu(MS)


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    """Fail if anything is run."""
    from schedsim.engines.real import conductor

    def conduct(order):
        raise AssertionError(order)

    monkeypatch.setattr(conductor, "conduct", conduct)


UNSENDABLE = (
    "job 'A': its program must be a function that a fresh Python can import, where workers are spawned; put it "
    "into a file of its own, or let workers be forked"
)
REFUSALS = {
    "a start method that there is not": (
        (TWO, "rr"),
        {"start_method": "thread"},
        "start method is 'thread'; write fork, spawn or forkserver",
    ),
    "too many jobs": (
        (Mix(tuple(Job(f"J{number}", 0, (Cpu(MS),)) for number in range(1201)), name="many"), "rr"),
        {},
        "many has 1,201 jobs, and each would be a process; run at most 200",
    ),
    "a cut-off": (
        (TWO, "rr"),
        {"until": 5},
        "a real run goes on until every job has ended; leave until out",
    ),
    "a cut-off of the mix": (
        (TWO._replace(until=5), "rr"),
        {},
        "a real run goes on until every job has ended; leave until out",
    ),
    "a period": (
        (Mix((Job("A", 0, (Cpu(MS),), period=9),)), "rr"),
        {},
        "jobs with a period are not released again in this version; leave the period out",
    ),
    "an excess of nobody": (
        (TWO, "rr"),
        {"excess": {"A": 0.1, "C": 0.1}},
        "excess names 'C', and there is no such job in two",
    ),
    "a device's name that is too long": (
        (Mix((Job("A", 0, (Cpu(MS), Io(MS, "é" * 101))),)), "rr"),
        {},
        "job 'A': the name of its device is longer than 200 bytes; shorten it",
    ),
    "a scale that is none": (
        (TWO, "rr"),
        {"scale": 0},
        "scale is 0; write a number above 0, such as 10 or 0.5",
    ),
    "a driver that there is not": (
        (TWO, "rr"),
        {"driver": "freezer"},
        "driver is 'freezer'; write auto, bands, signals or psutil",
    ),
    "a generator that cannot be imported": (
        (Mix((Job("A", 0, as_generator((Cpu(MS),))),)), "rr"),
        {"start_method": "spawn"},
        UNSENDABLE,
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    """Each in one sentence that says what to write instead."""
    words, options, message = REFUSALS[name]
    with pytest.raises(UsageError) as caught:
        ss.real(*words, **options)
    assert message == str(caught.value)


def test_another_system(monkeypatch):
    """Where processes cannot be stopped or forked, it says where they can."""
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(HostError) as caught:
        ss.real(TWO, "rr")
    expected = "real processes run on Linux, and on other systems like Unix; simulate it: schedsim run"
    assert expected == str(caught.value)


class Raises(Policy):
    """A policy that is wrong."""

    def rank(self, task, queue):  # noqa: ARG002
        """Divide by nothing."""
        return 1 // 0


def test_what_a_simulation_would_refuse():
    """Options, policies and mixes are read as they are there."""
    with pytest.raises(UsageError, match="did you mean 'rr'"):
        ss.real(TWO, "rrr")
    with pytest.raises(UsageError, match="rr has the options quantum"):
        ss.real(TWO, "rr", quanta=3)
    long = Mix((Job("A", 0, (Cpu(2000 * MS),)), Job("B", 0, (Cpu(2000 * MS),))))
    with pytest.raises(PolicyError, match="raised ZeroDivisionError"):
        busiest(long, Raises(), HERE)  # it is simulated first, to see how long it keeps a CPU busy


def test_a_grace_is_added():
    """Unless the mix or the caller says another, also none."""
    assert GRACE == prepare_real(TWO, "rr", 1, {})[0].grace
    assert 5 == prepare_real(TWO._replace(grace=5), "rr", 1, {})[0].grace
    assert 2 * MS == prepare_real(TWO, "rr", 1, {"grace": 2})[0].grace
    assert 0 == prepare_real(TWO, "rr", 1, {"grace": 0})[0].grace


def test_it_is_scaled():
    """The mix and the policy; the grace that is added is not."""
    mix, policy, _ = prepare_real(TWO, "rr:quantum=4", 10, {})
    assert (50 * MS, 10 * MS, 40 * MS, GRACE) == (
        mix.jobs[0].cpu, mix.jobs[1].arrival, getattr(policy, "quantum", 0), mix.grace
    )  # fmt: skip


def test_a_switch_cost_is_left_out():
    """It is the machine's to say."""
    mix, _, seed = prepare_real(
        TWO._replace(switch_cost=5, charge_first_switch=True), "lottery", 1, {"seed": 7}
    )
    assert (0, False, 7) == (mix.switch_cost, mix.charge_first_switch, seed)


def test_when_a_run_has_gone_wrong():
    """Four times what it can take, and half a minute; of generators nobody knows."""
    assert 4 * (MS + 10 * MS) + 30_000 * MS == longest(TWO)
    assert LONGEST == longest(Mix((Job("A", 0, importable),)))
    assert 30_000 * MS == longest(Mix(()))


HERE = Host((0, 1), True, True, (950_000, 1_000_000), True, True)


@pytest.mark.parametrize(
    ("mix", "throttle", "expected"),
    [
        pytest.param(TWO, (950_000, 1_000_000), 9 * MS, id="less than the limit anyway"),
        pytest.param(TWO, None, 9 * MS, id="no limit known"),
        pytest.param(
            Mix((Job("A", 0, (Cpu(700 * MS), Io(900 * MS), Cpu(700 * MS))),)),
            (950_000, 1_000_000),
            700 * MS,
            id="with pauses",
        ),
        pytest.param(
            Mix((Job("A", 0, (Cpu(3000 * MS),)),)), (950_000, 1_000_000), 1000 * MS, id="all the time"
        ),
        pytest.param(
            Mix((Job("A", 0, (Cpu(700 * MS),)), Job("B", 0, (Cpu(700 * MS),))), cpus=2),
            (950_000, 1_000_000),
            700 * MS,
            id="each CPU by itself",
        ),
        pytest.param(
            Mix((Job("A", 0, importable),)), (950_000, 1_000_000), 0, id="a generator, and nothing else"
        ),
        pytest.param(
            Mix((Job("A", 0, importable), Job("B", 0, (Cpu(3000 * MS),)))),
            (950_000, 1_000_000),
            1000 * MS,
            id="a generator, too",
        ),
    ],
)
def test_how_busy_a_cpu_is(mix, throttle, expected):
    """The most CPU time that one CPU gives in any throttling period, by simulation where it may matter."""
    _, policy, _ = prepare_real(mix, "fcfs", 1, {})
    assert expected == busiest(mix, policy, HERE._replace(throttle=throttle))


# Workers of a fresh Python.


def test_what_can_be_sent():
    """Lists of operations, and functions of files."""
    refuse_unsendable((*TWO.jobs, Job("C", 0, importable)))


def of_main(monkeypatch, **fields):
    """Return a job whose program is a function of ``__main__``, a module with these fields."""
    main = ModuleType("__main__")

    def program():
        yield Cpu(MS)

    program.__module__, program.__qualname__ = "__main__", "program"
    main.program = program  # type: ignore[attr-defined]  # a module made by hand
    for name, value in fields.items():
        setattr(main, name, value)
    monkeypatch.setitem(sys.modules, "__main__", main)
    return Job("A", 0, program)


def test_functions_of_the_main_program(monkeypatch, tmp_path):
    """If that is a file, or a module; not from standard input or a session."""
    with pytest.raises(UsageError, match="job 'A': its program must be a function"):
        refuse_unsendable([of_main(monkeypatch)])
    with pytest.raises(UsageError, match="job 'A': its program must be a function"):
        refuse_unsendable([of_main(monkeypatch, __file__="<stdin>")])
    script = tmp_path / "script.py"
    script.write_text("")
    refuse_unsendable([of_main(monkeypatch, __file__=str(script))])
    refuse_unsendable([of_main(monkeypatch, __spec__=sys.modules["schedsim"].__spec__)])


def test_the_main_program_is_read_again_only_if_it_must(monkeypatch):
    """Workers see a plain one, unless a job's program is from there; afterwards it is as before."""
    job = of_main(monkeypatch, __file__="script.py")
    own = sys.modules["__main__"]
    with plain_main(TWO.jobs):
        assert not hasattr(sys.modules["__main__"], "__file__")
    assert own is sys.modules["__main__"]
    with plain_main([job]):
        assert own is sys.modules["__main__"]


def test_a_worker_that_reads_the_script_again(monkeypatch):
    """It must not begin the run once more."""
    refuse_in_worker()
    monkeypatch.setattr(process.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(UsageError) as caught:
        ss.real(TWO, "rr")
    assert (
        "a script whose jobs' programs are its own functions is read again by each spawned worker; put what it does "
        "behind: if __name__ == '__main__'"
    ) == str(caught.value)


# What is said of a run.


@pytest.fixture
def ran(monkeypatch):
    """Run nothing, and return what is said of an outcome."""
    from schedsim.engines.real import conductor, host
    from schedsim.engines.real.conductor import Outcome
    from schedsim.observed import Observed
    from tests.unit.realruns import VALID

    orders = []

    def run(mix, *, deaths=(), validity=VALID, awake=True, placing=None, **how):
        monkeypatch.setattr(host, "host", lambda: HERE)
        place = placing or Placing(
            "bands", (1,), 0, shared=False, unthrottle=False, realtime=True, notes=("placed",)
        )
        monkeypatch.setattr(host, "place", lambda *words, **options: place)

        def conduct(order):
            orders.append(order)
            return Outcome(order.trace, Observed(), validity, [], list(deaths), awake)

        monkeypatch.setattr(conductor, "conduct", conduct)
        return ss.real(mix, "rr", **how), orders[-1]

    return run


def test_facts_of_a_run(ran):
    """Driver, CPUs, clock, start method, the limit, and how idle CPUs waited."""
    result, order = ran(TWO, start_method="spawn")
    facts = result.facts
    assert ("bands", (1,), 0, False, "spawn", "on", "polling") == (
        facts.driver, facts.measured, facts.dispatcher, facts.shared, facts.start_method, facts.throttling, facts.idle
    )  # fmt: skip
    assert (True, "real", longest(order.mix)) == (order.throttled, order.trace.header.engine, order.limit)


def test_other_facts_of_a_run(ran):
    """The limit lifted; nothing pinned; idle CPUs as they are."""
    lifted = Placing("bands", (1,), 0, shared=True, unthrottle=True, realtime=True)
    result, order = ran(TWO, placing=lifted, awake=False)
    assert ("lifted", "as the system does", True, False) == (
        result.facts.throttling, result.facts.idle, result.facts.shared, order.throttled
    )  # fmt: skip
    unpinned = Placing("psutil", (None, None), None, shared=False, unthrottle=False, realtime=False)
    assert ((), None) == ran(TWO, placing=unpinned)[0].facts[1:3]


def test_notes_of_a_run(ran):
    """Where it ran, who died when, that bursts are too short, and what disturbed it."""
    from tests.unit.realruns import VALID

    mix = Mix((Job("A", 0, (Cpu(MS // 2),)), Job("B", 0, (Cpu(MS),))))
    disturbed = VALID._replace(valid=False, reasons=("the moon was full", "it rained"))
    result, _ = ran(mix, deaths=[(1_234_567, 1)], validity=disturbed)
    assert (
        "placed",
        "the process of job 'B' died at 1.23 ms",
        "the shortest burst is 0.5 ms, and a dispatch takes some 0.03 ms; --scale 10 makes everything ten times as long",
        "this run was disturbed, and says little: the moon was full",
        "this run was disturbed, and says little: it rained",
    ) == result.notes
