"""Whether an id may stand twice in a round: told by hashes of ids and rounds, of which there are as many as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID, ROUND

if TYPE_CHECKING:
    from pathlib import Path

    from incomeladder.intake.workspace import Workspace

_HASH: Final = "hash"
_PART: Final = "part"


@dataclass(frozen=True)
class Hashes:
    """The ``frame`` to be collected: of hashes, or, where they are too many, of nothing, while they go to ``folder``.

    There they lie in parts, equal ones in the same.
    """

    frame: pl.LazyFrame
    folder: Path | None = None

    def may_repeat(self, collected: pl.DataFrame) -> bool:
        """Whether there are fewer hashes than rows; what repeats, if anything, ``validate.repeated`` finds out."""
        if self.folder is None:
            return _repeats(collected)
        parts = ([*part.glob("*.ipc")] for part in self.folder.iterdir())
        scanned = (pl.scan_ipc(files, glob=False, hive_partitioning=False) for files in parts)
        return any(_repeats(part.collect(engine="streaming")) for part in scanned)


def hashes(rows: pl.LazyFrame, estimated: int, workspace: Workspace) -> Hashes:
    """The hashes of a survey of about so many rows."""
    found = rows.select((pl.col(ID).hash(1) ^ pl.col(ROUND).hash(2)).alias(_HASH))
    if workspace.is_handy(estimated):
        return Hashes(found)
    # Put down even where memory would hold them: polars holds more than them while it waits for what goes on beside.
    folder, part = workspace.place(), (pl.col(_HASH) % workspace.stretches(estimated)).cast(pl.UInt32).alias(_PART)
    split = pl.PartitionBy(folder, key=_PART, include_key=False)
    sink = found.with_columns(part).sink_ipc(split, compression="uncompressed", mkdir=True, lazy=True)
    return Hashes(sink, folder)


def _repeats(found: pl.DataFrame) -> bool:
    return found.to_series().sort().n_unique() < found.height
