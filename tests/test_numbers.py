from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from incomeladder.frames import LARGEST_AMOUNT
from incomeladder.ladder import plain_weight, yuan


@given(st.lists(st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT), min_size=1))
def test_an_amount_prints_as_the_exact_decimal(units: list[int]) -> None:
    shown = pl.DataFrame({"units": units}).select(yuan(pl.col("units"))).to_series().to_list()
    assert [Decimal(repr(value)) for value in shown] == [Decimal(value) / 10_000 for value in units]


def test_a_sum_beyond_64_bits_is_shown() -> None:
    total = pl.Series("weight", [10**20], dtype=pl.Int128).to_frame().select(plain_weight())
    assert total.item() == 1e11
