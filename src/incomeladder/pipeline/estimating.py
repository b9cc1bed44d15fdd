"""Reports that say of all households what a survey of some of them tells, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl

from incomeladder.errors import Reason
from incomeladder.estimation import tables
from incomeladder.estimation.changes import covariances
from incomeladder.estimation.decomposition import components
from incomeladder.estimation.drawn import collected, drawn
from incomeladder.estimation.indicators import estimates
from incomeladder.estimation.scores import scored
from incomeladder.estimation.variance import strata, units, variances
from incomeladder.frames import COUNTY, ID, INCOME, OWN, RESIDENCE, ROUND, SIZE, TO_OWN
from incomeladder.intake.survey import Survey
from incomeladder.pipeline.gathering import by_of, gathered
from incomeladder.pipeline.publishing import published
from incomeladder.pipeline.tables import headed, in_order
from incomeladder.pipeline.withholding import published_estimates
from incomeladder.programme import INDICATORS
from incomeladder.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incomeladder.pipeline.design import Design
    from incomeladder.pipeline.request import Request
    from incomeladder.read.source import Source

_TABLE: Final = ("indicator", "value", "standard_error", "lower", "upper", "target", "met")
_TARGETS: Final = ("indicator", "value", "target", "rule", "year", "due", "met", "distance")


def indicators(sources: tuple[Source, ...], request: Request, design: Design) -> Report:
    """The measures of each wanted round, how sure they are, what they changed by, and how far the targets are."""
    survey, by = Survey(sources), by_of(sources, request)
    design = design.resolved(survey)
    own = tuple(name for name in (ID,) if name in survey.columns)
    found = gathered(sources, request, (*by, OWN, TO_OWN, SIZE, RESIDENCE, COUNTY, *own, *design.columns))
    households = found.households.with_columns(
        pl.coalesce(OWN, INCOME).alias(OWN), pl.col(TO_OWN).cast(pl.Float64).fill_null(1.0)
    )
    is_sample = found.is_weighted or design.is_named
    told = _estimated(design.laid(households), request, by, found.rounds, design if is_sample else None)
    hides: frozenset[str] = frozenset()
    if request.publish:
        told, hides = published_estimates(told, found.households, request.programme, by)
    report = Report(
        "indicators",
        request.programme,
        found.parameters | {"census": not is_sample, **design.said},
        found.accounting,
        headed(told),
        (*_notes(survey, is_sample=is_sample), *found.notes()),
        found.rejects,
    )
    return published(report, hides) if request.publish else report


def _estimated(
    households: pl.DataFrame, request: Request, by: Sequence[str], rounds: Sequence[str], design: Design | None
) -> dict[str, pl.DataFrame]:
    """The tables of the report; without a design, as of a census, there are no errors in them."""
    programme = request.programme
    weighed = collected(drawn(households.lazy(), by)).lazy()
    told = _with_empty(collected(estimates(weighed, programme, by)), rounds, by)
    spread = None if design is None else _spread(scored(weighed, told.lazy(), programme, by), by, design)
    long = tables.long(told, None if spread is None else spread.variances, by)
    every = in_order(tables.with_targets(long, programme.targets), by)
    ordered = every.filter(pl.col("indicator").is_in(INDICATORS))
    groups = [ROUND, *by]
    found = {
        "indicators": ordered.select(*groups, *_TABLE),
        "costs": tables.costs(every, programme, by, sampled=design is not None),
        "targets": ordered.filter(pl.col("target").is_not_null()).select(*groups, *_TARGETS),
    }
    if len(rounds) > 1:
        changed = [
            tables.changes(ordered, pair, None if spread is None else spread.shared(pair), by)
            for pair in pairwise(rounds)
        ]
        parts = [
            tables.why(collected(components(weighed, pair, programme.floor, by)), pair, by) for pair in pairwise(rounds)
        ]
        found |= {"changes": pl.concat(changed), "decomposition": pl.concat(parts)}
    return found if design is None else found | {"precision": tables.precision(ordered, by)}


def _with_empty(told: pl.DataFrame, rounds: Sequence[str], by: Sequence[str]) -> pl.DataFrame:
    """A round without a household has every indicator, and knows none; of groups there is none to name."""
    every = pl.DataFrame({ROUND: rounds}, schema={ROUND: pl.String})
    return told if by else every.join(told, on=ROUND, how="left", maintain_order="left")


@dataclass(frozen=True)
class _Spread:
    """The units that were drawn, and what they say of the errors of estimates."""

    units: pl.DataFrame
    strata: pl.DataFrame
    by: Sequence[str]

    @property
    def variances(self) -> pl.DataFrame:
        return collected(variances(self.units.lazy(), self.strata.lazy(), self.by))

    def shared(self, rounds: tuple[str, str]) -> pl.DataFrame:
        """What two rounds share because the same units were drawn."""
        return collected(covariances(self.units.lazy(), self.strata.lazy(), rounds, self.by))


def _spread(households: pl.LazyFrame, by: Sequence[str], design: Design) -> _Spread:
    """Raises SurveyRefused where the design cannot be as it was told."""
    clustered, weighed = design.cluster is not None, collected(households).lazy()
    layers = collected(strata(weighed, clustered=clustered))
    design.refuse_lonely(layers)
    return _Spread(collected(units(weighed, by, clustered=clustered)), layers, by)


def _notes(survey: Survey, *, is_sample: bool) -> Iterator[Reason]:
    """What cannot be said of this survey."""
    if not is_sample:
        yield Reason("census", {})
    for indicator, needed in _NEEDED.items():
        if lacking := [name for name in needed if name not in survey.columns]:
            yield Reason(f"lacks_{indicator}", {"columns": lacking})


_NEEDED: Final = {"urban_rural_ratio": (SIZE, RESIDENCE), "area_ratio": (COUNTY,)}
