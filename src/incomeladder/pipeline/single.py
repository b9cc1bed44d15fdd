"""Reports of single rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder import sides, summarise
from incomeladder.disclosure.ladders import listed
from incomeladder.errors import UsageRefused
from incomeladder.flag import by_need, flag
from incomeladder.frames import BAND, ID, INCOME, OWN, PARTS, ROUND, SIZE, WEIGHT
from incomeladder.intake.notes import reading_notes, round_notes, row_notes
from incomeladder.intake.rounds import narrowed, wanted
from incomeladder.intake.survey import Survey, refuse_without_ids, resolve
from incomeladder.ladder import band_name, plain_weight, yuan
from incomeladder.pipeline.answering import answered
from incomeladder.pipeline.ladders import ladder_tables, placed, totals
from incomeladder.pipeline.publishing import published, published_ladders
from incomeladder.pipeline.request import (
    Request,
    classified,
    groups,
    judge,
    native,
    parameters,
    refuse_unless_filled,
    rejects,
    scaled,
)
from incomeladder.pipeline.tables import in_order, named, with_measures
from incomeladder.programme import SIZE_RULES
from incomeladder.report import Report
from incomeladder.size import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.frames import Lazy
    from incomeladder.programme import Programme, TierName
    from incomeladder.read.source import Source


def bands(
    sources: tuple[Source, ...], request: Request, *, compare_size_rules: bool = False, with_totals: bool = False
) -> Report:
    """The ladder of each wanted round, and its headline; on request, which side of the floor each size rule puts.

    ``with_totals`` are the same tables of all groups together, and the groups' summary as ``places``.

    Raises UsageRefused where another engine would have to compare the rules.
    """
    refuse_unless_filled(sources, request)
    survey, programme = scaled(Survey(sources), request), request.programme
    by = groups([survey], request.by)
    scales = _compared(survey, request) if compare_size_rules else []

    def query(households: list[Lazy]) -> list[Lazy]:
        counted = summarise.count(classified(households[0], programme, by), by)
        beside = [nw.from_native(sides.counted(native(households[0]), programme, scales, by))] if scales else []
        return [counted, *beside]

    (verdict,), (counts, *compared) = answered([survey], query, request, by)
    rounds = wanted(verdict.rounds() or survey.labels(), request.rounds)
    judge([(verdict, rounds)], request)
    if request.publish:
        counts = listed(counts, by)
    chosen = placed(counts, programme, rounds, by)
    tables = ladder_tables(chosen, programme, by)
    if with_totals:
        tables |= totals(chosen, programme, rounds, by)
    hides: frozenset[str] = frozenset()
    if request.publish:
        of_rounds = counts.filter(pl.col(ROUND).is_in(list(rounds)))
        tables, hides = published_ladders(tables, of_rounds, programme, by)
    for found in compared:
        of_report = in_order(found.filter(pl.col(ROUND).is_in(list(rounds))), by)
        tables["size_rules"] = sides.table(of_report, scales, by)
    report = Report(
        "bands",
        programme,
        parameters(survey, request, rounds),
        {"": verdict.accounting(rounds)},
        named(tables),
        (*reading_notes(sources), *row_notes(verdict, rounds), *round_notes(verdict, verdict.rounds(), rounds)),
        rejects([(verdict, rounds)]),
    )
    return published(report, hides) if request.publish else report


def _compared(survey: Survey, request: Request) -> list[Scale]:
    """The size rules that the survey tells enough for."""
    if request.engine is not None:
        raise UsageRefused.because("engine_size_rule", engine=request.engine.name, rule="--compare-size-rules")
    columns = {*survey.columns, SIZE} if survey.persons else survey.columns
    return sides.told_by(columns, request.programme, SIZE_RULES)


def flagged(
    sources: tuple[Source, ...],
    request: Request,
    *,
    tiers: Sequence[TierName] = ("floor",),
    extra: Sequence[str] = (),
    log: pl.DataFrame | None = None,
) -> Report:
    """The households of the tiers with their shortfall to the tier's target; and, by a ``log``, the measures taken."""
    refuse_unless_filled(sources, request)
    programme, whole = request.programme, Survey(sources)
    refuse_without_ids(sources, "flag")
    by = groups([whole], request.by)
    shown = tuple(dict.fromkeys((*by, *(resolve([whole], name) for name in extra))))
    own = () if Scale.of(programme).is_plain else (OWN,)
    columns = tuple(dict.fromkeys((ROUND, ID, *_LISTED, INCOME, BAND, "tier", "target", "shortfall", *own, *shown)))

    def query(households: list[Lazy]) -> list[Lazy]:
        frame = classified(households[0], programme, (ID, *_LISTED, *own, *shown))
        return [by_need(flag(frame, programme, tiers), (ROUND, *by), ID).select(*columns)]

    for certain in (False, True):
        survey, labels, rounds = narrowed(sources, request.rounds, certain=certain)
        (verdict,), (found,) = answered([scaled(survey, request)], query, request, shown)
        if verdict.rounds() <= labels:
            break
    judge([(verdict, rounds)], request)
    listed = _listed(found, programme, rounds)
    tables = named({"flagged": listed if log is None else with_measures(listed, log)})
    # Under the headings that a survey's own columns have there.
    headings = [tables["flagged"].columns[listed.columns.index(name)] for name in by]
    return Report(
        "flag",
        programme,
        parameters(survey, request, rounds) | {"by": headings, "tier": list(tiers)},
        {"": verdict.accounting(rounds)},
        tables,
        (*reading_notes(sources), *row_notes(verdict, rounds), *round_notes(verdict, labels, rounds)),
        rejects([(verdict, rounds)]),
    )


_LISTED: Final = ("county", "township", "village", "residence", "key_group", "size")


def _listed(found: pl.DataFrame, programme: Programme, rounds: Sequence[str]) -> pl.DataFrame:
    money = [name for name in found.columns if name in {INCOME, "target", "shortfall", OWN, *PARTS}]
    weights = [plain_weight(pl.col(name)).alias(name) for name in found.columns if name == WEIGHT]
    told = found.with_columns(*(yuan(pl.col(name)).alias(name) for name in money), *weights)
    order = {label: number for number, label in enumerate(rounds)}
    in_rounds = pl.col(ROUND).replace_strict(order, return_dtype=pl.Int32)
    placed = told.with_columns(band_name(programme.ladder).alias(BAND)).sort(in_rounds, maintain_order=True)
    return placed.rename({OWN: "own_income"}) if OWN in placed.columns else placed
