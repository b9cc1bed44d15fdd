"""By how much each household moves an indicator: the derivative of the estimate by the household's weight.

The variance of an estimate is that of the sum of its weighted scores (Demnati and Rao 2004, "Linearization variance
estimators for survey data", Survey Methodology 30(1)): for means, shares and ratios Taylor's linearisation. A quantile
has no derivative: its score is the influence function (Deville 1999; Osier 2009), with one over the density taken from
how far apart incomes are around it: (Q(p + h) - Q(p - h)) / 2h, 2h being the width of Woodruff's interval (1952) for a
simple random sample of the same effective size (Francisco and Fuller 1991, "Quantile estimation with a complex survey
design", Annals of Statistics 19). Unlike a kernel it holds where incomes are heaped, and where they are far apart. In
s80_s20 the density cancels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.drawn import HELD, RUNNING, W, Y
from incomeladder.estimation.indicators import (
    AREA,
    COSTS,
    EFFECTIVE,
    HIGHEST,
    LOWEST,
    MEASURES,
    SUM,
    WHOLE,
    at_or_below,
    averaged,
    conditions,
    has_residence,
    quantile,
    tier_shortfall,
)
from incomeladder.estimation.intervals import Z
from incomeladder.frames import COUNTY, INCOME, MONEY_UNIT, OWN, ROUND, SIZE, TO_OWN, WEIGHT_UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.programme import Programme

_SCORE: Final = "score_"
_SPACING: Final = "_spacing"
_DECILES: Final = {"_p10": 0.1, "_p50": 0.5, "_p90": 0.9}


def score(indicator: str) -> str:
    """The column of a household's weighted score."""
    return _SCORE + indicator


def scored(drawn: pl.LazyFrame, told: pl.LazyFrame, programme: Programme, by: Sequence[str]) -> pl.LazyFrame:
    """The households with their weighted scores, 0 for those that an estimate does not count.

    ``told`` are the ``indicators.estimates`` of the same households.
    """
    groups = [ROUND, *by]
    beside = drawn.join(told, on=groups, how="left", nulls_equal=True, maintain_order="left").with_columns(
        (pl.col(W) * pl.col(Y)).cum_sum(reverse=True).over(groups).alias("_from_here")
    )
    spacings = beside.group_by(groups, maintain_order=True).agg(
        _spacing(part).alias(_SPACING + name) for name, part in _DECILES.items()
    )
    whole = beside.join(spacings, on=groups, how="left", nulls_equal=True, maintain_order="left")
    scores = _scores(programme)
    weighed = (
        pl.when(HELD).then(pl.col(W) * scores[name]).otherwise(0.0).fill_nan(None).alias(score(name))
        for name in MEASURES
    )
    return whole.select(*drawn.collect_schema().names(), *weighed)


def _spacing(part: float) -> pl.Expr:
    """One over the density of incomes at a quantile, in yuan; 0 where a heap holds all that is around it."""
    half = Z * (part * (1 - part) / pl.col(EFFECTIVE).first()).sqrt()
    low, high = pl.max_horizontal(part - half, pl.lit(0.0)), pl.min_horizontal(part + half, pl.lit(1.0))
    running = pl.col(RUNNING).cast(pl.Float64)
    whole = running.last()
    ends = (running > whole * low, running >= whole * high)
    first, last = (pl.col(INCOME).filter(end).first() for end in ends)
    return (last - first) / MONEY_UNIT / (high - low)


def _scores(programme: Programme) -> Mapping[str, pl.Expr]:
    shares = {name: _of_mean(condition.cast(pl.Float64), name) for name, condition in conditions(programme).items()}
    return {
        **shares,
        **{name: _of_mean(each, name) for name, each in averaged(programme).items()},
        "total_shortfall": tier_shortfall(programme, "floor") / MONEY_UNIT,
        **{name: tier_shortfall(programme, tier) / MONEY_UNIT * pl.col(TO_OWN) for tier, name in COSTS.items()},
        "gini": _gini(),
        "median_income": _quantile("_p50"),
        "p90_p10": _ratio(_quantile("_p90"), _quantile("_p10"), pl.col("p90_p10"), quantile("_p10")),
        "s80_s20": _ratio(_richest(), _poorest(), pl.col("s80_s20"), pl.col("_poorest")),
        "urban_rural_ratio": _ratio(
            _per_head("urban"), _per_head("rural"), pl.col("urban_rural_ratio"), pl.col("_rural_head")
        ),
        "area_ratio": _ratio(_county(HIGHEST), _county(LOWEST), pl.col("area_ratio"), pl.col(f"{LOWEST}_mean")),
    }


def _of_mean(each: pl.Expr, mean: str) -> pl.Expr:
    return (each - pl.col(mean)) / pl.col(WHOLE)


def _ratio(above: pl.Expr, below: pl.Expr, ratio: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The score of a ratio, from those of what stands above and below its line."""
    return (above - ratio * below) / denominator


def _gini() -> pl.Expr:
    """The derivative of the numerator, less what the two sums of the denominator take away."""
    numerator = 2 * (pl.col(Y) * pl.col(RUNNING) / WEIGHT_UNIT + pl.col("_from_here") - pl.col(W) * pl.col(Y))
    both = pl.col(WHOLE) * pl.col(SUM)
    return numerator / both - pl.col(AREA) / both * (1 / pl.col(WHOLE) + pl.col(Y) / pl.col(SUM))


def _quantile(name: str) -> pl.Expr:
    below = at_or_below(name).cast(pl.Float64)
    return (_DECILES[name] - below) * pl.col(_SPACING + name) / pl.col(WHOLE)


def _poorest() -> pl.Expr:
    """Of the sum of the incomes up to the first quintile."""
    within = at_or_below("_p20").cast(pl.Float64)
    return (pl.col(Y) - quantile("_p20")) * within + 0.2 * quantile("_p20")


def _richest() -> pl.Expr:
    """Of the sum of the incomes above the fourth quintile."""
    beyond = (~at_or_below("_p80")).cast(pl.Float64)
    return (pl.col(Y) - quantile("_p80")) * beyond + 0.2 * quantile("_p80")


def _per_head(word: str) -> pl.Expr:
    mean = pl.col(f"_{word}_head")
    apart = (pl.col(OWN) / MONEY_UNIT - mean * pl.col(SIZE)) / pl.col(f"_{word}_heads")
    return pl.when(has_residence(word)).then(apart).otherwise(0.0)


def _county(end: str) -> pl.Expr:
    apart = (pl.col(Y) - pl.col(f"{end}_mean")) / pl.col(f"{end}_weight")
    return pl.when(pl.col(COUNTY) == pl.col(f"{end}_place")).then(apart).otherwise(0.0)
