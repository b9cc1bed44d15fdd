"""Pages as a browser takes them apart, for tests to look into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPTY = frozenset({"meta", "wbr", "br", "link", "img", "input", "hr"})


@dataclass
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def __iter__(self) -> Iterator[Node]:
        return (each for each in self.inside if isinstance(each, Node))

    def all(self, *tags: str) -> list[Node]:
        """The elements below this one, in order; only those of the tags, if any are named."""
        found = []
        for each in self:
            found += [each] if each.tag in tags or not tags else []
            found += each.all(*tags)
        return found

    def section(self, name: str) -> Node:
        return next(each for each in self.all("section") if name in each.classes)

    def rows(self, part: str = "tbody") -> list[list[str]]:
        """The texts of the cells of a table, or of all tables below."""
        return [[cell.text for cell in row] for each in self.all(part) for row in each]


class _Reader(HTMLParser):
    """Refuses what a browser would have to mend: an element that is not closed, or closed by another's end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), (tag, names)
        made = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in EMPTY:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert tag not in EMPTY
        assert self.open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(text: str) -> Node:
    """The ``html`` element of a page."""
    assert text.startswith("<!DOCTYPE html>\n")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    (root,) = reader.open
    (page,) = root
    return page


def rules(css: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rules of a style sheet, those for paper and narrow windows among them."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", bare):
        pairs = (each.split(":", 1) for each in body.split(";") if ":" in each)
        yield selector.strip(), {name.strip(): value.strip() for name, value in pairs}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours after WCAG 2."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
