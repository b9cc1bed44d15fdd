"""What the program promises of itself, and whether the runs keep it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from suite import (
    DUCKDB,
    IMPORT,
    NEEDED,
    NOTHING,
    OURS,
    PIPED,
    REJECTS,
    STARTUP,
    SURVEYS,
    TERMINAL,
    TYPED,
    Key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from measure import Runs

SMALLEST: Final = 100_000
"""Below so many households a report is little more than start-up."""


@dataclass(frozen=True)
class Promise:
    """So many times what a peer takes, or without a peer so many megabytes, at the most."""

    what: str
    ours: Key
    peer: Key | None
    wanted: float
    measure: Literal["wall", "cpu"] = "wall"

    def measured(self, runs: Mapping[Key, Runs]) -> float | None:
        """None if it was not measured."""
        if self.ours not in runs or (self.peer and self.peer not in runs):
            return None
        if self.peer is None:
            return runs[self.ours].memory
        return ratio(runs, self.ours, self.peer, self.measure)

    def shown(self, measured: float) -> tuple[str, str, str]:
        """What was measured, what is wanted, and whether the one is within the other."""
        kept = "kept" if measured <= self.wanted else "missed"
        if self.peer is None:
            return f"{measured:,.0f} MB", f"{self.wanted:,.0f} MB", kept
        return f"{measured:.2f} x", f"{self.wanted:.2f} x", kept


def ratio(runs: Mapping[Key, Runs], ours: Key, peer: Key, measure: Literal["wall", "cpu"]) -> float:
    """How many times what the peer takes."""
    first, second = runs[ours], runs[peer]
    return first.cpu / second.cpu if measure == "cpu" else first.wall / second.wall


def _csv(report: str, who: str = OURS) -> Key:
    return Key(report, "csv", who)


def _starting(name: str, peer: str, wanted: float, place: str = PIPED) -> Promise:
    what = f"start-up: {name}, {place} / {peer} (CPU)"
    return Promise(what, Key(STARTUP, place, name), Key(STARTUP, PIPED, peer), wanted, "cpu")


def _across() -> Iterator[Promise]:
    """The promises of other kinds of files."""
    parquet, ledger = (Key("transitions", kind, OURS) for kind in ("parquet", "ledger"))
    yield Promise("transitions, parquet / DuckDB", parquet, Key("transitions", "parquet", DUCKDB), 1.0)
    yield Promise("transitions, ledger / CSV", ledger, _csv("transitions"), 0.35)
    for report in SURVEYS:
        yield Promise(f"{report}, GB18030 / UTF-8", Key(report, "gb18030", OURS), _csv(report), 1.8)


STARTING: Final = (
    _starting("--version", NOTHING, 2),
    _starting("--help", NOTHING, 9),
    *(_starting(f"{report}, 2,000 rows", IMPORT, 1.7) for report in ("bands", "flag", "transitions")),
    *(_starting(f"{report}, 2,000 rows", IMPORT, 2.2, TERMINAL) for report in ("bands", "flag", "transitions")),
)
REPORTING: Final = (
    Promise("bands by county, CSV / DuckDB typed", _csv("bands"), _csv("bands", DUCKDB), 0.9),
    Promise("bands by county, CSV / DuckDB store_rejects", _csv("bands"), _csv("bands", REJECTS), 0.75),
    Promise("bands by county, CSV / polars' parse of needed columns", _csv("bands"), _csv("bands", NEEDED), 1.6),
    Promise("bands by county, CSV, peak memory", _csv("bands"), None, 500),
    Promise("flag to CSV, CSV / DuckDB", _csv("flag"), _csv("flag", DUCKDB), 0.8),
    Promise("flag to CSV, CSV, peak memory", _csv("flag"), None, 500),
    Promise("transitions, CSV / DuckDB full join", _csv("transitions"), _csv("transitions", DUCKDB), 0.85),
    Promise("transitions, CSV, peak memory", _csv("transitions"), None, 1200),
    Promise("report to HTML, CSV / transitions", _csv("report"), _csv("transitions"), 2),
    Promise("check, CSV / polars' typed parse of all columns", _csv("check"), _csv("check", TYPED), 1.45),
    *_across(),
)
