"""The ledger at a glance: records and sizes; digests are left to ``ledger verify``."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.doctor.check import Check
from incomeladder.errors import LedgerRefused, Reason, Refused, SurveyRefused
from incomeladder.ledger.store import LOCK, LOG, ROUNDS, size_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incomeladder.ledger.store import Ledger

_LOCKS: Final = Path("/proc/locks")


def ledger(named: Callable[[], Ledger]) -> Iterator[Check]:
    """Whether there is a ledger, who may read it, whether its rounds are whole, and whether anybody writes to it.

    Nothing is changed, and the lock is not touched: whoever wants to write at this moment can.
    """
    try:
        there = named()
        if not (there.folder / ROUNDS).exists():
            yield _absent(there)
            return
        names = there.names()
    except (Refused, OSError) as error:
        reason = error.reasons[0] if isinstance(error, Refused) else Reason("doctor_unread", {"detail": error})
        yield Check("ledger", reason, "problem", Reason("doctor_other_ledger"))
        return
    yield Check("ledger", Reason("doctor_ledger", {"file": there.folder, "count": len(names)}))
    yield from _open_to_others(there)
    yield from _closed_to_us(there)
    yield from _damages(there, names)
    yield from _written(there)


def _absent(there: Ledger) -> Check:
    """That there is none; and whether one could be made there, which is tried with a folder that is gone again."""
    above = next(path for path in (there.folder, *there.folder.parents) if path.exists())
    try:
        tempfile.TemporaryDirectory(prefix=".incomeladder-", dir=above).cleanup()
    except OSError as error:
        facts: dict[str, object] = {"file": there.folder, "detail": error.strerror or error}
        return Check("ledger", Reason("doctor_no_room", facts), "problem", Reason("doctor_other_place"))
    return Check("ledger", Reason("doctor_no_ledger", {"file": there.folder}))


def _closed_to_us(there: Ledger) -> Iterator[Check]:
    """That nothing can be added: a ledger to look at may well be so."""
    if not all(os.access(path, os.W_OK) for path in (there.folder, there.folder / ROUNDS)):
        yield Check(
            "ledger", Reason("doctor_read_only", {"file": there.folder}), "warning", Reason("doctor_write_ledger")
        )


def _open_to_others(there: Ledger) -> Iterator[Check]:
    """That others than its owner may read it: there are incomes of households in it."""
    if os.name == "nt":
        return  # rights are kept elsewhere there
    paths = (there.folder, there.folder / ROUNDS, there.folder / LOG)
    if any(path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) for path in paths):
        advice = Reason("doctor_close_ledger", {"file": there.folder})
        yield Check("ledger", Reason("doctor_open_ledger", {"file": there.folder}), "warning", advice)


def _damages(there: Ledger, names: tuple[str, ...]) -> Iterator[Check]:
    for name in names:
        try:
            damage = size_damage(there.listed(name))
        except SurveyRefused:
            continue  # it was removed meanwhile
        except LedgerRefused as refusal:
            damage = refusal.reasons[0]
        if damage:
            yield Check("ledger", damage, "problem", Reason("doctor_verify"))


def _written(there: Ledger) -> Iterator[Check]:
    """That somebody writes to it now; known only where the system lists its locks."""
    try:
        inode = (there.folder / LOCK).stat().st_ino
        held = any(line.split()[-3].endswith(f":{inode}") for line in _LOCKS.read_text("utf-8").splitlines())
    except (OSError, IndexError):
        return
    if held:
        advice = Reason("doctor_wait")
        yield Check("ledger", Reason("doctor_locked", {"file": there.folder}), "warning", advice)
