"""``report``: which rounds it is of, which places it compares, and what it is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

THREE_ROUNDS = """
    household_id | survey_round | county | township | income
    1            | 2022         | 东区   | 银江镇   | 12000
    1            | 2023         | 东区   | 银江镇   | 35000
    1            | 2024         | 东区   | 银江镇   | 25000
    2            | 2022         | 东区   | 大渡口   | 50000
    2            | 2023         | 东区   | 大渡口   | 29000
    2            | 2024         | 东区   | 大渡口   | 50000
"""


def told(done: Outcome) -> list[str]:
    return done.json["parameters"]["rounds"]


@pytest.mark.parametrize(
    ("asked", "rounds"),
    [
        ([], ["2023", "2024"]),
        (["2024"], ["2023", "2024"]),
        (["2023"], ["2022", "2023"]),
        (["2022"], ["2022"]),
        (["2022", "2024"], ["2022", "2024"]),
    ],
    ids=str,
)
def test_a_round_is_reported_with_the_one_before_it(
    run: Run, survey: Draw, asked: list[str], rounds: list[str]
) -> None:
    named = [word for name in asked for word in ("--round", name)]
    done = run("report", survey(THREE_ROUNDS), *named, "--format", "json")
    assert told(done) == rounds
    assert ("moves" in done.json["tables"]) == (len(rounds) == 2)


def test_more_than_two_rounds_are_refused(run: Run, survey: Draw) -> None:
    assert run("report", survey(THREE_ROUNDS), "--round", "all").is_refused(2, "2022", "2023", "2024")


def test_a_round_that_is_not_there_is_refused(run: Run, survey: Draw) -> None:
    assert run("report", survey(THREE_ROUNDS), "--round", "2030").is_refused(3, "2030", "2022")


def test_files_of_a_round_each_are_compared(run: Run, survey: Draw) -> None:
    files = [
        survey(f"household_id | income\n1 | {income}", f"{name}.csv") for name, income in ((2023, 9), (2024, 40000))
    ]
    done = run("report", *files, "--unit", "yuan", "--format", "json")
    assert told(done) == ["2023", "2024"]
    assert done.json["tables"]["moves"][0]["rose_above_floor"] == 1


def test_a_file_without_rounds_is_named_by_the_option(run: Run, survey: Draw) -> None:
    town = survey("household_id | income\n1 | 12000", "银江镇.csv")
    assert told(run("report", town, "--round", "2024", "--format", "json")) == ["2024"]
    out = run("report", "-", "--round", "2024", "--format", "json", stdin=b"household_id,income\n1,12000\n")
    assert told(out) == ["2024"]


def test_the_widest_kind_of_place_that_tells_any_apart_is_compared(run: Run, survey: Draw) -> None:
    done = run("report", survey(THREE_ROUNDS), "--format", "json")
    assert done.json["parameters"]["by"] == ["township"]  # there is one county only
    places = [(row["survey_round"], row["township"], row["below_floor"]) for row in done.json["tables"]["places"]]
    assert sorted(places) == [
        ("2023", "大渡口", 1),
        ("2023", "银江镇", 0),
        ("2024", "大渡口", 0),
        ("2024", "银江镇", 1),
    ]


def test_places_of_files_that_are_read_in_different_ways_are_compared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "2023.csv").write_text("household_id,township,income\n1,a,12000\n2,b,\n", "utf-8")
    (tmp_path / "2024.csv").write_text('household_id,township,income\n1,"a",12000\n2,\x1bb,"3,500"\n', "utf-8")
    done = run("report", "2023.csv", "2024.csv", "--format", "json")
    assert (done.status, done.json["parameters"]["by"]) == (0, ["township"])


def test_places_are_compared_by_the_column_asked_for(run: Run, survey: Draw) -> None:
    done = run("report", survey(THREE_ROUNDS), "--by", "county", "--format", "json")
    assert [(row["county"], row["households"]) for row in done.json["tables"]["places"]] == [("东区", 2), ("东区", 2)]
    assert run("report", survey(THREE_ROUNDS), "--by", "colour").is_refused(2, "colour")


def test_one_place_is_compared_with_none(run: Run, survey: Draw) -> None:
    town = survey("household_id | county | income\n1 | 东区 | 12000\n2 | 东区 | 40000", "2024.csv")
    assert "places" not in run("report", town, "--format", "json").json["tables"]


def test_totals_do_not_depend_on_the_places(run: Run, survey: Draw) -> None:
    town = survey(THREE_ROUNDS)
    by_place, whole = (run("report", town, *by, "--format", "json").json["tables"] for by in ([], ["--by", "county"]))
    assert [by_place[name] for name in ("bands", "summary", "moves")] == [
        whole[name] for name in ("bands", "summary", "moves")
    ]


def test_without_ids_nobody_is_followed_and_a_note_says_so(run: Run, survey: Draw) -> None:
    done = run("report", survey("survey_round | income\n2023 | 12000\n2024 | 50000"), "--format", "json")
    assert list(done.json["tables"]) == ["bands", "summary"]
    assert any("no household ids" in note for note in done.json["notes"])


@pytest.mark.parametrize(
    ("finding", "asked", "status"),
    [
        ("below-floor", [], 1),
        ("fell", [], 1),
        ("rejects", [], 0),
        ("fell", ["--round", "2022"], 0),
        ("below-floor", ["--round", "2022"], 1),
    ],
)
def test_a_report_is_judged_by_its_round(run: Run, survey: Draw, finding: str, asked: list[str], status: int) -> None:
    done = run("report", survey(THREE_ROUNDS), *asked, "--fail-on", finding, "--format", "html")
    assert (done.status, done.out[:9]) == (status, "<!DOCTYPE")


def test_nobody_below_the_floor_any_more_is_no_finding(run: Run, survey: Draw) -> None:
    town = survey("household_id | survey_round | income\n1 | 2023 | 12000\n1 | 2024 | 50000")
    assert run("report", town, "--fail-on", "below-floor").status == 0
    assert run("report", town, "--fail-on", "target").is_refused(2, "target", "below-floor")


def test_rejects_stop_the_report_and_may_be_left_out(run: Run, survey: Draw) -> None:
    town = survey("household_id | income\n1 | 12000\n2 | abc", "2024.csv")
    assert (run("report", town, "--output", "x.html").status, town.with_name("x.html").exists()) == (3, False)
    assert run("report", town, "--output", "x.html", "--skip-invalid").status == 0
    assert "1 rejected" in town.with_name("x.html").read_text("utf-8")
