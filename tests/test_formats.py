from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW
from incomeladder.intake.reading import Reading
from incomeladder.intake.settle import settle
from incomeladder.intake.survey import Survey
from incomeladder.intake.workspace import Workspace
from incomeladder.render.data import json_text
from incomeladder.render.wording import Words
from sheets import SUFFIXES, Sheet, drawn, save

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

TOWN = """
    户编号 | 年度 | 县区   | 城乡 | 家庭人口数 | 家庭年收入 | 权重 | 登记日期
    '0101  | 2023 | 东区   | 城镇 | 3          | 12000      | 1.5  | 2023-05-01
    '0102  | 2023 | 东区   | 农村 | 2          | 29999.99   | 1    | 2023-05-02
    '0103  | 2023 | 米易县 | 农村 | 4          | 30000      | 2    | 2023-05-03
    '0104  | 2023 | 米易县 | 农村 | 1          |            | 1    | 2023-05-04
    '0101  | 2024 | 东区   | 城镇 | 3          | 31000.5    | 1.5  | 2024-05-01
    '0102  | 2024 | 东区   | 农村 | 2          | -0.01      | 1    | 2024-05-02
    '0103  | 2024 | 米易县 | 农村 | 4          | 100000     | 2    | 2024-05-03
    '0105  | 2024 | 仁和区 | 城镇 | 5          | 39999.99   | 0.25 | 2024-05-05
"""
HEADINGS, *CELLS = drawn(TOWN)
ENGLISH = ("household_id", "survey_round", "county", "residence", "size", "income", "weight", "registered")
OTHERS = ["gb18030", *SUFFIXES, ".parquet", ".ndjson", ".dta", ".sav"]


def texts() -> list[list[str]]:
    return [[str(cell or "") for cell in row] for row in drawn(TOWN, numbers=False)]


def frame() -> pl.DataFrame:
    return pl.DataFrame(CELLS, schema=[str(heading) for heading in HEADINGS], orient="row")


def json_line(row: Sequence[object]) -> str:
    whole = [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in row]
    return json.dumps(dict(zip(map(str, HEADINGS), whole, strict=True)), ensure_ascii=False) + "\n"


def statistics(path: Path, write: Callable[..., None]) -> None:
    labels = dict(zip(ENGLISH, map(str, HEADINGS), strict=True))
    write(frame().rename({label: name for name, label in labels.items()}), str(path), column_labels=labels)


def written(kind: str, folder: Path) -> str:
    path = folder / f"town{kind if kind.startswith('.') else '.csv'}"
    if kind == ".parquet":
        frame().write_parquet(path)
    elif kind == ".ndjson":
        path.write_text("".join(map(json_line, CELLS)), encoding="utf-8")
    elif kind == ".dta":
        statistics(path, pyreadstat.write_dta)
    elif kind == ".sav":
        statistics(path, pyreadstat.write_sav)
    elif kind in SUFFIXES:
        save(path, Sheet([HEADINGS, *CELLS]))
    else:
        path.write_text("".join(",".join(row) + "\n" for row in texts()), encoding=kind)
    return str(path)


def told(report: Report) -> str:
    """The report as JSON, without what names its files or says how they are encoded."""
    notes = tuple(note for note in report.notes if "file" not in note.facts)
    parameters = {name: value for name, value in report.parameters.items() if name != "sources"}
    return json_text(replace(report, parameters=parameters, notes=notes), Words("en"))


def cells(source: Source, *columns: str) -> list[tuple[str | None, ...]]:
    return source.prove().rows.select(columns).collect().rows()


def refusal(sources: Sources, *files: str, **asked: object) -> dict[str, dict[str, object]]:
    with pytest.raises(SurveyRefused) as refused:
        sources(*files, **asked)
    return {reason.key: reason.facts for reason in refused.value.reasons}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("command", ["bands", "flagged"])
def test_the_same_survey_gives_the_same_bytes_in_every_format(
    report: Make, tmp_path: Path, command: str, kind: str
) -> None:
    asked: dict[str, Any] = {"by": ("county",), "rounds": ("all",)}
    plain = told(report(command, written("utf-8", tmp_path), **asked))
    assert told(report(command, written(kind, tmp_path), **asked)) == plain
    assert "29999.99" in plain or command == "bands"


