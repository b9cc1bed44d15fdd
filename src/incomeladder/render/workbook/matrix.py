"""The matrix as a square of numbers: shaded by the share of its row, with the floor and the diagonal marked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from incomeladder.compare import FROM, TO
from incomeladder.ladder import MISSING
from incomeladder.render.matrix import label, largest_unit
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.book import INK, PALE, RULE, WARNING, WHOLE, put
from incomeladder.render.workbook.facts import total
from incomeladder.render.workbook.page import Number, Page, count, share, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.facts import Facts, Row

_SHADES: Final = (
    (0.5, "#2F6BA8", "#FFFFFF"),
    (0.25, "#8FB4DA", "#000000"),
    (0.1, "#C3D8EE", "#000000"),
    (0.0, "#EAF2FA", "#000000"),
)
"""From which share of its row on a cell has which shade, and the ink on it."""
_EDGES: Final = (MISSING, "left", "entered")
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
    words, square = book.words, _square(facts)
    page = Page(book, book.sheet("matrix"), (_FIRST, *(_REST for _ in square.ends), _REST + 2))
    scale, key = largest_unit(facts.report.programme.ladder)
    names = {name: label(name, scale, words) for name in (*square.origins, *square.ends)}
    page.title(words("book.matrix", before=facts.was, after=facts.now))
    page.say(words("book.matrix_read", before=facts.was, after=facts.now, unit=words(key)))
    page.say(words("book.matrix_floor" if square.below else "book.matrix_no_floor", floor=counted(facts.floor)))
    _legend(page)
    page.row += 1
    top = page.row
    _write(page, square, names, lambda row: count(row["households"]), _COUNTED)
    _sums(page, square, top)
    if len(square.bands) <= _MOST_ON_A_PAGE:
        page.heading(words("book.matrix_shares"))
        placed = replace(square, cells={way: row for way, row in square.cells.items() if not {*_EDGES} & {*way}})
        _write(page, placed, names, lambda row: share(row["row_share"]), _SHARED)
        page.sheet.fit_to_pages(1, 1)
    else:
        _over_pages(page, top)


def _over_pages(page: Page, top: int) -> None:
    """A square too large for a page goes on over several, each with its headings."""
    page.sheet.freeze_panes(top + 1, 1)
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


@dataclass(frozen=True)
class _Square:
    """The cells by where they are from and where they end, and how many bands lie below the floor."""

    cells: Mapping[tuple[str, str], Row]
    below: int

    @property
    def origins(self) -> list[str]:
        """Where households are from: bands, and no band."""
        return list(dict.fromkeys(origin for origin, _ in self.cells))

    @property
    def ends(self) -> list[str]:
        """Where they end."""
        return list(dict.fromkeys(end for _, end in self.cells))

    @property
    def bands(self) -> list[str]:
        """Those on the ladder."""
        return [name for name in self.origins if name not in _EDGES]

    def total(self, origin: str | None = None, end: str | None = None) -> int | None:
        """Households of a row, of a column, or of all; none where one of the cells is not published."""
        inside = (row for (start, stop), row in self.cells.items() if origin in {None, start} and end in {None, stop})
        return total([row["households"] for row in inside])


def _square(facts: Facts) -> _Square:
    rows = facts.report.tables["matrix"].iter_rows(named=True)
    square = _Square({(row[FROM], row[TO]): row for row in rows}, 0)
    edges = {row["band"]: row for label in facts.rounds for row in facts.of_round("bands", label)}
    uppers = [edges[band]["upper"] for band in square.bands if band in edges]
    # A floor inside a band is no line between bands.
    return replace(square, below=uppers.index(facts.floor) + 1 if facts.floor in uppers else 0)


def _write(page: Page, square: _Square, names: Mapping[str, str], told: Callable[[Row], Number], form: str) -> None:
    """Headings and rows."""
    sheet, book = page.sheet, page.book
    head = book.style(bold=True, bg_color=PALE, align="right", bottom=1)
    for place, text in enumerate([book.words("matrix.corner"), *(names[end] for end in square.ends)]):
        sheet.write_string(page.row, place, text, head)
    for row, origin in enumerate(square.origins, page.row + 1):
        sheet.write_string(row, 0, names[origin], head)
        for place, end in enumerate(square.ends, 1):
            cell = square.cells.get((origin, end))
            look = _look(square, origin, end, None if cell is None else cell["row_share"])
            number = Number(None) if cell is None else replace(told(cell), form=form)
            put(sheet, (row, place), shown(number), book.style(number.form, align="right", **look))
    page.row += len(square.origins) + 1


def _look(square: _Square, origin: str, end: str, of_row: float | None) -> dict[str, object]:
    """How a cell is shaded and framed; off the ladder in italics."""
    look: dict[str, object] = {"border": 1, "border_color": RULE}
    if origin in _EDGES or end in _EDGES:
        look |= {"italic": True}
    elif of_row:
        shade, ink = next((shade, ink) for least, shade, ink in _SHADES if of_row > least)
        look |= {"bg_color": shade, "font_color": ink}
    if origin == end and origin not in _EDGES:
        look |= {"border": _DIAGONAL, "border_color": INK, "bold": True}
    return look | _floor(square, origin, "bottom", "top") | _floor(square, end, "right", "left")


def _floor(square: _Square, band: str, after: str, before: str) -> dict[str, object]:
    """The line of the floor at one side of a cell, if it runs there."""
    place = square.bands.index(band) + 1 if square.below and band in square.bands else 0
    if place not in {square.below, square.below + 1} or not place:
        return {}
    side = after if place == square.below else before
    return {side: _LINE, f"{side}_color": WARNING}


def _sums(page: Page, square: _Square, top: int) -> None:
    """What is in each row, at the right, and in each column, below."""
    right, book = len(square.ends) + 1, page.book
    head = book.style(bold=True, bg_color=PALE, align="right", bottom=1)
    sums = {(top + row, right): square.total(origin=origin) for row, origin in enumerate(square.origins, 1)}
    sums |= {(page.row, column): square.total(end=end) for column, end in enumerate(square.ends, 1)}
    for place in ((top, right), (page.row, 0)):
        page.sheet.write_string(*place, book.words("book.total"), head)
    for place, found in (sums | {(page.row, right): square.total()}).items():
        style = book.style(WHOLE, bold=True, align="right", border=1, border_color=RULE)
        put(page.sheet, place, shown(count(found)), style)
    page.row += 1
