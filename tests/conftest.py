"""What holds for every test."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# A shared machine may stop for a moment, which says nothing about the code, so no example has a
# deadline. In CI the examples are the same each time: a change is judged by what it changes.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# Programs that a test interrupts must not inherit that nobody may: a shell without job control starts
# what runs in the background with SIGINT ignored.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def state_folder(tmp_path_factory):
    """Return where calibrations are kept while tests run: never where the developer's own are."""
    return str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch, state_folder):
    """Keep the developer's own settings out of every test, also out of the programs that it runs."""
    for name in [name for name in os.environ if name.startswith("SCHEDSIM_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONWARNINGS", "PYTHONSTARTUP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCHEDSIM_STATE", state_folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
