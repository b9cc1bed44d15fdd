"""The report of a round as a workbook: what stands where, that it is what the report says, and how it prints."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs
import pytest

from books import sheet_parts, sheets, written
from incomeladder.pipeline import composing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    from incomeladder.report import Report

    Run = Callable[..., Outcome]
    Draw = Callable[..., Path]
    Made = Callable[..., Path]
    Rows = list[list[Any]]
    Both = tuple[dict[str, Rows], dict[str, list[dict[str, Any]]]]

SAMPLE = Path(__file__).parents[2] / "data" / "sample_households.csv"
HOSTILE = """
    household_id | county     | key_group | income
    007          | =1+1       | 低保家庭  | 29999.99
    0510         | @SUM(A1)   | 残疾人    | 12000
    3            | -x         |           | 31000
    4            | ＝1+1      |           |
    5            | {=1+1}     |           | -5
    6            | http://x&P |           | 99000
"""
EVERY = ["Summary", "Ladder", "Matrix", "Places", "Floor list", "Low list", "Middle list", "Rejects", "Notes"]


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Made:
    """Write the report of a survey as a workbook."""

    def write(*argv: str | Path) -> Path:
        path = tmp_path / "report.xlsx"
        done = run("report", *argv, "--output", path)
        assert (done.status, done.err) == (0, "")
        return path

    return write


def table(rows: Rows, heading: str) -> list[dict[str, Any]]:
    """The rows below the line that begins with a heading, up to an empty one or a sentence, by their headings."""
    top = next(number for number, row in enumerate(rows) if row[0] == heading)
    headings = [cell for cell in rows[top] if cell != ""]
    found = []
    for row in rows[top + 1 :]:
        if not any(cell != "" for cell in row[1:]):
            break
        found.append(dict(zip(headings, row, strict=False)))
    return found


def said(rows: Rows) -> list[str]:
    return [str(row[0]) for row in rows if row[0] != ""]


# what stands where


def test_the_sheets_stand_in_the_order_in_which_they_are_read(made: Made, survey: Draw) -> None:
    assert list(sheets(made(survey()))) == [*EVERY, "Mobility", "Why it changed", "Choices"]


def test_the_sheets_have_chinese_names_for_chinese_readers(made: Made, survey: Draw) -> None:
    names = list(sheets(made(survey(), "--lang", "zh")))
    lists = ["消底名单", "提低名单", "扩中名单"]
    assert names[:9] == ["概要", "阶梯", "变动矩阵", "各地", *lists, "剔除的行", "说明"]


def test_the_first_sheet_leads_to_the_others(made: Made, survey: Draw) -> None:
    first = sheet_parts(made(survey()))["Summary"]
    there = re.findall(r'<hyperlink ref="\w+" location="([^"]+)"', first)
    assert [place.replace("&apos;", "'") for place in there][:2] == ["'Ladder'!A1", "'Matrix'!A1"]
    assert len(there) == len(EVERY) - 1 + 2


def test_the_summary_begins_with_the_headline_and_what_changed(made: Made, survey: Draw) -> None:
    rows = sheets(made(survey()))["Summary"]
    assert rows[0][0] == "Panzhihua's income ladder, 2024"
    assert rows[1][0] == "Survey round 2024, compared with 2023."
    assert "1 (33.3%) is below the floor of 30,000 yuan; it lacks 0.01 yuan." in said(rows)
    told = {row["Figure"]: [row["2024"], row["2023"], row["Change"]] for row in table(rows, "Figure")}
    assert told["Below the floor of 30,000"] == [1, 1, 0]
    assert told["Their shortfall, yuan"] == [0.01, 18000, -17999.99]
    assert told["At or above 100,000"] == [1, 0, 1]
    assert "Floor (30,000 yuan): 1 rose above it, 1 fell below it, 0 stayed below." in said(rows)


def test_of_one_round_nothing_is_said_of_who_moved(made: Made, survey: Draw) -> None:
    told = sheets(made(survey(), "--round", "2023"))
    assert "Matrix" not in told
    assert told["Summary"][1][0].startswith("Survey round 2023. There is no round before it")
    assert [*table(told["Summary"], "Figure")[0]] == ["Figure", "2023"]


def test_a_survey_without_ids_has_no_lists_and_says_why(made: Made, survey: Draw) -> None:
    told = sheets(made(survey("survey_round | income\n2023 | 20000\n2024 | 40000")))
    assert list(told) == ["Summary", "Ladder", "Rejects", "Notes"]
    assert any("nobody was followed" in line for line in said(told["Notes"]))


# that it is what the report says


@pytest.fixture
def both(made: Made, run: Run) -> Both:
    """The workbook of the sample, and the tables of its report."""
    tables = run("report", SAMPLE, "--format", "json").json["tables"]
    return sheets(made(SAMPLE)), tables


def test_the_ladders_are_those_of_the_report(both: Both) -> None:
    book, tables = both
    shown = table(book["Ladder"], "Band")[:-1]
    for label in ("2023", "2024"):
        bands = [row for row in tables["bands"] if row["survey_round"] == label]
        assert [row[f"{label}: Households"] for row in shown] == [band["households"] for band in bands]
        shares = [band["share"] for band in bands[:-1]]
        assert [row[f"{label}: Share"] for row in shown[:-1]] == pytest.approx(shares, abs=1e-15)
    assert [row["Change"] for row in shown][:3] == [5 - 2, 0 - 1, 14 - 26]


def test_the_matrix_is_that_of_the_report_and_adds_up_to_the_ladders(both: Both) -> None:
    book, tables = both
    square = table(book["Matrix"], "from\\to")
    cells = [row["households"] for row in tables["matrix"]]
    assert [cell for row in square[:-1] for cell in [*row.values()][1:-1]] == [*cells, 0]  # nobody entered and left
    before, after = (
        [row["households"] for row in tables["bands"] if row["survey_round"] == y] for y in ("2023", "2024")
    )
    assert [row["Total"] for row in square[: len(before)]] == before
    assert [*square[-1].values()][1 : len(after) + 1] == after
    assert square[-1]["Total"] == 2000 + 67


def test_the_scorecard_and_the_places_are_those_of_the_report(both: Both) -> None:
    book, tables = both
    tiers = table(book["Summary"], "Tier")
    assert [row["2023"] for row in tiers] == [tier["before"] for tier in tables["tiers"]]
    assert [row["2024"] for row in tiers] == [tier["after"] for tier in tables["tiers"]]
    for row in tiers:
        assert row["2024"] == row["Stayed"] + row["Entered"] + row["From elsewhere"]
    places = [row for row in tables["places"] if row["survey_round"] == "2024"]
    worst = sorted(places, key=lambda row: -row["below_floor_share"])
    shown = table(book["Summary"], "County")
    assert [(row["County"], row["Below floor"]) for row in shown] == [
        (row["county"], row["below_floor"]) for row in worst
    ]
    assert len(book["Places"]) - 1 == len(tables["places"])


def test_each_tier_has_its_list_in_the_order_of_flag(run: Run, made: Made) -> None:
    flagged = run("flag", SAMPLE, "--tier", "all", "--format", "json").json["tables"]["flagged"]
    told = sheets(made(SAMPLE))
    for tier, name in (("floor", "Floor list"), ("low", "Low list"), ("middle", "Middle list")):
        of_tier = [(row["household_id"], row["income"], row["shortfall"]) for row in flagged if row["tier"] == tier]
        listed = table(told[name], "Household")
        assert [(row["Household"], row["Income"], row["Shortfall"]) for row in listed] == of_tier
        assert said(told[name])[0].startswith(f"{len(of_tier)} households in the tier {tier}: they lack ")


def test_a_band_that_only_one_round_has_is_empty_in_the_other(made: Made, survey: Draw) -> None:
    town = survey(
        "household_id | survey_round | income\n1 | 2023 | -5000\n2 | 2023 | 50000\n1 | 2024 | 5000\n2 | 2024 |"
    )
    shown = {row["Band"]: row for row in table(sheets(made(town))["Ladder"], "Band")}
    assert [shown["<0"]["2024: Households"], shown["<0"]["2023: Households"], shown["<0"]["Change"]] == [0, 1, -1]
    assert next(iter(shown)) == "<0"
    assert [*shown][-2:] == ["missing", "Total"]


def test_counts_that_are_not_published_are_a_mark_and_no_defect(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(*asked: object, **more: object) -> Report:
        report = whole(*asked, **more)  # type: ignore[arg-type]
        tables = {name: rows.with_columns(nothing) for name, rows in report.tables.items()}
        tables["bands"] = tables["bands"].with_columns(report.tables["bands"]["lower", "upper"])
        return replace(report, tables=tables | {"flagged": report.tables["flagged"].clear()})

    whole, nothing = composing.report, pl.when(pl.lit(value=False)).then(cs.numeric())
    monkeypatch.setattr(composing, "report", hidden)
    told = sheets(made(SAMPLE))
    assert table(told["Ladder"], "Band")[0]["2024: Households"] == "*"
    assert {*table(told["Matrix"], "from\\to")[-1].values()} == {"Total", "*"}


def test_measures_are_named_in_the_language_of_the_reader(run: Run, made: Made) -> None:
    measures = run("report", SAMPLE, "--format", "json").json["tables"]["measures"]
    shown = table(sheets(made(SAMPLE, "--lang", "zh"))["流动性指标"], "指标")
    assert [row["值"] for row in shown] == pytest.approx([row["value"] for row in measures], abs=1e-15)
    assert shown[2]["指标"] == "升档占比"


# what is left out


def test_where_no_row_was_rejected_that_is_said(made: Made, survey: Draw) -> None:
    rows = sheets(made(survey()))["Rejects"]
    assert rows[0][0] == "No row was rejected."
    assert rows[1][:3] == ["File", "Sheet", "Row"]


def test_rejected_rows_have_their_sheet_and_are_accounted_for(made: Made, survey: Draw) -> None:
    told = sheets(made(survey("household_id | income\n1 | 20000\n2 | abc\n3 |", "2024.csv"), "--skip-invalid"))
    (rejected,) = table(told["Rejects"], "File")
    assert (rejected["Value"], rejected["Row"]) == ("abc", 3)
    (counted,) = table(told["Notes"], "Round")
    assert [*counted.values()] == ["2024", 3, 2, 1, 0, 2, 1, 1]


def test_a_published_workbook_does_not_say_that_no_row_was_rejected(made: Made, tmp_path: Path) -> None:
    town = tmp_path / "town.csv"
    town.write_text(SAMPLE.read_text("utf-8") + "x,2024,东区,,,urban,,3,abc,1\n", "utf-8")
    told = sheets(made(town, "--skip-invalid", "--publish"))
    assert "Rejects" not in told
    assert "* rows could not be used and are in no number here; the notes say more." in said(told["Summary"])


def test_of_no_households_the_summary_says_so(made: Made, survey: Draw) -> None:
    town = survey("household_id | income\n1 | abc", "2024.csv")
    rows = said(sheets(made(town, "--skip-invalid", "--allow-empty"))["Summary"])
    assert "No household is on record for 2024." in rows
    assert not any("together they lack" in row for row in rows)


def test_every_note_and_every_rule_stands_on_the_last_page(run: Run, made: Made) -> None:
    notes = run("report", SAMPLE, "--format", "json").json["notes"]
    rows = sheets(made(SAMPLE))["Notes"]
    assert [note for note in notes if note not in said(rows)] == []
    rules = {row[0]: row[1] for row in rows if row[1] != ""}
    assert rules["Ladder"] == "bands of 10,000 yuan up to 100,000 yuan, and one above"
    assert rules["Tier: low"] == "30,000 yuan up to 40,000 yuan; target 40,000 yuan".replace(
        "30,000 yuan up", "30,000 up"
    )
    (file,) = (text for name, text in rules.items() if str(name).endswith("sample_households.csv"))
    assert "utf-8" in file
    assert "count: yuan" in file


def test_of_many_places_the_first_sheet_shows_the_worst_and_says_where_all_are(made: Made, survey: Draw) -> None:
    rows = [f"{number} | P{number:02} | {20000 if number == 29 else 50000}" for number in range(30)]
    told = sheets(made(survey("household_id | county | income\n" + "\n".join(rows), "2024.csv")))
    shown = table(told["Summary"], "County")
    assert (len(shown), shown[0]["County"]) == (25, "P29")
    assert any("The 25 of 30 places" in line for line in said(told["Summary"]))
    assert len(told["Places"]) == 31


# nothing from data is obeyed


def test_names_from_data_stay_text_and_no_cell_is_a_formula(made: Made, survey: Draw) -> None:
    path = made(survey(HOSTILE, "2024.csv"))
    parts = sheet_parts(path)
    assert [name for name, text in parts.items() if re.search(r"<f[ >]", text)] == []
    assert [name for name, text in written(path).items() if "External" in text] == []
    listed = table(sheets(path)["Floor list"], "Household")
    assert [(row["Household"], row["County"]) for row in listed] == [
        ("5", "{=1+1}"),
        ("0510", "@SUM(A1)"),
        ("007", "=1+1"),
    ]


def test_the_name_of_a_round_is_no_formula_in_the_drawing_and_no_control_character_anywhere(
    made: Made, survey: Draw
) -> None:
    town = survey("household_id | survey_round | income\n1 | =A1 | 50000\n1 | =\x1b1 | 20000")
    path = made(town)
    parts = written(path)
    assert set(re.findall(r"<c:f>(\w+)!", parts["xl/charts/chart1.xml"])) == {"Ladder"}
    assert [name for name, text in parts.items() if re.search(r"<f[ >]|\x1b|_x001B_", text)] == []
    assert [*table(sheets(path)["Summary"], "Figure")[0]][1:3] == ["=A1", "=\\x1b1"]


def test_a_title_from_a_programme_file_is_no_command_at_the_head_of_a_page(made: Made, survey: Draw) -> None:
    Path("p.toml").write_text('[title]\nen = "A&P &D"\nzh = "甲"\n', encoding="utf-8")
    head = re.findall("<oddHeader>(.+?)</oddHeader>", sheet_parts(made(survey(), "--programme", "p.toml"))["Ladder"])
    assert head == ["&amp;RA&amp;&amp;P &amp;&amp;D, 2024"]


# to fill in, to print, to compare


def test_a_list_is_filled_in_from_choices_wherever_a_row_is_sorted_to(made: Made, survey: Draw) -> None:
    path = made(survey())
    for name in ("Floor list", "Middle list"):  # the second has no household
        part = sheet_parts(path)[name]
        assert re.findall(r'<dataValidation type="(\w+)".+?sqref="[A-Z]+3:[A-Z]+(\d+)"', part) == [
            ("list", "1048576"),
            ("list", "1048576"),
            ("date", "1048576"),
        ]
    told = sheets(path)
    assert told["Middle list"][0][0] == "No household is in the tier middle."
    assert told["Middle list"][1][-3:] == ["What is done", "Who is responsible", "Done by"]
    assert told["Choices"][1] == ["脱贫家庭", "public-service job"]


def test_headings_of_the_ladder_and_of_the_matrix_stay_in_sight(made: Made) -> None:
    parts = sheet_parts(made(SAMPLE))
    assert '<pane xSplit="1"' in parts["Ladder"]
    assert "<autoFilter" in parts["Ladder"]
    assert '<pane xSplit="1"' in parts["Matrix"]


def test_ids_and_headings_of_a_list_stay_in_sight_and_it_can_be_filtered(made: Made) -> None:
    part = sheet_parts(made(SAMPLE))["Floor list"]
    assert '<pane xSplit="1" ySplit="2" topLeftCell="B3"' in part
    assert '<autoFilter ref="A2:M77"/>' in part
    assert 'gridLines="1"' in part


def test_every_sheet_prints_on_a4_with_its_title_and_page_numbers(made: Made) -> None:
    path = made(SAMPLE)
    for name, part in sheet_parts(path).items():
        assert 'paperSize="9"' in part, name
        assert "Panzhihua's income ladder, 2024</oddHeader>" in part, name
        assert "&amp;P / &amp;N" in part, name
    parts = sheet_parts(path)
    assert [name for name, part in parts.items() if 'orientation="landscape"' not in part] == ["Summary", "Notes"]
    assert [name for name, part in parts.items() if "fitToPage" in part and 'fitToHeight="0"' not in part] == [
        "Ladder",
        "Matrix",
    ]
    assert written(path)["xl/workbook.xml"].count("Print_Titles") == len(parts) - 3  # all that go on over pages


def test_a_matrix_of_many_bands_goes_on_over_pages_with_its_headings(made: Made) -> None:
    part = written(made(SAMPLE, "--step", "2000"))["xl/workbook.xml"]
    assert "Matrix!$A:$A,Matrix!$6:$6" in part


def test_the_floor_is_a_line_in_the_matrix_unless_it_lies_within_a_band(made: Made) -> None:
    path = made(SAMPLE)
    assert written(path)["xl/styles.xml"].count('style="thick"') > 0
    assert any(line.startswith("Thick lines") for line in said(sheets(path)["Matrix"]))
    path = made(SAMPLE, "--step", "20000")
    assert written(path)["xl/styles.xml"].count('style="thick"') == 0
    assert any("lies within a band" in line for line in said(sheets(path)["Matrix"]))


def test_the_ladder_has_bars_and_a_drawing_of_both_rounds(made: Made) -> None:
    path = made(SAMPLE)
    bars = re.findall(r'<conditionalFormatting sqref="(\w+:\w+)"', sheet_parts(path)["Ladder"])
    assert bars == ["F6:F9", "F10:F18"]  # four bands below the floor have another colour
    drawing = written(path)["xl/charts/chart1.xml"]
    assert re.findall(r"<c:f>(.+?)</c:f>", drawing) == [
        *("Ladder!$H$5", "Ladder!$A$6:$A$17", "Ladder!$H$6:$H$17"),
        *("Ladder!$D$5", "Ladder!$A$6:$A$17", "Ladder!$D$6:$D$17"),
    ]
    assert drawing.count("pattFill") == 2 * 4


def test_equal_input_gives_equal_bytes(made: Made) -> None:
    assert made(SAMPLE).read_bytes() == made(SAMPLE).read_bytes()


def test_the_file_tells_neither_when_nor_by_whom_it_was_made(made: Made, survey: Draw) -> None:
    parts = written(made(survey().name))
    assert set(re.findall(r"(\d{4}-\d\d-\d\dT[\d:]+Z)", parts["docProps/core.xml"])) == {"2024-01-01T00:00:00Z"}
    assert "<dc:creator></dc:creator>" in parts["docProps/core.xml"]
    assert str(Path.cwd()) not in "".join(parts.values())
