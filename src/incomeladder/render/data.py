"""Reports as data: JSON, CSV and parquet."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

SCHEMA: Final = "incomeladder/1"
_LIVE: Final = r"^\s*[=+\-@＝＋－＠\t\r]"


def json_text(report: Report, words: Words) -> str:
    """One envelope; a row of a table a line, keys in English, an open edge or an unknown value null."""
    accounting = {side: told.shown for side, told in report.accounting.items()}
    head = {
        "schema": SCHEMA,
        "report": report.name,
        "programme": asdict(report.programme),
        "parameters": dict(report.parameters),
        "accounting": accounting.get("", accounting),
    }
    notes = [words.reason(note) for note in report.notes]
    fields = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    tables = [f"  {_json(name)}: {_rows(table)}" for name, table in report.tables.items()]
    fields += ['"tables": {\n' + ",\n".join(tables) + "\n}", f'"notes": {_json(notes)}']
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _known(told: dict[str, int | None]) -> dict[str, int | None]:
    return {name: number for name, number in told.items() if number is not None}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_number)


def _number(value: object) -> int | float:
    """Yuan in a programme: a number, whole where it is whole."""
    amount = float(str(value))
    return int(amount) if amount.is_integer() else amount


def _rows(table: pl.DataFrame) -> str:
    """By polars, since lists of households are long; a line break inside a text is escaped, so lines are rows."""
    lines = table.write_ndjson().rstrip("\n")
    return "[\n    " + lines.replace("\n", ",\n    ") + "\n  ]" if lines else "[]"


def csv_table(table: pl.DataFrame, *, for_excel: bool = False) -> bytes:
    """A table as CSV; ``for_excel`` puts the mark before it by which Excel knows UTF-8."""
    buffer = io.BytesIO()
    for_spreadsheets(table.lazy()).collect().write_csv(buffer, include_bom=for_excel)
    return buffer.getvalue()


def for_spreadsheets(table: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers without needless zeros, and an apostrophe before text that a spreadsheet would run as a formula."""
    kinds = table.collect_schema().items()
    guarded = [_harmless(name) for name, kind in kinds if kind == pl.String]
    floats = [pl.col(name).cast(pl.String).str.strip_suffix(".0") for name, kind in kinds if kind == pl.Float64]
    exact = [_without_zeros(pl.col(name)) for name, kind in kinds if isinstance(kind, pl.Decimal)]
    return table.with_columns(*guarded, *floats, *exact)


def _harmless(name: str) -> pl.Expr:
    return pl.when(pl.col(name).str.contains(_LIVE)).then("'" + pl.col(name)).otherwise(name).alias(name)


def _without_zeros(amount: pl.Expr) -> pl.Expr:
    return amount.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")


def parquet_bytes(report: Report) -> bytes:
    """The main table, typed."""
    buffer = io.BytesIO()
    report.main.write_parquet(buffer)
    return buffer.getvalue()
