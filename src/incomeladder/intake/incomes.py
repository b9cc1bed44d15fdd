"""Household income and its parts: wages, business, property, transfers (国家统计局: 可支配收入 = 四项之和)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.clean import careful, raw_name
from incomeladder.frames import FROM_PARTS, INCOME, LACKS_PART, MONEY_UNIT, PARTS, PARTS_DIFFER, part_bit

if TYPE_CHECKING:
    from incomeladder.read.source import Source

_TOLERANCE: Final = {False: 1 * MONEY_UNIT, True: 250 * MONEY_UNIT}
"""How far the parts may be from the total: rounding, of four parts and a total in 万元 to two decimals 0.025 万元."""


def marks(source: Source) -> frozenset[str]:
    """What is known of each of a file's incomes besides its amount."""
    if INCOME not in source.columns:
        return frozenset({LACKS_PART})
    return frozenset({FROM_PARTS, PARTS_DIFFER}) if _is_comparable(source) else frozenset()


def _is_comparable(source: Source) -> bool:
    """Whether a total and all its parts are there, and it is said of all or of none in what unit they are."""
    return source.parts == PARTS and len({source.names_unit(column) for column in (INCOME, *PARTS)}) == 1


def with_income(tidied: pl.LazyFrame, source: Source) -> pl.LazyFrame:
    """The income of each row where the file gives only its parts.

    A file without a column of incomes has the sum of the parts that a row knows. Where it has one, a missing income is
    the sum of all four parts, if all are known; and ``_parts_differ`` tells where a total is not the sum of its parts.
    """
    if INCOME not in source.columns:
        return _added_up(tidied, source.parts)
    return _filled_in(tidied, source) if _is_comparable(source) else tidied


def _added_up(tidied: pl.LazyFrame, parts: tuple[str, ...]) -> pl.LazyFrame:
    known = pl.any_horizontal(pl.col(parts).is_not_null())
    bits = [pl.when(pl.col(part).is_null()).then(part_bit(part)).otherwise(0) for part in parts]
    lacks = pl.when(known).then(pl.sum_horizontal(bits)).otherwise(0).cast(pl.Int64)
    return tidied.with_columns(pl.when(known).then(pl.sum_horizontal(parts)).alias(INCOME), lacks.alias(LACKS_PART))


def _filled_in(tidied: pl.LazyFrame, source: Source) -> pl.LazyFrame:
    total, parts = pl.col(INCOME), pl.sum_horizontal(PARTS)
    known = pl.all_horizontal(pl.col(PARTS).is_not_null())
    # The text is looked at only where no amount was made of it: what cannot be read is not missing.
    unknown = total.is_null() & careful.is_missing(pl.when(total.is_null()).then(raw_name(INCOME)))
    tolerance = _TOLERANCE[bool(source.wan)]
    return tidied.with_columns(
        (known & ((total - parts).abs() > tolerance)).fill_null(value=False).alias(PARTS_DIFFER),
        (known & unknown).alias(FROM_PARTS),
    ).with_columns(pl.when(FROM_PARTS).then(parts).otherwise(total).alias(INCOME))
