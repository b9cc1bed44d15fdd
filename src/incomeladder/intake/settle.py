"""Checking surveys and answering a query on their households, in one collection.

It is repeated, with care for the columns that want it, only where the straight road left cells over; and once more with
the copies of repeated ids marked, where there are any.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from incomeladder.intake import plain
from incomeladder.intake.reading import Reading
from incomeladder.intake.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from incomeladder.intake.survey import Survey
    from incomeladder.intake.workspace import Workspace

    Query: TypeAlias = Callable[[list[pl.LazyFrame]], list[pl.LazyFrame]]


class _Told(NamedTuple):
    """What one reading of the surveys told: their rows, the answers, and the readings that these ask for."""

    rows: list[pl.DataFrame]
    answers: list[pl.DataFrame]
    better: list[Reading]


def settle(
    surveys: Sequence[Survey],
    query: Query,
    workspace: Workspace,
    first: Callable[[Survey], Reading] = Reading.first,
    lay: Callable[[Reading], pl.LazyFrame] = Reading.rows,
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """Check the surveys and answer the query on their households.

    The query's answers leave rejected rows out; whether that may be is for the caller to decide by the verdicts.
    ``first`` makes the reading to begin with; ``lay`` has the rows of a reading, and may put them down before.
    """
    readings = [*map(first, surveys)]
    while True:
        try:
            told = _told([(reading, lay(reading)) for reading in readings], query, workspace)
        except (pl.exceptions.PolarsError, OSError) as error:
            readings = _proved(readings, error)
            continue
        if all(new is old for new, old in zip(told.better, readings, strict=True)):
            break
        readings = told.better
    for survey in surveys:
        survey.refuse_changed()
    return [Verdict(reading, rows) for reading, rows in zip(readings, told.rows, strict=True)], told.answers


def _told(laid: Sequence[tuple[Reading, pl.LazyFrame]], query: Query, workspace: Workspace) -> _Told:
    findings = [reading.findings(rows, workspace) for reading, rows in laid]
    asked = query([reading.households(rows) for reading, rows in laid])
    frames = [frame for finding in findings for frame in finding.frames]
    told = iter(workspace.collect([*frames, *asked]))
    found, answers = [list(islice(told, len(finding.frames))) for finding in findings], list(told)
    better = [
        reading.again(finding, collected)
        for (reading, _), finding, collected in zip(laid, findings, found, strict=True)
    ]
    if plain.has_odd_words(answers):
        better = [reading.judge() for reading in better]
    return _Told([rows for rows, *_ in found], answers, better)


def _proved(readings: Sequence[Reading], error: Exception) -> list[Reading]:
    """The readings with rows of known shape, for polars gave up; raises what happened if that cannot be why."""
    # Whatever comes of a file that was written to, replaced or taken away: that is what is wrong.
    for reading in readings:
        reading.survey.refuse_changed()
    # A row so long that polars gives up, by another name if it is the first: the proof finds its line.
    too_long = isinstance(error, (pl.exceptions.ComputeError, pl.exceptions.SchemaError))
    if not too_long or all(reading.survey.proved for reading in readings):
        raise error
    return [reading.prove() for reading in readings]
