"""The years of a projection: those of the rounds, and those that repeating the last step leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.estimation.projection.markov import STEP
from incomeladder.estimation.projection.targets import HORIZON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_YEAR: Final = re.compile(r"[12][0-9]{3}", re.ASCII)


@dataclass(frozen=True)
class Timetable:
    """The rounds by their years, the earliest first, and the years up to which their last step is repeated."""

    years: Mapping[str, int]
    until: int

    @cached_property
    def rounds(self) -> tuple[str, ...]:
        """The rounds in the order of their years."""
        return tuple(self.years)

    @property
    def last(self) -> int:
        """The year of the last round."""
        return self.years[self.rounds[-1]]

    @property
    def step(self) -> int:
        """The years between the last two rounds."""
        return self.last - self.years[self.rounds[-2]]

    @property
    def steps(self) -> int:
        """How many steps are projected."""
        return (self.until - self.last) // self.step

    @property
    def alike(self) -> list[tuple[str, str]]:
        """Neighbouring rounds as far apart as the last two; rates over more or fewer years are others anyway."""
        return [pair for pair in pairwise(self.rounds) if self.years[pair[1]] - self.years[pair[0]] == self.step]

    def year(self) -> pl.Expr:
        """The year of a step."""
        return (pl.col(STEP).cast(pl.Int64) * self.step + self.last).alias("year")


def timetable(rounds: Sequence[str], until: int) -> Timetable:
    """Raises SurveyRefused unless there are rounds of two years at least, UsageRefused for years that no step meets."""
    if len(rounds) < 2:  # noqa: PLR2004  (a step lies between two)
        raise SurveyRefused.because("project_one_round", rounds=list(rounds))
    found = {label: int(year[0]) for label in rounds if (year := _YEAR.match(label))}
    if lacking := [label for label in rounds if label not in found]:
        raise SurveyRefused.because("project_no_year", rounds=lacking)
    if len({*found.values()}) < len(found):
        raise SurveyRefused.because("project_same_year", rounds=list(rounds))
    ordered = Timetable(dict(sorted(found.items(), key=lambda pair: pair[1])), until)
    first, last = ordered.last + ordered.step, ordered.last + HORIZON * ordered.step
    if not first <= until <= last:
        raise UsageRefused.because(
            "until_no_use", until=str(until), round=ordered.rounds[-1], first=str(first), last=str(last)
        )
    return ordered
