"""How the households of two rounds find one another: by keys, where their ids have them, else by the ids themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from incomeladder import compare, summarise
from incomeladder.frames import BAND, ID, INCOME, KEY, ROUND, SEGMENT, WEIGHT
from incomeladder.intake import kept
from incomeladder.keys import has_key, key
from incomeladder.link import link
from incomeladder.pipeline.answering import answered
from incomeladder.pipeline.parts import UnfitError, in_parts
from incomeladder.pipeline.request import classified, native

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    import polars as pl

    from incomeladder.compare import Movers
    from incomeladder.frames import Lazy
    from incomeladder.intake.survey import Survey
    from incomeladder.intake.verdict import Verdict
    from incomeladder.pipeline.request import Request
    from incomeladder.programme import Programme

    Answers: TypeAlias = tuple[list[Verdict], dict[str, pl.DataFrame]]


def are_merged(surveys: Sequence[Survey]) -> bool:
    """Whether both are rounds of the ledger, which are sorted by their ids and so are merged."""
    return all(kept.is_kept(survey) and len(survey.sources) == 1 for survey in surveys)


@dataclass(frozen=True)
class Joining:
    """What is asked of two rounds, and the column ``on`` which they are joined.

    Of a sample ``design`` names the columns that tell how it was drawn; ``incomes`` asks for those of either round,
    ``ladders`` for the ladder of either round by these columns.
    """

    programme: Programme
    by: tuple[str, ...]
    movers: Movers | None
    design: tuple[str, ...] | None = None
    incomes: bool = False
    ladders: tuple[str, ...] | None = None
    on: str = ID

    def ways(self, surveys: Sequence[Survey]) -> list[Joining]:
        """By keys, as far as the first rows show any, and else by ids."""
        first = [source.first_cell(ID) for survey in surveys for source in survey.sources]
        return [replace(self, on=KEY), self] if all(map(has_key, first)) else [self]

    def taken(self, rows: Lazy, beside: Iterable[str]) -> Lazy:
        """What ``side`` is made of, and the columns ``beside``: as little of a round as the answers take."""
        keyed = self.keyed(rows)
        wanted = dict.fromkeys((self.on, WEIGHT, INCOME, *self._carried, *(self.ladders or ()), *beside))
        return keyed.select(name for name in keyed.collect_schema().names() if name in wanted)

    def side(self, households: Lazy) -> Lazy:
        """What is joined of a round."""
        of_ladders = () if self.ladders is None else (ROUND, INCOME, *self.ladders)
        placed = classified(households, self.programme, (self.on, *self._carried, *of_ladders))
        incomes = (INCOME,) if self.incomes else ()
        return placed.select(*dict.fromkeys((self.on, WEIGHT, *self._carried, *self._compared, *incomes, *of_ladders)))

    def keyed(self, rows: Lazy) -> Lazy:
        """With keys, if they are joined on; only polars packs them."""
        return nw.from_native(native(rows).with_columns(key().alias(KEY))) if self.on == KEY else rows

    @property
    def _compared(self) -> tuple[str, ...]:
        return (SEGMENT,) if self.movers is None else (SEGMENT, BAND, INCOME)

    @property
    def _carried(self) -> tuple[str, ...]:
        ids = () if self.movers is None else (ID,)
        return tuple(dict.fromkeys((*ids, *self.by, *(self.design or ()))))

    def answers(self, before: Lazy, after: Lazy) -> dict[str, Lazy]:
        """The ``counts`` of the ways that households went, of a sample ``alike``; what else is asked for beside.

        That are the ``movers``, the incomes ``before`` and ``after``, and the ladders of either round.
        """
        ends = {"before": before, "after": after}
        linked = link(before, after, self.on, carried=self._carried, compared=self._compared)
        if self.design is None:
            asked = {"counts": compare.count(linked, self.by)}
        else:
            asked = {"alike": compare.count_alike(linked, self.by, self.design)}
        if self.movers is not None:
            asked["movers"] = compare.movers(linked, self.programme, self.movers, self.by)
        if self.incomes:
            known = [nw.col(self.on).alias(ID), *map(nw.col, dict.fromkeys((*self.by, INCOME, WEIGHT)))]
            asked |= {end: side.select(*known) for end, side in ends.items()}
        if self.ladders is not None:
            asked |= {f"ladder_{end}": summarise.count(side, self.ladders) for end, side in ends.items()}
        return asked


def compared(joining: Joining, surveys: Sequence[Survey], request: Request) -> Answers:
    """The verdicts on two rounds, and the answers of a joining: in parts if that is worth while."""
    # Of rosters, households have to be made before anything can be joined: they are in memory by then.
    if request.engine is not None or are_merged(surveys) or any(survey.persons for survey in surveys):
        return _at_once(joining, surveys, request)
    workspace = request.workspace
    parts = workspace.parts(sum(survey.estimated_rows() for survey in surveys))
    for joined in joining.ways(surveys):
        try:
            return _at_once(joined, surveys, request) if parts == 1 else in_parts(joined, surveys, workspace, parts)
        except UnfitError:
            continue
    # What repeats, if anything does, only one plan for everything can say.
    return _at_once(joining, surveys, replace(request, workspace=replace(workspace, folder=None)))


def _at_once(joining: Joining, surveys: Sequence[Survey], request: Request) -> Answers:
    names: list[str] = []

    def query(households: list[Lazy]) -> list[Lazy]:
        sides = [joining.side(joining.keyed(frame)) for frame in households]
        if request.engine is None and not are_merged(surveys):
            # Repeated ids are found beside, and there is another reading then. Were the column none of ids, joining
            # each with most of the others would never end.
            sides = [side.unique(subset=[joining.on], keep="any") for side in sides]
        keyless = [side.select(nw.col(KEY).is_null().any()) for side in sides if joining.on == KEY]
        asked = joining.answers(*sides)
        names[:] = asked
        return [*keyless, *asked.values()]

    verdicts, told = answered(surveys, query, request, joining.by)
    answers = told[-len(names) :]
    if any(keyless.item() for keyless in told[: -len(names)]):
        raise UnfitError
    return verdicts, dict(zip(names, answers, strict=True))
