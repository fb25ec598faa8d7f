"""What a calibration is read off, and the file that keeps it."""

from __future__ import annotations

import json
import os

import pytest

import schedsim as ss
from schedsim import calibration as store
from schedsim.calibrate import MICRO_MIXES, Measurement, calibration_of, came_to_idle, costs_of, lateness_of
from schedsim.calibration import MEANINGS, USUAL, Cost, find, keep, kept
from schedsim.errors import HostError
from schedsim.observed import Observed, Overheads, Stolen
from schedsim.operations import Cpu, Io
from schedsim.trace import Header, Kind, Trace, TracedJob
from tests.unit.measuring import BASIS, calibration

K = Kind


def trace_of(*rows: tuple[int, Kind, int, int]) -> Trace:
    """Return a trace of rows of time, kind, task and value, all on CPU 0."""
    made = Trace(Header((TracedJob("A", 0), TracedJob("B", 0))))
    for time, kind, task, value in rows:
        made.add(time, kind, task, -1 if kind in (K.ARRIVED, K.WOKE) else 0, value)
    return made


def costs(*rows: tuple[int, Kind, int, int], stolen: tuple[Stolen, ...] = ()) -> dict[str, list[int]]:
    """Return what was measured in such a trace, without what was not."""
    return {name: found for name, found in costs_of(trace_of(*rows), stolen).items() if found}


def test_a_completion():
    """A ends at 10, B is dispatched and computes 20 until 33.

    A |arrives 0 ....10|
    B                  |10 (lost 3) .....33|
    """
    rows = (
        *((0, K.ARRIVED, 0, 0), (0, K.ARRIVED, 1, 0), (0, K.DISPATCHED, 0, -1), (10, K.FINISHED, 0, 8)),
        *((10, K.DISPATCHED, 1, -1), (33, K.FINISHED, 1, 20)),
    )
    assert {"arrival": [2], "completion": [3]} == costs(*rows)


def test_what_was_stolen_is_taken_out():
    """Of 3 that B lost, 2 were stolen; what was stolen on another CPU, or before, is not B's."""
    rows = ((10, K.ARRIVED, 1, 0), (10, K.DISPATCHED, 1, -1), (33, K.FINISHED, 1, 20))
    pieces = (
        Stolen(0, 5, 10, stranger=True),
        Stolen(0, 12, 13, stranger=True),
        Stolen(0, 32, 40, stranger=False),
        Stolen(1, 20, 30, stranger=False),
    )
    assert {"arrival": [1]} == costs(*rows, stolen=pieces)
    assert {"arrival": [0]} == costs(*rows, stolen=(Stolen(0, 10, 33, stranger=False),))


def test_an_expiry_and_a_fresh_slice():
    """After an expiry it is the other one's dispatch that costs; who goes on with a fresh slice was not dispatched."""
    rows = (
        *((0, K.ARRIVED, 0, 0), (0, K.ARRIVED, 1, 0), (0, K.DISPATCHED, 0, 10), (12, K.EXPIRED, 0, 10)),
        *((12, K.DISPATCHED, 1, 10), (27, K.FINISHED, 1, 10)),
        *(
            (27, K.DISPATCHED, 0, 10),
            (38, K.EXPIRED, 0, 10),
            (38, K.DISPATCHED, 0, 10),
            (50, K.FINISHED, 0, 9),
        ),
    )
    assert {"arrival": [2], "preemption": [5], "completion": [1], "overrun": [0]} == costs(*rows)


def test_a_slice_that_goes_on_too_long():
    """A is granted 10 and has used 13 when B gets the CPU; where nobody takes over there is no overrun."""
    rows = (
        *((0, K.ARRIVED, 0, 0), (0, K.ARRIVED, 1, 0), (0, K.DISPATCHED, 0, 10), (13, K.EXPIRED, 0, 13)),
        *(
            (13, K.DISPATCHED, 1, 10),
            (23, K.FINISHED, 1, 10),
            (23, K.DISPATCHED, 0, 10),
            (34, K.EXPIRED, 0, 11),
        ),
        *((34, K.DISPATCHED, 0, 10), (39, K.FINISHED, 0, 5)),
    )
    assert [3] == costs(*rows)["overrun"]


