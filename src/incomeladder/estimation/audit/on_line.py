"""Incomes that are exactly a line of the programme more often than they are its neighbours on the ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.audit.density import lines
from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict, counted
from incomeladder.programme import units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.programme import Programme

_EXPECTED: Final = 1 / 3


def on_line(answers: pl.LazyFrame, places: pl.DataFrame, programme: Programme) -> Iterator[Test]:
    """Of the incomes that are a line, or a step of the ladder below or above it, to the fen, how many are the line.

    They are as round as one another, so that rounding alone makes it one in three where the ladder is smooth; a jump
    that rounding could explain is told apart so from one of incomes set to the line. The chance is the exact upper
    tail of the binomial distribution.
    """
    step = units(programme.ladder.step)
    for line in lines(programme):
        near = answers.filter(pl.col(AMOUNT).is_in([line - step, line, line + step]))
        found = (pl.col(AMOUNT) == line).sum().cast(pl.Int64).alias("found")
        counts = near.group_by(PLACE).agg(pl.len().cast(pl.Int64).alias("of"), found)
        yield Test("on_line", places, counts, verdict, line)


def verdict(of: int, found: int) -> Verdict:
    """``found`` on the line among ``of`` on it or a step away."""
    return counted(of, found, _EXPECTED)
