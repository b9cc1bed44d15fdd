"""When the programme's targets are met, if ever, and whether they stay met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.projection.markov import GROUP, REPLICATE, STEP
from incomeladder.estimation.projection.outlook import OBSERVED
from incomeladder.frames import HOUSEHOLDS
from incomeladder.programme import SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incomeladder.programme import Indicator, Target

HORIZON: Final = 100
"""The steps after which what has not come true is said never to."""
_KEYS: Final = (GROUP, "indicator")


def targets(
    near: pl.LazyFrame, far: pl.LazyFrame, families: pl.LazyFrame, wanted: Mapping[Indicator, Target]
) -> pl.LazyFrame:
    """For each target that is a share the first step that meets it, ``_met``, and the next that does not, ``_lost``.

    ``near`` are the shares of all replicates up to the last year that is asked for, ``far`` those observed up to the
    horizon, where the ``limit`` is; ``families`` how many households with an income a group has at the outset.
    ``met_by_until`` is the part of the replicates that meet it in a year ahead; 1 where it is met already.

    What halves with every step is never nothing: a share that is to be 0 (or 1) is so, of a year ahead, once no more
    than half a family is missing to it.
    """
    told = far.filter(OBSERVED).join(families, on=GROUP).join(_rows(wanted), on="indicator").with_columns(_holds())
    met = told.with_columns(pl.col(STEP).filter("_holds").min().over(_KEYS).alias("_met"))
    lost = pl.col(STEP).filter(~pl.col("_holds") & (pl.col(STEP) > pl.col("_met"))).min().alias("_lost")
    last = pl.col("value").filter(pl.col(STEP) == HORIZON).first().alias("limit")
    found = met.group_by(_KEYS).agg(pl.col("target", "rule", "year", "_order", "_met").first(), lost, last)
    ahead = near.filter(~OBSERVED & (pl.col(STEP) > 0)).join(families, on=GROUP).join(_rows(wanted), on="indicator")
    ever = ahead.group_by(REPLICATE, *_KEYS).agg(_holds().any())
    chance = ever.group_by(_KEYS).agg(pl.col("_holds").mean().alias("met_by_until"))
    both = found.join(chance, on=_KEYS, how="left").sort(GROUP, "_order").drop("_order")
    return both.with_columns(pl.when(pl.col("_met") == 0).then(1.0).otherwise("met_by_until").alias("met_by_until"))


def _holds() -> pl.Expr:
    value, target = pl.col("value"), pl.col("target")
    half = pl.when(pl.col(STEP) > 0).then(0.5 / pl.col(HOUSEHOLDS)).otherwise(0.0)
    at_most = value <= target + pl.when(target == 0).then(half).otherwise(0.0)
    at_least = value >= target - pl.when(target == 1).then(half).otherwise(0.0)
    return pl.when(pl.col("rule") == "at_most").then(at_most).otherwise(at_least).fill_null(value=False).alias("_holds")


def _rows(wanted: Mapping[Indicator, Target]) -> pl.LazyFrame:
    rows = [
        (name, float(target.value), "at_most" if target.at_least is None else "at_least", target.year, place)
        for place, (name, target) in enumerate(wanted.items())
        if name in SHARES
    ]
    kinds = {"indicator": pl.String, "target": pl.Float64, "rule": pl.String, "year": pl.Int64, "_order": pl.Int32}
    return pl.LazyFrame(rows, schema=kinds, orient="row")
