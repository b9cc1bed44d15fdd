"""Reports as workbooks: read back as people's programs read them, and looked into as they are written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from books import sheet_parts, sheets, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
POOR = """
    household_id | county   | key_group | size | income
    007          | =1+1     | 低保家庭  | 3    | 29999.9999
    0510         | http://x | 残疾人    | 2    | 12000
    3            | 东区     |           | 4    |
    4            | 东区     |           | 4    | 99000
"""
EVERY = (
    *("check", "bands --round all --by county", "flag --tier all", "transitions --movers all", "indicators"),
    *("trajectories", "audit", "project --until 2026"),
)

KEY = re.compile("[a-z]+(?:[_>][a-z_>]+)*")
"""What is a word of ours in data."""


@pytest.mark.parametrize("command", EVERY)
def test_every_report_has_a_sheet_for_each_table(run: Run, tmp_path: Path, command: str) -> None:
    path = tmp_path / "x.xlsx"
    name, *asked = command.split()
    assert run(name, SAMPLE, *asked, "--output", path).status == 0
    tables = run(name, SAMPLE, *asked, "--format", "json").json["tables"]
    told = [rows for sheet, rows in sheets(path).items() if sheet not in {"Report", "Choices"}]
    assert [len(rows) - 1 for rows in told] == [len(rows) for rows in tables.values()]


@pytest.mark.parametrize("command", [*EVERY, "check --explain", "report"])
def test_headings_and_our_own_words_are_chinese_in_a_chinese_workbook(run: Run, tmp_path: Path, command: str) -> None:
    path = tmp_path / "x.xlsx"
    name, *asked = command.split()
    assert run(name, SAMPLE, *asked, "--lang", "zh", "--output", path).status == 0
    told = {sheet: rows for sheet, rows in sheets(path).items() if sheet not in {"选项", "列"}}
    cells = {str(cell) for rows in told.values() for row in rows for cell in row}
    keys = {cell for cell in cells if KEY.fullmatch(cell)} - {*SAMPLE.read_text("utf-8").splitlines()[0].split(",")}
    assert (keys, {name for name in told if name.isascii()}) == (set(), set())


def test_reasons_and_measures_of_a_ledger_are_words_in_a_workbook(run: Run, tmp_path: Path) -> None:
    ledger, path = ("--ledger", tmp_path / "ledger"), tmp_path / "x.xlsx"
    run("ledger", "add", SAMPLE, *ledger)
    run("ledger", "watch", *ledger, "--output", path)
    headings, first, *_ = sheets(path)["Watch list"]
    assert first[headings.index("Reasons")] == "newly below the floor, income fell sharply"


def test_mobility_and_measures_taken_have_sheets_of_their_own_names(run: Run, tmp_path: Path) -> None:
    ledger, path = ("--ledger", tmp_path / "ledger"), tmp_path / "x.xlsx"
    run("ledger", "add", SAMPLE, *ledger)
    run("ledger", "note", "510402000001", "--measure", "public-job", "--author", "a", "--text", "b", *ledger)
    run("ledger", "history", "510402000001", *ledger, "--lang", "zh", "--output", path)
    assert list(sheets(path)) == ["报告", "历史", "帮扶措施"]
    assert "家庭历史" in written(path)["docProps/core.xml"]
    run("transitions", SAMPLE, "--lang", "zh", "--output", path)
    assert "流动性指标" in sheets(path)


@pytest.mark.parametrize(("characters", "lines"), [(20, 1), (22, 1), (23, 2), (50, 3), (2_000, 25)])
def test_a_row_is_as_high_as_its_longest_text(
    run: Run, survey: Draw, tmp_path: Path, characters: int, lines: int
) -> None:
    path = tmp_path / "x.xlsx"
    run(
        "flag",
        survey(f"household_id | county | income\n1 | {'县' * characters} | 10000\n2 | 县 | 20000"),
        "--output",
        path,
    )
    heights = re.findall(r'<row r="([23])"[^>]* ht="([\d.]+)"', sheet_parts(path)["Households to help"])
    assert {row: float(height) for row, height in heights} == pytest.approx({"2": 16 * lines, "3": 16}, abs=0.5)


def test_the_edges_of_bands_are_no_interval(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    run("bands", SAMPLE, "--output", path)
    assert sheets(path)["Ladder"][0][2:4] == ["From (incl.)", "To (excl.)"]


def test_a_column_of_the_surveys_own_keeps_its_heading_and_its_values(run: Run, survey: Draw, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    drawn = survey("household_id | income | state | test\n1 | 20000 | sound | heaping")
    run("flag", drawn, "--with", "state", "--with", "test", "--output", path)
    headings, first = sheets(path)["Households to help"]
    assert first[headings.index("state")] == "sound"
    assert "heaping" in first


def test_numbers_are_numbers_and_ids_are_text(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("flag", survey(POOR, "2024.csv"), "--output", tmp_path / "x.xlsx")
    headings, first, second = sheets(tmp_path / "x.xlsx")["Households to help"]
    row = dict(zip(headings, first, strict=True))
    assert (row["Household"], row["Income"], row["Shortfall"], row["Size"]) == ("0510", 12000, 18000, 2)
    assert dict(zip(headings, second, strict=True))["Income"] == 29999.9999
    assert "#,##0.0000" in written(tmp_path / "x.xlsx")["xl/styles.xml"]  # or it would be shown as 30,000


def test_nothing_from_data_is_a_formula_or_a_link(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("flag", survey(POOR, "2024.csv"), "--output", tmp_path / "x.xlsx")
    parts = written(tmp_path / "x.xlsx")
    assert [name for name, text in parts.items() if "<f>" in text or "<hyperlink" in text] == []
    assert "=1+1" in parts["xl/sharedStrings.xml"]


def test_a_list_can_be_filled_in_from_choices(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("flag", survey(POOR, "2024.csv"), "--lang", "zh", "--output", tmp_path / "x.xlsx")
    told = sheets(tmp_path / "x.xlsx")
    headings, *rows = told["帮扶名单"]
    assert headings[-3:] == ["帮扶措施", "责任人", "完成时间"]
    assert {cell for row in rows for cell in row[-3:]} == {""}
    choices = [list(filter(None, column)) for column in zip(*told["选项"], strict=True)]
    assert choices[0] == ["重点人群", "脱贫家庭", "低保家庭", "零就业家庭", "残疾人"]
    assert choices[1][:3] == ["帮扶措施", "公益性岗位", "技能培训"]
    sheet = written(tmp_path / "x.xlsx")["xl/worksheets/sheet2.xml"]
    assert re.findall(r'<dataValidation type="(\w+)"', sheet) == ["list", "list", "date"]
    assert "'选项'!$A$2:$A$5" in sheet.replace("&apos;", "'")


def test_headings_stay_in_sight_filter_and_print_on_every_page(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("flag", survey(POOR, "2024.csv"), "--output", tmp_path / "x.xlsx")
    parts = written(tmp_path / "x.xlsx")
    sheet = parts["xl/worksheets/sheet2.xml"]
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:P3"' in sheet
    assert 'paperSize="9"' in sheet
    assert "Print_Titles" in parts["xl/workbook.xml"]


def test_the_first_sheet_says_what_the_report_says(run: Run, tmp_path: Path) -> None:
    run("transitions", SAMPLE, "--output", tmp_path / "x.xlsx")
    said = [str(row[0]) for row in sheets(tmp_path / "x.xlsx")["Report"]]
    assert said[0] == "From 2023 to 2024"
    assert any(line.startswith("2024: Rows read 2,000") for line in said)
    assert any(line.startswith("note: households without an income") for line in said)


def test_equal_input_gives_equal_bytes(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        assert run("bands", SAMPLE, "--output", tmp_path / name).status == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_rows_that_were_left_out_have_a_sheet(run: Run, survey: Draw, tmp_path: Path) -> None:
    town = survey("household_id | income\n1 | 20000\n2 | abc", "2024.csv")
    assert run("bands", town, "--skip-invalid", "--output", tmp_path / "x.xlsx").status == 0
    headings, row = sheets(tmp_path / "x.xlsx")["Rejects"]
    assert dict(zip(headings, row, strict=True))["Value"] == "abc"


def test_a_workbook_is_not_put_on_a_terminal(run: Run, survey: Draw) -> None:
    assert run("bands", survey(), "--format", "xlsx").is_refused(2, "xlsx", "--output")


def test_a_long_name_goes_on_below_itself_and_no_title_stands_alone(run: Run, survey: Draw, tmp_path: Path) -> None:
    name, path = "很长的地名" * 12, tmp_path / "x.xlsx"
    rows = [f"{number} | {name}{number % 2} | 20000" for number in range(50)]
    run("flag", survey("\n".join(["household_id | county | income", *rows])), "--output", path)
    assert 'wrapText="1"' in written(path)["xl/styles.xml"]
    said = [row[0] for row in sheets(path)["Report"]]
    assert "The households" not in said
    assert "Where they are" in said


def test_shares_are_percentages(run: Run, survey: Draw, tmp_path: Path) -> None:
    run("bands", survey(), "--output", tmp_path / "x.xlsx")
    assert "0.0%" in written(tmp_path / "x.xlsx")["xl/styles.xml"]
    ladder = sheets(tmp_path / "x.xlsx")["Ladder"]
    place = ladder[0].index("Share")
    assert sum(row[place] for row in ladder[1:] if row[place] != "") == pytest.approx(1)
