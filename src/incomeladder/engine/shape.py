"""Which tables engines can read, and the proof that each line of a text is one row of the right length.

Engines drop blank lines, take quotes for what they are not, and read over bytes that are no UTF-8; once every line is
proved, none of this can happen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.errors import Reason, SurveyRefused, UsageRefused
from incomeladder.frames import ID
from incomeladder.ledger.columns import frame_name
from incomeladder.read.raw import column_names
from incomeladder.read.text import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.frames import Lazy
    from incomeladder.read.layout import Layout
    from incomeladder.read.source import Source

LINE: Final = "line"
UNDECODED: Final = "\ufffd"
"""What Spark puts in the place of bytes that are no UTF-8."""
_KINDS: Final = frozenset({"text", "parquet", "ledger"})


def refuse_unfit(source: Source, engine: str) -> None:
    """Raise SurveyRefused for a table that only polars can read."""
    if reasons := [Reason(key, {"file": source.name, "engine": engine}) for key in _unfit(source)]:
        raise SurveyRefused(*reasons)


def _unfit(source: Source) -> Iterator[str]:
    layout, is_text = source.layout, source.table.kind == "text"
    if source.table.kind not in _KINDS:
        yield "engine_kind"
    if is_text and source.table.encoding not in {"utf-8", "utf-8-sig"}:
        yield "engine_encoding"
    if is_text and (layout.heading_row != 1 or layout.old_line_ends or layout.titles):
        yield "engine_headings"
    if ID not in source.columns:
        yield "engine_ids"
    if source.persons:
        yield "engine_persons"


def names(source: Source) -> list[str]:
    """The frames' names of the columns of a source, in its order."""
    if source.kept:
        return [frame_name(name) for name in source.kept.columns]
    return column_names(source.layout.columns)


def renamed(table: Lazy, source: Source) -> Lazy:
    """A table under the frames' names; an empty cell of a text is null."""
    pairs = zip(table.collect_schema().names(), names(source), strict=True)
    if source.table.kind != "text":
        return table.select(nw.col(old).alias(new) for old, new in pairs)
    return table.select(nw.when(nw.col(old) != "").then(nw.col(old)).alias(new) for old, new in pairs)


def lines_of(lines: Lazy, layout: Layout) -> Lazy:
    """How many lines there are, the headings among them, and how many of them are unsound."""
    told = lines.select((~_is_sound(layout).fill_null(value=False)).alias(LINE))
    bad = nw.col(LINE).cast(nw.Int64).sum().cast(nw.Int64)
    return told.select(nw.len().cast(nw.Int64).alias("lines"), bad.alias("unsound"))


def number_of(rows: Lazy) -> Lazy:
    """How many rows there are."""
    return rows.select(nw.len().cast(nw.Int64).alias("rows"))


def _is_sound(layout: Layout) -> nw.Expr:
    """Whether a line is one row of the right length that holds something."""
    delimiter = re.escape(layout.delimiter)
    cell = rf'(?:[^"{delimiter}\r\x00{UNDECODED}]*|"[^"\r\x00{UNDECODED}]*(?:""[^"\r\x00{UNDECODED}]*)*")'
    row = rf"^{cell}(?:{delimiter}{cell}){{{len(layout.columns.names) - 1}}}\r?\z"
    text = nw.col(LINE)
    return text.str.contains(row) & text.str.contains(rf'[^{BLANKS}"{delimiter}]')


def refuse_unsound(lines: pl.DataFrame, source: Source, engine: str) -> None:
    """Raise SurveyRefused unless each of the lines that were counted is sound."""
    if bad := lines["unsound"].item():
        raise SurveyRefused.because("engine_unsound", file=source.name, engine=engine, lines=bad)


def refuse_lost(lines: pl.DataFrame, rows: pl.DataFrame, source: Source, engine: str) -> None:
    """Raise SurveyRefused unless each of the lines but the headings became a row."""
    if lines["lines"].item() != rows["rows"].item() + 1:
        raise SurveyRefused.because("engine_unsound", file=source.name, engine=engine, lines=lines["lines"].item())


def missing(engine: str) -> UsageRefused:
    """The refusal of an engine that is not installed."""
    return UsageRefused.because("engine_missing", engine=engine, extra=engine)


def refused(files: Sequence[str], engine: str, told: str) -> SurveyRefused:
    """The refusal of what an engine could not do, with the first line of what it says."""
    return SurveyRefused.because("engine_refused", file=", ".join(files), engine=engine, detail=first_line(told))


def first_line(told: str) -> str:
    """The first line that is not blank."""
    return next((line.strip() for line in told.splitlines() if line.strip()), "")


def whole(found: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers of up to 38 digits, which Arrow carries as decimals, as polars' own of 128 bits."""
    wide = [name for name, kind in found.schema.items() if kind == pl.Decimal(38, 0)]
    return found.with_columns(pl.col(wide).cast(pl.Int128))
