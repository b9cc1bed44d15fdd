from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
COLUMNS = ["survey_round", "indicator", "value", "standard_error", "lower", "upper", "target", "met"]
DRAWN = """
    id | survey_round | income | weight | county | residence | size | stratum | village | units
    1  | 2023         | 20000  | 2      | 东区   | rural     | 2    | a       | p       | 10
    2  | 2023         | 50000  | 1      | 东区   | urban     | 3    | a       | q       | 10
    3  | 2023         | 120000 | 1      | 西区   | urban     | 4    | b       | p       | 10
    4  | 2023         |        | 1      | 西区   | rural     | 1    | b       | r       | 10
    1  | 2024         | 31000  | 2      | 东区   | rural     | 2    | a       | p       | 10
    2  | 2024         | 52000  | 1      | 东区   | urban     | 3    | a       | q       | 10
    3  | 2024         | 99000  | 1      | 西区   | urban     | 4    | b       | p       | 10
    5  | 2024         | 8000   | 1      | 西区   | rural     | 1    | b       | s       | 10
"""


def told(run: Run, *argv: str | Path) -> dict[str, list[dict[str, Any]]]:
    done = run("indicators", *argv, "--format", "json")
    assert done.status == 0, done
    tables: dict[str, list[dict[str, Any]]] = done.json["tables"]
    return tables


def value(tables: dict[str, list[dict[str, Any]]], indicator: str, label: str = "2024") -> dict[str, Any]:
    (found,) = (row for row in tables["indicators"] if (row["indicator"], row["survey_round"]) == (indicator, label))
    return found


def test_each_round_has_every_indicator_with_its_target(run: Run) -> None:
    tables = told(run, SAMPLE)
    assert list(tables["indicators"][0]) == COLUMNS
    assert len(tables["indicators"]) == 3 * 13
    assert [row["survey_round"] for row in tables["indicators"][::13]] == ["2022", "2023", "2024"]
    assert {row["indicator"] for row in tables["targets"]} == {"headcount_ratio", "urban_rural_ratio", "top_share"}


def test_a_share_is_the_one_that_bands_tells(run: Run) -> None:
    bands = run("bands", SAMPLE, "--format", "json").json["tables"]["summary"][0]
    tables = told(run, SAMPLE)
    assert value(tables, "headcount_ratio")["value"] == bands["below_floor_share"]
    assert value(tables, "middle_income_share")["value"] == bands["middle_income_share"]


def test_a_census_has_no_errors(run: Run, survey: Draw) -> None:
    town = survey("id | income\n1 | 20000\n2 | 50000", "2024.csv")
    tables = told(run, town)
    assert {row["standard_error"] for row in tables["indicators"]} == {None}
    assert "precision" not in tables
    shown = run("indicators", town)
    assert "census" in shown.out
    assert "Std. error" not in shown.out
    assert "*" not in shown.out


def test_a_design_makes_a_sample_of_households_without_weights(run: Run, survey: Draw) -> None:
    town = survey("id | income | village\n1 | 20000 | a\n2 | 50000 | a\n3 | 90000 | b", "2024.csv")
    mean = value(told(run, town, "--cluster", "village"), "mean_income")
    # Two clusters: totals of the scores are (70000 - 2 * 160000 / 3) / 3 and its opposite.
    assert mean["standard_error"] == pytest.approx(2 * (2 * 160_000 / 3 - 70_000) / 3, rel=1e-12)


def test_what_changed_is_told_from_round_to_round(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN))
    (change,) = (row for row in tables["changes"] if row["indicator"] == "headcount_ratio")
    assert (change["from_round"], change["to_round"]) == ("2023", "2024")
    assert (change["from_value"], change["to_value"], change["change"]) == (0.5, 0.2, pytest.approx(-0.3))
    assert change["lower"] < -0.3 < change["upper"]


def test_why_the_share_below_the_floor_changed_adds_up(run: Run, survey: Draw) -> None:
    rows = told(run, survey(DRAWN))["decomposition"]
    found = {row["component"]: row["value"] for row in rows}
    assert set(found) == {"change", "growth", "redistribution", "matched", "entered", "left"}
    assert found["growth"] + found["redistribution"] == pytest.approx(-0.3)
    assert found["matched"] + found["entered"] + found["left"] == pytest.approx(found["change"])
    assert "Why the share below the floor changed" in run("indicators", survey(DRAWN)).out


def test_what_each_tier_would_cost_is_told_by_place(run: Run, survey: Draw) -> None:
    rows = told(run, survey(DRAWN), "--round", "2024", "--by", "county")["costs"]
    assert [(row["county"], row["tier"], row["total_shortfall"]) for row in rows] == [
        ("东区", "floor", 0),
        ("东区", "low", 18_000),
        ("东区", "middle", 0),
        ("西区", "floor", 22_000),
        ("西区", "low", 0),
        ("西区", "middle", 1_000),
    ]


def test_ratios_of_town_and_country_are_per_head(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN))
    # In 2023: (50,000 + 120,000) over 7 heads, to 2 * 20,000 over 4; the fourth household has no income.
    assert value(tables, "urban_rural_ratio", "2023")["value"] == pytest.approx((170_000 / 7) / 10_000)
    assert value(tables, "area_ratio", "2023")["value"] == pytest.approx(120_000 / 30_000)


def test_few_households_make_an_unreliable_estimate(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN))
    assert {row["unreliable"] for row in tables["precision"]} == {True}
    assert "* unreliable" in run("indicators", survey(DRAWN)).out
    assert not any(row["unreliable"] for row in told(run, SAMPLE)["precision"] if row["indicator"] == "mean_income")


