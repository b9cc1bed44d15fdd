"""Spells below the floor: runs of rounds in which a household is known to be below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.trajectories.courses import Course
from incomeladder.estimation.trajectories.paths import PATH
from incomeladder.frames import HOUSEHOLDS

if TYPE_CHECKING:
    from collections.abc import Sequence

LASTED: Final = "_lasted"
_START: Final = "_start"


def spells(ways: pl.LazyFrame, counts: pl.LazyFrame, rounds: int, by: Sequence[str]) -> pl.LazyFrame:
    """How many spells below the floor there are of each length, by whether their start and their end were seen.

    ``ways`` are paths with their states, ``counts`` the households of each path by group.
    """
    course, frame, ended = Course(rounds), ways, []
    for number in course.numbers:
        frame = counting_on(frame, course.began(number), course.below(number), number)
        start = pl.when(course.entered(number)).then(pl.lit("known")).otherwise(pl.lit("censored"))
        kept = pl.when(course.began(number)).then(start).otherwise(at(_START, number - 1))
        frame = frame.with_columns(kept.alias(f"{_START}_{number}"))
        end = pl.when(course.exited(number + 1)).then(pl.lit("exit")).otherwise(pl.lit("censored"))
        found = frame.filter(course.below(number) & ~course.below(number + 1))
        ended.append(
            found.select(
                PATH,
                at(LASTED, number).alias("length"),
                at(_START, number).alias("start"),
                end.alias("end"),
            )
        )
    keys = [*by, "length", "start", "end"]
    joined = pl.concat(ended).join(counts, on=PATH)
    # What was seen goes before what was not: of starts and of ends that is the order of the alphabet, backwards.
    ordered = joined.group_by(keys).agg(pl.col(HOUSEHOLDS).sum().alias("spells"))
    return ordered.sort(keys, descending=[False] * (len(by) + 1) + [True, True], nulls_last=True)


def counting_on(ways: pl.LazyFrame, begins: pl.Expr, goes_on: pl.Expr, number: int) -> pl.LazyFrame:
    """How many rounds something has lasted that began in this round or goes on from the round before; else 0."""
    lasted = pl.when(goes_on & (at(LASTED, number - 1) > 0)).then(at(LASTED, number - 1) + 1).otherwise(0)
    return ways.with_columns(pl.when(begins).then(1).otherwise(lasted).cast(pl.Int64).alias(f"{LASTED}_{number}"))


def at(name: str, number: int) -> pl.Expr:
    """A column of a round; nothing had lasted before the first."""
    return pl.lit(None) if number < 0 else pl.col(f"{name}_{number}")
