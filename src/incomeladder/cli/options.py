"""Every option once: its flags, type, default. Commands take them in groups.

A group is a frozen dataclass; ``flattened`` spreads the groups of a command's signature into options for typer, and
packs what was given into groups again.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from incomeladder.render.wording import Words

Format = Literal["table", "markdown", "csv", "json", "parquet"]
SampleFormat = Literal["csv", "parquet"]
Level = Literal["household", "person"]
Unit = Literal["yuan", "wan"]
FailOn = Literal["below-floor", "fell", "rejects"]
TierChoice = Literal["floor", "low", "middle", "all"]
MoversChoice = Literal["up", "down", "rose", "fell", "left", "entered", "all"]
LanguageChoice = Literal["zh", "en"]


def _option(flag: str, default: Any = None, *, metavar: str | None = None, least: int | None = None) -> Any:
    told = {"flag": flag, "metavar": metavar, "least": least}
    if isinstance(default, list):
        return dataclasses.field(default_factory=list, metadata=told)
    return dataclasses.field(default=default, metadata=told)


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
    format: SampleFormat | None = _option("--format")


@dataclass(frozen=True)
class Reading:
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


@dataclass(frozen=True)
class Rounds:
    """Which rounds a report of single rounds shows."""

    round: list[str] = _option("--round", [], metavar="NAME")


@dataclass(frozen=True)
class Explaining:
    """Whether a check says how it understood the files."""

    explain: bool = _option("--explain", default=False)


@dataclass(frozen=True)
class Rules:
    """The programme in force."""

    programme: str | None = _option("--programme", metavar="FILE")
    step: str | None = _option("--step", metavar="YUAN")
    top: str | None = _option("--top", metavar="YUAN")


@dataclass(frozen=True)
class Place:
    """Where the result goes, and in what language people are spoken to."""

    output: str | None = _option("--output", metavar="FILE")
    lang: LanguageChoice | None = _option("--lang")
    quiet: bool = _option("--quiet", default=False)
    debug: bool = _option("--debug", default=False)

    def __post_init__(self) -> None:
        """A file called - is standard output, as everywhere."""
        if self.output == "-":
            object.__setattr__(self, "output", None)


@dataclass(frozen=True)
class Output(Place):
    """Where the report goes, and in what form."""

    format: Format | None = _option("--format")


@dataclass(frozen=True)
class Findings:
    """What makes cron's exit status 1."""

    fail_on: list[str] = _option("--fail-on", [], metavar="FINDING")


@dataclass(frozen=True)
class Common:
    """What every report is asked with."""

    reading: Reading
    rules: Rules
    output: Output
    findings: Findings


def flattened(command: Callable[..., int], words: Words) -> Callable[..., int]:
    """The command with its groups spread into single options, each with its help in the reader's language."""
    groups = {name: kind for name, kind in get_type_hints(command).items() if dataclasses.is_dataclass(kind)}
    parameters = [parameter for kind in groups.values() for parameter in _parameters(kind, words)]

    def packed(**given: Any) -> int:
        return command(words, **{name: _packed(kind, given) for name, kind in groups.items()})

    packed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    packed.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return packed


def _packed(group: Any, given: dict[str, Any]) -> Any:
    kinds = get_type_hints(group)
    nested = {name: _packed(kind, given) for name, kind in kinds.items() if dataclasses.is_dataclass(kind)}
    return group(**{field.name: nested.get(field.name) or given[field.name] for field in dataclasses.fields(group)})


def _parameters(group: Any, words: Words) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group)
    for field in dataclasses.fields(group):
        if dataclasses.is_dataclass(hints[field.name]):
            yield from _parameters(hints[field.name], words)
            continue
        told = _told(field, words)
        default = [] if field.default_factory is not dataclasses.MISSING else field.default
        annotation: Any = Annotated[hints[field.name], told]
        absent = inspect.Parameter.empty if default is dataclasses.MISSING else default
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=absent, annotation=annotation)


def _told(field: dataclasses.Field[Any], words: Words) -> Any:
    choices = ", ".join(get_args(FailOn)) if field.name == "fail_on" else ""
    text, flag, metavar = (
        words(f"option.{field.name}", choices=choices),
        field.metadata["flag"],
        field.metadata["metavar"],
    )
    if flag is None:
        return typer.Argument(help=text, metavar=metavar, show_default=False)
    return typer.Option(flag, help=text, metavar=metavar, min=field.metadata["least"], show_default=False)
