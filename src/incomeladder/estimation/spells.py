"""How long households stay below the floor, and above it after an exit, by discrete life tables.

Of the spells that have lasted d rounds and are observed in the next, the hazard is the part that ends there; survival
is the part that has not ended after d rounds, the product of 1 - hazard (Singer and Willett 2003, "Applied longitudinal
data analysis", chapters 9 and 10; for poverty Bane and Ellwood 1986, Stevens 1999). A spell whose beginning was not
seen is left out, since nobody knows how long it has lasted; one whose end was not seen counts as long as it was.

The hazard is a ratio of weights, h = sum w e / sum w r, where a household has been at risk in r spells and e of them
ended. It is the unit that was drawn, so its scores over several spells add up first: V(h) = n / (n - 1) times
sum w² (e - h r)² / (sum w r)², n the households of the survey, of which a group is a domain (Särndal, Swensson and
Wretman 1992, 5.7). Intervals are Wilson's (1927), by the size of a simple random sample with the same error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.courses import Course
from incomeladder.estimation.intervals import wilson
from incomeladder.estimation.paths import PATH
from incomeladder.frames import WEIGHT, WEIGHT_UNIT
from incomeladder.ladder import share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SQUARES: Final = "_squares"
"""The sum of the squared weights of households."""
_START: Final = "_start"
_LASTED: Final = "_lasted"
_KEY: Final = ("event", "rounds")


def spells(ways: pl.LazyFrame, counts: pl.LazyFrame, rounds: int, by: Sequence[str]) -> pl.LazyFrame:
    """How many spells below the floor there are of each length, by whether their start and their end were seen.

    ``ways`` are paths with their states, ``counts`` the households of each path by group.
    """
    course, frame, ended = Course(rounds), ways, []
    for number in course.numbers:
        frame = _counting_on(frame, course.began(number), course.below(number), number)
        start = pl.when(course.entered(number)).then(pl.lit("known")).otherwise(pl.lit("censored"))
        kept = pl.when(course.began(number)).then(start).otherwise(_at(_START, number - 1))
        frame = frame.with_columns(kept.alias(f"{_START}_{number}"))
        end = pl.when(course.exited(number + 1)).then(pl.lit("exit")).otherwise(pl.lit("censored"))
        found = frame.filter(course.below(number) & ~course.below(number + 1))
        ended.append(
            found.select(
                PATH,
                _at(_LASTED, number).alias("length"),
                _at(_START, number).alias("start"),
                end.alias("end"),
            )
        )
    keys = [*by, "length", "start", "end"]
    joined = pl.concat(ended).join(counts, on=PATH)
    # What was seen goes before what was not: of starts and of ends that is the order of the alphabet, backwards.
    ordered = joined.group_by(keys).agg(pl.col("households").sum().alias("spells"))
    return ordered.sort(keys, descending=[False] * (len(by) + 1) + [True, True], nulls_last=True)


def _counting_on(ways: pl.LazyFrame, begins: pl.Expr, goes_on: pl.Expr, number: int) -> pl.LazyFrame:
    """How many rounds something has lasted that began in this round or goes on from the round before; else 0."""
    lasted = pl.when(goes_on & (_at(_LASTED, number - 1) > 0)).then(_at(_LASTED, number - 1) + 1).otherwise(0)
    return ways.with_columns(pl.when(begins).then(1).otherwise(lasted).cast(pl.Int64).alias(f"{_LASTED}_{number}"))


def _at(name: str, number: int) -> pl.Expr:
    """A column of a round; nothing had lasted before the first."""
    return pl.lit(None) if number < 0 else pl.col(f"{name}_{number}")


def hazards(
    ways: pl.LazyFrame, counts: pl.LazyFrame, rounds: int, by: Sequence[str], *, sampled: int | None
) -> pl.LazyFrame:
    """The life tables of exits from spells with a known start, and of relapses after an exit, by group.

    ``rounds`` in the table is how many a spell has lasted. ``sampled`` is how many households were drawn: None for a
    census, which has no errors. A hazard is null where all that are at risk weigh nothing.
    """
    course = Course(rounds)
    steps = pl.concat(
        [
            _steps(ways, course, "exit", (course.entered, course.below, course.above)),
            _steps(ways, course, "relapse", (course.exited, course.above, course.below)),
        ]
    )
    times = steps.group_by(PATH, *_KEY).agg(pl.len().cast(pl.Int64).alias("_r"), pl.col("_e").sum())
    keys = [*by, *_KEY]
    # Sums of doubles are the same in every run where the rows are in the same order.
    joined = times.join(counts, on=PATH).sort(*keys, PATH, nulls_last=True)
    return _table(joined, keys, by, sampled)


def _steps(ways: pl.LazyFrame, course: Course, event: str, when: tuple[Callable[[int], pl.Expr], ...]) -> pl.LazyFrame:
    """A row for each round that a path is at risk in, with how long the spell has lasted and whether it ends."""
    begins, goes_on, ends = when
    frame, found = ways, []
    for number in course.numbers:
        frame = _counting_on(frame, begins(number), goes_on(number), number)
        at_risk = frame.filter((_at(_LASTED, number) > 0) & course.known(number + 1))
        found.append(
            at_risk.select(
                PATH,
                pl.lit(event).alias("event"),
                _at(_LASTED, number).alias("rounds"),
                ends(number + 1).cast(pl.Int64).alias("_e"),
            )
        )
    return pl.concat(found)


def _table(times: pl.LazyFrame, keys: Sequence[str], by: Sequence[str], sampled: int | None) -> pl.LazyFrame:
    weight, households = pl.col(WEIGHT), pl.col("households")
    weighed = times.with_columns(
        share((weight * pl.col("_e")).sum(), (weight * pl.col("_r")).sum()).over(keys).alias("_h")
    )
    apart, at_risk = (
        pl.col("_e") - pl.col("_h") * pl.col("_r"),
        (weight * pl.col("_r")).sum().cast(pl.Float64) / WEIGHT_UNIT,
    )
    told = weighed.group_by(keys, maintain_order=True).agg(
        (households * pl.col("_r")).sum().alias("at_risk"),
        (households * pl.col("_e")).sum().alias("events"),
        pl.col("_h").first().alias("hazard"),
        _error(pl.col(SQUARES), apart, at_risk, sampled).alias("standard_error"),
        (at_risk**2 / (pl.col(SQUARES) * pl.col("_r") ** 2).sum()).fill_nan(None).alias("_effective"),
    )
    hazard, error = pl.col("hazard"), pl.col("standard_error")
    ends = (_ends(wilson(hazard, error, pl.col("_effective"), sign), error) for sign in (-1, 1))
    groups = [*by, "event"]
    return told.with_columns(
        _survival(hazard).over(groups).alias("survival"), **dict(zip(("lower", "upper"), ends, strict=True))
    ).select(*keys, "at_risk", "events", "hazard", "survival", "standard_error", "lower", "upper")


def _error(squares: pl.Expr, apart: pl.Expr, at_risk: pl.Expr, sampled: int | None) -> pl.Expr:
    if sampled is None or sampled == 1:  # of a census, or of one household, there is nothing to tell it by
        return pl.lit(None, pl.Float64)
    spread = (squares * apart**2).sum() * (sampled / (sampled - 1))
    return pl.when(at_risk > 0).then(spread.sqrt() / at_risk)


def _ends(end: pl.Expr, error: pl.Expr) -> pl.Expr:
    return pl.when(error.is_not_null()).then(end)


def _survival(hazard: pl.Expr) -> pl.Expr:
    """Null from the first hazard on that is not known."""
    return pl.when(hazard.is_null().cum_sum() == 0).then((1 - hazard).cum_prod())
