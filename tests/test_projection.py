from __future__ import annotations

import json
import math
import random
import statistics
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from incomeladder.errors import SurveyRefused, UsageRefused
from incomeladder.estimation.projection import bootstrap, markov, outlook
from incomeladder.estimation.projection.homogeneity import END, FREEDOM, ORIGIN, PERIOD, constancy
from incomeladder.estimation.projection.targets import HORIZON, targets
from incomeladder.ladder import band_frame
from incomeladder.loading import load
from incomeladder.pipeline.timetable import timetable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PROGRAMME = load().programme
UNIT = 10**9
GONE, NOBODY = markov.GONE, markov.NO_INCOME
PUBLISHED = Path(__file__).parent / "reference" / "us_states_expected.json"
ALL = "_all"


@dataclass(frozen=True)
class Seen:
    """A household in either round: its state, or None where it was not seen, its weight, and its group."""

    was: int | None
    now: int | None
    weight: Fraction = Fraction(1)
    later_weight: Fraction = Fraction(1)
    group: str = "a"
    later_group: str = "a"


def side(houses: Sequence[Seen], *, later: bool) -> pl.LazyFrame:
    rows = [
        (str(number), int(weight * UNIT), state, group)
        for number, h in enumerate(houses)
        for state, weight, group in [(h.now, h.later_weight, h.later_group) if later else (h.was, h.weight, h.group)]
        if state is not None
    ]
    schema = {"household_id": pl.String, "weight": pl.Int64, markov.STATE: pl.Int32, "county": pl.String}
    return pl.LazyFrame(rows, schema=schema, orient="row").with_columns(pl.lit(0, pl.Int8).alias(ALL))


def went(houses: Sequence[Seen], by: tuple[str, ...] = (ALL,)) -> pl.DataFrame:
    ways = markov.ways(side(houses, later=False), side(houses, later=True), by).collect()
    return markov.numbered(ways, by)[1]


def observed(houses: Sequence[Seen], by: tuple[str, ...] = (ALL,)) -> pl.DataFrame:
    return went(houses, by).with_columns(pl.lit(0, pl.Int32).alias(markov.REPLICATE))


def ladders(houses: Sequence[Seen], steps: int, by: tuple[str, ...] = (ALL,)) -> list[dict[tuple[int, int], float]]:
    """Weight by group and state after each step."""
    table = markov.projected(observed(houses, by), steps).filter(pl.col("weight") != 0)
    return [
        {(group, state): weight / UNIT for group, state, weight in each.select("_group", "_state", "weight").rows()}
        for each in (table.filter(pl.col(markov.STEP) == step) for step in range(steps + 1))
    ]


def by_hand(houses: Sequence[Seen], steps: int) -> list[dict[int, Fraction]]:
    """The same in exact fractions, household by household, for one group."""
    known = [h for h in houses if h.was is not None]
    totals = {state: sum(h.weight for h in known if h.was == state) for state in {h.was for h in known}}
    told = [added((h.now, h.later_weight) for h in houses)]
    for _ in range(steps):
        entered = [(h.now, h.later_weight) for h in houses if h.was is None and known]
        stay = [(state, weight) for state, weight in told[-1].items() if not totals.get(state)]
        moved = [(h.now, told[-1].get(h.was, 0) * h.weight / totals[h.was]) for h in known if totals[h.was]]
        told.append(added([*entered, *stay, *moved]))
    return told


def added(parts: Iterable[tuple[int | None, Fraction]]) -> dict[int, Fraction]:
    """The sums by state, of those that are seen."""
    sums: dict[int, Fraction] = {}
    for state, weight in parts:
        if state is not None:
            sums[state] = sums.get(state, Fraction(0)) + weight
    return sums


