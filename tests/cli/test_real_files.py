from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

WRONG_ID = "510402197001010012"  # its last character should be 3
TOWNSHIP = """银江镇2024年家庭收入调查表,,,,,
填报单位：银江镇,,,,单位：万元,
户主身份证号,户主姓名,城乡,家庭人口数,"家庭
年收入",重点人群
510402197001010013,张三,农村,3,2.85,脱贫家庭
510402198001010026,李四,城镇,２,"３.９９",
510402199001010039,王五,农村,4,10.2,残疾人
合计,,,,17.04,
填表人：赵六,,,,,
"""


def put(path: str, content: str, encoding: str = "utf-8") -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content.encode(encoding))
    return Path(path)


def noted(done: Outcome, word: str) -> list[str]:
    return [note for note in done.json["notes"] if word in note]


# a caseworker


def test_a_township_that_writes_gbk_and_wan_gets_its_ladder_in_chinese(run: Run) -> None:
    put("银江镇.csv", TOWNSHIP, "gb18030")
    done = run("bands", "银江镇.csv", "--lang", "zh")
    assert (done.status, done.err) == (0, "")
    for line in (
        "共 3 户，其中 0 户没有收入记录。",
        "读入 5 行 = 采用 3 + 剔除 0 + 跳过 2；其中无收入 0",
        "说明：银江镇.csv 按 gb18030 编码读取",
        "说明：银江镇.csv：未写单位的金额按万元计",
        "说明：2 行不是住户（空行、合计、说明；银江镇），已跳过：银江镇.csv:8、银江镇.csv:9",
    ):
        assert line in done.out.splitlines(), done.out


def test_a_township_gets_the_list_of_its_families_below_the_floor(run: Run) -> None:
    put("银江镇.csv", TOWNSHIP, "gb18030")
    done = run("flag", "银江镇.csv", "--place-from", "name", "--with", "户主姓名", "--format", "csv", "--quiet")
    (row,) = done.rows
    assert (row["household_id"], row["township"], row["户主姓名"]) == ("510402197001010013", "银江镇", "张三")
    assert (row["income"], row["shortfall"], row["size"], row["residence"]) == ("28500", "1500", "3", "rural")


def test_a_folder_of_townships_is_a_ladder_with_a_line_for_each(run: Run) -> None:
    put("2024/东区/银江镇.csv", TOWNSHIP, "gb18030")
    put("2024/西区/格里坪镇.csv", "户编号,年收入（元）\n1,29999.99\n2,\n")
    command = ["bands", "2024", "--place-from", "folder", "--place-from", "name", "--by", "county", "--by", "township"]
    done = run(*command, "--format", "json")
    told = [(row["county"], row["township"], row["households"]) for row in done.json["tables"]["summary"]]
    assert (done.status, done.json["parameters"]["rounds"]) == (0, ["2024"])
    assert told == [("东区", "银江镇", 3), ("西区", "格里坪镇", 2)]


def test_a_quoted_pattern_is_expanded_by_the_program(run: Run) -> None:
    put("2024/东区.csv", "household_id,income\n1,30000\n")
    put("2024/西区.csv", "household_id,income\n2,30000\n")
    put("2024/西区.bak", "household_id,income\n3,30000\n")
    assert run("bands", "2024/*区*", "--format", "json").json["accounting"]["accepted"] == 2


@pytest.mark.parametrize(("language", "told"), [("en", "holds no survey files"), ("zh", "其中没有调查文件")])
def test_a_folder_without_survey_files_is_refused_with_their_suffixes(run: Run, language: str, told: str) -> None:
    put("文件/说明.docx", "x")
    assert run("bands", "文件", "--lang", language).is_refused(3, "文件", told, ".xlsx", ".csv")


def test_a_sheet_of_a_whole_column_in_wan_is_refused_with_both_ways_out(run: Run, survey: Draw) -> None:
    town = survey("户编号 | 年收入 \n 1 | 3.85 \n 2 | 12")
    assert run("bands", town, "--lang", "zh").is_refused(3, "所有收入都小于 1,000", "--unit wan", "--unit yuan")
    assert run("bands", town, "--unit", "wan").status == 0
    assert run("bands", town, "--unit", "yuan").status == 0


def test_a_heading_that_could_be_two_is_refused_and_settled_as_the_message_says(run: Run, survey: Draw) -> None:
    town = survey("户编号 | 地区 | 年收入 \n 1 | 东区 | 30000")
    assert run("bands", town).is_refused(3, "town.csv", "地区", "county", "township", "--column")
    assert run("bands", town, "--column", "county=地区", "--by", "county").status == 0


