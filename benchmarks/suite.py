"""What is run: the program's reports, and beside each its peers and the floors that nothing can be faster than."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

from data import ROUNDS, Data
from measure import INCOMELADDER, PYTHON, ROOT, SCRATCH, Command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

OURS: Final = "incomeladder"
DUCKDB: Final = "DuckDB"
REJECTS: Final = "DuckDB, store_rejects"
POLARS: Final = "polars"
PANDAS: Final = "pandas"
CALAMINE: Final = "calamine's to_python"
NEEDED: Final = "polars' parse, needed columns"
TYPED: Final = "polars' typed parse, all columns"
BYTES: Final = "bytes read"
NOTHING: Final = "python -c pass"
IMPORT: Final = "import polars"

STARTUP: Final = "startup"
SURVEYS: Final = ("check", "bands", "flag", "transitions", "indicators", "report")
LEDGERS: Final = ("add", "history", "watch")
REPORTS: Final = (STARTUP, *SURVEYS, *LEDGERS)
KINDS: Final = ("csv", "gb18030", "parquet", "ledger")
ALL_KINDS: Final = (*KINDS, "xlsx")
PIPED, TERMINAL = "piped", "terminal"
_TWO_ROUNDS: Final = ("transitions", "report")
_TEN_ROUNDS: Final = ("history", "watch")
_LARGE: Final = 1_000_000
_SHEET: Final = 100_000

_PEERS: Final = {
    "csv": (DUCKDB, REJECTS, POLARS, PANDAS, TYPED, NEEDED, BYTES),
    "gb18030": (POLARS, PANDAS, BYTES),
    "parquet": (DUCKDB, POLARS, PANDAS, TYPED, BYTES),
    "ledger": (),
    "xlsx": (CALAMINE,),
}
_NEEDED: Final = {
    "bands": "household_id,survey_round,county,residence,size,income,weight",
    "flag": "household_id,survey_round,county,township,village,residence,key_group,size,income",
    "transitions": "household_id,survey_round,residence,size,income,weight",
}
_MODULES: Final = {
    DUCKDB: ("duckdb",),
    REJECTS: ("duckdb",),
    PANDAS: ("pandas", "pyarrow"),
    CALAMINE: ("python_calamine",),
}


class Key(NamedTuple):
    """Which report, on which kind of file, by whom."""

    report: str
    kind: str
    who: str


@dataclass(frozen=True)
class Wanted:
    """What was asked for; ``large`` lets those run on a great many rows who take much memory or time for them."""

    reports: Sequence[str]
    kinds: Sequence[str]
    large: bool

    def of_reports(self, data: Data) -> dict[str, tuple[str, ...]]:
        """The wanted reports, with the kinds of data that each can be drawn from."""
        found = {report: tuple(self._kinds(report, data)) for report in self.reports if report != STARTUP}
        return {report: kinds for report, kinds in found.items() if kinds}

    def _kinds(self, report: str, data: Data) -> Iterator[str]:
        for kind in self.kinds:
            if kind == "xlsx":
                fits = report in {"bands", "check"} and data.households <= _SHEET
            elif report in LEDGERS:
                fits = kind == "ledger" and (report not in _TEN_ROUNDS or self.small(data))
            else:
                fits = True
            if fits:
                yield kind

    def small(self, data: Data) -> bool:
        """Whether who takes much memory or time may run."""
        return self.large or data.households <= _LARGE


def missing() -> dict[str, str]:
    """Peers that cannot run, and what they lack."""
    lacks = {who: [module for module in modules if find_spec(module) is None] for who, modules in _MODULES.items()}
    return {who: ", ".join(modules) for who, modules in lacks.items() if modules}


def can_write_sheets() -> bool:
    """Whether workbooks can be made."""
    return find_spec("xlsxwriter") is not None


def needs(reports: dict[str, tuple[str, ...]]) -> list[str]:
    """The kinds of data that the reports are drawn from."""
    kinds = dict.fromkeys(kind for found in reports.values() for kind in found)
    return [*kinds, *(["ten"] if set(_TEN_ROUNDS) & set(reports) else [])]


def commands(report: str, kinds: Iterable[str], data: Data, wanted: Wanted) -> dict[Key, Command]:
    """A report on every kind of file, with the peers of each."""
    if report in LEDGERS:
        return {Key(report, "ledger", who): command for who, command in _of_ledger(report, data)}
    found = {}
    for kind in kinds:
        found[Key(report, kind, OURS)] = _command(*INCOMELADDER, *_ours(report, kind, data))
        for who in _peers(report, kind, small=wanted.small(data)):
            found[Key(report, kind, who)] = _command(PYTHON, *_peer(who, report, _files(report, kind, data)))
    return found


def _ours(report: str, kind: str, data: Data) -> tuple[object, ...]:
    sources = _sources(report, kind, data)
    more = {
        "bands": ("--by", "county"),
        "flag": ("--output", f"{SCRATCH}/list.csv"),
        "report": ("--output", f"{SCRATCH}/report.html"),
    }
    return (report, *sources, *more.get(report, ()))


def _sources(report: str, kind: str, data: Data) -> tuple[object, ...]:
    if kind == "ledger":
        return (*(f"@{name}" for name in ROUNDS[: _rounds(report)]), "--ledger", data.ledger)
    return _files(report, kind, data)


def _files(report: str, kind: str, data: Data) -> tuple[object, ...]:
    return data.files(kind)[: _rounds(report)]


def _rounds(report: str) -> int:
    return 2 if report in _TWO_ROUNDS else 1


def _peers(report: str, kind: str, *, small: bool) -> Iterator[str]:
    absent = missing()
    for who in _PEERS[kind]:
        # polars holds a file in GB18030 twice over; pandas holds every file.
        heavy = who == PANDAS or (who == POLARS and kind == "gb18030")
        unfit = (who == NEEDED and report not in _NEEDED) or (who == TYPED and report != "check")
        unfit = unfit or (who == PANDAS and report == "indicators") or (who != BYTES and report == "report")
        if not unfit and who not in absent and (small or not heavy):
            yield who


def _peer(who: str, report: str, files: Sequence[object]) -> tuple[object, ...]:
    peers = ROOT / "benchmarks" / "peers"
    output = ("--output", f"{SCRATCH}/list.csv") if report == "flag" else ()
    return {
        DUCKDB: (peers / "peer_duckdb.py", report, *files, *output),
        REJECTS: (peers / "peer_duckdb.py", report, *files, *output, "--rejects"),
        POLARS: (peers / "peer_polars.py", report, *files, *output),
        PANDAS: (peers / "peer_pandas.py", report, *files, *output),
        CALAMINE: (peers / "peer_calamine.py", *files),
        NEEDED: (peers / "floor_polars.py", "needed", _NEEDED.get(report), *files),
        TYPED: (peers / "floor_polars.py", "typed", "all", *files),
        BYTES: (peers / "floor_bytes.py", *files),
    }[who]


def _of_ledger(report: str, data: Data) -> Iterator[tuple[str, Command]]:
    if report != "add":
        words = (report, *((data.household,) if report == "history" else ()), "--ledger", data.ten)
        yield OURS, _command(*INCOMELADDER, "ledger", *words)
        yield IMPORT, _command(PYTHON, "-c", "import polars")
        return
    file = data.files("csv")[0]
    yield OURS, _command(*INCOMELADDER, "ledger", "add", file, "--ledger", f"{SCRATCH}/ledger")
    if DUCKDB not in missing():
        peer = ROOT / "benchmarks" / "peers" / "peer_duckdb.py"
        yield DUCKDB, _command(PYTHON, peer, "add", file, "--output", f"{SCRATCH}/sorted.parquet")


def startup(small: Data) -> dict[Key, Command]:
    """What is run to see what starting takes; ``small`` are files of 2,000 rows."""
    found = {
        Key(STARTUP, PIPED, NOTHING): _command(PYTHON, "-c", "pass"),
        Key(STARTUP, PIPED, IMPORT): _command(PYTHON, "-c", "import polars"),
    }
    for name, words in _starts(small):
        for place in (PIPED, TERMINAL):
            found[Key(STARTUP, place, name)] = _command(*INCOMELADDER, *words, terminal=place == TERMINAL)
    return found


def _starts(small: Data) -> Iterator[tuple[str, tuple[object, ...]]]:
    sample = ROOT / "data" / "sample_households.csv"
    yield from ((word, (word,)) for word in ("--version", "--help"))
    for report in ("bands", "flag", "transitions"):
        yield f"{report}, 6,000 rows", (report, sample)
        yield f"{report}, 2,000 rows", (report, *_files(report, "csv", small))


def _command(*words: object, terminal: bool = False) -> Command:
    return Command(tuple(map(str, words)), terminal)