STATES = st.one_of(st.none(), st.sampled_from([NOBODY, -1, 0, 1, 5, 11]))
WEIGHTS = st.sampled_from([Fraction(0), Fraction(1), Fraction(5, 2), Fraction(1, 10), Fraction(40_125, 1000)])
HOUSES = st.lists(
    st.builds(Seen, STATES, STATES, WEIGHTS, WEIGHTS, st.sampled_from("ab"), st.sampled_from("ab")).filter(
        lambda h: (h.was, h.now) != (None, None)
    ),
    min_size=1,
    max_size=25,
)
TWO_STATES = [
    *[Seen(0, 0), Seen(0, 1), Seen(0, 1), Seen(0, None)],
    *[Seen(1, 1)] * 5,
    Seen(1, 0),
    Seen(None, 0),
]


# the chain


def test_two_states_are_carried_on_as_worked_by_hand() -> None:
    # Of 4 in state 0 one stays, two rise, one leaves; of 6 in state 1 one falls; one enters state 0. There are 3 and 7:
    # then 3 / 4 + 7 / 6 + 1 and 3 / 2 + 7 * 5 / 6.
    first, second, _ = ladders(TWO_STATES, 2)
    assert first == {(0, 0): 3, (0, 1): 7}
    assert second == {(0, 0): pytest.approx(35 / 12, abs=1e-9), (0, 1): pytest.approx(22 / 3, abs=1e-9)}


@given(HOUSES)
def test_a_census_of_the_earlier_round_is_carried_into_the_later_exactly(houses: list[Seen]) -> None:
    counted = [replace(h, weight=Fraction(1), later_weight=Fraction(1)) for h in houses]
    if all(h.was is None for h in counted):
        return
    drawn = observed(counted).lazy()
    earlier = side(counted, later=False).group_by(markov.STATE).agg(pl.col("weight").cast(pl.Int128).sum())
    ladder = earlier.select(
        pl.lit(0, pl.Int32).alias(markov.REPLICATE), pl.lit(0, pl.UInt32).alias("_group"), markov.STATE, "weight"
    )
    if not any(h.now is not None for h in counted):
        return
    found = markov.stepped(ladder, markov.rates(drawn), markov.entrants(drawn)).collect()
    wanted = Counter(h.now for h in counted if h.now is not None)
    assert {state: weight for state, weight in found.select("_state", "weight").rows() if weight} == {
        state: number * UNIT for state, number in wanted.items()
    }


@given(HOUSES, st.integers(0, 6))
@settings(max_examples=60)
def test_the_years_are_those_of_exact_fractions(houses: list[Seen], steps: int) -> None:
    found = ladders(houses, steps)
    for step, wanted in enumerate(by_hand(houses, steps)):
        for state in {*wanted, *(state for _, state in found[step])}:
            assert found[step].get((0, state), 0) == pytest.approx(float(wanted.get(state, 0)), abs=1e-7)


@given(HOUSES)
def test_the_rates_of_a_state_and_of_leaving_it_add_up_to_one(houses: list[Seen]) -> None:
    table = (
        markov.rates(observed(houses, (ALL, "county")).lazy())
        .group_by("_group", markov.FROM)
        .agg(pl.col("_rate").sum())
    )
    assert all(total == pytest.approx(1, abs=1e-12) for total in table.collect()["_rate"])


@given(HOUSES, st.integers(1, 4))
@settings(max_examples=60)
def test_nobody_is_lost_between_the_years(houses: list[Seen], steps: int) -> None:
    drawn = observed(houses)
    near = markov.projected(drawn, steps)
    told = outlook.flows(near.lazy(), markov.entrants(drawn.lazy())).collect()
    rates = markov.rates(drawn.lazy()).filter(pl.col(markov.TO) == GONE).collect()
    leaving = dict(rates.select(markov.FROM, "_rate").rows())
    for row in told.iter_rows(named=True):
        assert row["start"] - row["left"] + row["entered"] == pytest.approx(row["end"], abs=1e-9)
        before = near.filter(pl.col(markov.STEP) == row[markov.STEP] - 1)
        gone = sum(weight / UNIT * leaving.get(state, 0) for state, weight in before.select("_state", "weight").rows())
        assert row["left"] == pytest.approx(gone, abs=1e-6)
        assert row["entered"] == pytest.approx(
            float(sum(h.later_weight for h in houses if h.was is None)) if any(h.was is not None for h in houses) else 0
        )


