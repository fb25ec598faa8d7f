"""A few pictures look as those that are kept, which somebody has looked at."""

from __future__ import annotations

import os

import matplotlib
import pytest

import schedsim as ss
from schedsim import plots
from tests.plots.baselines import DPI, FOLDER, PICTURES, difference, drawn, kept
from tests.plots.mixes import AWKWARD

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def pinned() -> str:
    """Return the version of matplotlib that constraints.txt names."""
    with open(os.path.join(ROOT, "constraints.txt"), encoding="utf-8") as file:
        return next(line.split("==")[1].strip() for line in file if line.startswith("matplotlib=="))


pytestmark = [
    pytest.mark.slow,
    # From 3.8 to 3.11 letters have changed so much that a picture differs by 20 in its letters alone.
    pytest.mark.skipif(
        matplotlib.__version__.split(".")[:2] != pinned().split(".")[:2],
        reason="another version of matplotlib draws letters otherwise",
    ),
]

# Of 255. Among machines with one version of matplotlib only roundings differ; one bar of the smallest chart in
# another colour is 12, and a title that is missing is as much.
TOLERANCE = 6.0


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(name, tmp_path):
    """To a small difference; the new picture is left for whoever looks."""
    made = drawn(name)
    (tmp_path / f"{name}.png").write_bytes(made)
    assert difference(made, kept(name)) < TOLERANCE, (
        f"look at {tmp_path / name}.png; if it is right: python tests/plots/baselines.py {name}"
    )


def test_another_schedule_would_be_seen():
    """The difference is large when slices move, when colours change, and when the title is missing."""
    other = ss.run({**AWKWARD, "switch_cost": 0}, "rr", quantum=4).plot()
    assert difference(plots.render(other, "png", DPI), kept("gantt")) > TOLERANCE
    colours = ss.run({**AWKWARD, "jobs": AWKWARD["jobs"][::-1]}, "rr", quantum=4).plot("jobs")
    assert difference(plots.render(colours, "png", DPI), kept("jobs")) > TOLERANCE
    nameless = ss.run(AWKWARD, "rr", quantum=4).plot()
    nameless.texts[0].set_visible(False)
    assert difference(plots.render(nameless, "png", DPI), kept("gantt")) > TOLERANCE


def test_every_kept_picture_is_drawn():
    """None is left over, and all are small."""
    files = sorted(os.listdir(FOLDER))
    assert files == sorted(f"{name}.png" for name in PICTURES)
    assert all(os.path.getsize(os.path.join(FOLDER, file)) < 45_000 for file in files)
