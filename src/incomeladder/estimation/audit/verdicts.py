"""What tests have in common: counts by place, and how likely these are by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from incomeladder.estimation.tails import binomial_tail
from incomeladder.frames import ROUND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLACE: Final = "_place"
"""The number of a place in a round."""
AMOUNT: Final = "_amount"
"""What a family gave as its income, in ten-thousandths of a yuan."""
SUSPICIOUS: Final = 0.01
"""Below this chance, corrected for the number of places, a result is marked."""
_SCHEMA: Final = {
    PLACE: pl.UInt32,
    "test": pl.String,
    "amount": pl.Int64,
    "households": pl.Int64,
    "observed": pl.Float64,
    "expected": pl.Float64,
    "statistic": pl.Float64,
    "p_value": pl.Float64,
}


class Verdict(NamedTuple):
    """On how many households a test rests, and what it found; null is what cannot be told of so few."""

    households: int
    observed: float | None = None
    expected: float | None = None
    statistic: float | None = None
    p_value: float | None = None


def counted(of: int, found: int, chance: float) -> Verdict:
    """``found`` among ``of``, each of which has the chance: their share over it, and the exact upper binomial tail."""
    if not of:
        return Verdict(0)
    share = found / of
    return Verdict(of, share, chance, share / chance if chance else None, binomial_tail(found, of, chance))


@dataclass(frozen=True)
class Test:
    """A test of every place that is in ``places``: its whole ``counts``, and the verdict on them in their order.

    ``counts`` has a column ``_place``; a place that is not in it has nothing to count. ``amount`` is the line or the
    round amount that it looks at, in ten-thousandths of a yuan.
    """

    name: str
    places: pl.DataFrame
    counts: pl.LazyFrame
    verdict: Callable[..., Verdict]
    amount: int | None = None

    def results(self) -> pl.DataFrame:
        """One row for each place."""
        counted = self.counts.collect(engine="in-memory")
        every = self.places.select(PLACE).join(counted, on=PLACE, how="left", maintain_order="left").fill_null(0)
        rows = [(place, self.name, self.amount, *self.verdict(*counts)) for place, *counts in every.iter_rows()]
        return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def judged(results: Iterable[pl.DataFrame], places: pl.DataFrame) -> pl.DataFrame:
    """The results of all tests with their places, corrected and marked: the tests of a place in their given order."""
    told = pl.concat([pl.DataFrame(schema=_SCHEMA), *results]).with_row_index("_row")
    named = told.join(places, on=PLACE, how="left", maintain_order="left")
    corrected = named.with_columns(holm(pl.col("p_value"), (ROUND, "test", "amount")).alias("p_adjusted"))
    marked = corrected.with_columns((pl.col("p_adjusted") < SUSPICIOUS).alias("suspicious"))
    return marked.sort(PLACE, "_row").select(
        *places.drop(PLACE).columns, *list(_SCHEMA)[1:], "p_adjusted", "suspicious"
    )


def holm(chance: pl.Expr, family: Iterable[str]) -> pl.Expr:
    """Chances corrected for how many there are in a family, nulls not among them.

    The smallest of m is taken m times, the next m - 1 times and so on, none being less than the one before, or more
    than 1 (Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
    6).
    """
    # Of equal chances the first is taken the most times, and none of the others is less.
    first = chance.rank("min").cast(pl.Int64)
    taken = (chance * (chance.count().cast(pl.Int64) - first + 1)).clip(upper_bound=1.0)
    back = chance.arg_sort(nulls_last=True).arg_sort()
    return taken.sort_by(chance, nulls_last=True).cum_max().gather(back).over(list(family))
