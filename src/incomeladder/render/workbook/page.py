"""A sheet that is read from its top to its end: titles, sentences, and small tables one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final, TypeAlias

from incomeladder.render.facts import difference, points
from incomeladder.render.width import wrap
from incomeladder.render.wording import HIDDEN
from incomeladder.render.workbook.book import ACCENT, PALE, PERCENT, ROW, RULE, TEXT, WARNING, WARNING_PALE, WHOLE, put

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from incomeladder.render.workbook.book import Book, Sheet, Value

Cell: TypeAlias = "str | Number | None"
_DECIMALS: Final = {"#,##0": 1, "#,##0.00": 100}


@dataclass(frozen=True)
class Number:
    """A number and its format; ``unknown`` is what stands for one that is not there."""

    value: float | None
    form: str = WHOLE
    unknown: str | None = None


def count(value: float | None) -> Number:
    """A count, which is unknown only where it is not published."""
    return Number(value, WHOLE, HIDDEN)


def share(value: float | None) -> Number:
    """A share in percent."""
    return Number(value, PERCENT)


def amount(value: float | None) -> Number:
    """Yuan, or a weight, with as many decimals as there are."""
    fits = (form for form, scale in _DECIMALS.items() if value is None or not round(value * scale, 4) % 1)
    return Number(value, next(fits, "#,##0.0000"), HIDDEN)


def gain(now: float | None, was: float | None) -> Number:
    """How much more there is now, exactly, with its sign."""
    change = difference(now, was)
    value = None if change is None else float(change)
    form = amount(value).form
    return Number(value, f"+{form};-{form};0", HIDDEN)


def gain_of_share(now: float | None, was: float | None) -> Number:
    """How much higher a share is now, in percentage points, with its sign."""
    change = points(now, was)
    return Number(None if change is None else float(change) + 0.0, "+0.0;-0.0;0.0")


class Page:
    """``row`` is the next that is free; ``widths`` are those of its columns, in characters."""

    def __init__(self, book: Book, sheet: Sheet, widths: Sequence[int]) -> None:
        self.book, self.sheet, self.widths, self.row = book, sheet, widths, 0
        sheet.hide_gridlines(2)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        for place, columns in enumerate(widths):
            sheet.set_column(place, place, columns)

    def title(self, text: str) -> None:
        """What the sheet is."""
        self._across(text, 18, bold=True, font_size=16, font_color=ACCENT)

    def heading(self, text: str) -> None:
        """What comes next, apart from what came before."""
        self.row += 1
        self._across(text, 14, bold=True, font_size=12, font_color=ACCENT, bottom=2, bottom_color=ACCENT)

    def say(self, text: str, **how: object) -> None:
        """A sentence, as wide as the sheet."""
        self._across(text, 11, **how)

    def pair(self, name: str, text: str) -> None:
        """A name, and beside it a text as wide as the rest of the sheet."""
        lines = wrap(text, sum(self.widths[1:]) - 2)
        style = self.book.style(text_wrap=True, bottom=1, bottom_color=RULE)
        self.sheet.merge_range(self.row, 1, self.row, len(self.widths) - 1, "", style)
        put(self.sheet, (self.row, 1), text, style)
        names = wrap(name, self.widths[0] - 1)
        bold = self.book.style(text_wrap=True, bold=True, bottom=1, bottom_color=RULE)
        put(self.sheet, (self.row, 0), name, bold)
        self.sheet.set_row(self.row, ROW * max(len(lines), len(names)))
        self.row += 1

    def _across(self, text: str, size: int, **how: object) -> None:
        """Text over all columns: merged cells do not find their height themselves."""
        columns = int(sum(self.widths) * 11 / size) - 2
        style = self.book.style(TEXT, text_wrap=True, **how)
        self.sheet.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", style)
        put(self.sheet, (self.row, 0), text, style)
        self.sheet.set_row(self.row, ceil(ROW * size / 11 * len(wrap(text, columns))))
        self.row += 1

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        marked: Collection[int] = (),
        summed: Collection[int] = (),
    ) -> int:
        """Write a table, and return the row of its headings; ``marked`` rows stand out, ``summed`` ones are sums."""
        top = self.row
        right = [bool(rows) and isinstance(cell, Number) for cell in (rows[0] if rows else headings)]
        self._row(headings, {"bold": True, "bg_color": PALE, "top": 1, "bottom": 1}, right)
        for number, cells in enumerate(rows):
            how: dict[str, object] = {"bottom": 1, "bottom_color": RULE}
            how |= {"bold": True, "bg_color": WARNING_PALE, "font_color": WARNING} if number in marked else {}
            how |= {"bold": True, "top": 1} if number in summed else {}
            self._row(cells, how, right)
        return top

    def _row(self, cells: Sequence[Cell], how: dict[str, object], right: Sequence[bool]) -> None:
        lines = 1
        for place, cell in enumerate(cells):
            style = {**how, "text_wrap": True, "align": "right" if right[place] else "left"}
            form = cell.form if isinstance(cell, Number) else TEXT
            value = shown(cell)
            put(self.sheet, (self.row, place), value, self.book.style(form, **style))
            if isinstance(value, str):
                lines = max(lines, len(wrap(value, max(4, self.widths[place] - 1))))
        if lines > 1:
            self.sheet.set_row(self.row, ROW * lines)
        self.row += 1

    def bars(self, column: int, rows: tuple[int, int], colour: str, most: float, *, alone: bool = False) -> None:
        """Bars in the cells of a column from the first to the last of ``rows``; ``alone`` hides the numbers."""
        ends = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": most or 1}
        look = {"bar_color": colour, "bar_solid": True, "bar_only": alone, "bar_border_color": colour}
        where = (rows[0], column, rows[1], column)
        self.sheet.conditional_format(*where, {"type": "data_bar", "data_bar_2010": True, **ends, **look})


def shown(cell: Cell) -> Value:
    """What stands in a cell."""
    if not isinstance(cell, Number):
        return cell
    return cell.unknown if cell.value is None else cell.value
