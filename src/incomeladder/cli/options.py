"""Every option once: its flags, type, default. Commands take them in groups.

A group is a frozen dataclass; ``flattening`` spreads the groups of a command's signature into options for typer.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Format = Literal["table", "markdown", "csv", "json", "parquet"]
FileFormat = Literal["csv", "parquet"]
Level = Literal["household", "person"]
Unit = Literal["yuan", "wan"]
FINDINGS = {
    "add": "rejects",
    "bands": "below-floor, rejects",
    "check": "rejects",
    "flag": "below-floor, rejects",
    "indicators": "below-floor, rejects, target",
    "transitions": "below-floor, fell, rejects",
    "watch": "below-floor, fell",
}
"""What ``--fail-on`` can ask of each command."""
TierChoice = Literal["floor", "low", "middle", "all"]
MoversChoice = Literal["up", "down", "rose", "fell", "left", "entered", "all"]
LonelyChoice = Literal["refuse", "centre"]
EngineChoice = Literal["polars", "duckdb", "spark"]
LanguageChoice = Literal["zh", "en"]
LogFormat = Literal["text", "json"]


def _option(
    flag: str, default: Any = None, *, metavar: str | None = None, least: int | None = None, hidden: bool = False
) -> Any:
    told = {"flag": flag, "metavar": metavar, "least": least, "hidden": hidden}
    if isinstance(default, list):
        return dataclasses.field(default_factory=list, metadata=told)
    return dataclasses.field(default=default, metadata=told)


def _required(flag: str, *, metavar: str) -> Any:
    return dataclasses.field(metadata={"flag": flag, "metavar": metavar, "least": None, "hidden": False})


def _arguments(metavar: str) -> Any:
    return dataclasses.field(metadata={"flag": None, "metavar": metavar})


@dataclass(frozen=True)
class Surveys:
    """The files of one survey."""

    surveys: list[str] = _arguments("SURVEY...")


@dataclass(frozen=True)
class Pair:
    """Two surveys to compare, or one of several rounds."""

    pair: list[str] = _arguments("BEFORE [AFTER]")
    from_round: str | None = _option("--from", metavar="ROUND")
    to_round: str | None = _option("--to", metavar="ROUND")
    movers: MoversChoice | None = _option("--movers")


@dataclass(frozen=True)
class Grouping:
    """The groups that a report is split by."""

    by: list[str] = _option("--by", [], metavar="COLUMN")


@dataclass(frozen=True)
class Drawing:
    """How the households of a survey were drawn."""

    strata: str | None = _option("--strata", metavar="COLUMN")
    cluster: str | None = _option("--cluster", metavar="COLUMN")
    fpc: str | None = _option("--fpc", metavar="COLUMN")
    lonely: LonelyChoice = _option("--lonely-strata", "refuse")


@dataclass(frozen=True)
class Listing:
    """Which households are listed, in which groups, and with what."""

    grouping: Grouping
    tier: TierChoice = _option("--tier", "floor")
    extra: list[str] = _option("--with", [], metavar="COLUMN")


@dataclass(frozen=True)
class Making:
    """What is made up."""

    households: int = _option("--households", 2000, metavar="N")
    rounds: str = _option("--rounds", "2022,2023,2024", metavar="NAMES")
    seed: int = _option("--seed", 2024, metavar="N")
    file_format: FileFormat | None = _option("--format")


@dataclass(frozen=True)
class Store:
    """Where the ledger is."""

    ledger: str | None = _option("--ledger", metavar="FOLDER")


@dataclass(frozen=True)
class Reading(Store):
    """How survey files are understood, and what happens to rows that cannot be used."""

    column: list[str] = _option("--column", [], metavar="COLUMN=HEADING")
    unit: Unit | None = _option("--unit")
    encoding: str | None = _option("--encoding", metavar="NAME")
    sheet: list[str] = _option("--sheet", [], metavar="NAME")
    level: Level = _option("--level", "household")
    place_from: list[str] = _option("--place-from", [], metavar="name|folder|sheet")
    weight: str | None = _option("--weight", metavar="COLUMN")
    skip_invalid: bool = _option("--skip-invalid", default=False)
    rejects: str | None = _option("--rejects", metavar="FILE")
    allow_empty: bool = _option("--allow-empty", default=False)
    max_problems: int = _option("--max-problems", 20, metavar="N", least=0)
    tmp_dir: str | None = _option("--tmp-dir", metavar="FOLDER")


@dataclass(frozen=True)
class Rounds:
    """Which rounds a report of single rounds shows."""

    round: list[str] = _option("--round", [], metavar="NAME")


@dataclass(frozen=True)
class Added:
    """Which rounds are added."""

    names: list[str] = _option("--round", [], metavar="NAME")


@dataclass(frozen=True)
class Explaining:
    """Whether a check says how it understood the files."""

    explain: bool = _option("--explain", default=False)


@dataclass(frozen=True)
class ProgrammeFile:
    """The rules that differ from the built-in programme."""

    programme: str | None = _option("--programme", metavar="FILE")


@dataclass(frozen=True)
class Rules(ProgrammeFile):
    """The programme in force."""

    step: str | None = _option("--step", metavar="YUAN")
    top: str | None = _option("--top", metavar="YUAN")


@dataclass(frozen=True)
class Speech:
    """In what language and form people and logs are spoken to."""

    lang: LanguageChoice | None = _option("--lang")
    quiet: bool = _option("--quiet", default=False)
    log_format: LogFormat = _option("--log-format", "text")
    debug: bool = _option("--debug", default=False)


@dataclass(frozen=True)
class Place(Speech):
    """Where the result goes."""

    output: str | None = _option("--output", metavar="FILE")

    def __post_init__(self) -> None:
        """A file called - is standard output, as everywhere."""
        if self.output == "-":
            object.__setattr__(self, "output", None)


@dataclass(frozen=True)
class Output(Place):
    """Where the report goes, and in what form."""

    format: Format | None = _option("--format")


@dataclass(frozen=True)
class Exported(Place):
    """Where a round's households go, and in what form."""

    file_format: FileFormat | None = _option("--format")


