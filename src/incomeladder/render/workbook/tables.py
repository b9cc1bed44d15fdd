"""A table as a sheet to sort and filter: headings stay in sight, numbers are numbers, all other values are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.ladder import MISSING
from incomeladder.render.grids import SHARES, in_words, without_weights
from incomeladder.render.width import width, wrap
from incomeladder.render.wording import HIDDEN
from incomeladder.render.workbook.book import PERCENT, ROW, TEXT
from incomeladder.render.workbook.vocabulary import heading, sheet_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book, Sheet, Value

LAST_ROW: Final = 1_048_575
"""The last row of a sheet, counted from 0."""
_MOST_LINES: Final = 25
"""As high as a row can be."""
_LONGEST_TEXT: Final = 32_767
_NARROWEST, _WIDEST = 6, 48
_ROOM: Final = _WIDEST - 4
"""What of the widest column is left for text; Chinese characters are a little broader than two digits."""
_MEASURED: Final = 1_000
"""Rows of which the widths of columns are taken."""
_EDGES: Final = frozenset({"lower", "upper", "target", "year", "standard_error"})
_DECIMALS: Final = ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000")


@dataclass(frozen=True)
class Around:
    """What a sheet has besides its table: sentences ``above`` it, and columns at its left that stay in sight."""

    above: Sequence[str] = ()
    kept: int = 0
    told: Callable[[Sheet, int, list[str]], None] = field(default=lambda _sheet, _row, _columns: None)
    """Is told each sheet, the row of its headings, and its columns."""


_NOTHING: Final = Around()


def fill(book: Book, name: str, table: pl.DataFrame, around: Around = _NOTHING) -> None:
    """A table; on several sheets if one does not hold it."""
    top, table = len(around.above), without_weights(table, book.words)
    for part in table.iter_slices(LAST_ROW - top) if table.height else [table]:
        sheet = book.sheet(sheet_name(name, table.columns))
        for row, text in enumerate(around.above):
            sheet.write_string(row, 0, text, book.style())
        _write(book, sheet, part, top)
        sheet.freeze_panes(top + 1, around.kept)
        sheet.repeat_rows(top)
        if part.width:
            sheet.autofilter(top, 0, top + part.height, part.width - 1)
        around.told(sheet, top, part.columns)


def _write(book: Book, sheet: Sheet, table: pl.DataFrame, top: int) -> None:
    columns = [_values(column, book.words) for column in table]
    if book.words.hides:
        columns = [_starred(table, place, values) for place, values in enumerate(columns)]
    named = [heading(name, table.columns, book.words) for name in table.columns]
    widths = [_columns(text, values) for text, values in zip(named, columns, strict=True)]
    styles = [_style(book, column, broad) for column, broad in zip(table, widths, strict=True)]
    for place, (text, broad) in enumerate(zip(named, widths, strict=True)):
        head = book.style(bold=True, bottom=1, **_aside(table.to_series(place)))
        sheet.write_string(top, place, text, head)
        sheet.set_column(place, place, broad, styles[place])
    kinds = [sheet.write_number if _is_number(column) else sheet.write_string for column in table]
    ways = [*zip(range(table.width), kinds, styles, strict=True)]
    high = _high(columns, widths)
    # A row at a time, which is how they are written down at the end.
    for row, cells in enumerate(zip(*columns, strict=True), top + 1):
        if row - top - 1 in high:
            sheet.set_row(row, ROW * high[row - top - 1])
        for (place, write, style), cell in zip(ways, cells, strict=True):
            if cell is not None:
                (sheet.write_string if cell is HIDDEN else write)(row, place, cell, style)


def _starred(table: pl.DataFrame, place: int, values: Sequence[Value]) -> Sequence[Value]:
    """A column with a mark for what is not published: a number, but an open edge or a share of who is in no band."""
    column = table.to_series(place)
    if not _is_number(column) or column.name in _EDGES:
        return values
    unplaced = table["band"].eq(MISSING) if column.name in SHARES and "band" in table.columns else [False] * len(values)
    return [HIDDEN if cell is None and not missing else cell for cell, missing in zip(values, unplaced, strict=True)]


def _style(book: Book, column: pl.Series, broad: int) -> object:
    """Of what stands below a heading; text that is longer than its column goes on below."""
    number = number_format(column)
    wrapped: dict[str, Any] = {"text_wrap": True} if number == TEXT and broad == _WIDEST else {}
    return book.style(number, **_aside(column) | wrapped)


def _high(columns: Sequence[Sequence[Value]], widths: Sequence[int]) -> dict[int, int]:
    """Rows of more than one line, and their lines: a row whose height is given does not find it itself."""
    high: dict[int, int] = {}
    for values in (values for values, broad in zip(columns, widths, strict=True) if broad == _WIDEST):
        long = ((row, cell) for row, cell in enumerate(values) if isinstance(cell, str) and width(cell) > _ROOM)
        high |= {row: min(_MOST_LINES, max(high.get(row, 1), len(wrap(cell, _ROOM)))) for row, cell in long}
    return high


def _aside(column: pl.Series) -> dict[str, Any]:
    return {"align": "right"} if column.dtype.is_numeric() else {"align": "left", "indent": 1}


def _columns(heading: str, values: Sequence[Value]) -> int:
    """How wide a column is."""
    texts = (f"{cell:,}" if isinstance(cell, float) else str(cell or "") for cell in values[:_MEASURED])
    return min(_WIDEST, max(_NARROWEST, width(heading), *map(width, texts), 0) + 2)


def _values(column: pl.Series, words: Words) -> Sequence[Value]:
    """Numbers as they are, all else in words."""
    values: list[Value] = column.to_list()
    if _is_number(column):
        return values
    if column.dtype != pl.String:
        return [_told(column.name, value, words) for value in values]
    # Each text once: most stand in many rows.
    told = {text: _told(column.name, text, words) for text in dict.fromkeys(values)}
    return [told[text] for text in values]


def _told(name: str, value: object, words: Words) -> str | None:
    if value is None:
        return None
    text = in_words(name, value, words)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _is_number(column: pl.Series) -> bool:
    return column.dtype.is_integer() or column.dtype.is_float()


def number_format(column: pl.Series) -> str:
    """How the numbers of a column are shown: a share in percent, else with as many decimals as any of them has."""
    if not column.dtype.is_numeric():
        return TEXT
    if column.name in SHARES or column.name.endswith("_share"):
        return PERCENT
    if column.name == "year":
        return "0"
    exact = (column.cast(pl.Float64).drop_nulls() * 10**place for place in range(len(_DECIMALS) - 1))
    fits = (place for place, scaled in enumerate(exact) if ((scaled - scaled.round()).abs() < 1e-6).all())  # noqa: PLR2004
    return _DECIMALS[next(fits, len(_DECIMALS) - 1)]
