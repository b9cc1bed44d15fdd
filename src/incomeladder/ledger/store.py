"""The ledger as its readers see it: rounds that are whole, or refused."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from glob import has_magic
from typing import TYPE_CHECKING, Final, NoReturn

from incomeladder.errors import LedgerRefused, Reason, SurveyRefused
from incomeladder.ledger.names import LATEST
from incomeladder.ledger.record import DATA, read_record, sha256_of
from incomeladder.natural import natural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from incomeladder.ledger.record import Record

ROUNDS: Final = "rounds"
ARRIVING: Final = "arriving"
LOCK: Final = ".lock"
LOG: Final = "measures.ndjson"
_PREFIX: Final = "round="
_LOOKS: Final = 3
"""So often is a round looked at before it is called damaged: it may come, go or be replaced meanwhile."""


@dataclass(frozen=True)
class Kept:
    """A round of the ledger: its record, its file of households, and what tells whether that is still the same."""

    record: Record
    data: Path
    signature: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The round's name."""
        return self.record.name


def is_kept(path: Path) -> bool:
    """Whether a path is one that a ledger keeps for itself: in ``rounds``, or its log or lock."""
    inside = next((parent for parent in path.parents if parent.name in {ROUNDS, ARRIVING}), path)
    return (inside.parent / LOCK).exists() and (inside != path or path.name in {LOCK, LOG})


def folder_name(name: str) -> str:
    """The folder of a round, named as Hive and Spark name partitions."""
    return f"{_PREFIX}{name}"


@dataclass(frozen=True)
class Ledger:
    """A folder of rounds; one that does not exist holds none."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """The rounds in natural order, damaged ones too.

        Those on their way into ``rounds`` are looked for first: one that moves meanwhile is seen twice, and not never.
        """
        folders = [*self._within(ARRIVING), *self._within(ROUNDS)]
        return natural({path.name.removeprefix(_PREFIX) for path in folders})

    def _within(self, place: str) -> list[Path]:
        try:
            return [path for path in (self.folder / place).iterdir() if path.name.startswith(_PREFIX)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LedgerRefused.because("ledger_unreadable", file=self.folder, detail=error.strerror) from error

    def refuse_absent(self) -> None:
        """Raise LedgerRefused where there is no ledger: of a disk that is not mounted nothing can be said."""
        if not (self.folder / ROUNDS).exists():
            raise LedgerRefused.because("ledger_absent", file=self.folder)

    def place(self, name: str) -> Path:
        """The folder in which a round lies, or would lie."""
        final, arriving = (self.folder / place / folder_name(name) for place in (ROUNDS, ARRIVING))
        return arriving if arriving.exists() and not final.exists() else final

    def listed(self, name: str) -> Kept:
        """A round by its record, without a look at its households.

        Raises LedgerRefused where that is damaged, SurveyRefused where the round is not there, or no more.
        """
        for _ in range(_LOOKS):
            folder = self.place(name)
            try:
                return Kept(read_record(folder, name), folder / DATA)
            except LedgerRefused as refusal:
                damaged = refusal
            if not os.path.lexists(self.place(name)):
                self.refuse_unknown(name)
        raise damaged

    def records(self) -> dict[str, Record]:
        """The records of the rounds, but for those that are damaged."""
        found = {}
        for name in self.names():
            with suppress(LedgerRefused, SurveyRefused):
                found[name] = self.listed(name).record
        return found

    def kept(self, name: str) -> Kept:
        """A round whose households are what was added. Raises LedgerRefused where it is damaged."""
        for _ in range(_LOOKS):
            listed = self.listed(name)
            kept = replace(listed, signature=_signature(listed.data))
            damage = damage_of(kept)
            if damage is None:
                return kept
            damaged = LedgerRefused(damage)
        raise damaged

    def every(self, names: Iterable[str] | None = None) -> tuple[Kept, ...]:
        """The rounds of these names, or all, in natural order; their digests are worked out side by side."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (most commands read no round)

        wanted = self.names() if names is None else natural(names)
        try:
            with ThreadPoolExecutor() as pool:
                return tuple(pool.map(self.kept, wanted))
        except SurveyRefused:
            if names is None and self.names() != wanted:  # one of them was removed meanwhile
                return self.every()
            raise

    def one(self, text: str, among: Sequence[str] | None = None) -> str:
        """The name of the round that ``text`` names, also as ``@NAME``, or the latest; among these names, if any.

        Raises SurveyRefused where there is none.
        """
        there, name = self.names() if among is None else among, text.removeprefix("@")
        if name == LATEST and there:
            return there[-1]
        return name if name in there else self.refuse_unknown(name)

    def asked(self, text: str) -> tuple[Kept, ...]:
        """The rounds that ``@text`` names: one, the latest, or those that a pattern matches.

        Raises SurveyRefused where there are none.
        """
        there = self.names()
        if text == LATEST:
            found = there[-1:]
        elif has_magic(text):
            found = tuple(name for name in there if fnmatchcase(name, text))
        else:
            found = (text,) if text in there else ()
        return self.every(found) if found else self.refuse_unknown(text)

    def refuse_unknown(self, text: str) -> NoReturn:
        """Raise SurveyRefused for a round that is not there."""
        there = self.names()
        key = "unknown_kept_round" if there else "ledger_empty"
        raise SurveyRefused.because(key, round=text, rounds=there, file=self.folder)


@contextmanager
def steady(rounds: Sequence[Kept]) -> Iterator[None]:
    """Raise SurveyRefused for rounds that were removed or replaced while they were read, whatever came of that."""
    try:
        yield
    except Exception:
        _refuse_changed(rounds)
        raise
    _refuse_changed(rounds)


def _refuse_changed(rounds: Sequence[Kept]) -> None:
    changed = [kept.name for kept in rounds if _signature(kept.data) != kept.signature]
    if changed:
        raise SurveyRefused(*(Reason("file_changed", {"file": f"@{name}"}) for name in changed))


def _signature(path: Path) -> tuple[int, ...]:
    """What changes when a file is replaced; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino


def damage_of(kept: Kept) -> Reason | None:
    """Why the households are not those that were added; None where they are."""
    if damage := size_damage(kept):
        return damage
    facts: dict[str, object] = {"round": kept.name, "file": kept.data}
    try:
        return None if sha256_of(kept.data) == kept.record.sha256 else Reason("round_data_altered", facts)
    except OSError as error:
        return Reason("round_data_missing", facts | {"detail": error.strerror})


def size_damage(kept: Kept) -> Reason | None:
    """That the file of households is missing, or of another size than what was added; no more is looked at."""
    facts: dict[str, object] = {"round": kept.name, "file": kept.data}
    try:
        size = kept.data.stat().st_size
    except OSError as error:
        return Reason("round_data_missing", facts | {"detail": error.strerror})
    wanted = kept.record.size
    return None if size == wanted else Reason("round_data_cut", facts | {"size": size, "wanted": wanted})
