"""How the households of two rounds find one another: by keys, where their ids have them, else by the ids themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder import compare
from incomeladder.frames import BAND, ID, INCOME, KEY, SEGMENT, WEIGHT
from incomeladder.intake import kept
from incomeladder.intake.settle import settle
from incomeladder.keys import has_key, key
from incomeladder.link import link
from incomeladder.pipeline.parts import UnfitError, in_parts
from incomeladder.pipeline.request import classified, native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incomeladder.compare import Movers
    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.intake.workspace import Workspace
    from incomeladder.programme import Programme


def are_merged(surveys: Sequence[Survey]) -> bool:
    """Whether both are rounds of the ledger, which are sorted by their ids and so are merged."""
    return all(kept.is_kept(survey) and len(survey.sources) == 1 for survey in surveys)


@dataclass(frozen=True)
class Joining:
    """What is asked of two rounds, and the column ``on`` which they are joined."""

    programme: Programme
    by: tuple[str, ...]
    movers: Movers | None
    on: str = ID

    def between(self, surveys: Sequence[Survey]) -> Joining:
        """The joining that is likely to be the fastest: by keys, unless the rounds are merged."""
        first = [source.first_cell(ID) for survey in surveys for source in survey.sources]
        return replace(self, on=KEY) if not are_merged(surveys) and all(map(has_key, first)) else self

    def side(self, households: pl.LazyFrame) -> pl.LazyFrame:
        """What is joined of a round: as little as the answers take."""
        keyed = households.with_columns(key().alias(KEY)) if self.on == KEY else households
        placed = native(classified(keyed, self.programme, (self.on, *self._carried)))
        return placed.select(*dict.fromkeys((self.on, WEIGHT, *self._carried, *self._compared)))

    @property
    def _compared(self) -> tuple[str, ...]:
        return (SEGMENT,) if self.movers is None else (SEGMENT, BAND, INCOME)

    @property
    def _carried(self) -> tuple[str, ...]:
        return self.by if self.movers is None else (ID, *self.by)

    def answers(self, earlier: pl.LazyFrame, later: pl.LazyFrame) -> list[pl.LazyFrame]:
        """The counts of the ways that households went, and those that moved, if they are asked for."""
        before, after = (nw.from_native(side) for side in (earlier, later))
        linked = link(before, after, self.on, carried=self._carried, compared=self._compared)
        listed = [] if self.movers is None else [native(compare.movers(linked, self.programme, self.movers, self.by))]
        return [native(compare.count(linked, self.by)), *listed]


def compared(
    joining: Joining, surveys: Sequence[Survey], workspace: Workspace
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    """The verdicts on two rounds, and the answers of a joining: in parts if that is worth while."""
    rows = sum(survey.estimated_rows() for survey in surveys)
    parts = 1 if are_merged(surveys) else workspace.parts(rows)
    try:
        return (_at_once if parts == 1 else partial(in_parts, parts=parts))(joining, surveys, workspace)
    except UnfitError:
        # By ids if there are no keys; and what repeats, if anything does, only the one plan for everything can say.
        return compared(
            replace(joining, on=ID), surveys, workspace if joining.on == KEY else replace(workspace, folder=None)
        )


def _at_once(
    joining: Joining, surveys: Sequence[Survey], workspace: Workspace
) -> tuple[list[Verdict], list[pl.DataFrame]]:
    def query(households: list[pl.LazyFrame]) -> list[pl.LazyFrame]:
        sides = [joining.side(frame) for frame in households]
        keyless = [side.select(pl.col(joining.on).is_null().any()) for side in sides]
        return [pl.concat(keyless), *joining.answers(*sides)]

    verdicts, (keyless, *answers) = settle(surveys, query, workspace)
    if keyless.to_series().any():
        raise UnfitError
    return verdicts, answers
