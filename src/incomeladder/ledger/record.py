"""What is known of a round, in a file beside its households that proves itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from incomeladder.errors import LedgerRefused
from incomeladder.frames import WEIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT: Final = 1
RECORD: Final = "_round.json"
DATA: Final = "households.parquet"
_SEAL: Final = "record_sha256"


@dataclass(frozen=True)
class Origin:
    """A file that a round was read from."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """A round: the digest and size in bytes of its households, where they come from, and how they were counted.

    ``accounting`` is that of the import; ``incomes`` has the number of missing ones, the largest in ten-thousandths of
    a yuan and the geometric mean in yuan of those above 0. ``key`` is the fingerprint of the key that made pseudonyms
    of the ids. ``added`` (UTC) and ``version``, that of the tool, are for people.
    """

    format: int
    name: str
    rows: int
    sha256: str
    size: int
    columns: tuple[str, ...]
    sources: tuple[Origin, ...]
    accounting: Mapping[str, int]
    incomes: Mapping[str, float | None]
    key: str | None
    version: str
    added: str

    @property
    def weighted(self) -> bool:
        """Whether the survey had weights."""
        return WEIGHT in self.columns

    def to_bytes(self) -> bytes:
        """The record and the digest of itself, always the same bytes."""
        told = asdict(self)
        digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
        return (json.dumps(told | {_SEAL: digest}, ensure_ascii=False, indent=1) + "\n").encode()


def read_record(folder: Path, name: str) -> Record:
    """The record of the round ``name`` in its folder.

    Raises LedgerRefused for one that is missing, not what was written, or in a newer format.
    """
    damaged = LedgerRefused.because("round_record_damaged", round=name, file=folder / RECORD)
    try:
        content = (folder / RECORD).read_bytes()
        told = json.loads(content)
        _refuse_newer(told, name)
        del told[_SEAL]
        record = Record(**told | {"columns": tuple(told["columns"]), "sources": _origins(told["sources"])})
        sound = record.to_bytes() == content and record.name == name
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise damaged from error
    if not sound:
        raise damaged
    return record


def _refuse_newer(told: Mapping[str, Any], name: str) -> None:
    written = told["format"]
    if isinstance(written, int) and written > FORMAT:
        facts = {"round": name, "format": written, "known": FORMAT, "version": told.get("version", "?")}
        raise LedgerRefused.because("round_newer", **facts)


def _origins(told: Sequence[Mapping[str, str]]) -> tuple[Origin, ...]:
    return tuple(Origin(**origin) for origin in told)


def sha256_of(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
