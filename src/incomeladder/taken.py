"""What became of the households that were given help: a count for each kind of measure taken (精准施策).

It says what happened after a measure, not because of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.flag import tiered
from incomeladder.frames import HOUSEHOLDS, ID, INCOME, ROUND
from incomeladder.panel import NUMBER, stacked
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from incomeladder.panel import Rounds
    from incomeladder.programme import Programme

MEASURE: Final = "measure"
OUTCOMES: Final = ("rose_above_target", "still_below_target", "left", "missing", "no_target", "pending")
"""What became of a household by the next round; it counts under one of them."""
_OUTCOME: Final = "_outcome"
_NEXT: Final = "_next_income"
_SEEN: Final = "_seen_next"
_NOTED: Final = "_noted_after"


def taken(notes: pl.LazyFrame, rounds: Rounds, programme: Programme) -> pl.LazyFrame:
    """For each kind of measure its notes, the households that they are on, and what became of these by the next round.

    A household counts once a kind, by its first note; its target is that of the tier in which its last known income was
    when the note was made: who is out of sight has one too.
    """
    numbers = {label: number for number, (label, _) in enumerate(rounds)}
    number = pl.col(ROUND).replace_strict(numbers, default=None, return_dtype=pl.Int64).alias(NUMBER)
    first = notes.group_by(ID, MEASURE).agg(pl.len().cast(pl.Int64).alias("notes"), number.min())
    counted = _followed(first, rounds, programme).with_columns(_outcome(len(rounds)).alias(_OUTCOME))
    outcomes = ((pl.col(_OUTCOME) == name).sum().cast(pl.Int64).alias(name) for name in OUTCOMES)
    households = pl.len().cast(pl.Int64).alias(HOUSEHOLDS)
    return _in_order(counted.group_by(MEASURE).agg(pl.col("notes").sum(), households, *outcomes), programme)


def _followed(first: pl.LazyFrame, rounds: Rounds, programme: Programme) -> pl.LazyFrame:
    """Each note with the target of the household's last known income then, and the income of the round that is next."""
    incomes = stacked(rounds).join(first, on=ID, how="semi")
    until = incomes.join(first.select(ID, MEASURE, pl.col(NUMBER).alias(_NOTED)), on=ID)
    known = until.filter((pl.col(NUMBER) <= pl.col(_NOTED)) & pl.col(INCOME).is_not_null())
    last = known.group_by(ID, MEASURE).agg(pl.col(INCOME).max_by(NUMBER))
    then: pl.LazyFrame = nw.to_native(tiered(nw.from_native(last), programme, Tiers.names))
    later = incomes.select(ID, pl.col(NUMBER) - 1, pl.col(INCOME).alias(_NEXT), pl.lit(value=True).alias(_SEEN))
    with_target = first.join(then.select(ID, MEASURE, "target"), on=[ID, MEASURE], how="left")
    return with_target.join(later, on=[ID, NUMBER], how="left")


def _outcome(rounds: int) -> pl.Expr:
    """What became of a household; without a target then, that is all there is to say."""
    return (
        pl.when(pl.col("target").is_null())
        .then(pl.lit("no_target"))
        .when(pl.col(NUMBER) == rounds - 1)
        .then(pl.lit("pending"))
        .when(pl.col(_SEEN).is_null())
        .then(pl.lit("left"))
        .when(pl.col(_NEXT).is_null())
        .then(pl.lit("missing"))
        .when(pl.col(_NEXT) >= pl.col("target"))
        .then(pl.lit("rose_above_target"))
        .otherwise(pl.lit("still_below_target"))
    )


def _in_order(counts: pl.LazyFrame, programme: Programme) -> pl.LazyFrame:
    """The kinds in the programme's order, and those that it does not know last."""
    places = {kind: place for place, kind in enumerate(programme.measures)}
    place = pl.col(MEASURE).replace_strict(places, default=len(places), return_dtype=pl.Int64)
    return counts.sort(place, MEASURE)
