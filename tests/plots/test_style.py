"""Colours, hatches and letters: told apart by everyone, in grey too, and measured rightly."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from schedsim.gantt import PALETTE
from schedsim.plots import style


def luminance(colour):
    """Return how bright a colour is in grey, from 0 to 1 (ITU-R BT.601, as printers and Pillow have it)."""
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def seen_by_protanopes(colour):
    """Return red, green and blue as someone without red cones sees them (Vienot, Brettel, Mollon 1999)."""
    red, green, blue = (value**2.2 for value in to_rgb(colour))
    mixed = 0.11238 * red + 0.88762 * green
    return (mixed, mixed, 0.00401 * red - 0.00401 * green + blue)


def test_a_job_has_the_colour_that_the_terminal_gives_it():
    """The palette is the same, place by place."""
    assert [colour for colour, _ in PALETTE] == [style.look(job).colour for job in range(8)]
    assert style.look(3).colour == style.look(11).colour


def test_sixty_four_jobs_are_told_apart():
    """By colour and hatch together; by the hatch alone within eight neighbours."""
    looks = {(style.look(job).colour, style.look(job).hatch) for job in range(64)}
    assert 64 == len(looks)
    for first in (0, 8, 32):
        assert 8 == len({style.look(job).hatch for job in range(first, first + 8)})


@pytest.mark.parametrize("job", range(8))
def test_words_on_a_bar_can_be_read(job):
    """The contrast of ink and colour is at least 4.5 to 1, as WCAG wants it."""

    def linear(value):
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    def relative(colour):
        red, green, blue = map(linear, to_rgb(colour))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    look = style.look(job)
    light, dark = sorted((relative(look.colour), relative(look.ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_palette_is_safe_for_the_colour_blind():
    """No two colours of jobs are near to each other for someone without red cones."""
    seen = [seen_by_protanopes(colour) for colour, _ in PALETTE]
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for place, one in enumerate(seen)
        for other in seen[:place]
    ]
    assert min(distances) > 0.05


def test_what_is_stacked_is_told_apart_in_grey():
    """Work, waiting, switching, the best and the others differ in brightness."""
    for one, other in (
        (style.BUSY, style.SWITCHING),
        (style.BUSY, style.WAITING),
        (style.BEST, style.OTHER),
    ):
        assert abs(luminance(one) - luminance(other)) > 0.2


@pytest.mark.parametrize("text", ["turnaround", "WWWW", "iiii", "J1", "long name with blanks"])
def test_widths_are_those_that_are_drawn(text):
    """What is measured is what matplotlib draws, to a few percent."""
    figure = Figure(dpi=300)
    canvas = FigureCanvasAgg(figure)
    with style.ours():
        drawn = figure.text(0, 0, text, fontsize=style.SIZE).get_window_extent(canvas.get_renderer())
    assert style.width_of(text) == pytest.approx(drawn.width / 300 * 72, rel=0.06, abs=0.6)


def test_a_text_is_cut_to_its_room():
    """With a mark at the end; not at all where it fits; to nothing where nothing does."""
    assert "short" == style.cut("short", 100)
    cut = style.cut("a name that is much too long", 60)
    assert cut.endswith("…")
    assert style.width_of(cut) <= 60
    assert "" == style.cut("W", 1)


def test_names_that_begin_alike_are_cut_inside():
    """So that what tells them apart is left; others are cut at their ends."""
    names = ["the same beginning 1", "the same beginning 2", "another and quite long name", "short"]
    cut = style.cut_all(names, 60.0)
    assert 4 == len(set(cut))
    assert all(style.width_of(text) <= 60 for text in cut)
    assert [True, True, False, False] == [text.endswith(tuple("12")) for text in cut]
    assert style.cut(names[2], 60.0) == cut[2]
    assert ["x y", "x y"] == style.cut_all(["x y", "x y"], 60.0)


def test_lines_are_as_long_as_there_is_room():
    """Broken at blanks; a word that is too long is cut."""
    text = "the quick brown fox jumps over the lazy dog"
    for room in (60, 100, 200):
        found = style.lines(text, room)
        assert text == " ".join(found)
        assert all(style.width_of(line) <= room for line in found)
    (cut,) = style.lines("a-word-that-is-too-long", 60)
    assert cut.startswith("a-w")
    assert cut.endswith("…")


def test_letters_that_the_font_lacks():
    """They are shown by their code points."""
    assert "\\u4e2d" == style.printable("\u4e2d")
    assert "é…─" == style.printable("é…─")
