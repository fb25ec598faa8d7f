"""Tables as values: the same words as text, HTML and CSV."""

from __future__ import annotations

import csv as reader
import re
from html import unescape
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedsim.tables import (
    Column,
    Page,
    Table,
    csv,
    cut,
    html,
    listing,
    paragraph,
    plain,
    show_cell,
    text,
    width_of,
    wrap,
)

SMALL = Table(
    (Column("job", left=True), Column("finish", exact=True), Column("slowdown")),
    (("A", 12.5, 1.0), ("日本", 3, 17 / 3), ("<b>", None, 2.25)),
    foot=(("mean", "", 8 / 3),),
    best=frozenset({(0, 2)}),
    title="Jobs",
    more="... 7 more",
)

WRAPPING = Table(
    (Column("policy", left=True), Column("rule", left=True, wraps=True)),
    (("rr", "everyone in turn, for one quantum at a time\nquantum=4"),),
)


def shown(table, width=None, encoding="utf-8"):
    """Return the lines of a table without styles."""
    return plain(text(table, Page(width, encoding))).splitlines()


def test_a_block_without_a_foot():
    """The mean stands where it says something, also that there is none, and not below a column without one."""
    table = Table(
        (Column("job", left=True), Column("finish"), Column("slowdown"), Column("state", left=True)),
        (("A", 12, 2.25, "zombie"),),
        foot=(("mean", "", None, ""),),
    )
    assert [
        "job   finish  slowdown",
        "A         12      2.25",
        "----------------------",
        "mean                 -",
        "",
        "job   state",
        "A     zombie",
    ] == shown(table, 22)


def test_a_table_as_text():
    """Words stand at the left, numbers with their points below each other, the mark behind the best."""
    assert [
        "Jobs",
        "job   finish  slowdown",
        "A       12.5     1*",
        "日本     3       5.67",
        "<b>        -     2.25",
        "----------------------",
        "mean             2.67",
        "* best in its column",
        "... 7 more",
    ] == shown(SMALL)


def test_a_table_too_wide_is_shown_in_blocks():
    """Nothing is left out on a narrow page: further columns follow below, each block with the first one."""
    assert [
        "Jobs",
        "job   finish",
        "A       12.5",
        "日本     3",
        "<b>        -",
        "",
        "job   slowdown",
        "A        1*",
        "日本     5.67",
        "<b>      2.25",
        "--------------",
        "mean     2.67",
        "* best in its",
        "column",
        "... 7 more",
    ] == shown(SMALL, 14)


def test_a_column_that_wraps_takes_the_room_there_is():
    """A long cell goes on in further lines, below itself."""
    assert [
        "policy  rule",
        "rr      everyone in turn, for one",
        "        quantum at a time",
        "        quantum=4",
    ] == shown(WRAPPING, 34)


def test_without_a_width_nothing_is_broken():
    """Where nobody looks at the width every row is one line, but for the breaks that are in a cell."""
    assert "rr      everyone in turn, for one quantum at a time" == shown(WRAPPING)[1]


def test_only_the_best_is_styled_so():
    """A terminal can colour the best value alone; the mark is there without colour."""
    styled = [words for line in text(SMALL, Page(80)) for words, style in line if style == "best"]
    assert ["1*"] == [words.strip() for words in styled]


def test_a_table_as_html_has_the_same_words():
    """Title, heads, cells, legend and what was left out are those of the text, escaped."""
    page = html(SMALL)
    assert "<b>" not in page
    words = [unescape(word) for word in re.findall(r">([^<>]+)<", page)]
    assert ["Jobs", "job", "finish", "slowdown", "A", "12.5", "1*", "日本", "3", "5.67"] == words[:10]
    assert sorted(" ".join(words).split()) == sorted(
        word for line in shown(SMALL) for word in line.split() if set(word) != {"-"} or word == "-"
    )


def test_a_table_as_csv():
    """RFC 4180, every digit, an empty cell for what there is not, and no rows about rows."""
    table = Table(
        (Column("id"), Column("x"), Column("knows")), (('a,"b"', 17 / 3, True), ("é", None, False)), (("m",),)
    )
    assert 'id,x,knows\r\n"a,""b""",5.666666666666667,true\r\né,,false\r\n' == csv(table)


@given(st.lists(st.tuples(st.text(), st.integers(), st.floats(allow_nan=False)), max_size=5))
def test_csv_can_be_read_back(rows):
    """Whatever is in a cell, another program reads the same."""
    made = csv(Table((Column("a"), Column("b"), Column("c")), tuple(rows)))
    read = list(reader.reader(StringIO(made, newline="")))
    assert [[a, str(b), str(c)] for a, b, c in rows] == read[1:]


@pytest.mark.parametrize(
    ("cell", "exact", "words"),
    [
        pytest.param(None, False, "-", id="nothing"),
        pytest.param(True, False, "yes", id="truth"),
        pytest.param(17 / 3, False, "5.67", id="rounded"),
        pytest.param(17 / 3, True, "5.666666666666667", id="exact"),
        pytest.param(9.0, False, "9", id="whole"),
        pytest.param(9.0, True, "9", id="whole and exact"),
        pytest.param(0.0, False, "0", id="zero"),
        pytest.param(0.29411, False, "0.294", id="below one"),
        pytest.param(0.0000123, False, "0.0000123", id="tiny"),
        pytest.param(0.000001, True, "0.000001", id="tiny and exact"),
        pytest.param(1234567.891, False, "1234567.89", id="large"),
        pytest.param("x", False, "x", id="words"),
    ],
)
def test_a_cell_in_words(cell, exact, words):
    """Numbers are rounded to what a reader needs, and never have an exponent."""
    assert words == show_cell(cell, exact=exact)


@pytest.mark.parametrize(("words", "width"), [("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("", 0)])
def test_width(words, width):
    """East Asian characters take two columns, combining ones none."""
    assert width == width_of(words)


@pytest.mark.parametrize(
    ("words", "width", "kept"),
    [("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("日本語", 4, "日…"), ("abc", 1, "…"), ("abc", 0, "")],
)
def test_cut(words, width, kept):
    """What does not fit ends in a mark, and is never wider than asked for."""
    assert kept == cut(words, width)
    assert width_of(kept) <= width


def test_wrap():
    """Lines break at blanks, and a word that is too long stays whole."""
    assert ["a bc", "defghij", "k"] == wrap("a bc defghij k", 5)
    assert ["a bc defghij k"] == wrap("a bc defghij k", None)
    assert ["a bc", "de", "fg"] == wrap("a bc de fg", 6, 2)
    assert ["  a b", "c d"] == wrap("  a b c d", 5)


def test_paragraph_and_listing():
    """Further lines are indented; a listing breaks between its items alone."""
    assert "one two\n  three\n  four\n" == plain(paragraph("one two three four", Page(8), indent="  "))
    assert "one two,\nthree four\n" == plain(listing(["one two", "three four"], Page(12)))


def test_what_an_encoding_lacks_is_written_as_its_code_point():
    """A terminal that knows ASCII alone is shown something, in columns of the right width."""
    assert ["\\u65e5\\u672c     3       5.67"] == [
        line for line in shown(SMALL, None, "ascii") if line.startswith("\\")
    ]
    assert not Page(80, "ascii").unicode
    assert Page(80, "utf-8").unicode
    assert not Page(80, "no-such-encoding").unicode
