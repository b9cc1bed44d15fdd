"""The rules of a report: the ladder, the tiers, the reference size, the middle-income range."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, get_args

from incomeladder.frames import LARGEST_AMOUNT, MONEY_UNIT, Column
from incomeladder.limits import Limits, Spelt

if TYPE_CHECKING:
    from pydantic import JsonValue

TierName = Literal["floor", "low", "middle"]
SizeRule = Literal["as-is", "reference-only", "per-capita", "square-root", "oecd"]
SIZE_RULES: Final[tuple[SizeRule, ...]] = get_args(SizeRule)
Indicator = Literal[
    "headcount_ratio",
    "poverty_gap",
    "squared_poverty_gap",
    "total_shortfall",
    "gini",
    "mean_income",
    "median_income",
    "p90_p10",
    "s80_s20",
    "urban_rural_ratio",
    "area_ratio",
    "top_share",
    "middle_income_share",
]
INDICATORS: Final[tuple[Indicator, ...]] = get_args(Indicator)
SHARES: Final = frozenset({"headcount_ratio", "top_share", "middle_income_share"})
Yuan = Annotated[Decimal, Limits(ge=0, le=LARGEST_AMOUNT // MONEY_UNIT, decimal_places=4, description="yuan a year")]
PositiveYuan = Annotated[Yuan, Limits(gt=0)]
MOST_BANDS = 1000
_PERCENTAGE: Final = r"^(?=.*[1-9])[0-9]{1,2}(\.[0-9]{1,4})?%$"


def fraction(said: object) -> Decimal:
    """The exact fraction of a percentage such as ``5%``; raises ValueError for anything else."""
    # A bare 5 could be 5 % or 500 %: without the sign it is refused, as are 0 % and 100 %.
    if not isinstance(said, str) or not re.fullmatch(_PERCENTAGE, said):
        raise ValueError("not_percentage")
    return Decimal(said.removesuffix("%")) / 100


Percentage = Annotated[
    Decimal,
    Spelt(fraction, {"type": "string", "pattern": _PERCENTAGE, "description": "a percentage, for example 5%"}),
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


Price = Annotated[Decimal, Limits(gt=0, le=1_000_000, decimal_places=9)]
Prices = Annotated[
    dict[str, Price],
    Limits(description="prices of each round, those of the base being 1", json_schema_extra={"default": {}}),
]


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

    def holding(self, lower: float | None, upper: float | None) -> TierName | None:
        """The tier that a band from ``lower`` to ``upper`` lies in; an open edge is null."""
        for name in self.names:
            tier: Tier = getattr(self, name)
            begins = tier.lower is None or (lower is not None and lower >= tier.lower)
            if begins and upper is not None and upper <= tier.upper:
                return name
        return None


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
class Publishing(Rules):
    """What may be published: counts below the ``threshold`` are hidden."""

    threshold: Annotated[int, Limits(ge=2)]


@dataclass(frozen=True, kw_only=True)
class Target(Rules):
    """What an indicator is to be, ``at_most`` or ``at_least``; by the end of a ``year``, where one is named."""

    at_most: Decimal | None = None
    at_least: Decimal | None = None
    year: Annotated[int, Limits(ge=1949, le=2200)] | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("target_one_way")

    @property
    def value(self) -> Decimal:
        """The number, whichever way it binds."""
        return self.at_most if self.at_least is None else self.at_least  # type: ignore[return-value]  # one is there


@dataclass(frozen=True, kw_only=True)
class Programme(Rules):
    """All rules of a report."""

    name: Annotated[str, Limits(min_length=1)]
    title: Title
    reference_size: Annotated[int, Limits(ge=1)]
    size_rule: SizeRule
    ladder: Ladder
    tiers: Tiers
    middle_income: Range
    key_groups: tuple[str, ...]
    watch: Watch
    publishing: Publishing
    measures: Kinds
    targets: dict[Indicator, Target] = field(default_factory=dict)
    prices: Prices = field(default_factory=dict)
    columns: Columns = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = [heading for each in self.columns.values() for heading in each]
        if len(set(every)) < len(every):
            raise ValueError("heading_of_two_columns")
        if any(target.value > 1 for name, target in self.targets.items() if name in SHARES):
            raise ValueError("target_above_one")

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
