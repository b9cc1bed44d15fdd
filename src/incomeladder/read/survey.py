"""SURVEY arguments to a survey: a source for each of its tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.read.encoding import as_it_stands, transcoded
from incomeladder.read.files import File, behind
from incomeladder.read.kinds import kind_of
from incomeladder.read.source import Source
from incomeladder.read.text import tabled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from incomeladder.ledger.store import Kept
    from incomeladder.read.layout import Table
    from incomeladder.read.source import Asked

T = TypeVar("T")
U = TypeVar("U")
WORKBOOKS: Final = frozenset({"xlsx", "xls", "ods"})


def read(arguments: Sequence[str], asked: Asked, spool: Path) -> tuple[Source, ...]:
    """Read the files as one survey. ``spool`` is a folder for copies; every file that is refused is told at once."""
    reasons: list[Reason] = []
    files = _each(arguments, lambda argument: behind(argument, spool, asked.ledger), reasons)
    _refuse_twice(files)
    tables = _each(files, lambda file: _unnumbered(file, asked, spool), reasons)
    if reasons:
        raise SurveyRefused(*reasons)
    sources = [replace(source, number=number) for number, source in enumerate(tables)]
    _refuse_sheets_of_nothing(sources, asked)
    return tuple(sources)


def _refuse_sheets_of_nothing(sources: Sequence[Source], asked: Asked) -> None:
    named = [f"--sheet {name}" for name in asked.sheets] + ["--place-from sheet"] * ("sheet" in asked.places.values())
    if named and not any(source.table.kind in WORKBOOKS for source in sources):
        raise SurveyRefused.because("sheet_of_no_workbook", file=sources[0].file.name, option=named[0])


def _refuse_twice(files: Sequence[File]) -> None:
    """Raise SurveyRefused for a file that is named twice: all of its households would be duplicates."""
    times = Counter(file.path.resolve() for file in files)
    twice = {file.name for file in files if times[file.path.resolve()] > 1}
    if twice:
        raise SurveyRefused(*(Reason("file_twice", {"file": name}) for name in sorted(twice)))


def _each(things: Iterable[T], find: Callable[[T], Iterable[U]], reasons: list[Reason]) -> list[U]:
    """All that is found in things; ``reasons`` takes those for which some are refused."""
    found: list[U] = []
    for thing in things:
        try:
            found += find(thing)
        except SurveyRefused as refusal:
            reasons += refusal.reasons
    return found


def _unnumbered(file: File, asked: Asked, spool: Path) -> list[Source]:
    if file.kept:
        from incomeladder.ledger.store import steady  # noqa: PLC0415  (most surveys are files)

        with steady([file.kept]):
            return [Source(file, _kept_table(file, file.kept, asked), 0, file.label, asked, {}, file.kept.signature)]
    signature = file.signature
    label = asked.round_name or file.label
    return [
        Source(file, table, 0, label, asked, _places(file, table, asked), signature)
        for table in _tables(file, asked, spool)
    ]


def _tables(file: File, asked: Asked, spool: Path) -> list[Table]:
    kind = kind_of(file, encoding=asked.encoding)
    if kind == "text":
        return [_text_table(file, asked, spool)]
    if kind in WORKBOOKS:
        from incomeladder.read.workbook import Reader  # noqa: PLC0415  (no other file needs calamine)

        return Reader(asked.naming, asked.sheets, asked.tell).tables(file, kind)
    if kind == "ndjson":
        from incomeladder.read.ndjson import ndjson_table  # noqa: PLC0415

        return [ndjson_table(file, asked.naming)]
    from incomeladder.read import columnar  # noqa: PLC0415

    if kind == "parquet":
        return [columnar.parquet_table(file, asked.naming)]
    return [columnar.statistics_table(file, kind, asked.naming, asked.encoding)]


def _kept_table(file: File, kept: Kept, asked: Asked) -> Table:
    from incomeladder.read.columnar import kept_table  # noqa: PLC0415

    if asked.persons:
        raise SurveyRefused.because("kept_no_persons", file=file.name)
    return kept_table(file, kept.record, asked.naming)


def _text_table(file: File, asked: Asked, spool: Path) -> Table:
    try:
        return tabled(as_it_stands(file.path, file.name, asked.encoding), asked.naming)
    except UnicodeDecodeError:
        return tabled(transcoded(file.path, file.name, asked.encoding, spool), asked.naming)


def _places(file: File, table: Table, asked: Asked) -> dict[str, str]:
    """What names tell of columns that the table does not have."""
    names = {"name": file.path.stem, "folder": file.path.resolve().parent.name, "sheet": table.sheet or ""}
    if file.name == "-":
        names |= {"name": "", "folder": ""}
    told = {**file.told, **{column: names[source] for column, source in asked.places.items()}}
    return {column: text for column, text in told.items() if text and column not in table.layout.columns.canonical}
