"""What is built is complete, and runs from an ordinary install without extras."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import schedsim

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What the package is made of beside Python; anything else in the wheel got there by mistake.
ALSO_PACKAGED = {
    "schedsim/py.typed",
    *(f"schedsim/report/templates/{name}" for name in ("page.html", "parts.html", "script.js", "style.css")),
}
# What hatchling adds to the sdist by itself.
ADDED_TO_SDIST = {"PKG-INFO"}


class Built(NamedTuple):
    """The files that a release consists of."""

    wheel: str
    sdist: str


def run(*command: str, folder: str) -> str:
    """Return what a command prints; it must succeed."""
    # Without PYTHONPATH, which may lead back to the checkout.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} exits {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def files_below(folder: str) -> set[str]:
    """Return the files of the checkout below ``folder``, by their paths from the checkout's root."""
    found = set()
    for where, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found |= {os.path.relpath(os.path.join(where, name), ROOT).replace(os.sep, "/") for name in names}
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    """The sdist of this checkout, and the wheel that is built from that sdist alone."""
    folder = str(tmp_path_factory.mktemp("dist"))
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    sdist, wheel = sorted(os.listdir(folder), key=lambda name: name.endswith(".whl"))
    return Built(os.path.join(folder, wheel), os.path.join(folder, sdist))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> str:
    """The programs of a virtual environment with the wheel in it, and no extras."""
    folder = str(tmp_path_factory.mktemp("installed"))
    venv.create(folder, with_pip=True)
    programs = os.path.join(folder, "bin")
    constraints = os.path.join(ROOT, "constraints.txt")
    run(
        os.path.join(programs, "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        constraints,
        built.wheel,
        folder=folder,
    )
    return programs


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_the_mixes(built):
    """Every module, the marker of a typed package, every shipped mix; and nothing else."""
    package = {name for name in files_below("schedsim") if name.endswith(".py")} | ALSO_PACKAGED
    mixes = {name.replace("workloads/", "schedsim/_workloads/", 1) for name in files_below("workloads")}
    about = f"schedsim-{schedsim.__version__}.dist-info/"
    papers = {
        about + name for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    assert mixes
    with zipfile.ZipFile(built.wheel) as wheel:
        assert sorted(package | mixes | papers) == sorted(wheel.namelist())


@pytest.mark.slow
@pytest.mark.skipif(
    not os.path.exists(os.path.join(ROOT, ".git")), reason="only Git knows which files belong to the project"
)
def test_the_sdist_holds_everything(built):
    """Whoever has the sdist has the tests, the documentation and all that they read."""
    known = run("git", "ls-files", "--cached", "--others", "--exclude-standard", folder=ROOT).splitlines()
    known = [name for name in known if os.path.exists(os.path.join(ROOT, name))]
    with tarfile.open(built.sdist) as sdist:
        packed = {name.partition("/")[2] for name in sdist.getnames()}
    assert sorted({*known, *ADDED_TO_SDIST}) == sorted(packed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["--help"], "usage: schedsim", id="help"),
        pytest.param(["run", "--algo", "rr"], "turnaround", id="run"),
        pytest.param(["mixes"], "convoy", id="mixes"),
        pytest.param(
            ["run", "convoy", "--algo", "sjf", "--format", "json"], '"schedsim.run/1"', id="shipped"
        ),
    ],
)
def test_an_install_without_extras_runs(installed, arguments, expected, tmp_path):
    """The program works from a folder that has nothing to do with the checkout."""
    assert expected in run(os.path.join(installed, "schedsim"), *arguments, folder=str(tmp_path))


@pytest.mark.slow
def test_an_install_is_the_pinned_one(installed, tmp_path):
    """Everything that was installed has its version in constraints.txt."""
    listing = run(
        os.path.join(installed, "python"), "-m", "pip", "list", "--format=freeze", folder=str(tmp_path)
    )
    found = dict(line.split("==") for line in listing.splitlines())
    for tool in ("pip", "setuptools", "wheel"):  # part of the environment, not of what was asked for
        found.pop(tool, None)
    assert found.pop("schedsim") == schedsim.__version__
    expected = {name: pins()[canonicalize_name(name)] for name in found}
    assert expected == found


def pins() -> dict[str, str]:
    """Return the versions in constraints.txt by canonical name; every line must be of that form."""
    found: dict[str, str] = {}
    with open(os.path.join(ROOT, "constraints.txt"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)\n", line)
            assert pin, f"constraints.txt: {line!r} is not name==version"
            found[canonicalize_name(pin[1])] = pin[2]
    return found


def requirements() -> list[str]:
    """Return everything that pyproject.toml names."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        named = tomllib.load(file)
    project = named["project"]
    lists = [
        named["build-system"]["requires"],
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *named["dependency-groups"].values(),
    ]
    return sorted({requirement for several in lists for requirement in several})


@pytest.mark.parametrize("requirement", requirements())
def test_every_dependency_is_pinned(requirement):
    """Each thing that pyproject.toml asks for has a version in constraints.txt, and one that will do."""
    wanted = Requirement(requirement)
    assert wanted.specifier.contains(pins()[canonicalize_name(wanted.name)])
