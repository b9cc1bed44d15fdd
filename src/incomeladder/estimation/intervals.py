"""Intervals of 95 %: Wilson's for shares, and for all else the estimate and its standard error."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import polars as pl

from incomeladder.estimation.indicators import COSTS
from incomeladder.programme import SHARES

Z: Final = NormalDist().inv_cdf(0.975)
_NEVER_BELOW_ZERO: Final = (
    *("poverty_gap", "squared_poverty_gap", "total_shortfall", "gini", "p90_p10", "s80_s20"),
    *COSTS.values(),
)


def lower(value: pl.Expr, error: pl.Expr, effective: pl.Expr) -> pl.Expr:
    """The lower end; null where there is no standard error."""
    plain = value - Z * error
    held = (
        pl.when(pl.col("indicator").is_in(_NEVER_BELOW_ZERO))
        .then(pl.max_horizontal(plain, pl.lit(0.0)))
        .otherwise(plain)
    )
    return _with_error(error, pl.when(_is_share()).then(wilson(value, error, effective, -1)).otherwise(held))


def upper(value: pl.Expr, error: pl.Expr, effective: pl.Expr) -> pl.Expr:
    """The upper end; null where there is no standard error."""
    ends = pl.when(_is_share()).then(wilson(value, error, effective, 1)).otherwise(value + Z * error)
    return _with_error(error, ends)


def _with_error(error: pl.Expr, end: pl.Expr) -> pl.Expr:
    return pl.when(error.is_not_null()).then(end)


def _is_share() -> pl.Expr:
    return pl.col("indicator").is_in(list(SHARES))


def wilson(share: pl.Expr, error: pl.Expr, effective: pl.Expr, sign: int) -> pl.Expr:
    """Wilson's interval (1927) with the size that a simple random sample of the same error would have (Kott 2001).

    Where the share is 0 or 1 there is no error to tell it: then Kish's size (1965), (sum w)² / sum w².
    """
    binomial = share * (1 - share)
    size = pl.when((binomial > 0) & (error > 0)).then(binomial / error**2).otherwise(effective)
    middle = share + Z**2 / (2 * size)
    half = Z * (binomial / size + Z**2 / (4 * size**2)).sqrt()
    end = (middle + sign * half) / (1 + Z**2 / size)
    # At the ends of the scale, where the two terms are the same, rounding would leave a trace.
    return pl.when(share != (1 + sign) / 2).then(end).otherwise(share)
