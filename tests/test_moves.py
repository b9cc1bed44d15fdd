"""How sure shares of a transition matrix and measures of mobility are, against the same in plain Python."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from incomeladder.estimation.drawn import CLUSTER, POPULATION, STRATUM
from incomeladder.estimation.moves import precision
from incomeladder.estimation.variance import ALIKE
from oracle import House

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Way = tuple[int, int] | None
    Drawn = tuple[House, Way]

STEPS = {
    "immobility_ratio": lambda step: step == 0,
    "prais_bibby": lambda step: step != 0,
    "upward": lambda step: step > 0,
    "downward": lambda step: step < 0,
    "average_movement": abs,
    "net_movement": lambda step: step,
}


def told(
    sample: Sequence[Drawn], by: tuple[str, ...] = (), *, clustered: bool = True, alike: bool = False
) -> pl.DataFrame:
    """The table of a sample: households that went from band to band; None are not matched, or without an income."""
    rows = [
        (*("2023", h.stratum, h.cluster, round(h.weight * 10**9), h.county), *(way or (None, None)))
        for h, way in sample
    ]
    names = ("survey_round", STRATUM, CLUSTER, "weight", "county", "band", "band_after")
    schema = dict.fromkeys(names, pl.String) | {"weight": pl.Int64, "band": pl.Int32, "band_after": pl.Int32}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.lit(None, pl.Float64).alias(POPULATION))
    if alike:
        return precision(frame.group_by(pl.all()).agg(pl.len().alias(ALIKE)), by, clustered=clustered)
    return precision(frame.with_columns(pl.lit(1).alias(ALIKE)), by, clustered=clustered)


def found(table: pl.DataFrame, measure: str, *cell: int) -> tuple[float, float]:
    chosen = table.filter(measure=measure)
    if cell:
        chosen = chosen.filter((pl.col("band") == cell[0]) & (pl.col("band_after") == cell[1]))
    value, error = chosen.select("value", "standard_error").row(0)
    return value, error


def mean_and_error(
    sample: Sequence[Drawn], inside: Callable[[Drawn], bool], each: Callable[[Drawn], float]
) -> tuple[float, float]:
    """A weighted mean over part of the sample, and its error by the scores of all of it."""
    whole = math.fsum(drawn[0].weight for drawn in sample if inside(drawn))
    mean = math.fsum(drawn[0].weight * each(drawn) for drawn in sample if inside(drawn)) / whole
    scores = [drawn[0].weight * (each(drawn) - mean) / whole if inside(drawn) else 0.0 for drawn in sample]
    return mean, math.sqrt(oracle.variance(scores, [house for house, _ in sample]))


def shorrocks(sample: Sequence[Drawn]) -> float:
    origins = sorted({way[0] for house, way in sample if way and house.weight})
    stays = [
        mean_and_error(
            sample,
            lambda drawn, o=origin: bool(drawn[1]) and drawn[1][0] == o,
            lambda drawn: drawn[1][1] == drawn[1][0],
        )[0]
        for origin in origins
    ]
    return (len(origins) - math.fsum(stays)) / (len(origins) - 1)


def shorrocks_error(sample: Sequence[Drawn]) -> float:
    """By moving each weight a little."""
    scores = []
    for place, (house, way) in enumerate(sample):
        ends = []
        for sign in (1, -1):
            step = sign * 1e-6 * max(1.0, house.weight)
            moved = House(weight=house.weight + step, income=None, stratum=house.stratum, cluster=house.cluster)
            ends.append(shorrocks([*sample[:place], (moved, way), *sample[place + 1 :]]))
        scores.append(house.weight * (ends[0] - ends[1]) / (2e-6 * max(1.0, house.weight)))
    return math.sqrt(oracle.variance(scores, [house for house, _ in sample]))


def town(seed: int, count: int = 150) -> list[Drawn]:
    """A stratified sample of clusters: some of it not matched, some of no weight, of bands 0 to 3."""
    draw = random.Random(seed)  # noqa: S311
    houses = (
        House(
            income=None,
            weight=draw.choice([1.0, 2.5, 40.125, 0.0, 7.0]),
            stratum=draw.choice("abc"),
            cluster=draw.choice("12345"),
            county=draw.choice([None, "东区", "西区"]),
        )
        for _ in range(count)
    )
    return [(h, None if draw.random() < 0.2 else (draw.randrange(4), draw.randrange(4))) for h in houses]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("origin", range(4))
def test_a_row_share_and_its_error_are_those_of_plain_arithmetic(seed: int, origin: int) -> None:
    sample = town(seed)
    table = told(sample)
    for end in range(4):
        expected = mean_and_error(
            sample, lambda drawn: bool(drawn[1]) and drawn[1][0] == origin, lambda drawn, e=end: drawn[1][1] == e
        )
        assert found(table, "row_share", origin, end) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("measure", STEPS)
def test_a_measure_of_mobility_and_its_error_are_those_of_plain_arithmetic(measure: str) -> None:
    sample = town(7)
    expected = mean_and_error(
        sample, lambda drawn: drawn[1] is not None, lambda drawn: STEPS[measure](drawn[1][1] - drawn[1][0])
    )
    assert found(told(sample), measure) == pytest.approx(expected, rel=1e-9)


def test_shorrocks_and_its_error_are_those_of_weights_moved_a_little() -> None:
    sample = town(3, 60)
    value, error = found(told(sample), "shorrocks")
    assert value == pytest.approx(shorrocks(sample), rel=1e-9)
    assert error == pytest.approx(shorrocks_error(sample), rel=1e-6)


def test_a_group_is_a_domain_of_the_whole_sample() -> None:
    sample = town(4, 300)
    table = told(sample, ("county",))
    for county in ("东区", "西区", None):
        expected = mean_and_error(
            sample,
            lambda drawn, c=county: drawn[1] is not None and drawn[0].county == c,
            lambda drawn: drawn[1][1] > drawn[1][0],
        )
        assert found(table.filter(pl.col("county").eq_missing(county)), "upward") == pytest.approx(expected, rel=1e-9)


def test_without_clusters_each_household_was_drawn_by_itself() -> None:
    sample = town(5)
    alone = [(House(None, h.weight, h.stratum, str(number)), way) for number, (h, way) in enumerate(sample)]
    expected = mean_and_error(alone, lambda drawn: drawn[1] is not None, lambda drawn: drawn[1][1] == drawn[1][0])
    assert found(told(sample, clustered=False), "immobility_ratio") == pytest.approx(expected, rel=1e-9)


def test_the_share_of_two_in_three_has_the_error_that_is_worked_by_hand() -> None:
    # Three of weight 1: p = 2/3, scores (1-p)/3 twice and -p/3: 1/9, 1/9, -2/9; V = 3/2 (1+1+4)/81 = 1/9.
    sample = [(House(None, cluster=name), way) for name, way in (("a", (1, 1)), ("b", (1, 1)), ("c", (1, 2)))]
    assert found(told(sample), "row_share", 1, 1) == pytest.approx((2 / 3, 1 / 3))
    # All of one band before: shorrocks has nothing to divide by.
    assert "shorrocks" not in told(sample)["measure"].to_list()


def test_who_left_is_a_unit_that_adds_nothing() -> None:
    # A fourth unit: n / (n - 1) is 4/3 and not 3/2, and the squares are the same.
    sample = [
        (House(None, cluster=name), way) for name, way in (("a", (1, 1)), ("b", (1, 1)), ("c", (1, 2)), ("d", None))
    ]
    assert found(told(sample), "row_share", 1, 1)[1] == pytest.approx(math.sqrt(4 / 3 * 6 / 81))


drawn_samples = st.lists(
    st.tuples(
        st.builds(
            House,
            income=st.none(),
            weight=st.sampled_from([0.5, 1.0, 3.0]),
            stratum=st.sampled_from("ab"),
            cluster=st.sampled_from("12"),
        ),
        st.none() | st.tuples(st.integers(0, 2), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(drawn_samples, st.booleans())
def test_households_alike_are_counted_as_each_of_them_would_be(sample: list[Drawn], clustered: bool) -> None:  # noqa: FBT001
    one, counted = (told(sample, clustered=clustered, alike=alike) for alike in (False, True))
    assert one.drop("standard_error", "lower", "upper").equals(counted.drop("standard_error", "lower", "upper"))
    ends = ["standard_error", "lower", "upper"]
    assert _numbers(one.select(ends)) == pytest.approx(_numbers(counted.select(ends)), rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(drawn_samples)
def test_the_shares_of_a_row_add_up_and_lie_in_their_intervals(sample: list[Drawn]) -> None:
    shares = told(sample).filter(measure="row_share")
    sums = shares.group_by("band").agg(pl.col("value").sum())["value"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums))
    known = shares.drop_nulls("lower")
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()


def _numbers(table: pl.DataFrame) -> list[float]:
    return [-1.0 if value is None else value for row in table.iter_rows() for value in row]
