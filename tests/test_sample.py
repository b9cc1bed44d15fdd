from pathlib import Path

import polars as pl
import pytest

from incomeladder.sample import _mixed, households

COMMITTED = Path(__file__).parents[1] / "data" / "sample_households.csv"
ROUNDS = ["2022", "2023", "2024"]
YUAN = pl.col("income").cast(pl.Float64)
WEIGHT = pl.col("weight").cast(pl.Float64)
SIZE = pl.col("size").cast(pl.Int64)
COUNTIES = {"东区", "西区", "仁和区", "米易县", "盐边县"}
KEY_GROUPS = {"脱贫家庭", "低保家庭", "零就业家庭", "残疾人"}


def committed(survey_round: str | None = None) -> pl.DataFrame:
    rows = pl.read_csv(COMMITTED, infer_schema=False)
    return rows if survey_round is None else rows.filter(pl.col("survey_round") == survey_round)


def share(survey_round: str, condition: pl.Expr) -> float:
    known = committed(survey_round).filter(pl.col("income").is_not_null())
    return float(known.select((WEIGHT * condition).sum() / WEIGHT.sum() * 100).item())


def per_head(survey_round: str, residence: str) -> float:
    known = committed(survey_round).filter(pl.col("income").is_not_null(), pl.col("residence") == residence)
    return float(known.select((WEIGHT * YUAN).sum() / (WEIGHT * SIZE).sum()).item())


def matched(before: str, after: str) -> pl.DataFrame:
    return committed(before).join(committed(after), on="household_id", suffix="_after")


def test_the_same_seed_gives_the_same_rows() -> None:
    assert households(500, ROUNDS, 7).collect().equals(households(500, ROUNDS, 7).collect())


def test_the_hash_is_splitmix64_to_the_bit() -> None:
    seed = pl.lit(0x9E3779B97F4A7C15, pl.UInt64)
    assert pl.select(_mixed(seed)).item() == 0xE220A8397B1DCDAF


def test_another_seed_gives_other_rows() -> None:
    assert not households(500, ROUNDS, 7).collect().equals(households(500, ROUNDS, 8).collect())


def test_the_committed_file_is_what_the_generator_writes(tmp_path: Path) -> None:
    households(2000, ROUNDS, seed=2024).sink_csv(tmp_path / "sample.csv", engine="streaming")
    assert (tmp_path / "sample.csv").read_bytes() == COMMITTED.read_bytes()


def test_the_committed_file_has_no_quotes_and_lines_end_as_on_unix() -> None:
    content = COMMITTED.read_bytes()
    assert b'"' not in content
    assert b"\r" not in content


def test_columns_stand_in_the_published_order_and_are_text_or_whole_numbers() -> None:
    text = ["household_id", "survey_round", "county", "township", "village", "residence", "key_group"]
    expected = {**dict.fromkeys(text, pl.String), "size": pl.Int64, "income": pl.String, "weight": pl.String}
    assert households(1, ["2022"], 0).collect_schema() == expected


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_each_round_has_the_households_asked_for_and_rounds_stand_in_order(count: int) -> None:
    labels = households(count, ["b", "a"], 3).collect()["survey_round"].to_list()
    assert labels == ["b"] * count + ["a"] * count


def test_ids_are_unique_within_a_round_and_say_the_county() -> None:
    codes = {"510402": "东区", "510403": "西区", "510411": "仁和区", "510421": "米易县", "510422": "盐边县"}
    rows = committed()
    assert not rows.select("survey_round", "household_id").is_duplicated().any()
    assert rows["household_id"].str.contains(r"^\d{12}$").all()
    assert rows["household_id"].str.head(6).replace_strict(codes).equals(rows["county"])


def test_ids_stay_unique_where_six_digits_are_not_enough() -> None:
    ids = households(1_200_000, ["2022"], 1).select("household_id").collect()["household_id"]
    assert ids.n_unique() == 1_200_000
    assert ids[-1].endswith("1199999")


def test_a_round_streams_and_begins_as_a_smaller_one_does(tmp_path: Path) -> None:
    households(200_000, ["2022"], seed=2024).sink_csv(tmp_path / "large.csv", engine="streaming")
    large = pl.read_csv(tmp_path / "large.csv", infer_schema=False)
    assert large.height == 200_000
    assert large.head(2000).equals(committed("2022"))


