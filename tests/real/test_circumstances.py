"""Everything around a run that is not as one would like it: rights, CPUs, limits, others, a dispatcher kept away."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

import schedsim as ss
from schedsim.errors import HostError
from schedsim.operations import Cpu
from tests.real.lasting import Words, lasting
from tests.real.machine import (
    BUSY,
    MS,
    Background,
    background,
    computed,
    dispatcher_of,
    inconclusive,
    limited,
    measured,
    needs_linux,
    needs_root,
    patience,
    python,
    stat,
    workers_of,
)

pytestmark = needs_linux
TWO = ss.Mix(
    (ss.Job("A", 0, (Cpu(20 * MS),)), ss.Job("B", 5 * MS, (Cpu(8 * MS), ss.Io(4 * MS), Cpu(4 * MS)))),
    name="two",
)

BEFORE = """
import json, multiprocessing.popen_fork, multiprocessing.sharedctypes, os, sys
import schedsim as ss
# Everything that a run reads, before this process may not read it any more.
from schedsim import experiment, measured, mixfile, native, real, recording, validate
from schedsim.engines.real import conductor, crew, host, spawning
from tests.real.test_circumstances import TWO, measured
host.host()
{before}
"""
RUN = """
run = measured(TWO, "rr", quantum=4)
print(json.dumps([run.facts._asdict(), run.notes, [job.state for job in run.jobs]]))
"""
REFUSED = """
try:
    ss.real(TWO, "rr", {options})
except ss.SchedsimError as error:
    print(error)
