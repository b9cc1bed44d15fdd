"""Lists of households to sort by what they lack, and to fill in with who helps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID
from incomeladder.programme import Tiers
from incomeladder.render.numbers import counted
from incomeladder.render.workbook.choices import beside, offer, offers
from incomeladder.render.workbook.tables import Around
from incomeladder.render.workbook.tables import fill as fill_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.programme import Programme, Tier, TierName
    from incomeladder.render.wording import Words
    from incomeladder.render.workbook.book import Book, Sheet

_SAID_ABOVE: Final = ("survey_round", "tier", "target")
_MAY_LACK: Final = ("county", "township", "village", "residence", "size")


def fill(book: Book, name: str, households: pl.DataFrame, programme: Programme, above: Sequence[str] = ()) -> None:
    """Households, and columns to fill in; their ids and the headings stay in sight."""
    offered = offers(programme, book.words)

    def told(sheet: Sheet, row: int, columns: list[str]) -> None:
        for column, choices in offered.items():
            offer(book, sheet, (row, columns.index(column)), column, choices)
        sheet.hide_gridlines(0)  # nor on paper, where people write

    kept = households.columns.index(ID) + 1
    fill_table(book, name, beside(households, offered), Around(above, kept, told))


def fill_tiers(book: Book, flagged: pl.DataFrame, programme: Programme) -> None:
    """A sheet for each tier, those that need help first at the top; one without households says so."""
    lacking = [name for name in _MAY_LACK if flagged[name].is_null().all()]
    shown = flagged.select(pl.exclude(*_SAID_ABOVE, *lacking))
    for name in Tiers.names:
        of_tier = flagged["tier"] == name
        said = _said(flagged.filter(of_tier), name, getattr(programme.tiers, name), book.words)
        fill(book, f"list_{name}", shown.filter(of_tier), programme, (said,))


def _said(households: pl.DataFrame, name: TierName, tier: Tier, words: Words) -> str:
    """How many households there are, and what they lack together."""
    key = "say.flagged" if households.height else "say.nobody_flagged"
    # Each is a whole number of ten-thousandths, so rounding there undoes what adding doubles does.
    short = counted(round(float(households["shortfall"].sum()), 4))
    facts = {"tier": words(f"tier.{name}"), "households": households.height, "target": counted(tier.target)}
    return words(key, shortfall=short, **facts)
