"""What a scheduler was told: kept, read again, told again."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.errors import PolicyError, TraceError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Exit, Get, Io, Join, Kill, Lock, Put, Spawn, Unsaid, Write, Yield
from schedsim.policies.base import Policy
from schedsim.policies.options import make_policy
from schedsim.recording import Recording, SilentMachine
from schedsim.trace import Kind
from tests.unit.virtual import run_virtually

MS = 1_000_000
PROGRAM = (Cpu(3 * MS), Io(MS, "disk"), Cpu(2 * MS), Yield(), Cpu(MS))
MIX = Mix((Job("A", 0, PROGRAM), Job("B", MS, PROGRAM), Job("C", MS, (Cpu(4 * MS),))))
MLFQ = make_policy("mlfq", {"quanta": "1/2", "boost": "5"}, "ms")


def kept(mix=MIX, policy=MLFQ, **circumstances):
    """Return the recording and the trace of a run on a machine that is not there."""
    from schedsim.engines.real.conductor import plain

    machine = run_virtually(mix, policy, **circumstances)
    return Recording(tuple(plain(machine.observations.deliveries))), machine.scheduler.trace


@pytest.fixture(scope="module")
def recorded():
    """Such a recording and its trace."""
    return kept(kills=[(8 * MS, 2)])


def test_told_again(recorded):
    """A new scheduler makes the same trace of it, whatever was told: ends, expiries, boosts, I/O, a death."""
    recording, trace = recorded
    assert {"Arrived", "Failed", "IoDone", "Reached", "Stopped", "Used", "WokenAt"} == {
        name for _, batch in recording.deliveries for name, _, _ in batch
    }
    assert recording.replay(MIX, MLFQ, trace.header) == trace


def test_written_and_read(recorded, tmp_path):
    """A file has all of it: one line for each instant, times in nanoseconds."""
    recording, trace = recorded
    path = tmp_path / "run.recording"
    recording.write(path)
    assert recording == Recording.read(path)
    assert Recording.read(path).replay(MIX, MLFQ, trace.header) == trace
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {"schema": "schedsim.recording/1"} == json.loads(lines[0])
    assert '[0, [["Arrived", 0, [{"operation": "cpu 3000000"}]]]]' == lines[1]
    assert len(recording.deliveries) + 1 == len(lines)


def test_a_generator_is_told_again():
    """Its operations are in the recording; the generator itself is not asked."""

    def program():
        yield min(())

    mix = Mix((Job("A", 0, (Cpu(2 * MS), Io(MS), Cpu(MS))),))
    policy = make_policy("rr", {"quantum": 1}, "ms")
    recording, trace = kept(mix, policy)
    same = mix._replace(jobs=(Job("A", 0, program),))
    assert recording.replay(same, policy, trace.header) == trace


def children():
    """Return a mix with three children: a list, and generators that begin with I/O and with nothing."""

    def child():
        yield Io(2 * MS)
        yield Cpu(MS)
        yield Exit(3)

    def empty():
        return
        yield

    def parent():
        for name in ("list", "child", "empty"):
            yield Spawn(name)
        yield Cpu(MS)
        if (yield Join("child")) == 3:
            yield Cpu(MS)

    return Mix(
        (
            Job("parent", 0, parent),
            Job("list", 0, (Cpu(MS), Io(MS), Cpu(MS)), spawned=True),
            Job("child", 0, child, spawned=True),
            Job("empty", 0, empty, spawned=True),
        )
    )


def test_children_are_told_again(tmp_path):
    """What a child does first is in the recording, whatever its program is: no program of the user's is run again."""
    mix, policy = children(), make_policy("rr", {"quantum": 1}, "ms")
    recording, trace = kept(mix, policy)
    recording.write(tmp_path / "run.recording")
    ran = []

    def program():
        ran.append("here")  # a program need not be a generator: this runs as soon as it is called
        return iter((Cpu(MS),))

    same = mix._replace(
        jobs=tuple(
            job if isinstance(job.program, tuple) else job._replace(program=program) for job in mix.jobs
        )
    )
    assert Recording.read(tmp_path / "run.recording").replay(same, policy, trace.header) == trace
    assert [] == ran


def test_a_child_of_which_nothing_is_kept():
    """A recording that does not say what a child does first is none of this mix, and nobody else is asked."""
    mix, policy = children(), make_policy("fcfs", {}, "ms")
    recording, trace = kept(mix, policy)
    less = Recording(
        tuple(
            (when, tuple(item for item in batch if item[:2] != ("Arrived", 2)))
            for when, batch in recording.deliveries
        )
    )
    with pytest.raises(TraceError) as caught:
        less.replay(mix, policy, trace.header)
    assert (
        "the inputs at 0 ns are not those of such a run (job 'child' is spawned, and nothing says what it does first)"
    ) == str(caught.value)


def test_another_policy_decides_otherwise(recorded):
    """Told the same, another policy makes another trace, or cannot go on: it is the policy that decided."""
    recording, trace = recorded
    assert recording.replay(MIX, make_policy("fcfs", {}, "ms"), trace.header) != trace


@pytest.mark.parametrize(
    ("deliveries", "said"),
    [
        (((0, (("Arrived", 7, (Cpu(1),)),)),), "list index out of range"),
        (((0, (("Arrived", 0, ("cpu",)),)),), "<class 'str'>"),
        (((5, ()), (4, ())), "delivered 4 after 5; instants are whole and never go back"),
    ],
    ids=["no such job", "no operation", "time goes back"],
)
def test_inputs_of_no_such_run(deliveries, said):
    """They are refused with the instant, and no other error comes out."""
    header = kept()[1].header
    with pytest.raises(TraceError) as caught:
        Recording(deliveries).replay(MIX, MLFQ, header)
    assert str(caught.value).startswith(f"the inputs at {deliveries[-1][0]} ns are not those of such a run (")
    assert said in str(caught.value)


