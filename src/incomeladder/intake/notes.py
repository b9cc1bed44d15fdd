"""What every report says of how its files were understood and of what was not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.errors import Reason
from incomeladder.frames import ID, INCOME, PARTS
from incomeladder.intake.rounds import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incomeladder.intake.settle import Verdict
    from incomeladder.read.survey import Source

_MOST_PLACES: Final = 5


def reading_notes(sources: Sequence[Source]) -> list[Reason]:
    """How the files were understood, where that is not obvious."""
    notes = []
    for source in sources:
        parts = [part for part in PARTS if part in source.columns]
        told = {
            "read_as": source.text.encoding != "utf-8" and {"encoding": source.text.encoding},
            "titles_skipped": bool(source.layout.titles) and {"titles": list(source.layout.titles)},
            "read_in_wan": bool(source.wan & {INCOME, *parts}) and {},
            "rows_as_households": ID not in source.columns and {},
            "income_from_parts": INCOME not in source.columns
            and {"parts": parts, "absent": [part for part in PARTS if part not in parts]},
        }
        notes += [Reason(key, {"file": source.name, **facts}) for key, facts in told.items() if isinstance(facts, dict)]
    return notes


def row_notes(verdict: Verdict, rounds: Sequence[str]) -> list[Reason]:
    """Rows and incomes that are in no number, or in no share."""
    told = verdict.accounting(rounds)
    notes = []
    if told.skipped:
        places = verdict.skipped_places(rounds, _MOST_PLACES)
        notes.append(Reason("rows_skipped", {"rows": told.skipped, "places": places}))
    if told.rejected:
        notes.append(Reason("rows_left_out", {"rows": told.rejected}))
    if told.missing_income:
        notes.append(Reason("incomes_missing", {"households": told.missing_income, "rounds": list(rounds)}))
    return notes


def round_notes(labels: Iterable[str], rounds: Sequence[str]) -> list[Reason]:
    """The rounds that the files hold besides those of the report."""
    others = [label for label in natural(labels) if label not in rounds]
    return [Reason("other_rounds", {"rounds": others, "shown": list(rounds)})] if others else []
