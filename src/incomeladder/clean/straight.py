"""Cells that read as they stand; every other cell is left null, for ``careful`` to look at."""

from __future__ import annotations

from typing import Final

import polars as pl

from incomeladder.frames import MONEY_UNIT, WEIGHT_UNIT

DIGITS: Final = 12
"""Decimals that the exact arithmetic carries."""

_AMOUNT: Final = r"^-?[0-9]{1,7}(?:\.[0-9]{1,12})?$"
_ID: Final = r"^[A-Za-z_-]*[0-9][0-9A-Za-z_-]*$"
_SIZE: Final = r"^[0-9]{1,3}$"
_RESIDENCE: Final = {"urban": ("urban", "城镇"), "rural": ("rural", "农村")}


def amount(text: pl.Expr, *, wan: bool) -> pl.Expr:
    """Plain decimals in ten-thousandths of a yuan, cut towards minus infinity."""
    return (_decimal(text) // (10**DIGITS // (MONEY_UNIT * (10_000 if wan else 1)))).cast(pl.Int64)


def weight(text: pl.Expr) -> pl.Expr:
    """Plain decimals in billionths, cut."""
    return (_decimal(text) // (10**DIGITS // WEIGHT_UNIT)).cast(pl.Int64)


def household_id(text: pl.Expr) -> pl.Expr:
    """Latin letters, digits, ``_`` and ``-``, with at least one digit."""
    return pl.when(text.str.contains(_ID)).then(text)


def size(text: pl.Expr) -> pl.Expr:
    """Up to three digits."""
    return pl.when(text.str.contains(_SIZE)).then(text).cast(pl.Int64)


def residence(text: pl.Expr) -> pl.Expr:
    """The canonical words and the two most usual Chinese ones."""
    urban, rural = (pl.any_horizontal(text == word for word in _RESIDENCE[name]) for name in ("urban", "rural"))
    return pl.when(urban).then(pl.lit("urban")).when(rural).then(pl.lit("rural"))


def _decimal(text: pl.Expr) -> pl.Expr:
    """Text in units of its twelfth decimal: at most 7 + 12 digits, which 64 bits do not hold."""
    plain = pl.when(text.str.contains(_AMOUNT)).then(text)
    return plain.cast(pl.Decimal(38, DIGITS)).to_physical()
