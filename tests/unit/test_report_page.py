"""The page: all that it says, nothing that a user wrote taken for markup, small, and the same each time."""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64encode
from hashlib import sha256

import pytest

import schedsim as ss
from schedsim.choices import policy_choice
from schedsim.cli import main
from schedsim.policies import NAMES
from schedsim.report import page
from schedsim.report.render import embedded
from schedsim.report.steps import steps
from schedsim.report.watching import watch
from schedsim.summary import comparison_table, jobs_table
from tests.unit.reading import Content, made, record

EVIL = "<script>alert('&')</script>"
EVILS = [EVIL, "</title>", "\"'><img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "]]>", "<!--", "&lt;b&gt;"]
MS = 1_000_000


@pytest.fixture(scope="module")
def several():
    """A page of three policies."""
    return made("stallings-9.5", ["fcfs", "rr:quantum=4", "srtf"], switch_cost=0.5)


def test_every_element_is_closed(several):
    """Nothing is left open, so nothing swallows what comes after it."""
    assert [] == Content(several).open


def test_nothing_is_loaded_from_elsewhere(several):
    """No address stands in the page, and the browser is told to load none."""
    content = Content(several)
    named = {
        value
        for _, attributes in content.elements
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data", "poster")
    }
    assert {"data:,"} == named
    assert "http" not in re.sub(r"http-equiv", "", several)
    assert "@import" not in several
    assert set() == set(re.findall(r"url\((?!#h[1-7]\))[^)]*", several))
    [policy] = [
        attributes["content"] or ""
        for tag, attributes in content.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    script = re.findall(r"<script>(.*?)</script>", several, re.DOTALL)
    assert 1 == len(script)
    digest = b64encode(sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy


def test_it_says_what_was_run_and_how(several):
    """Mix, policies with parameters, conventions, surroundings: all words are there."""
    content = Content(several)
    assert ["stallings-9.5 under fcfs, rr and srtf"] == content.texts("title")
    said = " ".join(content.texts("p"))
    assert "Five processes, and every policy of the chapter" in said
    assert "5 jobs, 1 CPU, times in ms, switch cost 0.5" in said
    assert "First come, first served: whoever became ready first runs until it blocks or ends." in said
    assert "It knows burst lengths, which no real scheduler does." in said
    assert {"quantum", "remaining"} == set(content.texts("dt"))
    assert {"4", "burst"} == set(content.texts("dd"))
    assert "Conventions textbook" in content.texts("h2")
    assert "a preempted task goes to the tail of the queue and gets a fresh slice" in content.texts("li")


def test_the_tables_are_those_of_the_terminal(several):
    """Every cell of the comparison and of each policy's jobs is in the page, in the same words."""
    comparison = ss.compare("stallings-9.5", ["fcfs", "rr:quantum=4", "srtf"], switch_cost=0.5)
    content = Content(several)
    cells = content.texts("td") + content.texts("bdi") + content.texts("th")
    for table in (comparison_table(comparison, verbose=True), *map(jobs_table, comparison.runs)):
        for row in table.words():
            assert set(row) <= set(cells)


def test_every_step_is_listed(several):
    """The list of steps has a row for each line of the record, the dispatches with explain's reasons."""
    run = ss.run("stallings-9.5", "srtf", switch_cost=0.5)
    cells = Content(several).texts("td")
    for line in ss.explain("stallings-9.5", "srtf", switch_cost=0.5).lines:
        assert line.words in cells
    kept = record(several)["runs"][2]
    found = steps(watch([run])[0])
    assert [len(said) for said in found.said] == kept["lines"]


def test_the_record_is_the_steps(several):
    """What the script is given is what the steps are, in ticks."""
    kept = record(several)
    tick = kept["tick"]
    assert (["A", "B", "C", "D", "E"], "ms", MS, 1) == (
        kept["jobs"],
        kept["unit"],
        kept["scale"],
        kept["cpus"],
    )
    for each, algo in zip(kept["runs"], ("fcfs", "rr:quantum=4", "srtf"), strict=True):
        found = steps(watch([ss.run("stallings-9.5", algo, switch_cost=0.5)])[0])
        assert found.times == [time * tick for time in each["times"]]
        queues: list[list[int]] = []
        for queue in each["queues"]:
            queues.append(queues[-1] if queue == 0 else queue)
        assert [[one.job for one in queue] for queue in found.queues] == queues
        for job, flat in enumerate(each["changes"]):
            changes = [
                (step, state, cpu, begin * tick, used * tick, waited * tick, ended)
                for step, state, cpu, begin, used, waited, ended in zip(*[iter(flat)] * 7, strict=True)
            ]
            assert [change[:7] for change in found.changes[job]] == changes


def test_what_a_user_wrote_stays_text():
    """Names, programs, titles, notes and a policy's docstring are words, wherever they stand."""

    class Own(ss.Policy):
        """<script>alert("policy")</script>.

        Good for: <img src=x onerror=alert(2)>
        """

        tag: str = "<b>bold</b>"

        def rank(self, task, queue):
            """Return the place in the mix."""
            return task.index + 0 * queue.count

    mix = {
        "title": "<h1>title</h1>",
        "source": "</p><script>1</script>",
        "name": EVIL,
        "jobs": [{"id": name, "arrival": place, "burst": 2} for place, name in enumerate(EVILS)],
    }
    text = page([ss.run(mix, Own()), ss.run(mix, "rr", quantum=1)], notes=["<i>note</i>"])
    content = Content(text)
    assert [] == content.open
    assert 2 == sum(tag == "script" for tag, _ in content.elements)
    assert {"img", "iframe"}.isdisjoint(tag for tag, _ in content.elements)
    assert not any(name.startswith("on") for _, attributes in content.elements for name in attributes)
    assert set(EVILS) <= set(content.texts("bdi"))
    assert EVILS == record(text)["jobs"]
    assert "Note: <i>note</i>" in content.texts("p")
    assert "<b>bold</b>" in content.texts("dd")
    assert "49" not in content.texts("bdi")


@pytest.mark.parametrize("text", [*EVILS, "</SCRIPT >", "<!--<script>", "\u2028", "\\", "é", "\0"])
def test_nothing_in_the_record_ends_it(text):
    """What would end the element or begin another one is written by its number, and is read as it was."""
    shown = embedded({text: [text]})
    assert not set("<>&") & set(shown)
    assert {text: [text]} == json.loads(shown)


def test_half_a_character_does_not_stop_the_page(tmp_path):
    """A name that UTF-8 cannot hold is shown by its number."""
    run = ss.run(ss.Mix((ss.Job("half \ud800", 0, (ss.Cpu(ss.ms(2)),)),)), "fcfs")
    run.report(tmp_path / "half.html")
    assert "half \\ud800" in (tmp_path / "half.html").read_text(encoding="utf-8")


def test_the_same_runs_give_the_same_page(several):
    """No date, no order by chance."""
    again = made("stallings-9.5", ["fcfs", "rr:quantum=4", "srtf"], switch_cost=0.5)
    assert several == again


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_mix_of_ten_jobs_is_small(seed):
    """Below 300 kB, under any policy and under six side by side."""
    mix = ss.generate(10, seed=seed)
    for algos in (*NAMES, ["fcfs", "sjf", "srtf", "rr", "priority", "mlfq"]):
        assert len(made(mix, algos).encode()) < 300_000


def test_a_mix_of_ten_jobs_with_io_is_small():
    """Likewise for programs of many bursts, under four policies."""
    mix = [
        {"id": f"job {number}", "arrival": number, "program": "; ".join(["cpu 4; io 6"] * 6)}
        for number in range(10)
    ]
    assert len(made(mix, ["fcfs", "srtf", "rr", "mlfq"]).encode()) < 300_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mix", "algo"),
    [
        pytest.param("ten-thousand", "rr", id="ten thousand jobs"),
        pytest.param([(f"J{number}", 0, 1) for number in range(1500)], "rr", id="all at once"),
        pytest.param(
            [(f"J{number}", number // 2, 4) for number in range(1500)], "rr:quantum=2", id="overload"
        ),
        pytest.param(
            [("x" * 300 + str(number), 0, 9) for number in range(60)], "rr:quantum=1", id="long names"
        ),
    ],
)
def test_a_page_of_very_much_stays_below_three_megabytes(mix, algo):
    """What is left out is said."""
    text = made(mix, algo)
    assert len(text.encode()) < 3_000_000


@pytest.mark.parametrize(
    ("mix", "algos", "options"),
    [
        pytest.param("stallings-9.5", None, {}, id="shipped"),
        pytest.param("multilevel-queue", None, {}, id="queues"),
        pytest.param("tanenbaum-switch-cost", None, {}, id="switch cost"),
        pytest.param(
            [{"id": "it's", "program": "cpu 3; io 2 disk; cpu 1", "priority": 2}, {"id": EVIL, "burst": 2}],
            ["lottery", "mlfq:quanta=1/2,boost=7", "stride"],
            {"seed": 7, "cpus": 2, "switch_cost": "250us", "conventions": "ostep", "until": 9, "degree": 2},
            id="everything",
        ),
    ],
)
def test_the_command_makes_the_page_again(mix, algos, options, tmp_path, monkeypatch, capsys):
    """With the mix that stands in the page and the command in it, the same runs come out."""
    comparison = ss.compare(mix, algos, **options)
    text = page(comparison.runs)
    command, file = (
        " ".join(text.split()) if place == 0 else text
        for place, text in enumerate(Content(text).words["code"][-2:])
    )
    words = shlex.split(command)
    assert ["schedsim", "report"] == words[:2]
    monkeypatch.chdir(tmp_path)
    (tmp_path / words[2]).write_text(file, encoding="utf-8")
    assert 0 == main(words[1:])
    assert record(text) == record((tmp_path / words[-1]).read_text(encoding="utf-8"))
    capsys.readouterr()


def test_a_policy_with_all_its_parameters_is_read_as_it_was():
    """``--algo`` of the command names every parameter."""
    from schedsim.report.again import algo_words

    run = ss.run("multilevel-queue", None)
    again = policy_choice(algo_words(run.algo, run.options))
    assert run.options == ss.run("multilevel-queue", again).options


def test_what_cannot_be_made_again_says_why():
    """A generator, a policy of the program's own, a trace from elsewhere, a mix too large."""

    def retry():
        yield ss.Cpu(ss.ms(1))

    class Own(ss.Policy):
        """My own."""

    generator = page([ss.run(ss.Mix((ss.Job("retry", 0, retry),)), "fcfs")])
    assert "job 'retry' is a generator function" in " ".join(Content(generator).texts("p"))
    own = page([ss.run("first", Own())])
    assert "A policy is a class of the program that made this page" in " ".join(Content(own).texts("p"))
    alone = page([ss.Run(ss.run("first", "rr").trace)])
    assert "The runs were not simulated from a mix" in " ".join(Content(alone).texts("p"))
    large = made([(f"J{number}", number, 1) for number in range(501)], "fcfs")
    assert "The mix has 501 jobs, too many" in " ".join(Content(large).texts("p"))


def test_runs_of_different_mixes_have_no_page():
    """They have no time axis in common."""
    with pytest.raises(ss.SchedsimError, match="different mixes"):
        page([ss.run("first", "rr"), ss.run("convoy", "rr")])
    with pytest.raises(ss.SchedsimError, match="there is no run"):
        page([])


@pytest.mark.parametrize("mix", ["first", "convoy", "two-cpus"])
@pytest.mark.parametrize("algo", NAMES)
def test_every_policy_and_mix_has_a_page(mix, algo):
    """Nothing in what ships is too strange."""
    assert [] == Content(made(mix, algo)).open


def test_an_item_that_no_text_says_does_not_stop_the_page():
    """The page says why the mix is not in it; that the item has no hash is no matter."""
    job = ss.Job("A", 0, (ss.Put("q", [1]), ss.Cpu(ss.ms(1))))
    run = ss.run(ss.Mix((job,), queues=(("q", 1),)), "fcfs")
    assert "The mix is not in this page: job 'A': put q: text has no place for an item" in (
        page([run]).replace("&#39;", "'")
    )
