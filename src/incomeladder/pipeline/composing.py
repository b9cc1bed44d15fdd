"""One document of all that people ask of a survey: its ladder, its places, and what changed since the round before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder import clean
from incomeladder.errors import Reason, UsageRefused
from incomeladder.frames import ID, PLACE_COLUMNS
from incomeladder.intake.rounds import wanted
from incomeladder.intake.survey import Survey
from incomeladder.pipeline.pair import transitions
from incomeladder.pipeline.request import groups, refuse_unless_filled
from incomeladder.pipeline.single import bands, flagged
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source
    from incomeladder.report import Report

_MOST_ROUNDS: Final = 2
_NAMES: Final = {"total_bands": "bands", "total_summary": "summary"}
_ORDER: Final = ("bands", "summary", "places")


def report(sources: tuple[Source, ...], request: Request, *, listed: bool = False) -> Report:
    """The wanted round and the one before it: ladders, places, who moved; and, ``listed``, the households of each tier.

    ``places`` is the ladder's summary by the columns asked for, else by the widest kind of place that tells any apart.
    Households without ids are neither followed nor listed, which a note says.

    Raises UsageRefused for more than two rounds.
    """
    refuse_unless_filled(sources, request)
    sources = Survey(sources).prove().sources
    labels = [Survey((source,)).labels() for source in sources]
    rounds = _rounds(frozenset().union(*labels), request.rounds)
    survey = Survey(sources)
    by = groups([survey], request.by) or _places(survey)
    asked, with_ids = replace(request, rounds=rounds, by=()), all(ID in source.columns for source in sources)
    if len(rounds) == _MOST_ROUNDS and with_ids:
        found = _compared(sources, labels, asked, by)
    else:
        found = bands(sources, replace(asked, by=by), with_totals=True)
    unfollowed = () if with_ids else (Reason("nobody_followed"),)
    whole = _whole(found, by, unfollowed)
    if not (listed and with_ids):
        return whole
    return _with_lists(whole, flagged(sources, replace(asked, rounds=rounds[-1:]), tiers=Tiers.names))


def _rounds(there: frozenset[str], names: Sequence[str]) -> tuple[str, ...]:
    """The named rounds; where only one is named, or none, the round before as well."""
    in_order, named = wanted(there, ["all"]), wanted(there, names)
    if len(named) > _MOST_ROUNDS:
        raise UsageRefused.because("too_many_rounds", rounds=named)
    place = in_order.index(named[-1])
    return named if len(named) == _MOST_ROUNDS else in_order[max(0, place - 1) : place + 1]


def _places(survey: Survey) -> tuple[str, ...]:
    """The widest kind of place that tells any apart."""
    for place in (name for name in PLACE_COLUMNS if name in survey.columns):
        files = [source for source in survey.sources if place in source.columns]
        rows = [clean.tidy(source.prove().rows, [place], care=[place]).select(place) for source in files]
        named = pl.concat(rows).select(pl.col(place).drop_nulls().n_unique())
        if named.collect(engine="streaming").item() > 1:
            return (place,)
    return ()


def _compared(
    sources: tuple[Source, ...], labels: Sequence[frozenset[str]], request: Request, by: tuple[str, ...]
) -> Report:
    """Both rounds in one reading; files of a single round are read for that one alone."""
    if any(len(names) > 1 for names in labels):
        return transitions(sources, None, request, ladders=by)
    of_file = [*zip(sources, labels, strict=True)]
    of_round = ([source for source, names in of_file if label in names] for label in request.rounds)
    before, after = (tuple(replace(source, number=place) for place, source in enumerate(side)) for side in of_round)
    return transitions(before, after, request, ladders=by)


def _whole(found: Report, by: Sequence[str], notes: tuple[Reason, ...]) -> Report:
    """The tables under the names of this report; what ``transitions`` sums up is called ``moves`` here."""
    tables = dict(found.tables)
    if found.name == "transitions":
        tables["moves"] = tables.pop("summary")
    tables |= {name: tables.pop(total) for total, name in _NAMES.items()}
    ordered = {name: tables[name] for name in dict.fromkeys((*_ORDER, *tables)) if name in tables}
    return replace(
        found,
        name="report",
        parameters={**found.parameters, "by": list(by)},
        tables=ordered,
        notes=(*found.notes, *notes),
    )


def _with_lists(whole: Report, listed: Report) -> Report:
    """The report with the households of each tier, and what their reading noted besides."""
    # They are of one round, the report may be of two: which rounds it leaves out is not theirs to say.
    notes = [note for note in listed.notes if note not in whole.notes and note.key != "other_rounds"]
    return replace(whole, tables={**whole.tables, **listed.tables}, notes=(*whole.notes, *notes))
