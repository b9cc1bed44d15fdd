"""Files whose columns have names and types: parquet, and the files of Stata and SPSS."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.clean import numeric
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import CANONICAL, FAULT, INCOME, NUMBERS, PARTS, ROW, UNPROVED
from incomeladder.read.headings import Naming, is_known, recognise
from incomeladder.read.layout import Layout, Table
from incomeladder.read.raw import as_text, can_be_text, column_names, finished, first_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incomeladder.ledger.record import Record
    from incomeladder.read.files import File
    from incomeladder.read.headings import Columns

_OLD_CHINESE: Final = "gb18030"
_UTF8_RELEASE: Final = 118


def parquet_table(file: File, naming: Naming) -> Table:
    """A parquet file, read when it is asked for. Rows count from 1.

    Raises SurveyRefused for a damaged file, and for headings that are not clear.
    """
    try:
        typed = pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
        return _table("parquet", file, typed, typed.collect_schema().names(), naming)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SurveyRefused.because("columnar_damaged", file=file.name, kind="parquet") from error


def kept_table(file: File, record: Record, naming: Naming) -> Table:
    """A round of the ledger as text, for reports that look at it beside other files, or with suspicion.

    Its columns have their own names, but for those that others are asked for.
    """
    taken = {*naming.asked, *naming.asked.values()}
    own = {str(name): name for name in record.columns if name in CANONICAL and name not in taken}
    table = parquet_table(file, Naming({**own, **naming.asked}))
    columns = table.layout.columns
    yuan = dict.fromkeys({INCOME, *PARTS}.intersection(own), False)
    return replace(table, kind="ledger", layout=replace(table.layout, columns=replace(columns, units=yuan)))


def statistics_table(file: File, kind: str, naming: Naming, encoding: str | None) -> Table:
    """A file of Stata (.dta) or SPSS (.sav), with its labels for headings and for values. Rows count from 1.

    Raises SurveyRefused where the extra ``stata`` is not installed, for a damaged file, and for headings that are not
    clear.
    """
    typed, told = _statistics(file, kind, encoding)
    headings = [_heading(name, told.column_names_to_labels.get(name)) for name in typed.columns]
    labelled = typed.with_columns(
        _with_labels(name, dtype, told.variable_value_labels.get(name, {})).alias(name)
        for name, dtype in _precise(typed, told.readstat_variable_types).schema.items()
    )
    return replace(_table(kind, file, labelled.lazy(), headings, naming), encoding=encoding)


def _statistics(file: File, kind: str, encoding: str | None) -> tuple[pl.DataFrame, Any]:
    """The values and what is told of them. Old .dta do not say how their text is encoded; ours are Chinese."""
    try:
        import pyreadstat  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise SurveyRefused.because("stata_missing", file=file.name) from error
    reader = pyreadstat.read_dta if kind == "dta" else pyreadstat.read_sav
    first = encoding or (_OLD_CHINESE if kind == "dta" and _names_no_encoding(file) else None)
    for tried in dict.fromkeys((first, encoding)):
        try:
            values, told = reader(str(file.path), output_format="polars", encoding=tried)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, ValueError):
            continue
        return values, told
    raise SurveyRefused.because("columnar_damaged", file=file.name, kind=kind)


def _names_no_encoding(file: File) -> bool:
    """Only from release 118 on is the text of a .dta known to be UTF-8."""
    with file.path.open("rb") as opened:
        start = opened.read(64)
    release = re.search(rb"<release>([0-9]+)</release>", start)
    return release is None or int(release[1]) < _UTF8_RELEASE


def _precise(values: pl.DataFrame, kinds: Mapping[str, str]) -> pl.DataFrame:
    """Doubles that were stored in half the room hold half the digits."""
    half = [name for name, dtype in values.schema.items() if kinds.get(name) == "float" and dtype.is_float()]
    return values.with_columns(pl.col(half).cast(pl.Float32))


def _heading(name: str, label: str | None) -> str:
    """A name that is known by itself, else the label that people see."""
    return name if is_known(name) or not label else label


def _with_labels(name: str, kind: pl.DataType, labels: Mapping[Any, str]) -> pl.Expr:
    text = as_text(pl.col(name).cast(kind), kind)
    if not labels:
        return text
    return pl.coalesce(pl.col(name).replace_strict(dict(labels), default=None, return_dtype=pl.String), text)


def _table(kind: str, file: File, typed: pl.LazyFrame, headings: Sequence[str], naming: Naming) -> Table:
    first = typed.head(1).collect()
    columns = recognise(headings, naming, file=file.name)
    names = column_names(columns)
    _refuse_nested(first.schema, columns, file)
    cells = [
        (as_text(pl.col(old), dtype) if can_be_text(dtype) else pl.lit(None, pl.String)).alias(new)
        for new, (old, dtype) in zip(names, first.schema.items(), strict=True)
    ]
    row = first.select(cells).fill_null("").row(0) if first.height else ()
    raw, numbers = typed.with_row_index(ROW, 1).select(ROW, *cells), _numbers(first.schema, names)
    return Table(
        kind,
        Layout(columns, first_row=row),
        finished(raw, names),
        typed=typed.select(numbers.get(name, cell) for name, cell in zip(names, cells, strict=True)).with_columns(
            pl.lit(None, pl.String).alias(FAULT), pl.lit(value=False).alias(UNPROVED), first_text(names[0])
        ),
    )


def _numbers(schema: pl.Schema, names: Sequence[str]) -> dict[str, pl.Expr]:
    """The columns of amounts, weights and sizes that hold numbers, under their new names."""
    return {
        new: pl.col(old).alias(new)
        for new, (old, kind) in zip(names, schema.items(), strict=True)
        if new in NUMBERS and numeric.can_be_read(kind)
    }


def _refuse_nested(schema: pl.Schema, columns: Columns, file: File) -> None:
    reasons = [
        Reason("nested_column", {"file": file.name, "heading": heading, "column": name, "kind": str(dtype)})
        for heading, name, dtype in zip(columns.headings, columns.names, schema.dtypes(), strict=True)
        if name in CANONICAL and not can_be_text(dtype)
    ]
    if reasons:
        raise SurveyRefused(*reasons)