@pytest.mark.parametrize("kind", OTHERS)
def test_the_same_rounds_give_the_same_transitions_in_every_format(compare: Make, tmp_path: Path, kind: str) -> None:
    plain = told(compare(written("utf-8", tmp_path)))
    assert told(compare(written(kind, tmp_path))) == plain


# parquet


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., str]:
    def parquet(name: str = "2024.parquet", **columns: pl.Series | Sequence[object]) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(columns).write_parquet(path)
        return str(path)

    return parquet


@pytest.mark.parametrize(
    ("values", "kind", "read_as"),
    [
        ([30000, -1], pl.Int64, ["30000", "-1"]),
        ([30000, 0], pl.UInt16, ["30000", "0"]),
        ([29999.999999999996, 0.1 + 0.2], pl.Float64, ["30000", "0.3"]),
        ([29999.9999999, -0.0], pl.Float64, ["29999.9999999", "0"]),
        ([29999.99, 12345.6], pl.Float32, ["29999.99", "12345.6"]),
        ([Decimal("29999.9999"), Decimal("30000.0000")], pl.Decimal(12, 4), ["29999.9999", "30000"]),
        (["3.85万", None], pl.Categorical, ["3.85万", None]),
    ],
    ids=str,
)
def test_an_income_of_any_type_is_the_text_that_a_person_would_write(
    sources: Sources, parquet: Write, values: list[object], kind: pl.DataType, read_as: list[str | None]
) -> None:
    (source,) = sources(parquet(household_id=["1", "2"], income=pl.Series(values, dtype=kind)))
    assert [income for (income,) in cells(source, "income")] == read_as


def test_dates_times_and_truth_are_told_as_a_workbook_tells_them(sources: Sources, parquet: Write) -> None:
    (source,) = sources(
        parquet(
            income=[1.0],
            day=[dt.date(2024, 3, 1)],
            midnight=[dt.datetime(2024, 3, 1)],  # noqa: DTZ001  (no zone, as in Excel)
            morning=[dt.datetime(2024, 3, 1, 8, 30)],  # noqa: DTZ001
            poor=[True],
        )
    )
    assert cells(source, *(f"column:{name}" for name in ("day", "midnight", "morning", "poor"))) == [
        ("2024-03-01", "2024-03-01", "2024-03-01 08:30:00", "TRUE")
    ]


def test_ids_of_whole_numbers_are_kept_to_the_last_digit(sources: Sources, parquet: Write) -> None:
    (source,) = sources(parquet(household_id=[510402198501012345], income=[1]))
    assert cells(source, "household_id") == [("510402198501012345",)]


def test_fault_18_ids_of_doubles_have_lost_their_last_digits(report: Make, parquet: Write) -> None:
    file = parquet(household_id=[510402198501012345.0, 1.0], income=[1, 30000])
    problems = report("check", file).tables["problems"]
    assert problems.select("row", "value", "rule").rows() == [(1, "5.10402198501012E+17", "destroyed_household_id")]


def test_a_list_cannot_be_an_income(sources: Sources, parquet: Write) -> None:
    facts = refusal(sources, parquet(household_id=["1"], income=[[1, 2]]))["nested_column"]
    assert (facts["heading"], facts["column"]) == ("income", "income")


def test_a_list_that_is_no_column_of_ours_is_ignored(report: Make, parquet: Write) -> None:
    file = parquet(household_id=["1"], income=[30000], members=[["甲", "乙"]], note=[{"a": 1}])
    assert report("bands", file).accounting[""].accepted == 1


def test_a_parquet_file_without_rows_is_empty(report: Make, parquet: Write) -> None:
    with pytest.raises(SurveyRefused, match="header_only"):
        report("bands", parquet(household_id=pl.Series([], dtype=pl.String), income=pl.Series([], dtype=pl.Int64)))


