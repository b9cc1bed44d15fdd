"""What was found out about a survey: the fates of its rows, and whatever is wrong with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from incomeladder import validate
from incomeladder.clean import careful
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import FILE, INCOME, MONEY_UNIT, ROUND, ROW, SKIPPED
from incomeladder.intake import roster
from incomeladder.intake.survey import in_rounds
from incomeladder.natural import natural
from incomeladder.report import Accounting
from incomeladder.suspicions import round_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from incomeladder.intake.reading import Reading
    from incomeladder.intake.survey import Survey
    from incomeladder.read.source import Source

    Query: TypeAlias = Callable[[list[pl.LazyFrame]], list[pl.LazyFrame]]

_LIKE_WAN = 1_000 * MONEY_UNIT
_PROBLEM = dict.fromkeys(("file", "sheet", "row", "column", "value", "rule", "severity", "places"), pl.String)
NO_PROBLEMS = pl.DataFrame(schema=_PROBLEM | {"row": pl.Int64})


@dataclass(frozen=True)
class Verdict:
    """What was found out about a survey: its rows by file, round and fate."""

    reading: Reading
    rows: pl.DataFrame

    def rounds(self) -> frozenset[str]:
        """The rounds of which there are rows."""
        return frozenset(self.rows[ROUND].drop_nulls())

    def accounting(self, rounds: Iterable[str]) -> Accounting:
        """The rows of these rounds, and of those whose round is not known."""
        told = self.rows.filter(in_rounds(rounds))
        counted = ("rows_read", "rejected", "skipped", "missing_income", "households")
        read, rejected, skipped, missing, households = (int(told[name].sum()) for name in counted)
        made = households if self.reading.survey.persons else None
        return Accounting(read, read - rejected - skipped, rejected, skipped, missing, made)

    def typical_income(self, rounds: Iterable[str]) -> float | None:
        """The geometric mean of incomes above 0, in yuan; null where there are none."""
        told = self.rows.filter(in_rounds(rounds)).drop_nulls("log_income")
        mean = told.select((pl.col("log_income") * pl.col("households")).sum() / pl.col("households").sum()).item()
        return math.exp(mean) / MONEY_UNIT if told.height else None

    def largest_income(self, label: str) -> int | None:
        """The largest income of a round, in ten-thousandths of a yuan; null where there are none."""
        largest: int | None = self.rows.filter(pl.col(ROUND) == label).select(pl.col("largest_income").max()).item()
        return largest

    def typical_by_file(self, rounds: Iterable[str]) -> list[tuple[Source, float]]:
        """The geometric mean of each file's incomes above 0, in yuan."""
        told = self.rows.filter(in_rounds(rounds)).drop_nulls("log_income").sort(FILE, ROUND)
        mean = (pl.col("log_income") * pl.col("households")).sum() / pl.col("households").sum()
        logs = told.group_by(FILE, maintain_order=True).agg(mean)
        return [(self.reading.survey.sources[number], math.exp(log) / MONEY_UNIT) for number, log in logs.rows()]

    def rejected_elsewhere(self, rounds: Iterable[str]) -> int:
        """Rows that cannot be used in rounds other than these."""
        return int(self.rows.filter(~in_rounds(rounds))["rejected"].sum())

    def problems(self, rounds: Iterable[str]) -> pl.DataFrame:
        """Every broken rule with its place."""
        rows = self.reading.checked().filter(in_rounds(rounds))
        return _placed(validate.problems(rows, self.reading.rules), self.reading.survey)

    def disagreeing(self, rounds: Iterable[str]) -> int:
        """How many persons of a roster live elsewhere than their household."""
        if not self.reading.survey.persons:
            return 0
        return self.problems(rounds).filter(pl.col("rule") == "members_disagree").height

    def slips(self, rounds: Sequence[str]) -> pl.DataFrame:
        """What changed to these rounds, from whatever round was before, as only a mistake would change it."""
        every = natural(self.rounds())
        return _placed(round_warnings(self.reading.households(), every, rounds), self.reading.survey)

    def counted(self, mark: str, rounds: Iterable[str]) -> int:
        """How many incomes of these rounds bear a mark, such as that they are the sum of their parts."""
        return int(self.rows.filter(in_rounds(rounds))[mark].sum()) if mark in self.rows.columns else 0

    def median_income(self, rounds: Iterable[str]) -> float | None:
        """Of the households with an income, in yuan, unweighted; null where there are none."""
        found = self.reading.households().filter(in_rounds(rounds)).select(pl.col(INCOME).median())
        median = found.collect(engine="streaming").item()
        return None if median is None else median / MONEY_UNIT

    def skipped_places(self, rounds: Iterable[str], most: int) -> list[str]:
        """Where the first of the skipped rows stand, as ``file:row``."""
        rows = self.reading.checked().filter(in_rounds(rounds) & pl.col(SKIPPED)).select(FILE, ROW).head(most)
        names = [source.name for source in self.reading.survey.sources]
        return [f"{names[number]}:{row}" for number, row in rows.collect(engine="streaming").iter_rows()]

    def refuse_unusable(self, rounds: Sequence[str]) -> None:
        """Raise SurveyRefused for rounds without households or incomes, and for incomes that look like 万元."""
        told, reasons = self.accounting(rounds), []
        if told.accepted == 0:
            reasons.append(Reason("no_household", {"rows": told.rows_read}))
        if told.of_households and told.of_households == told.missing_income:
            reasons.append(Reason("every_income_missing", {"households": told.of_households}))
        sources = self.reading.survey.sources
        reasons += [Reason("units_mixed", {"file": source.name}) for source in sources if source.mixes_units]
        reasons += [
            Reason("other_unit", {"file": source.name, "heading": source.layout.other_unit})
            for source in sources
            if source.layout.other_unit and not all(column in source.layout.columns.units for column in source.incomes)
        ]
        reasons += self._repeated_incomes()
        reasons += [Reason("unit_unclear", {"file": name}) for name in self._files_of_unclear_unit()]
        if reasons:
            raise SurveyRefused(*reasons)

    def _repeated_incomes(self) -> list[Reason]:
        """A roster whose column of incomes is the household's, the same beside each member."""
        if not self.reading.survey.persons:
            return []
        return [
            Reason("household_income_repeated", {"file": source.name, "heading": source.heading(INCOME)})
            for number, source in enumerate(self.reading.survey.sources)
            if "户" in source.heading(INCOME) or "家庭" in source.heading(INCOME)
            if roster.repeats_incomes(validate.accepted(self.reading.checked()).filter(pl.col(FILE) == number))
        ]

    def _files_of_unclear_unit(self) -> list[str]:
        """Files whose incomes are all under 1,000, and in which nothing names a unit."""
        largest = self.rows.group_by(FILE).agg(pl.col("largest_income").max())
        small = largest.filter(pl.col("largest_income") < _LIKE_WAN)[FILE].sort()
        return [self.reading.survey.sources[number].name for number in small if not self._says_unit(number)]

    def _says_unit(self, number: int) -> bool:
        source = self.reading.survey.sources[number]
        incomes = source.incomes
        if any(source.names_unit(column) for column in incomes):
            return True
        said = pl.any_horizontal(careful.says_its_unit(pl.col(column)).any() for column in incomes)
        return bool(source.rows.select(said).collect(engine="streaming").item())


def _placed(found: pl.LazyFrame, survey: Survey) -> pl.DataFrame:
    """File numbers to names, canonical columns to the headings of the file."""
    problems = found.collect(engine="streaming")
    places = [
        (number, column, heading)
        for number, source in enumerate(survey.sources)
        for column, heading in source.layout.columns.heading_of.items()
    ]
    headings = pl.DataFrame(places, schema={FILE: pl.Int32, "column": pl.String, "heading": pl.String}, orient="row")
    named = problems.join(headings, on=[FILE, "column"], how="left", nulls_equal=True, maintain_order="left")
    sheets = {number: source.table.sheet for number, source in enumerate(survey.sources)}
    files = {number: source.file.name for number, source in enumerate(survey.sources)}
    return named.select(
        pl.col(FILE).replace_strict(files, return_dtype=pl.String).alias("file"),
        pl.col(FILE).replace_strict(sheets, return_dtype=pl.String).alias("sheet"),
        pl.col(ROW).alias("row"),
        pl.coalesce("heading", "column").alias("column"),
        "value",
        "rule",
        "severity",
        pl.col(validate.PLACES).alias("places"),
    )
