"""How sure the shares of a transition matrix and the measures of mobility are.

A row share is a ratio of two weighted sums over the households in its band before: its score is (1[went there] - p) / W
of the row. A measure of mobility is a mean over all matched and banded households, its score (each - mean) / W; that of
``shorrocks``, (r - sum p_ii) / (r - 1), is the sum of the scores of the shares p_ii over 1 - r, r as it is (Taylor
linearisation: Särndal, Swensson and Wretman 1992, 5.5; Formby, Smith and Zheng 2004, "Mobility measurement, transition
matrices and statistical inference", Journal of Econometrics 120). The units are those drawn for the earlier round: who
left is one of them, and who entered is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation import intervals
from incomeladder.estimation.drawn import collected
from incomeladder.estimation.scores import score
from incomeladder.estimation.tables import ERROR, is_error, is_unreliable
from incomeladder.estimation.variance import ALIKE, strata, units, variances
from incomeladder.frames import AFTER, BAND, HOUSEHOLDS, ROUND, WEIGHT
from incomeladder.ladder import share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROW_SHARE: Final = "row_share"
SHORROCKS: Final = "shorrocks"
_SHARES: Final = (ROW_SHARE, "immobility_ratio", "prais_bibby", "upward", "downward")
_NEVER_BELOW_ZERO: Final = ("average_movement", SHORROCKS)
_TO: Final = BAND + AFTER
_NAME: Final = "measure"
_EFFECTIVE: Final = "_effective"
_WHOLE: Final = "_whole"
_ONE: Final = "_one"


def precision(laid: pl.DataFrame, by: Sequence[str], *, clustered: bool) -> pl.DataFrame:
    """A row for each row share, empty cells too, and each measure: value, standard error, interval of 95 %.

    ``laid`` are the households of the earlier round in the survey's design, ``_alike`` of each kind, with ``band`` and
    ``band_after``, both null of those that are not matched and banded. A design of a single unit has no errors.
    """
    # Those of the same keys are alike, so that sums of doubles are the same in whatever order they came.
    ordered = laid.sort(pl.all(), nulls_last=True).lazy()
    moved = ordered.with_columns(pl.when(pl.col(BAND).is_not_null()).then(WEIGHT).otherwise(0).alias(WEIGHT))
    ends = [str(end) for end in laid[_TO].unique().drop_nulls().sort()]
    rows = collected(_means(moved, [*by, BAND], {end: pl.col(_TO).cast(pl.String) == end for end in ends})).lazy()
    shares = _long(rows, [*by, BAND], ends, clustered=clustered).filter(pl.col(BAND).is_not_null())
    whole = collected(_means(_with_shorrocks(rows, ends, by), by, _measures())).lazy()
    measures = _long(whole, by, [*_measures(), SHORROCKS], clustered=clustered)
    named = shares.with_columns(pl.col(_NAME).cast(pl.Int32).alias(_TO), pl.lit(ROW_SHARE).alias(_NAME))
    return _told(pl.concat([named, measures], how="diagonal_relaxed"), by)


def _measures() -> Mapping[str, pl.Expr]:
    """Of what of each household a measure is the mean."""
    steps = pl.col(_TO) - pl.col(BAND)
    return {
        "immobility_ratio": steps == 0,
        "prais_bibby": steps != 0,
        "upward": steps > 0,
        "downward": steps < 0,
        "average_movement": steps.abs(),
        "net_movement": steps,
    }


def _means(moved: pl.LazyFrame, groups: Sequence[str], averaged: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """The households with the exact mean of each thing in their group, and their weighted scores.

    Beside them are the group's weight, how many of its households are counted, and Kish's effective size.
    """
    whole, keys = pl.col(WEIGHT).cast(pl.Int128) * pl.col(ALIKE), [*groups, _ONE]
    told = moved.with_columns(
        pl.lit(0).alias(_ONE), *(each.cast(pl.Int64).fill_null(0).alias(f"_{name}") for name, each in averaged.items())
    )
    found = told.group_by(keys).agg(
        whole.sum().alias(_WHOLE),
        pl.col(ALIKE).filter(pl.col(WEIGHT) > 0).sum().cast(pl.Int64).alias(HOUSEHOLDS),
        (_double(whole.sum()) ** 2 / (_double(pl.col(WEIGHT)) ** 2 * pl.col(ALIKE)).sum()).alias(_EFFECTIVE),
        *(share((whole * pl.col(f"_{name}")).sum(), whole.sum()).alias(name) for name in averaged),
    )
    beside = told.drop([_WHOLE, HOUSEHOLDS, _EFFECTIVE], strict=False).join(
        found, on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    part = (_double(pl.col(WEIGHT)) / _double(pl.col(_WHOLE))).fill_nan(0.0)
    scores = ((part * (pl.col(f"_{name}") - pl.col(name))).fill_null(0.0).alias(score(name)) for name in averaged)
    return beside.with_columns(scores)


def _with_shorrocks(rows: pl.LazyFrame, ends: Sequence[str], by: Sequence[str]) -> pl.LazyFrame:
    """``shorrocks`` and its scores, from those of the parts of rows that stay."""
    keys = [*by, _ONE]
    stays = pl.sum_horizontal(pl.lit(0.0), *(_of_own_band(score(end), end) for end in ends))
    own = pl.sum_horizontal(pl.lit(0.0), *(_of_own_band(end, end) for end in ends))
    there = rows.filter(pl.col(_WHOLE) > 0).select(*keys, BAND, own.alias("_own")).unique([*keys, BAND])
    origins = pl.len().cast(pl.Float64)
    # Shares p_ii are added up in the order of bands, so that the sum is the same in every run.
    found = there.sort(*keys, BAND, nulls_last=True).group_by(keys, maintain_order=True)
    told = found.agg(
        pl.when(origins > 1).then((origins - pl.col("_own").sum()) / (origins - 1)).alias(SHORROCKS),
        (origins - 1).alias("_others"),
    )
    joined = rows.join(told, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns((-stays / pl.col("_others")).fill_null(0.0).fill_nan(0.0).alias(score(SHORROCKS)))


def _of_own_band(column: str, band: str) -> pl.Expr:
    return pl.when(pl.col(BAND).cast(pl.String) == band).then(column).otherwise(0.0)


def _double(exact: pl.Expr) -> pl.Expr:
    return exact.cast(pl.Float64)


def _long(told: pl.LazyFrame, groups: Sequence[str], names: Sequence[str], *, clustered: bool) -> pl.DataFrame:
    """A row for each mean of each group, with its standard error."""
    scores, beside = [score(name) for name in names], (HOUSEHOLDS, _EFFECTIVE)
    found = told.group_by(ROUND, *groups).agg(pl.col(*names, *beside).first())
    drawn = units(told, groups, scores, clustered=clustered)
    spread = variances(drawn, strata(told, clustered=clustered), groups, scores)
    values, squares = collected(found), collected(spread)
    errors = squares.select(ROUND, *groups, *(pl.col(score(name)).sqrt().fill_nan(None).alias(name) for name in names))
    index = [ROUND, *groups]
    long = values.unpivot(names, index=[*index, *beside], variable_name=_NAME, value_name="value")
    error = errors.unpivot(names, index=index, variable_name=_NAME, value_name=ERROR)
    return long.join(error, on=[*index, _NAME], how="left", nulls_equal=True)


def _told(long: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    value, error = pl.col("value"), pl.col(ERROR)
    ends = (_end(value, error, sign).alias(name) for name, sign in (("lower", -1), ("upper", 1)))
    known = long.filter(value.is_not_null()).with_columns(pl.when(is_error(pl.col(_NAME).is_in(_SHARES))).then(error))
    held = known.with_columns(ends)
    order = {name: place for place, name in enumerate((ROW_SHARE, *_measures(), SHORROCKS))}
    placed = held.sort(*by, pl.col(_NAME).replace_strict(order), BAND, _TO, nulls_last=True)
    return placed.select(
        *by, _NAME, BAND, _TO, "value", ERROR, "lower", "upper", HOUSEHOLDS, is_unreliable().alias("unreliable")
    )


def _end(value: pl.Expr, error: pl.Expr, sign: int) -> pl.Expr:
    """An end of the interval of 95 %: Wilson's of shares; of what is never below 0, not below it."""
    plain = value + sign * intervals.Z * error
    held = pl.when(pl.col(_NAME).is_in(_NEVER_BELOW_ZERO)).then(pl.max_horizontal(plain, pl.lit(0.0))).otherwise(plain)
    of_share = intervals.wilson(value, error, pl.col(_EFFECTIVE), sign)
    return pl.when(error.is_not_null()).then(pl.when(pl.col(_NAME).is_in(_SHARES)).then(of_share).otherwise(held))
