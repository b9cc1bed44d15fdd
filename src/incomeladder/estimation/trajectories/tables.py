"""Households through several rounds, as tables: each one's path, what became of all of them, and round by round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.drawn import collected
from incomeladder.estimation.intervals import wilson
from incomeladder.estimation.trajectories.courses import PERSISTENCE_ROUNDS, Course
from incomeladder.estimation.trajectories.hazards import hazards
from incomeladder.estimation.trajectories.lives import SQUARES
from incomeladder.estimation.trajectories.paths import BANDS, LAST, PATH, STATES
from incomeladder.estimation.trajectories.spells import spells
from incomeladder.frames import HOUSEHOLDS, ID, ROUND, WEIGHT
from incomeladder.ladder import plain_weight, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.estimation.trajectories.lives import Lives

_OF_EACH: Final = ("rounds_seen", "rounds_below", "spells", "first_below", "last_below", "exits", "relapses")
_KNOWN: Final = "_known"
_SQUARED: Final = {"_squares_below": True, "_squares_above": False}
"""The squared weights of those that are persistently below, and of those that are known not to be."""
_EVENTS: Final = ("first_entries", "exits", "relapses")


def tables(lives: Lives, *, sampled: bool) -> dict[str, pl.DataFrame]:
    """The tables of the report; there are errors in them only if the households are ``sampled``."""
    rounds, by = len(lives.rounds), lives.by
    courses, counts = lives.courses.lazy(), lives.counts.lazy()
    in_order = lives.of_paths.sort(*by, PATH, nulls_last=True)  # sums of doubles are the same in every run then
    return {
        "trajectories": _of_each(lives).collect(engine="in-memory"),
        "summary": collected(_with_errors(_summary(in_order, rounds, by), lives.each.height if sampled else None)),
        "rounds": pl.concat(pl.collect_all([_round(lives, number) for number in range(rounds)])),
        "paths": _paths(counts, by).collect(),
        "spells": spells(courses, counts, rounds, by).collect(),
        "hazards": hazards(courses, counts, rounds, by, sampled=lives.each.height if sampled else None).collect(
            engine="in-memory"
        ),
    }


def _of_each(lives: Lives) -> pl.LazyFrame:
    """One row a household, sorted by id."""
    told = lives.each.lazy().join(lives.courses.lazy(), on=PATH, how="left", maintain_order="left")
    labels = dict(enumerate(lives.rounds))
    last_seen = pl.col(LAST).replace_strict(labels, return_dtype=pl.String).alias("last_seen")
    return told.select(ID, *lives.by, PATH, BANDS, *_OF_EACH, "persistent", last_seen, plain_weight())


def _summary(of_paths: pl.LazyFrame, rounds: int, by: Sequence[str]) -> pl.LazyFrame:
    """What became of the households, by group: ``households`` are those seen in all rounds and those that were not.

    First entries, exits, relapses and what crossed the floor unseen are numbers of events. ``persistence`` is the
    weight of the ``persistent`` over that of the ``persistent_of``; what belongs to it is null with fewer than four
    rounds. ``standard_error``, ``lower`` and ``upper`` are those of the persistence of a sample.
    """
    households, weight = pl.col(HOUSEHOLDS), pl.col(WEIGHT)
    told, below = pl.col("persistent"), pl.col("rounds_below")
    conditions = {
        "seen_in_all": pl.col("rounds_seen") == rounds,
        "not_seen_in_all": pl.col("rounds_seen") < rounds,
        "known_in_all": pl.col("rounds_known") == rounds,
        "ever_below": below > 0,
        "always_below": below == rounds,
        "below_now": pl.col("below_now"),
        "relapsed": pl.col("relapses") > 0,
    }
    found = {name: households.filter(holds).sum() for name, holds in conditions.items()}
    found |= {
        name: (households * pl.col(name)).sum() for name in ("spells", "left_censored", *_EVENTS, "crossed_unseen")
    }
    known = weight.filter(told.is_not_null()).sum()
    lasting = {
        "persistent": households.filter(told).sum(),
        "persistent_of": households.filter(told.is_not_null()).sum(),
        "persistence": share(weight.filter(told).sum(), known),
        _KNOWN: plain_weight(known),
        **{name: pl.col(SQUARES).filter(told == holds).sum() for name, holds in _SQUARED.items()},
        "below_now_unknown_before": households.filter(pl.col("below_now_unknown_before")).sum(),
    }
    if rounds < PERSISTENCE_ROUNDS:
        counts = {"persistent", "persistent_of", "below_now_unknown_before"}
        lasting = {name: pl.lit(None, pl.Int64 if name in counts else pl.Float64) for name in lasting}
    totals = {HOUSEHOLDS: households.sum(), WEIGHT: plain_weight(weight.sum())}
    return _by_group(of_paths, by, totals | {name: found[name] for name in _TOLD} | lasting)


def _with_errors(summary: pl.LazyFrame, sampled: int | None) -> pl.LazyFrame:
    """The standard error of ``persistence`` and its interval, Wilson's: a ratio of weights of so many households.

    V(p) = n / (n - 1) times sum w² (e - p)² / (sum w)², e being 1 of a household that is persistently below and else 0.
    """
    value, known = pl.col("persistence"), pl.col(_KNOWN)
    below, above = (pl.col(name) for name in _SQUARED)
    spread = below * (1 - value) ** 2 + above * value**2
    times = pl.lit(None, pl.Float64) if sampled is None or sampled == 1 else pl.lit(sampled / (sampled - 1))
    error = pl.when(known > 0).then((spread * times).sqrt() / known).alias("standard_error")
    size = known**2 / (below + above)
    told = summary.with_columns(error)
    ends = {
        name: pl.when(pl.col("standard_error").is_not_null()).then(wilson(value, pl.col("standard_error"), size, sign))
        for name, sign in (("lower", -1), ("upper", 1))
    }
    return told.with_columns(end.alias(name) for name, end in ends.items()).drop(_KNOWN, *_SQUARED)


_TOLD: Final = (
    *("seen_in_all", "not_seen_in_all", "known_in_all", "ever_below", "always_below", "below_now"),
    *("spells", "left_censored", *_EVENTS, "relapsed", "crossed_unseen"),
)


def _by_group(frame: pl.LazyFrame, by: Sequence[str], told: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """The whole is a group even if there is nobody in it."""
    named = [expression.alias(name) for name, expression in told.items()]
    return frame.group_by(by).agg(named).sort(by, nulls_last=True) if by else frame.select(named)


def _round(lives: Lives, number: int) -> pl.LazyFrame:
    """Where the households were in a round, and what had happened since the one before."""
    course = Course(len(lives.rounds))
    states = {name: course.is_in(name, number) for name in STATES}
    events = {
        "entries": course.entered,
        "first_entries": course.first_entered,
        "exits": course.exited,
        "relapses": course.relapsed,
    }
    conditions = {"seen": course.seen(number), **states, **{name: each(number) for name, each in events.items()}}
    found = {name: pl.col(HOUSEHOLDS).filter(holds).sum() for name, holds in conditions.items()}
    told = _by_group(lives.of_paths, lives.by, found)
    return told.select(pl.lit(lives.rounds[number]).alias(ROUND), pl.all())


def _paths(counted: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """The paths and how many take them, by weight the most frequent first."""
    weight = pl.col(WEIGHT)
    # By a column and not by a constant, of which polars would multiply by the reciprocal: one rounding too many.
    whole = weight.sum().over(by) if by else weight * 0 + weight.sum()
    told = counted.with_columns(share(weight, whole).alias("share"))
    falling = [False] * len(by) + [True, True, False]
    ordered = told.sort(*by, WEIGHT, HOUSEHOLDS, PATH, descending=falling, nulls_last=True)
    return ordered.select(*by, PATH, HOUSEHOLDS, plain_weight(), "share")
