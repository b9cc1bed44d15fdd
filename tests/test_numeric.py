"""Numbers of typed columns are read as their text would be, or left to be read as text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incomeladder.clean import careful, numeric
from incomeladder.read.raw import as_text

if TYPE_CHECKING:
    from polars.datatypes import DataType

READERS = {
    "amount": (lambda cell, kind: numeric.amount(cell, kind, wan=False), lambda text: careful.amount(text, wan=False)),
    "amount in wan": (
        lambda cell, kind: numeric.amount(cell, kind, wan=True),
        lambda text: careful.amount(text, wan=True),
    ),
    "weight": (numeric.weight, careful.weight),
    "size": (numeric.size, careful.size),
}
DECIMALS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)


def read(values: list[object], kind: DataType, reader: str) -> list[tuple[int | None, int | None]]:
    typed, text = READERS[reader]
    cells = pl.DataFrame({"cell": pl.Series(values, dtype=kind)})
    told = cells.select(typed(pl.col("cell"), kind).alias("number"), text(as_text(pl.col("cell"), kind)).alias("text"))
    return told.rows()


@pytest.mark.parametrize("reader", READERS)
@given(values=st.lists(st.one_of(st.none(), st.floats(width=64), DECIMALS.map(float), st.integers(0, 99).map(float))))
@example(values=[29999.995, 30000.0, 0.1 + 0.2, -0.0, 1e15, 9e14, 29999.99999, 84.5, -1.0, 3.0, 2.5])
def test_a_double_has_the_value_of_its_text_or_none(reader: str, values: list[float | None]) -> None:
    assert [pair for pair in read(values, pl.Float64(), reader) if pair[0] not in (None, pair[1])] == []


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("digits", "scale"), [(24, 0), (24, 2), (24, 4), (24, 6), (38, 12)])
@given(values=st.lists(st.one_of(st.none(), DECIMALS)))
@example(values=[Decimal("29999.9999"), Decimal("-0.000001"), Decimal(3), Decimal("2.5")])
def test_a_decimal_has_the_value_of_its_text_or_none(
    reader: str, digits: int, scale: int, values: list[Decimal | None]
) -> None:
    held = [None if value is None else value.quantize(Decimal(1).scaleb(-scale)) for value in values]
    found = read(held, pl.Decimal(digits, scale), reader)
    assert [pair for pair in found if pair[0] not in (None, pair[1])] == []


@pytest.mark.parametrize("reader", READERS)
@given(values=st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-5, 2000))))
def test_a_whole_number_has_the_value_of_its_text_or_none(reader: str, values: list[int | None]) -> None:
    assert [pair for pair in read(values, pl.Int64(), reader) if pair[0] not in (None, pair[1])] == []


def test_decimals_of_many_places_are_read() -> None:
    amount = Decimal("29999.999900000000000000000000000001")
    assert read([amount], pl.Decimal(38, 30), "amount") == [(299_999_999, 299_999_999)]


def test_usual_numbers_are_read() -> None:
    assert read([29999.99, 30000.0], pl.Float64(), "amount") == [(299_999_900, 299_999_900), (300_000_000, 300_000_000)]
    assert read([Decimal("3.8512")], pl.Decimal(18, 4), "amount in wan") == [(385_120_000, 385_120_000)]
    assert read([84.5], pl.Float64(), "weight") == [(84_500_000_000, 84_500_000_000)]
    assert read([3], pl.Int64(), "size") == [(3, 3)]
