"""Why the share below the floor changed from one round to the next: parts that add up to the change.

growth, redistribution   what the change of the mean alone would have done, and that of the shape alone (Datt and
                         Ravallion 1992, "Growth and redistribution components of changes in poverty measures", Journal
                         of Development Economics 38), each taken first and second and the mean of the two, so that
                         nothing is left over (Shorrocks 2013, "Decomposition procedures based on the Shapley value")
matched, entered, left   the change among households whose incomes both rounds know; and what those known only in the
                         later, or only in the earlier, add to it by being poorer, or richer, than these
within, shift            of a group: its part in the change of the whole, by its own share below the floor and by its
                         weight among all; over all groups they add up to that change
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import AFTER, ID, INCOME, ROUND, WEIGHT
from incomeladder.ladder import share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OF_GROUPS: Final = ("within", "shift")
COMPONENTS: Final = ("change", "growth", "redistribution", "matched", "entered", "left", *OF_GROUPS)
_ONE: Final = "_one"


def components(households: pl.LazyFrame, rounds: tuple[str, str], floor: int, by: Sequence[str]) -> pl.LazyFrame:
    """One row a group: the change of its share below the floor, and the parts of it.

    ``floor`` and incomes are in ten-thousandths of a yuan; each round's households count with their own weights, those
    without an income not at all. Null are the parts of incomes where a mean is not above 0, those of households where
    none is in both rounds, and all but the last two in a group that only one round has.
    """
    groups = [*by, _ONE]
    known = households.filter(pl.col(INCOME).is_not_null()).with_columns(pl.lit(0).alias(_ONE))
    before, after = (known.filter(pl.col(ROUND) == name) for name in rounds)
    told = [_side(one, other, floor, groups) for one, other in ((before, after), (after, before))]
    both = told[0].join(told[1], on=groups, how="full", coalesce=True, suffix=AFTER, nulls_equal=True)
    parts = (part.alias(name) for name, part in _parts().items())
    return both.sort(groups, nulls_last=True).with_columns(_of_all()).select(*by, *parts)


def _side(side: pl.LazyFrame, other: pl.LazyFrame, floor: int, groups: Sequence[str]) -> pl.LazyFrame:
    """What there is to know of a round by group.

    Its weight, its share below the floor, what that would be with the other round's mean, and what it is among the
    households that the other round knows too.
    """
    means = _means(side, groups).join(_means(other, groups), on=groups, how="left", suffix="_other", nulls_equal=True)
    placed = _seen(side, other, groups).join(means, on=groups, how="left", nulls_equal=True)
    mean, other_mean = pl.col("_mean"), pl.col("_mean_other")
    below, seen, weight = pl.col(INCOME) < floor, pl.col("_seen"), pl.col(WEIGHT).cast(pl.Int128)
    parts = {
        "_whole": weight,
        "_below": weight * below,
        "_below_then": weight * (pl.col(INCOME).cast(pl.Float64) * other_mean < float(floor) * mean),
        "_known": weight * seen,
        "_known_below": weight * (below & seen),
    }
    # Each household's part first, and then plain sums, which are exact in any order and many times as fast.
    each = placed.select(*groups, "_mean", "_mean_other", *(part.alias(name) for name, part in parts.items()))
    sums = each.group_by(groups).agg(pl.col("_mean", "_mean_other").first(), pl.col(*parts).sum())
    return sums.select(
        *groups,
        pl.col("_whole").cast(pl.Float64).alias("_weight"),
        _part("_below", "_whole").alias("_share"),
        pl.when((mean > 0) & (other_mean > 0)).then(_part("_below_then", "_whole")).alias("_stretched"),
        _part("_known_below", "_known").alias("_seen_share"),
    )


def _means(side: pl.LazyFrame, groups: Sequence[str]) -> pl.LazyFrame:
    weight = pl.col(WEIGHT).cast(pl.Int128)
    each = side.select(*groups, weight.alias("_whole"), (weight * pl.col(INCOME).cast(pl.Int128)).alias("_sum"))
    return (
        each.group_by(groups)
        .agg(pl.col("_whole", "_sum").sum())
        .select(*groups, _part("_sum", "_whole").alias("_mean"))
    )


def _part(part: str, whole: str) -> pl.Expr:
    return share(pl.col(part), pl.col(whole))


def _seen(side: pl.LazyFrame, other: pl.LazyFrame, groups: Sequence[str]) -> pl.LazyFrame:
    """Whether the other round knows the household in the same group; null without ids."""
    if ID not in side.collect_schema():
        return side.with_columns(pl.lit(None, pl.Boolean).alias("_seen"))
    there = other.select(*groups, ID).with_columns(pl.lit(value=True).alias("_seen"))
    joined = side.join(there, on=[*groups, ID], how="left", nulls_equal=True)
    return joined.with_columns(pl.col("_seen").fill_null(value=False))


def _of_all() -> list[pl.Expr]:
    """A group's part of all weight; a group that a round does not have has none there."""
    weights = {end: pl.col("_weight" + end) for end in ("", AFTER)}
    return [(weight.fill_null(0.0) / weight.sum()).alias("_part" + end) for end, weight in weights.items()]


def _parts() -> Mapping[str, pl.Expr]:
    was, is_now = pl.col("_share"), pl.col("_share" + AFTER)
    grown, levelled = pl.col("_stretched"), pl.col("_stretched" + AFTER)
    kept, kept_after = pl.col("_seen_share"), pl.col("_seen_share" + AFTER)
    part, part_after = pl.col("_part"), pl.col("_part" + AFTER)
    first, last = pl.coalesce(was, is_now), pl.coalesce(is_now, was)
    return {
        "change": is_now - was,
        "growth": ((grown - was) + (is_now - levelled)) / 2,
        "redistribution": ((levelled - was) + (is_now - grown)) / 2,
        "matched": kept_after - kept,
        "entered": is_now - kept_after,
        "left": kept - was,
        "within": (part + part_after) / 2 * (last - first),
        "shift": (first + last) / 2 * (part_after - part),
    }
