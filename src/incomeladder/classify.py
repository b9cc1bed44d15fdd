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
    return households.with_columns(band(programme.ladder), segment(programme))


def band(ladder: Ladder) -> nw.Expr:
    """The number of the band that holds the income: a lower edge is held, an upper is not; -1 below 0."""
    income = nw.col(INCOME)
    steps = nw.when(income >= units(ladder.top)).then(nw.lit(ladder.bands)).otherwise(income // units(ladder.step))
    return nw.when(income < 0).then(nw.lit(BELOW_ZERO)).otherwise(steps).cast(nw.Int32).alias(BAND)


def segment(programme: Programme) -> nw.Expr:
    """The number of the stretch between two neighbours of ``programme.edges`` that holds the income; -1 below 0.

    Bands and tiers are made of segments, so it is enough to count by them. Most edges are the ladder's: those are
    counted by one division, and compared with are only lines between its steps or above its top.
    """
    income, step, top = nw.col(INCOME), units(programme.ladder.step), units(programme.ladder.top)
    # Moved up by a step, so that nothing below 0 is divided: engines differ there.
    steps = (income.clip(-step, top) + step) // step - 1
    others = ((income >= line).cast(nw.Int64) for line in programme.lines if line % step or line > top)
    return sum(others, start=steps).cast(nw.Int32).alias(SEGMENT)