@pytest.mark.parametrize("kept", [4, 8, 100, -1, -8])
def test_a_parquet_file_that_is_cut_short_is_refused(write: Write, sources: Sources, parquet: Write, kept: int) -> None:
    content = Path(parquet(household_id=["1"], income=[30000])).read_bytes()
    assert list(refusal(sources, write(content[:kept], "2024.parquet"))) == ["columnar_damaged"]


def test_rows_without_anything_in_them_are_skipped(report: Make, parquet: Write) -> None:
    told = report("bands", parquet(household_id=["1", None], income=[30000, None])).accounting[""]
    assert (told.rows_read, told.accepted, told.skipped) == (2, 1, 1)


def test_a_folder_of_parts_is_one_round_named_by_the_folder(sources: Sources, parquet: Write, tmp_path: Path) -> None:
    parquet("2024/part-10.parquet", household_id=["10"], income=[3])
    parquet("2024/part-9.parquet", household_id=["9"], income=[2])
    parquet("2024/_delta_log/part-0.parquet", household_id=["0"], income=[1])
    (tmp_path / "2024" / "_SUCCESS").touch()
    read = sources(str(tmp_path / "2024"))
    assert [cells(source, "household_id", "survey_round") for source in read] == [[("9", "2024")], [("10", "2024")]]


def test_a_pattern_of_rounds_is_read_round_by_round(sources: Sources, parquet: Write, tmp_path: Path) -> None:
    parquet("2023.parquet", household_id=["1"], income=[3])
    parquet("2024.parquet", household_id=["1"], income=[2])
    parquet("other.parquet", household_id=["1"], income=[2])
    assert [source.label for source in sources(str(tmp_path / "20*.parquet"))] == ["2023", "2024"]


def test_columns_are_told_by_their_names_in_each_file_of_a_folder(report: Make, parquet: Write, tmp_path: Path) -> None:
    parquet("2024/a.parquet", household_id=["1"], income=[5000])
    parquet("2024/b.parquet", 家庭年收入=["30000元"], 户编号=[2], 县区=["东区"])
    found = report("flagged", str(tmp_path / "2024"), tiers=("floor", "low")).tables["flagged"]
    assert found.select("household_id", "county", "income").rows() == [("1", None, 5000), ("2", "东区", 30000)]


def test_a_parquet_file_may_be_named_csv(sources: Sources, parquet: Write) -> None:
    (source,) = sources(parquet("2024.csv", household_id=["1"], income=[5000]))
    assert (source.table.kind, source.label) == ("parquet", "2024")


# lines of JSON


def lines(*objects: object) -> str:
    return "".join((found if isinstance(found, str) else json.dumps(found)) + "\n" for found in objects)


def test_every_digit_of_a_json_number_is_kept(write: Write, sources: Sources) -> None:
    (source,) = sources(
        write(
            lines(
                '{"household_id": 510402198501012345, "income": 29999.99999999999999}',
                '{"household_id": "007", "income": 30000.00}',
                '{"household_id": "008", "income": 1e5}',
            ),
            "2024.ndjson",
        )
    )
    assert cells(source, "household_id", "income") == [
        ("510402198501012345", "29999.99999999999999"),
        ("007", "30000.00"),
        ("008", "1e5"),
    ]


def test_an_income_in_powers_of_ten_is_unreadable_in_json_too(report: Make, write: Write) -> None:
    file = write(lines('{"id": 1, "income": 1e5}', '{"id": 2, "income": 100000}'))
    assert report("check", file).tables["problems"].select("row", "value", "rule").rows() == [
        (1, "1e5", "unreadable_amount")
    ]


def test_names_are_found_in_every_line_and_what_a_line_lacks_is_missing(write: Write, sources: Sources) -> None:
    (source,) = sources(write(lines({"id": 1}, {"income": 5, "id": 2}, {"id": 3, "income": None, "county": "东区"})))
    assert cells(source, "household_id", "income", "county") == [
        ("1", None, None),
        ("2", "5", None),
        ("3", None, "东区"),
    ]


