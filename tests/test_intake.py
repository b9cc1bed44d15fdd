"""Files as offices send them, from the bytes to the report: what is read, what is skipped, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.errors import RowsRejected, SurveyRefused, UsageRefused
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.report import Report

Make = Any


def rules(checked: Report) -> dict[str, int]:
    return dict(checked.tables["rules"].select("rule", "count").iter_rows())


def test_words_for_urban_and_rural_are_one_group_each(report: Make, survey: Make, shows: Make) -> None:
    made = report(
        "bands", survey("household_id|income|residence\n1|5000|城镇\n2|6000|urban\n3|7000|农村"), by=("residence",)
    )
    shows(made.tables["summary"], "residence | households\nrural | 1\nurban | 2")


def test_an_unknown_residence_is_rejected_and_a_missing_one_is_not(report: Make, survey: Make) -> None:
    checked = report("check", survey("household_id|income|residence\n1|5000|moon\n2|5000|\n3|5000|未知"))
    assert rules(checked) == {"unknown_residence": 1}


@pytest.mark.parametrize("head", ["household_id,income\rnote\n", "title\rhousehold_id,income\n"])
def test_an_old_line_end_above_the_rows_loses_no_household(report: Make, write: Make, head: str) -> None:
    file = write('household_id,"income\r元"\n1,5000\n2,6000\n' if "note" in head else f"{head}1,5000\n2,6000\n")
    assert report("bands", file).accounting[""].accepted == 2


@pytest.mark.parametrize(
    "drawn",
    [
        "县区|户编号|家庭年收入\n东区|1|5000\n |合计|5000",
        "序号|户编号|家庭年收入\n1|1|5000\n |合 计|5000",
        "户编号|家庭年收入\n1|5000\n填表人：张三|",
        "survey_round|household_id|income\n2024|1|5000\n合计||5000",
    ],
)
def test_totals_and_notes_are_skipped_wherever_they_are_named(report: Make, survey: Make, drawn: str) -> None:
    told = report("bands", survey(drawn)).accounting[""]
    assert (told.rows_read, told.accepted, told.skipped) == (2, 1, 1)


@pytest.mark.parametrize("damage", [b"2,\xe8\xa5,6000\n", b"2,\xff,6000\n", b"2,\xe8\xa5"])
def test_damaged_utf8_is_refused_at_its_line_and_not_read_as_gb18030(report: Make, write: Make, damage: bytes) -> None:
    with pytest.raises(SurveyRefused) as refusal:
        report("bands", write("household_id,county,income\n1,东区,5000\n".encode() + damage))
    (reason,) = refusal.value.reasons
    assert (reason.key, reason.facts["row"], reason.facts["encoding"]) == ("undecodable", 3, "utf-8")


def test_damage_far_down_a_long_utf8_file_is_refused_too(report: Make, write: Make) -> None:
    rows = "".join(f"{number},东区,5000\n" for number in range(9000))
    with pytest.raises(SurveyRefused) as refusal:
        report("bands", write(f"household_id,county,income\n{rows}".encode() + b"x,\xe8,1\n"))
    assert refusal.value.reasons[0].facts["row"] == 9002


def test_letters_of_a_currency_in_an_id_are_part_of_the_id(report: Make, survey: Make) -> None:
    told = report("bands", survey("household_id|income\nCNY001|5000\n001|6000\nx y|RMB7000"))
    assert told.accounting[""].accepted == 3


def test_empty_and_unknown_cells_of_any_column_are_one_group(report: Make, write: Make, shows: Make) -> None:
    made = report(
        "bands", write('household_id,income,x\n1,5000,""\n2,6000,\n3,7000,无\n4,8000, a\n5,9000,a\n'), by=("x",)
    )
    shows(made.tables["summary"], "x | households\na | 2\n | 3")


def test_one_file_may_have_the_income_and_another_its_parts(report: Make, survey: Make) -> None:
    files = (
        survey("household_id|income\n1|5000"),
        survey("household_id|wage_income|transfer_income\n2|500|700", "2024.csv"),
    )
    told = report("bands", *files, asked={"wan": False})
    assert told.tables["summary"]["below_floor"].to_list() == [2]
    assert [note.key for note in told.notes] == ["income_from_parts"]


def test_small_parts_ask_for_their_unit_as_small_incomes_do(report: Make, survey: Make) -> None:
    files = survey("household_id|income\n1|5000"), survey("household_id|wage_income\n2|3.5", "2024.csv")
    with pytest.raises(SurveyRefused) as refusal:
        report("bands", *files)
    assert [(reason.key, reason.facts["file"]) for reason in refusal.value.reasons] == [("unit_unclear", files[1])]


def test_columns_shown_with_the_list_are_in_yuan_and_whole_weights(report: Make, survey: Make, shows: Make) -> None:
    drawn = "household_id|income|weight|wage_income|姓名\n1|5000|2.5|3000.5|张三"
    made = report("flagged", survey(drawn), extra=("weight", "wage_income", "姓名", "income"))
    shows(made.main, "household_id|income|weight|wage_income|姓名\n1|5000|2.5|3000.5|张三")


@pytest.mark.parametrize("column", ["household_id", "income", "wage_income", "weight", "survey_round"])
def test_columns_that_make_no_groups_are_refused(report: Make, survey: Make, column: str) -> None:
    file = survey("household_id|income|wage_income|weight\n1|5000|1|1")
    with pytest.raises(UsageRefused, match="no_group"):
        report("bands", file, by=(column,))


def test_rounds_are_told_apart_by_numbers_and_by_signs() -> None:
    assert natural({"10", "9", "2024-H2", "①", "2024-H1", "甲"}) == ("9", "10", "2024-H1", "2024-H2", "①", "甲")


@pytest.mark.parametrize("encoding", ["base64", "no-such", "rot13"])
def test_an_encoding_that_is_none_is_refused(report: Make, survey: Make, encoding: str) -> None:
    with pytest.raises(UsageRefused, match="unknown_encoding"):
        report("bands", survey("household_id|income\n1|5000"), asked={"encoding": encoding})


def test_a_row_of_place_names_above_the_headings_does_not_pass_for_them(report: Make, survey: Make) -> None:
    drawn = "乡镇|大渡口镇|村|华芝社区\n户编号|户主姓名|家庭人口数|家庭年收入\n1|张三|3|5000"
    assert report("bands", survey(drawn)).accounting[""].accepted == 1


def test_a_row_of_spaces_is_skipped(report: Make, write: Make) -> None:
    told = report("bands", write("household_id,county,income\n1,a,5000\n , , \n3,c,7000\n")).accounting[""]
    assert (told.accepted, told.rejected, told.skipped) == (2, 0, 1)


@pytest.mark.parametrize("command", ["bands", "flagged", "check"])
def test_an_empty_file_among_others_is_refused_by_every_command(report: Make, survey: Make, command: str) -> None:
    files = survey("household_id|income\n1|5000"), survey("household_id|income", "2025.csv")
    with pytest.raises(SurveyRefused, match="header_only"):
        report(command, *files)


@pytest.mark.parametrize("cell", ["－", "ＮＡ", '="" '.strip(), "　", "N/A ", "\u200b"])
def test_missing_is_missing_however_wide_it_is_written(report: Make, write: Make, cell: str) -> None:
    quoted = cell.replace('"', '""')
    told = report("bands", write(f'household_id,income,size\n1,5000,3\n2,"{quoted}","{quoted}"\n')).accounting[""]
    assert (told.accepted, told.missing_income) == (2, 1)


@pytest.mark.parametrize(
    ("row", "rule"),
    [("2,6000,7,8", "long_row"), ("2,6000,7,8,9", "long_row"), ("2,6000", "short_row"), ('2,"6"0,7', "bad_quote")],
)
def test_a_row_of_odd_shape_is_found_at_its_line(report: Make, write: Make, row: str, rule: str) -> None:
    with pytest.raises(RowsRejected) as refusal:
        report("bands", write(f"household_id,income,x\n1,5000,a\n{row}\n3,5000,a\n"))
    assert refusal.value.problems.select("row", "rule").rows() == [(3, rule)]


def test_empty_cells_beyond_the_last_heading_are_no_fault(report: Make, write: Make) -> None:
    assert report("bands", write("household_id,income\n1,5000,\n2,6000,,,\n")).accounting[""].accepted == 2


def test_every_copy_of_an_id_names_the_places_of_all(report: Make, survey: Make) -> None:
    files = survey("household_id|income\n1|5000\n2|5000"), survey("household_id|income\n１|6000", "2024.csv")
    checked = report("check", *files)
    assert rules(checked) == {"duplicate_household_id": 2}
    assert checked.tables["problems"]["places"].unique().to_list() == [f"{files[0]}:2, {files[1]}:2"]


def test_a_file_written_to_while_it_is_read_is_refused(sources: Make, survey: Make) -> None:
    file = survey("household_id|income\n1|5000")
    (source,) = sources(file)
    with Path(file).open("a", encoding="utf-8") as later:
        later.write("2,6000\n")
    with pytest.raises(SurveyRefused, match="file_changed"):
        source.refuse_changed()


def test_large_files_are_guessed_to_hold_one_round_and_looked_at_again_if_not(
    compare: Callable[..., Report], write: Callable[..., str]
) -> None:
    padding = "x" * 100
    rows = "".join(f"{number},2022,50000,{padding}\n" for number in range(40_000))
    before = write(f"household_id,survey_round,income,note\n{rows}1,2023,20000,x\n", "a.csv")
    after = write("household_id,survey_round,income\n1,2024,40000\n", "b.csv")
    made = compare(before, after)
    assert (made.parameters["from"], made.parameters["to"]) == ("2023", "2024")
    assert made.tables["summary"]["rose_above_floor"].to_list() == [1]
    assert made.accounting["before"].rows_read == 1


def test_the_asked_unit_fills_in_only_where_a_file_names_none(report: Make, survey: Make) -> None:
    files = (
        survey("household_id|年收入（元）\n1|32000\n2|29000"),
        survey("household_id|income\n3|3.2\n4|2.9", "2024.csv"),
    )
    told = report("bands", *files, asked={"wan": True})
    assert told.tables["summary"]["below_floor"].to_list() == [2]
    assert [(note.key, note.facts["file"]) for note in told.notes] == [
        ("unit_kept", files[0]),
        ("read_in_wan", files[1]),
    ]


@pytest.mark.parametrize(
    ("title", "wan"),
    [
        ("单位：万元", True),
        ("填报单位：仁和镇,单位:人、万元", True),
        ("本表金额以万元为单位", True),
        ("金额单位：元", False),
        ("填报单位：元坝镇", None),
        ("2024年家庭收入调查表", None),
    ],
)
def test_a_title_may_name_the_unit_and_an_office_is_none(
    sources: Make, write: Make, title: str, *, wan: bool | None
) -> None:
    (source,) = sources(write(f"{title}\nhousehold_id,income\n1,5\n"))
    assert source.layout.title_wan is wan


def test_a_slip_of_the_unit_between_rounds_is_a_loud_warning(compare: Make, survey: Make) -> None:
    before = survey("household_id|income\n1|45000\n2|60000", "2023.csv")
    after = survey("household_id|income\n1|4.5\n2|6\n3|3000", "2024.csv")
    (note, *_) = compare(before, after).notes
    assert (note.key, note.facts["was"], note.facts["is_now"]) == ("unit_slip", 52500, 6)
    assert [
        note.key for note in compare(before, survey("household_id|income\n1|90000\n2|1000", "2024.csv")).notes
    ] == []


def test_a_date_at_the_foot_is_no_household(report: Make, survey: Make) -> None:
    told = report("bands", survey("户编号|家庭年收入\n1|29000\n2024年1月5日|\n日期：2024-01-05|")).accounting[""]
    assert (told.accepted, told.skipped) == (1, 2)


def test_round_names_are_the_same_however_wide_they_are_written(report: Make, survey: Make) -> None:
    told = report("bands", survey("household_id|income|年份\n1|5000|２０２３\n2|6000|2023\n3|7000| 2023 "))
    assert (told.parameters["rounds"], told.accounting[""].accepted) == (["2023"], 3)


def test_faults_of_rounds_that_are_not_shown_are_noted(report: Make, survey: Make) -> None:
    told = report("bands", survey("household_id|income|survey_round\n1|x|2023\n1|30000|2024"))
    assert [note.key for note in told.notes] == ["other_rounds", "other_rounds_rejected"]


@pytest.mark.parametrize(
    ("names", "pair"),
    [(("", ""), ("9", "10")), (("8", ""), ("8", "10")), (("", "9"), ("8", "9")), (("10", "8"), ("10", "8"))],
)
def test_the_later_round_is_the_last_and_the_earlier_the_one_before(
    compare: Make, survey: Make, names: tuple[str, str], pair: tuple[str, str]
) -> None:
    file = survey("household_id|income|survey_round\n1|5000|10\n1|5000|9\n1|5000|8")
    made = compare(file, rounds=names)
    assert (made.parameters["from"], made.parameters["to"]) == pair


@pytest.mark.parametrize("names", [("10", ""), ("", "8")])
def test_nothing_is_compared_backwards_unless_both_rounds_are_named(
    compare: Make, survey: Make, names: tuple[str, str]
) -> None:
    file = survey("household_id|income|survey_round\n1|5000|10\n1|5000|9\n1|5000|8")
    with pytest.raises(SurveyRefused, match="no_earlier_round"):
        compare(file, rounds=names)


def test_one_control_character_does_not_make_a_text_binary(report: Make, write: Make) -> None:
    assert (
        report("bands", write("household_id,income,note\n1,5000,bell\x07\n" + "2,6000,x\n")).accounting[""].accepted
        == 2
    )


def test_the_end_of_file_of_dos_is_no_row_cut_short(report: Make, write: Make) -> None:
    told = report("bands", write("household_id,income\n1,5000\n\x1a")).accounting[""]
    assert (told.accepted, told.rejected, told.skipped) == (1, 0, 1)


def test_utf16_without_a_mark_is_read_when_it_is_named(report: Make, write: Make) -> None:
    file = write("household_id,income\n1,5000\n".encode("utf-16-le"))
    assert report("bands", file, asked={"encoding": "utf-16-le"}).accounting[""].accepted == 1
    with pytest.raises(SurveyRefused, match="kind_binary"):
        report("bands", file)
