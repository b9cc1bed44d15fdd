"""Files read as one survey: their columns, their rounds, their rows with typed values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from incomeladder import clean
from incomeladder.errors import Reason, SurveyRefused, UsageRefused
from incomeladder.frames import EXTRA, ID, PLACE_COLUMNS, ROUND
from incomeladder.intake.incomes import marks, with_income

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.ledger.record import Record
    from incomeladder.read.source import Source
    from incomeladder.size import Scale


_SMALL = 1 << 22
"""Bytes up to which a file is sooner read than guessed at."""


@dataclass(frozen=True)
class Survey:
    """Files read as one survey; of its rounds only ``rounds`` are wanted, all of them where it is None.

    Where there is a ``scale``, households stand on the ladder by it, and what it needs may not be missing.
    """

    sources: tuple[Source, ...]
    rounds: frozenset[str] | None = None
    scale: Scale | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """What every household has to tell; a roster tells its size by its members."""
        return () if self.scale is None or self.persons else self.scale.columns

    @property
    def scope(self) -> pl.Expr | None:
        """Which households are placed, where not all are."""
        return None if self.scale is None or self.scale.rule != "reference-only" else self.scale.in_scope()

    @property
    def columns(self) -> frozenset[str]:
        """The canonical columns that any of the files has."""
        return frozenset(column for source in self.sources for column in source.columns)

    @property
    def marks(self) -> frozenset[str]:
        """What is known of the incomes of any of the files."""
        return frozenset(mark for source in self.sources for mark in marks(source))

    @property
    def labelled(self) -> frozenset[str]:
        """The columns of places that may hold the label of a total."""
        may = any(source.may_hold_labels for source in self.sources)
        return self.columns.intersection(PLACE_COLUMNS) if may else frozenset()

    @property
    def persons(self) -> bool:
        """Whether the rows are the members of households."""
        return any(source.persons for source in self.sources)

    def column(self, name: str) -> str | None:
        """The frame's column for a name that a user gives: a canonical one, or a heading of a file."""
        return name if name in self.columns else self._headings().get(name)

    def known_columns(self) -> list[str]:
        """Every name that ``column`` knows."""
        return sorted({*self.columns, *self._headings()})

    def _headings(self) -> dict[str, str]:
        pairs = (zip(s.layout.columns.headings, s.layout.columns.names, strict=True) for s in self.sources)
        return {heading: column for pair in pairs for heading, column in pair if column is not None}

    def labels(self) -> frozenset[str]:
        """The names of the rounds there are; files that hold no row of any round are named by themselves."""
        labels = {source.label for source in self.sources if not source.has_rounds}
        for source in self.sources:
            if source.has_rounds:
                rows = clean.tidy(source.prove().rows, [ROUND], care=[ROUND])
                labels |= set(rows.select(pl.col(ROUND).unique()).collect(engine="streaming")[ROUND].drop_nulls())
        return frozenset(labels) or frozenset(source.label for source in self.sources)

    def guessed_labels(self) -> frozenset[str]:
        """The rounds that the first rows tell, without reading on; none where a file is sooner read than guessed at."""
        named = [source for source in self.sources if source.has_rounds]
        if any(source.signature[0] < _SMALL or not source.first_label for source in named):
            return frozenset()
        return frozenset((source.first_label if source.has_rounds else None) or source.label for source in self.sources)

    @property
    def may_be_one_round(self) -> bool:
        """Whether all rows may be of one round: of a large file its first row is believed, as long as nobody looks."""
        return len(self.sources) == 1 and (not self.sources[0].has_rounds or bool(self.guessed_labels()))

    def prove(self) -> Survey:
        """The survey with the shape of every row known."""
        return replace(self, sources=tuple(source.prove() for source in self.sources))

    def estimated_rows(self) -> int:
        """About how many rows there are."""
        return sum(source.estimated_rows() for source in self.sources)

    @property
    def proved(self) -> bool:
        """Whether the shape of every row is known."""
        return all(source.proved for source in self.sources)

    def tidy(self, care: frozenset[str]) -> pl.LazyFrame:
        """All wanted rows of all files, typed; a row whose round is unknown may be of any."""
        if self.rounds is None:
            return pl.concat([_tidy_file(source, care) for source in self.sources], how="diagonal")
        # Rows are chosen by their label, so a label that is not clean must not lose its row.
        tidied = [_tidy_file(source, care | {ROUND}) for source in self.sources]
        return pl.concat(tidied, how="diagonal").filter(in_rounds(self.rounds))

    def refuse_changed(self) -> None:
        """Raise SurveyRefused if a file was written to while it was read."""
        for source in self.sources:
            source.refuse_changed()


def in_rounds(rounds: Iterable[str]) -> pl.Expr:
    """Rows of these rounds, and those whose round is not known: they must not fall between two reports."""
    return pl.col(ROUND).is_in(list(rounds)) | pl.col(ROUND).is_null()


def _tidy_file(source: Source, care: frozenset[str]) -> pl.LazyFrame:
    extra = [name for name in source.layout.columns.names if name and name.startswith(EXTRA)]
    return with_income(clean.tidy(source.rows, (*source.columns, *extra), wan=source.wan, care=care), source)


def resolve(surveys: Iterable[Survey], name: str) -> str:
    """The frame's column for a name, in the first survey that has it.

    Raises UsageRefused, with the nearest known name, where none has.
    """
    surveys = tuple(surveys)
    for survey in surveys:
        if column := survey.column(name):
            return column
    known = sorted({column for survey in surveys for column in survey.known_columns()})
    nearest = get_close_matches(name, known, n=1, cutoff=0)[0]
    raise UsageRefused.because("unknown_column", column=name, nearest=nearest, known=known)


def refuse_empty(sources: Iterable[Source]) -> None:
    """Raise SurveyRefused for files that have headings and nothing else."""
    empty = [source for source in sources if source.is_empty]
    if empty:
        raise SurveyRefused(*(Reason("header_only", {"file": source.name}) for source in empty))


def refuse_unlike_ids(sources: Iterable[Source], *records: Record) -> None:
    """Raise SurveyRefused where ids are pseudonyms under different keys, or pseudonyms beside ids as they are.

    ``records`` are of rounds of the ledger besides.
    """
    keys = {source.file.kept.record.key if source.file.kept else None: source.name for source in sources}
    keys = {record.key: f"@{record.name}" for record in records} | keys
    if len(keys) > 1:
        one, other, *_ = keys.values()
        raise SurveyRefused.because("ids_unlike", one=one, other=other)


def refuse_without_ids(sources: Iterable[Source], report: str) -> None:
    """Raise SurveyRefused for a report that follows households, where a file has no column of ids."""
    for source in sources:
        if ID not in source.columns:
            raise SurveyRefused.because("no_id_column", file=source.name, report=report)
