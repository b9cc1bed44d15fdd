"""Measures of mobility, how sure they are, and why the share below the floor changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder.render.facts import told_points
from incomeladder.render.html.nodes import first, heading, listed, number, paragraphs, section, table
from incomeladder.render.numbers import measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    from incomeladder.render.facts import Facts


def sureness(facts: Facts) -> Element:
    """The measures, of a sample with their errors; and the parts of the change."""
    words, tables = facts.words, facts.report.tables
    is_sample = "precision" in tables
    rows = tables["precision"].filter(pl.col("measure") != "row_share") if is_sample else tables["measures"]
    names = ("measure", "value", *(("standard_error", "interval") if is_sample else ()))
    headings = [heading(words.column(name), class_="n" if place else "t") for place, name in enumerate(names)]
    made = table(words("table.measures"), [headings], (list(_row(facts, row)) for row in rows.iter_rows(named=True)))
    said = [words("page.shorrocks"), words(_of_errors(facts))]
    if is_sample and rows["unreliable"].any():
        said.append(words("say.unreliable"))
    return section("measures", words("page.measures"), *_why(facts), made, *paragraphs(said, class_="under"))


def _of_errors(facts: Facts) -> str:
    """What is said of errors: of a sample that is published there are some, but not here."""
    if facts.report.parameters["census"]:
        return "say.census"
    return "page.no_errors" if facts.report.published else "say.intervals"


def _row(facts: Facts, row: Mapping[str, float | None]) -> Iterator[Element]:
    words = facts.words
    yield first(words(f"measure.{row['measure']}"), class_="t")
    yield number(words.number(row["value"], measured(row["value"])) + (" *" if row.get("unreliable") else ""))
    if "standard_error" in row:
        ends = {name: measured(row[name]) for name in ("lower", "upper")}
        yield number(measured(row["standard_error"]))
        yield number("–" if row["lower"] is None else words("interval", **ends))


def _why(facts: Facts) -> Iterator[Element]:
    """The change of the share below the floor and its parts, in percentage points."""
    if "decomposition" not in facts.report.tables:
        return
    values = dict(facts.report.tables["decomposition"].select("component", "value").iter_rows())
    parts = {name: told_points(None if value is None else 100 * value, 2) for name, value in values.items()}
    if {"change", "growth", "redistribution"} <= set(parts):
        said = [facts.words("page.why_incomes", **parts, **facts.named())]
        if {"matched", "entered", "left"} <= set(parts):
            said.append(facts.words("page.why_households", **parts))
        yield from paragraphs([facts.words("page.why", **parts, **facts.named())])
        yield listed(said, class_="told")