def test_a_table_shows_only_as_much_of_an_id_as_finds_the_row(run: Run, survey: Draw) -> None:
    town = survey(f"户编号 | 年收入 \n {WRONG_ID} | 30000 \n 510402197001010039 | 30000 \n 510402197001010039 | 1")
    for language in ("en", "zh"):
        done = run("check", town, "--lang", language)
        assert done.status == 3
        assert "5104…0012" in done.out
        assert "5104…0039" in done.out
        assert "19700101" not in done.out + done.err
    stopped = run("bands", town)
    assert "5104…0039" in stopped.err
    assert "19700101" not in stopped.err


def test_json_keeps_an_id_whole(run: Run, survey: Draw) -> None:
    done = run("check", survey(f"户编号 | 年收入 \n {WRONG_ID} | 30000"), "--format", "json")
    assert [problem["value"] for problem in done.json["tables"]["problems"]] == [WRONG_ID]


def test_a_short_id_is_shown_as_it_is(run: Run, survey: Draw) -> None:
    assert '0012345678"' in run("bands", survey("户编号 | 年收入 \n 0012345678 | 1 \n 0012345678 | 2")).err


def test_an_explanation_goes_with_the_check_that_people_read(run: Run) -> None:
    put("银江镇.csv", TOWNSHIP, "gb18030")
    done = run("check", "银江镇.csv", "--explain", "--lang", "zh")
    assert done.status == 0
    assert "对 银江镇.csv 的理解" in done.out
    assert "编码：gb18030" in done.out


def test_an_explanation_in_json_has_two_tables_more(run: Run) -> None:
    put("银江镇.csv", TOWNSHIP, "gb18030")
    tables = run("check", "银江镇.csv", "--explain", "--format", "json").json["tables"]
    assert list(tables) == ["problems", "rules", "files", "columns"]
    assert [(row["heading"], row["column"]) for row in tables["columns"]] == [
        ("户主身份证号", "household_id"),
        ("户主姓名", None),
        ("城乡", "residence"),
        ("家庭人口数", "size"),
        ("家庭年收入", "income"),
        ("重点人群", "key_group"),
    ]


# an analyst


ROSTER = """
    户编号 | 姓名 | 年收入
    1      | 甲   | 20000
    1      | 乙   | 9999.99
    2      | 丙   | 30000
    2      | 丁   |
"""


def test_a_roster_is_one_line_in_words_and_in_numbers(run: Run, survey: Draw) -> None:
    town = survey(ROSTER)
    told = {"rows_read": 4, "accepted": 4, "rejected": 0, "skipped": 0, "missing_income": 0, "households": 2}
    done = run("bands", town, "--level", "person", "--format", "json")
    assert (done.status, done.json["accounting"]) == (0, told)
    assert "they are persons and make 2 households" in run("bands", town, "--level", "person").out


def test_households_are_counted_apart_only_of_a_roster(run: Run, survey: Draw) -> None:
    for command in ("check", "bands", "flag"):
        assert "households" not in run(command, survey(), "--format", "json").json["accounting"]


def test_both_rounds_of_two_rosters_are_accounted_for(run: Run, survey: Draw) -> None:
    before = survey(ROSTER, "2023.csv")
    after = survey("户编号 | 年收入 \n 1 | 31000 \n 2 | 5 \n 2 | 6 \n 2 | 7", "2024.csv")
    done = run("transitions", before, after, "--level", "person", "--format", "json")
    assert [(told["rows_read"], told["households"]) for told in done.json["accounting"].values()] == [(4, 2), (4, 2)]
    (summary,) = done.json["tables"]["summary"]
    assert (summary["rose_above_floor"], summary["fell_below_floor"]) == (1, 1)


def test_without_the_level_the_members_of_a_household_are_copies_of_it(run: Run, survey: Draw) -> None:
    assert run("bands", survey(ROSTER)).status == 3


def test_a_level_that_is_none_is_refused(run: Run, survey: Draw) -> None:
    assert run("bands", survey(ROSTER), "--level", "people").is_refused(2, "--level", "people", "household, person")


