"""Text to values: amounts, whole numbers, words. Expressions only, and no judgement.

``straight`` reads what needs no cleaning and leaves the rest null; ``careful`` reads everything that can be read. Where
``straight`` reads a cell the two agree, so a column is read with care only once a cell of it was left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.clean import careful, straight
from incomeladder.frames import (
    CANONICAL,
    EXTRA,
    ID,
    INCOME,
    NOTED,
    PARTS,
    RESIDENCE,
    ROUND,
    SIZES,
    TEXTS,
    TOTALLED,
    WEIGHT,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

TYPED = (ID, INCOME, *PARTS, *SIZES, RESIDENCE, WEIGHT)
"""Columns whose text can be unreadable; places, groups and round labels are words as they stand."""


def raw_name(column: str) -> str:
    """The column that keeps a canonical column's text."""
    return f"raw_{column}"


def doubt_name(column: str) -> str:
    """The column that says of a typed column where the straight road left a cell over."""
    return f"doubt_{column}"


def tidy(
    raw: pl.LazyFrame, columns: Collection[str], *, wan: Collection[str] = (), care: Collection[str] = ()
) -> pl.LazyFrame:
    """Type the ``columns`` of a file, and keep the text of canonical ones and their doubts beside them.

    In the money columns ``wan`` a bare number counts 万元; the columns ``care`` are read with care. Round labels are
    cleaned only with care too: they are so few that they are looked at once counted.
    """
    texts = raw.with_columns(pl.col(column).alias(raw_name(column)) for column in columns if column in CANONICAL)
    typed = [column for column in columns if column in TYPED]
    compact = texts.with_columns(careful.compact(pl.col(column)) for column in typed if column in care)
    values = [_value(column, wan=column in wan, care=column in care).alias(column) for column in typed]
    named = [careful.words(pl.col(column)) for column in columns if column in TEXTS or column.startswith(EXTRA)]
    if ROUND in columns and ROUND in care:
        named.append(careful.round_label(pl.col(ROUND)))
    doubts = [_doubt(column).alias(doubt_name(column)) for column in typed if column not in care]
    told = compact.with_columns(*values, *named).with_columns(doubts)
    return told if ID in typed and ID not in care else told.with_columns(_labelled(columns))


def _doubt(column: str) -> pl.Expr:
    """A cell that was left over; of ids also an empty one, since the row may be a total, with its label elsewhere."""
    left_over = pl.col(column).is_null()
    return left_over if column == ID else left_over & pl.col(raw_name(column)).is_not_null()


def _labelled(columns: Collection[str]) -> list[pl.Expr]:
    """Whether any text of a row without an id labels a total, or begins as a note does."""
    texts = [pl.col(column) for column in columns if column in TEXTS or column.startswith(EXTRA)]
    nameless = pl.col(ID).is_null() if ID in columns else pl.lit(value=True)
    marks = {TOTALLED: careful.is_total, NOTED: careful.is_note}
    return [(nameless & _any(map(labels, texts))).alias(mark) for mark, labels in marks.items()]


def _any(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *conditions).fill_null(value=False)


def _value(column: str, *, wan: bool, care: bool) -> pl.Expr:
    if not care:
        return straight.value(column, wan=wan)
    text = pl.col(column)
    return careful.amount(text, wan=wan) if column in (INCOME, *PARTS) else _CAREFUL[column](text)


_CAREFUL: Final = {
    ID: careful.household_id,
    **dict.fromkeys(SIZES, careful.size),
    RESIDENCE: careful.residence,
    WEIGHT: careful.weight,
}
