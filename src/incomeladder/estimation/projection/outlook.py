"""What projected ladders tell: bands, shares, comings and goings, and when targets are met, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.projection.markov import GROUP, NO_INCOME, REPLICATE, STATE, STEP, segment
from incomeladder.frames import BAND, WEIGHT
from incomeladder.ladder import NAME, band_frame, band_of, plain_weight, share, within
from incomeladder.programme import INDICATORS, SHARES

if TYPE_CHECKING:
    from incomeladder.programme import Programme

SHOWN: Final = tuple(name for name in INDICATORS if name in SHARES)
_ENDS: Final = {"lower": 0.025, "upper": 0.975}
_ONE: Final = (REPLICATE, GROUP, STEP)
OBSERVED: Final = pl.col(REPLICATE) == 0


def bands(ladders: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    """Weight and share of every band by group and step; ``<0`` and ``missing`` only where a step has such incomes.

    The share of a band divides by the weight with an income. Its interval is the middle 95 % of the replicates; what
    was observed, step 0, has none.
    """
    placed = ladders.with_columns(segment()).with_columns(band_of(programme).alias(BAND))
    sums = placed.group_by(*_ONE, BAND).agg(pl.col(WEIGHT).sum())
    banded = pl.col(BAND).is_not_null()
    whole = pl.when(banded).then(WEIGHT).sum().over(_ONE)
    shares = sums.with_columns(pl.when(banded).then(share(pl.col(WEIGHT), whole)).alias("share"))
    return _on_grid(shares, [GROUP, STEP, BAND], programme)


def _on_grid(shares: pl.LazyFrame, keys: list[str], programme: Programme) -> pl.LazyFrame:
    observed, spread = shares.filter(OBSERVED), _spread(shares, keys, "share")
    steps = observed.select(GROUP, STEP).unique()
    grid = steps.join(band_frame(programme.ladder).lazy().with_row_index("_place"), how="cross")
    told = grid.join(observed, on=keys, how="left", nulls_equal=True)
    told = told.join(spread, on=keys, how="left", nulls_equal=True).sort(GROUP, STEP, "_place")
    known = (pl.col(BAND) >= 0).fill_null(value=False) | pl.col(WEIGHT).is_not_null().any().over(GROUP, "_place")
    # A band that nobody can be in is empty in every replicate too.
    empty = (
        pl.col(BAND).is_not_null() & pl.col(WEIGHT).is_null() & pl.col("share").is_not_null().any().over(GROUP, STEP)
    )
    ends = [pl.when(empty & (pl.col(STEP) > 0)).then(0.0).otherwise(name).alias(name) for name in _named("share")]
    shown = told.filter(known).with_columns(*ends, pl.when(empty).then(0.0).otherwise("share").alias("share"))
    weight = plain_weight(pl.col(WEIGHT).fill_null(0)).alias(WEIGHT)
    return shown.select(GROUP, STEP, pl.col(NAME).alias(BAND), "lower", "upper", weight, "share", *_named("share"))


def _named(value: str) -> list[str]:
    return [f"{value}_{end}" for end in _ENDS]


def _spread(found: pl.LazyFrame, keys: list[str], value: str) -> pl.LazyFrame:
    """The middle 95 % of the replicates of what is projected."""
    drawn = found.filter(~OBSERVED & (pl.col(STEP) > 0))
    ends = (pl.col(value).quantile(part, "linear").alias(f"{value}_{end}") for end, part in _ENDS.items())
    return drawn.group_by(keys).agg(ends)


def indicators(ladders: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    """The shares of the weight with an income that targets are set for, by replicate, group and step."""
    middle = programme.middle_income
    lines = {
        "headcount_ratio": (None, programme.tiers.floor.upper),
        "top_share": (programme.ladder.top, None),
        "middle_income_share": (middle.lower, middle.upper),
    }
    known = pl.col(WEIGHT).filter(pl.col(STATE) != NO_INCOME).sum()
    held = {name: pl.col(WEIGHT).filter(within(programme, *lines[name])).sum() for name in SHOWN}
    parts = (share(weight, known).alias(name) for name, weight in held.items())
    told = ladders.with_columns(segment()).group_by(_ONE).agg(parts)
    return told.unpivot(SHOWN, index=_ONE, variable_name="indicator", value_name="value")


def shares(indicators: pl.LazyFrame) -> pl.LazyFrame:
    """Each share of each step with its interval."""
    keys = [GROUP, STEP, "indicator"]
    ends = _spread(indicators, keys, "value").rename({"value_lower": "lower", "value_upper": "upper"})
    order = pl.col("indicator").replace_strict({name: place for place, name in enumerate(SHOWN)}, return_dtype=pl.Int32)
    told = indicators.filter(OBSERVED).join(ends, on=keys, how="left")
    return told.sort(GROUP, STEP, order).select(*keys, "value", "lower", "upper")


def flows(ladders: pl.LazyFrame, entrants: pl.LazyFrame) -> pl.LazyFrame:
    """What each step began with, lost, gained and ended with, households without an income included.

    Exact: ``start - left + entered = end``.
    """
    sums = (pl.col(WEIGHT).sum().alias("end"), pl.col(WEIGHT).filter(pl.col(STATE) == NO_INCOME).sum().alias("missing"))
    totals = ladders.filter(OBSERVED).group_by(GROUP, STEP).agg(sums)
    entered = entrants.filter(OBSERVED).group_by(GROUP).agg(pl.col(WEIGHT).sum().alias("entered"))
    told = totals.sort(GROUP, STEP).with_columns(pl.col("end").shift(1).over(GROUP, order_by=STEP).alias("start"))
    whole = told.filter(pl.col(STEP) > 0).join(entered, on=GROUP, how="left", maintain_order="left")
    known = whole.with_columns(pl.col("entered").fill_null(0))
    left = (pl.col("start") + pl.col("entered") - pl.col("end")).alias("left")
    columns = ("start", "left", "entered", "end", "missing")
    return known.with_columns(left).select(GROUP, STEP, *(plain_weight(name).alias(name) for name in columns))
