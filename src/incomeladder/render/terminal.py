"""Blocks on a terminal, by rich: colour beside the marks that already tell, and never wider than the window."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from incomeladder.render.blocks import Grid, Line, Page
from incomeladder.render.fitting import allotted, by_row, spared
from incomeladder.render.plain import stands_apart
from incomeladder.render.width import pad, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import JustifyMethod

    from incomeladder.render.blocks import Bars, Block, Cell
    from incomeladder.render.wording import Words

# A rule of hyphens under the headings: the lines of other boxes are two columns wide on old Chinese consoles.
_RULED = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
_STYLES = {"": "", "same": "bold", "up": "", "down": "", "floor": "bold red"}
_GROUNDS: Final = {
    "same": ("grey78", "grey66"),
    "up": ("color(157)", "color(114)"),
    "down": ("color(223)", "color(215)"),
}
"""Light enough for black letters, whatever the terminal's own colours are; not its own black, which is grey if bold."""
_MANY_COLOURS: Final = frozenset({"256", "truecolor"})
_SET_BY_PYTHON: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What LC_CTYPE becomes where nothing, or C, is the locale."""
_READABLE: Final = 100
"""Columns beyond which the eye loses the line."""


def console(file: TextIO) -> Console:
    """The terminal behind ``file``."""
    return Console(file=file, highlight=False, markup=False, emoji=False)


def page(console: Console) -> Page:
    """What a terminal has room for, and can draw."""
    bars: Bars = "smooth" if _draws_blocks(console, os.environ) else "plain"
    return Page(console.width, bars, shaded=console.color_system in _MANY_COLOURS and not console.no_color)


def _draws_blocks(console: Console, environment: Mapping[str, str]) -> bool:
    """Only what says that it does: other consoles lack eighths of a block, or draw them twice as wide."""
    if console.is_dumb_terminal or console.legacy_windows or not console.encoding.startswith("utf"):
        return False
    if "WT_SESSION" in environment:  # Windows Terminal, which has no locale
        return True
    # The order in which POSIX looks for the encoding.
    said = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    said[1] = "" if said[1] in _SET_BY_PYTHON else said[1]
    locale = next(filter(None, said), "")
    return "utf" in locale.lower() and environment.get("TERM") != "linux"


def print_blocks(blocks: Sequence[Block], words: Words, console: Console) -> None:
    """Print the document; what does not fit is named, with where to see it."""
    for number, block in enumerate(blocks):
        if stands_apart(blocks, number):
            console.print()
        if isinstance(block, Line):
            _print_wrapped(block.text, console, "bold underline" if block.title else "")
        else:
            _print_grid(block, words, console)


def _print_wrapped(text: str, console: Console, style: str = "") -> None:
    for line in wrap(text, min(console.width, _READABLE)):
        console.print(Text(line, style=style))


def _print_grid(grid: Grid, words: Words, console: Console) -> None:
    fitted, left_out = spared(grid, console.width)
    widths = allotted(fitted, console.width)
    if widths is None:
        _print_rows(grid, words, console)
        return
    console.print(_table(fitted, widths, shaded=page(console).shaded))
    if left_out:
        _print_wrapped(words("say.columns_left_out", columns=left_out), console)


def _print_rows(grid: Grid, words: Words, console: Console) -> None:
    """A line a cell, where not even the columns that cannot be spared stand side by side."""
    for number, row in enumerate(by_row(grid)):
        if number:
            console.print()
        for heading, cell in row:
            _print_wrapped(words("title.group", name=heading, value=cell.text), console, _STYLES[cell.style])


def _table(grid: Grid, widths: Sequence[int], *, shaded: bool) -> Table:
    table = Table(box=_RULED, padding=(0, grid.gap - 1, 0, 0), pad_edge=False, show_edge=False)
    for number, (heading, columns) in enumerate(zip(grid.headings, widths, strict=True)):
        justify: JustifyMethod = "right" if number in grid.right else "left"
        table.add_column(Text(heading), justify=justify, overflow="fold", width=columns)
    for row in grid.rows:
        cells = zip(row, widths, strict=True)
        table.add_row(
            *(_shaded(cell, columns) if shaded and cell.shade else _text(cell, columns) for cell, columns in cells)
        )
    return table


def _text(cell: Cell, columns: int) -> Text:
    return Text("\n".join(wrap(cell.text, columns)), style=_STYLES[cell.style])


def _shaded(cell: Cell, columns: int) -> Text:
    """On a ground that fills the whole cell."""
    ground = _GROUNDS[cell.style][cell.shade - 1]
    return Text(pad(cell.text, columns, right=True), style=f"{_STYLES[cell.style]} color(16) on {ground}")
