"""One suite of benchmarks: what the program's reports take, beside other tools and beside what nothing can undercut.

It makes its own data. Give it a machine that does nothing else: ``python benchmarks/run.py --households 100000``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import show
import suite
from data import Data
from measure import Runner, Runs, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from measure import Command

_STARTS = 3
_SMALL = 2000


@dataclass
class Measuring:
    """What is asked for, and what has been measured so far, by households; start-up stands under none."""

    runner: Runner
    wanted: suite.Wanted
    times: int
    measured: dict[int, dict[suite.Key, Runs]] = field(default_factory=dict)
    tables: list[show.Table] = field(default_factory=list)
    sound: bool = True

    def startup(self) -> None:
        """Take many runs: they are short, and their times differ by a few milliseconds."""
        data = Data(self.runner.folder / str(_SMALL), _SMALL, self.runner)
        _make(data, ["csv"])
        self.measured[0] = self._interleaved(suite.startup(data), _STARTS * self.times)
        self.present(show.of_startup(self.measured[0]))

    def reports(self, households: int) -> None:
        """Run every kind of file in turn too, so that they can be compared with one another."""
        data = Data(self.runner.folder / str(households), households, self.runner)
        reports = self.wanted.of_reports(data)
        _make(data, suite.needs(reports))
        runs = self.measured[households] = {}
        for report, kinds in reports.items():
            _say(f"{report}, {households:,} households")
            runs |= self._interleaved(suite.commands(report, kinds, data, self.wanted), self.times)
        for kind in dict.fromkeys(key.kind for key in runs):
            self.present(show.of_reports(f"{households:,} households, {kind}", kind, runs))

    def _interleaved(self, commands: Mapping[suite.Key, Command], times: int) -> dict[suite.Key, Runs]:
        runs, failed = interleaved(commands, times, self.runner)
        for key, said in failed.items():
            _say(f"left out, as it failed: {', '.join(key)}\n{said}")
            self.sound = False
        return runs

    def present(self, table: show.Table) -> None:
        """Print now what is known: the rest may take an hour."""
        self.tables.append(table)
        print(table.plain(), end="\n\n", flush=True)


def main() -> int:
    asked = _arguments()
    with TemporaryDirectory() as passing:
        runner = Runner((asked.folder or Path(passing)).absolute())
        runner.folder.mkdir(parents=True, exist_ok=True)
        measuring = Measuring(runner, suite.Wanted(asked.only, _kinds(asked), asked.all), asked.times)
        facts = [*show.machine(), *(f"left out: {who} (no {lacks})" for who, lacks in suite.missing().items())]
        print("\n".join(facts), end="\n\n", flush=True)
        _measure(measuring, asked.households)
    if asked.markdown:
        _write(asked.markdown, facts, measuring.tables)
    return 0 if measuring.sound else 1


def _measure(measuring: Measuring, sizes: list[int]) -> None:
    if suite.STARTUP in measuring.wanted.reports:
        measuring.startup()
    if set(measuring.wanted.reports) != {suite.STARTUP}:
        for households in sizes:
            measuring.reports(households)
    promises = show.of_promises(measuring.measured)
    if promises.rows:
        measuring.present(promises)


def _write(file: Path, facts: list[str], tables: list[show.Table]) -> None:
    parts = ["# Benchmarks", *(f"{fact}." for fact in facts), *(table.markdown() for table in tables)]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _make(data: Data, kinds: Sequence[str]) -> None:
    _say(f"data of {data.households:,} households, where they are not there yet")
    data.make(kinds)


def _kinds(asked: argparse.Namespace) -> list[str]:
    if "xlsx" in asked.kinds and not suite.can_write_sheets():
        _say("left out: xlsx (no xlsxwriter)")
        return [kind for kind in asked.kinds if kind != "xlsx"]
    return list(asked.kinds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=_sizes, default="2000,100000,1000000,10000000", metavar="N[,N]")
    parser.add_argument("--only", type=_among(suite.REPORTS), default=suite.REPORTS, metavar="REPORT[,REPORT]")
    parser.add_argument("--kinds", type=_among(suite.ALL_KINDS), default=suite.KINDS, metavar="KIND[,KIND]")
    parser.add_argument("--times", type=int, default=5, help="runs that count, of each command")
    parser.add_argument("--all", action="store_true", help="pandas and ten rounds above a million households too")
    parser.add_argument("--folder", type=Path, help="keeps the data between runs")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def _among(known: Sequence[str]) -> Callable[[str], list[str]]:
    def chosen(text: str) -> list[str]:
        words = text.split(",")
        if unknown := sorted(set(words) - set(known)):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(known)}")
        return words

    return chosen


def _say(what: str) -> None:
    """Tell on standard error how far it is: large files take their time."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