def test_where_nobody_moves_nothing_changes() -> None:
    first, *others = ladders([Seen(state, state) for state in (NOBODY, -1, 0, 0, 7)], 5)
    assert others == [first] * 5


def test_rates_take_the_earlier_weight_and_the_outset_the_later() -> None:
    # Of a weight of 4 in state 0 a quarter rises; there are 6 now in state 0, and 10 in state 1, who stay as nobody was
    # in state 1 before.
    houses = [Seen(0, 0, Fraction(3), Fraction(6)), Seen(0, 1, Fraction(1), Fraction(10))]
    first, second = ladders(houses, 1)
    assert first == {(0, 0): 6, (0, 1): 10}
    assert second == {(0, 0): 4.5, (0, 1): 11.5}
    assert markov.without_rates(went(houses)) == 1


def test_a_group_has_rates_of_its_own_and_those_who_change_it_move_with_the_earlier() -> None:
    houses = [Seen(0, 1), Seen(0, 0), Seen(0, 0, group="b", later_group="b"), Seen(0, 1, group="b", later_group="a")]
    first, second = ladders(houses, 1, (ALL, "county"))
    # In a half of state 0 rises; in b too. Now a has 1 in state 0 and 2 in state 1, b 1 in state 0.
    assert first == {(0, 0): 1, (0, 1): 2, (1, 0): 1}
    assert second == {(0, 0): 0.5, (0, 1): 2.5, (1, 0): 0.5, (1, 1): 0.5}


def test_a_group_that_is_new_stays_as_it_is_and_does_not_enter_again_every_year() -> None:
    houses = [Seen(0, 0), Seen(None, 3, later_group="b"), Seen(None, 3, later_group="b")]
    first, *others = ladders(houses, 3, (ALL, "county"))
    assert others == [first] * 3
    assert first[1, 3] == 2


@pytest.mark.parametrize("weight", [1, UNIT - 1, UNIT, 123_456_789_012, 10**17])
def test_squares_of_weights_are_exact_whatever_their_size(weight: int) -> None:
    houses = [Seen(0, 0, Fraction(weight, UNIT)), Seen(0, 0, Fraction(weight + 1, UNIT))] * 50
    (found,) = went(houses)[markov.SQUARES]
    assert found == pytest.approx(float(50 * Fraction(weight**2 + (weight + 1) ** 2, UNIT**2)), rel=1e-15)


# the bootstrap


def test_replicates_have_the_mean_and_the_variance_of_the_formula() -> None:
    weights = [Fraction(1), Fraction(2), Fraction(5), Fraction(1, 2), Fraction(40)]
    ways = went([Seen(0, 1, weight, weight) for weight in weights])
    drawn = bootstrap.replicated(ways, 4000)
    found = [weight / UNIT for weight in drawn.filter(pl.col(markov.REPLICATE) > 0)[markov.WAS]]
    total, squares = float(sum(weights)), float(sum(weight**2 for weight in weights))
    assert drawn.row(0, named=True)[markov.WAS] == total * UNIT
    assert statistics.fmean(found) == pytest.approx(total, abs=5 * math.sqrt(squares / 4000))
    assert statistics.variance(found) == pytest.approx(squares, rel=0.15)


def test_one_draw_a_way_is_spread_like_one_draw_a_household() -> None:
    draw = random.Random(7)  # noqa: S311
    households = [sum(draw.expovariate(1) for _ in range(30)) for _ in range(3000)]
    drawn = bootstrap.replicated(went([Seen(0, 1)] * 30), 3000)
    found = [weight / UNIT for weight in drawn.filter(pl.col(markov.REPLICATE) > 0)[markov.WAS]]
    assert stats.ks_2samp(households, found).pvalue > 0.001
    assert stats.kstest(found, stats.gamma(30).cdf).pvalue > 0.001


