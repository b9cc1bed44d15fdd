"""What the tests of the commands share: a drawn survey, and a command line in this process or one of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from incomeladder.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
UNSETTLED = (
    *("LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE", "INCOMELADDER_LANG", "INCOMELADDER_DEBUG"),
    *("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "PYTHONIOENCODING", "PYTHONUTF8", "LINES"),
)
TWO_ROUNDS = """
    household_id | survey_round | county | residence | size | income
    01           | 2023         | 东区   | urban     | 3    | 12000
    02           | 2023         | 东区   | urban     | 2    | 35000
    03           | 2023         | 米易县 | rural     | 4    | 95000
    01           | 2024         | 东区   | urban     | 3    | 31000.50
    02           | 2024         | 东区   | urban     | 2    | 29999.99
    04           | 2024         | 米易县 | rural     | 5    | 120000
"""


@dataclass(frozen=True)
class Outcome:
    """How a command line ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))

    def is_refused(self, status: int, *mentioned: str) -> bool:
        """One line on standard error that names all this, and nothing on standard output."""
        assert (self.status, self.out) == (status, ""), self
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith(("error: ", "错误：")), self.err
        assert "Traceback" not in self.err
        assert [word for word in mentioned if word not in self.err] == [], self.err
        return True


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """English, 80 columns, an empty folder to work in."""
    for name in UNSETTLED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Call ``main``; ``stdin`` is what standard input holds."""

    def call(*argv: str | Path, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        handler = signal.getsignal(signal.SIGTERM)
        try:
            status = main([str(argument) for argument in argv])
        finally:
            signal.signal(signal.SIGTERM, handler)
            sys.stdout.flush()
        return Outcome(status, *capfd.readouterr())

    return call


@pytest.fixture
def process() -> Callable[..., Outcome]:
    """Run the program in a process of its own."""

    def call(*argv: str | Path, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Outcome:
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-m", "incomeladder", *map(str, argv)],
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    return call


@pytest.fixture
def survey(tmp_path: Path) -> Callable[..., Path]:
    """Write a drawn table, columns apart by ``|``, as a CSV file; without a drawing, a small one of two rounds."""

    def write(drawing: str = TWO_ROUNDS, name: str = "town.csv") -> Path:
        path = tmp_path / name
        lines = [line for line in drawing.splitlines() if line.strip()]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [cell.strip() for cell in line.split("|")] for line in lines
            )
        return path

    return write
