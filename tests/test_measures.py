from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incomeladder.measures import MOBILITY, mobility
from incomeladder.pipeline.tables import in_order

Move = tuple[int, int, int]


def measured(moves: list[Move]) -> dict[str, float | None]:
    frame = pl.DataFrame(moves, schema={"band": pl.Int32, "band_after": pl.Int32, "weight": pl.Int128}, orient="row")
    return dict(mobility(frame, ()).iter_rows())


TOY = list(zip((1, 2, 3, 4, 1, 2, 1, 4, 3, 1), (2, 1, 3, 2, 1, 4, 4, 2, 3, 1), [1] * 10, strict=True))


def test_the_toy_example_of_mobility_index_r_is_reproduced() -> None:
    found = measured(TOY)
    assert found["prais_bibby"] == pytest.approx(0.6)
    assert found["average_movement"] == pytest.approx(1.1)


def test_the_toy_example_by_hand() -> None:
    found = measured(TOY)
    assert found["immobility_ratio"] == pytest.approx(0.4)
    assert found["upward"] == pytest.approx(0.3)
    assert found["downward"] == pytest.approx(0.3)
    assert found["net_movement"] == pytest.approx((1 - 1 - 2 + 2 + 3 - 2) / 10)
    assert found["shorrocks"] == pytest.approx(float((4 - (Fraction(2, 4) + 0 + 1 + 0)) / 3))


def test_weights_count_and_not_rows() -> None:
    found = measured([(0, 0, 3), (0, 2, 1), (2, 2, 4)])
    assert found["immobility_ratio"] == pytest.approx(7 / 8)
    assert found["average_movement"] == found["net_movement"] == pytest.approx(2 / 8)
    assert found["shorrocks"] == pytest.approx(2 - (3 / 4 + 1))


def test_several_rows_of_one_move_count_together() -> None:
    assert measured([(0, 0, 1), (0, 0, 2), (0, 1, 1), (1, 1, 1)]) == measured([(0, 0, 3), (0, 1, 1), (1, 1, 1)])


def test_nobody_who_moves_is_perfect_immobility() -> None:
    found = measured([(0, 0, 1), (5, 5, 2)])
    assert (found["immobility_ratio"], found["prais_bibby"], found["shorrocks"]) == (1, 0, 0)


def test_everyone_who_moves_is_perfect_mobility() -> None:
    found = measured([(0, 1, 1), (1, 0, 1)])
    assert (found["immobility_ratio"], found["prais_bibby"], found["shorrocks"]) == (0, 1, 2)


def test_shorrocks_leaves_bands_without_weight_out() -> None:
    assert measured([(0, 0, 1), (0, 1, 1), (1, 1, 1), (7, 7, 0)])["shorrocks"] == pytest.approx(2 - 3 / 2)


def test_shorrocks_of_a_single_band_is_not_defined() -> None:
    assert measured([(3, 3, 1), (3, 4, 1)])["shorrocks"] is None


def test_without_any_weight_nothing_is_measured() -> None:
    assert set(measured([(3, 3, 0), (3, 4, 0)]).values()) == {None}


def test_the_band_below_zero_is_one_step_below_the_first() -> None:
    found = measured([(-1, 0, 1), (0, -1, 1), (-1, 10, 2)])
    assert found["average_movement"] == pytest.approx((1 + 1 + 22) / 4)
    assert found["net_movement"] == pytest.approx((1 - 1 + 22) / 4)


def test_each_group_has_all_its_measures_in_order() -> None:
    moves = pl.DataFrame(
        {"county": ["b", "a", None], "band": [0, 1, 2], "band_after": [1, 1, 1], "weight": [1, 1, 1]},
        schema_overrides={"weight": pl.Int128},
    )
    found = mobility(moves, ["county"])
    assert found["county"].to_list() == ["a"] * 7 + ["b"] * 7 + [None] * 7
    assert found["measure"].to_list() == list(MOBILITY) * 3
    assert found.filter(pl.col("measure") == "net_movement")["value"].to_list() == [0, 1, -1]


def test_sums_beyond_64_bits_are_exact() -> None:
    half = 10**19
    assert measured([(0, 0, half), (1, 2, half)])["immobility_ratio"] == 0.5


@given(seed=st.integers(0, 10**6))
def test_counts_in_any_order_give_measures_that_are_equal_to_the_last_digit(seed: int) -> None:
    """The counts of segments that are of one band come in the order in which threads have made them."""
    ways = [(band, band, step, step, 3 ** (band + step)) for band in range(6) for step in range(5)]
    kinds = {"band": pl.Int32, "band_after": pl.Int32, "segment": pl.Int32, "segment_after": pl.Int32}
    counts = pl.DataFrame(ways, schema=kinds | {"weight": pl.Int128}, orient="row")
    shuffled = counts.sample(fraction=1, shuffle=True, seed=seed)
    assert mobility(in_order(shuffled, ()), ()).equals(mobility(in_order(counts, ()), ()))
