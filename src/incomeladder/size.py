"""What income of a household stands on the ladder: its own, in the prices of one round, by the household-size rule.

A family of the reference size, three, has its own income there under every rule.

as-is            its income, whatever its size
reference-only   its income, if it is of the reference size; the others are out of scope
per-capita       income × 3 / n
square-root      income × √3 / √n (the square-root scale of OECD studies, e.g. Growing Unequal? 2008)
oecd             income × 1.8 / e, e = 1 + 0.5 for each further adult + 0.3 for each child under 14 (the modified OECD
                 scale: Hagenaars, de Vos and Zaidi 1994); 1.8 is that of two adults and a child

Amounts are whole ten-thousandths of a yuan and are cut towards minus infinity, exactly: no double decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ADULTS, CHILDREN, INCOME, OWN, ROUND, SIZE, TO_OWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from incomeladder.programme import Programme, SizeRule

_NEEDED: Final[dict[SizeRule, tuple[str, ...]]] = {
    "as-is": (),
    "reference-only": (SIZE,),
    "per-capita": (SIZE,),
    "square-root": (SIZE,),
    "oecd": (ADULTS, CHILDREN),
}
_TENTHS: Final = 10
"""The scale counts in tenths: 10 for the first person, 5 for a further adult, 3 for a child."""


@dataclass(frozen=True)
class Scale:
    """A rule, and the size at which it changes nothing; the ``prices`` of rounds, those of the base being 1."""

    rule: SizeRule
    reference: int
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, programme: Programme) -> Scale:
        """What a programme says of it."""
        return cls(programme.size_rule, programme.reference_size, programme.prices)

    @property
    def is_plain(self) -> bool:
        """Whether incomes stand on the ladder as they are."""
        return self.rule == "as-is" and not self.prices

    @property
    def columns(self) -> tuple[str, ...]:
        """What has to be known of a household."""
        return _NEEDED[self.rule]

    def placed(self, households: pl.LazyFrame) -> pl.LazyFrame:
        """Households in scope with the income that the ladder takes, their own beside it."""
        scoped = households.filter(self.in_scope()) if self.rule == "reference-only" else households
        told = (pl.col(INCOME).alias(OWN), self._to_own().alias(TO_OWN), self.income().alias(INCOME))
        return self.real(scoped).with_columns(told)

    def _to_own(self) -> pl.Expr:
        """How many of its own yuan a household lacks for each that it lacks on the ladder."""
        if self.rule == "per-capita":
            return pl.col(SIZE) / self.reference
        if self.rule == "square-root":
            return (pl.col(SIZE) / self.reference).sqrt()
        if self.rule == "oecd":
            return _equivalents().cast(pl.Float64) / self._reference_tenths
        return pl.lit(1.0)

    def real(self, households: pl.LazyFrame) -> pl.LazyFrame:
        """Households with their incomes over the prices of their rounds."""
        if not self.prices:
            return households
        parts = {label: price.as_integer_ratio() for label, price in self.prices.items()}
        over, under = (_of_round({label: part[side] for label, part in parts.items()}) for side in (1, 0))
        real = (pl.col(INCOME).cast(pl.Int128) * over) // under
        return households.with_columns(real.cast(pl.Int64).alias(INCOME))

    def in_scope(self) -> pl.Expr:
        """Whether a household is placed at all."""
        return pl.col(SIZE) == self.reference if self.rule == "reference-only" else pl.lit(value=True)

    def income(self) -> pl.Expr:
        """The income that the ladder takes; null where it, or what the rule needs, is not known."""
        income = pl.col(INCOME).cast(pl.Int128)
        if self.rule == "per-capita":
            return ((income * self.reference) // _people(SIZE)).cast(pl.Int64)
        if self.rule == "square-root":
            return _times_root(income, self.reference, _people(SIZE)).cast(pl.Int64)
        if self.rule == "oecd":
            return ((income * self._reference_tenths) // _equivalents()).cast(pl.Int64)
        return pl.col(INCOME)

    @property
    def _reference_tenths(self) -> int:
        """The scale of a family of the reference size: two adults, and else children."""
        return _TENTHS + 5 * (self.reference > 1) + 3 * max(0, self.reference - 2)


def _of_round(numbers: Mapping[str, int]) -> pl.Expr:
    return pl.col(ROUND).replace_strict(numbers, default=None, return_dtype=pl.Int64)


def _people(column: str) -> pl.Expr:
    return pl.when(pl.col(column) > 0).then(pl.col(column)).cast(pl.Int128)


def _equivalents() -> pl.Expr:
    """In tenths; the first person is an adult, if there is one."""
    adults, children = pl.col(ADULTS).cast(pl.Int128), pl.col(CHILDREN).cast(pl.Int128)
    first_is_child = (adults == 0).cast(pl.Int128)
    tenths = _TENTHS + 5 * (adults - 1 + first_is_child) + 3 * (children - first_is_child)
    return pl.when(adults + children > 0).then(tenths)


def _times_root(income: pl.Expr, above: int, below: pl.Expr) -> pl.Expr:
    """Income times the root of a fraction, cut: the double is mended by comparing squares of whole numbers."""
    square = income * income * above
    root = (square.cast(pl.Float64) / below.cast(pl.Float64)).sqrt().floor().cast(pl.Int128)
    too_much = (root * root * below > square).cast(pl.Int128)
    too_little = ((root + 1) * (root + 1) * below <= square).cast(pl.Int128)
    cut = root - too_much + too_little
    exact = (cut * cut * below == square).cast(pl.Int128)
    return pl.when(income >= 0).then(cut).otherwise(exact - 1 - cut)
