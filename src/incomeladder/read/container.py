"""Workbooks as zip archives: what would exhaust the machine, and the cells that calamine reads as empty.

Every part is unpacked once, piece by piece, before calamine sees the file: the sizes that an archive declares may lie,
and calamine makes room for every cell down to the last row and across to the last column.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from html import unescape
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import IO

    from incomeladder.read.files import File

    Cells = dict[tuple[int, int], str]

MOST_MEMBERS: Final = 10_000
LARGEST: Final = 4 << 30
"""Bytes that all parts together may unpack to; a full sheet of twelve columns takes a seventh."""
HARMLESS: Final = 64 << 20
STEEPEST: Final = 100
"""No honest workbook that unpacks to more than ``HARMLESS`` bytes unpacks to so many times its size."""
MOST_CELLS: Final = 100_000_000

_PIECE: Final = 1 << 20
_LONGEST: Final = 1 << 18
_MAYBE_WIDE: Final = re.compile(rb'="[A-Z]{2,3}[0-9]')
_TAIL: Final = 1 << 12
_WIDE: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{2,3})([0-9]+)""")
_ROW: Final = re.compile(rb"""row (?:[^>]*? )?r\s*=\s*["']([0-9]+)""")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]+)([0-9]+)""")
_KIND: Final = re.compile(rb"""\bt\s*=\s*["'](\w+)""")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)")
_NO_RESULT: Final = (b"f></", b"/></", b"v></", b"v />")
_UNPACKING: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_MERGED: Final = re.compile(rb'number-rows-spanned="(?:[2-9]|[1-9][0-9])')
_REPEATED_ROWS: Final = re.compile(rb'<table:table-row[^>]*?(?:number-rows-repeated="([0-9]+)"[^>]*)?>')
_SKIPPED_COLUMNS: Final = re.compile(rb'table-cell [^>]*columns-repeated="([0-9]{3,})"[^>]*/>(?!</table:table-row>)')
_TABLE: Final = re.compile(rb"<table:table[ >]")
_FILLED_COLUMNS: Final = re.compile(rb'<table:table-cell(?=[^>]*value-type)[^>]*columns-repeated="([0-9]{3,})"')


def unread_cells(file: File) -> dict[str, Cells]:
    """Of each sheet of an .xlsx, the cells that hold an error or a formula without a result: (row, column) → text.

    Rows and columns count from 0. Raises SurveyRefused for a workbook that would take too much memory or is damaged.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            parts, sheets = _parts(archive, file), _members_of_sheets(archive)
            found = {member: _looked_through(archive, member, file, set(sheets.values())) for member in parts}
            return {sheet: found.get(member, {}) for sheet, member in sheets.items()}
    except (*_UNPACKING, KeyError, ET.ParseError) as error:
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error


def merges_in_ods(file: File) -> bool:
    """Whether an .ods has cells that are merged over rows: calamine does not say which.

    Raises SurveyRefused for one that would take too much memory, is damaged, or holds errors: calamine reads an error
    as an empty cell, and nobody here knows which.
    """
    merged = False
    try:
        with zipfile.ZipFile(file.path) as archive:
            for member in _parts(archive, file):
                with archive.open(member) as part:
                    merged |= _look_through_ods(part, file)
    except _UNPACKING as error:
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error
    return merged


def _parts(archive: zipfile.ZipFile, file: File) -> list[str]:
    """The parts that hold no pictures; by their declared sizes they fit."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise SurveyRefused.because("workbook_members", file=file.name, members=len(members), most=MOST_MEMBERS)
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > LARGEST or (unpacked > HARMLESS and unpacked > STEEPEST * packed):
        raise SurveyRefused.because("workbook_too_large", file=file.name, unpacked=unpacked >> 20, packed=packed >> 20)
    return [member.filename for member in members if not member.is_dir() and "media/" not in member.filename.lower()]


def _looked_through(archive: zipfile.ZipFile, member: str, file: File, sheets: Collection[str]) -> Cells:
    """Unpack a part, which raises BadZipFile where it holds more than it declares; of a sheet, what is odd in it."""
    with archive.open(member) as part:
        if member in sheets:
            return _look_through_sheet(part, file)
        while part.read(_PIECE):
            pass
    return {}


