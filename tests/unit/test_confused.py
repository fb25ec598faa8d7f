"""The verdict on a matrix of policies, and quanta that suit a mix."""

from __future__ import annotations

import json

import pytest

from schedsim import crosscheck_words as words
from schedsim.confused import Confusion, Margin
from schedsim.confusion import suitable, suitable_quantum
from schedsim.errors import UsageError
from schedsim.experiment import load_mix
from schedsim.tables import Page, plain, text

ABOUT = {
    "mix": "mix",
    "unit": "ms",
    "driver": "bands",
    "policies": [{"algo": "fcfs", "options": {}}, {"algo": "rr", "options": {"quantum": 4}}],
}


def confusion(
    *errors: list[list[float]], wanted: int = 2, reasons: tuple[tuple[str, ...], ...] = ((), ())
) -> Confusion:
    """Return the confusion of two policies, from the errors of their runs."""
    return Confusion(ABOUT, names=["fcfs", "rr"], errors=errors, wanted=wanted, reasons=reasons)


GOOD = ([[0.001, 0.2], [0.002, 0.1]], [[0.3, 0.0004], [0.3, 0.0005]])


def test_the_diagonal_wins():
    """Every run is nearest to its own prediction: agree, with the margins."""
    found = confusion(*GOOD)
    why = (
        "in 4 of 4 runs a policy is nearest to its own prediction, 400 times nearer than to any other in the "
        "median, 50.0 times at least"
    )
    assert ("agree", why) == (found.verdict, found.why)
    assert [pytest.approx([0.0015, 0.15]), pytest.approx([0.3, 0.00045])] == found.matrix
    assert [Margin(125, 50), Margin(675, 600)] == [
        Margin(round(each.median), round(each.least)) for each in found.margins
    ]


def test_one_run_that_is_nearer_to_another():
    """It need not be in the median: one run is enough."""
    found = confusion([[0.001, 0.2], [0.2, 0.1]], GOOD[1])
    why = "a run under fcfs is nearer to rr than to its own prediction (1 of 4 runs)"
    assert ("disagree", why) == (found.verdict, found.why)


def test_policies_that_foretell_the_same():
    """FCFS and RR of one job: nothing tells them apart, which is no disagreement."""
    found = confusion([[0.001, 0.001]] * 2, [[0.001, 0.001]] * 2)
    why = "fcfs and rr foretell the same of this mix, so nothing tells them apart"
    assert ("inconclusive", why) == (found.verdict, found.why)


def test_too_few_runs():
    """A policy without valid runs is no agreement."""
    found = confusion(GOOD[0], [], reasons=((), ("it was late", "it was late")))
    assert ("inconclusive", "0 of 2 runs under rr count: it was late") == (found.verdict, found.why)
    assert ([None, None], None) == (found.matrix[1], found.margins[1])


def test_it_can_be_read_again():
    """Through JSON and back the words are the same."""
    found = confusion(*GOOD)
    again = Confusion.from_dict(json.loads(json.dumps(found.to_dict())))
    assert found.to_dict() == again.to_dict()
    assert [*words.confusion_remarks(found)] == [*words.confusion_remarks(again)]
    assert found._repr_html_() == again._repr_html_()
    assert str(again).startswith("agree: 2 policies on mix: in 4 of 4 runs")


def test_what_is_no_result():
    """A sentence says what is missing."""
    with pytest.raises(UsageError, match="'names' is missing"):
        Confusion.from_dict({"schema": "schedsim.confusion/1"})
    with pytest.raises(UsageError, match=r"its schema is 'x', and not 'schedsim.confusion/1'"):
        Confusion.from_dict({"schema": "x"})


def test_the_matrix():
    """Rows measured, columns simulated, the best of a row marked."""
    shown = plain(text(words.confusion_table(confusion(*GOOD)), Page(80)))
    assert (
        shown
        == """\
measured    fcfs      rr  margin
fcfs       0.15*  15.00    125.0
rr        30.00    0.04*   675.0
* the nearest prediction of its row
"""
    )


@pytest.mark.parametrize(
    ("bursts", "expected"),
    [([100, 110, 120], 20), ([20, 60, 200], 10), ([24, 3, 3], 500_000), ([4], 500_000), ([7_000], 1000)],
)
def test_suitable_quanta(bursts, expected):
    """A round number, about a fifth of the middle job."""
    mix = load_mix([(f"J{number}", 0, burst) for number, burst in enumerate(bursts)])
    unit = 1_000_000 if expected < 10_000 else 1
    assert expected * unit == suitable_quantum(mix)


def test_suitable_policies():
    """The five classic ones."""
    mix = load_mix([("A", 0, 100), ("B", 0, 100)])
    assert [
        ("fcfs", {}),
        ("sjf", {}),
        ("srtf", {}),
        ("rr", {"quantum": "20"}),
        ("mlfq", {"quanta": "20/40/80"}),
    ] == [tuple(choice) for choice in suitable(mix)]
