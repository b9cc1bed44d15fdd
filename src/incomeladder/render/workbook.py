"""A report as a workbook: what is said on the first sheet, then a sheet for each table, to sort, filter and print.

Nothing from data becomes a formula or a link, ids stay text, and equal reports give equal bytes.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import xlsxwriter

from incomeladder.render.blocks import Grid, Line
from incomeladder.render.documents import document
from incomeladder.render.grids import SHARES, in_words
from incomeladder.render.problems import rejects
from incomeladder.render.width import width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.programme import Programme
    from incomeladder.render.blocks import Block
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_SETTINGS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_CREATED: Final = datetime(2024, 1, 1)  # noqa: DTZ001  (the same in every workbook, whenever it is made)
_MOST_ROWS: Final = 1_048_575
"""What a sheet holds below its headings."""
_LONGEST_TEXT: Final = 32_767
_LONGEST_NAME: Final = 31
_NARROWEST, _WIDEST = 6, 48
_MEASURED: Final = 1_000
"""Rows of which the widths of columns are taken."""
_A4: Final = 9
_LINE: Final = 110
"""Columns in which the first sheet says what it says."""
_MOST_REPEATED: Final = 40
"""Rows of a grid that the first sheet repeats; a longer one stands on a sheet of its own anyway."""
_DECIMALS: Final = ("#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000")
_ACTION, _PERSON, _DATE = _TO_FILL_IN = ("action", "person_responsible", "completed_on")
"""Empty columns beside a list of households, for who helps them how, and until when."""


def workbook(report: Report, words: Words) -> bytes:
    """The bytes of an .xlsx file."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _SETTINGS) as book:
        book.set_properties({"created": _CREATED, "title": words.sheet(report.name)})
        pages = _Pages(book, words)
        pages.say(document(report, words))
        for name, table in report.tables.items():
            pages.fill(name, table, _offers(report.programme, words) if name == "flagged" else {})
        if report.rejects is not None and "problems" not in report.tables:
            pages.fill("rejects", rejects(report.rejects, words), {})
        pages.add_choices()
    return buffer.getvalue()


def _offers(programme: Programme, words: Words) -> dict[str, Sequence[str]]:
    """What may be chosen in the columns of a list of households: the programme's measures, and its key groups."""
    measures = [getattr(title, words.language) for title in programme.measures.values()]
    return {"key_group": programme.key_groups, _ACTION: measures, _PERSON: (), _DATE: ()}