def test_both_engines_of_polars_give_the_same_rows() -> None:
    rows = households(5000, ROUNDS, 5)
    assert rows.collect(engine="in-memory").equals(rows.collect(engine="streaming"))


def test_a_later_round_does_not_change_the_earlier_ones() -> None:
    assert households(500, ROUNDS[:2], 7).collect().equals(households(500, ROUNDS, 7).head(1000).collect())


@pytest.mark.parametrize(("survey_round", "percent"), [("2022", 7.0), ("2023", 5.0), ("2024", 4.0)])
def test_the_share_below_the_floor_falls_as_published(survey_round: str, percent: float) -> None:
    assert share(survey_round, YUAN < 30_000) == pytest.approx(percent, abs=0.4)


def test_the_share_below_the_floor_falls_by_two_points_in_a_round() -> None:
    assert share("2022", YUAN < 30_000) - share("2023", YUAN < 30_000) == pytest.approx(2.0, abs=0.3)


def test_over_half_of_the_households_reach_the_top_in_the_third_round() -> None:
    assert 52 <= share("2024", YUAN >= 100_000) <= 55


@pytest.mark.parametrize("survey_round", ["2023", "2024"])
def test_income_per_head_is_about_twice_as_high_in_towns(survey_round: str) -> None:
    assert 2.05 <= per_head(survey_round, "urban") / per_head(survey_round, "rural") <= 2.15


def test_nearly_two_thirds_of_the_households_are_urban() -> None:
    assert 60 <= share("2023", pl.col("residence") == "urban") <= 65


@pytest.mark.parametrize(("before", "after"), [("2022", "2023"), ("2023", "2024")])
def test_households_cross_every_line_both_ways(before: str, after: str) -> None:
    pairs, later = matched(before, after), pl.col("income_after").cast(pl.Float64)
    for line in (30_000, 40_000, 100_000):
        assert pairs.filter(line > YUAN, later >= line).height >= 5
        assert pairs.filter(line <= YUAN, later < line).height >= 5


@pytest.mark.parametrize(("before", "after"), [("2022", "2023"), ("2023", "2024")])
def test_some_three_percent_leave_and_as_many_enter(before: str, after: str) -> None:
    assert 40 <= 2000 - matched(before, after).height <= 80


@pytest.mark.parametrize("column", ["county", "township", "village", "residence", "key_group", "weight"])
def test_a_household_keeps_its_place_its_group_and_its_weight(column: str) -> None:
    pairs = matched("2022", "2024")
    assert pairs[column].equals(pairs[f"{column}_after"], null_equal=True)


def test_a_few_households_gain_or_lose_a_member() -> None:
    change = matched("2022", "2023").select(pl.col("size_after").cast(pl.Int64) - SIZE).to_series()
    assert set(change) == {-1, 0, 1}
    assert 20 <= (change != 0).sum() <= 120


def test_every_county_and_key_group_is_in_every_round() -> None:
    for survey_round in ROUNDS:
        rows = committed(survey_round)
        assert set(rows["county"]) == COUNTIES
        assert set(rows["key_group"].drop_nulls()) == KEY_GROUPS


def test_key_groups_are_an_eighth_of_the_households_and_twice_as_common_below_the_floor() -> None:
    grouped = pl.col("key_group").is_not_null()
    assert 9 <= share("2022", grouped) <= 15
    below = committed("2022").filter(YUAN < 30_000)
    assert below.filter(grouped).height / below.height > 2 * share("2022", grouped) / 100


def test_incomes_are_written_with_two_decimals_or_none() -> None:
    incomes = households(50_000, ["2022"], 4).collect()["income"].drop_nulls()
    assert incomes.str.contains(r"^(-?[1-9]\d*|0|\d+\.\d\d)$").all()


def test_a_few_incomes_are_negative_missing_or_exactly_on_a_line() -> None:
    rows = households(100_000, ["2022"], 4).collect()
    assert 0.0005 < (rows["income"].cast(pl.Float64) < 0).sum() / rows.height < 0.003
    assert 0.002 < rows["income"].null_count() / rows.height < 0.004
    for line in ("30000", "40000", "100000"):
        assert (committed()["income"] == line).sum() >= 5
