"""A workbook in the making: its sheets, their names and how they print, and the styles of their cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.render.wording import Words

Sheet: TypeAlias = Any  # xlsxwriter has no types
Style: TypeAlias = Any
Drawing: TypeAlias = Any
Value: TypeAlias = float | str | None

INK, ACCENT, PALE, FAINT, RULE, MUTED = "#1F2933", "#1F4E79", "#DCE6F1", "#9DB7D5", "#9AA5B1", "#52606D"
WARNING, WARNING_PALE = "#9C2A10", "#FBE6DF"
TEXT, WHOLE, PERCENT = "@", "#,##0", "0.0%"
ROW: Final = 16
"""Points that a line takes; less would cut Chinese text where another font stands in."""
_A4: Final = 9
_LONGEST_NAME: Final = 31
_LONGEST_HEAD: Final = 100
"""Characters; Excel holds 255, and paper fewer."""


@dataclass
class Book:
    """The sheets of a workbook, one after another, and the lists that their cells are chosen from.

    ``head`` stands at the head of every printed page.
    """

    file: Any
    words: Words
    head: str = ""
    names: list[str] = field(default_factory=list)
    choices: dict[str, Sequence[str]] = field(default_factory=dict)
    _styles: dict[str, Style] = field(default_factory=dict)

    def style(self, number: str = TEXT, **more: object) -> Style:
        """A format of cells, each made once."""
        key = repr((number, sorted(more.items())))
        if key not in self._styles:
            self._styles[key] = self.file.add_format({"num_format": number, "valign": "top", **more})
        return self._styles[key]

    def sheet(self, name: str, *, upright: bool = False) -> Sheet:
        """A new sheet on A4, as wide as the paper, with its name and its pages at the foot."""
        title = self.words.sheet(name)[:_LONGEST_NAME]
        if times := sum(each.partition(" (")[0] == title for each in self.names):
            title = f"{title} ({times + 1})"
        self.names.append(title)
        sheet = self.file.add_worksheet(title)
        sheet.set_default_row(ROW)
        if not upright:
            sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        if self.head:
            sheet.set_header(f"&R{_plain(self.head)}")
        sheet.set_footer("&L&A&R&P / &N")
        return sheet


def _plain(text: str) -> str:
    """Text at the head of a page, where an ampersand would be a command."""
    return safe(text)[:_LONGEST_HEAD].replace("&", "&&")


def put(sheet: Sheet, place: tuple[int, int], value: Value, style: Style) -> None:
    """A number as a number, text as text whatever it begins with or holds, nothing as an empty cell of that style."""
    if value is None:
        sheet.write_blank(*place, None, style)
    elif isinstance(value, str):
        sheet.write_string(*place, safe(value), style)
    else:
        sheet.write_number(*place, value, style)
