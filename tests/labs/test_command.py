"""``schedsim lab``: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import json

import pytest

import schedsim as ss
from schedsim.errors import HostError
from schedsim.labs import director, find, names, running
from schedsim.labs.base import Findings
from tests.cli.calling import refused, schedsim


def test_without_a_name_all_are_listed():
    """One line each, and as JSON."""
    done = schedsim("lab")
    assert done.status == 0
    # What is too long for a line goes on in the next one, below its own beginning.
    lines = [line for line in done.out.split("\n\n")[0].splitlines()[1:] if not line.startswith(" ")]
    listed = [line.split()[0] for line in lines]
    assert names() == listed
    assert names() == [lab["lab"] for lab in schedsim("lab", "--format", "json").json["labs"]]


def test_a_misspelt_name_is_refused_with_the_nearest():
    """And the others are named."""
    said = refused("lab", "konvoy")
    assert said.startswith("did you mean 'convoy'? labs are ")
    assert said.endswith("; 'konvoy' is none of them")


def test_no_lab_is_suggested_for_a_name_that_is_near_to_none():
    """Two letters in common are no misspelling."""
    assert refused("lab", "nosuch").startswith("labs are ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--real",), "--real needs the name of a lab, as in: schedsim lab convoy --real"),
        (("--seed", "3"), "--seed needs the name of a lab, as in: schedsim lab deadlock --seed 7"),
        (("--seed", ""), "--seed needs the name of a lab, as in: schedsim lab deadlock --seed 7"),
        (("convoy", "--seed", "x"), "--seed is 'x'; write a whole number from 0 to "),
        (("convoy", "--format", "csv"), "--format: invalid choice: 'csv'"),
        (("convoy", "--output", "/no/such/file"), "/no/such/file: there is no folder /no/such;"),
    ],
)
def test_wrong_use_is_refused(arguments, said):
    """In one line, before anything is simulated."""
    assert refused("lab", *arguments).startswith(said)


def test_underscores_and_capitals_are_understood():
    """A lab is found as its file is called, too."""
    assert schedsim("lab", "Starvation_and_ageing").status == 0


def test_a_seed_without_chance_is_remarked():
    """It is no error, as in other commands."""
    said = " ".join(schedsim("lab", "convoy", "--seed", 3).out.split())
    assert "note: nothing is drawn by lot in this lab, so every seed gives the same" in said


def test_it_writes_a_file(tmp_path):
    """What is printed goes there, and nothing is replaced unasked."""
    path = tmp_path / "lab.json"
    assert schedsim("lab", "convoy", "--format", "json", "--output", path) == (0, "", "")
    written = json.loads(path.read_text(encoding="utf-8"))
    assert ("schedsim.lab/1", "convoy", "seen", None) == (
        written["schema"],
        written["lab"],
        written["verdict"],
        written["real"],
    )
    assert "is there already" in refused("lab", "convoy", "--output", path)


def test_verbose_draws_all_schedules():
    """Of three policies, and not of one."""
    assert schedsim("lab", "convoy").out.count("Gantt chart, times in ms") == 1
    assert schedsim("lab", "convoy", "-v").out.count("Gantt chart, times in ms") == 3


def really(monkeypatch, answer):
    """Have the real part answer so, without any process."""

    def on_stage(name, work, seed):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(director, "on_stage", on_stage)
    return schedsim("lab", "convoy", "--real")


def simulated():
    """Return the values of the simulation."""
    return ss.lab("convoy").simulated.values


def test_simulated_and_real_stand_side_by_side(monkeypatch):
    """With the reason below, and the verdict of each."""
    values = {name: float(value) + 0.25 for name, value in simulated().items()}
    done = really(monkeypatch, Findings(values))
    assert done.status == 0
    rows = [line.split() for line in done.out.splitlines()]
    assert ["simulated", "real"] in rows
    assert ["fcfs:", "makespan", "(ms)", "424", "424.25"] in rows
    assert "The effect is there, with real processes." in done.out
    assert "Why: " in done.out


def test_a_real_run_without_the_effect_disagrees(monkeypatch):
    """Exit status 1, and what is missing is said."""
    done = really(monkeypatch, Findings({**simulated(), "fcfs: makespan (ms)": 343}))
    assert done.status == 1
    said = " ".join(done.out.split())
    assert (
        "The effect is not there, with real processes: fcfs does not take longer than rr:quantum=10;" in said
    )


def test_a_disturbed_run_without_the_effect_is_inconclusive(monkeypatch):
    """Exit status 3."""
    done = really(
        monkeypatch, Findings({**simulated(), "fcfs: makespan (ms)": 343}, disturbances=("a neighbour",))
    )
    assert done.status == 3
    assert "Inconclusive, with real processes: fcfs does" in done.out
    assert "a neighbour" in done.out


def test_a_disturbed_run_with_the_effect_counts(monkeypatch):
    """What was seen was seen."""
    assert really(monkeypatch, Findings(simulated(), disturbances=("a neighbour",))).status == 0


def test_a_system_that_cannot_is_told_so(monkeypatch):
    """The simulation is shown, and why the rest was not done; exit status 3."""
    done = really(monkeypatch, HostError("real processes run on Linux"))
    assert (3, "") == (done.status, done.err)
    assert "Not done, with real processes: real processes run on Linux" in done.out
    assert "424" in done.out


def test_a_simulation_without_the_effect_disagrees(monkeypatch):
    """Exit status 1."""
    lab = find("convoy")._replace(check=lambda values: ["nothing"])
    monkeypatch.setattr(running, "find", lambda name: lab)
    assert schedsim("lab", "convoy").status == 1


def test_it_shows_itself_in_a_notebook():
    """With its table and its schedule, all words escaped."""
    shown = ss.lab("convoy")._repr_html_()
    assert "<svg" in shown
    assert "fcfs: makespan (ms)" in shown
    assert repr(ss.lab("convoy")) == "<LabResult convoy: seen>"
