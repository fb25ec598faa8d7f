"""The pages name everything that there is, and say nothing that is not so."""

from __future__ import annotations

import json
import os
import re
import shlex

import pytest

from schedsim.mixfile.fields import JOB_FIELDS, MIX_FIELDS
from schedsim.policies import ALIASES, NAMES, PLANNED, policy_class
from schedsim.policies.options import describe_options
from schedsim.summary import option_value
from schedsim.trace import Header, Kind
from scripts.update_docs import ROOT, pages
from tests.cli.calling import schedsim


def read(page: str) -> str:
    """Return the text of a page."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        return file.read()


def rows(page: str) -> list[list[str]]:
    """Return the cells of all tables of a page."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in read(page).splitlines()
        if line.startswith("| ")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_policys_page_names_its_parameters(name):
    """The table of parameters has each one, with the default that the class has, and no other."""
    defaults = describe_options(policy_class(name)(), "ms", every=True)
    expected = {
        f"`{field}`": "none" if default == [] else f"`{option_value(default)}`"
        for field, default in defaults.items()
    }
    told = {row[0]: row[1] for row in rows(f"docs/policies/{name}.md") if row[0].startswith("`")}
    assert expected == told


SECTIONS = ["Rule", "Worked example", "Good for", "Fails when", "Beware", "Source"]


@pytest.mark.parametrize("name", NAMES)
def test_a_policys_page_has_its_parts(name):
    """Rule, example, good for, fails when, what to beware of, and source, in this order."""
    titles = re.findall(r"^## (.*)$", read(f"docs/policies/{name}.md"), re.MULTILINE)
    assert SECTIONS == [title for title in titles if title in SECTIONS]


def test_the_list_of_policies_is_whole():
    """docs/policies/index.md links to each policy with its parameters, and has all aliases."""
    table = rows("docs/policies/index.md")
    linked = {row[0]: row[3] for row in table if row[0].startswith("[`")}
    assert {f"[`{name}`]({name}.md)" for name in NAMES} == set(linked)
    for name in NAMES:
        parameters = ", ".join(f"`{field}`" for field in policy_class(name).fields)
        assert parameters == linked[f"[`{name}`]({name}.md)"].strip(" |")
    aliases = {row[0].strip("`"): re.findall("`(.*?)`", row[1]) for row in table if len(row) == 2}
    told = {alias: name for name, said in aliases.items() if name in NAMES for alias in said}
    assert told == ALIASES


def test_what_is_planned_is_said():
    """README and the list of policies name what there is not yet."""
    for name in PLANNED:
        assert f"`{name}`" in read("README.md")
        assert f"`{name}`" in read("docs/policies/index.md")


def test_every_field_of_a_mix_is_explained():
    """docs/mix-files.md has a row for each field of a job and each key of a mix."""
    explained = {name for row in rows("docs/mix-files.md") for name in re.findall("`(.*?)`", row[0])}
    assert set(JOB_FIELDS) <= explained
    assert set(MIX_FIELDS) - {"jobs", "algo", "options", "id"} <= explained


def test_every_row_of_a_trace_is_explained():
    """docs/trace-format.md has each kind of row and each key of the header."""
    explained = {name for row in rows("docs/trace-format.md") for name in re.findall("`(.*?)`", row[0])}
    assert {kind.name.lower() for kind in Kind} <= explained
    assert set(Header._fields) <= explained


SUM = re.compile(r"((?:\(?\d[\d.]*\)?|[-+/\u00d7() ]){3,}) = (\d+(?:\.\d+)?)(?![\d^])")


def sums() -> list[tuple[str, str, str]]:
    """Return page, left side and right side of every sum in the pages on policies and the tutorial."""
    found = []
    for name in [*(f"docs/policies/{policy}.md" for policy in NAMES), "docs/tutorial.md"]:
        prose = re.sub(r"^```.*?^```$", "", read(name), flags=re.DOTALL | re.MULTILINE)
        found += [
            (name, left.strip(), right)
            for left, right in SUM.findall(prose)
            if re.search(r"\d [-+/\u00d7] ?", left)
        ]
    return found


def test_sums_are_right():
    """Every sum that a page shows is right, to the digits that it shows."""
    assert len(sums()) > 100
    for page, left, right in sums():
        value = eval(left.replace("\u00d7", "*"), {"__builtins__": {}})  # noqa: S307 - digits and signs alone
        digits = len(right.partition(".")[2])
        assert float(right) == pytest.approx(value, abs=0.51 * 10**-digits), f"{page}: {left} = {right}"


def inline_commands() -> list[str]:
    """Return the whole commands that stand in the text of a page, and not in a block."""
    found = set()
    for page in pages():
        prose = re.sub(r"^( *)```.*?^\1```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
        found |= set(
            re.findall(r"`schedsim ((?:run|compare|explain|mixes|policies|generate) [^`\[]+)`", prose)
        )
    return sorted(command for command in found if not re.search(r"\b[A-Z]{2,}\b|\.csv", command))


@pytest.mark.parametrize("command", inline_commands())
def test_commands_in_the_text_run(command):
    """What a reader is told to type, in passing, works."""
    done = schedsim(*shlex.split(command))
    assert (0, "") == (done.status, done.err)
    assert done.out


def test_there_are_commands_in_the_text():
    """The test above has something to go through."""
    assert len(inline_commands()) > 8


def cells() -> list[dict]:
    """Return the cells of the notebook."""
    found: list[dict] = json.loads(read("notebooks/01-first-steps.ipynb"))["cells"]
    return found


def test_the_notebook_runs(capsys):
    """Every cell runs after the ones before it; what a cell ends with shows itself as HTML."""
    namespace: dict = {}
    shown = 0
    for cell in cells():
        if cell["cell_type"] != "code":
            continue
        *body, last = re.split(r"\n(?=\S)", "".join(cell["source"]))
        exec("\n".join(body), namespace)  # noqa: S102 - the notebook is this project's own
        if re.match(r"ss\.\w+\(", last):
            value = eval(last, namespace)  # noqa: S307 - as above
            assert "<table" in value._repr_html_()
            shown += 1
        else:
            exec(last, namespace)  # noqa: S102 - as above
    assert shown == 4
    assert capsys.readouterr().out.count("turnaround") == 5


def test_the_notebook_holds_no_output():
    """What a notebook shows is made by running it, and is not stored."""
    for cell in cells():
        if cell["cell_type"] == "code":
            assert (None, []) == (cell["execution_count"], cell["outputs"])
