"""Delimited text to a raw frame.

A file without quotes and other oddities is scanned by polars, lazily, with a watch on the length of its rows. Where
anything is in doubt, each line is proved to be one row of the right length by a regular expression. What fails the
proof (short, long, badly quoted or blank rows, cells with line breaks, old Mac line ends) is read by the strict reader
of the standard library, which knows the line of each fault.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Final, TextIO

import polars as pl

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW, TOTALS_END, UNPROVED
from incomeladder.read.headings import recognise
from incomeladder.read.layout import FIRST_ROWS, Layout, Row, Table, find_headings, heading_cell
from incomeladder.read.raw import column_names, first_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.read.encoding import Text
    from incomeladder.read.headings import Naming

_BEYOND: Final = "_beyond"
_DELIMITERS: Final = (",", "\t", ";", "|")
_END_OF_FILE: Final = "\x1a"
"""How DOS programs end a text."""
BLANKS: Final = (
    "\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What blank cells are made of: all that Python takes for space, and the end of a file."""
_BATCH: Final = 50_000


def find_layout(text: Text, naming: Naming) -> Layout:
    """The delimiter and the heading rows are those under which most headings are known."""
    head = text.head()
    found = {delimiter: find_headings(_first_rows(head, delimiter), naming) for delimiter in _DELIMITERS}
    delimiter, best = max(found.items(), key=lambda candidate: candidate[1].score)
    if not best.cells:
        raise SurveyRefused.because("empty_file", file=text.name)
    columns = recognise(best.cells, naming, file=text.name)
    old_line_ends = _has_old_line_ends(head, best.line)
    return best.layout(columns, delimiter=delimiter, old_line_ends=old_line_ends)


def _has_old_line_ends(head: str, heading_row: int) -> bool:
    lines = islice(io.StringIO(head, newline=""), heading_row)
    return any(line.endswith("\r") for line in lines)


