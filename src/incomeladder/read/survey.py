"""SURVEY arguments to a survey: the raw frames of its files, and what was understood of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import FILE, INCOME, PARTS, ROUND
from incomeladder.read.encoding import Text, as_it_stands, fetch, signature, transcoded
from incomeladder.read.text import Layout, find_layout, prove, scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Asked:
    """How the user says that files are to be read; ``wan`` is what ``--unit`` says, None where it says nothing."""

    columns: Mapping[str, str] = field(default_factory=dict)
    wan: bool | None = None
    encoding: str | None = None
    round_name: str | None = None


@dataclass(frozen=True)
class Source:
    """One file of a survey, as it was understood."""

    name: str
    text: Text
    layout: Layout
    raw: pl.LazyFrame
    proved: bool
    number: int
    label: str
    asked_wan: bool | None
    path: Path
    signature: tuple[int, int, int]

    @property
    def is_empty(self) -> bool:
        """Whether there are headings and nothing else."""
        return not self.layout.first_row

    @property
    def first_label(self) -> str | None:
        """The round of the first row, where a column names it."""
        named = zip(self.layout.columns.names, self.layout.first_row, strict=False)
        return next((cell for name, cell in named if name == ROUND), None)

    def prove(self) -> Source:
        """The source with the shape of every row known."""
        return self if self.proved else replace(self, raw=prove(self.text, self.layout), proved=True)

    @property
    def rows(self) -> pl.LazyFrame:
        """The raw frame with the number of the file, and the round that the file names if no column does."""
        numbered = self.raw.with_columns(pl.lit(self.number, pl.Int32).alias(FILE))
        return numbered if self.has_rounds else numbered.with_columns(pl.lit(self.label).alias(ROUND))

    @property
    def has_rounds(self) -> bool:
        """Whether the file says in a column of its own which round a row belongs to."""
        return ROUND in self.layout.columns.canonical

    @property
    def columns(self) -> tuple[str, ...]:
        """The canonical columns of the raw frame; a round without a column of its own is named by its file."""
        found = self.layout.columns.canonical
        return found if self.has_rounds else (*found, ROUND)

    @property
    def incomes(self) -> tuple[str, ...]:
        """The columns that incomes are made of."""
        return (INCOME,) if INCOME in self.columns else tuple(part for part in PARTS if part in self.columns)

    @property
    def wan(self) -> frozenset[str]:
        """Money columns in which a bare number counts 万元: by heading, else by title, else as asked."""
        return frozenset(column for column in (INCOME, *PARTS) if self._says(column))

    def names_unit(self, column: str) -> bool:
        """Whether anything said the unit of a column's bare numbers."""
        return self._says(column) is not None

    def _says(self, column: str) -> bool | None:
        said = self.layout.columns.units.get(column, self.layout.title_wan)
        return self.asked_wan if said is None else said

    @property
    def unit_kept(self) -> bool:
        """Whether the file names another unit than ``--unit``, which fills in only where nothing is said."""
        return self.asked_wan is not None and any(self._says(column) != self.asked_wan for column in self.incomes)

    def refuse_changed(self) -> None:
        """Raise SurveyRefused if the file was written to since it was opened."""
        if signature(self.path) != self.signature:
            raise SurveyRefused.because("file_changed", file=self.name)


def read(arguments: Sequence[str], asked: Asked, spool: Path) -> tuple[Source, ...]:
    """Read the files as one survey. ``spool`` is a folder for copies; every file that is refused is told at once."""
    sources: list[Source] = []
    reasons: list[Reason] = []
    for number, argument in enumerate(arguments):
        try:
            sources.append(_read_file(argument, number, asked, spool))
        except SurveyRefused as refusal:
            reasons += refusal.reasons
    if reasons:
        raise SurveyRefused(*reasons)
    return tuple(sources)


def _read_file(argument: str, number: int, asked: Asked, spool: Path) -> Source:
    path = fetch(argument, spool)
    before = signature(path)
    try:
        text = as_it_stands(path, argument, asked.encoding)
        layout = find_layout(text, asked.columns)
        raw, proved = scan(text, layout)
    except UnicodeDecodeError:
        text = transcoded(path, argument, asked.encoding, spool)
        layout = find_layout(text, asked.columns)
        raw, proved = scan(text, layout)
    label = asked.round_name or ("stdin" if argument == "-" else Path(argument).stem)
    return Source(argument, text, layout, raw, proved, number, label, asked.wan, path, before)
