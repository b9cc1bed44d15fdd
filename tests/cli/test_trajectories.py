from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from incomeladder.render.width import width

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
DRAWN = """
    id | survey_round | income     | weight | county
    1  | 2021         | 20000      | 2      | 东区
    1  | 2022         | 30000      | 2      | 东区
    1  | 2023         | 29999.9999 | 2      | 西区
    2  | 2021         | 50000      | 1      | 东区
    2  | 2022         | -5         | 1      | 东区
    2  | 2023         | 31000      | 1      | 东区
    3  | 2021         | 8000       | 4      | 西区
    3  | 2023         |            | 4      | 西区
    4  | 2022         | 120000     | 1.5    | 西区
"""
COLUMNS = [
    *("household_id", "path", "bands", "rounds_seen", "rounds_below", "spells", "first_below", "last_below"),
    *("exits", "relapses", "persistent", "last_seen", "weight"),
]


def told(run: Run, *argv: str | Path) -> dict[str, list[dict[str, Any]]]:
    done = run("trajectories", *argv, "--format", "json")
    assert done.status == 0, done
    tables: dict[str, list[dict[str, Any]]] = done.json["tables"]
    return tables


def test_every_household_has_its_path(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN))
    assert list(tables) == ["trajectories", "summary", "rounds", "paths", "spells", "hazards"]
    assert list(tables["trajectories"][0]) == COLUMNS
    assert [(row["household_id"], row["path"], row["bands"]) for row in tables["trajectories"]] == [
        ("1", "below>above>below", "20000-30000>30000-40000>20000-30000"),
        ("2", "above>below>above", "50000-60000><0>30000-40000"),
        ("3", "below>unseen>missing", "0-10000>unseen>missing"),
        ("4", "unseen>above>unseen", "unseen>100000+>unseen"),
    ]


def test_nobody_is_lost(run: Run) -> None:
    tables = told(run, SAMPLE, "--by", "county")
    ids = pl.read_csv(SAMPLE, infer_schema=False)["household_id"].n_unique()
    assert len(tables["trajectories"]) == ids
    assert sum(row["households"] for row in tables["summary"]) == ids
    assert sum(row["seen_in_all"] + row["not_seen_in_all"] for row in tables["summary"]) == ids
    assert sum(row["households"] for row in tables["paths"]) == ids
    for label in ("2022", "2023", "2024"):
        rows = [row for row in tables["rounds"] if row["survey_round"] == label]
        assert sum(row["below"] + row["above"] + row["missing"] + row["unseen"] for row in rows) == ids


def test_those_below_in_a_round_are_those_that_bands_tells(run: Run) -> None:
    bands = run("bands", SAMPLE, "--round", "all", "--format", "json").json["tables"]["summary"]
    rounds = told(run, SAMPLE)["rounds"]
    assert [row["below"] for row in rounds] == [row["below_floor"] for row in bands]
    assert [row["missing"] for row in rounds] == [row["missing"] for row in bands]


def test_entries_and_exits_of_two_rounds_are_those_of_transitions(run: Run) -> None:
    (summary,) = run("transitions", SAMPLE, "--format", "json").json["tables"]["summary"]
    (last,) = (row for row in told(run, SAMPLE)["rounds"] if row["survey_round"] == "2024")
    assert last["exits"] == summary["rose_above_floor"]
    assert last["entries"] == summary["fell_below_floor"]


def test_a_household_counts_where_it_was_last_seen(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN), "--by", "county")
    assert [(row["county"], row["households"], row["weight"]) for row in tables["summary"]] == [
        ("东区", 1, 1),
        ("西区", 3, 7.5),
    ]
    assert [row["seen"] for row in tables["rounds"] if row["county"] == "西区"] == [2, 2, 2]


def test_the_rounds_that_are_named_are_those_that_count(run: Run, survey: Draw) -> None:
    tables = told(run, survey(DRAWN), "--round", "2021", "--round", "2023")
    assert [row["path"] for row in tables["trajectories"]] == ["below>below", "above>above", "below>missing"]
    assert [row["survey_round"] for row in tables["rounds"]] == ["2021", "2023"]


