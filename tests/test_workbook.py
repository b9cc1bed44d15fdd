from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW
from sheets import SUFFIXES, Sheet, drawn, members_of_xlsx, pack, save, xlsx_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.read.source import Source
    from incomeladder.report import Report

    Book = Callable[..., str]
    Make = Callable[..., Report]
    Write = Callable[..., str]
    Sources = Callable[..., tuple[Source, ...]]

MERGED = (".xlsx", ".xls")
"""Only of these are merged cells known."""

everywhere = pytest.mark.parametrize("suffix", SUFFIXES)
where_merges_are_known = pytest.mark.parametrize("suffix", MERGED)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Write sheets, drawn or as they are, as a workbook named 2024."""

    def book(suffix: str, *sheets: str | Sheet, name: str = "2024") -> str:
        made = [sheet if isinstance(sheet, Sheet) else Sheet(drawn(sheet)) for sheet in sheets]
        return save(tmp_path / f"{name}{suffix}", *made)

    return book


@pytest.fixture
def cell(tmp_path: Path) -> Book:
    """Write an .xlsx in which the income of household 1 is a <c> element, and that of household 2 is 30,000."""

    def cell(content: str) -> str:
        first = f'<row r="2"><c r="A2"><v>1</v></c>{content}</row>'
        second = '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><v>30000</v></c></row>'
        return pack(tmp_path / "2024.xlsx", members_of_xlsx(xlsx_row(1, "户编号", "家庭年收入") + first + second))

    return cell


def cells(source: Source, *columns: str) -> list[tuple[Any, ...]]:
    return source.prove().rows.select(columns).collect().rows()


def became(source: Source) -> dict[str, str | None]:
    return dict(zip(source.layout.columns.headings, source.layout.columns.names, strict=True))


def problems(report: Make, file: str) -> list[tuple[Any, ...]]:
    return report("check", file).tables["problems"].select("row", "column", "value", "rule").rows()


def notes(found: Report) -> dict[str, dict[str, object]]:
    return {note.key: note.facts for note in found.notes}


def refusal(sources: Sources, *files: str, **asked: object) -> dict[str, dict[str, object]]:
    with pytest.raises(SurveyRefused) as refused:
        sources(*files, **asked)
    return {reason.key: reason.facts for reason in refused.value.reasons}


# titles, headings and units


@everywhere
def test_a_title_row_above_the_headings_is_told(report: Make, book: Book, suffix: str) -> None:
    found = report(
        "flagged",
        book(
            suffix,
            """
            银江镇家庭收入调查表 |        |
            填报单位：银江镇     |        | 2024年3月
                                 |        |
            户编号               | 乡镇   | 家庭年收入
            '01                  | 银江镇 | 29999.99
            """,
        ),
    )
    assert notes(found)["titles_skipped"]["titles"] == ["银江镇家庭收入调查表", "填报单位：银江镇 2024年3月"]
    assert found.main.select("household_id", "income").rows() == [("01", 29999.99)]
    assert found.accounting[""].rows_read == 1


@everywhere
@pytest.mark.parametrize(
    "drawing",
    [
        "单位：万元 |            \n 户编号 | 家庭年收入         \n '01 | 2.9",
        "           | 单位:万元  \n 户编号 | 家庭年收入         \n '01 | 2.9",
        "户编号     | 家庭年收入（万元） \n '01 | 2.9",
        "户编号     | 家庭年收入         \n | 万元        \n '01 | 2.9",
        "户编号     | 家庭年收入         \n | （万元）    \n '01 | 2.9",
        "单位：元   |            \n 户编号 | 家庭年收入（万元） \n '01 | 2.9",
    ],
    ids=["title", "title at the right", "heading", "unit row", "unit row in brackets", "heading before title"],
)
def test_the_unit_stands_in_the_title_the_heading_or_a_row_of_its_own(
    report: Make, book: Book, suffix: str, drawing: str
) -> None:
    found = report("flagged", book(suffix, drawing))
    assert found.main.select("household_id", "income").rows() == [("01", 29000)]
    assert "read_in_wan" in notes(found)


def test_a_row_of_units_names_yuan_too(sources: Sources, book: Book) -> None:
    (source,) = sources(book(".xlsx", "户编号 | 家庭年收入\n | 元\n '01 | 290"))
    assert (source.names_unit("income"), "income" in source.wan) == (True, False)


TWO_ROWS = """
    户编号 | 乡镇   | 家庭年收入（万元） |            |            |            | 备注
           |        | 工资性收入         | 经营净收入 | 财产净收入 | 转移净收入 |
    '01    | 银江镇 | 1                  | 1.5        | 0.25       | 0.25       | 甲
    '02    | 银江镇 | 1                  | 1.5        | 0.25       | 0.2499     | 乙
