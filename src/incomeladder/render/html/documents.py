"""Any report as a page: its titles as headings, its sentences as paragraphs, its grids as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.blocks import Grid
from incomeladder.render.html.nodes import first, heading, node, number, table
from incomeladder.render.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from incomeladder.render.blocks import Block, Cell


_BLOCKS: Final = frozenset(map(chr, range(0x2588, 0x2590)))
_LONGEST_ID: Final = 24
_SENTENCE: Final = 40
"""Columns from which on a text is a sentence, and takes room from other cells."""
_SHADES: Final = ("", "h2", "h3")
"""Grounds of cells that are a good part of their row, and a large one."""


def contents(blocks: Iterable[Block], title: str) -> list[Element]:
    """The blocks in their order; the first title is the page's, and the page's ``title`` is it where there is none."""
    made: list[Element] = []
    caption = title
    for block in blocks:
        if isinstance(block, Grid):
            made.append(grid(block, caption))
        elif block.title:
            caption = block.text
            made.append(node("h2" if made else "h1", caption))
        else:
            made.append(node("p", block.text))
    return made if made and made[0].tag == "h1" else [node("h1", title), *made]


def grid(told: Grid, caption: str) -> Element:
    """A grid as a table; what a style means its text says as well."""
    headings = [heading(text, class_="n" if place in told.right else "t") for place, text in enumerate(told.headings)]
    made = table(caption, [headings], ([*_cells(row, told.right)] for row in told.rows))
    for named in made.iter("caption"):
        named.set("class", "unseen")  # the heading above says the same
    return made


def _cells(row: tuple[Cell, ...], right: frozenset[int]) -> Iterable[Element]:
    for place, cell in enumerate(row):
        kinds = ("n" if place in right else "t", cell.style, _SHADES[cell.shade], _room(cell.text))
        marked = {"class_": " ".join(filter(None, kinds))}
        if place == 0 and place not in right:
            yield first(cell.text, **marked)
        else:
            yield (number if place in right else _text)(cell.text, **marked)


def _room(text: str) -> str:
    """What a cell is that may not break, an id or the blocks of a bar; or one that needs room, a sentence."""
    if _BLOCKS & set(text):
        return "blocks"
    if width(text) > _SENTENCE:
        return "said"
    return "id" if text.isascii() and text.isalnum() and len(text) <= _LONGEST_ID else ""


def _text(text: str, **attributes: str) -> Element:
    return node("td", text, **attributes)
