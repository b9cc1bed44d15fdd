"""How many households change their side of the floor where a size rule places their incomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import INCOME, OWN, ROUND
from incomeladder.size import Scale

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from incomeladder.programme import Programme, SizeRule

_COUNTED: Final = ("households", "below_floor", "rose_above_floor", "fell_below_floor", "not_placed")


def told_by(columns: Collection[str], programme: Programme, rules: Sequence[SizeRule]) -> list[Scale]:
    """The rules that a survey with these columns can follow."""
    scales = [Scale(rule, programme.reference_size) for rule in rules]
    return [scale for scale in scales if set(scale.columns) <= set(columns)]


def counted(households: pl.LazyFrame, programme: Programme, scales: Sequence[Scale], by: Sequence[str]) -> pl.LazyFrame:
    """One row a round and group, for all rules at once."""
    there = households.collect_schema().names()
    own = households.with_columns(pl.col(OWN).alias(INCOME)) if OWN in there else households
    return own.group_by(ROUND, *by).agg(count for scale in scales for count in _counts(scale, programme.floor))


def _counts(scale: Scale, floor: int) -> list[pl.Expr]:
    """Of the households with an income; those that the rule cannot place, or leaves out, are on no side."""
    known = pl.col(INCOME).is_not_null()
    placed = pl.when(scale.in_scope()).then(scale.income())
    was, is_now = pl.col(INCOME) < floor, placed < floor
    found = (known & placed.is_not_null(), is_now, was & ~is_now, ~was & is_now, known & placed.is_null())
    return [
        condition.fill_null(value=False).sum().cast(pl.Int64).alias(f"{scale.rule} {name}")
        for name, condition in zip(_COUNTED, found, strict=True)
    ]


def table(counts: pl.DataFrame, scales: Sequence[Scale], by: Sequence[str]) -> pl.DataFrame:
    """A row for each rule of each round and group: survey_round, *by*, size_rule, and the counts."""
    groups = [ROUND, *by]
    rules = (
        counts.select(
            *groups,
            pl.lit(scale.rule).alias("size_rule"),
            *(pl.col(f"{scale.rule} {name}").alias(name) for name in _COUNTED),
        )
        for scale in scales
    )
    order = {scale.rule: number for number, scale in enumerate(scales)}
    placed = pl.concat(rules).with_columns(
        pl.col("size_rule").replace_strict(order, return_dtype=pl.Int32).alias("_rule")
    )
    first = counts.select(groups).with_row_index("_group")
    ordered = placed.join(first, on=groups, nulls_equal=True).sort("_group", "_rule")
    return ordered.drop("_group", "_rule")
