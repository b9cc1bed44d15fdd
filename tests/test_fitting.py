"""How documents are laid out for the width of a terminal, and for what it can draw."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from incomeladder.render import terminal
from incomeladder.render.blocks import PASTED, Cell, Grid, Line, Page
from incomeladder.render.documents import document
from incomeladder.render.fitting import allotted
from incomeladder.render.ladder import Scale
from incomeladder.render.width import width, wrap
from incomeladder.render.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from incomeladder.render.blocks import Block
    from incomeladder.report import Report

    Make = Callable[..., Any]

SMOOTH = "█▏▎▍▌▋▊▉"
UTF8 = {"LANG": "zh_CN.UTF-8", "TERM": "xterm-256color"}


def grids(blocks: list[Block]) -> list[Grid]:
    return [block for block in blocks if isinstance(block, Grid)]


def lengths(grid: Grid) -> list[int]:
    """Of the bars, by band."""
    return [len(row[5].text.removeprefix("! ").strip()) for row in grid.rows]


def cells(grid: Grid) -> list[str]:
    return [cell.text for row in grid.rows for cell in row]


# bars


@pytest.mark.parametrize(
    ("share", "plain", "smooth"),
    [
        (0.5, "########", "████████"),
        (0.25, "####", "████"),
        (0.2, "###", "███▎"),
        (0.03125, "#", "▌"),
        (0.001, "#", "▏"),
        (0, "", ""),
        (None, "", ""),
    ],
)
def test_a_bar_is_as_long_as_its_share_and_seen_if_there_is_any(share: float | None, plain: str, smooth: str) -> None:
    assert Scale(0.5, 8, smooth=False).bar(share) == plain
    assert Scale(0.5, 8, smooth=True).bar(share) == smooth


@pytest.fixture
def ladder(report: Make, survey: Make) -> Report:
    """One county has all its households in a band, the other half of them."""
    town = survey("""
        household_id | county | income
        1            | 东区   | 5000
        2            | 东区   | 5000
        3            | 西区   | 5000
        4            | 西区   | 45000
    """)
    return report("bands", town, by=("county",))


def test_bars_of_groups_share_a_scale(ladder: Report) -> None:
    first, second = grids(document(ladder, Words("en"), Page()))
    assert lengths(first)[0] == 2 * lengths(second)[0] == 2 * lengths(second)[4] > 0


def test_bars_grow_with_the_page_up_to_sixty_and_give_way_to_numbers(ladder: Report) -> None:
    long = [max(map(len, cells(grids(document(ladder, Words("en"), Page(columns)))[0]))) for columns in (80, 100, 200)]
    assert long[0] < long[1] < long[2] == len("! ") + 60
    assert len(grids(document(ladder, Words("en"), Page(60)))[0].headings) == 5


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [72, 80, 100, 200])
def test_a_ladder_with_bars_is_no_wider_than_its_page(ladder: Report, language: str, columns: int) -> None:
    for grid in grids(document(ladder, Words(language), Page(columns, "smooth"))):
        for row in (grid.headings, *([cell.text for cell in row] for row in grid.rows)):
            assert sum(map(width, row)) + 2 * (len(row) - 1) <= columns


def test_smooth_bars_fit_a_chinese_terminal_that_draws_them_twice_as_wide(ladder: Report) -> None:
    for grid in grids(document(ladder, Words("zh"), Page(80, "smooth"))):
        beside = sum(max(width(row[place].text) for row in grid.rows) + 2 for place in range(5))
        assert max(beside + len("! ") + 2 * length for length in lengths(grid)) <= 80


def test_bars_below_the_floor_stand_out_without_colour(ladder: Report) -> None:
    grid, _ = grids(document(ladder, Words("en"), Page()))
    marked = [row[0].text for row in grid.rows if row[5].text.startswith("!")]
    assert marked == ["0-10000", "10000-20000", "20000-30000"]
    assert grid.headings[5] == "! below the floor"


def test_a_document_to_paste_has_no_bars(ladder: Report) -> None:
    assert all("#" not in cell for grid in grids(document(ladder, Words("en"), PASTED)) for cell in cells(grid))


# what a terminal can draw


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Page]:
    def page(environment: dict[str, str], encoding: str = "utf-8", colours: str = "256") -> Page:
        for name in ("LC_ALL", "LC_CTYPE", "LANG", "TERM", "WT_SESSION", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        return terminal.page(Console(file=file, force_terminal=True, width=100, color_system=colours))  # type: ignore[arg-type]

    return page


@pytest.mark.parametrize(
    ("environment", "encoding", "bars"),
    [
        (UTF8, "utf-8", "smooth"),
        ({"TERM": "xterm", "WT_SESSION": "1"}, "utf-8", "smooth"),
        (UTF8, "cp936", "plain"),
        ({**UTF8, "LC_ALL": "C"}, "utf-8", "plain"),
        ({"TERM": "xterm"}, "utf-8", "plain"),
        ({"TERM": "xterm", "LC_CTYPE": "C.UTF-8"}, "utf-8", "plain"),
        ({"TERM": "xterm", "LC_CTYPE": "C.UTF-8", "LANG": "en_US.UTF-8"}, "utf-8", "smooth"),
        ({**UTF8, "TERM": "linux"}, "utf-8", "plain"),
        ({**UTF8, "TERM": "dumb"}, "utf-8", "plain"),
    ],
)
def test_blocks_are_drawn_only_where_they_are_known_to_be_safe(
    page: Make, environment: dict[str, str], encoding: str, bars: str
) -> None:
    assert page(environment, encoding).bars == bars


@pytest.mark.parametrize(
    ("environment", "colours", "shaded"),
    [
        (UTF8, "256", True),
        (UTF8, "truecolor", True),
        (UTF8, "standard", False),
        ({**UTF8, "NO_COLOR": "1"}, "256", False),
    ],
)
def test_grounds_need_colours_to_choose_from(
    page: Make, environment: dict[str, str], colours: str, *, shaded: bool
) -> None:
    assert page(environment, colours=colours).shaded is shaded


# the matrix


@pytest.fixture
def moves(compare: Make, survey: Make) -> Report:
    """Of ten households nine stay below 10,000, and one of twenty rises past 90,000."""
    drawn = "household_id | income\n" + "\n".join(f"{number} | 5000" for number in range(20))
    later = drawn.replace("\n7 | 5000", "\n7 | 95000")
    return compare(survey(drawn, "2023.csv"), survey(later, "2024.csv"))


def matrix(report: Report, page: Page) -> list[Grid]:
    return [grid for grid in grids(document(report, Words("en"), page)) if grid.headings[0] == "from\\to"]


def test_a_narrow_page_has_the_matrix_in_parts_and_a_wide_one_whole(moves: Report) -> None:
    assert [len(grid.headings) for grid in matrix(moves, Page(40))] == [9, 5]
    assert [len(grid.headings) for grid in matrix(moves, Page(80))] == [13]


def test_a_wide_page_has_counts_and_a_narrow_one_shares(moves: Report) -> None:
    assert [cell for cell in cells(matrix(moves, Page(80))[0]) if cell[0] in "=+"] == ["=19", "+1"]
    assert [cell for grid in matrix(moves, Page(40)) for cell in cells(grid) if cell[0] in "=+"] == ["=95", "+5"]


def test_a_matrix_to_paste_is_one_table(moves: Report) -> None:
    assert len(matrix(moves, PASTED)) == 1


def test_a_flow_is_shaded_by_its_share_of_the_row(compare: Make, survey: Make) -> None:
    drawn = "household_id | income\n" + "\n".join(f"{number} | 5000" for number in range(20))
    later = drawn.replace("\n7 | 5000", "\n7 | 95000").replace("\n8 |", "\n8 | 4").replace("\n9 |", "\n9 | 4")
    made = compare(survey(drawn, "2023.csv"), survey(later.replace("4 5000", "45000"), "2024.csv"))
    shades = {cell.text: cell.shade for row in matrix(made, Page())[0].rows for cell in row}
    assert {text: shades[text] for text in ("=17", "+2", "+1", ".")} == {"=17": 2, "+2": 1, "+1": 0, ".": 0}


def test_a_shaded_matrix_says_what_its_grounds_are(moves: Report) -> None:
    said = Line(Words("en")("say.matrix_shades"))
    assert said in document(moves, Words("en"), Page(shaded=True))
    assert said not in document(moves, Words("en"))


# grids and sentences in few columns


def on_a_terminal(blocks: list[Block], columns: int) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=columns, force_terminal=True, color_system=None)
    terminal.print_blocks(blocks, Words("en"), console)
    return screen.getvalue()


LISTED = Grid(
    ("Household", "Why", "Income"),
    ((Cell("510402000012"), Cell("one two three four five six seven"), Cell("23,000")),),
    right=frozenset({2}),
)


def test_long_texts_are_folded_and_ids_and_numbers_are_not() -> None:
    assert on_a_terminal([LISTED], 42).splitlines()[2:] == [
        "510402000012  one two three four    23,000",
        "              five six seven              ",
    ]


def test_what_does_not_stand_side_by_side_is_told_row_by_row() -> None:
    told = on_a_terminal([LISTED], 30)
    assert told == "Household: 510402000012\nWhy: one two three four five\nsix seven\nIncome: 23,000\n"


@pytest.mark.parametrize("columns", range(38, 60))
def test_columns_are_given_all_the_room_there_is_and_no_more(columns: int) -> None:
    widths = allotted(LISTED, columns)
    assert widths is not None
    assert sum(widths) + 4 == min(columns, 55)


def test_sentences_are_no_longer_than_the_eye_follows() -> None:
    assert max(map(len, on_a_terminal([Line("word " * 60)], 200).splitlines())) <= 100


def test_a_line_does_not_end_in_an_opening_bracket() -> None:
    assert wrap("合计一千户（52%）", 12) == ["合计一千户", "（52%）"]


def test_a_word_that_no_line_holds_is_told_in_lines_that_are_full() -> None:
    assert wrap("at /a/very/long/path: 5", 10) == ["at", "/a/very/lo", "ng/path: 5"]
