"""What ``transitions`` says besides how many moved: how sure shares are, and why the share below the floor changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.pipeline import pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
DRAWN = """
    household_id | survey_round | income | weight | county | stratum | village
    1            | 2023         | 20000  | 2      | 东区   | a       | p
    2            | 2023         | 25000  | 1      | 东区   | a       | q
    3            | 2023         | 120000 | 1      | 西区   | b       | p
    4            | 2023         |        | 1      | 西区   | b       | r
    6            | 2023         | 29000  | 1      | 西区   | b       | r
    1            | 2024         | 31000  | 2      | 东区   | a       | p
    2            | 2024         | 26000  | 1      | 东区   | a       | q
    3            | 2024         | 99000  | 1      | 西区   | b       | p
    5            | 2024         | 8000   | 1      | 西区   | b       | s
"""
WAYS = [[], ["--by", "county"], ["--by", "residence", "--size-rule", "per-capita"], ["--deflate", "2023=1,2024=1.02"]]


def tables(run: Run, *argv: str | Path) -> dict[str, list[dict[str, Any]]]:
    done = run(*argv, "--format", "json")
    assert done.status == 0, done
    told: dict[str, list[dict[str, Any]]] = done.json["tables"]
    return told


@pytest.mark.parametrize("asked", WAYS)
def test_the_change_is_split_as_indicators_splits_it(run: Run, asked: list[str]) -> None:
    moved = tables(run, "transitions", SAMPLE, *asked)["decomposition"]
    assert moved == tables(run, "indicators", SAMPLE, "--round", "2023", "--round", "2024", *asked)["decomposition"]
    assert {row["component"] for row in moved} >= {"change", "growth", "redistribution", "matched", "entered", "left"}


def test_the_parts_add_up_to_the_change(run: Run, survey: Draw) -> None:
    parts = {row["component"]: row["value"] for row in tables(run, "transitions", survey(DRAWN))["decomposition"]}
    # Before 4 of the weight of 5 are below the floor, after 2 of 5; of the matched weight 3 of 4, then 1 of 4.
    assert parts["change"] == pytest.approx(2 / 5 - 4 / 5)
    assert parts["matched"] == pytest.approx(1 / 4 - 3 / 4)
    assert parts["entered"] + parts["left"] == pytest.approx(parts["change"] - parts["matched"])
    assert parts["growth"] + parts["redistribution"] == pytest.approx(parts["change"])


def test_a_census_has_no_errors(run: Run, survey: Draw) -> None:
    told = run("transitions", survey(), "--format", "json").json
    assert told["parameters"]["census"]
    assert list(told["tables"]) == ["matrix", "summary", "tiers", "measures", "decomposition"]


def test_of_a_sample_each_row_share_and_each_measure_has_its_error(run: Run, survey: Draw) -> None:
    told = tables(run, "transitions", survey(DRAWN))
    cell = next(
        row for row in told["precision"] if (row["from_band"], row["to_band"]) == ("20000-30000", "30000-40000")
    )
    # Of weight 3 in the row 2 rose: scores 2 (1 - 2/3) / 3 and -2/9; five units: V = 5/4 (4/81 + 4/81).
    assert cell["value"] == pytest.approx(2 / 3)
    assert cell["standard_error"] == pytest.approx((5 / 4 * 8 / 81) ** 0.5)
    assert cell["lower"] < cell["value"] < cell["upper"] <= 1
    assert (cell["households"], cell["unreliable"]) == (2, True)
    shares = {
        (row["from_band"], row["to_band"]): row["row_share"] for row in told["matrix"] if row["row_share"] is not None
    }
    for row in told["precision"]:
        if row["measure"] == "row_share":
            assert row["value"] == shares[row["from_band"], row["to_band"]]
    measures = {row["measure"]: row["value"] for row in told["measures"]}
    assert {row["measure"]: row["value"] for row in told["precision"][-7:]} == measures


def test_people_see_the_errors_of_measures(run: Run, survey: Draw) -> None:
    done = run("transitions", survey(DRAWN))
    assert re.search(r"Stayed in their band \(immobility ratio\) +0\.2500\*", done.out)
    assert " to " in done.out.partition("(immobility ratio)")[2].partition("\n")[0]
    assert "* unreliable" in done.out


def test_strata_and_clusters_are_those_of_the_earlier_round(run: Run, survey: Draw) -> None:
    town = survey(DRAWN)
    plain = tables(run, "transitions", town)["precision"]
    drawn = tables(run, "transitions", town, "--strata", "stratum", "--cluster", "village")["precision"]
    assert [row["value"] for row in drawn] == [row["value"] for row in plain]
    assert [row["standard_error"] for row in drawn] != [row["standard_error"] for row in plain]


def test_a_stratum_of_one_unit_is_refused_or_centred(run: Run, survey: Draw) -> None:
    town = survey(DRAWN.replace("| b       | p", "| c       | p"))
    assert run("transitions", town, "--strata", "stratum").is_refused(3, "2023: c", "--lonely-strata")
    assert run("transitions", town, "--strata", "stratum", "--lonely-strata", "centre").status == 0


def test_a_column_of_strata_that_the_earlier_round_lacks_is_refused(run: Run, survey: Draw) -> None:
    assert run("transitions", survey(DRAWN), "--strata", "strata").is_refused(2, "strata", "stratum")


@pytest.mark.parametrize("way", [["--engine", "duckdb"], ["--memory", "1KB"]])
def test_errors_are_the_same_whoever_counts_and_in_parts(run: Run, survey: Draw, way: list[str]) -> None:
    town = survey(DRAWN)
    asked = [
        "transitions",
        town,
        "--by",
        "county",
        "--cluster",
        "village",
        "--lonely-strata",
        "centre",
        "--movers",
        "all",
    ]
    assert tables(run, *asked, *way) == tables(run, *asked)


def test_of_very_many_households_it_is_said_that_the_change_is_not_split(
    run: Run, survey: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair, "_MOST_EXPLAINED", 1)
    told = run("transitions", survey(), "--format", "json").json
    assert "decomposition" not in told["tables"]
    assert "incomeladder indicators" in told["notes"][-1]
