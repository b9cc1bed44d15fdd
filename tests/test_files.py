from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from incomeladder.errors import SurveyRefused
from sheets import Sheet, drawn, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.read.source import Source
    from incomeladder.report import Report

Make = Any


def village(path: Path, *ids: str, heading: str = "household_id,income") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(heading + "\n" + "".join(f"{name},30000\n" for name in ids or ("1",)), encoding="utf-8")
    return path


def found(folder: Path, read: Iterable[Source]) -> list[str]:
    return [str(Path(source.file.name).relative_to(folder)) for source in read]


def labels(read: Iterable[Source]) -> list[str]:
    return [source.label for source in read]


def refusal(sources: Make, *files: Path | str, **asked: object) -> list[tuple[str, str]]:
    with pytest.raises(SurveyRefused) as refused:
        sources(*map(str, files), **asked)
    return [(reason.key, str(reason.facts["file"])) for reason in refused.value.reasons]


# which files


def test_a_folder_is_read_to_its_depths_and_counts_as_people_do(tmp_path: Path, sources: Make) -> None:
    for name in ("10.csv", "9.csv", "仁和区/2.csv", "仁和区/1.csv"):
        village(tmp_path / name)
    assert found(tmp_path, sources(str(tmp_path))) == ["9.csv", "10.csv", "仁和区/1.csv", "仁和区/2.csv"]


@pytest.mark.parametrize(
    "beside",
    [".DS_Store.csv", "_SUCCESS.csv", "~$town.xlsx", ".git/old.csv", "_temporary/0.csv", "notes.docx", "README.md"],
)
def test_what_systems_keep_beside_the_data_and_what_is_no_survey_is_not_read(
    tmp_path: Path, sources: Make, beside: str
) -> None:
    village(tmp_path / "town.csv")
    village(tmp_path / beside)
    assert found(tmp_path, sources(str(tmp_path))) == ["town.csv"]


def test_a_hidden_folder_is_read_when_it_is_named(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "_inbox" / "town.csv")
    assert found(tmp_path, sources(str(tmp_path / "_inbox"))) == ["_inbox/town.csv"]


def test_a_suffix_is_known_in_capitals_too(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "TOWN.CSV")
    assert found(tmp_path, sources(str(tmp_path))) == ["TOWN.CSV"]


def test_a_folder_that_is_called_like_a_file_is_none(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "old.csv" / "town.txt")
    assert found(tmp_path, sources(str(tmp_path))) == ["old.csv/town.txt"]


def test_a_folder_of_parquet_is_read_as_spark_writes_it(tmp_path: Path, report: Make) -> None:
    (tmp_path / "2024").mkdir()
    for part in (0, 1):
        rows = pl.DataFrame({"household_id": [f"{part}"], "income": [30000 + part]})
        rows.write_parquet(tmp_path / "2024" / f"part-0000{part}.snappy.parquet")
    (tmp_path / "2024" / "_SUCCESS").touch()
    told = report("bands", str(tmp_path / "2024"))
    assert (told.parameters["rounds"], told.accounting[""].accepted) == (["2024"], 2)


def test_a_pattern_names_the_files_that_match_it(tmp_path: Path, sources: Make) -> None:
    for name in ("东区.csv", "西区.csv", "西区.bak", "readme.txt"):
        village(tmp_path / name)
    assert found(tmp_path, sources(str(tmp_path / "*区.*"))) == ["东区.csv", "西区.csv"]


def test_a_pattern_may_reach_over_folders(tmp_path: Path, sources: Make) -> None:
    for name in ("a/东区.csv", "a/b/东区.csv", "a/b/西区.csv"):
        village(tmp_path / name)
    assert found(tmp_path, sources(str(tmp_path / "**" / "东区.csv"))) == ["a/b/东区.csv", "a/东区.csv"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "2024[1].csv", "x")
    village(tmp_path / "20241.csv", "y")
    assert found(tmp_path, sources(str(tmp_path / "2024[1].csv"))) == ["2024[1].csv"]


def test_a_list_is_read_in_the_order_in_which_it_is_given(tmp_path: Path, sources: Make) -> None:
    files = [str(village(tmp_path / name)) for name in ("b.csv", "a.csv")]
    read = sources(*files)
    assert ([source.name for source in read], [source.number for source in read]) == (files, [0, 1])


@pytest.mark.parametrize(
    ("argument", "reason"), [("", "no_survey_files"), ("*.pdf", "no_survey_files"), ("*.csv", "no_match")]
)
def test_a_folder_or_a_pattern_without_survey_files_is_refused(
    tmp_path: Path, sources: Make, argument: str, reason: str
) -> None:
    (tmp_path / "notes.pdf").touch()
    asked = str(tmp_path / argument) if argument else str(tmp_path)
    assert refusal(sources, asked) == [(reason, asked)]


