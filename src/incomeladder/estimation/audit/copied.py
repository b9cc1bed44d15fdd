"""Families that give exactly the income of the round before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict, counted
from incomeladder.frames import ID

if TYPE_CHECKING:
    from collections.abc import Sequence


def copied(rounds: Sequence[tuple[pl.LazyFrame, pl.LazyFrame]], places: pl.DataFrame) -> Test:
    """How many incomes above 0 are the same as before, of those known in both rounds; by the place of the later.

    ``rounds`` are the answers of a round beside the ids and incomes of the one before it. By chance it is the sum
    over amounts of the product of their shares in the two rounds (Cohen 1960, "A coefficient of agreement for nominal
    scales", Educational and Psychological Measurement 20), and the p-value the upper tail of the binomial
    distribution with it.
    """
    both = pl.concat([_both(after, before) for after, before in rounds])
    same = (pl.col(AMOUNT) == pl.col("_was")).sum().cast(pl.Int64).alias("same")
    seen = both.group_by(PLACE).agg(pl.len().cast(pl.Int64).alias("of"), same)
    given, was = (
        both.group_by(PLACE, pl.col(name).alias("_value")).agg(pl.len().cast(pl.Int64).alias("times"))
        for name in (AMOUNT, "_was")
    )
    agreeing = given.join(was, on=[PLACE, "_value"], suffix="_before").group_by(PLACE)
    chances = agreeing.agg((pl.col("times") * pl.col("times_before")).sum().alias("agreeing"))
    return Test("copied", places, seen.join(chances, on=PLACE, how="left"), verdict)


def _both(after: pl.LazyFrame, before: pl.LazyFrame) -> pl.LazyFrame:
    """The households with an income above 0 in both rounds."""
    was = before.filter(pl.col(AMOUNT) > 0).select(ID, pl.col(AMOUNT).alias("_was"))
    return after.filter(pl.col(AMOUNT) > 0).join(was, on=ID).select(PLACE, AMOUNT, "_was")


def verdict(of: int, same: int, agreeing: int) -> Verdict:
    """``same`` of so many, where ``agreeing`` of the ``of`` times ``of`` pairs of a family now and one before agree."""
    return counted(of, same, agreeing / of**2 if of else 0.0)
