"""The pages in docs/labs are made from the labs, and are as these are."""

from __future__ import annotations

from schedsim.labs import names
from scripts.lab_pages import INDEX, outdated, pages, strays, without_outputs


def test_the_pages_are_as_the_labs_are():
    """Texts, tables and drawings; what the commands print is held by tests/test_docs.py."""
    assert [] == list(outdated()), "run python scripts/update_docs.py"
    assert [] == strays()


def test_each_lab_has_a_page_and_a_row():
    """And the list links to it."""
    made = pages()
    assert {INDEX, *(f"docs/labs/{name}.md" for name in names())} == set(made)
    assert all(f"[`{name}`]({name}.md)" in made[INDEX] for name in names())


def test_a_page_that_differs_is_seen(tmp_path):
    """One that is not there, one with another word, one of no lab; outputs of commands are not compared."""
    folder = tmp_path / "docs" / "labs"
    folder.mkdir(parents=True)
    made = pages()
    for path, text in made.items():
        (tmp_path / path).write_text(text.replace("\n```\n\nAll labs", "\nprinted\n```\n\nAll labs"))
    assert ({}, []) == (outdated(str(tmp_path)), strays(str(tmp_path)))
    page = folder / "convoy.md"
    page.write_text(made["docs/labs/convoy.md"].replace("the disk", "a disk", 1))
    (folder / INDEX.rpartition("/")[2]).unlink()
    (folder / "none.md").write_text("none")
    assert {INDEX, "docs/labs/convoy.md"} == set(outdated(str(tmp_path)))
    assert ["docs/labs/none.md"] == strays(str(tmp_path))


def test_outputs_are_told_from_commands():
    """Of a console block commands stay, of other blocks all."""
    text = "a\n```console\n$ one\n> more\nprinted\n$ two\n```\nb\n```text\nkept\n```\n"
    assert "a\n```console\n$ one\n> more\n$ two\n```\nb\n```text\nkept\n```\n" == without_outputs(text)
