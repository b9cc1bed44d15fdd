"""Text to a UTF-8 file that polars can scan: how it is encoded."""

from __future__ import annotations

import codecs
import sys
from dataclasses import dataclass
from shutil import copyfileobj
from typing import TYPE_CHECKING, Final

from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.read import utf8

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_BLOCK: Final = 1 << 20
_WORTH_SHARING: Final = 1 << 24
"""The bytes from which on two processes are faster than one."""
_HELPERS_PERCENT: Final = 60
"""More than half, although the helper has to start: meanwhile the program imports what makes the report."""
_HEAD: Final = 1 << 16
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


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


def as_it_stands(path: Path, name: str, encoding: str | None) -> Text:
    """The file as UTF-8 without a copy; whether it is UTF-8 shows when it is read.

    Raises UnicodeDecodeError where the encoding is known to be another.
    """
    with path.open("rb") as file:
        start = file.read(4)
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
    import subprocess  # noqa: PLC0415  (for large files only)

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
