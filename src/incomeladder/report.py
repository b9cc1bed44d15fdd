"""A finished report: numbers and facts, with no layout and no language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from incomeladder.errors import Reason
    from incomeladder.programme import Programme


@dataclass(frozen=True)
class Accounting:
    """What became of the rows: ``rows_read = accepted + rejected + skipped``.

    Of a roster the rows are persons, who make so many ``households``; ``missing_income`` always counts households.
    It ``hides`` the numbers that would tell what a report that is published must not.
    """

    rows_read: int
    accepted: int
    rejected: int
    skipped: int
    missing_income: int
    households: int | None = None
    hides: frozenset[str] = frozenset()

    @property
    def numbers(self) -> dict[str, int]:
        """Every number by its name."""
        return {name: value for name, value in vars(self).items() if name != "hides" and value is not None}

    @property
    def shown(self) -> dict[str, int | None]:
        """What readers are told; null for what is hidden."""
        return {name: None if name in self.hides else value for name, value in self.numbers.items()}

    @property
    def of_households(self) -> int:
        """How many households the accepted rows make."""
        return self.accepted if self.households is None else self.households


@dataclass(frozen=True)
class Report:
    """``tables`` has the main table first; ``accounting`` one entry, or one for each of the rounds compared.

    ``rejects`` lists the rows that were left out, where there are any.
    """

    name: str
    programme: Programme
    parameters: Mapping[str, object]
    accounting: Mapping[str, Accounting]
    tables: Mapping[str, pl.DataFrame]
    notes: tuple[Reason, ...] = ()
    rejects: pl.DataFrame | None = None

    @property
    def main(self) -> pl.DataFrame:
        """The table that formats with room for only one carry."""
        return next(iter(self.tables.values()))

    @property
    def published(self) -> bool:
        """Whether numbers that are null are hidden."""
        return bool(self.parameters.get("publish"))

    @property
    def rejected(self) -> int:
        """How many rows were left out, in all."""
        return sum(told.rejected for told in self.accounting.values())
