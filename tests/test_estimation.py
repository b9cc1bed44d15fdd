from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from incomeladder.estimation.changes import covariances
from incomeladder.estimation.decomposition import components
from incomeladder.estimation.drawn import CLUSTER, POPULATION, STRATUM, drawn
from incomeladder.estimation.indicators import COSTS, estimates
from incomeladder.estimation.scores import score, scored
from incomeladder.estimation.tables import changes, costs, long
from incomeladder.estimation.variance import strata, units, variances
from incomeladder.frames import OWN, TO_OWN
from incomeladder.loading import load
from incomeladder.programme import INDICATORS
from oracle import House

PROGRAMME = load().programme


def frame(houses: list[House], label: str = "2024") -> pl.LazyFrame:
    """Households as the pipeline hands them over."""
    rows = [
        (
            *(label, str(number), None if h.income is None else round(h.income * 10_000)),
            *(round(h.weight * 10**9), h.stratum, h.cluster, h.size, h.residence, h.county),
        )
        for number, h in enumerate(houses)
    ]
    names = ("survey_round", "household_id", "income", "weight", STRATUM, CLUSTER, "size", "residence", "county")
    schema = dict.fromkeys(names, pl.String) | dict.fromkeys(("income", "weight", "size"), pl.Int64)
    told = pl.LazyFrame(rows, schema=schema, orient="row")
    return told.with_columns(
        pl.col("income").alias(OWN), pl.lit(1.0).alias(TO_OWN), pl.lit(None, pl.Float64).alias(POPULATION)
    )


def measured(
    houses: list[House],
    by: tuple[str, ...] = (),
    *,
    label: str = "2024",
    clustered: bool = True,
    population: float | None = None,
) -> pl.DataFrame:
    """The indicators of a round, a row each, with their errors."""
    households = drawn(frame(houses, label).with_columns(pl.lit(population, pl.Float64).alias(POPULATION)), by)
    told = estimates(households, PROGRAMME, by)
    rows = scored(households, told, PROGRAMME, by)
    found = variances(units(rows, by, clustered=clustered), strata(rows, clustered=clustered), by)
    return long(*pl.collect_all([told, found]), by)


def spread(rounds: dict[str, list[House]]) -> pl.DataFrame:
    """What two rounds share, by the names of the scores."""
    households = drawn(pl.concat([frame(houses, label) for label, houses in rounds.items()]), ())
    rows = scored(households, estimates(households, PROGRAMME, ()), PROGRAMME, ())
    before, after = rounds
    return covariances(units(rows, (), clustered=True), strata(rows, clustered=True), (before, after), ()).collect()


