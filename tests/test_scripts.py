"""The two commands that do all the set-up on a fresh machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NamedTuple

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Stands for a Python: says with what it was called, and makes an environment that does the same.
STAND_IN = """#!/bin/sh
case $2 in
*version_info*) exit {old} ;;
*ensurepip*) exit {bare} ;;
esac
echo "making an environment to $3" >&2
[ {broken} -eq 0 ] || exit 1
mkdir -p '{environment}/bin'
echo "$4" > "{environment}/ready-$3"
echo "$4" > "{environment}/ready-run"
printf '#!/bin/sh\\nexit 0\\n' > '{environment}/bin/python'
printf '#!/bin/sh\\necho "schedsim $*"\\nexit 4\\n' > '{environment}/bin/schedsim'
chmod +x '{environment}/bin/python' '{environment}/bin/schedsim'
"""


class Checkout(NamedTuple):
    """A copy of the scripts in a folder of its own, on a machine with stand-ins for Python."""

    folder: str
    programs: str

    @property
    def environment(self) -> str:
        """Where the scripts make the virtual environment."""
        return os.path.join(self.folder, ".venv-schedsim")

    def python(self, name: str, *, old: int = 0, bare: int = 0, broken: int = 0) -> None:
        """Put a Python on the path: one that is too old, cannot make environments, or fails to."""
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(STAND_IN.format(old=old, bare=bare, broken=broken, environment=self.environment))
        os.chmod(path, 0o700)

    def call(self, *arguments: str, script: str = "schedsim.sh", **more: str) -> tuple[int, str, str]:
        """Call a script from another folder; return exit status, output and errors."""
        done = subprocess.run(
            ["/bin/sh", os.path.join(self.folder, "scripts", script), *arguments],
            cwd="/",
            env={"PATH": self.programs, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def checkout(tmp_path):
    """A checkout in a folder with a space, and a path with the shell's own tools alone."""
    folder, programs = tmp_path / "a folder" / "schedsim", tmp_path / "programs"
    shutil.copytree(os.path.join(ROOT, "scripts"), folder / "scripts")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(os.path.join(ROOT, name), folder)
    programs.mkdir()
    for tool in ("basename", "cat", "chmod", "cksum", "dirname", "mkdir"):
        os.symlink(str(shutil.which(tool)), programs / tool)
    return Checkout(str(folder), str(programs))


def test_the_first_call_makes_the_environment_and_later_ones_use_it(checkout):
    """Arguments and exit status pass through, and standard output is schedsim's own."""
    checkout.python("python3")
    made = "making an environment to run\n"
    assert (4, "schedsim run --algo rr\n", made) == checkout.call("run", "--algo", "rr")
    assert (4, "schedsim a  b\n", "") == checkout.call("a  b")


def test_an_environment_for_tests_serves_both(checkout):
    """After the tests there is nothing left to set up."""
    checkout.python("python3")
    assert (0, "", "making an environment to test\n") == checkout.call("-x", script="test.sh")
    assert (4, "schedsim run\n", "") == checkout.call("run")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda checkout: os.remove(checkout.environment + "/ready-run"), id="interrupted"),
        pytest.param(lambda checkout: os.remove(checkout.environment + "/bin/python"), id="Python is gone"),
        pytest.param(
            lambda checkout: shutil.copy("/dev/null", checkout.folder + "/constraints.txt"),
            id="other versions",
        ),
    ],
)
def test_an_environment_that_will_not_do_is_made_again(checkout, spoil):
    """An interrupted set-up, an uninstalled Python or other pins are noticed by themselves."""
    checkout.python("python3")
    checkout.call()
    spoil(checkout)
    assert (4, "schedsim \n", "making an environment to run\n") == checkout.call()
    assert (4, "schedsim \n", "") == checkout.call()


def test_the_first_python_that_will_do_is_taken(checkout):
    """One that is too old or cannot make environments is passed over."""
    checkout.python("python3", old=1, broken=1)
    checkout.python("python3.13", bare=1, broken=1)
    checkout.python("python3.12")
    assert (4, "schedsim \n", "making an environment to run\n") == checkout.call()


def test_no_python_is_one_clear_message(checkout):
    """It says what is needed and how to name one."""
    checkout.python("python3", old=1)
    status, output, errors = checkout.call("run")
    assert (3, "", 1) == (status, output, errors.count("\n"))
    assert "needs Python 3.11 or newer" in errors
    assert "SCHEDSIM_PYTHON=" in errors


def test_a_python_that_cannot_make_environments_is_one_clear_message(checkout):
    """It says what to install."""
    checkout.python("python3.12", bare=1)
    status, output, errors = checkout.call("run")
    assert (3, "", 1) == (status, output, errors.count("\n"))
    assert "apt install python3.12-venv" in errors


def test_the_python_that_the_user_names_is_the_only_one_tried(checkout):
    """SCHEDSIM_PYTHON wins, and a wrong one is not passed over in silence."""
    checkout.python("python3")
    checkout.python("my python", old=1)
    status, _, errors = checkout.call(SCHEDSIM_PYTHON=checkout.programs + "/my python")
    assert (3, True) == (status, "my python" in errors)
    checkout.python("my python")
    assert (4, "schedsim \n", "making an environment to run\n") == checkout.call(
        SCHEDSIM_PYTHON=checkout.programs + "/my python"
    )


def test_a_set_up_that_fails_runs_nothing(checkout):
    """Without an environment there is nothing to run, and the next call tries again."""
    checkout.python("python3", broken=1)
    assert (3, "", "making an environment to run\n") == checkout.call()
    checkout.python("python3")
    assert (4, "schedsim \n", "making an environment to run\n") == checkout.call()
