"""Digits that people put down when they make numbers up.

Only incomes with three significant digits or more are looked at, in whole yuan: the others are round, which is looked
at elsewhere.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.estimation.audit.verdicts import AMOUNT, PLACE, Test, Verdict
from incomeladder.estimation.tails import chi_squared_tail
from incomeladder.frames import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECOND: Final = {
    digit: math.fsum(math.log10(1 + 1 / (10 * first + digit)) for first in range(1, 10)) for digit in range(10)
}
"""Benford's law of the second digit (Hill 1995, "A statistical derivation of the significant-digit law", Statistical
Science 10), the one to look at, since invented numbers often have right first digits (Diekmann 2007, "Not the first
digit!", Journal of Applied Statistics 34)."""
LAST: Final = dict.fromkeys(range(1, 10), 1 / 9)
"""The last digit that is not 0, beyond the first two, is as often one as another (Mosimann, Wiseman and Edelman 1995,
"Data fabrication: Can people generate random digits?", Accountability in Research 4)."""
FEWEST: Final = 5
"""A digit that fewer households are to have makes chi-squared unsure, and nothing is told."""
_SIGNIFICANT: Final = 3


def digits(answers: pl.LazyFrame, places: pl.DataFrame) -> Iterator[Test]:
    """The second digits, and the last ones that are not 0."""
    yuan = (pl.col(AMOUNT) // MONEY_UNIT).cast(pl.String)
    significant = pl.col("_text").str.strip_chars_end("0")
    positive = answers.filter(pl.col(AMOUNT) >= MONEY_UNIT).select(PLACE, yuan.alias("_text"))
    kept = positive.select(PLACE, significant).filter(pl.col("_text").str.len_bytes() >= _SIGNIFICANT)
    for name, where, shares in (("second_digit", 1, SECOND), ("last_digit", -1, LAST)):
        digit = pl.col("_text").str.slice(where, 1)
        tallies = ((digit == str(value)).sum().cast(pl.Int64).alias(str(value)) for value in shares)
        yield Test(name, places, kept.group_by(PLACE).agg(*tallies), partial(verdict, shares))


def verdict(shares: Mapping[int, float], *counts: int) -> Verdict:
    """The mean of the digits, what it should be, and chi-squared of how often each of them is there (Pearson 1900)."""
    households = sum(counts)
    wanted = [households * share for share in shares.values()]
    if min(wanted) < FEWEST:
        return Verdict(households)
    statistic = math.fsum((count - want) ** 2 / want for count, want in zip(counts, wanted, strict=True))
    mean = sum(digit * count for digit, count in zip(shares, counts, strict=True)) / households
    expected = math.fsum(digit * share for digit, share in shares.items())
    return Verdict(households, mean, expected, statistic, chi_squared_tail(statistic, len(shares) - 1))
