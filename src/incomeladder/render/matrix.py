"""The transition matrix as people read it: short labels, and marks that tell moves apart without colour."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.numbers import counted
from incomeladder.render.plain import column_widths, grid_width
from incomeladder.render.wording import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from incomeladder.programme import Ladder, Programme
    from incomeladder.render.blocks import Page, Style
    from incomeladder.render.wording import Words

_OUTSIDE = ("missing", "left", "entered")
_SHADES: Final = (0.1, 0.3)
"""The shares of a row from which a flow is shaded, and shaded darker."""
_MARKS: Mapping[Style, str] = {"same": "=", "up": "+", "down": "-", "": ""}


def blocks(
    matrix: pl.DataFrame, programme: Programme, rounds: Mapping[str, object], words: Words, page: Page
) -> list[Block]:
    """Counts, or percent of each row where counts would be wider than the page."""
    unit, key = largest_unit(programme.ladder)
    cells = {(row["from_band"], row["to_band"]): row for row in matrix.iter_rows(named=True)}
    counts = _grid(cells, unit, words, lambda cell: str(cell["households"]))
    shares = _grid(cells, unit, words, _percent)
    fits = grid_width(counts) <= page.columns
    said, grid = ("say.matrix", counts) if fits else ("say.matrix_shares", shares)
    legend = words("say.matrix_legend") + ("" if fits else words("say.matrix_counts"))
    shaded = [Line(words("say.matrix_shades"))] if page.shaded else []
    return [
        Line(words(said, unit=words(key), **rounds), title=True),
        *_in_parts(grid, page.columns),
        Line(legend),
        *shaded,
    ]


def _in_parts(grid: Grid, columns: int) -> list[Grid]:
    """A matrix of many bands as several of as many of its columns as fit, each with the rows' labels."""
    first, *widths = column_widths(grid)
    parts: list[list[int]] = [[]]
    for number, width in enumerate(widths, start=1):
        taken = first + sum(widths[place - 1] + grid.gap for place in parts[-1])
        if parts[-1] and taken + width + grid.gap > columns:
            parts.append([])
        parts[-1].append(number)
    return [grid.columns((0, *places)) for places in parts]


def _percent(cell: Mapping[str, float | None]) -> str:
    share = cell["row_share"]
    if share is None:
        return str(cell["households"])
    return "<1" if 0 < share < 0.005 else f"{100 * share:.0f}"  # noqa: PLR2004  (what would be rounded to nothing)


def _grid(
    cells: Mapping[tuple[str, str], Mapping[str, float | None]],
    unit: int,
    words: Words,
    told: Callable[[Mapping[str, float | None]], str],
) -> Grid:
    origins = list(dict.fromkeys(origin for origin, _ in cells))
    ends = list(dict.fromkeys(end for _, end in cells))
    order = {name: number for number, name in enumerate(origins)}
    rows = []
    for origin in origins:
        row = [Cell(label(origin, unit, words))]
        for end in ends:
            cell = cells.get((origin, end))
            style = _style(order, origin, end)
            row.append(_cell(cell, style, told))
        rows.append(tuple(row))
    headings = (words("matrix.corner"), *(label(end, unit, words) for end in ends))
    return Grid(headings, tuple(rows), right=frozenset(range(1, len(headings))), gap=1)


def _cell(
    cell: Mapping[str, float | None] | None, style: Style, told: Callable[[Mapping[str, float | None]], str]
) -> Cell:
    if cell is None or cell["households"] == 0:
        return Cell(".")
    if cell["households"] is None:
        return Cell(HIDDEN)
    return Cell(_MARKS[style] + told(cell), style, _shade(cell, style))


def _style(order: Mapping[str, int], origin: str, end: str) -> Style:
    if origin in _OUTSIDE or end in _OUTSIDE:
        return ""
    if origin == end:
        return "same"
    return "up" if order[end] > order[origin] else "down"


def _shade(cell: Mapping[str, float | None], style: Style) -> int:
    """Of a flow between bands, how much of its row it is."""
    return sum((cell["row_share"] or 0) >= least for least in _SHADES) if style else 0


def largest_unit(ladder: Ladder) -> tuple[int, str]:
    """The largest unit in which every edge is a whole number."""
    units: Sequence[tuple[int, str]] = ((10_000, "unit.wan"), (1_000, "unit.thousand"))
    return next((unit for unit in units if not ladder.step % unit[0]), (1, "unit.yuan"))


def label(band: str, unit: int, words: Words) -> str:
    """A band in that unit, as short as can be; and where households are that are in none."""
    if band in _OUTSIDE:
        return words(f"matrix.{band}")
    return "-".join(_edge(edge, unit) for edge in band.split("-")) if "<" not in band else band


def _edge(edge: str, unit: int) -> str:
    number = Decimal(edge.rstrip("+")) / unit
    return counted(number).replace(",", "") + ("+" if edge.endswith("+") else "")
