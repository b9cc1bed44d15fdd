"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal


def counted(number: float | Decimal | None) -> str:
    """Thousands set apart, and decimals only where there are any; nothing for null."""
    if number is None:
        return ""
    if isinstance(number, float):
        # Of more digits a double knows nothing: 803,999,992.0006 would end in 01.
        number = Decimal(f"{number:.15g}") if number % 1 else Decimal(int(number))
    return f"{number:,}" if number % 1 else f"{int(number):,}"


def percent(share: float | None) -> str:
    """A share with one decimal; a dash where there is none."""
    return "-" if share is None else f"{share:.1%}"


def measured(value: float | None) -> str:
    """A measure with four decimals; a dash where there is none."""
    return "-" if value is None else f"{value:.4f}"
