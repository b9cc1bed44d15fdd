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

from incomeladder.estimation.drawn import HELD, W, Y, total
from incomeladder.frames import AFTER, ID, INCOME, MONEY_UNIT, ROUND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OF_GROUPS: Final = ("within", "shift")
COMPONENTS: Final = ("change", "growth", "redistribution", "matched", "entered", "left", *OF_GROUPS)
_ONE: Final = "_one"


def components(drawn: pl.LazyFrame, rounds: tuple[str, str], floor: int, by: Sequence[str]) -> pl.LazyFrame:
    """One row a group: the change of its share below the floor, and the parts of it.

    ``floor`` is in ten-thousandths of a yuan. Null are the parts of incomes where a mean is not above 0, those of
    households where none is in both rounds, and all but the last two in a group that only one round has.
    """
    groups = [*by, _ONE]
    known = drawn.filter(HELD).with_columns(pl.lit(0).alias(_ONE))
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
    mean, other_mean = total(pl.col(Y)) / pl.col(W).sum(), pl.col("_other").first()
    others = other.group_by(groups).agg(mean.alias("_other"))
    placed = _seen(side, other, groups).join(others, on=groups, how="left", nulls_equal=True, maintain_order="left")
    below = (pl.col(INCOME) < floor).cast(pl.Float64)
    with_other_mean = (pl.col(Y) * other_mean < floor / MONEY_UNIT * mean).cast(pl.Float64)
    weight, seen = pl.col(W).sum(), pl.col("_seen")
    return placed.group_by(groups, maintain_order=True).agg(
        weight.alias("_weight"),
        (total(below) / weight).fill_nan(None).alias("_share"),
        pl.when((mean > 0) & (other_mean > 0)).then(total(with_other_mean) / weight).alias("_stretched"),
        (total(below * seen) / total(seen)).fill_nan(None).alias("_seen_share"),
    )


def _seen(side: pl.LazyFrame, other: pl.LazyFrame, groups: Sequence[str]) -> pl.LazyFrame:
    """1 beside the households that the other round knows in the same group, 0 beside the others; null without ids."""
    if ID not in side.collect_schema():
        return side.with_columns(pl.lit(None, pl.Float64).alias("_seen"))
    there = other.select(*groups, ID).with_columns(pl.lit(1.0).alias("_seen"))
    joined = side.join(there, on=[*groups, ID], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("_seen").fill_null(0.0))


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
