"""Household income and its parts: wages, business, property, transfers (国家统计局: 可支配收入 = 四项之和)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.clean import careful, raw_name
from incomeladder.frames import FROM_PARTS, INCOME, LACKS_PART, MONEY_UNIT, PARTS, PARTS_DIFFER, part_bit

if TYPE_CHECKING:
    from incomeladder.frames import Lazy
    from incomeladder.read.source import Source

_TOLERANCE: Final = {False: 1 * MONEY_UNIT, True: 250 * MONEY_UNIT}
"""How far the parts may be from the total: rounding, of four parts and a total in 万元 to two decimals 0.025 万元."""


UNREAD: Final = "_unread"
"""Whether an income holds something of which no amount was made."""


def marks(source: Source) -> frozenset[str]:
    """What is known of each of a file's incomes besides its amount."""
    if INCOME not in source.columns:
        return frozenset({LACKS_PART})
    return frozenset({FROM_PARTS, PARTS_DIFFER}) if _is_comparable(source) else frozenset()


def _is_comparable(source: Source) -> bool:
    """Whether a total and all its parts are there, and it is said of all or of none in what unit they are."""
    return source.parts == PARTS and len({source.names_unit(column) for column in (INCOME, *PARTS)}) == 1


def with_income(tidied: pl.LazyFrame, source: Source) -> pl.LazyFrame:
    """The income of each row where the file gives only its parts, as ``settled`` says.

    The text of an income is looked at only where no amount was made of it: what cannot be read is not missing.
    """
    if not marks(source):
        return tidied
    unread = pl.lit(value=False)
    if INCOME in source.columns:
        left_over = pl.when(pl.col(INCOME).is_null()).then(raw_name(INCOME))
        unread = pl.col(INCOME).is_null() & ~careful.is_missing(left_over)
    told: pl.LazyFrame = nw.to_native(settled(nw.from_native(tidied.with_columns(unread.alias(UNREAD))), source))
    return told.drop(UNREAD)


def settled(rows: Lazy, source: Source) -> Lazy:
    """Rows with their incomes, on any engine; what is null is missing, unless it is an income that is ``_unread``.

    A file without a column of incomes has the sum of the parts that a row knows. Where it has one, a missing income is
    the sum of all four parts, if all are known; and ``_parts_differ`` tells where a total is not the sum of its parts.
    """
    if INCOME not in source.columns:
        return _added_up(rows, source.parts)
    return _filled_in(rows, source) if _is_comparable(source) else rows


def _added_up(rows: Lazy, parts: tuple[str, ...]) -> Lazy:
    known = nw.any_horizontal(*(~nw.col(part).is_null() for part in parts), ignore_nulls=False)
    bits = (nw.when(nw.col(part).is_null()).then(nw.lit(part_bit(part))).otherwise(nw.lit(0)) for part in parts)
    lacks = nw.when(known).then(nw.sum_horizontal(*bits)).otherwise(nw.lit(0)).cast(nw.Int64)
    total = nw.when(known).then(nw.sum_horizontal(*parts)).cast(nw.Int64)
    return rows.with_columns(total.alias(INCOME), lacks.alias(LACKS_PART))


def _filled_in(rows: Lazy, source: Source) -> Lazy:
    total, parts = nw.col(INCOME), nw.sum_horizontal(*PARTS)
    known = ~nw.any_horizontal(*(nw.col(part).is_null() for part in PARTS), ignore_nulls=False)
    differ = (total - parts).abs() > _TOLERANCE[bool(source.wan)]
    return rows.with_columns(
        (known & differ.fill_null(value=False)).alias(PARTS_DIFFER),
        (known & total.is_null() & ~nw.col(UNREAD)).alias(FROM_PARTS),
    ).with_columns(nw.when(nw.col(FROM_PARTS)).then(parts).otherwise(total).cast(nw.Int64).alias(INCOME))
