"""What a wrong number could come of is asked or warned about, and never guessed."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from incomeladder.errors import SurveyRefused
from incomeladder.render.problems import discreet
from sheets import ODS_TYPE, Sheet, drawn, write_ods, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Make = Callable[..., Report]
    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def reasons(make: Callable[..., object], *arguments: object, **wanted: object) -> list[str]:
    with pytest.raises(SurveyRefused) as refused:
        make(*arguments, **wanted)
    return [reason.key for reason in refused.value.reasons]


@pytest.mark.parametrize("other", ["合计", "总计", "其他收入", "总计（元）", "收入情况"])
def test_parts_beside_which_there_may_be_more_income_are_not_taken_for_all(
    survey: Write, sources: Sources, other: str
) -> None:
    file = survey(f"户编号 | 工资性收入 | 经营净收入 | {other}\n1 | 20000 | 5000 | 33000")
    assert reasons(sources, file) == ["more_than_parts"]
    (settled,) = sources(file, columns={"income": other})
    assert settled.incomes == ("income",)


@pytest.mark.parametrize("other", ["收入来源", "是否低收入户", "备注"])
def test_a_column_that_only_speaks_of_incomes_is_none(survey: Write, sources: Sources, other: str) -> None:
    (source,) = sources(survey(f"户编号 | 工资性收入 | 经营净收入 | {other}\n1 | 20000 | 5000 | x"))
    assert source.incomes == ("wage_income", "business_income")


def test_four_parts_are_the_whole_income_whatever_stands_beside_them(survey: Write, sources: Sources) -> None:
    headings = "户编号 | 工资性收入 | 经营净收入 | 财产净收入 | 转移净收入 | 其中政策性收入"
    (source,) = sources(survey(f"{headings}\n1 | 20000 | 5000 | 0 | 900 | 300"))
    assert len(source.incomes) == 4


@pytest.mark.parametrize("heading", ["年收入（千元）", "年收入(百元)", "家庭年收入（亿元）"])
def test_a_heading_in_a_unit_that_is_not_known_is_refused(survey: Write, sources: Sources, heading: str) -> None:
    file = survey(f"户编号 | {heading}\n1 | 30")
    assert reasons(sources, file, columns={"income": heading}) == ["other_unit"]


def test_a_title_in_a_unit_that_is_not_known_is_refused(report: Make, survey: Write) -> None:
    assert "other_unit" in reasons(report, "bands", survey("单位：千元 |\n户编号 | 年收入\n1 | 30"))


@pytest.mark.parametrize(
    ("title", "wan"),
    [
        ("单位：元、人", False),
        ("单位：人、万元", True),
        ("单位：元、万元、人", None),
        ("单位：元/万元", None),
        ("单位：万元", True),
        ("填报单位：银江镇", None),
    ],
)
def test_a_title_that_names_two_units_names_none(
    survey: Write, sources: Sources, title: str, *, wan: bool | None
) -> None:
    (source,) = sources(survey(f"{title} |\n户编号 | 年收入\n1 | 3"))
    assert source.layout.title_wan is wan


@pytest.mark.parametrize(
    ("incomes", "doubtful"),
    [
        (["2.5", "3.85万", "12"], True),
        (["2.5", "38500", "12", "7"], True),
        (["38500", "20000", "300"], False),
        (["-5", "38500"], False),
    ],
)
def test_incomes_that_no_families_usually_have_are_a_loud_warning(
    report: Make, survey: Write, incomes: list[str], *, doubtful: bool
) -> None:
    rows = "\n".join(f"{number} | {income}" for number, income in enumerate(incomes))
    notes = report("bands", survey(f"户编号 | 年收入\n{rows}")).notes
    assert ("level_doubtful" in {note.key for note in notes}) is doubtful


def test_a_unit_too_much_is_told_of_the_file_that_has_it(report: Make, survey: Write) -> None:
    files = survey("户编号 | 年收入\n1 | 2.5", "a.csv"), survey("户编号 | 年收入\n2 | 25000", "b.csv")
    notes = report("check", *files, asked={"wan": True}).notes
    assert [note.facts["file"] for note in notes if note.key == "level_doubtful"] == [files[1]]


def test_a_roster_that_repeats_the_household_s_income_is_refused(report: Make, survey: Write) -> None:
    repeated = survey("户编号 | 姓名 | 家庭年收入\n1 | 甲 | 50000\n1 | 乙 | 50000\n2 | 丙 | 40000")
    assert reasons(report, "bands", repeated, asked={"persons": True}) == ["household_income_repeated"]
    apart = survey("户编号 | 姓名 | 家庭年收入\n1 | 甲 | 50000\n1 | 乙 | \n2 | 丙 | 40000\n2 | 丁 | 1000")
    assert report("bands", apart, asked={"persons": True}).accounting[""].households == 2


def test_a_table_of_places_is_no_survey(survey: Write, sources: Sources, tmp_path: Path) -> None:
    places = drawn("村 | 户数 | 家庭年收入\n沙坝村 | 2 | 60000")
    assert reasons(sources, survey("村 | 户数 | 家庭年收入\n沙坝村 | 2 | 60000")) == ["table_of_places"]
    book = write_xlsx(
        tmp_path / "a.xlsx", Sheet(places, "汇总"), Sheet(drawn("村 | 家庭年收入\n沙坝村 | 25000"), "明细")
    )
    assert [source.table.sheet for source in sources(book)] == ["明细"]


@pytest.mark.parametrize(
    ("heading", "column", "wan"),
    [
        ("2024年家庭年收入（万元）", "income", True),
        ("2024年度家庭总收入(元)", "income", False),
        ("家庭年收入【万元】", "income", True),
        ("家庭年收入〔元〕", "income", False),
        ("家庭人口数（人）", "size", None),
        ("村名", "village", None),
        ("年份", "survey_round", None),
    ],
)
def test_a_year_before_a_heading_and_any_bracket_around_its_unit_are_no_part_of_it(
    survey: Write, sources: Sources, heading: str, column: str, *, wan: bool | None
) -> None:
    income = "" if column == "income" else " | 年收入"
    (source,) = sources(survey(f"户编号 | {heading}{income}\n1 | 3{income and ' | 5'}"))
    assert source.heading(column) == heading
    assert source.layout.columns.units.get(column) is wan


def test_headings_of_two_years_are_asked_about(survey: Write, sources: Sources) -> None:
    file = survey("户编号 | 2023年家庭年收入 | 2024年家庭年收入\n1 | 3 | 4")
    assert reasons(sources, file) == ["two_headings_for_column"]


def test_headings_repeated_on_every_page_are_skipped(report: Make, survey: Write) -> None:
    told = report("check", survey("户编号 | 年收入\n1 | 30000\n户编号 | 年收入\n2 | 40000")).accounting[""]
    assert (told.accepted, told.skipped) == (2, 1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("510402198001010014", "5104…0014"),
        ("abc51040219800101000X!", "abc5104…000X!"),
        ("38500.123456789", "38500.123456789"),
        ("12345", "12345"),
    ],
)
def test_an_id_in_the_wrong_column_is_shortened_too(report: Make, survey: Write, value: str, shown: str) -> None:
    problems = report("check", survey(f"户编号 | 年收入 | 人口数\n1 | 5 | {value}\n2 | 6000 | 3")).tables["problems"]
    assert (problems["value"].item(), discreet(problems)["value"].item()) == (value, shown)


def libreoffice(path: Path, *tables: str) -> str:
    """As LibreOffice writes sheets: to the last row and column, the empty ones told once."""
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content {SPACES}>{body}</office:document-content>")
    return str(path)


EMPTY_SHEET = (
    '<table:table table:name="说明"><table:table-column table:number-columns-repeated="16384"/>'
    '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row></table:table>'
)


def test_an_empty_sheet_of_libreoffice_is_no_cell_far_away(tmp_path: Path, sources: Sources) -> None:
    cell = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
    rest = '<table:table-cell table:number-columns-repeated="16382"/>'
    rows = [("户编号", "年收入"), ("1", "30000")]
    told = "".join(
        f"<table:table-row>{''.join(cell.format('', text) for text in row)}{rest}</table:table-row>" for row in rows
    )
    end = f'<table:table-row table:number-rows-repeated="1048574">{rest}</table:table-row>'
    columns = '<table:table-column table:number-columns-repeated="16384"/>'
    survey = f'<table:table table:name="一村">{columns}{told}{end}</table:table>'
    (source,) = sources(libreoffice(tmp_path / "a.ods", EMPTY_SHEET, survey))
    assert source.rows.select("household_id", "income").collect().rows() == [("1", "30000")]


def test_cells_merged_over_rows_are_told_of_an_ods(tmp_path: Path, sources: Sources) -> None:
    book = write_ods(tmp_path / "a.ods", Sheet(drawn("村 | 户编号 | 年收入\n沙坝村 | '1 | 30000\n | '2 | 40000")))
    content = zipfile.ZipFile(book).read("content.xml").decode()
    spanned = content.replace("<table:table-cell", '<table:table-cell table:number-rows-spanned="2"', 1)
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", ODS_TYPE)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", spanned)
    (source,) = sources(book)
    assert [note.key for note in source.table.notes] == ["ods_merged"]
