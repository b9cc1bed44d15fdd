from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from incomeladder import pipeline
from incomeladder.ledger.store import Ledger
from incomeladder.loading import load
from incomeladder.read.headings import Naming
from incomeladder.read.source import Asked
from incomeladder.read.survey import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from incomeladder.programme import Programme
    from incomeladder.read.source import Source
    from incomeladder.report import Report


# No test asserts a time: a busy machine is no defect.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def _cells(drawn: str) -> list[list[str]]:
    lines = [line for line in drawn.strip().splitlines() if line.strip()]
    return [[cell.strip() for cell in line.strip().split("|")] for line in lines]


def _expected(text: str, found: object) -> object:
    if text == "" or isinstance(found, bool):
        return None if text == "" else text == "true"
    if isinstance(found, int | float):
        return pytest.approx(float(Fraction(text)), rel=1e-12)
    return text


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Write a file into a folder of its own and say where it is."""

    def write(content: str | bytes, name: str = "2024.csv") -> str:
        path = tmp_path_factory.mktemp("survey") / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture(scope="session")
def survey(write: Callable[..., str]) -> Callable[..., str]:
    """Write a drawn table as CSV; its name without the suffix is the round's."""

    def survey(drawn: str, name: str = "2024.csv") -> str:
        return write("".join(",".join(cells) + "\n" for cells in _cells(drawn)), name)

    return survey


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Source, ...]]:
    """Read files as one survey."""

    def sources(*files: str, **asked: Any) -> tuple[Source, ...]:  # noqa: ANN401
        naming = Naming(asked.pop("columns", {}), asked.pop("usual", {}))
        ledger = asked.pop("ledger", Ledger(tmp_path_factory.getbasetemp() / "no ledger"))
        return read(files, Asked(lambda: ledger, naming, **asked), tmp_path_factory.mktemp("spool"))

    return sources


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load().programme


@pytest.fixture(scope="session")
def report(sources: Callable[..., tuple[Source, ...]], programme: Programme) -> Callable[..., Report]:
    """The report of a command on the files of one survey."""

    def report(command: str, *files: str, asked: dict[str, Any] | None = None, **wanted: Any) -> Report:  # noqa: ANN401
        given = {name: wanted.pop(name) for name in ("rounds", "by", "skip_invalid", "programme") if name in wanted}
        request = pipeline.Request(**{"programme": programme} | given)
        make = getattr(pipeline, command)
        return make(sources(*files, **(asked or {})), request, **wanted)

    return report


@pytest.fixture(scope="session")
def compare(sources: Callable[..., tuple[Source, ...]], programme: Programme) -> Callable[..., Report]:
    """The transitions from one file to another."""

    def compare(before: str, after: str | None = None, **wanted: Any) -> Report:  # noqa: ANN401
        given = {name: wanted.pop(name) for name in ("rounds", "by", "skip_invalid", "programme") if name in wanted}
        request = pipeline.Request(**{"programme": programme} | given)
        later = None if after is None else sources(after)
        return pipeline.transitions(sources(before), later, request, **wanted)

    return compare


@pytest.fixture(scope="session")
def shows() -> Callable[[pl.DataFrame, str], None]:
    """Compare the columns that a drawn table names with a frame; numbers may be drawn as fractions, null as nothing."""

    def shows(frame: pl.DataFrame, drawn: str) -> None:
        headings, *lines = _cells(drawn)
        found: Sequence[tuple[object, ...]] = frame.select(headings).rows()
        assert len(found) == len(lines), f"{len(found)} rows: {found}"
        wanted = [
            tuple(_expected(text, value) for text, value in zip(line, row, strict=True))
            for line, row in zip(lines, found, strict=True)
        ]
        assert found == wanted

    return shows
