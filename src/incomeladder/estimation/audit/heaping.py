"""Incomes that are round more often than chance makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict, counted
from incomeladder.frames import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND_AMOUNTS: Final = (1_000 * MONEY_UNIT, 10_000 * MONEY_UNIT)
_FINER: Final = 10
_EXPECTED: Final = 1 / _FINER


def heaping(answers: pl.LazyFrame, places: pl.DataFrame) -> Iterator[Test]:
    """For each of the round amounts, of the incomes above 0 that are whole tenths of it, how many are whole ones.

    Smooth incomes would be so one time in ten. The statistic is how many times as many there are, in the way of
    Whipple's index of the ages that end in 0 and 5 (Shryock and Siegel 1976, "The Methods and Materials of
    Demography"); its chance is the exact upper tail of the binomial distribution. Exact incomes, to the yuan, are in
    neither number.
    """
    income = pl.col(AMOUNT)
    for amount in ROUND_AMOUNTS:
        tenths = answers.filter((income > 0) & (income % (amount // _FINER) == 0))
        counts = tenths.group_by(PLACE).agg(
            pl.len().cast(pl.Int64).alias("of"), (income % amount == 0).sum().cast(pl.Int64).alias("found")
        )
        yield Test("heaping", places, counts, verdict, amount)


def verdict(of: int, found: int) -> Verdict:
    """``found`` whole amounts among ``of`` whole tenths."""
    return counted(of, found, _EXPECTED)
