"""What README and docs show is so, and everything that there is has its place in them."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys

import pytest

from schedsim.policies import NAMES
from scripts.update_docs import ROOT, Page, blocks, examples, fits, main, pages

COMMAND_LINE = "docs/command-line.md"


def read(page: str) -> str:
    """Return the text of a page."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def subcommands() -> list[str]:
    """Return the subcommands that ``schedsim --help`` lists."""
    done = subprocess.run(
        [sys.executable, "-m", "schedsim", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return re.findall(r"^    ([a-z]+)(?=  |$)", done.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder for all pages, so that they share what matplotlib keeps."""
    return tmp_path_factory.mktemp("pages")


@pytest.mark.slow
@pytest.mark.parametrize("name", pages())
def test_what_a_page_shows_is_so(name, base):
    """Every example runs, and prints what is shown; scripts/update_docs.py would change nothing."""
    page = Page(name, str(base / name.replace("/", "-")))
    real = page.run()
    assert page.problems == []
    difference = difflib.unified_diff(page.text.splitlines(), real.splitlines(), name, "real", lineterm="")
    assert real == page.text, "run python scripts/update_docs.py\n" + "\n".join(difference)


def test_there_are_examples():
    """The test above has something to hold: the README runs commands and shows their output."""
    shown = [
        example
        for block in blocks(read("README.md"))
        if block.language == "console"
        for example in examples(block)
    ]
    assert any(example.command.startswith("schedsim run") and example.shown for example in shown)


@pytest.mark.parametrize("name", pages())
def test_links_lead_somewhere(name):
    """A link to a file of the checkout names one that is there, and a heading that is in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(name)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        page = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        assert os.path.exists(os.path.join(ROOT, page)), f"{name} links to {target}"
        if heading:
            assert heading in headings(page), f"{name} links to {target}"


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^( *)```.*?^\1```$", "", read(page), flags=re.DOTALL | re.MULTILINE)


def headings(page: str) -> set[str]:
    """Return the names by which the headings of a page are linked to."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_there_are_subcommands():
    """The list that the next tests go through is not empty."""
    assert {"run", "compare", "explain"} <= set(subcommands())


def test_every_subcommand_has_a_section():
    """docs/command-line.md has a heading for each subcommand, and none for what isn't one."""
    titles = re.findall(r"^## `?schedsim ([a-z]+)", prose(COMMAND_LINE), re.MULTILINE)
    assert sorted(subcommands()) == sorted(titles)


@pytest.mark.slow
def test_every_subcommand_has_help():
    """``schedsim NAME --help`` says what it does, how it is called, and gives an example."""
    for name in subcommands():
        done = subprocess.run(
            [sys.executable, "-m", "schedsim", name, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr)
        assert f"usage: schedsim {name}" in done.stdout
        assert f"examples:\n  schedsim {name}" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_policy_has_a_page(name):
    """docs/policies/NAME.md runs the policy at least once."""
    shown = [
        example.command
        for block in blocks(read(f"docs/policies/{name}.md"))
        if block.language == "console"
        for example in examples(block)
    ]
    assert any(re.search(rf"--algo {re.escape(name)}\b", command) for command in shown)


# The rest holds the checker itself to what it says.


def test_dots_stand_for_any_lines():
    """A line ``...`` fits no line, one and many; all else must be equal, to the last line."""
    assert fits(["a", "...", "b"], ["a", "b"])
    assert fits(["a", "...", "b"], ["a", "x", "y", "b"])
    assert not fits(["a", "...", "b"], ["a", "x"])
    assert not fits(["a"], ["a", "b"])
    assert not fits(["a..."], ["abc"])


def page_of(text: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Return a page with ``text``, in a checkout of its own."""
    monkeypatch.setattr("scripts.update_docs.ROOT", folder)
    with open(os.path.join(folder, "page.md"), "w", encoding="utf-8") as file:
        file.write(text)
    return Page("page.md", os.path.join(folder, "runs"))


RIGHT = """\
```csv mix file=two.csv
pid,arrival,burst
A,0,2
B,0,1
```
- in a list:
  ```console
  $ cat two.csv | head -n 1
  pid,arrival,burst
  $ printf 'a\\n%s\\n' \\
  > 'b'
  ...
  b
  $ cat nothing
  ...
  $ echo $?
  1
  ```
```python
import os
one = 1
```
```python
>>> one + len(os.listdir())
2
```
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("", "", None, id="right"),
        pytest.param("A,0,2", "A,0,0", "page.md:2: .*0", id="a mix that is refused"),
        pytest.param("  $ echo $?\n  1\n", "", "page.md:14: 'cat nothing' exits 1", id="a failure not shown"),
        pytest.param(
            "$ cat nothing\n",
            "$ cat two.csv\n",
            "page.md:14: 'cat two.csv' exits 0",
            id="a failure that is none",
        ),
        pytest.param("cat two", "rm two", "page.md:8: commands here are", id="a command not for examples"),
        pytest.param("  $ cat", "  cat", "page.md:8: a console block begins", id="no prompt"),
        pytest.param("csv mix", "csv mxi", "page.md:1: .*'mxi'", id="a misspelt word"),
        pytest.param(
            "python\nimport os", "text\n$ one", "page.md:20: commands with a prompt", id="a prompt elsewhere"
        ),
        pytest.param(
            "one = 1", "one = 1 / 0", "(?s)page.md:20: .*line 21.*ZeroDivision", id="a wrong program"
        ),
        pytest.param("\n2\n", "\n8\n", "(?s)page.md:24: .*Expected:\n    8", id="a wrong doctest"),
    ],
)
def test_the_checker_finds(old, new, problem, tmp_path, monkeypatch):
    """What is wrong on a page is found, with its line; what is right is left as it is."""
    page = page_of(RIGHT.replace(old, new, 1), str(tmp_path), monkeypatch)
    real = page.run()
    if problem is None:
        assert ([], page.text) == (page.problems, real)
    else:
        assert re.match(problem, page.problems[0])


def test_real_outputs_are_written_in(tmp_path, monkeypatch, capsys):
    """The script puts the real output in place of a wrong one, and has then nothing more to do."""
    page_of(RIGHT.replace("  pid,", "  wrong\n  pid,", 1), str(tmp_path), monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert main(["--check", "page.md"]) == 1
    assert main(["page.md"]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == RIGHT
    assert main(["--check", "page.md"]) == 0
    assert capsys.readouterr().out == "page.md: shows what is not so\npage.md: updated\n"
