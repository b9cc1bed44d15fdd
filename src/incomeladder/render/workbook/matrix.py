"""The matrix as a square of numbers: shaded by the share of its row, with the floor and the diagonal marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incomeladder.programme import MOST_BANDS
from incomeladder.render.matrix import label, largest_unit
from incomeladder.render.numbers import counted
from incomeladder.render.square import Square
from incomeladder.render.workbook.book import INK, PALE, RULE, WARNING, WHOLE, put
from incomeladder.render.workbook.page import Page, count, share, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incomeladder.render.bands import Stretch
    from incomeladder.render.facts import Facts
    from incomeladder.render.square import Cell
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.page import Number

    Named = Sequence[tuple[Stretch, str]]

_SHADES: Final = (
    (0.5, "#2F6BA8", "#FFFFFF"),
    (0.25, "#8FB4DA", "#000000"),
    (0.1, "#C3D8EE", "#000000"),
    (0.0, "#EAF2FA", "#000000"),
)
"""From which share of its row on a cell has which shade, and the ink on it."""
_DIAGONAL, _LINE = 2, 5
"""A medium line around the diagonal, a thick one at the floor."""
_FIRST, _REST = 12, 8
_MOST_ON_A_PAGE: Final = 24
"""Bands up to which a page across is legible, and holds a second square of shares."""
_SCALE: Final = 70
"""Percent of their size in which larger squares are printed."""
_COUNTED: Final = '#,##0;-#,##0;"·"'
_SHARED: Final = '0.0%;-0.0%;"·"'


def fill(book: Book, facts: Facts) -> None:
    """Write the sheet: households, and where they fit on the page, below them the shares of each row."""
    words, square, (unit, key) = book.words, Square(facts, MOST_BANDS), largest_unit(facts.programme.ladder)
    page = Page(book, book.sheet("matrix"), (_FIRST, *(_REST for _ in square.columns), _REST + 2))
    page.title(words("book.matrix", **facts.named()))
    page.say(words("book.matrix_read", **facts.named(), unit=words(key)))
    line = "book.matrix_floor" if any(row.at_floor for row in square.rows) else "book.matrix_no_floor"
    page.say(words(line, floor=counted(facts.programme.tiers.floor.upper)))
    _legend(page)
    page.row += 1
    top = page.row
    sides = _named(square.rows, unit, words), _named(square.columns, unit, words)
    _write(page, square, sides, lambda cell: replace(count(cell.households), form=_COUNTED))
    _sums(page, square, top)
    page.sheet.freeze_panes(top + 1, 1)
    if len(square.rows) <= _MOST_ON_A_PAGE:
        page.heading(words("book.matrix_shares"))
        placed = _on_ladder(sides[0]), _on_ladder(sides[1])
        _write(page, square, placed, lambda cell: replace(share(cell.share), form=_SHARED))
        page.sheet.fit_to_pages(1, 1)
    else:
        _over_pages(page, top)


def _named(places: Sequence[Stretch], unit: int, words: Words) -> Named:
    """Bands and the places beside the ladder, with short names."""
    return [(place, label(place.bands[0], unit, words)) for place in places]


def _on_ladder(named: Named) -> Named:
    return [(place, name) for place, name in named if not place.outside]


def _over_pages(page: Page, top: int) -> None:
    """A square too large for a page goes on over several, each with its headings."""
    page.sheet.repeat_rows(top)
    page.sheet.repeat_columns(0)
    page.sheet.fit_to_pages(0, 0)
    page.sheet.set_print_scale(_SCALE)


def _legend(page: Page) -> None:
    """What each shade says."""
    words = page.book.words
    page.sheet.write_string(page.row, 0, words("book.shades"), page.book.style())
    for place, (least, shade, ink) in enumerate(reversed(_SHADES), 1):
        style = page.book.style(bg_color=shade, align="center", border=1, border_color=RULE, font_color=ink)
        page.sheet.write_string(page.row, place, f">{least:.0%}", style)
    page.row += 1


def _write(page: Page, square: Square, sides: tuple[Named, Named], told: Callable[[Cell], Number]) -> None:
    """Headings and rows."""
    (rows, columns), head = sides, page.book.style(bold=True, bg_color=PALE, align="right", bottom=1)
    for place, text in enumerate([page.book.words("matrix.corner"), *(name for _, name in columns)]):
        page.sheet.write_string(page.row, place, text, head)
    for row, name in rows:
        page.row += 1
        page.sheet.write_string(page.row, 0, name, head)
        for place, (end, _) in enumerate(columns, 1):
            cell = square.cell(row, end)
            number = told(cell)
            style = page.book.style(number.form, align="right", **_look(cell, row, end))
            put(page.sheet, (page.row, place), shown(number), style)
    page.row += 1


def _look(cell: Cell, row: Stretch, end: Stretch) -> dict[str, object]:
    """How a cell is shaded and framed; off the ladder in italics."""
    look: dict[str, object] = {"border": 1, "border_color": RULE}
    if row.outside or end.outside:
        look |= {"italic": True}
    elif cell.share:
        shade, ink = next((shade, ink) for least, shade, ink in _SHADES if cell.share > least)
        look |= {"bg_color": shade, "font_color": ink}
    if cell.move == 0:
        look |= {"border": _DIAGONAL, "border_color": INK, "bold": True}
    look |= {"bottom": _LINE, "bottom_color": WARNING} if row.at_floor else {}
    return look | ({"right": _LINE, "right_color": WARNING} if end.at_floor else {})


def _sums(page: Page, square: Square, top: int) -> None:
    """What is in each row, at the right, and in each column, below."""
    right, book = len(square.columns) + 1, page.book
    head = book.style(bold=True, bg_color=PALE, align="right", bottom=1)
    sums = {(top + place, right): square.before(row) for place, row in enumerate(square.rows, 1)}
    sums |= {(page.row, place): square.after(end) for place, end in enumerate(square.columns, 1)}
    for place in ((top, right), (page.row, 0)):
        page.sheet.write_string(*place, book.words("page.total"), head)
    for place, found in (sums | {(page.row, right): square.whole}).items():
        style = book.style(WHOLE, bold=True, align="right", border=1, border_color=RULE)
        put(page.sheet, place, shown(count(found)), style)
    page.row += 1
