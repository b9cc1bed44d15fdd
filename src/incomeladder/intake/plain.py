"""The straight road: households of files in which every cell reads as it stands, so that no row need be judged.

A single doubt, and the whole survey is read once more on the other road, where every row has its fate (``validate``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.clean import TYPED, careful, doubt_name, numeric, straight
from incomeladder.frames import (
    EXTRA,
    FAULT,
    FILE,
    FIRST,
    ID,
    INCOME,
    PLACE_COLUMNS,
    ROUND,
    SIZE,
    TEXTS,
    TOTALS_END,
    UNPROVED,
    WEIGHT,
)
from incomeladder.validate import missing, of_incomes, out_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polars.datatypes import DataType

    from incomeladder.intake.survey import Survey
    from incomeladder.read.source import Source

JUDGED: Final = "to_be_judged"
"""Whether a row may be no household, or none that can be used."""
SEVERAL: Final = "several_rounds"
"""Whether there are more rounds than one, where one was expected."""
_LABEL: Final = r"^[0-9][0-9A-Za-z_.-]*$"


def is_open(survey: Survey) -> bool:
    """Whether the road is open: households with ids, in files that are scanned, with incomes that nobody adds up.

    Nor may only some of the files have weights: the households of the others lack theirs.
    """
    scanned = all(source.table.typed is not None and ID in source.columns for source in survey.sources)
    alike = len({WEIGHT in source.columns for source in survey.sources}) == 1
    return scanned and alike and not survey.persons and not survey.marks


def households(survey: Survey) -> pl.LazyFrame:
    """Every wanted row, typed, with its doubts; texts are as the files have them."""
    rows = pl.concat([_rows(source, survey.needed) for source in survey.sources], how="diagonal")
    if survey.rounds is None:
        return rows
    return rows.filter(~_is_elsewhere(survey.rounds).fill_null(value=False))


def _is_elsewhere(rounds: frozenset[str]) -> pl.Expr:
    """Whether a row is of another round: a label that is missing, or would be cleaned, must not lose its row.

    Only labels that are not plain are looked at with care, which takes longer.
    """
    other = pl.when(~pl.col(ROUND).is_in(list(rounds))).then(ROUND)
    plain = other.str.contains(_LABEL)
    odd = pl.when(~plain).then(other)
    return plain | (careful.round_label(odd) == odd)


def findings(rows: pl.LazyFrame, survey: Survey, *, one_round: bool) -> pl.LazyFrame:
    """As ``validate.account`` says it, of rows that are all accepted, with whether anything of them is in doubt.

    Rows of ``one_round`` are summed up without grouping, which takes half the memory; that they are is in doubt too.
    """
    count, none = pl.len().cast(pl.Int64), pl.lit(0, pl.Int64)
    told = (
        *(count.alias(name) for name in ("rows_read", "households")),
        missing(survey.scope, pl.lit(value=True)),
        *of_incomes(pl.col(INCOME)),
        *(pl.col(doubt_name(column)).any() for column in survey.columns if column in TYPED),
        *out_of(survey.scope, pl.lit(value=True)),
        pl.col(UNPROVED).any(),
        pl.col(JUDGED).any(),
    )
    if one_round:
        several = (pl.col(ROUND).min() != pl.col(ROUND).max()).alias(SEVERAL)
        found = rows.select(pl.col(FILE).first(), pl.col(ROUND).min(), several, *told)
    else:
        found = rows.group_by(FILE, ROUND).agg(told)
    return found.with_columns(none.alias("skipped"), none.alias("rejected"))


def has_odd_words(answers: Iterable[pl.DataFrame]) -> bool:
    """Whether answers show texts that would have been cleaned."""
    for answer in answers:
        texts = [name for name in answer.columns if name in TEXTS or name.startswith(EXTRA)]
        if any(answer.select(careful.words(pl.col(name)).ne_missing(pl.col(name)).any()).item() for name in texts):
            return True
    return False


def _rows(source: Source, needed: Iterable[str]) -> pl.LazyFrame:
    typed = source.typed()
    kinds, read = typed.collect_schema(), [column for column in source.columns if column in TYPED and column != ID]
    values = [_value(column, kinds[column], wan=column in source.wan).alias(_value_name(column)) for column in read]
    judged = pl.any_horizontal(_judged(source, needed)).fill_null(value=False).alias(JUDGED)
    unread = pl.col(ID).is_null() | ~straight.is_household_id(pl.col(ID))
    told = typed.with_columns(values).with_columns(judged, unread.alias(doubt_name(ID)), *map(_left_over, read))
    return told.with_columns(pl.col(_value_name(column)).alias(column) for column in read)


def _value_name(column: str) -> str:
    return f"value_{column}"


def _left_over(column: str) -> pl.Expr:
    left_over = pl.col(_value_name(column)).is_null() & pl.col(column).is_not_null()
    return left_over.alias(doubt_name(column))


def _value(column: str, kind: DataType, *, wan: bool) -> pl.Expr:
    return straight.value(column, wan=wan) if kind == pl.String else numeric.value(column, kind, wan=wan)


def _judged(source: Source, needed: Iterable[str]) -> Iterator[pl.Expr]:
    """What rules may say of a row although every cell of it can be read."""
    yield pl.col(FAULT).is_not_null()
    if source.has_rounds:
        yield pl.col(ROUND).is_null()
    if SIZE in source.columns:
        yield pl.col(_value_name(SIZE)) < 1
    yield from (pl.col(column).is_null() for column in needed)
    if WEIGHT in source.columns:
        yield (pl.col(_value_name(WEIGHT)) < 0) | pl.col(WEIGHT).is_null()
    if not source.starts_with_ids:
        yield careful.is_total(pl.col(FIRST))
    if source.may_hold_labels:
        yield from (pl.col(name).str.ends_with(TOTALS_END) for name in PLACE_COLUMNS if name in source.columns)
