"""Runs what README.md and docs/ show, and writes the real outputs in: ``python scripts/update_docs.py``.

What a fenced block of a page is, and what is done with it, from top to bottom of the page, all in
one folder of the page's own that holds copies of ``workloads``, ``docs`` and ``notebooks``:

- ``console``: every line after ``$ `` is run by the shell (lines after ``> `` belong to it), and the
  lines below it must be what it prints. A line ``...`` stands for any lines. A command that fails
  must be followed by ``$ echo $?``. Commands that are only to be read belong into ``sh``.
- ``python``: run in one namespace a page; with ``>>>`` as a doctest.
- ``toml mix``, ``json mix``, ``csv mix``, ``tsv mix``, ``swf mix``: loaded as a job mix.
- any of these with ``file=NAME`` (but not ``console``): also written to that file, for what follows.

The pages in ``docs/labs`` are made from the labs first, by ``scripts/lab_pages.py``.

``tests/test_docs.py`` runs the same and accepts no difference. ``--check`` changes nothing and says
what would change; pages can be named.
"""

from __future__ import annotations

import doctest
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from contextlib import chdir, redirect_stdout
from io import StringIO
from typing import Any, NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

COMMANDS = {"cat", "diff", "echo", "head", "ls", "printf", "python", "schedsim", "sort", "tail", "wc"}
"""What a console block may begin a command with; nothing here changes the machine."""

MIXES = {"csv", "json", "swf", "toml", "tsv"}
FENCE = re.compile(r"( *)```(.*)")
LONGEST = 300
"""Seconds after which a command is given up."""


class Block(NamedTuple):
    """A fenced block."""

    line: int
    """The number of the line after the opening fence, from 1."""
    indent: str
    words: list[str]
    """What stands behind the opening fence: a language, then what to do."""
    lines: list[str]
    """Without the indentation."""

    @property
    def language(self) -> str:
        """The first word, or ``""``."""
        return self.words[0] if self.words else ""

    @property
    def file(self) -> str:
        """The NAME of ``file=NAME``, or ``""``."""
        return next((word[5:] for word in self.words if word.startswith("file=")), "")

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "".join(line + "\n" for line in self.lines)


class Example(NamedTuple):
    """One command of a console block and what is shown below it."""

    line: int
    prompt: list[str]
    """The lines of the command as they are shown, with ``$ `` and ``> ``."""
    shown: list[str]

    @property
    def command(self) -> str:
        """What the shell is given."""
        return "\n".join(line[2:] for line in self.prompt)


def pages() -> list[str]:
    """Return the pages, by their paths in the checkout."""
    found = ["README.md", "CONTRIBUTING.md", *glob.glob("docs/**/*.md", root_dir=ROOT, recursive=True)]
    return [page for page in found[:2] if os.path.exists(os.path.join(ROOT, page))] + sorted(found[2:])


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found: list[Block] = []
    inside: Block | None = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.fullmatch(line)
        if inside is None:
            if fence:
                inside = Block(number + 1, fence[1], fence[2].split(), [])
        elif fence and not fence[2]:
            found.append(inside)
            inside = None
        else:
            inside.lines.append(line.removeprefix(inside.indent))
    return found if inside is None else [*found, inside]


def examples(block: Block) -> list[Example]:
    """Return the commands of a console block. Raises ValueError when it does not begin with one."""
    found: list[Example] = []
    for number, line in enumerate(block.lines, block.line):
        if line.startswith("$ "):
            found.append(Example(number, [line], []))
        elif not found:
            raise ValueError("a console block begins with a command, after '$ '")
        elif line.startswith("> ") and not found[-1].shown:
            found[-1].prompt.append(line)
        else:
            found[-1].shown.append(line)
    return found


