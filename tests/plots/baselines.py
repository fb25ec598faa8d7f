"""The pictures that are kept, small, in ``baseline/``: ``python tests/plots/baselines.py`` draws them anew.

Look at them before you commit them: a test can only say that they changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

if not __package__:  # called as a script, from any folder
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

import numpy
from matplotlib.image import imread

import schedsim as ss
from schedsim import plots
from tests.plots.mixes import AWKWARD, comparison, measured, mix, run, sweep

FOLDER: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline")
DPI: Final = 60
"""Enough to see every bar and word, and a few kilobytes a picture."""

PICTURES: Final[dict[str, Callable[[], Any]]] = {
    "gantt": lambda: ss.run(AWKWARD, "rr", quantum=4).plot(),
    "jobs": lambda: ss.run(AWKWARD, "rr", quantum=4).plot("jobs"),
    "queue": lambda: ss.run(AWKWARD, "rr", quantum=4).plot("queue"),
    "shares": lambda: run("1000").plot(),
    "counted": lambda: run("1000").plot("jobs"),
    "levels": lambda: ss.run("interactive-and-batch", "mlfq", boost=100).plot("levels"),
    "strips": lambda: ss.run("starvation", "mlfq", boost=40).plot("levels"),
    "gantts": lambda: comparison("5").plot("gantt"),
    "rows": lambda: ss.compare(mix("13"), ["fcfs", "rr:quantum=4"]).plot("gantt"),
    "bars": lambda: comparison("5").plot(),
    "cdf": lambda: run("5").plot("cdf"),
    "quantum": lambda: sweep("5").plot("quantum"),
    "crosscheck": lambda: plots.crosscheck_figure(
        {"simulated": run("two-cpus")}, [measured("two-cpus", number) for number in range(3)], band=0.03
    ),
}


def pixels(data: bytes) -> Any:
    """Return a PNG as an array of height, width and three colours, each from 0 to 255."""
    image = numpy.asarray(imread(BytesIO(data), "png"))
    return image[..., :3] * 255.0


def difference(one: bytes, other: bytes) -> float:
    """Return the root of the mean square difference of two PNGs; infinite when they differ in size."""
    first, second = pixels(one), pixels(other)
    if first.shape != second.shape:
        return float("inf")
    return float(numpy.sqrt(numpy.mean((first - second) ** 2)))


def drawn(name: str) -> bytes:
    """Return a picture as it is drawn today."""
    return plots.render(PICTURES[name](), "png", DPI)


def kept(name: str) -> bytes:
    """Return a picture as it is kept."""
    with open(os.path.join(FOLDER, f"{name}.png"), "rb") as file:
        return file.read()


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for each in sys.argv[1:] or PICTURES:
        with open(os.path.join(FOLDER, f"{each}.png"), "wb") as picture:
            picture.write(drawn(each))
        print(each)
