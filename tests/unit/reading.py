"""Reading a page as a browser does."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import schedsim as ss
from schedsim.report import page

# What HTML lets one leave out the end of.
MAY_STAY_OPEN = {"td", "th", "tr", "path", "br", "input", "meta", "link"}


class Content(HTMLParser):
    """Reads a page as a browser does: elements with their attributes, and the words of each kind of element."""

    def __init__(self, text):
        """Read ``text``."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element, which begins a text of its own."""
        self.elements.append((tag, dict(attrs)))
        self.words.setdefault(tag, []).append("")
        if tag not in MAY_STAY_OPEN:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Note the end, which must be that of the innermost element."""
        if tag not in MAY_STAY_OPEN:
            assert tag == self.open.pop()

    def handle_data(self, data):
        """Note words, for the element that began last and for all around it."""
        last = [self.elements[-1][0]] if self.elements else []
        for tag in {*last, *self.open}:
            self.words[tag][-1] += data

    def texts(self, tag):
        """Return the words of all elements of a kind, blanks joined."""
        return [" ".join(text.split()) for text in self.words.get(tag, [])]


def record(text):
    """Return the object that the page's script reads."""
    return json.loads(re.search(r'<script type="application/json" id="record">(.*?)</script>', text)[1])


def made(mix, algos, **options):
    """Return the page of ``mix`` under ``algos``."""
    return page(ss.compare(mix, algos, notes=True, **options).runs)
