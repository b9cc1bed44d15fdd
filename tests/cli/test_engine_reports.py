"""Reports are the same to the byte whichever engine counts; what is not clean is refused by all but polars."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
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
}


@pytest.mark.parametrize("drawn", DIRTY.values(), ids=DIRTY)
def test_what_is_not_clean_is_refused_and_not_half_read(run: Run, survey: Draw, drawn: str) -> None:
    for report in ("bands", "flag"):
        assert run(report, survey(drawn), "--engine", "duckdb").is_refused(3, "duckdb")


IN_PARTS = (
    """
    户编号   | 县区 | 工资性收入 | 经营净收入 | 财产净收入 | 转移净收入 | 家庭年收入 | 人口数
    银江-001 | 东区 | 10000      | 5000       | 0          | 3000       | 18000      | 3
    沙沟/2   | 东区 | 30000      |            |            |            |            | 1200
    12.0     | 西区 | 20000      | 10000      | 0          | 4000       |            | 2
    +5       | 西区 | 1000       | 2000       | 3000       | 4000       | 99000      | 4
    """,
    """
    id | county | wage_income | transfer_income
    1  | 东区   | 18000.5     | 2000
    2  | 东区   |             |
    3  | 西区   | 35000       |
    4  | 西区   |             | -3
    """,
)


@pytest.mark.parametrize("drawn", IN_PARTS, ids=["with totals", "without totals"])
def test_incomes_in_parts_are_added_up_by_any_engine(run: Run, survey: Draw, tmp_path: Path, drawn: str) -> None:
    town = survey(drawn)
    assert run("check", town, "--output", tmp_path / "town.parquet").status == 0
    for report in ("bands --by county", "flag --tier all"):
        for file in (town, tmp_path / "town.parquet"):
            wanted, done = (
                run(*report.split(), file, "--format", "json", *how) for how in ((), ("--engine", "duckdb"))
            )
            assert (done.status, done.out) == (0, wanted.out)


def test_what_has_to_be_cleaned_is_told_by_its_headings(run: Run, survey: Draw) -> None:
    town = survey("地点 | 户编号 | 年收入 | 备注\n合计 | 1 | 1e5 | -\n东区 | 1 | 3万 | x")
    refused = run("bands", town, "--engine", "duckdb", "--by", "备注")
    assert (refused.status, refused.out) == (3, "")
    assert "年收入 2, 备注 1, 地点 1" in refused.err
    assert "cannot choose: 1;" in refused.err
    assert "_first" not in refused.err


@pytest.mark.parametrize("master", ["spark://127.0.0.1:1", "spark://nowhere.invalid:7077,127.0.0.1:1"])
def test_a_master_where_nobody_listens_is_told_at_once(run: Run, master: str) -> None:
    assert run("bands", SAMPLE, "--engine", "spark", "--master", master).is_refused(2, master, "127.0.0.1:1")


@pytest.mark.parametrize("master", ["local[x]", "spark://127.0.0.1", "no-such-thing", ""])
def test_a_master_that_is_none_is_a_mistake(run: Run, master: str) -> None:
    assert run("bands", SAMPLE, "--engine", "spark", "--master", master).is_refused(2, master, "spark://HOST:PORT")


@pytest.mark.parametrize("master", ["spark://a..b:7077", "spark://localhost:99999"])
def test_an_address_that_none_can_be_is_a_mistake(run: Run, master: str) -> None:
    assert run("bands", SAMPLE, "--engine", "spark", "--master", master).is_refused(2, master)


@pytest.mark.spark
@pytest.mark.parametrize(("name", "told"), [("JAVA_HOME", "Java 17"), ("SPARK_HOME", "/nonexistent")])
def test_what_spark_lacks_is_told(process: Run, name: str, told: str) -> None:
    done = process("bands", SAMPLE, "--engine", "spark", env={name: "/nonexistent"})
    assert done.is_refused(2, told)


LABELS = (("2023年", "2024年"), ("第一轮", "第二轮"), ("ab", "cd"), ("2023", "2024年"), ("summer 1", "summer 2"))


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("how", [(), ("--engine", "duckdb"), ("--memory", "100KB")], ids=str)
def test_rounds_of_one_file_keep_apart_whatever_they_are_called(
    run: Run, survey: Draw, labels: tuple[str, str], how: tuple[str, ...]
) -> None:
    one, two = labels
    rows = f"1 | 12000 | {one}\n2 | 35000 | {two}\n1 | 35000 | {two}\n2 | 50000 | {one}"
    town = survey(f"household_id | income | survey_round\n{rows}")
    moved = run("transitions", town, "--format", "csv", "--quiet", *how)
    matrix = [line for line in moved.out.splitlines() if not line.endswith(",0,0,0") and ",0,0," not in line]
    assert {"10000-20000,30000-40000,1,1,1", "50000-60000,30000-40000,1,1,1"} <= set(matrix)
    if "--memory" not in how:
        assert run("flag", town, "--tier", "all", *how).status == 0
        assert run("flag", town, "--tier", "all", "--round", one, *how, "--format", "csv").out.count("\n") == 2


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals as Unix has them")
@pytest.mark.parametrize(
    ("engine", "delay"), [("duckdb", 0), *(pytest.param("spark", delay, marks=pytest.mark.spark) for delay in (0.5, 5))]
)
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=lambda end: end.name)
def test_a_count_elsewhere_can_be_interrupted(
    run: Run, tmp_path: Path, engine: str, delay: float, end: signal.Signals
) -> None:
    assert run("sample", "--households", "3000000", "--rounds", "2024", "--output", "2024.csv").status == 0
    command = [sys.executable, "-m", "incomeladder", "flag", "2024.csv", "--engine", engine, "--output", "out.csv"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True) as working:  # noqa: S603
        while not any((tmp_path / "tmp").iterdir()):
            time.sleep(0.01)
        time.sleep(delay)
        working.send_signal(end)
        told = working.communicate()[1]
    assert (working.returncode, told) == (130, "error: interrupted; nothing was written\n")
    assert not Path("out.csv").exists()


@pytest.mark.parametrize(
    ("engine", "shown"), [("duckdb", "PARQUET_SCAN"), pytest.param("spark", "Physical Plan", marks=pytest.mark.spark)]
)
def test_the_plan_of_an_engine_is_shown_beside_the_report(run: Run, clean: Path, engine: str, shown: str) -> None:
    done = run("bands", clean, "--engine", engine, "--explain-plan")
    assert (done.status, done.out) == (0, run("bands", clean).out)
    assert shown in done.err


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


@pytest.mark.spark
@pytest.mark.skipif(shutil.which("java") is None and "CI" not in os.environ, reason="no Java")
def test_spark_finds_a_chinese_file_in_a_plain_locale(tmp_path: Path) -> None:
    town = tmp_path / "二〇二四年.csv"
    town.write_text("household_id,income\n1,20000\n", "utf-8")
    command = [sys.executable, "-m", "incomeladder", "bands", str(town), "--round", "2024", "--engine", "spark"]
    plain = {**os.environ, "PYTHONPATH": str(SRC), "LC_ALL": "C", "PYTHONUTF8": "1"}
    done = subprocess.run([*command, "--format", "csv"], check=False, capture_output=True, env=plain)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
