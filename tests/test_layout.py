from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.errors import SurveyRefused

if TYPE_CHECKING:
    from incomeladder.read.source import Source

Make = Any


def became(source: Source) -> dict[str, str | None]:
    columns = source.layout.columns
    return dict(zip(columns.headings, columns.names, strict=True))


def refusal(sources: Make, file: str, **asked: object) -> list[tuple[str, dict[str, object]]]:
    with pytest.raises(SurveyRefused) as refused:
        sources(file, **asked)
    return [(reason.key, {**reason.facts, "file": "?"}) for reason in refused.value.reasons]


# headings that the programme names


def test_a_heading_of_the_programme_is_a_column(survey: Make, sources: Make) -> None:
    (source,) = sources(survey("户编号|全家进账\n1|30000"), usual={"income": ("全家进账",)})
    assert became(source) == {"户编号": "household_id", "全家进账": "income"}


def test_a_heading_of_the_programme_need_not_be_there(survey: Make, sources: Make) -> None:
    (source,) = sources(survey("户编号|年收入\n1|30000"), usual={"income": ("全家进账",), "size": ("几口人",)})
    assert became(source) == {"户编号": "household_id", "年收入": "income"}


def test_each_file_has_one_of_several_headings_of_the_programme(survey: Make, sources: Make) -> None:
    files = [survey(f"户编号|{heading}\n1|30000") for heading in ("进账", "总进账", "年收入")]
    read = sources(*files, usual={"income": ("总进账", "进账")})
    assert [source.columns for source in read] == [("household_id", "income", "survey_round")] * 3


def test_two_headings_of_the_programme_in_one_file_are_refused(survey: Make, sources: Make) -> None:
    file = survey("户编号|进账|总进账\n1|3|4")
    assert refusal(sources, file, usual={"income": ("总进账", "进账")}) == [
        ("two_headings_for_column", {"file": "?", "column": "income", "headings": ["进账", "总进账"]})
    ]


def test_a_heading_of_the_programme_beside_a_known_one_is_settled_by_the_programme(survey: Make, sources: Make) -> None:
    (source,) = sources(survey("户编号|年收入|进账\n1|3|30000"), usual={"income": ("进账",)})
    assert became(source) == {"户编号": "household_id", "年收入": "column:年收入", "进账": "income"}


def test_the_asked_heading_goes_before_that_of_the_programme(survey: Make, sources: Make) -> None:
    file = survey("户编号|进账|总进账\n1|30000|4")
    (source,) = sources(file, columns={"income": "进账"}, usual={"income": ("总进账",)})
    assert became(source) == {"户编号": "household_id", "进账": "income", "总进账": "column:总进账"}


def test_a_heading_of_the_programme_settles_a_doubt(survey: Make, sources: Make) -> None:
    (source,) = sources(survey("户编号|地区|年收入\n1|东区|30000"), usual={"county": ("地区",)})
    assert became(source)["地区"] == "county"


def test_a_heading_of_the_programme_is_found_below_titles_and_without_its_unit(write: Make, sources: Make) -> None:
    (source,) = sources(
        write("2024年台账,,\n编码,进账（万元）,口数\n1,3,2\n"), usual={"income": ("进账",), "size": ("口数",)}
    )
    assert (became(source)["进账（万元）"], source.layout.heading_row) == ("income", 2)
    assert "income" in source.wan


# doubts


AREA = {"file": "?", "heading": "地区", "columns": ["county", "township"]}


def test_a_heading_that_could_be_two_columns_is_refused_with_both(survey: Make, sources: Make) -> None:
    assert refusal(sources, survey("户编号|地区|年收入\n1|东区|30000")) == [
        ("heading_ambiguous", {**AREA, "options": ["--column county=地区", "--column township=地区"]})
    ]


@pytest.mark.parametrize("column", ["county", "township"])
def test_naming_one_of_the_two_columns_settles_it(survey: Make, sources: Make, column: str) -> None:
    (source,) = sources(survey("户编号|地区|年收入\n1|东区|30000"), columns={column: "地区"})
    assert became(source)["地区"] == column


def test_naming_another_heading_for_one_of_the_two_leaves_the_other(survey: Make, sources: Make) -> None:
    file = survey("户编号|县名|地区|年收入\n1|东区|银江镇|30000")
    (source,) = sources(file, columns={"county": "县名"})
    assert became(source)["地区"] == "township"


def test_every_doubt_about_the_headings_is_told_at_once(survey: Make, sources: Make) -> None:
    told = refusal(sources, survey("户编号|户号|地区|姓名|姓名|年收入\n1|1|a|b|c|30000"))
    assert [key for key, _ in told] == ["heading_twice", "heading_ambiguous", "two_headings_for_column"]


# two rows of headings


def test_parts_below_a_wide_heading_are_columns(write: Make, sources: Make) -> None:
    file = write("户编号,家庭收入（元）,,,\n,工资性收入,经营净收入,财产净收入,转移净收入\n1,30000,1,2,3\n")
    (source,) = sources(file)
    assert source.columns == (
        *("household_id", "wage_income", "business_income", "property_income", "transfer_income"),
        "survey_round",
    )
    assert (source.layout.heading_row, source.layout.titles) == (2, ())
    assert source.layout.first_row == ("1", "30000", "1", "2", "3")