def test_files_of_a_round_each_are_read_together(run: Run, survey: Draw) -> None:
    files = [survey(f"id | income\n07 | {income}", f"{label}.csv") for label, income in (("9", 1_000), ("10", 90_000))]
    assert told(run, *files)["trajectories"][0]["path"] == "below>above"


def test_the_floor_and_the_prices_are_those_that_are_asked_for(run: Run, survey: Draw) -> None:
    town = survey("id | survey_round | income\n1 | 2023 | 30000\n1 | 2024 | 30100")
    assert told(run, town)["trajectories"][0]["path"] == "above>above"
    assert told(run, town, "--deflate", "2023=1,2024=1.02")["trajectories"][0]["path"] == "above>below"


def test_the_floor_may_lie_inside_a_band(run: Run, survey: Draw) -> None:
    town = survey("id | survey_round | income\n1 | 2023 | 29999\n1 | 2024 | 30000")
    row = told(run, town, "--step", "20000")["trajectories"][0]
    assert (row["path"], row["bands"]) == ("below>above", "20000-40000>20000-40000")


def test_one_round_has_no_trajectories(run: Run, survey: Draw) -> None:
    assert run("trajectories", survey("id | income\n1 | 5000", "2024.csv")).is_refused(3, "2024.csv", "--round")
    assert run("trajectories", survey(DRAWN), "--round", "2023").is_refused(3, "2023", "--round")
    assert run("trajectories", survey(DRAWN), "--round", "2025").is_refused(3, "2025", "2021, 2022, 2023")


def test_households_without_ids_cannot_be_followed(run: Run, survey: Draw) -> None:
    town = survey("survey_round | income\n2023 | 5\n2024 | 6")
    assert run("trajectories", town).is_refused(3, "household_id", "trajectories")


def test_rounds_that_share_nobody_are_refused(run: Run, survey: Draw) -> None:
    town = survey("id | survey_round | income\n1 | 2023 | 5000\n01 | 2024 | 6000")
    assert run("trajectories", town).is_refused(3, "2023, 2024", "ids")


def test_neighbours_that_share_nobody_are_warned_of(run: Run, survey: Draw) -> None:
    rounds = "\n".join(f"{name} | {label} | 5000" for label, name in (("2022", 1), ("2023", 1), ("2024", "01")))
    done = run("trajectories", survey(f"id | survey_round | income\n{rounds}"), "--log-format", "json")
    assert done.status == 0
    assert "WARNING: the round 2024 shares no household with 2023" in done.out


def test_what_was_not_counted_is_said(run: Run, survey: Draw) -> None:
    rounds = ["1 | 21 | 25000", "1 | 22 |", "1 | 23 | 50000", *(f"2 | {label} | 25000" for label in (21, 22, 23))]
    town = survey("\n".join(["id | survey_round | income", *rounds]))
    notes = run("trajectories", town, "--format", "json").json["notes"]
    assert [note.split(":")[0] for note in notes] == [
        "times that a household passed the floor, either way, while it was not seen or its income not known",
        "persistence needs 4 rounds, and there are 3",
        "no weights",
        "households without an income (21, 22, 23)",
    ]


def test_rows_that_cannot_be_used_are_refused_or_left_out(run: Run, survey: Draw) -> None:
    town = survey(DRAWN.replace("120000", "x"))
    assert run("trajectories", town).status == 3
    done = run("trajectories", town, "--skip-invalid", "--format", "json")
    assert done.json["accounting"]["rejected"] == 1
    assert len(done.json["tables"]["trajectories"]) == 3
    assert run("trajectories", town, "--skip-invalid", "--fail-on", "rejects").status == 1


def test_a_relapse_in_the_last_round_is_a_finding(run: Run, survey: Draw) -> None:
    assert run("trajectories", survey(DRAWN), "--fail-on", "relapse").status == 1
    assert run("trajectories", survey(DRAWN.replace("29999.9999", "30000")), "--fail-on", "relapse").status == 0
    # There was one, and it is not news in the round after.
    later = DRAWN + "    1 | 2024 | 15000 | 2 | 东区\n"
    assert run("trajectories", survey(later), "--fail-on", "relapse").status == 0
    assert run("trajectories", survey(DRAWN), "--fail-on", "below-floor").is_refused(2, "rejects, relapse")