def fits(shown: list[str], printed: list[str]) -> bool:
    """Return whether ``printed`` is what is ``shown``, where a line ``...`` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip() + "\n") for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


class Page:
    """One page, while what it shows is run."""

    def __init__(self, page: str, folder: str) -> None:
        """Prepare an empty ``folder`` for the commands of ``page`` (a path in the checkout)."""
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            self.text = file.read()
        self.page = page
        self.folder = os.path.join(folder, "here")
        self.problems: list[str] = []
        """What is wrong, each with page and line."""
        self.namespace: dict[str, Any] = {"__name__": "example"}
        self.environment = surroundings(folder)
        os.makedirs(self.folder)
        for name in ("docs", "notebooks", "workloads"):
            if os.path.isdir(os.path.join(ROOT, name)):
                shutil.copytree(os.path.join(ROOT, name), os.path.join(self.folder, name))

    def run(self) -> str:
        """Run everything; return the page's text with the real outputs in it."""
        lines = self.text.splitlines()
        grown = 0
        for block in blocks(self.text):
            self.check_words(block)
            if block.file:
                self.write(block)
            if "mix" in block.words:
                self.load(block)
            if block.language == "python":
                self.run_python(block)
            if block.language == "console":
                start = block.line - 1 + grown
                real = self.run_console(block)
                lines[start : start + len(block.lines)] = [(block.indent + line).rstrip() for line in real]
                grown += len(real) - len(block.lines)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        return "\n".join(lines) + "\n"

    def problem(self, line: int, message: str) -> None:
        """Note what is wrong."""
        self.problems.append(f"{self.page}:{line}: {message}")

    def check_words(self, block: Block) -> None:
        """Find the misspelt word that would leave an example untested."""
        for word in block.words[1:]:
            if word.startswith("file=") and block.language != "console":
                continue
            if word == "mix" and block.language in MIXES:
                continue
            self.problem(block.line - 1, f"a block of {block.language} cannot be {word!r}")
        prompts = [line for line in block.lines if line.startswith("$ ")]
        if prompts and block.language != "console":
            self.problem(block.line, "commands with a prompt belong into a block of console")

    def write(self, block: Block) -> None:
        """Write the block to the file that it names."""
        path = os.path.join(self.folder, block.file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(block.text)

    def load(self, block: Block) -> None:
        """Load the block as a job mix."""
        from schedsim import mixfile
        from schedsim.errors import SchedsimError

        path = os.path.join(self.folder, f"block-{block.line}.{block.language}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(block.text)
        try:
            mixfile.load(path)
        except SchedsimError as error:
            self.problem(block.line, str(error))
        os.remove(path)

    def run_python(self, block: Block) -> None:
        """Run a block of Python in the page's namespace, or hold a doctest to what it shows."""
        name = f"{self.page}:{block.line}"
        printed = StringIO()
        with chdir(self.folder):
            if any(line.startswith(">>> ") for line in block.lines):
                test = doctest.DocTestParser().get_doctest(block.text, {}, name, self.page, block.line - 1)
                test.globs = self.namespace  # not a copy: the next block goes on from here
                runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
                if runner.run(test, out=printed.write, clear_globs=False).failed:
                    self.problem(block.line, printed.getvalue())
                return
            try:
                # Blank lines in front, so that a traceback names lines of the page.
                code = compile("\n" * (block.line - 1) + block.text, self.page, "exec", dont_inherit=True)
                with redirect_stdout(printed):
                    exec(code, self.namespace)  # noqa: S102 - the page is this project's own
            except Exception:  # noqa: BLE001 - whatever an example raises is what is to be shown
                self.problem(block.line, traceback.format_exc())

    def run_console(self, block: Block) -> list[str]:
        """Run the commands of a block; return its lines with the real outputs."""
        real: list[str] = []
        status = 0
        try:
            found = examples(block)
        except ValueError as error:
            self.problem(block.line, str(error))
            return block.lines
        for place, example in enumerate(found):
            if example.command.split()[0] not in COMMANDS:
                self.problem(
                    example.line, f"commands here are {', '.join(sorted(COMMANDS))}; show others as sh"
                )
                return block.lines
            status, printed = self.call(example.command, status)
            expected = place + 1 < len(found) and found[place + 1].command == "echo $?"
            if (status != 0) != expected:
                self.problem(
                    example.line,
                    f"{example.command!r} exits {status}; "
                    + ("show that with '$ echo $?' below it" if status else "'$ echo $?' says nothing then"),
                )
            if any(line.startswith("Traceback ") for line in printed):
                self.problem(example.line, f"{example.command!r} prints a traceback")
            real += example.prompt
            real += example.shown if fits(example.shown, printed) else printed
        return real

    def call(self, command: str, status: int) -> tuple[int, list[str]]:
        """Let the shell run ``command`` after one that ended with ``status``; return status and lines."""
        done = subprocess.run(
            ["sh", "-c", f"(exit {status})\n{command}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # a terminal shows both
            timeout=LONGEST,
            check=False,
            encoding="utf-8",
        )
        return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]


def surroundings(folder: str) -> dict[str, str]:
    """Return the environment of the commands: 80 columns, no colour, a home of their own."""
    programs = os.path.join(folder, "bin")
    home = os.path.join(folder, "home")
    os.makedirs(programs)
    os.makedirs(home)
    for name, call in (("schedsim", "-P -m schedsim"), ("python", "")):
        path = os.path.join(programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec '{sys.executable}' {call} \"$@\"\n")
        os.chmod(path, 0o700)
    return {
        "COLUMNS": "80",
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "LINES": "24",
        "MPLBACKEND": "Agg",
        # Drawing for the first time takes seconds for a list of fonts, so all pages share it.
        "MPLCONFIGDIR": os.path.join(os.path.dirname(folder), "matplotlib"),
        "NO_COLOR": "1",
        "PATH": programs + os.pathsep + os.environ.get("PATH", os.defpath),
        "PYTHONPATH": ROOT,
        "PYTHONUTF8": "1",
        "TERM": "dumb",
    }


def make_lab_pages(*, check: bool) -> int:
    """Write the pages in ``docs/labs`` anew that are not as the labs are, or say which; return the exit status."""
    from scripts import lab_pages

    found = lab_pages.outdated()
    for path, text in found.items():
        print(f"{path}: {'is not as its lab' if check else 'made anew'}")
        if not check:
            os.makedirs(os.path.join(ROOT, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
                file.write(text)
    strays = lab_pages.strays()
    for path in strays:
        print(f"{path}: there is no such lab; remove the page")
    return int(bool(strays or (check and found)))


def main(arguments: list[str]) -> int:
    """Run the pages; write them anew, or with ``--check`` only say which would change."""
    check = "--check" in arguments
    status = 0
    named = [os.path.relpath(argument, ROOT) for argument in arguments if argument != "--check"]
    if not named or any(name.startswith("docs/labs/") for name in named):
        status = make_lab_pages(check=check)
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(named or pages()):
            page = Page(name, os.path.join(folder, str(number)))
            text = page.run()
            for problem in page.problems:
                print(problem)
            if text != page.text:
                print(f"{name}: {'shows what is not so' if check else 'updated'}")
                if not check:
                    with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
                        file.write(text)
            if page.problems or (check and text != page.text):
                status = 1
    return status


if __name__ == "__main__":
    sys.path.insert(0, ROOT)  # this checkout, whether it is installed or not
    sys.exit(main(sys.argv[1:]))
