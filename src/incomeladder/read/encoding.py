"""Bytes to a UTF-8 file that polars can scan: what kind of file it is, and how its text is encoded."""

from __future__ import annotations

import codecs
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import Final

from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.read import utf8

_BLOCK: Final = 1 << 20
_WORTH_SHARING: Final = 1 << 24
"""The bytes from which on two processes are faster than one."""
_HELPERS_PERCENT: Final = 60
"""More than half, although the helper has to start: meanwhile the program imports what makes the report."""
_HEAD: Final = 1 << 16
_KINDS: Final = (
    (b"PK\x03\x04", "kind_workbook"),
    (b"\xd0\xcf\x11\xe0", "kind_workbook"),
    (b"PAR1", "kind_parquet"),
    (b"\x1f\x8b", "kind_compressed"),
    (b"%PDF", "kind_binary"),
)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS: Final = frozenset(range(1, 32)) - set(b"\t\n\v\f\r\x1a\x1b")


@dataclass(frozen=True)
class Text:
    """A text file as UTF-8: ``path`` is the file itself, or a copy of it in the spool folder."""

    name: str
    path: Path
    encoding: str

    def head(self) -> str:
        """The first lines, for finding the headings.

        Raises UnicodeDecodeError where they are not UTF-8.
        """
        with self.path.open("rb") as file:
            start = file.read(_HEAD)
        return codecs.getincrementaldecoder("utf-8-sig")().decode(start, final=len(start) < _HEAD)


def fetch(argument: str, spool: Path) -> Path:
    """The file behind a SURVEY argument; ``-`` is copied to the spool, since a stream can be read only once."""
    if argument == "-":
        if sys.stdin is None:
            raise SurveyRefused.because("unreadable_file", file=argument, detail="standard input is closed")
        copied = spool / "stdin"
        with copied.open("wb") as target:
            copyfileobj(sys.stdin.buffer, target)
        return copied
    path = Path(argument)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SurveyRefused.because("not_a_file" if not stat.S_ISDIR(mode) else "a_directory", file=argument)
        if not os.access(path, os.R_OK):
            raise SurveyRefused.because("unreadable_file", file=argument, detail="Permission denied")
    except (OSError, ValueError) as error:
        key = "no_such_file" if isinstance(error, FileNotFoundError) else "unreadable_file"
        raise SurveyRefused.because(key, file=argument, detail=getattr(error, "strerror", error)) from error
    return path


def signature(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written to while it is read."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def as_it_stands(path: Path, name: str, encoding: str | None) -> Text:
    """The file as UTF-8 without a copy; whether it is UTF-8 shows when it is read.

    Raises SurveyRefused for files that hold no text, UnicodeDecodeError where the encoding is known to be another.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    _refuse_kinds(start, name, told=encoding is not None)
    if encoding is not None and _codec(encoding) not in {"utf-8", "utf-8-sig"}:
        raise UnicodeDecodeError("utf-8", start, 0, 1, encoding)
    if _marked(start) == "utf-16":
        raise UnicodeDecodeError("utf-8", start, 0, 1, "utf-16")
    return Text(name, path, "utf-8")


def transcoded(path: Path, name: str, encoding: str | None, spool: Path) -> Text:
    """A UTF-8 copy of a file in ``encoding``, else in what its mark says, else in GB18030."""
    with path.open("rb") as file:
        start = file.read(4)
    marked = _marked(start) or "gb18030"
    codec = _codec(encoding) if encoding is not None else marked
    if encoding is None and marked in {"gb18030", "utf-8-sig"} and _is_damaged_utf8(path):
        raise _undecodable(path, name, ("utf-8",))
    target = spool / f"{len(list(spool.iterdir()))}.txt"
    try:
        _copy(path, target, codec)
    except UnicodeError as error:
        tried = (codec,) if encoding is not None or marked != "gb18030" else ("utf-8", codec)
        raise _undecodable(path, name, tried) from error
    return Text(name, target, codec)


def _marked(start: bytes) -> str | None:
    return next((codec for mark, codec in _MARKS if start.startswith(mark)), None)


def _is_damaged_utf8(path: Path) -> bool:
    """Whether characters of three bytes and more stand before the first byte that is not UTF-8.

    In GB18030 text three bytes hardly ever pass for such a character, so this is damaged UTF-8 and not GB18030.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(_HEAD):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                text = error.object[: error.start].decode()
                return bool(text) and max(text) >= "\u0800"
            if text and max(text) >= "\u0800":
                return True
    return False


def _copy(path: Path, target: Path, codec: str) -> None:
    size = path.stat().st_size
    shared = codec == "gb18030" and size >= _WORTH_SHARING
    if not (shared and _shared_copy(path, target, codec, size)):
        utf8.copy(str(path), str(target), codec, 0, size)


def _shared_copy(path: Path, target: Path, codec: str, size: int) -> bool:
    """Leave the first part to a helper, for Python decodes on one processor only; whether that went well.

    No character of GB18030 has the byte of a line feed in it: the parts are sound if the whole is, and only then.
    """
    middle, rest = _line_start(path, size * _HELPERS_PERCENT // 100), target.with_suffix(".rest")
    try:
        with _helper(path, target, codec, middle) as helper:
            try:
                utf8.copy(str(path), str(rest), codec, middle, size)
            except BaseException:
                helper.kill()
                raise
    except OSError:
        return False
    done = helper.returncode == 0 and target.exists()
    if done:
        _append(rest, target)
    rest.unlink()
    return done


def _line_start(path: Path, after: int) -> int:
    with path.open("rb") as file:
        file.seek(after)
        file.readline()
        return file.tell()


def _helper(path: Path, target: Path, codec: str, stop: int) -> subprocess.Popen[bytes]:
    script = [sys.executable, "-I", "-S", utf8.__file__]
    quiet = subprocess.DEVNULL
    asked = [str(path), str(target), codec, "0", str(stop)]
    return subprocess.Popen([*script, *asked], stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - our own script


def _append(rest: Path, target: Path) -> None:
    with rest.open("rb") as source, target.open("ab") as copy:
        copyfileobj(source, copy, _BLOCK)


def _codec(encoding: str) -> str:
    try:
        "a".encode(encoding)  # a codec that is not of text, such as base64, is no encoding either
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UsageRefused.because("unknown_encoding", encoding=encoding) from error


def _refuse_kinds(start: bytes, name: str, *, told: bool) -> None:
    if not start:
        raise SurveyRefused.because("empty_file", file=name)
    for magic, kind in _KINDS:
        if start.startswith(magic):
            raise SurveyRefused.because(kind, file=name)
    lowered = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower()
    if lowered.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise SurveyRefused.because("kind_html", file=name)
    wide = told or _marked(start) == "utf-16"
    controls = sum(byte in _CONTROLS for byte in start)
    if not wide and (controls * 20 > len(start) or start.count(0) * 4 > len(start)):
        raise SurveyRefused.because("kind_binary", file=name)


def _undecodable(path: Path, name: str, tried: tuple[str, ...]) -> SurveyRefused:
    """Name the byte at which the better of the tried encodings gave up."""
    data = path.read_bytes()
    stops = []
    for codec in tried:
        try:
            data.decode(codec)
        except UnicodeDecodeError as error:
            stops.append((error.start, codec))
    start, codec = max(stops, default=(len(data) - 1, tried[-1]))
    return SurveyRefused.because(
        "undecodable",
        file=name,
        row=data.count(b"\n", 0, start) + 1,
        byte=f"0x{data[start]:02x}",
        at=start,
        encoding=codec,
    )