def test_fault_36_a_pipe_in_a_folder_is_refused_before_it_is_read(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "town.csv")
    os.mkfifo(tmp_path / "queue.csv")
    assert refusal(sources, tmp_path) == [("not_a_file", str(tmp_path / "queue.csv"))]


def test_fault_36_a_device_in_a_folder_is_refused_before_it_is_read(tmp_path: Path, sources: Make) -> None:
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    assert refusal(sources, tmp_path) == [("not_a_file", str(tmp_path / "endless.csv"))]


def test_fault_36_a_lost_link_in_a_folder_is_refused(tmp_path: Path, sources: Make) -> None:
    (tmp_path / "town.csv").symlink_to("gone.csv")
    assert refusal(sources, tmp_path) == [("no_such_file", str(tmp_path / "town.csv"))]


def test_all_that_is_refused_is_told_at_once(tmp_path: Path, sources: Make) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "queue.csv")
    village(tmp_path / "sound.csv")
    names = ["absent.csv", "empty", "sound.csv", "queue.csv"]
    assert refusal(sources, *(tmp_path / name for name in names)) == [
        ("no_such_file", str(tmp_path / "absent.csv")),
        ("no_survey_files", str(tmp_path / "empty")),
        ("not_a_file", str(tmp_path / "queue.csv")),
    ]


def test_every_file_of_a_folder_that_cannot_be_read_is_told_at_once(tmp_path: Path, sources: Make) -> None:
    village(tmp_path / "1.csv", heading="household_id,income")
    village(tmp_path / "2.csv", heading="household_id,size")
    (tmp_path / "3.csv").touch()
    assert refusal(sources, tmp_path) == [
        ("no_income_column", str(tmp_path / "2.csv")),
        ("empty_file", str(tmp_path / "3.csv")),
    ]


# the round


def test_a_folder_names_the_round_of_its_files(tmp_path: Path, sources: Make) -> None:
    for name in ("东区.csv", "西区.csv", "仁和区/银江镇.csv"):
        village(tmp_path / "2024-H1" / name)
    assert labels(sources(str(tmp_path / "2024-H1"))) == ["2024-H1"] * 3


def test_files_that_are_all_named_as_rounds_are_name_them(tmp_path: Path, sources: Make) -> None:
    for name in ("2024-H1.csv", "2023.csv", "2024年下半年.csv"):
        village(tmp_path / "仁和区" / name)
    assert labels(sources(str(tmp_path / "仁和区"))) == ["2023", "2024-H1", "2024年下半年"]


def test_one_file_that_is_not_named_as_a_round_is_leaves_the_name_to_the_folder(tmp_path: Path, sources: Make) -> None:
    for name in ("2023.csv", "2024.csv", "东区.csv"):
        village(tmp_path / "仁和区" / name)
    assert labels(sources(str(tmp_path / "仁和区"))) == ["仁和区"] * 3


def test_a_pattern_is_named_by_the_folder_before_its_first_wildcard(tmp_path: Path, sources: Make) -> None:
    for name in ("东区/银江镇.csv", "西区/格里坪镇.csv"):
        village(tmp_path / "2024" / name)
    assert labels(sources(str(tmp_path / "2024" / "*区" / "*镇.csv"))) == ["2024", "2024"]


def test_a_pattern_in_the_folder_of_work_is_named_by_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: Make
) -> None:
    village(tmp_path / "2024" / "东区.csv")
    monkeypatch.chdir(tmp_path / "2024")
    assert [(source.name, source.label) for source in sources("*.csv")] == [("东区.csv", "2024")]
    assert [(source.name, source.label) for source in sources(".")] == [("东区.csv", "2024")]


def test_each_file_of_a_list_names_a_round_of_its_own(tmp_path: Path, report: Make) -> None:
    files = [str(village(tmp_path / name)) for name in ("2023.csv", "2024.csv")]
    assert report("check", *files).parameters["rounds"] == ["2023", "2024"]


def test_the_asked_round_goes_before_the_folder_and_a_column_before_both(tmp_path: Path, report: Make) -> None:
    village(tmp_path / "仁和区" / "东区.csv", "1")
    village(tmp_path / "仁和区" / "西区.csv", "2023", heading="survey_round,income")
    told = report("check", str(tmp_path / "仁和区"), asked={"round_name": "2024"}, rounds=("all",))
    assert told.parameters["rounds"] == ["2023", "2024"]


