"""The path of each household through the rounds.

In a round a household is ``below`` the floor or ``above`` it (or at it), ``missing`` if it was seen and its income is
not known, ``unseen`` if it was not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import BELOW_ZERO, ID, ROUND, SEGMENT, WEIGHT
from incomeladder.ladder import band_name, band_of, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.programme import Programme

BELOW: Final = "below"
ABOVE: Final = "above"
MISSING: Final = "missing"
UNSEEN: Final = "unseen"
STATES: Final = (BELOW, ABOVE, MISSING, UNSEEN)
PATH: Final = "path"
BANDS: Final = "bands"
BETWEEN: Final = ">"
LAST: Final = "_last"
"""The number of the round in which a household was last seen."""
_NUMBER: Final = "_number"
_NO_INCOME: Final = BELOW_ZERO - 1
"""In the place of a segment, where the income is missing."""


def state(number: int) -> str:
    """The column of the states in a round, counting from 0."""
    return f"_state_{number}"


def place(number: int) -> str:
    """The column of the segments in a round; null for a household that was not seen."""
    return f"_place_{number}"


def _band(number: int) -> str:
    return f"_band_{number}"


def followed(classified: pl.LazyFrame, rounds: Sequence[str], by: Sequence[str]) -> pl.LazyFrame:
    """Every household once, sorted by id: its places, and its weight and group of the round in which it was last seen.

    ``classified`` are the households of all these rounds, with their segments; no id may be in a round twice.
    """
    order = {label: number for number, label in enumerate(rounds)}
    rows = classified.with_columns(
        pl.col(ROUND).replace_strict(order, return_dtype=pl.Int16).alias(_NUMBER),
        pl.col(SEGMENT).fill_null(_NO_INCOME),
    )
    # Of each household there is one row of a round at the most, so the largest is that one.
    places = (pl.when(pl.col(_NUMBER) == number).then(SEGMENT).max().alias(place(number)) for number in order.values())
    last = pl.col(WEIGHT, *by).max_by(_NUMBER)
    return rows.group_by(ID).agg(*places, last, pl.col(_NUMBER).max().alias(LAST)).sort(ID)


def paths(followed: pl.LazyFrame, rounds: int, programme: Programme) -> pl.LazyFrame:
    """Every way through the places that some household takes, once: its states, its path, and its bands."""
    numbers = range(rounds)
    ways = followed.select(place(number) for number in numbers).unique()
    placed = ways.with_columns(
        *(_state(place(number), programme).alias(state(number)) for number in numbers),
        *(band_of(programme, place(number)).alias(_band(number)) for number in numbers),
    )
    bands = (
        pl.when(pl.col(place(number)).is_null())
        .then(pl.lit(UNSEEN))
        .otherwise(band_name(programme.ladder, _band(number)))
        for number in numbers
    )
    return placed.select(
        *(name(number) for name in (place, state) for number in numbers),
        pl.concat_str([state(number) for number in numbers], separator=BETWEEN).alias(PATH),
        pl.concat_str(list(bands), separator=BETWEEN).alias(BANDS),
    )


def _state(name: str, programme: Programme) -> pl.Expr:
    below = within(programme, None, programme.tiers.floor.upper, name)
    known = pl.when(below).then(pl.lit(BELOW)).otherwise(pl.lit(ABOVE))
    seen = pl.when(pl.col(name) == _NO_INCOME).then(pl.lit(MISSING)).otherwise(known)
    return pl.when(pl.col(name).is_null()).then(pl.lit(UNSEEN)).otherwise(seen)
