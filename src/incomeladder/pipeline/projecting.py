"""The ladder in years to come, if households went on moving as they did between the last two rounds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw
import polars as pl

from incomeladder import classify
from incomeladder.errors import Reason, SurveyRefused
from incomeladder.estimation.projection import homogeneity, markov, outlook
from incomeladder.estimation.projection.bootstrap import replicated, replicates
from incomeladder.estimation.projection.targets import HORIZON, targets
from incomeladder.frames import AFTER, HOUSEHOLDS, ID, IN_AFTER, IN_BEFORE, ROUND, WEIGHT
from incomeladder.intake.survey import refuse_unlike_ids, refuse_without_ids
from incomeladder.ladder import band_of
from incomeladder.pipeline.gathering import by_of, gathered
from incomeladder.pipeline.request import native
from incomeladder.pipeline.tables import headed
from incomeladder.pipeline.timetable import timetable
from incomeladder.programme import SHARES
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.pipeline.gathering import Gathered
    from incomeladder.pipeline.request import Request
    from incomeladder.pipeline.timetable import Timetable
    from incomeladder.programme import Programme
    from incomeladder.read.source import Source

_ALL: Final = "_all"
"""A group that everybody is in, so that a report without groups is one of a single group."""
_MUCH: Final = 5
"""Of a round in which more than a fifth came or went, people should look again at what was surveyed."""


def project(sources: tuple[Source, ...], request: Request, until: int) -> Report:
    """The ladder of each year up to ``until``, its comings and goings, the targets, and whether rates were constant."""
    refuse_without_ids(sources, "project")
    refuse_unlike_ids(sources)
    by = by_of(sources, request)
    found = gathered(sources, request, (*by, ID))
    ahead = timetable(found.rounds, until)
    ways = _ways(found.households, request.programme, ahead, by)
    if found.households.height:
        _refuse_strangers(ways[-1], ahead.rounds)
    projection = _Projection(request.programme, ahead, (_ALL, *by), *markov.numbered(ways[-1], (_ALL, *by)))
    tables = projection.tables() | _constancy(ways, request.programme, ahead, by)
    return Report(
        "project",
        request.programme,
        found.parameters | projection.said | {"census": not found.is_weighted},
        found.accounting,
        headed({name: table.drop(_ALL) for name, table in tables.items()}),
        (*_notes(found, projection), *found.notes()),
        found.rejects,
    )


def _ways(
    households: pl.DataFrame, programme: Programme, timetable: Timetable, by: Sequence[str]
) -> list[pl.DataFrame]:
    """The ways that households went between each two rounds."""
    placed = native(nw.from_native(households.lazy()).with_columns(classify.segment(programme)))
    told = placed.select(ROUND, ID, WEIGHT, markov.state(), *by, pl.lit(0, pl.Int8).alias(_ALL))
    rounds = [told.filter(pl.col(ROUND) == label).drop(ROUND) for label in timetable.rounds]
    return [markov.ways(*pair, (_ALL, *by)).collect() for pair in pairwise(rounds)]


def _refuse_strangers(ways: pl.DataFrame, rounds: Sequence[str]) -> None:
    if not ways.filter(pl.col(IN_BEFORE) & pl.col(IN_AFTER)).height:
        raise SurveyRefused.because("nothing_in_common", before=rounds[-2], after=rounds[-1])


@dataclass(frozen=True)
class _Projection:
    """The ways of the last step, repeated, by ``groups`` that have numbers."""

    programme: Programme
    timetable: Timetable
    by: tuple[str, ...]
    groups: pl.DataFrame
    ways: pl.DataFrame

    @property
    def replicates(self) -> int:
        """How many draws the intervals rest on."""
        return replicates(self.ways.height, self.timetable.steps)

    @property
    def said(self) -> dict[str, object]:
        """What was projected, and from what."""
        *_, before, after = self.timetable.rounds
        years = {"until": self.timetable.until, "step_years": self.timetable.step}
        return {"from": before, "to": after, **years, "replicates": self.replicates}

    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables of the report but for that of the test."""
        drawn = replicated(self.ways, self.replicates)
        observed = drawn.filter(pl.col(markov.REPLICATE) == 0)
        near = markov.projected(drawn, self.timetable.steps).lazy()
        far = markov.projected(observed, HORIZON).lazy()
        shares = outlook.indicators(near, self.programme).collect().lazy()
        told = {
            "projection": outlook.bands(near, self.programme),
            "shares": outlook.shares(shares),
            "flows": outlook.flows(near, markov.entrants(observed.lazy())),
        }
        yearly = {name: self._named(table.with_columns(self.timetable.year()), "year") for name, table in told.items()}
        held = pl.col(IN_AFTER) & (pl.col(markov.TO) != markov.NO_INCOME)
        families = self.ways.lazy().group_by(pl.col(markov.GROUP_AFTER).alias(markov.GROUP))
        counted = families.agg(pl.col(HOUSEHOLDS).filter(held).sum())
        ever = targets(shares, outlook.indicators(far, self.programme), counted, self.programme.targets)
        return yearly | {"targets": self._named(self._dated(ever))}

    def _dated(self, found: pl.LazyFrame) -> pl.LazyFrame:
        met, lost = (
            (pl.col(step).cast(pl.Int64) * self.timetable.step + self.timetable.last).alias(name)
            for step, name in (("_met", "met_in"), ("_lost", "lost_in"))
        )
        return found.select(markov.GROUP, "indicator", "target", "rule", "year", met, lost, "met_by_until", "limit")

    def _named(self, table: pl.LazyFrame, *first: str) -> pl.DataFrame:
        """With the values of the groups in the place of their number."""
        told = table.join(self.groups.lazy(), on=markov.GROUP, how="left", maintain_order="left")
        ordered = told.sort(*first, markov.GROUP, maintain_order=True) if first else told
        return ordered.select(*first, *self.by, pl.exclude(*first, *self.by, markov.GROUP, markov.STEP)).collect()