"""
NOBODY = "os.setgid(65534)\nos.setuid(65534)" if os.geteuid() == 0 else ""


def elsewhere(before):
    """Return facts, notes and states of a run in another process that does something before it."""
    with python(BEFORE.format(before=before) + RUN) as process:
        out, err = process.communicate()
    assert (0, "") == (process.returncode, err)
    return json.loads(out)


# Rights.


def test_no_right_to_real_time_priorities():
    """Signals are used, with a word why, and everything works."""
    facts, notes, states = elsewhere(NOBODY)
    assert "signals" == facts["driver"]
    why = "processes are stopped and continued by signals, which other programs can disturb"
    assert f"no right to real-time priorities: {why}" == notes[0]
    assert ["terminated", "terminated"] == states


NO_BANDS = (
    "the driver bands needs the right to real-time priorities (root, or CAP_SYS_NICE); write --driver signals"
)
NO_LIFT = "the limit on real-time processes can be lifted by root alone; leave --unthrottle out"


@needs_root
@pytest.mark.parametrize(("options", "message"), [("driver='bands'", NO_BANDS), ("unthrottle=True", NO_LIFT)])
def test_what_others_than_root_may_not(options, message):
    """It is refused, and what to write instead is said."""
    limited()
    with python(BEFORE.format(before=NOBODY) + REFUSED.format(options=options)) as process:
        out, err = process.communicate()
    assert (f"{message}\n", "") == (out, err)


# CPUs.


def test_one_cpu():
    """The dispatcher takes its time from the measured one, and says so."""
    cpu = max(os.sched_getaffinity(0))
    facts, notes, states = elsewhere(f"os.sched_setaffinity(0, {{{cpu}}})")
    assert ([cpu], cpu, True) == (facts["measured"], facts["dispatcher"], facts["shared"])
    assert any(
        note
        == "there is no CPU to spare: the dispatcher takes its time, some 100 to 200 microseconds for each "
        f"decision, from measured CPU {cpu}"
        for note in notes
    )
    assert ["terminated", "terminated"] == states


def test_more_cpus_than_there_are():
    """They cannot be measured."""
    count = len(os.sched_getaffinity(0))
    with pytest.raises(HostError) as caught:
        ss.real(TWO, "rr", cpus=count + 1)
    said = f"{count + 1} CPUs are to be measured, and this process may use {count} here; write --cpus {count}"
    assert said == str(caught.value)


# The limit on real-time processes.


def busy(length):
    """Return a mix that keeps a CPU busy for so long (milliseconds)."""
    return ss.Mix(
        (ss.Job("A", 0, (Cpu(600 * MS),)), ss.Job("B", 0, (Cpu((length - 600) * MS),))), name="busy"
    )


@needs_root
def test_a_mix_that_would_be_throttled():
    """Signals are used instead, with a word why."""
    limited()
    run = measured(busy(920), "rr", quantum=50)
    assert "signals" == run.facts.driver
    assert any("so signals are used; --unthrottle lifts that limit for the run" in note for note in run.notes)


@needs_root
def test_a_mix_that_is_throttled():
    """It was asked for: the reader is warned, and if the kernel strikes, the run does not count."""
    limited()
    run = measured(busy(1100), "rr", quantum=50, driver="bands")
    assert ("bands", "on") == (run.facts.driver, run.facts.throttling)
    assert any("expect an invalid run" in note for note in run.notes)
    assert run.validity.valid == (not run.validity.reasons)
    if run.validity.throttled:
        assert any("limit on real-time processes took" in reason for reason in run.validity.reasons)


@needs_root
def test_the_limit_is_lifted():
    """For the run; that it is as before then, every test here sees to."""
    limited()
    run = measured(TWO, "rr", quantum=4, driver="bands", unthrottle=True)
    assert "lifted" == run.facts.throttling
    assert 0 == run.validity.throttled


# Others.


def test_two_runs_at_once(tmp_path):
    """The second one is refused with a word, and the first one is not disturbed."""
    words = Words(tmp_path / "words")
    with background(ss.Mix((ss.Job("A", 0, lasting(words, "A")),)), "fcfs", words) as run:
        words.of("A", run)
        with pytest.raises(HostError) as caught:
            ss.real(TWO, "rr")
    words.hold_in_time()
    assert f"{BUSY}, and each would disturb the other; wait for it to end" == str(caught.value)
    assert "terminated" == run.join().jobs[0].state


def test_one_after_the_other():
    """A run may begin as soon as the one before it has ended, however many there were."""
    for _ in range(5):
        ss_run = measured(ss.Mix((ss.Job("A", 0, (Cpu(MS),)),)), "fcfs")
        assert "terminated" == ss_run.jobs[0].state


@pytest.mark.parametrize("unthrottle", [False, pytest.param(True, marks=needs_root)])
def test_the_caller_is_killed(unthrottle, marked):
    """All are gone soon, also those who were stopped, and the limit is as before, as every test here sees."""
    driver = "bands" if unthrottle else "signals"
    options = f"driver={driver!r}, unthrottle={unthrottle}"
    code = (
        "import schedsim as ss\n"
        f"ss.real([('A', 0, 2000), ('B', 0, 2000), ('C', 0, 2000)], 'rr', quantum=5, {options})"
    )
    with python(code, start_new_session=True) as process:
        workers_of(dispatcher_of(process), 3)
        time.sleep(0.05)
        assert process.poll() is None
        process.kill()
        process.wait()
        for _ in patience():
            if not marked.processes():
                break
        assert marked.processes() == {}


SPAWNED = """
import signal
from multiprocessing import util
import schedsim as ss
spawn = util.spawnv_passfds
def spawned(*how):
    process = spawn(*how)
    print(signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ()), flush=True)
    return process