"""
MERGES = ("A1:A2", "B1:B2", "C1:F1", "G1:G2")


@where_merges_are_known
def test_parts_below_a_merged_heading_are_in_its_unit(report: Make, book: Book, suffix: str) -> None:
    found = report("flagged", book(suffix, Sheet(drawn(TWO_ROWS), merges=MERGES)), tiers=("floor", "low"))
    assert found.main.select("household_id", "income").rows() == [("02", 29999), ("01", 30000)]
    assert notes(found)["income_from_all_parts"]["parts"] == [
        "wage_income",
        "business_income",
        "property_income",
        "transfer_income",
    ]


@where_merges_are_known
def test_a_part_names_a_unit_of_its_own(sources: Sources, book: Book, suffix: str) -> None:
    rows = drawn("户编号 | 家庭年收入（万元） | \n | 工资性收入 | 经营净收入（元） \n '01 | 1 | 1")
    (source,) = sources(book(suffix, Sheet(rows, merges=("A1:A2", "B1:C1"))))
    assert source.wan.intersection(source.incomes) == {"wage_income"}


@where_merges_are_known
def test_a_total_below_a_merged_heading_is_what_the_heading_says(sources: Sources, book: Book, suffix: str) -> None:
    rows = drawn("户编号 | 家庭年收入（万元） | | \n | 工资性收入 | 经营净收入 | 合计 \n '01 | 1 | 2 | 3")
    (source,) = sources(book(suffix, Sheet(rows, merges=("A1:A2", "B1:D1"))))
    assert became(source) == {
        "户编号": "household_id",
        "工资性收入（万元）": "wage_income",
        "经营净收入（万元）": "business_income",
        "家庭年收入（万元）": "income",
    }


def unmerged(book: Book, write: Write, suffix: str, drawing: str, merges: tuple[str, ...]) -> str:
    """A workbook whose merged cells nobody knows, or the text that Excel saves of it."""
    if suffix == ".csv":
        rows = drawn(drawing, numbers=False)
        return write("".join(",".join(str(cell or "") for cell in row) + "\n" for row in rows))
    return book(suffix, Sheet(drawn(drawing), merges=merges))


@pytest.mark.parametrize("suffix", [".ods", ".csv"])
def test_where_merges_are_unknown_a_part_stands_for_itself_and_has_no_unit(
    sources: Sources, book: Book, write: Write, suffix: str
) -> None:
    (source,) = sources(unmerged(book, write, suffix, TWO_ROWS, MERGES))
    assert became(source) == {
        "户编号": "household_id",
        "乡镇": "township",
        "工资性收入": "wage_income",
        "经营净收入": "business_income",
        "财产净收入": "property_income",
        "转移净收入": "transfer_income",
        "备注": "column:备注",
    }
    assert not any(map(source.names_unit, source.incomes))
    assert source.layout.heading_row == 2


@pytest.mark.parametrize("suffix", [".ods", ".csv"])
def test_where_merges_are_unknown_the_unit_of_small_parts_is_asked_for(
    report: Make, book: Book, write: Write, suffix: str
) -> None:
    file = unmerged(book, write, suffix, TWO_ROWS, MERGES)
    with pytest.raises(SurveyRefused, match="unit_unclear"):
        report("bands", file)
    assert report("flagged", file, asked={"wan": True}).main["income"].to_list() == [29999]


@pytest.mark.parametrize("suffix", [".ods", ".csv"])
def test_where_merges_are_unknown_a_total_at_the_end_is_asked_for(
    sources: Sources, book: Book, write: Write, suffix: str
) -> None:
    drawing = "户编号 | 家庭年收入 | | \n | 工资性收入 | 经营净收入 | 合计 \n '01 | 10000 | 20000 | 30000"
    facts = refusal(sources, unmerged(book, write, suffix, drawing, ("A1:A2", "B1:D1")))["more_than_parts"]
    assert (facts["parts"], facts["headings"]) == (["wage_income", "business_income"], ["合计"])


@everywhere
@pytest.mark.parametrize(
    "ordinals", ["甲 | 乙 | '1 | '2 | '3", "甲 | 乙 | 1 | 2 | 3", "(1) | (2) | (3) | (4) | (5)", "1 | 2 | 3 | 4 | 5"]
)
def test_a_row_that_numbers_the_columns_is_no_household(report: Make, book: Book, suffix: str, ordinals: str) -> None:
    drawing = f"户编号 | 乡镇 | 家庭人口数 | 家庭年收入 | 备注\n{ordinals}\n'01 | 银江镇 | 3 | 30000 |"
    told = report("bands", book(suffix, drawing)).accounting[""]
    assert (told.rows_read, told.accepted) == (1, 1)


@everywhere
def test_the_first_household_may_be_number_one(report: Make, book: Book, suffix: str) -> None:
    drawing = "户编号 | 家庭人口数 | 家庭年收入\n 1 | 2 | 3\n 2 | 2 | 30000"
    assert report("bands", book(suffix, drawing)).accounting[""].accepted == 2


@everywhere
def test_row_numbers_are_those_that_excel_shows(report: Make, book: Book, suffix: str) -> None:
    drawing = """
        某镇     |
        户编号   | 家庭年收入
        甲       | '1
        '01      | 30000
                 |
        '02      | 不详
    """
    assert problems(report, book(suffix, drawing)) == [(6, "家庭年收入", "不详", "unreadable_amount")]


@everywhere
def test_a_table_may_stand_anywhere_on_its_sheet(report: Make, book: Book, suffix: str) -> None:
    rows = [
        [None, None, None],
        [None, None, None],
        *([None, None, *row] for row in drawn("户编号 | 家庭年收入 \n '01 | 30000 \n '02 | x")),
    ]
    assert problems(report, book(suffix, Sheet(rows))) == [(5, "家庭年收入", "x", "unreadable_amount")]


@everywhere
def test_a_file_of_headings_alone_is_empty(report: Make, book: Book, suffix: str) -> None:
    with pytest.raises(SurveyRefused, match="header_only"):
        report("bands", book(suffix, "户编号 | 家庭年收入"))


@everywhere
def test_an_empty_sheet_is_empty(sources: Sources, book: Book, suffix: str) -> None:
    assert list(refusal(sources, book(suffix, Sheet([])))) == ["empty_file"]


# rows that are no households


@everywhere
def test_fault_28_totals_and_who_filled_in_the_form_are_skipped_and_said(report: Make, book: Book, suffix: str) -> None:
    file = book(
        suffix,
        """
        户编号       | 乡镇   | 家庭年收入 | 备注
        '01          | 银江镇 | 10000      |
        小计         |        | 10000      |
        '02          | 太平乡 | 20000      |
                     | 小计   | 20000      |
                     | 合 计  | 30000      |
                     |        | 30000      | 总计
        填表人：王某 |        |            |
        """,
    )
    found = report("flagged", file)
    assert found.main["household_id"].to_list() == ["01", "02"]
    assert (found.accounting[""].rows_read, found.accounting[""].skipped) == (7, 5)
    skipped = notes(found)["rows_skipped"]
    assert (skipped["rows"], skipped["places"]) == (5, [f"{file}[Sheet1]:{row}" for row in (3, 5, 6, 7, 8)])


@everywhere
def test_fault_28_a_total_with_an_id_is_told_and_not_guessed_at(report: Make, book: Book, suffix: str) -> None:
    drawing = "户编号 | 村 | 家庭年收入\n '01 | 合计 | 30000\n '02 | 合计村 | 30000\n 2户 | 太平村合计 | 60000"
    made = report("check", book(suffix, drawing))
    assert made.tables["problems"].select("row", "value", "rule").rows() == [(2, "合计", "total_with_id")]
    assert (made.accounting[""].accepted, made.accounting[""].skipped) == (1, 1)


@everywhere
def test_empty_rows_are_counted_between_households_and_not_after_them(report: Make, book: Book, suffix: str) -> None:
    rows = [*drawn("户编号 | 家庭年收入\n '01 | 30000\n | \n | \n '02 | 30000"), [None, None], ["", ""], [None, None]]
    told = report("bands", book(suffix, Sheet(rows))).accounting[""]
    assert (told.rows_read, told.accepted, told.skipped) == (4, 2, 2)


# sheets


VISIBLE = "户编号 | 家庭年收入\n '01 | 10000"
HIDDEN = Sheet(drawn("户编号 | 家庭年收入\n '02 | 20000"), name="旧表", hidden=True)
OTHER = Sheet(drawn("填表说明 | 请勿改动\n 一 | 二"), name="说明")


@everywhere
def test_fault_34_a_hidden_sheet_is_not_read_and_said(report: Make, book: Book, suffix: str) -> None:
    found = report("flagged", book(suffix, VISIBLE, HIDDEN))
    assert found.main["household_id"].to_list() == ["01"]
    assert notes(found)["sheets_hidden"]["sheets"] == ["旧表"]


@everywhere
def test_fault_34_a_hidden_sheet_is_read_when_it_is_named(report: Make, book: Book, suffix: str) -> None:
    found = report("flagged", book(suffix, VISIBLE, HIDDEN), asked={"sheets": ("旧表",)})
    assert found.main["household_id"].to_list() == ["02"]
    assert "sheets_hidden" not in notes(found)


@everywhere
def test_several_sheets_are_one_survey_and_those_without_headings_are_passed_over(
    report: Make, book: Book, suffix: str
) -> None:
    first = Sheet(drawn(VISIBLE), name="银江镇")
    second = Sheet(drawn("单位：万元 | \n 家庭年收入 | 户编号\n 2 | '02\n 2 | 合计"), name="太平乡")
    found = report("flagged", book(suffix, OTHER, first, second, Sheet([], name="空")))
    assert found.main.select("household_id", "income").rows() == [("01", 10000), ("02", 20000)]
    assert notes(found)["sheets_passed"]["sheets"] == ["说明", "空"]
    assert [source["file"].rpartition("[")[2] for source in found.parameters["sources"]] == ["银江镇]", "太平乡]"]


@everywhere
def test_a_problem_names_its_sheet(report: Make, book: Book, suffix: str) -> None:
    sheets = [Sheet(drawn(f"户编号 | 家庭年收入\n '0{name} | x"), name=name) for name in "12"]
    file = book(suffix, *sheets)
    found = report("check", file).tables["problems"]
    assert found.select("file", "sheet", "row").rows() == [(file, "1", 2), (file, "2", 2)]


@everywhere
def test_the_same_id_on_two_sheets_is_a_copy_and_both_are_named(report: Make, book: Book, suffix: str) -> None:
    sheets = [Sheet(drawn("户编号 | 家庭年收入\n '01 | 30000"), name=name) for name in "ab"]
    file = book(suffix, *sheets)
    found = report("check", file).tables["problems"]
    assert found.select("rule", "places").unique().rows() == [("duplicate_household_id", f"{file}[a]:2, {file}[b]:2")]


@everywhere
def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(sources: Sources, book: Book, suffix: str) -> None:
    facts = refusal(sources, book(suffix, VISIBLE, HIDDEN), sheets=("新表",))["unknown_sheet"]
    assert (facts["sheet"], facts["sheets"]) == ("新表", ["Sheet1", "旧表"])


def test_a_named_sheet_without_headings_is_refused(sources: Sources, book: Book) -> None:
    assert list(refusal(sources, book(".xlsx", VISIBLE, OTHER), sheets=("说明",))) == ["no_income_column"]


def test_a_sheet_of_a_text_is_refused(sources: Sources, write: Write) -> None:
    facts = refusal(sources, write("household_id,income\n1,5\n"), sheets=("旧表",))["sheet_of_no_workbook"]
    assert facts["option"] == "--sheet 旧表"


def test_headings_that_leave_a_doubt_on_one_sheet_are_refused(sources: Sources, book: Book) -> None:
    doubtful = Sheet(drawn("户编号 | 年收入 | 家庭年收入\n '1 | 1 | 2"), name="乙")
    assert list(refusal(sources, book(".xlsx", VISIBLE, doubtful))) == ["two_headings_for_column"]


# cells


@everywhere
def test_numbers_stored_as_text_are_numbers(report: Make, book: Book, suffix: str) -> None:
    drawing = """
        户编号 | 家庭年收入
        '01    | '10000
        '02    | '20,000.50
        '03    | １２３４５
        '04    | 1.5万元
    """
    found = report("flagged", book(suffix, drawing)).main
    assert dict(found.select("household_id", "income").rows()) == {
        "01": 10000,
        "02": 20000.5,
        "03": 12345,
        "04": 15000,
    }


@everywhere
def test_fault_17_ids_stored_as_text_keep_their_zeros_and_nothing_is_said(
    report: Make, book: Book, suffix: str
) -> None:
    found = report("flagged", book(suffix, "户编号 | 家庭年收入\n '0012 | 10000\n '510402198501012345 | 20000"))
    assert found.main["household_id"].to_list() == ["0012", "510402198501012345"]
    assert "ids_are_numbers" not in notes(found)


@everywhere
def test_fault_17_ids_stored_as_numbers_are_whole_and_it_is_said(report: Make, book: Book, suffix: str) -> None:
    found = report("flagged", book(suffix, "户编号 | 家庭年收入\n 12 | 10000\n 510402850101123 | 20000"))
    assert found.main["household_id"].to_list() == ["12", "510402850101123"]
    assert "ids_are_numbers" in notes(found)


@everywhere
def test_fault_18_ids_of_sixteen_digits_and_more_are_destroyed_as_numbers(
    report: Make, book: Book, suffix: str
) -> None:
    drawing = """
        户编号             | 家庭年收入
        510402198501012345 | 1
        '5.10402E+17       | 1
        1e15               | 1
        '03                | 30000
    """
    found = report("check", book(suffix, drawing)).tables["problems"]
    assert found.filter(row=2).select("value", "rule").rows() == [("5.10402198501012E+17", "destroyed_household_id")]
    assert found.select("row", "rule").rows() == [(row, "destroyed_household_id") for row in (2, 3, 4)]


@everywhere
def test_dates_and_truth_are_text(sources: Sources, book: Book, suffix: str) -> None:
    rows = [
        ["户编号", "家庭年收入", "登记日期", "登记时间", "脱贫"],
        ["1", 1, dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 8, 30), True],  # noqa: DTZ001  (no zone, as in Excel)
        ["2", 1, "2024-3-2", None, False],
    ]
    (source,) = sources(book(suffix, Sheet(rows)))
    assert cells(source, "column:登记日期", "column:登记时间", "column:脱贫") == [
        ("2024-03-01", "2024-03-01 08:30:00", "TRUE"),
        ("2024-3-2", None, "FALSE"),
    ]


@everywhere
def test_a_date_is_no_income(report: Make, book: Book, suffix: str) -> None:
    rows = [["户编号", "家庭年收入"], ["1", dt.date(2024, 3, 1)], ["2", True], ["3", 30000]]
    assert problems(report, book(suffix, Sheet(rows))) == [
        (2, "家庭年收入", "2024-03-01", "unreadable_amount"),
        (3, "家庭年收入", "TRUE", "unreadable_amount"),
    ]


@everywhere
def test_fault_26_amounts_are_what_excel_shows(report: Make, book: Book, suffix: str) -> None:
    rows = [
        ["户编号", "家庭年收入"],
        ["1", 29999.999999999996],
        ["2", 29999.9999999],
        ["3", 29999.99],
        ["4", 0.1 + 0.2],
        ["5", 1e-13],
        ["6", -0.01],
        ["7", 3.85e9],
    ]
    counts = report("bands", book(suffix, Sheet(rows))).tables["bands"].select("band", "households")
    assert counts.filter(counts["households"] > 0).rows() == [
        ("<0", 1),
        ("0-10000", 2),
        ("20000-30000", 2),
        ("30000-40000", 1),
        ("100000+", 1),
    ]


@everywhere
def test_zero_that_adding_left_over_is_zero(sources: Sources, book: Book, suffix: str) -> None:
    rows = [["户编号", "家庭年收入"], ["1", -7.3e-13], ["2", 0.1 + 0.2 - 0.3], ["3", 0.00005], ["4", -0.0]]
    (source,) = sources(book(suffix, Sheet(rows)))
    assert cells(source, "income") == [("0",), ("0",), ("0.00005",), ("0",)]


def test_fault_34_errors_in_xlsx_are_unreadable(report: Make, book: Book) -> None:
    rows = [["户编号", "家庭年收入"], ["1", "{=1/0}#DIV/0!"], ["2", "{=NA()}#N/A"], ["3", "{=1+1}30000"]]
    assert problems(report, book(".xlsx", Sheet(rows))) == [
        (2, "家庭年收入", "#DIV/0!", "unreadable_amount"),
        (3, "家庭年收入", "#N/A", "unreadable_amount"),
    ]


def test_fault_34_errors_are_found_below_titles(report: Make, book: Book) -> None:
    rows = [[], ["表"], ["户编号", "年收入", "备注"], ["1", 30000], ["2", "{=A1}#REF!", "x"]]
    assert problems(report, book(".xlsx", Sheet(rows))) == [(5, "年收入", "#REF!", "unreadable_amount")]


def test_fault_34_an_error_in_a_column_of_no_concern_is_its_text(sources: Sources, book: Book) -> None:
    rows = [["户编号", "年收入", "排名"], ["1", 30000, "{=RANK(B2,C:C)}#N/A"]]
    (source,) = sources(book(".xlsx", Sheet(rows)))
    assert cells(source, "column:排名") == [("#N/A",)]


def test_fault_34_errors_in_xls_are_missing_and_that_is_said(report: Make, book: Book) -> None:
    rows = [["户编号", "家庭年收入"], ["1", "{=1/0}#DIV/0!"], ["2", 30000]]
    found = report("bands", book(".xls", Sheet(rows)))
    assert found.accounting[""].missing_income == 1
    assert "xls_errors_are_empty" in notes(found)


def test_fault_34_errors_in_ods_are_refused(sources: Sources, book: Book) -> None:
    rows = [["户编号", "家庭年收入"], ["1", "{=1/0}#DIV/0!"], ["2", 30000], ["3", "{=1/0}#DIV/0!"]]
    assert refusal(sources, book(".ods", Sheet(rows)))["ods_errors"]["cells"] == 2


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('<c r="B2"><f>C2*12</f></c>', "=C2*12"),
        ('<c r="B2"><f>C2*12</f><v></v></c>', "=C2*12"),
        ('<c r="B2"><f>C2*12</f><v/></c>', "=C2*12"),
        ('<c r="B2" s="3"><f>IF(C2&gt;0,"&lt;",1)</f></c>', '=IF(C2>0,"<",1)'),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
    ],
)
def test_fault_34_a_formula_without_a_result_is_unreadable(report: Make, cell: Book, content: str, value: str) -> None:
    assert problems(report, cell(content)) == [(2, "家庭年收入", value, "unreadable_amount")]


@pytest.mark.parametrize(
    "content",
    [
        '<c r="B2"><f>C2*12</f><v>12000</v></c>',
        '<c r="B2" t="str"><f>TEXT(C2,"0")</f><v>12000</v></c>',
        '<c r="B2"><f t="shared" si="0"/><v>12000</v></c>',
    ],
)
def test_fault_34_a_formula_with_a_result_is_its_result(sources: Sources, cell: Book, content: str) -> None:
    (source,) = sources(cell(content))
    assert cells(source, "income") == [("12000",), ("30000",)]


def test_fault_34_a_formula_whose_result_is_empty_text_is_missing(sources: Sources, cell: Book) -> None:
    (source,) = sources(cell('<c r="B2" t="str"><f>IF(C2="","",C2)</f><v></v></c>'))
    assert cells(source, "income") == [(None,), ("30000",)]


MERGED_CELLS = """
    乡镇   | 户编号 | 家庭年收入 | 备注
    银江镇 | '01    | 10000      | 同住
           | '02    |            |
           | '03    | 20000      |
    太平乡 | '04    | 5000       |
