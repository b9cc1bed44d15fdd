"""Rounds drawn as one table: a row a household, a column a round, whose cells are incomes in yuan."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from incomeladder.frames import ID, INCOME, SIZE
from incomeladder.ladder import yuan
from incomeladder.panel import SHOWN

MISSING = "?"
MONEY = ("income", "previous_income", "change", "target", "shortfall")


def panel(drawn: str) -> list[tuple[str, pl.LazyFrame]]:
    """The rounds of a drawn table; an empty cell is a household that the round lacks, ``?`` a missing income.

    Columns of places, sizes and the like hold for every round.
    """
    headings, *lines = ([cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines())
    rows = sorted((dict(zip(headings, line, strict=True)) for line in lines), key=lambda row: row[ID])
    labels = [heading for heading in headings if heading not in {ID, *SHOWN}]
    return [(label, households([row for row in rows if row[label]], label)) for label in labels]


def households(rows: list[dict[str, str]], label: str) -> pl.LazyFrame:
    """The households of a round."""
    shown = [name for name in (ID, *SHOWN) if rows and name in rows[0]] or [ID]
    columns = {name: [row[name] or None for row in rows] for name in shown}
    incomes = [None if row[label] == MISSING else int(Decimal(row[label]) * 10_000) for row in rows]
    frame = pl.LazyFrame(columns, schema=dict.fromkeys(shown, pl.String))
    typed = frame.with_columns(pl.Series(INCOME, incomes, pl.Int64))
    return typed.with_columns(pl.col(SIZE).cast(pl.Int64)) if SIZE in shown else typed


def readable(frame: pl.LazyFrame) -> pl.DataFrame:
    """Amounts in yuan, and lists as words beside one another."""
    collected = frame.collect(engine="streaming")
    lists = [name for name, kind in collected.schema.items() if kind == pl.List(pl.String)]
    amounts = [yuan(pl.col(name)).alias(name) for name in MONEY if name in collected.columns]
    return collected.with_columns(*amounts, *(pl.col(name).list.join(" ") for name in lists))
