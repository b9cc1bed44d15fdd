"""What kind of file it is, by its content: names lie."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final, Literal

from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from incomeladder.read.files import File

Kind = Literal["text", "xlsx", "ods", "xls", "parquet", "ndjson", "dta", "sav"]

_START: Final = 1 << 16
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_BY_MAGIC: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"PAR1", "parquet"),
    (b"<stata_dta>", "dta"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
)
_REFUSED: Final = (
    (b"\x1f\x8b", "kind_compressed"),
    (b"7z\xbc\xaf", "kind_compressed"),
    (b"Rar!", "kind_compressed"),
    (b"BZh", "kind_compressed"),
    (b"\xfd7zXZ", "kind_compressed"),
    (b"\x28\xb5\x2f\xfd", "kind_compressed"),
    (b"%PDF", "kind_binary"),
    (b"SQLite format 3", "kind_binary"),
)
_DIMENSIONS: Final = b"\x00\x02\x0e\x00"
"""The head of the record of BIFF 8 that tells the first and last row and column: its number, and its 14 bytes."""
_XLS_ROWS: Final = 1 << 16
_XLS_COLUMNS: Final = 1 << 8
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS: Final = frozenset(range(1, 32)) - set(b"\t\n\v\f\r\x1a\x1b")


def kind_of(file: File, *, encoding: str | None) -> Kind:
    """The kind of a file that can be read; ``encoding`` tells that the user says it is a text.

    Raises SurveyRefused, with what to do about it, for any other.
    """
    with file.path.open("rb") as opened:
        start = opened.read(_START)
    if not start:
        raise SurveyRefused.because("empty_file", file=file.name)
    for magic, kind in _BY_MAGIC:
        if start.startswith(magic):
            return kind
    if start.startswith(_ZIP):
        return _kind_in_zip(file)
    if start.startswith(_OLE):
        return _kind_in_ole(file)
    if _is_old_stata(start):
        return "dta"
    _refuse_others(start, file.name, told=encoding is not None)
    return _kind_of_text(start, file.name)


def _kind_in_zip(file: File) -> Kind:
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = set(archive.namelist())
            if any(member.flag_bits & 1 for member in archive.infolist()):
                raise SurveyRefused.because("password", file=file.name)
            mime = archive.read("mimetype") if "mimetype" in names else b""
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise SurveyRefused.because("workbook_damaged", file=file.name) from error
    if b"encryption-data" in manifest:
        raise SurveyRefused.because("password", file=file.name)
    if b"opendocument.spreadsheet" in mime:
        return "ods"
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return "xlsx"
    raise SurveyRefused.because("kind_archive", file=file.name)


def _kind_in_ole(file: File) -> Kind:
    """Old Excel, or a container of something else: its folder names its streams in UTF-16."""
    content = file.path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SurveyRefused.because("password", file=file.name)
    if not any(name.encode("utf-16-le") in content for name in ("Workbook\0", "Book\0")):
        known = "Root Entry".encode("utf-16-le") in content and file.path.suffix.lower() not in {".xls", ".et"}
        key = "kind_binary" if known else "workbook_damaged"
        raise SurveyRefused.because(key, file=file.name)
    if _is_boundless(content):
        raise SurveyRefused.because("workbook_damaged", file=file.name)
    return "xls"


def _is_boundless(content: bytes) -> bool:
    """Whether a sheet of an .xls says that it is larger than one can be: calamine would make room for all of it."""
    found = content.find(_DIMENSIONS)
    while 0 <= found <= len(content) - 18:
        _, rows, _, columns, reserved = struct.unpack_from("<IIHHH", content, found + len(_DIMENSIONS))
        if reserved == 0 and (rows > _XLS_ROWS or columns > _XLS_COLUMNS):
            return True
        found = content.find(_DIMENSIONS, found + 1)
    return False


def _is_old_stata(start: bytes) -> bool:
    """Stata 8 to 12: release, byte order, file type 1."""
    return len(start) > 2 and start[0] in range(0x71, 0x74) and start[1] in {1, 2} and start[2] == 1  # noqa: PLR2004


def _refuse_others(start: bytes, name: str, *, told: bool) -> None:
    for magic, kind in _REFUSED:
        if start.startswith(magic):
            raise SurveyRefused.because(kind, file=name)
    lowered = start[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise SurveyRefused.because("kind_html", file=name)
    seen = start[:4096]
    controls = sum(byte in _CONTROLS for byte in seen)
    wide = told or start.startswith(_UTF16)
    if not wide and (controls * 20 > len(seen) or seen.count(0) * 4 > len(seen)):
        raise SurveyRefused.because("kind_binary", file=name)


def _kind_of_text(start: bytes, name: str) -> Kind:
    trimmed = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if trimmed.startswith(b"["):
        line = trimmed.partition(b"\n")[0]
        if line.strip() == b"[" or trimmed[1:].lstrip().startswith(b"{"):
            raise SurveyRefused.because("kind_json", file=name)
    if not trimmed.startswith(b"{"):
        return "text"
    line, ended, _ = trimmed.partition(b"\n")
    if not ended and len(start) == _START:
        return "ndjson"
    if _is_object(line):
        return "ndjson"
    raise SurveyRefused.because("kind_json", file=name)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
