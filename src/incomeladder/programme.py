"""The rules of a report: the ladder, the tiers, the reference size, the middle-income range.

A programme file is TOML and says only what differs from the built-in programme (``programme.toml`` beside this
module); a few options differ for one run. ``load`` remembers where each value came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypedDict

from incomeladder.dotted import nested, read_flat, refuse_unknown
from incomeladder.errors import ProgrammeRefused, Reason
from incomeladder.frames import CANONICAL, LARGEST_AMOUNT, MONEY_UNIT, Column
from incomeladder.limits import Limits, Spelt

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from pydantic import JsonValue, TypeAdapter

TierName = Literal["floor", "low", "middle"]
Yuan = Annotated[Decimal, Limits(ge=0, le=LARGEST_AMOUNT // MONEY_UNIT, decimal_places=4, description="yuan a year")]
PositiveYuan = Annotated[Yuan, Limits(gt=0)]
MOST_BANDS = 1000
_PERCENTAGE: Final = r"^(?=.*[1-9])[0-9]{1,2}(\.[0-9]{1,4})?%$"


def _fraction(said: object) -> Decimal:
    # A bare 5 could be 5 % or 500 %: without the sign it is refused, as are 0 % and 100 %.
    if not isinstance(said, str) or not re.fullmatch(_PERCENTAGE, said):
        raise ValueError("not_percentage")
    return Decimal(said.removesuffix("%")) / 100


Percentage = Annotated[
    Decimal,
    Spelt(_fraction, {"type": "string", "pattern": _PERCENTAGE, "description": "a percentage, for example 5%"}),
]
"""Said as ``"5%"``, above 0 % and below 100 %; held as the exact fraction."""


def _several(said: object) -> object:
    return [said] if isinstance(said, str) else said


_HEADING: Final[dict[str, JsonValue]] = {"type": "string", "minLength": 1}
Heading = Annotated[str, Limits(min_length=1)]
Headings = Annotated[tuple[Heading, ...], Spelt(_several, {"anyOf": [_HEADING, {"type": "array", "items": _HEADING}]})]
"""Said as one heading or as several."""
Kind = Annotated[str, Limits(pattern="^[a-z0-9][a-z0-9-]*$")]


def units(yuan: Decimal) -> int:
    """Yuan in whole ten-thousandths of a yuan."""
    return int(yuan * MONEY_UNIT)


class Rules:
    """What pydantic lets no mistyped key into."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Title(Rules):
    """What readers call a thing, in both languages."""

    en: str
    zh: str


Kinds = Annotated[
    dict[Kind, Title],
    Limits(
        description="kinds of help that a household can be given", json_schema_extra={"additionalProperties": False}
    ),
]
Columns = Annotated[
    dict[Column, Headings],
    Limits(
        description="headings of the survey's columns, besides those known anyway", json_schema_extra={"default": {}}
    ),
]


@dataclass(frozen=True, kw_only=True)
class Ladder(Rules):
    """Bands of equal ``step`` from 0 to ``top``; above the top one open band."""

    step: PositiveYuan
    top: PositiveYuan

    def __post_init__(self) -> None:
        if self.top % self.step:
            raise ValueError("top_not_whole_steps")
        if self.top / self.step > MOST_BANDS:
            raise ValueError("too_many_bands")

    @cached_property
    def bands(self) -> int:
        """How many bands lie below the top."""
        return int(self.top / self.step)


@dataclass(frozen=True, kw_only=True)
class Tier(Rules):
    """A stretch of the ladder that the programme works on; ``lower`` is held, ``upper`` is not."""

    lower: Yuan | None = None
    upper: PositiveYuan
    target: PositiveYuan

    def __post_init__(self) -> None:
        if self.lower is not None and self.lower >= self.upper:
            raise ValueError("tier_upside_down")
        if self.target < self.upper:
            raise ValueError("target_inside_tier")


@dataclass(frozen=True, kw_only=True)
class Tiers(Rules):
    """消底 floor, 提低 low, 扩中 middle."""

    names: ClassVar[tuple[TierName, ...]] = ("floor", "low", "middle")

    floor: Tier
    low: Tier
    middle: Tier

    def __post_init__(self) -> None:
        if self.floor.lower is not None:
            raise ValueError("floor_has_lower")
        if self.floor.target != self.floor.upper:
            raise ValueError("floor_target")
        below = self.floor.upper
        for tier in (self.low, self.middle):
            if tier.lower is None or tier.lower < below:
                raise ValueError("tiers_overlap")
            below = tier.upper


@dataclass(frozen=True, kw_only=True)
class Range(Rules):
    """Incomes from ``lower`` up to, but not including, ``upper``."""

    lower: Yuan
    upper: PositiveYuan

    def __post_init__(self) -> None:
        if self.lower >= self.upper:
            raise ValueError("range_upside_down")


@dataclass(frozen=True, kw_only=True)
class Watch(Rules):
    """Which households need a visit: how near to a line, and after how large a fall of their income.

    ``margin`` is how far above a target is just above it, ``close`` how far below one is near to it, ``drop`` what a
    fall from the last known income must exceed; ``lines`` are the tiers whose targets are watched from above.
    """

    margin: Percentage
    drop: Percentage
    close: Percentage
    lines: tuple[TierName, ...]


