"""One round: the ladder and its headline. The counting is lazy narwhals; what it leaves is a small polars frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.frames import BAND, HOUSEHOLDS, INCOME, ROUND, SEGMENT, WEIGHT
from incomeladder.ladder import NAME, band_frame, band_of, plain_weight, share, within, yuan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.frames import Lazy
    from incomeladder.programme import Programme


def count(classified: Lazy, by: Sequence[str]) -> Lazy:
    """Households, weight and income per round, group and segment; sums are exact, of up to 38 digits on any engine."""
    return classified.group_by(ROUND, *by, SEGMENT).agg(
        nw.len().cast(nw.Int64).alias(HOUSEHOLDS),
        *(nw.col(name).cast(nw.Decimal(38, 0)).sum().alias(name) for name in (WEIGHT, INCOME)),
    )


def banded(counts: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """The counts with the band of each segment, and what its households are short of the floor."""
    short = programme.floor * pl.col(HOUSEHOLDS).cast(pl.Int128) - pl.col(INCOME)
    below = within(programme, None, programme.tiers.floor.upper)
    whole = counts.with_columns(pl.col(WEIGHT, INCOME).cast(pl.Int128))
    return whole.with_columns(
        band_of(programme).alias(BAND), pl.when(below).then(short).otherwise(0).alias("shortfall")
    ).drop(INCOME)


def with_empty(counts: pl.DataFrame, rounds: Sequence[str], by: Sequence[str]) -> pl.DataFrame:
    """The counts with a row of zeros for each round that has no household, so that its tables show zeros."""
    empty = [label for label in rounds if label not in set(counts[ROUND])]
    if by or not empty:
        return counts
    zeros = dict.fromkeys(counts.columns, 0) | {ROUND: pl.Series(empty)}
    return pl.concat([counts, pl.DataFrame(zeros).cast(counts.schema)])


def bands(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """The bands of each round and group, empty ones too; ``<0`` and ``missing`` only where there are such incomes.

    ``share`` divides by the group's banded weight; a missing income has neither weight nor share.
    """
    groups = [ROUND, *by]
    totals = counts.group_by(*groups, BAND).agg(pl.col(HOUSEHOLDS, WEIGHT).sum())
    grid = counts.select(groups).unique(maintain_order=True).join(band_frame(programme.ladder), how="cross")
    filled = grid.join(totals, on=[*groups, BAND], how="left", nulls_equal=True, maintain_order="left")
    shown = filled.filter((pl.col(BAND) >= 0).fill_null(value=False) | pl.col(HOUSEHOLDS).is_not_null())
    return shown.pipe(_with_shares, groups).select(*groups, pl.col(NAME).alias(BAND), *_BAND_COLUMNS)


_BAND_COLUMNS: Final = ("lower", "upper", HOUSEHOLDS, WEIGHT, "share", "cumulative_share")


def _with_shares(ladder: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    banded = pl.when(pl.col(BAND).is_not_null()).then(pl.col(WEIGHT).fill_null(0))
    weighed = ladder.with_columns(pl.col(HOUSEHOLDS).fill_null(0), banded.alias(WEIGHT))
    whole = pl.col(WEIGHT).sum().over(groups)
    return weighed.with_columns(
        share(pl.col(WEIGHT), whole).alias("share"),
        share(pl.col(WEIGHT).cum_sum().over(groups), whole).alias("cumulative_share"),
        plain_weight().alias(WEIGHT),
    )


def summary(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> pl.DataFrame:
    """One row a round and group. Counts, and the shortfall in yuan, are of surveyed households; shares are weighted."""
    tiers, middle_income = programme.tiers, programme.middle_income
    below = within(programme, None, tiers.floor.upper)
    middle = within(programme, middle_income.lower, middle_income.upper)
    banded = pl.col(BAND).is_not_null()
    return counts.group_by(ROUND, *by, maintain_order=True).agg(
        pl.col(HOUSEHOLDS).sum(),
        plain_weight(_weight_where(banded)).alias(WEIGHT),
        _households_where(~banded).alias("missing"),
        _households_where(below).alias("below_floor"),
        share(_weight_where(below), _weight_where(banded)).alias("below_floor_share"),
        yuan(pl.col("shortfall").sum()).alias("shortfall"),
        _households_where(within(programme, tiers.low.lower, tiers.low.upper)).alias("low_tier"),
        _households_where(within(programme, tiers.middle.lower, tiers.middle.upper)).alias("middle_tier"),
        _households_where(within(programme, programme.ladder.top, None)).alias("at_or_above_top"),
        _households_where(middle).alias("middle_income"),
        share(_weight_where(middle), _weight_where(banded)).alias("middle_income_share"),
    )


def _households_where(condition: pl.Expr) -> pl.Expr:
    return pl.col(HOUSEHOLDS).filter(condition).sum()


def _weight_where(condition: pl.Expr) -> pl.Expr:
    return pl.col(WEIGHT).filter(condition).sum()