def town(seed: int, count: int = 120) -> list[House]:
    """Households of a stratified sample of clusters, with weights, debts, ties, missing incomes and empty cells."""
    draw = random.Random(seed)  # noqa: S311
    return [
        House(
            income=None
            if draw.random() < 0.06
            else round(draw.choice([draw.lognormvariate(10.8, 0.7)] * 3 + [draw.randrange(-1, 12) * 10_000]), 4),
            weight=draw.choice([1.0, 1.5, 2.25, 40.125, 0.0, 7.0]),
            stratum=draw.choice("abcd"),
            cluster=draw.choice("12345"),
            size=draw.choice([None, 1, 2, 3, 4]),
            residence=draw.choice([None, "urban", "rural"]),
            county=draw.choice([None, "东区", "西区", "米易县"]),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", INDICATORS)
def test_indicators_and_their_errors_are_those_of_plain_arithmetic(name: str, seed: int) -> None:
    houses = town(seed)
    value, error = measured(houses).filter(indicator=name).select("value", "standard_error").row(0)
    assert value == pytest.approx(oracle.estimate(name, houses), rel=1e-9)
    assert error == pytest.approx(oracle.standard_error(name, houses), rel=1e-6)


@pytest.mark.parametrize("name", INDICATORS)
def test_a_group_is_a_domain_of_the_whole_sample(name: str) -> None:
    houses = town(11, 200)
    found = measured(houses, ("county",)).filter(indicator=name)
    for county in ("东区", "西区", "米易县", None):
        value, error = found.filter(pl.col("county").eq_missing(county)).select("value", "standard_error").row(0)
        inside = [house for house in houses if house.county == county]
        if name == "area_ratio":  # within a county there is nothing to compare
            assert (value, error) == (None, None)
            continue
        assert value == pytest.approx(oracle.estimate(name, inside), rel=1e-9)
        assert error == pytest.approx(
            oracle.standard_error(name, houses, lambda house, county=county: house.county == county), rel=1e-6
        )


@pytest.mark.parametrize("name", ["headcount_ratio", "mean_income", "gini", "total_shortfall"])
def test_strata_of_one_unit_are_held_against_the_mean_of_all(name: str) -> None:
    houses = [*town(5, 40), House(income=12_000, weight=3, stratum="x"), House(income=None, weight=3, stratum="y")]
    assert measured(houses).filter(indicator=name)["standard_error"].item() == pytest.approx(
        oracle.standard_error(name, houses), rel=1e-6
    )


@pytest.mark.parametrize("name", INDICATORS)
def test_a_change_counts_what_the_same_units_share(name: str) -> None:
    rounds = {"2023": town(21), "2024": town(22)}
    found, told = spread(rounds), {label: oracle.scores(name, houses) for label, houses in rounds.items()}
    shared = oracle.covariance(*(list(zip(told[label], houses, strict=True)) for label, houses in rounds.items()))
    assert found.select(score(name)).item() == pytest.approx(shared, rel=1e-6)


def test_a_round_compared_with_itself_did_not_change_for_certain() -> None:
    houses = town(3)
    rounds = {"2023": houses, "2024": houses}
    long_table = pl.concat([measured(houses, label=label) for label in rounds])
    told = changes(long_table, ("2023", "2024"), spread(rounds), ())
    assert (told["change"] / told["from_value"]).abs().max() == pytest.approx(0, abs=1e-12)
    assert told["standard_error"].max() / told["from_value"].max() == pytest.approx(0, abs=1e-6)


def test_one_household_tells_of_no_error() -> None:
    found = measured([House(50_000)], clustered=False)
    assert found["standard_error"].is_null().all()
    assert found["lower"].is_null().all()


def test_a_lonely_stratum_elsewhere_counts_by_what_of_it_was_not_drawn() -> None:
    houses = [
        *(House(income, 2, "a", county="x") for income in (10_000, 20_000, 50_000)),
        House(25_000, 2, "b", county="y"),
    ]
    errors = [
        measured(houses, ("county",), clustered=False, population=said).filter(indicator="total_shortfall")[
            "standard_error"
        ]
        for said in (None, 0.5)
    ]
    for whole, half in zip(*errors, strict=True):
        assert half == pytest.approx(whole * 0.5**0.5, rel=1e-12)


def test_the_part_of_a_stratum_that_was_drawn_has_no_error() -> None:
    houses = [House(income=income, stratum="a") for income in (10_000, 30_000, 50_000, 90_000)]
    of_plenty = measured(houses, clustered=False).filter(indicator="mean_income")["standard_error"].item()
    # Four of sixteen: the variance is three quarters of what it would be; s² is 3,500,000,000 / 3.
    for said in (16, 0.25):
        error = (
            measured(houses, clustered=False, population=said).filter(indicator="mean_income")["standard_error"].item()
        )
        assert error == pytest.approx((0.75 * 3.5e9 / 3 / 4) ** 0.5, rel=1e-12)
    assert of_plenty == pytest.approx((3.5e9 / 3 / 4) ** 0.5, rel=1e-12)


def test_measures_of_the_floor_are_those_worked_by_hand() -> None:
    # The published example has incomes of 10, 20 and 40 and a line of 30; here in thousands.
    told = dict(
        measured([House(10_000, 1), House(20_000, 2), House(40_000, 1)], clustered=False)
        .select("indicator", "value")
        .iter_rows()
    )
    assert told["headcount_ratio"] == 3 / 4
    assert told["poverty_gap"] == pytest.approx(1 / 3, rel=1e-15)
    assert told["squared_poverty_gap"] == pytest.approx(1 / 6, rel=1e-15)
    assert told["total_shortfall"] == 40_000


@pytest.mark.parametrize(
    ("incomes", "weights", "median"),
    [
        ([1, 2, 3], [1, 1, 1], 2),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
        ([1, 2, 3], [1, 2, 5], 3),
        ([1, 2, 3], [1, 3, 4], 2.5),
        ([1, 2, 3], [0, 1, 0], 2),
        ([1, 2, 3, 4], [1, 0, 0, 1], 2.5),
        ([5], [0.000000001], 5),
    ],
)
def test_the_median_is_where_half_of_the_weight_is_passed(
    incomes: list[float], weights: list[float], median: float
) -> None:
    houses = [House(*pair) for pair in zip(incomes, weights, strict=True)]
    assert measured(houses, clustered=False).filter(indicator="median_income")["value"].item() == median


def why(rounds: dict[str, list[House]], by: tuple[str, ...] = ()) -> list[dict[str, float | None]]:
    households = drawn(pl.concat([frame(houses, label) for label, houses in rounds.items()]), by)
    before, after = rounds
    return components(households, (before, after), PROGRAMME.floor, by).collect().to_dicts()


def test_growth_and_redistribution_are_those_worked_by_hand() -> None:
    # The mean rises from 30,000 to 40,000. With the later mean 2 of the earlier 4 are below (13,333 and 26,667; 40,000
    # and 80,000 are not), with the earlier mean 2 of the later (15,000 and 22,500; 30,000 and 52,500 are not).
    rounds = {
        "2023": [House(income) for income in (10_000, 20_000, 30_000, 60_000)],
        "2024": [House(income) for income in (20_000, 30_000, 40_000, 70_000)],
    }
    (told,) = why(rounds)
    assert (told["change"], told["growth"], told["redistribution"]) == (-0.25, -0.125, -0.125)


def test_households_that_stay_come_and_go_share_the_change() -> None:
    # Known twice: 0 and 1. In the earlier round 0, 1 and the poor one that left; in the later 0, 1 and a rich one.
    stay, left, entered = [House(20_000), House(50_000)], House(10_000), House(90_000)
    before, after = frame([*stay, left], "2023"), frame([House(40_000), House(50_000), entered], "2024")
    renamed = after.with_columns(pl.col("household_id").replace({"2": "new"}))
    told = components(drawn(pl.concat([before, renamed]), ()), ("2023", "2024"), PROGRAMME.floor, ()).collect()
    found = told.row(0, named=True)
    assert found["change"] == pytest.approx(-2 / 3)
    assert (found["matched"], found["entered"]) == (-0.5, 0.0)
    assert found["left"] == pytest.approx(0.5 - 2 / 3)


@pytest.mark.parametrize("by", [(), ("county",)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_left_over_of_a_change(seed: int, by: tuple[str, ...]) -> None:
    told = why({"2023": town(seed), "2024": town(seed + 100)}, by)
    for row in told:
        assert row["growth"] + row["redistribution"] == pytest.approx(row["change"], abs=1e-12)
        assert row["matched"] + row["entered"] + row["left"] == pytest.approx(row["change"], abs=1e-12)
    (whole,) = why({"2023": town(seed), "2024": town(seed + 100)})
    assert sum(row["within"] + row["shift"] for row in told) == pytest.approx(whole["change"], abs=1e-12)


def test_swapping_rounds_turns_every_part_round() -> None:
    one, other = why({"2023": town(1), "2024": town(2)}), why({"2024": town(2), "2023": town(1)})
    for name in ("change", "growth", "redistribution", "matched", "within"):
        assert one[0][name] == pytest.approx(-other[0][name], abs=1e-12)


def test_a_group_of_one_round_alone_is_in_the_change_of_the_whole() -> None:
    rounds = {
        "2023": [House(20_000, county="东区")],
        "2024": [House(20_000, county="东区"), House(50_000, county="西区")],
    }
    told = {row["county"]: row for row in why(rounds, ("county",))}
    assert told["西区"]["change"] is None
    assert sum(row["within"] + row["shift"] for row in told.values()) == pytest.approx(-0.5)


def test_what_a_tier_costs_is_exact_and_has_its_error() -> None:
    houses = [House(income, 1.1) for income in (29_999.99, 30_000, 39_999.9999, 40_000, 95_000.5, 10_000)]
    found = costs(measured(houses, clustered=False), PROGRAMME, (), sampled=True).select(
        "tier", "target", "total_shortfall"
    )
    assert found.rows() == [
        ("floor", 30_000, 22_000.011),
        ("low", 40_000, 11_000.00011),
        ("middle", 100_000, 5_499.45),
    ]
    error = (
        costs(measured(houses, clustered=False), PROGRAMME, (), sampled=True)
        .filter(tier="middle")["standard_error"]
        .item()
    )
    # One of six households lacks 4,999.5: the variance of the sum is 6 / 5 of 5,499.45² (1 - 1 / 6).
    assert error == pytest.approx((6 / 5 * 5_499.45**2 * (5 / 6)) ** 0.5, rel=1e-12)


def test_the_gini_of_one_to_four_is_a_quarter() -> None:
    found = measured([House(income) for income in (4, 2, 3, 1)], clustered=False).filter(indicator="gini")
    assert found["value"].item() == pytest.approx(0.25, rel=1e-15)


def test_a_share_of_none_has_wilsons_interval() -> None:
    # Nobody of 10: from 0 to z² / (10 + z²), by hand 3.8415 / 13.8415.
    found = measured([House(50_000) for _ in range(10)], clustered=False).filter(indicator="headcount_ratio")
    assert found.select("value", "standard_error", "lower", "upper").row(0) == (
        0.0,
        0.0,
        0.0,
        pytest.approx(0.2775327998628892, rel=1e-9),
    )


def test_nothing_is_told_where_nothing_was_learnt() -> None:
    found = measured([House(None), House(30_000, 0)], clustered=False)
    totals = ("total_shortfall", *COSTS.values())
    assert found.filter(~pl.col("indicator").is_in(totals))["value"].is_null().all()
    assert found.filter(pl.col("value").is_null())["standard_error"].is_null().all()


@given(
    st.lists(
        st.tuples(st.integers(-20_000, 200_000), st.integers(1, 50), st.sampled_from("ab"), st.sampled_from("123")),
        min_size=4,
        max_size=30,
    ),
    st.sampled_from([2, 10, 1000]),
)
@settings(max_examples=40)
def test_the_measure_of_weights_changes_no_ratio_and_no_error_of_one(
    rows: list[tuple[int, int, str, str]], times: int
) -> None:
    found = [
        measured([House(income, weight * by, stratum, cluster) for income, weight, stratum, cluster in rows])
        for by in (1, times)
    ]
    one, other = (each.filter(~pl.col("indicator").is_in(("total_shortfall", *COSTS.values()))) for each in found)
    for column in ("value", "standard_error"):
        assert other[column].to_list() == [
            value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9) for value in one[column]
        ]


def test_where_all_who_were_asked_agree_nothing_is_known_of_the_error() -> None:
    found = measured([House(income=20_000, cluster=name) for name in "abc"])
    told = dict(found.select("indicator", "standard_error").rows())
    assert (told["mean_income"], told["median_income"], told["poverty_gap"]) == (None, None, None)
    lower, upper = found.filter(indicator="headcount_ratio").select("lower", "upper").row(0)
    assert 0 < lower < upper == 1  # Wilson's interval of three in three


def test_a_heap_of_incomes_does_not_blow_up_the_error_of_a_decile() -> None:
    draw = random.Random(7)  # noqa: S311
    rich = [House(income=draw.uniform(100_000, 300_000), cluster=f"r{place}") for place in range(25)]
    heap = [House(income=20_000, cluster=f"h{place}") for place in range(60)]
    poor = [House(income=draw.uniform(1_000, 19_000), cluster=f"p{place}") for place in range(40)]
    value, error = measured(rich + heap + poor).filter(indicator="p90_p10").select("value", "standard_error").row(0)
    assert 0.02 * value < error < value
