"""The report of a round as people read it: its ladder, its places, and what changed since the round before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incomeladder.render.blocks import Line
from incomeladder.render.documents import body
from incomeladder.render.grids import grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.render.blocks import Block, Page
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_SPARE = ("missing", "shortfall", "weight", "middle_income", "middle_income_share", "at_or_above_top")
_OF_LADDERS = ("bands", "summary", "places")
_LISTS = ("flagged",)


def blocks(report: Report, words: Words, page: Page) -> Iterable[Block]:
    """The ladders, the places, and the moves."""
    ladders = {name: report.tables[name] for name in ("bands", "summary")}
    yield from body(replace(report, name="bands", tables=ladders), words, page)
    if "places" in report.tables:
        yield Line(words("title.places"), title=True)
        yield grid(report.tables["places"], words, _SPARE)
    moves = {name: table for name, table in report.tables.items() if name not in {*_OF_LADDERS, *_LISTS}}
    if moves:
        tables = {("summary" if name == "moves" else name): table for name, table in moves.items()}
        yield from body(replace(report, name="transitions", tables=tables), words, page)