def _first_rows(head: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    with contextlib.suppress(csv.Error):
        for cells in reader:
            row = Row(reader.line_num, tuple(map(heading_cell, cells)))
            if any(row.cells):
                rows.append(row)
            if len(rows) > FIRST_ROWS:
                break
    return rows


def tabled(text: Text, naming: Naming) -> Table:
    """A text file as a table.

    Where the shape of its rows is not known, ``_unproved`` tells of those that may be too short or too long, and a row
    that is longer still makes polars raise: the table has then to be proved.
    Raises UnicodeDecodeError where the text turns out not to be UTF-8.
    """
    layout = find_layout(text, naming)
    if len(layout.columns.names) == 1 or layout.old_line_ends or not _looks_plain(text, layout):
        return prove(text, layout)
    raw = _straight(text, layout, proved=False)
    return Table("text", layout, raw, text.encoding, typed=raw, prove=lambda: prove(text, layout))


def prove(text: Text, layout: Layout) -> Table:
    """The table, of which every row is known to have the right length, or has its fault named."""
    if not _is_sound(text, layout):
        return Table("text", layout, _careful(text, layout).lazy(), text.encoding)
    raw = _straight(text, layout, proved=True)
    return Table("text", layout, raw, text.encoding, typed=raw)


def _looks_plain(text: Text, layout: Layout) -> bool:
    """Whether there are no quotes, odd line ends and NULs, so that a row can only be a line, and none ends in nothing.

    Nor may there be the last character of totals: then no row need be asked for them.
    """
    line = pl.col("line")
    odd = line.str.contains('["\r\\x00]') | line.str.ends_with(layout.delimiter)
    return _all_lines(text, layout, ~(odd | line.str.contains(TOTALS_END, literal=True)))


def _is_sound(text: Text, layout: Layout) -> bool:
    """Whether each line after the headings is one row of the right length, with no doubt about its quotes."""
    columns = len(layout.columns.names)
    if columns == 1 or layout.old_line_ends:
        return False
    delimiter, line = re.escape(layout.delimiter), pl.col("line")
    cell = rf'(?:[^"{delimiter}\r\x00]*|"(?:[^"\r\x00]|"")*")'
    row = line.str.contains(rf"^{cell}(?:{delimiter}{cell}){{{columns - 1}}}$")
    return _all_lines(text, layout, row & ~line.str.contains(rf'^[{BLANKS}"{delimiter}]*$'))


def _all_lines(text: Text, layout: Layout, condition: pl.Expr) -> bool:
    """Whether there are lines after the headings, and the condition holds for each."""
    try:
        lines = pl.scan_lines(text.path).slice(layout.heading_row).select(condition.all() & (pl.len() > 0))
        return bool(lines.collect(engine="streaming").item())
    except pl.exceptions.ComputeError as error:
        if "utf8" in str(error):
            raise UnicodeDecodeError("utf-8", b"", 0, 1, text.name) from error
        return False  # so many columns that the expression grew too large


def _straight(text: Text, layout: Layout, *, proved: bool) -> pl.LazyFrame:
    names = column_names(layout.columns)
    # A short row leaves the last column null, a long one puts something into a column beyond the last.
    beyond = [] if proved else [_BEYOND]
    unproved = pl.any_horizontal(pl.col(names[-1]).is_null(), *(pl.col(name).is_not_null() for name in beyond))
    told = (pl.lit(None, pl.String).alias(FAULT), (~pl.lit(proved) & unproved).alias(UNPROVED))
    scanned = pl.scan_csv(
        text.path,
        schema=dict.fromkeys([*names, *beyond], pl.String),
        has_header=False,
        skip_lines=layout.heading_row,
        separator=layout.delimiter,
        quote_char='"' if proved else None,
        row_index_name=ROW,
        row_index_offset=layout.heading_row + 1,
        missing_columns="insert",
        glob=False,
    )
    return scanned.with_columns(pl.col(ROW).cast(pl.Int64), *told, first_text(names[0]))


def _careful(text: Text, layout: Layout) -> pl.DataFrame:
    names = column_names(layout.columns)
    schema = dict.fromkeys(names, pl.String) | {ROW: pl.Int64, FAULT: pl.String}
    rows = _rows(text, layout, len(names))
    batches = [pl.DataFrame(schema=schema)]
    while batch := list(islice(rows, _BATCH)):
        batches.append(pl.DataFrame(batch, schema=schema, orient="row"))
    cut = (pl.col(FAULT) == "short_row") & (pl.col(ROW) == pl.col(ROW).max()) & (not _ends_with_line_end(text))
    fault = pl.when(cut).then(pl.lit("cut_short")).otherwise(FAULT).alias(FAULT)
    cells = [pl.when(pl.col(name) != "").then(name).alias(name) for name in names]
    return pl.concat(batches).with_columns(*cells, fault).with_columns(first_text(names[0]))


def _rows(text: Text, layout: Layout, columns: int) -> Iterator[tuple[str | int | None, ...]]:
    """Each row's cells, the line it begins on, and what is wrong with its shape."""
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        for line, cells, fault in _strictly(file, layout, text.name):
            fitted = [*cells, *[None] * columns][:columns]
            yield *fitted, line, fault or _fault(cells, columns)


def _strictly(file: TextIO, layout: Layout, name: str) -> Iterator[tuple[int, list[str], str | None]]:
    reader = csv.reader(file, delimiter=layout.delimiter, strict=True)
    fault: str | None
    while True:
        line, fault = reader.line_num + 1, None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise SurveyRefused.because("open_quote", file=name, row=line) from error
            cells, fault = [], "bad_quote"
        if line > layout.heading_row:
            yield line, cells, fault


def _fault(cells: list[str], columns: int) -> str | None:
    if not any(cell.strip().strip(_END_OF_FILE) for cell in cells):
        return "blank_row"
    if len(cells) < columns:
        return "short_row"
    if any(cell.strip() for cell in cells[columns:]):
        return "long_row"
    return "nul_character" if any("\0" in cell for cell in cells) else None


def _ends_with_line_end(text: Text) -> bool:
    with text.path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() in b"\r\n"