def test_the_mean_of_the_replicates_is_near_the_projection() -> None:
    draw = random.Random(3)  # noqa: S311
    houses = [
        Seen(state, min(11, max(0, state + draw.choice([-1, 0, 0, 0, 1, 1]))))
        for state in (draw.randrange(12) for _ in range(3000))
    ]
    near = markov.projected(bootstrap.replicated(went(houses), 400), 3).lazy()
    told = outlook.indicators(near, PROGRAMME).filter(pl.col(markov.STEP) == 3, indicator="top_share").collect()
    point = told.filter(pl.col(markov.REPLICATE) == 0)["value"].item()
    values = told.filter(pl.col(markov.REPLICATE) > 0)["value"]
    assert values.mean() == pytest.approx(point, abs=4 * float(values.std()) / 20)  # type: ignore[arg-type]
    (row,) = outlook.shares(told.lazy()).collect().iter_rows(named=True)
    assert row["lower"] < point < row["upper"]
    assert (row["upper"] - row["lower"]) / 2 == pytest.approx(1.96 * float(values.std()), rel=0.2)  # type: ignore[arg-type]


def test_the_interval_of_a_share_is_that_of_its_beta_distribution() -> None:
    # Of 40 in state 0, 10 rise and stay there: the part that rises in a replicate is Beta(10, 30), by Rubin 1981.
    near = markov.projected(bootstrap.replicated(went([Seen(0, 11)] * 10 + [Seen(0, 0)] * 30), 2000), 0).lazy()
    values = (
        outlook.indicators(near, PROGRAMME).filter(indicator="top_share").collect().filter(pl.col("_replicate") > 0)
    )
    for part in (0.025, 0.5, 0.975):
        assert values["value"].quantile(part, "linear") == pytest.approx(stats.beta(10, 30).ppf(part), abs=0.015)


def test_the_same_ways_give_the_same_replicates() -> None:
    houses = TWO_STATES * 3
    one, other = (bootstrap.replicated(went(order), 50) for order in (houses, houses[::-1]))
    assert one.equals(other)


def test_a_way_without_weight_is_as_it_was_in_every_replicate() -> None:
    drawn = bootstrap.replicated(went([Seen(0, 1, Fraction(0), Fraction(3)), Seen(0, 0)]), 20)
    risen = drawn.filter(pl.col(markov.TO) == 1)
    assert set(risen[markov.IS_NOW]) == {3 * UNIT}


def test_so_many_ways_that_it_would_take_long_have_fewer_replicates() -> None:
    assert [bootstrap.replicates(ways, 3) for ways in (0, 100, 2000, 4000, 10**6)] == [1000, 1000, 1000, 500, 200]


# what is told of it


def test_bands_add_up_and_name_what_is_empty() -> None:
    houses = [*TWO_STATES, Seen(0, NOBODY), Seen(NOBODY, 0)]
    near = markov.projected(bootstrap.replicated(went(houses), 50), 2).lazy()
    table = outlook.bands(near, PROGRAMME).collect()
    names = band_frame(PROGRAMME.ladder)["band_name"].to_list()
    assert table.filter(pl.col(markov.STEP) == 1)["band"].to_list() == [name for name in names if name != "<0"]
    for step, each in table.group_by(markov.STEP):
        assert each["share"].sum() == pytest.approx(1, abs=1e-12)
        banded = each.filter(pl.col("band") != "missing")
        assert (banded["share_lower"].null_count() == 0) is (step[0] > 0)
        assert each.filter(band="missing").select("share", "share_lower", "share_upper").row(0) == (None, None, None)
    assert table.filter(band="50000-60000").select("share", "share_upper").rows() == [
        (0.0, None),
        (0.0, 0.0),
        (0.0, 0.0),
    ]


def target_of(houses: Sequence[Seen], steps: int = 3) -> dict[str, dict[str, object]]:
    near = outlook.indicators(markov.projected(bootstrap.replicated(went(houses), 100), steps).lazy(), PROGRAMME)
    far = outlook.indicators(markov.projected(observed(houses), HORIZON).lazy(), PROGRAMME)
    families = pl.LazyFrame(
        {markov.GROUP: [0], "households": [len(houses)]}, schema_overrides={markov.GROUP: pl.UInt32}
    )
    told = targets(near, far, families, PROGRAMME.targets).collect()
    return {row["indicator"]: row for row in told.iter_rows(named=True)}


