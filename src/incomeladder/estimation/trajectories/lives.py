"""Households through rounds, each once; and, since many have the same path, how many take each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.trajectories.courses import Course, happened
from incomeladder.estimation.trajectories.paths import BANDS, PATH, followed, paths, place
from incomeladder.frames import HOUSEHOLDS, WEIGHT
from incomeladder.ladder import plain_weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.programme import Programme

SQUARES: Final = "_squares"
"""The sum of the squared weights of households."""


@dataclass(frozen=True)
class Lives:
    """Households through ``rounds``, in order: ``each`` with its path, ``courses`` what happens along every path.

    ``counts`` are the households that take a path, by the groups ``by``. A household counts with its weight and its
    group of the round in which it was last seen.
    """

    rounds: tuple[str, ...]
    by: tuple[str, ...]
    each: pl.DataFrame
    courses: pl.DataFrame
    counts: pl.DataFrame

    @classmethod
    def of(cls, classified: pl.LazyFrame, rounds: tuple[str, ...], programme: Programme, by: tuple[str, ...]) -> Lives:
        """From the households of all these rounds, with their segments; no id may be in a round twice."""
        found = followed(classified, rounds, by).collect(engine="streaming")
        ways = paths(found.lazy(), len(rounds), programme).collect()
        each = _named(found.lazy(), ways.lazy(), len(rounds)).collect(engine="in-memory")
        courses = happened(ways.lazy(), rounds).collect()
        return cls(rounds, by, each, courses, _counted(each.lazy(), by).collect(engine="in-memory"))

    @property
    def of_paths(self) -> pl.LazyFrame:
        """The counts of each path beside what happens along it."""
        return self.counts.lazy().join(self.courses.lazy(), on=PATH)

    def are_strangers(self, numbers: tuple[int, int]) -> bool:
        """Whether both rounds have households, and none that is in the other."""
        course = Course(len(self.rounds))
        one, other = map(course.seen, numbers)
        told = self.of_paths.select(
            one.any().alias("one"), other.any().alias("other"), (one & other).any().alias("both")
        )
        return told.collect().row(0) == (True, True, False)


def _named(followed: pl.LazyFrame, ways: pl.LazyFrame, rounds: int) -> pl.LazyFrame:
    """Households with their paths by name, in the same order."""
    places = [place(number) for number in range(rounds)]
    named = ways.select(*places, PATH, BANDS)
    return followed.join(named, on=places, nulls_equal=True, how="left", maintain_order="left").drop(places)


def _counted(households: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """How many households take each path, by group, what they weigh, and the sum of their squared weights."""
    weight = pl.col(WEIGHT)
    return households.group_by(*by, PATH, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias(HOUSEHOLDS),
        weight.cast(pl.Int128).sum(),
        (plain_weight() ** 2).sum().alias(SQUARES),
    )
