from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from incomeladder import pipeline
from incomeladder.render import terminal
from incomeladder.render.documents import document
from incomeladder.render.plain import plain
from incomeladder.render.problems import spoken
from incomeladder.render.wording import Words
from sheets import Sheet, drawn, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.programme import Programme
    from incomeladder.report import Report

Make = Any

TOWN = """某镇2024年家庭收入调查表,,,,
单位：万元,,,,
户编号,姓名,乡镇,家庭年收入,家庭人口数
1,张三,银江镇,3.85,3
2,李四,银江镇,abc,2
,,,,
合计,,,6.35,
"""


@pytest.fixture(scope="session")
def explained(report: Callable[..., Report]) -> Callable[..., Report]:
    def explained(*files: str, **wanted: Any) -> Report:  # noqa: ANN401
        return report("check", *files, explain=True, **wanted)

    return explained


def files(made: Report, *columns: str) -> list[tuple[object, ...]]:
    return made.tables["files"].select(*columns).rows()


def headings(made: Report) -> list[tuple[object, ...]]:
    return made.tables["columns"].select("heading", "column", "unit").rows()


def test_only_a_check_that_is_asked_explains(report: Make, survey: Make) -> None:
    assert list(report("check", survey("household_id|income\n1|30000")).tables) == ["problems", "rules"]


def test_a_file_is_explained_in_one_row(explained: Make, write: Make) -> None:
    file = write(TOWN.encode("gb18030"))
    made = explained(file)
    assert list(made.tables) == ["problems", "rules", "files", "columns"]
    assert made.tables["files"].to_dicts() == [
        {
            "file": file,
            "sheet": None,
            "kind": "text",
            "encoding": "gb18030",
            "heading_row": 3,
            "titles": "某镇2024年家庭收入调查表 | 单位：万元",
            "unit": "wan",
            "survey_round": "2024",
            "rows_read": 4,
            "accepted": 1,
            "rejected": 1,
            "skipped": 2,
        }
    ]


def test_each_heading_is_explained_in_one_row(explained: Make, write: Make) -> None:
    assert headings(explained(write(TOWN))) == [
        ("户编号", "household_id", None),
        ("姓名", None, None),
        ("乡镇", "township", None),
        ("家庭年收入", "income", "wan"),
        ("家庭人口数", "size", None),
    ]


