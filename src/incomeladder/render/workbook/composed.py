"""The workbook of a round: summary, ladder, matrix, places, a list for each tier, rejects, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.render.facts import Facts
from incomeladder.render.problems import no_problems, rejects
from incomeladder.render.workbook import ladder, lists, matrix, notes, summary
from incomeladder.render.workbook.book import ACCENT
from incomeladder.render.workbook.tables import Around
from incomeladder.render.workbook.tables import fill as fill_table
from incomeladder.render.workbook.vocabulary import in_words

if TYPE_CHECKING:
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.page import Page
    from incomeladder.report import Report

_MORE: Final = {
    "measures": ("table.measures", "say.shorrocks"),
    "decomposition": ("say.decomposition_incomes", "say.decomposition_households"),
    "precision": ("say.intervals",),
}
"""Tables for whoever looks closer, and what is said above them."""
_PLACES: Final = (0, 1, 3, 5, 7)
"""Columns of links, far enough apart for a name."""


def fill(book: Book, report: Report) -> None:
    """Write the sheets."""
    facts = Facts(report, book.words)
    book.head = book.words("page.title", programme=facts.title, round=facts.now)
    first = summary.fill(book, facts)
    ladder.fill(book, facts)
    if facts.is_followed:
        matrix.fill(book, facts)
    if "places" in report.tables:
        fill_table(
            book, "places", report.tables["places"], Around(kept=report.tables["places"].columns.index("households"))
        )
    if "flagged" in report.tables:
        lists.fill_tiers(book, report.tables["flagged"], report.programme)
    if not report.published:
        _rejects(book, report)
    notes.fill(book, facts)
    for name, above in _MORE.items():
        if name in report.tables:
            fill_table(book, name, in_words(name, report, book.words), Around(tuple(map(book.words, above))))
    _links(book, first)


def _rejects(book: Book, report: Report) -> None:
    """The rows that were left out; where there are none, that is said."""
    found = no_problems() if report.rejects is None else rejects(report.rejects, book.words)
    key = "book.rejects" if found.height else "book.no_rejects"
    fill_table(book, "rejects", found, Around((book.words(key, rows=report.rejected),)))


def _links(book: Book, first: Page) -> None:
    """From the first sheet to the others."""
    style = book.style(font_color=ACCENT, underline=1)
    for number, name in enumerate(book.names[1 : 1 + summary.LINKS * summary.LINKS_ROWS]):
        row, place = divmod(number, summary.LINKS)
        first.sheet.write_url(summary.LINKS_AT + row, _PLACES[place], f"internal:'{name}'!A1", style, name)
