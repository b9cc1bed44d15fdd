"""Households as the ledger's files have them, for any reader: yuan and weights as exact decimals.

A column of the survey's own that was asked for stands under its heading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import CANONICAL, EXTRA, ID, INCOME, PARTS, ROUND, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MONEY: Final = 4
_WEIGHTS: Final = 9
"""Decimals of ``frames.MONEY_UNIT`` and ``frames.WEIGHT_UNIT``."""
_DIGITS: Final = 18
KEPT: Final = tuple(column for column in CANONICAL if column != ROUND)


def _decimals(columns: Sequence[str]) -> dict[str, int]:
    return {name: _WEIGHTS if name == WEIGHT else _MONEY for name in columns if name in (INCOME, *PARTS, WEIGHT)}


def stored_name(column: str) -> str:
    """The name in the ledger's files of a column of the frames."""
    return column.removeprefix(EXTRA)


def frame_name(stored: str) -> str:
    """The name in the frames of a column of the ledger's files."""
    return stored if stored in KEPT else EXTRA + stored


def stored(households: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """The frames' units to decimals: exact, since only the point is set."""
    points = [_with_point(name, decimals) for name, decimals in _decimals(columns).items()]
    return households.with_columns(points).select(pl.col(name).alias(stored_name(name)) for name in columns)


def _with_point(name: str, decimals: int) -> pl.Expr:
    unit = pl.lit(f"{10**-decimals:.{decimals}f}").cast(pl.Decimal(_DIGITS, decimals))
    return (pl.col(name).cast(pl.Decimal(_DIGITS, 0)) * unit).cast(pl.Decimal(_DIGITS, decimals))


def scanned(data: Path | list[Path]) -> pl.LazyFrame:
    """Files of the ledger as they lie: a round's name may look like a pattern, and its folder tells no column."""
    return pl.scan_parquet(data, glob=False, hive_partitioning=False)


def households(data: Path, columns: Sequence[str]) -> pl.LazyFrame:
    """A round of the ledger in the frames' units, under the frames' names; its order is known to polars.

    Only for rounds whose digest was checked: they were proved to be sorted by unique ids when they were added, and
    nothing else may claim it, since a merge of rows out of order is wrong in silence.
    """
    units = [pl.col(name).to_physical().cast(pl.Int64) for name in _decimals(columns)]
    return (
        scanned(data)
        .set_sorted(ID)
        .select(columns)
        .with_columns(units)
        .rename({name: frame_name(name) for name in columns})
    )
