"""Spark, in a process of its own or on a cluster that sees the same files."""

from __future__ import annotations

import io
import logging
import os
import re
import socket
import threading
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.engine import shape
from incomeladder.engine.interrupts import held
from incomeladder.errors import UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from incomeladder.read.source import Source

NAME: Final = "spark"
_SETTINGS: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What exactness wants of any Spark, and a terminal."""
_LOOPBACK: Final = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
_LOGGERS: Final = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""They write to standard error what is also raised."""
_MASTER: Final = re.compile(r"spark://((?:[^:,/]+:[0-9]+,?)+)")
_PATIENCE: Final = 5
"""Seconds in which a master answers."""
_PATTERN: Final = re.compile(r"[\\*?\[\]{}]")


@contextmanager
def opened(master: str, settings: Mapping[str, str] | None = None) -> Iterator[Spark]:
    """A session of Spark, which is stopped at the end; ``settings`` are Spark's own.

    Raises UsageRefused where Spark is not installed, and where it does not start.
    """
    with _unlogged(), _session(master, settings or {}) as session:
        yield Spark(session)


@contextmanager
def _unlogged() -> Iterator[None]:
    """What Spark's connection says of interruptions goes to the root of all loggers, and not to standard error."""
    nowhere = logging.NullHandler()
    logging.getLogger().addHandler(nowhere)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(nowhere)


@contextmanager
def _session(master: str, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    try:
        import_module("pyspark.errors")  # an extra
        import_module("pyarrow")  # Spark hands its results over through it
    except ImportError as error:
        raise shape.missing(NAME) from error
    _refuse_unheard(master)
    with as_file(files("incomeladder.engine") / "log4j2.properties") as configuration:
        own = {"spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={configuration.as_uri()}"}
        local = _LOOPBACK if master.startswith("local") else {}
        session = _started(master, own | _SETTINGS | local | dict(settings))
        try:
            yield session
        finally:
            _end(session)


def _refuse_unheard(master: str) -> None:
    """Raise UsageRefused for a master of Spark's own where nobody listens: Spark would try for a minute."""
    if not (found := _MASTER.fullmatch(master)):
        return
    for address in found[1].split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except OSError as error:
            detail = f"{address}: {error.strerror or error}"
        else:
            return
    raise _not_started(master, detail)


def _not_started(master: str, detail: str) -> UsageRefused:
    return UsageRefused.because(
        "engine_not_started", engine=NAME, master=master, detail=shape.first_line(detail).rstrip(".")
    )


def _started(master: str, settings: Mapping[str, str]) -> SparkSession:
    """A session; an interruption waits for it: before, Java would not hear that nobody waits any longer."""
    from py4j.protocol import Py4JError  # type: ignore[import-untyped] # noqa: PLC0415  (an extra)
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.logger import PySparkLogger  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    for name in _LOGGERS:
        PySparkLogger.getLogger(name).disabled = True
    builder = SparkSession.builder.master(master).appName("incomeladder").config(map=dict(settings))
    try:
        with held(), _muted():
            return builder.getOrCreate()
    except (PySparkException, Py4JError, RuntimeError) as error:
        raise _not_started(master, _told(error)) from error


def _end(session: SparkSession) -> None:
    """Stop a session; from another thread, since this one may have been interrupted in the middle of an answer."""
    ending = threading.Thread(target=session.stop, daemon=True)
    ending.start()
    ending.join()


@contextmanager
def _muted() -> Iterator[None]:
    """Nothing on the outputs of a process that is started meanwhile: Java's virtual machine writes there itself."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            for number, _ in kept:
                os.dup2(nowhere.fileno(), number)
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)


@dataclass(frozen=True)
class Spark:
    """A session."""

    session: SparkSession
    name: str = NAME

    @contextmanager
    def refusing(self, files: Sequence[str]) -> Iterator[None]:
        """Raise SurveyRefused for what Spark cannot do with these files."""
        from py4j.protocol import Py4JError  # noqa: PLC0415  (an extra)
        from pyspark.errors import PySparkException  # noqa: PLC0415

        try:
            yield
        except (PySparkException, Py4JError, pl.exceptions.PolarsError) as error:
            raise shape.refused(files, NAME, _told(error)) from error

    def cancel(self) -> None:
        """Give up what is being counted."""
        self.session.sparkContext.cancelAllJobs()

    def parquet(self, source: Source) -> DataFrame:
        """The columns of a parquet file, as they are."""
        return self.session.read.parquet(_path(source))

    def lines(self, source: Source) -> DataFrame:
        """The lines of a text; a blank one is empty."""
        return self.session.read.text(_path(source), lineSep="\n").withColumnRenamed("value", shape.LINE)

    def text(self, source: Source) -> DataFrame:
        """The cells of a text below its headings, as text."""
        places = range(len(source.layout.columns.names))
        return self.session.read.csv(
            _path(source),
            schema=", ".join(f"c{place} string" for place in places),
            sep=source.layout.delimiter,
            quote='"',
            escape='"',
            header=True,
            mode="FAILFAST",
            encoding="UTF-8",
        )

    def fetched(self, frame: DataFrame) -> pl.DataFrame:
        """What a frame holds."""
        return pl.DataFrame(frame.toArrow())

    def plan(self, frame: DataFrame) -> str:
        """How a frame is worked out; Spark prints it."""
        with redirect_stdout(io.StringIO()) as told:
            frame.explain()
        return told.getvalue()


def _path(source: Source) -> str:
    """The path of a file, as a pattern that nothing else fits."""
    return "file://" + _PATTERN.sub(r"\\\g<0>", str(source.file.path.resolve()))


def _told(error: Exception) -> str:
    """What Java says of an error that it only reports to have met."""
    thrown = getattr(error, "java_exception", None)
    return str(error) if thrown is None else f"{thrown.getMessage()}"