class Refuses(Policy):
    """Answers what it must not."""

    refused: ClassVar[int] = 0

    def slice(self, task, queue):  # noqa: ARG002
        """Return no slice."""
        return self.refused


def test_a_policy_that_breaks_a_rule_says_so(recorded):
    """It is the policy's error, not the recording's."""
    recording, trace = recorded
    with pytest.raises(PolicyError, match="a slice is a positive int"):
        recording.replay(MIX, Refuses(), trace.header)


WRONG = {
    "another file": ("pid,arrival,burst\n", 1, "Expecting value: line 1 column 1 (char 0)"),
    "an empty file": ("", 1, "Expecting value: line 1 column 1 (char 0)"),
    "another schema": ('{"schema": "schedsim.trace/1"}\n', 1, "its schema is not 'schedsim.recording/1'"),
    "no object": ("[]\n", 1, "'list' object has no attribute 'get'"),
    "no instant": ("[1.5, []]\n", 2, "1.5 is no instant"),
    "an instant before the run": ("[-1, []]\n", 2, "-1 is no instant"),
    "a truth for an instant": ("[true, []]\n", 2, "True is no instant"),
    "half a line": ("[0]\n", 2, "not enough values to unpack (expected 2, got 1)"),
    "half an input": ('[0, [["Used"]]]\n', 2, None),
    "no input": ('[0, [["Scheduler", 0, []]]]\n', 2, "'Scheduler' is no input"),
    "too many values": ('[0, [["Used", 0, [1, 2, 3]]]]\n', 2, "Used has 3 values"),
    "a job before the first": ('[0, [["Used", -1, [1, 2]]]]\n', 2, "job -1 cannot be that of a Used"),
    "no job": ('[0, [["Used", null, [1, 2]]]]\n', 2, "job None cannot be that of a Used"),
    "a job too many": ('[0, [["WokenAt", 0, [1]]]]\n', 2, "job 0 cannot be that of a WokenAt"),
    "no operation": ('[0, [["Arrived", 0, [{"operation": "cpv 3"}]]]]\n', 2, None),
    "no kind": ('[0, [["Stopped", 0, [1, 2, {"kind": "vanished"}]]]]\n', 2, "'VANISHED'"),
    "no value": ('[0, [["Stopped", 0, [1, 2, {}]]]]\n', 2, "'kind'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_no_recording(name, tmp_path):
    """The line is named, and what is wrong with it."""
    text, line, said = WRONG[name]
    path = tmp_path / "wrong"
    path.write_text(text if line == 1 else '{"schema": "schedsim.recording/1"}\n' + text, encoding="utf-8")
    with pytest.raises(TraceError) as caught:
        Recording.read(path)
    start = f"{path}, line {line}: no recording of a run ("
    assert str(caught.value).startswith(start)
    assert said is None or f"{start}{said})" == str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path):
    """It is not there, or is no text."""
    with pytest.raises(TraceError, match="nowhere: cannot be read"):
        Recording.read(tmp_path / "nowhere")
    path = tmp_path / "bytes"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(TraceError, match="bytes: cannot be read"):
        Recording.read(path)


def test_kinds_are_kept(tmp_path):
    """Why a task left its CPU is a kind again."""
    recording = Recording(((0, (("Stopped", 0, (1, 2, Kind.EXPIRED)),)),))
    recording.write(tmp_path / "run")
    kind = Recording.read(tmp_path / "run").deliveries[0][1][0][2][2]
    assert Kind.EXPIRED is kind


def test_a_silent_machine_promises_nothing():
    """It measures, knows no arrivals, and lets nobody look ahead."""
    machine = SilentMachine()
    assert (True, 0) == (machine.measures, machine.quiet_until())
    assert [] == machine.arrivals.indexes


ODD = st.sampled_from(["m inherit", "a b", "it's", "'", '"', "x; y"])


@given(
    st.lists(
        st.one_of(
            st.builds(Lock, ODD, st.booleans()),
            st.builds(Put, ODD, st.none(), st.booleans()),
            st.builds(Kill, ODD),
            st.builds(Write, ODD, st.integers(-(2**63) + 1, 2**63 - 1)),
            st.builds(Io, st.integers(1, 10**12), ODD),
            st.just(Unsaid()),
            st.none(),
        ),
        max_size=5,
    )
)
def test_every_operation_is_read_again(tmp_path_factory, operations):
    """Whatever its names; also that a program has not said what it does."""
    path = tmp_path_factory.mktemp("recording") / "run"
    batch = tuple(("Arrived", place, (operation,)) for place, operation in enumerate(operations))
    recording = Recording(((0, batch),))
    recording.write(path)
    assert recording == Recording.read(path)


def test_an_operation_that_no_text_says(tmp_path):
    """Refused, with job and operation; nothing is written."""
    recording = Recording(((0, (("Arrived", 2, (Put("q", 5),)),)),))
    with pytest.raises(UsageError) as caught:
        recording.write(tmp_path / "run")
    assert (
        "the job at place 2 of the mix: put q: text has no place for an item, which only programs in Python "
        "look at; leave it out"
    ) == str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_a_run_that_puts_items_is_written(tmp_path):
    """No decision depends on what is put, so the recording leaves it out."""
    jobs = (Job("A", 0, (Cpu(MS), Put("my q", {"late": 1}), Cpu(MS))), Job("B", 0, (Get("my q"), Cpu(MS))))
    mix = Mix(jobs, queues=(("my q", 1),))
    recording, trace = kept(mix)
    recording.write(tmp_path / "run")
    assert recording == Recording.read(tmp_path / "run")
    assert recording.replay(mix, MLFQ, trace.header) == trace
