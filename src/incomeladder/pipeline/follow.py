"""Families followed through the rounds of the ledger: their histories, who needs a visit, what measures came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.classify import classify
from incomeladder.clean import careful
from incomeladder.errors import Reason, SurveyRefused, UsageRefused
from incomeladder.flag import tiered
from incomeladder.frames import BAND, ID, INCOME, ROUND
from incomeladder.history import history
from incomeladder.ladder import band_name, yuan
from incomeladder.ledger import columns
from incomeladder.ledger.log import notes
from incomeladder.ledger.store import steady
from incomeladder.panel import SHOWN
from incomeladder.pipeline.request import refuse_without_prices, refuse_without_sizes
from incomeladder.pipeline.tables import named, with_measures
from incomeladder.programme import Tiers
from incomeladder.report import Report
from incomeladder.size import Scale
from incomeladder.taken import taken
from incomeladder.watch import LAST_SEEN, PREVIOUS, news, watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.ledger.store import Kept, Ledger
    from incomeladder.panel import Rounds
    from incomeladder.programme import Programme


def of_ledger(kept: Sequence[Kept], scale: Scale) -> Rounds:
    """Rounds of the ledger as frames, each household with the income that the ladder takes of it.

    One that a size rule leaves out has none. Raises SurveyRefused for rounds that lack what the rule needs.
    """
    refuse_without_sizes({f"@{each.name}": each.record.columns for each in kept}, scale)
    refuse_without_prices([each.name for each in kept], scale.prices)
    income = pl.when(scale.in_scope()).then(scale.income()).alias(INCOME)
    rounds = ((each.name, columns.households(each.data, each.record.columns)) for each in kept)
    if scale.is_plain:
        return list(rounds)
    labelled = ((name, frame.with_columns(pl.lit(name).alias(ROUND))) for name, frame in rounds)
    return [(name, scale.real(frame).with_columns(income)) for name, frame in labelled]


def followed(ledger: Ledger, kept: Sequence[Kept], ids: Sequence[str], programme: Programme) -> Report:
    """What every round knew of these households, and the measures taken for them.

    Raises SurveyRefused where no round holds one of them.
    """
    with steady(kept):
        found = history(of_ledger(kept, Scale.of(programme)), ids, programme).collect(engine="streaming")
    known = set(found[ID])
    # Ids belong in no log: they are named by their places only.
    if unknown := [place for place, each in enumerate(ids, 1) if each not in known]:
        raise SurveyRefused.because("household_unknown", places=unknown)
    money = [yuan(pl.col(column)).alias(column) for column in (INCOME, "change", "target", "shortfall")]
    band = pl.when("seen").then(band_name(programme.ladder)).alias(BAND)
    log = notes(ledger).filter(pl.col(ID).is_in(list(ids)))
    tables = {"history": found.with_columns(*money, band), "measures": log}
    return Report("ledger_history", programme, {"ledger": str(ledger.folder)}, {}, named(tables))


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
        raise UsageRefused.because("no_group_watched", column=unknown[0], known=SHOWN)
    with steady(kept):
        found = _watched(of_ledger(kept, Scale.of(programme)), programme, since).collect(engine="streaming")
    seen = pl.col(LAST_SEEN) == kept[-1].name
    told = with_measures(_told(found, programme, seen), notes(ledger))
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


def _watched(rounds: Rounds, programme: Programme, since: int | None) -> pl.LazyFrame:
    listed = watch(rounds, programme)
    if since is not None:
        listed = news(listed, watch(rounds[:since], programme) if since else listed.clear())
    placed: pl.LazyFrame = nw.to_native(tiered(classify(nw.from_native(listed), programme), programme, Tiers.names))
    return placed


def _told(found: pl.DataFrame, programme: Programme, seen: pl.Expr) -> pl.DataFrame:
    money = [yuan(pl.col(column)).alias(column) for column in (PREVIOUS, INCOME, "target", "shortfall")]
    reasons = [pl.col(name).list.join(", ") for name in ("reasons", "new_reasons") if name in found.columns]
    change = yuan(pl.col(INCOME) - pl.col(PREVIOUS)).alias("change")
    # Who is not seen has no band, not even that of a missing income.
    band = pl.when(seen).then(band_name(programme.ladder)).alias(BAND)
    return found.with_columns(change, band, *reasons).with_columns(*money)


def measured(ledger: Ledger, kept: Sequence[Kept], programme: Programme) -> Report:
    """For each kind of measure the families that had it, and what became of them by the next round."""
    with steady(kept):
        table = taken(notes(ledger).lazy(), of_ledger(kept, Scale.of(programme)), programme).collect(engine="streaming")
    parameters = {"ledger": str(ledger.folder), "rounds": [each.name for each in kept]}
    return Report("ledger_measures", programme, parameters, {}, {"taken": table}, (Reason("not_a_proof"),))


def refuse_unknown(kept: Sequence[Kept], household_id: str) -> None:
    """Raise SurveyRefused for a household that none of the rounds holds."""
    with steady(kept):
        rounds = (columns.households(each.data, each.record.columns) for each in kept)
        frames = [frame.filter(pl.col(ID) == household_id).select(ID) for frame in rounds]
        if not pl.concat(frames).collect(engine="streaming").height:
            raise SurveyRefused.because("household_unknown", places=[1])


def spelt(household_id: str) -> str:
    """An id as it is read from a survey: without spaces, in plain digits; as it is, if it would not be read."""
    told = pl.select(careful.household_id(careful.compact(pl.lit(household_id)))).item()
    return household_id if told is None else str(told)
