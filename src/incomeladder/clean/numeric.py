"""Columns that hold numbers already, to whole units: what is not certain is left null, to be read as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import INCOME, LARGEST_AMOUNT, LARGEST_WEIGHT, MONEY_UNIT, PARTS, SIZES, WEIGHT, WEIGHT_UNIT

if TYPE_CHECKING:
    from polars.datatypes import DataType

CERTAIN: Final = 10**15
"""Below it whole numbers have at most 15 digits, and doubles keep every one of them."""
_LARGEST_SIZE: Final = 1_000
_MOST: Final = 10**38
"""No decimal has more digits."""


def can_be_read(kind: DataType) -> bool:
    """Whether numbers of a type are read here; of other types their text is."""
    return kind.is_integer() or kind == pl.Float64 or isinstance(kind, pl.Decimal)


def value(column: str, kind: DataType, *, wan: bool) -> pl.Expr:
    """What a column of numbers reads as."""
    cell = pl.col(column)
    return amount(cell, kind, wan=wan) if column in (INCOME, *PARTS) else _READERS[column](cell, kind)


def amount(cell: pl.Expr, kind: DataType, *, wan: bool) -> pl.Expr:
    """Amounts in ten-thousandths of a yuan, cut towards minus infinity."""
    return _units(cell, kind, MONEY_UNIT * (10_000 if wan else 1), LARGEST_AMOUNT)


def weight(cell: pl.Expr, kind: DataType) -> pl.Expr:
    """Weights in billionths, cut."""
    return _units(cell, kind, WEIGHT_UNIT, LARGEST_WEIGHT)


def size(cell: pl.Expr, kind: DataType) -> pl.Expr:
    """Whole numbers below 1,000."""
    whole = _units(cell, kind, 1, _LARGEST_SIZE)
    return whole if kind.is_integer() else pl.when(whole.cast(kind) == cell).then(whole)


def _units(cell: pl.Expr, kind: DataType, unit: int, largest: int) -> pl.Expr:
    if kind == pl.Float64:
        return _of_double(cell, unit, largest)
    scale = 10**kind.scale if isinstance(kind, pl.Decimal) else 1
    whole = cell.to_physical() if isinstance(kind, pl.Decimal) else cell.cast(pl.Int64, strict=False)
    edge = min(largest * scale // unit, _MOST)
    held = pl.when(whole.is_between(-edge, edge, closed="none")).then(whole)
    return held.cast(pl.Int64) * (unit // scale) if unit > scale else (held // (scale // unit)).cast(pl.Int64)


def _of_double(cell: pl.Expr, unit: int, largest: int) -> pl.Expr:
    """Doubles that are the nearest to a whole number of units, and to no other of so few digits."""
    units = (cell * unit).round()
    # Polars would multiply by the reciprocal of a constant; the quotient of two columns is rounded once.
    same = units / (units * 0 + unit) == cell
    certain = units.is_between(-min(largest, CERTAIN), min(largest, CERTAIN), closed="none")
    return pl.when(same & certain).then(units).cast(pl.Int64)


_READERS: Final = {**dict.fromkeys(SIZES, size), WEIGHT: weight}