def test_parts_that_are_no_columns_keep_the_name_of_what_stands_above(write: Make, sources: Make) -> None:
    file = write("户编号,户主,,家庭收入,\n,姓名,电话,工资性收入,转移净收入\n1,张三,0812,30000,0\n")
    (source,) = sources(file)
    assert list(became(source)) == ["户编号", "户主 姓名", "电话", "工资性收入", "转移净收入"]


def test_a_title_above_the_headings_is_no_first_row_of_them(write: Make, sources: Make) -> None:
    (source,) = sources(write("2024年家庭收入,,\n户编号,乡镇,年收入\n1,银江镇,30000\n"))
    assert (source.layout.titles, source.layout.heading_row) == (("2024年家庭收入",), 2)


@pytest.mark.parametrize("unit", ["万元", "（万元）", "(万元)", "单位：万元", "万元/年"])
def test_a_row_of_units_below_the_headings_names_the_unit(write: Make, sources: Make, unit: str) -> None:
    (source,) = sources(write(f"户编号,乡镇,年收入\n,,{unit}\n1,银江镇,3.5\n"))
    assert source.columns == ("household_id", "township", "income", "survey_round")
    assert (source.layout.heading_row, "income" in source.wan) == (2, True)


def test_a_row_of_units_in_yuan_answers_the_question_for_the_unit(write: Make, report: Make, shows: Make) -> None:
    made = report("bands", write("household_id,income\n,yuan\n1,350\n"))
    shows(made.tables["summary"], "households | below_floor | shortfall\n1 | 1 | 29650")


# rows that number the columns


@pytest.mark.parametrize(
    "numbers", ["甲,乙,1,2", "甲,乙,丙,丁", "(1),(2),(3),(4)", "（1）,（2）,（3）,（4）", "栏次,1,2,3", "甲,,1,2"]
)
def test_a_row_that_numbers_the_columns_is_no_household(write: Make, report: Make, numbers: str) -> None:
    made = report("check", write(f"户编号,乡镇,年收入,人口数\n{numbers}\n1,银江镇,30000,3\n"))
    assert (made.accounting[""].rows_read, made.tables["problems"].height) == (1, 0)


def test_bare_numbers_of_five_columns_and_more_number_them(write: Make, report: Make) -> None:
    made = report("check", write("户编号,乡镇,村,年收入,人口数\n1,2,3,4,5\n6,银江镇,沙坝村,30000,3\n"))
    assert made.accounting[""].rows_read == 1


@pytest.mark.parametrize(
    "household", ["1,2,3,4", "2,3,4,5", "1,2,30000,4", "甲,2,30000,3", "1,,2,3", "4,3,2,1", "(1),2,3,4"]
)
def test_a_household_of_small_numbers_is_a_household(write: Make, report: Make, household: str) -> None:
    file = write(f"户编号,乡镇,年收入,人口数\n{household}\n5,银江镇,30000,3\n")
    assert report("check", file).accounting[""].accepted == 2


@pytest.mark.parametrize("household", ["1,2,3,4,6", "2,3,4,5,6", "1,2,3,4,", "01,2,3,4,5"])
def test_a_household_of_five_columns_that_are_no_count_is_a_household(
    write: Make, report: Make, household: str
) -> None:
    file = write(f"户编号,乡镇,村,年收入,人口数\n{household}\n6,银江镇,沙坝村,30000,3\n")
    assert report("check", file).accounting[""].accepted == 2


def test_only_the_row_right_below_the_headings_numbers_columns(write: Make, report: Make) -> None:
    file = write("户编号,乡镇,村,年收入,人口数\n6,银江镇,沙坝村,30000,3\n1,2,3,4,5\n")
    assert report("check", file).accounting[""].accepted == 2


def test_units_and_numbers_may_both_stand_below_the_headings(write: Make, sources: Make) -> None:
    (source,) = sources(write("户编号,乡镇,年收入,人口数\n,,万元,\n甲,乙,1,2\n1,银江镇,3.5,3\n"))
    assert (source.layout.heading_row, source.layout.first_row) == (3, ("1", "银江镇", "3.5", "3"))
    assert "income" in source.wan


# cells of headings on several lines


@pytest.mark.parametrize(
    ("heading", "read"),
    [
        ("家庭\n年收入", "家庭年收入"),
        ("家庭 \r\n 年收入", "家庭年收入"),
        ("annual\nincome", "annual income"),
        ("家庭年收入\n（元）", "家庭年收入（元）"),
        ("\n家庭年收入\n", "家庭年收入"),
    ],
)
def test_a_heading_on_several_lines_is_one_heading(write: Make, sources: Make, heading: str, read: str) -> None:
    (source,) = sources(write(f'户编号,"{heading}"\n1,30000\n'))
    assert became(source) == {"户编号": "household_id", read: "income"}


def test_a_row_below_a_heading_on_several_lines_keeps_its_line(write: Make, report: Make) -> None:
    problems = report("check", write('户编号,"家庭\n年收入\n（元）"\n1,30000\n2,abc\n')).tables["problems"]
    assert problems.select("row", "column").rows() == [(5, "家庭年收入（元）")]
