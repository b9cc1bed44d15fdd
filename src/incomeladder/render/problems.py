"""Rows that cannot be used, in the reader's words: as a table, and as lines."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.render.safe import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

COLUMNS = ("file", "sheet", "row", "column", "value", "rule", "severity", "reason")
_LONGEST = 40
_SHORT_ID = 10
_RESIDENT_ID = r"([0-9]{4})[0-9]{7,}([0-9]{3}[0-9Xx])"
_ABOUT_IDS = (
    "destroyed_household_id",
    "duplicate_household_id",
    "other_member_rejected",
    "resident_id_check_digit",
)
_PLACES = "{places}"


def spoken(report: Report, words: Words) -> Report:
    """The report with the reasons of its problems in words."""
    if "problems" not in report.tables:
        return report
    return replace(report, tables={**report.tables, "problems": table(report.tables["problems"], words)})


def table(problems: pl.DataFrame, words: Words) -> pl.DataFrame:
    """file, sheet, row, column, value, rule, severity, reason."""
    reasons = {rule: words(f"rule.{rule}", places=_PLACES) for rule in problems["rule"].unique()}
    reason = pl.col("rule").replace_strict(reasons, return_dtype=pl.String)
    placed = reason.str.replace(_PLACES, pl.col("places").fill_null(""), literal=True)
    return problems.with_columns(placed.alias("reason")).drop("places")


def in_short(rules: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The rules with what each is about, without its places and what to do."""
    end = words("clause_end")
    reasons = {rule: words(f"rule.{rule}", places="").partition(end)[0] for rule in rules["rule"]}
    bare = {rule: re.sub(r" ?(\(\)|（）)", "", reason) for rule, reason in reasons.items()}
    told = pl.col("rule").replace_strict(bare, return_dtype=pl.String).alias("reason")
    return rules.select("rule", told, pl.exclude("rule"))


def discreet(problems: pl.DataFrame) -> pl.DataFrame:
    """For eyes and logs: of an id, wherever it stands, only as much as finds the row."""
    value = pl.col("value")
    long = pl.col("rule").is_in(_ABOUT_IDS) & (value.str.len_chars() > _SHORT_ID)
    short = pl.concat_str(value.str.head(4), pl.lit("…"), value.str.tail(4))
    elsewhere = value.str.replace_all(_RESIDENT_ID, "$1…$2")
    return problems.with_columns(pl.when(long).then(short).otherwise(elsewhere).alias("value"))


def rejects(problems: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The rows that cannot be used, without the warnings."""
    return table(problems.filter(pl.col("severity") == "reject"), words)


def no_problems() -> pl.DataFrame:
    """The headings alone."""
    return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))


def listed(problems: pl.DataFrame, most: int) -> tuple[pl.DataFrame, int]:
    """The first ``most`` rejects (0: all), and how many more there are."""
    rejects = problems.filter(pl.col("severity") == "reject")
    shown = rejects.head(most) if most else rejects
    return discreet(shown), rejects.height - shown.height


def line(problem: Mapping[str, str], words: Words) -> str:
    """A reject, as people read it."""
    reason = words(f"rule.{problem['rule']}", places=problem["places"])
    sheet = "" if problem["sheet"] is None else f"[{problem['sheet']}]"
    place = safe(f"{problem['file']}{sheet}:{problem['row']}")
    if problem["column"] is None:
        return f"{place}: {reason}"
    value = _quoted(problem) if problem["value"] else ""
    return f"{place}: {safe(problem['column'])}{f' {value}' if value else ''}: {reason}"


def _quoted(problem: Mapping[str, str]) -> str:
    value = problem["value"]
    if problem["rule"] in _ABOUT_IDS and "…" in value:
        return safe(value)
    return f'"{safe(value[:_LONGEST])}{"…" if len(value) > _LONGEST else ""}"'
