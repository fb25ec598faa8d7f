"""How a page looks: in narrow and wide windows, in the dark, on paper, without scripts, and for everybody."""

from __future__ import annotations

import base64
import re

import pytest

import schedsim as ss
from tests.browser.visiting import LIGHT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "a name that is much too long for the room there is beside a lane"


def pages():
    """Return runs of each kind of page."""
    long_names = [{"id": f"{LONG} {number}", "arrival": number, "burst": 9} for number in range(5)]
    unbroken = [{"id": "x" * 200 + str(number), "program": "cpu 5; io 3; cpu 5"} for number in range(15)]
    return {
        "one": [ss.run("stallings-9.5", "hrrn")],
        "many policies": ss.compare("first", notes=True).runs,
        "switches": ss.compare("convoy", ["fcfs", "srtf", "mlfq"], switch_cost=0.5, notes=True).runs,
        "two CPUs": [ss.run("two-cpus", "rr")],
        "many jobs": [ss.run(ss.generate(80, seed=5, load=0.95), "rr", quantum=2)],
        "long names": ss.compare(long_names, ["rr:quantum=2", "mlfq"]).runs,
        "unbroken names": [ss.run(unbroken, "rr", quantum=2)],
    }


KINDS = ("one", "many policies", "switches", "two CPUs", "many jobs", "long names", "unbroken names")


@pytest.fixture(scope="module")
def paths(kept):
    """The pages, written."""
    from schedsim.report import page

    found = {}
    for name, runs in pages().items():
        found[name] = kept / f"looks {name}.html"
        found[name].write_text(page(runs), encoding="utf-8")
    assert tuple(found) == KINDS
    return found


def halfway(visitor):
    """Go to the middle of the steps."""
    visitor.run(
        "const slider = document.querySelector('.slider'); slider.value = slider.max >> 1;"
        "slider.dispatchEvent(new Event('input'))"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [360, 700, 1920])
def test_it_fits_the_window(visitor, paths, kind, width):
    """Nothing sticks out at the side, no control is cut, and the chart uses the room there is."""
    visitor.open(paths[kind], width=width)
    halfway(visitor)
    assert width >= visitor.run("return document.documentElement.scrollWidth")
    outside = visitor.run(
        "return [...document.querySelectorAll('.controls *, .panel, .lane, h1, h2, h3')].filter((each) => {"
        " const box = each.getBoundingClientRect(); return box.width && (box.left < 0 || box.right > innerWidth + 1); })"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert [] == outside
    track = visitor.run("return document.querySelector('.track').getBoundingClientRect().width")
    assert track > 0.55 * min(width, 1440)
    assert [] == visitor.console()


@pytest.mark.parametrize("kind", KINDS)
def test_names_in_the_chart_are_whole_or_not_there(visitor, paths, kind):
    """A label that has no room in its slice is left out, not cut in the middle of a letter."""
    visitor.open(paths[kind], width=700)
    cut = visitor.run(
        "return [...document.querySelectorAll('.track b')].filter((each) => {"
        " const box = each.getBoundingClientRect(), name = each.firstChild.getBoundingClientRect();"
        " const seen = name.top < box.bottom - 1 && box.width > 0 && name.width > 0;"
        " return seen && (name.left < box.left - 1 || name.right > box.right + 1); }).length"
    )
    assert 0 == cut


CONTRAST = (
    LIGHT
    + """
const of = (selector) => getComputedStyle(document.querySelector(selector));
const panel = light(of(".panel").backgroundColor);
return { ground, ratios: [
  ratio(light(of("body").color), ground), ratio(light(of(".soft").color), ground),
  ratio(light(of(".panel .soft").color), panel), ratio(light(of("td.best").color), ground),
  ratio(light(of(".cursor i").borderLeftColor), ground)] };
"""
)


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark(visitor, paths, dark):
    """The page goes with the reader's setting, and all its words can be read: 4.5 to 1 and better."""
    visitor.open(paths["many policies"], dark=dark)
    found = visitor.run(CONTRAST)
    assert dark == (found["ground"] < 0.5)
    assert min(found["ratios"]) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_on_paper(visitor, paths, dark):
    """Controls and what belongs to a step are left out, every policy has its lanes, and the ground is white."""
    visitor.open(paths["switches"], dark=dark, media="print")
    for selector in (".controls", "#panel .panel", ".now", ".cursor", ".keys", "details:not([open]) summary"):
        shown = visitor.visible(selector)
        assert shown
        assert not any(shown), selector
    assert [True] * 3 == visitor.visible(".jobs")
    assert [True] * 5 == visitor.visible(".legend li")
    assert "rgb(255, 255, 255)" == visitor.run("return getComputedStyle(document.body).backgroundColor")
    assert "exact" == visitor.run(
        "return getComputedStyle(document.querySelector('.swatch')).printColorAdjust"
    )


@pytest.mark.parametrize(("kind", "most"), [("one", 2), ("switches", 4), ("many policies", 8)])
def test_as_a_pdf(visitor, paths, kind, most):
    """It is a few sheets, whatever zoom the reader has chosen on the screen."""
    visitor.open(paths[kind])
    visitor.run(
        "const zoom = document.querySelector('.zoom select'); zoom.value = '5';"
        "zoom.dispatchEvent(new Event('change'))"
    )
    made = base64.b64decode(visitor.driver.print_page())
    assert made.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", made)) <= most


def test_without_scripts(visitor, paths):
    """Charts, lanes, tables and reasons are there; the controls are not, and the page says why."""
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visitor.open(paths["switches"])
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert not any(visitor.visible(".controls"))
    assert [True] * 3 == visitor.visible(".jobs")
    assert [True] * 3 == visitor.visible(".log summary")
    assert [True] == visitor.visible("noscript .note")
    assert not any(visitor.visible("#panel"))


def test_nothing_is_fetched(visitor, paths):
    """Opening, stepping, sorting and zooming ask for no other file."""
    visitor.open(paths["switches"])
    halfway(visitor)
    visitor.click("thead th button")
    assert [] == visitor.run("return performance.getEntriesByType('resource').map((each) => each.name)")


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(visitor, paths, axe, kind, width, dark):
    """The accessibility checker has no objection, with everything unfolded and in the middle of the steps."""
    visitor.open(paths[kind], width=width, dark=dark)
    halfway(visitor)
    visitor.run(
        "document.querySelectorAll('details').forEach((each) => { each.open = true; });"
        "document.querySelector('.scroll').focus({ focusVisible: true });"
    )
    visitor.run(axe)
    visitor.driver.set_script_timeout(120)
    violations = visitor.driver.execute_async_script(
        "const done = arguments[0]; axe.run({ resultTypes: ['violations'] }).then((found) => done("
        "found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3)}`)))"
    )
    assert [] == violations
