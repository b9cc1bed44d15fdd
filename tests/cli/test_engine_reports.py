"""Reports are the same to the byte whichever engine counts; what is not clean is refused by all but polars."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clusters import cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
SRC = Path(__file__).parents[2] / "src"
REPORTS = (
    *("bands", "bands --round all --by county --by residence", "bands --step 2500 --by township"),
    *("flag", "flag --tier all --round all --by county --with village"),
    *("transitions", "transitions --by county", "transitions --movers all --from 2022 --to 2023"),
)
ON_SPARK = ("bands --by county", "flag --tier all", "transitions --by county --movers all")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, as other engines want it."""
    place = tmp_path_factory.mktemp("clean") / "clean.parquet"
    command = [sys.executable, "-m", "incomeladder", "check", str(SAMPLE), "--output", str(place)]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": os.defpath, "PYTHONPATH": str(SRC)})  # noqa: S603
    return place


@pytest.fixture
def ledger(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    assert run("ledger", "add", SAMPLE).status == 0


@pytest.mark.parametrize("report", REPORTS)
def test_duckdb_makes_the_same_report_of_csv_and_of_parquet(run: Run, clean: Path, report: str) -> None:
    name, *more = report.split()
    for file in (SAMPLE, clean):
        wanted, done = (run(name, file, *more, "--format", "json", *how) for how in ((), ("--engine", "duckdb")))
        assert (done.status, done.out, done.err) == (0, wanted.out, "")


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("report", ["bands @*", "flag @latest --tier all", "transitions @2023 @2024 --by county"])
def test_duckdb_makes_the_same_report_of_the_ledger(run: Run, report: str) -> None:
    wanted, done = (run(*report.split(), "--format", "json", *how) for how in ((), ("--engine", "duckdb")))
    assert (done.status, done.out) == (0, wanted.out)


@pytest.mark.spark
@pytest.mark.usefixtures("ledger")
@pytest.mark.skipif(shutil.which("java") is None and "CI" not in os.environ, reason="no Java")
@pytest.mark.parametrize("report", [*ON_SPARK, "transitions @2023 @2024"])
def test_spark_makes_the_same_report(run: Run, clean: Path, report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    name, *more = report.split()
    words = [name, *more] if "@2023" in more else [name, SAMPLE if name == "bands" else clean, *more]
    wanted, done = (
        run(*words, "--format", "json", *how) for how in ((), ("--engine", "spark", "--master", "local[2]"))
    )
    assert (done.status, done.out, done.err) == (0, wanted.out, "")


@pytest.mark.cluster
def test_a_cluster_of_two_workers_makes_the_same_report(run: Run, clean: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SRC), "SPARK_LOCAL_IP": "127.0.0.1"}
    with cluster(tmp_path) as master:
        for report in ON_SPARK:
            name, *more = report.split()
            words = [name, str(clean), *more, "--format", "json"]
            command = [sys.executable, "-m", "incomeladder", *words, "--engine", "spark", "--master", master]
            done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)  # noqa: S603
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout == run(*words).out


DIRTY = {
    "an amount": "household_id | income\n1 | 3.85万\n2 | 5",
    "an exponent": "household_id | income\n1 | 1e5\n2 | 5",
    "an id": "household_id | income\n０1 | 5\n2 | 5",
    "a copy": "household_id | income\n1 | 5\n1 | 6",
    "a short row": "household_id | size | income\n1 | 3 | 50000\n2",
    "a place": "household_id | county | income\n1 | 小计 | 50000",
    "a residence": "household_id | residence | income\n1 | somewhere | 50000",
    "parts": "household_id | wage_income | transfer_income\n1 | 5 | 50000",
}


@pytest.mark.parametrize("drawn", DIRTY.values(), ids=DIRTY)
def test_what_is_not_clean_is_refused_and_not_half_read(run: Run, survey: Draw, drawn: str) -> None:
    for report in ("bands", "flag"):
        assert run(report, survey(drawn), "--engine", "duckdb").is_refused(3, "duckdb")


def test_rows_without_ids_cannot_be_counted_elsewhere(run: Run, survey: Draw) -> None:
    assert run("bands", survey("income\n50000"), "--engine", "duckdb").is_refused(3, "duckdb")


def test_a_workbook_has_to_be_cleaned_first(run: Run, tmp_path: Path) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415

    with Workbook(tmp_path / "2024.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["household_id", "1"])
        book.worksheets()[0].write_column(0, 1, ["income", 50000])
    assert run("bands", "2024.xlsx", "--engine", "duckdb").is_refused(3, "check --output clean.parquet")


@pytest.mark.parametrize(
    "how", [["--master", "spark://h:1"], ["--engine", "duckdb", "--master", "spark://h:1"]], ids=str
)
def test_a_master_without_spark_is_a_mistake(run: Run, how: list[str]) -> None:
    assert run("bands", SAMPLE, *how).is_refused(2, "--engine spark")


def test_an_engine_that_nobody_knows_is_a_mistake(run: Run) -> None:
    assert run("bands", SAMPLE, "--engine", "abacus").is_refused(2, "abacus")
