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


@dataclass(frozen=True)
class Hashes:
    """The ``frame`` to be collected: of hashes, or, where they are too many, of nothing, while they go to ``file``."""

    frame: pl.LazyFrame
    file: Path | None = None
    stretches: int = 1

    def may_repeat(self, collected: pl.DataFrame) -> bool:
        """Whether there are fewer hashes than rows; what repeats, if anything, ``validate.repeated`` finds out."""
        if self.file is None:
            return _repeats(collected)
        found = pl.scan_parquet(self.file, glob=False)
        stretches = (found.filter(pl.col(_HASH) % self.stretches == number) for number in range(self.stretches))
        return any(_repeats(stretch.collect(engine="streaming")) for stretch in stretches)


def hashes(rows: pl.LazyFrame, estimated: int, workspace: Workspace) -> Hashes:
    """The hashes of a survey of about so many rows."""
    found = rows.select((pl.col(ID).hash(1) ^ pl.col(ROUND).hash(2)).alias(_HASH))
    if workspace.is_handy(estimated):
        return Hashes(found)
    # Put down even where memory would hold them: polars holds more than them while it waits for what goes on beside.
    file = workspace.place() / "hashes.parquet"
    sink = found.sink_parquet(file, compression="uncompressed", statistics=False, lazy=True)
    return Hashes(sink, file, workspace.stretches(estimated))


def _repeats(found: pl.DataFrame) -> bool:
    return found.to_series().sort().n_unique() < found.height
