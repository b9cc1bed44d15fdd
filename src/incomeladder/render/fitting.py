"""A grid in the columns that there are: without what can be spared, long texts in several lines, or row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.plain import column_widths
from incomeladder.render.width import longest_piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.render.blocks import Cell, Grid

_SHORT: Final = 16
"""Texts up to here stay in one line: an id or a name in pieces is read wrong."""
_LONG: Final = 24
"""Words beyond this are paths, which may be folded anywhere."""


def spared(grid: Grid, columns: int) -> tuple[Grid, list[str]]:
    """The grid without as many of its spare columns as it takes, and the headings of those."""
    left_out: list[int] = []
    widths = column_widths(grid)
    for number in grid.spare:
        shown = [width + grid.gap for place, width in enumerate(widths) if place not in left_out]
        if sum(shown) - grid.gap <= columns:
            break
        left_out.append(number)
    kept = [number for number in range(len(grid.headings)) if number not in left_out]
    return grid.columns(kept), [grid.headings[number] for number in sorted(left_out)]


def allotted(grid: Grid, columns: int) -> list[int] | None:
    """The width of each column, long texts folded at spaces; None where numbers or words would have to be broken."""
    wanted, least = column_widths(grid), _least(grid)
    room = columns - grid.gap * (len(least) - 1) - sum(least)
    if room < 0:
        return None
    given = []
    # Those that want the least more come first, so that what they leave goes to the others.
    for left, place in enumerate(sorted(range(len(least)), key=lambda place: wanted[place] - least[place])):
        more = min(wanted[place] - least[place], room // (len(least) - left))
        given.append((place, least[place] + more))
        room -= more
    return [width for _, width in sorted(given)]


def _least(grid: Grid) -> list[int]:
    """How narrow each column can be."""
    widths = column_widths(grid)
    for place, width in enumerate(widths):
        if place not in grid.right and width > _SHORT:
            texts = (grid.headings[place], *(row[place].text for row in grid.rows))
            widths[place] = min(_LONG, max(_SHORT, *map(longest_piece, texts)))
    return widths


def by_row(grid: Grid) -> Iterator[list[tuple[str, Cell]]]:
    """Each row as its headings and cells, without the empty ones."""
    for row in grid.rows:
        yield [(heading, cell) for heading, cell in zip(grid.headings, row, strict=True) if cell.text.strip()]