def test_a_target_is_met_in_the_first_year_in_which_it_holds() -> None:
    # Half of those in the lowest band pass the top in each step, and none comes back: 8, 4, 2 of 16 are left, so that
    # half are at the top at the outset already if 8 are, and after one step if 6 of 16 are.
    met = target_of([Seen(0, 0)] * 8 + [Seen(0, 11)] * 8)["top_share"]
    assert (met["_met"], met["rule"], met["target"], met["met_by_until"]) == (
        0,
        "at_least",
        0.5,
        1,  # what is known is not drawn
    )
    later = target_of([Seen(0, 0)] * 10 + [Seen(0, 11)] * 6 + [Seen(11, 11)])["top_share"]
    assert later["_met"] == 1
    assert later["limit"] == pytest.approx(1, abs=1e-6)


def test_a_target_that_rates_lead_away_from_is_never_met() -> None:
    # As many rise as fall, a third of either: half stay below.
    never = target_of([*[Seen(0, 0)] * 2, Seen(0, 5), *[Seen(5, 5)] * 2, Seen(5, 0)])["headcount_ratio"]
    assert never["_met"] is None
    assert never["met_by_until"] < 0.1  # of draws of six families one in a while leaves less than half of one below
    assert never["limit"] == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("weight", [1, 1_000_000])
def test_a_share_that_halves_with_every_step_is_nothing_once_half_a_family_is_left(weight: int) -> None:
    # 16 of 32 below, then 8, 4, 2, 1, and in the fifth step half a family.
    gone = target_of([Seen(0, 0, weight)] * 16 + [Seen(0, 5, weight)] * 16)["headcount_ratio"]
    assert (gone["_met"], gone["_lost"]) == (5, None)


def test_a_target_that_is_met_and_lost_says_so() -> None:
    # All that were at the top are below now but two of three: 2/3, 4/9 is less than half.
    lost = target_of([Seen(11, 11), Seen(11, 11), Seen(11, 0), Seen(0, 0)])["top_share"]
    assert (lost["_met"], lost["_lost"], lost["met_by_until"]) == (0, 1, 1)


def test_what_was_observed_is_no_replicate() -> None:
    # 49 of 100 are at the top, and ever fewer will be: near to half as that is, no draw brings it there.
    falling = target_of([Seen(11, 11)] * 49 + [Seen(11, 0)] * 10 + [Seen(0, 0)] * 41)["top_share"]
    assert (falling["_met"], falling["met_by_until"]) == (None, pytest.approx(0, abs=0.02))


# the test of constant rates


def counts(matrices: Sequence[Sequence[Sequence[float]]]) -> pl.LazyFrame:
    rows = [
        (0, period, origin, end, int(number))
        for period, matrix in enumerate(matrices)
        for origin, row in enumerate(matrix)
        for end, number in enumerate(row)
    ]
    return pl.LazyFrame(rows, schema=[ALL, PERIOD, ORIGIN, END, "households"], orient="row")


def test_constancy_is_what_giddy_publishes() -> None:
    wanted = json.loads(PUBLISHED.read_text("utf-8"))["homogeneity_1929_1969_vs_1969_2009_yearly_quintiles"]
    ratio, squares = constancy(counts([wanted["transitions_a"], wanted["transitions_b"]]), [ALL]).iter_rows(named=True)
    assert (ratio["test"], squares["test"]) == ("likelihood_ratio", "chi_squared")
    assert (ratio[FREEDOM], squares[FREEDOM]) == (wanted["dof"], wanted["dof"])
    assert ratio["statistic"] == pytest.approx(wanted["LR"], rel=1e-9)
    assert ratio["p_value"] == pytest.approx(wanted["LR_p_value"], rel=1e-9)
    assert squares["statistic"] == pytest.approx(wanted["Q"], rel=1e-9)
    assert squares["p_value"] == pytest.approx(wanted["Q_p_value"], rel=1e-9)


