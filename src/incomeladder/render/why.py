"""Why the share below the floor changed, for people: the parts of each change, in percentage points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import group_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.render.wording import Words
    from incomeladder.report import Report


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """The parts of each change of the share below the floor, a column a part, in percentage points."""
    if "decomposition" not in report.tables or not report.tables["decomposition"].height:
        return
    table = report.tables["decomposition"]
    keys = table.columns[: table.columns.index("component")]
    wide = table.pivot("component", index=keys, values="value")
    parts = [name for name in wide.columns if name not in keys]
    rows = (
        (*(group_value(key, row[key], words) for key in keys), *(_points(row[part]) for part in parts))
        for row in wide.iter_rows(named=True)
    )
    headings = (*map(words.column, keys), *(words(f"component.{part}") for part in parts))
    yield Line(words("title.decomposition"), title=True)
    yield Grid(headings, tuple(tuple(map(Cell, row)) for row in rows), frozenset(range(len(keys), len(headings))))
    yield Line(words("say.decomposition_incomes"))
    if "matched" in parts:
        yield Line(words("say.decomposition_groups" if "within" in parts else "say.decomposition_households"))


def _points(share: float | None) -> str:
    return "" if share is None else f"{round(100 * share, 2) + 0.0:+.2f}"
