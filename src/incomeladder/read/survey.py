"""SURVEY arguments to a survey: the raw frames of its tables, and what was understood of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import polars as pl

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import FAULT, FILE, ID, INCOME, PARTS, ROUND
from incomeladder.read.encoding import as_it_stands, transcoded
from incomeladder.read.files import File, behind
from incomeladder.read.headings import Naming
from incomeladder.read.kinds import kind_of
from incomeladder.read.text import tabled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from incomeladder.ledger.record import Record
    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.read.layout import Layout, Table

T = TypeVar("T")
U = TypeVar("U")
PlaceSource = Literal["name", "folder", "sheet"]
_TELLING: Final = 2
"""So many columns that hold their own heading make a row a heading."""
WORKBOOKS: Final = frozenset({"xlsx", "xls", "ods"})


def _silent(_done: int, _of: int) -> None:
    """Nobody wants to hear how far the reading is."""


@dataclass(frozen=True)
class Asked:
    """How the user says that files are to be read; ``wan`` is what ``--unit`` says, None where it says nothing.

    ``ledger`` tells where ``@ROUND`` is looked for, if it is.
    ``persons`` says that a row is a member of a household; ``places`` which column is taken from the name of the file,
    of its folder or of the sheet. ``tell`` hears how many rows of a workbook are read, and of how many.
    """

    ledger: Callable[[], Ledger]
    naming: Naming = field(default_factory=Naming)
    wan: bool | None = None
    encoding: str | None = None
    round_name: str | None = None
    sheets: tuple[str, ...] = ()
    persons: bool = False
    places: Mapping[str, PlaceSource] = field(default_factory=dict)
    tell: Callable[[int, int], None] = _silent


@dataclass(frozen=True)
class Source:
    """One table of a survey, as it was understood: a file, or a sheet of one."""

    file: File
    table: Table
    number: int
    label: str
    asked: Asked
    places: Mapping[str, str]
    signature: tuple[int, ...]

    @property
    def name(self) -> str:
        """How messages name it."""
        return self.file.place(self.table.sheet)

    @property
    def layout(self) -> Layout:
        """Where its headings stand, and what they are."""
        return self.table.layout

    @property
    def kept(self) -> Record | None:
        """The record of a round of the ledger that is read as it lies, and not under other names."""
        return self.file.kept.record if self.file.kept and not self.asked.naming.asked else None

    @property
    def is_named_by_file(self) -> bool:
        """Whether nothing but the file's name tells the round."""
        return not self.has_rounds and self.asked.round_name is None and self.file.kept is None

    @property
    def persons(self) -> bool:
        """Whether its rows are members of households, and no households."""
        return self.asked.persons

    @property
    def is_empty(self) -> bool:
        """Whether there are headings and nothing else."""
        return not self.layout.first_row

    @property
    def first_label(self) -> str | None:
        """The round of the first row, where a column names it."""
        return self.first_cell(ROUND) or None

    def first_cell(self, column: str) -> str:
        """The text of a column in the first row; nothing where there is none."""
        named = zip(self.layout.columns.names, self.layout.first_row, strict=False)
        return next((cell for name, cell in named if name == column), "")

    def estimated_rows(self) -> int:
        """How many rows there are, or about how many: of text its first row tells how long they are."""
        if self.kept:
            return self.kept.rows
        if self.table.kind == "text":
            return self.signature[0] // max(1, len(self.layout.delimiter.join(self.layout.first_row).encode()) + 1)
        return int(self.table.raw.select(pl.len()).collect(engine="streaming").item())

    @property
    def proved(self) -> bool:
        """Whether the shape of every row is known."""
        return self.table.prove is None

    def prove(self) -> Source:
        """The source with the shape of every row known."""
        return self if self.table.prove is None else replace(self, table=self.table.prove())

    @property
    def rows(self) -> pl.LazyFrame:
        """The raw frame with the number of the table, and with what the file's name tells and no column does."""
        numbered = self._numbered(self.table.raw)
        if not self.may_hold_labels:
            return numbered
        return numbered.with_columns(
            pl.when(self._is_heading()).then(pl.lit("blank_row")).otherwise(FAULT).alias(FAULT)
        )

    def typed(self) -> pl.LazyFrame:
        """The same with numbers where the file has numbers, of a file that is scanned."""
        return self._numbered(self.table.raw if self.table.typed is None else self.table.typed)

    def _numbered(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        told = {**self.places} if self.has_rounds else {**self.places, ROUND: self.label}
        named = [pl.lit(text).alias(column) for column, text in told.items()]
        return rows.with_columns(pl.lit(self.number, pl.Int32).alias(FILE), *named)

    @property
    def starts_with_ids(self) -> bool:
        """Whether the first column is that of the ids."""
        return self.layout.columns.names[0] == ID

    @property
    def may_hold_labels(self) -> bool:
        """Whether a row may be the total of a place, or repeat the headings: text that looks plain has neither."""
        return self.proved

    def _is_heading(self) -> pl.Expr:
        """Whether a row repeats the headings, as sheets do that are printed on several pages."""
        headings = [*self.layout.columns.heading_of.items()][:_TELLING]
        return pl.all_horizontal(pl.col(name) == text for name, text in headings)

    def heading(self, column: str) -> str:
        """The heading that became a column; nothing where none did."""
        return self.layout.columns.heading_of.get(column, "")

    @property
    def has_rounds(self) -> bool:
        """Whether the file says in a column of its own which round a row belongs to."""
        return ROUND in self.layout.columns.canonical

    @property
    def columns(self) -> tuple[str, ...]:
        """The canonical columns of ``rows``."""
        found = (*self.layout.columns.canonical, *self.places)
        return found if self.has_rounds else (*found, ROUND)

    @property
    def incomes(self) -> tuple[str, ...]:
        """The columns that incomes are made of."""
        return (INCOME,) if INCOME in self.columns else self.parts

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of incomes that there are columns of."""
        return tuple(part for part in PARTS if part in self.columns)

    @property
    def wan(self) -> frozenset[str]:
        """Money columns in which a bare number counts 万元: by heading, else by title, else as asked."""
        return frozenset(column for column in (INCOME, *PARTS) if self._says(column))

    def names_unit(self, column: str) -> bool:
        """Whether anything said the unit of a column's bare numbers."""
        return self._says(column) is not None

    def _says(self, column: str) -> bool | None:
        said = self.layout.columns.units.get(column, self.layout.title_wan)
        return self.asked.wan if said is None else said

    @property
    def unit_kept(self) -> bool:
        """Whether the file names another unit than ``--unit``, which fills in only where nothing is said."""
        return self.asked.wan is not None and any(self._says(column) != self.asked.wan for column in self.incomes)

    @property
    def mixes_units(self) -> bool:
        """Whether some parts of incomes count 万元 and nothing says what the others count."""
        return {self._says(column) for column in self.incomes} >= {True, None}

    @property
    def places_kept(self) -> list[str]:
        """Places that were to be taken from names, and that the file has columns of."""
        return [column for column in self.asked.places if column in self.layout.columns.canonical]

    def refuse_changed(self) -> None:
        """Raise SurveyRefused if the file was written to, or taken away, since it was opened."""
        try:
            same = self.file.signature == self.signature
        except OSError:
            same = False
        if not same:
            raise SurveyRefused.because("file_changed", file=self.file.name)


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
