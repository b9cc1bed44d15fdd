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
    from collections.abc import Iterator, Sequence

SCORES: Final = tuple(map(score, MEASURES))
ALIKE: Final = "_alike"
"""How many units alike a row stands for, where households were counted so; else it stands for one."""
DRAWN: Final = "_drawn"
"""How many units were drawn from a stratum."""
REST: Final = "_rest"
"""1 - f, what part of a stratum was not drawn: 1 where nobody says how many units it has."""


def units(scored: pl.LazyFrame, by: Sequence[str], names: Sequence[str] = SCORES, *, clustered: bool) -> pl.LazyFrame:
    """The weighted scores ``names`` of each sampling unit, by round and group; unless clusters, of households."""
    counted = [ALIKE] if ALIKE in scored.collect_schema() else []
    if not clustered:
        return scored.select(ROUND, *by, STRATUM, CLUSTER, *names, *counted)
    sums = ((pl.col(name) * pl.col(ALIKE) if counted else pl.col(name)).sum().alias(name) for name in names)
    return scored.group_by([ROUND, *by, STRATUM, CLUSTER], maintain_order=True).agg(sums)


def strata(scored: pl.LazyFrame, *, clustered: bool) -> pl.LazyFrame:
    """Each stratum of each round: how many units were drawn from it, and what part of it was not.

    What ``--fpc`` names tells how many units a stratum has; a number up to 1 is the part that was drawn.
    """
    households = pl.col(ALIKE).sum() if ALIKE in scored.collect_schema() else pl.len()
    drawn = pl.col(CLUSTER).n_unique() if clustered else households
    population = pl.col(POPULATION).first()
    part = pl.when(population > 1).then(drawn / population).otherwise(population)
    told = scored.group_by(ROUND, STRATUM, maintain_order=True)
    return told.agg(drawn.cast(pl.Int64).alias(DRAWN), (1 - part.fill_null(0)).alias(REST))


def variances(
    units: pl.LazyFrame, strata: pl.LazyFrame, by: Sequence[str], names: Sequence[str] = SCORES
) -> pl.LazyFrame:
    """The variance of what each of the scores ``names`` belongs to, by round and group, under the same names.

    A stratum of one unit has no variance of its own: it is taken to lie as far from the mean unit of the round as its
    one does (R survey's ``lonely.psu = "adjust"``). A single unit in all tells of no error.
    """
    groups = [ROUND, *by]
    there = pl.col(ALIKE) if ALIKE in units.collect_schema() else None
    within = units.group_by([*groups, STRATUM], maintain_order=True).agg(_within(names, there))
    alone = pl.col(REST).filter(pl.col(DRAWN) == 1).sum()
    rounds = strata.group_by(ROUND).agg(pl.col(DRAWN).sum().alias("_all"), alone.alias("_lonely"))
    placed = within.join(strata, on=[ROUND, STRATUM], how="left", nulls_equal=True, maintain_order="left")
    means = placed.join(rounds, on=ROUND, how="left", maintain_order="left").with_columns(
        (pl.col(name).sum().over(groups) / pl.col("_all")).alias(f"_mean_{name}") for name in names
    )
    return means.group_by(groups, maintain_order=True).agg(_variance(name).alias(name) for name in names)


def _within(names: Sequence[str], alike: pl.Expr | None) -> Iterator[pl.Expr]:
    """Of the units of a stratum: how many there are, the sum of their scores, and that of squares around its mean."""
    for name in names:
        each = pl.col(name)
        if alike is None:
            yield each.sum()
            yield (each.var() * (pl.len() - 1)).fill_null(0.0).alias(f"_apart_{name}")
        else:
            mean = (each * alike).sum() / alike.sum()
            yield (each * alike).sum()
            yield ((each - mean) ** 2 * alike).sum().alias(f"_apart_{name}")
    yield (pl.len() if alike is None else alike.sum()).alias("_there")


def _variance(name: str) -> pl.Expr:
    """The sum of squares within the units that are there, and what the units that are not add to it: no difference."""
    drawn, total, mean = pl.col(DRAWN), pl.col(name), pl.col(f"_mean_{name}")
    squares = pl.col(f"_apart_{name}") + total**2 * (1 / pl.col("_there") - 1 / drawn)
    of_several = pl.when(drawn > 1).then(pl.col(REST) * drawn / (drawn - 1) * squares)
    alone = pl.when(drawn == 1).then(pl.col(REST) * (total - mean) ** 2)
    elsewhere = pl.col("_lonely").first() - pl.col(REST).filter(drawn == 1).sum()
    found = of_several.sum() + alone.sum() + elsewhere * mean.first() ** 2
    return pl.when(pl.col("_all").first() > 1).then(found)
