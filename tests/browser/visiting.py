"""A person at a browser: what they see on a page, and what they press."""

from __future__ import annotations

import os
import shutil
from itertools import pairwise
from typing import Any, NamedTuple

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from schedsim.report.steps import NEW, READY, RUNNING, STATES, Steps, steps
from schedsim.report.watching import watch
from schedsim.times import show
from schedsim.trace import Kind

LIGHT = """
const light = (colour) => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
const ground = light(getComputedStyle(document.body).backgroundColor);
"""
"""How light a colour is, the ratio of two such, and that of the page's ground, for scripts in a page."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "no Chromium with its chromedriver is installed, so the page was not opened "
    "(Debian and Ubuntu: apt-get install chromium chromium-driver)"
)


def programs() -> tuple[str, str] | None:
    """Return the paths of browser and driver, or None if one is missing."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def start(browser: str, driver: str) -> webdriver.Chrome:
    """Start a headless browser that fetches nothing by itself."""
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--force-device-scale-factor=1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(driver, env={**os.environ, "LC_ALL": "C.UTF-8"}))


LOOK = """
const texts = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent);
return [
  texts(".clock .instant")[0], texts(".count")[0], texts(".cpus li"), texts(".queue li"),
  [...document.querySelectorAll(".states tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)),
  texts(".said li:not(.force)"),
];
"""


class Shown(NamedTuple):
    """What the page says of one step."""

    clock: str
    number: str
    cpus: list[str]
    queue: list[str]
    jobs: list[list[str]]
    """Job, state, since when, CPU time used, time waited; and the deadline, if any job has one."""
    said: list[str]


class Visitor:
    """Opens pages, looks and presses keys."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        """Sit down at a browser."""
        self.driver = driver

    def open(
        self, path: Any, *, width: int = 1280, height: int = 900, dark: bool = False, media: str = "screen"
    ) -> None:
        """Open a file in a window of some size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        self.driver.get(f"file://{path}")

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script answers."""
        return self.driver.execute_script(script, *arguments)

    def console(self) -> list[str]:
        """Return what the page wrote to the console since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def point(self, selector: str, across: float) -> tuple[int, int]:
        """Move the pointer over an element, ``across`` of its width from the left; return where that is."""
        element = self.driver.find_element(By.CSS_SELECTOR, selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        left, top, width, height = self.run(
            "const box = arguments[0].getBoundingClientRect(); return [box.left, box.top, box.width, box.height]",
            element,
        )
        place = (round(left + across * width), round(top + height / 2))
        chain = ActionChains(self.driver, duration=0)
        chain.w3c_actions.pointer_action.move_to_location(*place)
        chain.perform()
        return place

    def costs(self, selector: str, times: int) -> list[float]:
        """Click so often on an element; return how much CPU time script, style and layout took each time (ms)."""
        self.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

        def spent() -> float:
            found = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
            parts = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
            return sum((1000 * float(each["value"]) for each in found if each["name"] in parts), 0.0)

        readings = [spent()]
        for _ in range(times):
            self.run(
                "document.querySelector(arguments[0]).click(); document.body.getBoundingClientRect()",
                selector,
            )
            readings.append(spent())
        self.driver.execute_cdp_cmd("Performance.disable", {})
        return [later - earlier for earlier, later in pairwise(readings)]

    def texts(self, selector: str) -> list[str]:
        """Return the words of all elements that fit."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector
        )
        return found

    def visible(self, selector: str) -> list[bool]:
        """Return for all elements that fit whether they can be seen."""
        found: list[bool] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.checkVisibility("
            "{visibilityProperty: true}) && each.getClientRects().length > 0)",
            selector,
        )
        return found

    def focused(self) -> str:
        """Return a few words on what has the focus."""
        found: str = self.run(
            "const at = document.activeElement; return at === document.body ? 'body' : "
            "(at.getAttribute('aria-label') || at.textContent || at.value || at.tagName).trim()"
        )
        return found

    def tip(self) -> str:
        """Return the details that are shown, or nothing."""
        found: str = self.run(
            "const tip = document.querySelector('#tip'); return tip.hidden ? '' : tip.innerText"
        )
        return " ".join(found.split())

    def shown(self) -> Shown:
        """Return what the page says of the step at which it is."""
        # All in one call, since each call takes longer than the page needs for a step.
        return Shown(*self.run(LOOK))


class Expected:
    """What the page of a run is to say, computed from the run's steps."""

    def __init__(self, run: Any) -> None:
        """Compute the steps."""
        self.found: Steps = steps(watch([run])[0])
        self.run = run
        self.jobs = run.trace.header.jobs
        self.cpus = run.trace.header.cpus

    def __len__(self) -> int:
        """Return how many steps there are."""
        return len(self.found.times)

    def time(self, length: int) -> str:
        """Return a time as the page shows it."""
        return show(length, self.run.unit)

    def due(self, number: int, now: int) -> str:
        """Return what is to be said at an instant of a job's deadline."""
        job = self.jobs[number]
        if job.deadline is None:
            return ""
        due = job.arrival + job.deadline
        [finish] = [
            row.time for row in self.run.trace if row.task == number and row.kind is Kind.FINISHED
        ] or [None]
        if finish is not None and finish <= min(due, now):
            return f"{self.time(due)}, met"
        return self.time(due) + (", missed" if due <= now else "")

    def at(self, step: int) -> Shown:
        """Return what the page is to say of a step."""
        now = self.found.times[step]
        dues = any(job.deadline is not None for job in self.jobs)
        on = ["idle"] * self.cpus
        rows = []
        for number, job in enumerate(self.jobs):
            before = [each for each in self.found.changes.get(number, []) if each.step <= step]
            total = self.run.origin.mix.jobs[number].cpu
            if not before:
                rows.append(
                    [job.id, STATES[NEW], f"until {self.time(job.arrival)}", f"0 of {self.time(total)}", "0"]
                    + ([self.due(number, now)] if dues else [])
                )
                continue
            last = before[-1]
            state = STATES[last.state]
            used, waited = last.used, last.waited
            if last.state == RUNNING:
                used += max(0, now - last.begin)
                state += f" on CPU {last.cpu}" if self.cpus > 1 else ""
                on[last.cpu] = (
                    f"switches to {job.id}, which runs from {self.time(last.begin)}"
                    if last.begin > now
                    else f"{job.id} runs since {self.time(last.begin)}"
                )
            elif last.state == READY:
                waited += now - last.begin
            since = self.time(self.found.times[last.step])
            rows.append([job.id, state, since, f"{self.time(used)} of {self.time(total)}", self.time(waited)])
            rows[-1] += [self.due(number, now)] if dues else []
        return Shown(
            clock=f"time {self.time(now)} {self.run.unit}",
            number=f"step {step + 1} of {len(self)}",
            cpus=[f"CPU {cpu}: {words}" for cpu, words in enumerate(on)] if self.cpus > 1 else on,
            queue=[self.jobs[each.job].id + each.words for each in self.found.queues[step]] or ["empty"],
            jobs=rows,
            said=[
                f"CPU {line.cpu}: {line.words}" if self.cpus > 1 and line.decision is not None else line.words
                for line in self.found.said[step]
            ],
        )
