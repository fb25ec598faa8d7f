"""Deadlines and hatches of a page: which there are, what is said of them, and that others have none."""

from __future__ import annotations

import re

import pytest

import schedsim as ss
from schedsim.report import page
from schedsim.report.queues import queues
from schedsim.report.steps import steps
from schedsim.report.watching import watch
from tests.unit.reading import Content, made, record

MS = 1_000_000


@pytest.fixture(scope="module")
def late():
    """The page of a run in which J4, due at 8, ends at 10; the other four are in time."""
    return made("buttazzo-jackson", "edf")


def test_who_missed_a_deadline_is_said_in_words(late):
    """At the head of the chart, in the list of steps and in the tables."""
    content = Content(late)
    said = " ".join(content.texts("p"))
    assert "; deadlines missed 1 of 5 (J4)" in said
    assert "lateness: how long after its deadline a job ended, below 0 if before it" in said
    assert "J4 misses its deadline" in content.texts("td")
    assert "of 5 deadlines those at which a job had not ended" in content.texts("td")


def test_the_metrics_have_the_deadlines(late):
    """Instant and lateness of each job; as the run says of them."""
    run = ss.run("buttazzo-jackson", "edf")
    table = re.findall(r'aria-label="Each job".*?</table>', late, re.DOTALL)[0]
    assert ["deadline at", "lateness"] == re.findall(r"<th scope=\"col\">([^<]+)", table)[-2:]
    rows = table[: table.index("</tbody>")].split('<th scope="row"')[1:]
    last = [[cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)", row)[-2:]] for row in rows]
    dues = [2, 5, 4, 8, 6]
    assert [[str(due), str(run.lateness[f"J{number}"])] for number, due in enumerate(dues, 1)] == last


def test_without_deadlines_nothing_is_said_of_any():
    """No mark, no column, no word."""
    text = made("first", ["edf", "rr"])
    text = text[: text.index('<h2 id="policies">')] + text[text.index('id="record"') : text.index("<script>")]
    assert 'class="due' not in text
    assert "deadline" not in re.sub(r"no deadline", "", text.lower())
    assert [] == record(made("first", "edf"))["dues"]


def test_the_instant_of_a_missed_deadline_is_a_step():
    """Also where nothing else happens; who waits then, waits as before."""
    #  A runs 0-6 and is due at 9; B, due at 4, waits until 6 and runs 6-8
    mix = [
        {"id": "A", "burst": 6, "deadline": 9},
        {"id": "B", "burst": 2, "deadline": 4},
        {"id": "C", "burst": 1},
    ]
    watched = watch([ss.run(mix, "fcfs")])[0]
    found = steps(watched)
    assert [0, 4 * MS, 6 * MS, 8 * MS, 9 * MS] == found.times
    assert ["B misses its deadline"] == [each.words for each in found.said[1]]
    waiting = [[each.job for each in queue] for queue in queues(watched, len(found.times))]
    assert [[1, 2], [1, 2], [2], [], []] == waiting
    assert waiting == [[each.job for each in queue] for queue in found.queues]


def test_a_deadline_after_all_else_is_the_last_step():
    """A run that is cut off at a deadline ends with its being missed."""
    mix = [{"id": "A", "burst": 9, "deadline": 4}]
    found = steps(watch([ss.run(mix, "fcfs", until=4)])[0])
    assert [0, 4 * MS] == found.times
    assert "A misses its deadline" == found.said[-1][-1].words
    #  one that is not over yet is not missed
    early = steps(watch([ss.run(mix, "fcfs", until=3)])[0])
    assert [0, 3 * MS] == early.times


def test_a_deadline_behind_the_axis_has_no_mark():
    """It is in the tables all the same."""
    text = made([{"id": "A", "burst": 2, "deadline": 50}, {"id": "B", "burst": 1}], "edf")
    assert 'class="due' not in text
    assert [50 * MS // record(text)["tick"], -1] == record(text)["dues"]


def test_a_run_on_two_policies_has_the_marks_of_each():
    """Under edf J4 is late, under fcfs J5."""
    text = page(ss.compare("buttazzo-jackson", ["edf", "fcfs"]).runs)
    assert [[3], [4]] == [run["missed"] for run in record(text)["runs"]]
    lanes = text[: text.index('class="legend')]
    assert 10 == lanes.count('class="due')
    assert 2 == lanes.count('class="due late')


@pytest.mark.parametrize(("count", "hatches"), [(1, False), (8, False), (9, True), (60, True)])
def test_more_jobs_than_colours_have_hatches(count, hatches):
    """So that no two of 60 look alike; fewer need none."""
    text = made([(f"J{number}", 0, 20) for number in range(count)], "fcfs")
    looks = record(text)["looks"]
    assert count == len(set(looks))
    assert hatches == ("<pattern" in text)
    assert hatches == ('class="hatch"' in text)


def test_slices_too_narrow_for_their_names_have_hatches():
    """Then colour alone would say whose they are, and print in grey would not."""
    assert "<pattern" in made([("somebody", 0, 1), ("else", 0, 200)], "fcfs")
    assert "<pattern" not in made([("a", 0, 1), ("b", 0, 2)], "fcfs")
