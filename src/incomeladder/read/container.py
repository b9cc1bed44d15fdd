"""Workbooks as zip archives: what would exhaust the machine, and the cells that calamine reads as empty.

Every part is unpacked once, piece by piece, before calamine sees the file: the sizes that an archive declares may lie,
and calamine makes room for every cell down to the last row and across to the last column.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
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
_WIDE: Final = re.compile(rb'c r="([A-Z]{2,3})[0-9]')
_ROW: Final = re.compile(rb'row (?:[^>]* )?r="([0-9]+)"')
_CELL: Final = re.compile(rb'c r="([A-Z]+)([0-9]+)"([^>]*?)(?<!/)>(.*?)</(?:\w+:)?c>', re.DOTALL)
_VALUE: Final = re.compile(rb"v>([^<]+)</")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)")
_UNCACHED: Final = (b"f></", b"/></c>", b"<v></v>")
_REPEATED_ROWS: Final = re.compile(rb'<table:table-row[^>]*?(?:number-rows-repeated="([0-9]+)"[^>]*)?>')
_SKIPPED_COLUMNS: Final = re.compile(rb'columns-repeated="([0-9]{3,})"[^>]*/>(?!</table:table-row>)')
_FILLED_COLUMNS: Final = re.compile(rb'<table:table-cell(?=[^>]*value-type)[^>]*columns-repeated="([0-9]{3,})"')


def unread_cells(file: File) -> dict[str, Cells]:
    """Of each sheet of an .xlsx, the cells that hold an error or a formula without a result: (row, column) → text.

    Rows and columns count from 0. Raises SurveyRefused for a workbook that would take too much memory or is damaged.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            found = {member: _looked_through(archive, member, file) for member in _parts(archive, file)}
            return {sheet: found.get(member, {}) for sheet, member in _members_of_sheets(archive).items()}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, KeyError, ET.ParseError) as error:
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error


def refuse_unfit_ods(file: File) -> None:
    """Raise SurveyRefused for an .ods that would take too much memory, is damaged, or holds errors.

    Calamine reads an error as an empty cell, and nobody here knows which.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            for member in _parts(archive, file):
                with archive.open(member) as part:
                    _look_through_ods(part, file)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error


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


def _looked_through(archive: zipfile.ZipFile, member: str, file: File) -> Cells:
    """Unpack a part, which raises BadZipFile where it holds more than it declares; of a sheet, what is odd in it."""
    with archive.open(member) as part:
        if "worksheets/sheet" in member and member.endswith(".xml"):
            return _look_through_sheet(part, file)
        while part.read(_PIECE):
            pass
    return {}


def _look_through_sheet(part: IO[bytes], file: File) -> Cells:
    unread: Cells = {}
    widest, last = 1, 1
    for piece in _pieces(part, b'c r="'):
        if _WIDE.search(piece):
            widest = max([widest, *(_column(letters) + 1 for letters in set(_WIDE.findall(piece)))])
        if b't="e"' in piece or (b"f>" in piece and any(mark in piece for mark in _UNCACHED)):
            unread |= dict(_unread(piece))
        if rows := _ROW.findall(piece[piece.rfind(b"row ") :]):
            last = max(last, int(rows[-1]))
        _refuse_too_many(last * widest, file)
    return unread


def _pieces(part: IO[bytes], mark: bytes) -> Iterator[bytes]:
    """A part in pieces, none of which ends inside what begins with a mark."""
    rest = b""
    while piece := part.read(_PIECE):
        piece = rest + piece
        cut = piece.rfind(mark)
        if cut <= 0 or len(piece) - cut > _LONGEST:
            cut = len(piece)
        rest = piece[cut:]
        yield piece[:cut]
    yield rest


def _unread(piece: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    for letters, row, attributes, content in _CELL.findall(piece):
        value = _VALUE.search(content)
        formula = _FORMULA.search(content)
        if b't="e"' in attributes:
            yield (int(row) - 1, _column(letters)), unescape(value[1].decode()) if value else "#ERROR"
        elif formula and not value and b't="str"' not in attributes:
            yield (int(row) - 1, _column(letters)), "=" + unescape(formula[1].decode())


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


def _look_through_ods(part: IO[bytes], file: File) -> None:
    """Count the rows down to the last value, and the columns across to the farthest; refuse errors."""
    rows, widest, errors = 0, 1, 0
    for piece in _pieces(part, b"<table:table-row"):
        errors += piece.count(b'value-type="error"')
        valued = piece.rfind(b"value-type")
        if b"<table:table " in piece:
            rows = 0
        widest = max([widest, *map(int, _SKIPPED_COLUMNS.findall(piece) + _FILLED_COLUMNS.findall(piece))])
        counted = [(found.start(), int(found[1] or 1)) for found in _REPEATED_ROWS.finditer(piece)]
        if valued >= 0:
            _refuse_too_many((rows + sum(number for start, number in counted if start < valued)) * widest, file)
        rows += sum(number for _, number in counted)
    if errors:
        raise SurveyRefused.because("ods_errors", file=file.name, cells=errors)
