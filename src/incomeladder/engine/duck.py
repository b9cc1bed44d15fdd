"""DuckDB, in this process."""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder.engine import shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from incomeladder.frames import Lazy
    from incomeladder.read.survey import Source

NAME: Final = "duckdb"
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Nothing is fetched from anywhere."""
_NO_DELIMITER: Final = "\x01"
_PATTERN: Final = re.compile(r"[*?\[]")


@contextmanager
def opened() -> Iterator[Duck]:
    """DuckDB with nothing in it. Raises UsageRefused where it is not installed."""
    try:
        import duckdb  # noqa: PLC0415  (an extra)

        import_module("pyarrow")  # DuckDB hands its results over through it
    except ImportError as error:
        raise shape.missing(NAME) from error
    with closing(duckdb.connect(config=_CONFIG)) as connection:
        yield Duck(connection)


@dataclass(frozen=True)
class Duck:
    """A connection, and the names of what it scans."""

    connection: duckdb.DuckDBPyConnection
    files: list[str] = field(default_factory=list)
    name: str = NAME

    def scan(self, source: Source) -> Lazy:
        """The table of a source under the frames' names. Raises SurveyRefused for text that is not of sound rows."""
        shape.refuse_unfit(source, NAME)
        self.files.append(source.name)
        with self._refusing([source.name]):
            if source.table.kind != "text":
                return shape.renamed(nw.from_native(self._parquet(source)), source)
            lines, rows = nw.from_native(self._lines(source)), nw.from_native(self._text(source))
            shape.refuse_unsound(self.collect(shape.counts(lines, rows, source.layout)), source, NAME)
            return shape.renamed(rows, source)

    def collect(self, frames: Sequence[Lazy]) -> list[pl.DataFrame]:
        """The frames as polars would have collected them. Raises SurveyRefused for what DuckDB cannot do."""
        with self._refusing(self.files):
            return [shape.whole(_fetched(nw.to_native(frame))) for frame in frames]

    @contextmanager
    def _refusing(self, files: Sequence[str]) -> Iterator[None]:
        import duckdb  # noqa: PLC0415  (an extra)

        try:
            yield
        except (duckdb.Error, pl.exceptions.PolarsError) as error:
            raise shape.refused(files, NAME, str(error)) from error

    def _parquet(self, source: Source) -> duckdb.DuckDBPyRelation:
        return self.connection.read_parquet(_path(source), hive_partitioning=False)

    def _lines(self, source: Source) -> duckdb.DuckDBPyRelation:
        """The lines of a file; a blank one is null."""
        return self._read(source, [shape.LINE], delimiter=_NO_DELIMITER, quote="", skip=0)

    def _text(self, source: Source) -> duckdb.DuckDBPyRelation:
        layout = source.layout
        places = [f"c{place}" for place in range(len(layout.columns.names))]
        return self._read(source, places, delimiter=layout.delimiter, quote='"', skip=layout.heading_row)

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


def _fetched(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    # Not the relation itself, which has the same interface: at exit DuckDB would complain of leaks.
    return pl.DataFrame(relation.to_arrow_table())


def _path(source: Source) -> str:
    """The path of a file, as a pattern that nothing else fits."""
    return _PATTERN.sub(r"[\g<0>]", str(source.file.path))
