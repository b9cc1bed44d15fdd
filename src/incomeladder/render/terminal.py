"""Blocks on a terminal, by rich: colour beside the marks that already tell, and never wider than the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from incomeladder.render.blocks import Grid, Line
from incomeladder.render.plain import column_widths, stands_apart
from incomeladder.render.width import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.render.blocks import Block
    from incomeladder.render.wording import Words

# A rule of hyphens under the headings: the lines of other boxes are two columns wide on old Chinese consoles.
_RULED = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
_STYLES = {"": "", "same": "bold", "up": "green", "down": "yellow", "floor": "bold red"}


def show(blocks: Sequence[Block], words: Words, file: TextIO) -> None:
    """Print the document on the terminal behind ``file``."""
    print_blocks(blocks, words, Console(file=file, highlight=False, markup=False, emoji=False))


def print_blocks(blocks: Sequence[Block], words: Words, console: Console) -> None:
    """Print the document; what does not fit is named, with where to see it."""
    for number, block in enumerate(blocks):
        if stands_apart(blocks, number):
            console.print()
        if isinstance(block, Line):
            for line in wrap(block.text, console.width):
                console.print(Text(line, style="bold underline" if block.title else ""))
            continue
        fitted, left_out = _fit(block, console.width)
        console.print(_table(fitted))
        if left_out:
            console.print(Text(words("say.columns_left_out", columns=left_out)))


def _fit(grid: Grid, columns: int) -> tuple[Grid, list[str]]:
    """The grid without as many of its spare columns as it takes."""
    left_out: list[int] = []
    widths = column_widths(grid)
    for number in grid.spare:
        shown = [width + grid.gap for place, width in enumerate(widths) if place not in left_out]
        if sum(shown) - grid.gap <= columns:
            break
        left_out.append(number)
    kept = [number for number in range(len(grid.headings)) if number not in left_out]
    return grid.columns(kept), [grid.headings[number] for number in sorted(left_out)]


def _table(grid: Grid) -> Table:
    table = Table(box=_RULED, padding=(0, grid.gap - 1, 0, 0), pad_edge=False, show_edge=False)
    for number, heading in enumerate(grid.headings):
        table.add_column(Text(heading), justify="right" if number in grid.right else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*(Text(cell.text, style=_STYLES[cell.style]) for cell in row))
    return table
