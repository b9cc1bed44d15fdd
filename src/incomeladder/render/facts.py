"""What a report of one or two rounds is asked for its page and its workbook, and numbers as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

import polars as pl

from incomeladder.frames import ROUND
from incomeladder.render.numbers import counted, percent
from incomeladder.render.wording import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from incomeladder.programme import Programme, Range, Tier
    from incomeladder.render.wording import Words
    from incomeladder.report import Report

    Number = float | Decimal | None
    Numbers = Mapping[str, float | None]

_UNKNOWN: Final = "–"


@dataclass(frozen=True)
class Facts:
    """A report of the round ``now``, and of the one ``was`` before it where there is one."""

    report: Report
    words: Words

    @property
    def programme(self) -> Programme:
        """The rules in force."""
        return self.report.programme

    @property
    def title(self) -> str:
        """What the programme is called."""
        return cast("str", getattr(self.programme.title, self.words.language))

    @cached_property
    def rounds(self) -> tuple[str, ...]:
        """The rounds, the earlier first."""
        return tuple(cast("Sequence[str]", self.report.parameters["rounds"]))

    @property
    def now(self) -> str:
        """The round that is reported."""
        return self.rounds[-1]

    @property
    def was(self) -> str | None:
        """The round before it."""
        return self.rounds[0] if len(self.rounds) > 1 else None

    @property
    def is_followed(self) -> bool:
        """Whether it is known who moved."""
        return "moves" in self.report.tables

    def named(self) -> dict[str, str]:
        """The rounds as sentences name them."""
        return {"before": self.was or "", "after": self.now}

    def summary(self, label: str | None) -> Numbers:
        """The headline of a round."""
        return next(self._of_round("summary", label))

    def ladder(self, label: str | None) -> dict[str, Mapping[str, float | None]]:
        """The bands of a round by their names."""
        return {row["band"]: row for row in self._of_round("bands", label)}  # type: ignore[misc]  # names are texts

    def _of_round(self, name: str, label: str | None) -> Iterator[Numbers]:
        return self.report.tables[name].filter(pl.col(ROUND) == label).iter_rows(named=True)

    @property
    def rejected(self) -> str:
        """How many rows are in no number, for a sentence; nothing where there are none."""
        counts = [told.shown["rejected"] for told in self.report.accounting.values()]
        return HIDDEN if None in counts else counted(sum(filter(None, counts))) if any(counts) else ""

    def stretch(self, stretch: Tier | Range) -> str:
        """From where to where a tier or range goes."""
        if stretch.lower is None:
            return self.words("range.below", upper=counted(stretch.upper))
        return self.words("range.between", lower=counted(stretch.lower), upper=counted(stretch.upper))


def told(number: Number) -> str:
    """A count or an amount, with thousands set apart; a mark where it is not published."""
    return HIDDEN if number is None else counted(number)


def told_share(share: float | None, households: Number) -> str:
    """A share with one decimal; a dash where there is nothing to share."""
    if share is None:
        return HIDDEN if households is None else _UNKNOWN
    return percent(share)


def all_told(row: Mapping[str, float | Decimal | str | None]) -> dict[str, object]:
    """The numbers of a row as sentences take them."""
    return {name: value if isinstance(value, str) else told(value) for name, value in row.items()}


def difference(now: Number, was: Number) -> Decimal | None:
    """How much more there is now, exactly; none where either is not published."""
    # A double prints as the exact decimal that it stands for; subtracted as doubles, digits would be made up.
    return None if now is None or was is None else Decimal(str(now)) - Decimal(str(was))


def signed(change: Decimal | None) -> str:
    """A change with its sign; the minus as wide as the plus."""
    return told(change) if not change else f"{'+' if change > 0 else '−'}{told(abs(change))}"


def points(now: float | None, was: float | None) -> Decimal | None:
    """The change of a share in percentage points, as precise as shares are shown; none where either is unknown."""
    return None if now is None or was is None else Decimal(f"{100 * (now - was):.1f}")


def told_points(change: Decimal | float | None, decimals: int = 1) -> str:
    """A change in percentage points with its sign; a dash where it is unknown."""
    if change is None:
        return _UNKNOWN
    shown = f"{abs(change):.{decimals}f}"
    return shown if not float(shown) else f"{'+' if change > 0 else '−'}{shown}"
