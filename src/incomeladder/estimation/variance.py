"""The variance of estimates by the survey's design: primary sampling units drawn from strata.

V = sum over strata of (1 - f) n / (n - 1) sum (z - mean z)², z the sum of weighted scores in a unit, n the units drawn
from the stratum, f the part of its units that they are (Särndal, Swensson and Wretman 1992, 4.3: the first stage, as if
drawn with replacement unless f is told). A group is a domain: units without a household of it count, with 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.drawn import CLUSTER, POPULATION, STRATUM
from incomeladder.estimation.indicators import MEASURES
from incomeladder.estimation.scores import score
from incomeladder.frames import ROUND

if TYPE_CHECKING:
    from collections.abc import Sequence

SCORES: Final = tuple(map(score, MEASURES))
DRAWN: Final = "_drawn"
"""How many units were drawn from a stratum."""
REST: Final = "_rest"
"""1 - f, what part of a stratum was not drawn: 1 where nobody says how many units it has."""


def units(scored: pl.LazyFrame, by: Sequence[str], *, clustered: bool) -> pl.LazyFrame:
    """The weighted scores of each primary sampling unit, by round and group; unless they are clusters, households."""
    if not clustered:
        return scored.select(ROUND, *by, STRATUM, CLUSTER, *SCORES)
    return scored.group_by([ROUND, *by, STRATUM, CLUSTER], maintain_order=True).agg(pl.col(SCORES).sum())


def strata(scored: pl.LazyFrame, *, clustered: bool) -> pl.LazyFrame:
    """Each stratum of each round: how many units were drawn from it, and what part of it was not.

    What ``--fpc`` names tells how many units a stratum has; a number up to 1 is the part that was drawn.
    """
    drawn = pl.col(CLUSTER).n_unique() if clustered else pl.len()
    population = pl.col(POPULATION).first()
    part = pl.when(population > 1).then(drawn / population).otherwise(population)
    told = scored.group_by(ROUND, STRATUM, maintain_order=True)
    return told.agg(drawn.cast(pl.Int64).alias(DRAWN), (1 - part.fill_null(0)).alias(REST))


def variances(units: pl.LazyFrame, strata: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """The variance of each indicator, by round and group, under the names of the scores.

    A stratum of one unit has no variance of its own: it is taken to lie as far from the mean unit of the round as its
    one does (R survey's ``lonely.psu = "adjust"``). A single unit in all tells of no error.
    """
    groups = [ROUND, *by]
    within = units.group_by([*groups, STRATUM], maintain_order=True).agg(
        pl.len().alias("_there"),
        *(pl.col(name).sum() for name in SCORES),
        *((pl.col(name).var() * (pl.len() - 1)).fill_null(0.0).alias(f"_apart_{name}") for name in SCORES),
    )
    alone = pl.col(REST).filter(pl.col(DRAWN) == 1).sum()
    rounds = strata.group_by(ROUND).agg(pl.col(DRAWN).sum().alias("_all"), alone.alias("_lonely"))
    placed = within.join(strata, on=[ROUND, STRATUM], how="left", nulls_equal=True, maintain_order="left")
    means = placed.join(rounds, on=ROUND, how="left", maintain_order="left").with_columns(
        (pl.col(name).sum().over(groups) / pl.col("_all")).alias(f"_mean_{name}") for name in SCORES
    )
    return means.group_by(groups, maintain_order=True).agg(_variance(name).alias(name) for name in SCORES)


def _variance(name: str) -> pl.Expr:
    """The sum of squares within the units that are there, and what the units that are not add to it: no difference."""
    drawn, total, mean = pl.col(DRAWN), pl.col(name), pl.col(f"_mean_{name}")
    squares = pl.col(f"_apart_{name}") + total**2 * (1 / pl.col("_there") - 1 / drawn)
    of_several = pl.when(drawn > 1).then(pl.col(REST) * drawn / (drawn - 1) * squares)
    alone = pl.when(drawn == 1).then(pl.col(REST) * (total - mean) ** 2)
    elsewhere = pl.col("_lonely").first() - pl.col(REST).filter(drawn == 1).sum()
    found = of_several.sum() + alone.sum() + elsewhere * mean.first() ** 2
    return pl.when(pl.col("_all").first() > 1).then(found)
