"""Stepping through a page: each step shows what Python says of it, by buttons, keys, slider and pointer."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

import schedsim as ss
from tests.browser.visiting import Expected

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVIL = "<script>document.title='caught'</script>"
MS = 1_000_000

RUNS = [
    pytest.param("first", "rr:quantum=2", {}, id="round robin"),
    pytest.param("convoy", "srtf", {"switch_cost": 0.25}, id="I/O and switches"),
    pytest.param("two-cpus", "mlfq", {"boost": 10, "cpus": 2}, id="two CPUs"),
    pytest.param("stallings-9.5", "hrrn", {}, id="ranked anew"),
    pytest.param("first", "priority", {"degree": 2, "until": 9}, id="cut off"),
    pytest.param("buttazzo-jackson", "edf", {}, id="deadlines"),
    pytest.param(
        "buttazzo-jackson", "rr:quantum=1", {"switch_cost": 0.3, "until": 8}, id="deadlines, cut off"
    ),
    pytest.param([("A", "0.1", "0.2"), ("B", "0.3", "0.7"), ("C", 5, "0.000001")], "sjf", {}, id="fractions"),
]


@pytest.mark.parametrize(("mix", "algo", "options"), RUNS)
def test_every_step_forward_and_back(visitor, written, mix, algo, options):
    """At each step the clock, the CPUs, the queue, the jobs and the reasons are right, both ways."""
    run = ss.run(mix, algo, **options)
    expected = Expected(run)
    visitor.open(written([run], "stepping"))
    steps = range(len(expected))
    for step in steps:
        assert expected.at(step) == visitor.shown()
        visitor.click("[data-go=next]")
    assert expected.at(steps[-1]) == visitor.shown()
    for step in reversed(steps):
        assert expected.at(step) == visitor.shown()
        visitor.click("[data-go=back]")
    assert expected.at(0) == visitor.shown()
    visitor.click("[data-go=last]")
    assert expected.at(steps[-1]) == visitor.shown()
    visitor.click("[data-go=first]")
    assert expected.at(0) == visitor.shown()
    assert [] == visitor.console()


@pytest.fixture
def single(visitor, written):
    """A page of one policy, opened, and what it is to say."""
    run = ss.run("first", "rr", quantum=2)
    visitor.open(written([run], "single"))
    return Expected(run)


@pytest.fixture
def several(visitor, written):
    """A page of three policies, opened, and what it is to say of each."""
    runs = ss.compare("first", ["fcfs", "rr:quantum=2", "srtf"]).runs
    visitor.open(written(runs, "several"))
    return [Expected(run) for run in runs]


def test_the_arrow_keys_step(visitor, single):
    """At once after opening, and wherever the focus is but in what has keys of its own."""
    assert "body" == visitor.focused()
    visitor.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert single.at(2) == visitor.shown()
    visitor.press(Keys.ARROW_LEFT)
    assert single.at(1) == visitor.shown()
    visitor.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert single.at(0) == visitor.shown()


@pytest.mark.parametrize("name", ["\u00ab First", "Step", "Gantt charts on one time axis, in ms"])
def test_home_and_end_go_to_the_first_and_the_last(visitor, single, name):
    """On the buttons, on the slider and in the charts."""
    while visitor.focused() != name:
        visitor.press(Keys.TAB)
    visitor.press(Keys.END)
    assert single.at(len(single) - 1) == visitor.shown()
    visitor.press(Keys.ARROW_LEFT)
    assert single.at(len(single) - 2) == visitor.shown()
    visitor.press(Keys.HOME)
    assert single.at(0) == visitor.shown()
    visitor.press(Keys.ARROW_RIGHT)
    assert single.at(1) == visitor.shown()


def test_the_tab_key_goes_through_in_the_order_of_reading(visitor, several):
    """Buttons, slider, zoom, charts, the policy, its list of steps, the headings that sort."""
    found = []
    for _ in range(11):
        visitor.press(Keys.TAB)
        found.append(visitor.focused())
    assert [
        *("\u00ab First", "\u2039 Back", "Next \u203a", "Last \u00bb", "Step", "\u00d71"),
        "Gantt charts on one time axis, in ms",
        "0",
        f"All steps of fcfs in words ({sum(map(len, several[0].found.said))})",
        "policy",
        "turnaround",
    ] == [words.split("\n")[0] for words in found]


def test_the_slider_says_where_it_is(visitor, single):
    """To a screen reader, too: in words, and the list of what happens is read when it changes."""
    visitor.press(*[Keys.TAB] * 5, Keys.ARROW_RIGHT)
    assert "Step" == visitor.focused()
    said = visitor.run("return document.activeElement.getAttribute('aria-valuetext')")
    assert f"step 2 of {len(single)}, time {single.time(single.found.times[1])} ms" == said
    assert 1 == visitor.run("return document.querySelectorAll('[role=status] .said').length")


def test_ends_are_said_to_be_ends(visitor, single):
    """At the first step there is none before it; the button keeps the focus all the same."""

    def off():
        return visitor.run(
            "return [...document.querySelectorAll('[data-go][aria-disabled=true]')].map((each) => each.dataset.go)"
        )

    assert ["first", "back"] == off()
    visitor.click("[data-go=last]")
    assert ["next", "last"] == off()
    assert "Last \u00bb" == visitor.focused()
    visitor.click("[data-go=back]")
    assert [] == off()
    assert len(single) > 2


def test_another_policy_is_followed_at_the_same_time(visitor, several):
    """The radio buttons choose whose steps they are; the time stays, the others say where they are."""
    assert several[0].at(0) == visitor.shown()
    visitor.click("[data-go=last]")
    now = several[0].found.times[-1]
    visitor.click("input[value='2']")
    step = max(place for place, time in enumerate(several[2].found.times) if time <= now)
    assert several[2].at(step) == visitor.shown()
    assert [False, False, True] == visitor.visible(".jobs")
    visitor.click("[data-go=first]")
    for _ in range(2):
        visitor.click("[data-go=next]")
    now = several[2].found.times[2]
    lines = visitor.texts(".now")
    for each, line in zip(several, lines, strict=True):
        step = max(place for place, time in enumerate(each.found.times) if time <= now)
        shown = each.at(step)
        running = ", ".join(job for job, state, *_ in shown.jobs if state == "running") or "nobody"
        ready = ", ".join(each.jobs[one.job].id for one in each.found.queues[step]) or "nobody"
        assert f"{each.time(now)}: runs: {running}; ready: {ready}" == line


def test_the_pointer_shows_details(visitor, single):
    """Over a slice: who, from when to when, what ended it, and why it was this one."""
    first = single.run.slices[0]
    end = single.run.system["makespan"]
    visitor.point("[data-cpu='0']", (first.start + first.end) / 2 / end)
    reason = next(line.words for line in single.found.said[0] if line.decision is not None)
    length = first.end - first.start
    words = (
        f"{first.job} runs from {first.start} to {first.end} ({length} ms), then its quantum is over {reason}"
    )
    assert words == visitor.tip()
    visitor.press(Keys.ESCAPE)
    assert "" == visitor.tip()
    visitor.point("[data-job='4']", 0.01)
    assert "E arrives at 8" == visitor.tip()
    visitor.point("h1", 0.5)
    assert "" == visitor.tip()


def test_a_click_on_a_chart_goes_there(visitor, several):
    """To the step in force at that time, of that policy."""
    end = max(each.found.times[-1] for each in several)
    time = several[1].found.times[4]
    x, y = visitor.point("[data-run='1'] [data-cpu='0']", (time + MS / 4) / end)
    visitor.run("document.elementFromPoint(arguments[0], arguments[1])", x, y)
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(visitor.driver).click().perform()
    assert several[1].at(4) == visitor.shown()
    assert [False, True, False] == visitor.visible(".jobs")


def test_the_keyboard_shows_the_same_details(visitor, single):
    """In the charts the arrows up and down go from lane to lane, and the details go along."""
    while not visitor.focused().startswith("Gantt"):
        visitor.press(Keys.TAB)
    first = single.run.slices[0]
    assert visitor.tip().startswith(f"{first.job} runs from {first.start} to {first.end}")
    visitor.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert "B arrives at 1" == visitor.tip()
    visitor.press(Keys.ARROW_RIGHT)
    assert visitor.tip().startswith("B is ready from 1 to 2")
    visitor.press(Keys.ARROW_UP)
    assert visitor.tip().startswith("A runs from 0 to 2")
    visitor.press(Keys.ESCAPE)
    assert "" == visitor.tip()


def test_zoom_keeps_the_step_in_view(visitor, several):
    """The chart grows, and scrolls to where the step is, at every step."""
    visitor.run(
        "const zoom = document.querySelector('.zoom select'); zoom.value = '5';"
        "zoom.dispatchEvent(new Event('change'))"
    )
    inside = (
        "const at = document.querySelector('.cursor i').getBoundingClientRect(),"
        " view = document.querySelector('.scroll').getBoundingClientRect();"
        " return at.left >= view.left && at.left <= view.right"
    )
    for _ in range(len(several[0])):
        assert visitor.run(inside)
        visitor.click("[data-go=next]")
    assert visitor.run(
        "const each = document.querySelector('.scroll'); return each.scrollLeft > each.clientWidth"
    )
    assert 1 == sum(visitor.visible(".marks"))


def test_a_job_named_script_stays_text(visitor, written):
    """In the chart, the panel, the list, the tables and the details; and no script of its ran."""
    mix = [{"id": EVIL, "burst": 3}, {"id": "<img src=x onerror=\"document.title='caught'\">", "burst": 2}]
    runs = ss.compare(mix, ["rr:quantum=1", "fcfs"]).runs
    visitor.open(written(runs, "script"))
    expected = Expected(runs[0])
    assert expected.at(0) == visitor.shown()
    visitor.click("[data-go=next]")
    assert expected.at(1) == visitor.shown()
    visitor.point("[data-cpu='0']", 0.1)
    assert visitor.tip().startswith(f"{EVIL} runs from 0 to 1")
    assert "mix under rr and fcfs" == visitor.driver.title
    assert 2 == visitor.run("return document.scripts.length")
    assert 0 == visitor.run("return document.querySelectorAll('img').length")
    assert [] == visitor.console()


def column(visitor, table, number):
    """Return the cells of a column, from top to bottom, without the row of means."""
    return visitor.run(
        "return [...document.querySelectorAll('.sortable')[arguments[0]].tBodies[0].rows]"
        ".map((row) => row.cells[arguments[1]].textContent.trim())",
        table,
        number,
    )


def test_a_table_sorts_by_number_and_by_name(visitor, written):
    """Numbers by size, names with their numbers by size, and what is missing last, both ways."""
    mix = [(f"J{number}", 0, burst) for number, burst in ((10, 30), (2, 4), (1, 100))]
    runs = ss.compare(mix, ["fcfs", "sjf"], until=40).runs
    visitor.open(written(runs, "sorting"))
    visitor.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    heads = visitor.run(
        "return [...document.querySelectorAll('.sortable')[1].tHead.rows[0].cells].map((each) => each.textContent)"
    )
    assert ["J10", "J2", "J1"] == column(visitor, 1, 0)
    button = "details:has(.sortable) thead th:nth-child({}) button"
    visitor.click(button.format(1))
    assert ["J1", "J2", "J10"] == column(visitor, 1, 0)
    assert "ascending" == visitor.run(
        "return document.querySelector('th[aria-sort]').getAttribute('aria-sort')"
    )
    visitor.press(Keys.ENTER)
    assert ["J10", "J2", "J1"] == column(visitor, 1, 0)
    assert "descending" == visitor.run(
        "return document.querySelector('th[aria-sort]').getAttribute('aria-sort')"
    )
    place = heads.index("turnaround")
    visitor.click(button.format(place + 1))
    assert ["30", "34", "-"] == column(visitor, 1, place)
    visitor.click(button.format(place + 1))
    assert ["34", "30", "-"] == column(visitor, 1, place)
    assert 1 == visitor.run("return document.querySelectorAll('th[aria-sort]').length")
    assert "mean" == visitor.texts("details tfoot th")[0]


def test_two_thousand_slices_step_without_lag(visitor, written):
    """A step of a large page takes less than 50 ms, layout included: half of them on a busy machine, too.

    In the page's own CPU time, whatever else the machine does, no step forward or back takes 16 ms.
    """
    mix = ss.generate(60, seed=5, burst="exponential:mean=70", load=0.8)
    run = ss.run(mix, "rr", quantum=2, notes=False)
    assert 2000 <= len(run.slices) <= 2500
    visitor.open(written([run], "large"))
    visitor.driver.set_script_timeout(120)
    took = visitor.driver.execute_async_script(
        """
        const done = arguments[0], next = document.querySelector("[data-go=next]"), took = [];
        const step = () => {
          const before = performance.now();
          next.click();
          document.body.getBoundingClientRect();
          took.push(performance.now() - before);
          if (took.length < 300) setTimeout(step, 0); else done(took);
        };
        step();
        """
    )
    assert sorted(took)[len(took) // 2] < 50
    assert Expected(run).at(300) == visitor.shown()._replace(jobs=Expected(run).at(300).jobs)
    for button in ("next", "back"):
        assert max(visitor.costs(f"[data-go={button}]", 100)) < 16
