"""Warnings: what hardly can be, in a row and from round to round. ``check`` counts them; they stop no report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.clean import careful, raw_name
from incomeladder.frames import (
    FILE,
    ID,
    INCOME,
    LACKS_PART,
    PARTS,
    PARTS_DIFFER,
    PLACE_COLUMNS,
    ROUND,
    ROW,
    SIZE,
    part_bit,
)
from incomeladder.ladder import yuan
from incomeladder.validate import PLACES, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LARGEST: Final = 20
SLIPS: Final = {"income_times_10": (9.0, 11.0), "income_times_10000": (2_000.0, 50_000.0)}
"""How many times, up or down, tells of a digit and of 元 for 万元: incomes grow meanwhile, by less than that."""
_FEWEST_SEEN: Final = 10
_RESIDENT_ID: Final = r"^[0-9]{17}[0-9Xx]$"
_DIGITS: Final = 17
_CHUNK: Final = 4


def row_warnings(columns: Collection[str], key_groups: Collection[str]) -> tuple[Rule, ...]:
    """The warnings that single rows of a survey with these columns can earn."""
    business = pl.col("business_income") != 0
    every = (
        Rule("unknown_key_group", "warning", "key_group", ~pl.col("key_group").is_in(list(key_groups))),
        Rule("resident_id_check_digit", "warning", ID, _fails_its_check_digit(pl.col(ID))),
        Rule("parts_disagree", "warning", "income", pl.col(PARTS_DIFFER)),
        *(Rule("missing_part", "warning", part, _is_missing_part(part)) for part in PARTS),
        Rule("business_income_without_size", "warning", "business_income", business & pl.col(SIZE).is_null()),
        Rule("size_above_20", "warning", SIZE, pl.col(SIZE) > LARGEST),
    )
    there = {*columns, *map(raw_name, columns)}
    return tuple(rule for rule in every if set(rule.broken.meta.root_names()) <= there)


def _is_missing_part(part: str) -> pl.Expr:
    return (pl.col(LACKS_PART) // part_bit(part) % 2 == 1) & careful.is_missing(pl.col(raw_name(part)))


def _fails_its_check_digit(identifier: pl.Expr) -> pl.Expr:
    """Whether an 18-character resident id does not end as GB 11643-1999 has it (ISO 7064, MOD 11-2).

    The i-th of its characters from the right has the weight 2^(i-1) mod 11; the weighted sum leaves 1. Other numbers of
    18 digits, which hold no date of birth where that should be, are not judged.
    """
    resident = pl.when(identifier.str.contains(_RESIDENT_ID)).then(identifier)
    digits = resident.str.head(_DIGITS).cast(pl.Int64)
    weighted = (_weighted(digits // 10**place % 10**_CHUNK, place) for place in range(0, _DIGITS, _CHUNK))
    last = resident.str.tail(1).str.replace("[Xx]", "10").cast(pl.Int64)
    return _may_be_born(digits) & ((pl.sum_horizontal(weighted) + last) % 11 != 1)


def _weighted(chunk: pl.Expr, place: int) -> pl.Expr:
    """The weighted sum of some digits, of which the last stands before ``place`` others and the check digit.

    Looked up, since working it out digit by digit takes ten times as long.
    """
    numbers = pl.int_range(10**_CHUNK, dtype=pl.Int64)
    sums = pl.sum_horizontal((numbers // 10**i % 10) * (2 ** (place + i + 1) % 11) for i in range(_CHUNK))
    return pl.lit(pl.select(sums).to_series()).gather(chunk)


def _may_be_born(digits: pl.Expr) -> pl.Expr:
    year, month, day = digits // 10**7 % 10**4, digits // 10**5 % 100, digits // 10**3 % 100
    return year.is_between(1850, 2100) & month.is_between(1, 12) & day.is_between(1, 31)


def round_warnings(households: pl.LazyFrame, rounds: Sequence[str], shown: Collection[str]) -> pl.LazyFrame:
    """Incomes that changed, or did not, as only a mistake makes them, against the last round that knows one.

    ``rounds`` are all there are, in their order; changes to those that are ``shown`` are told. One row each, as
    ``validate.problems`` has them; for a place where at least half of ten incomes or more are exactly the old ones, one
    row without a number.
    """
    there = households.collect_schema().names()
    order = {label: number for number, label in enumerate(rounds)}
    columns = [FILE, ROW, ID, ROUND, INCOME, *(name for name in PLACE_COLUMNS if name in there)]
    numbered = households.select(columns).with_columns(
        pl.col(ROUND).replace_strict(order, default=None, return_dtype=pl.Int32).alias("order")
    )
    seen = numbered.filter(pl.col("order").is_not_null() & pl.col(INCOME).is_not_null()).sort(ID, "order")
    followed = pl.col(ID) == pl.col(ID).shift(1)
    compared = seen.with_columns(
        pl.when(followed).then(pl.col(INCOME).shift(1)).alias("was"), pl.col(ROUND).shift(1).alias("before")
    ).filter((pl.col(INCOME) != 0) & pl.col("was").is_not_null() & pl.col(ROUND).is_in(list(shown)))
    slips = (_slipped(compared, name, *limits) for name, limits in SLIPS.items())
    return pl.concat([*slips, _unchanged(compared, [name for name in PLACE_COLUMNS if name in there])])


def _slipped(compared: pl.LazyFrame, rule: str, low: float, high: float) -> pl.LazyFrame:
    change = pl.col(INCOME) / pl.col("was")
    broken = compared.filter(change.is_between(low, high) | (1 / change).is_between(low, high))
    return broken.select(
        FILE,
        ROW,
        pl.lit(INCOME).alias("column"),
        _written(pl.col(INCOME)).alias("value"),
        pl.lit(rule).alias("rule"),
        pl.lit("warning").alias("severity"),
        pl.format("{}: {}", "before", _written(pl.col("was"))).alias(PLACES),
    )


def _unchanged(compared: pl.LazyFrame, places: Sequence[str]) -> pl.LazyFrame:
    same = (pl.col(INCOME) == pl.col("was")).sum()
    counted = compared.group_by(ROUND, *places).agg(
        pl.col(FILE).min(), pl.len().alias("matched"), same.alias("same"), pl.col("before").min()
    )
    suspect = counted.filter((pl.col("matched") >= _FEWEST_SEEN) & (2 * pl.col("same") >= pl.col("matched")))
    named = pl.concat_str(places, separator=" ", ignore_nulls=True) if places else pl.lit(None, pl.String)
    return suspect.sort(ROUND, *places).select(
        FILE,
        pl.lit(None, pl.Int64).alias(ROW),
        pl.lit(INCOME).alias("column"),
        named.alias("value"),
        pl.lit("incomes_unchanged").alias("rule"),
        pl.lit("warning").alias("severity"),
        pl.format("{}: {}/{}", "before", "same", "matched").alias(PLACES),
    )


def _written(amount: pl.Expr) -> pl.Expr:
    return yuan(amount).cast(pl.String).str.strip_suffix(".0")
