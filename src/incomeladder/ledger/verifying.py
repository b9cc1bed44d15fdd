"""Everything that can be wrong with a round of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incomeladder.errors import LedgerRefused, Reason
from incomeladder.ledger.names import unfit
from incomeladder.ledger.record import DATA, RECORD
from incomeladder.ledger.sorting import prove
from incomeladder.ledger.store import steady

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incomeladder.ledger.store import Kept, Ledger


def faults(ledger: Ledger, name: str) -> list[Reason]:
    """What is wrong with a round, from its record to the order of its households.

    Raises SurveyRefused for one that was removed meanwhile.
    """
    try:
        kept = ledger.kept(name)
    except LedgerRefused as refusal:
        return [*refusal.reasons, *_strangers(ledger, name)]
    with steady([kept]):
        return [*_strangers(ledger, name), *_contradictions(kept)]


def _strangers(ledger: Ledger, name: str) -> Iterator[Reason]:
    """What does not belong to a round: readers of the folder would take it for households."""
    folder = ledger.place(name)
    yield from unfit([name])
    inside = folder.iterdir() if folder.is_dir() else ()
    others = sorted(path.name for path in inside if path.name not in {DATA, RECORD})
    if others:
        yield Reason("round_strangers", {"round": name, "files": others})


def _contradictions(kept: Kept) -> Iterator[Reason]:
    """Households that are what was added and cannot have been added by us."""
    facts = {"round": kept.name, "file": kept.data}
    try:
        proof = prove(kept.data)
    except pl.exceptions.PolarsError:
        yield Reason("round_data_unreadable", facts)
        return
    if not proof.rising:
        yield Reason("round_not_sorted", facts)
    if proof.rows != kept.record.rows:
        yield Reason("round_rows_differ", facts | {"rows": proof.rows, "wanted": kept.record.rows})
    if proof.missing_income != kept.record.incomes["missing"]:
        facts |= {"rows": proof.missing_income, "wanted": kept.record.incomes["missing"]}
        yield Reason("round_missing_differ", facts)
