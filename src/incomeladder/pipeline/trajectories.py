"""The report that follows every household through the rounds of a survey."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder.classify import classify
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.estimation.trajectories.courses import PERSISTENCE_ROUNDS
from incomeladder.estimation.trajectories.lives import Lives
from incomeladder.estimation.trajectories.tables import tables
from incomeladder.frames import ID
from incomeladder.intake.survey import refuse_unlike_ids, refuse_without_ids
from incomeladder.pipeline.gathering import by_of, gathered
from incomeladder.pipeline.request import native
from incomeladder.pipeline.tables import named
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from incomeladder.pipeline.gathering import Gathered
    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source


def trajectories(sources: tuple[Source, ...], request: Request) -> Report:
    """The path of each household through the wanted rounds, and what became of all of them.

    Raises SurveyRefused where there is one round only, and where no household is in two.
    """
    refuse_without_ids(sources, "trajectories")
    refuse_unlike_ids(sources)
    by = by_of(sources, request)
    found = gathered(sources, request, (ID, *by))
    if len(found.rounds) == 1:
        raise SurveyRefused.because("trajectories_one_round", file=sources[0].name, round=found.rounds[0])
    classified = native(classify(nw.from_native(found.households.lazy()), request.programme))
    lives = Lives.of(classified, found.rounds, request.programme, by)
    told = tables(lives, sampled=found.is_weighted)
    _refuse_strangers(told["trajectories"], found.rounds)
    return Report(
        "trajectories",
        request.programme,
        found.parameters | {"census": not found.is_weighted},
        found.accounting,
        named(told, keeping=("hazards",)),  # chances that happen to be 0 or 1 stay what they are
        tuple(_notes(lives, told["summary"], found)),
        found.rejects,
    )


def _refuse_strangers(each: pl.DataFrame, rounds: tuple[str, ...]) -> None:
    if each.height and each["rounds_seen"].max() == 1:
        raise SurveyRefused.because("trajectories_strangers", rounds=list(rounds))


def _notes(lives: Lives, summary: pl.DataFrame, found: Gathered) -> Iterator[Reason]:
    """What was not counted, and what cannot be said of this survey."""
    for number, (one, other) in enumerate(pairwise(found.rounds)):
        if lives.are_strangers((number, number + 1)):
            yield Reason("nothing_in_common_kept", {"round": other, "other": one})
    if crossed := int(summary["crossed_unseen"].sum()):
        yield Reason("crossed_unseen", {"times": crossed})
    if len(found.rounds) < PERSISTENCE_ROUNDS:
        yield Reason("persistence_rounds", {"needed": PERSISTENCE_ROUNDS, "there": len(found.rounds)})
    if not found.is_weighted:
        yield Reason("census", {})
    # Elsewhere a household without an income is in no share; of the paths it has one.
    yield from found.notes("incomes_missing_on_path")
