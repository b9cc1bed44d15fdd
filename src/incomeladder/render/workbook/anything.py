"""Any report: what is said on the first sheet, then a sheet for each table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incomeladder.render.blocks import Grid, Line
from incomeladder.render.documents import document
from incomeladder.render.problems import rejects
from incomeladder.render.width import width, wrap
from incomeladder.render.workbook import lists
from incomeladder.render.workbook.book import ROW
from incomeladder.render.workbook.tables import fill as fill_table
from incomeladder.render.workbook.vocabulary import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from incomeladder.render.blocks import Block
    from incomeladder.render.workbook.book import Book, Sheet
    from incomeladder.report import Report

_LINE: Final = 110
"""Columns in which the first sheet says what it says."""
_NARROWEST, _WIDEST = 6, 48
_MOST_REPEATED: Final = 40
"""Rows of a grid that the first sheet repeats; a longer one stands on a sheet of its own anyway."""


def fill(book: Book, report: Report) -> None:
    """The document, the tables, and the rows that were left out."""
    _say(book, document(report, book.words))
    for name in report.tables:
        table = in_words(name, report, book.words)
        if name == "flagged":
            lists.fill(book, name, table, report.programme)
        else:
            fill_table(book, name, table)
    if report.rejects is not None and "problems" not in report.tables:
        fill_table(book, "rejects", rejects(report.rejects, book.words))


def _say(book: Book, blocks: Sequence[Block]) -> None:
    """The document: its sentences, and its grids but for the long ones."""
    sheet, row = book.sheet("report"), 0
    shown = list(_repeated(blocks))
    for column, columns in enumerate(_widths([block for block in shown if isinstance(block, Grid)])):
        sheet.set_column(column, column, columns)
    for block in shown:
        write = _line if isinstance(block, Line) else _grid
        row = write(book, sheet, row, block)  # type: ignore[arg-type]  # each has its own


def _repeated(blocks: Sequence[Block]) -> Iterator[Block]:
    """What the first sheet says: without long grids, and the titles that stand above them."""
    long = [isinstance(block, Grid) and len(block.rows) > _MOST_REPEATED for block in blocks]
    for block, is_long, is_next in zip(blocks, long, [*long[1:], False], strict=True):
        if not is_long and not (is_next and isinstance(block, Line) and block.title):
            yield block


def _line(book: Book, sheet: Sheet, row: int, line: Line) -> int:
    row += line.title and row > 0
    for text in wrap(line.text, _LINE):
        sheet.write_string(row, 0, text, book.style(bold=line.title))
        row += 1
    return row


def _grid(book: Book, sheet: Sheet, row: int, grid: Grid) -> int:
    rows = [grid.headings, *(tuple(cell.text for cell in cells) for cells in grid.rows)]
    for number, texts in enumerate(rows):
        lines = max((len(wrap(text, _WIDEST - 4)) for text in texts if width(text) > _WIDEST), default=1)
        if lines > 1:
            sheet.set_row(row, ROW * lines)
        for column, text in enumerate(texts):
            more: dict[str, Any] = {"align": "right"} if column in grid.right else {}
            more |= {"text_wrap": True} if width(text) > _WIDEST else {}
            sheet.write_string(row, column, text, book.style(bold=not number, **more))
        row += 1
    return row


def _widths(grids: Iterable[Grid]) -> list[int]:
    """How wide the columns of the first sheet are, for all its grids."""
    widths: list[int] = []
    for grid in grids:
        for place, heading in enumerate(grid.headings):
            widest = max(width(text) for text in (heading, *(row[place].text for row in grid.rows))) + 2
            widths[place : place + 1] = [min(_WIDEST, max(widest, *widths[place : place + 1], _NARROWEST))]
    return widths
