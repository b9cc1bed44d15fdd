"""Ladders that may be published: of all, and of the groups within groups that a report is split by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from incomeladder import summarise
from incomeladder.disclosure.choosing import choose
from incomeladder.disclosure.companions import of_groups, of_ladder
from incomeladder.disclosure.shortfalls import telling
from incomeladder.disclosure.views import Coarser, View, each
from incomeladder.disclosure.worlds import Counted
from incomeladder.errors import SurveyRefused
from incomeladder.frames import BELOW_ZERO, MONEY_UNIT, ROUND, SEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from incomeladder.disclosure.views import Atom, Group
    from incomeladder.disclosure.worlds import Tables
    from incomeladder.programme import Programme


@dataclass(frozen=True)
class Level:
    """The ladders of the groups of a level, and what is hidden of them; of those ``lacking`` the shortfall too."""

    counted: Counted
    view: View
    lacking: frozenset[Group] = frozenset()

    def hidden(self) -> dict[str, pl.DataFrame]:
        """Of each table whether a number is hidden."""
        found = self.counted.hidden(self.view.patterns)
        return found | {"summary": self._without_shortfalls(found["summary"])} if self.lacking else found

    def _without_shortfalls(self, hidden: pl.DataFrame) -> pl.DataFrame:
        lacking = self.groups(self.lacking).with_columns(pl.lit(value=True).alias("shortfall"))
        return pl.concat([hidden, lacking], how="diagonal").group_by(self.counted.by).agg(pl.col(pl.Boolean).any())

    def groups(self, wanted: Iterable[Group]) -> pl.DataFrame:
        """The columns that name these groups."""
        return pl.DataFrame(
            [*wanted], {name: self.counted.frame.schema[name] for name in self.counted.by}, orient="row"
        )

    def few(self, threshold: int) -> pl.DataFrame:
        """The groups of so few households that nothing is told of them: where a star stands they would be."""
        return self.groups(group for group, counts in self.view.counts.items() if 0 < sum(counts.values()) < threshold)


def levels(counts: pl.DataFrame, programme: Programme, by: Sequence[str], threshold: int) -> list[Level]:
    """All households of a round, then the groups of the first column of ``by``, of the first two, and so on.

    ``counts`` are those of ``summarise.count``; who comes or goes in another world lacks a yuan to the floor.

    Raises SurveyRefused where small counts cannot be hidden.
    """
    whole = Counted(
        counts, (ROUND, *by), (SEGMENT,), partial(_tables, programme=programme), programme.floor - MONEY_UNIT
    )
    found: list[Level] = []
    for depth in range(len(by) + 1):
        counted = whole.over((ROUND, *by[:depth]))
        view = _view(counted, programme, found[-1].view if found else None)
        if not found:
            _refuse_few(view, threshold)
        choose(view, of_groups if found else of_ladder, threshold)
        found.append(Level(counted, view, telling(counted, view, programme)))
    return found


def listed(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The counts with zeros below 0 and without an income in every group, where anybody of its round is so.

    That a group has a row tells nothing of the group then.
    """
    some = counts.filter((pl.col(SEGMENT) == BELOW_ZERO).fill_null(value=True)).select(ROUND, SEGMENT).unique()
    grid = counts.select(ROUND, *by).unique().join(some, on=ROUND)
    lacking = grid.join(counts, on=grid.columns, how="anti", nulls_equal=True)
    numbers = pl.exclude(grid.columns)
    return pl.concat([counts, lacking], how="diagonal").with_columns(numbers.fill_null(0))


def _refuse_few(view: View, threshold: int) -> None:
    if any(0 < sum(counts.values()) < threshold for counts in view.counts.values()):
        raise SurveyRefused.because("not_publishable", threshold=threshold)


def _tables(counts: pl.DataFrame, by: Sequence[str], programme: Programme) -> Tables:
    of_a_round = counts if ROUND in counts.columns else counts.with_columns(pl.lit("").alias(ROUND))
    banded, others = summarise.banded(of_a_round, programme), [name for name in by if name != ROUND]
    return {
        "bands": summarise.bands(banded, programme, others),
        "summary": summarise.summary(banded, programme, others),
    }


def _view(counted: Counted, programme: Programme, parent: View | None) -> View:
    everywhere: list[Atom] = [(segment,) for segment in range(len(programme.edges))]
    sums = counted.sums([(BELOW_ZERO,), *everywhere, (None,)])
    banded = frozenset([(BELOW_ZERO,), *everywhere])
    counts = {group: _filled(there, everywhere) for group, there in counted.counts().items()}
    coarser = () if parent is None else (Coarser(parent, _parent),)
    sums |= {("summary", "", "banded"): banded, **each(counts)}
    listed = frozenset() if coarser else frozenset([(BELOW_ZERO,), (None,)])
    return View(counts, sums, coarser, scarce=1000, listed=listed)


def _filled(there: dict[Atom, int], everywhere: Sequence[Atom]) -> dict[Atom, int]:
    """The counts that the tables show: all of the ladder's; those below 0 and without an income if there are any."""
    below, missing = ({atom: there[atom]} if atom in there else {} for atom in ((BELOW_ZERO,), (None,)))
    return below | {atom: there.get(atom, 0) for atom in everywhere} | missing


def _parent(group: Group) -> Group:
    return group[:-1]
