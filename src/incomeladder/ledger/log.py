"""The log of measures taken (精准施策): one line a note, below a line that proves them all.

The whole file is written anew for each note and put in place by one rename, so a note is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from incomeladder.errors import LedgerRefused
from incomeladder.ledger.store import LOG

if TYPE_CHECKING:
    import polars as pl

    from incomeladder.ledger.store import Ledger
    from incomeladder.ledger.writing import Writer

_FORMAT: Final = 1


@dataclass(frozen=True)
class Note:
    """A measure taken for a household on a day (ISO 8601), after the round ``survey_round``."""

    household_id: str
    measure: str
    survey_round: str
    date: str
    author: str
    text: str


def append(writer: Writer, note: Note) -> bool:
    """Add a note; False where the same note is there already."""
    lines = _lines(writer.ledger)
    told = json.dumps(asdict(note), ensure_ascii=False)
    if told in lines:
        return False
    writer.replace(LOG, _proved([*lines, told]))
    return True


def notes(ledger: Ledger) -> pl.DataFrame:
    """Every note, in the order in which they were made. Raises LedgerRefused for a log that is damaged."""
    import polars as pl  # noqa: PLC0415  (who appends a note needs none)

    lines = _lines(ledger)
    schema = dict.fromkeys(Note.__annotations__, pl.String)
    return pl.read_ndjson("\n".join(lines).encode(), schema=schema) if lines else pl.DataFrame(schema=schema)


def _lines(ledger: Ledger) -> list[str]:
    path = ledger.folder / LOG
    try:
        content = path.read_bytes()
        head, _, body = content.partition(b"\n")
        written = json.loads(head)
        newer = written["format"] > _FORMAT
        lines = body.decode().split("\n")[:-1]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise LedgerRefused.because("log_damaged", file=path) from error
    if newer:
        raise LedgerRefused.because("log_newer", file=path, format=written["format"], known=_FORMAT)
    if _proved(lines) != content:
        raise LedgerRefused.because("log_damaged", file=path)
    return lines


def _proved(lines: list[str]) -> bytes:
    body = "".join(f"{line}\n" for line in lines).encode()
    head = {"format": _FORMAT, "notes": len(lines), "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(head).encode() + b"\n" + body
