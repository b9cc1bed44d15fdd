"""Spreadsheets to raw frames, by calamine: every sheet that has the headings of a survey is a table of its own."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import ID, INCOME, PARTS, ROW, SIZE, WEIGHT
from incomeladder.read.cells import NUMBERS, rows_below
from incomeladder.read.container import merges_in_ods, unread_cells
from incomeladder.read.headings import recognise
from incomeladder.read.layout import FIRST_ROWS, Merges, Row, Table, find_headings, heading_cell
from incomeladder.read.raw import column_names, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from python_calamine import CalamineSheet

    from incomeladder.read.container import Cells
    from incomeladder.read.files import File
    from incomeladder.read.headings import Naming

_DEEPEST_ROW: Final = 1_000
_UNFILLED: Final = frozenset({INCOME, *PARTS, SIZE, WEIGHT})
"""A merged amount is one amount and not one in every row that it stands beside."""


_NO_SURVEY: Final = frozenset({"no_income_column", "empty_file", "table_of_places"})


@dataclass(frozen=True)
class Reader:
    """How the sheets of workbooks are read; ``tell`` hears how many rows of one are read, and of how many."""

    naming: Naming
    sheets: Sequence[str]
    tell: Callable[[int, int], None]

    def tables(self, file: File, kind: str) -> list[Table]:
        """A table for each of the ``sheets``, else for each visible one that has the headings of a survey.

        Raises SurveyRefused for a workbook that cannot be opened, for sheets that are not there, for headings that are
        not clear, and where no sheet has any.
        """
        merged = kind == "ods" and merges_in_ods(file)
        unread = unread_cells(file) if kind == "xlsx" else {}
        found: list[Table] = []
        reasons: dict[str, tuple[Reason, ...]] = {}
        with _guarded(file, kind), _opened(file, kind) as workbook:
            names, notes = _chosen(workbook, file, self.sheets)
            notes += [Reason("ods_merged", {"file": file.name})] * merged
            for name in names:
                try:
                    cells = workbook.get_sheet_by_name(name)
                    found.append(replace(self._table(cells, file.place(name), unread.get(name, {})), kind=kind))
                except SurveyRefused as refusal:
                    reasons[name] = refusal.reasons
        every = [reason for told in reasons.values() for reason in told]
        blocking = [reason for reason in every if self.sheets or reason.key not in _NO_SURVEY]
        if blocking or not found:
            raise SurveyRefused(*(blocking or every or [Reason("no_visible_sheet", {"file": file.name})]))
        if reasons:
            notes.append(Reason("sheets_passed", {"file": file.name, "sheets": list(reasons)}))
        return [replace(found[0], notes=(*notes, *found[0].notes)), *found[1:]]

    def _table(self, sheet: CalamineSheet, place: str, unread: Cells) -> Table:
        found = find_headings(list(islice(_first_rows(sheet), FIRST_ROWS)), self.naming, _wide_merges(sheet))
        if not found.cells:
            raise SurveyRefused.because("empty_file", file=place)
        columns = recognise(found.cells, self.naming, file=place)
        names = column_names(columns)
        cells, numeric = rows_below(sheet, found.line, names, self.tell)
        filled = _filled(_with_unread(cells, unread, _left(sheet)), _tall_merges(sheet, names, found.line))
        notes = (Reason("ids_are_numbers", {"file": place}),) if ID in numeric else ()
        return Table("", found.layout(columns), finished(filled.lazy(), names), sheet=sheet.name, notes=notes)


@contextlib.contextmanager
def _opened(file: File, kind: str) -> Iterator[CalamineWorkbook]:
    """By its path, which is faster; but then calamine believes what a name ends in."""
    if file.path.suffix.lower() == f".{kind}":
        with CalamineWorkbook.from_path(str(file.path)) as workbook:
            yield workbook
    else:
        with file.path.open("rb") as opened, CalamineWorkbook.from_filelike(opened) as workbook:
            yield workbook


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """Nothing on standard error: a library that panics writes there itself."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def _guarded(file: File, kind: str) -> Iterator[None]:
    """Refuse what calamine cannot read; where it panics, as it does over an .xls, that is no Exception."""
    try:
        with _muted() if kind == "xls" else contextlib.nullcontext():
            yield
    except PasswordError as error:
        raise SurveyRefused.because("password", file=file.name) from error
    except (KeyboardInterrupt, SystemExit, MemoryError, SurveyRefused):
        raise
    except BaseException as error:
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error


def _chosen(workbook: CalamineWorkbook, file: File, sheets: Sequence[str]) -> tuple[list[str], list[Reason]]:
    """The sheets to look at, and a note of those that are hidden."""
    there = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in there]
    absent = [Reason("unknown_sheet", {"file": file.name, "sheet": name, "sheets": names}) for name in sheets]
    if absent := [reason for reason in absent if reason.facts["sheet"] not in names]:
        raise SurveyRefused(*absent)
    if sheets:
        return [name for name in names if name in sheets], []
    hidden = [sheet.name for sheet in there if sheet.visible != SheetVisibleEnum.Visible]
    notes = [Reason("sheets_hidden", {"file": file.name, "sheets": hidden})] if hidden else []
    return [name for name in names if name not in hidden], notes


def _first_rows(sheet: CalamineSheet) -> Iterator[Row]:
    for line, cells in enumerate(islice(sheet.iter_rows(), _DEEPEST_ROW), start=1):
        row = Row(line, tuple(heading_cell(_spelt(cell)) for cell in cells))
        if any(row.cells):
            yield row


def _spelt(cell: object) -> str:
    return f"{cell:.15g}" if type(cell) in NUMBERS else str(cell)


def _left(sheet: CalamineSheet) -> int:
    """The first column that holds anything: calamine gives the rows from there on."""
    return sheet.start[1] if sheet.start else 0


def _wide_merges(sheet: CalamineSheet) -> Merges:
    first, ranges = _left(sheet), sheet.merged_cell_ranges or ()
    return Merges(
        tuple((top + 1, end + 1, left - first, right - first) for (top, left), (end, right) in ranges if left < right)
    )


def _with_unread(cells: pl.DataFrame, unread: Cells, left: int) -> pl.DataFrame:
    """With the errors, and the formulas without a result, that calamine reads as empty cells."""
    by_column: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for (row, column), text in unread.items():
        by_column[column - left][row + 1] = text
    names = cells.columns[1:]
    return cells.with_columns(
        pl.coalesce(pl.col(ROW).replace_strict(texts, default=None, return_dtype=pl.String), names[column]).alias(
            names[column]
        )
        for column, texts in by_column.items()
        if 0 <= column < len(names)
    )


def _tall_merges(sheet: CalamineSheet, names: Sequence[str], heading_row: int) -> dict[str, dict[int, int]]:
    """Of each column that is no amount: row → the row above whose merged cell reaches down to it."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (top, left), (end, _) in sheet.merged_cell_ranges or ():
        column = left - _left(sheet)
        if top >= heading_row and 0 <= column < len(names) and names[column] not in _UNFILLED:
            found[names[column]] |= {row + 1: top + 1 for row in range(top + 1, end + 1)}
    return found


def _filled(cells: pl.DataFrame, merges: Mapping[str, Mapping[int, int]]) -> pl.DataFrame:
    """Merged cells are told in every row that they reach."""
    first = cells[ROW].min() or 0
    return cells.with_columns(
        pl.col(name).gather(pl.col(ROW).replace(rows) - first) for name, rows in merges.items() if cells.height
    )
