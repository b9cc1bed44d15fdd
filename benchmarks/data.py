"""The data: two rounds of one panel, made with the program's own ``sample`` where they are not there yet."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from measure import INCOMELADDER, PYTHON, ROOT, Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

ROUNDS: Final = ("2023", "2024")
TEN_ROUNDS: Final = tuple(str(year) for year in range(2015, 2025))
SUFFIXES: Final = {"csv": "csv", "gb18030": "gb18030.csv", "parquet": "parquet", "xlsx": "xlsx"}


@dataclass(frozen=True)
class Data:
    """The files of rounds of so many households each."""

    folder: Path
    households: int
    runner: Runner

    def files(self, kind: str) -> tuple[Path, ...]:
        """A file for each of the two rounds, the earlier first."""
        return tuple(self.folder / f"{name}.{SUFFIXES[kind]}" for name in ROUNDS)

    @property
    def ledger(self) -> Path:
        """The ledger of the two rounds."""
        return self.folder / "ledger"

    @property
    def ten(self) -> Path:
        """The ledger of ten rounds."""
        return self.folder / "ten"

    @property
    def household(self) -> str:
        """A household of the ten rounds."""
        return (self.folder / "household.txt").read_text("utf-8")

    def make(self, kinds: Iterable[str]) -> None:
        """Make what is not there yet; CSV first, as some of the others are made from it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for kind in ("csv", *kinds):
            _MAKERS[kind](self)

    def make_rows(self) -> None:
        """CSV and parquet: what ``sample`` writes, in an order that tells nothing."""
        if all(file.exists() for kind in ("csv", "parquet") for file in self.files(kind)):
            return
        both = self.folder / "both.parquet"
        self._sample(both, ROUNDS)
        self._rows("shuffle", both, self.folder)
        both.unlink()

    def make_gb18030(self) -> None:
        """CSV in GB18030."""
        for source, file in zip(self.files("csv"), self.files("gb18030"), strict=True):
            if not file.exists():
                self._rows("recode", source, file)

    def make_xlsx(self) -> None:
        """A workbook of the earlier round."""
        wanted = self.files("xlsx")[0]
        if not wanted.exists():
            self._rows("sheet", self.files("csv")[0], wanted)

    def make_ledger(self) -> None:
        """A ledger of the two rounds."""
        if not self.ledger.exists():
            part = self.folder / "ledger.part"
            for file in self.files("csv"):
                self._incomeladder("ledger", "add", file, "--ledger", part)
            part.rename(self.ledger)

    def make_ten(self) -> None:
        """A ledger of ten rounds, added one by one, and the name of one household of them."""
        if self.ten.exists():
            return
        every, part = self.folder / "every.csv", self.folder / "ten.part"
        self._sample(every, TEN_ROUNDS)
        for name in TEN_ROUNDS:
            self._incomeladder("ledger", "add", every, "--round", name, "--ledger", part)
        (self.folder / "household.txt").write_text(_first_id(every), "utf-8")
        every.unlink()
        part.rename(self.ten)

    def _sample(self, file: Path, rounds: Iterable[str]) -> None:
        self._incomeladder("sample", "--households", self.households, "--rounds", ",".join(rounds), "--output", file)

    def _incomeladder(self, *words: object) -> None:
        self._run(*INCOMELADDER, *words, "--quiet")

    def _rows(self, *words: object) -> None:
        # In a process of its own: what this one has held would be counted as its children's.
        self._run(PYTHON, ROOT / "benchmarks" / "rows.py", *words)

    def _run(self, *words: object) -> None:
        command = [str(word) for word in words]
        ended = subprocess.run(command, check=False, env=self.runner.environment, stdout=subprocess.DEVNULL)
        if ended.returncode:
            sys.exit(f"without data: {' '.join(command)} ended with status {ended.returncode}")


_MAKERS: Final[Mapping[str, Callable[[Data], None]]] = {
    "csv": Data.make_rows,
    "gb18030": Data.make_gb18030,
    "parquet": Data.make_rows,
    "xlsx": Data.make_xlsx,
    "ledger": Data.make_ledger,
    "ten": Data.make_ten,
}


def _first_id(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as rows:
        next(rows)
        return next(rows).split(",", 1)[0]
