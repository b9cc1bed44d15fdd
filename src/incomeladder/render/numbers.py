"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOISE: Final = 1e-9
"""What a sum of shares may lack of 1 because doubles were added."""


def counted(number: float | Decimal | None) -> str:
    """Thousands set apart, and decimals only where there are any; nothing for null."""
    if number is None:
        return ""
    if isinstance(number, float):
        # Of more digits a double knows nothing: 803,999,992.0006 would end in 01.
        number = Decimal(f"{number:.15g}") if number % 1 else Decimal(int(number))
    return f"{number:,}" if number % 1 else f"{int(number):,}"


def aligned(amounts: Sequence[str]) -> list[str]:
    """The amounts of a column, their points in line: if any has decimals, all have as many, and two at least."""
    most = max((len(amount.partition(".")[2]) for amount in amounts), default=0)
    return [_padded(amount, max(most, 2)) if most and amount[-1:].isdecimal() else amount for amount in amounts]


def _padded(amount: str, decimals: int) -> str:
    whole, _, fraction = amount.partition(".")
    return f"{whole}.{fraction:0<{decimals}}"


def percent(share: float | None) -> str:
    """A share with one decimal; a dash where there is none.

    What is little is not told as nothing, nor nearly all as all: of a city of 400,000 families, 120 below the floor are
    <0.1%.
    """
    if share is None:
        return "-"
    told = f"{share:.1%}"
    if told == "0.0%" and share > 0:
        return "<0.1%"
    return ">99.9%" if told == "100.0%" and share < 1 - _NOISE else told


def measured(value: float | None) -> str:
    """A measure with four decimals; a dash where there is none."""
    return "-" if value is None else f"{value:.4f}"
