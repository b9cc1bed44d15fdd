"""Every round of a survey at once, household by household: what reports on more than sums begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.errors import Reason
from incomeladder.frames import ROUND, WEIGHT
from incomeladder.intake.notes import reading_notes, round_notes, row_notes, typical_unit_note
from incomeladder.intake.rounds import wanted
from incomeladder.intake.survey import Survey
from incomeladder.pipeline.answering import answered
from incomeladder.pipeline.request import Request, chosen, groups, judge, parameters, refuse_unless_filled, scaled
from incomeladder.pipeline.request import rejects as rejects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.frames import Lazy
    from incomeladder.intake.verdict import Verdict
    from incomeladder.read.source import Source
    from incomeladder.report import Accounting


@dataclass(frozen=True)
class Gathered:
    """The accepted ``households`` of the wanted ``rounds``, which are in natural order, and what was not accepted.

    ``every`` household is of all rounds that the files have.
    """

    survey: Survey
    request: Request
    verdict: Verdict
    rounds: tuple[str, ...]
    every: pl.DataFrame

    @cached_property
    def households(self) -> pl.DataFrame:
        """Those of the wanted rounds."""
        return self.every.filter(pl.col(ROUND).is_in(list(self.rounds)))

    @property
    def is_weighted(self) -> bool:
        """Whether the files say what each household stands for; else they are a census."""
        return WEIGHT in self.survey.columns

    @property
    def parameters(self) -> dict[str, object]:
        """How the files were understood and what was asked for."""
        return parameters(self.survey, self.request, self.rounds)

    @property
    def accounting(self) -> dict[str, Accounting]:
        """What became of every row of the wanted rounds."""
        return {"": self.verdict.accounting(self.rounds)}

    @property
    def rejects(self) -> pl.DataFrame | None:
        """The rows that were left out, if there are any."""
        return rejects_of([(self.verdict, self.rounds)])

    def notes(self, missing: str = "incomes_missing") -> Iterator[Reason]:
        """How files were understood, what was not counted, and medians that changed as only a slip changes them.

        ``missing`` is the note on households without an income, where these are not just in no share.
        """
        yield from reading_notes(self.survey.sources)
        for note in row_notes(self.verdict, self.rounds):
            yield Reason(missing, note.facts) if note.key == "incomes_missing" else note
        yield from round_notes(self.verdict, self.verdict.rounds(), self.rounds)
        typical = [(label, self.verdict.typical_income([label])) for label in self.rounds]
        for was, is_now in pairwise(typical):
            yield from typical_unit_note(was, is_now)


def by_of(sources: tuple[Source, ...], request: Request) -> tuple[str, ...]:
    """The frame's columns of the groups that are asked for. Raises UsageRefused for those that are not there."""
    return groups([Survey(sources)], request.by)


def gathered(sources: tuple[Source, ...], request: Request, columns: Sequence[str]) -> Gathered:
    """Round, income, weight and the ``columns`` of each household of the wanted rounds: all, unless some are named.

    A column that the survey lacks is null. Raises SurveyRefused for what no report can be made of.
    """
    refuse_unless_filled(sources, request)
    survey = scaled(Survey(sources), request)

    def query(households: list[Lazy]) -> list[Lazy]:
        return [chosen(households[0], columns)]

    (verdict,), (found,) = answered([survey], query, request, columns)
    rounds = wanted(verdict.rounds() or survey.labels(), request.rounds or ("all",))
    judge([(verdict, rounds)], request)
    return Gathered(survey, request, verdict, rounds, found)
