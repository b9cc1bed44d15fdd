"""Cells that read as they stand; every other cell is left null, for ``careful`` to look at."""

from __future__ import annotations

from typing import Final

import polars as pl

from incomeladder.frames import ID, INCOME, MONEY_UNIT, PARTS, RESIDENCE, SIZES, WEIGHT, WEIGHT_UNIT

DIGITS: Final = 12
"""Decimals that the exact arithmetic carries."""

_AMOUNT: Final = r"^-?[0-9]{1,7}(?:\.[0-9]{1,12})?$"
HOUSEHOLD_ID: Final = r"^[A-Za-z_-]*[0-9][0-9A-Za-z_-]*\z"
"""Latin letters, digits, ``_`` and ``-``, with at least one digit; ``\\z``, since other engines mean less by ``$``."""
_SIZE: Final = 3
RESIDENCE_WORDS: Final = {"urban": ("urban", "城镇"), "rural": ("rural", "农村")}


def amount(text: pl.Expr, *, wan: bool) -> pl.Expr:
    """Plain decimals in ten-thousandths of a yuan, cut towards minus infinity."""
    return _units(text, MONEY_UNIT * (10_000 if wan else 1))


def weight(text: pl.Expr) -> pl.Expr:
    """Plain decimals in billionths, cut."""
    return _units(text, WEIGHT_UNIT)


def is_household_id(text: pl.Expr) -> pl.Expr:
    """Whether an id is of Latin letters, digits, ``_`` and ``-``, with at least one digit."""
    return text.str.contains(HOUSEHOLD_ID)


def household_id(text: pl.Expr) -> pl.Expr:
    """Ids that are such."""
    return pl.when(is_household_id(text)).then(text)


def size(text: pl.Expr) -> pl.Expr:
    """Whole numbers below 1,000."""
    number = text.cast(pl.Int64, strict=False)
    return pl.when(number.is_between(0, 999) & (text.str.len_bytes() <= _SIZE)).then(number)


def residence(text: pl.Expr) -> pl.Expr:
    """The canonical words and the two most usual Chinese ones."""
    urban, rural = (pl.any_horizontal(text == word for word in RESIDENCE_WORDS[name]) for name in ("urban", "rural"))
    return pl.when(urban).then(pl.lit("urban")).when(rural).then(pl.lit("rural"))


def _units(text: pl.Expr, unit: int) -> pl.Expr:
    """Text of at most 7 + 12 digits in whole units; what reads as a decimal need be none, such as 1e5."""
    decimals = text.cast(pl.Decimal(38, DIGITS), strict=False).to_physical()
    return pl.when(text.str.contains(_AMOUNT)).then((decimals // (10**DIGITS // unit)).cast(pl.Int64))


def value(column: str, *, wan: bool) -> pl.Expr:
    """What a typed column's text reads as."""
    text = pl.col(column)
    return amount(text, wan=wan) if column in (INCOME, *PARTS) else _READERS[column](text)


_READERS: Final = {ID: household_id, **dict.fromkeys(SIZES, size), RESIDENCE: residence, WEIGHT: weight}
