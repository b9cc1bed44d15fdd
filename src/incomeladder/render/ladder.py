"""The ladder of a round for people: its headline in words, then a row a band, with a bar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from incomeladder.render.blocks import Cell, Grid, Line
from incomeladder.render.grids import SHARES, in_words
from incomeladder.render.numbers import counted, percent
from incomeladder.render.plain import grid_width
from incomeladder.render.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from incomeladder.programme import Programme, Range, Tier
    from incomeladder.render.blocks import Page
    from incomeladder.render.wording import Words

_FULL: Final = "\u2588"
"""A full block; the seven after it are narrower by an eighth each."""
_MARK: Final = "! "
"""Before the bars of bands below the floor, which colour alone would not tell."""
_LONGEST: Final = 60


def headline(row: Mapping[str, float], programme: Programme, words: Words) -> Iterable[Line]:
    """How many there are, how many below the floor and in the tiers, and at the top."""
    numbers = {name: value for name, value in row.items() if not isinstance(value, str)}
    facts = {name: words.number(value, counted(value)) for name, value in numbers.items()}
    shares = {name: words.number(numbers[name], percent(numbers[name])) for name in SHARES & numbers.keys()}
    tiers = programme.tiers
    facts |= {"floor": counted(tiers.floor.upper), "top": counted(programme.ladder.top)}
    facts |= {
        "low": _range(tiers.low, words),
        "middle": _range(tiers.middle, words),
        "range": _range(programme.middle_income, words),
    }
    if row["households"] == 0:
        yield Line(words("page.no_households", round=row["survey_round"]))
        return
    yield Line(words("say.households", **facts))
    yield Line(words("say.below_floor", share=shares["below_floor_share"], **facts))
    yield Line(words("say.tiers", **facts))
    yield Line(words("say.top", share=shares["middle_income_share"], **facts))


def _range(tier: Tier | Range, words: Words) -> str:
    if tier.lower is None:
        return words("range.below", upper=counted(tier.upper))
    return words("range.between", lower=counted(tier.lower), upper=counted(tier.upper))


@dataclass(frozen=True)
class Scale:
    """How long bars are: ``cells`` for the share ``most``, in blocks of eighths where they are ``smooth``."""

    most: float
    cells: int
    smooth: bool

    def bar(self, share: float | None) -> str:
        """A share that is not 0 is seen, however small it is."""
        if not share or not self.cells:
            return ""
        if not self.smooth:
            return "#" * max(1, round(self.cells * share / self.most))
        whole, eighths = divmod(max(1, round(8 * self.cells * share / self.most)), 8)
        return _FULL * whole + (chr(ord(_FULL) + 8 - eighths) if eighths else "")


def scale(bands: pl.DataFrame, programme: Programme, words: Words, page: Page) -> Scale:
    """Bars as long as there is room for beside the numbers, the same for all groups and rounds."""
    bare = grid(bands, programme, words, Scale(1.0, 0, smooth=False))
    room, smooth = page.columns - grid_width(bare) - bare.gap, page.bars == "smooth"
    fits = page.bars != "none" and room >= width(words.column("bar"))
    room -= len(_MARK)
    if smooth and words.language == "zh":
        room //= 2  # a terminal set up for Chinese may draw blocks twice as wide
    cells = min(_LONGEST, room) if fits else 0
    return Scale(max((share for share in bands["share"] if share), default=1.0), cells, smooth)


def grid(bands: pl.DataFrame, programme: Programme, words: Words, scale: Scale) -> Grid:
    """A row a band, with the households that have no income last, and in no share."""
    rows = [_row(band, programme, words, scale) for band in bands.iter_rows(named=True)]
    headings = map(words.column, ("band", "tier", "households", "share", "cumulative_share", "bar"))
    whole = Grid(tuple(headings), tuple(rows), right=frozenset({2, 3, 4}), spare=(4, 1))
    return whole if scale.cells else replace(whole.columns(range(5)), spare=whole.spare)


def _row(band: Mapping[str, Any], programme: Programme, words: Words, scale: Scale) -> tuple[Cell, ...]:
    below = band["upper"] is not None and band["upper"] <= programme.tiers.floor.upper
    both = [band["share"], band["cumulative_share"]]
    shares = ["", ""] if band["band"] == "missing" else [words.number(share, percent(share)) for share in both]
    households = words.number(band["households"], counted(band["households"]))
    tier = programme.tiers.holding(band["lower"], band["upper"])
    told = (in_words("band", band["band"], words), words(f"tier.{tier}") if tier else "", households)
    bar = (_MARK if below else " " * len(_MARK)) + scale.bar(band["share"])
    return tuple(Cell(text, "floor" if below else "") for text in (*told, *shares, bar.rstrip()))
