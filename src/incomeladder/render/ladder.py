"""The ladder of a round for people: its headline in words, then a row a band, with a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.blocks import Cell, Grid, Line
from incomeladder.render.grids import SHARES
from incomeladder.render.numbers import counted, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from incomeladder.programme import Programme, Range, Tier
    from incomeladder.render.wording import Words

_BAR = 24


def headline(row: Mapping[str, float], programme: Programme, words: Words) -> Iterable[Line]:
    """How many there are, how many below the floor and in the tiers, and at the top."""
    facts = {name: counted(value) for name, value in row.items() if not isinstance(value, str) and name not in SHARES}
    tiers = programme.tiers
    facts |= {"floor": counted(tiers.floor.upper), "top": counted(programme.ladder.top)}
    facts |= {
        "low": _range(tiers.low, words),
        "middle": _range(tiers.middle, words),
        "range": _range(programme.middle_income, words),
    }
    yield Line(words("say.households", **facts))
    yield Line(words("say.below_floor", share=percent(row["below_floor_share"]), **facts))
    yield Line(words("say.tiers", **facts))
    yield Line(words("say.top", share=percent(row["middle_income_share"]), **facts))


def _range(tier: Tier | Range, words: Words) -> str:
    if tier.lower is None:
        return words("range.below", upper=counted(tier.upper))
    return words("range.between", lower=counted(tier.lower), upper=counted(tier.upper))


def grid(bands: pl.DataFrame, programme: Programme, words: Words) -> Grid:
    """A row a band, with the households that have no income last, and in no share."""
    most = max((share for share in bands["share"] if share), default=1.0)
    rows = []
    for band in bands.iter_rows(named=True):
        below = band["upper"] is not None and band["upper"] <= programme.tiers.floor.upper
        share = "" if band["band"] == "missing" else percent(band["share"])
        texts = (band["band"], _tier_name(band, programme, words), counted(band["households"]), share)
        total = "" if band["band"] == "missing" else percent(band["cumulative_share"])
        bar = "#" * round(_BAR * (band["share"] or 0) / most)
        rows.append(tuple(Cell(text, "floor" if below else "") for text in (*texts, total, bar)))
    headings = ("band", "tier", "households", "share", "cumulative_share", "bar")
    return Grid(tuple(map(words.column, headings)), tuple(rows), right=frozenset({2, 3, 4}))


def _tier_name(band: Mapping[str, float], programme: Programme, words: Words) -> str:
    for name in ("floor", "low", "middle"):
        tier: Tier = getattr(programme.tiers, name)
        begins = tier.lower is None or (band["lower"] is not None and band["lower"] >= tier.lower)
        if begins and band["upper"] is not None and band["upper"] <= tier.upper:
            return words(f"tier.{name}")
    return ""
