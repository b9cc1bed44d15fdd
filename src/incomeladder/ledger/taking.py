"""What becomes of a round that is to be added: it is new, it is there already, or it contradicts what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from incomeladder.errors import LedgerRefused, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.ledger.record import Record
    from incomeladder.ledger.store import Kept, Ledger

Outcome = Literal["added", "already_there"]
ADDED: Final = "added"
ALREADY_THERE: Final = "already_there"


def outcomes(ledger: Ledger, offered: Sequence[Kept], *, one_round: bool) -> dict[str, Outcome]:
    """What becomes of each round; ``one_round`` says that the files name no rounds, and so are one by their nature.

    Raises LedgerRefused, with every reason at once, for a name that other households have, households that have another
    name, and ids that are other pseudonyms than those in the ledger; and for a round of the same name that is damaged.
    """
    names, ours = ledger.names(), {kept.name for kept in offered}
    others = [record for name, record in ledger.records().items() if name not in ours]
    reasons = list(_other_keys(offered[0].record, others)) if offered else []
    found: dict[str, Outcome] = {}
    for kept in offered:
        if kept.name not in names:
            found[kept.name] = ADDED
            reasons += _elsewhere(kept.record, others, one_round=one_round)
        elif difference := _difference(kept, ledger.kept(kept.name)):
            reasons.append(difference)
        else:
            found[kept.name] = ALREADY_THERE
    if reasons:
        raise LedgerRefused(*reasons)
    return found


def _other_keys(record: Record, others: Sequence[Record]) -> Iterator[Reason]:
    for other in others:
        if other.key != record.key:
            yield Reason("keys_differ", {"round": record.name, "other": other.name})
            return


def _elsewhere(record: Record, others: Sequence[Record], *, one_round: bool) -> Iterator[Reason]:
    """The same households, or a file that is one round, under another name."""
    origins = {origin.sha256 for origin in record.sources}
    for other in others:
        same_file = one_round and origins == {origin.sha256 for origin in other.sources}
        if record.sha256 == other.sha256 or same_file:
            yield Reason("round_under_other_name", {"round": record.name, "other": other.name})


def _difference(offered: Kept, there: Kept) -> Reason | None:
    """What sets two rounds of a name apart; nothing, also where another version of polars has packed one of them."""
    new, old = offered.record, there.record
    if new.key != old.key:
        return Reason("keys_differ", {"round": new.name, "other": old.name})
    if new.columns != old.columns:
        return Reason("round_columns_differ", {"round": new.name, "columns": old.columns})
    same = new.sha256 == old.sha256 or (new.rows == old.rows and _hold_same(offered, there))
    return None if same else Reason("round_differs", {"round": new.name})


def _hold_same(offered: Kept, there: Kept) -> bool:
    import polars as pl  # noqa: PLC0415  (rounds that are packed alike need none)

    from incomeladder.ledger.columns import scanned  # noqa: PLC0415

    new, old = (scanned(kept.data) for kept in (offered, there))
    columns = offered.record.columns
    beside = pl.concat([new, old.rename({name: f"{name}_there" for name in columns})], how="horizontal")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_there")) for name in columns)
    return bool(beside.select(same.all()).collect(engine="streaming").item())