def test_two_folders_are_two_rounds_to_compare(tmp_path: Path, compare: Make, shows: Make) -> None:
    for name, ids in (("2023/东区", "12"), ("2023/西区", "3"), ("2024/东区", "14"), ("2024/西区", "3")):
        village(tmp_path / f"{name}.csv", *ids)
    made = compare(str(tmp_path / "2023"), str(tmp_path / "2024"))
    assert (made.parameters["from"], made.parameters["to"]) == ("2023", "2024")
    shows(made.tables["summary"], "before | after | matched | left | entered\n3 | 3 | 2 | 1 | 1")


# many files as one survey


def test_a_folder_and_a_list_of_its_files_are_the_same_survey(tmp_path: Path, report: Make) -> None:
    files = [village(tmp_path / "2024" / f"{place}.csv", *ids) for place, ids in (("东区", "12"), ("西区", "345"))]
    of_folder = report("bands", str(tmp_path / "2024"))
    of_list = report("bands", *map(str, files), asked={"round_name": "2024"})
    of_pattern = report("bands", str(tmp_path / "2024" / "*.csv"))
    assert of_folder.tables["bands"].equals(of_list.tables["bands"])
    assert of_folder.tables["bands"].equals(of_pattern.tables["bands"])
    assert (of_folder.accounting, of_folder.accounting[""].accepted) == (of_list.accounting, 5)


def test_files_of_other_columns_and_other_encodings_are_one_survey(tmp_path: Path, report: Make, shows: Make) -> None:
    folder = tmp_path / "2024"
    folder.mkdir()
    (folder / "a.csv").write_bytes("户编号,年收入（万元）,备注\n1,3.5,x\n".encode("gb18030"))
    (folder / "b.csv").write_bytes("家庭人口数;家庭年收入;户号\n3;29999.99;2\n".encode("utf-8-sig"))
    write_xlsx(folder / "c.xlsx", Sheet(drawn("'2024年||\nhousehold_id | county | income \n '3 | 东区 | 95000")))
    made = report("bands", str(folder))
    shows(made.tables["summary"], "households | below_floor | low_tier | middle_tier\n3 | 1 | 1 | 1")


def test_fault_19_a_household_in_two_files_of_a_round_is_rejected_in_both_places(tmp_path: Path, report: Make) -> None:
    east, west = village(tmp_path / "2024" / "东区.csv", "1", "2"), village(tmp_path / "2024" / "西区.csv", "3", "2")
    checked = report("check", str(tmp_path / "2024"))
    assert checked.tables["problems"].select("file", "row", "rule", "places").rows() == [
        (str(file), 3, "duplicate_household_id", f"{east}:3, {west}:3") for file in (east, west)
    ]
    assert checked.accounting[""].accepted == 2


def test_fault_19_a_household_on_two_sheets_of_a_round_is_rejected_on_both(tmp_path: Path, report: Make) -> None:
    east, west = (drawn(f"household_id|income\n'{name}|30000\n'{other}|30000") for name, other in ("12", "32"))
    book = write_xlsx(tmp_path / "2024.xlsx", Sheet(east, "东区"), Sheet(west, "西区"))
    problems = report("check", book).tables["problems"]
    assert problems.select("file", "sheet", "row", "places").rows() == [
        (book, sheet, 3, f"{book}[东区]:3, {book}[西区]:3") for sheet in ("东区", "西区")
    ]


def test_a_household_may_stand_in_the_files_of_two_rounds(tmp_path: Path, report: Make) -> None:
    files = village(tmp_path / "2023.csv", "1"), village(tmp_path / "2024.csv", "1")
    assert report("check", *map(str, files)).tables["problems"].is_empty()
    assert report("check", str(tmp_path)).tables["problems"].is_empty()


def test_a_problem_names_its_own_file_and_its_own_heading(tmp_path: Path, report: Make) -> None:
    village(tmp_path / "a.csv", "1", heading="户编号,年收入")
    second = village(tmp_path / "b.csv", heading="income,户号")
    second.write_text("income,户号\n30000,2\nabc,3\n", encoding="utf-8")
    third = village(tmp_path / "c.csv")
    third.write_text("title,,\n户号,年收入,size\n4,x,3\n5,1,0\n", encoding="utf-8")
    problems = report("check", str(tmp_path)).tables["problems"]
    assert problems.select("file", "row", "column", "value").rows() == [
        (str(second), 3, "income", "abc"),
        (str(third), 3, "年收入", "x"),
        (str(third), 4, "size", "0"),
    ]


# the place


def counties(made: Report) -> dict[str | None, int]:
    return dict(made.tables["summary"].select("county", "households").iter_rows())


def towns(made: Report) -> dict[str | None, int]:
    return dict(made.tables["summary"].select("township", "households").iter_rows())


