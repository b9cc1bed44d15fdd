"""Families followed through the rounds of the ledger: their histories, who needs a visit, what measures came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.classify import classify
from incomeladder.errors import Reason, SurveyRefused, UsageRefused
from incomeladder.flag import tiered
from incomeladder.frames import BAND, ID, INCOME
from incomeladder.history import history
from incomeladder.ladder import band_name, yuan
from incomeladder.ledger import columns
from incomeladder.ledger.log import notes
from incomeladder.panel import SHOWN
from incomeladder.pipeline.tables import named, with_measures
from incomeladder.programme import Tiers
from incomeladder.report import Report
from incomeladder.taken import taken
from incomeladder.watch import LAST_SEEN, PREVIOUS, news, watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.panel import Rounds
    from incomeladder.programme import Programme


def of_ledger(kept: Sequence[Kept]) -> Rounds:
    """Rounds of the ledger as frames."""
    return [(each.name, columns.households(each.data, each.record.columns)) for each in kept]


def followed(ledger: Ledger, kept: Sequence[Kept], ids: Sequence[str], programme: Programme) -> Report:
    """What every round knew of these households, and the measures taken for them.

    Raises SurveyRefused where no round holds one of them.
    """
    found = history(of_ledger(kept), ids, programme).collect(engine="streaming")
    known = set(found[ID])
    refuse_unknown([place for place, each in enumerate(ids, 1) if each not in known])
    money = [yuan(pl.col(column)).alias(column) for column in (INCOME, "change", "target", "shortfall")]
    band = pl.when("seen").then(band_name(programme.ladder)).alias(BAND)
    log = notes(ledger).filter(pl.col(ID).is_in(list(ids)))
    tables = {"history": found.with_columns(*money, band), "measures": log}
    return Report("ledger_history", programme, {"ledger": str(ledger.folder)}, {}, named(tables))


def refuse_unknown(places: Sequence[int]) -> None:
    """Raise SurveyRefused for households that are nowhere, named by their places only: ids belong in no log."""
    if places:
        raise SurveyRefused.because("household_unknown", places=places)


_WATCHED: Final = (
    *(ID, *SHOWN, LAST_SEEN, PREVIOUS, INCOME, "change"),
    *(BAND, "tier", "target", "shortfall", "reasons", "new_reasons", "measures"),
)


def watched(
    ledger: Ledger, kept: Sequence[Kept], programme: Programme, *, since: int | None, by: Sequence[str] = ()
) -> Report:
    """Who needs a visit as of the last of the rounds; with ``since``, what the list of the first so many did not have.

    Raises UsageRefused for groups of a column that the list does not have.
    """
    if unknown := [name for name in by if name not in SHOWN]:
        raise UsageRefused.because("unknown_column", column=unknown[0], nearest=SHOWN[0], known=SHOWN)
    rounds = of_ledger(kept)
    listed = watch(rounds, programme)
    if since is not None:
        earlier = watch(rounds[:since], programme) if since else listed.clear()
        listed = news(listed, earlier)
    placed = nw.to_native(tiered(classify(nw.from_native(listed), programme), programme, Tiers.names))
    seen = pl.col(LAST_SEEN) == kept[-1].name
    told = with_measures(_told(placed.collect(engine="streaming"), programme, seen), notes(ledger))
    table = told.select(name for name in _WATCHED if name in told.columns)
    parameters = {
        "ledger": str(ledger.folder),
        "round": kept[-1].name,
        "since": kept[since - 1].name if since else None,
        "new": since is not None,
        "by": list(by),
    }
    grouped = table.sort(by, maintain_order=True, nulls_last=True) if by else table
    return Report("ledger_watch", programme, parameters, {}, named({"watch": grouped}))


def _told(found: pl.DataFrame, programme: Programme, seen: pl.Expr) -> pl.DataFrame:
    money = [yuan(pl.col(column)).alias(column) for column in (PREVIOUS, INCOME, "target", "shortfall")]
    reasons = [pl.col(name).list.join(", ") for name in ("reasons", "new_reasons") if name in found.columns]
    change = yuan(pl.col(INCOME) - pl.col(PREVIOUS)).alias("change")
    # Who is not seen has no band, not even that of a missing income.
    band = pl.when(seen).then(band_name(programme.ladder)).alias(BAND)
    return found.with_columns(change, band, *reasons).with_columns(*money)


def measured(ledger: Ledger, kept: Sequence[Kept], programme: Programme) -> Report:
    """For each kind of measure the families that had it, and what became of them by the next round."""
    table = taken(notes(ledger).lazy(), of_ledger(kept), programme).collect(engine="streaming")
    parameters = {"ledger": str(ledger.folder), "rounds": [each.name for each in kept]}
    return Report("ledger_measures", programme, parameters, {}, {"taken": table}, (Reason("not_a_proof"),))


def is_known(kept: Sequence[Kept], household_id: str) -> bool:
    """Whether any of the rounds holds a household."""
    frames = [frame.filter(pl.col(ID) == household_id).select(ID) for _, frame in of_ledger(kept)]
    return bool(frames) and pl.concat(frames).collect(engine="streaming").height > 0
