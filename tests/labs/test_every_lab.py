"""What holds for every lab: the effect is there, and a check that would see it if it were not."""

from __future__ import annotations

import os
import re
import shlex
from importlib import import_module

import pytest

from schedsim.cli.lab import STATUS
from schedsim.labs import find, names
from schedsim.labs.base import Findings
from schedsim.labs.running import INCONCLUSIVE, NOT_SEEN, SEEN, carry_out, judged
from tests.cli.calling import schedsim

HERE = os.path.dirname(os.path.abspath(__file__))
SEEDS = range(5)


def without(name):
    """Return the values, to be put in place of the simulated ones, with which the lab's own test has no effect."""
    changes = import_module(f"tests.labs.test_{name.replace('-', '_')}").WITHOUT
    assert changes, f"tests/labs/test_{name} names no values that lack the effect"
    return changes


def test_there_are_labs():
    """The list that the tests go through is not empty."""
    assert {"convoy", "starvation-and-ageing"} <= set(names())


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_the_effect_is_there_and_would_be_missed(name):
    """By simulation, for several seeds if it draws by lot; each set of values without it is refused."""
    lab = find(name)
    for seed in [None, *SEEDS] if lab.seeded else [None]:
        result = carry_out(name, seed=seed)
        assert (SEEN, ()) == (result.verdict, result.simulated.why)
    values = carry_out(name).simulated.values
    for change in without(name):
        assert set(change) <= set(values), "no such values"
        part = judged(Findings({**values, **change}), lab.check)
        assert part.verdict == NOT_SEEN
        assert part.why


@pytest.mark.parametrize("name", names())
def test_the_simulation_repeats(name):
    """The same seed gives the same values."""
    assert carry_out(name, seed=3).simulated.values == carry_out(name, seed=3).simulated.values


@pytest.mark.parametrize("name", names())
def test_disturbances_make_it_inconclusive(name):
    """What lacks the effect in a disturbed run is not called wrong."""
    values = carry_out(name).simulated.values
    lab = find(name)
    found = Findings({**values, **without(name)[0]}, disturbances=("a storm",))
    part = judged(found, lab.check)
    assert part.verdict == INCONCLUSIVE
    assert part.why[-1] == "a storm"
    assert STATUS[part.verdict] == 3


@pytest.mark.parametrize("name", names())
def test_the_texts_have_their_parts(name):
    """A title that fits a line, a question, a prediction, reasons; names of values that are told apart."""
    lab = find(name)
    assert len(name) + len(lab.title) < 78
    assert lab.question.endswith("?")
    assert "\n" not in lab.question + lab.prediction + lab.attempt
    for text in (lab.title, lab.question, lab.prediction, lab.text, lab.processes, lab.reason):
        assert text.strip()
        assert not re.search(r"TODO|\t", text)
    assert lab.attempt.startswith("schedsim ")


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_what_is_to_be_tried_works(name):
    """The command at the end runs."""
    lab = find(name)
    done = schedsim(*shlex.split(lab.attempt)[1:])
    assert (lab.attempt_status, True) == (done.status, bool(done.out))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("columns", [20, 80, 200])
def test_it_fits_its_page(name, columns, monkeypatch):
    """No line is wider than the terminal, as far as words can be broken."""
    monkeypatch.setenv("COLUMNS", str(columns))
    done = schedsim("lab", name)
    assert done.status == 0
    for line in done.out.splitlines():
        assert len(line) <= columns or len(line.split()) == 1, line


def test_each_lab_has_its_tests():
    """And no test is of a lab that is not there."""
    files = {
        file.removeprefix("test_").removesuffix(".py")
        for file in os.listdir(HERE)
        if file.startswith("test_")
    }
    others = {"every_lab", "command"}
    assert {name.replace("-", "_") for name in names()} == files - others
