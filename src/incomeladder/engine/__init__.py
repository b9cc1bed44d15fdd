"""Engines beside polars, which count where the data lie: DuckDB, and Spark by itself or on a cluster.

They read no cell with care and judge no row: what does not read as it stands is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import narwhals.stable.v2 as nw

from incomeladder.engine import shape
from incomeladder.engine.interrupts import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import polars as pl

    from incomeladder.frames import Lazy
    from incomeladder.read.source import Source

EngineName = Literal["duckdb", "spark"]
LOCAL: Final = "local[*]"
"""Spark without a cluster, on every processor."""


@dataclass(frozen=True)
class Place:
    """Where an engine works: Spark's ``master``, a ``folder`` for what memory does not hold, and so many bytes of it.

    How much memory Spark has is said where Spark is set up.
    """

    master: str = LOCAL
    folder: Path | None = None
    memory: int | None = None


class Library(Protocol):
    """What DuckDB and Spark do each in its own way, with frames of their own."""

    @property
    def name(self) -> str:
        """What it is called."""

    def lines(self, source: Source) -> Any:  # noqa: ANN401
        """The lines of a text, as the column ``shape.LINE``; a blank one may be null."""

    def text(self, source: Source) -> Any:  # noqa: ANN401
        """The cells of a text below its headings, as text."""

    def parquet(self, source: Source) -> Any:  # noqa: ANN401
        """The columns of a parquet file, as they are."""

    def fetched(self, frame: Any) -> pl.DataFrame:  # noqa: ANN401
        """What a frame holds."""

    def plan(self, frame: Any) -> str:  # noqa: ANN401
        """How a frame is worked out."""

    def cancel(self) -> None:
        """Give up what is being counted; from another thread."""

    def refusing(self, files: Sequence[str]) -> AbstractContextManager[None]:
        """Raise SurveyRefused for what the library cannot do with these files."""


@dataclass(frozen=True)
class Engine:
    """A library that runs lazy frames, and the names of what it scans; ``explain`` hears how each is worked out."""

    library: Library
    explain: Callable[[str], None] | None = None
    files: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.library.name

    def scan(self, source: Source) -> Lazy:
        """The table of a source under the frames' names. Raises SurveyRefused for text that is not of sound rows."""
        shape.refuse_unfit(source, self.name)
        self.files.append(source.name)
        with self.library.refusing([source.name]):
            if source.table.kind != "text":
                return shape.renamed(nw.from_native(self.library.parquet(source)), source)
            lines, rows = (nw.from_native(read(source)) for read in (self.library.lines, self.library.text))
            # One after the other: of lines that are no rows Spark makes an error that says nothing.
            (found,) = self.collect([shape.lines_of(lines, source.layout)])
            shape.refuse_unsound(found, source, self.name)
            (read,) = self.collect([shape.number_of(rows)])
            shape.refuse_lost(found, read, source, self.name)
            return shape.renamed(rows, source)

    def collect(self, frames: Sequence[Lazy]) -> list[pl.DataFrame]:
        """The frames as polars would have collected them. Raises SurveyRefused for what the library cannot do."""
        with self.library.refusing(self.files):
            return [self._collected(nw.to_native(frame)) for frame in frames]

    def _collected(self, frame: Any) -> pl.DataFrame:  # noqa: ANN401
        if self.explain is not None:
            self.explain(self.library.plan(frame))
        return shape.whole(self.library.fetched(frame))


@contextmanager
def opened(
    name: EngineName, place: Place | None = None, explain: Callable[[str], None] | None = None
) -> Iterator[Engine]:
    """An engine, until the work is done. Raises UsageRefused if it does not start."""
    with interruptible() as cancels, _opened(name, place or Place()) as library:
        cancels.append(library.cancel)
        yield Engine(library, explain)


def _opened(name: EngineName, place: Place) -> AbstractContextManager[Library]:
    if name == "duckdb":
        from incomeladder.engine import duck  # noqa: PLC0415  (an extra)

        return duck.opened(place.folder, place.memory)
    from incomeladder.engine import spark  # noqa: PLC0415  (an extra)

    return spark.opened(place.master, {} if place.folder is None else {"spark.local.dir": str(place.folder)})
