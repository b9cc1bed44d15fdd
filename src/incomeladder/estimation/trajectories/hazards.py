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

from incomeladder.estimation.intervals import wilson
from incomeladder.estimation.trajectories.courses import Course
from incomeladder.estimation.trajectories.lives import SQUARES
from incomeladder.estimation.trajectories.paths import PATH
from incomeladder.estimation.trajectories.spells import LASTED, at, counting_on
from incomeladder.frames import HOUSEHOLDS, WEIGHT
from incomeladder.ladder import plain_weight, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_KEY: Final = ("event", "rounds")
_TIMES: Final = "_times"
"""How many spells of a household are at risk after so many rounds."""
_ENDED: Final = "_ended"
"""How many of these end then."""
_SCORE: Final = "_score"
_EFFECTIVE: Final = "_effective"


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
    times = steps.group_by(PATH, *_KEY).agg(pl.len().cast(pl.Int64).alias(_TIMES), pl.col(_ENDED).sum())
    keys = [*by, *_KEY]
    # Sums of doubles are the same in every run where the rows are in the same order.
    joined = times.join(counts, on=PATH).sort(*keys, PATH, nulls_last=True)
    return _table(joined, keys, by, sampled)


def _steps(ways: pl.LazyFrame, course: Course, event: str, when: tuple[Callable[[int], pl.Expr], ...]) -> pl.LazyFrame:
    """A row for each round that a path is at risk in, with how long the spell has lasted and whether it ends."""
    begins, goes_on, ends = when
    frame, found = ways, []
    for number in course.numbers:
        frame = counting_on(frame, begins(number), goes_on(number), number)
        at_risk = frame.filter((at(LASTED, number) > 0) & course.known(number + 1))
        found.append(
            at_risk.select(
                PATH,
                pl.lit(event).alias("event"),
                at(LASTED, number).alias("rounds"),
                ends(number + 1).cast(pl.Int64).alias(_ENDED),
            )
        )
    return pl.concat(found)


def _table(times: pl.LazyFrame, keys: Sequence[str], by: Sequence[str], sampled: int | None) -> pl.LazyFrame:
    told = _ratios(times, keys, sampled)
    hazard, error = pl.col("hazard"), pl.col("standard_error")
    lower, upper = (_with_error(wilson(hazard, error, pl.col(_EFFECTIVE), sign), error) for sign in (-1, 1))
    survival = _survival(hazard).over(*by, "event")
    named = told.with_columns(survival.alias("survival"), lower.alias("lower"), upper.alias("upper"))
    return named.select(*keys, "at_risk", "events", "hazard", "survival", "standard_error", "lower", "upper")


def _ratios(times: pl.LazyFrame, keys: Sequence[str], sampled: int | None) -> pl.LazyFrame:
    """The hazards, their errors, and Kish's sizes (1965): those of households that all weigh the same."""
    weight, households = pl.col(WEIGHT), pl.col(HOUSEHOLDS)
    ended, at_risk = ((weight * pl.col(each)).sum() for each in (_ENDED, _TIMES))
    # Exact until it is divided, so that scores which cancel out leave no trace.
    score = (pl.col(_ENDED) * at_risk - pl.col(_TIMES) * ended).cast(pl.Float64) / at_risk.cast(pl.Float64)
    weighed = times.with_columns(score.over(keys).alias(_SCORE))
    squares, whole = pl.col(SQUARES), plain_weight(at_risk)
    return weighed.group_by(keys, maintain_order=True).agg(
        (households * pl.col(_TIMES)).sum().alias("at_risk"),
        (households * pl.col(_ENDED)).sum().alias("events"),
        share(ended, at_risk).alias("hazard"),
        _error((squares * pl.col(_SCORE) ** 2).sum(), whole, sampled).alias("standard_error"),
        (whole**2 / (squares * pl.col(_TIMES) ** 2).sum()).fill_nan(None).alias(_EFFECTIVE),
    )


def _error(spread: pl.Expr, at_risk: pl.Expr, sampled: int | None) -> pl.Expr:
    if sampled is None or sampled == 1:  # of a census, or of one household, there is nothing to tell it by
        return pl.lit(None, pl.Float64)
    return pl.when(at_risk > 0).then((spread * (sampled / (sampled - 1))).sqrt() / at_risk)


def _with_error(end: pl.Expr, error: pl.Expr) -> pl.Expr:
    return pl.when(error.is_not_null()).then(end)


def _survival(hazard: pl.Expr) -> pl.Expr:
    """Null from the first hazard on that is not known."""
    return pl.when(hazard.is_null().cum_sum() == 0).then((1 - hazard).cum_prod())
