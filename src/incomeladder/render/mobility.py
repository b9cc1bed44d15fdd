"""The measures of mobility, for people; of a sample with their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import grid, group_value
from incomeladder.render.numbers import measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

_TOLD: Final = ("measure", "value", "standard_error", "interval")


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """The measures, what they leave out, and where to find the errors of row shares."""
    measures = report.tables["measures"]
    yield Line(words("table.measures"), title=True)
    if "precision" not in report.tables:
        names = {name: words(f"measure.{name}") for name in measures["measure"]}
        yield grid(measures.with_columns(pl.col("measure").replace(names)), words)
        yield Line(words("say.shorrocks"))
        return
    precision = report.tables["precision"]
    of_measures = precision.filter(pl.col("measure") != "row_share")
    yield _with_errors(of_measures, words)
    yield Line(words("say.shorrocks"))
    if of_measures["unreliable"].any():
        yield Line(words("say.unreliable"))
    yield Line(words("say.intervals"))
    yield Line(words("say.row_shares"))


def _with_errors(precision: pl.DataFrame, words: Words) -> Grid:
    by = precision.columns[: precision.columns.index("measure")]
    rows = tuple(tuple(map(Cell, _texts(row, by, words))) for row in precision.iter_rows(named=True))
    headings = tuple(map(words.column, (*by, *_TOLD)))
    return Grid(headings, rows, frozenset(range(len(by) + 1, len(headings))))


def _texts(row: Mapping[str, float | None], by: Iterable[str], words: Words) -> list[str]:
    groups = [group_value(name, row[name], words) for name in by]
    value = measured(row["value"]) + ("*" if row["unreliable"] else "")
    ends = {name: measured(row[name]) for name in ("lower", "upper")}
    interval = "" if row["lower"] is None else words("interval", **ends)
    return [*groups, words(f"measure.{row['measure']}"), value, measured(row["standard_error"]), interval]