@dataclass(frozen=True, kw_only=True)
class Programme(Rules):
    """All rules of a report."""

    name: Annotated[str, Limits(min_length=1)]
    title: Title
    reference_size: Annotated[int, Limits(ge=1)]
    size_rule: Literal["as-is"]
    ladder: Ladder
    tiers: Tiers
    middle_income: Range
    key_groups: tuple[str, ...]
    watch: Watch
    measures: Kinds
    columns: Columns = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = [heading for each in self.columns.values() for heading in each]
        if len(set(every)) < len(every):
            raise ValueError("heading_of_two_columns")

    @property
    def floor(self) -> int:
        """The line of 消底 in ten-thousandths of a yuan; strictly below it is flagged."""
        return units(self.tiers.floor.upper)

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """Every edge of the ladder from 0 on and every line that a report counts by, rising, in the same unit."""
        step = units(self.ladder.step)
        return tuple(sorted({*range(0, units(self.ladder.top) + 1, step), *self.lines}))

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """Every line that a report counts by, rising, in ten-thousandths of a yuan."""
        edges = {self.ladder.top, self.middle_income.lower, self.middle_income.upper}
        for name in Tiers.names:
            tier: Tier = getattr(self.tiers, name)
            edges |= {tier.upper, tier.target} | ({tier.lower} if tier.lower is not None else set())
        return tuple(sorted(units(edge) for edge in edges))


@dataclass(frozen=True)
class Loaded:
    """A programme, and for each of its values (by dotted key) where it was said."""

    programme: Programme
    values: dict[str, object]
    sources: dict[str, str]


class Options(TypedDict, total=False):
    """The rules that differ for one run, as said on the command line; what is None was not said."""

    step: str | None
    top: str | None
    margin: str | None
    drop: str | None
    close: str | None


_RULES: Final = {
    "step": "ladder.step",
    "top": "ladder.top",
    "margin": "watch.margin",
    "drop": "watch.drop",
    "close": "watch.close",
}
"""The rule that each option stands for."""


def load(path: Path | None = None, **options: Unpack[Options]) -> Loaded:
    """Lay the file and the options over the built-in programme.

    Raises ProgrammeRefused for an unreadable file, unknown keys (with the nearest known one) and rules that
    contradict one another.
    """
    built_in = read_flat(files("incomeladder").joinpath("programme.toml"))
    told = {option: value for option, value in options.items() if value is not None}
    values, sources = dict(built_in), dict.fromkeys(built_in, "built-in")
    if path is None and not told:
        return Loaded(_sound(nested(values)), values, sources)
    if path is not None:
        said = _said(path, built_in)
        values |= said
        sources |= dict.fromkeys(said, str(path))
    for option, value in told.items():
        values[_RULES[option]], sources[_RULES[option]] = value, f"--{option}"
    return Loaded(_validated(values, sources), values, sources)


def _said(path: Path, built_in: dict[str, object]) -> dict[str, object]:
    said = read_flat(path)
    known = {*built_in, "tiers.floor.lower", "columns", *(f"columns.{name}" for name in CANONICAL)}
    # What a kind of help may be called is the model's to say.
    kinds = {key for key in said if re.fullmatch(r"measures\.[^.]*\.(en|zh)", key)}
    refuse_unknown(said, known | kinds, path)
    return said


def _sound(rules: dict[str, Any]) -> Programme:
    """The built-in programme: a test has proved its values, so that no report waits for pydantic."""
    tables: dict[str, object] = {
        "title": Title(**rules["title"]),
        "ladder": Ladder(**_amounts(rules["ladder"])),
        "tiers": Tiers(**{name: Tier(**_amounts(tier)) for name, tier in rules["tiers"].items()}),
        "middle_income": Range(**_amounts(rules["middle_income"])),
        "key_groups": tuple(rules["key_groups"]),
        "watch": _watch(**rules["watch"]),
        "measures": {kind: Title(**title) for kind, title in rules["measures"].items()},
    }
    return Programme(**rules | tables)


def _amounts(table: dict[str, int]) -> dict[str, Decimal]:
    return {key: Decimal(yuan) for key, yuan in table.items()}


def _watch(lines: list[TierName], **shares: str) -> Watch:
    return Watch(lines=tuple(lines), **{key: _fraction(share) for key, share in shares.items()})


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a programme file: nothing is required of it, since it says only what differs."""
    schema = _adapter().json_schema()
    for table in (schema, *schema["$defs"].values()):
        table.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _validated(values: dict[str, object], sources: dict[str, str]) -> Programme:
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return _adapter().validate_python(nested(values))
    except ValidationError as error:
        reasons = (_reason(dict(problem), sources) for problem in error.errors())
        raise ProgrammeRefused(*reasons) from error


@cache
def _adapter() -> TypeAdapter[Programme]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Programme)


def _reason(problem: dict[str, Any], sources: dict[str, str]) -> Reason:
    *parents, last = (str(part) for part in problem["loc"])
    table = ".".join(parents)
    key = f"{table}.{last}" if table else last
    # Only the tables of kinds are made by files alone: they can lack a name, or be called what no kind can.
    if problem["type"] == "missing":
        return Reason("programme_lacks_name", {"source": _source(table, sources), "key": key})
    if last == "[key]":
        return Reason("programme_bad_kind", {"source": _source(table, sources), "table": table})
    if problem["type"] == "value_error":
        return Reason(f"programme_{problem['ctx']['error']}", {"source": _source(key, sources), "key": key})
    return Reason("programme_bad_value", {"source": _source(key, sources), "key": key, "value": problem["input"]})


def _source(key: str, sources: dict[str, str]) -> str:
    """Where the values of a key, of its table or of those inside it were said."""
    told = sorted(
        {
            source
            for name, source in sources.items()
            if (name.startswith(key) or key.startswith(f"{name}.")) and source != "built-in"
        }
    )
    return ", ".join(told) or "built-in"
