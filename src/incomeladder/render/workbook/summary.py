"""The first sheet: the headline in words and in figures, the scorecard of the tiers, the places compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ROUND
from incomeladder.programme import Tiers
from incomeladder.render.blocks import PAPER, Line
from incomeladder.render.documents import body
from incomeladder.render.grids import group_value
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.book import FAINT, MUTED
from incomeladder.render.workbook.page import Page, amount, count, gain, gain_of_share, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.programme import Tier
    from incomeladder.render.facts import Facts, Numbers
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book
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
_OF_PLACES: Final = (
    *("households", "below_floor", "below_floor_share", "shortfall", "low_tier", "middle_tier", "at_or_above_top"),
    "middle_income_share",
)
_MOST_PLACES: Final = 25
"""Places that fit on a page with all else; the sheet of places has every one."""
_SHARE: Final = 3
"""The column of places that has bars."""


def fill(book: Book, facts: Facts) -> Page:
    """Write the sheet; rows from ``LINKS_AT`` on stay free for links to the others, which are not there yet."""
    words, page = book.words, Page(book, book.sheet("report_summary", upright=True), _WIDTHS)
    page.title(words("page.title", programme=facts.title, round=facts.now))
    compared = words("page.compared", **facts.named()) if facts.was else words("page.one_round", round=facts.now)
    page.say(compared, font_color=MUTED)
    if facts.was and not facts.is_followed:
        page.say(words("page.not_followed"), font_color=MUTED)
    page.row = LINKS_AT + LINKS_ROWS
    _headline(page, facts)
    if facts.is_followed:
        _scorecard(page, facts)
    if "places" in facts.report.tables:
        _places(page, facts)
    return page


def _headline(page: Page, facts: Facts) -> None:
    words = page.book.words
    page.heading(words("book.headline", round=facts.now))
    tables = {
        name: table.filter(table[ROUND] == facts.now) for name, table in _named(facts, "bands", "summary").items()
    }
    for text in _said(replace(facts.report, name="bands", tables=tables), page):
        page.say(text)
    if facts.rejected:
        page.say(words("book.rejected", rows=facts.rejected))
    page.row += 1
    told = [facts.summary(label) for label in reversed(facts.rounds)]
    changes = [words.column("change")] if facts.was else []
    names = {"floor": counted(facts.programme.tiers.floor.upper), "top": counted(facts.programme.ladder.top)}
    rows: list[list[Cell]] = [[words(f"book.figure_{name}", **names), *_figures(name, told)] for name in _FIGURES]
    page.table([words("book.figure"), *reversed(facts.rounds), *changes], rows, marked={_FIGURES.index("below_floor")})
    if facts.was:
        page.say(words("book.points"), font_color=MUTED)


def _figures(name: str, told: list[Numbers]) -> Iterator[Number]:
    """A figure of the round, of the round before it, and the change."""
    is_share = name.endswith("_share")
    shown = share if is_share else amount
    yield from (shown(row[name]) for row in told)
    if len(told) > 1:
        now, was = (row[name] for row in told)
        yield gain_of_share(now, was) if is_share else gain(now, was)


def _named(facts: Facts, *names: str) -> dict[str, pl.DataFrame]:
    return {name: facts.report.tables[name] for name in names}


def _said(report: Report, page: Page) -> Iterator[str]:
    """What a document says before its first table."""
    for line in takewhile(lambda block: isinstance(block, Line), body(report, page.book.words, PAPER)):
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
    columns = [*_GROSS, "after"]
    ends = {"before": facts.was, "after": facts.now}
    headings = [str(ends.get(name) or words.column(name)) for name in columns]
    page.table([words.column("tier"), *headings[:-1], words("page.others"), headings[-1]], rows)


def _gross(row: Numbers, facts: Facts) -> Iterator[Cell]:
    yield from (count(row[name]) for name in _GROSS)
    tier: Tier = getattr(facts.programme.tiers, str(row["tier"]))
    # Who stays short of a target above the tier may have left it, so nobody can tell how many came from elsewhere.
    after, *others = (row[name] for name in ("after", "stayed", "entered"))
    known = None if after is None or None in others else after - sum(filter(None, others))
    yield count(known) if tier.target == tier.upper else None
    yield count(row["after"])


def _places(page: Page, facts: Facts) -> None:
    """The places, those with the largest share below the floor first."""
    words, found = page.book.words, facts.report.tables["places"]
    by = found.columns[1 : found.columns.index("households")]
    now, was = (_of_round(found, by, label) for label in (facts.now, facts.was))
    worst = sorted(now.items(), key=lambda place: -(place[1]["below_floor_share"] or 0))
    page.heading(words("book.places", round=facts.now))
    if len(worst) > _MOST_PLACES:
        page.say(words("book.more_places", places=len(worst), shown=_MOST_PLACES, sheet=words.sheet("places")))
    rows: list[list[Cell]] = [
        [_name(by, key, words), *_of_place(row, was.get(key, {}) if facts.was else None)]
        for key, row in worst[:_MOST_PLACES]
    ]
    points = [words("page.points")] if facts.was else []
    names = [words.column(name) for name in _OF_PLACES]
    top = page.table([" / ".join(map(words.column, by)), *names[:_SHARE], *points, *names[_SHARE:]], rows)
    if worst:
        most = 2 * (worst[0][1]["below_floor_share"] or 0)  # so that the longest bar leaves room for its number
        page.bars(_SHARE, (top + 1, page.row - 1), FAINT, most)


def _of_round(places: pl.DataFrame, by: Sequence[str], label: str | None) -> dict[tuple[object, ...], Numbers]:
    rows = places.filter(pl.col(ROUND) == (label or "")).iter_rows(named=True)
    return {tuple(row[name] for name in by): row for row in rows}


def _name(by: Sequence[str], key: tuple[object, ...], words: Words) -> str:
    return " / ".join(group_value(name, value, words) for name, value in zip(by, key, strict=True))


def _of_place(row: Numbers, was: Numbers | None) -> Iterator[Number]:
    yield from (count(row[name]) for name in _OF_PLACES[:2])
    yield share(row["below_floor_share"])
    if was is not None:
        yield gain_of_share(row["below_floor_share"], was.get("below_floor_share"))
    yield amount(row["shortfall"])
    yield from (count(row[name]) for name in _OF_PLACES[4:-1])
    yield share(row["middle_income_share"])
