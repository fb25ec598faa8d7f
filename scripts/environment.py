"""Makes the virtual environment of this checkout: ``python environment.py run|test STAMP``.

It runs before anything is installed, so it uses the standard library alone. ``environment.sh``
calls it when ``.venv-schedsim/ready-run`` (or ``ready-test``) does not hold STAMP, which says
what the environment is made from. That file is written last, so an environment that was
interrupted is never taken for a finished one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from contextlib import contextmanager

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, ".venv-schedsim")
PYTHON = os.path.join(FOLDER, "bin", "python")


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other call makes the environment: two terminals may start at once."""
    import fcntl

    with open(os.path.join(ROOT, "constraints.txt"), encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ready(purpose: str, stamp: str) -> bool:
    """Return whether the environment works and was made from what ``stamp`` says."""
    try:
        with open(os.path.join(FOLDER, f"ready-{purpose}"), encoding="utf-8") as file:
            if file.read().strip() != stamp:
                return False
        subprocess.run([PYTHON, "-c", "pass"], stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def requirements(purpose: str) -> list[str]:
    """Return what pip is to install: this checkout in place, and for tests what they need."""
    if purpose == "run":
        return ["--editable", "."]
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return ["--editable", ".", *tomllib.load(file)["dependency-groups"]["test"]]


def make(purpose: str, stamp: str) -> None:
    """Install what ``purpose`` needs, into a new environment unless the one there is only to grow."""
    if not ready("run", stamp):
        # A new one, since an older constraints file may have left things behind.
        venv.create(FOLDER, clear=True, with_pip=True)
    # Constraints go by the environment, because older versions of pip hold builds to them in no
    # other way, and by a bare name, because pip splits the value at spaces.
    settings = os.environ | {
        "PIP_BUILD_CONSTRAINT": "constraints.txt",
        "PIP_CONSTRAINT": "constraints.txt",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USER": "0",
    }
    command = [PYTHON, "-m", "pip", "install", "-qq", *requirements(purpose)]
    subprocess.run(command, cwd=ROOT, env=settings, stdout=sys.stderr, check=True)


def main() -> int:
    """Make what is asked for and stamp it; return the exit status."""
    purpose, stamp = sys.argv[1:]
    try:
        with alone():
            if ready(purpose, stamp):
                return 0
            print("schedsim: setting up .venv-schedsim in the checkout (once; a minute)", file=sys.stderr)
            make(purpose, stamp)
            # An environment for tests also runs the program.
            for name in {"run", purpose}:
                with open(os.path.join(FOLDER, f"ready-{name}"), "w", encoding="utf-8") as file:
                    file.write(stamp + "\n")
    except KeyboardInterrupt:
        print("schedsim: interrupted; the next call makes .venv-schedsim afresh", file=sys.stderr)
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"schedsim: .venv-schedsim could not be set up: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