def test_targets_tell_how_far_they_are(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[targets.mean_income]\nat_least = 50000\nyear = 2027\n")
    rows = told(run, survey(DRAWN), "--round", "2024", "--programme", "own.toml")["targets"]
    found = {row["indicator"]: (row["met"], row["distance"], row["year"]) for row in rows}
    assert found["headcount_ratio"] == (False, 0.2, None)
    assert found["mean_income"] == (False, pytest.approx(50_000 - 221_000 / 5), 2027)
    assert run("indicators", survey(DRAWN), "--fail-on", "target").status == 1


def test_a_target_binds_one_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[targets.gini]\nat_least = 0.1\nat_most = 0.4\n")
    assert run("indicators", SAMPLE, "--programme", "own.toml").is_refused(4, "targets.gini")


def test_a_target_fails_nobody_before_its_year(run: Run, survey: Draw, tmp_path: Path) -> None:
    for year, status in ((2024, 1), (2025, 0)):
        (tmp_path / "own.toml").write_text(
            f"[targets.headcount_ratio]\nat_most = 0.1\nyear = {year}\n[targets.top_share]\nat_least = 0\n"
        )
        how = ("--programme", "own.toml", "--fail-on", "target", "--size-rule", "reference-only")
        assert run("indicators", survey(DRAWN.replace("52000", "25000")), *how).status == status


def test_a_share_above_one_is_no_target(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[targets.headcount_ratio]\nat_most = 5\n")
    assert run("indicators", SAMPLE, "--programme", "own.toml").is_refused(4, "0.05 for 5 %")


def test_one_household_needs_no_strata(run: Run, survey: Draw) -> None:
    tables = told(run, survey("id | income | weight\n1 | 20000 | 2", "2024.csv"))
    assert value(tables, "mean_income")["standard_error"] is None


def test_a_missed_target_fails_only_the_last_round(run: Run, survey: Draw, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        "[targets.headcount_ratio]\nat_most = 0.2\n[targets.urban_rural_ratio]\nat_most = 9\n"
        "[targets.top_share]\nat_least = 0\n"
    )
    how = ("--programme", "own.toml", "--fail-on", "target")
    assert run("indicators", survey(DRAWN), *how).status == 0
    assert run("indicators", survey(DRAWN), *how, "--round", "2023").status == 1


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        (["--strata", "stratum"], 0, ""),
        (["--strata", "id"], 3, "single unit"),
        (["--strata", "id", "--lonely-strata", "centre"], 0, ""),
        (["--strata", "nothing"], 2, "nothing"),
        (["--cluster", "income_missing"], 2, "income_missing"),
        (["--strata", "stratum", "--fpc", "units"], 0, ""),
        (["--strata", "stratum", "--fpc", "village"], 3, "village"),
        (["--strata", "stratum", "--fpc", "size"], 3, "size"),
        (["--strata", "stratum", "--cluster", "village"], 0, ""),
    ],
    ids=str,
)
def test_a_design_is_taken_or_refused(run: Run, survey: Draw, how: list[str], status: int, said: str) -> None:
    done = run("indicators", survey(DRAWN), *how)
    assert done.status == status, done
    assert said in done.err


def test_a_design_that_a_household_does_not_tell_is_refused(run: Run, survey: Draw) -> None:
    town = survey("id | income | weight | stratum\n1 | 20000 | 1 | a\n2 | 50000 | 1 | 未知\n3 | 50000 | 1 | a")
    assert run("indicators", town, "--strata", "stratum").is_refused(3, "stratum", "1 household")


def test_more_units_than_there_are_is_refused(run: Run, survey: Draw) -> None:
    town = survey("id | income | weight | units\n1 | 20000 | 1 | 2\n2 | 50000 | 1 | 2\n3 | 50000 | 1 | 2")
    assert run("indicators", town, "--fpc", "units").is_refused(3, "units")


def test_what_cannot_be_told_is_said(run: Run, survey: Draw) -> None:
    done = run("indicators", survey("id | income | weight\n1 | 20000 | 1\n2 | 50000 | 1"))
    assert "urban to rural income cannot be told without size, residence" in done.out
    assert "cannot be told without county" in done.out


def test_incomes_alone_are_enough(run: Run, survey: Draw) -> None:
    tables = told(run, survey("income | weight\n20000 | 1\n50000 | 3", "2024.csv"))
    assert value(tables, "mean_income")["value"] == 42_500
    assert value(tables, "mean_income")["standard_error"] > 0


def test_the_same_bytes_come_every_time(run: Run) -> None:
    one, other = (run("indicators", SAMPLE, "--by", "county", "--format", "json") for _ in range(2))
    assert one == other


def test_rounds_of_the_ledger_are_measured_as_they_were_added(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    assert run("ledger", "add", SAMPLE).status == 0
    for one, other in zip(told(run, SAMPLE)["changes"], told(run, "@*")["changes"], strict=True):
        assert other == {name: each if isinstance(each, str) else pytest.approx(each) for name, each in one.items()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_eighty_columns_are_enough(run: Run, language: str) -> None:
    done = run("indicators", SAMPLE, "--lang", language, "--by", "residence")
    assert done.status == 0
    assert "Traceback" not in done.err


def test_a_round_without_a_household_has_every_indicator_and_knows_none(run: Run, survey: Draw) -> None:
    tables = told(run, survey("household_id | income", "2024.csv"), "--allow-empty")
    assert {row["indicator"] for row in tables["indicators"]} >= {"headcount_ratio", "gini"}
    assert {(row["survey_round"], row["value"], row["met"]) for row in tables["indicators"]} == {("2024", None, None)}
