"""The first sheet: the headline in words and in figures, the scorecard of the tiers, the places compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from incomeladder.frames import ROUND
from incomeladder.programme import Tiers
from incomeladder.render.blocks import Line
from incomeladder.render.documents import body
from incomeladder.render.grids import plain_value
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.book import FAINT, MUTED
from incomeladder.render.workbook.facts import change, points, total
from incomeladder.render.workbook.page import Page, amount, count, gain, gain_of_share, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from incomeladder.programme import Tier
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.facts import Facts, Row
    from incomeladder.render.workbook.page import Cell, Number
    from incomeladder.report import Report

LINKS_AT, LINKS_ROWS, LINKS = 2, 3, 5
"""From which row on there are links to the other sheets, in how many rows, and how many in each."""
_WIDTHS: Final = (31, *(11,) * 9)
_FIGURES: Final = (
    *("households", "missing", "below_floor", "below_floor_share", "shortfall", "low_tier", "middle_tier"),
    *("at_or_above_top", "middle_income", "middle_income_share"),
)
_GROSS: Final = ("before", "reached_target", "fell_back", "left", "missing", "stayed", "entered")
_MOST_PLACES: Final = 25
"""Places that fit on a page with all else; the sheet of places has every one."""
_SHARE: Final = 3
"""The column of places that has bars."""


def fill(book: Book, facts: Facts) -> Page:
    """Write the sheet; rows from ``LINKS_AT`` on stay free for links to the others, which are not there yet."""
    words, page = book.words, Page(book, book.sheet("report_summary", upright=True), _WIDTHS)
    page.title(words("book.title", programme=facts.title(words), round=facts.now))
    page.say(_compared(facts, words), font_color=MUTED)
    page.row = LINKS_AT + LINKS_ROWS
    _headline(page, facts)
    if facts.is_followed:
        _scorecard(page, facts)
    if "places" in facts.report.tables:
        _places(page, facts)
    return page


def _compared(facts: Facts, words: Words) -> str:
    if facts.was is None:
        return words("book.one_round", round=facts.now)
    return words("book.compared", before=facts.was, after=facts.now)


def _headline(page: Page, facts: Facts) -> None:
    words = page.book.words
    page.heading(words("book.headline", round=facts.now))
    tables = {
        name: table.filter(table[ROUND] == facts.now) for name, table in _named(facts, "bands", "summary").items()
    }
    for text in _said(replace(facts.report, name="bands", tables=tables), page):
        page.say(text)
    page.row += 1
    told = [facts.of_round("summary", label)[0] for label in (facts.now, facts.was) if label is not None]
    changes = [words.column("change")] if facts.was else []
    names = {"floor": counted(facts.floor), "top": counted(facts.report.programme.ladder.top)}
    rows: list[list[Cell]] = [[words(f"book.figure_{name}", **names), *_figures(name, told)] for name in _FIGURES]
    page.table([words("book.figure"), *reversed(facts.rounds), *changes], rows, marked={_FIGURES.index("below_floor")})
    if facts.was:
        page.say(words("book.points"), font_color=MUTED)


def _figures(name: str, told: list[Row]) -> Iterator[Number]:
    """A figure of the round, of the round before it, and the change."""
    is_share = name.endswith("_share")
    shown = share if is_share else amount
    yield from (shown(row[name]) for row in told)
    if len(told) > 1:
        now, was = (row[name] for row in told)
        yield gain_of_share(points(now, was)) if is_share else gain(change(now, was))


def _named(facts: Facts, *names: str) -> dict[str, pl.DataFrame]:
    return {name: facts.report.tables[name] for name in names}


def _said(report: Report, page: Page) -> Iterator[str]:
    """What a document says before its first table."""
    for line in takewhile(lambda block: isinstance(block, Line), body(report, page.book.words)):
        if isinstance(line, Line) and not line.title:
            yield line.text


def _scorecard(page: Page, facts: Facts) -> None:
    """Gross flows of the tiers: who was there, who went where, who came, and who is there now; and in words."""
    words, report = page.book.words, facts.report
    page.heading(words("book.scorecard", before=facts.was, after=facts.now))
    tables = {"summary": report.tables["moves"], **_named(facts, "tiers", "matrix")}
    for text in _said(replace(report, name="transitions", tables=tables), page):
        page.say(text)
    page.row += 1
    tiers = [row for row in report.tables["tiers"].iter_rows(named=True) if row["tier"] in Tiers.names]
    rows = [[words(f"tier.{row['tier']}"), *_gross(row, facts)] for row in tiers]
    columns = [*_GROSS, "others", "after"]
    ends = {"before": facts.was, "after": facts.now}
    page.table([words.column("tier"), *(str(ends.get(name) or words.column(name)) for name in columns)], rows)


def _gross(row: Row, facts: Facts) -> Iterator[Cell]:
    yield from (count(row[name]) for name in _GROSS)
    tier: Tier = getattr(facts.report.programme.tiers, row["tier"])
    # Who stays short of a target above the tier may have left it, so nobody can tell how many came from elsewhere.
    elsewhere = total([row["after"], *(None if row[name] is None else -row[name] for name in ("stayed", "entered"))])
    yield count(elsewhere) if tier.target == tier.upper else None
    yield count(row["after"])


def _places(page: Page, facts: Facts) -> None:
    """The places, those with the largest share below the floor first."""
    words = page.book.words
    by = [name for name in facts.report.tables["places"].columns if name in facts.by]
    page.heading(words("book.places", round=facts.now))
    rows = sorted(facts.of_round("places", facts.now), key=lambda row: -(row["below_floor_share"] or 0))
    before = {_place(row, by, page): row for row in facts.of_round("places", facts.was)}
    if len(rows) > _MOST_PLACES:
        page.say(words("book.more_places", places=len(rows), shown=_MOST_PLACES, sheet=words.sheet("places")))
    cells: list[list[Cell]] = [
        [_place(row, by, page), *_of_place(row, before, by, page)] for row in rows[:_MOST_PLACES]
    ]
    headings = ["households", "below_floor", "below_floor_share", "points", "shortfall", "low_tier", "middle_tier"]
    headings += ["at_or_above_top", "middle_income_share"]
    top = page.table([" / ".join(map(words.column, by)), *map(words.column, headings)], cells)
    if cells:
        most = max(row["below_floor_share"] or 0 for row in rows)
        page.bars(_SHARE, (top + 1, page.row - 1), FAINT, 2 * most)  # at most half a cell, beside the number


def _place(row: Row, by: list[str], page: Page) -> str:
    return " / ".join(plain_value(name, row[name]) or page.book.words("none") for name in by)


def _of_place(row: Row, before: Mapping[str, Row], by: list[str], page: Page) -> Iterator[Number]:
    was = before.get(_place(row, by, page), {}).get("below_floor_share")
    yield count(row["households"])
    yield count(row["below_floor"])
    yield share(row["below_floor_share"])
    yield gain_of_share(points(row["below_floor_share"], was))
    yield amount(row["shortfall"])
    yield from (count(row[name]) for name in ("low_tier", "middle_tier", "at_or_above_top"))
    yield share(row["middle_income_share"])
