"""Surveys into the ledger: read strictly, sorted, proved, and committed all or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from incomeladder.disk import disk_errors
from incomeladder.errors import LedgerRefused, Reason, SurveyRefused
from incomeladder.frames import ID, INCOME, ROUND, SIZE
from incomeladder.intake.notes import reading_notes, round_notes, row_notes, typical_unit_note
from incomeladder.intake.rounds import wanted
from incomeladder.intake.survey import Survey, refuse_without_ids, resolve
from incomeladder.ledger import columns as layout
from incomeladder.ledger.names import refuse_unfit
from incomeladder.ledger.taking import ADDED, outcomes
from incomeladder.ledger.writing import writing
from incomeladder.pipeline.request import Request, judge, parameters, refuse_unless_filled, rejects
from incomeladder.pipeline.staging import IdsRepeatError, Staging
from incomeladder.read.files import is_round_name
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.intake.verdict import Verdict
    from incomeladder.ledger.pseudonyms import Key
    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.read.source import Source


@dataclass(frozen=True)
class Keeping:
    """How rounds are kept: where, with which ``extra`` columns, under pseudonyms if there is a key.

    ``wait`` is how many seconds another writer is waited for.
    """

    ledger: Ledger
    extra: tuple[str, ...] = ()
    key: Key | None = None
    wait: float = 0


def keep(sources: tuple[Source, ...], request: Request, keeping: Keeping) -> Report:
    """Add the rounds of a survey to the ledger: all of them, or none.

    Raises LedgerRefused for names and households that contradict the rounds that are there (``ledger.taking``), and
    where the ledger is in use or cannot be written to.
    """
    refuse_unless_filled(sources, replace(request, allow_empty=False))  # a round without households is none
    refuse_without_ids(sources, "ledger add")
    survey, ledger = Survey(sources), keeping.ledger
    columns = _columns(survey, keeping.extra)
    with writing(ledger, keeping.wait) as writer, writer.staging() as folder, disk_errors():
        staging = Staging(folder, survey, columns, keeping.key)
        verdict, rounds, offered = _taken_in(staging, request, doubt_of_ids=survey.persons)
        found = outcomes(ledger, offered, one_round=not any(source.has_rounds for source in sources))
        writer.commit(folder, [label for label, outcome in found.items() if outcome == ADDED])
        writer.flush()
    return Report(
        "ledger_add",
        request.programme,
        parameters(survey, request, rounds) | {"ledger": str(ledger.folder), "keep": list(keeping.extra)},
        {"": verdict.accounting(rounds)},
        {"rounds": _told(offered, found)},
        (
            *reading_notes(sources),
            *row_notes(verdict, rounds),
            *round_notes(verdict, verdict.rounds(), rounds),
            *_doubts(ledger, sources, offered),
        ),
        rejects([(verdict, rounds)]),
    )


def _taken_in(staging: Staging, request: Request, *, doubt_of_ids: bool) -> tuple[Verdict, tuple[str, ...], list[Kept]]:
    """What was read, the rounds that are wanted of it, and their households.

    Whether ids repeat is seen once they are sorted; only if they do, or problems are to be listed, is everything read
    again and their places looked for, which takes more memory.
    """
    verdict = staging.read(doubt_of_ids=doubt_of_ids)
    rounds = wanted(verdict.rounds(), request.rounds or ("all",))
    if verdict.accounting(rounds).rejected and not doubt_of_ids:
        return _taken_in(staging, request, doubt_of_ids=True)
    judge([(verdict, rounds)], request)
    refuse_unfit(rounds)
    try:
        return verdict, rounds, staging.rounds(verdict, rounds)
    except IdsRepeatError:
        if doubt_of_ids:
            raise
        return _taken_in(staging, request, doubt_of_ids=True)


def _columns(survey: Survey, extra: Sequence[str]) -> list[str]:
    """The canonical columns that there are, an income in any case, and those asked for.

    Raises LedgerRefused where a heading asked for is the name of another column.
    """
    there = survey.columns | {INCOME} | ({SIZE} if survey.persons else set())
    kept = [name for name in layout.KEPT if name in there]
    columns = list(dict.fromkeys([*kept, *(resolve([survey], name) for name in extra)]))
    named = [layout.stored_name(column) for column in columns]
    if taken := {name for name in named if named.count(name) > 1 or name == ROUND}:
        raise LedgerRefused.because("keep_collides", column=min(taken))
    return columns


def _told(offered: Sequence[Kept], found: Mapping[str, str]) -> pl.DataFrame:
    rows = [
        (kept.name, found[kept.name], kept.record.rows, kept.record.incomes["missing"], ", ".join(kept.record.columns))
        for kept in offered
    ]
    numbers = dict.fromkeys(("households", "missing_income"), pl.Int64)
    schema = dict.fromkeys(("survey_round", "outcome"), pl.String) | numbers | {"columns": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _doubts(ledger: Ledger, sources: Sequence[Source], offered: Sequence[Kept]) -> Iterator[Reason]:
    """What makes one doubt that a round is what it is called, or that its ids and amounts are like the others'."""
    named = {source.label for source in sources if source.is_named_by_file}
    yield from (Reason("round_named_by_file", {"round": name}) for name in sorted(named) if not is_round_name(name))
    ours = {kept.name for kept in offered}
    for before, after in pairwise(ledger.records().values()):
        if after.name in ours:
            yield from typical_unit_note(
                (before.name, before.incomes["typical"]), (after.name, after.incomes["typical"])
            )
            if after.key == before.key and _are_strangers(ledger, before.name, after.name):
                yield Reason("nothing_in_common_kept", {"round": after.name, "other": before.name})


def _are_strangers(ledger: Ledger, *names: str) -> bool:
    """Whether two rounds are known to share no household; of one that is damaged nothing is known."""
    try:
        was, is_now = (layout.households(kept.data, (ID,)) for kept in ledger.every(names))
    except (LedgerRefused, SurveyRefused):
        return False
    # Not a semi-join, which would not merge the two but hold the ids of one of them.
    return was.join(is_now, on=ID).head(1).collect(engine="streaming").is_empty()
