"""DuckDB, in this process."""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.engine import shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from incomeladder.read.source import Source

NAME: Final = "duckdb"
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Nothing is fetched from anywhere."""
_NO_DELIMITER: Final = "\x01"
_PATTERN: Final = re.compile(r"[*?\[]")


@contextmanager
def opened(folder: Path | None = None, memory: int | None = None) -> Iterator[Duck]:
    """DuckDB with nothing in it; what does not fit into its memory goes to the folder.

    Raises UsageRefused where it is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415  (an extra)

        import_module("pyarrow")  # DuckDB hands its results over through it
    except ImportError as error:
        raise shape.missing(NAME) from error
    said = {"temp_directory": folder and str(folder), "memory_limit": memory and f"{memory}B"}
    config = _CONFIG | {name: value for name, value in said.items() if value}
    with closing(duckdb.connect(config=config)) as connection:
        yield Duck(connection)


@dataclass(frozen=True)
class Duck:
    """A connection."""

    connection: duckdb.DuckDBPyConnection
    name: str = NAME

    @contextmanager
    def refusing(self, files: Sequence[str]) -> Iterator[None]:
        """Raise SurveyRefused for what DuckDB cannot do with these files."""
        import duckdb  # noqa: PLC0415  (an extra)

        try:
            yield
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            raise shape.refused(files, NAME, str(error)) from error

    def cancel(self) -> None:
        """Give up what is being counted."""
        self.connection.interrupt()

    def parquet(self, source: Source) -> duckdb.DuckDBPyRelation:
        """The columns of a parquet file, as they are."""
        return self.connection.read_parquet(_path(source), hive_partitioning=False)

    def lines(self, source: Source) -> duckdb.DuckDBPyRelation:
        """The lines of a file; a blank one is null."""
        return self._read(source, [shape.LINE], delimiter=_NO_DELIMITER, quote="", skip=0)

    def text(self, source: Source) -> duckdb.DuckDBPyRelation:
        """The cells of a text below its headings, as text."""
        layout = source.layout
        places = [f"c{place}" for place in range(len(layout.columns.names))]
        return self._read(source, places, delimiter=layout.delimiter, quote='"', skip=layout.heading_row)

    def fetched(self, frame: duckdb.DuckDBPyRelation) -> pl.DataFrame:
        """What a relation holds."""
        # Not the relation itself, which has the same interface: at exit DuckDB would complain of leaks.
        return pl.DataFrame(frame.to_arrow_table())

    def plan(self, frame: duckdb.DuckDBPyRelation) -> str:
        """How a relation is worked out."""
        return frame.explain()

    def _read(
        self, source: Source, columns: Sequence[str], *, delimiter: str, quote: str, skip: int
    ) -> duckdb.DuckDBPyRelation:
        # How lines end is found out by DuckDB: told of another end, it reads no row and says nothing.
        return self.connection.read_csv(
            _path(source),
            columns=dict.fromkeys(columns, "VARCHAR"),
            header=False,
            skiprows=skip,
            auto_detect=False,
            delimiter=delimiter,
            quotechar=quote,
            escapechar=quote,
            null_padding=False,
            ignore_errors=False,
            strict_mode=True,
            compression="none",
            hive_partitioning=False,
        )


def _path(source: Source) -> str:
    """The path of a file, as a pattern that nothing else fits."""
    return _PATTERN.sub(r"[\g<0>]", str(source.file.path))
