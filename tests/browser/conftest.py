"""The browser that the tests of a file share."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from typing import NoReturn

import pytest

from tests.browser.visiting import MISSING, Visitor, programs, start

AXE = "4.14.1"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


def without(reason: str) -> NoReturn:
    """Leave a test out where its tools are missing; in CI they may not be."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI this is a failure")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def driver():
    """A headless browser, which is gone before other tests look at processes or measure them."""
    found = programs()
    if found is None:
        without(MISSING)
    made = start(*found)
    yield made
    made.quit()


@pytest.fixture
def visitor(driver):
    """Somebody in front of it, with a clean console."""
    made = Visitor(driver)
    made.open("/dev/null")
    made.console()
    return made


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The accessibility checker axe-core, fetched once and kept beside the tests' Python."""
    kept = os.path.join(sys.prefix, f"axe-core-{AXE}.js")
    if not os.path.exists(kept):
        if shutil.which("npm") is None:
            without("inconclusive: npm, which fetches the accessibility checker axe-core, is not installed")
        folder = tmp_path_factory.mktemp("axe")
        command = ["npm", "pack", f"axe-core@{AXE}", "--silent", "--pack-destination", str(folder)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            without(f"inconclusive: npm could not fetch axe-core {AXE}: {done.stderr.strip()[-200:]}")
        with tarfile.open(folder / f"axe-core-{AXE}.tgz") as packed:
            member = packed.extractfile("package/axe.min.js")
            assert member is not None
            script = member.read()
        with open(f"{kept}.part", "wb") as file:
            file.write(script)
        os.replace(f"{kept}.part", kept)
    with open(kept, encoding="utf-8") as file:
        text = file.read()
    assert hashlib.sha256(text.encode()).hexdigest() == AXE_SHA256
    return text


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """A folder for pages."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def written(kept):
    """Write the page of runs; return its path."""

    def write(runs, name):
        from schedsim.report import page

        path = kept / f"{name}.html"
        path.write_text(page(runs), encoding="utf-8")
        return path

    return write