def test_a_preemption_and_how_late_it_was():
    """B comes at 10 and has the CPU at 14."""
    rows = (
        *((0, K.ARRIVED, 0, 0), (0, K.DISPATCHED, 0, -1), (10, K.ARRIVED, 1, 0), (14, K.PREEMPTED, 0, 13)),
        *((14, K.DISPATCHED, 1, -1), (20, K.FINISHED, 1, 5)),
    )
    assert {"arrival": [1], "preemption": [1], "stop": [4]} == costs(*rows)


def test_an_idle_cpu_after_io():
    """A sleeps from 10 to 20 and wakes to an idle CPU."""
    rows = (
        *((0, K.ARRIVED, 0, 0), (0, K.DISPATCHED, 0, -1), (10, K.BLOCKED, 0, 10)),
        *((20, K.WOKE, 0, 10), (20, K.DISPATCHED, 0, -1), (36, K.FINISHED, 0, 9)),
    )
    assert {"arrival": [0], "wake": [7]} == costs(*rows)


def test_a_simulation_costs_what_its_switches_cost():
    """Read off a simulated trace with a switch cost, each kind of dispatch costs just that."""
    run = ss.run([("A", 0, 10), ("B", 3, 2), ("C", 20, 4)], "srtf", switch_cost=0.5, charge_first_switch=True)
    found = costs_of(run.trace)
    assert {500_000} == {cost for name in ("completion", "preemption", "arrival") for cost in found[name]}


def test_of_medians_the_lower_quartile():
    """One repetition that was disturbed does not count, and neither does a single slow dispatch."""
    late = {"release": [40, 45], "release_busy": [70], "sleep": [7]}
    quiet = Measurement({name: [10, 12, 500] for name in MEANINGS}, [1, 2, 3], late, 0)
    loud = Measurement({name: [900, 800, 700] for name in MEANINGS}, [1000], late, 2)
    made = calibration_of([quiet, quiet, quiet, loud], BASIS, "today")
    assert Cost(12, 12, 800, 12) == made.costs["wake"]
    assert (2, 4) == (made.disturbed, made.repeats)
    assert {50: 2, 95: 551, 99: 910} == made.lateness
    assert {"release": 42, "release_busy": 70, "sleep": 7} == made.usual


def test_how_late_jobs_are_let_go_and_sleeps_are_seen_to_end():
    """A comes to an idle CPU at 0 and is let go at 3, B to a busy one and at 8; A's I/O of 10 is seen to end after 12."""
    trace = trace_of(
        *((0, K.ARRIVED, 0, 0), (0, K.DISPATCHED, 0, -1), (5, K.ARRIVED, 1, 0), (9, K.BLOCKED, 0, 9)),
        *((9, K.DISPATCHED, 1, -1), (19, K.WOKE, 0, 10)),
    )
    trace.header = trace.header._replace(jobs=(TracedJob("A", 0), TracedJob("B", 5)))
    found = lateness_of(trace, Observed(((0, 3), (1, 13)), ((0, 0, 12),)))
    assert {"release": [3], "release_busy": [8], "sleep": [2]} == found


def test_a_job_that_preempts_did_not_come_to_an_idle_cpu():
    """B is dispatched as it arrives, and A had the CPU until then; C finds it idle."""
    run = ss.run([("A", 0, 10), ("B", 3, 2), ("C", 20, 4)], "srtf")
    assert {0, 2} == came_to_idle(run.trace)


def test_every_kind_is_measured_by_some_micro_mix():
    """And every micro-mix is short enough not to be throttled, and measures something."""
    assert set(MEANINGS) == {name for micro in MICRO_MIXES for name in micro.measures}
    assert set(USUAL) == {name for micro in MICRO_MIXES for name in micro.late}
    for micro in MICRO_MIXES:
        steps = [step for _, program in micro.jobs for step in program]
        assert sum(step.ns for step in steps if isinstance(step, Cpu | Io)) < 900_000_000
        assert micro.measures


def test_overheads_of_a_calibration():
    """What a simulation takes is the costs by their names."""
    assert Overheads(1, 2, 3, 4, 5, 6) == calibration(1, 2, 3, 4, 5, 6).overheads
    assert Overheads._fields == tuple(MEANINGS)


def test_it_is_kept_and_found(tmp_path):
    """Written to a folder that is made, read back the same."""
    path = str(tmp_path / "state" / "schedsim" / "calibration.json")
    made = calibration(18_138, 0, 5_985)
    assert path == keep(made, path)
    assert made == find(BASIS, path)


