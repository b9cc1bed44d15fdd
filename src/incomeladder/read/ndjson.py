"""Lines of JSON to a raw frame: an object a line, numbers as they are written."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.errors import SurveyRefused
from incomeladder.frames import FAULT, ROW
from incomeladder.read.headings import recognise
from incomeladder.read.layout import Layout, Table
from incomeladder.read.raw import column_names, finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.read.files import File
    from incomeladder.read.headings import Naming

_BATCH: Final = 50_000
_TRUTH: Final = {True: "TRUE", False: "FALSE"}


def ndjson_table(file: File, naming: Naming) -> Table:
    """A file of JSON lines, read by the standard library, which keeps every digit. Rows are lines.

    Raises SurveyRefused for text that is not UTF-8, and for headings that are not clear.
    """
    try:
        return _table(file, naming)
    except UnicodeDecodeError as error:
        raise SurveyRefused.because("json_not_utf8", file=file.name) from error


def _table(file: File, naming: Naming) -> Table:
    headings = _headings(file)
    columns = recognise(list(headings), naming, file=file.name)
    names = column_names(columns)
    schema = {ROW: pl.Int64, FAULT: pl.String} | dict.fromkeys(names, pl.String)
    rows = _rows(file, list(headings))
    batches = [pl.DataFrame(schema=schema)]
    while batch := list(islice(rows, _BATCH)):
        batches.append(pl.DataFrame(batch, schema=schema, orient="row"))
    cells = pl.concat(batches)
    fault = pl.coalesce(pl.col("bad"), FAULT).alias(FAULT)
    raw = finished(cells.lazy().rename({FAULT: "bad"}), names).with_columns(fault).drop("bad")
    first = cells.select(names).fill_null("").row(0) if cells.height else ()
    return Table("ndjson", Layout(columns, first_row=first), raw, encoding="utf-8")


def _headings(file: File) -> dict[str, None]:
    """The names in all objects, in the order in which they are first seen."""
    headings: dict[str, None] = {}
    for _, found in _objects(file):
        if found is not None:
            headings |= dict.fromkeys(found)
    return headings


def _rows(file: File, headings: list[str]) -> Iterator[tuple[object, ...]]:
    for line, found in _objects(file):
        if found is None:
            yield line, "bad_json", *[None] * len(headings)
        else:
            yield line, None, *(_text(found.get(heading)) for heading in headings)


def _objects(file: File) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Each line with its number and its object; None where it holds none, nothing in it where it is blank."""
    with file.path.open(encoding="utf-8-sig") as lines:
        for line, text in enumerate(lines, start=1):
            yield line, _object(text) if text.strip() else {}


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text, parse_int=str, parse_float=_decimal, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _decimal(number: str) -> str:
    """As every kind of file tells a number: without a fraction where it is whole."""
    return number.removesuffix(".0")


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _TRUTH[value]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
