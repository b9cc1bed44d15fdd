"""Rounds of the ledger as surveys: what was proved when they were added is not proved again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.frames import FILE, MONEY_UNIT, ROUND, WEIGHT, WEIGHT_UNIT
from incomeladder.ledger import columns

if TYPE_CHECKING:
    from incomeladder.intake.survey import Survey
    from incomeladder.ledger.record import Record
    from incomeladder.read.source import Source

_COUNTED = ("rows_read", "skipped", "rejected", "households", "missing_income")
_SCHEMA = {FILE: pl.Int32, ROUND: pl.String} | dict.fromkeys(_COUNTED, pl.Int64)


def is_kept(survey: Survey) -> bool:
    """Whether every table is a round of the ledger."""
    return all(source.kept for source in survey.sources)


def households(survey: Survey) -> pl.LazyFrame:
    """The wanted rounds; a single one is known to be sorted by id."""
    wanted = [source for source in survey.sources if survey.rounds is None or source.label in survey.rounds]
    frames = [_households(source) for source in wanted]
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")


def _households(source: Source) -> pl.LazyFrame:
    stored = source.kept.columns if source.kept else ()
    # A round without weights is a census: beside rounds with weights, each of its households counts as one.
    weight = [] if WEIGHT in stored else [pl.lit(WEIGHT_UNIT, pl.Int64).alias(WEIGHT)]
    return columns.households(source.file.path, stored).with_columns(pl.lit(source.label).alias(ROUND), *weight)


def account(survey: Survey) -> pl.DataFrame:
    """As ``validate.account`` says it, of the rows that the ledger holds."""
    rows = [
        (number, source.label, *_counts(source.kept)) for number, source in enumerate(survey.sources) if source.kept
    ]
    schema = _SCHEMA | {"largest_income": pl.Int64, "log_income": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counts(record: Record) -> tuple[float | None, ...]:
    incomes, typical = record.incomes, record.incomes["typical"]
    log = None if typical is None else math.log(typical * MONEY_UNIT)
    return record.rows, 0, 0, record.rows, incomes["missing"], incomes["largest"], log