@pytest.mark.parametrize(
    "other",
    [
        BASIS._replace(driver="signals"),
        BASIS._replace(start_method="spawn"),
        BASIS._replace(shared=True),
        BASIS._replace(cpus=2),
        BASIS._replace(system=(("kernel", "6.2"), ("cpus", 2))),
    ],
)
def test_other_facts_have_no_calibration(tmp_path, other):
    """Another driver, kernel or place: what was measured does not hold."""
    path = str(tmp_path / "calibration.json")
    keep(calibration(1), path)
    assert find(other, path) is None


def test_several_are_kept_beside_each_other(tmp_path):
    """One for each basis, the newest of each."""
    path = str(tmp_path / "calibration.json")
    signals = BASIS._replace(driver="signals")
    for made in (calibration(1), calibration(2, basis=signals), calibration(3)):
        keep(made, path)
    assert [calibration(2, basis=signals), calibration(3)] == kept(path)[0]


def test_the_oldest_go(tmp_path):
    """The file does not grow for ever."""
    path = str(tmp_path / "calibration.json")
    for number in range(store.MOST_KEPT + 5):
        keep(calibration(number, basis=BASIS._replace(cpus=number + 1)), path)
    found, trouble = kept(path)
    assert (store.MOST_KEPT, 6, "") == (len(found), found[0].basis.cpus, trouble)


def test_no_file_is_no_fault(tmp_path):
    """Nothing was measured yet."""
    assert ([], "") == kept(str(tmp_path / "calibration.json"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '{"schema": "other"}',
        '{"schema": "schedsim.calibrations/1"}',
        '{"schema": "schedsim.calibrations/1", "calibrations": [{}]}',
        '{"schema": "schedsim.calibrations/1", "calibrations": [{"schema": "schedsim.calibration/9"}]}',
    ],
)
def test_a_broken_file_is_not_used_and_is_replaced(tmp_path, text):
    """It says so, and the next calibration takes its place."""
    path = tmp_path / "calibration.json"
    path.write_text(text)
    found, trouble = kept(str(path))
    assert found == []
    assert trouble.startswith(f"{path}: is no file of calibrations, so it is not used (")
    keep(calibration(1), str(path))
    assert ([calibration(1)], "") == kept(str(path))


def test_bytes_that_are_no_text(tmp_path):
    """Neither are they used."""
    path = tmp_path / "calibration.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert "is no file of calibrations" in kept(str(path))[1]


def test_a_calibration_with_other_costs_is_not_used(tmp_path):
    """One of a version that measured something else is measured anew."""
    path = tmp_path / "calibration.json"
    keep(calibration(1), str(path))
    document = json.loads(path.read_text())
    del document["calibrations"][0]["costs"]["stop"]
    path.write_text(json.dumps(document))
    assert find(BASIS, str(path)) is None


def test_a_folder_that_cannot_be_made(tmp_path):
    """A file stands where the folder should be: a HostError that names SCHEDSIM_STATE."""
    (tmp_path / "state").write_text("")
    with pytest.raises(HostError, match=r"this folder for calibrations cannot be made .*SCHEDSIM_STATE"):
        keep(calibration(1), str(tmp_path / "state" / "calibration.json"))


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    """Whole or not at all: an error on the way leaves the old file and nothing else."""
    path = tmp_path / "calibration.json"
    keep(calibration(1), str(path))
    before = path.read_text()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(HostError, match="cannot be written"):
        keep(calibration(2), str(path))
    assert (before, ["calibration.json"]) == (path.read_text(), os.listdir(tmp_path))


def test_where_it_is_kept(monkeypatch, tmp_path):
    """SCHEDSIM_STATE, then the user's state folder; an XDG folder that is no absolute path is ignored."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("SCHEDSIM_STATE", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert store.store() == "/home/ada/.local/state/schedsim/calibration.json"
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert store.store() == "/home/ada/.local/state/schedsim/calibration.json"
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert store.store() == "/var/state/schedsim/calibration.json"
    monkeypatch.setenv("SCHEDSIM_STATE", str(tmp_path))
    assert str(tmp_path / "calibration.json") == store.store()


def test_the_hosts_name_is_not_kept(tmp_path):
    """The facts are of the kind of machine, not of this one."""
    import platform

    from schedsim.engines.real.host import facts

    path = tmp_path / "calibration.json"
    keep(calibration(1, basis=BASIS._replace(system=facts())), str(path))
    values = [value for _, value in facts()]
    assert platform.node() not in values
    assert find(BASIS._replace(system=facts()), str(path)) is not None
