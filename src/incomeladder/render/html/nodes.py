"""The pieces of a page: elements, whose text and attributes are all made safe on their way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement

from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Inside = Element | str | None
    Row = Sequence[Element] | Element

_TOGETHER: Final = 28
"""Rows up to which a table stays on one page of paper."""

_LONG: Final = "scroll"


def node(tag: str, *inside: Inside, **attributes: str | float) -> Element:
    """An element with what is inside it; ``class_`` and ``aria_label`` are how attributes are spelt.

    Nothing of a text can become markup: the tree is serialised only once, at the end.
    """
    made = Element(tag, {_spelt(name): safe(value) for name, value in attributes.items()})
    for each in inside:
        if isinstance(each, Element):
            made.append(each)
        elif each:
            _say(made, safe(each))
    return made


def _spelt(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _say(made: Element, text: str) -> None:
    """Text after what the element already holds."""
    if len(made):
        made[-1].tail = (made[-1].tail or "") + text
    else:
        made.text = (made.text or "") + text


def paragraphs(texts: Iterable[str], **attributes: str | float) -> list[Element]:
    """A paragraph for each text that says anything."""
    return [node("p", text, **attributes) for text in texts if text]


def listed(texts: Iterable[str], **attributes: str | float) -> Element:
    """A list of an item for each text."""
    return node("ul", *(node("li", text) for text in texts), **attributes)


def section(name: str, title: str, *inside: Element | None) -> Element:
    """A part of the page under a heading, which names it for readers that do not see.

    On paper it stays together, unless there is a long table in it.
    """
    made = node("section", node("h2", title, id=name), *inside, aria_labelledby=name, class_=name)
    if made.find(f"div[@class='{_LONG}']") is not None:
        made.set("class", f"{name} long")
    return made


def heading(text: str, **attributes: str | float) -> Element:
    """The heading of a column."""
    return node("th", text, **{"scope": "col", **attributes})


def first(text: str, **attributes: str | float) -> Element:
    """The heading of a row."""
    return node("th", text, scope="row", **attributes)


def number(text: str, **attributes: str | float) -> Element:
    """A cell that holds a number."""
    return node("td", text, **{"class_": "n", **attributes})


def table(caption: str, headings: Sequence[Row], rows: Iterable[Row], feet: Iterable[Row] = ()) -> Element:
    """A table with its caption, in a box of its own that can be scrolled with keys where the window is narrow."""
    made = Element("table")
    made.append(node("caption", caption))
    body = list(rows)
    for part, lines in (("thead", headings), ("tbody", body), ("tfoot", feet)):
        filled = [cells if isinstance(cells, Element) else node("tr", *cells) for cells in lines]
        if filled:
            SubElement(made, part).extend(filled)
    kind = "scroll whole" if len(body) <= _TOGETHER else _LONG
    return node("div", made, class_=kind, tabindex=0, role="group", aria_label=caption)
