"""The ladder of the round beside that of the round before, with bars, and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.ladder import MISSING
from incomeladder.programme import Tiers
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.book import ACCENT, FAINT, WARNING
from incomeladder.render.workbook.facts import change, points
from incomeladder.render.workbook.page import Page, amount, count, gain, gain_of_share, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.programme import Tier
    from incomeladder.render.workbook.book import Book
    from incomeladder.render.workbook.facts import Facts, Row
    from incomeladder.render.workbook.page import Cell, Number

_WIDTHS: Final = (16, 9, 12, 10, 12, 26)
_BEFORE: Final = (12, 10, 12, 12)
_WEIGHT: Final = 14
_NOW, _SHARE, _BAR, _WAS_SHARE = 2, 3, 5, 7
"""Columns that bars are drawn of, or in."""
_MOST_ACROSS, _MOST_DRAWN = 30, 60
"""Bands that a page across holds with their drawing, and those that a drawing as wide as the page can name."""
_HIGH: Final = 380
"""Pixels of the drawing, which is as wide as the table."""


def fill(book: Book, facts: Facts) -> None:
    """Write the sheet."""
    words = book.words
    widths = (*_WIDTHS, *(_BEFORE if facts.was else ()), *([_WEIGHT] * len(facts.rounds) if facts.is_weighted else ()))
    bands = _bands(facts)
    page = Page(book, book.sheet("bands", upright=len(bands) > _MOST_ACROSS), widths)
    page.title(words("title.bands", round=facts.now))
    page.say(words("book.ladder_marks", floor=counted(facts.floor)))
    page.say(words("say.shares"))
    page.row += 1
    below = [number for number, (band, _) in enumerate(bands) if facts.below_floor(band)]
    rows = [_row(book, facts, band, ends) for band, ends in bands]
    top = page.table(_headings(book, facts), [*rows, _sums(book, facts)], marked=below, summed={len(rows)}) + 1
    _bars(page, [ends[0] for _, ends in bands], top, len(below))
    placed = sum(band["band"] != MISSING for band, _ in bands)
    if placed <= _MOST_DRAWN:
        _draw(page, facts, (top, top + placed - 1), len(below))
        page.sheet.fit_to_pages(1, 1)
    page.sheet.repeat_rows(top - 1)


def _bands(facts: Facts) -> list[tuple[Row, list[Row]]]:
    """Every band, the lowest first and the missing last, and what it is in this round and in the one before."""
    ladders = [{row["band"]: row for row in facts.of_round("bands", label)} for label in reversed(facts.rounds)]
    # A band of incomes below 0, or of missing ones, may be in one of the rounds alone: in the other it is empty.
    every = {name: row for ladder in ladders for name, row in ladder.items()}
    order = sorted(
        every.values(), key=lambda row: (row["band"] == MISSING, -1 if row["lower"] is None else row["lower"])
    )
    return [(row, [ladder.get(row["band"], _EMPTY) for ladder in ladders]) for row in order]


_EMPTY: Final[Row] = {"households": 0, "weight": 0, "share": None, "cumulative_share": None}


def _headings(book: Book, facts: Facts) -> list[str]:
    def of(label: str | None, *names: str) -> list[str]:
        return [book.words("book.of_round", round=label, column=book.words.column(name)) for name in names]

    found = [
        *map(book.words.column, ("band", "tier")),
        *of(facts.now, "households", "share", "cumulative_share", "bars"),
    ]
    if facts.was:
        found += [*of(facts.was, "households", "share"), *map(book.words.column, ("change", "points"))]
    return found + [text for label in reversed(facts.rounds) if facts.is_weighted for text in of(label, "weight")]


def _row(book: Book, facts: Facts, band: Row, ends: Sequence[Row]) -> list[Cell]:
    now = ends[0]
    name = book.words.column("missing") if band["band"] == MISSING else band["band"]
    cells: list[Cell] = [name, _tier(book, facts, band), count(now["households"]), share(now["share"])]
    cells += [share(now["cumulative_share"] if band["band"] != MISSING else None), share(now["share"])]
    cells += _before(*ends) if facts.was else []
    return cells + (
        [None if band["band"] == MISSING else amount(end["weight"]) for end in ends] if facts.is_weighted else []
    )


def _before(now: Row, was: Row) -> Iterator[Number]:
    yield count(was["households"])
    yield share(was["share"])
    yield gain(change(now["households"], was["households"]))
    yield gain_of_share(points(now["share"], was["share"]))


def _tier(book: Book, facts: Facts, band: Row) -> str:
    """The tier that the whole band lies in."""
    lower, upper = band["lower"], band["upper"]
    for name in Tiers.names:
        tier: Tier = getattr(facts.report.programme.tiers, name)
        begins = tier.lower is None or (lower is not None and lower >= tier.lower)
        if begins and upper is not None and upper <= tier.upper:
            return book.words(f"tier.{name}")
    return ""


def _sums(book: Book, facts: Facts) -> list[Cell]:
    told = [facts.of_round("summary", label)[0] for label in reversed(facts.rounds)]
    whole = [share(1.0 if row["weight"] else None) for row in told]
    cells: list[Cell] = [book.words("book.total"), "", count(told[0]["households"]), whole[0], None, None]
    if facts.was:
        cells += [count(told[1]["households"]), whole[1]]
        cells += [gain(change(told[0]["households"], told[1]["households"])), None]
    return cells + ([amount(row["weight"]) for row in told] if facts.is_weighted else [])


def _bars(page: Page, bands: Sequence[Row], top: int, below: int) -> None:
    """Bars on one scale; those below the floor darker."""
    most = max((row["share"] or 0 for row in bands), default=0)
    for first, last, colour in ((0, below - 1, WARNING), (below, len(bands) - 1, FAINT)):
        if first <= last:
            page.bars(_BAR, (top + first, top + last), colour, most, alone=True)


def _draw(page: Page, facts: Facts, rows: tuple[int, int], below: int) -> None:
    """Both rounds side by side, the bands from left to right; those below the floor hatched."""
    words, name = page.book.words, page.sheet.get_name()
    drawing = page.book.file.add_chart({"type": "column"})
    hatched = {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": WARNING, "bg_color": "#FFFFFF"}}
    points_of_now = [hatched | {"border": {"color": WARNING}}] * below
    ends = [(facts.now, _SHARE, {"fill": {"color": ACCENT}, "points": points_of_now})]
    if facts.was:
        ends.insert(0, (facts.was, _WAS_SHARE, {"fill": {"color": "#FFFFFF"}, "border": {"color": ACCENT}}))
    for label, column, look in ends:
        series = {"name": label, "categories": [name, rows[0], 0, rows[1], 0]}
        drawing.add_series(series | {"values": [name, rows[0], column, rows[1], column], "gap": 40} | look)
    drawing.set_title({"name": words("book.drawing"), "name_font": {"size": 12}})
    drawing.set_x_axis({"name": words("book.axis_bands"), "num_font": {"rotation": -45}})
    drawing.set_y_axis(
        {"num_format": "0%", "min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
    )
    drawing.set_legend({"position": "top"})
    drawing.set_size({"width": sum(7 * columns + 5 for columns in page.widths), "height": _HIGH})
    page.sheet.insert_chart(page.row + 1, 0, drawing, {"description": words("book.drawing_text")})
