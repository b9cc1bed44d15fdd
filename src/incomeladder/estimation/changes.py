"""How indicators changed from one round to the next, and how sure that is.

The variance of a change is V(a) + V(b) - 2 C. Of the units of a stratum m were drawn in both rounds, and give the
covariance C = sum over strata of m / (m - 1) sum (z_a - mean z_a)(z_b - mean z_b) (Tam 1984, "On covariances from
overlapping samples", The American Statistician 38; Kish 1965, 12.4). A unit is a cluster, or else a household.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.drawn import CLUSTER, STRATUM
from incomeladder.estimation.variance import REST, SCORES
from incomeladder.frames import AFTER, ROUND

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIT: Final = (STRATUM, CLUSTER)


def covariances(units: pl.LazyFrame, strata: pl.LazyFrame, rounds: tuple[str, str], by: Sequence[str]) -> pl.LazyFrame:
    """The covariance of each indicator in two rounds, by group, under the names of the scores."""
    before, after = (units.filter(pl.col(ROUND) == name).drop(ROUND) for name in rounds)
    seen = [side.select(_UNIT).unique() for side in (before, after)]
    counts = seen[0].join(seen[1], on=_UNIT, nulls_equal=True).group_by(STRATUM).agg(pl.len().alias("_both"))
    groups = [*by, STRATUM]
    sums = [
        _both(side, other, _UNIT).group_by(groups, maintain_order=True).agg(pl.col(SCORES).sum())
        for side, other in ((before, seen[1]), (after, seen[0]))
    ]
    pairs = _both(before, after, [*by, *_UNIT]).group_by(groups, maintain_order=True)
    products = pairs.agg((pl.col(name) * pl.col(name + AFTER)).sum().alias(f"_product_{name}") for name in SCORES)
    rest = _rest(strata, rounds)
    placed = (
        products.join(sums[0], on=groups, nulls_equal=True)
        .join(sums[1], on=groups, suffix=AFTER, nulls_equal=True)
        .join(counts, on=STRATUM, nulls_equal=True)
        .join(rest, on=STRATUM, nulls_equal=True)
    )
    told = placed.sort(groups, nulls_last=True).group_by(pl.lit(0).alias("_all"), *by, maintain_order=True)
    return told.agg(_covariance(name).alias(name) for name in SCORES).drop("_all")


def _both(side: pl.LazyFrame, other: pl.LazyFrame, on: Sequence[str]) -> pl.LazyFrame:
    """What both have, in the order of the one: sums of doubles are the same in every run then."""
    told = other.with_columns(pl.lit(value=True).alias("_there"))
    joined = side.join(told, on=on, how="left", suffix=AFTER, nulls_equal=True, maintain_order="left")
    return joined.filter("_there")


def _rest(strata: pl.LazyFrame, rounds: tuple[str, str]) -> pl.LazyFrame:
    """What part of a stratum was not drawn, of both rounds: the geometric mean."""
    sides = [strata.filter(pl.col(ROUND) == name).select(STRATUM, REST) for name in rounds]
    both = sides[0].join(sides[1], on=STRATUM, suffix=AFTER, nulls_equal=True)
    return both.select(STRATUM, (pl.col(REST) * pl.col(REST + AFTER)).sqrt().alias(REST))


def _covariance(name: str) -> pl.Expr:
    units = pl.col("_both")
    apart = pl.col(f"_product_{name}") - pl.col(name) * pl.col(name + AFTER) / units
    return pl.when(units > 1).then(pl.col(REST) * units / (units - 1) * apart).otherwise(0.0).sum()
