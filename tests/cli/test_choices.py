"""Options that meet one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Run = Draw = Any


def test_rejects_and_report_cannot_share_a_file(run: Run, survey: Draw) -> None:
    done = run("bands", survey("household_id | income\n1 | x\n2 | 5000"), "--output", "o.csv", "--rejects", "o.csv")
    assert done.is_refused(2, "--rejects", "--output", "o.csv")
    assert not Path("o.csv").exists()


def test_an_output_called_minus_is_standard_output(run: Run, survey: Draw) -> None:
    done = run("bands", survey("household_id | income\n1 | 5000"), "--output", "-", "--format", "json")
    assert (done.status, done.json["report"]) == (0, "bands")
    assert not Path("-").exists()


@pytest.mark.parametrize("pairs", [("income=a", "income=b"), ("income=a", "weight=a")])
def test_a_column_or_heading_named_twice_is_refused(run: Run, survey: Draw, pairs: tuple[str, str]) -> None:
    options = [word for pair in pairs for word in ("--column", pair)]
    assert run("bands", survey("household_id | a | b\n1 | 5000 | 1"), *options).is_refused(2, *pairs)


def test_standard_input_is_read_once(run: Run) -> None:
    assert run("transitions", "-", "-").is_refused(2, "-")


def test_check_shows_as_many_problems_as_asked_and_says_how_many_more(run: Run, survey: Draw) -> None:
    town = survey("household_id | income \n" + "\n".join(f"{number} | abc" for number in range(30)))
    shown = run("check", town, "--max-problems", "2").out
    assert shown.count("is no amount; write") == 2
    assert "and 28 more" in shown
    assert len(run("check", town, "--format", "json").json["tables"]["problems"]) == 30


def test_two_files_of_one_name_are_compared_once_their_rounds_are_named(run: Run, survey: Draw) -> None:
    before = survey("household_id | income\n1 | 25000", "east.csv")
    Path("later").mkdir()
    after = Path("later") / "east.csv"
    after.write_text("household_id,income\n1,35000\n", encoding="utf-8")
    assert run("transitions", before, str(after)).is_refused(3, "east", "--from")
    done = run("transitions", before, str(after), "--from", "2023", "--to", "2024", "--format", "json")
    assert done.json["tables"]["summary"][0]["rose_above_floor"] == 1


def test_a_fault_of_a_programme_file_names_that_file(run: Run, survey: Draw) -> None:
    Path("p.toml").write_text("key_groups = [1, 2]\n", encoding="utf-8")
    done = run("bands", survey("household_id | income\n1 | 5000"), "--programme", "p.toml")
    assert (done.status, done.out) == (4, "")
    assert all(line.startswith("error: p.toml: key_groups") for line in done.err.splitlines())


def test_a_ladder_of_many_bands_is_shown_in_parts_of_80_columns(run: Run) -> None:
    sample = Path(__file__).parents[2] / "data" / "sample_households.csv"
    shown = run("transitions", str(sample), "--step", "5000").out
    matrix = [line for line in shown.splitlines() if line.startswith(("from\\to", "95-100", "entered"))]
    assert len(matrix) == 6
    assert max(map(len, matrix)) <= 80


def test_the_headline_of_a_list_adds_up_to_the_last_digit(run: Run) -> None:
    sample = Path(__file__).parents[2] / "data" / "sample_households.csv"
    assert "they lack 524,910.65 yuan" in run("flag", str(sample), "--tier", "middle").out


EMPTY = "household_id | income"


def test_an_empty_file_makes_zeros_only_when_that_is_allowed(run: Run, survey: Draw) -> None:
    town = survey(EMPTY, "2024.csv")
    assert run("bands", town).is_refused(3, "2024.csv", "--allow-empty")
    done = run("bands", town, "--allow-empty", "--format", "json")
    (summary,) = done.json["tables"]["summary"]
    assert (summary["survey_round"], summary["households"], summary["below_floor_share"]) == ("2024", 0, None)
    assert [band["households"] for band in done.json["tables"]["bands"]] == [0] * 11


@pytest.mark.parametrize("heading", [EMPTY, "household_id | income | survey_round"])
@pytest.mark.parametrize("command", ["check", "flag", "transitions"])
def test_every_report_of_an_empty_file_is_one_of_zeros(run: Run, survey: Draw, command: str, heading: str) -> None:
    files = [survey(heading, "2023.csv"), survey(heading, "2024.csv")][: 2 if command == "transitions" else 1]
    done = run(command, *files, "--allow-empty", "--format", "json")
    assert done.status == 0
    assert '"rows_read": 0' in done.out


def test_an_empty_round_shares_no_household_with_another_and_is_refused(run: Run, survey: Draw) -> None:
    files = survey("household_id | income\n1 | 5000", "2023.csv"), survey(EMPTY, "2024.csv")
    assert run("transitions", *files, "--allow-empty").is_refused(3, "2023", "2024")
