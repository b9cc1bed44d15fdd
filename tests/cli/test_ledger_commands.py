from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest

import sheets
from cli.test_startup import imported

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
FULL = """
household_id | survey_round | county | township | village | residence | key_group | size | income      | weight | 姓名
007          | 2024         | 东区   | 银江镇   | 沙沟村  | 农村      | 低保家庭  | ３人 | 29,999.9999 | 1.5    | 张三
02           | 2024         | 米易县 |          |         | urban     |           |      | -35.5       | 0      | 李四
3            | 2024         |        |          |         |           |           | 1    |             | 2      | 王五
"""
RECORD = [
    *("format", "name", "rows", "sha256", "size", "columns", "sources", "accounting", "incomes", "key", "version"),
    *("added", "record_sha256"),
]
THREE = """
    household_id | survey_round | county | note | income
    1            | 2022         | 东区   | a    | 20000
    2            | 2022         | 西区   | b    | 50000
    1            | 2023         | 东区   | a    | 30000
    2            | 2023         | 东区   | c    | 35000
    1            | 2024         | 西区   | b    | 29999.9999
    3            | 2024         | 西区   | c    |
"""


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The ledger that the environment names."""
    monkeypatch.setenv("INCOMELADDER_LEDGER", str(tmp_path / "ledger"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "ledger"


def contents(ledger: Path) -> dict[str, bytes]:
    """Everything in a ledger but its lock."""
    files = (path for path in ledger.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(ledger)): path.read_bytes() for path in files}


def data(ledger: Path, name: str = "2024") -> Path:
    return ledger / "rounds" / f"round={name}" / "households.parquet"


def record(ledger: Path, name: str = "2024") -> dict[str, Any]:
    return json.loads((data(ledger, name).parent / "_round.json").read_bytes())


def names(run: Run) -> list[str]:
    return [row["survey_round"] for row in run("ledger", "rounds", "--format", "csv").rows]


def outcomes(done: Outcome) -> dict[str, str]:
    assert done.status == 0, done.err
    return {row["survey_round"]: row["outcome"] for row in done.rows}


def added(run: Run, *argv: str | Path) -> Outcome:
    done = run("ledger", "add", *argv, "--format", "csv")
    assert done.status == 0, done.err
    return done


# what is kept


def test_every_canonical_column_is_kept_as_it_is_understood_and_no_other(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey(FULL))
    kept = pl.read_parquet(data(ledger))
    money, weight = pl.Decimal(18, 4), pl.Decimal(18, 9)
    texts = ("household_id", "county", "township", "village", "residence", "key_group")
    assert dict(kept.schema) == dict.fromkeys(texts, pl.String) | {"size": pl.Int64, "income": money, "weight": weight}
    assert kept.rows() == [
        ("007", "东区", "银江镇", "沙沟村", "rural", "低保家庭", 3, Decimal("29999.9999"), Decimal("1.5")),
        ("02", "米易县", None, None, "urban", None, None, Decimal("-35.5"), Decimal(0)),
        ("3", None, None, None, None, None, 1, None, Decimal(2)),
    ]
    assert [text for text in ("张三", "李四", "姓名") if text.encode() in b"".join(contents(ledger).values())] == []


def test_parts_of_incomes_are_kept_beside_their_sum(run: Run, survey: Draw, ledger: Path) -> None:
    parts = "wage_income | business_income | property_income | transfer_income"
    added(run, survey(f"household_id | {parts}\n1 | 20000 | 9999.9999 | | -0.5\n2 | | | | 0"), "--round", "2024")
    kept = pl.read_parquet(data(ledger))
    assert kept.columns == ["household_id", "income", *parts.split(" | ")]
    assert kept.rows() == [
        ("1", Decimal("29999.4999"), Decimal(20000), Decimal("9999.9999"), None, Decimal("-0.5")),
        ("2", Decimal(0), None, None, None, Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("income", "kept"),
    [
        ("29999.9999", "29999.9999"),
        ("29999.99999999", "29999.9999"),
        ("-0.00001", "-0.0001"),
        ("58807.813046494", "58807.8130"),
        ("99999999999.9999", "99999999999.9999"),
        ("3.85万", "38500"),
        ("无", None),
    ],
)
def test_an_income_is_kept_to_the_ten_thousandth(
    run: Run, survey: Draw, ledger: Path, income: str, kept: str | None
) -> None:
    added(run, survey(f"household_id | income\n1 | {income}\n2 | 50000"), "--round", "2024")
    expected = None if kept is None else Decimal(kept)
    assert pl.read_parquet(data(ledger))["income"].to_list() == [expected, Decimal(50000)]


@pytest.mark.parametrize(("weight", "kept"), [("1.1234567891", "1.123456789"), ("0", "0"), ("99999999", "99999999")])
def test_a_weight_is_kept_to_the_billionth(run: Run, survey: Draw, ledger: Path, weight: str, kept: str) -> None:
    added(run, survey(f"household_id | income | 权数\n1 | 50000 | {weight}"), "--round", "2024", "--weight", "权数")
    assert pl.read_parquet(data(ledger))["weight"].to_list() == [Decimal(kept)]


def test_a_column_that_is_asked_for_is_kept_under_its_heading(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey(FULL), "--keep", "姓名", "--keep", "county", "--keep", "姓名")
    kept = pl.read_parquet(data(ledger))
    assert kept.columns[-2:] == ["weight", "姓名"]
    assert kept["姓名"].to_list() == ["张三", "李四", "王五"]
    assert record(ledger)["columns"] == kept.columns


def test_a_kept_column_makes_groups_and_stands_in_lists(run: Run, survey: Draw) -> None:
    town = survey(THREE)
    added(run, town, "--keep", "note")
    for command in (["bands", "--by", "note"], ["flag", "--tier", "all", "--with", "note"]):
        from_file, kept = (run(*command, place, "--round", "2022", "--format", "json") for place in (town, "@2022"))
        assert kept.json["tables"] == from_file.json["tables"]
    assert run("bands", "@2022", "--by", "姓名").is_refused(2, "姓名", "note")


def test_a_column_to_keep_that_no_file_has_is_refused(run: Run, survey: Draw, ledger: Path) -> None:
    assert run("ledger", "add", survey(THREE), "--keep", "notes").is_refused(2, "notes", "did you mean note?")
    assert contents(ledger) == {}


def test_a_column_to_keep_cannot_take_the_name_of_one_of_ours(run: Run, survey: Draw) -> None:
    assert run("ledger", "add", survey(THREE), "--keep", "survey_round").is_refused(5, "--keep", "survey_round")
    assert names(run) == []


def test_columns_that_the_survey_lacks_are_not_made_up(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey("户编号 | 年收入（万元） | 电话\n1 | 3.85 | 0812"), "--round", "2024")
    assert pl.read_parquet(data(ledger)).rows(named=True) == [{"household_id": "1", "income": Decimal(38500)}]
    assert (record(ledger)["columns"], record(ledger)["key"]) == (["household_id", "income"], None)


# the record


def test_the_record_tells_where_a_round_comes_from_and_how_it_was_counted(run: Run, survey: Draw, ledger: Path) -> None:
    town = survey("household_id | income | size\n1 | 40000 | 3\n2 | | 2\n合计 | 40000 |\n3 | 90000 | 1", "2024.csv")
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    added(run, town)
    told = record(ledger)
    assert list(told) == RECORD
    assert (told["format"], told["name"], told["rows"], told["key"]) == (1, "2024", 3, None)
    content = data(ledger).read_bytes()
    assert (told["sha256"], told["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert told["sources"] == [{"name": "2024.csv", "sha256": hashlib.sha256(town.read_bytes()).hexdigest()}]
    counted = {"rows_read": 4, "accepted": 3, "rejected": 0, "skipped": 1, "missing_income": 1}
    assert told["accounting"] == counted
    assert told["incomes"] == {"missing": 1, "largest": 900_000_000, "typical": pytest.approx(60_000)}
    assert dt.datetime.fromisoformat(told["added"]) >= before


def test_the_report_of_an_import_is_accounted_for(run: Run, survey: Draw, ledger: Path) -> None:
    envelope = run("ledger", "add", survey(FULL), "--keep", "姓名", "--format", "json").json
    assert envelope["report"] == "ledger_add"
    assert envelope["accounting"] == {
        "rows_read": 3,
        "accepted": 3,
        "rejected": 0,
        "skipped": 0,
        "missing_income": 1,
    }
    told = {"rounds": ["2024"], "keep": ["姓名"], "ledger": str(ledger), "weighted": True}
    assert {name: envelope["parameters"][name] for name in told} == told
    (row,) = envelope["tables"]["rounds"]
    assert list(row) == ["survey_round", "outcome", "households", "missing_income", "columns"]
    assert list(row.values())[:4] == ["2024", "added", 3, 1]
    assert row["columns"].endswith("income, weight, 姓名")


# what is read


def drawn_as(tmp_path: Path, kind: str) -> Path:
    """The same three households in a file of this kind."""
    drawn = "户编号 | 县区 | 家庭年收入\n'001 | 东区 | 30000\n'002 | 米易县 |\n'003 | 东区 | 29999.5"
    rows = sheets.drawn(drawn)
    path = tmp_path / f"2024.{kind.removeprefix('gbk.')}"
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    if kind in {"xlsx", "xls", "ods"}:
        sheets.save(path, sheets.Sheet(rows))
    elif kind == "parquet":
        pl.read_csv(io.StringIO(text), infer_schema=False).write_parquet(path)
    else:
        path.write_bytes(text.encode("gbk" if kind == "gbk.csv" else "utf-8"))
    return path


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "parquet", "csv", "gbk.csv"])
def test_a_round_is_the_same_whatever_kind_of_file_it_comes_in(
    run: Run, tmp_path: Path, ledger: Path, kind: str
) -> None:
    added(run, drawn_as(tmp_path, kind))
    assert pl.read_parquet(data(ledger)).rows() == [
        ("001", "东区", Decimal(30000)),
        ("002", "米易县", None),
        ("003", "东区", Decimal("29999.5")),
    ]


def test_persons_become_households(run: Run, survey: Draw, ledger: Path) -> None:
    roster = """
        户编号 | 姓名 | 县区 | 家庭人口数 | 收入
        1      | 甲   | 东区 | 2          | 20000
        2      | 乙   | 西区 | 1          | 5000.5
        1      | 丙   | 东区 | 2          | 9999.9999
    """
    done = run("ledger", "add", survey(roster), "--level", "person", "--round", "2024", "--format", "json")
    kept = pl.read_parquet(data(ledger)).select("household_id", "county", "size", "income")
    assert kept.rows() == [("1", "东区", 2, Decimal("29999.9999")), ("2", "西区", 1, Decimal("5000.5"))]
    assert done.json["accounting"]["rows_read"] == 3
    assert done.json["accounting"]["households"] == record(ledger)["rows"] == 2
    assert run("ledger", "verify", "--format", "csv").rows[0]["state"] == "sound"
    assert run("bands", "@2024", "--format", "json").json["tables"]["bands"][2]["households"] == 1


def test_an_option_names_the_unit(run: Run, survey: Draw, ledger: Path) -> None:
    town = survey("household_id | income\n1 | 2.99999999\n2 | 5")
    assert run("ledger", "add", town, "--round", "2024").is_refused(3, "--unit")
    added(run, town, "--round", "2024", "--unit", "wan")
    assert pl.read_parquet(data(ledger))["income"].to_list() == [Decimal("29999.9999"), Decimal(50000)]


def test_several_files_are_one_round(run: Run, survey: Draw, ledger: Path) -> None:
    towns = [survey(f"household_id | income\n{name} | 50000", f"{name}.csv") for name in ("c", "a", "b")]
    assert outcomes(added(run, *towns, "--round", "2024")) == {"2024": "added"}
    assert pl.read_parquet(data(ledger))["household_id"].to_list() == ["a", "b", "c"]
    assert [source["name"] for source in record(ledger)["sources"]] == ["c.csv", "a.csv", "b.csv"]


def test_a_folder_names_the_round(run: Run, survey: Draw, ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "2024").mkdir()
    for name in ("b", "a"):
        survey(f"household_id | income\n{name} | 50000", f"2024/{name}.csv")
    assert outcomes(added(run, "2024")) == {"2024": "added"}
    assert [source["name"] for source in record(ledger)["sources"]] == ["a.csv", "b.csv"]


def test_standard_input_is_read(run: Run, ledger: Path) -> None:
    done = run("ledger", "add", "-", "--round", "2024", stdin="household_id,income\n1,50000\n".encode("utf-8-sig"))
    assert (done.status, pl.read_parquet(data(ledger)).height) == (0, 1)


def test_a_round_of_another_ledger_is_a_file_like_any(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey(THREE), "--keep", "note")
    added(run, ledger / "rounds", "--keep", "note", "--ledger", "copy")
    copied = {name: content for name, content in contents(Path("copy")).items() if name.endswith(".parquet")}
    assert copied == {name: content for name, content in contents(ledger).items() if name.endswith(".parquet")}
    assert len(copied) == 3


# all or none, and strictly


def test_a_file_of_several_rounds_adds_them_all(run: Run, survey: Draw, ledger: Path) -> None:
    assert outcomes(added(run, survey(THREE))) == dict.fromkeys(("2022", "2023", "2024"), "added")
    assert sorted(path.name for path in ledger.iterdir()) == [".lock", "rounds"]
    assert names(run) == ["2022", "2023", "2024"]


def test_an_option_chooses_among_several_rounds(run: Run, survey: Draw) -> None:
    town = survey(THREE)
    assert outcomes(added(run, town, "--round", "2023")) == {"2023": "added"}
    assert outcomes(added(run, town, "--round", "2022")) == {"2022": "added"}
    assert set(outcomes(added(run, town, "--round", "2022", "--round", "2023")).values()) == {"already_there"}
    assert outcomes(added(run, town)) == {"2022": "already_there", "2023": "already_there", "2024": "added"}
    assert run("ledger", "add", town, "--round", "2025").is_refused(3, "2025", "2022, 2023, 2024")


@pytest.mark.parametrize(
    ("row", "mentioned"),
    [
        ("4 | 2022 | 东区 | a | abc", "abc"),
        ("1 | 2022 | 东区 | a | 20000", "more than once"),
        (" | 2022 | 东区 | a | 20000", "household_id"),
        ("4 | | 东区 | a | 20000", "survey_round"),
        ("4 | 2022 | 东区 | a", "4"),
    ],
)
def test_a_row_that_cannot_be_used_leaves_the_ledger_as_it_was(
    run: Run, survey: Draw, ledger: Path, row: str, mentioned: str
) -> None:
    added(run, survey(THREE), "--round", "2024")
    before = contents(ledger)
    done = run("ledger", "add", survey(f"{THREE.rstrip()}\n{row}", "town.csv"))
    assert (done.status, done.out) == (3, "")
    assert mentioned in done.err
    assert contents(ledger) == before
    assert sorted(path.name for path in ledger.iterdir()) == [".lock", "rounds"]


def test_a_round_that_contradicts_the_ledger_keeps_the_others_out_too(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey("household_id | income\n1 | 30000.0001", "2023.csv"))
    before = contents(ledger)
    assert run("ledger", "add", survey(THREE)).is_refused(5, "@2023", "ledger remove")
    assert contents(ledger) == before


def test_every_contradiction_is_told_at_once(run: Run, survey: Draw) -> None:
    added(run, survey(THREE))
    done = run("ledger", "add", survey(THREE.replace("20000", "20001").replace("35000", "35001"), "other.csv"))
    assert (done.status, done.out) == (5, "")
    assert [line.split(":")[1] for line in done.err.splitlines()] == [" @2022", " @2023"]


def test_bad_rows_of_a_round_that_is_not_wanted_stop_nothing(run: Run, survey: Draw) -> None:
    town = survey(f"{THREE.rstrip()}\n9 | 2022 | 东区 | a | abc")
    done = added(run, town, "--round", "2024")
    assert outcomes(done) == {"2024": "added"}
    assert "2022, 2023" in done.err


def test_rows_are_left_out_only_when_that_is_said(run: Run, survey: Draw, ledger: Path, tmp_path: Path) -> None:
    town = survey("household_id | income\n1 | abc\n2 | 50000\n2 | 50000\n3 | 60000")
    assert run("ledger", "add", town, "--round", "2024", "--rejects", "rejects.csv").status == 3
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").count("\n") == 4
    done = run(
        "ledger", "add", town, "--round", "2024", "--skip-invalid", "--rejects", "rejects.csv", "--format", "json"
    )
    counted = {"rows_read": 4, "accepted": 1, "rejected": 3, "skipped": 0, "missing_income": 0}
    assert done.json["accounting"] == record(ledger)["accounting"] == counted
    assert pl.read_parquet(data(ledger))["household_id"].to_list() == ["3"]
    rejects = csv.DictReader((tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines())
    assert [row["row"] for row in rejects] == ["2", "3", "4"]
    more = ["--round", "2025", "--skip-invalid", "--fail-on", "rejects"]
    assert run("ledger", "add", town, *more).status == 5  # the same file under another name


def test_headings_alone_are_no_round(run: Run, survey: Draw, ledger: Path) -> None:
    assert run("ledger", "add", survey("household_id | income", "2024.csv")).is_refused(3, "2024.csv")
    assert contents(ledger) == {}


def test_a_survey_without_ids_is_refused(run: Run, survey: Draw) -> None:
    assert run("ledger", "add", survey("income | county\n50000 | 东区")).is_refused(3, "household_id", "ledger add")


# same or not


def test_the_same_content_is_there_already(run: Run, survey: Draw, ledger: Path) -> None:
    town = survey(THREE)
    added(run, town)
    before = contents(ledger)
    assert set(outcomes(added(run, town)).values()) == {"already_there"}
    assert contents(ledger) == before
    assert run("ledger", "add", town, "--quiet").out == ""


def test_the_same_content_under_another_name_is_refused(run: Run, survey: Draw, ledger: Path) -> None:
    drawing = "household_id | income\n1 | 50000\n2 | 60000"
    added(run, survey(drawing, "2023.csv"))
    before = contents(ledger)
    assert run("ledger", "add", survey(drawing, "2024.csv")).is_refused(5, "2024", "@2023")
    turned = survey("income | household_id\n60000 | 2\n50000 | 1", "2025.csv")
    assert run("ledger", "add", turned).is_refused(5, "2025", "@2023")
    assert contents(ledger) == before


def test_a_file_that_is_one_round_cannot_be_another_read_otherwise(run: Run, survey: Draw) -> None:
    town = survey("household_id | income | note\n1 | 50000 | a\n2 | 60000 | b", "2023.csv")
    added(run, town)
    assert run("ledger", "add", town, "--round", "2024", "--keep", "note").is_refused(5, "2024", "@2023")
    assert names(run) == ["2023"]


def test_rounds_of_one_file_that_are_alike_are_two_rounds(run: Run, survey: Draw) -> None:
    town = survey("household_id | survey_round | income\n1 | 2023 | 50000\n1 | 2024 | 50000")
    assert outcomes(added(run, town)) == {"2023": "added", "2024": "added"}


@pytest.mark.parametrize("name", ["../../x", "a/b", "latest", ".", "a=b", "x" * 65, "2024\x1b[31m"])
def test_a_name_that_no_folder_should_have_is_refused(run: Run, survey: Draw, ledger: Path, name: str) -> None:
    done = run("ledger", "add", survey("household_id | income\n1 | 50000"), "--round", name)
    assert done.is_refused(5, "no round of the ledger can have this name")
    assert "\x1b" not in done.err
    assert contents(ledger) == {}


@pytest.mark.parametrize("unit", ["yuan", "wan"])
def test_incomes_that_differ_from_the_round_before_as_units_do_are_doubted(run: Run, survey: Draw, unit: str) -> None:
    added(run, survey("household_id | income\n1 | 38500\n2 | 52000", "2023.csv"))
    later = "household_id | income\n1 | 40000\n2 | 53000" if unit == "yuan" else "household_id | income\n1 | 4\n2 | 5.3"
    done = run("ledger", "add", survey(later, "2024.csv"), "--unit", "yuan", "--format", "json")
    doubts = [note for note in done.json["notes"] if "2023" in note]
    assert [("WARNING" in note, "2024" in note, "万元" in note) for note in doubts] == [(True,) * 3] * (unit == "wan")


# other readers


def test_polars_reads_the_rounds_as_they_lie(run: Run, ledger: Path) -> None:
    added(run, SAMPLE)
    scanned = pl.scan_parquet(f"{ledger}/rounds/**/households.parquet", hive_partitioning=True).collect()
    read = pl.read_csv(SAMPLE, schema_overrides={"household_id": pl.String, "income": pl.Decimal(18, 4)})
    key = ["round", "household_id"]
    theirs = scanned.with_columns(pl.col("round").cast(pl.String)).select(*key, "income").sort(key)
    ours = read.select(pl.col("survey_round").cast(pl.String).alias("round"), "household_id", "income").sort(key)
    assert theirs.equals(ours)
    for (name,), rows in scanned.group_by("round", maintain_order=True):
        assert rows["household_id"].is_sorted(), name


def test_duckdb_reads_the_rounds_as_they_lie(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey(THREE))
    rounds = duckdb.read_parquet(f"{ledger}/rounds/**/households.parquet", hive_partitioning=True)
    exact = "DECIMAL(18,4)"
    assert rounds.select("round::text, household_id, income, typeof(income)").order("1, 2").fetchall() == [
        ("2022", "1", Decimal(20000), exact),
        ("2022", "2", Decimal(50000), exact),
        ("2023", "1", Decimal(30000), exact),
        ("2023", "2", Decimal(35000), exact),
        ("2024", "1", Decimal("29999.9999"), exact),
        ("2024", "3", None, exact),
    ]


# @ROUND wherever a survey is taken


AS_FROM_THE_FILE = {
    "bands @2024": "bands FILE",
    "bands @latest": "bands FILE",
    "bands @2022 --by county --by residence": "bands FILE --round 2022 --by county --by residence",
    "bands @2022 @2024 @2023 --round all": "bands FILE --round all",
    "bands @* --round all --by key_group": "bands FILE --round all --by key_group",
    "bands @*": "bands FILE",
    "bands @* --round 2023": "bands FILE --round 2023",
    "bands @2023 --step 5000 --top 50000": "bands FILE --round 2023 --step 5000 --top 50000",
    "flag @2024 --tier all --with weight": "flag FILE --tier all --with weight",
    "flag @202[34] --round all --by township": "flag FILE --round 2023 --round 2024 --by township",
    "transitions @2023 @2024 --movers all": "transitions FILE --movers all",
    "transitions @2022 @2024 --by county": "transitions FILE --from 2022 --to 2024 --by county",
    "transitions @2024 @2023": "transitions FILE --from 2024 --to 2023",
    "transitions @2022 @2023 --from 2022 --to 2023": "transitions FILE --to 2023",
    "transitions @*": "transitions FILE",
    "transitions @* --from 2022 --movers rose": "transitions FILE --from 2022 --movers rose",
    "check @2022": "check FILE --round 2022",
}


@pytest.mark.parametrize(("kept", "read"), AS_FROM_THE_FILE.items(), ids=AS_FROM_THE_FILE)
def test_a_kept_round_makes_the_report_that_its_file_makes(run: Run, kept: str, read: str) -> None:
    added(run, SAMPLE)
    one, other = (run(*words.replace("FILE", str(SAMPLE)).split(), "--format", "json").json for words in (kept, read))
    assert one["tables"] == other["tables"]
    assert one["accounting"] == other["accounting"]


def test_a_kept_round_and_files_are_one_survey(run: Run, survey: Draw) -> None:
    town = survey(THREE)
    added(run, town, "--round", "2022")
    later = survey("household_id | county | income\n1 | 东区 | 30000\n2 | 东区 | 35000", "2023.csv")
    mixed = run("bands", "@2022", later, "--round", "all", "--by", "county", "--format", "json").json
    read = run("bands", town, "--round", "2022", "--round", "2023", "--by", "county", "--format", "json").json
    assert mixed["tables"] == read["tables"]
    assert run("bands", "@2022", town, "--round", "2022").status == 3  # every household stands twice


@pytest.mark.parametrize("words", [("@2022", "town.csv"), ("@2022", "town.csv", "--from", "2022", "--to", "2024")])
def test_a_kept_round_is_compared_with_a_file(run: Run, survey: Draw, words: tuple[str, ...]) -> None:
    town = survey(THREE)
    added(run, town, "--round", "2022")
    mixed = run("transitions", *words, "--movers", "all", "--by", "county", "--format", "json").json
    read = run(
        *("transitions", town, "--from", "2022", "--to", "2024", "--movers", "all"),
        *("--by", "county", "--format", "json"),
    ).json
    assert mixed["tables"] == read["tables"]
    back = run("transitions", "town.csv", "@2022", "--from", "2024", "--format", "json")
    assert back.json["parameters"]["from"] == "2024"


def test_weights_that_were_kept_are_used_by_themselves(run: Run, survey: Draw) -> None:
    town = survey("household_id | income | 权数\n1 | 20000 | 3\n2 | 50000 | 1", "2024.csv")
    added(run, town, "--weight", "权数")
    kept = run("bands", "@2024", "--format", "json").json
    assert kept["parameters"]["weighted"] is True
    assert kept["tables"]["summary"][0]["below_floor_share"] == 0.75
    assert kept["tables"] == run("bands", town, "--weight", "权数", "--format", "json").json["tables"]


def test_an_unknown_round_is_refused_with_those_there_are(run: Run, survey: Draw) -> None:
    added(run, survey(THREE))
    for words in (["bands", "@2030"], ["flag", "@2030"], ["check", "@2030"], ["transitions", "@2022", "@2030"]):
        assert run(*words).is_refused(3, "2030", "2022, 2023, 2024")
    assert run("bands", "@203*").is_refused(3, "203*")
    assert run("bands", "@2022", "@2022").is_refused(3, "@2022")
    assert run("transitions", "@2022", "@2022").status == 3


@pytest.mark.parametrize("name", ["2024", "latest", "*"])
def test_an_empty_ledger_is_said_to_be_empty(run: Run, ledger: Path, name: str) -> None:
    assert run("bands", f"@{name}").is_refused(3, str(ledger), "ledger add")
    assert not ledger.exists()


def test_a_file_whose_name_begins_like_a_round_is_read_by_its_path(run: Run, survey: Draw, tmp_path: Path) -> None:
    survey("household_id | income\n1 | 50000", "@x")
    assert run("bands", "./@x").status == run("bands", tmp_path / "@x").status == 0
    assert run("bands", "@x").status == 3


# where the ledger is


def test_the_ledger_is_the_one_named_by_option_then_environment_then_in_the_data_folder(
    run: Run, survey: Draw, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns = [survey(f"household_id | income\n1 | 5000{year}", f"{year}.csv") for year in (2022, 2023, 2024)]
    added(run, towns[0], "--ledger", "elsewhere")
    added(run, towns[1])
    monkeypatch.delenv("INCOMELADDER_LEDGER")
    added(run, towns[2])
    places = {"elsewhere": "2022", ledger.name: "2023", "home/incomeladder/ledger": "2024"}
    assert {place: [path.name for path in (tmp_path / place / "rounds").iterdir()] for place in places} == {
        place: [f"round={name}"] for place, name in places.items()
    }
    assert run("bands", "@2024").status == 0
    assert run("bands", "@2022", "--ledger", "elsewhere").status == 0
    assert run("bands", "@2022").is_refused(3, "2024")
    assert run("bands", "@2022", "--ledger", "").is_refused(2, "--ledger")
    monkeypatch.setenv("INCOMELADDER_LEDGER", "")
    assert run("bands", "@2024").is_refused(2, "INCOMELADDER_LEDGER")
    assert run("bands", SAMPLE).status == 0


# rounds, verify, export, remove


def test_rounds_are_listed(run: Run, survey: Draw) -> None:
    added(run, survey(FULL, "2024.csv"), "--keep", "姓名")
    added(run, survey("household_id | income\n1 | 50000", "2023.csv"))
    first, second = run("ledger", "rounds", "--format", "json").json["tables"]["rounds"]
    assert list(first) == [
        *("survey_round", "state", "households", "missing_income", "weighted", "pseudonymised", "added", "version"),
        *("sources", "columns"),
    ]
    assert list(first.values())[:6] == ["2023", "sound", 1, 0, False, False]
    assert list(second.values())[:6] == ["2024", "sound", 3, 1, True, False]
    assert (second["sources"], second["columns"].split(", ")[-1]) == ("2024.csv", "姓名")


@pytest.mark.parametrize("command", ["rounds", "verify"])
@pytest.mark.parametrize(("language", "sentence"), [("en", "no ledger"), ("zh", "没有台账")])
def test_of_a_ledger_that_is_not_there_nothing_is_said_to_be_sound(
    run: Run, ledger: Path, command: str, language: str, sentence: str
) -> None:
    assert run("ledger", command, "--quiet", "--lang", language).is_refused(5, sentence, str(ledger))
    assert not ledger.exists()


@pytest.mark.parametrize(("language", "sentence"), [("en", "The ledger holds no rounds."), ("zh", "台账中没有轮次")])
def test_an_empty_ledger_is_listed_as_such(run: Run, survey: Draw, language: str, sentence: str) -> None:
    added(run, survey("household_id | income\n1 | 50000", "2024.csv"))
    assert run("ledger", "remove", "2024", "--yes").status == 0
    done = run("ledger", "rounds", "--lang", language)
    assert (done.status, done.err) == (0, "")
    assert sentence in done.out


def test_a_sound_ledger_is_said_to_be_sound(run: Run, survey: Draw) -> None:
    added(run, survey(THREE))
    envelope = run("ledger", "verify", "--format", "json").json
    assert envelope["tables"] == {
        "rounds": [
            {"survey_round": name, "state": "sound", "households": 2, "faults": None}
            for name in ("2022", "2023", "2024")
        ],
        "log": [{"state": "sound", "notes": 0}],
    }
    assert envelope["notes"] == []
    done = run("ledger", "verify", "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_an_export_tells_the_round_and_its_amounts_without_needless_zeros(run: Run, survey: Draw) -> None:
    added(run, survey(FULL), "--keep", "姓名")
    assert run("ledger", "export", "2024").out == (
        "household_id,survey_round,county,township,village,residence,key_group,size,income,weight,姓名\n"
        "007,2024,东区,银江镇,沙沟村,rural,低保家庭,3,29999.9999,1.5,张三\n"
        "02,2024,米易县,,,urban,,,-35.5,0,李四\n"
        "3,2024,,,,,,1,,2,王五\n"
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_export_makes_the_same_round_in_another_ledger(run: Run, ledger: Path, suffix: str) -> None:
    added(run, SAMPLE)
    for name in ("2022", "2024"):
        done = run("ledger", "export", name, "--output", f"{name}.{suffix}")
        assert (done.status, done.out) == (0, "")
        added(run, f"{name}.{suffix}", "--ledger", "copy")
        assert data(Path("copy"), name).read_bytes() == data(ledger, name).read_bytes()


def test_an_exported_parquet_file_has_exact_amounts(run: Run, survey: Draw) -> None:
    added(run, survey(FULL))
    run("ledger", "export", "2024", "--output", "x.parquet")
    kept = pl.read_parquet("x.parquet")
    assert (kept.schema["income"], kept.schema["weight"]) == (pl.Decimal(18, 4), pl.Decimal(18, 9))
    assert kept["survey_round"].to_list() == ["2024"] * 3


def test_an_export_is_asked_for_as_files_are(run: Run, survey: Draw) -> None:
    added(run, survey(THREE))
    assert run("ledger", "export", "2030").is_refused(3, "2030", "2022, 2023, 2024")
    assert run("ledger", "export", "2024", "--output", "x.json").is_refused(2, "x.json", "csv, parquet")
    assert run("ledger", "export", "2024", "--format", "parquet").is_refused(2, "--output")
    assert run("ledger", "export", "2024", "--output", "no/such/x.csv").is_refused(5, "no/such/x.csv")
    assert run("ledger", "export", "2024", "--format", "csv").out == run("ledger", "export", "latest").out


def test_a_round_is_removed_when_that_is_certain(run: Run, survey: Draw, ledger: Path) -> None:
    added(run, survey(THREE))
    done = run("ledger", "remove", "2023", "--yes")
    assert (done.status, done.out, done.err) == (0, "", "removed @2023\n")
    assert names(run) == ["2022", "2024"]
    assert sorted(path.name for path in ledger.iterdir()) == [".lock", "rounds"]
    assert run("ledger", "remove", "2023", "--yes").is_refused(3, "2023", "2022, 2024")
    assert run("ledger", "remove", "2022", "--yes", "--quiet").err == ""
    assert outcomes(added(run, "town.csv")) == {"2022": "added", "2023": "added", "2024": "already_there"}


@pytest.mark.parametrize("stdin", [b"", b"y\n", b"yes\n"])
def test_nothing_is_removed_where_nobody_can_be_asked(run: Run, survey: Draw, ledger: Path, stdin: bytes) -> None:
    added(run, survey(THREE))
    before = contents(ledger)
    assert run("ledger", "remove", "2023", stdin=stdin).is_refused(2, "@2023", "--yes")
    assert contents(ledger) == before


# start-up


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["ledger", "--help"], ["ledger", "watch", "--help"]])
def test_help_imports_nothing_that_only_the_ledger_needs(arguments: list[str]) -> None:
    assert imported(*arguments) & {"polars", "filelock", "platformdirs", "pydantic"} == set()


def test_a_named_ledger_is_found_without_platformdirs() -> None:
    assert imported("ledger", "remove", "2024", "--ledger", "x") & {"polars", "filelock", "platformdirs"} == set()
