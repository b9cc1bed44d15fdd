"""Indicators for people: each as it is usually read, how sure it is, and how far its target is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.render import why
from incomeladder.render.blocks import Block, Cell, Grid, Line
from incomeladder.render.grids import grid, group_name
from incomeladder.render.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Row = Mapping[str, float | str | None]

_PERCENTAGES: Final = frozenset({"headcount_ratio", "poverty_gap", "top_share", "middle_income_share"})
_AMOUNTS: Final = frozenset({"total_shortfall", "mean_income", "median_income"})


def blocks(report: Report, words: Words) -> Iterable[Block]:
    """A table for each round and group, then one for each change."""
    table = _marked(report)
    groups = table.columns[: table.columns.index("indicator")]
    for key in table.select(groups).unique(maintain_order=True).iter_rows(named=True):
        of_group = table.filter(pl.all_horizontal(pl.col(name).eq_missing(key[name]) for name in groups))
        yield Line(
            words("title.indicators", round=key["survey_round"]) + group_name(key, groups[1:], words), title=True
        )
        yield _grid(of_group, _ROUND, words)
    yield from _costs(report, words)
    yield from _changes(report, words)
    yield from why.blocks(report, words)
    if table["unreliable"].any():
        yield Line(words("say.unreliable"))
    yield Line(words("say.shares"))
    yield Line(words("say.census" if report.parameters["census"] else "say.intervals"))


def _marked(report: Report) -> pl.DataFrame:
    """Which estimates are unreliable, beside them; none of a census."""
    table = report.main
    if "precision" not in report.tables:
        return table.with_columns(unreliable=False)
    keys = table.columns[: table.columns.index("indicator") + 1]
    precision = report.tables["precision"].select(*keys, "unreliable")
    told = table.join(precision, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return told.with_columns(pl.col("unreliable").fill_null(value=False))


def _costs(report: Report, words: Words) -> Iterable[Block]:
    """What each tier would cost, in the last round: by place, if the report is."""
    table = report.tables["costs"]
    last = table.filter(pl.col("survey_round") == pl.col("survey_round").last())
    if last.height:
        yield Line(words("title.costs", round=last["survey_round"][0]), title=True)
        amounts = pl.col("target", "total_shortfall", "standard_error", "lower", "upper").round(0).cast(pl.Int64)
        shown = last.drop("survey_round").with_columns(amounts)
        empty = [name for name in ("standard_error", "lower", "upper") if shown[name].is_null().all()]
        empty += [] if shown["unreliable"].any() else ["unreliable"]
        yield grid(shown.drop(empty), words, _SPARE)


def _changes(report: Report, words: Words) -> Iterable[Block]:
    if "changes" not in report.tables:
        return
    table = report.tables["changes"]
    by = table.columns[: table.columns.index("indicator")]
    for key in table.select("from_round", "to_round", *by).unique(maintain_order=True).iter_rows(named=True):
        of_group = table.filter(pl.all_horizontal(pl.col(name).eq_missing(value) for name, value in key.items()))
        title = words("title.indicator_changes", before=key["from_round"], after=key["to_round"])
        yield Line(title + group_name(key, by, words), title=True)
        yield _grid(of_group, _CHANGE, words)


_ROUND: Final = ("value", "standard_error", "interval", "target", "met")
_ESTIMATES: Final = frozenset({"value", "from_value", "to_value", "change"})
"""What is marked where it is not published; what says how sure it is goes with it."""
_SPARE: Final = ("standard_error", "from_value", "target")
"""What the interval, and the change, say too."""
_CHANGE: Final = ("from_value", "to_value", "change", "standard_error", "interval")


def _grid(table: pl.DataFrame, columns: Sequence[str], words: Words) -> Grid:
    """The columns that hold anything; errors of a census do not."""
    told = [_cells(row, columns, words) for row in table.iter_rows(named=True)]
    filled = [place for place in range(len(columns)) if any(cells[place] for cells in told)]
    headings = (words.column("indicator"), *(words.column(columns[place]) for place in filled))
    names = [words(f"indicator.{name}") for name in table["indicator"]]
    rows = [(Cell(name), *(Cell(cells[place]) for place in filled)) for name, cells in zip(names, told, strict=True)]
    spare = tuple(place for place, heading in enumerate(headings) if heading in map(words.column, _SPARE))
    return Grid(headings, tuple(rows), frozenset(range(1, len(headings))), spare)


def _cells(row: Row, columns: Sequence[str], words: Words) -> list[str]:
    name = str(row["indicator"])
    points = () if "change" not in row else ("change", "standard_error", "lower", "upper")
    told = {
        column: _number(name, value, points=column in points)
        for column, value in row.items()
        if not isinstance(value, str)
    }
    told |= {column: words.number(row[column], told[column]) for column in _ESTIMATES & told.keys()}
    told["value"] = told.get("value", "") + ("*" if row.get("unreliable") else "")
    told["interval"] = words("interval", lower=told["lower"], upper=told["upper"]) if told["lower"] else ""
    told["met"] = "" if row.get("met") is None else words("yes" if row["met"] else "no")
    return [told[column] for column in columns]


def _number(indicator: str, value: object, *, points: bool = False) -> str:
    if not isinstance(value, (int, float)):
        return ""
    if indicator in _PERCENTAGES:
        return f"{100 * value:.2f}" if points else f"{value:.2%}"
    return counted(round(value)) if indicator in _AMOUNTS else f"{value:.4f}"
