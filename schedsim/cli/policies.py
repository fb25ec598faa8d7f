"""``schedsim policies``: what policies there are, and all about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.cli import output
from schedsim.cli.parser import Parser, add_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.policies.base import Policy
    from schedsim.tables import Line, Page, Table


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        "policies",
        "Lists the policies; with a NAME, says all about one: rule, good for, fails when,\nsource, options.",
        ("schedsim policies", "schedsim policies mlfq", "schedsim policies my_policy.py:MyPolicy"),
    )
    made.add_argument("name", nargs="?", metavar="NAME", help="a policy's name, or FILE.py:CLASS")
    made.add_argument("--unit", default="ms", help="the unit of the options' defaults (default: ms)")
    add_output(made)
    return made


def main(given: list[str]) -> int:
    """Run ``schedsim policies``."""
    from schedsim.mixfile.fields import unit_named
    from schedsim.policies import NAMES, policy_class

    arguments = parser().parse(given)
    output.check_output(arguments)
    unit = unit_named(arguments.unit)
    if unit is None:
        from schedsim.errors import UsageError

        raise UsageError(f"unknown unit {arguments.unit!r}; write ns, us, ms or s")
    names = [arguments.name] if arguments.name else list(NAMES)
    found = [_about(policy_class(name), unit) for name in names]
    if arguments.format == "json":
        document: dict[str, Any] = {"schema": "schedsim.policies/1", "unit": unit, "policies": found}
        output.deliver_json(document, arguments)
    elif arguments.format == "csv":
        from schedsim.tables import csv

        output.deliver(csv(_table(found)), arguments)
    elif arguments.name:
        output.deliver_lines(lambda page: _one(found[0], policy_class(arguments.name), unit, page), arguments)
    else:
        output.deliver_lines(lambda page: _all(found, page), arguments)
    return 0


def _about(cls: type[Policy], unit: str) -> dict[str, Any]:
    """Return what is said of a policy, as plain values."""
    from schedsim.policies import ALIASES
    from schedsim.policies.options import describe_options, make_policy

    policy = make_policy(cls.name, {}, unit) if cls.name else cls()
    text = " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
    return {
        "name": cls.label(),
        "rule": text,
        "knows_bursts": bool(policy.clairvoyant),
        "preemptive": bool(policy.preemptive),
        "options": describe_options(policy, unit, every=True),
        "aliases": [alias for alias, name in ALIASES.items() if name == cls.name],
    }


def _table(found: list[dict[str, Any]]) -> Table:
    from schedsim.summary import option_words
    from schedsim.tables import Column, Table

    columns = (
        Column("policy", left=True),
        Column("knows bursts", left=True),
        Column("rule", left=True),
        Column("options", left=True),
    )
    rows = tuple(
        (each["name"], each["knows_bursts"], each["rule"], option_words(each["options"])) for each in found
    )
    return Table(columns, rows)


def _all(found: list[dict[str, Any]], page: Page) -> Iterator[Line]:
    """Yield the list."""
    from schedsim import tables
    from schedsim.summary import option_words

    columns = (
        tables.Column("policy", left=True),
        tables.Column("knows bursts", left=True),
        tables.Column("rule, and options with their defaults", left=True, wraps=True),
    )
    rows = tuple(
        (
            each["name"],
            each["knows_bursts"],
            "\n".join(filter(None, (each["rule"], option_words(each["options"])))),
        )
        for each in found
    )
    yield from tables.text(tables.Table(columns, rows), page)
    yield []
    yield from tables.paragraph("schedsim policies NAME says all about one.", page)


def _one(about: dict[str, Any], cls: type[Policy], unit: str, page: Page) -> Iterator[Line]:
    """Yield all about one policy."""
    from schedsim import tables
    from schedsim.summary import option_value

    yield [(about["name"], "title")]
    yield []
    for paragraph in _paragraphs(cls.__doc__ or "It says nothing of itself."):
        indent = "  " if paragraph.split(":")[0] in ("Good for", "Fails when", "Source") else ""
        yield from tables.paragraph(paragraph, page, "", indent)
    yield []
    said = "Knows bursts: yes; no real scheduler does." if about["knows_bursts"] else "Knows bursts: no."
    yield from tables.paragraph(said, page)
    if about["aliases"]:
        yield from tables.paragraph(f"Also called {', '.join(about['aliases'])}.", page)
    yield from tables.paragraph(
        f"Options, with their defaults in {unit}:" if about["options"] else "No options.", page
    )
    for name, value in about["options"].items():
        yield from tables.paragraph(f"  {name}={option_value(value)}", page, "", "    ")


def _paragraphs(docstring: str) -> list[str]:
    """Return the paragraphs of a docstring without its line breaks; ``Good for:`` and its like begin one."""
    found: list[str] = []
    begins = True
    for line in map(str.strip, docstring.replace("``", "").strip().split("\n")):
        if not line:
            found.append("")
            begins = True
        elif begins or line.startswith(("Good for:", "Fails when:", "Source:")):
            found.append(line)
            begins = False
        else:
            found[-1] += f" {line}"
    return found
