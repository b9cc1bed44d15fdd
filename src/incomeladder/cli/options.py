"""Every option once: its flags, type, default. Commands take them in groups.

A group is a frozen dataclass; ``flattening`` spreads the groups of a command's signature into options for typer.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from incomeladder.cli.choices import (
    PUBLISHED,
    CheckFormat,
    EngineChoice,
    FileFormat,
    Format,
    LanguageChoice,
    Level,
    LogFormat,
    LonelyChoice,
    MoversChoice,
    ShellChoice,
    SizeRuleChoice,
    TierChoice,
    Unit,
)


def option(
    flag: str,
    default: Any = None,
    *,
    metavar: str | None = None,
    least: int | None = None,
    taught_by: frozenset[str] | None = None,
) -> Any:
    """A field that is an option; of a list, a repeatable one. Help is of commands it is ``taught_by``, or of all."""
    told = {"flag": flag, "metavar": metavar, "least": least, "taught_by": taught_by}
    if isinstance(default, list):
        return dataclasses.field(default_factory=list, metadata=told)
    return dataclasses.field(default=default, metadata=told)


def required(flag: str, *, metavar: str) -> Any:
    """A field that is an option which cannot be left out."""
    return dataclasses.field(metadata={"flag": flag, "metavar": metavar, "least": None, "taught_by": None})


def arguments(metavar: str) -> Any:
    """A field that is what stands without a flag."""
    return dataclasses.field(metadata={"flag": None, "metavar": metavar})


@dataclass(frozen=True)
class Surveys:
    """The files of one survey."""

    surveys: list[str] = arguments("SURVEY...")


@dataclass(frozen=True)
class Pair:
    """Two surveys to compare, or one of several rounds."""

    pair: list[str] = arguments("BEFORE [AFTER]")
    from_round: str | None = option("--from", metavar="ROUND")
    to_round: str | None = option("--to", metavar="ROUND")
    movers: MoversChoice | None = option("--movers")


@dataclass(frozen=True)
class Grouping:
    """The groups that a report is split by."""

    by: list[str] = option("--by", [], metavar="COLUMN")


@dataclass(frozen=True)
class Comparing:
    """What a ladder is compared with."""

    compare_size_rules: bool = option("--compare-size-rules", default=False)


@dataclass(frozen=True)
class Drawing:
    """How the households of a survey were drawn."""

    strata: str | None = option("--strata", metavar="COLUMN")
    cluster: str | None = option("--cluster", metavar="COLUMN")
    fpc: str | None = option("--fpc", metavar="COLUMN")
    lonely: LonelyChoice = option("--lonely-strata", "refuse")


@dataclass(frozen=True)
class Projecting:
    """How far ahead is looked."""

    until: int = required("--until", metavar="YEAR")


@dataclass(frozen=True)
class Listing:
    """Which households are listed, in which groups, and with what."""

    grouping: Grouping
    tier: TierChoice = option("--tier", "floor")
    extra: list[str] = option("--with", [], metavar="COLUMN")


@dataclass(frozen=True)
class Making:
    """What is made up."""

    households: int = option("--households", 2000, metavar="N")
    rounds: str = option("--rounds", "2022,2023,2024", metavar="NAMES")
    seed: int = option("--seed", 2024, metavar="N")
    file_format: FileFormat | None = option("--format")


@dataclass(frozen=True)
class Completing:
    """Whose command lines are completed."""

    shell: ShellChoice = arguments("SHELL")


@dataclass(frozen=True)
class Store:
    """Where the ledger is."""

    ledger: str | None = option("--ledger", metavar="FOLDER")


@dataclass(frozen=True)
class Reading(Store):
    """How survey files are understood, and what happens to rows that cannot be used."""

    column: list[str] = option("--column", [], metavar="COLUMN=HEADING")
    unit: Unit | None = option("--unit")
    encoding: str | None = option("--encoding", metavar="NAME")
    sheet: list[str] = option("--sheet", [], metavar="NAME")
    level: Level = option("--level", "household")
    place_from: list[str] = option("--place-from", [], metavar="name|folder|sheet")
    weight: str | None = option("--weight", metavar="COLUMN")
    skip_invalid: bool = option("--skip-invalid", default=False)
    rejects: str | None = option("--rejects", metavar="FILE")
    allow_empty: bool = option("--allow-empty", default=False)
    max_problems: int = option("--max-problems", 20, metavar="N", least=0)
    tmp_dir: str | None = option("--tmp-dir", metavar="FOLDER")


@dataclass(frozen=True)
class Rounds:
    """Which rounds a report of single rounds shows."""

    round: list[str] = option("--round", [], metavar="NAME")


@dataclass(frozen=True)
class Added:
    """Which rounds are added."""

    names: list[str] = option("--round", [], metavar="NAME")


@dataclass(frozen=True)
class Explaining:
    """Whether a check says how it understood the files."""

    explain: bool = option("--explain", default=False)


@dataclass(frozen=True)
class ProgrammeFile:
    """The rules that differ from the built-in programme."""

    programme: str | None = option("--programme", metavar="FILE")


@dataclass(frozen=True)
class Rules(ProgrammeFile):
    """The programme in force."""

    step: str | None = option("--step", metavar="YUAN")
    top: str | None = option("--top", metavar="YUAN")
    size_rule: SizeRuleChoice | None = option("--size-rule")
    deflate: str | None = option("--deflate", metavar="ROUND=PRICES,...")


@dataclass(frozen=True)
class Speech:
    """In what language and form people and logs are spoken to."""

    lang: LanguageChoice | None = option("--lang")
    quiet: bool = option("--quiet", default=False)
    log_format: LogFormat = option("--log-format", "text")
    debug: bool = option("--debug", default=False)


@dataclass(frozen=True)
class Place(Speech):
    """Where the result goes."""

    output: str | None = option("--output", metavar="FILE")

    def __post_init__(self) -> None:
        """A file called - is standard output, as everywhere."""
        if self.output == "-":
            object.__setattr__(self, "output", None)


@dataclass(frozen=True)
class Output(Place):
    """Where the report goes, and in what form."""

    format: Format | None = option("--format")


@dataclass(frozen=True)
class Exported(Place):
    """Where a round's households go, and in what form."""

    file_format: FileFormat | None = option("--format")


@dataclass(frozen=True)
class Examined(Place):
    """Where goes what is said of an installation, and in what form."""

    check_format: CheckFormat | None = option("--format")


@dataclass(frozen=True)
class Findings:
    """What makes cron's exit status 1."""

    fail_on: list[str] = option("--fail-on", [], metavar="FINDING")


@dataclass(frozen=True)
class Publishing:
    """Whether the report is for everybody to read."""

    publish: bool = option("--publish", default=False, taught_by=PUBLISHED)


@dataclass(frozen=True)
class Working:
    """How large work is done."""

    memory: str | None = option("--memory", metavar="SIZE")
    explain_plan: bool = option("--explain-plan", default=False, taught_by=frozenset())


@dataclass(frozen=True)
class Counting(Working):
    """What counts large work."""

    engine: EngineChoice = option("--engine", "polars")
    master: str | None = option("--master", metavar="URL")


@dataclass(frozen=True)
class Basic:
    """What everything is asked with that reads surveys."""

    reading: Reading
    rules: ProgrammeFile
    output: Output
    findings: Findings
    publishing: Publishing


@dataclass(frozen=True)
class Common(Basic):
    """What every report on surveys is asked with."""

    rules: Rules
    working: Working


@dataclass(frozen=True)
class Counted(Common):
    """What every report is asked with that other engines can count."""

    working: Counting