def test_constancy_of_two_steps_is_that_worked_by_hand() -> None:
    # From one band 6 and 4 stay of 10; together half stay. Q = 4 * (1 / 10) ** 2 * 10 / (1 / 2) = 0.8, one degree.
    ratio, squares = constancy(counts([[[6, 4]], [[4, 6]]]), [ALL]).iter_rows(named=True)
    assert squares["statistic"] == pytest.approx(0.8, rel=1e-12)
    assert ratio["statistic"] == pytest.approx(2 * (12 * math.log(1.2) + 8 * math.log(0.8)), rel=1e-12)
    assert squares[FREEDOM] == 1
    assert squares["sparse_cells"] == 0


@given(
    st.lists(
        st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4), min_size=2, max_size=4
    )
)
def test_constancy_is_that_of_tables_row_by_row(matrices: list[list[list[int]]]) -> None:
    """Each origin is a contingency table of periods by ends, without its empty rows and columns."""
    wanted, freedom = {"likelihood_ratio": 0.0, "chi_squared": 0.0}, 0
    for origin in range(4):
        rows = [matrix[origin] for matrix in matrices if sum(matrix[origin])]
        ends = [end for end in range(4) if any(row[end] for row in rows)]
        table = [[row[end] for end in ends] for row in rows]
        if len(rows) < 2 or len(ends) < 2:
            continue
        freedom += (len(rows) - 1) * (len(ends) - 1)
        for test, power in (("likelihood_ratio", "log-likelihood"), ("chi_squared", "pearson")):
            wanted[test] += stats.chi2_contingency(table, correction=False, lambda_=power).statistic
    for row in constancy(counts(matrices), [ALL]).iter_rows(named=True):
        assert row["statistic"] == pytest.approx(wanted[row["test"]], rel=1e-9, abs=1e-9)
        assert row[FREEDOM] == freedom
        assert row["p_value"] == (
            None if not freedom else pytest.approx(stats.chi2.sf(wanted[row["test"]], freedom), rel=1e-6, abs=1e-12)
        )


def test_cells_that_expect_few_are_told() -> None:
    assert constancy(counts([[[9, 1]], [[9, 1]]]), [ALL])["sparse_cells"].to_list() == [0.5, 0.5]


# the years


@pytest.mark.parametrize(
    ("rounds", "until", "years", "alike"),
    [
        (("2022", "2023", "2024"), 2027, [2024, 2025, 2026, 2027], 2),
        (("2020", "2022年", "2024-H1"), 2029, [2024, 2026, 2028], 2),
        (("2023", "2018", "2013"), 2028, [2023, 2028], 2),
        (("2020", "2023", "2024"), 2124, list(range(2024, 2125)), 1),
        (("202401", "2025"), 2026, [2025, 2026], 1),
    ],
)
def test_years_follow_from_the_last_two_rounds(
    rounds: tuple[str, ...], until: int, years: list[int], alike: int
) -> None:
    found = timetable(rounds, until)
    steps = pl.DataFrame({markov.STEP: range(found.steps + 1)})
    assert steps.select(found.year())["year"].to_list() == years
    assert len(found.alike) == alike


@pytest.mark.parametrize(
    ("rounds", "until", "refusal", "key"),
    [
        (("2024",), 2027, SurveyRefused, "project_one_round"),
        ((), 2027, SurveyRefused, "project_one_round"),
        (("2023", "last"), 2027, SurveyRefused, "project_no_year"),
        (("2024-H1", "2024-H2"), 2027, SurveyRefused, "project_same_year"),
        (("2023", "2024"), 2024, UsageRefused, "until_no_use"),
        (("2020", "2024"), 2027, UsageRefused, "until_no_use"),
        (("2023", "2024"), 2125, UsageRefused, "until_no_use"),
    ],
)
def test_years_that_lead_nowhere_are_refused(rounds: tuple[str, ...], until: int, refusal: type, key: str) -> None:
    with pytest.raises(refusal, match=key):
        timetable(rounds, until)
