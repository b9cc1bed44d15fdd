"""SURVEY arguments to files: a file, standard input, those of a folder or a pattern, rounds of the ledger."""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass, field, replace
from glob import glob, has_magic
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from incomeladder.errors import SurveyRefused
from incomeladder.frames import RESIDENCE, ROUND, TEXTS
from incomeladder.natural import natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from incomeladder.ledger.store import Kept, Ledger

SUFFIXES: Final = frozenset(
    [
        ".csv",
        ".tsv",
        ".txt",
        ".xlsx",
        ".xlsm",
        ".xlsb",
        ".xls",
        ".ods",
        ".parquet",
        ".ndjson",
        ".jsonl",
        ".dta",
        ".sav",
        ".zsav",
    ]
)
_PARTITIONS: Final = {name: name for name in (ROUND, RESIDENCE, *TEXTS)} | {"round": ROUND}
_NO_PARTITION: Final = "__HIVE_DEFAULT_PARTITION__"
_ROUND: Final = re.compile(r"(?:19|20)[0-9]{2}年?(?:[-_. ]?(?:[HhQq]?[0-9]{1,2}|[上下]半年))?")


@dataclass(frozen=True)
class File:
    """A file of a survey; ``label`` names its round where neither a column nor an option does.

    ``told`` has the columns that folders such as ``county=东区`` tell, as Spark and Hive write them. ``kept`` is the
    round of the ledger that it holds, whose households are known to be sound, sorted and unique.
    """

    name: str
    path: Path
    label: str
    told: Mapping[str, str] = field(default_factory=dict)
    kept: Kept | None = None

    def place(self, sheet: str | None) -> str:
        """How messages name the file, or one of its sheets."""
        return self.name if sheet is None else f"{self.name}[{sheet}]"

    @property
    def signature(self) -> tuple[int, int, int]:
        """What changes when the file is written to."""
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns, found.st_ino


def is_round_name(name: str) -> bool:
    """Whether a name is one that rounds usually have: a year, or a part of one."""
    return _ROUND.fullmatch(name) is not None


def behind(argument: str, spool: Path, ledger: Callable[[], Ledger]) -> list[File]:
    """The files behind an argument, those of a folder or a pattern in natural order; ``@`` goes before a kept round.

    ``spool`` takes a copy of standard input. Raises SurveyRefused for what is no file that can be read, and for folders
    and patterns that hold none; LedgerRefused for a round that is damaged.
    """
    if argument.startswith("@"):
        return [File(f"@{kept.name}", kept.data, kept.name, kept=kept) for kept in ledger().asked(argument[1:])]
    if argument == "-":
        return [File(argument, _copied(spool / "stdin"), "stdin")]
    path = Path(argument)
    if has_magic(argument) and not os.path.lexists(argument):
        fixed = Path(*_without_magic(path.parts))
        found = glob(argument, recursive=True)  # noqa: PTH207  (Path.glob takes no absolute pattern)
        if not found:
            raise SurveyRefused.because("no_match", file=argument)
        return _part_files(map(Path, found), argument, fixed)
    if _is_folder(argument):
        return _part_files(path.rglob("*"), argument, path)
    return [_whole_file(path, path.stem)]


def _without_magic(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if has_magic(part):
            return
        yield part


def _is_folder(argument: str) -> bool:
    try:
        return Path(argument).is_dir()
    except (OSError, ValueError):
        return False


def _part_files(paths: Iterable[Path], argument: str, folder: Path) -> list[File]:
    """The survey files below a folder, which names their round unless all, or their folders, are named like one."""
    kept = [path for path in paths if path.suffix.lower() in SUFFIXES and not _is_hidden(path.relative_to(folder))]
    kept = [path for path in kept if not path.is_dir()]
    if not kept:
        raise SurveyRefused.because("no_survey_files", file=argument, suffixes=sorted(SUFFIXES))
    kept.sort(key=lambda path: natural_key(str(path)))
    rounds = [_round_in(path.relative_to(folder)) for path in kept]
    whole = folder.resolve()
    label = (whole.stem if whole.suffix.lower() in SUFFIXES else whole.name) or "survey"
    return [_part_file(path, (all(rounds) and told) or label, folder) for path, told in zip(kept, rounds, strict=True)]


def _round_in(path: Path) -> str | None:
    """The name of a file, or of a folder around it, that looks like that of a round."""
    names = (path.stem, *(parent.name for parent in path.parents))
    return next(filter(is_round_name, names), None)


def _part_file(path: Path, label: str, folder: Path) -> File:
    pairs = (part.partition("=") for part in path.relative_to(folder).parts[:-1])
    known = ((_PARTITIONS.get(key), value) for key, _, value in pairs)
    told = {column: unquote(value) for column, value in known if column and value != _NO_PARTITION}
    return replace(_whole_file(path, told.pop(ROUND, label)), told=told)


def _is_hidden(path: Path) -> bool:
    """What Spark, Excel and systems keep beside the data."""
    return any(part.startswith((".", "_", "~$")) for part in path.parts)


def _whole_file(path: Path, label: str) -> File:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SurveyRefused.because("not_a_file", file=str(path))
        if not os.access(path, os.R_OK):
            raise SurveyRefused.because("unreadable_file", file=str(path), detail="Permission denied")
    except (OSError, ValueError) as error:
        key = "no_such_file" if isinstance(error, FileNotFoundError) else "unreadable_file"
        raise SurveyRefused.because(key, file=str(path), detail=getattr(error, "strerror", error)) from error
    return File(str(path), path, label)


def _copied(target: Path) -> Path:
    """Standard input as a file: a stream can be read only once."""
    if sys.stdin is None:
        raise SurveyRefused.because("unreadable_file", file="-", detail="standard input is closed")
    with target.open("wb") as copy:
        copyfileobj(sys.stdin.buffer, copy)
    return target
