"""The rules of a report: the ladder, the tiers, the reference size, the middle-income range.

A programme file is TOML and says only what differs from the built-in programme (``programme.toml`` beside this
module); a few options differ for one run. ``load`` remembers where each value came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypedDict

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from incomeladder.dotted import nested, read_flat, refuse_unknown
from incomeladder.errors import ProgrammeRefused, Reason
from incomeladder.frames import CANONICAL, LARGEST_AMOUNT, MONEY_UNIT, Column

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

TierName = Literal["floor", "low", "middle"]
Yuan = Annotated[Decimal, Field(ge=0, le=LARGEST_AMOUNT // MONEY_UNIT, decimal_places=4, description="yuan a year")]
PositiveYuan = Annotated[Yuan, Field(gt=0)]
Heading = Annotated[str, Field(min_length=1)]
Headings = Annotated[
    tuple[Heading, ...],
    BeforeValidator(
        lambda said: [said] if isinstance(said, str) else said, json_schema_input_type=Heading | tuple[Heading, ...]
    ),
]
MOST_BANDS = 1000
_PERCENTAGE: Final = r"^(?=.*[1-9])[0-9]{1,2}(\.[0-9]{1,4})?%$"


def _fraction(said: object) -> Decimal:
    # A bare 5 could be 5 % or 500 %: without the sign it is refused, as are 0 % and 100 %.
    if not isinstance(said, str) or not re.fullmatch(_PERCENTAGE, said):
        raise ValueError("not_percentage")
    return Decimal(said.removesuffix("%")) / 100


Percentage = Annotated[
    Decimal,
    BeforeValidator(_fraction),
    WithJsonSchema({"type": "string", "pattern": _PERCENTAGE, "description": "a percentage, for example 5%"}),
]
"""Said as ``"5%"``, above 0 % and below 100 %; held as the exact fraction."""
Kind = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
Kinds = Annotated[
    dict[Kind, "Title"],
    Field(description="kinds of help that a household can be given", json_schema_extra={"additionalProperties": False}),
]


def units(yuan: Decimal) -> int:
    """Yuan in whole ten-thousandths of a yuan."""
    return int(yuan * MONEY_UNIT)


class Rules(BaseModel):
    """Frozen, and without room for a mistyped key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Rules):
    """What readers call a thing, in both languages."""

    en: str
    zh: str


class Ladder(Rules):
    """Bands of equal ``step`` from 0 to ``top``; above the top one open band."""

    step: PositiveYuan
    top: PositiveYuan

    @model_validator(mode="after")
    def _whole_steps(self) -> Ladder:
        if self.top % self.step:
            raise ValueError("top_not_whole_steps")
        if self.top / self.step > MOST_BANDS:
            raise ValueError("too_many_bands")
        return self

    @cached_property
    def bands(self) -> int:
        """How many bands lie below the top."""
        return int(self.top / self.step)


class Tier(Rules):
    """A stretch of the ladder that the programme works on; ``lower`` is held, ``upper`` is not."""

    lower: Yuan | None = None
    upper: PositiveYuan
    target: PositiveYuan

    @model_validator(mode="after")
    def _ordered(self) -> Tier:
        if self.lower is not None and self.lower >= self.upper:
            raise ValueError("tier_upside_down")
        if self.target < self.upper:
            raise ValueError("target_inside_tier")
        return self


class Tiers(Rules):
    """消底 floor, 提低 low, 扩中 middle."""

    names: ClassVar[tuple[TierName, ...]] = ("floor", "low", "middle")

    floor: Tier
    low: Tier
    middle: Tier

    @model_validator(mode="after")
    def _apart(self) -> Tiers:
        if self.floor.lower is not None:
            raise ValueError("floor_has_lower")
        if self.floor.target != self.floor.upper:
            raise ValueError("floor_target")
        below = self.floor.upper
        for tier in (self.low, self.middle):
            if tier.lower is None or tier.lower < below:
                raise ValueError("tiers_overlap")
            below = tier.upper
        return self


class Range(Rules):
    """Incomes from ``lower`` up to, but not including, ``upper``."""

    lower: Yuan
    upper: PositiveYuan

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.lower >= self.upper:
            raise ValueError("range_upside_down")
        return self


class Watch(Rules):
    """Which households need a visit: how near to a line, and after how large a fall of their income.

    ``margin`` is how far above a target is just above it, ``close`` how far below one is near to it, ``drop`` what a
    fall from the last known income must exceed; ``lines`` are the tiers whose targets are watched from above.
    """

    margin: Percentage
    drop: Percentage
    close: Percentage
    lines: tuple[TierName, ...]


class Programme(Rules):
    """All rules of a report."""

    name: Annotated[str, Field(min_length=1)]
    title: Title
    reference_size: Annotated[int, Field(ge=1)]
    size_rule: Literal["as-is"]
    ladder: Ladder
    tiers: Tiers
    middle_income: Range
    key_groups: tuple[str, ...]
    watch: Watch
    measures: Kinds
    columns: Annotated[
        dict[Column, Headings], Field(description="headings of the survey's columns, besides those known anyway")
    ] = {}

    @model_validator(mode="after")
    def _headings_apart(self) -> Programme:
        every = [heading for each in self.columns.values() for heading in each]
        if len(set(every)) < len(every):
            raise ValueError("heading_of_two_columns")
        return self

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
    values, sources = dict(built_in), dict.fromkeys(built_in, "built-in")
    if path is not None:
        said = read_flat(path)
        known = {*built_in, "tiers.floor.lower", "columns", *(f"columns.{name}" for name in CANONICAL)}
        # What a kind of help may be called is the model's to say.
        kinds = {key for key in said if re.fullmatch(r"measures\.[^.]*\.(en|zh)", key)}
        refuse_unknown(said, known | kinds, path)
        values |= said
        sources |= dict.fromkeys(said, str(path))
    for option, value in options.items():
        if value is not None:
            values[_RULES[option]], sources[_RULES[option]] = value, f"--{option}"
    return Loaded(_validated(values, sources), values, sources)


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a programme file: nothing is required of it, since it says only what differs."""
    schema = Programme.model_json_schema()
    for table in (schema, *schema["$defs"].values()):
        table.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _validated(values: dict[str, object], sources: dict[str, str]) -> Programme:
    try:
        return Programme.model_validate(nested(values))
    except ValidationError as error:
        reasons = (_reason(dict(problem), sources) for problem in error.errors())
        raise ProgrammeRefused(*reasons) from error


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