"""


@where_merges_are_known
def test_fault_34_a_merged_place_is_told_in_every_row_and_a_merged_amount_once(
    sources: Sources, book: Book, suffix: str
) -> None:
    merges = ("A2:A4", "C2:C3", "D2:D3")
    (source,) = sources(book(suffix, Sheet(drawn(MERGED_CELLS), merges=merges)))
    assert cells(source, ROW, "township", "household_id", "income", "column:备注") == [
        (2, "银江镇", "01", "10000", "同住"),
        (3, "银江镇", "02", None, "同住"),
        (4, "银江镇", "03", "20000", None),
        (5, "太平乡", "04", "5000", None),
    ]


@where_merges_are_known
def test_fault_34_a_merged_id_is_of_every_member(report: Make, book: Book, suffix: str) -> None:
    rows = drawn("户编号 | 姓名 | 年收入\n '01 | 甲 | 10000\n | 乙 | 20000\n '02 | 丙 | 5000")
    file = book(suffix, Sheet(rows, merges=("A2:A3",)))
    found = report("flagged", file, asked={"persons": True}, tiers=("floor", "low"))
    assert found.main.select("household_id", "income", "size").rows() == [("02", 5000, 1), ("01", 30000, 2)]


@where_merges_are_known
def test_fault_34_places_merged_across_titles_and_empty_rows_are_told(
    sources: Sources, book: Book, suffix: str
) -> None:
    rows = drawn("某镇 | | \n 村 | 户编号 | 年收入\n 甲村 | '1 | 5\n | | \n | '2 | 6\n 乙村 | '3 | 7")
    (source,) = sources(book(suffix, Sheet(rows, merges=("A1:C1", "A3:A5"))))
    assert cells(source, ROW, "village", "household_id")[::2] == [(3, "甲村", "1"), (5, "甲村", "2")]


def test_where_merges_are_unknown_a_place_is_told_once(sources: Sources, book: Book) -> None:
    (source,) = sources(book(".ods", Sheet(drawn(MERGED_CELLS), merges=("A2:A4", "C2:C3"))))
    assert cells(source, "township") == [("银江镇",), (None,), (None,), ("太平乡",)]


def test_cells_of_the_wrong_shape_are_no_fault_of_a_workbook(sources: Sources, book: Book) -> None:
    rows = [["户编号", "年收入", "备注"], ["1", 5000], ["2", 6000, "x", None], ["3", 7000, "y", "z"]]
    (source,) = sources(book(".xlsx", Sheet(rows)))
    assert cells(source, FAULT, "household_id", "income") == [
        (None, "1", "5000"),
        (None, "2", "6000"),
        (None, "3", "7000"),
    ]


def test_a_macro_workbook_is_a_workbook(sources: Sources, book: Book, write: Write) -> None:
    (source,) = sources(write(Path(book(".xlsx", VISIBLE)).read_bytes(), "2024.xlsm"))
    assert (source.table.kind, source.label) == ("xlsx", "2024")


def test_reading_tells_how_far_it_is(sources: Sources, book: Book) -> None:
    heard: list[tuple[int, int]] = []
    sources(book(".xlsx", VISIBLE), tell=lambda done, of: heard.append((done, of)))
    assert heard == [(2, 2)]
