"""Reports that compare two rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incomeladder import compare, measures
from incomeladder.errors import SurveyRefused
from incomeladder.intake.notes import reading_notes, row_notes, unit_notes
from incomeladder.intake.rounds import two_rounds
from incomeladder.intake.survey import Survey, refuse_unlike_ids, refuse_without_ids
from incomeladder.pipeline.joining import Joining, compared
from incomeladder.pipeline.request import (
    Request,
    groups,
    judge,
    parameters,
    refuse_unless_filled,
    rejects,
    scaled,
)
from incomeladder.pipeline.tables import in_order, named
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from incomeladder.compare import Movers
    from incomeladder.programme import Programme
    from incomeladder.read.source import Source


def transitions(
    before: tuple[Source, ...], after: tuple[Source, ...] | None, request: Request, *, movers: Movers | None = None
) -> Report:
    """Two rounds: matrix, scorecard, tiers, measures of mobility, and on request the households that moved.

    ``request.rounds`` names the earlier and the later round; an empty name is the round that the files suggest.
    """
    programme = request.programme
    sources = (*before, *(after or ()))
    refuse_unless_filled(sources, request)
    refuse_without_ids(sources, "transitions")
    refuse_unlike_ids(sources)
    by = groups([Survey(before), Survey(after or ())], request.by)

    for certain in (False, True):
        surveys, rounds = two_rounds(before, after, request.rounds, certain=certain)
        placed = [scaled(survey, request) for survey in surveys]
        verdicts, (counts, *listed) = compared(Joining(programme, by, movers), placed, request)
        judged = [(verdict, (label,)) for verdict, label in zip(verdicts, rounds, strict=True)]
        if all(verdict.rounds().issubset(label) for verdict, label in judged):
            break
    judge(judged, request)
    if not request.allow_empty or counts.height:
        _refuse_strangers(counts, rounds)
    tables = _compared(in_order(compare.banded(counts, programme), by), programme, by)
    if movers is not None:
        tables["movers"] = compare.list_movers(listed[0], programme, by)
    notes = [note for verdict, label in judged for note in row_notes(verdict, label)]
    return Report(
        "transitions",
        programme,
        parameters(Survey(sources), request, rounds) | {"from": rounds[0], "to": rounds[1], "movers": movers},
        {side: verdict.accounting(label) for side, (verdict, label) in zip(("before", "after"), judged, strict=True)},
        named(tables),
        (*unit_notes(verdicts, rounds), *reading_notes(sources), *notes),
        rejects(judged),
    )


def _compared(counts: pl.DataFrame, programme: Programme, by: Sequence[str]) -> dict[str, pl.DataFrame]:
    return {
        "matrix": compare.matrix(counts, programme, by),
        "summary": compare.summary(counts, programme, by),
        "tiers": compare.tiers(counts, programme, by),
        "measures": measures.mobility(compare.moves(counts), by),
    }


def _refuse_strangers(counts: pl.DataFrame, rounds: Sequence[str]) -> None:
    if not counts.filter(compare.MATCHED).height:
        raise SurveyRefused.because("nothing_in_common", before=rounds[0], after=rounds[1])