@pytest.mark.parametrize("line", ['{"id": 2, "income": 5', "id: 2", "[1, 2]", '"x"', "2,5", '{"id": 2} {"id": 3}'])
def test_a_line_that_is_no_object_is_rejected_where_it_stands(report: Make, write: Write, line: str) -> None:
    file = write(lines({"id": 1, "income": 30000}, line, {"id": 3, "income": 30000}))
    found = report("check", file)
    assert found.tables["problems"].select("row", "rule").rows() == [(2, "bad_json")]
    assert (found.accounting[""].accepted, found.accounting[""].rejected) == (2, 1)


def test_blank_lines_of_json_are_skipped_and_counted(report: Make, write: Write) -> None:
    told = report("bands", write(lines({"id": 1, "income": 30000}, "", "  ", {}, {"id": 2}))).accounting[""]
    assert (told.rows_read, told.accepted, told.skipped, told.missing_income) == (5, 2, 3, 1)


def test_truth_and_things_inside_things_are_text(write: Write, sources: Sources) -> None:
    (source,) = sources(write(lines({"income": 5, "poor": True, "rich": False, "who": {"名": ["甲"]}, "none": ""})))
    assert cells(source, "column:poor", "column:rich", "column:who", "column:none") == [
        ("TRUE", "FALSE", '{"名": ["甲"]}', None)
    ]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"id": 1, "income": 5}]),
        json.dumps([{"id": 1, "income": 5}], indent=2),
        json.dumps({"id": 1, "income": 5}, indent=2),
        "\ufeff" + json.dumps([{"id": 1, "income": 5}], indent=2),
    ],
    ids=["array", "pretty array", "pretty object", "with a mark"],
)
def test_json_that_is_not_in_lines_is_refused(write: Write, sources: Sources, content: str) -> None:
    assert list(refusal(sources, write(content, "2024.json"))) == ["kind_json"]


def test_json_that_is_not_utf8_is_refused(write: Write, sources: Sources) -> None:
    content = lines({"id": 1, "income": 5}).encode() + '{"id": 2, "county": "东区"}\n'.encode("gb18030")
    assert list(refusal(sources, write(content, "2024.ndjson"))) == ["json_not_utf8"]


def test_a_mark_before_lines_of_json_is_no_part_of_them(write: Write, sources: Sources) -> None:
    (source,) = sources(write("\ufeff" + lines({"id": 1, "income": 5})))
    assert cells(source, "household_id", "income") == [("1", "5")]


# Stata and SPSS


SURVEYED = pl.DataFrame({"hhid": ["01", "02"], "inc": [29999.99, None], "urb": [1.0, 2.0], "n": [3.0, 4.0]})
LABELS = {"hhid": "户编号", "inc": "家庭年收入（元）", "urb": "城乡", "n": "家庭人口数"}
WRITERS = [(".dta", pyreadstat.write_dta), (".sav", pyreadstat.write_sav)]


@pytest.mark.parametrize(("suffix", "write_file"), WRITERS, ids=["stata", "spss"])
def test_labels_are_headings_and_values(
    tmp_path: Path, sources: Sources, suffix: str, write_file: Callable[..., None]
) -> None:
    path = tmp_path / f"2024{suffix}"
    write_file(SURVEYED, str(path), column_labels=LABELS, variable_value_labels={"urb": {1: "城镇", 2: "农村"}})
    (source,) = sources(str(path))
    assert source.layout.columns.headings == ("hhid", "家庭年收入（元）", "城乡", "家庭人口数")
    assert (source.names_unit("income"), source.wan) == (True, frozenset())
    assert cells(source, ROW, FAULT, "household_id", "income", "residence", "size") == [
        (1, None, "01", "29999.99", "城镇", "3"),
        (2, None, "02", None, "农村", "4"),
    ]


