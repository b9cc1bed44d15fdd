from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incomeladder.frames import LARGEST_AMOUNT
from incomeladder.ladder import plain_weight, yuan
from incomeladder.render.numbers import aligned, percent


@given(st.lists(st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT), min_size=1))
def test_an_amount_prints_as_the_exact_decimal(units: list[int]) -> None:
    shown = pl.DataFrame({"units": units}).select(yuan(pl.col("units"))).to_series().to_list()
    assert [Decimal(repr(value)) for value in shown] == [Decimal(value) / 10_000 for value in units]


def test_a_sum_beyond_64_bits_is_shown() -> None:
    total = pl.Series("weight", [10**20], dtype=pl.Int128).to_frame().select(plain_weight())
    assert total.item() == 1e11


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (None, "-"),
        (0.0, "0.0%"),
        (120 / 400_000, "<0.1%"),
        (0.0006, "0.1%"),
        (0.25, "25.0%"),
        (0.9994, "99.9%"),
        (1 - 120 / 400_000, ">99.9%"),
        (sum([0.1] * 10), "100.0%"),  # 0.9999999999999999, as doubles add up
        (1.0, "100.0%"),
    ],
)
def test_little_is_not_told_as_nothing_nor_nearly_all_as_all(share: float | None, told: str) -> None:
    assert percent(share) == told


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        (["63,900", "10,521.8", "-8,500"], ["63,900.00", "10,521.80", "-8,500.00"]),
        (["29,999.995", "1.5"], ["29,999.995", "1.500"]),
        (["63,900", "500"], ["63,900", "500"]),
        (["*", "", "+0.5", "−3"], ["*", "", "+0.50", "−3.00"]),
        ([], []),
    ],
)
def test_the_points_of_a_column_of_amounts_stand_in_line(amounts: list[str], told: list[str]) -> None:
    assert aligned(amounts) == told
