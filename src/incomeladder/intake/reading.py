"""One way of reading a survey: which road is taken, what has to be found out, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from incomeladder import validate
from incomeladder.clean import TYPED, careful, doubt_name
from incomeladder.frames import (
    FILE,
    FROM_PARTS,
    ID,
    INCOME,
    LACKS_PART,
    REJECTED,
    ROUND,
    ROW,
    SKIPPED,
    UNPROVED,
    WEIGHT,
    WEIGHT_UNIT,
)
from incomeladder.intake import kept, plain, roster
from incomeladder.intake.repeats import Hashes, hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.intake.survey import Survey
    from incomeladder.intake.workspace import Workspace

_EVIDENCE: Final = frozenset(
    (FILE, ROUND, INCOME, SKIPPED, REJECTED, FROM_PARTS, LACKS_PART, UNPROVED, plain.JUDGED, *map(doubt_name, TYPED))
)

_PLACES: Final = 5
"""Copies of an id of which the places are told beside each of them: all would be the square of their number."""


class Findings(NamedTuple):
    """The accounting; what is in doubt, in a frame of its own or beside; and the hashes of ids, if they are asked."""

    account: pl.LazyFrame
    doubts: pl.LazyFrame | None = None
    hashes: Hashes | None = None

    @property
    def frames(self) -> list[pl.LazyFrame]:
        """What is to be collected."""
        asked = (self.account, self.doubts, None if self.hashes is None else self.hashes.frame)
        return [frame for frame in asked if frame is not None]

    def in_doubt(self, collected: Sequence[pl.DataFrame]) -> frozenset[str]:
        """The names of all that is in doubt."""
        told = collected[0 if self.doubts is None else 1]
        doubts = told.select(pl.selectors.boolean().any())
        return frozenset(name for name in doubts.columns if doubts[name].item())

    def may_repeat(self, collected: Sequence[pl.DataFrame]) -> bool:
        """Whether an id may stand twice in a round; it takes a while to say."""
        return self.hashes is not None and self.hashes.may_repeat(collected[-1])


@dataclass(frozen=True)
class Reading:
    """One way of reading a survey: the columns read ``care``-fully, and the copies of ids that are known to repeat.

    Unless its rows are ``judged``, it is the straight road, on which they are known to be of ``several`` rounds or not.
    Without ``doubt_of_ids`` it is for the caller to find out whether ids repeat.
    """

    survey: Survey
    warnings: tuple[validate.Rule, ...] = ()
    doubt_of_ids: bool = True
    care: frozenset[str] = frozenset()
    judged: bool = True
    several: bool = False
    copies: pl.DataFrame | None = field(default=None, compare=False)

    @classmethod
    def first(
        cls,
        survey: Survey,
        *,
        warnings: tuple[validate.Rule, ...] = (),
        doubt_of_ids: bool = True,
        straight: bool = True,
    ) -> Reading:
        """The reading to begin with: the straight road if it is open.

        That road leaves texts as they are; who writes households down before he looks at them cannot take it.
        """
        judged = cls(survey, warnings, doubt_of_ids)
        is_open = straight and not judged.proved and plain.is_open(survey)
        return replace(judged, judged=False) if is_open else judged.prove()

    @property
    def rules(self) -> tuple[validate.Rule, ...]:
        """The rules that the survey's rows can break, read this way."""
        of_members = roster.rules(self.survey.columns) if self.survey.persons else ()
        care = self.care | self.survey.labelled
        return (*validate.rules_for(self.survey.columns, care, self.survey.needed), *of_members, *self.warnings)

    @property
    def proved(self) -> bool:
        """Whether the ledger has proved the rows, and nobody looks for suspicions in them."""
        return not self.warnings and not self.survey.needed and kept.is_kept(self.survey)

    def checked(self) -> pl.LazyFrame:
        """Every row with its fate."""
        checked = validate.check(self.survey.tidy(self.care), self.rules, self.survey.labelled, self.copies)
        return roster.with_others(checked) if self.survey.persons else checked

    def rows(self) -> pl.LazyFrame:
        """Every row with what there is to find out of it; each weighs 1 where the survey has no weights."""
        rows = self._rows()
        return rows if WEIGHT in self.survey.columns else rows.with_columns(pl.lit(WEIGHT_UNIT).alias(WEIGHT))

    def _rows(self) -> pl.LazyFrame:
        if self.proved:
            return kept.households(self.survey)
        return self.checked() if self.judged else plain.households(self.survey)

    def accepted(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Those of its rows that are accepted."""
        return validate.accepted(rows) if self.judged and not self.proved else rows

    def households(self, rows: pl.LazyFrame | None = None) -> pl.LazyFrame:
        """The accepted rows, or the households that they make."""
        accepted = self.accepted(self.rows() if rows is None else rows)
        made = roster.as_households(accepted) if self.survey.persons and not self.proved else accepted
        return made if self.survey.scale is None else self.survey.scale.placed(made)

    def evidence(self, rows: pl.LazyFrame) -> dict[str, pl.Expr | None]:
        """The columns of its rows of which the findings are made, but for the ids, with what is likely in all of them.

        Nothing is likely of a column with None.
        """
        likely = {column: pl.lit(value=False) for column in (UNPROVED, plain.JUDGED, *map(doubt_name, TYPED))}
        first, *others = self.survey.sources
        if not others:
            likely[FILE] = pl.lit(first.number, pl.Int32)
        if not self.several and self.survey.may_be_one_round:
            likely[ROUND] = pl.lit(first.first_label if first.has_rounds else first.label, pl.String)
        there = () if self.proved else rows.collect_schema()
        return {name: likely.get(name) for name in there if name in _EVIDENCE}

    def findings(self, rows: pl.LazyFrame, workspace: Workspace) -> Findings:
        """What there is to find out of its rows, before anything is believed."""
        if self.proved:
            return Findings(kept.account(self.survey).lazy())
        found = self._judged_findings(rows) if self.judged else self._plain_findings(rows)
        if not self.doubt_of_ids or ID not in self.survey.columns:
            return found
        return found._replace(hashes=hashes(rows, self.survey.estimated_rows(), workspace))

    def _judged_findings(self, rows: pl.LazyFrame) -> Findings:
        account = (roster.account if self.survey.persons else validate.account)(rows, self.survey.scope)
        return Findings(account, validate.doubts(rows, self.survey.columns, self.care))

    def _plain_findings(self, rows: pl.LazyFrame) -> Findings:
        one_round = not self.several and self.survey.may_be_one_round
        return Findings(plain.findings(rows, self.survey, one_round=one_round))

    def prove(self) -> Reading:
        """The reading with the shape of every row known; where that took the careful reader, every row is judged."""
        survey = self.survey.prove()
        return replace(self, survey=survey, judged=self.judged or not plain.is_open(survey))

    def judge(self) -> Reading:
        """The reading with every row judged; to be judged, a row must have its shape known."""
        return self if self.judged else replace(self.prove(), judged=True)

    def again(self, findings: Findings, collected: Sequence[pl.DataFrame]) -> Reading:
        """The reading that the findings ask for: this one, if nothing was left over."""
        in_doubt, rows = findings.in_doubt(collected), collected[0]
        if UNPROVED in in_doubt:
            return self.prove()
        if plain.SEVERAL in in_doubt:
            return replace(self, several=True)
        doubtful = {column for column in TYPED if doubt_name(column) in in_doubt}
        if ROUND not in self.care and rows.filter(careful.round_label(pl.col(ROUND)).ne_missing(pl.col(ROUND))).height:
            doubtful.add(ROUND)
        if doubtful:
            return replace(self.judge(), care=self.care | doubtful)
        if self.copies is None and findings.may_repeat(collected):
            judge = self.judge()
            repeated = roster.split if self.survey.persons else validate.repeated
            copies = repeated(judge.checked()).collect(engine="streaming")
            return replace(judge, copies=_spelt(copies, self.survey)) if copies.height else self
        return self.judge() if plain.JUDGED in in_doubt else self


def _spelt(copies: pl.DataFrame, survey: Survey) -> pl.DataFrame:
    """Each repeated id once, with the places of its copies as ``file:row, file:row``, the first of them if many."""
    names = {number: source.name for number, source in enumerate(survey.sources)}
    place = pl.format("{}:{}", pl.col(FILE).replace_strict(names, return_dtype=pl.String), pl.col(ROW))
    more = pl.when(pl.len() > _PLACES).then(pl.format(", … ({})", pl.len())).otherwise(pl.lit(""))
    told = (place.head(_PLACES).str.join(", ") + more).alias(validate.PLACES)
    return copies.group_by(ROUND, ID, maintain_order=True).agg(told)
