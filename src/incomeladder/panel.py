"""Rounds of the same households, one under another: what watching, a household's history and the notes on it share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID, INCOME, PLACE_COLUMNS, RESIDENCE, SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    Rounds: TypeAlias = Sequence[tuple[str, pl.LazyFrame]]

SHOWN: Final = (*PLACE_COLUMNS, RESIDENCE, "key_group", SIZE)
"""What a list of households shows of each; null where no round has it."""
NUMBER: Final = "_number"
"""The number of a round, counting from 0."""
_KINDS: Final = {ID: pl.String(), INCOME: pl.Int64(), **dict.fromkeys(SHOWN, pl.String()), SIZE: pl.Int64()}


def stacked(rounds: Rounds, columns: Iterable[str] = ()) -> pl.LazyFrame:
    """Every household of every round: its id, its income, these columns, and the number of the round."""
    wanted = (ID, INCOME, *columns)
    empty = pl.LazyFrame(schema={name: _KINDS[name] for name in wanted} | {NUMBER: pl.Int64()})
    return pl.concat([empty, *(numbered(*one, wanted) for one in enumerate(frame for _, frame in rounds))])


def numbered(number: int, households: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """The columns of one round, null where it lacks them, and its number."""
    there = households.collect_schema()
    kept = (
        pl.col(name).cast(_KINDS[name]) if name in there else pl.lit(None, _KINDS[name]).alias(name) for name in columns
    )
    return households.select(*kept, pl.lit(number, pl.Int64).alias(NUMBER))
