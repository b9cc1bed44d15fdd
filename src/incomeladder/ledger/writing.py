"""Writing to the ledger: one writer at a time, everything staged beside, flushed, and committed by one rename.

A process that is killed leaves the old rounds or the new ones, and perhaps something staged, which the next writer
throws away; the lock is the system's, which takes it from the dead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incomeladder.errors import LedgerRefused
from incomeladder.ledger.store import ARRIVING, LOCK, ROUNDS, Ledger, folder_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STAGED: Final = ".staged-"


@dataclass(frozen=True)
class Writer:
    """Who holds the lock of a ledger."""

    ledger: Ledger

    @property
    def _rounds(self) -> Path:
        return self.ledger.folder / ROUNDS

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder beside the rounds, of which nothing is left at the end but what was committed."""
        staged = Path(tempfile.mkdtemp(prefix=STAGED, dir=self.ledger.folder))
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def commit(self, staged: Path, names: Sequence[str]) -> None:
        """Make rounds of the folders ``round=NAME`` in ``staged``: all of them at once, or none."""
        for name in names:
            flush(*(staged / folder_name(name)).iterdir(), staged / folder_name(name))
        if len(names) == 1:
            (staged / folder_name(names[0])).rename(self._rounds / folder_name(names[0]))
            with self._committed():
                flush(self._rounds)
        elif names:
            together = staged / ARRIVING
            together.mkdir()
            for name in names:
                (staged / folder_name(name)).rename(together / folder_name(name))
            flush(together)
            together.rename(self.ledger.folder / ARRIVING)
            with self._committed():
                flush(self.ledger.folder)
                self.settle()

    def settle(self) -> None:
        """Put rounds that were committed together where they belong, also those that a killed writer has left."""
        arriving = self.ledger.folder / ARRIVING
        if not arriving.exists():
            return
        for path in arriving.iterdir():
            path.rename(self._rounds / path.name)
        flush(self._rounds)
        arriving.rmdir()
        flush(self.ledger.folder)

    def remove(self, name: str) -> None:
        """Take a round away, by one rename."""
        with self.staging() as staged:
            self.ledger.place(name).rename(staged / folder_name(name))
            with self._committed():
                flush(self._rounds)

    def replace(self, name: str, content: bytes) -> None:
        """Put a file of this content beside the rounds, whole or not at all."""
        with self.staging() as staged:
            (staged / name).write_bytes(content)
            flush(staged / name)
            (staged / name).replace(self.ledger.folder / name)
            with self._committed():
                flush(self.ledger.folder)

    def flush(self) -> None:
        """Make certain that what is there stays there: a writer before may have been stopped just short of it."""
        with self._committed():
            flush(self._rounds, self.ledger.folder)

    @contextmanager
    def _committed(self) -> Iterator[None]:
        """After the rename that commits: what is there is there, whatever the disk says, but perhaps not for long.

        Raises LedgerRefused where the disk does not confirm it.
        """
        try:
            yield
        except OSError as error:
            detail = error.strerror
            raise LedgerRefused.because("ledger_unflushed", file=self.ledger.folder, detail=detail) from error

    def clear(self) -> None:
        """Throw away what anybody has staged."""
        for path in self.ledger.folder.glob(f"{STAGED}*"):
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def writing(ledger: Ledger, wait: float) -> Iterator[Writer]:
    """Hold the ledger's lock, waiting for it up to so many seconds; files get mode 0600 and folders 0700.

    Raises LedgerRefused where another writer holds it, and for whatever the system refuses.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  (slow to import, and only writers need it)

    umask = os.umask(0o077)
    try:
        (ledger.folder / ROUNDS).mkdir(parents=True, exist_ok=True)
        with FileLock(ledger.folder / LOCK, timeout=wait, mode=0o600, fallback_to_soft=False):
            writer = Writer(ledger)
            try:
                writer.clear()
                writer.settle()
                yield writer
            finally:
                writer.clear()
    except Timeout as error:
        raise LedgerRefused.because("ledger_locked", file=ledger.folder, seconds=wait) from error
    except (OSError, NotImplementedError) as error:  # the latter of a file system that knows no locks
        detail = getattr(error, "strerror", None) or error
        raise LedgerRefused.because("ledger_unwritable", file=ledger.folder, detail=detail) from error
    finally:
        os.umask(umask)


def flush(*paths: Path) -> None:
    """Have the disk keep files, or the names in folders."""
    for path in paths:
        if path.is_dir() and os.name == "nt":
            continue  # Windows keeps names by itself, and opens no folders
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
