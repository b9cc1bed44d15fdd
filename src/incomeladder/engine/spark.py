"""Spark, in a process of its own or on a cluster that sees the same files."""

from __future__ import annotations

import io
import logging
import os
import re
import socket
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from incomeladder.engine import shape
from incomeladder.engine.interrupts import in_another_thread, kept
from incomeladder.errors import UsageRefused
from incomeladder.interruption import held

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
_MASTER: Final = re.compile(
    r"local(?:\[(?:\*|[1-9][0-9]*)(?:,[0-9]+)?\])?|spark://[^,]+:[0-9]+(?:,[^,]+:[0-9]+)*|yarn|k8s://.+"
)
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
    """Raise UsageRefused for what is no master, and for one of Spark's own where nobody listens.

    Spark would try that for a minute.
    """
    if not _MASTER.fullmatch(master):
        raise UsageRefused.because("bad_master", master=master)
    if not master.startswith("spark://"):
        return
    details = [_unheard(address) for address in master.removeprefix("spark://").split(",")]
    if None not in details:
        raise _not_started(master, str(details[-1]))


def _unheard(address: str) -> str | None:
    """Why an address does not answer; None if it does."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except OSError as error:
        return f"{address}: {error.strerror or error}"
    except (ValueError, OverflowError):  # of names and numbers that no address has
        return address
    return None


def _not_started(master: str, detail: str) -> UsageRefused:
    return UsageRefused.because(
        "engine_not_started", engine=NAME, master=master, detail=shape.first_line(detail).rstrip(".")
    )


def _started(master: str, settings: Mapping[str, str]) -> SparkSession:
    """A session. An interruption waits until Java has started: before, it would not hear that nobody waits for it."""
    from py4j.protocol import Py4JError  # type: ignore[import-untyped] # noqa: PLC0415  (an extra)
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.logger import PySparkLogger  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    for name in _LOGGERS:
        PySparkLogger.getLogger(name).disabled = True
    told: dict[str, Any] = {**settings, "spark.master": master, "spark.app.name": "incomeladder"}
    try:
        with _muted():
            with held(), _in_unicode():
                SparkContext._ensure_initialized(conf=SparkConf().setAll([*told.items()]))  # noqa: SLF001
            with kept():
                return SparkSession.builder.config(map=told).getOrCreate()
    except (PySparkException, Py4JError, RuntimeError, OSError) as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise UsageRefused.because("engine_no_java", engine=NAME) from error
        raise _not_started(master, _told(error)) from error


def _end(session: SparkSession) -> None:
    """Stop a session; from another thread, since this one may have been interrupted in the middle of an answer."""
    in_another_thread(session.stop).join()


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


@contextmanager
def _in_unicode() -> Iterator[None]:
    """Java takes the characters of file names from the locale that it is started in, cron's plain one too."""
    told = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        del os.environ["LC_ALL"]
        os.environ |= {} if told is None else {"LC_ALL": told}


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
