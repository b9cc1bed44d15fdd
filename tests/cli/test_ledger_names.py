from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest
import xlsxwriter

from ledgers import held, is_tidy, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Survey = Callable[..., Path]

UNFIT = ("../x", "a/b", ".x", "x.", "a=b", "a\nb", "a\tb", "-x", "x" * 300, "latest", "..", "/x", "a\\b", "a*", "@a")
OLD = rounds_of("2023", "12000", "", "35000")
UNNAMED = "household_id | income\n1 | 12000\n2 | 35000"


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", UNFIT, ids=ascii)
def test_fault_44_no_round_is_given_a_name_that_could_be_a_path(
    run: Run, survey: Survey, tmp_path: Path, ledger: Path, name: str
) -> None:
    town = survey(UNNAMED)
    assert run("ledger", "add", town, "--round", name).is_refused(5, "no round of the ledger can have this name")
    assert everything(tmp_path) == ["ledger", "ledger/.lock", "ledger/rounds", "town.csv"]
    assert held(ledger) == {}


@pytest.mark.parametrize("name", [*UNFIT, "all"], ids=ascii)
def test_fault_44_no_round_takes_a_name_from_a_column_that_could_be_a_path(
    run: Run, tmp_path: Path, ledger: Path, name: str
) -> None:
    with (tmp_path / "town.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("household_id", "survey_round", "income"), (1, name, 12000), (2, "2023", 35000)])
    assert run("ledger", "add", "town.csv").is_refused(5, "no round of the ledger can have this name")
    assert everything(tmp_path) == ["ledger", "ledger/.lock", "ledger/rounds", "town.csv"]
    assert held(ledger) == {}


def test_fault_44_an_empty_name_is_none(run: Run, survey: Survey, ledger: Path) -> None:
    assert run("ledger", "add", survey(UNNAMED), "--round", "").is_refused(3)
    assert run("ledger", "add", survey(UNNAMED.replace("income", "survey_round | income", 1))).status == 3
    assert held(ledger) == {}


LEADING = [
    (command, name)
    for command in ("remove", "export", "bands", "watch")
    for name in (*UNFIT, "", "round=2023", "../../round=2023")
    if name != "latest" or command == "remove"  # the others know which is the latest
]


@pytest.mark.parametrize(("command", "name"), LEADING, ids=ascii)
def test_fault_44_no_name_leads_out_of_the_ledger(
    run: Run, survey: Survey, ledger: Path, command: str, name: str
) -> None:
    run("ledger", "add", survey(OLD))
    asked = {
        "remove": ["ledger", "remove", "--yes", "--", name],
        "export": ["ledger", "export", "--", name],
        "bands": ["bands", f"@{name}"],
        "watch": ["ledger", "watch", f"--round={name}"],
    }
    assert run(*asked[command]).is_refused(3)
    assert [*held(ledger)] == ["2023"]


def test_fault_48_the_same_file_twice_is_there_already(run: Run, survey: Survey, ledger: Path) -> None:
    town = survey(rounds_of("2023 2024", "12000", "", "35000"))
    run("ledger", "add", town)
    before = {path: path.stat().st_mtime_ns for path in (ledger / "rounds").rglob("*")}
    done = run("ledger", "add", town, "--format", "csv")
    assert done.status == 0
    assert [(row["survey_round"], row["outcome"]) for row in done.rows] == [
        ("2023", "already_there"),
        ("2024", "already_there"),
    ]
    assert {path: path.stat().st_mtime_ns for path in (ledger / "rounds").rglob("*")} == before
    assert is_tidy(ledger)


def as_workbook(rows: pl.DataFrame, path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([rows.columns, *rows.iter_rows()]):
            sheet.write_row(number, 0, row)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "xlsx"])
def test_fault_48_the_same_households_in_another_file_are_there_already(
    run: Run, survey: Survey, ledger: Path, tmp_path: Path, suffix: str
) -> None:
    town = survey(OLD)
    run("ledger", "add", town)
    before, rows = held(ledger), pl.read_csv(town, infer_schema=False).reverse()
    other = tmp_path / f"other.{suffix}"
    {
        "csv": rows.write_csv,
        "tsv": lambda path: rows.write_csv(path, separator="\t"),
        "parquet": rows.write_parquet,
        "xlsx": lambda path: as_workbook(rows, path),
    }[suffix](other)
    assert "already there" in run("ledger", "add", other).out
    assert held(ledger) == before


def test_fault_48_of_a_file_of_two_rounds_the_one_that_is_not_there_is_added(
    run: Run, survey: Survey, ledger: Path
) -> None:
    run("ledger", "add", survey(OLD))
    before = held(ledger)
    done = run("ledger", "add", survey(rounds_of("2023 2024", "12000", "", "35000")), "--format", "csv")
    assert [(row["survey_round"], row["outcome"]) for row in done.rows] == [
        ("2023", "already_there"),
        ("2024", "added"),
    ]
    assert held(ledger).items() >= before.items()
    assert [*held(ledger)] == ["2023", "2024"]


@pytest.mark.parametrize(
    "drawn",
    [
        rounds_of("2023", "12000", "", "35000.01"),
        rounds_of("2023", "12000", "35000"),
        rounds_of("2023", "12000", "0", "35000"),
        rounds_of("2023 2024", "12000", "0", "35000"),
        OLD.replace("income", "income | county")
        .replace("000", "000 | east")
        .replace("| 2023 | \n", "| 2023 | | east\n"),
    ],
    ids=["an income", "fewer", "no income", "with another round", "another column"],
)
def test_fault_49_the_same_name_with_other_households_is_refused(
    run: Run, survey: Survey, ledger: Path, drawn: str
) -> None:
    run("ledger", "add", survey(OLD))
    before = held(ledger)
    done = run("ledger", "add", survey(drawn, "other.csv"))
    assert done.is_refused(5, "@2023", "with other", "remove it first (ledger remove)")
    assert held(ledger) == before
    assert is_tidy(ledger)


def test_fault_49_the_same_households_with_a_column_more_to_keep_are_refused(
    run: Run, survey: Survey, ledger: Path
) -> None:
    town = survey("household_id | survey_round | income | phone\n1 | 2023 | 12000 | 138\n2 | 2023 | 35000 | 139")
    run("ledger", "add", town)
    before = held(ledger)
    assert run("ledger", "add", town, "--keep", "phone").is_refused(5, "@2023", "ledger remove")
    assert held(ledger) == before


@pytest.mark.parametrize("more", [[], ["--keep", "phone"]], ids=["as before", "with a column more"])
def test_fault_49_the_same_households_under_another_name_are_refused_with_the_name_they_have(
    run: Run, survey: Survey, ledger: Path, more: list[str]
) -> None:
    town = survey("household_id | income | phone\n1 | 12000 | 138\n2 | 35000 | 139")
    run("ledger", "add", town, "--round", "2023")
    assert run("ledger", "add", town, "--round", "2024", *more).is_refused(5, "2024", "@2023", "nothing is added twice")
    assert [*held(ledger)] == ["2023"]


def test_fault_49_the_same_households_in_another_file_under_another_name_are_refused(
    run: Run, survey: Survey, ledger: Path
) -> None:
    run("ledger", "add", survey(OLD))
    other = survey(rounds_of("2024", "12000", "", "35000"), "other.csv")
    assert run("ledger", "add", other).is_refused(5, "2024", "@2023")
    assert [*held(ledger)] == ["2023"]
