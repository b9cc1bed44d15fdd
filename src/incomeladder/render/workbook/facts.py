"""What the sheets of a report ask of it: the round reported, the one before, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from incomeladder.frames import MONEY_UNIT, ROUND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from typing import Any

    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Row = Mapping[str, Any]  # of a finished table: numbers, texts, and null


@dataclass(frozen=True)
class Facts:
    """A report of the round ``now``, and of the one ``was`` before it where there is one."""

    report: Report

    @property
    def rounds(self) -> Sequence[str]:
        """The rounds, the earlier first."""
        return cast("Sequence[str]", self.report.parameters["rounds"])

    @property
    def now(self) -> str:
        """The round that is reported."""
        return self.rounds[-1]

    @property
    def was(self) -> str | None:
        """The round before it."""
        return self.rounds[0] if len(self.rounds) > 1 else None

    @property
    def by(self) -> Sequence[str]:
        """The columns by which places are told apart."""
        return cast("Sequence[str]", self.report.parameters["by"])

    def title(self, words: Words) -> str:
        """What the programme is called."""
        return cast("str", getattr(self.report.programme.title, words.language))

    @property
    def is_weighted(self) -> bool:
        """Whether shares are of weights."""
        return bool(self.report.parameters["weighted"])

    @property
    def is_followed(self) -> bool:
        """Whether it is known who moved."""
        return "matrix" in self.report.tables

    @property
    def floor(self) -> Decimal:
        """The line of 消底, in yuan."""
        return self.report.programme.tiers.floor.upper

    def of_round(self, name: str, label: str | None) -> list[Row]:
        """The rows of a table about a round; none without a round."""
        return list(self.report.tables[name].filter(pl.col(ROUND) == (label or "")).iter_rows(named=True))

    def below_floor(self, band: Row) -> bool:
        """Whether all of a band lies below the floor."""
        return band["upper"] is not None and band["upper"] <= self.floor


def change(now: float | None, was: float | None) -> float | None:
    """How much more there is now, to the last digit; none where either is not known."""
    # Whole ten-thousandths, so rounding there undoes what subtracting doubles does.
    return None if now is None or was is None else round((now - was) * MONEY_UNIT) / MONEY_UNIT


def points(now: float | None, was: float | None) -> float | None:
    """The change of a share in percentage points, to one decimal, as it is shown; none where either is not known."""
    return None if now is None or was is None else round(100 * (now - was), 1) + 0.0


def total(counts: Sequence[int | None]) -> int | None:
    """The sum; none where one of them is not published."""
    return None if None in counts else sum(count or 0 for count in counts)
