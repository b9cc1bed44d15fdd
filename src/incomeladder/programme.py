"""The rules of a report: the ladder, the tiers, the reference size, the middle-income range.

A programme file is TOML and says only what differs from the built-in programme (``programme.toml`` beside this
module); ``--step`` and ``--top`` differ for one run. ``load`` remembers where each value came from.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from incomeladder.errors import ProgrammeRefused, Reason
from incomeladder.frames import CANONICAL, LARGEST_AMOUNT, MONEY_UNIT, Column

if TYPE_CHECKING:
    from pathlib import Path

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


def units(yuan: Decimal) -> int:
    """Yuan in whole ten-thousandths of a yuan."""
    return int(yuan * MONEY_UNIT)


class Rules(BaseModel):
    """Frozen, and without room for a mistyped key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Rules):
    """The programme's name for readers."""

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


def load(path: Path | None = None, *, step: str | None = None, top: str | None = None) -> Loaded:
    """Lay the file and the options over the built-in programme.

    Raises ProgrammeRefused for an unreadable file, unknown keys (with the nearest known one) and rules that
    contradict one another.
    """
    built_in = _flat(tomllib.loads(files("incomeladder").joinpath("programme.toml").read_text("utf-8")))
    values, sources = dict(built_in), dict.fromkeys(built_in, "built-in")
    if path is not None:
        said = _flat(_read(path))
        _refuse_unknown(
            said, {*built_in, "tiers.floor.lower", "columns", *(f"columns.{name}" for name in CANONICAL)}, path
        )
        values |= said
        sources |= dict.fromkeys(said, str(path))
    for key, option, value in (("ladder.step", "--step", step), ("ladder.top", "--top", top)):
        if value is not None:
            values[key], sources[key] = value, option
    return Loaded(_validated(values, sources), values, sources)


def file_schema() -> dict[str, Any]:
    """The JSON Schema of a programme file: nothing is required of it, since it says only what differs."""
    schema = Programme.model_json_schema()
    for table in (schema, *schema["$defs"].values()):
        table.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _read(path: Path) -> dict[str, Any]:
    try:
        # Notepad writes a byte-order mark, which tomllib refuses.
        return tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise ProgrammeRefused.because("programme_unreadable", file=path, detail=error.strerror) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProgrammeRefused.because("programme_not_toml", file=path, detail=error) from error


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _nested(flat: dict[str, object]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for dotted, value in flat.items():
        *parents, leaf = dotted.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[leaf] = value
    return tree


def _refuse_unknown(said: dict[str, object], known: set[str], path: Path) -> None:
    reasons = []
    for key in said:
        if key not in known:
            nearest = get_close_matches(key, sorted(known), n=1, cutoff=0)
            reasons.append(Reason("programme_unknown_key", {"file": path, "key": key, "nearest": nearest[0]}))
    if reasons:
        raise ProgrammeRefused(*reasons)


def _validated(values: dict[str, object], sources: dict[str, str]) -> Programme:
    try:
        return Programme.model_validate(_nested(values))
    except ValidationError as error:
        reasons = (_reason(dict(problem), sources) for problem in error.errors())
        raise ProgrammeRefused(*reasons) from error


def _reason(problem: dict[str, Any], sources: dict[str, str]) -> Reason:
    key = ".".join(str(part) for part in problem["loc"])
    told = sorted(
        {
            source
            for name, source in sources.items()
            if (name.startswith(key) or key.startswith(f"{name}.")) and source != "built-in"
        }
    )
    where = ", ".join(told) or "built-in"
    if problem["type"] == "value_error":
        return Reason(f"programme_{problem['ctx']['error']}", {"source": where, "key": key})
    return Reason("programme_bad_value", {"source": where, "key": key, "value": problem["input"]})
