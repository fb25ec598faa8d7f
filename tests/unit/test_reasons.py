"""Why each dispatch of a run that is over: the run is made again, and tells."""

from __future__ import annotations

import sys

import pytest

import schedsim as ss
from schedsim.errors import TraceError
from schedsim.export import text
from schedsim.policies import NAMES
from schedsim.results import Origin

MIX = [{"id": "A", "arrival": 0, "program": ["cpu 3", "io 2", "cpu 4"]}, ("B", 1, 5), ("C", 2, 2)]


def told(run):
    """Return the reasons of a run that has them."""
    found = run.reasons()
    assert found is not None
    return list(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cpus", [1, 2])
def test_they_are_those_of_explain(name, cpus):
    """Word for word, under every policy."""
    lines = ss.explain(MIX, name, cpus=cpus).lines
    expected = [said.words for said in lines if said.decision is not None]
    assert expected == told(ss.run(MIX, name, cpus=cpus))


def test_each_run_of_a_comparison_knows_its_own():
    """What was said of one policy alone is remembered."""
    runs = ss.compare(MIX, ["rr:quantum=1", "rr:quantum=5"]).runs
    assert [len(run.slices) for run in runs] == [len(told(run)) for run in runs]


@pytest.mark.parametrize("gather", [1, 2, 3, 1000])
def test_however_many_are_gathered(gather, monkeypatch):
    """Where the words are written down in between makes no difference."""
    run = ss.run(MIX, "priority", preemptive=True)
    expected = told(run)
    monkeypatch.setattr(sys.modules["schedsim.explain"], "_GATHER", gather)
    assert expected == told(run)


def test_a_trace_alone_does_not_say():
    """A trace from a file says what happened, not why."""
    assert ss.Run(ss.run(MIX, "rr").trace).reasons() is None


def test_a_generator_is_not_run_again():
    """It may do anything when it is run."""
    calls = []

    def program():
        calls.append(1)
        yield ss.Cpu(1)

    run = ss.run(ss.Mix((ss.Job("A", 0, program),)), "fcfs")
    assert run.reasons() is None
    assert [1] == calls


def test_decisions_that_are_others_are_found_out():
    """Reasons of another run are no reasons, and an export leaves them out."""
    run = ss.run(MIX, "rr", quantum=1)
    other = ss.run(MIX, "fcfs")
    run.origin = other.origin
    with pytest.raises(TraceError, match="the run has another dispatch than its trace at"):
        told(run)
    assert "why" not in "".join(text(run, "perfetto"))
    longer = ss.run([*MIX, ("D", 9, 1)], "rr", quantum=1)
    run.origin = longer.origin
    with pytest.raises(TraceError, match="the run has"):
        told(run)


def test_a_real_run_is_told_from_its_recording():
    """A scheduler that is told the same again decides the same, and says why."""
    from schedsim.experiment import prepare
    from schedsim.recording import Recording
    from schedsim.trace import Trace

    mix, policy, _ = prepare([("A", 0, 3), ("B", 1, 2)], "fcfs", {})
    ms = 1_000_000
    # A arrives late and runs a little longer than 3 ms; B comes meanwhile.
    recording = Recording(
        (
            (7_001, (("Arrived", 0, (mix.jobs[0].operations[0],)),)),
            (ms + 350, (("Arrived", 1, (mix.jobs[1].operations[0],)),)),
            (3 * ms + 9_100, (("Reached", 0, (1, 3 * ms + 80, None, False)),)),
            (5 * ms + 20_000, (("Reached", 1, (2, 2 * ms + 60, None, False)),)),
        )
    )
    header = ss.run([("A", 0, 3), ("B", 1, 2)], "fcfs").trace.header._replace(engine="real")
    trace = recording.replay(mix, policy, header)
    assert isinstance(trace, Trace)
    run = ss.Run(trace, (), Origin(mix, policy, None, recording))
    assert ["A arrives: only A is ready", "A has ended: only B is ready"] == told(run)
    assert ss.Run(trace, (), Origin(mix, policy, None)).reasons() is None
