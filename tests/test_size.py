from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incomeladder.size import Scale

if TYPE_CHECKING:
    from incomeladder.programme import SizeRule


def placed(rule: SizeRule, income: int | None, *members: int | None, reference: int = 3) -> int | None:
    """The income, in ten-thousandths of a yuan, that the ladder takes; ``members`` are all, or adults and children."""
    names = ("adults", "children") if rule == "oecd" else ("size",)
    row = {"income": income, **dict(zip(names, members, strict=True))}
    frame = pl.LazyFrame([row], schema=dict.fromkeys(("income", *names), pl.Int64))
    found: int | None = frame.select(Scale(rule, reference).income().alias("income")).collect().item()
    return found


@pytest.mark.parametrize(
    ("rule", "income", "members", "wanted"),
    [
        ("as-is", 30_000_0000, (1,), 30_000_0000),
        ("per-capita", 30_000_0000, (1,), 90_000_0000),
        ("per-capita", 40_000_0000, (4,), 30_000_0000),
        ("per-capita", 1, (2,), 1),  # 1.5
        ("per-capita", -1, (2,), -2),  # -1.5
        ("square-root", 60_000_0000, (12,), 30_000_0000),  # √3 / √12 is a half
        ("square-root", 10_000_0000, (1,), 17_320_5080),  # 10,000 √3 = 17,320.50807…
        ("square-root", -10_000_0000, (1,), -17_320_5081),
        ("square-root", 29_999_9999, (3,), 29_999_9999),
        ("oecd", 30_000_0000, (2, 1), 30_000_0000),  # the reference family
        ("oecd", 10_000_0000, (1, 0), 18_000_0000),
        ("oecd", 42_000_0000, (2, 4), 28_000_0000),  # 1 + 0.5 + 4 × 0.3 = 2.7
        ("oecd", 13_000_0000, (0, 2), 18_000_0000),  # the first person counts as one: 1.3
    ],
    ids=str,
)
def test_a_family_is_placed_by_its_size(rule: SizeRule, income: int, members: tuple[int, ...], wanted: int) -> None:
    assert placed(rule, income, *members) == wanted


@pytest.mark.parametrize("rule", ["per-capita", "square-root"])
def test_what_is_not_known_places_nobody(rule: SizeRule) -> None:
    assert placed(rule, None, 3) is None
    assert placed(rule, 5, None) is None
    assert placed("oecd", 5, None, 1) is None
    assert placed("oecd", 5, 0, 0) is None


INCOMES = st.integers(-(10**15), 10**15)


@given(INCOMES, st.integers(1, 9_999), st.integers(1, 9))
def test_no_double_decides_where_a_family_stands(income: int, size: int, reference: int) -> None:
    per_head = Fraction(income * reference, size)
    assert placed("per-capita", income, size, reference=reference) == per_head.__floor__()
    whole = isqrt(income * income * reference // size)
    below = -whole - (whole * whole * size != income * income * reference)
    assert placed("square-root", income, size, reference=reference) == (whole if income >= 0 else below)


@given(INCOMES, st.integers(1, 20), st.integers(0, 20))
def test_the_scale_of_the_oecd_is_exact(income: int, adults: int, children: int) -> None:
    scale = 1 + Fraction(adults - 1, 2) + children * Fraction(3, 10)
    assert placed("oecd", income, adults, children) == (income * Fraction(18, 10) / scale).__floor__()


@given(INCOMES)
def test_a_family_of_three_has_its_own_income_under_every_rule(income: int) -> None:
    for rule in ("as-is", "reference-only", "per-capita", "square-root"):
        assert placed(rule, income, 3) == income
    assert placed("oecd", income, 2, 1) == income