util.spawnv_passfds = spawned
ss.real([("A", 0, 2)], "fcfs", start_method="spawn")
"""


def test_a_worker_gets_its_orders():
    """Nobody ends the dispatcher between starting a fresh Python and telling it what to do."""
    with python(SPAWNED) as process:
        out, err = process.communicate()
    if BUSY in err:
        inconclusive(BUSY)
    # What keeps track of resources, and the worker.
    assert ("True\nTrue\n", "") == (out, err)


# A dispatcher that is kept away.


BURSTS = 800
"""So many ends of bursts are several times what a pipe holds."""


def babbles(words):
    """Return a program of very many tiny bursts, that says when it is about to begin with them, and waits."""

    def program():
        yield Cpu(MS)
        words.tell("A")
        for _ in words.waits():
            time.sleep(0.001)
        for _ in range(BURSTS):
            yield Cpu(MS // 20)

    return program


@pytest.mark.parametrize("driver", [pytest.param("bands", marks=needs_root), "signals"])
def test_a_full_pipe(driver, tmp_path):
    """The dispatcher is stopped while a worker says more than a pipe holds: it waits, and nothing is lost."""
    words = Words(tmp_path / "words")
    mix = ss.Mix((ss.Job("A", 0, babbles(words)), ss.Job("B", 0, (Cpu(2 * MS),))))
    with background(mix, "fcfs", words, driver=driver) as run:
        worker, dispatcher, _ = words.of("A", run)
        os.kill(dispatcher, signal.SIGSTOP)
        try:
            words.enough()
            full = waits_for_long(worker)
        finally:
            os.kill(dispatcher, signal.SIGCONT)
    result = run.join()
    words.hold_in_time()
    assert full
    assert ["terminated", "terminated"] == [job.state for job in result.jobs]
    # Its last row is no end of a burst, and the one that was the first is no tiny one.
    assert BURSTS == sum(row.kind.name == "REACHED" for row in result.trace if row.task == 0)
    # Nothing of it is lost: a burst takes at least as long as it should.
    assert computed(result, mix)[0] > -0.01


def waits_for_long(process):
    """Return whether a process sleeps, at every look in a tenth of a second."""
    asleep = 0
    for _ in patience(step=0.002):
        seen = stat(process)
        asleep = asleep + 1 if seen is not None and seen[0] == "S" else 0
        if asleep == 50:
            return True
    return False


@pytest.mark.parametrize("driver", [pytest.param("bands", marks=needs_root), "signals"])
def test_a_dispatcher_that_is_stopped_again_and_again(driver, tmp_path):
    """Whatever ends, wakes and expires meanwhile: every job ends."""
    words = Words(tmp_path / "words")

    def cycles(name):
        def program():
            yield Cpu(2 * MS)
            words.tell(name)
            for _ in words.waits():
                yield from (Cpu(2 * MS), ss.Io(MS), Cpu(MS), ss.Yield())

        return program

    mix = ss.Mix(tuple(ss.Job(name, 3 * MS, cycles(name)) for name in "ABC"))
    with background(mix, "mlfq", words, driver=driver, quanta="1/2", boost=7) as run:
        process = words.of("A", run).parent
        for _ in range(12):
            os.kill(process, signal.SIGSTOP)
            time.sleep(0.004)
            os.kill(process, signal.SIGCONT)
            time.sleep(0.011)
    words.hold_in_time()
    assert ["terminated"] * 3 == [job.state for job in run.join().jobs]


@pytest.mark.parametrize("driver", [pytest.param("bands", marks=needs_root), "signals"])
def test_stops_that_race_with_ends(driver):
    """Two hundred and forty bursts that end exactly with their quantum, and no grace: none is lost, and nobody hangs."""
    steps = tuple(step for _ in range(30) for step in (Cpu(MS), ss.Io(MS // 2)))
    mix = ss.Mix(tuple(ss.Job(name, 0, steps) for name in "ABCDEFGH"), name="edges")
    run = measured(mix, "rr", quantum=1, grace=0, driver=driver)
    assert ["terminated"] * 8 == [job.state for job in run.jobs]
    if run.validity.valid:
        assert [] == [error for error in computed(run, mix) if abs(error) > 0.02]


def test_other_threads_of_the_caller():
    """They go on meanwhile, and several may ask; one at a time gets its run."""
    first, second = Background(TWO, "rr"), Background(TWO, "fcfs")
    assert {"rr", "fcfs"} == {run.join().algo for run in (first, second)}
    if first.run is None:
        inconclusive("the runs were refused")
