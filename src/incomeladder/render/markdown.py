"""Blocks as Markdown that pastes well into a document, in whatever dialect it is read."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from incomeladder.render.blocks import Grid, Line
from incomeladder.render.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.render.blocks import Block

_NARROWEST: Final = 3
"""Hyphens that every dialect takes for a rule."""


def markdown(blocks: Sequence[Block]) -> str:
    """Titles as headings, sentences as paragraphs, grids as tables, notes as a list."""
    return "\n\n".join(_pieces(blocks)) + "\n"


def _pieces(blocks: Sequence[Block]) -> Iterator[str]:
    for noted, group in groupby(blocks, lambda block: isinstance(block, Line) and block.note):
        pieces = map(_block, group)
        if noted:
            yield "\n".join(f"- {piece}" for piece in pieces)
        else:
            yield from pieces


def _block(block: Block) -> str:
    if isinstance(block, Line):
        return f"{'## ' if block.title else ''}{_begun(_escaped(block.text))}"
    return _table(block)


def _table(grid: Grid) -> str:
    """Padded, since some readers take the widths of columns from the rule."""
    texts = [grid.headings, *(tuple(cell.text for cell in row) for row in grid.rows)]
    rows = [[_escaped(text).strip() for text in row] for row in texts]
    widths = [max(_NARROWEST, *map(width, column)) for column in zip(*rows, strict=True)]
    lines = [[pad(text, widths[at], right=at in grid.right) for at, text in enumerate(row)] for row in rows]
    rule = [
        "-" * (columns - 1) + ":" if at in grid.right else ":" + "-" * (columns - 1)
        for at, columns in enumerate(widths)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (lines[0], rule, *lines[1:]))


def _escaped(text: str) -> str:
    """Nothing from data is markup or a link.

    What not every dialect lets a backslash escape is written as a character reference.
    """
    quoted = re.sub(r"([\\`*_{}\[\]>#|]|-(?=-)|(?<=-)-)", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return re.sub(r"[~$^@]|:(?=//|[a-z_+-]+:)|(?<=www)\.", lambda found: f"&#{ord(found[0])};", quoted)


def _begun(text: str) -> str:
    """No list, where a line only begins like one."""
    return re.sub(r"^(\d*)([-+.)])(?=\s|$)", r"\1\\\2", text)
