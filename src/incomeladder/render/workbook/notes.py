"""What was counted and what was not, by which rules, and of which files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from incomeladder.render.rules import in_force
from incomeladder.render.workbook.page import Page, count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.render.facts import Facts
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.page import Cell
    from incomeladder.report import Accounting

    Source = Mapping[str, object]

_WIDTHS: Final = (24, *(13,) * 7)
_ROWS: Final = ("rows_read", "accepted", "rejected", "skipped")
_HOUSEHOLDS: Final = ("households", "banded", "missing_income")


def fill(book: Book, facts: Facts) -> None:
    """Write the sheet."""
    words, page = book.words, Page(book, book.sheet("notes", upright=True), _WIDTHS)
    page.title(words("page.accounting"))
    page.say(words("book.accounting_rows"))
    page.row += 1
    headings = [words.column("survey_round"), *map(words.column, (*_ROWS, *_HOUSEHOLDS))]
    page.table(headings, [[name, *_of_round(told)] for name, told in _accounting(facts)])
    page.heading(words("page.notes"))
    for note in facts.report.notes:
        page.say(words.reason(note))
    if not facts.report.notes:
        page.say(words("page.no_notes"))
    page.heading(words("book.rules"))
    for name, rule in in_force(facts):
        page.pair(name, rule)
    page.heading(words("page.files"))
    for source in cast("Sequence[Source]", facts.report.parameters["sources"]):
        page.pair(str(source["file"]), _understood(source, words))


def _accounting(facts: Facts) -> Iterator[tuple[str, Accounting]]:
    sides = {"": facts.words("list_comma").join(facts.rounds), "before": facts.was or "", "after": facts.now}
    for side, told in facts.report.accounting.items():
        yield sides[side], told


def _of_round(told: Accounting) -> Iterator[Cell]:
    shown = told.shown
    households, missing = shown.get("households", shown["accepted"]), shown["missing_income"]
    yield from (count(shown[name]) for name in _ROWS)
    yield count(households)
    yield count(None if households is None or missing is None else households - missing)
    yield count(missing)


def _understood(source: Source, words: Words) -> str:
    """A file's encoding, its unit, and which of its headings was taken for what."""
    wan = bool(source["in_wan"])
    columns = cast("Mapping[str, str]", source["columns"])
    told = [words("book.heading_of", heading=heading, column=words.column(name)) for name, heading in columns.items()]
    encoding = [words("say.explained_encoding", told=source["encoding"])] if source["encoding"] else []
    unit = words("say.explained_unit", told=words("amounts.wan" if wan else "amounts.yuan"))
    return words("book.file", read=[*encoding, unit], headings=told)
