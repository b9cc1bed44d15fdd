"""Ids packed into whole numbers: no two ids have the same key."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incomeladder.keys import has_key, key


def keys(*ids: str | None) -> list[int | None]:
    return pl.DataFrame({"household_id": ids}, schema={"household_id": pl.String}).select(key()).to_series().to_list()


def test_a_number_is_its_own_key() -> None:
    assert keys("1", "510402000000", "9" * 18) == [1, 510_402_000_000, 10**18 - 1]


def test_an_x_in_the_end_and_zeros_in_the_beginning_are_told_apart() -> None:
    ids = (
        "0",
        "00",
        "1",
        "01",
        "001",
        "51040219850101012X",
        "01040219850101012X",
        "510402198501010120",
        "0" * 17 + "X",
    )
    assert len(set(keys(*ids))) == len(ids)


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "+12",
        "-12",
        "-012",
        "1" * 19,
        "5104021985010101 2X",
        "51040219850101012x",
        "+1040219850101012X",
        "1e5",
        "１２",
        "A1",
    ],
)
def test_other_ids_have_none(identifier: str) -> None:
    assert (keys(identifier), has_key(identifier)) == ([None], False)


def test_a_missing_id_has_none() -> None:
    assert keys(None) == [None]


@given(ids=st.lists(st.text("0123456789X+-. ", max_size=20), unique=True))
@example(ids=["012", "12", "0012", "120"])
def test_no_two_ids_have_the_same_key(ids: list[str]) -> None:
    found = keys(*ids)
    packed = [each for each in found if each is not None]
    assert len(set(packed)) == len(packed)
    assert [each is not None for each in found] == [has_key(identifier) for identifier in ids]
