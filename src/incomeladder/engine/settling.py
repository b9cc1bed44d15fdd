"""Checking surveys and answering a query on another engine, which can prove that they are clean, and not clean them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder.engine import portable
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import EXTRA, FIRST
from incomeladder.intake.reading import Reading
from incomeladder.intake.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from incomeladder.engine import Engine
    from incomeladder.frames import Lazy, Query
    from incomeladder.intake.survey import Survey


def settle(
    engine: Engine, surveys: Sequence[Survey], query: Query, shown: Sequence[str]
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """As ``intake.settle`` does it; ``shown`` are the columns of the surveys' own that the answers show.

    Raises SurveyRefused for files in which any cell has to be cleaned, or any row judged.
    """
    rows = [_rows(engine, survey) for survey in surveys]
    accounts = [_account(engine, survey, each, shown) for survey, each in zip(surveys, rows, strict=True)]
    answers = engine.collect(query([portable.households(each) for each in rows]))
    for survey in surveys:
        survey.refuse_changed()
    verdicts = [Verdict(Reading(survey), account) for survey, account in zip(surveys, accounts, strict=True)]
    return verdicts, answers


def _rows(engine: Engine, survey: Survey) -> Lazy:
    rows = portable.rows([engine.scan(source) for source in survey.sources], survey.sources)
    return rows if survey.rounds is None else portable.of_rounds(rows, sorted(survey.rounds))


def _account(engine: Engine, survey: Survey, rows: Lazy, shown: Sequence[str]) -> pl.DataFrame:
    """The accounting of rows that are all clean. Raises SurveyRefused where any is not."""
    asked = [portable.account(rows), portable.doubts(rows, shown), portable.repeated(rows)]
    account, doubts, repeated = engine.collect(asked)
    files, reasons = ", ".join(source.name for source in survey.sources), []
    if columns := [f"{_heading(survey, name)} {rows}" for name, rows in doubts.row(0, named=True).items() if rows]:
        reasons.append(Reason("engine_unclean", {"file": files, "engine": engine.name, "columns": columns}))
    if ids := repeated.item():
        reasons.append(Reason("engine_repeated", {"file": files, "engine": engine.name, "households": ids}))
    if reasons:
        raise SurveyRefused(*reasons)
    return account


def _heading(survey: Survey, column: str) -> str:
    """What a file calls a column of the frames; its own columns and the first have no other name here."""
    if column == FIRST:
        return survey.sources[0].layout.columns.headings[0]
    return next(filter(None, (source.heading(column) for source in survey.sources)), column.removeprefix(EXTRA))
