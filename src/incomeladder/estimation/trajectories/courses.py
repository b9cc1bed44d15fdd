"""What happens to a household along its path: entries, exits, relapses, spells below the floor, persistence.

Many households have the same path, so it is worked out once for all of them. An unknown round (``missing``, ``unseen``)
is never guessed at: an entry and an exit are two neighbouring rounds that are both known.

entry        below the floor now, above it in the round just before; the first of a household never known below before
exit         above now, below in the round just before
relapse      返贫: below now, above when last known, and below at some time before that (Stevens 1999, "Climbing out
             of poverty, falling back in", Journal of Human Resources 34); rounds in between may be unknown
spell        a run of rounds known to be below (Bane and Ellwood 1986, "Slipping into and out of poverty: the dynamics
             of spells", Journal of Human Resources 21); censored on the left if the round before it is not known
persistence  below now and in at least two of the three rounds before, of the households known in all four (Eurostat,
             persistent at-risk-of-poverty rate, ilc_li21)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.trajectories.paths import ABOVE, BELOW, PATH, UNSEEN, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

PERSISTENCE_ROUNDS: Final = 4
_OFTEN: Final = 2
"""In how many of the three rounds before a household was below if it is below persistently."""


@dataclass(frozen=True)
class Course:
    """Conditions on the states of a path of so many rounds, never null: nothing is known before it and after it."""

    rounds: int

    @property
    def numbers(self) -> range:
        """The rounds, counting from 0."""
        return range(self.rounds)

    @property
    def last(self) -> int:
        """The number of the last round, which is now."""
        return self.rounds - 1

    def is_in(self, wanted: str, number: int) -> pl.Expr:
        """Whether the household is in this state."""
        if number not in self.numbers:
            return pl.lit(value=False)
        return pl.col(state(number)) == wanted

    def below(self, number: int) -> pl.Expr:
        """Whether it is known to be below the floor."""
        return self.is_in(BELOW, number)

    def above(self, number: int) -> pl.Expr:
        """Whether it is known to be at the floor or above."""
        return self.is_in(ABOVE, number)

    def seen(self, number: int) -> pl.Expr:
        """Whether the round has it, with or without an income."""
        return ~self.is_in(UNSEEN, number)

    def known(self, number: int) -> pl.Expr:
        """Whether its income is known."""
        return self.below(number) | self.above(number)

    def began(self, number: int) -> pl.Expr:
        """Whether a spell below the floor begins to be known."""
        return self.below(number) & ~self.below(number - 1)

    def entered(self, number: int) -> pl.Expr:
        """Whether it entered below the floor since the round just before."""
        return self.below(number) & self.above(number - 1)

    def first_entered(self, number: int) -> pl.Expr:
        """The same, of a household that was never known below before."""
        return self.entered(number) & ~self._ever_below_before(number)

    def exited(self, number: int) -> pl.Expr:
        """Whether it rose above the floor since the round just before."""
        return self.above(number) & self.below(number - 1)

    def relapsed(self, number: int) -> pl.Expr:
        """Whether it fell back below the floor since it was last known, then above it."""
        return self.below(number) & self._was(ABOVE, number) & self._ever_below_before(number)

    def crossed_unseen(self, number: int) -> pl.Expr:
        """Whether it passed the floor, either way, while it was not known."""
        down, up = self.below(number) & self._was(ABOVE, number), self.above(number) & self._was(BELOW, number)
        return (down | up) & ~self.known(number - 1)

    def _ever_below_before(self, number: int) -> pl.Expr:
        return pl.any_horizontal(pl.lit(value=False), *map(self.below, range(number)))

    def _was(self, wanted: str, number: int) -> pl.Expr:
        """Whether it was in this state when last known before."""
        before = (pl.when(self.known(earlier)).then(pl.col(state(earlier))) for earlier in reversed(range(number)))
        return pl.coalesce(*before, pl.lit(None, pl.String)).eq_missing(pl.lit(wanted))


def happened(paths: pl.LazyFrame, rounds: Sequence[str]) -> pl.LazyFrame:
    """Each path once, its states, and what happens along it: how often, and when.

    ``_persistent`` is null where not all of the last four rounds are known, or there are fewer.
    """
    course = Course(len(rounds))
    ways = paths.select(PATH, *map(state, course.numbers)).unique(PATH)
    often: Mapping[str, Callable[[int], pl.Expr]] = {
        "rounds_seen": course.seen,
        "rounds_known": course.known,
        "rounds_below": course.below,
        "spells": course.began,
        "left_censored": lambda number: course.began(number) & ~course.entered(number),
        "first_entries": course.first_entered,
        "exits": course.exited,
        "relapses": course.relapsed,
        "crossed_unseen": course.crossed_unseen,
    }
    return ways.with_columns(
        *(_times(map(each, course.numbers)).alias(name) for name, each in often.items()),
        _first(course, rounds, course.numbers).alias("first_below"),
        _first(course, rounds, reversed(course.numbers)).alias("last_below"),
        course.below(course.last).alias("below_now"),
        *_persistence(course),
    )


def _times(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(condition.cast(pl.Int64) for condition in conditions)


def _first(course: Course, rounds: Sequence[str], numbers: Iterable[int]) -> pl.Expr:
    """The name of the first of these rounds in which a household is below."""
    labels = (pl.when(course.below(number)).then(pl.lit(rounds[number])) for number in numbers)
    return pl.coalesce(*labels)


def _persistence(course: Course) -> tuple[pl.Expr, pl.Expr]:
    """Whether a household is persistently below; and whether that cannot be told of one which is below now."""
    if course.rounds < PERSISTENCE_ROUNDS:
        never = pl.lit(None, pl.Boolean)
        return never.alias("persistent"), never.alias("below_now_unknown_before")
    *earlier, now = course.numbers[-PERSISTENCE_ROUNDS:]
    known_before = pl.all_horizontal(map(course.known, earlier))
    often = _times(map(course.below, earlier)) >= _OFTEN
    below_now = course.below(now)
    return (
        pl.when(known_before & course.known(now)).then(below_now & often).alias("persistent"),
        (below_now & ~known_before).alias("below_now_unknown_before"),
    )