def test_a_place_is_taken_from_the_name_of_the_file(tmp_path: Path, report: Make) -> None:
    village(tmp_path / "2024" / "银江镇.csv", "1", "2")
    village(tmp_path / "2024" / "格里坪镇.csv", "3")
    made = report("bands", str(tmp_path / "2024"), asked={"places": {"township": "name"}}, by=("township",))
    assert towns(made) == {"银江镇": 2, "格里坪镇": 1}


def test_a_place_is_taken_from_the_name_of_the_folder(tmp_path: Path, report: Make) -> None:
    village(tmp_path / "2024" / "东区" / "a.csv", "1", "2")
    village(tmp_path / "2024" / "西区" / "a.csv", "3")
    made = report("bands", str(tmp_path / "2024"), asked={"places": {"county": "folder"}}, by=("county",))
    assert counties(made) == {"东区": 2, "西区": 1}


def test_the_folder_of_a_file_that_is_named_without_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Make
) -> None:
    village(tmp_path / "东区" / "2024.csv")
    monkeypatch.chdir(tmp_path / "东区")
    assert counties(report("bands", "2024.csv", asked={"places": {"county": "folder"}}, by=("county",))) == {"东区": 1}


def test_a_place_is_taken_from_the_name_of_the_sheet(tmp_path: Path, report: Make) -> None:
    pages = [Sheet(drawn(f"household_id|income\n'{name}|30000"), name) for name in ("银江镇", "格里坪镇")]
    book = write_xlsx(tmp_path / "2024.xlsx", *pages)
    made = report("bands", book, asked={"places": {"township": "sheet"}}, by=("township",))
    assert towns(made) == {"银江镇": 1, "格里坪镇": 1}


def test_several_places_are_taken_at_once(tmp_path: Path, report: Make, shows: Make) -> None:
    village(tmp_path / "2024" / "东区" / "银江镇.csv", "1")
    village(tmp_path / "2024" / "西区" / "格里坪镇.csv", "2", "3")
    places = {"county": "folder", "township": "name"}
    made = report("bands", str(tmp_path / "2024"), asked={"places": places}, by=("county", "township"))
    shows(
        made.tables["summary"],
        "county | township | households\n东区 | 银江镇 | 1\n西区 | 格里坪镇 | 2",
    )


def test_a_column_of_its_own_goes_before_the_name_and_that_is_said(tmp_path: Path, report: Make) -> None:
    village(tmp_path / "2024" / "银江镇.csv", "1")
    own = village(tmp_path / "2024" / "其他.csv")
    own.write_text("household_id,乡镇,income\n2,格里坪镇,30000\n3,,30000\n", encoding="utf-8")
    made = report("bands", str(tmp_path / "2024"), asked={"places": {"township": "name"}}, by=("township",))
    assert towns(made) == {"银江镇": 1, "格里坪镇": 1, None: 1}
    assert [(note.key, note.facts) for note in made.notes] == [
        ("places_kept", {"file": str(own), "columns": ["township"]})
    ]


def test_a_place_from_a_name_is_listed_with_the_households(tmp_path: Path, report: Make, shows: Make) -> None:
    village(tmp_path / "银江镇.csv").write_text("household_id,income\n1,29000\n", encoding="utf-8")
    made = report("flagged", str(tmp_path / "银江镇.csv"), asked={"places": {"township": "name"}})
    shows(made.main, "household_id | township | shortfall\n1 | 银江镇 | 1000")


@pytest.mark.parametrize("pattern", ["", "county=*/*/*.csv", "**/*.csv"])
def test_folders_as_spark_writes_them_tell_a_place_and_a_round(tmp_path: Path, report: Make, pattern: str) -> None:
    village(tmp_path / "store" / "county=东区" / "survey_round=2024" / "part-0.csv", "1", "2")
    village(tmp_path / "store" / "county=%E8%A5%BF%E5%8C%BA" / "survey_round=2024" / "part-0.csv", "3")
    village(tmp_path / "store" / "county=__HIVE_DEFAULT_PARTITION__" / "survey_round=2023" / "part-0.csv", "4")
    made = report("bands", str(tmp_path / "store" / pattern), rounds=("2024",), by=("county",))
    assert counties(made) == {"东区": 2, "西区": 1}
    assert [note.key for note in made.notes] == ["other_rounds"]


def test_a_column_of_the_file_goes_before_the_folder_that_tells_it(tmp_path: Path, report: Make) -> None:
    file = village(tmp_path / "store" / "county=东区" / "part-0.csv")
    file.write_text("household_id,county,income\n1,西区,30000\n", encoding="utf-8")
    assert counties(report("bands", str(tmp_path / "store"), by=("county",))) == {"西区": 1}
