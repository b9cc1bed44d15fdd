"""An audit for people: how many tests are suspicious, and which, the most serious first.

What each test means, and what it does not, is in the notes of the report, so that data come with it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import group_value, plain_value
from incomeladder.render.numbers import counted, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Row = Mapping[str, object]

MOST: Final = 20
"""How many of the suspicious are shown."""
_SHARES: Final = frozenset({"heaping", "on_line", "copied"})
_MEANS: Final = frozenset({"second_digit", "last_digit"})
_LEAST: Final = 0.0001


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """For each round a sentence and a grid: of the suspicious, or, where no places are compared, of every test."""
    table = report.main
    by = table.columns[1 : table.columns.index("test")]
    for label in table["survey_round"].unique(maintain_order=True):
        yield from _round(table.filter(pl.col("survey_round") == label), by, words)
    if table["suspicious"].any():
        yield Line(words("say.audit_suspicious"))
    yield Line(words("say.audit_answers"))


def _round(table: pl.DataFrame, by: Sequence[str], words: Words) -> Iterable[Block]:
    suspicious, tested = table.filter("suspicious"), int(table["p_value"].count())
    yield Line(words("title.audit", round=table["survey_round"][0]), title=True)
    yield Line(words("say.audit", suspicious=suspicious.height, tested=tested))
    if untold := table.height - tested:
        yield Line(words("say.audit_untold", untold=untold))
    if by and suspicious.height:
        yield Line(words("say.audit_by_test", tests=_by_test(suspicious, words)))
    shown = _most_serious(suspicious) if by else table
    if shown.height:
        yield _grid(shown, by, words)
    if by and suspicious.height > MOST:
        yield Line(words("say.audit_more", count=suspicious.height - MOST))


def _by_test(suspicious: pl.DataFrame, words: Words) -> list[str]:
    """How many there are of each kind, since one kind that is everywhere leaves no room for the others."""
    tallied = suspicious.group_by("test", maintain_order=True).len()
    return [f"{words(f'test.{test}')} {counted(times)}" for test, times in tallied.iter_rows()]


def _most_serious(suspicious: pl.DataFrame) -> pl.DataFrame:
    """The most serious of each kind of test first, then the second ones, as long as there is room; by kind."""
    kinds = {name: number for number, name in enumerate(suspicious["test"].unique(maintain_order=True))}
    serious = suspicious.sort("p_adjusted", "p_value", maintain_order=True)
    rank, kind = pl.int_range(pl.len()).over("test"), pl.col("test").replace_strict(kinds, return_dtype=pl.Int64)
    shown = serious.sort(rank, maintain_order=True).head(MOST)
    return shown.sort(kind, maintain_order=True)


def _grid(table: pl.DataFrame, by: Sequence[str], words: Words) -> Grid:
    columns = (*by, "test", "amount", "households", "observed", "expected", "statistic", "p_adjusted")
    rows = (tuple(map(Cell, _told(row, by, words))) for row in table.iter_rows(named=True))
    spare = (columns.index("statistic"), columns.index("households"))
    right = frozenset(range(len(by) + 1, len(columns)))
    return Grid(tuple(map(words.column, columns)), tuple(rows), right, spare)


def _told(row: Row, by: Sequence[str], words: Words) -> Iterable[str]:
    test = str(row["test"])
    yield from (group_value(name, row[name], words) for name in by)
    yield words(f"test.{test}")
    yield plain_value("amount", row["amount"])
    yield plain_value("households", row["households"])
    yield from (_number(test, row[name]) for name in ("observed", "expected"))
    yield "" if row["statistic"] is None else f"{row['statistic']:.2f}"
    yield _chance(row["p_adjusted"]) + ("*" if row["suspicious"] else "")


def _number(test: str, value: object) -> str:
    if not isinstance(value, float):
        return ""
    if test in _SHARES:
        return percent(value)
    return f"{value:.2f}" if test in _MEANS else counted(round(value, 1))


def _chance(chance: object) -> str:
    if not isinstance(chance, float):
        return ""
    return f"<{_LEAST}" if chance < _LEAST else f"{chance:.4f}"