class _Pages:
    """The sheets of a workbook, one after another, and the lists that their cells are chosen from."""

    def __init__(self, book: Any, words: Words) -> None:  # noqa: ANN401  (xlsxwriter has no types)
        self.book, self.words = book, words
        self.names: list[str] = []
        self.choices: dict[str, Sequence[str]] = {}
        self.styles: dict[str, Any] = {}

    def style(self, number: str, **more: object) -> Any:  # noqa: ANN401
        """A format of cells, each made once."""
        key = repr((number, more))
        if key not in self.styles:
            self.styles[key] = self.book.add_format({"num_format": number, "valign": "top", **more})
        return self.styles[key]

    def sheet(self, name: str) -> Any:  # noqa: ANN401
        """A new sheet, on A4 across, as wide as the paper, with its name and its pages at the foot."""
        title = self.words.sheet(name)[:_LONGEST_NAME]
        if times := sum(each.partition(" (")[0] == title for each in self.names):
            title = f"{title} ({times + 1})"
        self.names.append(title)
        sheet = self.book.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def say(self, blocks: Sequence[Block]) -> None:
        """The document: its sentences, and its grids but for the long ones."""
        sheet, row = self.sheet("report"), 0
        shown = [block for block in blocks if isinstance(block, Line) or len(block.rows) <= _MOST_REPEATED]
        for column, columns in enumerate(_widths([block for block in shown if isinstance(block, Grid)])):
            sheet.set_column(column, column, columns)
        for block in shown:
            row = self._line(sheet, row, block) if isinstance(block, Line) else self._grid(sheet, row, block)

    def _line(self, sheet: Any, row: int, line: Line) -> int:  # noqa: ANN401
        row += line.title and row > 0
        for text in wrap(line.text, _LINE):
            sheet.write_string(row, 0, text, self.style("@", bold=line.title))
            row += 1
        return row

    def _grid(self, sheet: Any, row: int, grid: Grid) -> int:  # noqa: ANN401
        rows = [grid.headings, *(tuple(cell.text for cell in cells) for cells in grid.rows)]
        for number, texts in enumerate(rows):
            for column, text in enumerate(texts):
                more = {"align": "right"} if column in grid.right else {}
                sheet.write_string(row, column, text, self.style("@", bold=not number, **more))
            row += 1
        return row

    def fill(self, name: str, table: pl.DataFrame, offers: Mapping[str, Sequence[str]]) -> None:
        """A table; on several sheets if one does not hold it. ``offers`` are what may be chosen, by column."""
        for part in table.iter_slices(_MOST_ROWS) if table.height else [table]:
            sheet = self.sheet(name)
            columns = [*part.columns, *(column for column in offers if column not in part.columns)]
            for place, column in enumerate(columns):
                self._column(sheet, place, part.get_column(column, default=pl.Series(column, [], pl.String)))
                if column in offers:
                    self._offer(sheet, place, part.height, column, offers[column])
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            if columns:
                sheet.autofilter(0, 0, part.height, len(columns) - 1)

    def _column(self, sheet: Any, place: int, column: pl.Series) -> None:  # noqa: ANN401
        heading, number = self.words.column(column.name), _number(column)
        cells = [self._cell(column.name, value) for value in column]
        texts = [heading, *(f"{cell:,}" if isinstance(cell, float) else str(cell or "") for cell in cells[:_MEASURED])]
        aside = {"align": "left", "indent": 1} if number == "@" else {"align": "right"}
        style = self.style(number, **aside)
        columns = min(_WIDEST, max(_NARROWEST, *map(width, texts)) + 2)
        sheet.set_column(place, place, columns, style)
        sheet.write_string(0, place, heading, self.style("@", bold=True, bottom=1, **aside))
        for row, cell in enumerate(cells, 1):
            if isinstance(cell, str):
                sheet.write_string(row, place, cell, style)
            elif cell is not None:
                sheet.write_number(row, place, cell, style)

    def _cell(self, name: str, value: object) -> float | str | None:
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        text = in_words(name, value, self.words)
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"

    def _offer(self, sheet: Any, place: int, rows: int, column: str, choices: Sequence[str]) -> None:  # noqa: ANN401
        """Let the cells of a column be chosen from a list, or hold days; another text is asked about, not refused."""
        rule: dict[str, object] = {"error_type": "information", "ignore_blank": True}
        if column == _DATE:
            sheet.set_column(place, place, 14, self.style("yyyy-mm-dd"))
            rule |= {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
        elif choices:
            self.choices[column] = choices
            letter = chr(ord("A") + [*self.choices].index(column))
            source = f"='{self.words.sheet('choices')}'!${letter}$2:${letter}${len(choices) + 1}"
            rule |= {"validate": "list", "source": source}
        if "validate" in rule and rows:
            sheet.data_validation(1, place, rows, place, rule)

    def add_choices(self) -> None:
        """The lists that cells are chosen from, on the last sheet."""
        if not self.choices:
            return
        sheet = self.sheet("choices")
        for place, (column, choices) in enumerate(self.choices.items()):
            self._column(sheet, place, pl.Series(column, list(choices), pl.String))


def _widths(grids: Iterable[Grid]) -> list[int]:
    """How wide the columns of the first sheet are, for all its grids."""
    widths: list[int] = []
    for grid in grids:
        for place, heading in enumerate(grid.headings):
            widest = max(width(text) for text in (heading, *(row[place].text for row in grid.rows))) + 2
            widths[place : place + 1] = [min(_WIDEST, max(widest, *widths[place : place + 1], _NARROWEST))]
    return widths


def _number(column: pl.Series) -> str:
    """How the numbers of a column are shown: a share in percent, else with as many decimals as any of them has."""
    if not column.dtype.is_numeric():
        return "@"
    if column.name in SHARES or column.name.endswith("_share"):
        return "0.0%"
    if column.name == "year":
        return "0"
    exact = (column.cast(pl.Float64).drop_nulls() * 10**place for place in range(len(_DECIMALS) - 1))
    fits = (place for place, scaled in enumerate(exact) if ((scaled - scaled.round()).abs() < 1e-6).all())  # noqa: PLR2004
    return _DECIMALS[next(fits, len(_DECIMALS) - 1)]
