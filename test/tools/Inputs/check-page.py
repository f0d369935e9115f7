"""Checks a page of tile-bench: check-page.py PAGE.html: every element is closed, it runs nothing, and it refers to nothing outside."""

import html.parser
import sys

EMPTY = {"meta", "link", "br", "img"}


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "iframe", "object", "embed", "form"), tag
        self.seen.append(tag)
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "href") or value.startswith("data:"), (tag, name, value)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())


checker = Checker()
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
checker.feed(text)
checker.close()
assert not checker.open, checker.open
assert checker.seen.count("main") == 1 and "h1" in checker.seen
assert "@import" not in text and "url(" not in text
