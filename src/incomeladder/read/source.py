"""One table of a survey, as it was understood: its raw rows, its columns, its round and its units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, FILE, ID, INCOME, PARTS, ROUND
from incomeladder.read.headings import Naming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incomeladder.ledger.record import Record
    from incomeladder.ledger.store import Ledger
    from incomeladder.read.files import File
    from incomeladder.read.layout import Layout, Table

PlaceSource = Literal["name", "folder", "sheet"]
_TELLING: Final = 2
"""So many columns that hold their own heading make a row a heading."""


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
