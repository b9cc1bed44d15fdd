"""Reports that compare two rounds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder import compare, measures
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import ROUND, WEIGHT
from incomeladder.intake.notes import reading_notes, row_notes, unit_notes
from incomeladder.intake.rounds import two_rounds
from incomeladder.intake.survey import Survey, refuse_unlike_ids, refuse_without_ids
from incomeladder.pipeline.design import CENSUS, Design
from incomeladder.pipeline.joining import Joining, compared
from incomeladder.pipeline.ladders import placed, totals
from incomeladder.pipeline.publishing import published, published_ladders, published_moves
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
    from collections.abc import Mapping, Sequence

    from incomeladder.compare import Movers
    from incomeladder.programme import Programme
    from incomeladder.read.source import Source


_MOST_EXPLAINED: Final = 5_000_000
"""Households of both rounds up to which their incomes are kept, to say why the share below the floor changed."""


def transitions(  # noqa: PLR0913  (what may be left out is by keyword alone)
    before: tuple[Source, ...],
    after: tuple[Source, ...] | None,
    request: Request,
    *,
    design: Design = CENSUS,
    movers: Movers | None = None,
    ladders: tuple[str, ...] | None = None,
) -> Report:
    """Two rounds: matrix, scorecard, tiers, measures of mobility, and on request the households that moved.

    ``request.rounds`` names the earlier and the later round; an empty name is the round that the files suggest. Of a
    sample it is told how sure shares are; of all but very large rounds, why the share below the floor changed. With
    ``ladders`` those of both rounds stand beside, and their summary by these columns.
    """
    programme = request.programme
    sources = (*before, *(after or ()))
    refuse_unless_filled(sources, request)
    refuse_without_ids(sources, "transitions")
    refuse_unlike_ids(sources)
    by = groups([Survey(before), Survey(after or ())], request.by)
    design = design.resolved(Survey(before))
    is_sample = WEIGHT in Survey(before).columns or design.is_named
    is_explained = Survey(sources).estimated_rows() <= _MOST_EXPLAINED
    joining = Joining(programme, by, movers, design.columns if is_sample else None, is_explained, ladders)

    for certain in (False, True):
        surveys, rounds = two_rounds(before, after, request.rounds, certain=certain)
        verdicts, told = compared(joining, [scaled(survey, request) for survey in surveys], request)
        judged = [(verdict, (label,)) for verdict, label in zip(verdicts, rounds, strict=True)]
        if all(verdict.rounds().issubset(label) for verdict, label in judged):
            break
    judge(judged, request)
    counts = compare.counted(told["alike"], by) if is_sample else told["counts"]
    if not request.allow_empty or counts.height:
        _refuse_strangers(counts, rounds)
    make = partial(_compared, programme=programme)
    counts = in_order(counts, by)
    tables = make(counts, by)
    hides: frozenset[str] = frozenset()
    if request.publish:
        tables, hides = published_moves(counts, make, by, rounds, programme)
    if movers is not None:
        tables["movers"] = compare.list_movers(told["movers"], programme, by)
    if ladders is not None:
        of_rounds = zip(rounds, (told["ladder_before"], told["ladder_after"]), strict=True)
        sides = [counts.with_columns(pl.lit(label).alias(ROUND)) for label, counts in of_rounds]
        beside = totals(placed(pl.concat(sides), programme, rounds, ladders), programme, rounds, ladders)
        if request.publish:
            beside, _ = published_ladders(beside, pl.concat(sides), programme, ladders)
        tables |= beside
    assured = _assured(told, rounds, programme, by, design)
    unexplained = () if is_explained else (Reason("unexplained", {"most": _MOST_EXPLAINED}),)
    notes = [note for verdict, label in judged for note in row_notes(verdict, label)]
    report = Report(
        "transitions",
        programme,
        parameters(Survey(sources), request, rounds)
        | {"from": rounds[0], "to": rounds[1], "movers": movers, "census": not is_sample, **design.said},
        {side: verdict.accounting(label) for side, (verdict, label) in zip(("before", "after"), judged, strict=True)},
        named(tables | assured, keeping=assured),
        (*unit_notes(verdicts, rounds), *reading_notes(sources), *notes, *unexplained),
        rejects(judged),
    )
    return published(report, hides) if request.publish else report


def _compared(counts: pl.DataFrame, by: Sequence[str], programme: Programme) -> dict[str, pl.DataFrame]:
    """The tables of ``compare.count``'s counts."""
    banded = compare.banded(counts, programme)
    return {
        "matrix": compare.matrix(banded, programme, by),
        "summary": compare.summary(banded, programme, by),
        "tiers": compare.tiers(banded, programme, by),
        "measures": measures.mobility(compare.moves(banded), by),
    }


def _assured(
    told: Mapping[str, pl.DataFrame], rounds: tuple[str, str], programme: Programme, by: Sequence[str], design: Design
) -> dict[str, pl.DataFrame]:
    """How sure shares are, of a sample; and why the share below the floor changed, where incomes were kept."""
    from incomeladder.pipeline import explaining  # noqa: PLC0415  (while files are read, not before)

    found = {}
    if "before" in told:
        sides = dict(zip(rounds, (told["before"], told["after"]), strict=True))
        found["decomposition"] = explaining.why(sides, programme, by)
    if "alike" in told:
        found["precision"] = explaining.precision(told["alike"], rounds[0], programme, by, design)
    return found


def _refuse_strangers(counts: pl.DataFrame, rounds: Sequence[str]) -> None:
    if not counts.filter(compare.MATCHED).height:
        raise SurveyRefused.because("nothing_in_common", before=rounds[0], after=rounds[1])
