"""Checking surveys and answering a query on their households, in one collection.

It is repeated, with care for the columns that want it, only where the straight road left cells over; and once more with
the copies of repeated ids marked, where there are any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from incomeladder import validate
from incomeladder.clean import TYPED, careful, doubt_name
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.frames import FILE, ID, INCOME, MONEY_UNIT, ROUND, ROW, SKIPPED, UNPROVED, WEIGHT, WEIGHT_UNIT
from incomeladder.intake import kept, roster
from incomeladder.intake.survey import in_rounds
from incomeladder.natural import natural
from incomeladder.report import Accounting
from incomeladder.suspicions import round_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from incomeladder.intake.survey import Survey
    from incomeladder.read.survey import Source

_LIKE_WAN = 1_000 * MONEY_UNIT
_PROBLEM = dict.fromkeys(("file", "sheet", "row", "column", "value", "rule", "severity", "places"), pl.String)
NO_PROBLEMS = pl.DataFrame(schema=_PROBLEM | {"row": pl.Int64})


@dataclass(frozen=True)
class Reading:
    """One way of reading a survey: the columns read ``care``-fully, and the copies of ids that are known to repeat.

    Without ``doubt_of_ids`` it is for the caller to find out whether ids repeat.
    """

    survey: Survey
    warnings: tuple[validate.Rule, ...] = ()
    doubt_of_ids: bool = True
    care: frozenset[str] = frozenset()
    copies: pl.DataFrame | None = field(default=None, compare=False)

    @property
    def rules(self) -> tuple[validate.Rule, ...]:
        """The rules that the survey's rows can break, read this way."""
        of_members = roster.rules(self.survey.columns) if self.survey.persons else ()
        return (*validate.rules_for(self.survey.columns, self.care | self.survey.labelled), *of_members, *self.warnings)

    @property
    def proved(self) -> bool:
        """Whether the ledger has proved the rows, and nobody looks for suspicions in them."""
        return not self.warnings and kept.is_kept(self.survey)

    def checked(self) -> pl.LazyFrame:
        """Every row with its fate."""
        checked = validate.check(self.survey.tidy(self.care), self.rules, self.survey.labelled, self.copies)
        return roster.with_others(checked) if self.survey.persons else checked

    def households(self) -> pl.LazyFrame:
        """The accepted rows, or the households that they make; each weighs 1 where the survey has no weights."""
        accepted = kept.households(self.survey) if self.proved else validate.accepted(self.checked())
        held = roster.as_households(accepted) if self.survey.persons else accepted
        return held if WEIGHT in self.survey.columns else held.with_columns(pl.lit(WEIGHT_UNIT).alias(WEIGHT))

    def findings(self) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """The accounting, and what is in doubt."""
        if self.proved:
            return kept.account(self.survey).lazy(), kept.NO_DOUBTS.lazy()
        checked = self.checked()
        account = roster.account if self.survey.persons else validate.account
        doubts = validate.doubts(checked, self.survey.columns, self.care, of_ids=self.doubt_of_ids)
        return account(checked), doubts

    def prove(self) -> Reading:
        """The reading with the shape of every row known."""
        return replace(self, survey=self.survey.prove())

    def again(self, rows: pl.DataFrame, doubts: pl.DataFrame) -> Reading:
        """The reading that the findings ask for: this one, if nothing was left over."""
        if doubts[UNPROVED].item():
            return self.prove()
        in_doubt = {name for name in doubts.columns if doubts[name].item() is True}
        doubtful = {column for column in TYPED if doubt_name(column) in in_doubt}
        if ROUND not in self.care and rows.filter(careful.round_label(pl.col(ROUND)).ne_missing(pl.col(ROUND))).height:
            doubtful.add(ROUND)
        if doubtful:
            return replace(self, care=self.care | doubtful)
        if self.copies is None and doubts[validate.MAY_REPEAT].item():
            repeated = roster.split if self.survey.persons else validate.repeated
            copies = repeated(self.checked()).collect(engine="streaming")
            return replace(self, copies=_spelt(copies, self.survey)) if copies.height else self
        return self


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


def settle(
    surveys: Sequence[Survey],
    query: Callable[[list[pl.LazyFrame]], list[pl.LazyFrame]],
    warnings: tuple[validate.Rule, ...] = (),
    *,
    doubt_of_ids: bool = True,
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """Check the surveys and answer the query on their households.

    The query's answers leave rejected rows out; whether that may be is for the caller to decide by the verdicts.
    """
    readings = [Reading(survey, warnings, doubt_of_ids) for survey in surveys]
    while True:
        try:
            findings = [frame for reading in readings for frame in reading.findings()]
            asked = query([reading.households() for reading in readings])
            told = pl.collect_all([*findings, *asked], engine="streaming")
        except (pl.exceptions.PolarsError, OSError) as error:
            # Whatever comes of a file that was written to, replaced or taken away: that is what is wrong.
            for survey in surveys:
                survey.refuse_changed()
            # A row so long that polars gives up, by another name if it is the first: the proof finds its line.
            too_long = isinstance(error, (pl.exceptions.ComputeError, pl.exceptions.SchemaError))
            if not too_long or all(reading.survey.proved for reading in readings):
                raise
            readings = [reading.prove() for reading in readings]
            continue
        rows, doubts, answers = told[: len(findings) : 2], told[1 : len(findings) : 2], told[len(findings) :]
        better = [reading.again(*found) for reading, *found in zip(readings, rows, doubts, strict=True)]
        if all(new is old for new, old in zip(better, readings, strict=True)):
            break
        readings = better
    for survey in surveys:
        survey.refuse_changed()
    return [Verdict(*pair) for pair in zip(readings, rows, strict=True)], answers


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


def _spelt(copies: pl.DataFrame, survey: Survey) -> pl.DataFrame:
    """Each repeated id once, with the places of its copies as ``file:row, file:row``."""
    names = {number: source.name for number, source in enumerate(survey.sources)}
    place = pl.format("{}:{}", pl.col(FILE).replace_strict(names, return_dtype=pl.String), pl.col(ROW))
    return copies.group_by(ROUND, ID, maintain_order=True).agg(place.str.join(", ").alias(validate.PLACES))
