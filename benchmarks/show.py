"""Tables, in plain text and as Markdown, and the machine they come from."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from promises import REPORTING, SMALLEST, STARTING, ratio
from suite import IMPORT, NOTHING, OURS, PIPED, STARTUP, Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from measure import Runs

_PACKAGES: Final = ("polars", "duckdb", "pandas", "pyarrow", "python-calamine")
_GB: Final = 1 << 20


@dataclass(frozen=True)
class Table:
    """A title, headings, and rows; ``texts`` columns from the left are words, the others numbers."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int

    def plain(self) -> str:
        """In columns of spaces."""
        lines = [self.headings, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        aligned = ("  ".join(self._padded(line, widths)).rstrip() for line in lines)
        return "\n".join((self.title, *aligned))

    def _padded(self, line: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
        for place, (cell, width) in enumerate(zip(line, widths, strict=True)):
            yield cell.ljust(width) if place < self.texts else cell.rjust(width)

    def markdown(self) -> str:
        """As a heading and a Markdown table."""
        rule = [":--" if place < self.texts else "--:" for place in range(len(self.headings))]
        lines = ("| " + " | ".join(line) + " |" for line in (self.headings, rule, *self.rows))
        return "\n".join((f"## {self.title}", "", *lines))


def machine() -> list[str]:
    """What the figures depend on, one fact a line."""
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    memory = int(_fact("/proc/meminfo", "MemTotal").split()[0]) / _GB
    return [
        f"{_fact('/proc/cpuinfo', 'model name')}, {cores} cores, {memory:.0f} GB; load before the first run {load:.1f}",
        f"Python {platform.python_version()}, {', '.join(map(_version, _PACKAGES))}",
    ]


def _fact(file: str, name: str) -> str:
    with Path(file).open(encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "0")


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def of_startup(runs: Mapping[Key, Runs]) -> Table:
    """What starting takes."""
    rows = [
        (key.who, key.kind, *_taken(taken), _over(runs, key, NOTHING), _over(runs, key, IMPORT))
        for key, taken in runs.items()
    ]
    return Table("Start-up", ("command", "output", *_HEADINGS[2:5], f"CPU / {NOTHING}", f"CPU / {IMPORT}"), rows, 2)


def _over(runs: Mapping[Key, Runs], key: Key, who: str) -> str:
    peer = Key(STARTUP, PIPED, who)
    return "" if peer not in runs or key == peer else f"{ratio(runs, key, peer, 'cpu'):.2f}"


_HEADINGS: Final = ("report", "by", "seconds", "CPU seconds", "peak MB", "incomeladder / this")


def of_reports(title: str, kind: str, runs: Mapping[Key, Runs]) -> Table:
    """The reports on one kind of file; where it is not CSV, with what the program takes for the same rows as CSV."""
    rows: list[Sequence[str]] = []
    for key, taken in runs.items():
        if key.kind == kind:
            rows.append((key.report, key.who, *_taken(taken), _under(runs, kind, key)))
        elif key.kind == "csv" and key.who == OURS and Key(key.report, kind, OURS) in runs:
            rows.append((key.report, f"{OURS}, csv", *_taken(taken), _under(runs, kind, key)))
    return Table(title, _HEADINGS, sorted(rows, key=lambda row: _first_seen(runs, row)), 2)


def _first_seen(runs: Mapping[Key, Runs], row: Sequence[str]) -> tuple[int, bool]:
    reports = list(dict.fromkeys(key.report for key in runs))
    return reports.index(row[0]), row[1] != OURS


def _taken(taken: Runs) -> tuple[str, str, str]:
    return f"{taken.wall:.3f}", f"{taken.cpu:.3f}", f"{taken.memory:,.0f}"


def _under(runs: Mapping[Key, Runs], kind: str, peer: Key) -> str:
    ours = Key(peer.report, kind, OURS)
    return "" if ours not in runs or ours == peer else f"{ratio(runs, ours, peer, 'wall'):.2f}"


def of_promises(measured: Mapping[int, Mapping[Key, Runs]]) -> Table:
    """The promises that were measured; start-up stands under no households."""
    headings = ("what", "households", "measured", "wanted", "")
    return Table("Promises", headings, list(_promised(measured)), 1)


def _promised(measured: Mapping[int, Mapping[Key, Runs]]) -> Iterable[Sequence[str]]:
    for households, runs in measured.items():
        for promise in REPORTING if households else STARTING:
            found = promise.measured(runs)
            if found is not None and not 0 < households < SMALLEST:
                yield promise.what, f"{households:,}" if households else "", *promise.shown(found)
