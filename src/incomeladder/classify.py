"""Where a household's income stands on the ladder, and which of the programme's lines it has passed.

Lazy narwhals frames of whole ten-thousandths of a yuan in and out, so that the same lines run on any engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder.frames import BAND, BELOW_ZERO, INCOME, SEGMENT
from incomeladder.programme import units

if TYPE_CHECKING:
    from incomeladder.frames import Lazy
    from incomeladder.programme import Ladder, Programme


def classify(households: Lazy, programme: Programme) -> Lazy:
    """Add ``band`` and ``segment``, both null where the income is missing."""
    return households.with_columns(band(programme.ladder), segment(programme.lines))


def band(ladder: Ladder) -> nw.Expr:
    """The number of the band that holds the income: a lower edge is held, an upper is not; -1 below 0."""
    income = nw.col(INCOME)
    steps = nw.when(income >= units(ladder.top)).then(nw.lit(ladder.bands)).otherwise(income // units(ladder.step))
    return nw.when(income < 0).then(nw.lit(BELOW_ZERO)).otherwise(steps).cast(nw.Int32).alias(BAND)


def segment(lines: tuple[int, ...]) -> nw.Expr:
    """How many of the programme's lines the income is at or above: what every count by tier is made of."""
    at_or_above = ((nw.col(INCOME) >= line).cast(nw.Int32) for line in lines)
    return sum(at_or_above, start=nw.lit(0)).cast(nw.Int32).alias(SEGMENT)
