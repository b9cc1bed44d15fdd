"""What every report says of how its files were understood and of what was not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from incomeladder.errors import Reason
from incomeladder.frames import FROM_PARTS, ID, INCOME, LACKS_PART, OUT_OF_SCOPE, PARTS
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incomeladder.intake.verdict import Verdict
    from incomeladder.read.source import Source
    from incomeladder.size import Scale

_MOST_PLACES: Final = 5
_LOWEST: Final = 500
_HIGHEST: Final = 5_000_000
"""Yuan a year between which what families usually have lies in every survey."""
_MAY_BE_SLIP: Final = 8
_SLIP: Final = 50
"""So many times no usual income changes from round to round; a slip of the unit changes it 100 or 10,000 times."""


def reading_notes(sources: Sequence[Source]) -> list[Reason]:
    """How the files were understood, where that is not obvious."""
    notes = [note for source in sources for note in source.table.notes]
    for source in sources:
        parts = [part for part in PARTS if part in source.columns]
        added = INCOME not in source.columns
        absent = [part for part in PARTS if part not in parts]
        told = {
            "read_as": source.table.encoding not in {None, "utf-8"} and {"encoding": source.table.encoding},
            "titles_skipped": bool(source.layout.titles) and {"titles": list(source.layout.titles)},
            "columns_numbered": source.layout.numbering_row is not None and {"row": source.layout.numbering_row},
            "read_in_wan": bool(source.wan.intersection(source.incomes)) and {},
            "unit_kept": source.unit_kept and {},
            "places_kept": bool(source.places_kept) and {"columns": source.places_kept},
            "rows_as_households": ID not in source.columns and {},
            "income_from_parts": added and bool(absent) and {"parts": parts, "absent": absent},
            "income_from_all_parts": added and not absent and {"parts": parts},
        }
        notes += [Reason(key, {"file": source.name, **facts}) for key, facts in told.items() if isinstance(facts, dict)]
    return notes


def row_notes(verdict: Verdict, rounds: Sequence[str]) -> list[Reason]:
    """Rows and incomes that are in no number, or in no share; and incomes that can hardly be in the unit read."""
    told = verdict.accounting(rounds)
    notes = [
        Reason("level_doubtful", {"file": source.name, "income": round(typical)})
        for source, typical in verdict.typical_by_file(rounds)
        if not _LOWEST < typical < _HIGHEST
    ]
    notes += _placed(verdict.reading.survey.scale)
    if told.skipped:
        places = verdict.skipped_places(rounds, _MOST_PLACES)
        notes.append(Reason("rows_skipped", {"rows": told.skipped, "places": places, "rounds": list(rounds)}))
    if told.rejected:
        notes.append(Reason("rows_left_out", {"rows": told.rejected, "rounds": list(rounds)}))
    if told.missing_income:
        notes.append(Reason("incomes_missing", {"households": told.missing_income, "rounds": list(rounds)}))
        old = [source for source in verdict.reading.survey.sources if source.table.kind == "xls"]
        notes += [Reason("xls_errors_are_empty", {"file": source.name}) for source in old]
    if households := verdict.counted(OUT_OF_SCOPE, rounds):
        notes.append(Reason("out_of_scope", {"households": households, "rounds": list(rounds)}))
    for key, mark in (("incomes_filled_in", FROM_PARTS), ("incomes_lacking_parts", LACKS_PART)):
        if households := verdict.counted(mark, rounds):
            notes.append(Reason(key, {"households": households, "rounds": list(rounds)}))
    if disagreeing := verdict.disagreeing(rounds):
        notes.append(Reason("members_disagree", {"persons": disagreeing}))
    return notes


def _placed(scale: Scale | None) -> list[Reason]:
    """By what the ladder takes incomes, where it does not take them as they are."""
    if scale is None:
        return []
    base = [label for label, price in scale.prices.items() if price == 1]
    prices = [Reason("in_prices_of", {"rounds": base or ["1"]})] if scale.prices else []
    return prices if scale.rule == "as-is" else [*prices, Reason(f"placed_{scale.rule}", {"size": scale.reference})]


def round_notes(verdict: Verdict, labels: Iterable[str], rounds: Sequence[str]) -> list[Reason]:
    """The rounds that the files hold besides those of the report, and what is known to be wrong in them."""
    others = [label for label in natural(labels) if label not in rounds]
    notes = [Reason("other_rounds", {"rounds": others, "shown": list(rounds)})] if others else []
    if rejected := verdict.rejected_elsewhere(rounds):
        notes.append(Reason("other_rounds_rejected", {"rows": rejected}))
    return notes


def unit_notes(verdicts: Sequence[Verdict], rounds: Sequence[str]) -> list[Reason]:
    """A warning where the median income changes as only a slip between 元 and 万元 would change it."""
    was, is_now = (verdict.typical_income([label]) for verdict, label in zip(verdicts, rounds, strict=True))
    if not _slipped(was, is_now, _MAY_BE_SLIP):
        return []
    # Only where the incomes as a whole have moved is it worth while to look for their medians.
    was, is_now = (verdict.median_income([label]) for verdict, label in zip(verdicts, rounds, strict=True))
    if was is None or is_now is None or not _slipped(was, is_now, _SLIP):
        return []
    return [Reason("unit_slip", {"before": rounds[0], "after": rounds[1], "was": round(was), "is_now": round(is_now)})]


def typical_unit_note(was: tuple[str, float | None], is_now: tuple[str, float | None]) -> list[Reason]:
    """The same warning where only a typical income of each round is known."""
    if not _slipped(was[1], is_now[1], _SLIP):
        return []
    facts = {"before": was[0], "after": is_now[0], "was": round(was[1] or 0), "is_now": round(is_now[1] or 0)}
    return [Reason("unit_slip_typical", facts)]


def _slipped(was: float | None, is_now: float | None, times: int) -> bool:
    return bool(was and is_now) and not 1 / times < (is_now or 0) / (was or 1) < times