def test_a_file_with_a_fault_is_explained_all_the_same(explained: Make, write: Make) -> None:
    made = explained(write(TOWN))
    assert made.tables["problems"].select("row", "rule").rows() == [(5, "unreadable_amount")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_encoding_is_explained(explained: Make, write: Make, encoding: str) -> None:
    assert files(explained(write(TOWN.encode(encoding))), "encoding", "accepted") == [(encoding, 1)]


@pytest.mark.parametrize(
    ("head", "row", "titles"),
    [
        ("户编号,年收入\n", 1, None),
        ("2024年\n户编号,年收入\n", 2, "2024年"),
        ("\n2024年\n\n户编号,年收入\n", 4, "2024年"),
        ("户编号,年收入\n甲,1\n", 2, None),
        ('户编号,"年\n收入"\n', 2, None),
    ],
)
def test_the_row_of_the_headings_is_their_last(
    explained: Make, write: Make, head: str, row: int, titles: str | None
) -> None:
    assert files(explained(write(f"{head}1,30000\n")), "heading_row", "titles") == [(row, titles)]


@pytest.mark.parametrize(
    ("headed", "wan", "units"),
    [
        ("户编号,年收入（万元）\n1,3\n", None, ("wan", ["wan"])),
        ("户编号,年收入（元）\n1,3\n", None, ("yuan", ["yuan"])),
        ("户编号,年收入（元）\n1,3\n", True, ("yuan", ["yuan"])),
        ("户编号,年收入\n1,3\n", True, ("wan", ["wan"])),
        ("户编号,年收入\n1,30000\n", None, ("yuan", ["yuan"])),
        ("户编号,工资性收入（万元）,转移净收入（元）\n1,3,500\n", None, (None, ["wan", "yuan"])),
        ("户编号,年收入（万元）,工资性收入（元）\n1,3,500\n", None, ("wan", ["wan", "yuan"])),
    ],
)
def test_the_unit_of_bare_amounts_is_explained(
    explained: Make, write: Make, headed: str, *, wan: bool | None, units: tuple[str | None, list[str]]
) -> None:
    made = explained(write(headed), asked={"wan": wan})
    ((of_file,),) = files(made, "unit")
    assert (of_file, [unit for _, _, unit in headings(made) if unit]) == units


def test_a_round_is_explained_where_no_column_tells_it(explained: Make, survey: Make) -> None:
    one, other = survey("household_id|income\n1|30000", "2023.csv"), survey("household_id|年度|income\n1|2024|30000")
    assert files(explained(one, other), "survey_round") == [("2023",), (None,)]
    assert files(explained(one, asked={"round_name": "2022"}), "survey_round") == [("2022",)]


def test_each_file_has_its_own_rows(explained: Make, survey: Make) -> None:
    both = (
        survey("household_id|income\n1|30000\n2|abc\n合计|1"),
        survey("household_id|income\n3|30000\n4|30000\n1|30000"),
    )
    made = explained(*both)
    assert files(made, "file", "rows_read", "accepted", "rejected", "skipped") == [
        (both[0], 3, 0, 2, 1),
        (both[1], 3, 2, 1, 0),
    ]


def test_a_file_without_rows_is_explained_with_zeros(
    sources: Make, programme: Programme, write: Make, survey: Make
) -> None:
    files_read = sources(write("户编号,年收入\n", "2023.csv"), survey("household_id|income\n1|30000"))
    made = pipeline.check(files_read, pipeline.Request(programme, allow_empty=True), explain=True)
    assert files(made, "survey_round", "rows_read", "accepted", "rejected", "skipped") == [
        ("2023", 0, 0, 0, 0),
        ("2024", 1, 1, 0, 0),
    ]


def test_rows_of_all_rounds_are_explained_whatever_is_checked(explained: Make, survey: Make) -> None:
    file = survey("household_id|survey_round|income\n1|2023|abc\n1|2024|30000")
    made = explained(file, rounds=("2024",))
    assert (files(made, "rows_read", "rejected"), made.accounting[""].rows_read) == ([(2, 1)], 1)


def test_each_sheet_of_a_workbook_is_explained(explained: Make, tmp_path: Path) -> None:
    east = drawn("'2024年东区| \n户编号|年收入（万元）\n'1|3.5\n'2|x")
    west = drawn("户编号|年收入（元）\n'3|35000")
    book = write_xlsx(tmp_path / "2024.xlsx", Sheet(east, "东区"), Sheet(west, "西区"))
    made = explained(book)
    assert files(made, "file", "sheet", "kind", "encoding", "heading_row", "titles", "unit", "accepted") == [
        (book, "东区", "xlsx", None, 2, "2024年东区", "wan", 1),
        (book, "西区", "xlsx", None, 1, None, "yuan", 1),
    ]
    assert made.tables["columns"].select("sheet", "heading", "column").rows() == [
        ("东区", "户编号", "household_id"),
        ("东区", "年收入（万元）", "income"),
        ("西区", "户编号", "household_id"),
        ("西区", "年收入（元）", "income"),
    ]


def test_a_roster_is_explained_by_its_rows(explained: Make, survey: Make) -> None:
    file = survey("household_id|income\n1|30000\n1|5\n2|1\n2|abc\n合计|0")
    made = explained(file, asked={"persons": True})
    assert files(made, "rows_read", "accepted", "rejected", "skipped") == [(5, 2, 2, 1)]


# for people


def told(made: Report, language: str) -> str:
    words = Words(language)
    return plain(document(spoken(made, words), words))


def on_a_terminal(made: Report, language: str, wide: int = 80) -> list[str]:
    words, screen = Words(language), io.StringIO()
    console = Console(file=screen, width=wide, force_terminal=True, color_system=None)
    terminal.print_blocks(document(spoken(made, words), words), words, console)
    return screen.getvalue().splitlines()


def columns(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def test_all_that_was_understood_is_told_in_english(explained: Make, write: Make) -> None:
    text = told(explained(write(TOWN.encode("gb18030"), "镇.csv")), "en")
    for line in (
        "Kind of file: text",
        "Above the headings: 某镇2024年家庭收入调查表 | 单位：万元",
        "Headings end in row 3",
        "Encoding: gb18030",
        "Amounts without a unit count: 10,000 yuan (万元)",
        "Round, since no column tells it: 镇",
        "Rows read 4 = 1 accepted + 1 rejected + 2 skipped",
    ):
        assert line in text.splitlines()
    table = [line.split() for line in text[text.index("Heading  ") :].splitlines()[2:7]]
    assert table == [
        ["户编号", "Household", "(household_id)"],
        ["姓名", *["(kept", "for", "--by", "and", "--with)"]],
        ["乡镇", "Township", "(township)"],
        ["家庭年收入", "Income", "(income)", "10,000", "yuan", "(万元)"],
        ["家庭人口数", "Size", "(size)"],
    ]


def test_all_that_was_understood_is_told_in_chinese(explained: Make, write: Make) -> None:
    text = told(explained(write(TOWN.encode("gb18030"), "镇.csv")), "zh")
    for line in (
        "文件类型：文本",
        "表头之上：某镇2024年家庭收入调查表 | 单位：万元",
        "表头止于第 3 行",
        "编码：gb18030",
        "未注明单位的金额按：万元",
        "轮次（没有轮次列）：镇",
        "读入 4 行 = 采用 1 + 剔除 1 + 跳过 2",
    ):
        assert line in text.splitlines()


def test_what_a_workbook_and_a_column_of_rounds_do_not_tell_is_not_told(explained: Make, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "town.xlsx", Sheet(drawn("户编号|年度|年收入\n'1|'2024|35000"), "东区"))
    text = told(explained(book), "en")
    assert f"How {book}[东区] was understood" in text
    assert [word for word in ("Encoding", "Round, since", "Above the headings") if word in text] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_window_of_80_columns_holds_every_line_of_an_explanation(
    explained: Make, write: Make, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    file = Path(write(TOWN, "town.csv"))
    monkeypatch.chdir(file.parent)
    made = explained("town.csv")
    lines = on_a_terminal(made, language)
    assert [line for line in lines if columns(line) > 80] == []
    assert any("户编号" in line and "household_id" in line for line in lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_heading_leaves_room_for_what_it_became(explained: Make, write: Make, language: str) -> None:
    heading = "本年度家庭全部成员可支配收入情况（含工资、经营、财产、转移）说明栏备注" * 2
    made = explained(write(f"户编号,{heading},年收入\n1,x,30000\n"))
    lines = on_a_terminal(made, language)
    assert any("household_id" in line for line in lines)
    assert [line for line in lines if columns(line) > 80] == []
