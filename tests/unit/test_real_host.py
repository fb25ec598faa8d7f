"""What a machine allows, and where a run takes place on it: every kind of machine, none of them this one."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from schedsim.engines.real import host as host_module
from schedsim.engines.real.host import Host, Placing, facts, host, place, would_be_throttled
from schedsim.errors import HostError, UsageError

ROOT = Host(
    cpus=(0, 1, 2),
    realtime=True,
    stops=True,
    throttle=(950_000, 1_000_000),
    may_unthrottle=True,
    may_keep_awake=True,
)
USER = ROOT._replace(realtime=False, may_unthrottle=False, may_keep_awake=False)
MAC = USER._replace(cpus=(), throttle=None)
WINDOWS = MAC._replace(stops=False)
SHORT, LONG = 100_000_000, 5_000_000_000

NO_RIGHT = "no right to real-time priorities: processes are stopped and continued by signals, which other programs can disturb"
THROTTLED = "the mix keeps a CPU busy for longer than the 0.95 s after which this kernel throttles real-time processes"
LIFTS = "--unthrottle lifts that limit for the run"


def shared(cpu):
    """Return what is said where the dispatcher has no CPU of its own."""
    return (
        "there is no CPU to spare: the dispatcher takes its time, some 100 to 200 microseconds for each decision, "
        f"from measured CPU {cpu}"
    )


def placed(here, cpus=1, driver="auto", busiest=SHORT, *, unthrottle=False):
    """Return where a run takes place."""
    return place(here, cpus, driver, busiest, unthrottle=unthrottle)


def refused(error, *words, **options):
    """Return the message of the refusal."""
    with pytest.raises(error) as caught:
        placed(*words, **options)
    return str(caught.value)


def test_root():
    """The best driver; the last CPU is measured, the first one dispatches."""
    assert Placing("bands", (2,), 0, shared=False, unthrottle=False, realtime=True) == placed(ROOT)
    assert (2, 1) == placed(ROOT, 2).measured
    assert 0 == placed(ROOT, 2).dispatcher


def test_other_cpus():
    """Only those that this process may use."""
    found = placed(ROOT._replace(cpus=(3, 5)))
    assert ((5,), 3, False) == found[1:4]


def test_not_root():
    """Signals, with a word why; the dispatcher has no real-time priority then."""
    expected = Placing("signals", (2,), 0, shared=False, unthrottle=False, realtime=False, notes=(NO_RIGHT,))
    assert expected == placed(USER)
    assert () == placed(USER, driver="signals").notes


def test_signals_as_root():
    """The dispatcher keeps its priority, and there is nothing to say."""
    expected = Placing("signals", (2,), 0, shared=False, unthrottle=False, realtime=True)
    assert expected == placed(ROOT, driver="signals")


@pytest.mark.parametrize(("cpus", "measured"), [((0,), (0,)), ((0, 1), (1, 0)), ((4, 9), (9, 4))])
def test_no_cpu_to_spare(cpus, measured):
    """One core, or two that are both measured: the dispatcher shares the one that is measured last, and says so."""
    found = placed(ROOT._replace(cpus=cpus), len(cpus))
    assert (measured, measured[-1], True) == (found.measured, found.dispatcher, found.shared)
    assert (shared(measured[-1]),) == found.notes


def test_a_throttled_mix():
    """Signals are taken, with a word why, unless the limit is to be lifted, or is off."""
    found = placed(ROOT, busiest=LONG)
    assert "signals" == found.driver
    assert (f"{THROTTLED}, so signals are used; {LIFTS}",) == found.notes
    lifted = placed(ROOT, busiest=LONG, unthrottle=True)
    assert ("bands", True, ()) == (lifted.driver, lifted.unthrottle, lifted.notes)
    off = ROOT._replace(throttle=(-1, 1_000_000))
    assert ("bands", ()) == (placed(off, busiest=LONG).driver, placed(off, busiest=LONG).notes)


def test_a_throttled_mix_that_insists():
    """It is run as was asked, and the reader warned."""
    found = placed(ROOT, driver="bands", busiest=LONG)
    assert "bands" == found.driver
    assert (f"{THROTTLED}: expect an invalid run; {LIFTS}",) == found.notes


@pytest.mark.parametrize(
    ("throttle", "busiest", "expected"),
    [
        ((950_000, 1_000_000), 902_500_000, False),
        ((950_000, 1_000_000), 902_500_001, True),
        ((-1, 1_000_000), LONG, False),
        (None, LONG, False),
    ],
)
def test_when_it_is_throttled(throttle, busiest, expected):
    """A little below the limit, since the kernel counts by ticks."""
    assert expected == would_be_throttled(ROOT._replace(throttle=throttle), busiest)


def test_the_limit_is_lifted_only_if_that_changes_anything():
    """Not for signals, which it does not concern, and not where it is off already."""
    assert not placed(ROOT, driver="signals", unthrottle=True).unthrottle
    assert not placed(ROOT._replace(throttle=(-1, 1_000_000)), unthrottle=True).unthrottle
    assert not placed(ROOT._replace(throttle=None, may_unthrottle=False), unthrottle=True).unthrottle
    assert placed(ROOT, unthrottle=True).unthrottle


def test_nothing_can_be_pinned():
    """A system without affinity: signals, wherever; without signals: psutil."""
    assert Placing("signals", (None, None), None, False, False, False, (NO_RIGHT,)) == placed(MAC, 2)
    assert Placing("psutil", (None,), None, False, False, False) == placed(WINDOWS)


def test_psutil_pins_nothing():
    """Also where it could be done."""
    assert Placing("psutil", (None,), None, False, False, False) == placed(ROOT, driver="psutil")


REFUSALS = {
    "a driver that there is not": (
        (UsageError, ROOT, 1, "band"),
        {},
        "driver is 'band'; write auto, bands, signals or psutil",
    ),
    "bands without the right": (
        (HostError, USER, 1, "bands"),
        {},
        "the driver bands needs the right to real-time priorities (root, or CAP_SYS_NICE); write --driver signals",
    ),
    "more CPUs than there are": (
        (HostError, ROOT, 4),
        {},
        "4 CPUs are to be measured, and this process may use 3 here; write --cpus 3",
    ),
    "lifting the limit without the right": (
        (HostError, USER),
        {"unthrottle": True},
        "the limit on real-time processes can be lifted by root alone; leave --unthrottle out",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    """Each says what to write instead."""
    words, options, message = REFUSALS[name]
    assert message == refused(*words, **options)


# Finding out.


def system_of(*, root):
    """Return an operating system, as far as it is asked, and what was changed of this process' scheduling."""
    now, changes = [3, 0], []

    def set_scheduler(process, policy, parameter):
        if not root:
            raise PermissionError(process)
        now[:] = policy, parameter
        changes.append((policy, parameter))

    system = SimpleNamespace(
        name="posix",
        SCHED_FIFO=os.SCHED_FIFO,
        W_OK=os.W_OK,
        sched_param=lambda priority: priority,
        sched_getscheduler=lambda process: now[0],
        sched_getparam=lambda process: now[1],
        sched_setscheduler=set_scheduler,
        sched_getaffinity=lambda process: {5, 1},
        sched_setaffinity=None,
        access=lambda path, mode: root,
    )
    return system, changes


@pytest.mark.parametrize("root", [True, False])
def test_a_machine_is_asked(root, monkeypatch):
    """What can be tried is tried, and put back."""
    system, changes = system_of(root=root)
    monkeypatch.setattr(host_module, "os", system)
    monkeypatch.setattr(host_module, "throttling", lambda: (950_000, 1_000_000))
    expected = Host((1, 5), root, True, (950_000, 1_000_000), root, root)
    assert expected == host()
    assert [(os.SCHED_FIFO, 1), (3, 0)] * root == changes


def test_a_system_without_any_of_it(monkeypatch):
    """No CPUs, no priorities, no signals, no limit."""
    bare = SimpleNamespace(name="nt", W_OK=2, access=lambda path, mode: False)
    monkeypatch.setattr(host_module, "os", bare)
    monkeypatch.setattr(host_module, "throttling", lambda: None)
    assert WINDOWS == host()


def test_facts():
    """What a calibration depends on; the machine's name is not among it."""
    known = dict(facts())
    assert ["system", "kernel", "machine", "processor", "cpus", "tick", "python", "implementation"] == [
        *known
    ]
    assert os.uname().nodename not in str(known)
    assert os.cpu_count() == known["cpus"]
