"""Whether files are sound."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.frames import ID
from incomeladder.intake.explain import files_understood, headings_understood
from incomeladder.intake.notes import reading_notes, row_notes
from incomeladder.intake.reading import Reading
from incomeladder.intake.roster import member_warnings
from incomeladder.intake.rounds import wanted
from incomeladder.intake.settle import settle
from incomeladder.intake.survey import Survey
from incomeladder.intake.verdict import NO_PROBLEMS
from incomeladder.pipeline.request import (
    Request,
    judge,
    parameters,
    refuse_unless_filled,
)
from incomeladder.report import Report
from incomeladder.suspicions import row_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.intake.verdict import Verdict
    from incomeladder.read.source import Source


def check(sources: tuple[Source, ...], request: Request, *, explain: bool = False) -> Report:
    """Say whether the files are sound: every problem with its place, and how often each rule is broken.

    ``explain`` adds what was understood of each file and of each of its headings.
    """
    refuse_unless_filled(sources, request)
    survey = Survey(sources)
    columns, groups = survey.columns | survey.marks, request.programme.key_groups
    warnings = (member_warnings if survey.persons else row_warnings)(columns, groups)

    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        # Of a roster these are no more the rows that the warnings are about.
        counted = () if survey.persons else warnings
        counts = [rule.broken.sum().alias(str(number)) for number, rule in enumerate(counted)]
        return [households[0].select(pl.lit(0).alias(""), *counts)]

    (verdict,), (warned,) = settle([survey], query, request.workspace, partial(Reading.first, warnings=warnings))
    rounds = wanted(verdict.rounds(), request.rounds or ("all",))
    problems = _problems(verdict, rounds, listed=survey.persons or any(warned.row(0)))
    counts = problems.group_by("rule", "severity").agg(pl.len().cast(pl.Int64).alias("count")).sort("severity", "rule")
    if not verdict.accounting(rounds).rejected:
        judge([(verdict, rounds)], request)
    explained = {"files": files_understood(verdict), "columns": headings_understood(sources)} if explain else {}
    return Report(
        "check",
        request.programme,
        parameters(survey, request, rounds) | {"max_problems": request.max_problems},
        {"": verdict.accounting(rounds)},
        {"problems": problems, "rules": counts, **explained},
        (*reading_notes(sources), *row_notes(verdict, rounds)),
        problems,
    )


def _problems(verdict: Verdict, rounds: Sequence[str], *, listed: bool) -> pl.DataFrame:
    """The problems of single rows, which need be looked for only where some are known; and those between rounds."""
    known = listed or verdict.accounting(rounds).rejected > 0
    found = verdict.problems(rounds) if known else NO_PROBLEMS
    followed = len(verdict.rounds()) > 1 and ID in verdict.reading.survey.columns
    return pl.concat([found, verdict.slips(rounds)]) if followed else found
