"""What the ledger holds, and whether it is sound."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.errors import LedgerRefused, Reason, SurveyRefused
from incomeladder.frames import ID, ROUND
from incomeladder.ledger.columns import scanned
from incomeladder.ledger.log import notes
from incomeladder.ledger.verifying import faults
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.programme import Programme

SOUND: Final = "sound"
DAMAGED: Final = "damaged"
_STATE: Final[dict[str, pl.DataType]] = {"survey_round": pl.String(), "state": pl.String()}
_TOLD: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(("households", "missing_income"), pl.Int64()),
    **dict.fromkeys(("weighted", "pseudonymised"), pl.Boolean()),
    **dict.fromkeys(("added", "version", "sources", "columns"), pl.String()),
}


def kept_rounds(ledger: Ledger, programme: Programme) -> Report:
    """The rounds of the ledger, damaged ones too: their records are read, and their digests worked out.

    Raises LedgerRefused where there is no ledger.
    """
    ledger.refuse_absent()
    rows, reasons = [], []
    for name in ledger.names():
        with suppress(SurveyRefused):  # it was removed meanwhile
            kept, damage = _looked_at(ledger, name)
            reasons += damage
            rows.append((name, DAMAGED if damage else SOUND, *(_told(kept) if kept else [None] * len(_TOLD))))
    table = pl.DataFrame(rows, schema=_STATE | _TOLD, orient="row")
    return Report("ledger_rounds", programme, {"ledger": str(ledger.folder)}, {}, {"rounds": table}, tuple(reasons))


def _looked_at(ledger: Ledger, name: str) -> tuple[Kept | None, list[Reason]]:
    try:
        return ledger.kept(name), []
    except LedgerRefused as refusal:
        return None, list(refusal.reasons)


def _told(kept: Kept) -> Sequence[object]:
    record = kept.record
    sources = ", ".join(origin.name for origin in record.sources)
    counts = (record.rows, record.incomes["missing"], record.weighted, record.key is not None)
    return *counts, record.added, record.version, sources, ", ".join(record.columns)


def verified(ledger: Ledger, programme: Programme) -> Report:
    """Every round looked at from its record to the order of its households, and the log of measures.

    Raises LedgerRefused where there is no ledger.
    """
    ledger.refuse_absent()
    rows, reasons = [], []
    for name in ledger.names():
        with suppress(SurveyRefused):
            found = faults(ledger, name)
            reasons += found
            households = None if found else ledger.listed(name).record.rows
            told = ", ".join(reason.key for reason in found) or None
            rows.append((name, DAMAGED if found else SOUND, households, told))
    schema = _STATE | {"households": pl.Int64(), "faults": pl.String()}
    tables = {"rounds": pl.DataFrame(rows, schema=schema, orient="row"), "log": _log(ledger, reasons)}
    return Report("ledger_verify", programme, {"ledger": str(ledger.folder)}, {}, tables, tuple(reasons))


def _log(ledger: Ledger, reasons: list[Reason]) -> pl.DataFrame:
    row: tuple[str, int | None]
    try:
        row = (SOUND, notes(ledger).height)
    except LedgerRefused as refusal:
        reasons += refusal.reasons
        row = (DAMAGED, None)
    return pl.DataFrame([row], schema={"state": pl.String, "notes": pl.Int64}, orient="row")


def exported(kept: Kept) -> pl.LazyFrame:
    """A round's households in yuan, with the round's name."""
    return scanned(kept.data).select(ID, pl.lit(kept.name).alias(ROUND), pl.exclude(ID))