@pytest.mark.parametrize(("suffix", "write_file"), WRITERS, ids=["stata", "spss"])
def test_a_value_without_a_label_stays_what_it_is(
    tmp_path: Path, report: Make, suffix: str, write_file: Callable[..., None]
) -> None:
    path = tmp_path / f"2024{suffix}"
    write_file(SURVEYED, str(path), column_labels=LABELS, variable_value_labels={"urb": {1: "城镇"}})
    problems = report("check", str(path)).tables["problems"]
    assert problems.select("row", "column", "value", "rule").rows() == [(2, "城乡", "2", "unknown_residence")]


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_a_stata_file_of_any_release_is_read(tmp_path: Path, sources: Sources, version: int) -> None:
    path = tmp_path / "2024.dta"
    pyreadstat.write_dta(SURVEYED, str(path), version=version)
    (source,) = sources(str(path), columns={"income": "inc"})
    assert cells(source, "household_id", "income") == [("01", "29999.99"), ("02", None)]


@pytest.mark.parametrize("version", [8, 10, 12, 13])
def test_the_text_of_an_old_stata_file_is_chinese(tmp_path: Path, sources: Sources, version: int) -> None:
    path = tmp_path / "2024.dta"
    pyreadstat.write_dta(pl.DataFrame({"income": [30000.0], "county": ["AAAA"]}), str(path), version=version)
    path.write_bytes(path.read_bytes().replace(b"AAAA", "东区".encode("gbk")))
    (source,) = sources(str(path))
    assert cells(source, "income", "county") == [("30000", "东区")]


def test_a_statistics_file_that_is_cut_short_is_refused(tmp_path: Path, write: Write, sources: Sources) -> None:
    for suffix, write_file in WRITERS:
        path = tmp_path / f"2024{suffix}"
        write_file(SURVEYED, str(path), column_labels=LABELS)
        content = path.read_bytes()
        for kept in (len(content) // 8, len(content) // 2):
            assert list(refusal(sources, write(content[:kept], path.name))) == ["columnar_damaged"]


def test_without_what_reads_statistics_files_they_are_refused(
    tmp_path: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(".dta", tmp_path)
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    assert refusal(sources, file) == {"stata_missing": {"file": file}}


# workbooks and text


NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.integers(-(10**7), 10**7).map(lambda cents: cents / 100))
INCOMES = st.one_of(
    NUMBERS,
    st.none(),
    st.sampled_from(
        ["3.85万", "１２３", "38,500元", "¥1,234.50", "NA", "-", "1e5", "三万", "=1+1", " 5000 ", "'5", "无"]
    ),
    st.text(alphabet="0123456789.,-万元 ", max_size=5).filter(lambda text: text.strip() or not text),
)
IDS = st.one_of(
    st.integers(0, 30),
    st.integers(10**14, 10**15 - 10**3),
    st.none(),
    st.sampled_from(["001", "０２", "合计", "小计", "填表人：王", " 3 ", "5.10402E+17", "A-1"]),
)
PLACES = st.sampled_from([None, "东区", "合计", "东区小计", "x,y", 'a"b', " 西区 "])
SOUND = ("SOUND", "东区", 30000)


def as_csv(table: list[tuple[object, ...]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows([["" if cell is None else cell for cell in row] for row in table])
    return target.getvalue()


def understood(read: tuple[Source, ...], checked: Report) -> tuple[object, ...]:
    judged = partial(Reading.first, straight=False)
    _, (households,) = settle([Survey(read)], lambda frames: frames, Workspace(), judged)
    held = households.select(ROW, "household_id", "county", "income")
    problems = checked.tables["problems"].select("row", "column", "value", "rule", "severity")
    return checked.accounting, held.sort(ROW).rows(), problems.rows()


@given(st.lists(st.tuples(IDS, PLACES, INCOMES), max_size=8))
@settings(max_examples=40)
def test_a_workbook_and_a_text_with_the_same_cells_are_the_same_survey(
    tmp_path_factory: pytest.TempPathFactory, sources: Sources, report: Make, rows: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("alike")
    table = [("户编号", "县区", "家庭年收入"), *rows, SOUND]
    text = folder / "a.csv"
    text.write_bytes(as_csv(table).encode())
    book = save(folder / "a.xlsx", Sheet(table))
    found = [understood(sources(str(file)), report("check", str(file), rounds=("all",))) for file in (text, book)]
    assert found[0] == found[1]
