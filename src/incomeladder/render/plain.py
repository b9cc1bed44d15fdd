"""Blocks as plain text: no colour, no boxes, no cut columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.blocks import Grid, Line
from incomeladder.render.width import pad, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.render.blocks import Block


def plain(blocks: Sequence[Block]) -> str:
    """The document as text; titles and grids stand apart by an empty line."""
    pieces: list[str] = []
    for number, block in enumerate(blocks):
        pieces += [""] if stands_apart(blocks, number) else []
        pieces += [block.text] if isinstance(block, Line) else grid_lines(block)
    return "\n".join(pieces) + "\n"


def stands_apart(blocks: Sequence[Block], number: int) -> bool:
    """Whether an empty line goes before a block: before and after grids, and before titles."""
    if not number:
        return False
    block, above = blocks[number], blocks[number - 1]
    return isinstance(block, Grid) or block.title or isinstance(above, Grid)


def column_widths(grid: Grid) -> list[int]:
    """The widest cell of each column, its heading included."""
    texts = [[heading, *(row[number].text for row in grid.rows)] for number, heading in enumerate(grid.headings)]
    return [max(map(width, column)) for column in texts]


def grid_lines(grid: Grid) -> list[str]:
    """Headings, a rule, and rows, aligned."""
    widths = column_widths(grid)
    rows = [
        grid.headings,
        tuple("-" * columns for columns in widths),
        *(tuple(c.text for c in row) for row in grid.rows),
    ]
    return [(" " * grid.gap).join(_padded(row, widths, grid.right)).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> Iterator[str]:
    for number, (text, columns) in enumerate(zip(row, widths, strict=True)):
        yield pad(text, columns, right=number in right)


def grid_width(grid: Grid) -> int:
    """Columns that the grid takes as plain text."""
    return sum(column_widths(grid)) + grid.gap * (len(grid.headings) - 1)
