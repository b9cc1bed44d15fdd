"""How large work is done: where it is put down, in how many parts, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from incomeladder.errors import Reason

MEMORY: Final = 2 * 10**9
"""Bytes that a report keeps within, unless it is told otherwise."""
_AT_ONCE: Final = 1_000_000
"""Households of which nothing is put down: it would take longer than it saves."""
_JOINED: Final = 300
"""Bytes that a household takes while it is joined, with as much to spare for what goes on beside."""
_HASHED: Final = 64
"""The same while it is looked for another of its id."""
_HANDY: Final = 2_000_000
"""Households that are joined the fastest: what there is to look up stays near the processor."""
_HANDIER: Final = 64
"""No more parts than these are made to be faster: all of them are written at once."""
_MOST: Final = 1_000
"""No more parts than these are made at all: so many files a machine has open, and reads."""


def _to_nobody(*_: object) -> None:
    """Nobody wants to hear it."""


@dataclass(frozen=True)
class Workspace:
    """A ``folder`` for what is put down on the way, and the bytes of ``memory`` to keep within.

    ``announce`` hears that something is put down, ``tell`` how many parts are done of how many, and ``explain`` the
    plan of what is collected. Without a folder everything is done in memory, at once.
    """

    folder: Path | None = None
    memory: int = MEMORY
    announce: Callable[[Reason], None] = _to_nobody
    tell: Callable[[int, int], None] = _to_nobody
    explain: Callable[[str], None] | None = None

    def is_handy(self, households: int) -> bool:
        """Whether so many households are so few that nothing is put down."""
        return self.folder is None or (households <= _AT_ONCE and households * _JOINED <= self.memory)

    def parts(self, households: int) -> int:
        """In how many parts so many households are joined; 1 if that is done at once, in memory."""
        if self.is_handy(households):
            return 1
        wanted = max(2, -(-households * _JOINED // self.memory), min(_HANDIER, -(-households // _HANDY)))
        return min(wanted, _MOST)

    def stretches(self, households: int) -> int:
        """In how many parts the ids of so many households are looked at."""
        return min(max(1, -(-households * _HASHED // self.memory), households // _HANDY // 2), _MOST)

    def place(self) -> Path:
        """A new folder."""
        return Path(mkdtemp(dir=self.folder))

    def collect(self, frames: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
        """The frames by polars' streaming engine, with all that they share worked out once."""
        if self.explain is not None:
            self.explain(pl.explain_all(frames))
        return pl.collect_all(frames, engine="streaming")
