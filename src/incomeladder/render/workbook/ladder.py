"""The ladder of the round beside that of the round before, with bars, and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.ladder import MISSING
from incomeladder.render.bands import Scale
from incomeladder.render.grids import in_words
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.book import ACCENT, FAINT, WARNING
from incomeladder.render.workbook.page import Page, amount, count, gain, gain_of_share, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.render.facts import Facts, Numbers
    from incomeladder.render.workbook.book import Book, Drawing
    from incomeladder.render.workbook.page import Cell, Number

_WIDTHS: Final = (16, 9, 12, 10, 12, 26)
_BEFORE: Final = (12, 10, 12, 12)
_WEIGHT: Final = 14
_NOW, _SHARE, _BAR, _WAS_SHARE = 2, 3, 5, 7
"""Columns that bars are drawn of, or in."""
_MOST_ACROSS, _MOST_DRAWN = 30, 60
"""Bands that a page across holds with their drawing, and those that a drawing as wide as the page can name."""
_LINES: Final = {"visible": True, "line": {"color": "#D9D9D9"}}
_HIGH: Final = 380
"""Pixels of the drawing, which is as wide as the table."""


def fill(book: Book, facts: Facts) -> None:
    """Write the sheet."""
    words, scale, ladders = book.words, Scale(facts), _ladders(facts)
    widths = (*_WIDTHS, *(_BEFORE if facts.was else ()), *([_WEIGHT] * len(ladders) if _is_weighted(facts) else ()))
    names = sorted(scale.edges, key=lambda name: _order(name, scale))
    page = Page(book, book.sheet("bands", upright=len(names) > _MOST_ACROSS), widths)
    page.title(words("title.bands", round=facts.now))
    page.say(words("book.ladder_marks", floor=counted(facts.programme.tiers.floor.upper)))
    page.say(words("say.shares"))
    page.row += 1
    below = [number for number, name in enumerate(names) if scale.is_below(name)]
    rows = [_row(facts, scale, name, [ladder.get(name, _EMPTY) for ladder in ladders]) for name in names]
    top = page.table(_headings(facts), [*rows, _sums(facts)], marked=below, summed={len(rows)}) + 1
    _bars(page, [ladders[0].get(name, _EMPTY)["share"] for name in names], top, len(below))
    placed = len(names) - (MISSING in names)
    if placed <= _MOST_DRAWN and not _hides_shares(ladders):
        _draw(page, facts, (top, top + placed - 1), len(below))
        page.sheet.fit_to_pages(1, 1)
    page.sheet.repeat_rows(top - 1)
    page.sheet.freeze_panes(top, 1)
    page.sheet.autofilter(top - 1, 0, top + len(names) - 1, len(widths) - 1)


def _order(name: str, scale: Scale) -> tuple[bool, float]:
    """The lowest first and the missing last; below 0 there is no lower edge."""
    lower = scale.edges[name][0]
    return name == MISSING, -1 if lower is None else lower


def _ladders(facts: Facts) -> list[Mapping[str, Numbers]]:
    """The bands of the round, and of the one before it where there is one."""
    return [facts.ladder(label) for label in reversed(facts.rounds)]


_EMPTY: Final[Numbers] = {"households": 0, "weight": 0, "share": None, "cumulative_share": None}
"""A band of incomes below 0, or of missing ones, may be in one of the rounds alone: there is nobody in the other."""


def _hides_shares(ladders: Sequence[Mapping[str, Numbers]]) -> bool:
    """Whether a drawing would show none where there are some, of whom it is not published how many."""
    return any(band["share"] is None for ladder in ladders for name, band in ladder.items() if name != MISSING)


def _is_weighted(facts: Facts) -> bool:
    return bool(facts.report.parameters["weighted"]) and not facts.report.published


def _headings(facts: Facts) -> list[str]:
    words = facts.words

    def of(label: str | None, *names: str) -> list[str]:
        return [words("book.of_round", round=label, column=words.column(name)) for name in names]

    found = [*map(words.column, ("band", "tier")), *of(facts.now, "households", "share", "cumulative_share", "bars")]
    if facts.was:
        found += [*of(facts.was, "households", "share"), words.column("change"), words("page.points")]
    return found + [text for label in reversed(facts.rounds) if _is_weighted(facts) for text in of(label, "weight")]


def _row(facts: Facts, scale: Scale, name: str, ends: Sequence[Numbers]) -> list[Cell]:
    now, is_missing = ends[0], name == MISSING
    cells: list[Cell] = [in_words("band", name, facts.words), scale.tier(name), count(now["households"])]
    cells += [share(now["share"]), None if is_missing else share(now["cumulative_share"]), share(now["share"])]
    cells += _before(now, ends[1]) if facts.was else []
    return cells + [None if is_missing else amount(end["weight"]) for end in ends if _is_weighted(facts)]


def _before(now: Numbers, was: Numbers) -> Iterator[Number]:
    yield count(was["households"])
    yield share(was["share"])
    yield gain(now["households"], was["households"])
    yield gain_of_share(now["share"], was["share"])


def _sums(facts: Facts) -> list[Cell]:
    told = [facts.summary(label) for label in reversed(facts.rounds)]
    shared = (any(band["share"] for band in ladder.values()) for ladder in _ladders(facts))
    whole = [share(1.0 if there else None) for there in shared]
    cells: list[Cell] = [facts.words("page.total"), "", count(told[0]["households"]), whole[0], None, None]
    if facts.was:
        cells += [count(told[1]["households"]), whole[1]]
        cells += [gain(told[0]["households"], told[1]["households"]), None]
    return cells + [amount(row["weight"]) for row in told if _is_weighted(facts)]


def _bars(page: Page, shares: Sequence[float | None], top: int, below: int) -> None:
    """Bars on one scale; those below the floor darker."""
    most = max((each or 0 for each in shares), default=0)
    for first, last, colour in ((0, below - 1, WARNING), (below, len(shares) - 1, FAINT)):
        if first <= last:
            page.bars(_BAR, (top + first, top + last), colour, most, alone=True)


def _draw(page: Page, facts: Facts, rows: tuple[int, int], below: int) -> None:
    """Both rounds side by side, the bands from left to right; those below the floor hatched."""
    words, drawing = page.book.words, page.book.file.add_chart({"type": "column"})
    hatched = {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": WARNING, "bg_color": "#FFFFFF"}}
    now = {"fill": {"color": ACCENT}, "points": [hatched | {"border": {"color": WARNING}}] * below}
    if facts.was:
        _add(drawing, page, (_WAS_SHARE, *rows), {"fill": {"color": "#FFFFFF"}, "border": {"color": ACCENT}})
    _add(drawing, page, (_SHARE, *rows), now)
    drawing.set_title({"name": words("book.drawing"), "name_font": {"size": 12}})
    drawing.set_x_axis({"name": words("book.axis_bands"), "num_font": {"rotation": -45}})
    drawing.set_y_axis({"num_format": "0%", "min": 0, "major_gridlines": _LINES})
    drawing.set_legend({"position": "top"})
    drawing.set_size({"width": sum(7 * columns + 5 for columns in page.widths), "height": _HIGH})
    page.sheet.insert_chart(page.row + 1, 0, drawing, {"description": words("book.drawing_text")})


def _add(drawing: Drawing, page: Page, where: tuple[int, int, int], look: Mapping[str, object]) -> None:
    """The shares of a column, called what its heading says: as a text of its own a label could pass for a formula."""
    column, first, last = where
    name = page.sheet.get_name()
    cells = {"categories": [name, first, 0, last, 0], "values": [name, first, column, last, column]}
    drawing.add_series({"name": [name, first - 1, column], **cells, "gap": 40, **look})
