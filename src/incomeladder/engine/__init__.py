"""Engines beside polars, which count where the data lie: DuckDB, and Spark by itself or on a cluster.

They read no cell with care and judge no row: what does not read as it stands is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from incomeladder.frames import Lazy
    from incomeladder.read.survey import Source

EngineName = Literal["duckdb", "spark"]
LOCAL: Final = "local[*]"
"""Spark without a cluster, on every processor."""


class Engine(Protocol):
    """What runs lazy frames; its sources are as ``shape.refuse_unfit`` lets them pass."""

    @property
    def name(self) -> str:
        """How users name it."""

    def scan(self, source: Source) -> Lazy:
        """The table of a source under the frames' names. Raises SurveyRefused for text that is not of sound rows."""

    def collect(self, frames: Sequence[Lazy]) -> list[pl.DataFrame]:
        """The frames as polars would have collected them. Raises SurveyRefused for what the engine cannot do."""


@contextmanager
def opened(name: EngineName, master: str = LOCAL) -> Iterator[Engine]:
    """An engine, until the work is done; ``master`` is where Spark runs. Raises UsageRefused where it is missing."""
    if name == "duckdb":
        from incomeladder.engine import duck  # noqa: PLC0415  (an extra)

        with duck.opened() as engine:
            yield engine
    else:
        from incomeladder.engine import spark  # noqa: PLC0415  (an extra)

        with spark.opened(master) as session:
            yield session
