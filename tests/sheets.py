"""Workbooks for tests, written by code: the same sheets as .xlsx, .xls and .ods."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import xlsxwriter
import xlwt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Cell = str | int | float | bool | dt.date | None
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


@dataclass(frozen=True)
class Sheet:
    """Rows of cells; ``merges`` are ranges such as ``"C2:F2"``, of which the first cell has the text."""

    rows: Sequence[Sequence[Cell]]
    name: str = "Sheet1"
    merges: Sequence[str] = ()
    hidden: bool = False


def drawn(text: str, *, numbers: bool = True) -> list[list[Cell]]:
    """A drawn table as cells; what looks like a number is one, unless it begins with ``'``."""
    return [[_cell(cell.strip(), numbers=numbers) for cell in line.split("|")] for line in text.strip().splitlines()]


def _cell(text: str, *, numbers: bool) -> Cell:
    if text.startswith("'"):
        return text[1:]
    try:
        return float(text) if numbers else text
    except ValueError:
        return text or None


def write_xlsx(path: Path, *sheets: Sheet) -> str:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for row, cells in enumerate(sheet.rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        page.write_datetime(row, column, cell, date)
                    elif isinstance(cell, str) and cell.startswith("{="):
                        formula, _, value = cell[1:].partition("}")
                        page.write_formula(row, column, formula, value=value)
                    elif cell is not None:
                        page.write(row, column, cell)
            for merge in sheet.merges:
                top, left, bottom, right = _corners(merge)
                page.merge_range(top, left, bottom, right, sheet.rows[top][left])
            if sheet.hidden:
                page.hide()
    return str(path)


def write_xls(path: Path, *sheets: Sheet) -> str:
    book = xlwt.Workbook(encoding="utf-8")
    for sheet in sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        page.visibility = int(sheet.hidden)
        for row, cells in enumerate(sheet.rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    page.write(row, column, cell)
        for merge in sheet.merges:
            top, left, bottom, right = _corners(merge)
            page.write_merge(top, bottom, left, right, sheet.rows[top][left])
    book.save(str(path))
    return str(path)


def write_ods(path: Path, *sheets: Sheet) -> str:
    """Without what LibreOffice writes to make a sheet look good; merged cells span as they do there."""
    tables = "".join(map(_ods_table, sheets))
    styles = (
        '<office:automatic-styles><style:style style:name="gone" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f'<?xml version="1.0"?><office:document-content {_SPACES}>{styles}{body}</office:document-content>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr("content.xml", content)
    return str(path)


def _ods_table(sheet: Sheet) -> str:
    rows = "".join(f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>" for cells in sheet.rows)
    style = ' table:style-name="gone"' if sheet.hidden else ""
    return f'<table:table table:name="{escape(sheet.name)}"{style}>{rows}</table:table>'


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, dt.date):
        told = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, int | float):
        told = f'office:value-type="float" office:value="{cell!r}"'
    else:
        told = 'office:value-type="string"'
    return f"<table:table-cell {told}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def _corners(merge: str) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = ((ord(end[0]) - ord("A"), int(end[1:]) - 1) for end in merge.split(":"))
    return top, left, bottom, right