def test_headings_of_the_programme_are_known_and_yield_to_the_option(run: Run, survey: Draw) -> None:
    Path("rules.toml").write_text('[columns]\nincome = ["全家进账", "总进账"]\nsize = "几口人"\n', encoding="utf-8")
    town = survey("户编号 | 全家进账 | 去年进账 | 几口人 \n 1 | 29000 | 95000 | 3")
    done = run("flag", town, "--programme", "rules.toml", "--format", "csv", "--quiet")
    assert [(row["income"], row["size"]) for row in done.rows] == [("29000", "3")]
    other = [
        *("--programme", "rules.toml", "--column", "income=去年进账"),
        "--tier",
        "all",
        "--format",
        "csv",
        "--quiet",
    ]
    assert [row["income"] for row in run("flag", town, *other).rows] == ["95000"]


def test_two_headings_of_the_programme_in_one_file_are_refused(run: Run, survey: Draw) -> None:
    Path("rules.toml").write_text('[columns]\nincome = ["全家进账", "总进账"]\n', encoding="utf-8")
    town = survey("户编号 | 全家进账 | 总进账 \n 1 | 29000 | 95000")
    told = ["town.csv", "全家进账", "总进账", "--column income="]
    assert run("bands", town, "--programme", "rules.toml").is_refused(3, *told)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ('incom = "x"', ["columns.incom", "did you mean columns.income?"]),
        ('"家庭" = "x"', ["columns.家庭", "did you mean columns"]),
        ("income = 3", ["columns.income", "3"]),
        ('income = ["x", 1]', ["columns.income", "1"]),
        ('income = ""', ["columns.income"]),
        ("income = true", ["columns.income"]),
    ],
)
def test_columns_of_a_programme_that_cannot_be_are_refused_with_status_4(
    run: Run, survey: Draw, rules: str, told: list[str]
) -> None:
    Path("rules.toml").write_text(f"[columns]\n{rules}\n", encoding="utf-8")
    assert run("bands", survey(), "--programme", "rules.toml").is_refused(4, "rules.toml", *told)


def test_the_programme_shows_the_headings_that_it_names(run: Run) -> None:
    Path("rules.toml").write_text('[columns]\nincome = ["全家进账", "总进账"]\nsize = "几口人"\n', encoding="utf-8")
    done = run("programme", "show", "--programme", "rules.toml", "--format", "json")
    told = {row["key"]: (row["value"], row["source"]) for row in done.json["tables"]["programme"]}
    assert told["columns.income"] == ("全家进账, 总进账", "rules.toml")
    assert told["columns.size"] == ("几口人", "rules.toml")


def test_the_schema_of_a_programme_has_the_columns(run: Run) -> None:
    columns = json.loads(run("programme", "schema").out)["properties"]["columns"]
    assert columns["type"] == "object"
    assert {"income", "household_id", "wage_income"} <= set(columns["propertyNames"]["enum"])