def _look_through_sheet(part: IO[bytes], file: File) -> Cells:
    unread: Cells = {}
    widest = lowest = seen = 1
    for piece in _pieces(part, b"<c ", b":c "):
        if wide := _WIDE.findall(piece) if _MAYBE_WIDE.search(piece) or _is_unusual(piece) else []:
            widest = max([widest, *(_column(letters) + 1 for letters in {letters for letters, _ in wide})])
            lowest = max([lowest, *(int(row) for _, row in wide)])
        if _may_be_odd(piece):
            unread |= dict(_unread(piece, file))
        last = _ROW.search(piece, max(0, piece.rfind(b"row ")))
        seen += 0 if last else piece.count(b"<row") + piece.count(b":row")
        lowest = max(lowest, seen, int(last[1]) if last else 1)
        _refuse_too_many(lowest * widest, file)
    return unread


def _is_unusual(piece: bytes) -> bool:
    """Whether the XML is not written as nearly all of it is: with a prefix, single quotes or spaces around a sign."""
    tail = piece[-_TAIL:]
    return any(mark in tail for mark in (b":c ", b"='", b"= ", b" ="))


def _may_be_odd(piece: bytes) -> bool:
    """Whether there may be errors or formulas without a result; each look through a large sheet takes its time."""
    if b't="e"' in piece or _is_unusual(piece):
        return True
    return b"<f" in piece and any(mark in piece for mark in _NO_RESULT)


def _pieces(part: IO[bytes], *marks: bytes) -> Iterator[bytes]:
    """A part in pieces, none of which ends inside what begins with a mark."""
    rest = b""
    while piece := part.read(_PIECE):
        piece = rest + piece
        cut = max(piece.rfind(mark) for mark in marks)
        if cut <= 0 or len(piece) - cut > _LONGEST:
            cut = len(piece)
        rest = piece[cut:]
        yield piece[:cut]
    yield rest


def _unread(piece: bytes, file: File) -> Iterator[tuple[tuple[int, int], str]]:
    for attributes, content in _CELL.findall(piece):
        if text := _told(attributes, content):
            place = _REFERENCE.search(attributes)
            if place is None:
                raise SurveyRefused.because("errors_unplaced", file=file.name)
            yield (int(place[2]) - 1, _column(place[1])), text


def _told(attributes: bytes, content: bytes) -> str | None:
    """The error in a cell, or its formula where that has no result: an empty text is one."""
    kind, value, formula = _KIND.search(attributes), _VALUE.search(content), _FORMULA.search(content)
    if kind and kind[1] == b"e":
        return unescape(value[1].decode()) if value else "#ERROR"
    if formula and not value and not (kind and kind[1] == b"str"):
        return "=" + unescape(formula[1].decode())
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _refuse_too_many(cells: int, file: File) -> None:
    if cells > MOST_CELLS:
        raise SurveyRefused.because("workbook_too_wide", file=file.name, cells=cells)


def _members_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → its part; nothing for .xlsb, whose parts are no XML."""
    if "xl/workbook.xml" not in archive.namelist():
        return {}
    book, relations = (_tree(archive, part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    sheets = [node for node in book.iter() if _local(node.tag) == "sheet"]
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    return {node.get("name", ""): posixpath.join("xl", targets[_relation(node)]).lstrip("/") for node in sheets}


def _tree(archive: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(archive.read(part))  # noqa: S314  (expat refuses entities that grow)


def _relation(sheet: ET.Element) -> str | None:
    return next((value for name, value in sheet.items() if _local(name) == "id"), None)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _look_through_ods(part: IO[bytes], file: File) -> bool:
    """Refuse errors, and tables with too many rows and columns down to a value; say whether cells are merged."""
    rows, widest, errors, merged = 0, 1, 0, False
    for piece in _pieces(part, b"<table:table-row"):
        errors += piece.count(b'value-type="error"')
        merged = merged or _MERGED.search(piece) is not None
        for number, table in enumerate(_TABLE.split(piece)):
            rows, widest = (rows, widest) if number == 0 else (0, 1)
            widest = max([widest, *map(int, _SKIPPED_COLUMNS.findall(table) + _FILLED_COLUMNS.findall(table))])
            counted = [(found.start(), int(found[1] or 1)) for found in _REPEATED_ROWS.finditer(table)]
            if (valued := table.rfind(b"value-type")) >= 0:
                _refuse_too_many((rows + sum(times for start, times in counted if start < valued)) * widest, file)
            rows += sum(times for _, times in counted)
    if errors:
        raise SurveyRefused.because("ods_errors", file=file.name, cells=errors)
    return merged