def _constancy(
    ways: Sequence[pl.DataFrame], programme: Programme, timetable: Timetable, by: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """The tests of constant rates, of households with an income at either end, counted by band; none of one step."""
    if len(timetable.alike) < 2:  # noqa: PLR2004  (to differ takes two)
        return {}
    pairs = dict(zip(pairwise(timetable.rounds), ways, strict=True))
    groups = [_ALL, *by]
    told = [_moved(pairs[pair], programme, groups, period) for period, pair in enumerate(timetable.alike)]
    tested = homogeneity.constancy(pl.concat(told), groups)
    return {"constancy": tested.with_columns(pl.lit(len(told), pl.Int64).alias("transitions"))}


def _moved(ways: pl.DataFrame, programme: Programme, groups: Sequence[str], period: int) -> pl.LazyFrame:
    known = (pl.col(end) != markov.NO_INCOME for end in (markov.FROM, markov.TO))
    bands = (
        band_of(programme, markov.FROM).alias(homogeneity.ORIGIN),
        band_of(programme, markov.TO).alias(homogeneity.END),
    )
    matched = ways.lazy().filter(IN_BEFORE, IN_AFTER, *known)
    counts = matched.with_columns(*bands).group_by(*groups, homogeneity.ORIGIN, homogeneity.END)
    return counts.agg(pl.col(HOUSEHOLDS).sum()).with_columns(pl.lit(period).alias(homogeneity.PERIOD))


def _notes(found: Gathered, projection: _Projection) -> Iterator[Reason]:
    """What a reader of the projection should know."""
    timetable, ways = projection.timetable, projection.ways
    if end := (timetable.until - timetable.last) % timetable.step:
        facts = {"until": str(timetable.until), "years": timetable.step, "end": str(timetable.until - end)}
        yield Reason("until_not_hit", facts)
    if found.is_weighted:
        yield Reason("project_weights", {"from": timetable.rounds[-2], "to": timetable.rounds[-1]})
    if stay := markov.without_rates(ways):
        yield Reason("project_no_rates", {"households": stay})
    yield from _changes(ways, projection.by, timetable)
    if others := [name for name in projection.programme.targets if name not in SHARES]:
        yield Reason("project_other_targets", {"indicators": [Reason(f"indicator.{name}") for name in others]})
    if len(timetable.alike) < len(timetable.rounds) - 1:
        yield Reason(
            "constancy_passed", {"pairs": len(timetable.rounds) - 1 - len(timetable.alike), "years": timetable.step}
        )
    if len(timetable.alike) < 2:  # noqa: PLR2004
        yield Reason("constancy_untested", {})


def _changes(ways: pl.DataFrame, by: Sequence[str], timetable: Timetable) -> Iterator[Reason]:
    """Households that changed their group, and comings and goings that are too many to be those of families."""
    both = pl.col(IN_BEFORE) & pl.col(IN_AFTER)
    elsewhere = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name + AFTER)) for name in by)
    conditions = (both & elsewhere, ~pl.col(IN_AFTER), ~pl.col(IN_BEFORE), pl.col(IN_BEFORE), pl.col(IN_AFTER))
    counted = ways.select(pl.col(HOUSEHOLDS).filter(one).sum().alias(str(n)) for n, one in enumerate(conditions))
    changed, left, entered, before, after = counted.row(0)
    if changed:
        yield Reason("project_changed_group", {"households": changed})
    if left * _MUCH > before or entered * _MUCH > after:
        facts = {"from": timetable.rounds[-2], "to": timetable.rounds[-1]}
        yield Reason("project_much_changed", {"left": left, "entered": entered, **facts})
