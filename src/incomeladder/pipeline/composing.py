"""One document of all that people ask of a survey: its ladder, its places, and what changed since the round before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incomeladder.errors import Reason, UsageRefused
from incomeladder.frames import ID, PLACE_COLUMNS, ROUND
from incomeladder.intake.rounds import wanted
from incomeladder.intake.survey import Survey
from incomeladder.pipeline.pair import transitions
from incomeladder.pipeline.single import bands, flagged
from incomeladder.programme import Tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source
    from incomeladder.report import Report

_MOST_ROUNDS: Final = 2


def report(sources: tuple[Source, ...], request: Request, *, listed: bool = False) -> Report:
    """The wanted round and the one before it: ladders, places, who moved; and, ``listed``, the households of each tier.

    ``places`` is the ladder's summary by the column asked for, else by the widest kind of place that tells any apart.
    Raises UsageRefused for more than two rounds.
    """
    rounds = _rounds(Survey(sources), request)
    of_rounds = replace(request, rounds=rounds)
    parts = [_ladders(sources, of_rounds)]
    notes: tuple[Reason, ...] = ()
    if len(rounds) == _MOST_ROUNDS and all(ID in source.columns for source in sources):
        parts.insert(0, _moves(sources, replace(of_rounds, by=())))
    elif len(rounds) == _MOST_ROUNDS:
        notes = (Reason("nobody_followed", {}),)
    if listed:
        parts.append(flagged(sources, replace(request, rounds=rounds[-1:], by=()), tiers=Tiers.names))
    return _composed(parts, notes)


def _rounds(survey: Survey, request: Request) -> tuple[str, ...]:
    """The named rounds; the round before as well where one is named, or none."""
    there = wanted(survey.labels(), ["all"])
    named = wanted(there, request.rounds)
    if len(named) > _MOST_ROUNDS:
        raise UsageRefused.because("too_many_rounds", rounds=named)
    place = there.index(named[-1]) if named else 0
    return named if len(named) == _MOST_ROUNDS else there[max(0, place - 1) : place + 1]


def _ladders(sources: tuple[Source, ...], request: Request) -> Report:
    """The ladder, and its summary by place: the first kind of place by which there are several."""
    columns = Survey(sources).columns
    choices = [request.by] if request.by else [(place,) for place in PLACE_COLUMNS if place in columns]
    for by in choices:
        found = bands(sources, replace(request, by=by), totals=True)
        places = found.tables["summary"]
        if request.by or places.drop(ROUND).select(by).n_unique() > 1:
            tables = {"bands": found.tables["total_bands"], "summary": found.tables["total_summary"], "places": places}
            return replace(found, tables=tables)
    return bands(sources, replace(request, by=()))


def _moves(sources: tuple[Source, ...], request: Request) -> Report:
    """Two rounds compared; its summary is called ``moves`` beside that of the ladders."""
    found = transitions(sources, None, request)
    tables = {("moves" if name == "summary" else name): table for name, table in found.tables.items()}
    return replace(found, tables=tables)


def _composed(parts: Sequence[Report], notes: tuple[Reason, ...]) -> Report:
    """The parts as one report; the accounting is that of the first, which has read the rows of all rounds."""
    first, ladders = parts[0], next(part for part in parts if "bands" in part.tables)
    tables = {name: table for part in (ladders, *parts) for name, table in part.tables.items()}
    parameters = {name: value for part in parts for name, value in part.parameters.items()}
    told: list[Reason] = []
    told.extend(note for part in parts for note in part.notes if note not in told)
    asked = {name: ladders.parameters[name] for name in ("rounds", "by")}
    return replace(first, name="report", parameters=parameters | asked, tables=tables, notes=(*told, *notes))