@dataclass(frozen=True)
class Findings:
    """What makes cron's exit status 1."""

    fail_on: list[str] = _option("--fail-on", [], metavar="FINDING")


@dataclass(frozen=True)
class Working:
    """How large work is done."""

    memory: str | None = _option("--memory", metavar="SIZE")
    explain_plan: bool = _option("--explain-plan", default=False, hidden=True)


@dataclass(frozen=True)
class Counting(Working):
    """What counts large work."""

    engine: EngineChoice = _option("--engine", "polars")
    master: str | None = _option("--master", metavar="URL")


@dataclass(frozen=True)
class Basic:
    """What everything is asked with that reads surveys."""

    reading: Reading
    rules: ProgrammeFile
    output: Output
    findings: Findings


@dataclass(frozen=True)
class Common(Basic):
    """What every report on surveys is asked with."""

    rules: Rules
    working: Working


@dataclass(frozen=True)
class Counted(Common):
    """What every report is asked with that other engines can count."""

    working: Counting


@dataclass(frozen=True)
class Kept:
    """How surveys are kept in the ledger."""

    keep: list[str] = _option("--keep", [], metavar="COLUMN")
    pseudonymise: str | None = _option("--pseudonymise", metavar="KEYFILE")


@dataclass(frozen=True)
class Waiting:
    """How long another writer is waited for."""

    wait: float = _option("--wait", 0.0, metavar="SECONDS", least=0)


@dataclass(frozen=True)
class OneRound:
    """A round of the ledger."""

    name: str = _arguments("ROUND")


@dataclass(frozen=True)
class Sure:
    """Whether nobody need be asked."""

    yes: bool = _option("--yes", default=False)


@dataclass(frozen=True)
class Households:
    """Households by their ids."""

    ids: list[str] = _arguments("ID...")


@dataclass(frozen=True)
class Known:
    """The key that makes an id into the pseudonym by which the ledger knows it."""

    known_by: str | None = _option("--pseudonymise", metavar="KEYFILE")


@dataclass(frozen=True)
class Watching(ProgrammeFile):
    """Who is watched: the rules for one run, and what is news."""

    margin: str | None = _option("--margin", metavar="PERCENT")
    drop: str | None = _option("--drop", metavar="PERCENT")
    close: str | None = _option("--close", metavar="PERCENT")


@dataclass(frozen=True)
class News:
    """As of which round a list is drawn up, and since when something is news."""

    at: str | None = _option("--round", metavar="NAME")
    since: str | None = _option("--since", metavar="ROUND")
    new: bool = _option("--new", default=False)


@dataclass(frozen=True)
class Taken:
    """A measure taken."""

    measure: str = _required("--measure", metavar="KIND")
    author: str = _required("--author", metavar="NAME")
    text: str = _required("--text", metavar="TEXT")
    date: str | None = _option("--date", metavar="DAY")
    after: str | None = _option("--round", metavar="NAME")


@dataclass(frozen=True)
class OneHousehold:
    """A household by its id."""

    household: str = _arguments("ID")


@dataclass(frozen=True)
class Looked:
    """What a look at the ledger is asked with."""

    store: Store
    output: Output


@dataclass(frozen=True)
class Told(Looked):
    """What a report on families is asked with."""

    rules: ProgrammeFile


@dataclass(frozen=True)
class Watched(Told):
    """What the list of families to visit is asked with."""

    rules: Watching
    findings: Findings


@dataclass(frozen=True)
class Noting:
    """What a note is made with."""

    store: Store
    rules: ProgrammeFile
    waiting: Waiting
    speech: Speech