def test_what_changed_as_only_a_slip_would_is_counted_and_stops_nothing(run: Run, survey: Draw) -> None:
    before, after = (
        survey(f"户编号 | 年收入 \n 1 | {first} \n 2 | 30000 \n 3 | 40000", name)
        for first, name in (("3000", "2023.csv"), ("30000", "2024.csv"))
    )
    done = run("check", before, after, "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert done.json["tables"]["rules"] == [{"rule": "income_times_10", "severity": "warning", "count": 1}]
    assert "2023: 3000" in done.json["tables"]["problems"][0]["reason"]
    assert run("transitions", before, after).status == 0


def test_fault_29_a_slip_of_the_unit_is_the_first_thing_that_is_said(run: Run, survey: Draw) -> None:
    before = survey("户编号 | 年收入 \n 1 | 45000 \n 2 | 60000 \n 3 | 50000", "2023.csv")
    after = survey("户编号 | 年收入（元） \n 1 | 4.5 \n 2 | 6 \n 3 | 5", "2024.csv")
    done = run("transitions", before, after, "--lang", "zh", "--format", "json")
    assert done.json["notes"][0] == "警告：2023 收入中位数 50,000 元，2024 为 5 元。是否有文件以万元计？见 --unit"


# a script in cron


def test_a_warning_leaves_the_status_at_0_and_the_rejects_empty(run: Run, survey: Draw) -> None:
    town = survey(f"户编号 | 年收入 | size \n {WRONG_ID} | 30000 | 21")
    done = run("check", town, "--quiet", "--format", "json", "--rejects", "rejects.csv", "--fail-on", "rejects")
    assert (done.status, done.err) == (0, "")
    assert [row["rule"] for row in done.json["tables"]["rules"]] == ["resident_id_check_digit", "size_above_20"]
    assert Path("rejects.csv").read_text("utf-8-sig").splitlines()[1:] == []


def test_warnings_stand_in_the_check_and_not_among_the_rejects(run: Run, survey: Draw) -> None:
    town = survey(f"户编号 | 年收入 | size \n {WRONG_ID} | 30000 | 21 \n 2 | abc | 22")
    done = run("check", town, "--quiet", "--format", "json", "--rejects", "rejects.csv")
    assert (done.status, done.err) == (3, "")
    with Path("rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["rule"] for row in csv.DictReader(file)] == ["unreadable_amount"]
    assert sorted(row["rule"] for row in done.json["tables"]["problems"]) == [
        *("resident_id_check_digit", "size_above_20", "size_above_20", "unreadable_amount"),
    ]


def test_a_quiet_report_of_a_folder_is_json_and_nothing_else(run: Run) -> None:
    put("inbox/2024/银江镇.csv", TOWNSHIP, "gb18030")
    done = run("bands", "inbox/2024", "--quiet", "--format", "json", "--fail-on", "below-floor")
    assert (done.status, done.err) == (1, "")
    assert done.json["accounting"] == {
        "rows_read": 5,
        "accepted": 3,
        "rejected": 0,
        "skipped": 2,
        "missing_income": 0,
    }


def test_the_same_folder_gives_the_same_bytes(run: Run) -> None:
    for name in ("东区/甲.csv", "东区/乙.csv", "西区/甲.csv"):
        put(f"2024/{name}", f"household_id,income\n{name},30000\n")
    command = ["flag", "2024", "--tier", "all", "--place-from", "folder", "--format", "json"]
    assert run(*command).out == run(*command).out


def test_all_arguments_that_are_refused_are_told_at_once(run: Run) -> None:
    Path("empty").mkdir()
    put("size.csv", "household_id,size\n1,3\n")
    done = run("bands", "absent.csv", "empty", "size.csv", "*.ods")
    assert (done.status, done.out) == (3, "")
    assert [line.split(": ")[1] for line in done.err.splitlines()] == ["absent.csv", "empty", "*.ods", "size.csv"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["--place-from", "path"], ["--place-from", "path", "name, folder, sheet"]),
        (["--place-from", "township=path"], ["--place-from", "township=path", "name, folder, sheet"]),
        (["--place-from", "size=name"], ["size", "county, township, village"]),
        (["--place-from", "name", "--place-from", "township=folder"], ["name", "township=folder"]),
        (["--place-from", "name", "--place-from", "name"], ["name"]),
    ],
)
def test_a_place_from_nowhere_is_refused_with_status_2(
    run: Run, survey: Draw, said: list[str], told: list[str]
) -> None:
    assert run("bands", survey(), *said).is_refused(2, *told)


def test_any_place_may_be_taken_from_any_name(run: Run) -> None:
    put("沙坝村/2024.csv", "household_id,income\n1,29000\n")
    places = ["--place-from", "village=folder", "--place-from", "county=name"]
    (row,) = run("flag", "沙坝村/2024.csv", *places, "--format", "csv", "--quiet").rows
    assert (row["county"], row["township"], row["village"]) == ("2024", "", "沙坝村")


@pytest.mark.parametrize(("language", "word"), [("en", "--place-from does not change"), ("zh", "--place-from 不改变")])
def test_a_column_that_the_file_has_itself_is_kept_and_that_is_said(run: Run, language: str, word: str) -> None:
    put("别处.csv", "household_id,乡镇,income\n1,银江镇,29000\n")
    done = run("flag", "别处.csv", "--place-from", "name", "--format", "json", "--lang", language)
    assert [row["township"] for row in done.json["tables"]["flagged"]] == ["银江镇"]
    assert len(noted(done, word)) == 1


@pytest.mark.parametrize(
    ("drawn", "more", "status"),
    [
        ("户编号 | 年收入 \n 1 | 30000", [], 0),
        ("户编号 | 年收入 \n 1 | 30000", ["--place-from", "path"], 2),
        ("户编号 | 年收入 | 总收入 \n 1 | 30000 | 1", [], 3),
        ("户编号 | 年收入 \n 1 | 1,2345.00", [], 3),
        ("户编号 | 年收入 \n 1 | 3.5", [], 3),
        ("户编号 | 年收入 \n 1 | 30000", ["--programme", "absent.toml"], 4),
    ],
)
def test_each_kind_of_refusal_has_its_status(run: Run, survey: Draw, drawn: str, more: list[str], status: int) -> None:
    for command in ("check", "bands", "flag"):
        assert run(command, survey(drawn), *more, "--quiet").status == status
