"""Workbooks for tests, written by code: the same sheets as .xlsx, .xls and .ods."""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import xlsxwriter
import xlwt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Cell = str | int | float | bool | dt.date | None
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SUFFIXES = (".xlsx", ".xls", ".ods")
_SPACES = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


@dataclass(frozen=True)
class Sheet:
    """Rows of cells; ``merges`` are ranges such as ``"C2:F2"``, of which the first cell has the text.

    A text such as ``{=1/0}#DIV/0!`` is a formula and its result.
    """

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


def save(path: Path, *sheets: Sheet) -> str:
    """The sheets as the suffix says."""
    return {".xlsx": write_xlsx, ".xls": write_xls, ".ods": write_ods}[path.suffix](path, *sheets)


def pack(path: Path, members: Mapping[str, str | bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def members_of_xlsx(rows: str, *, part: str = "worksheets/sheet1.xml") -> dict[str, str]:
    """The parts of the least .xlsx; ``rows`` are the <row> elements of its only sheet."""
    space = "http://schemas.openxmlformats.org"
    kind = f"{space}/officeDocument/2006/relationships"
    book = f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{kind}">'
    return {
        "[Content_Types].xml": f'<Types xmlns="{space}/package/2006/content-types"/>',
        "_rels/.rels": _relations(space, f"{kind}/officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'{book}<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(space, f"{kind}/worksheet", part),
        f"xl/{part}": f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>',
    }


def _relations(space: str, kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{space}/package/2006/relationships">{relation}</Relationships>'


def xlsx_row(number: int, *texts: str) -> str:
    """A <row> of inline texts."""
    cells = "".join(
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for place, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


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
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        page.visibility = int(sheet.hidden)
        for row, cells in enumerate(sheet.rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    page.write(row, column, cell, date)
                elif isinstance(cell, str) and cell.startswith("{="):
                    page.row(row).set_cell_error(column, cell.partition("}")[2])
                elif cell is not None:
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
    spans: dict[tuple[int, int], str] = {}
    for top, left, bottom, right in map(_corners, sheet.merges):
        spans |= dict.fromkeys(itertools.product(range(top, bottom + 1), range(left, right + 1)), "")
        rows, columns = bottom - top + 1, right - left + 1
        spans[top, left] = f' table:number-rows-spanned="{rows}" table:number-columns-spanned="{columns}"'
    rows = "".join(
        f"<table:table-row>{''.join(_ods_cell(cell, spans.get((row, column))) for column, cell in enumerate(cells))}"
        "</table:table-row>"
        for row, cells in enumerate(sheet.rows)
    )
    style = ' table:style-name="gone"' if sheet.hidden else ""
    return f'<table:table table:name="{escape(sheet.name)}"{style}>{rows}</table:table>'


def _ods_cell(cell: Cell, span: str | None) -> str:
    """``span`` is empty for a cell that a merged one covers."""
    if span == "":
        return "<table:covered-table-cell/>"
    if cell is None:
        return f"<table:table-cell{span or ''}/>"
    told, shown = _ods_value(cell)
    return f"<table:table-cell{span or ''} {told}><text:p>{escape(shown)}</text:p></table:table-cell>"


def _ods_value(cell: str | float | dt.date) -> tuple[str, str]:
    if isinstance(cell, bool):
        return f'office:value-type="boolean" office:boolean-value="{str(cell).lower()}"', str(cell).upper()
    if isinstance(cell, dt.date):
        return f'office:value-type="date" office:date-value="{cell.isoformat()}"', str(cell)
    if isinstance(cell, int | float):
        return f'office:value-type="float" office:value="{cell!r}"', str(cell)
    if cell.startswith("{="):
        formula, _, value = cell[1:].partition("}")
        told = f'table:formula="of:{escape(formula)}" office:value-type="string" office:string-value=""'
        return f'{told} calcext:value-type="error"', value
    return 'office:value-type="string"', cell


def _corners(merge: str) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = ((ord(end[0]) - ord("A"), int(end[1:]) - 1) for end in merge.split(":"))
    return top, left, bottom, right