def test_files_that_may_be_empty_make_zeros(run: Run, survey: Draw) -> None:
    files = [survey("id | income | county", f"{label}.csv") for label in (2023, 2024)]
    assert run("trajectories", *files).status == 3
    tables = told(run, *files, "--allow-empty")
    assert (tables["trajectories"], tables["summary"][0]["households"]) == ([], 0)
    assert [(row["survey_round"], row["below"]) for row in tables["rounds"]] == [("2023", 0), ("2024", 0)]
    for by in ([], ["--by", "county"]):
        assert run("trajectories", *files, "--allow-empty", "--fail-on", "relapse", *by).status == 0


def test_csv_and_parquet_carry_the_paths(run: Run, survey: Draw) -> None:
    rows = run("trajectories", survey(DRAWN), "--format", "csv").rows
    assert [row["path"] for row in rows][:1] == ["below>above>below"]
    assert run("trajectories", survey(DRAWN), "--output", "paths.parquet").status == 0
    found = pl.read_parquet("paths.parquet")
    assert (found.columns, found["persistent"].dtype) == (COLUMNS, pl.Boolean)


def test_the_same_survey_in_any_order_gives_the_same_bytes(run: Run, survey: Draw) -> None:
    head, *rows = DRAWN.strip().splitlines()
    found = {
        run("trajectories", survey("\n".join([head, *lines])), "--format", "json", "--by", "county").out
        for lines in (rows, rows[::-1])
    }
    assert len(found) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_terminal_is_told_in_its_language_and_80_columns(run: Run, language: str) -> None:
    done = run("trajectories", SAMPLE, "--lang", language)
    grids = [line for line in done.out.splitlines() if "  " in line]
    assert [line for line in grids if width(line) > 80] == []
    said = {
        "en": (
            "21 fell below it that had not been known below before",
            "52 were always below",
            "--format csv",
            "below>below>below",
        ),
        "zh": ("此前未见低于底线而落到底线以下 21 户", "52 户始终低于底线", "--format csv", "低于>低于>低于"),
    }
    assert [words for words in said[language] if words not in done.out] == []


def test_no_household_is_listed_on_a_terminal(run: Run) -> None:
    assert "510402000000" not in run("trajectories", SAMPLE).out


def test_long_paths_are_told_run_by_run(run: Run, survey: Draw) -> None:
    rows = [f"1 | {2010 + number} | {10_000 if number < 5 else 50_000}" for number in range(8) if number != 6]
    town = survey("id | survey_round | income\n" + "\n".join([*rows, "2 | 2016 | 5"]))
    out = run("trajectories", town).out
    assert "5 below > 1 above > 1 unseen > 1 above" in out


def test_a_group_may_be_called_like_a_column_of_ours(run: Run, survey: Draw) -> None:
    town = survey(DRAWN.replace("county", "path"))
    done = run("trajectories", town, "--by", "path")
    assert [line.split()[0] for line in done.out.splitlines() if line.startswith("below>")] == [
        *("below>unseen>missing", "below>above>below"),
    ]
    rows = run("trajectories", town, "--by", "path", "--format", "csv").rows
    assert [row["path"] for row in rows][:1] == ["below>above>below"]


def test_groups_are_told_one_by_one(run: Run, survey: Draw) -> None:
    out = run("trajectories", survey(DRAWN), "--by", "county").out
    assert "Households from 2021 to 2023 | County: 东区" in out
    assert "Households from 2021 to 2023 | County: 西区" in out
    assert "3 households, 1 of them seen in all 3 rounds. The other 2 count as unseen" in out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_fits_80_columns(run: Run, language: str) -> None:
    done = run("trajectories", "--help", "--lang", language)
    assert [line for line in done.out.splitlines() if width(line) > 80] == []
    assert "relapse" in done.out
