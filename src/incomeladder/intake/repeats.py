"""Whether an id may stand twice in a round: told by hashes of ids and rounds, of which there are as many as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.frames import ID, ROUND
from incomeladder.intake import split

if TYPE_CHECKING:
    from pathlib import Path

    from incomeladder.intake.workspace import Workspace

_HASH: Final = "hash"


@dataclass(frozen=True)
class Hashes:
    """The ``frame`` to be collected: of hashes, or, where they are too many, of nothing, while they go to ``folder``.

    There they lie in so many ``parts``, equal ones in the same.
    """

    frame: pl.LazyFrame
    folder: Path | None = None
    parts: int = 1

    def may_repeat(self, collected: pl.DataFrame) -> bool:
        """Whether there are fewer hashes than rows; what repeats, if anything, ``validate.repeated`` finds out."""
        if self.folder is None:
            return _repeats(collected)
        scanned = (split.scan(self.folder, number) for number in range(self.parts))
        return any(_repeats(part.collect(engine="streaming")) for part in scanned if part is not None)


def hashes(rows: pl.LazyFrame, estimated: int, workspace: Workspace) -> Hashes:
    """The hashes of a survey of about so many rows."""
    found = rows.select((pl.col(ID).hash(1) ^ pl.col(ROUND).hash(2)).alias(_HASH))
    if workspace.is_handy(estimated):
        return Hashes(found)
    # Put down even where memory would hold them: polars holds more than them while it waits for what goes on beside.
    folder, parts = workspace.place(), workspace.stretches(estimated)
    return Hashes(split.sink(found, pl.col(_HASH) % parts, folder), folder, parts)


def _repeats(found: pl.DataFrame) -> bool:
    return found.to_series().sort().n_unique() < found.height
