"""A report as a workbook, to sort, filter, fill in and print.

Nothing from data becomes a formula or a link, ids stay text, and equal reports give equal bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Final

import xlsxwriter

from incomeladder.render.workbook import anything, choices, composed
from incomeladder.render.workbook.book import Book

if TYPE_CHECKING:
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_SETTINGS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_CREATED: Final = datetime(2024, 1, 1)  # noqa: DTZ001  (the same in every workbook, whenever it is made)


def workbook(report: Report, words: Words) -> bytes:
    """The bytes of an .xlsx file: of ``report`` a document, of others what is said and a sheet for each table."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _SETTINGS) as file:
        file.set_properties({"created": _CREATED, "title": words.sheet(report.name)})
        book = Book(file, words)
        (composed if report.name == "report" else anything).fill(book, report)
        choices.add(book)
    return buffer.getvalue()
