"""What was understood of the files, for people who want to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder.frames import CANONICAL, FILE, INCOME, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incomeladder.intake.verdict import Verdict
    from incomeladder.read.source import Source

_FILES = dict.fromkeys(("file", "sheet", "kind", "encoding"), pl.String) | {
    "heading_row": pl.Int64,
    "titles": pl.String,
    "unit": pl.String,
    "survey_round": pl.String,
}
_HEADINGS = dict.fromkeys(("file", "sheet", "heading", "column", "unit"), pl.String)


def files_understood(verdict: Verdict) -> pl.DataFrame:
    """A row a table: kind, encoding, the last row of the headings, what stands above, unit, round, rows by fate.

    ``survey_round`` is null where a column tells it; ``heading_row`` where a file needs none.
    """
    sources = verdict.reading.survey.sources
    told = pl.DataFrame([_told(source) for source in sources], schema=_FILES, orient="row")
    counted = verdict.rows.group_by(FILE).agg(pl.col("rows_read", "rejected", "skipped").sum())
    rows = pl.DataFrame({FILE: range(len(sources))}, schema={FILE: pl.Int32}).join(
        counted, on=FILE, how="left", maintain_order="left"
    )
    read = rows.select(pl.col("rows_read", "rejected", "skipped").fill_null(0))
    accepted = pl.col("rows_read") - pl.col("rejected") - pl.col("skipped")
    return told.hstack(read).with_columns(accepted.alias("accepted")).select(*_FILES, *_FATES)


_FATES = ("rows_read", "accepted", "rejected", "skipped")


def _told(source: Source) -> tuple[object, ...]:
    layout, table = source.layout, source.table
    units = {_unit(source, column) for column in source.incomes}
    return (
        source.file.name,
        table.sheet,
        table.kind,
        table.encoding,
        layout.heading_row or None,
        " | ".join(layout.titles) or None,
        units.pop() if len(units) == 1 else None,
        None if source.has_rounds else source.label,
    )


def headings_understood(sources: Iterable[Source]) -> pl.DataFrame:
    """A row a heading: the column that it became, null where it is kept for --by and --with; the unit of amounts."""
    rows = [
        (source.file.name, source.table.sheet, heading, name if name in CANONICAL else None, _unit(source, name))
        for source in sources
        for heading, name in zip(source.layout.columns.headings, source.layout.columns.names, strict=True)
        if name is not None
    ]
    return pl.DataFrame(rows, schema=_HEADINGS, orient="row")


def _unit(source: Source, column: str) -> str | None:
    if column not in (INCOME, *PARTS):
        return None
    return "wan" if column in source.wan else "yuan"
