"""The households of a survey as estimates take them: weighed, in yuan, with the place of each in the survey's design.

A household without an income is in the survey and in no estimate: it weighs nothing there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import INCOME, MONEY_UNIT, ROUND, WEIGHT, WEIGHT_UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

STRATUM: Final = "_stratum"
CLUSTER: Final = "_cluster"
POPULATION: Final = "_population"
"""The survey's design: the stratum of a household, its primary sampling unit there, and how many there are to draw."""
HELD: Final = "_held"
W: Final = "_w"
Y: Final = "_y"
RUNNING: Final = "_running"


def collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """With every row where the plan puts it: sums of doubles depend on it, which polars does not take for a reason."""
    return frame.collect(engine="in-memory", optimizations=pl.QueryOptFlags(check_order_observe=False))


def drawn(households: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Households, the poorest first, with ``_w`` and ``_y`` as doubles: weight, and income in yuan.

    ``_running`` is the weight of a household and of all before it in its round and group, exact. Households of the same
    income stay in the order of the files, so that sums of doubles are the same in every run.
    """
    held = pl.col(INCOME).is_not_null()
    weighs = pl.when(held).then(WEIGHT).otherwise(0)
    told = households.sort(INCOME, nulls_last=True, maintain_order=True).with_columns(
        held.alias(HELD),
        weighs.alias(WEIGHT),
        (weighs.cast(pl.Float64) / WEIGHT_UNIT).alias(W),
        (pl.col(INCOME).fill_null(0).cast(pl.Float64) / MONEY_UNIT).alias(Y),
    )
    return told.with_columns(pl.col(WEIGHT).cast(pl.Int128).cum_sum().over([ROUND, *by]).alias(RUNNING))


def total(each: pl.Expr, of: pl.Expr | None = None) -> pl.Expr:
    """The weighted sum of something of each household, or of those that are meant alone."""
    weighed = pl.col(W) * each
    return (weighed if of is None else weighed.filter(of)).sum()
